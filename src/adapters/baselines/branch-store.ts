/** Baselines on a branch of their own, one file a run, written by compare and swap: several writers lose nothing. */
import { setTimeout as delay } from "node:timers/promises";
import { encodeProfile } from "../../config/baseline-file.ts";
import type { Baseline, Profile } from "../../core/profile.ts";
import type { Random } from "../../core/random.ts";
import type { BaselineStore, ChooseRuns } from "../../run/baseline-store.ts";
import type { GitData } from "../../run/forge.ts";
import { newestOfOneText, runId } from "./branch-layout.ts";
import { BranchReader, type Snapshot } from "./branch-reader.ts";
import { addRun } from "./branch-writer.ts";
import { checkSuite, storedRun, withoutExhibits } from "./packed-baseline.ts";

export interface BranchStoreOptions {
  readonly git: GitData;
  /** Default: squall-baselines. */
  readonly branch?: string;
  /** Waits before another attempt at a lost race. */
  readonly sleep?: (ms: number) => Promise<void>;
  /** Where these waits are drawn from; default: the run that is added, so that two writers never wait alike. */
  readonly random?: Random;
}

export const branchBaselineStore = ({
  git,
  branch = "squall-baselines",
  sleep = async (ms) => delay(ms),
  random,
}: BranchStoreOptions): BaselineStore => {
  const reader = new BranchReader(git, branch);

  const readOnce = async (
    suite: string,
    snapshot: Snapshot | null,
    choose: ChooseRuns | undefined,
  ): Promise<Baseline | null> => {
    if (snapshot === null || snapshot.index === null) return null;
    const { blobs, index } = snapshot;
    const byId = new Map(index.runs.map((run) => [run.id, run]));
    const chosen = choose === undefined ? newestOfOneText(index) : await choose(index.runs);
    const runs = chosen.flatMap(({ id }) => byId.get(id) ?? []);
    return runs.length === 0 ? null : reader.runs(suite, runs, blobs);
  };

  const read = async (suite: string, choose?: ChooseRuns): Promise<Baseline | null> => {
    const snapshot = await reader.look(suite);
    try {
      return await readOnce(suite, snapshot, choose);
    } catch (error) {
      // A run may have been removed by a writer meanwhile, and its blob be gone: then what is there now counts.
      if (snapshot === null || (await reader.isAt(snapshot.commit))) throw error;
      return readOnce(suite, await reader.look(suite), choose);
    }
  };

  const append = async (suite: string, profile: Profile, keep: number): Promise<Baseline> => {
    checkSuite(suite, profile);
    const content = encodeProfile(withoutExhibits(profile));
    const run = storedRun(runId(profile, content), profile);
    const { index, blobs } = await addRun({
      git,
      branch,
      place: reader.place,
      look: async () => reader.look(suite),
      sleep,
      random,
      suite,
      run,
      content,
      keep: Math.max(1, Math.trunc(keep)),
    });
    return reader.runs(suite, newestOfOneText(index), blobs, new Map([[run.id, content]]));
  };

  return { place: reader.place, read, append };
};
