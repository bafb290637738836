/** Request sets, expectations and arrivals: what is replayed, and what counts as a good answer. */

export interface Expectation {
  /** Allowed statuses; default any 2xx. */
  readonly status?: readonly number[];
  /** JSON Schema the (joined) answer must satisfy. */
  readonly jsonSchema?: Readonly<Record<string, unknown>>;
  /** Every text must occur in the answer. */
  readonly contains?: readonly string[];
  /** The answer's text must equal the one seen in the calm pass of the same run. */
  readonly equalsCalm?: boolean;
  /** A stream must end by content (finish reason or end sentinel). Default true for streams. */
  readonly streamComplete?: boolean;
}

/** One line of a request set. `{{nonce}}` in path, header values or body becomes unique per repetition. */
export interface RequestTemplate {
  readonly id: string;
  readonly method: string;
  /** Path and query, beginning with "/". */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Body text, already serialised; absent for none. */
  readonly body?: string;
  /** Relative frequency, > 0. */
  readonly weight: number;
  /** Recorded offset from the start, for `arrivals: recorded`. */
  readonly atMs?: number;
  readonly expect: Expectation;
  /** Is the answer an event stream? `auto` decides by content-type. */
  readonly stream: boolean | "auto";
}

export interface RequestSet {
  readonly requests: readonly RequestTemplate[];
  /** sha256 of the canonical JSON of the requests. */
  readonly hash: string;
}

export type Arrivals = "constant" | "poisson" | "recorded" | "closed";

export interface Deadlines {
  readonly connectMs: number;
  readonly headersMs: number;
  readonly firstContentMs: number;
  readonly silenceMs: number;
  readonly totalMs: number;
}

/** How the service tells that an answer is a fallback. Any one that matches marks the answer `degraded`. */
export interface DegradedMarker {
  readonly header?: { readonly name: string; readonly value?: string };
  /** Dotted path in a JSON answer (or in any event of a stream) and the value that marks it; without a value: present and truthy. */
  readonly jsonPath?: { readonly path: string; readonly value?: unknown };
  readonly text?: string;
}

/** How a stream shows by its content that it is whole. */
export interface StreamEnd {
  /** Data line(s) that end a stream, such as `[DONE]`; or an event name such as `message_stop`. */
  readonly sentinels: readonly string[];
  /** Dotted paths at which a non-null value is a finish reason, such as `choices.0.finish_reason`. */
  readonly finishPaths: readonly string[];
}

export interface Workload {
  /** Path of the request set, relative to the suite file. */
  readonly requestsPath: string;
  readonly arrivals: Arrivals;
  /** Requests per second (open arrivals). */
  readonly rateRps: number;
  /** In flight at once (closed loop). */
  readonly concurrency: number;
  readonly connections: "fresh" | "reuse";
  readonly maxInFlight: number;
  readonly deadlines: Deadlines;
  /** A complete answer later than this is late (the SLO). */
  readonly sloMs: number;
  readonly degraded?: DegradedMarker;
  readonly streamEnd: StreamEnd;
  /** Headers added to every request. */
  readonly headers: Readonly<Record<string, string>>;
}
