/** When the faults of an experiment strike a training job: by its own progress, never by a clock. */
export type JobTrigger =
  /** As soon as this step is logged. */
  | { readonly type: "step"; readonly step: number }
  /** At every so many steps: k, 2k, ... */
  | { readonly type: "every"; readonly steps: number }
  /** At each step with this chance: exactly round(share x steps) of them, drawn from the seed. */
  | { readonly type: "chance"; readonly share: number }
  /** While a checkpoint is being saved: the n-th save of the run (from 1), or each. */
  | { readonly type: "save"; readonly nth: number | "each" };
