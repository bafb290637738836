/** The simulated pairs of runs in test/core/judge/method-cases as profiles, and what the prototype made of them. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Fault } from "../../src/core/fault.ts";
import type { Observation } from "../../src/core/observation.ts";
import type { Profile, Scenario, WindowRecord } from "../../src/core/profile.ts";
import type { Policy } from "../../src/core/suite.ts";

const folder = new URL("../core/judge/method-cases/", import.meta.url);

export interface ExpectedComparison {
  readonly scenario: string;
  readonly metric: string;
  readonly refused?: string;
  readonly D?: number | null;
  readonly E?: number;
  readonly est?: number;
  readonly S?: number;
  readonly df?: number;
  readonly mar?: number;
  readonly L?: number;
  readonly p?: number;
  readonly ok?: boolean;
}

export interface ExpectedCase {
  readonly probe_ratio: number;
  readonly recovery_s: { readonly base: readonly number[]; readonly head: readonly number[] };
  readonly verdict: "pass" | "fail" | "inconclusive";
  readonly rejected: readonly (readonly [string, string])[];
  readonly comparisons: readonly ExpectedComparison[];
}

export const expectedCases = JSON.parse(readFileSync(new URL("expected.json", folder), "utf8")) as Readonly<
  Record<string, ExpectedCase>
>;

/** The parameters the method's cases were made with. */
export const METHOD_POLICY: Policy = {
  budgetMs: 120_000,
  alpha: 0.05,
  latency: { relative: 0.1, absoluteMs: 10 },
  errorRate: 0.005,
  degradedRate: 0.02,
  slowShare: 0.02,
  callsPerRequest: { relative: 0.1, absolute: 0.05 },
  recovery: { relative: 0.25, absoluteMs: 500 },
  frontier: 0.25,
  onInconclusive: "warn",
  onNoBaseline: "pass",
  onWeakened: "warn",
  acceptance: "commit",
  diagnosisMs: 0,
  earlyStop: true,
  pooledRuns: 8,
  maxBaselineAgeMs: 30 * 86_400_000,
  maxBaselineCommits: 500,
  maxLagP99Ms: 5,
  minAchievedRate: 0.99,
};

const on = { on: "llm", attempts: "all" } as const;
const delay = { delayMs: 300, jitterMs: 0, distribution: "constant" } as const;
const FAULTS: Readonly<Record<string, Fault>> = {
  latency: { kind: "latency", direction: "downstream", ...delay, ...on, fraction: 0.2 },
  reset: { kind: "reset", ...on, fraction: 0.1 },
  cpu: { kind: "cpu-limit", cpus: 0.5, on: "service", attempts: "all", fraction: 1 },
  hang: { kind: "blackhole", ...on, fraction: 0.04 },
  kill: {
    kind: "kill",
    signal: "SIGKILL",
    restartAfterMs: 1000,
    on: "service",
    attempts: "all",
    fraction: 1,
  },
};

const shapeOf = (name: string): Scenario["shape"] => {
  switch (name) {
    case "control":
    case "kill":
      return name;
    case "cpu":
      return "ambient";
    default:
      return "attributed";
  }
};

export const METHOD_SCENARIOS: readonly Scenario[] = [
  "control",
  "latency",
  "reset",
  "cpu",
  "hang",
  "kill",
].map((name) => ({
  name,
  shape: shapeOf(name),
  scale: name === "cpu" ? "multiplicative" : "additive",
  faults: FAULTS[name] === undefined ? [] : [FAULTS[name]],
  description: name === "control" ? "calm traffic" : `the ${name} fault`,
}));

const windowOf = (scenario: string, round: number): WindowRecord => ({
  scenario,
  round,
  phase: "load",
  startMs: 0,
  durationMs: 3000,
  guardMs: 0,
  planned: 1,
  lagP99Ms: 0.5,
  achievedRate: 1,
  eventLoopP99Ms: 1,
  receipts: [],
});

/** A profile around rows and windows; everything else is plain. */
export const profileOf = (parts: Pick<Profile, "windows" | "observations"> & Partial<Profile>): Profile => ({
  schemaVersion: 1,
  suite: "cases",
  suiteHash: "suite",
  frameHash: "frame",
  scheduleHash: "schedule",
  seed: 1,
  fingerprint: {
    arch: "x64",
    platform: "linux",
    cpuModel: "cpu",
    cpus: 2,
    memoryBytes: 8e9,
    node: "24.0.0",
    runtime: "process",
  },
  provenance: { startedAt: "2026-01-01T00:00:00.000Z", durationMs: 120_000, tool: "0" },
  probeMs: 100,
  deadlines: {
    connectMs: 1000,
    headersMs: 10_000,
    firstContentMs: 10_000,
    silenceMs: 10_000,
    totalMs: 10_000,
  },
  sloMs: 2000,
  scenarios: METHOD_SCENARIOS,
  recoveries: [],
  edgeCalls: [],
  edgeSeconds: [],
  health: [],
  processes: [],
  deaths: [],
  aborts: [],
  attribution: [],
  measuringMs: 120_000,
  notes: [],
  ...parts,
});

/** One side of a case; its schedule is its own, so that stored mode judges it. */
export const methodCase = (name: string, side: "base" | "head"): Profile => {
  const expected = expectedCases[name];
  if (expected === undefined) throw new Error(`no method case ${name}`);
  const lines = gunzipSync(readFileSync(new URL(`${name}.${side}.csv.gz`, folder)))
    .toString("utf8")
    .trimEnd()
    .split(/\r?\n/)
    .slice(1);
  const windows: WindowRecord[] = [];
  const indexOf = new Map<string, number>();
  const rounds = new Map<string, number>();
  const observations = lines.map((line, slot): Observation => {
    const [at, window = "", scenario = "", requestId = "", latency, ttft, failed, hit] = line.split(",");
    const key = `${scenario}/${window}`;
    let index = indexOf.get(key);
    if (index === undefined) {
      index = windows.length;
      indexOf.set(key, index);
      const round = rounds.get(scenario) ?? 0;
      rounds.set(scenario, round + 1);
      windows.push(windowOf(scenario, round));
    }
    return {
      window: index,
      slot,
      requestId,
      repetition: slot,
      scheduledMs: Number(at) * 1000,
      lagMs: 0,
      ttftMs: Number(ttft),
      latencyMs: Number(latency),
      outcome: failed === "1" ? "status" : "ok",
      status: failed === "1" ? 503 : 200,
      hit: hit === "1",
      maxGapMs: null,
      chunks: 10,
      bytes: 100,
      answerHash: "",
    };
  });
  return profileOf({
    windows,
    observations,
    scheduleHash: side,
    probeMs: side === "head" ? 100 * expected.probe_ratio : 100,
    recoveries: expected.recovery_s[side].map((seconds, round) => ({
      scenario: "kill",
      round,
      signal: "SIGKILL",
      replica: 0,
      recoveryMs: seconds * 1000,
      watchedMs: 10_000,
    })),
  });
};
