import type { PackMember } from "./pack.ts";

/** What model back ends did to the services around them, each from a public incident. */
export const LLM: readonly PackMember[] = [
  {
    name: "dead-engine",
    why: "The engine takes requests and never answers, while its own health path is well (vllm#39863, kserve#6259).",
    roles: ["model"],
    faults: ({ name }) => [{ kind: "blackhole", on: name }],
  },
  {
    name: "busy-engine",
    why: "The first token of a fifth of the answers is two seconds late (gonka#1421).",
    roles: ["model"],
    needs: "http",
    faults: ({ name }) => [{ kind: "first-token-delay", on: name, delay: "2s", fraction: 0.2 }],
  },
  {
    name: "rate-limited",
    why: "A fifth of the calls is answered 429, Retry-After 1 s.",
    roles: ["model"],
    needs: "http",
    faults: ({ name }) => [
      { kind: "http-error", on: name, status: 429, headers: { "retry-after": "1" }, fraction: 0.2 },
    ],
  },
  {
    name: "long-retry-after",
    why: "A tenth of the calls is told to come back in ten minutes (openai-node#1840).",
    roles: ["model"],
    needs: "http",
    faults: ({ name }) => [
      { kind: "http-error", on: name, status: 429, headers: { "retry-after": "600" }, fraction: 0.1 },
    ],
  },
  {
    name: "shared-quota",
    why: "A quota below the traffic, which sets all retries off together (deer-flow#4294).",
    roles: ["model"],
    needs: "http",
    faults: ({ name }, { rateRps }) => [
      { kind: "rate-limit", on: name, requests: Math.max(1, Math.floor(rateRps * 0.7)), window: "1s" },
    ],
  },
  {
    name: "error-in-stream",
    why: "An error event after a 200 (vllm#57519, and without message_stop anthropic-sdk-python#1258).",
    roles: ["model"],
    needs: "http",
    faults: ({ name }) => [{ kind: "stream-error", on: name, afterEvents: 3, fraction: 0.2 }],
  },
  {
    name: "clean-truncation",
    why: "The stream ends early as if complete (inference-perf#655, vercel/ai#19165).",
    roles: ["model"],
    needs: "http",
    faults: ({ name }) => [{ kind: "stream-truncate", on: name, afterEvents: 5, clean: true, fraction: 0.2 }],
  },
  {
    name: "stalled-stream",
    why: "Five seconds of silence in mid-stream.",
    roles: ["model"],
    needs: "http",
    faults: ({ name }) => [{ kind: "stream-stall", on: name, afterEvents: 3, stall: "5s", fraction: 0.1 }],
  },
  {
    name: "buffering-proxy",
    why: "A proxy holds the stream back and releases it in clumps (dstack#4269).",
    roles: ["model"],
    needs: "http",
    faults: ({ name }) => [{ kind: "buffering", on: name, flushBytes: 4096, fraction: 0.2 }],
  },
  {
    name: "keepalive-race",
    why: "A reused connection closes just as a request arrives (phalanx#5103).",
    roles: ["model"],
    needs: "http",
    faults: ({ name }) => [{ kind: "keepalive-race", on: name, idle: "50ms", fraction: 0.2 }],
  },
  {
    name: "vector-overload",
    why: "Three times the load, after which the vector store must come back (qdrant#1765).",
    roles: ["vector"],
    once: true,
    faults: () => [{ kind: "overload", times: 3 }],
  },
  {
    name: "client-abort",
    why: "A fifth of the clients hangs up in mid-answer; no work may go on for them (vllm#54947).",
    roles: ["model"],
    once: true,
    faults: () => [{ kind: "client-abort", afterEvents: 2, fraction: 0.2 }],
  },
];
