/** The Docker engine: found as testcontainers finds it (DOCKER_HOST, contexts, rootless, Desktop), told apart, its errors in words. */
import { accessSync, constants, existsSync } from "node:fs";
import { createServer, isIP } from "node:net";
import { availableParallelism } from "node:os";
import type Dockerode from "dockerode";
import type * as Testcontainers from "testcontainers";
import { SquallError } from "../../../core/errors.ts";

export interface DockerEngine {
  readonly docker: Dockerode;
  /** Where published ports are reached from here. */
  readonly host: string;
  /** Address on which ports are published: loopback wherever the engine is on this machine. */
  readonly publishOn: string;
  /** For the docker command line, so that it talks to the same engine. */
  readonly dockerHost: string;
  readonly serverVersion: string;
  /** As Node names it: x64, arm64. */
  readonly arch: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly cgroupVersion: 1 | 2;
  readonly rootless: boolean;
  /** What the engine says it cannot do here. */
  readonly warnings: readonly string[];
  /** The engine runs on this machine's own kernel: not in Desktop's VM, not elsewhere. */
  readonly sameMachine: boolean;
  /** Containers' own addresses can be reached from here, past the engine's port forwarder. */
  readonly reachesContainers: boolean;
  /** Labels by which the reaper (Ryuk) finds what to remove; empty where none watches. */
  readonly reaperLabels: Readonly<Record<string, string>>;
}

const ARCHITECTURES: Readonly<Record<string, string>> = {
  x86_64: "x64",
  amd64: "x64",
  aarch64: "arm64",
  arm64: "arm64",
  armv7l: "arm",
  s390x: "s390x",
  ppc64le: "ppc64",
};
const DEFAULT_SOCKET = "/var/run/docker.sock";
const DEFAULT_RYUK = "testcontainers/ryuk:0.14.0";

export const unavailable = (cause: unknown): SquallError => {
  const host = process.env["DOCKER_HOST"];
  const common = { cause, place: host === undefined ? DEFAULT_SOCKET : `DOCKER_HOST=${host}` };
  if (host === undefined && existsSync(DEFAULT_SOCKET)) {
    try {
      accessSync(DEFAULT_SOCKET, constants.R_OK | constants.W_OK);
    } catch {
      return new SquallError("engine-unavailable", "There is no permission on the Docker engine's socket.", {
        ...common,
        remedy: "Add this user to the group `docker` and log in anew, or use rootless Docker.",
      });
    }
    return new SquallError("engine-unavailable", "The Docker engine does not answer on its socket.", {
      ...common,
      remedy: "Start it (`systemctl start docker`, or Docker Desktop), then run again.",
    });
  }
  return new SquallError("engine-unavailable", "No Docker engine answers.", {
    ...common,
    remedy:
      host === undefined
        ? "Install and start Docker, set DOCKER_HOST, or use runtime process (service.command)."
        : "Check DOCKER_HOST and that the engine there is reachable.",
  });
};

const dockerHostOf = (docker: Dockerode): string => {
  const modem = docker.modem as {
    socketPath?: string;
    protocol?: string;
    host?: string;
    port?: number | string;
  };
  return modem.socketPath === undefined
    ? `tcp://${modem.host ?? "localhost"}:${modem.port ?? 2375}`
    : `unix://${modem.socketPath}`;
};

const hasImage = (docker: Dockerode, name: string): Promise<boolean> =>
  docker
    .getImage(name)
    .inspect()
    .then(
      () => true,
      () => false,
    );

type RuntimeClient = Awaited<ReturnType<typeof Testcontainers.getContainerRuntimeClient>>;

/**
 * Ryuk watches where its image is present. It is never pulled: a registry that limits or is not reachable must not stop
 * a run, and the keeper and the sidecar's own end clean up without it.
 */
const reaperLabels = async (
  { getReaper, LABEL_TESTCONTAINERS_SESSION_ID }: typeof Testcontainers,
  client: RuntimeClient,
): Promise<Readonly<Record<string, string>>> => {
  if (process.env["TESTCONTAINERS_RYUK_DISABLED"] === "true") return {};
  const image = process.env["RYUK_CONTAINER_IMAGE"] ?? DEFAULT_RYUK;
  if (!(await hasImage(client.container.dockerode, image))) return {};
  const { sessionId } = await getReaper(client);
  return { [LABEL_TESTCONTAINERS_SESSION_ID]: sessionId };
};

/**
 * Is the engine's host this machine? testcontainers gives the bridge's gateway wherever it believes to be in a container:
 * where that is an address of our own, the engine runs beside us after all.
 */
export const isHere = async (host: string): Promise<boolean> => {
  if (["localhost", "127.0.0.1", "::1"].includes(host)) return true;
  if (isIP(host) === 0) return false;
  // A bridge without containers is on no list of interfaces, but its address can be bound.
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<boolean>();
  server.once("error", () => resolve(false));
  server.listen({ host, port: 0 }, () => resolve(true));
  const bound = await promise;
  server.close();
  return bound;
};

/** What `docker info` tells and its types leave out. */
interface EngineInfo {
  readonly CgroupVersion?: string;
  readonly OperatingSystem?: string;
  readonly SecurityOptions?: readonly string[];
  readonly Warnings?: readonly string[] | null;
}

interface Found {
  readonly testcontainers: typeof Testcontainers;
  readonly client: RuntimeClient;
  readonly engine: Omit<DockerEngine, "reaperLabels">;
}

const findEngine = async (): Promise<Found> => {
  const testcontainers = await import("testcontainers");
  let client: RuntimeClient;
  try {
    client = await testcontainers.getContainerRuntimeClient();
  } catch (cause) {
    throw unavailable(cause);
  }
  const { host, architecture, cpus, memory, serverVersion, operatingSystemType } =
    client.info.containerRuntime;
  if (operatingSystemType !== "linux") {
    throw new SquallError("engine-unavailable", `The Docker engine runs ${operatingSystemType} containers.`, {
      remedy: "Switch it to Linux containers.",
    });
  }
  const docker = client.container.dockerode;
  const info = (await docker.info()) as EngineInfo;
  const local = await isHere(host);
  const rootless = info.SecurityOptions?.some((option) => option.includes("rootless")) ?? false;
  const sameMachine =
    local &&
    process.platform === "linux" &&
    cpus === availableParallelism() &&
    !/docker desktop/i.test(info.OperatingSystem ?? "");
  const engine = {
    docker,
    host: local ? "127.0.0.1" : host,
    publishOn: local ? "127.0.0.1" : "0.0.0.0",
    dockerHost: dockerHostOf(docker),
    serverVersion: String(serverVersion),
    arch: ARCHITECTURES[architecture] ?? architecture,
    cpus,
    memoryBytes: memory,
    cgroupVersion: info.CgroupVersion === "2" ? (2 as const) : (1 as const),
    rootless,
    warnings: info.Warnings ?? [],
    sameMachine,
    reachesContainers: sameMachine && !rootless,
  };
  return { testcontainers, client, engine };
};

/** As `connectEngine`, and nothing is started: not even the reaper. */
export const lookAtEngine = async (): Promise<Omit<DockerEngine, "reaperLabels">> =>
  (await findEngine()).engine;

/** @throws SquallError `engine-unavailable` with what to do */
export const connectEngine = async (): Promise<DockerEngine> => {
  const { testcontainers, client, engine } = await findEngine();
  return { ...engine, reaperLabels: await reaperLabels(testcontainers, client) };
};
