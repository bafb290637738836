/** Adds one run to the data branch: look, write, compare and swap, and again where another writer was first. */
import { type BaselineIndex, encodeIndex } from "../../config/stored/baseline-index.ts";
import { SquallError } from "../../core/errors.ts";
import { type Random, randomFor } from "../../core/random.ts";
import { plainText } from "../../core/report/plain-text.ts";
import type { StoredRun } from "../../run/baseline-store.ts";
import type { GitData } from "../../run/forge.ts";
import { indexFile, pruned, README, README_FILE, runFile } from "./branch-layout.ts";
import type { Snapshot } from "./branch-reader.ts";

const MOST_ATTEMPTS = 40;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
/** Writes after which the branch's history goes, where the place can do that: it holds all runs ever removed. */
const COMPACT_EVERY = 50;

export interface Addition {
  readonly git: GitData;
  readonly branch: string;
  readonly place: string;
  /** The branch as it is now; null: there is none. */
  readonly look: () => Promise<Snapshot | null>;
  readonly sleep: (ms: number) => Promise<void>;
  readonly random: Random | undefined;
  readonly suite: string;
  readonly run: StoredRun;
  readonly content: Buffer;
  readonly keep: number;
}

/** What is stored once the run is in. */
export interface Added {
  readonly index: BaselineIndex;
  readonly blobs: Snapshot["blobs"];
}

const foreign = ({ branch, place }: Addition): SquallError =>
  new SquallError(
    "argument-invalid",
    `The ${place} holds something other than baselines: nothing was written.`,
    {
      place,
      remedy: `Give baselines a branch of their own (baseline: branch:<name>), or delete ${branch} if it is not needed.`,
    },
  );

/** Paths to blobs, null for files that go, and the index that says the same. */
const changesOf = async (
  { git, suite, run, keep }: Addition,
  runBlob: string,
  snapshot: Snapshot | null,
): Promise<{ readonly index: BaselineIndex; readonly changes: ReadonlyMap<string, string | null> }> => {
  const old = snapshot?.index ?? null;
  const { stay, go } = pruned([...(old?.runs ?? []), run], keep);
  const index: BaselineIndex = {
    schemaVersion: 1,
    kind: "squall-baseline-index",
    suite,
    keep,
    writes: (old?.writes ?? 0) + 1,
    runs: stay,
  };
  const changes = new Map<string, string | null>([
    [runFile(suite, run.id), runBlob],
    [indexFile(suite), await git.writeBlob(encodeIndex(index))],
  ]);
  if (snapshot?.blobs.has(README_FILE) !== true) changes.set(README_FILE, await git.writeBlob(README));
  for (const { id } of go) {
    const file = runFile(suite, id);
    // A tree refuses to lose what it does not have.
    if (snapshot?.blobs.has(file) === true) changes.set(file, null);
  }
  return { index, changes };
};

const applied = (
  blobs: Snapshot["blobs"],
  changes: ReadonlyMap<string, string | null>,
): Snapshot["blobs"] => {
  const result = new Map(blobs);
  for (const [file, blob] of changes) {
    if (blob === null) result.delete(file);
    else result.set(file, blob);
  }
  return result;
};

/** Nothing depends on it: without, the branch only grows, and the next time comes. */
const compact = async ({ git, branch }: Addition, commit: string, tree: string): Promise<void> => {
  if (git.replaceBranch === undefined) return;
  try {
    const root = await git.writeCommit({ message: "Begin the history anew", tree, parent: null });
    await git.replaceBranch(branch, commit, root);
  } catch (error) {
    if (!(error instanceof SquallError)) throw error;
  }
};

/** @returns null where another writer was first */
const attempt = async (
  addition: Addition,
  runBlob: string,
  snapshot: Snapshot | null,
): Promise<Added | null> => {
  const { git, branch, suite, run } = addition;
  const { index, changes } = await changesOf(addition, runBlob, snapshot);
  const tree = await git.writeTree(snapshot?.tree ?? null, changes);
  const at = run.commit === null ? "" : ` at ${plainText(run.commit.slice(0, 12))}`;
  const message = `Add a run of ${plainText(suite, 60)}${at}`;
  const parent = snapshot?.commit ?? null;
  const commit = await git.writeCommit({ message, tree, parent });
  if (!(await git.moveBranch(branch, parent, commit))) return null;
  if (index.writes % COMPACT_EVERY === 0) await compact(addition, commit, tree);
  return { index, blobs: applied(snapshot?.blobs ?? new Map(), changes) };
};

/**
 * @throws SquallError `argument-invalid` where the branch is somebody else's, `baseline-invalid` where its index is broken,
 * `api-failed` where every attempt lost its race
 */
export const addRun = async (addition: Addition): Promise<Added> => {
  const { git, run, place, sleep } = addition;
  const random = addition.random ?? randomFor(0, "baseline-branch", run.id);
  // The samples first: they are most of the bytes, and the same in every attempt.
  const runBlob = await git.writeBlob(addition.content);
  let doubted = false;
  for (let tried = 0; tried < MOST_ATTEMPTS; tried++) {
    if (tried > 0) await sleep(random.next() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tried));
    const snapshot = await addition.look();
    if (snapshot?.foreign === true) throw foreign(addition);
    if (snapshot?.index?.runs.some(({ id }) => id === run.id) === true) {
      return { index: snapshot.index, blobs: snapshot.blobs };
    }
    try {
      const added = await attempt(addition, runBlob, snapshot);
      if (added !== null) return added;
    } catch (error) {
      // The branch may have moved although the answer was lost: the next look tells. Once; a place that is down stays down.
      if (doubted || !(error instanceof SquallError && error.code === "api-failed")) throw error;
      doubted = true;
    }
  }
  throw new SquallError(
    "api-failed",
    `Another writer was first on the ${place}, ${MOST_ATTEMPTS} times in a row: the run was not added.`,
    {
      place,
      remedy:
        "Run it again; a `concurrency` group in the workflow lets runs on the default branch wait for each other.",
    },
  );
};
