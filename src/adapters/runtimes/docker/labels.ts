import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/** On every container, network and volume of squall's: by these, and these alone, it knows its own. */
export const LABEL_RUN = "dev.squall.run";
export const LABEL_OWNER = "dev.squall.owner";
export const LABEL_ROLE = "dev.squall.role";
/** On images that squall made. */
export const LABEL_IMAGE = "dev.squall.image";

export type Role = "service" | "dependency" | "sidecar" | "front" | "worker" | "network" | "volume";

const readOr = (file: string, otherwise: string): string => {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return otherwise;
  }
};

/** This boot of this machine: an engine may serve several, and a process number means something on one of them only. */
const machine = (): string =>
  createHash("sha256")
    .update(`${hostname()}/${readOr("/proc/sys/kernel/random/boot_id", "")}`)
    .digest("hex")
    .slice(0, 12);

/** When a process started, in clock ticks since boot: tells a process from a later one with its number. "" where unknown. */
const startTicks = (pid: number): string => {
  const stat = readOr(`/proc/${pid}/stat`, "");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
};

/** `machine/pid/start`: the squall that a resource belongs to. */
export const ownerOf = (pid: number): string => `${machine()}/${pid}/${startTicks(pid)}`;

export type OwnerState = "alive" | "dead" | "elsewhere";

/** Whether the squall of an owner label still runs; `elsewhere` where that cannot be told from here. */
export const ownerState = (owner: string): OwnerState => {
  const [where, pid = "", start = ""] = owner.split("/");
  if (where !== machine() || !/^\d+$/.test(pid)) return "elsewhere";
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return "dead";
  }
  const now = startTicks(Number(pid));
  return start === "" || now === "" || now === start ? "alive" : "dead";
};

/** Short enough for names, long enough never to meet another. */
export const newRunId = (): string => randomBytes(6).toString("hex");

export interface RunLabels {
  readonly runId: string;
  of(role: Role): Record<string, string>;
}

/** `extra` are the reaper's, where one watches. */
export const runLabels = (runId: string, extra: Readonly<Record<string, string>> = {}): RunLabels => ({
  runId,
  of: (role) => ({
    ...extra,
    [LABEL_RUN]: runId,
    [LABEL_OWNER]: ownerOf(process.pid),
    [LABEL_ROLE]: role,
  }),
});
