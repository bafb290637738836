/**
 * The service as plain processes on this machine: nothing but Node is needed.
 *
 *   keeper (ends everything if we cannot) -> sidecar (edges) -> command dependencies, ready -> service replicas, ready
 */
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { arch, cpus, platform, totalmem } from "node:os";
import path from "node:path";
import { SquallError } from "../../../core/errors.ts";
import type { Fault, ProcessFaultKind } from "../../../core/fault.ts";
import type { Fingerprint } from "../../../core/profile.ts";
import type { EdgeConfig, Upstream } from "../../../core/sidecar-protocol.ts";
import type { DependencySpec, ProcessSpec, Suite } from "../../../core/suite.ts";
import type { ProcessExit, RunningSystem, Runtime, RuntimeStart } from "../../../run/ports.ts";
import { baseEnvironment, substitute } from "./environment.ts";
import { freePorts } from "./free-ports.ts";
import { type Keeper, startKeeper } from "./keeper-process.ts";
import { ManagedProcess } from "./managed-process.ts";
import { processControl } from "./process-control.ts";
import { untilReady } from "./readiness.ts";
import { type SidecarProcess, startSidecarProcess } from "./sidecar-process.ts";
import { RUN_MARKER } from "./sweep.ts";

const CAN: ReadonlySet<Fault["kind"]> = new Set<ProcessFaultKind>([
  "kill",
  "pause",
  "cpu-limit",
  "cpu-stress",
  "memory-stress",
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

/** Ports of one run: the service's replicas, then each command dependency. */
interface Ports {
  readonly services: readonly number[];
  readonly dependencies: ReadonlyMap<string, number>;
}

const choosePorts = async (suite: Suite, service: ProcessSpec): Promise<Ports> => {
  const commands = suite.dependencies.filter(({ source }) => source.type === "command");
  const free = await freePorts(suite.service.replicas + commands.length);
  const services = Array.from({ length: suite.service.replicas }, (_, index) =>
    service.port === 0 ? (free[index] as number) : service.port,
  );
  const dependencies = commands.map(({ name, source }, index): [string, number] => {
    const fixed = source.type === "command" ? source.process.port : 0;
    return [name, fixed === 0 ? (free[suite.service.replicas + index] as number) : fixed];
  });
  return { services, dependencies: new Map(dependencies) };
};

const upstreamOf = (dependency: DependencySpec, ports: Ports, start: RuntimeStart): Upstream => {
  const { source, name } = dependency;
  switch (source.type) {
    case "stub":
      return { type: "stub", stub: source.stub, seed: start.seed };
    case "url":
      return { type: "url", url: source.url };
    case "cassette":
      return { type: "cassette", mode: "replay", file: path.resolve(start.suiteDirectory, source.path) };
    case "command":
      return {
        type: "addresses",
        addresses: [{ host: "127.0.0.1", port: ports.dependencies.get(name) as number }],
      };
    case "image":
      throw new SquallError(
        "fault-unsupported",
        `Dependency ${name} is an image, which runtime process cannot start.`,
        {
          remedy: "Give it a command, a stub, a url or a cassette, or use runtime docker.",
        },
      );
  }
};

const edgesOf = (suite: Suite, ports: Ports, start: RuntimeStart): EdgeConfig[] => [
  {
    name: "client",
    protocol: "http",
    host: "127.0.0.1",
    port: 0,
    upstream: { type: "addresses", addresses: ports.services.map((port) => ({ host: "127.0.0.1", port })) },
  },
  ...suite.dependencies.map((dependency) => ({
    name: dependency.name,
    protocol: dependency.protocol,
    host: "127.0.0.1",
    port: 0,
    upstream: upstreamOf(dependency, ports, start),
  })),
];

/** Everything started so far, ended in reverse order by one dispose. */
class ProcessSystem {
  readonly stack = new AsyncDisposableStack();
  readonly exits: ProcessExit[] = [];
  readonly services: ManagedProcess[] = [];
  readonly dependencies = new Map<string, ManagedProcess>();
  readonly env: Readonly<Record<string, string>>;
  readonly keeper: Keeper;
  readonly #start: RuntimeStart;

  constructor(start: RuntimeStart, env: Readonly<Record<string, string>>, keeper: Keeper) {
    this.#start = start;
    this.env = env;
    this.keeper = keeper;
    this.stack.use(keeper);
  }

  /** Starts one process and waits until it is ready. `names` are the URLs behind `{{name}}`. */
  async run(
    name: string,
    spec: ProcessSpec,
    port: number,
    names: Readonly<Record<string, string>>,
    isService: boolean,
  ): Promise<ManagedProcess> {
    const { suiteDirectory, runDirectory, progress, signal } = this.#start;
    const values = { ...names, port: String(port) };
    const place = isService ? "service" : `dependencies.${name}`;
    const env = Object.entries(spec.env).map(([key, value]) => [
      key,
      substitute(value, values, `${place}.env.${key}`),
    ]);
    const managed = new ManagedProcess(
      {
        name,
        command: spec.command.map((word) => substitute(word, values, `${place}.command`)),
        cwd: path.resolve(suiteDirectory, spec.cwd),
        env: { ...this.env, PORT: String(port), ...(Object.fromEntries(env) as Record<string, string>) },
        logFile: path.join(runDirectory, "logs", `${name}.log`),
        startErrorCode: isService ? "service-start-failed" : "dependency-start-failed",
      },
      port,
      this.keeper,
      (exit) => this.exits.push(exit),
    );
    this.stack.defer(() => managed.stop());
    progress(`starting ${name}`);
    const child = await managed.start();
    await untilReady({ child, port, path: spec.ready, timeoutMs: spec.readyTimeoutMs, isService, signal });
    return managed;
  }
}

const urlsOf = (suite: Suite, sidecar: SidecarProcess): Record<string, string> =>
  Object.fromEntries(
    suite.dependencies.map(({ name, protocol }) => {
      const address = `127.0.0.1:${sidecar.ports[name] ?? 0}`;
      return [name, protocol === "http" ? `http://${address}` : address];
    }),
  );

const startSystem = async (start: RuntimeStart): Promise<RunningSystem> => {
  const { suite } = start;
  const service = suite.service.process;
  if (service === undefined) {
    throw new SquallError(
      "fault-unsupported",
      "Runtime process needs service.command; the suite has an image or a build.",
      {
        remedy: "Add service.command, or use runtime docker.",
      },
    );
  }
  if (service.port !== 0 && suite.service.replicas > 1) {
    throw new SquallError(
      "suite-invalid",
      `${suite.service.replicas} replicas cannot share the fixed port ${service.port}.`,
      {
        place: "service.port",
        remedy: "Remove service.port: squall picks free ports and passes them as PORT and {{port}}.",
      },
    );
  }
  await mkdir(path.join(start.runDirectory, "logs"), { recursive: true });
  const marker = randomBytes(8).toString("hex");
  const base = baseEnvironment(process.env);
  const env = { ...base, [RUN_MARKER]: marker };
  const ports = await choosePorts(suite, service);
  const system = new ProcessSystem(start, env, await startKeeper(marker, base));
  try {
    const logFile = path.join(start.runDirectory, "logs", "sidecar.log");
    const edges = edgesOf(suite, ports, start);
    const sidecar = system.stack.use(
      await startSidecarProcess({ edges, redact: suite.redact, env, logFile }),
    );
    system.keeper.keep(sidecar.pid);
    const names = urlsOf(suite, sidecar);
    for (const { name, source } of suite.dependencies) {
      if (source.type !== "command") continue;
      system.dependencies.set(
        name,
        await system.run(name, source.process, ports.dependencies.get(name) as number, names, false),
      );
    }
    for (const [index, port] of ports.services.entries()) {
      const name = index === 0 ? "service" : `service-${index + 1}`;
      system.services.push(await system.run(name, service, port, names, true));
    }
    return {
      clientUrl: `http://127.0.0.1:${sidecar.ports["client"] ?? 0}`,
      serviceUrls: ports.services.map((port) => `http://127.0.0.1:${port}`),
      sidecar: sidecar.control,
      processes: processControl(system),
      fingerprint: fingerprint(),
      [Symbol.asyncDispose]: () => system.stack.disposeAsync(),
    };
  } catch (error) {
    await system.stack.disposeAsync();
    throw error;
  }
};

export const processRuntime = (): Runtime => ({
  name: "process",
  supports: (fault) =>
    CAN.has(fault.kind)
      ? { ok: true }
      : { ok: false, reason: `processes on this machine cannot be given ${fault.kind}; runtime docker can` },
  start: startSystem,
});
