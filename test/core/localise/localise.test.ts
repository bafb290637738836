import { expect, test } from "vitest";
import type { Fault } from "../../../src/core/fault.ts";
import { localise } from "../../../src/core/localise/localise.ts";
import type { LocalisationResult } from "../../../src/core/localise/result.ts";
import type { EdgeSecond, ErrorClass, Profile } from "../../../src/core/profile.ts";
import { type FaultySeries, RATE, type SystemSecond, seriesProfile } from "../../support/series-profile.ts";

const HIT = RATE / 5;

const edgeFault = (on: string): Fault => ({ kind: "reset", on, fraction: 0.2, attempts: 1 });
const cpuLimit = (on: string): Fault => ({ kind: "cpu-limit", cpus: 0.1, on, fraction: 1, attempts: "all" });

const one = (series: FaultySeries): LocalisationResult => {
  const [result] = localise(seriesProfile(series));
  if (result === undefined) throw new Error("no experiment was localised");
  return result;
};

const failing = (row: EdgeSecond, name: ErrorClass, count: number): EdgeSecond => ({
  ...row,
  errorsByClass: { ...row.errorsByClass, [name]: count },
});

/** So many ms longer, on average, for the whole of a call. */
const slower = (row: EdgeSecond, addMs: number): EdgeSecond => ({
  ...row,
  meanMs: row.meanMs + addMs,
  p95Ms: row.p95Ms + 4 * addMs,
  inFlight: Math.round((row.calls * (row.meanMs + addMs)) / 1000),
});

const slowerUpstream = (row: EdgeSecond, addMs: number): EdgeSecond => ({
  ...slower(row, addMs),
  upstreamMs: (row.upstreamMs ?? 0) + addMs,
});

type Strike = (second: SystemSecond, place: number) => void;

/** What a fault of each sort looks like, where it is, and a figure that must be among the reasons. */
const CASES: readonly {
  readonly name: string;
  readonly fault: Fault;
  readonly strike: Strike;
  readonly deaths?: FaultySeries["deaths"];
  readonly place: string;
  readonly reason: RegExp;
}[] = [
  {
    name: "errors of a dependency, passed on to clients",
    fault: edgeFault("model"),
    strike: (second) => {
      second.model = failing(second.model, "server-error", HIT);
      second.client = failing(second.client, "server-error", HIT);
    },
    place: "model",
    reason: /^errors \(5xx\) 0 % -> 20 % of calls$/,
  },
  {
    name: "a slow dependency, for which the service and its clients wait",
    fault: edgeFault("model"),
    strike: (second) => {
      second.model = slower(second.model, 60);
      second.client = slowerUpstream(second.client, 60);
    },
    place: "model",
    reason: /times as slow/,
  },
  {
    name: "silences inside a dependency's answers",
    fault: edgeFault("model"),
    strike: (second) => {
      second.model = { ...second.model, longestGapMs: 400, meanGapMs: 90 };
      second.client = { ...second.client, longestGapMs: 420, meanGapMs: 95 };
    },
    place: "model",
    reason: /silences inside answers/,
  },
  {
    name: "answers of a dependency cut short without an error",
    fault: edgeFault("model"),
    strike: (second) => {
      second.model = { ...second.model, answerBytes: (second.model.answerBytes ?? 0) * 0.85 };
      second.badAnswers = HIT;
    },
    place: "model",
    reason: /another size/,
  },
  {
    name: "a dependency that its caller gives up on",
    fault: edgeFault("search"),
    strike: (second) => {
      second.search = failing(second.search, "aborted", HIT);
      second.client = failing(second.client, "server-error", HIT);
    },
    place: "search",
    reason: /^given up 0 % -> 20 % of calls$/,
  },
  {
    name: "a dependency that no call reaches any more, and the later one that is not asked for it",
    fault: edgeFault("search"),
    strike: (second) => {
      second.search = { ...second.search, calls: 0 };
      second.model = { ...second.model, calls: 0 };
      second.client = failing(second.client, "server-error", RATE);
    },
    place: "search",
    reason: /calls no longer arrive \(1 -> 0 calls a request\)/,
  },
  {
    name: "a dependency to which callers connect again and again",
    fault: edgeFault("search"),
    strike: (second) => {
      second.search = { ...second.search, connections: 12 };
    },
    place: "search",
    reason: /connections a call/,
  },
  {
    name: "calls that the client edge never passed on",
    fault: edgeFault("client"),
    strike: (second) => {
      second.client = { ...failing(second.client, "server-error", HIT), upstreamCalls: RATE - HIT };
      second.search = { ...second.search, calls: RATE - HIT };
      second.model = { ...second.model, calls: RATE - HIT };
    },
    place: "client",
    reason: /never passed on to the service 0 % -> 20 % of calls/,
  },
  {
    name: "answers held up on the client edge while the service is as quick as ever",
    fault: edgeFault("client"),
    strike: (second) => {
      second.client = slower(second.client, 60);
    },
    place: "client",
    reason: /by what the edge adds/,
  },
  {
    name: "answers that stand still on the client edge alone",
    fault: edgeFault("client"),
    strike: (second) => {
      second.client = { ...second.client, longestGapMs: 450 };
    },
    place: "client",
    reason: /silences inside answers that nobody behind makes/,
  },
  {
    name: "answers that only clients find broken",
    fault: edgeFault("client"),
    strike: (second) => {
      second.badAnswers = HIT;
    },
    place: "client",
    reason: /only clients found bad/,
  },
  {
    name: "a client edge that nobody can connect to",
    fault: edgeFault("client"),
    strike: (second) => {
      for (const edge of ["client", "search", "model"] as const) second[edge] = { ...second[edge], calls: 0 };
      second.badAnswers = RATE;
    },
    place: "client",
    reason: /requests that never arrived/,
  },
  {
    name: "a service that is slow of itself",
    fault: cpuLimit("service"),
    strike: (second) => {
      second.client = slowerUpstream(second.client, 80);
    },
    place: "service",
    reason: /its own time, without its dependencies'/,
  },
  {
    name: "a service that is kept from the processor",
    fault: cpuLimit("service"),
    strike: (second) => {
      second.client = slowerUpstream(second.client, 40);
      second.service = { ...second.service, cpu: 0.1 };
    },
    place: "service",
    reason: /kept from the processor \(0\.2 cores -> 0\.1 cores\)/,
  },
  {
    name: "a service at its limit",
    fault: cpuLimit("service"),
    strike: (second) => {
      second.service = { ...second.service, cpu: 0.1, cpuLimit: 0.1 };
    },
    place: "service",
    reason: /processor at its limit of 0\.1 cores/,
  },
  {
    name: "a service that stands still",
    fault: { kind: "pause", on: "service", fraction: 1, attempts: "all" },
    strike: (second) => {
      second.client = slowerUpstream(second.client, 700);
      second.service = { ...second.service, cpu: 0 };
    },
    place: "service",
    reason: /stood still while requests waited/,
  },
  {
    name: "a service that dies, whose clients are refused and whose dependencies are not asked",
    fault: {
      kind: "kill",
      signal: "SIGKILL",
      restartAfterMs: 1000,
      on: "service",
      fraction: 1,
      attempts: "all",
    },
    strike: (second) => {
      second.client = { ...failing(second.client, "refused", RATE), upstreamCalls: 0 };
      second.search = { ...second.search, calls: 0 };
      second.model = { ...second.model, calls: 0 };
    },
    deaths: [{ name: "service-2", exitCode: null, signal: "SIGKILL" }],
    place: "service",
    reason: /ended by SIGKILL, 4 times/,
  },
  {
    name: "a dependency's process that dies",
    fault: {
      kind: "kill",
      signal: "SIGKILL",
      restartAfterMs: 1000,
      on: "search",
      fraction: 1,
      attempts: "all",
    },
    strike: (second) => {
      second.search = { ...failing(second.search, "refused", RATE), upstreamCalls: 0 };
      second.model = { ...second.model, calls: 0 };
      second.client = failing(second.client, "server-error", RATE);
    },
    deaths: [{ name: "search", exitCode: 137, signal: null }],
    place: "search",
    reason: /ended with exit code 137/,
  },
  {
    name: "more load than in calm traffic, under which everything gives way",
    fault: { kind: "overload", times: 3, on: "client", fraction: 1, attempts: "all" },
    strike: (second) => {
      for (const edge of ["client", "search", "model"] as const)
        second[edge] = slowerUpstream({ ...second[edge], calls: 3 * RATE, upstreamCalls: 3 * RATE }, 400);
      second.model = failing(second.model, "server-error", RATE);
      second.sent = 3 * RATE;
    },
    place: "client",
    reason: /3 times as many requests \(30 -> 90 a second\)/,
  },
  {
    name: "one burst of requests",
    fault: { kind: "burst", requests: 20, on: "client", fraction: 1, attempts: "all" },
    strike: (second, place) => {
      if (place !== 1) return;
      second.client = slowerUpstream({ ...second.client, calls: 50, upstreamCalls: 50 }, 300);
      second.search = { ...second.search, calls: 50 };
      second.model = { ...second.model, calls: 50 };
      second.sent = 50;
    },
    place: "client",
    reason: /a burst of 50 requests in one second/,
  },
  {
    name: "clients that hang up, and calls that are let go for it",
    fault: { kind: "client-abort", afterEvents: 1, on: "client", fraction: 0.2, attempts: 1 },
    strike: (second) => {
      second.client = failing(second.client, "aborted", HIT);
      second.model = failing(second.model, "aborted", HIT);
    },
    place: "client",
    reason: /clients hung up 0 % -> 20 % of calls/,
  },
  {
    name: "many connections on which nothing is asked",
    fault: { kind: "many-connections", connections: 200, on: "client", fraction: 1, attempts: "all" },
    strike: (second, place) => {
      if (place === 0) second.client = { ...second.client, connections: 200 };
    },
    place: "client",
    reason: /clients opened 200 connections in one second/,
  },
];

test.each(CASES)("$name", ({ fault, strike, deaths, place, reason }) => {
  const { suspects, right, truth } = one({ fault, strike, ...(deaths === undefined ? {} : { deaths }) });
  expect(suspects[0]?.place).toBe(place);
  expect(suspects[0]?.reasons).toContainEqual(expect.stringMatching(reason));
  expect({ truth, right }).toEqual({ truth: [place], right: true });
});

test("where nothing deviates nobody is suspected, for fifty seeds of noise", () => {
  const blamed = Array.from({ length: 50 }, (_, seed) =>
    one({ fault: edgeFault("model"), strike: () => undefined, seed: seed + 1 }),
  ).flatMap(({ suspects }) => suspects);
  expect(blamed.length).toBeLessThanOrEqual(1);
});

test("what is not asked because an earlier one fails is hardly suspected itself", () => {
  const { suspects } = one({
    fault: edgeFault("search"),
    strike: (second) => {
      second.search = { ...second.search, calls: 0 };
      second.model = { ...second.model, calls: 0 };
    },
  });
  expect(suspects[0]?.place).toBe("search");
  expect(suspects.find(({ place }) => place === "model")?.score).toBeLessThan(0.3);
});

test("connections that were opened in the first instant of a window count, though it covers little of that second", () => {
  const profile = seriesProfile({
    fault: { kind: "many-connections", connections: 200, on: "client", fraction: 1, attempts: "all" },
    strike: (second, place) => {
      if (place === 0) second.client = { ...second.client, connections: 200 };
    },
  });
  const windows = profile.windows.map((window) =>
    window.scenario === "control"
      ? window
      : { ...window, startMs: window.startMs + 700, durationMs: window.durationMs - 700 },
  );
  expect(localise({ ...profile, windows })[0]?.suspects[0]?.place).toBe("client");
});

test("a dependency whose calls are let go for clients that hung up is no suspect", () => {
  const { suspects } = one({
    fault: { kind: "client-abort", afterEvents: 1, on: "client", fraction: 0.2, attempts: 1 },
    strike: (second) => {
      second.client = failing(second.client, "aborted", HIT);
      second.model = failing(second.model, "aborted", HIT);
    },
  });
  expect(suspects.map(({ place }) => place)).toEqual(["client"]);
});

test("a suspect elsewhere is not right", () => {
  const { right, truth } = one({
    fault: edgeFault("search"),
    strike: (second) => {
      second.model = failing(second.model, "server-error", HIT);
    },
  });
  expect({ right, truth }).toEqual({ right: false, truth: ["search"] });
});

test("tries again are a storm when a dependency fails, and clients' errors follow from it", () => {
  const { propagation } = one({
    fault: edgeFault("model"),
    strike: (second) => {
      second.model = { ...failing(second.model, "server-error", 2 * RATE), calls: 2 * RATE, retries: RATE };
      second.client = failing(second.client, "server-error", RATE);
    },
  });
  expect(propagation).toEqual([
    {
      kind: "retry-storm",
      from: "service",
      to: "model",
      text: "model gets 2 calls a request instead of 1 while they fail (errors 0 % -> 100 %).",
    },
    {
      kind: "propagation",
      from: "model",
      to: "client",
      text: "Clients' errors 0 % -> 100 % follow from model: errors at model 0 % -> 100 %.",
    },
  ]);
});

test("requests that pile up while dependencies are as quick as ever queue at the service", () => {
  const { propagation } = one({
    fault: cpuLimit("service"),
    strike: (second) => {
      second.client = slowerUpstream(second.client, 300);
    },
  });
  expect(propagation.map(({ kind, text }) => [kind, text])).toEqual([
    [
      "queueing",
      expect.stringMatching(
        /^Requests pile up at the service: 1\d(\.\d+)? in flight instead of 3(\.\d+)?, while search and model answered no later than in calm traffic\.$/,
      ),
    ],
  ]);
});

test("requests that wait for a slow dependency, or on the client edge, do not queue at the service", () => {
  const waiting = one({
    fault: edgeFault("model"),
    strike: (second) => {
      second.model = slower(second.model, 300);
      second.client = slowerUpstream(second.client, 300);
    },
  });
  const held = one({
    fault: edgeFault("client"),
    strike: (second) => {
      second.client = slower(second.client, 300);
    },
  });
  expect([...waiting.propagation, ...held.propagation].map(({ kind }) => kind)).not.toContain("queueing");
});

test("a run without series, and an experiment whose fault struck nothing, have nothing to find", () => {
  const profile = seriesProfile({ fault: edgeFault("model"), strike: () => undefined });
  expect(localise({ ...profile, edgeSeconds: [] })).toEqual([]);
  const unstruck = profile.windows.map((window) => ({
    ...window,
    receipts: window.receipts.map((receipt) => ({ ...receipt, affected: 0 })),
  }));
  expect(localise({ ...profile, windows: unstruck })).toEqual([]);
});

const suspicion = (profile: Profile): unknown =>
  localise(profile).map(({ suspects, propagation }) => ({ suspects, propagation }));

/** Everything that tells of faults, replaced by something else. */
const blinded = (profile: Profile): Profile => ({
  ...profile,
  scenarios: profile.scenarios.map((scenario) => ({
    ...scenario,
    shape: scenario.shape === "control" ? "control" : "kill",
    scale: "multiplicative",
    faults: [],
    description: "",
  })),
  windows: profile.windows.map((window) => ({ ...window, receipts: [], invalid: "no" })),
  observations: profile.observations.map((row) => ({ ...row, hit: !row.hit })),
  deaths: profile.deaths.map((death) => ({ ...death, injected: !death.injected })),
  recoveries: [],
  edgeCalls: [],
  attribution: [],
  aborts: [],
  notes: [],
});

test.each(CASES)("the truth is not read: $name", ({ fault, strike, deaths }) => {
  const profile = seriesProfile({ fault, strike, ...(deaths === undefined ? {} : { deaths }) });
  expect(suspicion(blinded(profile))).toEqual(suspicion(profile));
});

test.each(CASES)("names of dependencies do not matter: $name", ({ fault, strike, deaths }) => {
  const profile = seriesProfile({ fault, strike, ...(deaths === undefined ? {} : { deaths }) });
  // In another order of the alphabet, too.
  const names: Readonly<Record<string, string>> = { search: "zz-index", model: "a-llm" };
  const named = <T extends { readonly name: string }>(items: readonly T[]): T[] =>
    items.map((item) => ({ ...item, name: names[item.name] ?? item.name }));
  const renamed: Profile = {
    ...profile,
    edgeSeconds: profile.edgeSeconds.map((row) => ({ ...row, edge: names[row.edge] ?? row.edge })),
    processes: named(profile.processes),
    deaths: named(profile.deaths),
  };
  const places = (each: Profile): unknown =>
    localise(each)[0]?.suspects.map(({ place, score }) => [names[place] ?? place, score]);
  expect(places(renamed)).toEqual(places(profile));
});

test("a stored file may claim spans of ages and figures of no size, and is answered", () => {
  const profile = seriesProfile({ fault: edgeFault("model"), strike: () => undefined, rounds: 1 });
  const windows = profile.windows.map((window, index) => ({
    ...window,
    startMs: index === 0 ? 1e300 : -1e11,
    durationMs: 1e308,
  }));
  const edgeSeconds = profile.edgeSeconds.map((row) => ({ ...row, meanMs: -1e308, p95Ms: 1e308 }));
  const results = localise({ ...profile, windows, edgeSeconds });
  expect(results.flatMap(({ suspects }) => suspects).every(({ score }) => Number.isFinite(score))).toBe(true);
});
