/** The service's own signs of trouble, named by its suite: would its owner have noticed? */

export type SignalSource =
  /** GET of it answers other than 2xx. `watchedAs`: it is the suite's health or ready path (or both), whose truth is looked at as well. */
  | { readonly type: "path"; readonly path: string; readonly watchedAs?: readonly ("health" | "ready")[] }
  /**
   * A metric of a Prometheus endpoint, summed over its series that bear the labels. `counter`: its growth per second is looked at. Without
   * bounds it shows where it leaves what calm traffic does.
   */
  | {
      readonly type: "metric";
      readonly path: string;
      readonly metric: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly counter: boolean;
      readonly above?: number;
      readonly below?: number;
    }
  /** Lines of the service's log that match this regular expression. */
  | { readonly type: "log"; readonly pattern: string };

export interface Signal {
  readonly name: string;
  readonly source: SignalSource;
}

/**
 * One look: a path's status (of several replicas the worst; 0: no answer), a metric's value (of a counter its growth per second since
 * the last look that could be read), or how many log lines matched since the last look.
 */
export interface SignalSample {
  /** ms from the run's start. */
  readonly atMs: number;
  /** Null: it could not be read. */
  readonly value: number | null;
}

export interface SignalRecord {
  readonly signal: Signal;
  readonly samples: readonly SignalSample[];
}
