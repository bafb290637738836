/** The worked case: a customer-service model runs out of compute under load, and is given more by a rule. From fault to post-mortem. */
import { mkdtempDisposable, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { decodeProfile } from "../../src/config/baseline-file.ts";
import type { PolicyRun } from "../../src/core/recovery-policy/rule.ts";
import { medianOf } from "../../src/core/statistics/quantile.ts";
import type { Result } from "../../src/core/verdict.ts";
import { runIn, SOURCE } from "./support/tiny-project.ts";

const EXAMPLE = path.resolve(import.meta.dirname, "../../examples/answers/recovery.squall.yml");
const MINUTES = 60_000;

/** Median over the last five seconds of a window, ms. */
const lateP95Ms = ({ symptoms }: PolicyRun): number =>
  medianOf(symptoms.slice(-5).flatMap(({ p95Ms }) => p95Ms ?? [])) ?? Number.POSITIVE_INFINITY;

test(
  "a service starved of CPU is detected, localised, given CPU by the rule, and its post-mortem says so",
  async () => {
    await using out = await mkdtempDisposable(path.join(tmpdir(), "squall-starved-"));
    const run = await runIn(SOURCE, out.path, [
      "run",
      "--quiet",
      `--file=${EXAMPLE}`,
      "--runtime=process",
      `--out=${out.path}`,
      `--baseline=${path.join(out.path, "baselines")}`,
    ]);
    expect(run).toMatchObject({ code: 1, stdout: expect.stringContaining("Expectation broken") as string });
    const [name = ""] = (await readdir(out.path)).filter((each) => /^\d{4}-/.test(each));
    const read = async (file: string): Promise<Buffer> => readFile(path.join(out.path, name, file));
    const result = JSON.parse((await read("result.json")).toString("utf8")) as Result;
    const profile = decodeProfile(await read("samples.json.gz"), { file: "samples.json.gz" });

    const seen = result.detection?.[0]?.scenarios[0];
    expect(seen?.found).toBeGreaterThan((seen?.windows ?? 0) / 2);
    expect(result.localisation).toMatchObject([{ scenario: "cpu-starved", truth: ["service"], right: true }]);
    const [policy] = result.recoveryPolicies ?? [];
    expect(policy?.actions[0]).toMatchObject({ remedy: { kind: "more-cpu", on: "service", times: 8 } });
    expect(policy?.actions[0]?.because).toMatch(/^cpu > 75% for 2s \(/);
    const [nothing, rules] = profile.policyRuns ?? [];
    if (nothing === undefined || rules === undefined) throw new Error("two windows were made");
    expect(lateP95Ms(rules)).toBeLessThan(lateP95Ms(nothing) / 2);

    const postmortem = (await read("postmortem.md")).toString("utf8");
    expect(postmortem).toMatch(/Detector mean-variance .* flagged \d+ of \d+ windows/);
    expect(postmortem).toMatch(/First suspect: the process service .* was found there/);
    expect(postmortem).toMatch(/the policy acted after [\d.]+ m?s: cpus x8, because cpu > 75% for 2s/);
    expect(postmortem).toContain("## Reproduction");
  },
  6 * MINUTES,
);
