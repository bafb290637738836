/** The parts of one run as they are started, each deferred to the run's end as soon as it exists. */
import { randomBytes } from "node:crypto";
import path from "node:path";
import type Dockerode from "dockerode";
import type { SidecarConfig } from "../../../core/sidecar-protocol.ts";
import type { ContainerSpec, DependencySpec } from "../../../core/suite.ts";
import type { ProcessExit, RuntimeStart } from "../../../run/ports.ts";
import { RunContainer } from "./container.ts";
import type { ContainerPlan } from "./container-plan.ts";
import { dividedCores } from "./cores.ts";
import { edgeConfigs } from "./edge-configs.ts";
import type { DockerEngine } from "./engine.ts";
import { type FrontContainer, startFrontContainer } from "./front-container.ts";
import { type RunImages, resolveRunImages } from "./images/run-images.ts";
import type { RunLabels } from "./labels.ts";
import { createNetwork, namesOn, type RunNetwork } from "./networks.ts";
import { untilContainerReady } from "./readiness.ts";
import { type SidecarContainer, startSidecarContainer } from "./sidecar-container.ts";
import type { StrikeParts } from "./strike-parts.ts";
import { commandPlan, containerPlan, namedVolumes, type PlanOptions } from "./suite-plans.ts";
import {
  addressOf,
  CONTROL_PORT,
  type EdgePlace,
  layOut,
  realName,
  replicaName,
  type Topology,
} from "./topology.ts";
import { createVolumes } from "./volumes.ts";

export class RunParts {
  readonly stack = new AsyncDisposableStack();
  readonly exits: ProcessExit[] = [];
  readonly services: RunContainer[] = [];
  readonly dependencies = new Map<string, RunContainer>();
  readonly #engine: DockerEngine;
  readonly #start: RuntimeStart;
  readonly #service: ContainerSpec;
  readonly #labels: RunLabels;
  readonly #networks: RunNetwork[] = [];
  readonly #cores: ReturnType<typeof dividedCores>;
  /** Volumes by target name and directory. */
  readonly #volumes = new Map<string, ReadonlyMap<string, string>>();
  readonly #namedVolumes = new Map<string, Promise<string>>();
  #images: RunImages | null = null;
  #topology: Topology | null = null;
  #sidecar: SidecarContainer | null = null;
  #front: FrontContainer | null = null;

  constructor(engine: DockerEngine, start: RuntimeStart, service: ContainerSpec, labels: RunLabels) {
    this.#engine = engine;
    this.#start = start;
    this.#service = service;
    this.#labels = labels;
    this.#cores = dividedCores(engine);
  }

  get images(): RunImages {
    return required(this.#images, "images");
  }

  get topology(): Topology {
    return required(this.#topology, "topology");
  }

  get sidecar(): SidecarContainer {
    return required(this.#sidecar, "sidecar");
  }

  get #logDirectory(): string {
    return path.join(this.#start.runDirectory, "logs");
  }

  async resolveImages(): Promise<void> {
    const { suite, suiteDirectory, signal, progress, front } = this.#start;
    this.#images = await resolveRunImages({
      engine: this.#engine,
      suite,
      service: this.#service,
      frontImage: front !== null && front.url === null ? front.image : null,
      suiteDirectory,
      logDirectory: this.#logDirectory,
      signal,
      progress,
    });
    const apart = suite.experiments.some(({ faults }) => faults.some(({ kind }) => kind === "dns-fail"));
    this.#topology = layOut(this.#images.dependencies, suite.service.replicas, apart);
  }

  async createNetworks(): Promise<void> {
    for (let index = 0; index < this.topology.networks; index++) {
      const suffix = index === 0 ? "" : `x${index}`;
      this.#networks.push(this.stack.use(await createNetwork(this.#engine, this.#labels, suffix)));
    }
  }

  /** Aliases of an edge belong to the front where one stands before it. */
  #isFronted(edge: string): boolean {
    return this.#start.front?.edges.has(edge) === true;
  }

  async startSidecar(): Promise<void> {
    const { suite, seed, progress } = this.#start;
    const { topology, images } = this;
    progress("starting the sidecar");
    const published = [topology.client, ...topology.direct];
    this.#sidecar = this.stack.use(
      await startSidecarContainer({
        engine: this.#engine,
        image: images.sidecar,
        labels: this.#labels.of("sidecar"),
        networks: namesOn(
          this.#networks,
          topology.dependencies.filter(({ name }) => !this.#isFronted(name)),
        ),
        controlPort: CONTROL_PORT,
        publish: Object.fromEntries(published.map(({ name, port }) => [name, port])),
        logFile: path.join(this.#logDirectory, "sidecar.log"),
        files: images.cassettes,
        ...(this.#cores.sidecar === undefined ? {} : { cpuset: this.#cores.sidecar }),
        configOf: (addresses): SidecarConfig => {
          const hostOf = ({ network }: EdgePlace): string =>
            addresses[this.#networks[network]?.name ?? ""] ?? "0.0.0.0";
          return {
            token: randomBytes(24).toString("base64url"),
            controlHost: hostOf(topology.client),
            controlPort: CONTROL_PORT,
            edges: edgeConfigs({ suite, seed, topology, images, hostOf }),
            redact: suite.redact,
            exitWithParent: true,
          };
        },
      }),
    );
  }

  /** `{{name}}` for every dependency. */
  #names(): Record<string, string> {
    return Object.fromEntries(this.topology.dependencies.map((place) => [place.name, addressOf(place)]));
  }

  async #planOptions(
    name: string,
    place: string,
    port: number,
    aliases: readonly string[],
  ): Promise<PlanOptions> {
    const { suite, suiteDirectory } = this.#start;
    const role = place === "service" ? "service" : "dependency";
    const volumes = await createVolumes(this.#engine, this.#labels, this.stack, {
      directories: this.images.volumeDirectories.get(place === "service" ? "service" : name) ?? [],
      experiments: suite.experiments,
      target: place === "service" ? "service" : name,
      named: namedVolumes(this.images.of(name)),
      known: this.#namedVolumes,
    });
    this.#volumes.set(name, volumes);
    return {
      name,
      place,
      port,
      names: this.#names(),
      labels: this.#labels.of(role),
      networks: namesOn(this.#networks, [], aliases),
      logDirectory: this.#logDirectory,
      suiteDirectory,
      redact: suite.redact,
      cpuset: this.#cores.service,
      volumes,
    };
  }

  async #run(plan: ContainerPlan): Promise<RunContainer> {
    this.#start.progress(`starting ${plan.name}`);
    const container = new RunContainer(this.#engine, plan, (exit) => this.exits.push(exit));
    this.stack.defer(async () => container.remove());
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
      sidecar: this.sidecar.control,
      host,
      port,
      path: spec.ready,
      timeoutMs: spec.readyTimeoutMs,
      isService,
      image: this.images.of(isService ? "service" : container.plan.name).image,
      engineArch: this.#engine.arch,
      signal: this.#start.signal,
    });
  }

  async #startDependency({ name, source }: DependencySpec): Promise<void> {
    const place = this.topology.dependencies.find((each) => each.name === name);
    if (place === undefined || (source.type !== "container" && source.type !== "command")) return;
    const resolved = this.images.of(name);
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
    for (const { name, spec, resolved, port } of this.images.companions) {
      const options = await this.#planOptions(name, `compose service ${name}`, port ?? 0, [name]);
      const container = await this.#run(containerPlan(spec, resolved, options));
      this.dependencies.set(name, container);
      if (port !== null) await this.#untilReady(container, spec, name, port, false);
    }
    for (const dependency of this.#start.suite.dependencies) await this.#startDependency(dependency);
  }

  /** @returns the URL of the client edge where the front stands on it too */
  async startFront(): Promise<string | null> {
    const { front } = this.#start;
    if (front === null) return null;
    const places = [this.topology.client, ...this.topology.dependencies].filter(({ name }) =>
      this.#isFronted(name),
    );
    this.#front = this.stack.use(
      await startFrontContainer({
        engine: this.#engine,
        front,
        labels: this.#labels.of("front"),
        networks: namesOn(this.#networks, places),
        places,
        upstreamHostOf: ({ network }) => this.sidecar.addresses[this.#networks[network]?.name ?? ""] ?? "",
        clientEdge: this.topology.client.name,
        logFile: path.join(this.#logDirectory, "toxiproxy.log"),
        progress: this.#start.progress,
      }),
    );
    return this.#front.clientUrl;
  }

  /** All replicas at once. */
  async startServices(): Promise<void> {
    const { replicas } = this.#start.suite.service;
    const port = this.images.servicePort;
    const plans = await Promise.all(
      Array.from({ length: replicas }, async (_, index) => {
        const name = index === 0 ? "service" : `service-${index + 1}`;
        const options = await this.#planOptions(name, "service", port, [replicaName(index)]);
        return containerPlan(this.#service, this.images.of("service"), options);
      }),
    );
    const started = await Promise.allSettled(plans.map(async (plan) => this.#run(plan)));
    for (const result of started) {
      if (result.status === "rejected") throw result.reason;
      this.services.push(result.value);
    }
    await Promise.all(
      this.services.map(async (container, index) =>
        this.#untilReady(container, this.#service, replicaName(index), port, true),
      ),
    );
  }

  /** What strikes and neighbours need to know of the run. */
  strikeParts(): StrikeParts {
    return {
      docker: this.#engine.docker,
      labels: this.#labels.of("worker"),
      networks: this.#networks.map(({ name }) => name),
      image: this.images.sidecar,
      sidecarId: this.sidecar.containerId,
      topology: this.topology,
      services: this.services,
      dependencies: this.dependencies,
      volumes: this.#volumes,
      cpuset: this.#service.cpuset ?? this.#cores.service,
    };
  }

  /** Our own containers, for statistics. */
  beside(): { readonly name: string; readonly container: Dockerode.Container }[] {
    const front = this.#front === null ? [] : [{ name: "toxiproxy", id: this.#front.containerId }];
    return [{ name: "sidecar", id: this.sidecar.containerId }, ...front].map(({ name, id }) => ({
      name,
      container: this.#engine.docker.getContainer(id),
    }));
  }

  /** Address of the sidecar on the run's own network; "" where the engine tells none. */
  get sidecarAddress(): string {
    return this.sidecar.addresses[this.#networks[0]?.name ?? ""] ?? "";
  }
}

const required = <T>(part: T | null, what: string): T => {
  if (part === null) throw new Error(`the ${what} of the run is not there yet`);
  return part;
};
