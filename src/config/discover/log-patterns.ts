/**
 * Known error patterns of logs. Texts alone, no regular expression: what is searched was written by others, and a line may be
 * as long as it likes.
 */
import type { EdgeQuestion, ServiceQuestion } from "./question.ts";

export interface LogPattern {
  /** What such lines look like, in the plural: "connection resets". */
  readonly words: string;
  /** Lower case. */
  readonly texts: readonly string[];
  /** HTTP statuses, where they stand as logs write a status. */
  readonly statuses?: readonly number[];
  /** Experiments it suggests, on the edge it names and on the service. */
  readonly suggests: readonly (EdgeQuestion | ServiceQuestion)[];
}

/** A line counts for the first pattern it fits: those that say more stand first. */
export const LOG_PATTERNS = {
  "connection-refused": {
    words: "refused connections",
    texts: ["econnrefused", "connection refused", "connect call failed"],
    suggests: ["refused", "outage"],
  },
  "connection-reset": {
    words: "connection resets",
    texts: [
      "econnreset",
      "connection reset",
      "connection aborted",
      "epipe",
      "broken pipe",
      "socket hang up",
      "remotedisconnected",
      "server disconnected",
    ],
    suggests: ["reset", "keepalive-race"],
  },
  "name-resolution": {
    words: "names that did not resolve",
    texts: [
      "enotfound",
      "eai_again",
      "name or service not known",
      "temporary failure in name resolution",
      "could not resolve host",
      "nodename nor servname",
    ],
    suggests: ["names-lost", "refused"],
  },
  "rate-limit": {
    words: "rate limits",
    texts: [
      "rate limit",
      "rate-limit",
      "rate_limit",
      "ratelimit",
      "too many requests",
      "quota exceeded",
      "insufficient_quota",
    ],
    statuses: [429],
    suggests: ["rate-limited", "long-retry-after"],
  },
  "context-length": {
    words: "requests too long for the model",
    texts: [
      "context length",
      "context_length",
      "maximum context",
      "token limit",
      "prompt is too long",
      "too many tokens",
      "maximum prompt length",
    ],
    suggests: ["too-long"],
  },
  "pool-exhausted": {
    words: "exhausted pools or deadlocks",
    texts: [
      "deadlock",
      "pool exhausted",
      "pool is exhausted",
      "pool is full",
      "poolexhausted",
      "pool timeout",
      "queuepool limit",
      "too many connections",
      "too many clients",
      "remaining connection slots",
      "emfile",
      "too many open files",
    ],
    suggests: ["few-connections", "slow", "overloaded"],
  },
  "out-of-memory": {
    words: "lack of memory",
    texts: [
      "out of memory",
      "out-of-memory",
      "outofmemory",
      "oomkilled",
      "oom-kill",
      "heap limit",
      "cannot allocate memory",
      "memoryerror",
      "bad_alloc",
      "enomem",
    ],
    suggests: ["little-memory", "memory-neighbour", "killed"],
  },
  "disk-full": {
    words: "full disks",
    texts: ["enospc", "no space left on device", "disk full", "disk quota exceeded"],
    suggests: ["disk-full"],
  },
  "stream-cut": {
    words: "answers that were cut short",
    texts: [
      "premature close",
      "premature_close",
      "incomplete chunked read",
      "incompleteread",
      "incomplete read",
      "unexpected eof",
      "unexpected end of stream",
      "peer closed connection",
      "other side closed",
    ],
    suggests: ["stream-truncated", "reset"],
  },
  "bad-json": {
    words: "answers that did not parse",
    texts: [
      "unexpected token",
      "unexpected end of json",
      "jsondecodeerror",
      "expecting value: line",
      "invalid json",
      "unterminated string in json",
      "failed to parse json",
      "not valid json",
    ],
    suggests: ["corrupt-body", "corrupt-events"],
  },
  timeout: {
    words: "timeouts",
    texts: [
      "etimedout",
      "timed out",
      "timeouterror",
      "readtimeout",
      "connecttimeout",
      "timeout exceeded",
      "request timeout",
      "aborted due to timeout",
      "deadline exceeded",
      "deadline_exceeded",
      "headers timeout",
      "body timeout",
      "und_err_headers_timeout",
    ],
    statuses: [408],
    suggests: ["hang", "slow"],
  },
  "server-error": {
    words: "errors of a server",
    texts: [
      "service unavailable",
      "bad gateway",
      "gateway timeout",
      "gateway time-out",
      "internal server error",
      "overloaded_error",
      "overloadederror",
      "model is overloaded",
    ],
    statuses: [500, 502, 503, 504, 529],
    suggests: ["single-failure", "outage"],
  },
  crash: {
    words: "crashes or unhandled errors",
    texts: [
      "unhandled rejection",
      "unhandledrejection",
      "unhandledpromiserejection",
      "uncaught exception",
      "uncaughtexception",
      "traceback (most recent call last)",
      "panic: ",
      "segmentation fault",
      "sigsegv",
      "core dumped",
    ],
    suggests: ["killed", "single-failure"],
  },
  deprecation: {
    words: "deprecations",
    texts: ["deprecationwarning", "is deprecated", "has been deprecated", "will be deprecated"],
    suggests: [],
  },
} as const satisfies Readonly<Record<string, LogPattern>>;

export type LogPatternName = keyof typeof LOG_PATTERNS;

/** What a stored or hostile finding names may be none of ours. */
export const logPattern = (name: string): LogPattern | undefined =>
  Object.hasOwn(LOG_PATTERNS, name) ? LOG_PATTERNS[name as LogPatternName] : undefined;
