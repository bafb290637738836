/** A small run for the faults to strike: a network, a sidecar with two names, a service, all containers of one node image. */
import { createHash, randomBytes } from "node:crypto";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import Dockerode from "dockerode";
import type { DockerFaultContext } from "../../../../../src/adapters/runtimes/docker/faults/fault.ts";
import { NODE_INSIDE, nodeFiles } from "../../../../../src/adapters/runtimes/docker/node-files.ts";
import { tarOf } from "../../../../../src/adapters/runtimes/docker/tar.ts";

export const LAB_LABEL = "dev.squall.lab";
const NODE = `/${NODE_INSIDE}`;
export const EDGE_PORT = 8600;
/** Answers every request on EDGE_PORT with its path; listens on its own address alone, as the sidecar does. */
const ECHO = `const { address } = Object.values(require("node:os").networkInterfaces()).flat().find((each) => !each.internal);
require("node:http").createServer((request, response) => response.end(request.url)).listen(${EDGE_PORT}, address);`;
const IDLE = "setInterval(() => undefined, 1e6);";

export const docker = new Dockerode();

/** Node and its libraries; made once for each content of node. */
const labImage = async (): Promise<string> => {
  const { files, libraryFolders } = await nodeFiles();
  const tag = createHash("sha256")
    .update(JSON.stringify([process.version, files, libraryFolders]))
    .digest("hex");
  const name = `squall-test/lab:${tag.slice(0, 12)}`;
  const known = await docker
    .getImage(name)
    .inspect()
    .catch(() => null);
  if (known !== null) return name;
  const archive = tarOf([
    { name: "tmp", mode: 0o1777, content: "directory" },
    ...files.map((file) => ({ name: file.name, mode: 0o755, content: { file: file.source } })),
  ]);
  const answer = await docker.importImage(archive, {
    repo: "squall-test/lab",
    tag: tag.slice(0, 12),
    changes: [`ENV LD_LIBRARY_PATH=${libraryFolders.join(":")}`],
  });
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(answer, (error) => (error === null ? resolve() : reject(error)));
  });
  return name;
};

export interface Lab extends AsyncDisposable {
  readonly context: DockerFaultContext;
  readonly network: string;
  readonly sidecar: Dockerode.Container;
  readonly services: readonly Dockerode.Container[];
  /** Everything with the lab's label that is there now. */
  leftovers(): Promise<readonly string[]>;
}

export interface LabOptions {
  readonly replicas?: number;
  /** Of each service: what it runs. */
  readonly program?: string;
  readonly host?: Dockerode.HostConfig;
  /** By directory, the volume mounted there in every service: one of its own each. */
  readonly volumes?: Readonly<Record<string, Dockerode.VolumeCreateOptions>>;
  /** Host port on which the sidecar's edge is published; 0: the engine chooses. */
  readonly publishedPort?: number;
}

/** A /28 of its own: addresses can be asked for only where the subnet was. */
const createNetwork = async (name: string, labels: Record<string, string>): Promise<Dockerode.Network> => {
  for (let tries = 0; ; tries++) {
    const [second, third] = [randomBytes(1)[0] ?? 0, randomBytes(1)[0] ?? 0];
    const subnet = `10.${second}.${third}.0/28`;
    try {
      return await docker.createNetwork({
        Name: name,
        Labels: labels,
        IPAM: { Driver: "default", Config: [{ Subnet: subnet }] },
      });
    } catch (error) {
      if (tries === 5) throw error;
    }
  }
};

export const openLab = async (options: LabOptions = {}): Promise<Lab> => {
  await using stack = new AsyncDisposableStack();
  const id = randomBytes(4).toString("hex");
  const labels = { [LAB_LABEL]: id };
  const image = await labImage();
  const network = `squall-lab-${id}`;
  await createNetwork(network, labels);
  stack.defer(async () => void (await docker.getNetwork(network).remove()));

  const run = async (
    program: string,
    aliases: readonly string[],
    extra: Dockerode.ContainerCreateOptions = {},
  ) => {
    const container = await docker.createContainer({
      Image: image,
      Entrypoint: [NODE],
      Cmd: ["-e", program],
      Labels: labels,
      ...extra,
      HostConfig: { NetworkMode: network, ...extra.HostConfig },
      NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: [...aliases] } } },
    });
    stack.defer(async () => void (await container.remove({ force: true, v: true }).catch(() => undefined)));
    await container.start();
    return container;
  };

  const { publishedPort } = options;
  const sidecar = await run(ECHO, ["llm", "vector", "the-sidecar"], {
    ExposedPorts: publishedPort === undefined ? {} : { [`${EDGE_PORT}/tcp`]: {} },
    HostConfig:
      publishedPort === undefined
        ? {}
        : { PortBindings: { [`${EDGE_PORT}/tcp`]: [{ HostIp: "127.0.0.1", HostPort: `${publishedPort}` }] } },
  });
  const services: Dockerode.Container[] = [];
  const volumes: Map<string, string>[] = [];
  for (let index = 0; index < (options.replicas ?? 1); index++) {
    const own = new Map<string, string>();
    for (const [directory, volume] of Object.entries(options.volumes ?? {})) {
      const name = `squall-lab-${id}-${index}-${randomBytes(3).toString("hex")}`;
      await docker.createVolume({ ...volume, Name: name, Labels: labels });
      stack.defer(async () => void (await docker.getVolume(name).remove()));
      own.set(directory, name);
    }
    volumes.push(own);
    const binds = [...own].map(([directory, name]) => `${name}:${directory}`);
    services.push(
      await run(options.program ?? IDLE, [`service-${index + 1}`], {
        HostConfig: { ...options.host, Binds: binds },
      }),
    );
  }
  const owned = stack.move();
  const filters = { label: [`${LAB_LABEL}=${id}`] };
  return {
    network,
    sidecar,
    services,
    context: {
      docker,
      labels: { ...labels, worker: "yes" },
      network,
      sidecar: {
        containerId: sidecar.id,
        edge: (name) => {
          if (!["client", "llm", "vector", "fronted"].includes(name)) throw new Error(`no edge ${name}`);
          return { port: EDGE_PORT, network, aliases: name === "client" ? [] : [name] };
        },
      },
      targets: (on) => (on === "service" ? services.map((each) => each.id) : [sidecar.id]),
      nodeImage: () => Promise.resolve({ name: image, node: [NODE] }),
      volumeAt: (on, directory) => volumes[Number(/-(\d+)$/.exec(on)?.[1] ?? 1) - 1]?.get(directory),
    },
    leftovers: async () => [
      ...(
        await docker.listContainers({ all: true, filters: { label: [`${LAB_LABEL}=${id}`, "worker=yes"] } })
      ).map((each) => each.Id),
      ...(await docker.listNetworks({ filters })).map((each) => each.Name).filter((name) => name !== network),
    ],
    [Symbol.asyncDispose]: async () => {
      // Workers that a broken fault left would hold the network and the volumes.
      for (const left of await docker.listContainers({ all: true, filters }))
        await docker.getContainer(left.Id).remove({ force: true, v: true });
      await owned.disposeAsync();
    },
  };
};

/** Runs a program in a container that runs, to its end; what it wrote. @throws Error with its words where it fails */
export const runIn = async (container: Dockerode.Container, program: string): Promise<string> => {
  const exec = await container.exec({
    Cmd: [NODE, "-e", program],
    AttachStdout: true,
    AttachStderr: true,
  });
  const stream = await exec.start({});
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  container.modem.demuxStream(stream, stdout, stderr);
  stream.once("end", () => {
    stdout.end();
    stderr.end();
  });
  const [out, err] = await Promise.all([text(stdout), text(stderr)]);
  // The stream ends a moment before the engine knows the exit code.
  for (let tries = 0; tries < 200; tries++) {
    const { Running, ExitCode } = await exec.inspect();
    if (Running) {
      await sleep(10);
      continue;
    }
    if (ExitCode !== 0) throw new Error(err.trim() || `exit code ${ExitCode}`);
    return out.trim();
  }
  throw new Error("the program did not end");
};

/** In a container: GET over the edge by name; its body, the error's code, or TIMEOUT when all of it took longer. */
export const get = (host: string, path = "/hello", timeoutMs = 3000): string =>
  `require("node:http").get({ host: ${JSON.stringify(host)}, port: ${EDGE_PORT}, path: ${JSON.stringify(path)}, agent: false },
    async (response) => { console.log(String(Buffer.concat(await response.toArray()))); process.exit(); }).on("error", (error) => { console.log(error.code); process.exit(); });
  setTimeout(() => { console.log("TIMEOUT"); process.exit(); }, ${timeoutMs});`;
