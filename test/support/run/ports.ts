/** The ports of a run, implemented on a World. */
import type { FaultKind } from "../../../src/core/fault.ts";
import type { Observation } from "../../../src/core/observation.ts";
import { isFailure } from "../../../src/core/outcome.ts";
import type { RequestTemplate } from "../../../src/core/workload.ts";
import type {
  Engine,
  Injection,
  LoadGenerator,
  LoadWindow,
  PlacedEngineFault,
  PlannedRequest,
  ProcessControl,
  RunningSystem,
  Runtime,
  StartLoad,
} from "../../../src/run/ports.ts";
import type { Behaviour, World } from "./world.ts";

const refuse = (): never => {
  throw new Error("the run asks for what this test does not script");
};

const processControl = (world: World): ProcessControl => ({
  kill: refuse,
  restart: refuse,
  pause: refuse,
  resume: refuse,
  limitCpu: refuse,
  stressCpu: refuse,
  stressMemory: refuse,
  strike: refuse,
  canRelieve: (remedy) => world.script.canRelieve?.(remedy) ?? { ok: false, reason: "not here" },
  relieve: (remedy) => {
    world.relieve(remedy);
    return Promise.resolve({
      receipt: { on: remedy.on, kind: remedy.kind, seen: 1, acted: 1 },
      [Symbol.asyncDispose]: () => Promise.resolve(world.relieve(null)),
    });
  },
  exits: () => world.exits,
  usage: () =>
    Promise.resolve([
      { name: "service", atMs: Date.now(), cpu: 0.5, memoryBytes: 1e6, receivedBytesPerSecond: 7 },
    ]),
  replicas: world.script.serviceUrls?.length ?? 1,
});

export const runningSystem = (world: World, clientUrl = "http://127.0.0.1:1"): RunningSystem => ({
  clientUrl,
  serviceUrls: world.script.serviceUrls ?? [],
  sidecar: {
    setState: refuse,
    receipts: refuse,
    setAttribution: ({ learn }) => {
      world.events.push(learn ? "learn" : "learnt");
      return Promise.resolve();
    },
    takeRecords: () => Promise.resolve(world.takeRecords()),
    followRecords: () => () => Promise.resolve([]),
    setRemedies: (remedies) => world.setRemedies(remedies),
    remedyReceipts: () => Promise.resolve(world.remedyReceipts()),
    active: () => Promise.resolve({ open: world.look(), begun: {}, accepted: {} }),
  },
  processes: processControl(world),
  logFiles: [],
  fingerprint: {
    arch: "x64",
    platform: "linux",
    cpuModel: "memory",
    cpus: 2,
    memoryBytes: 1e9,
    node: "24.0.0",
    runtime: "process",
  },
  [Symbol.asyncDispose]: () => {
    world.events.push("system ended");
    return Promise.resolve();
  },
});

const supports = (world: World, kind: FaultKind) =>
  kind === world.script.cannot ? { ok: false as const, reason: "not here" } : { ok: true as const };

export const runtime = (world: World): Runtime => ({
  name: "process",
  supports: ({ kind }) => supports(world, kind),
  start: () => {
    world.events.push("system started");
    return Promise.resolve(runningSystem(world));
  },
});

/** An engine for edges, and one for processes: a kill is done at once, at its place in the window. */
export const engine = (world: World, name: "sidecar" | "runtime"): Engine => ({
  name,
  supports: ({ kind }) => supports(world, kind),
  inject: (_system, placed: readonly PlacedEngineFault[]): Promise<Injection> => {
    world.placed.push(...placed);
    world.inForce = [...world.inForce, ...placed];
    world.events.push(`inject ${placed.map(({ id }) => id).join(" ")}`);
    const kills = placed.flatMap(({ fault }) =>
      fault.kind === "kill" ? [{ replica: 0, atMs: world.killedAtMs(), signal: fault.signal }] : [],
    );
    return Promise.resolve({
      kills: () => kills,
      receipts: () =>
        Promise.resolve(
          placed.map((one) =>
            name === "runtime"
              ? { faultId: one.id, edge: one.fault.on, seen: 1, affected: 1 }
              : world.receiptOf(one),
          ),
        ),
      clear: () => {
        const error = world.script.clearError?.() ?? null;
        world.events.push(error === null ? "clear" : "clear failed");
        world.inForce = world.inForce.filter((one) => !placed.includes(one));
        return error === null ? Promise.resolve() : Promise.reject(error);
      },
    });
  },
});

const observation = (
  window: number,
  request: PlannedRequest,
  { outcome = "ok", latencyMs = 20, lagMs = 0 }: Behaviour,
): Observation => ({
  window,
  slot: request.slot,
  requestId: request.requestId,
  repetition: request.repetition,
  scheduledMs: request.atMs,
  lagMs,
  ttftMs: latencyMs,
  latencyMs,
  outcome,
  status: outcome === "ok" ? 200 : 0,
  hit: request.hit,
  maxGapMs: null,
  chunks: 1,
  bytes: 10,
  answerHash: request.requestId,
});

const calm = (requests: readonly RequestTemplate[], world: World): Observation[] =>
  requests.map(({ id }, slot) =>
    observation(
      -1,
      { slot, atMs: 0, requestId: id, repetition: -1, hit: false },
      { outcome: world.script.calmOutcome ?? "ok" },
    ),
  );

export const startLoad =
  (world: World): StartLoad =>
  ({ requests }) => {
    world.events.push("load started");
    let ended = 0;
    let failed = 0;
    const run = async (window: LoadWindow) => {
      const number = world.windows.length;
      world.windows.push(window);
      const startedAtMs = world.begin(window);
      const observations = window.requests.map((request) => {
        const behaviour = world.script.answer?.(request, window, number) ?? {};
        if (behaviour.outcome !== "unsent") world.call(request, startedAtMs + request.atMs);
        return observation(window.window, request, behaviour);
      });
      ended += observations.length;
      failed += observations.filter(({ outcome }) => isFailure(outcome)).length;
      await world.script.hold?.(window);
      return {
        observations,
        lagP99Ms: 0,
        achievedRate: 1,
        eventLoopP99Ms: 0,
        startedAtMs,
        endedAtMs: world.endedAtMs(),
      };
    };
    const load: LoadGenerator = {
      counts: () => ({ ended, failed }),
      calmPass: () => Promise.resolve(calm(requests, world)),
      run,
      probeUntilGood: () => {
        world.events.push("probe");
        return Promise.resolve(world.script.probe?.(world.startedAtMs) ?? null);
      },
      [Symbol.asyncDispose]: () => {
        world.events.push("load ended");
        return Promise.resolve();
      },
    };
    return Promise.resolve(load);
  };
