/**
 * The service in containers, with the sidecar as a container on its connections (ARCHITECTURE, Runtime docker).
 *
 *   keeper -> images -> networks -> sidecar -> front -> dependencies, ready -> service replicas, ready (of a job: its workers, planned)
 */
import { mkdir } from "node:fs/promises";
import { cpus } from "node:os";
import path from "node:path";
import { SquallError } from "../../../core/errors.ts";
import type { Fault, ProcessFaultKind } from "../../../core/fault.ts";
import type { Fingerprint } from "../../../core/profile.ts";
import type {
  RunningSystem,
  Runtime,
  RuntimeStart,
  RuntimeStrike,
  SidecarControl,
} from "../../../run/ports.ts";
import { containerControl } from "./container-control.ts";
import { containerRelief } from "./container-relief.ts";
import { connectEngine, type DockerEngine } from "./engine.ts";
import { diskSlowSupported } from "./faults/disk-slow.ts";
import { strikeContainers } from "./faults/registry.ts";
import { jobControl } from "./job-control.ts";
import { onVolume } from "./job-volumes.ts";
import { startRunKeeper } from "./keeper-process.ts";
import { newRunId, runLabels } from "./labels.ts";
import { MemoryLimits } from "./memory-limits.ts";
import { packetFilterSupported } from "./packet-filter-image.ts";
import { RunContainers } from "./run-containers.ts";
import { type RunContext, runContext, startFrame } from "./run-frame.ts";
import { faultContextOf, neighbourOf } from "./strike-parts.ts";
import type { EdgePlace } from "./topology.ts";
import { WorkerStrikes } from "./worker-strikes.ts";

const CAN: ReadonlySet<Fault["kind"]> = new Set<ProcessFaultKind | "packet-loss">([
  "kill",
  "node-replace",
  "pause",
  "cpu-limit",
  "cpu-stress",
  "memory-limit",
  "memory-stress",
  "disk-full",
  "disk-slow",
  "dns-fail",
  "disconnect",
  "packet-loss",
]);

const fingerprint = (engine: DockerEngine): Fingerprint => ({
  arch: engine.arch,
  platform: "linux",
  cpuModel: cpus()[0]?.model.trim() ?? "unknown",
  cpus: engine.cpus,
  memoryBytes: engine.memoryBytes,
  node: process.version,
  runtime: "docker",
});

/** What an engine can do to its containers, before anything is started. */
export const supportsFault = (
  engine: Pick<DockerEngine, "cgroupVersion" | "warnings" | "rootless">,
  fault: Fault,
): ReturnType<Runtime["supports"]> => {
  if (!CAN.has(fault.kind)) {
    return { ok: false, reason: `runtime docker cannot do ${fault.kind}; runtime kubernetes can` };
  }
  if (fault.kind === "disk-slow") return diskSlowSupported(engine);
  if (fault.kind === "packet-loss") return packetFilterSupported();
  return { ok: true };
};

/** The sidecar's control without the edges that only we use. */
const controlOf = (control: SidecarControl, direct: readonly EdgePlace[]): SidecarControl => {
  const hidden = new Set(direct.map(({ name }) => name));
  return {
    setState: (state) => control.setState(state),
    receipts: () => control.receipts(),
    setAttribution: (attribution) => control.setAttribution(attribution),
    takeRecords: async () => (await control.takeRecords()).filter(({ edge }) => !hidden.has(edge)),
    followRecords: () => {
      const follow = control.followRecords();
      return async () => (await follow()).filter(({ edge }) => !hidden.has(edge));
    },
    active: () => control.active(),
    setRemedies: (remedies, deadlineMs) => control.setRemedies(remedies, deadlineMs),
    remedyReceipts: () => control.remedyReceipts(),
  };
};

/** Everything in its order; what was started is ended in reverse by one dispose. */
const startAll = async (context: RunContext, end: () => Promise<void>): Promise<RunningSystem> => {
  const { engine } = context;
  const { suite } = context.start;
  const frame = await startFrame(context);
  const containers = new RunContainers(context, frame);
  const memory = new MemoryLimits(engine.docker, engine.memoryBytes);
  await containers.startDependencies();
  const strike = (fault: Fault, seed: number): Promise<RuntimeStrike> =>
    memory.noting(fault, containers, () =>
      strikeContainers(faultContextOf(containers.strikeParts()), onVolume(fault), seed),
    );
  const workers = suite.job === undefined ? null : new WorkerStrikes(containers.services, strike);
  if (workers === null) await containers.startServices();
  else await containers.planWorkers(async (worker) => workers.created(worker));
  const { topology, sidecar, front, networks } = frame;
  const address = sidecar.addresses[networks[0]?.name ?? ""] ?? "";
  // By the container's own address where that leads anywhere: the engine's port forwarder accepts for whoever does not
  // listen, so that a refused connection would look like a closed one.
  const urlOf = ({ name, port }: EdgePlace): string =>
    engine.reachesContainers && address !== ""
      ? `http://${address}:${port}`
      : `http://${engine.host}:${sidecar.hostPort(name)}`;
  const serviceUrls = topology.direct.map(urlOf);
  const job =
    workers === null ? null : jobControl({ containers, strikes: workers, metricsUrl: serviceUrls[0] ?? "" });
  context.stack.defer(async () => job?.close());
  return {
    clientUrl: front?.clientUrl ?? urlOf(topology.client),
    serviceUrls,
    sidecar: controlOf(sidecar.control, topology.direct),
    processes: containerControl({
      services: containers.services,
      dependencies: containers.dependencies,
      added: containers.added,
      relief: containerRelief({
        containers,
        memory,
        control: sidecar.control,
        port: frame.images.servicePort,
      }),
      machineBytes: engine.memoryBytes,
      beside: containers.beside(),
      exits: containers.exits,
      neighbour: neighbourOf(containers.strikeParts()),
      freeBytes: () => (engine.sameMachine ? process.availableMemory() : null),
      strike: (fault, seed) => (workers === null ? strike(fault, seed) : workers.strike(fault, seed)),
    }),
    ...(job === null ? {} : { job }),
    logFiles: [...containers.services, ...containers.dependencies.values()].map(({ plan }) => ({
      name: plan.name,
      path: plan.logFile,
    })),
    fingerprint: fingerprint(engine),
    [Symbol.asyncDispose]: end,
  };
};

const startSystem = async (engine: DockerEngine, start: RuntimeStart): Promise<RunningSystem> => {
  if (start.signal.aborted) throw new SquallError("interrupted", "The run was interrupted before it began.");
  if (start.suite.service.container === undefined) {
    throw new SquallError("fault-unsupported", "Runtime docker needs an image of the service.", {
      place: "service",
      remedy: "Write service.build, service.image or service.compose, or use runtime process.",
    });
  }
  await mkdir(path.join(start.runDirectory, "logs"), { recursive: true });
  const runId = newRunId();
  // Before anything it must keep.
  const keeper = await startRunKeeper(runId);
  const labels = runLabels(runId, engine.reaperLabels);
  const context = runContext(engine, start, start.suite.service.container, labels);
  const end = async (): Promise<void> => {
    try {
      await context.stack.disposeAsync();
      keeper.dismiss();
    } catch (error) {
      keeper.sweep();
      throw error;
    }
  };
  try {
    return await startAll(context, end);
  } catch (error) {
    // What was half made when it failed is on no list of ours: the keeper looks for it.
    keeper.sweep();
    await end().catch((cleaning: unknown) => {
      throw new SuppressedError(cleaning, error);
    });
    throw error;
  }
};

/**
 * @throws SquallError `engine-unavailable`: before anything is planned, so that a machine without Docker is told first
 */
export const dockerRuntime = async (): Promise<Runtime> => {
  const engine = await connectEngine();
  return {
    name: "docker",
    supports: (fault) => supportsFault(engine, fault),
    start: (start) => startSystem(engine, start),
  };
};
