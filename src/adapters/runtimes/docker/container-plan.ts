/** One container as the run wants it, and the same in the engine's words. */
import type Dockerode from "dockerode";
import type { SquallErrorCode } from "../../../core/errors.ts";

export interface ContainerPlan {
  /** `service`, `service-2`, or a dependency's name: in logs, samples and messages. */
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
  readonly user?: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The first is given at creation; each with the names it has there. */
  readonly networks: readonly { readonly name: string; readonly aliases: readonly string[] }[];
  readonly cpus?: number;
  readonly cpuset?: string;
  readonly memoryBytes?: number;
  readonly shmBytes?: number;
  /** `volume-or-absolute-path:directory[:ro]` */
  readonly binds: readonly string[];
  readonly tmpfs: readonly string[];
  /** Absolute directories on volumes of the run's own that any user of the image may write to. */
  readonly openDirectories?: readonly string[];
  /** Absolute sources on this machine. */
  readonly files: readonly { readonly source: string; readonly target: string }[];
  readonly redact: (line: string) => string;
  readonly logFile: string;
  readonly startErrorCode: Extract<SquallErrorCode, "service-start-failed" | "dependency-start-failed">;
}

/** Of the kernel's CPU bandwidth control. */
export const CPU_PERIOD_US = 100_000;

export const cpuQuotaUs = (cpus: number): number => Math.max(1000, Math.round(cpus * CPU_PERIOD_US));

/** What to do about the engine's reason for not starting it. */
export const startRemedy = (why: string): string => {
  if (/no space left/i.test(why))
    return "Free disk space of the engine: `docker system df`, `docker system prune`.";
  if (/exec format error/i.test(why))
    return "The image is made for another processor: build or pull it for this one.";
  if (/no such image|pull access denied|not found.*manifest/i.test(why)) return "Check the image's name.";
  if (/executable file not found|no such file or directory/i.test(why)) return "Check the image's command.";
  return "Start the image by hand (`docker run`) and mend what it says.";
};

/** What testcontainers has no word for. Quota, not NanoCpus: only a quota can be changed and lifted while it runs. */
export const applyPlan = (
  plan: ContainerPlan,
  create: Dockerode.ContainerCreateOptions,
  host: Dockerode.HostConfig,
): void => {
  const [first] = plan.networks;
  if (plan.command !== undefined) create.Cmd = [...plan.command];
  if (plan.entrypoint !== undefined) create.Entrypoint = [...plan.entrypoint];
  if (plan.workingDirectory !== undefined) create.WorkingDir = plan.workingDirectory;
  if (plan.user !== undefined) create.User = plan.user;
  if (first !== undefined) {
    host.NetworkMode = first.name;
    create.NetworkingConfig = { EndpointsConfig: { [first.name]: { Aliases: [...first.aliases] } } };
  }
  if (plan.cpus !== undefined)
    Object.assign(host, { CpuPeriod: CPU_PERIOD_US, CpuQuota: cpuQuotaUs(plan.cpus) });
  if (plan.cpuset !== undefined) host.CpusetCpus = plan.cpuset;
  if (plan.memoryBytes !== undefined)
    Object.assign(host, { Memory: plan.memoryBytes, MemorySwap: plan.memoryBytes });
  if (plan.shmBytes !== undefined) host.ShmSize = plan.shmBytes;
  host.Binds = [...plan.binds];
  host.Tmpfs = Object.fromEntries(plan.tmpfs.map((directory) => [directory, ""]));
};
