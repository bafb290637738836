/** The Docker engine as runtime docker will find it. Nothing is started there, and no address is told. */
import type { DockerEngine } from "../../adapters/runtimes/docker/engine.ts";
import { SquallError } from "../../core/errors.ts";
import { bytesText } from "../../run/doctor/bytes.ts";
import type { Answer, Question } from "../../run/doctor/check.ts";
import { RUNTIME_CHECKS } from "../../run/doctor/readiness.ts";

export type LookedEngine = Omit<DockerEngine, "reaperLabels">;

export interface DockerCheck {
  /** Loads what takes longer to load than an engine takes to answer: not of the check's own time. */
  readonly prepare: () => Promise<void>;
  readonly question: Question;
  /** The engine that was found; null before, and where there is none. */
  readonly engine: () => LookedEngine | null;
}

/** What an engine's `info` and `version` tell, and their types leave out. */
interface Tells {
  readonly MemoryLimit?: boolean;
  readonly CpuCfsQuota?: boolean;
  readonly ApiVersion?: string;
}

/** host and port, or the socket's path. */
const placeOf = (address: string): string => {
  if (!URL.canParse(address)) return address;
  const { protocol, host, pathname } = new URL(address);
  return protocol === "unix:" || protocol === "npipe:" ? pathname : host;
};

/** The client takes the default socket where DOCKER_HOST does not answer: a run would be measured on another engine. */
const isAsked = ({ dockerHost }: LookedEngine, asked: string | undefined): boolean =>
  asked === undefined || asked === "" || placeOf(asked) === placeOf(dockerHost);

const describe = async (engine: LookedEngine): Promise<Answer> => {
  const [info, version]: [Tells, Tells] = await Promise.all([
    engine.docker.info() as Promise<Tells>,
    engine.docker.version(),
  ]);
  const cannot = [
    ...(info.CpuCfsQuota === true ? [] : ["cores"]),
    ...(info.MemoryLimit === true ? [] : ["memory"]),
  ];
  const found = [
    `${engine.serverVersion} (API ${version.ApiVersion ?? "unknown"})`,
    `linux/${engine.arch}`,
    engine.sameMachine ? "on this machine" : "in a virtual machine or elsewhere",
    engine.rootless ? "rootless" : "not rootless",
    `cgroup v${engine.cgroupVersion}`,
    `${engine.cpus} cores and ${bytesText(engine.memoryBytes)}`,
    cannot.length === 0 ? "can limit cores and memory" : `cannot limit ${cannot.join(" and ")}`,
  ].join(", ");
  if (cannot.length > 0) {
    return {
      state: "warn",
      found,
      remedy: engine.rootless
        ? "Delegate these control groups to the rootless engine (cgroup v2, systemd: Delegate=cpu memory)."
        : "Use a kernel with these control groups.",
    };
  }
  if (!isAsked(engine, process.env["DOCKER_HOST"])) {
    return {
      state: "warn",
      found: `${found}; it is not the one that DOCKER_HOST names`,
      remedy: "Check DOCKER_HOST: what it names does not answer, and a run would use this engine instead.",
    };
  }
  if (engine.arch !== process.arch) {
    return {
      state: "warn",
      found,
      remedy: `The engine is no ${process.arch} as this machine: set docker.sidecarImage to an image with Node 24.`,
    };
  }
  return { state: "ok", found };
};

/** What is wrong, without the address: it may hold a password. */
const absent = (error: unknown): Answer => {
  if (!(error instanceof SquallError)) throw error;
  const place = process.env["DOCKER_HOST"] === undefined ? "" : " (DOCKER_HOST is set)";
  return {
    state: "missing",
    found: `${error.message.replace(/\.$/, "")}${place}`,
    remedy: error.remedy ?? "Start the Docker engine.",
  };
};

export const dockerEngine = (
  connect: () => Promise<LookedEngine> = async () =>
    (await import("../../adapters/runtimes/docker/engine.ts")).lookAtEngine(),
): DockerCheck => {
  let engine: LookedEngine | null = null;
  return {
    prepare: async () => {
      await import("testcontainers").catch(() => undefined);
    },
    engine: () => engine,
    question: {
      name: RUNTIME_CHECKS.docker,
      neededFor: "runtime docker: images, builds, compose files, faults of memory, disk and network",
      otherwise: {
        state: "missing",
        remedy:
          "Check DOCKER_HOST and that the engine there answers (`docker info`), or use runtime process.",
      },
      look: async () => {
        let found: LookedEngine;
        try {
          found = await connect();
        } catch (error) {
          return absent(error);
        }
        const answer = await describe(found);
        engine = found;
        return answer;
      },
    },
  };
};
