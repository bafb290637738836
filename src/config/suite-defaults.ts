/**
 * Every default of squall.yml, in one place, as a person would write it: the schema, the JSON Schema and docs/suite.md
 * all take them from here. Margins, alpha, limits of lag and rate, pooled runs: METHOD.md sections 3, 6, 7 and 10.
 */
export const SUITE_DEFAULTS = {
  runtime: "auto",
  service: { cwd: ".", port: 0, replicas: 1, readyTimeout: "30s" },
  signals: { at: "/metrics" },
  dependency: { cwd: ".", port: 0, readyTimeout: "30s", protocol: "http" },
  stub: {
    firstToken: "60ms",
    firstTokenJitter: "10ms",
    perToken: "4ms",
    perTokenJitter: "1ms",
    tokens: "20..60",
    slots: 64,
    queue: 256,
    embeddingDimensions: 256,
  },
  build: { context: ".", dockerfile: "Dockerfile", cache: true },
  toxiproxy: { image: "ghcr.io/shopify/toxiproxy:2.12.0" },
  workload: {
    rate: "20/s",
    concurrency: 8,
    connections: "fresh",
    maxInFlight: 512,
    slo: "5s",
  },
  deadlines: { connect: "2s", headers: "10s", firstContent: "10s", silence: "10s", total: "30s" },
  streamEnd: {
    /** OpenAI and its kin; Anthropic's event name. */
    sentinels: ["[DONE]", "message_stop"],
    /** OpenAI chat and completions, Anthropic's message_delta, Ollama (which sends a null finish reason), Gemini. */
    finishPaths: ["choices.0.finish_reason", "delta.stop_reason", "done_reason", "candidates.0.finishReason"],
  },
  job: {
    workers: 1,
    timeout: "10m",
    repeats: 3,
    log: "auto",
    metricsPath: "/metrics",
    restart: { limit: 5, backoff: "500ms", maxBackoff: "10s", scope: "job" },
  },
  kill: { signal: "SIGKILL", restartAfter: "1s" },
  stream: { afterEvents: 3, share: 0.1, cut: 0.5 },
  gate: {
    budget: "120s",
    alpha: 0.05,
    onInconclusive: "warn",
    onNoBaseline: "pass",
    onWeakened: "warn",
    acceptance: "commit",
    diagnosis: "60s",
    earlyStop: true,
    pooledRuns: 8,
    maxBaselineAge: "30d",
    maxBaselineCommits: 500,
    maxLagP99: "5ms",
    minAchieved: "99%",
  },
  recovery: { times: 1, coolDown: "5s", learn: false, budget: "60s" },
  detectors: ["mean-variance", "random-forest"],
  minEffect: {
    latency: "10% and 10ms",
    errorRate: "0.5pt",
    degradedRate: "2pt",
    slowShare: "2pt",
    callsPerRequest: "10% and 0.05",
    recovery: "25% and 500ms",
    frontier: "25%",
  },
} as const;

/** A budget below this cannot hold a calm pass and one fault. */
export const SHORTEST_BUDGET_MS = 10_000;

/** The engine gives no container less. */
export const LEAST_MEMORY_BYTES = 6 * 1024 * 1024;

/** A suite file larger than this is refused unread: no real one comes near. */
export const LARGEST_SUITE_BYTES = 1024 * 1024;

/** Names of edges and substitutions of squall's own. */
export const RESERVED_NAMES: readonly string[] = ["client", "service", "port", "self", "nonce", "control"];

/** Further substitutions in the command and environment of a training job. */
export const JOB_NAMES: readonly string[] = ["rank", "workers", "checkpoints", "disk"];
/** Those of them that are directories: also in paths of disk faults. */
export const JOB_DIRECTORIES: readonly string[] = ["checkpoints", "disk"];
