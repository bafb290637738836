/** What the control group of this process allows: a container's `--cpus` and `--memory`, on cgroup v1 and v2. */
import { readFile } from "node:fs/promises";
import path from "node:path";

export interface ControlGroup {
  /** Cores, such as 0.5; null: no limit. */
  readonly cores: number | null;
  readonly memoryBytes: number | null;
}

export interface ControlGroupPlaces {
  /** Which groups a process is in; Linux has it in /proc. */
  readonly list: string;
  /** Where control groups are mounted. */
  readonly mount: string;
}

const PLACES: ControlGroupPlaces = { list: "/proc/self/cgroup", mount: "/sys/fs/cgroup" };
/** cgroup v1 writes "no limit" as the largest page-aligned number; no machine has an exbibyte. */
const NO_LIMIT_BYTES = 2 ** 60;

const textOf = async (file: string): Promise<string | null> => {
  try {
    return (await readFile(file, "latin1")).trim();
  } catch {
    // Not of this version of control groups, or not on Linux.
    return null;
  }
};

const coresOf = (quota: string | undefined, period: string | undefined): number | null => {
  const cores = Number(quota) / Number(period);
  return Number.isFinite(cores) && cores > 0 ? cores : null;
};

const bytesOf = (text: string | null): number | null => {
  const bytes = text === null || text === "" ? Number.NaN : Number(text);
  return Number.isFinite(bytes) && bytes > 0 && bytes < NO_LIMIT_BYTES ? bytes : null;
};

const limitsIn = async (directory: string): Promise<ControlGroup> => {
  const file = (name: string): Promise<string | null> => textOf(path.join(directory, name));
  const [two, quota, period, memoryTwo, memoryOne] = await Promise.all([
    file("cpu.max"),
    file("cpu.cfs_quota_us"),
    file("cpu.cfs_period_us"),
    file("memory.max"),
    file("memory.limit_in_bytes"),
  ]);
  const [twoQuota, twoPeriod] = (two ?? "").split(/\s+/);
  return {
    cores: coresOf(twoQuota, twoPeriod) ?? coresOf(quota ?? undefined, period ?? undefined),
    memoryBytes: bytesOf(memoryTwo) ?? bytesOf(memoryOne),
  };
};

/** The group's own directory and all above it: a limit holds for everything below. */
const upwards = (base: string, group: string): string[] => {
  // In a namespace of its own a group may be written as /../..; join stops at the root.
  const parts = path.posix.join("/", group).split("/").filter(Boolean);
  return Array.from({ length: parts.length + 1 }, (_, index) => path.join(base, ...parts.slice(0, index)));
};

/** A line is `number:controllers:group`; cgroup v2 names no controllers. */
const directoriesOf = (line: string, mount: string): string[] => {
  const match = /^\d+:([^:]*):(.*)$/.exec(line);
  if (match === null) return [];
  const [, controllers = "", group = "/"] = match;
  const bases =
    controllers === ""
      ? [mount, path.join(mount, "unified")]
      : controllers.split(",").some((name) => name === "cpu" || name === "memory")
        ? [...new Set([controllers, ...controllers.split(",")])].map((name) => path.join(mount, name))
        : [];
  return bases.flatMap((base) => upwards(base, group));
};

const least = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.min(...known);
};

/** The tightest limits that hold for this process. Never throws: where there are no control groups there are no limits. */
export const controlGroup = async ({ list, mount }: ControlGroupPlaces = PLACES): Promise<ControlGroup> => {
  const lines = ((await textOf(list)) ?? "").split("\n");
  const directories = [...new Set(lines.flatMap((line) => directoriesOf(line, mount)))];
  const limits = await Promise.all(directories.map(limitsIn));
  return {
    cores: least(limits.map(({ cores }) => cores)),
    memoryBytes: least(limits.map(({ memoryBytes }) => memoryBytes)),
  };
};
