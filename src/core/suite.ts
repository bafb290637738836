import type { Fault } from "./fault.ts";
import type { Workload } from "./workload.ts";

/** A command that is started and ended by the runtime. */
export interface ProcessSpec {
  /** argv; `{{port}}` and `{{name}}` (a dependency's URL) are substituted here and in env. */
  readonly command: readonly string[];
  /** Relative to the suite file. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Port the process listens on; 0: squall picks a free one and passes it as PORT and {{port}}. */
  readonly port: number;
  /** Path of a GET that answers 2xx when ready; absent: a TCP connection. */
  readonly ready?: string;
  readonly readyTimeoutMs: number;
}

/** How the service runs in a container: its command is the image's own. */
export interface ContainerSpec {
  /** `{{port}}` and `{{name}}` are substituted here. */
  readonly env: Readonly<Record<string, string>>;
  readonly port: number;
  /** Path of a GET that answers 2xx when ready; absent: a TCP connection. */
  readonly ready?: string;
  readonly readyTimeoutMs: number;
}

export interface ServiceSpec {
  /** Absent where the suite only says build/image: then runtime docker is needed. */
  readonly process?: ProcessSpec;
  /** Present where the suite says build or image. */
  readonly container?: ContainerSpec;
  readonly image?: string;
  readonly build?: string;
  readonly replicas: number;
  /** Paths whose truth is judged through each fault. */
  readonly healthPath?: string;
  readonly readyPath?: string;
}

/** Seeded times of a model simulator. */
export interface StubModel {
  readonly shape: "openai" | "anthropic";
  readonly firstTokenMs: number;
  readonly firstTokenJitterMs: number;
  readonly perTokenMs: number;
  readonly perTokenJitterMs: number;
  /** Tokens of an answer: drawn from the request's hash, between these. */
  readonly minTokens: number;
  readonly maxTokens: number;
  /** Concurrency slots; a request beyond them waits in the queue. */
  readonly slots: number;
  /** Waiting requests beyond which the stub answers 503 (openai) or 529 (anthropic). */
  readonly queue: number;
  /** Size of an embedding vector. */
  readonly embeddingDimensions: number;
}

export type DependencySource =
  | { readonly type: "stub"; readonly stub: StubModel }
  | { readonly type: "command"; readonly process: ProcessSpec }
  | { readonly type: "url"; readonly url: string }
  | { readonly type: "cassette"; readonly path: string }
  | {
      readonly type: "image";
      readonly image: string;
      readonly port: number;
      readonly container?: ContainerSpec;
    };

export interface DependencySpec {
  readonly name: string;
  /** `tcp`: bytes are relayed unread, and only byte faults apply. */
  readonly protocol: "http" | "tcp";
  readonly source: DependencySource;
}

export type HypothesisMetric =
  | "errorRate"
  | "lateRate"
  | "degradedRate"
  | "incompleteRate"
  | "wrongAnswerRate"
  | "goodput"
  | "p50"
  | "p95"
  | "p99"
  | "ttftP50"
  | "ttftP95"
  | "recovery"
  | "callsPerRequest"
  | "workAfterAbort"
  | "deaths";

/** An absolute hypothesis (`expect:`): holds or fails on the head's run alone. Shares as 0..1, times in ms. */
export interface Hypothesis {
  readonly metric: HypothesisMetric;
  readonly comparator: "<=" | ">=" | "<" | ">";
  readonly limit: number;
  /** For callsPerRequest: the dependency. */
  readonly edge?: string;
  /** As the user wrote it, for messages. */
  readonly text: string;
}

export interface Experiment {
  readonly name: string;
  readonly faults: readonly Fault[];
  readonly expect: readonly Hypothesis[];
  /** The pack it came from, if any. */
  readonly pack?: string;
}

/** Smallest difference that counts, and the ceiling under which a comparison is bounded (METHOD 6). */
export interface Margin {
  readonly relative: number;
  readonly absoluteMs: number;
}

export interface Policy {
  readonly budgetMs: number;
  readonly alpha: number;
  readonly latency: Margin;
  /** Shares, 0..1. */
  readonly errorRate: number;
  readonly degradedRate: number;
  readonly slowShare: number;
  readonly callsPerRequest: { readonly relative: number; readonly absolute: number };
  readonly recovery: { readonly relative: number; readonly absoluteMs: number };
  readonly onInconclusive: "pass" | "warn" | "fail";
  readonly onNoBaseline: "pass" | "fail";
  /** Runs pooled into one baseline. */
  readonly pooledRuns: number;
  /** A window is invalid beyond these. */
  readonly maxLagP99Ms: number;
  readonly minAchievedRate: number;
}

export interface Suite {
  readonly version: 1;
  readonly name: string;
  readonly runtime: "auto" | "process" | "docker" | "kubernetes";
  readonly service: ServiceSpec;
  readonly dependencies: readonly DependencySpec[];
  readonly workload: Workload;
  readonly experiments: readonly Experiment[];
  readonly policy: Policy;
  /** Absent: the seed comes from the suite's hash, so base and head share one schedule (METHOD 10, twins). */
  readonly seed?: number;
  /** sha256 of the canonical JSON of what fixes the measurement: workload, request set, experiments, dependencies. */
  readonly hash: string;
  /** Header and environment names whose values are secrets beyond the built-in list. */
  readonly redact: readonly string[];
}
