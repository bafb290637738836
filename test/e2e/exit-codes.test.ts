/** How the real command line leaves: with a pass, without a baseline, interrupted. */
import { readdir } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { parseResult } from "../../src/config/result-file.ts";
import { childrenOf, isAlive, until } from "../support/services/living.ts";
import { type TinyProject, tinyProject } from "./support/tiny-project.ts";

const FAILING_MODEL =
  "{ name: llm-fails, faults: [{ kind: http-error, on: llm, status: 503, fraction: 30% }] }";
/** So wide that equal code passes on the busiest machine. */
const WIDE =
  "minEffect: { latency: 100% and 5s, errorRate: 30pt, degradedRate: 30pt, slowShare: 30pt, callsPerRequest: 100% and 3 }";

const runsOf = async ({ directory }: TinyProject): Promise<string[]> =>
  (await readdir(path.join(directory, ".squall"))).filter((name) => name.endsWith("-tiny")).toSorted();

test("4 without a baseline where the policy says so, its figures as JSON; 0 for a pass against that run", async () => {
  await using project = await tinyProject({
    experiments: [FAILING_MODEL],
    gate: `budget: 20s, onNoBaseline: fail, ${WIDE}`,
  });
  const first = await project.squall("run", "--json");
  expect(first.stderr).not.toContain("squall:");
  expect(first.code).toBe(4);
  const result = parseResult(first.stdout, { file: "standard output" });
  expect(result.verdict.word).toBe("no-baseline");
  expect(result.measured.map(({ scenario }) => scenario)).toEqual(["control", "llm-fails"]);
  const [calm, failing] = result.measured;
  expect(calm).toMatchObject({ errorRate: 0, deaths: 0 });
  expect(calm?.paths[0]).toMatchObject({ path: "health", falselyOk: 0 });
  // It asks a second time after an error, so that every struck request makes one call more.
  expect(failing?.calls[0]).toMatchObject({ edge: "llm", perHitRequest: 2, most: 2 });
  expect(failing?.requests).toBeGreaterThan(50);
  expect(failing?.service?.peakMemoryBytes).toBeGreaterThan(10 * 1024 ** 2);

  const [run = ""] = await runsOf(project);
  const stored = await project.squall("baseline", "--from", path.join(".squall", run));
  expect(stored).toMatchObject({ code: 0, stdout: expect.stringContaining("1 run in") });

  const second = await project.squall("run");
  expect(second.stdout).toMatch(/^✅ As resilient as /);
  expect(second.stdout).toMatch(/^llm-fails +\d+ +0 %/m);
  expect(second.code).toBe(0);
  expect(await runsOf(project)).toHaveLength(2);
}, 120_000);

test("130 on Ctrl-C in the middle of a window, with all it started ended", async () => {
  await using project = await tinyProject({ experiments: [FAILING_MODEL], gate: "budget: 20s" });
  const { child, line, left } = project.start("run");
  await line("llm-fails, round 1");
  const started = childrenOf(child.pid ?? 0);
  // Service, sidecar, keeper.
  expect(started.length).toBeGreaterThanOrEqual(3);
  child.kill("SIGINT");
  expect(await left).toEqual({ code: 130, signal: null });
  await until("nothing is left", () => !started.some(isAlive));
  const [run = ""] = await runsOf(project);
  expect(await readdir(path.join(project.directory, ".squall", run))).toEqual(["logs"]);
}, 60_000);
