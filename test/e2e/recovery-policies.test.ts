/** Rules at work beside a real service, through the real sidecar and the real runtime. */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { decodeProfile } from "../../src/config/baseline-file.ts";
import type { Profile } from "../../src/core/profile.ts";
import { recoveryCases } from "../../src/core/recovery-policy/cases.ts";
import type { Result } from "../../src/core/verdict.ts";
import { tinyProject } from "./support/tiny-project.ts";

const MINUTES = 60_000;
/** Twelve questions: once each was answered, a cache answers all of them. */
const SLOW = "{ name: llm-slow, faults: [{ kind: http-delay, on: llm, delay: 1500ms }] }";
const STARVED = "{ name: starved, faults: [{ kind: cpu-limit, cpus: 0.04 }] }";

const newest = async (directory: string): Promise<string> => {
  const runs = path.join(directory, ".squall");
  const [name = ""] = (await readdir(runs))
    .filter((each) => /^\d/.test(each))
    .toSorted()
    .toReversed();
  return path.join(runs, name);
};

const resultIn = async (run: string): Promise<Result> =>
  JSON.parse(await readFile(path.join(run, "result.json"), "utf8")) as Result;

const profileIn = async (run: string): Promise<Profile> => {
  const file = path.join(run, "samples.json.gz");
  return decodeProfile(await readFile(file), { file });
};

test(
  "a rule answers symptoms in time, brings the service back, and leaves nothing behind",
  async () => {
    await using tiny = await tinyProject({
      experiments: [SLOW, STARVED],
      gate: "budget: 20s, minAchieved: 50%",
      more: `recovery:
  rules:
    - { when: "p95 > 1s for 1s", do: cache 60s on llm }
    - { when: "cpu > 60% for 2s", do: cpus x8 }
  learn: true
  budget: 70s
`,
    });
    const run = await tiny.squall("run", "--quiet");
    expect(run).toMatchObject({ code: 0 });
    const directory = await newest(tiny.directory);
    const { recoveryPolicies = [], notes } = await resultIn(directory);
    expect(recoveryPolicies.map(({ scenario, policy }) => [scenario, policy])).toEqual([
      ["llm-slow", "rules"],
      ["starved", "rules"],
    ]);
    const [slow, starved] = recoveryPolicies;
    expect(slow?.withoutMs).toBeNull();
    expect(slow?.recoveryMs).toBeGreaterThan(0);
    const cached = slow?.actions.find(({ remedy }) => remedy.kind === "cache");
    expect(cached).toMatchObject({ because: expect.stringMatching(/^p95 > 1s for 1s \(/) as string });
    expect(cached?.failed).toBeUndefined();
    // Without a limit there is nothing to lift: the runtime says so, and the run goes on.
    const lifted = starved?.actions.find(({ remedy }) => remedy.kind === "more-cpu");
    expect(lifted).toBeDefined();
    expect(lifted?.failed).toBeUndefined();
    expect(notes.join("\n")).not.toContain("ended there");
    expect(run.stdout).toMatch(/llm-slow\s+rules/);

    const profile = await profileIn(directory);
    const windows = new Map(
      (profile.policyRuns ?? []).map((each) => [`${each.scenario} ${each.policy}`, each]),
    );
    expect([...windows.keys()]).toEqual(["llm-slow none", "llm-slow rules", "starved none", "starved rules"]);
    expect(windows.get("llm-slow rules")?.symptoms.some(({ p95Ms }) => (p95Ms ?? 0) > 1000)).toBe(true);
    expect(windows.get("starved none")?.symptoms.some(({ cpu }) => (cpu ?? 0) > 0.6)).toBe(true);
    const learned = recoveryCases([profile]).filter(({ scenario }) => scenario === "llm-slow");
    expect(learned).toMatchObject([
      { remedies: [], recovered: false },
      { remedies: [{ kind: "cache", on: "llm" }], recovered: true },
    ]);
  },
  4 * MINUTES,
);
