import { expect, test } from "vitest";
import type { Fault } from "../../src/core/fault.ts";
import { describeFault, describeFaults } from "../../src/core/fault-description.ts";

const all = { fraction: 1, attempts: "all" } as const;
const slow: Fault = { kind: "bandwidth", on: "llm", bytesPerSecond: 10_240, direction: "downstream", ...all };

test("a fault is told with what happens, to what, and to how much", () => {
  expect(describeFault(slow)).toBe("llm sends at most 10 KiB/s, on all calls");
  expect(describeFault({ ...slow, fraction: 0.2, attempts: 1 })).toBe(
    "llm sends at most 10 KiB/s, on 20 % of calls",
  );
  expect(describeFault({ kind: "refuse", on: "vector", ...all })).toBe("vector refuses connections");
  expect(
    describeFault({ kind: "kill", on: "service", signal: "SIGTERM", restartAfterMs: 1000, ...all }),
  ).toBe("service is killed (SIGTERM) and back after 1 s");
});

test("the engine is told where the suite asked for one: the same fault by two engines reads differently", () => {
  const faults: Fault[] = [
    slow,
    { ...slow, engine: "toxiproxy" },
    { kind: "refuse", on: "llm", engine: "sidecar", ...all },
  ];
  expect(describeFaults(faults)).toBe(
    "llm sends at most 10 KiB/s, on all calls; llm sends at most 10 KiB/s, on all calls (by toxiproxy); llm refuses connections (by sidecar)",
  );
});

test("what strikes a target as a whole is not said of its calls", () => {
  const whole = { on: "vector", fraction: 1, attempts: 1 } as const;
  expect(describeFault({ kind: "disconnect", ...whole })).toBe("vector is off the network");
  expect(describeFault({ kind: "packet-loss", rate: 0.05, ...whole })).toBe("vector loses 5 % of packets");
  expect(describeFault({ kind: "memory-limit", bytes: 64 * 1024 * 1024, ...whole })).toBe(
    "vector has 64 MiB of memory",
  );
});
