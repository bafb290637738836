/** What a store of baselines is to the rest: adapters/baselines implement it, and a conformance suite holds them equal. */
import type { Baseline, Profile } from "../core/profile.ts";

/** A run in a store, known without reading its samples. */
export interface StoredRun {
  /** Unique in the store, for one suite. */
  readonly id: string;
  readonly suiteHash: string;
  /** As Profile.frameHash. */
  readonly frameHash: string;
  /** Null: stored outside of git. */
  readonly commit: string | null;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** Which of the stored runs (newest last) to read. */
export type ChooseRuns = (runs: readonly StoredRun[]) => Promise<readonly StoredRun[]>;

export interface BaselineStore {
  /**
   * The chosen runs, newest last; null where none is stored or none is chosen. Throws SquallError `baseline-invalid` on a
   * broken file.
   *
   * @param choose absent: the newest runs of one suite text, as many as were asked to be kept
   */
  read(suite: string, choose?: ChooseRuns): Promise<Baseline | null>;
  /** Adds a profile, keeps at least the newest `keep`; atomic: a crash leaves what was there whole. */
  append(suite: string, profile: Profile, keep: number): Promise<Baseline>;
  /** For messages. */
  readonly place: string;
}
