/** What can be asked of an edge: which faults, where they apply, and what speaks for them. One row a question. */
import type { EdgeContext, EdgeRow } from "./candidate.ts";
import { isModel } from "./edge-shape.ts";
import { writtenDelay } from "./figures.ts";
import type { ObservedEdge } from "./observed.ts";
import { probeCounts, protectionOf } from "./protection.ts";
import type { EdgeQuestion } from "./question.ts";
import { latencyWords, probeWords, sizeWords } from "./words.ts";

const http = ({ edge }: EdgeContext): boolean => edge.protocol === "http";
const always = (): boolean => true;
const model = (context: EdgeContext): boolean => http(context) && isModel(context.edge.shape);
const streams = (context: EdgeContext): boolean => http(context) && context.edge.streams;
const whole = (context: EdgeContext): boolean => http(context) && !context.edge.streams;

const lacking = (share: number | null): number | null => (share === null ? null : 1 - share);
const general = (): null => null;
const unretried = (edge: ObservedEdge): number | null => lacking(protectionOf(edge).retried);
const single = (edge: ObservedEdge): string => probeWords(edge, "single-failure");

/** From here on a transfer takes time of its own. */
const LARGE_BYTES = 64 * 1024;
/** Calls a connection from which on it is kept open for the next. */
const REUSED = 1.5;

/** Shows in the median and keeps within what a person would wait. */
const slowness = ({ edge: { p50Ms, p95Ms } }: EdgeContext): string =>
  writtenDelay(Math.min(2000, Math.max(300, 3 * p50Ms, p95Ms)));

const FAILURES: Readonly<
  Record<
    "single-failure" | "outage" | "hang" | "rate-limited" | "long-retry-after" | "refused" | "reset",
    EdgeRow
  >
> = {
  "single-failure": {
    suffix: "fails-at-times",
    weight: 1,
    applies: http,
    missing: unretried,
    because: single,
    faults: ({ edge: { edge } }) => [{ kind: "http-error", on: edge, status: 503, fraction: "20%" }],
  },
  reset: {
    suffix: "resets",
    weight: 1,
    onlyIfLogged: "on-http",
    applies: always,
    missing: unretried,
    because: single,
    faults: ({ edge: { edge } }) => [{ kind: "reset", on: edge, fraction: "20%" }],
  },
  hang: {
    suffix: "hangs",
    weight: 0.95,
    applies: always,
    missing: (edge) => lacking(protectionOf(edge).bounded),
    because: (edge) => probeWords(edge, "hang"),
    faults: ({ edge: { edge } }) => [{ kind: "blackhole", on: edge, fraction: "10%" }],
  },
  outage: {
    suffix: "down",
    weight: 0.9,
    applies: http,
    missing: (edge) => lacking(protectionOf(edge).fallback),
    because: (edge) => probeWords(edge, "outage"),
    faults: ({ edge: { edge } }) => [{ kind: "http-error", on: edge, status: 503 }],
  },
  refused: {
    suffix: "refuses",
    weight: 0.9,
    onlyIfLogged: "on-http",
    applies: always,
    missing: (edge) => lacking(protectionOf(edge).fallback),
    because: (edge) => probeWords(edge, "outage"),
    faults: ({ edge: { edge } }) => [{ kind: "refuse", on: edge }],
  },
  "rate-limited": {
    suffix: "rate-limited",
    weight: 0.7,
    applies: model,
    missing: unretried,
    because: (edge) => `models answer 429 when their quota is used up; ${single(edge)}`,
    faults: ({ edge: { edge } }) => [
      { kind: "http-error", on: edge, status: 429, headers: { "retry-after": "2" }, fraction: "20%" },
    ],
  },
  "long-retry-after": {
    suffix: "long-retry-after",
    weight: 0.9,
    // Who never tries again obeys no Retry-After either.
    applies: (context) => http(context) && probeCounts(context.edge, "retry-after") !== null,
    missing: (edge) => {
      const counts = probeCounts(edge, "retry-after");
      return counts === null ? null : counts.timedOut / counts.struck;
    },
    because: (edge) => probeWords(edge, "retry-after"),
    faults: ({ edge: { edge } }) => [
      { kind: "http-error", on: edge, status: 429, headers: { "retry-after": "600" }, fraction: "10%" },
    ],
  },
};

const SLOWNESS: Readonly<Record<"slow" | "slow-transfer" | "first-token-late" | "few-connections", EdgeRow>> =
  {
    slow: {
      suffix: "slow",
      weight: 0.5,
      applies: always,
      missing: general,
      because: latencyWords,
      faults: (context) => [
        {
          kind: http(context) ? "http-delay" : "latency",
          on: context.edge.edge,
          delay: slowness(context),
          fraction: "20%",
        },
      ],
    },
    "first-token-late": {
      suffix: "first-token-late",
      weight: 0.45,
      applies: (context) => streams(context) && isModel(context.edge.shape),
      missing: general,
      because: (edge) => `its answers are streams, and ${latencyWords(edge)}`,
      faults: ({ edge: { edge } }) => [{ kind: "first-token-delay", on: edge, delay: "2s", fraction: "20%" }],
    },
    "slow-transfer": {
      suffix: "slow-transfer",
      weight: 0.3,
      applies: (context) => whole(context) && context.edge.medianBytesDown >= LARGE_BYTES,
      missing: general,
      because: sizeWords,
      faults: ({ edge: { edge } }) => [{ kind: "bandwidth", on: edge, rate: "64KB/s", fraction: "20%" }],
    },
    "few-connections": {
      suffix: "few-connections",
      weight: 0.4,
      onlyIfLogged: "always",
      applies: always,
      missing: general,
      because: latencyWords,
      faults: ({ edge: { edge } }) => [{ kind: "connection-limit", on: edge, max: 2 }],
    },
  };

const CONTENT: Readonly<
  Record<
    | "stream-stalled"
    | "stream-truncated"
    | "stream-error"
    | "corrupt-body"
    | "corrupt-events"
    | "keepalive-race"
    | "too-long",
    EdgeRow
  >
> = {
  "stream-stalled": {
    suffix: "stream-stalls",
    weight: 0.6,
    applies: streams,
    missing: general,
    because: () => "its answers are streams, which may fall silent with the connection open",
    faults: ({ edge: { edge } }) => [
      { kind: "stream-stall", on: edge, afterEvents: 3, stall: "5s", fraction: "10%" },
    ],
  },
  "stream-truncated": {
    suffix: "stream-ends-early",
    weight: 0.55,
    applies: streams,
    missing: general,
    because: () => "its answers are streams, which may end early as if they were complete",
    faults: ({ edge: { edge } }) => [{ kind: "stream-truncate", on: edge, afterEvents: 3, fraction: "20%" }],
  },
  "stream-error": {
    suffix: "stream-error",
    weight: 0.4,
    applies: (context) => streams(context) && isModel(context.edge.shape),
    missing: general,
    because: () => "its answers are streams, in which an error may come after the 200",
    faults: ({ edge: { edge, shape } }) => [
      {
        kind: "stream-error",
        on: edge,
        afterEvents: 3,
        shape: shape === "anthropic" ? "anthropic" : "openai",
        fraction: "20%",
      },
    ],
  },
  "corrupt-events": {
    suffix: "corrupt-events",
    weight: 0.4,
    onlyIfLogged: "always",
    applies: streams,
    missing: general,
    because: () => "its answers are streams of JSON",
    faults: ({ edge: { edge } }) => [{ kind: "event-corrupt", on: edge, fraction: "20%" }],
  },
  "corrupt-body": {
    suffix: "corrupt-answer",
    weight: 0.4,
    applies: whole,
    missing: general,
    because: () => "its answers are read whole, and may be cut off with a status of 200",
    faults: ({ edge: { edge } }) => [{ kind: "body-corrupt", on: edge, fraction: "20%" }],
  },
  "keepalive-race": {
    suffix: "keepalive-race",
    weight: 0.35,
    applies: ({ edge: { callsPerConnection } }) => (callsPerConnection ?? 0) >= REUSED,
    missing: general,
    because: ({ callsPerConnection }) =>
      `its connections are kept for ${Math.round(callsPerConnection ?? 0)} calls each, and one may close just as the next begins`,
    faults: ({ edge: { edge } }) => [{ kind: "keepalive-race", on: edge, idle: "50ms", fraction: "20%" }],
  },
  "too-long": {
    suffix: "prompt-too-long",
    weight: 0.5,
    onlyIfLogged: "always",
    applies: model,
    missing: general,
    because: () => "a model refuses what is longer than its context",
    faults: ({ edge: { edge } }) => [
      {
        kind: "http-error",
        on: edge,
        status: 400,
        headers: { "content-type": "application/json" },
        body: '{"error":{"type":"invalid_request_error","code":"context_length_exceeded","message":"maximum context length exceeded"}}',
        fraction: "20%",
      },
    ],
  },
};

const STARTED_BY_US: ReadonlySet<string> = new Set(["command", "container"]);

const PROCESS: Readonly<Record<"names-lost" | "dependency-killed", EdgeRow>> = {
  "names-lost": {
    suffix: "name-lost",
    weight: 0.5,
    onlyIfLogged: "always",
    applies: always,
    missing: general,
    because: () => "its name may stop to resolve",
    faults: ({ edge: { edge } }) => [{ kind: "dns-fail", names: [edge] }],
  },
  "dependency-killed": {
    suffix: "killed",
    weight: 0.35,
    applies: ({ spec }) => STARTED_BY_US.has(spec.source.type),
    missing: (edge) => lacking(protectionOf(edge).fallback),
    because: () => "squall starts it, so its death and return can be tried",
    faults: ({ edge: { edge } }) => [{ kind: "kill", on: edge, restartAfter: "1s" }],
  },
};

export const EDGE_ROWS: Readonly<Record<EdgeQuestion, EdgeRow>> = {
  ...FAILURES,
  ...SLOWNESS,
  ...CONTENT,
  ...PROCESS,
};
