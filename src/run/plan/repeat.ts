import type { Scenario } from "../../core/profile.ts";
import type { PlannedRequest } from "../ports.ts";
import type { PlannedWindow, Stretch } from "./plan.ts";

/** A repeated request is a request of its own: its key must not be taken for the first try's. */
const REPEAT_OFFSET = 500_000;

const repeatedKey = (key: string): string => {
  const cut = key.lastIndexOf("~");
  return `${key.slice(0, cut)}~${Number(key.slice(cut + 1)) + REPEAT_OFFSET}`;
};

/** The same windows once more: same order, times and hits, new repetition numbers. */
export const repeatOf = (
  stretch: Stretch,
  wanted: ReadonlySet<number>,
  scenarios: readonly Scenario[],
): Stretch => {
  const requests: PlannedRequest[] = [];
  const windows: PlannedWindow[] = [];
  let offsetMs = 0;
  for (const window of stretch.windows) {
    if (!wanted.has(window.index)) continue;
    const firstSlot = requests.length;
    for (const request of stretch.requests.slice(window.firstSlot, window.endSlot)) {
      requests.push({
        ...request,
        slot: requests.length,
        atMs: request.atMs - window.offsetMs + offsetMs,
        repetition: request.repetition + REPEAT_OFFSET,
      });
    }
    windows.push({ ...window, offsetMs, firstSlot, endSlot: requests.length });
    offsetMs += window.durationMs;
  }
  const inside = new Set(windows.map(({ scenario }) => scenario));
  const known = scenarios.filter(({ name }) => inside.has(name));
  const faults = stretch.faults
    .filter(({ id }) => known.some(({ name }) => id.startsWith(`${name}#`)))
    .map((placed) =>
      placed.marks.type === "keys"
        ? { ...placed, marks: { type: "keys" as const, keys: placed.marks.keys.map(repeatedKey) } }
        : placed,
    );
  return { ...stretch, windows, requests, faults, durationMs: offsetMs };
};
