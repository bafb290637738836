/** How the sidecar's container is closed in, wired and filled. */
import type Dockerode from "dockerode";
import type { SidecarConfig } from "../../../core/sidecar-protocol.ts";
import type { DockerEngine } from "./engine.ts";
import { PROGRAM_FOLDER, SIDECAR_USER, type SidecarImage } from "./sidecar-image.ts";
import { tarOf } from "./tar.ts";

export interface SidecarContainerStart {
  readonly engine: DockerEngine;
  readonly image: SidecarImage;
  readonly labels: Readonly<Record<string, string>>;
  /** By name, at least one; in each the sidecar bears the aliases. The first carries what is published. */
  readonly networks: readonly { readonly name: string; readonly aliases: readonly string[] }[];
  /** Inside; as in the configuration. */
  readonly controlPort: number;
  /** Edges that are reached from this machine, with their ports inside. */
  readonly publish: Readonly<Record<string, number>>;
  readonly logFile: string;
  /** Absolute files of this machine laid into it, each in a folder of its own making: /cassettes/llm. */
  readonly files: readonly { readonly source: string; readonly target: string }[];
  /** Cores it may run on, such as "0-1". */
  readonly cpuset?: string;
  /** The configuration, once the container's address in each network is known. */
  readonly configOf: (addresses: Readonly<Record<string, string>>) => SidecarConfig;
}

/** Everything that is laid into it, with the program where the image has none. */
const filesOf = ({ image, files }: SidecarContainerStart): SidecarContainerStart["files"] => [
  ...files,
  ...(image.entry === null
    ? image.program.files.map(({ source, name }) => ({ source, target: `${PROGRAM_FOLDER}/${name}` }))
    : []),
];

/** The first folder of an absolute path: "/cassettes". */
const topFolder = (target: string): string => `/${target.split("/")[1]}`;

export const createOptions = (start: SidecarContainerStart): Dockerode.ContainerCreateOptions => {
  const { engine, image, labels, networks, controlPort, publish, cpuset } = start;
  const [first] = networks;
  const ports = [...new Set([controlPort, ...Object.values(publish)])].map((port) => `${port}/tcp`);
  const entry = image.entry ?? `${PROGRAM_FOLDER}/${image.program.entry}`;
  return {
    Image: image.name,
    Entrypoint: [...image.node],
    Cmd: [entry],
    User: SIDECAR_USER,
    WorkingDir: "/",
    Labels: { ...labels },
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    OpenStdin: true,
    // The end of our connection is the end of its standard input, by which it leaves.
    StdinOnce: true,
    Tty: false,
    ExposedPorts: Object.fromEntries(ports.map((port) => [port, {}])),
    // The engine puts nothing into a read-only root, but into volumes: these have no name and go with the container.
    Volumes: Object.fromEntries(filesOf(start).map(({ target }) => [topFolder(target), {}])),
    HostConfig: {
      AutoRemove: true,
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      // A dependency's port may be below 1024, and the sidecar has no capability to take it.
      Sysctls: { "net.ipv4.ip_unprivileged_port_start": "0" },
      LogConfig: { Type: "none", Config: {} },
      PortBindings: Object.fromEntries(
        ports.map((port) => [port, [{ HostIp: engine.publishOn, HostPort: "" }]]),
      ),
      ...(cpuset === undefined ? {} : { CpusetCpus: cpuset }),
      ...(first === undefined ? {} : { NetworkMode: first.name }),
    },
    NetworkingConfig: {
      EndpointsConfig: first === undefined ? {} : { [first.name]: { Aliases: [...first.aliases] } },
    },
  };
};

/** Lays the files in before the start. */
export const putFiles = async (
  container: Dockerode.Container,
  start: SidecarContainerStart,
): Promise<void> => {
  for (const [folder, files = []] of Object.entries(
    Object.groupBy(filesOf(start), ({ target }) => topFolder(target)),
  )) {
    const entries = files.map(({ source, target }) => ({
      name: target.slice(folder.length + 1),
      mode: 0o644,
      content: { file: source },
    }));
    await container.putArchive(tarOf(entries), { path: folder });
  }
};
