/** What discover could have seen, for tests of what is made of it. */
import * as fc from "fast-check";
import { LOG_PATTERNS } from "../../../src/config/discover/log-patterns.ts";
import type {
  EdgeShape,
  LogFinding,
  Observed,
  ObservedEdge,
  ProbeCounts,
  ProbeQuestion,
  ProbeResult,
} from "../../../src/config/discover/observed.ts";
import { PROBE_QUESTIONS } from "../../../src/config/discover/observed.ts";
import { mustParse, suiteWith } from "../support.ts";

export const SUITE_TEXT = suiteWith({
  dependencies: {
    llm: { stub: "openai" },
    vector: { command: "node vector.ts" },
    db: { command: "node db.ts", protocol: "tcp" },
    api: { url: "http://127.0.0.1:9" },
  },
});
export const suite = mustParse(SUITE_TEXT).suite;

export const counts = (parts: Partial<ProbeCounts> = {}): ProbeCounts => ({
  struck: 10,
  ok: 10,
  degraded: 0,
  timedOut: 0,
  callsPerRequest: 1,
  medianMs: 100,
  ...parts,
});

export const answered = (question: ProbeQuestion, parts: Partial<ProbeCounts> = {}): ProbeResult => ({
  question,
  state: "answered",
  counts: counts(parts),
});

/** Nothing reaches the client. */
export const PROTECTED = [
  answered("single-failure"),
  answered("outage", { ok: 0, degraded: 10 }),
  answered("hang"),
  answered("retry-after"),
];
/** Everything does. */
export const BARE = [
  answered("single-failure", { ok: 0 }),
  answered("outage", { ok: 0 }),
  answered("hang", { ok: 0, timedOut: 10 }),
  { question: "retry-after", state: "not-asked", why: "nothing tries again, so nothing waits" } as const,
];

export const edge = (name: string, parts: Partial<ObservedEdge> = {}): ObservedEdge => ({
  edge: name,
  protocol: "http",
  source: "stub",
  shape: "http",
  question: "POST /x",
  calls: 80,
  callsPerRequest: 1,
  requestShare: 1,
  attributable: true,
  p50Ms: 40,
  p95Ms: 60,
  streams: false,
  medianBytesDown: 800,
  callsPerConnection: 1,
  failed: 0,
  probes: [],
  ...parts,
});

export const observed = (parts: Partial<Observed> = {}): Observed => ({
  requests: 80,
  seconds: 4,
  failed: 0,
  degraded: 0,
  p50Ms: 100,
  p95Ms: 150,
  clientStreams: false,
  edges: [],
  unreached: [],
  processes: [],
  logs: [],
  notes: [],
  ...parts,
});

const anyCounts: fc.Arbitrary<ProbeCounts> = fc
  .tuple(fc.nat(40), fc.nat(40), fc.nat(40), fc.nat(40))
  .chain(([ok, degraded, timedOut, failed]) =>
    fc.record({
      struck: fc.constant(ok + degraded + timedOut + failed),
      ok: fc.constant(ok),
      degraded: fc.constant(degraded),
      timedOut: fc.constant(timedOut),
      callsPerRequest: fc.double({ min: 0, max: 50, noNaN: true }),
      medianMs: fc.option(fc.double({ min: 0, max: 60_000, noNaN: true })),
    }),
  );

const anyProbes: fc.Arbitrary<readonly ProbeResult[]> = fc.tuple(
  ...PROBE_QUESTIONS.map((question) =>
    fc.oneof(
      anyCounts.map((each): ProbeResult => ({ question, state: "answered", counts: each })),
      fc.string().map((why): ProbeResult => ({ question, state: "not-asked", why })),
    ),
  ),
);

const SHAPES = [
  "openai",
  "anthropic",
  "model",
  "embeddings",
  "search",
  "http",
] as const satisfies EdgeShape[];
const positive = (max: number) => fc.double({ min: 0, max, noNaN: true });

const anyEdge = (name: string): fc.Arbitrary<ObservedEdge> => {
  const spec = suite.dependencies.find((each) => each.name === name);
  if (spec === undefined) throw new Error(`no dependency ${name}`);
  return fc.record({
    edge: fc.constant(name),
    protocol: fc.constant(spec.protocol),
    source: fc.constant(spec.source.type),
    shape: spec.protocol === "tcp" ? fc.constant<EdgeShape>("tcp") : fc.constantFrom(...SHAPES),
    question: fc.string(),
    calls: fc.nat(1000),
    callsPerRequest: positive(40),
    requestShare: positive(1),
    attributable: fc.boolean(),
    p50Ms: positive(60_000),
    p95Ms: positive(60_000),
    streams: spec.protocol === "tcp" ? fc.constant(false) : fc.boolean(),
    medianBytesDown: fc.nat(10_000_000),
    callsPerConnection: spec.protocol === "tcp" ? fc.constant(null) : positive(1000),
    failed: fc.nat(10),
    probes: anyProbes,
  });
};

const anyLog: fc.Arbitrary<LogFinding> = fc.record({
  log: fc.oneof(fc.constantFrom("service", "llm", "vector", "db"), fc.string()),
  pattern: fc.oneof(fc.constantFrom(...Object.keys(LOG_PATTERNS)), fc.string()),
  lines: fc.nat(1_000_000),
  naming: fc.dictionary(fc.oneof(fc.constantFrom("llm", "vector", "db", "api"), fc.string()), fc.nat(1000)),
});

/** Of the suite above. */
export const anyObserved: fc.Arbitrary<Observed> = fc
  .tuple(
    fc.subarray(suite.dependencies.map(({ name }) => name)).chain((names) => fc.tuple(...names.map(anyEdge))),
    fc.array(anyLog, { maxLength: 8 }),
    fc.boolean(),
    fc.array(
      fc.record({
        name: fc.constantFrom("service", "service-2", "vector"),
        cpu: positive(16),
        memoryBytes: fc.nat(2_000_000_000),
      }),
      { maxLength: 3 },
    ),
  )
  .map(([edges, logs, clientStreams, processes]) => observed({ edges, logs, clientStreams, processes }));
