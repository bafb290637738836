/** Training jobs from the suite file to the verdict: a pull request that loses the optimizer's state, and the article's own strategy. */
import { cp, mkdtempDisposable, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { decodeProfile } from "../../src/config/baseline-file.ts";
import type { Profile } from "../../src/core/profile.ts";
import type { Result } from "../../src/core/verdict.ts";
import { runIn, SOURCE } from "./support/tiny-project.ts";

const EXAMPLE = path.resolve(import.meta.dirname, "../../examples/train-js");
const MINUTES = 60_000;

const SUITE = `version: 1
name: train
service:
  command: node train.ts
  env: { DATA_URL: "{{data}}", CHECKPOINT_DIR: "{{checkpoints}}", STEPS: "60", SEED: "1" }
dependencies:
  data: { command: node data-server.ts, ready: /healthz }
workload:
  job:
    steps: 60
    timeout: 60s
    log: nanogpt
    patterns:
      saving: 'saving checkpoint at step (?<step>\\d+)'
      saved: 'saved checkpoint at step (?<step>\\d+)'
      loaded: 'resumed from checkpoint at step (?<step>\\d+)'
    restart: { backoff: 100ms }
experiments:
  - name: killed
    at: { every: 27 }
    faults: [{ kind: kill, restartAfter: 100ms }]
    expect: { completed: ">= 100%" }
`;

const copyOf = async (directory: string, suite: string): Promise<void> => {
  await cp(EXAMPLE, directory, { recursive: true });
  await writeFile(path.join(directory, "squall.yml"), suite);
};

const squall = async (directory: string, command: string): ReturnType<typeof runIn> =>
  runIn(SOURCE, directory, [command, "--quiet", "--runtime=process"]);

const newestRun = async (directory: string): Promise<string> => {
  const runs = (await readdir(path.join(directory, ".squall"))).filter((name) => /^\d{4}-/.test(name));
  return path.join(directory, ".squall", runs.toSorted().at(-1) ?? "");
};

const edited = async (file: string, from: string, to: string): Promise<void> => {
  const text = await readFile(file, "utf8");
  if (text.split(from).length !== 2) throw new Error(`${file} does not hold it once: ${from}`);
  await writeFile(file, text.replace(from, to));
};

test(
  "a change that leaves the optimizer's state out of what is restored is blocked, by what it does to the loss after a kill",
  async () => {
    await using directory = await mkdtempDisposable(path.join(tmpdir(), "squall-training-"));
    await copyOf(directory.path, SUITE);
    expect(await squall(directory.path, "baseline")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("6 runs of the job added") as string,
    });
    expect(await squall(directory.path, "run")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("As resilient as the baseline under the fault") as string,
    });

    await edited(path.join(directory.path, "train.ts"), "  optimizer.moments = saved.moments;\n", "");
    const careless = await squall(directory.path, "run");
    expect(careless).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("Less resilient under 1 of 1 fault") as string,
    });
    const run = await newestRun(directory.path);
    const { verdict, jobs } = JSON.parse(await readFile(path.join(run, "result.json"), "utf8")) as Result;
    expect(verdict.findings[0]).toMatchObject({ severity: "block", scenario: "killed", metric: "loss-left" });
    const [calm, killed] = jobs ?? [];
    expect(calm).toMatchObject({ runs: 3, completed: 3, restarts: 0, lossLeft: 0 });
    expect(killed).toMatchObject({ runs: 3, completed: 3, restarts: 6, fromZero: 0, lossLeft: 3 });
    expect(await readFile(path.join(run, "postmortem.md"), "utf8")).toContain("## Reproduction");
  },
  8 * MINUTES,
);

/** Which steps were planned to be struck and which were, run by run. */
const strikesOf = ({ jobRuns = [] }: Pick<Profile, "jobRuns">): readonly unknown[] =>
  jobRuns.map(({ scenario, repeat, plannedStrikes, strikes }) => ({
    scenario,
    repeat,
    plannedStrikes,
    struck: strikes.map(({ at, faults }) => [at, faults]),
  }));

test(
  "the article's strategy strikes 10 of 100 steps, the same ones whenever the seed is",
  async () => {
    await using directory = await mkdtempDisposable(path.join(tmpdir(), "squall-article-"));
    const suite = await readFile(path.join(EXAMPLE, "article.squall.yml"), "utf8");
    await copyOf(directory.path, suite);
    const measured = async (): Promise<readonly unknown[]> => {
      expect(
        await runIn(SOURCE, directory.path, ["run", "--quiet", "--runtime=process", "--seed=7"]),
      ).toMatchObject({ code: 0 });
      const samples = path.join(await newestRun(directory.path), "samples.json.gz");
      return strikesOf(decodeProfile(await readFile(samples), { file: samples }));
    };
    const first = await measured();
    expect(await measured()).toEqual(first);
    expect(first).toContainEqual(
      expect.objectContaining({
        plannedStrikes: expect.toSatisfy((steps: readonly number[]) => steps.length === 10) as unknown,
      }),
    );
  },
  8 * MINUTES,
);
