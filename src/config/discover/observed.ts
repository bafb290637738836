/** What `squall discover` saw of a service: plain data, from which everything it proposes is computed. */
import type { DependencySpec } from "../../core/suite.ts";

/** Told from the paths that are asked for, and how answers come. */
export type EdgeShape = "openai" | "anthropic" | "model" | "embeddings" | "search" | "http" | "tcp";

/** What a probe asks of an edge, in the order in which it is asked: gentle before rough. */
export const PROBE_QUESTIONS = ["single-failure", "outage", "hang", "retry-after"] as const;
export type ProbeQuestion = (typeof PROBE_QUESTIONS)[number];

/** Client requests that a probe struck on one edge, and what became of them. */
export interface ProbeCounts {
  readonly struck: number;
  /** Good answers in full. */
  readonly ok: number;
  /** Answers that the service itself marked as a fallback. */
  readonly degraded: number;
  /** Of the rest, those on which the client gave up because nothing came. */
  readonly timedOut: number;
  /** Calls on the edge per client request while the probe ran. */
  readonly callsPerRequest: number;
  /** Median time in which the struck requests ended, ms; null where none was struck. */
  readonly medianMs: number | null;
}

export type ProbeResult = { readonly question: ProbeQuestion } & (
  | { readonly state: "answered"; readonly counts: ProbeCounts }
  /** Why there is no answer, as the end of a sentence. */
  | { readonly state: "not-asked"; readonly why: string }
);

/** One dependency's edge under calm traffic. Shares 0..1, times in ms. */
export interface ObservedEdge {
  readonly edge: string;
  readonly protocol: DependencySpec["protocol"];
  readonly source: DependencySpec["source"]["type"];
  readonly shape: EdgeShape;
  /** Most frequent question without its query, such as "POST /v1/chat/completions"; "" on a TCP edge. */
  readonly question: string;
  readonly calls: number;
  readonly callsPerRequest: number;
  /** Share of client requests that make at least one call here. */
  readonly requestShare: number;
  /** False: whose call is whose could not be told, so that the shares here are estimates. */
  readonly attributable: boolean;
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Do answers come in pieces over time? */
  readonly streams: boolean;
  readonly medianBytesDown: number;
  /** Calls on each connection; null where the edge does not speak HTTP. */
  readonly callsPerConnection: number | null;
  /** Calls that failed with no fault in force. */
  readonly failed: number;
  readonly probes: readonly ProbeResult[];
}

export interface ObservedProcess {
  readonly name: string;
  /** Mean, in cores. */
  readonly cpu: number;
  /** Largest. */
  readonly memoryBytes: number;
}

/** Lines of one log that look alike. No line is ever kept: it may hold secrets. */
export interface LogFinding {
  /** Process whose log it is, or the file that was named. */
  readonly log: string;
  /** Key of LOG_PATTERNS. */
  readonly pattern: string;
  readonly lines: number;
  /** How many of them name each dependency. */
  readonly naming: Readonly<Record<string, number>>;
}

export interface Observed {
  /** Client requests of the calm window. */
  readonly requests: number;
  readonly seconds: number;
  /** Calm requests that failed. */
  readonly failed: number;
  /** Calm requests that were answered with a fallback. */
  readonly degraded: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Are answers to the client event streams? */
  readonly clientStreams: boolean;
  readonly edges: readonly ObservedEdge[];
  /** Dependencies that no calm request called. */
  readonly unreached: readonly string[];
  readonly processes: readonly ObservedProcess[];
  readonly logs: readonly LogFinding[];
  /** What a person should know of how it was seen. */
  readonly notes: readonly string[];
}
