import { expect, test } from "vitest";
import type { Delay } from "../../../src/core/fault.ts";
import { drawDelayMs, randomFor } from "../../../src/core/random.ts";
import {
  edgeTo,
  exchange,
  type FaultParameters,
  get,
  httpServer,
  ok,
  placed,
  sidecar,
} from "../support/peers.ts";

const CALLS = 30;
/** Half of all calls are at most so much later than drawn, beyond twice what calls without a fault need at the same time. */
const SLACK_MS = 60;
/** How far the middle of so many draws may be from theory's. */
const SPREAD_MS = 25;

const sorted = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);
const middle = (values: readonly number[]): number => values[Math.floor(values.length / 2)] ?? Number.NaN;

/** A shape, and where half of its delays lie by theory. */
const SHAPES: readonly (readonly [Delay, number])[] = [
  [{ delayMs: 80, jitterMs: 0, distribution: "constant" }, 80],
  [{ delayMs: 80, jitterMs: 60, distribution: "uniform" }, 80],
  [{ delayMs: 80, jitterMs: 30, distribution: "normal" }, 80],
  // Lomax of shape 3: the scale times the cube root of 2, less 1, beyond the least.
  [{ delayMs: 40, jitterMs: 150, distribution: "pareto" }, 40 + 150 * (Math.cbrt(2) - 1)],
];

const KINDS: readonly (readonly [string, "http" | "tcp", (delay: Delay) => FaultParameters])[] = [
  ["latency", "http", (delay) => ({ kind: "latency", direction: "downstream", ...delay })],
  ["latency", "tcp", (delay) => ({ kind: "latency", direction: "downstream", ...delay })],
  ["http-delay", "http", (delay) => ({ kind: "http-delay", before: "request", ...delay })],
  ["http-delay", "http", (delay) => ({ kind: "http-delay", before: "response", ...delay })],
  ["first-token-delay", "http", (delay) => ({ kind: "first-token-delay", ...delay })],
];
const CASES = SHAPES.flatMap(([delay, theoryMs]) =>
  KINDS.map(
    ([kind, protocol, fault]) => [kind, protocol, delay.distribution, delay, theoryMs, fault] as const,
  ),
);

test.each(CASES)(
  "%s on a %s edge, %s: calls are as late as was drawn",
  async (kind, protocol, _shape, delay, theoryMs, fault) => {
    await using upstream = await httpServer(() => ok());
    await using proxy = await sidecar([
      edgeTo(upstream.port, "llm", protocol),
      edgeTo(upstream.port, "calm", protocol),
    ]);
    await proxy.setFaults([placed(fault(delay))]);
    const ask = async (edge: string): Promise<number> => {
      const heard = await exchange(proxy.port(edge), get(), { until: (text) => text.endsWith(ok()) });
      expect(heard.bytes.toString()).toBe(ok());
      return heard.firstMs;
    };
    const pairs = await Promise.all(
      Array.from({ length: CALLS }, () => Promise.all([ask("llm"), ask("calm")])),
    );
    const measured = sorted(pairs.map(([struck]) => struck));
    const calm = sorted(pairs.map(([, spared]) => spared));
    // Each call draws by its number; they may arrive in another order than they were started in.
    const drawn = sorted(
      Array.from({ length: CALLS }, (__, call) => drawDelayMs(delay, randomFor(7, "f1", "call", call))),
    );
    // Timers of Node are whole ms, and may fire one early.
    const early = measured.filter((ms, index) => ms < (drawn[index] ?? 0) - 1.5);
    expect(early).toEqual([]);
    expect(middle(measured)).toBeLessThan(2 * middle(calm) + middle(drawn) + SLACK_MS);
    expect(Math.abs(middle(drawn) - theoryMs)).toBeLessThan(SPREAD_MS);
    // A normal delay may be drawn as none at all: that is no hit. (Head and body of an HTTP answer draw for themselves.)
    const hits = drawn.filter((ms) => ms > 0).length;
    const { affected = 0 } = (await proxy.receipts()).receipts[0] ?? {};
    expect(affected).toBeGreaterThanOrEqual(hits);
    expect(affected).toBeLessThanOrEqual(kind === "latency" && protocol === "http" ? CALLS : hits);
  },
);
