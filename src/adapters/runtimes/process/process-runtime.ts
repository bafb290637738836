/**
 * The service as plain processes on this machine: nothing but Node is needed.
 *
 *   keeper (ends everything if we cannot) -> sidecar (edges) -> front, where a fault asks for one -> command dependencies,
 *   ready -> service replicas, ready
 */
import { randomBytes } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { arch, cpus, platform, totalmem } from "node:os";
import path from "node:path";
import { SquallError } from "../../../core/errors.ts";
import type { Fault, ProcessFaultKind } from "../../../core/fault.ts";
import { processName } from "../../../core/process-name.ts";
import type { Fingerprint } from "../../../core/profile.ts";
import type { ProcessSpec, Suite } from "../../../core/suite.ts";
import type { ProcessExit, RunningSystem, Runtime, RuntimeStart } from "../../../run/ports.ts";
import { baseEnvironment } from "../base-environment.ts";
import { redactor } from "../redactor.ts";
import { substitute } from "../substitution.ts";
import { MARKER_FILE } from "./end-run.ts";
import { jobControl, makeJobDirectories, workerSettings } from "./job-control.ts";
import { type Keeper, startKeeper } from "./keeper-process.ts";
import { ManagedProcess } from "./managed-process.ts";
import { processControl } from "./process-control.ts";
import { processRelief } from "./process-relief.ts";
import { untilReady } from "./readiness.ts";
import { requireRunning } from "./running-elsewhere.ts";
import { startSidecarProcess } from "./sidecar-process.ts";
import { RUN_MARKER } from "./sweep.ts";
import { choosePorts, edgesOf, type Ports, placeFront, urlsOf } from "./wiring.ts";

const CAN: ReadonlySet<Fault["kind"]> = new Set<ProcessFaultKind>([
  "kill",
  "pause",
  "cpu-limit",
  "cpu-stress",
  "memory-stress",
  "node-replace",
]);

const fingerprint = (): Fingerprint => ({
  arch: arch(),
  platform: platform(),
  cpuModel: cpus()[0]?.model.trim() ?? "unknown",
  cpus: cpus().length,
  memoryBytes: totalmem(),
  node: process.version,
  runtime: "process",
});

const markerFileOf = ({ runDirectory }: RuntimeStart): string => path.join(runDirectory, MARKER_FILE);

/** Everything started so far, ended in reverse order by one dispose. */
class ProcessSystem {
  readonly stack = new AsyncDisposableStack();
  readonly exits: ProcessExit[] = [];
  readonly services: ManagedProcess[] = [];
  readonly added: ManagedProcess[] = [];
  readonly dependencies = new Map<string, ManagedProcess>();
  readonly env: Readonly<Record<string, string>>;
  readonly keeper: Keeper;
  readonly #start: RuntimeStart;

  constructor(start: RuntimeStart, env: Readonly<Record<string, string>>, keeper: Keeper) {
    this.#start = start;
    this.env = env;
    this.keeper = keeper;
    // Removed last of all: who finds the file finds what may still run.
    this.stack.defer(async () => rm(markerFileOf(start), { force: true }));
    this.stack.use(keeper);
  }

  /** One process of the suite, not yet started. `names` are the URLs behind `{{name}}`. */
  prepare(
    name: string,
    spec: ProcessSpec,
    port: number,
    names: Readonly<Record<string, string>>,
    isService: boolean,
    markers: Readonly<Record<string, string>> = {},
  ): ManagedProcess {
    const { suite, suiteDirectory, runDirectory, watch } = this.#start;
    const values = { ...names, port: String(port) };
    const place = isService ? "service" : `dependencies.${name}`;
    const own = Object.fromEntries(
      Object.entries(spec.env).map(([key, value]) => [key, substitute(value, values, `${place}.env.${key}`)]),
    );
    const managed = new ManagedProcess(
      {
        name,
        command: spec.command.map((word) => substitute(word, values, `${place}.command`)),
        cwd: path.resolve(suiteDirectory, spec.cwd),
        // The marker last: a suite that could replace it could hide a process from the sweep.
        env: {
          ...this.env,
          PORT: String(port),
          ...own,
          [RUN_MARKER]: this.env[RUN_MARKER] ?? "",
          ...markers,
        },
        redact: redactor(own, suite.redact),
        logFile: path.join(runDirectory, "logs", `${encodeURIComponent(name)}.log`),
        startErrorCode: isService ? "service-start-failed" : "dependency-start-failed",
        ...(watch === undefined
          ? {}
          : { onLine: (stream, text) => watch.onLine({ name, stream, text, atMs: Date.now() }) }),
      },
      port,
      this.keeper,
      (exit, child) => {
        this.exits.push(exit);
        // Whoever follows a job's progress hears its last words before its end.
        if (watch !== undefined) void child.drained().then(() => watch.onExit(exit));
      },
    );
    this.stack.defer(() => managed.stop());
    return managed;
  }

  /** Starts it and waits until it is ready. */
  async run(managed: ManagedProcess, spec: ProcessSpec, isService: boolean): Promise<void> {
    this.#start.progress(`starting ${managed.spec.name}`);
    await managed.start();
    await this.untilReady(managed, spec, isService);
  }

  async untilReady(managed: ManagedProcess, spec: ProcessSpec, isService: boolean): Promise<void> {
    const { child, port } = managed;
    const { ready, readyTimeoutMs: timeoutMs } = spec;
    const { signal } = this.#start;
    if (child !== null) await untilReady({ child, port, path: ready, timeoutMs, isService, signal });
  }
}

/** The service's command, or why this runtime cannot start the suite. */
const serviceOf = (suite: Suite): ProcessSpec => {
  const { process: service, replicas } = suite.service;
  if (service === undefined) {
    throw new SquallError(
      "fault-unsupported",
      "Runtime process needs service.command; the suite has an image or a build.",
      { place: "service", remedy: "Add service.command, or use runtime docker." },
    );
  }
  if (service.port !== 0 && replicas > 1) {
    throw new SquallError(
      "suite-invalid",
      `${replicas} replicas cannot share the fixed port ${service.port}.`,
      {
        place: "service.port",
        remedy: "Remove service.port: squall picks free ports and passes them as PORT and {{port}}.",
      },
    );
  }
  return service;
};

/** Sidecar, then dependencies one after another (a later one may need an earlier), then all replicas at once. */
const startAll = async (
  system: ProcessSystem,
  start: RuntimeStart,
  service: ProcessSpec,
  ports: Ports,
): Promise<RunningSystem> => {
  const { suite } = start;
  const sidecar = system.stack.use(
    await startSidecarProcess({
      edges: edgesOf(suite, ports, start),
      redact: suite.redact,
      env: system.env,
      logFile: path.join(start.runDirectory, "logs", "sidecar.log"),
      onSpawn: (pid) => system.keeper.keep(pid),
    }),
  );
  const edgePorts = await placeFront(start.front, sidecar.ports);
  if (start.front !== null) {
    const { front } = start;
    system.stack.defer(() => front.leave());
  }
  const names = urlsOf(suite, edgePorts);
  for (const { name, source } of suite.dependencies) {
    if (source.type !== "command") continue;
    const managed = system.prepare(
      name,
      source.process,
      ports.dependencies.get(name) as number,
      names,
      false,
    );
    system.dependencies.set(name, managed);
    await system.run(managed, source.process, false);
  }
  const directories = suite.job === undefined ? null : await makeJobDirectories(start.runDirectory, ports);
  for (const [index, port] of ports.services.entries()) {
    const name = processName(index);
    const own = directories === null ? null : workerSettings(directories, index);
    system.services.push(
      system.prepare(name, service, port, { ...names, ...own?.names }, true, own?.markers),
    );
  }
  // A job's workers are started by its scheduler.
  if (directories === null)
    await Promise.all(system.services.map((managed) => system.run(managed, service, true)));
  const marker = system.env[RUN_MARKER] ?? "";
  return {
    ...(directories === null ? {} : { job: jobControl({ workers: system.services, directories, marker }) }),
    clientUrl: `http://127.0.0.1:${edgePorts["client"] ?? 0}`,
    serviceUrls: ports.services.map((port) => `http://127.0.0.1:${port}`),
    sidecar: sidecar.control,
    processes: processControl({
      services: system.services,
      dependencies: system.dependencies,
      exits: system.exits,
      keeper: system.keeper,
      env: system.env,
      added: system.added,
      relief: processRelief({ system, suite, service, names, control: sidecar.control }),
    }),
    logFiles: [...system.services, ...system.dependencies.values()].map(({ spec: { name, logFile } }) => ({
      name,
      path: logFile,
    })),
    fingerprint: fingerprint(),
    [Symbol.asyncDispose]: () => system.stack.disposeAsync(),
  };
};

const startOnce = async (start: RuntimeStart, service: ProcessSpec): Promise<RunningSystem> => {
  if (start.signal.aborted) throw new SquallError("interrupted", "The run was interrupted before it began.");
  await mkdir(path.join(start.runDirectory, "logs"), { recursive: true });
  const marker = randomBytes(16).toString("hex");
  const base = baseEnvironment(process.env);
  await requireRunning(start.suite, start.signal);
  const ports = await choosePorts(start.suite, service);
  await writeFile(markerFileOf(start), marker);
  const system = new ProcessSystem(start, { ...base, [RUN_MARKER]: marker }, await startKeeper(marker, base));
  try {
    return await startAll(system, start, service, ports);
  } catch (error) {
    await system.stack.disposeAsync();
    throw error;
  }
};

/** Between our choice of a port and its use another program may take it: then all is started again with other ports. */
const MOST_STARTS = 3;

const lostItsPort = (error: unknown): boolean =>
  error instanceof SquallError &&
  error.detail.some((line) => /EADDRINUSE|address already in use/i.test(line));

const startSystem = async (start: RuntimeStart): Promise<RunningSystem> => {
  const service = serviceOf(start.suite);
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(start, service);
    } catch (error) {
      if (attempt === MOST_STARTS || !lostItsPort(error)) throw error;
      start.progress("a port was taken meanwhile: starting again with others");
    }
  }
};

export const processRuntime = (): Runtime => ({
  name: "process",
  supports: (fault) =>
    CAN.has(fault.kind)
      ? { ok: true }
      : {
          ok: false,
          reason: `runtime process cannot do ${fault.kind}; runtime docker can where the machine allows it`,
        },
  start: startSystem,
});
