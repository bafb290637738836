import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { committedBaselineStore } from "../../../src/adapters/baselines/committed-store.ts";
import { fileBaselineStore } from "../../../src/adapters/baselines/file-store.ts";
import { gitSourceFiles } from "../../../src/adapters/git/checkout.ts";
import { profile } from "../../config/profiles.ts";
import { refusal } from "../../support/git/data-branch.ts";
import { freshRepository, type Repository } from "../../support/git/repository.ts";

const DIRECTORY = "ci/baselines";

/** Measures on this checkout and commits the file. @returns the commit */
const commitRun = async (repository: Repository, seed: number): Promise<string> => {
  const directory = path.join(repository.directory, DIRECTORY);
  await mkdir(directory, { recursive: true });
  await fileBaselineStore(directory).append("answers", profile({ seed }, 5), 8);
  const name = `${DIRECTORY}/answers.squall-baseline.gz`;
  return repository.commit(`run ${seed}`, { [name]: await readFile(path.join(repository.directory, name)) });
};

const storeAt = (repository: Repository, commit: string, directory = DIRECTORY) =>
  committedBaselineStore({ files: gitSourceFiles(repository.directory), commit, directory });

describe("a baseline that is committed", () => {
  it("is read as it is at the commit, whatever came later", async () => {
    await using repository = await freshRepository();
    const before = await repository.commit("nothing yet");
    const base = await commitRun(repository, 1);
    await commitRun(repository, 2);
    expect(await storeAt(repository, before).read("answers")).toBeNull();
    const seeds = async (directory?: string) =>
      (await storeAt(repository, base, directory).read("answers"))?.profiles.map(({ seed }) => seed);
    expect(await seeds()).toEqual([1]);
    expect(await seeds("./ci//baselines/")).toEqual([1]);
    expect(await storeAt(repository, base).read("other")).toBeNull();
  });

  it("lets the chooser choose", async () => {
    await using repository = await freshRepository();
    await commitRun(repository, 1);
    const base = await commitRun(repository, 2);
    const read = await storeAt(repository, base).read("answers", async (runs) => runs.slice(0, 1));
    expect(read?.profiles.map(({ seed }) => seed)).toEqual([1]);
  });

  it("is named with its commit where it is broken", async () => {
    await using repository = await freshRepository();
    const commit = await repository.commit("bad", { [`${DIRECTORY}/answers.squall-baseline.gz`]: "garbage" });
    const error = await refusal(storeAt(repository, commit).read("answers"));
    expect([error.code, error.place]).toEqual([
      "baseline-invalid",
      `${DIRECTORY}/answers.squall-baseline.gz at ${commit.slice(0, 12)}`,
    ]);
  });

  it("is added to by a commit alone, and says how", async () => {
    await using repository = await freshRepository();
    const base = await commitRun(repository, 1);
    const error = await refusal(storeAt(repository, base).append("answers", profile(), 8));
    expect([error.code, error.remedy]).toEqual([
      "argument-invalid",
      expect.stringContaining(`squall baseline --baseline ${DIRECTORY}`),
    ]);
    expect(storeAt(repository, base).place).toBe(`${DIRECTORY} at ${base.slice(0, 12)}`);
  });

  it("is looked for, not guessed, where the commit is not here", async () => {
    await using repository = await freshRepository();
    await commitRun(repository, 1);
    expect((await refusal(storeAt(repository, "1".repeat(40)).read("answers"))).code).toBe("api-refused");
  });
});
