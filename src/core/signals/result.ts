/** Would the service's owner have noticed? */

export interface NoticedScenario {
  readonly scenario: string;
  readonly windows: number;
  /** Windows in which the signal showed. */
  readonly shown: number;
  /** From the fault's start to the signal, median over those windows; null: it never showed. */
  readonly medianDelayMs: number | null;
  /** Share of requests that failed or were late: whether there was anything to notice. */
  readonly harmedShare: number;
}

export interface SignalResult {
  readonly signal: string;
  /** "GET /healthz", "metric http_errors_total at /metrics", "log lines /ERROR/" */
  readonly description: string;
  /** Looks that could be read. */
  readonly samples: number;
  /** Why it cannot be told when it showed; absent: it can. */
  readonly untold?: string;
  /** Times it showed in calm traffic, of so many minutes. */
  readonly falselyShown: number;
  readonly calmMs: number;
  readonly scenarios: readonly NoticedScenario[];
}
