/** What the head's runs of a job showed in one scenario, compared with nothing: for tables and the post-mortem. */

/** Where the time of a run went, ms; the parts add up to its duration. Means over the scenario's runs. */
export interface Badput {
  /** First-time steps, as long as they take in calm. */
  readonly productiveMs: number;
  /** Process start to the first step, of every attempt. */
  readonly startMs: number;
  /** Steps that were done again after a restart. */
  readonly lostMs: number;
  /** Between a save's begin and its end. */
  readonly savingMs: number;
  /** No process ran. */
  readonly downMs: number;
  /** Steps beyond what they take in calm, and whatever else. */
  readonly slowMs: number;
}

export interface JobResult {
  readonly scenario: string;
  readonly runs: number;
  readonly completed: number;
  /** Runs with a process that died without our doing. */
  readonly crashed: number;
  readonly strikes: number;
  readonly restarts: number;
  /** Restarts that began again at the start though a checkpoint had been saved. */
  readonly fromZero: number;
  /** Restarts whose process died before it made a step. */
  readonly failedRestarts: number;
  /** Medians; null: nothing of the kind. */
  readonly durationMs: number | null;
  /** Share of the run's time that made progress, 0..1. */
  readonly goodput: number | null;
  readonly lostSteps: number | null;
  /** Fault to the death (or hang) being seen; to the process that came after it; to its first new step. */
  readonly detectMs: number | null;
  readonly restartMs: number | null;
  readonly resumeMs: number | null;
  /** Largest distance of a same-step loss from the calm runs', relative; and what calm runs differ among themselves. */
  readonly lossDeviation: number | null;
  readonly lossTolerance: number | null;
  /** Runs whose loss left that. */
  readonly lossLeft: number;
  readonly finalLoss: number | null;
  readonly nanSteps: number;
  readonly skippedSteps: number;
  readonly orphans: number;
  readonly badput: Badput;
  /** Of the first run: which steps (or saves) were to be struck. */
  readonly plannedStrikes: readonly number[];
}
