import { describe, expect, it } from "vitest";
import { artifactBaselineStore } from "../../../src/adapters/baselines/artifact-store.ts";
import { baselineFileName } from "../../../src/adapters/baselines/packed-baseline.ts";
import { SquallError } from "../../../src/core/errors.ts";
import type { BaselineStore } from "../../../src/run/baseline-store.ts";
import type { ArtifactShelf, StoredArtifact } from "../../../src/run/forge.ts";
import { profile } from "../../config/profiles.ts";
import { baselineStoreConformance } from "../../conformance/baseline-store.ts";
import { refusal } from "../../support/git/data-branch.ts";

const nameOf = (suite: string): string => `squall-baseline-${baselineFileName(suite)}`;

type Run = NonNullable<StoredArtifact["run"]>;

/** Artifacts of many runs, newest first, as a forge lists them. */
class Shelf implements ArtifactShelf {
  readonly #stored: (StoredArtifact & { readonly files: ReadonlyMap<string, Buffer> })[] = [];
  /** Run that uploads next. */
  run: Run | null = { id: 1, headBranch: "main", headSha: "a".repeat(40), own: true };
  expired = false;
  good = true;
  readonly bad = new Set<number>();
  downloads = 0;

  put(name: string, files: Readonly<Record<string, Buffer>>): void {
    const id = this.#stored.length + 1;
    const run = this.run === null ? null : { ...this.run, id };
    if (!this.good) this.bad.add(id);
    this.#stored.unshift({
      id,
      name,
      bytes: 1,
      createdAt: "2026-01-01T00:00:00Z",
      expired: this.expired,
      run,
      files: new Map(Object.entries(files)),
    });
  }

  async *list({ name }: { readonly name?: string }): AsyncIterable<StoredArtifact> {
    for (const artifact of this.#stored) if (name === undefined || artifact.name === name) yield artifact;
  }

  async download(artifact: StoredArtifact): Promise<ReadonlyMap<string, Buffer>> {
    this.downloads++;
    return this.#stored.find(({ id }) => id === artifact.id)?.files ?? new Map<string, Buffer>();
  }

  store(): BaselineStore {
    return artifactBaselineStore({
      shelf: this,
      name: nameOf,
      defaultBranch: "main",
      wasGood: async (run) => !this.bad.has(run),
      upload: async (suite, file) => this.put(nameOf(suite), { [baselineFileName(suite)]: file }),
    });
  }
}

baselineStoreConformance("the artifact store", { parallelWriters: false }, async () => {
  const shelf = new Shelf();
  return { open: () => shelf.store(), [Symbol.asyncDispose]: async () => undefined };
});

const seedsOf = async (shelf: Shelf): Promise<number[] | undefined> =>
  (await shelf.store().read("answers"))?.profiles.map(({ seed }) => seed);

describe("an artifact becomes a baseline", () => {
  const withGood = async (): Promise<Shelf> => {
    const shelf = new Shelf();
    await shelf.store().append("answers", profile({ seed: 1 }, 5), 8);
    return shelf;
  };

  it.each<[string, (shelf: Shelf) => void]>([
    [
      "of a fork's branch that is called main",
      (shelf) => (shelf.run = { ...(shelf.run as Run), own: false }),
    ],
    ["of another branch", (shelf) => (shelf.run = { ...(shelf.run as Run), headBranch: "feature" })],
    ["of a tag or nothing", (shelf) => (shelf.run = { ...(shelf.run as Run), headBranch: null })],
    ["of a run that is not told", (shelf) => (shelf.run = null)],
    ["that has expired", (shelf) => (shelf.expired = true)],
    ["of a run that failed", (shelf) => (shelf.good = false)],
  ])("never: one %s", async (_, change) => {
    const shelf = await withGood();
    change(shelf);
    await shelf.store().append("answers", profile({ seed: 666 }, 5), 8);
    expect(await seedsOf(shelf)).toEqual([1]);
    expect(shelf.downloads).toBe(2); // One for each, never a stranger's.
  });

  it("never, where all are strangers'", async () => {
    const shelf = new Shelf();
    shelf.run = { id: 1, headBranch: "main", headSha: "a".repeat(40), own: false };
    await shelf.store().append("answers", profile({ seed: 666 }, 5), 8);
    expect(await seedsOf(shelf)).toBeUndefined();
    expect(shelf.downloads).toBe(0);
  });

  it("or it cannot be told, where the list is flooded: that is no 'there is none'", async () => {
    const shelf = await withGood();
    shelf.run = { id: 1, headBranch: "main", headSha: "b".repeat(40), own: false };
    for (let count = 0; count < 2000; count++) shelf.put(nameOf("answers"), {});
    const error = await refusal(seedsOf(shelf));
    expect([error.code, error.remedy]).toEqual(["api-failed", expect.stringContaining("on a branch")]);
  });

  it("by name, whatever the list answers", async () => {
    const shelf = await withGood();
    const store = artifactBaselineStore({
      shelf: { list: () => shelf.list({}), download: async (artifact) => shelf.download(artifact) },
      name: () => "another name",
      defaultBranch: "main",
      upload: async () => undefined,
    });
    expect(await store.read("answers")).toBeNull();
  });
});

describe("an artifact that is of no use", () => {
  it.each<[string, Readonly<Record<string, Buffer>>, string]>([
    ["without the file", { other: Buffer.from("x") }, "holds no answers.squall-baseline.gz"],
    ["with a broken file", { "answers.squall-baseline.gz": Buffer.from("x") }, "not a usable baseline file"],
  ])("%s is an error that names it, not an older one instead", async (_, files, problem) => {
    const shelf = new Shelf();
    await shelf.store().append("answers", profile({ seed: 1 }, 5), 8);
    shelf.put(nameOf("answers"), files);
    const error = await refusal(seedsOf(shelf));
    expect([error.code, error.message]).toEqual(["baseline-invalid", expect.stringContaining(problem)]);
    expect(error.message).toContain("squall-baseline-answers");
    expect(error.remedy).toContain("elete");
  });

  it("a failure of the shelf passes through", async () => {
    const failure = new SquallError("api-failed", "no answer");
    const shelf = new Shelf();
    shelf.list = () => {
      throw failure;
    };
    await expect(shelf.store().read("answers")).rejects.toBe(failure);
  });

  it("an upload that fails is no baseline", async () => {
    const failure = new SquallError("api-failed", "quota");
    const store = artifactBaselineStore({
      shelf: new Shelf(),
      name: nameOf,
      defaultBranch: "main",
      upload: async () => Promise.reject(failure),
    });
    await expect(store.append("answers", profile({}, 5), 8)).rejects.toBe(failure);
  });
});
