/** Side by side, with real processes: compared by hand, and as the second opinion on what a stored baseline said. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import type { Result } from "../../src/core/verdict.ts";
import { runGit } from "../support/git/repository.ts";
import { tinyProject } from "./support/tiny-project.ts";

const MINUTES = 60_000;
const FAILING =
  "{ name: llm-fails, faults: [{ kind: http-error, on: llm, status: 503, fraction: 50%, attempts: 1 }] }";
/** So wide that equal code passes on the busiest machine. */
const GATE =
  "budget: 10s, diagnosis: 0s, minAchieved: 50%, minEffect: { latency: 100% and 5s, errorRate: 15pt, degradedRate: 30pt, slowShare: 30pt, callsPerRequest: 100% and 3 }";

const project = async () => {
  const tiny = await tinyProject({ experiments: [FAILING], gate: GATE });
  const git = async (...args: readonly string[]): Promise<string> =>
    (await runGit(tiny.directory, args)).toString("utf8").trim();
  const file = path.join(tiny.directory, "squall.yml");
  const commit = async (change: (suite: string) => string): Promise<string> => {
    await writeFile(file, change(await readFile(file, "utf8")));
    await git("add", "--all");
    await git("commit", "-q", "--allow-empty", "-m", "change");
    return git("rev-parse", "HEAD");
  };
  await git("init", "-q", "-b", "main");
  await writeFile(path.join(tiny.directory, ".gitignore"), ".squall\n");
  return { tiny, git, commit };
};

const careless = (suite: string): string =>
  suite.replace('LLM_URL: "{{llm}}"', 'LLM_URL: "{{llm}}", CARELESS: "1"');

const newest = async (
  directory: string,
): Promise<{ readonly result: Result; readonly files: readonly string[] }> => {
  const runs = (await readdir(path.join(directory, ".squall"))).filter((name) => /^\d/.test(name)).toSorted();
  const run = path.join(directory, ".squall", runs.at(-1) ?? "");
  return {
    result: JSON.parse(await readFile(path.join(run, "result.json"), "utf8")) as Result,
    files: (await readdir(run, { recursive: true })).toSorted(),
  };
};

test(
  "compare --reference: a change that gave up its retry is worse than the commit before it, and not than itself",
  async () => {
    const { tiny, git, commit } = await project();
    await using _ = tiny;
    const base = await commit((suite) => suite);
    await commit(careless);
    const worse = await tiny.squall("compare", "--reference", base, "--quiet");
    expect(worse.stdout).toContain("Less resilient under 1 of 1 fault");
    expect(worse.code).toBe(1);
    const { result, files } = await newest(tiny.directory);
    expect(result.method).toBe("paired");
    expect(result.baseline?.newest.commit).toBe(base);
    expect(
      result.verdict.comparisons.some(({ scenario, metric }) => scenario === "control" && metric === "p50"),
    ).toBe(true);
    expect(files).toEqual(expect.arrayContaining(["pair/samples.json.gz", "pair/reference/samples.json.gz"]));

    const same = await tiny.squall("compare", "--reference", "HEAD", "--quiet");
    expect(same.stdout).not.toContain("Less resilient");
    expect(same.code).toBe(0);
    expect(await git("worktree", "list")).not.toContain("squall-reference");
  },
  3 * MINUTES,
);

test(
  "a stored verdict is confirmed against the commit before, and cleared where that is no better",
  async () => {
    const { tiny, commit } = await project();
    await using _ = tiny;
    const good = await commit((suite) => suite);
    expect((await tiny.squall("baseline", "--quiet")).code).toBe(0);
    const bad = await commit((suite) => `${careless(suite)}reference: { checkout: ${good}, budget: 20s }\n`);
    const confirmed = await tiny.squall("run", "--quiet");
    expect(confirmed.code).toBe(1);
    const first = (await newest(tiny.directory)).result;
    expect(first.confirmation).toMatchObject({ outcome: "confirmed", scenarios: ["llm-fails"] });
    expect(confirmed.stdout).toContain("it is worse there too");

    // Main has given the retry up meanwhile; the stored baseline does not know.
    await commit((suite) => suite.replace(good, bad));
    const cleared = await tiny.squall("run", "--quiet");
    const second = (await newest(tiny.directory)).result;
    expect(second.confirmation).toMatchObject({ outcome: "cleared", stored: { word: "regressed" } });
    expect(second.verdict.word).toBe("pass");
    expect(cleared.code).toBe(0);
  },
  4 * MINUTES,
);

test(
  "a reference that cannot be had leaves the stored verdict as it is, and says so",
  async () => {
    const { tiny, commit } = await project();
    await using _ = tiny;
    await commit((suite) => suite);
    expect((await tiny.squall("baseline", "--quiet")).code).toBe(0);
    await commit((suite) => `${careless(suite)}reference: { checkout: gone }\n`);
    expect((await tiny.squall("run", "--quiet")).code).toBe(1);
    const { result } = await newest(tiny.directory);
    expect(result.confirmation).toBeUndefined();
    expect(result.notes.join("\n")).toContain(
      "It could not be confirmed side by side: There is no commit gone",
    );
  },
  2 * MINUTES,
);
