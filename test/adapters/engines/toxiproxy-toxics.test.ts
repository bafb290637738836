import { expect, test } from "vitest";
import { translate } from "../../../src/adapters/engines/toxiproxy/toxics.ts";
import type { ByteFault, Fault, Targeting } from "../../../src/core/fault.ts";
import { FAULT_CATALOGUE, FAULT_KINDS } from "../../../src/core/fault-catalogue.ts";

const on = (fault: ByteFault, targeting: Partial<Targeting> = {}): Fault => ({
  on: "llm",
  fraction: 1,
  attempts: "all",
  ...fault,
  ...targeting,
});
const constant = { distribution: "constant", jitterMs: 0 } as const;

test.each<[ByteFault, readonly string[]]>([
  [
    { kind: "latency", direction: "both", delayMs: 300, ...constant },
    ['latency upstream {"latency":300,"jitter":0}', 'latency downstream {"latency":300,"jitter":0}'],
  ],
  [
    { kind: "latency", direction: "downstream", delayMs: 300, jitterMs: 50, distribution: "uniform" },
    ['latency downstream {"latency":300,"jitter":50}'],
  ],
  [{ kind: "bandwidth", bytesPerSecond: 64_000, direction: "upstream" }, ['bandwidth upstream {"rate":64}']],
  [
    { kind: "slicer", sizeBytes: 16, variationBytes: 4, delayMs: 2.5, direction: "downstream" },
    ['slicer downstream {"average_size":16,"size_variation":4,"delay":2500}'],
  ],
  [{ kind: "blackhole" }, ['timeout upstream {"timeout":0}', 'timeout downstream {"timeout":0}']],
  [{ kind: "refuse" }, []],
  [{ kind: "reset" }, ['reset_peer upstream {"timeout":0}']],
  [{ kind: "reset", afterMs: 200 }, ['reset_peer upstream {"timeout":200}']],
  [
    { kind: "slow-close", delayMs: 2000 },
    ['slow_close upstream {"delay":2000}', 'slow_close downstream {"delay":2000}'],
  ],
  [{ kind: "limit-data", bytes: 500, direction: "downstream" }, ['limit_data downstream {"bytes":500}']],
])("%j", (fault, expected) => {
  const translated = translate(on(fault));
  if (!translated.ok) throw new Error(translated.reason);
  expect(
    translated.toxics.map(
      ({ type, stream, attributes }) => `${type} ${stream} ${JSON.stringify(attributes)}`,
    ),
  ).toEqual(expected);
  expect(translated.refuses).toBe(fault.kind === "refuse");
  expect(translated.onFreshConnections).toBe(["reset", "refuse", "blackhole"].includes(fault.kind));
});

const LATENCY = { kind: "latency", direction: "downstream", delayMs: 300, ...constant } as const;

test.each<[Fault, string]>([
  [on(LATENCY, { fraction: 0.2 }), "no fraction of 20 %"],
  [on(LATENCY, { attempts: 1 }), "attempts"],
  [on(LATENCY, { match: { method: "POST" } }), "match"],
  [on(LATENCY, { first: 3 }), "first"],
  [on({ ...LATENCY, jitterMs: 50, distribution: "pareto" }), "uniform"],
  [on({ ...LATENCY, delayMs: 0.5 }), "whole milliseconds"],
  [on({ kind: "bandwidth", bytesPerSecond: 1500, direction: "both" }), "whole KB/s"],
  [on({ kind: "reset", afterBytes: 100 }), "afterBytes"],
  [on({ kind: "close", afterBytes: 100 }), "no toxic for close"],
  [on({ kind: "packet-loss", rate: 0.1 }), "no toxic for packet-loss"],
])("what Toxiproxy can not do is refused with the reason: %j", (fault, reason) => {
  expect(translate(fault)).toMatchObject({ ok: false, reason: expect.stringContaining(reason) as string });
});

test("a kind has a toxic where the catalogue names the engine, and only there", () => {
  const parameters = { ...LATENCY, bytesPerSecond: 1000, sizeBytes: 8, variationBytes: 0, bytes: 9 };
  const can = FAULT_KINDS.filter((kind) => translate({ ...on(LATENCY), ...parameters, kind } as Fault).ok);
  expect(can).toEqual(FAULT_KINDS.filter((kind) => FAULT_CATALOGUE[kind].engines.includes("toxiproxy")));
});
