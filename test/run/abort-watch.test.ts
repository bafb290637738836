import { describe, expect, test } from "vitest";
import type { ExchangeRecord } from "../../src/core/exchange.ts";
import type { Observation } from "../../src/core/observation.ts";
import type { Outcome } from "../../src/core/outcome.ts";
import { finishedForNobody, watchAborts } from "../../src/run/abort-watch.ts";
import type { PlannedWindow } from "../../src/run/plan/plan.ts";
import type { LoadResult, SidecarControl } from "../../src/run/ports.ts";

const WINDOW = { index: 4 } as PlannedWindow;
const never = new AbortController().signal;

/** A load that began so long ago; each request ended as told, so long after the start. */
const load = (agoMs: number, ends: readonly (readonly [Outcome, number])[]): LoadResult => ({
  observations: ends.map(
    ([outcome, atMs]) => ({ outcome, scheduledMs: atMs - 20, latencyMs: 20 }) as Observation,
  ),
  lagP99Ms: 0,
  achievedRate: 1,
  eventLoopP99Ms: 0,
  startedAtMs: performance.timeOrigin + performance.now() - agoMs,
  endedAtMs: performance.timeOrigin + performance.now(),
});

/** Says how many calls are open, look after look; the last for ever after. */
const sidecar = (...looks: readonly Readonly<Record<string, number>>[]) => {
  let asked = 0;
  const active = () => Promise.resolve({ open: looks[Math.min(asked++, looks.length - 1)] ?? {} });
  return { control: { active } as unknown as SidecarControl, asked: () => asked };
};

test("where nobody hung up nothing is watched", async () => {
  const { control, asked } = sidecar({ llm: 3 });
  expect(await watchAborts(control, WINDOW, load(3000, [["ok", 100]]), ["llm"], never)).toEqual([]);
  expect(asked()).toBe(0);
});

test("work left is timed from the last hang-up, not from the end of the load", async () => {
  const { control } = sidecar({ llm: 4 }, { llm: 0 });
  const result = load(3500, [
    ["client-abort", 500],
    ["client-abort", 2000],
    ["ok", 3400],
  ]);
  const [record, ...others] = await watchAborts(control, WINDOW, result, ["llm"], never);
  expect(others).toEqual([]);
  expect(record).toMatchObject({ window: 4, aborted: 2, openAfter1s: 4 });
  expect(record?.drainedMs).toBeGreaterThanOrEqual(1500);
  expect(record?.drainedMs).toBeLessThan(5000);
});

test("is asked for again until a second has gone by", async () => {
  const result = load(300, [["client-abort", 100]]);
  const lastMs = result.startedAtMs + 100;
  let looksAfter = 0;
  // Three open at first; one from 0.9 s on; none once that was seen well after a second.
  const active = () => {
    const elapsedMs = performance.timeOrigin + performance.now() - lastMs;
    if (elapsedMs > 1050) looksAfter += 1;
    const llm = elapsedMs < 900 ? 3 : looksAfter < 2 ? 1 : 0;
    return Promise.resolve({ open: { llm } });
  };
  const control = { active } as unknown as SidecarControl;
  const [record] = await watchAborts(control, WINDOW, result, ["llm"], never);
  expect(record?.openAfter1s).toBe(1);
  expect(record?.drainedMs).toBeGreaterThanOrEqual(1050);
});

test("that never ends is given up after ten seconds", async () => {
  const { control } = sidecar({ llm: 2 });
  const [record] = await watchAborts(control, WINDOW, load(10_500, [["client-abort", 600]]), ["llm"], never);
  expect(record).toMatchObject({ openAfter1s: 2, drainedMs: null });
});

test("an open connection of a dependency that speaks no HTTP is no work", async () => {
  const { control } = sidecar({ database: 5, llm: 0 });
  const [record] = await watchAborts(control, WINDOW, load(100, [["client-abort", 50]]), ["llm"], never);
  expect(record).toMatchObject({ aborted: 1, openAfter1s: 0 });
  expect(record?.drainedMs).toBeLessThan(2000);
});

test("an interruption ends the watch", async () => {
  const { control } = sidecar({ llm: 1 });
  const watching = watchAborts(
    control,
    WINDOW,
    load(100, [["client-abort", 50]]),
    ["llm"],
    AbortSignal.abort(),
  );
  await expect(watching).rejects.toMatchObject({ code: "interrupted" });
});

describe("calls that ran to their end for nobody", () => {
  const gone = (
    requestId: string,
    scheduledMs: number,
    latencyMs: number,
    outcome: Outcome = "client-abort",
  ) => ({ requestId, repetition: 0, scheduledMs, latencyMs, outcome }) as Observation;
  const called = (
    requestId: string | null,
    endedMs: number,
    over: Partial<ExchangeRecord> = {},
  ): ExchangeRecord =>
    ({
      edge: "llm",
      end: "complete",
      requestKey: requestId === null ? null : `${requestId}~0`,
      endedMs,
      ...over,
    }) as ExchangeRecord;
  const START = 1_000_000;
  const counted = (...records: readonly ExchangeRecord[]): number =>
    finishedForNobody([gone("a", 100, 50), gone("b", 200, 50), gone("c", 300, 50, "ok")], START, records, [
      "llm",
    ]);

  test("are counted by client, however many there were", () => {
    expect(counted(called("a", START + 400), called("a", START + 500), called("b", START + 290))).toBe(2);
  });

  test("are none that ended as the client went, were given up, were another's, or no work", () => {
    expect(
      counted(
        called("a", START + 155),
        called("b", START + 900, { end: "client-abort" }),
        called("c", START + 900),
        called(null, START + 900),
        called("a", START + 900, { edge: "database" }),
      ),
    ).toBe(0);
  });
});
