import { describe, expect, test } from "vitest";
import { pace } from "../../../src/adapters/load/pacer.ts";

const after = (...offsetsMs: readonly number[]): Float64Array => {
  const now = performance.now();
  return Float64Array.from(offsetsMs, (offset) => now + offset);
};

describe("pacing", () => {
  test("fires every instant once, in order, and none before its time", async () => {
    const instants = after(0, 1, 1, 1, 4.5, 20, 20.25);
    const fired: [number, boolean][] = [];
    await pace(instants, (index) => {
      fired.push([index, performance.now() >= (instants[index] ?? Number.POSITIVE_INFINITY)]);
    }).done;
    expect(fired).toEqual([0, 1, 2, 3, 4, 5, 6].map((index) => [index, true]));
  });

  test("lets the event loop turn while it catches up", async () => {
    const instants = after(...Array.from({ length: 100 }, () => -1));
    const order: (number | "other")[] = [];
    setImmediate(() => order.push("other"));
    await pace(instants, (index) => order.push(index)).done;
    expect(order).toHaveLength(101);
    expect(order.indexOf("other")).toBeLessThan(100);
  });

  test("once stopped fires no more, and is done", async () => {
    const fired: number[] = [];
    const pacing = pace(after(0, 10_000), (index) => fired.push(index));
    pacing.stop();
    await pacing.done;
    expect(fired).toEqual([0]);
  });

  test("an empty schedule is done at once", async () => {
    await pace(new Float64Array(0), () => expect.unreachable()).done;
    expect.assertions(0);
  });
});
