import { pickWindows } from "./pick-windows.ts";
import type { Stretch } from "./plan.ts";

/** A repeated request is a request of its own: its key must not be taken for the first try's. */
export const REPEAT_OFFSET = 5_000_000;

const repeatedKey = (key: string): string => {
  const cut = key.lastIndexOf("~");
  return `${key.slice(0, cut)}~${Number(key.slice(cut + 1)) + REPEAT_OFFSET}`;
};

/** The same windows once more: same order, times and hits, new repetition numbers. */
export const repeatOf = (stretch: Stretch, wanted: ReadonlySet<number>): Stretch => {
  const picked = pickWindows(stretch, wanted);
  return {
    ...picked,
    requests: picked.requests.map((request) => ({
      ...request,
      repetition: request.repetition + REPEAT_OFFSET,
    })),
    faults: picked.faults.map((placed) =>
      placed.marks.type === "keys"
        ? { ...placed, marks: { type: "keys" as const, keys: placed.marks.keys.map(repeatedKey) } }
        : placed,
    ),
  };
};
