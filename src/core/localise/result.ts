/** Which edge or process deviated first and most. */

export interface Suspect {
  /** A dependency's edge by its name, `client`, or a process: `service`, a dependency's name. */
  readonly place: string;
  readonly type: "edge" | "process";
  /** Larger is more suspect; 0: as in calm traffic. */
  readonly score: number;
  /** "errors 0 -> 20 % of calls", "first to deviate, after 1 s", "cpu at its limit" */
  readonly reasons: readonly string[];
}

export type PropagationKind =
  /** Calls per request grew under failures. */
  | "retry-storm"
  /** Requests pile up in the service while its dependencies answer as in calm. */
  | "queueing"
  /** The client's failures are caused by a dependency. */
  | "propagation";

export interface Propagation {
  readonly kind: PropagationKind;
  readonly from: string;
  readonly to: string;
  /** One sentence with its figures. */
  readonly text: string;
}

export interface LocalisationResult {
  readonly scenario: string;
  /** Where the faults were injected: what should be found. */
  readonly truth: readonly string[];
  /** Most suspect first; empty: nothing deviated. */
  readonly suspects: readonly Suspect[];
  readonly right: boolean;
  readonly propagation: readonly Propagation[];
}
