import type { Answer, EditableHead, FaultFactory } from "./fault.ts";

/**
 * The first `requests` calls of each window pass; the others get 429 until the window ends. Windows are fixed, from the
 * first call on, so that clients which obey `retry-after` come back together. Calls that pass are told what is left, as
 * real servers do; only refused ones count as affected. All calls share one window.
 *
 * Headers: https://platform.openai.com/docs/guides/rate-limits, https://docs.anthropic.com/en/api/rate-limits.
 */
export const rateLimit: FaultFactory<"rate-limit"> = (fault, context) => {
  let endsMs = Number.NEGATIVE_INFINITY;
  let used = 0;
  return {
    strike: (strike) => {
      let told: readonly (readonly [string, string])[] = [];
      return {
        beforeRequest: () => {
          const nowMs = context.now();
          if (nowMs >= endsMs) {
            endsMs = nowMs + fault.windowMs;
            used = 0;
          }
          used++;
          const leftMs = endsMs - nowMs;
          told = limitHeaders(fault.requests, Math.max(0, fault.requests - used), leftMs);
          if (used <= fault.requests) return { type: "forward" };
          strike.hit();
          return { type: "answer", answer: refusal(leftMs, told) };
        },
        editResponseHead: (head: EditableHead) => {
          for (const [name, value] of told) {
            head.headers = head.headers.filter((header) => header.name.toLowerCase() !== name);
            head.headers.push({ name, value });
          }
        },
      };
    },
  };
};

const limitHeaders = (limit: number, left: number, leftMs: number): (readonly [string, string])[] => [
  ["x-ratelimit-limit-requests", String(limit)],
  ["x-ratelimit-remaining-requests", String(left)],
  [
    "x-ratelimit-reset-requests",
    leftMs < 1_000 ? `${Math.ceil(leftMs)}ms` : `${(leftMs / 1_000).toFixed(3)}s`,
  ],
  ["anthropic-ratelimit-requests-limit", String(limit)],
  ["anthropic-ratelimit-requests-remaining", String(left)],
];

/** An error object that OpenAI- and Anthropic-shaped clients both read. */
const refusal = (leftMs: number, told: readonly (readonly [string, string])[]): Answer => ({
  status: 429,
  headers: {
    "content-type": "application/json",
    // Whole seconds (RFC 9110 10.2.3), never before the window's end.
    "retry-after": String(Math.ceil(leftMs / 1_000)),
    ...Object.fromEntries(told),
  },
  body: JSON.stringify({
    type: "error",
    error: {
      type: "rate_limit_error",
      message: "Rate limit reached (injected fault)",
      param: null,
      code: "rate_limit_exceeded",
    },
  }),
});
