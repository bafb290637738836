import type { RemedyFactory } from "./remedy.ts";

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** "6m0s", "1.5s", "20ms" (as OpenAI writes them) in ms; null for anything else, such as a bare number. */
const durationMs = (text: string): number | null => {
  if (text.length > 64 || !/^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/.test(text)) return null;
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)) {
    ms += Number(amount) * (UNITS[unit ?? ""] ?? 0);
  }
  return ms;
};

/** What it tells to wait, ms: whole seconds or an HTTP date (RFC 9110, 10.2.3); null where it is neither. */
const retryAfterMs = (text: string, nowMs: number): number | null => {
  if (/^\d{1,15}$/.test(text)) return Number(text) * 1_000;
  // A date begins with the day's name: whatever else Date.parse takes is none.
  const dateMs = /^[A-Z][a-z]{2}/.test(text) && text.length < 64 ? Date.parse(text) : Number.NaN;
  return Number.isNaN(dateMs) ? null : dateMs - nowMs;
};

/** The value as it may stand, the same where it tells to wait for no longer. */
export const cappedWait = (name: string, value: string, mostMs: number, nowMs: number): string => {
  const text = value.trim();
  const lower = name.toLowerCase();
  if (lower === "retry-after") {
    const seconds = Math.ceil(mostMs / 1_000);
    const askedMs = retryAfterMs(text, nowMs);
    return askedMs === null || askedMs <= seconds * 1_000 ? value : String(seconds);
  }
  if (lower === "retry-after-ms") {
    return /^\d{1,15}(?:\.\d{1,15})?$/.test(text) && Number(text) > mostMs ? String(mostMs) : value;
  }
  if (lower.startsWith("x-ratelimit-reset-")) {
    const askedMs = durationMs(text);
    return askedMs === null || askedMs <= mostMs ? value : `${mostMs}ms`;
  }
  return value;
};

/**
 * No answer tells the caller to wait for longer than `mostMs`: `retry-after` (seconds or a date; the cap is rounded up to
 * whole seconds), `retry-after-ms`, and `x-ratelimit-reset-*` where it is a duration ("6m0s").
 */
export const retryAfterCap: RemedyFactory<"retry-after-cap"> =
  ({ mostMs }) =>
  async (call, next, act) => {
    const outcome = await next(call);
    if (outcome.type === "failed") return outcome;
    const nowMs = Date.now();
    const rawHeaders = outcome.rawHeaders.map((text, index, all) =>
      index % 2 === 0 ? text : cappedWait(all[index - 1] ?? "", text, mostMs, nowMs),
    );
    if (rawHeaders.every((text, index) => text === outcome.rawHeaders[index])) return outcome;
    act();
    return { ...outcome, rawHeaders };
  };
