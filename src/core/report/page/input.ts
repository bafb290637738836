import type { Profile } from "../../profile.ts";
import type { Policy } from "../../suite.ts";
import type { Result } from "../../verdict.ts";
import type { Html } from "./html.ts";

/** Everything a page is made of. */
export interface PageInput {
  readonly result: Result;
  /** The run that was judged; null: its samples are not at hand, and there are no charts of them. */
  readonly head: Profile | null;
  /** The runs it was compared with, newest last. */
  readonly baselines: readonly Profile[];
  /** By which it was judged; absent: windows count as the runs themselves marked them. */
  readonly policy?: Pick<Policy, "maxLagP99Ms" | "minAchievedRate" | "pooledRuns">;
}

/** One part of a page, reached by its id. */
export interface Section {
  /** Of the page's own words: `timeline`. */
  readonly id: string;
  readonly title: string;
  readonly body: Html;
}

/** Null: it has nothing to show of this run. At most about 150 KB, however large the run. */
export type SectionOf = (input: PageInput) => Section | null;
