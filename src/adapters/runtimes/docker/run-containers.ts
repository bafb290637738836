/** A run's own containers: companions, dependencies, replicas of the service. */
import type Dockerode from "dockerode";
import { processName } from "../../../core/process-name.ts";
import type { DependencySpec } from "../../../core/suite.ts";
import type { ProcessExit } from "../../../run/ports.ts";
import { RunContainer } from "./container.ts";
import type { ContainerPlan } from "./container-plan.ts";
import { JOB_DIRECTORIES, JobVolumes, withoutJobDirectories } from "./job-volumes.ts";
import { tellJob } from "./job-watch.ts";
import { namesOn } from "./networks.ts";
import { untilContainerReady } from "./readiness.ts";
import type { RunContext, RunFrame } from "./run-frame.ts";
import type { StrikeParts } from "./strike-parts.ts";
import { commandPlan, containerPlan, namedVolumes, type PlanOptions } from "./suite-plans.ts";
import { addressOf, realName, replicaName } from "./topology.ts";
import { createVolumes } from "./volumes.ts";

export class RunContainers {
  readonly exits: ProcessExit[] = [];
  readonly services: RunContainer[] = [];
  /** Replicas that a remedy has added. */
  readonly added: RunContainer[] = [];
  readonly dependencies = new Map<string, RunContainer>();
  readonly #context: RunContext;
  readonly #frame: RunFrame;
  /** Volumes by container name and directory. */
  readonly #volumes = new Map<string, ReadonlyMap<string, string>>();
  readonly #namedVolumes = new Map<string, Promise<string>>();
  /** Null: the service is no job. */
  readonly #jobVolumes: JobVolumes | null;

  constructor(context: RunContext, frame: RunFrame) {
    this.#context = context;
    this.#frame = frame;
    const { suite } = context.start;
    this.#jobVolumes =
      suite.job === undefined
        ? null
        : new JobVolumes({
            docker: context.engine.docker,
            suite,
            labels: context.labels,
            stack: context.stack,
            image: frame.images.sidecar,
          });
  }

  /** `{{name}}` for every dependency. */
  #names(): Record<string, string> {
    return Object.fromEntries(
      this.#frame.topology.dependencies.map((place) => [place.name, addressOf(place)]),
    );
  }

  async #planOptions(
    name: string,
    place: string,
    port: number,
    aliases: readonly string[],
  ): Promise<PlanOptions> {
    const { suite, suiteDirectory } = this.#context.start;
    const role = place === "service" ? "service" : "dependency";
    const volumes = await createVolumes(this.#context.engine, this.#context.labels, this.#context.stack, {
      directories: this.#frame.images.volumeDirectories.get(place === "service" ? "service" : name) ?? [],
      experiments: suite.job === undefined ? suite.experiments : withoutJobDirectories(suite.experiments),
      target: place === "service" ? "service" : name,
      named: namedVolumes(this.#frame.images.of(name)),
      known: this.#namedVolumes,
    });
    this.#volumes.set(name, volumes);
    return {
      name,
      place,
      port,
      names: this.#names(),
      labels: this.#context.labels.of(role),
      networks: namesOn(this.#frame.networks, [], aliases),
      logDirectory: this.#context.logDirectory,
      suiteDirectory,
      redact: suite.redact,
      cpuset: this.#context.cores.service,
      volumes,
    };
  }

  /** On the run's stack, and not yet made. */
  #planned(plan: ContainerPlan, beforeStart?: (container: RunContainer) => Promise<void>): RunContainer {
    const { watch } = this.#context.start;
    const told = watch === undefined ? null : tellJob(watch, plan.name);
    const container: RunContainer = new RunContainer(this.#context.engine, plan, {
      onExit: (exit, drained) => {
        this.exits.push(exit);
        return told?.onExit(exit, drained);
      },
      ...(told === null ? {} : { onLine: told.onLine }),
      ...(beforeStart === undefined ? {} : { beforeStart: async () => beforeStart(container) }),
    });
    this.#context.stack.defer(async () => container.remove());
    return container;
  }

  async #run(plan: ContainerPlan): Promise<RunContainer> {
    this.#context.start.progress(`starting ${plan.name}`);
    const container = this.#planned(plan);
    await container.start();
    return container;
  }

  async #untilReady(
    container: RunContainer,
    spec: { readonly ready?: string; readonly readyTimeoutMs: number },
    host: string,
    port: number,
    isService: boolean,
  ): Promise<void> {
    await untilContainerReady({
      container,
      sidecar: this.#frame.sidecar.control,
      host,
      port,
      path: spec.ready,
      timeoutMs: spec.readyTimeoutMs,
      isService,
      image: this.#frame.images.of(isService ? "service" : container.plan.name).image,
      engineArch: this.#context.engine.arch,
      signal: this.#context.start.signal,
    });
  }

  async #startDependency({ name, source }: DependencySpec): Promise<void> {
    const place = this.#frame.topology.dependencies.find((each) => each.name === name);
    if (place === undefined || (source.type !== "container" && source.type !== "command")) return;
    const resolved = this.#frame.images.of(name);
    const options = await this.#planOptions(name, `dependencies.${name}`, place.port, [realName(name)]);
    const plan =
      source.type === "container"
        ? containerPlan(source.container, resolved, options)
        : commandPlan(source.process, resolved, options);
    const container = await this.#run(plan);
    this.dependencies.set(name, container);
    const spec = source.type === "container" ? source.container : source.process;
    await this.#untilReady(container, spec, realName(name), place.port, false);
  }

  /** One after another: a later one may need an earlier. */
  async startDependencies(): Promise<void> {
    for (const { name, spec, resolved, port } of this.#frame.images.companions) {
      const options = await this.#planOptions(name, `compose service ${name}`, port ?? 0, [name]);
      const container = await this.#run(containerPlan(spec, resolved, options));
      this.dependencies.set(name, container);
      if (port !== null) await this.#untilReady(container, spec, name, port, false);
    }
    for (const dependency of this.#context.start.suite.dependencies) await this.#startDependency(dependency);
  }

  async #servicePlan(index: number): Promise<ContainerPlan> {
    const name = processName(index);
    const port = this.#frame.images.servicePort;
    const options = await this.#planOptions(name, "service", port, [replicaName(index)]);
    return containerPlan(
      this.#context.service,
      this.#frame.images.of("service"),
      await this.#withJob(options, index),
    );
  }

  async #withJob(options: PlanOptions, worker: number): Promise<PlanOptions> {
    const { job } = this.#context.start.suite;
    if (this.#jobVolumes === null || job === undefined) return options;
    const volumes = new Map([...options.volumes, ...(await this.#jobVolumes.of(worker))]);
    this.#volumes.set(options.name, volumes);
    return {
      ...options,
      names: { ...options.names, ...JOB_DIRECTORIES, rank: String(worker), workers: String(job.workers) },
      volumes,
      openDirectories: Object.values(JOB_DIRECTORIES),
    };
  }

  async untilReplicaReady(container: RunContainer, index: number): Promise<void> {
    const port = this.#frame.images.servicePort;
    await this.#untilReady(container, this.#context.service, replicaName(index), port, true);
  }

  /** A replica of that index beside those of the suite, started; on the run's stack like them. */
  async startReplica(index: number): Promise<RunContainer> {
    return this.#run(await this.#servicePlan(index));
  }

  /** Waits until a dependency that runs in a container is ready, by its own readiness. */
  async untilDependencyReady(container: RunContainer): Promise<void> {
    const { name } = container.plan;
    const companion = this.#frame.images.companions.find((each) => each.name === name);
    if (companion !== undefined) {
      if (companion.port !== null)
        await this.#untilReady(container, companion.spec, name, companion.port, false);
      return;
    }
    const source = this.#context.start.suite.dependencies.find((each) => each.name === name)?.source;
    const place = this.#frame.topology.dependencies.find((each) => each.name === name);
    if (place === undefined || (source?.type !== "container" && source?.type !== "command")) return;
    const spec = source.type === "container" ? source.container : source.process;
    await this.#untilReady(container, spec, realName(name), place.port, false);
  }

  /** All replicas at once. */
  async startServices(): Promise<void> {
    const { replicas } = this.#context.start.suite.service;
    const plans = await Promise.all(
      Array.from({ length: replicas }, async (_, index) => this.#servicePlan(index)),
    );
    const started = await Promise.allSettled(plans.map(async (plan) => this.#run(plan)));
    for (const result of started) {
      if (result.status === "rejected") throw result.reason;
      this.services.push(result.value);
    }
    await Promise.all(
      this.services.map(async (container, index) => this.untilReplicaReady(container, index)),
    );
  }

  /** A job's workers, none of them made yet. `beforeStart`: of each container that is new, and has run nothing. */
  async planWorkers(beforeStart: (worker: RunContainer) => Promise<void>): Promise<void> {
    const { replicas } = this.#context.start.suite.service;
    for (let index = 0; index < replicas; index++) {
      this.services.push(this.#planned(await this.#servicePlan(index), beforeStart));
    }
  }

  /** Makes a worker's container and volumes anew; the checkpoints stay, and what a compose file shares by name. */
  async replaceWorker(worker: RunContainer): Promise<void> {
    const kept = new Set([
      JOB_DIRECTORIES.checkpoints,
      ...namedVolumes(this.#frame.images.of("service")).keys(),
    ]);
    // Its machine is gone, and it with that.
    if (worker.container !== null && worker.exit === null) await worker.kill("SIGKILL");
    await worker.discard();
    for (const [directory, volume] of this.#volumes.get(worker.plan.name) ?? []) {
      if (!kept.has(directory)) await this.#jobVolumes?.replace(volume);
    }
  }

  /** What strikes and neighbours need to know of the run. */
  strikeParts(): StrikeParts {
    const { engine, labels, service, cores } = this.#context;
    const { images, topology, networks, sidecar } = this.#frame;
    return {
      docker: engine.docker,
      labels: labels.of("worker"),
      networks: networks.map(({ name }) => name),
      image: images.sidecar,
      sidecarId: sidecar.containerId,
      topology,
      services: this.services,
      dependencies: this.dependencies,
      volumes: this.#volumes,
      holderOf: (volume) => this.#jobVolumes?.holderOf(volume),
      cpuset: service.cpuset ?? cores.service,
    };
  }

  /** Squall's own containers, for statistics. */
  beside(): { readonly name: string; readonly container: Dockerode.Container }[] {
    const { sidecar, front } = this.#frame;
    const own = [{ name: "sidecar", id: sidecar.containerId }];
    if (front !== null) own.push({ name: "toxiproxy", id: front.containerId });
    const { docker } = this.#context.engine;
    return own.map(({ name, id }) => ({ name, container: docker.getContainer(id) }));
  }
}
