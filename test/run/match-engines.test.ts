import { expect, test } from "vitest";
import { SquallError } from "../../src/core/errors.ts";
import type { Fault } from "../../src/core/fault.ts";
import { matchEngines } from "../../src/run/match-engines.ts";
import type { Engine, Runtime } from "../../src/run/ports.ts";
import { jobSuite } from "../support/jobs/job-suite.ts";
import { experiment, httpError, suiteWith } from "../support/suites.ts";

const can = (kinds: readonly Fault["kind"][]) => (fault: Fault) =>
  kinds.includes(fault.kind)
    ? ({ ok: true } as const)
    : ({ ok: false, reason: `no ${fault.kind} here` } as const);
const engine = (name: Engine["name"], kinds: readonly Fault["kind"][]): Engine => ({
  name,
  supports: can(kinds),
  inject: () => Promise.reject(new Error("not here")),
});
const runtime = { name: "process", supports: can(["kill"]) } as unknown as Runtime;
const diskFull: Fault = {
  kind: "disk-full",
  on: "service",
  fraction: 1,
  attempts: 1,
  path: "/data",
  leaveBytes: 0,
};
const kill: Fault = {
  kind: "kill",
  on: "service",
  fraction: 1,
  attempts: 1,
  signal: "SIGKILL",
  restartAfterMs: 1000,
};
const engines = [engine("sidecar", ["http-error"]), engine("runtime", ["kill", "disk-full"])];

test("each fault gets an engine that can do it here; load needs none", () => {
  const burst: Fault = { kind: "burst", on: "client", fraction: 1, attempts: 1, requests: 10 };
  const failing = httpError("llm", 0.2);
  const engineOf = matchEngines(
    suiteWith([experiment("a", failing, kill), experiment("b", burst)]),
    runtime,
    engines,
  );
  expect(engineOf(failing)?.name).toBe("sidecar");
  expect(engineOf(kill)?.name).toBe("runtime");
  expect(engineOf(burst)).toBeNull();
});

test("every fault without an engine is named before anything is started, with the reason of each engine", () => {
  const suite = suiteWith([
    experiment("full", diskFull),
    experiment("ok", kill),
    experiment("skewed", { kind: "clock-skew", on: "service", fraction: 1, attempts: 1, offsetMs: 1 }),
  ]);
  const error = (() => {
    try {
      matchEngines(suite, runtime, engines);
    } catch (thrown) {
      return thrown as SquallError;
    }
    return null;
  })();
  expect(error).toBeInstanceOf(SquallError);
  expect(error).toMatchObject({ code: "fault-unsupported", exitCode: 2 });
  expect(error?.detail).toHaveLength(2);
  expect(error?.detail[0]).toContain(
    "experiment full: disk-full on service (runtime: no disk-full here; chaos-mesh: not configured)",
  );
});

test("another machine is for training jobs alone", () => {
  const replaced: Fault = {
    kind: "node-replace",
    on: "service",
    fraction: 1,
    attempts: 1,
    restartAfterMs: 0,
  };
  const able = { name: "process", supports: can(["node-replace"]) } as unknown as Runtime;
  const suite = suiteWith([experiment("a", replaced)]);
  expect(() => matchEngines(suite, able, engines)).toThrow(
    expect.objectContaining({
      code: "fault-unsupported",
      detail: [expect.stringContaining("only a training job is started again elsewhere") as string],
    }),
  );
  const { job } = jobSuite();
  expect(
    matchEngines({ ...suite, ...(job === undefined ? {} : { job }) }, able, engines)(replaced)?.name,
  ).toBe("runtime");
});
