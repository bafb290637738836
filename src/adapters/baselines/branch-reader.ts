/** Reads the data branch: nothing of it is believed before it was checked. */
import { decodeProfile } from "../../config/baseline-file.ts";
import { type BaselineIndex, decodeIndex } from "../../config/stored/baseline-index.ts";
import { SquallError } from "../../core/errors.ts";
import type { Baseline, Profile } from "../../core/profile.ts";
import type { GitData } from "../../run/forge.ts";
import { indexFile, isForeign, runFile } from "./branch-layout.ts";
import { storedRun } from "./packed-baseline.ts";

/** Enough to hide the latency of each, few enough for any server. */
const AT_ONCE = 4;

/** The branch as it was at one moment. */
export interface Snapshot {
  readonly commit: string;
  readonly tree: string;
  /** Path to blob. */
  readonly blobs: ReadonlyMap<string, string>;
  /** Null: nothing of this suite is stored. */
  readonly index: BaselineIndex | null;
  readonly foreign: boolean;
}

type StoredRuns = BaselineIndex["runs"];

const inOrder = async <T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> => {
  const results: R[] = [];
  const rest = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of rest) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
};

export class BranchReader {
  readonly #git: GitData;
  readonly #branch: string;
  readonly place: string;

  constructor(git: GitData, branch: string) {
    this.#git = git;
    this.#branch = branch;
    this.place = `branch ${branch} of ${git.place}`;
  }

  #broken(file: string, problem: string, cause?: unknown): SquallError {
    return new SquallError("baseline-invalid", `${file} on ${this.place} ${problem}`, {
      place: `${this.place}: ${file}`,
      remedy: this.#remedy(file),
      cause,
    });
  }

  #remedy(file: string): string {
    const folder = file.slice(0, file.indexOf("/"));
    return `Delete the folder ${folder} on that branch, or the branch; the next run on the default branch begins it anew.`;
  }

  async look(suite: string): Promise<Snapshot | null> {
    const head = await this.#git.branch(this.#branch);
    if (head === null) return null;
    const files = await this.#git.files(head.tree);
    const blobs = new Map(files.map(({ path, blob }) => [path, blob]));
    return { ...head, blobs, foreign: isForeign(files), index: await this.#index(suite, blobs) };
  }

  async #index(suite: string, blobs: Snapshot["blobs"]): Promise<BaselineIndex | null> {
    const file = indexFile(suite);
    const blob = blobs.get(file);
    if (blob === undefined) return null;
    const index = decodeIndex(await this.#git.readBlob(blob), {
      file: `${file} on ${this.place}`,
      remedy: this.#remedy(file),
    });
    if (index.suite === suite) return index;
    throw this.#broken(file, `is the index of suite ${index.suite}, not of ${suite}`);
  }

  /** Whether the branch is still at the snapshot's commit. */
  async isAt(commit: string): Promise<boolean> {
    return (await this.#git.branch(this.#branch))?.commit === commit;
  }

  /** @param known content that need not be asked for, by id */
  async runs(
    suite: string,
    chosen: StoredRuns,
    blobs: Snapshot["blobs"],
    known: ReadonlyMap<string, Buffer> = new Map(),
  ): Promise<Baseline> {
    const profiles = await inOrder(chosen, async (run) => this.#run(suite, run, blobs, known.get(run.id)));
    return { schemaVersion: 1, suite, profiles };
  }

  async #run(
    suite: string,
    run: StoredRuns[number],
    blobs: Snapshot["blobs"],
    known: Buffer | undefined,
  ): Promise<Profile> {
    const file = runFile(suite, run.id);
    const blob = blobs.get(file);
    if (blob === undefined) throw this.#broken(file, "is missing, though the index names it");
    const content = known ?? (await this.#git.readBlob(blob));
    const profile = this.#decoded(content, file);
    const itself = storedRun(run.id, profile);
    const differs = (["suiteHash", "frameHash", "commit", "startedAt"] as const).find(
      (key) => itself[key] !== run[key],
    );
    if (profile.suite !== suite) throw this.#broken(file, `is a run of suite ${profile.suite}`);
    if (differs !== undefined)
      throw this.#broken(file, `is not the run that the index names: its ${differs} is another`);
    return profile;
  }

  #decoded(content: Buffer, file: string): Profile {
    try {
      return decodeProfile(content, { file: `${file} on ${this.place}` });
    } catch (error) {
      if (!(error instanceof SquallError)) throw error;
      throw new SquallError("baseline-invalid", error.message, {
        place: `${this.place}: ${file}`,
        remedy: this.#remedy(file),
        detail: error.detail,
        cause: error,
      });
    }
  }
}
