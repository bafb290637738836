import type { DetectorName } from "./detect/result.ts";
import type { Fault } from "./fault.ts";
import type { FrontierRange } from "./frontier/range.ts";
import type { AcceptanceScope } from "./gate/gate-record.ts";
import type { JobTrigger } from "./job/trigger.ts";
import type { JobWorkload } from "./job/workload.ts";
import type { RecoveryRule } from "./recovery-policy/rule.ts";
import type { Signal } from "./signals/signal.ts";
import type { Workload } from "./workload.ts";

/** A command that is started and ended by the runtime. */
export interface ProcessSpec {
  /**
   * argv; `{{port}}` and `{{name}}` (a dependency's URL) are substituted here and in env; for a job also `{{rank}}`, `{{workers}}`,
   * `{{checkpoints}}` and `{{disk}}`.
   */
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

/** Where a container's image comes from. Paths are relative to the suite file. */
export type ImageSource =
  | { readonly type: "image"; readonly image: string }
  | {
      readonly type: "build";
      readonly context: string;
      /** Relative to the context. */
      readonly dockerfile: string;
      readonly target?: string;
      readonly args: Readonly<Record<string, string>>;
      /** False: every step is done anew. */
      readonly cache: boolean;
    }
  /** A service of an existing compose file: its image or build, command, environment, ports and volumes. */
  | { readonly type: "compose"; readonly file: string; readonly service: string };

/** Something that runs in a container; its command is the image's (or the compose file's) own. */
export interface ContainerSpec {
  readonly source: ImageSource;
  /** `{{port}}` and `{{name}}` are substituted here; stands over what a compose file says. */
  readonly env: Readonly<Record<string, string>>;
  /** Port it listens on; 0: the one port that the compose file names. */
  readonly port: number;
  /** Path of a GET that answers 2xx when ready; absent: a TCP connection. */
  readonly ready?: string;
  readonly readyTimeoutMs: number;
  /** Cores it may use; absent: all. */
  readonly cpus?: number;
  readonly memoryBytes?: number;
  /** Cores it may run on, such as "0" or "0-2"; absent: squall parts load generator and service where there are enough. */
  readonly cpuset?: string;
  /** Copied in before it starts. `source` relative to the suite file, `target` absolute. */
  readonly files: readonly { readonly source: string; readonly target: string }[];
  /** Absolute directories that get an empty volume of the run's own, kept over a kill and gone after the run. */
  readonly volumes: readonly string[];
}

export interface ServiceSpec {
  /** Absent where the suite only says build, image or compose: then runtime docker is needed. */
  readonly process?: ProcessSpec;
  /** Present where the suite says build, image or compose. */
  readonly container?: ContainerSpec;
  readonly replicas: number;
  /** Paths whose truth is judged through each fault. */
  readonly healthPath?: string;
  readonly readyPath?: string;
  /** What its owner would notice a fault by; absent: not told. */
  readonly signals?: readonly Signal[];
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
  /** Runtime docker runs the command in the service's image. */
  | { readonly type: "command"; readonly process: ProcessSpec }
  | { readonly type: "url"; readonly url: string }
  | { readonly type: "cassette"; readonly path: string }
  | { readonly type: "container"; readonly container: ContainerSpec };

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
  | "deaths"
  /** Of training jobs (core/job/): shares of runs or restarts, steps, a relative distance. */
  | "completed"
  | "crashes"
  | "fromZero"
  | "lostSteps"
  | "resume"
  | "lossDeviation"
  | "nanSteps";

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
  /** When its faults strike a training job; absent for services. */
  readonly trigger?: JobTrigger;
  /** A strike's faults are gone after this long, whatever each of them says; for jobs alone. */
  readonly strikeMs?: number;
  /** The pack it came from, if any. */
  readonly pack?: string;
}

/** An experiment whose fault has no fixed strength: it is searched for how much of it the service stands. */
export interface Frontier {
  readonly name: string;
  readonly range: FrontierRange;
  /** The fault at each of the range's levels. */
  readonly faults: readonly Fault[];
  /** What must still hold; at least one. */
  readonly expect: readonly Hypothesis[];
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
  /** Share of what is tolerated that may be lost. */
  readonly frontier: number;
  readonly onInconclusive: "pass" | "warn" | "fail";
  readonly onNoBaseline: "pass" | "fail";
  /** What a pull request that loosens its own gate does to it. */
  readonly onWeakened: "warn" | "fail";
  /** How long an accepted regression stays accepted: until the next commit, or as long as the pull request is open. */
  readonly acceptance: AcceptanceScope | "never";
  /** Time for trying remedies after an experiment failed, beyond the budget; 0: none are tried. */
  readonly diagnosisMs: number;
  /** Looks after a third and two thirds of the rounds may end a run that is settled (METHOD 2). */
  readonly earlyStop: boolean;
  /** Runs pooled into one baseline. */
  readonly pooledRuns: number;
  /** A baseline whose newest run is older than this, or more commits behind, is stale: no pass comes of it. */
  readonly maxBaselineAgeMs: number;
  readonly maxBaselineCommits: number;
  /** A window is invalid beyond these. */
  readonly maxLagP99Ms: number;
  readonly minAchievedRate: number;
}

/** How runtime docker does its work. Images by the names under which the engine finds or pulls them. */
export interface DockerSettings {
  /** Base of the sidecar's container; absent: made from the node that runs squall, on Linux. */
  readonly sidecarImage?: string;
}

/** The real Toxiproxy, for faults that ask for engine `toxiproxy`. */
export interface ToxiproxySettings {
  /** API of a server that runs already; absent: runtime docker starts one. */
  readonly url?: string;
  readonly image: string;
}

/** The service that a change is measured side by side with. */
export interface ReferenceSpec {
  readonly source: ReferenceSource;
  /** Confirm what the stored baseline calls regressed or inconclusive, before anyone is alarmed. */
  readonly confirm: boolean;
  /** Of that; absent: the gate's. */
  readonly budgetMs?: number;
}

/** What is done about symptoms while an experiment runs. */
export interface RecoveryPolicy {
  readonly rules: readonly RecoveryRule[];
  /** Also try what earlier runs of the baseline taught; on the default branch, teach it. */
  readonly learn: boolean;
  /** Experiments to run under it; absent: those whose faults go by the clock or limit a process. */
  readonly experiments?: readonly string[];
  /** Time for all of that, beyond the gate's. */
  readonly budgetMs: number;
}

export type ReferenceSource =
  | {
      readonly type: "checkout";
      /** Branch, tag or commit; `base`: the commit that the change starts from. */
      readonly ref: string;
      /** argv, run in the suite's directory of the checkout. */
      readonly prepare?: readonly string[];
    }
  | { readonly type: "image"; readonly image: string }
  | { readonly type: "command"; readonly command: readonly string[] };

export interface Suite {
  readonly version: 1;
  readonly name: string;
  readonly runtime: "auto" | "process" | "docker" | "kubernetes";
  readonly docker: DockerSettings;
  readonly toxiproxy: ToxiproxySettings;
  readonly service: ServiceSpec;
  readonly dependencies: readonly DependencySpec[];
  /** Of a service; what it says means nothing where there is a `job`. */
  readonly workload: Workload;
  /** Present: the service is a training job, and no requests are sent. */
  readonly job?: JobWorkload;
  readonly experiments: readonly Experiment[];
  readonly frontiers: readonly Frontier[];
  readonly policy: Policy;
  /** Absent: nothing can be measured side by side. */
  readonly reference?: ReferenceSpec;
  /** Absent: nothing is done about a fault. */
  readonly recovery?: RecoveryPolicy;
  /** What watches the series; they explain, and never decide. */
  readonly detectors: readonly DetectorName[];
  /** Absent: the seed comes from the suite's hash, so base and head share one schedule (METHOD 10, twins). */
  readonly seed?: number;
  /** sha256 of the canonical JSON of what fixes the measurement: workload, request set, experiments, dependencies. */
  readonly hash: string;
  /** As `hash`, without the experiments: what a new or changed experiment leaves as it was. */
  readonly frameHash: string;
  /** Header and environment names whose values are secrets beyond the built-in list. */
  readonly redact: readonly string[];
}
