/** What a run stands in before its own containers: images at hand, networks, the sidecar, and what stands before it. */
import { randomBytes } from "node:crypto";
import path from "node:path";
import type { SidecarConfig } from "../../../core/sidecar-protocol.ts";
import type { ContainerSpec } from "../../../core/suite.ts";
import type { RuntimeStart } from "../../../run/ports.ts";
import { dividedCores } from "./cores.ts";
import { edgeConfigs } from "./edge-configs.ts";
import type { DockerEngine } from "./engine.ts";
import { type FrontContainer, startFrontContainer } from "./front-container.ts";
import { type RunImages, resolveRunImages } from "./images/run-images.ts";
import type { RunLabels } from "./labels.ts";
import { createNetwork, namesOn, type RunNetwork } from "./networks.ts";
import { type SidecarContainer, startSidecarContainer } from "./sidecar-container.ts";
import { CONTROL_PORT, type EdgePlace, layOut, type Topology } from "./topology.ts";

/** What the parts of one run share. */
export interface RunContext {
  readonly engine: DockerEngine;
  readonly start: RuntimeStart;
  readonly service: ContainerSpec;
  readonly labels: RunLabels;
  /** Everything that is started is deferred to it as soon as it exists. */
  readonly stack: AsyncDisposableStack;
  readonly cores: ReturnType<typeof dividedCores>;
  readonly logDirectory: string;
}

export interface RunFrame {
  readonly images: RunImages;
  readonly topology: Topology;
  /** By index, as the topology counts them. */
  readonly networks: readonly RunNetwork[];
  readonly sidecar: SidecarContainer;
  readonly front: FrontContainer | null;
}

export const runContext = (
  engine: DockerEngine,
  start: RuntimeStart,
  service: ContainerSpec,
  labels: RunLabels,
): RunContext => ({
  engine,
  start,
  service,
  labels,
  stack: new AsyncDisposableStack(),
  cores: dividedCores(engine),
  logDirectory: path.join(start.runDirectory, "logs"),
});

const resolveImages = ({ engine, start, service, logDirectory }: RunContext): Promise<RunImages> => {
  const { suite, suiteDirectory, signal, progress, front } = start;
  return resolveRunImages({
    engine,
    suite,
    service,
    frontImage: front !== null && front.url === null ? front.image : null,
    suiteDirectory,
    logDirectory,
    signal,
    progress,
  });
};

const createNetworks = async (
  { engine, labels, stack }: RunContext,
  count: number,
): Promise<RunNetwork[]> => {
  const networks: RunNetwork[] = [];
  for (let index = 0; index < count; index++) {
    const suffix = index === 0 ? "" : `x${index}`;
    networks.push(stack.use(await createNetwork(engine, labels, suffix)));
  }
  return networks;
};

/** An edge's names belong to the front where one stands before it. */
const isFronted = ({ start }: RunContext, { name }: EdgePlace): boolean =>
  start.front?.edges.has(name) === true;

const startSidecar = async (
  context: RunContext,
  { images, topology, networks }: Pick<RunFrame, "images" | "topology" | "networks">,
): Promise<SidecarContainer> => {
  const { suite, seed, progress } = context.start;
  progress("starting the sidecar");
  const published = [topology.client, ...topology.direct];
  return startSidecarContainer({
    engine: context.engine,
    image: images.sidecar,
    labels: context.labels.of("sidecar"),
    networks: namesOn(
      networks,
      topology.dependencies.filter((place) => !isFronted(context, place)),
    ),
    controlPort: CONTROL_PORT,
    publish: Object.fromEntries(published.map(({ name, port }) => [name, port])),
    logFile: path.join(context.logDirectory, "sidecar.log"),
    files: images.cassettes,
    ...(context.cores.sidecar === undefined ? {} : { cpuset: context.cores.sidecar }),
    configOf: (addresses): SidecarConfig => {
      const hostOf = ({ network }: EdgePlace): string =>
        addresses[networks[network]?.name ?? ""] ?? "0.0.0.0";
      return {
        token: randomBytes(24).toString("base64url"),
        controlHost: hostOf(topology.client),
        controlPort: CONTROL_PORT,
        edges: edgeConfigs({ suite, seed, topology, images, hostOf }),
        redact: suite.redact,
        exitWithParent: true,
      };
    },
  });
};

const startFront = async (
  context: RunContext,
  { topology, networks, sidecar }: Pick<RunFrame, "topology" | "networks" | "sidecar">,
): Promise<FrontContainer | null> => {
  const { front, progress } = context.start;
  if (front === null) return null;
  const places = [topology.client, ...topology.dependencies].filter((place) => isFronted(context, place));
  return startFrontContainer({
    engine: context.engine,
    front,
    labels: context.labels.of("front"),
    networks: namesOn(networks, places),
    places,
    upstreamHostOf: ({ network }) => sidecar.addresses[networks[network]?.name ?? ""] ?? "",
    clientEdge: topology.client.name,
    logFile: path.join(context.logDirectory, "toxiproxy.log"),
    progress,
  });
};

/** All of it, in order; what was started before a failure is on the context's stack. */
export const startFrame = async (context: RunContext): Promise<RunFrame> => {
  const { suite } = context.start;
  const images = await resolveImages(context);
  const apart = suite.experiments.some(({ faults }) => faults.some(({ kind }) => kind === "dns-fail"));
  const topology = layOut(images.dependencies, suite.service.replicas, apart);
  const networks = await createNetworks(context, topology.networks);
  const sidecar = context.stack.use(await startSidecar(context, { images, topology, networks }));
  const front = await startFront(context, { topology, networks, sidecar });
  if (front !== null) context.stack.use(front);
  return { images, topology, networks, sidecar, front };
};
