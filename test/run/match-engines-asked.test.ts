import { expect, test } from "vitest";
import type { Fault } from "../../src/core/fault.ts";
import { matchEngines } from "../../src/run/match-engines.ts";
import type { Engine, Runtime } from "../../src/run/ports.ts";
import { experiment, suiteWith } from "../support/suites.ts";

const engine = (name: Engine["name"], answer: ReturnType<Engine["supports"]>): Engine => ({
  name,
  supports: () => answer,
  inject: () => Promise.reject(new Error("not here")),
});
const yes = { ok: true } as const;
const runtime = { name: "process", supports: () => yes } as unknown as Runtime;
const reset: Fault = { kind: "reset", on: "llm", fraction: 1, attempts: "all" };
const asked: Fault = { ...reset, engine: "toxiproxy" };

test("an engine that a fault asks for does it, though another comes first", () => {
  const engines = [engine("sidecar", yes), engine("toxiproxy", yes)];
  const engineOf = matchEngines(suiteWith([experiment("a", asked, reset)]), runtime, engines);
  expect(engineOf(asked)?.name).toBe("toxiproxy");
  expect(engineOf(reset)?.name).toBe("sidecar");
});

test.each([
  ["it is not there", [engine("sidecar", yes)], "toxiproxy: not configured"],
  [
    "it can not do it",
    [engine("sidecar", yes), engine("toxiproxy", { ok: false, reason: "it counts no bytes" })],
    "toxiproxy: it counts no bytes",
  ],
])("where %s no other engine takes its place, and the error says why", (_, engines, reason) => {
  expect(() => matchEngines(suiteWith([experiment("a", asked)]), runtime, engines)).toThrow(
    expect.objectContaining({
      code: "fault-unsupported",
      detail: [`experiment a: reset on llm, asked of toxiproxy alone (${reason})`],
      remedy: expect.stringContaining("Leave engine out") as string,
    }) as Error,
  );
});
