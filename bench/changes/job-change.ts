/** A plausible pull request to one of the two training jobs, and what must be found about a careless one. */
import type { Metric } from "../../src/core/verdict.ts";
import type { Change, Edit } from "./change.ts";

export interface JobChange extends Change {
  /** Any of these is the right finding, under any of the experiments in `shows`; of a harmless one empty. */
  readonly metrics: readonly Metric[];
}

interface Harm {
  readonly metrics: readonly Metric[];
  readonly under: readonly string[];
}

export const carelessJob = (
  name: string,
  title: string,
  { metrics, under }: Harm,
  ...edits: readonly Edit[]
): JobChange => ({ name, title, shows: under, metrics, edge: null, edits });

export const harmlessJob = (name: string, title: string, ...edits: readonly Edit[]): JobChange => ({
  name,
  title,
  shows: [],
  metrics: [],
  edge: null,
  edits,
});
