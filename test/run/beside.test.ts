/** What goes on beside a stretch's load ends while the faults are still in force. */
import { expect, test } from "vitest";
import { makePlan } from "../../src/run/plan/plan.ts";
import { runStretch } from "../../src/run/run-stretch.ts";
import { engine, runningSystem, startLoad } from "../support/run/ports.ts";
import { memorySuite } from "../support/run/run-in-memory.ts";
import { World } from "../support/run/world.ts";
import { experiment, httpError, templates } from "../support/suites.ts";

const run = async (
  fails: boolean,
): Promise<{ readonly events: readonly string[]; readonly error: unknown }> => {
  const suite = memorySuite([experiment("down", { ...httpError("llm", 1), attempts: "all" })]);
  const world = new World(suite, { hold: () => Promise.resolve(void world.events.push("loaded")) });
  const requests = templates(4);
  const plan = makePlan({ suite, requests, seed: 1, attributable: () => true });
  const stretch = plan.stretches.find(({ shape }) => shape === "clock");
  if (stretch === undefined) throw new Error("no stretch by the clock");
  const system = runningSystem(world);
  const sidecar = engine(world, "sidecar");
  const error: unknown = await runStretch(
    {
      system: {
        ...system,
        sidecar: {
          ...system.sidecar,
          takeRecords: async () => {
            world.events.push("read");
            return system.sidecar.takeRecords();
          },
        },
      },
      load: await startLoad(world)({ baseUrl: "", requests, workload: suite.workload, seed: 1 }),
      engineOf: () => sidecar,
      policy: suite.policy,
      runStartMs: 0,
      totalDeadlineMs: 1000,
      sloMs: 1000,
      signal: new AbortController().signal,
      httpEdges: ["llm"],
    },
    stretch,
    () => {
      world.events.push("beside");
      return {
        [Symbol.asyncDispose]: () => {
          world.events.push("beside ended");
          return fails ? Promise.reject(new Error("not undone")) : Promise.resolve();
        },
      };
    },
  ).then(
    () => null,
    (cause: unknown) => cause,
  );
  return { events: world.events.filter((event) => event !== "load started"), error };
};

test("it begins under the faults and ends before they do, once", async () => {
  const { events, error } = await run(false);
  expect(events).toEqual(["inject down#1", "beside", "loaded", "beside ended", "read", "clear"]);
  expect(error).toBeNull();
});

test("where it cannot end, the faults are taken away all the same, and that is told", async () => {
  const { events, error } = await run(true);
  expect(events.at(-1)).toBe("clear");
  expect(error).toMatchObject({ message: "not undone" });
});
