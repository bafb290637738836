/** Every fault of the catalogue on the sensible places of the example service, as suite text. */

const on = (edge: string, faults: readonly string[]): string[] =>
  faults.map((fault) => fault.replace("kind: ", `on: ${edge}, kind: `));

/** A part of the calls, so that calm and struck ones mix. */
const SOME = "fraction: 20%";

const BYTES_AND_HTTP = [
  `{ kind: latency, delay: 200ms, ${SOME} }`,
  `{ kind: bandwidth, rate: 2KB/s, ${SOME} }`,
  `{ kind: slicer, size: 64B, delay: 20ms, ${SOME} }`,
  `{ kind: blackhole, ${SOME} }`,
  "{ kind: refuse }",
  `{ kind: reset, ${SOME} }`,
  `{ kind: close, afterBytes: 200, ${SOME} }`,
  `{ kind: slow-close, delay: 300ms, ${SOME} }`,
  `{ kind: limit-data, bytes: 300, ${SOME} }`,
  "{ kind: connection-limit, max: 1 }",
  `{ kind: http-delay, delay: 300ms, ${SOME} }`,
  `{ kind: http-error, status: 503, ${SOME} }`,
  `{ kind: http-abort, ${SOME} }`,
  `{ kind: body-corrupt, bytes: 40, ${SOME} }`,
  `{ kind: header-drop, header: content-type, ${SOME} }`,
  `{ kind: header-set, header: content-encoding, value: gzip, ${SOME} }`,
  `{ kind: buffering, flushBytes: 4096, ${SOME} }`,
  `{ kind: idle-cut, idle: 10ms, ${SOME} }`,
  `{ kind: keepalive-race, idle: 5ms, ${SOME} }`,
];

const STREAM = [
  `{ kind: first-token-delay, delay: 300ms, ${SOME} }`,
  `{ kind: token-slow, perToken: 20ms, ${SOME} }`,
  `{ kind: stream-stall, stall: 400ms, ${SOME} }`,
  `{ kind: stream-truncate, ${SOME} }`,
  `{ kind: stream-error, ${SOME} }`,
  `{ kind: event-corrupt, share: 20%, ${SOME} }`,
  `{ kind: event-duplicate, share: 50%, ${SOME} }`,
  `{ kind: answer-garbage, ${SOME} }`,
  "{ kind: rate-limit, requests: 10 }",
];

const kindOf = (fault: string): string => /kind: ([a-z-]+)/.exec(fault)?.[1] ?? "";
const only = (faults: readonly string[], kinds: readonly string[]): string[] =>
  faults.filter((fault) => kinds.includes(kindOf(fault)));

const PROCESS = ["{ kind: kill }", "{ kind: pause, for: 1s }", "{ kind: cpu-limit, cpus: 0.1 }"];
const MACHINE = [
  "{ on: service, kind: cpu-stress, workers: 4 }",
  "{ on: service, kind: memory-stress, bytes: 256MiB }",
];
const LOAD = [
  "{ kind: overload, times: 4 }",
  "{ kind: burst, requests: 80 }",
  "{ kind: many-connections, connections: 200 }",
  "{ kind: client-abort, fraction: 30% }",
];
/** What runtime process cannot do. */
const CONTAINER = [
  "{ on: vector, kind: packet-loss, rate: 20% }",
  "{ on: service, kind: memory-limit, bytes: 96MiB }",
  "{ on: service, kind: disk-full, path: /tmp }",
  "{ on: service, kind: disk-slow, writeBps: 1MB/s }",
  "{ on: service, kind: dns-fail, names: [vector] }",
  "{ on: service, kind: clock-skew, offset: -1h }",
  "{ on: service, kind: disconnect }",
];

export interface BenchFault {
  readonly name: string;
  /** One fault in a suite's notation. */
  readonly text: string;
}

/**
 * In short suites, each with calm traffic of its own. Left out on runtime process, with why: tool-args-corrupt (the example's answers
 * have no tool calls to break).
 */
export const benchFaults = (runtime: "process" | "docker"): readonly BenchFault[] =>
  [
    ...on("llm", [...BYTES_AND_HTTP, ...STREAM]),
    ...on(
      "vector",
      only(BYTES_AND_HTTP, [
        "latency",
        "blackhole",
        "refuse",
        "reset",
        "connection-limit",
        "http-delay",
        "http-error",
        "body-corrupt",
      ]),
    ),
    ...on(
      "client",
      only(
        [...BYTES_AND_HTTP, ...STREAM],
        [
          "latency",
          "bandwidth",
          "refuse",
          "reset",
          "http-delay",
          "http-error",
          "body-corrupt",
          "stream-stall",
        ],
      ),
    ),
    ...on("service", PROCESS),
    // It uses 0.03 cores: a limit above that is none.
    ...on(
      "vector",
      PROCESS.map((fault) => fault.replace("cpus: 0.1", "cpus: 0.02")),
    ),
    ...MACHINE,
    ...LOAD,
    ...(runtime === "docker" ? CONTAINER : []),
  ].map((text) => {
    const place = /on: ([a-z]+)/.exec(text)?.[1] ?? "client";
    return { name: `${kindOf(text)}-on-${place}`, text };
  });
