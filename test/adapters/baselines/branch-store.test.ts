import { describe, expect, it } from "vitest";
import { indexFile, runFile } from "../../../src/adapters/baselines/branch-layout.ts";
import { branchBaselineStore } from "../../../src/adapters/baselines/branch-store.ts";
import { SquallError } from "../../../src/core/errors.ts";
import type { Profile } from "../../../src/core/profile.ts";
import { randomFor } from "../../../src/core/random.ts";
import type { GitData } from "../../../src/run/forge.ts";
import { profile } from "../../config/profiles.ts";
import { baselineStoreConformance } from "../../conformance/baseline-store.ts";
import { type OpenBranch, openBranch, refusal } from "../../support/git/data-branch.ts";
import { gitData } from "../../support/git/git-data.ts";
import { freshRepository } from "../../support/git/repository.ts";

const BRANCH = "squall-baselines";
const atOnce = async (): Promise<void> => undefined;

baselineStoreConformance("the branch store over git", { parallelWriters: true }, async () => {
  const repository = await freshRepository({ bare: true });
  return {
    open: () => branchBaselineStore({ git: gitData(repository.directory), sleep: atOnce }),
    [Symbol.asyncDispose]: async () => repository[Symbol.asyncDispose](),
  };
});

/** A run of the suite `answers`; each seed another run, a day later. */
const run = (seed: number, given: Partial<Profile> = {}): Profile =>
  profile(
    {
      seed,
      provenance: {
        ...profile().provenance,
        commit: String(seed).padStart(40, "c"),
        startedAt: new Date(Date.UTC(2026, 0, 1 + seed)).toISOString(),
      },
      ...given,
    },
    5,
  );

const storeOver = (git: GitData) => branchBaselineStore({ git, sleep: atOnce });

const seedsOf = async (git: GitData, suite = "answers"): Promise<number[]> =>
  ((await storeOver(git).read(suite))?.profiles ?? []).map(({ seed }) => seed);

/** Everything stored of a suite, chosen or not. */
const storedIds = async (git: GitData, suite = "answers"): Promise<string[]> => {
  const ids: string[] = [];
  await storeOver(git).read(suite, async (runs) => {
    ids.push(...runs.map(({ id }) => id));
    return [];
  });
  return ids;
};

const add = async ({ git }: OpenBranch, seeds: readonly number[], keep = 8, given: Partial<Profile> = {}) => {
  for (const seed of seeds) await storeOver(git).append("answers", run(seed, given), keep);
};

describe("what the branch holds", () => {
  it("is one file a run, an index, and a word for people", async () => {
    await using at = await openBranch(BRANCH);
    await add(at, [1]);
    const files = await at.files();
    const [id = ""] = await storedIds(at.git);
    expect(id).toMatch(/^20260102T000000000Z-c{12}-[0-9a-f]{16}$/);
    expect([...files.keys()].sort()).toEqual([
      "README.md",
      `answers/${id}.squall-run.gz`,
      "answers/index.json",
    ]);
    expect(String(files.get("README.md"))).toContain("delete the branch");
    expect(JSON.parse(String(files.get("answers/index.json")))).toEqual({
      schemaVersion: 1,
      kind: "squall-baseline-index",
      suite: "answers",
      keep: 8,
      writes: 1,
      runs: [
        {
          id,
          suiteHash: "hash-1",
          frameHash: run(1).frameHash,
          commit: `${"c".repeat(39)}1`,
          startedAt: "2026-01-02T00:00:00.000Z",
        },
      ],
    });
    expect(await at.log()).toEqual([`Add a run of answers at ${"c".repeat(12)}`]);
  });

  it("is named safely whatever the run says of itself", async () => {
    await using at = await openBranch(BRANCH);
    const provenance = { ...profile().provenance, commit: "../../x\n--force", startedAt: "yesterday\n../" };
    await storeOver(at.git).append("a\nb", run(1, { suite: "a\nb", provenance }), 8);
    const names = [...(await at.files()).keys()];
    expect(names.every((name) => /^[\w.-]+(\/[\w.-]+)?$/.test(name))).toBe(true);
    expect(names.some((name) => name.includes("/undated-uncommitted-"))).toBe(true);
    expect(await at.log()).toEqual(["Add a run of a b at ../../x --fo"]);
    expect(await seedsOf(at.git, "a\nb")).toEqual([1]);
  });

  it("is the same run once, however often it is added", async () => {
    await using at = await openBranch(BRANCH);
    await add(at, [1, 2, 1, 1]);
    expect(await seedsOf(at.git)).toEqual([1, 2]);
    expect(await at.log()).toHaveLength(2);
  });

  it("keeps the files of other suites, and what people put beside them", async () => {
    await using at = await openBranch(BRANCH);
    await storeOver(at.git).append("other", run(9, { suite: "other" }), 1);
    await at.write({ "README.md": "ours", LICENSE: "MIT" });
    await add(at, [1, 2, 3, 4, 5, 6], 1);
    expect(await seedsOf(at.git, "other")).toEqual([9]);
    const files = await at.files();
    expect([String(files.get("README.md")), String(files.get("LICENSE"))]).toEqual(["ours", "MIT"]);
  });
});

describe("pruning", () => {
  it("keeps four runs for each that is pooled: an older merge base still finds its own", async () => {
    await using at = await openBranch(BRANCH);
    await add(at, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 2);
    expect(await seedsOf(at.git)).toEqual([9, 10]);
    expect(await storedIds(at.git)).toHaveLength(8);
    const runs = [...(await at.files()).keys()].filter((name) => name.endsWith(".squall-run.gz"));
    expect(runs).toHaveLength(8);
    const oldest = await storeOver(at.git).read("answers", async ([first]) =>
      first === undefined ? [] : [first],
    );
    expect(oldest?.profiles.map(({ seed }) => seed)).toEqual([3]);
  });

  it("goes on where a person has removed what is to go", async () => {
    await using at = await openBranch(BRANCH);
    await add(at, [1, 2, 3, 4], 1);
    await at.write({ [runFile("answers", (await storedIds(at.git))[0] ?? "")]: null });
    await add(at, [5], 1);
    expect(await storedIds(at.git)).toHaveLength(4);
  });

  it("keeps the runs from before a change of the suite", async () => {
    await using at = await openBranch(BRANCH);
    await add(at, [1, 2], 2);
    await add(at, [3], 2, { suiteHash: "hash-2" });
    expect(await seedsOf(at.git)).toEqual([3]);
    const before = await storeOver(at.git).read("answers", async (runs) =>
      runs.filter(({ suiteHash }) => suiteHash === "hash-1"),
    );
    expect(before?.profiles.map(({ seed }) => seed)).toEqual([1, 2]);
  });
});

describe("what is read", () => {
  it("is the chosen runs alone, four at a time", async () => {
    await using at = await openBranch(BRANCH);
    await add(at, [1, 2, 3, 4, 5, 6, 7, 8]);
    let [now, most, reads] = [0, 0, 0];
    const git: GitData = {
      ...at.git,
      readBlob: async (blob) => {
        reads++;
        now++;
        most = Math.max(most, now);
        const content = await at.git.readBlob(blob);
        now--;
        return content;
      },
    };
    const read = await storeOver(git).read("answers", async (runs) => runs.slice(1, 7));
    expect(read?.profiles.map(({ seed }) => seed)).toEqual([2, 3, 4, 5, 6, 7]);
    expect(most).toBe(4);
    expect(reads).toBe(7); // The index, and six runs.
  });

  it("is not what was just written", async () => {
    await using at = await openBranch(BRANCH);
    await add(at, [1]);
    let reads = 0;
    const git: GitData = {
      ...at.git,
      readBlob: async (blob) => {
        reads++;
        return at.git.readBlob(blob);
      },
    };
    await add({ ...at, git }, [2]);
    expect(reads).toBe(2); // The index, and the other run.
  });

  it("is looked at again where the branch moved meanwhile, and a run went", async () => {
    await using at = await openBranch(BRANCH);
    await add(at, [1, 2]);
    let moved = false;
    const git: GitData = {
      ...at.git,
      readBlob: async (blob) => {
        const content = await at.git.readBlob(blob);
        if (moved || content.toString("utf8").startsWith("{")) return content;
        moved = true;
        await add(at, [3]);
        throw new SquallError("api-refused", "that blob is gone");
      },
    };
    expect(await seedsOf(git)).toEqual([1, 2, 3]);
  });

  it("is an error where a blob cannot be read and the branch is where it was", async () => {
    await using at = await openBranch(BRANCH);
    await add(at, [1]);
    const gone = new SquallError("api-refused", "that blob is gone");
    let asked = 0;
    const git: GitData = {
      ...at.git,
      readBlob: async (blob) => {
        const content = await at.git.readBlob(blob);
        if (content.toString("utf8").startsWith("{")) return content;
        asked++;
        throw gone;
      },
    };
    await expect(storeOver(git).read("answers")).rejects.toBe(gone);
    expect(asked).toBe(1);
  });
});

describe("what is wrong with the branch", () => {
  const RUN_FILE = async ({ git }: OpenBranch): Promise<string> =>
    runFile("answers", (await storedIds(git))[0] ?? "");
  const index = (given: object): string =>
    JSON.stringify({
      schemaVersion: 1,
      kind: "squall-baseline-index",
      suite: "answers",
      keep: 8,
      writes: 1,
      runs: [],
      ...given,
    });
  const entry = { suiteHash: "h", frameHash: "", commit: null, startedAt: "2026-01-01T00:00:00Z" };

  it.each([
    ["garbage", "garbage", "holds no JSON"],
    ["nothing", "", "holds no JSON"],
    ["of a newer squall", index({ schemaVersion: 2 }), "newer squall"],
    ["another suite's", index({ suite: "other" }), "the index of suite other"],
    ["with a path for an id", index({ runs: [{ ...entry, id: "../other/x" }] }), "plain file name"],
    [
      "with one run twice",
      index({
        runs: [
          { ...entry, id: "x" },
          { ...entry, id: "x" },
        ],
      }),
      "name a run twice",
    ],
    ["with a key it does not know", index({ more: 1 }), "Unrecognized key"],
  ])("an index that is %s is named with its remedy, and not overwritten", async (_, content, problem) => {
    await using at = await openBranch(BRANCH);
    await add(at, [1]);
    await at.write({ [indexFile("answers")]: content });
    const before = await at.log();
    for (const error of [
      await refusal(storeOver(at.git).read("answers")),
      await refusal(storeOver(at.git).append("answers", run(2), 8)),
    ]) {
      expect(error.code).toBe("baseline-invalid");
      expect([error.message, ...error.detail].join("\n")).toContain(problem);
      expect(error.message).toContain("answers/index.json on branch squall-baselines of a bare repository");
      expect(error.remedy).toContain("Delete the folder answers on that branch, or the branch");
    }
    expect(await at.log()).toEqual(before);
  });

  it("a run that is damaged, missing, another suite's or another run is named, never left out", async () => {
    await using at = await openBranch(BRANCH);
    await add(at, [1, 2]);
    const file = await RUN_FILE(at);
    const whole = (await at.files()).get(file) ?? Buffer.alloc(0);
    const [, second = ""] = await storedIds(at.git);
    const cases: [Buffer | null, string][] = [
      [whole.subarray(0, whole.length / 2), "cut short"],
      [null, "is missing, though the index names it"],
      [(await at.files()).get(runFile("answers", second)) ?? Buffer.alloc(0), "its commit is another"],
    ];
    for (const [content, problem] of cases) {
      await at.write({ [file]: content });
      const error = await refusal(storeOver(at.git).read("answers"));
      expect([error.code, error.message, error.place]).toEqual([
        "baseline-invalid",
        expect.stringContaining(problem),
        expect.stringContaining(file),
      ]);
      expect(error.remedy).toContain("Delete the folder answers");
      await at.write({ [file]: whole });
    }
    expect(await seedsOf(at.git)).toEqual([1, 2]);
  });

  it("a branch of something else is left alone", async () => {
    await using at = await openBranch(BRANCH);
    await at.write({ "package.json": "{}", "src/index.json": "{}" });
    expect(await storeOver(at.git).read("answers")).toBeNull();
    const error = await refusal(storeOver(at.git).append("answers", run(1), 8));
    expect([error.code, error.remedy]).toEqual([
      "argument-invalid",
      expect.stringContaining("a branch of their own"),
    ]);
    expect([...(await at.files()).keys()]).toEqual(["package.json", "src/index.json"]);
  });

  it("a branch that somebody made with a README alone is taken", async () => {
    await using at = await openBranch(BRANCH);
    await at.write({ "README.md": "baselines go here", ".gitattributes": "*.gz binary" });
    await add(at, [1]);
    expect(await seedsOf(at.git)).toEqual([1]);
  });

  it("a run of another suite is never added", async () => {
    await using at = await openBranch(BRANCH);
    expect((await refusal(storeOver(at.git).append("other", run(1), 8))).code).toBe("internal");
    expect(await at.git.branch(BRANCH)).toBeNull();
  });
});

describe("a writer that is not the first", () => {
  const losing = (git: GitData, times: number): GitData => {
    let left = times;
    return {
      ...git,
      moveBranch: async (name, from, to) => (left-- > 0 ? false : git.moveBranch(name, from, to)),
    };
  };
  const waitsOf = async (at: OpenBranch, seed: number, times: number): Promise<number[]> => {
    const waits: number[] = [];
    const sleep = async (ms: number): Promise<void> => {
      waits.push(ms);
    };
    await branchBaselineStore({ git: losing(at.git, times), sleep }).append("answers", run(seed), 8);
    return waits;
  };

  it("waits longer from time to time, and not as another writer does", async () => {
    await using at = await openBranch(BRANCH);
    const [one, other] = [await waitsOf(at, 1, 12), await waitsOf(at, 2, 12)];
    expect([one.length, other.length]).toEqual([12, 12]);
    expect(one).not.toEqual(other);
    expect(Math.max(...one, ...other)).toBeLessThanOrEqual(30_000);
    for (const [attempt, ms] of one.entries()) expect(ms).toBeLessThanOrEqual(1000 * 2 ** (attempt + 1));
    expect(Math.max(...one.slice(4))).toBeGreaterThan(Math.max(...one.slice(0, 2)));
    expect(await seedsOf(at.git)).toEqual([1, 2]);
  });

  it("draws its waits from what it is given", async () => {
    await using at = await openBranch(BRANCH);
    const waits: number[] = [];
    await branchBaselineStore({
      git: losing(at.git, 2),
      random: randomFor(7, "waits"),
      sleep: async (ms) => void waits.push(ms),
    }).append("answers", run(1), 8);
    const random = randomFor(7, "waits");
    expect(waits).toEqual([random.next() * 2000, random.next() * 4000]);
  });

  it("gives up in the end, and says what to do", async () => {
    await using at = await openBranch(BRANCH);
    await add(at, [1]);
    const error = await refusal(storeOver(losing(at.git, 1000)).append("answers", run(2), 8));
    expect([error.code, error.message]).toEqual([
      "api-failed",
      expect.stringContaining("40 times in a row: the run was not added"),
    ]);
    expect(error.remedy).toContain("concurrency");
    expect(await seedsOf(at.git)).toEqual([1]);
  });

  it("adds its run once where the branch moved but the answer was lost", async () => {
    await using at = await openBranch(BRANCH);
    await add(at, [1]);
    let lost = 0;
    const git: GitData = {
      ...at.git,
      moveBranch: async (name, from, to) => {
        await at.git.moveBranch(name, from, to);
        if (lost++ === 0) throw new SquallError("api-failed", "no answer in 20 s");
        return true;
      },
    };
    await storeOver(git).append("answers", run(2), 8);
    expect(lost).toBe(1);
    expect(await seedsOf(at.git)).toEqual([1, 2]);
    expect(await at.log()).toHaveLength(2);
  });

  it.each([
    ["api-failed", 2],
    ["api-refused", 1],
  ] as const)("ends with the place's own %s at attempt %i", async (code, attempts) => {
    await using at = await openBranch(BRANCH);
    let tried = 0;
    const git: GitData = {
      ...at.git,
      moveBranch: async () => {
        tried++;
        throw new SquallError(code, "no");
      },
    };
    expect((await refusal(storeOver(git).append("answers", run(1), 8))).code).toBe(code);
    expect(tried).toBe(attempts);
  });
});

describe("the branch's history", () => {
  /** As if so many runs had been added before. */
  const withWrites = async (at: OpenBranch, writes: number): Promise<void> => {
    const file = indexFile("answers");
    const index = JSON.parse(String((await at.files()).get(file))) as object;
    await at.write({ [file]: JSON.stringify({ ...index, writes }) });
  };

  it("begins anew with every fiftieth run, and nothing that is stored goes with it", async () => {
    await using at = await openBranch(BRANCH);
    await add(at, [1, 2]);
    await withWrites(at, 48);
    await add(at, [49]);
    expect(await at.log()).toHaveLength(4);
    const before = await storedIds(at.git);
    await add(at, [50]);
    expect(await at.log()).toEqual(["Begin the history anew"]);
    expect((await storedIds(at.git)).slice(0, -1)).toEqual(before);
    await add(at, [51]);
    expect(await at.log()).toHaveLength(2);
    expect(await seedsOf(at.git)).toEqual([1, 2, 49, 50, 51]);
  });

  it.each<[string, GitData["replaceBranch"]]>([
    ["refuses", async () => Promise.reject(new SquallError("api-refused", "no"))],
    ["has moved on", async () => false],
    ["cannot", undefined],
  ])("goes on where the place %s", async (_, replaceBranch) => {
    await using at = await openBranch(BRANCH);
    await add(at, [1]);
    await withWrites(at, 49);
    const git: { -readonly [K in keyof GitData]: GitData[K] } = { ...at.git };
    delete git.replaceBranch;
    if (replaceBranch !== undefined) git.replaceBranch = replaceBranch;
    await add({ ...at, git }, [50]);
    expect(await at.log()).toHaveLength(3);
    expect(await seedsOf(at.git)).toEqual([1, 50]);
  });
});
