/**
 * Slow storage: the kernel's block I/O throttling of the container's control group, on the disk that holds the engine's files
 * (the containers' own file systems and volumes). cgroup v1 `blkio.throttle.*`, v2 `io.max`.
 *
 * The engine can set these at creation alone; live, a worker with the machine's control groups writes them. What stays in the
 * page cache is not slowed: under v1 that is every write that is not synced.
 */
import { SquallError } from "../../../../core/errors.ts";
import type { FaultOf } from "../../../../core/fault.ts";
import type { DockerFault, DockerFaultContext, Support } from "./fault.ts";
import { strikeOrUndo } from "./undo.ts";
import { askWorker, ScriptFailure } from "./worker.ts";

/** Bytes per second; 0: no limit. */
interface Limits {
  readonly read: number;
  readonly write: number;
}

interface Throttle {
  readonly limits: Limits;
  /** Bytes that went through since the control group began. */
  readonly passed: { readonly read: number; readonly write: number };
}

/** What `disk-slow` needs to know of the engine; `warnings` are those of `docker info`. */
export interface DiskSlowEngine {
  readonly cgroupVersion: 1 | 2;
  readonly warnings?: readonly string[];
  readonly rootless?: boolean;
}

/** Asked at plan time. What only the machine itself can tell (its disk, its control groups) is told when it strikes. */
export const diskSlowSupported = ({ warnings = [], rootless = false }: DiskSlowEngine): Support => {
  if (rootless)
    return { ok: false, reason: "a rootless engine may not limit block I/O of the machine's disk" };
  const missing = warnings.find((line) =>
    /(throttle\.(read|write)_bps_device|io\.max \((rbps|wbps)\))/.test(line),
  );
  return missing === undefined
    ? { ok: true }
    : { ok: false, reason: `the kernel cannot limit block I/O (${missing.replace(/^WARNING: /, "")})` };
};

/** Sets `input.limits` where given, then tells limits and counters. `null`: the container has no control group (any more). */
const THROTTLE = `const path = require("node:path");
const ROOT = "/squall-cgroup";
const v2 = fs.existsSync(ROOT + "/cgroup.controllers");
const read = (file) => fs.readFileSync(file, "utf8");
const find = (directory, depth) => {
  let entries;
  try { entries = fs.readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory()); } catch { return null; }
  const own = entries.find(({ name }) => name.includes(input.id));
  if (own) return path.join(directory, own.name);
  if (depth > 0) for (const { name } of entries) { const found = find(path.join(directory, name), depth - 1); if (found) return found; }
  return null;
};
const device = () => {
  const fields = read("/proc/self/mountinfo").split("\\n").map((line) => line.split(" ")).find((each) => each[4] === "/etc/hostname");
  const source = fields[fields.indexOf("-") + 2];
  const known = ["/sys/dev/block/" + fields[2], "/sys/class/block/" + path.basename(source)].find((place) => fs.existsSync(place));
  if (!known) throw new Error("the engine's files are on " + source + ", which is no disk that the kernel can limit");
  const real = fs.realpathSync(known);
  return read((fs.existsSync(real + "/partition") ? path.dirname(real) : real) + "/dev").trim();
};
const rowOf = (file, disk) => read(file).split("\\n").filter((line) => line.startsWith(disk + " ")).map((line) => line.slice(disk.length + 1));
const V1 = { files: { read: "blkio.throttle.read_bps_device", write: "blkio.throttle.write_bps_device" },
  set: (group, disk) => { for (const way of ["read", "write"]) fs.writeFileSync(path.join(group, V1.files[way]), disk + " " + input.limits[way]); },
  limits: (group, disk) => Object.fromEntries(["read", "write"].map((way) => [way, Number(rowOf(path.join(group, V1.files[way]), disk)[0] ?? 0)])),
  passed: (group, disk) => { const rows = rowOf(path.join(group, "blkio.throttle.io_service_bytes"), disk).map((row) => row.split(" "));
    const of = (name) => Number(rows.find((row) => row[0] === name)?.[1] ?? 0); return { read: of("Read"), write: of("Write") }; } };
const pairs = (group, file, disk) => Object.fromEntries((rowOf(path.join(group, file), disk)[0] ?? "").split(" ").map((pair) => pair.split("=")));
const number = (text) => text === undefined || text === "max" ? 0 : Number(text);
const V2 = { files: { read: "io.max", write: "io.max" },
  set: (group, disk) => fs.writeFileSync(path.join(group, "io.max"), disk + " rbps=" + (input.limits.read || "max") + " wbps=" + (input.limits.write || "max")),
  limits: (group, disk) => { const { rbps, wbps } = pairs(group, "io.max", disk); return { read: number(rbps), write: number(wbps) }; },
  passed: (group, disk) => { const { rbytes, wbytes } = pairs(group, "io.stat", disk); return { read: number(rbytes), write: number(wbytes) }; } };
const main = () => {
  const base = v2 ? ROOT : ROOT + "/blkio";
  if (!fs.existsSync(base)) throw new Error("the machine has no blkio control group");
  const group = find(base, 8);
  if (!group) return null;
  const by = v2 ? V2 : V1;
  const disk = device();
  for (const file of Object.values(by.files)) if (!fs.existsSync(path.join(group, file))) throw new Error("the container's control group has no " + file);
  if (input.limits) by.set(group, disk);
  return { limits: by.limits(group, disk), passed: by.passed(group, disk) };
};`;

const throttle = (context: DockerFaultContext, id: string, limits: Limits | null): Promise<Throttle | null> =>
  askWorker<Throttle | null>(context, {
    script: THROTTLE,
    input: { id, limits },
    mounts: [{ Type: "bind", Source: "/sys/fs/cgroup", Target: "/squall-cgroup" }],
    host: { CgroupnsMode: "host", SecurityOpt: ["label=disable"] },
  });

const refusal = (cause: unknown, on: string): unknown =>
  cause instanceof ScriptFailure
    ? new SquallError(
        "fault-unsupported",
        `The disk of ${on} cannot be slowed down here: ${cause.message}.`,
        {
          place: `disk-slow on ${on}`,
          remedy: "Remove the experiment, or run it where the kernel can limit block I/O.",
          cause,
        },
      )
    : cause;

const isAs = (now: Limits, wanted: Limits): boolean => now.read === wanted.read && now.write === wanted.write;

const lift = async (context: DockerFaultContext, id: string, before: Limits): Promise<void> => {
  let why: string;
  try {
    const now = await throttle(context, id, before);
    if (now === null || isAs(now.limits, before)) return;
    why = `it stands at ${now.limits.read} B/s read, ${now.limits.write} B/s written`;
  } catch (cause) {
    why = (cause as Error).message;
  }
  throw new SquallError("fault-not-cleared", `A limit of block I/O was not lifted: ${why}`, {
    place: `container ${id.slice(0, 12)}`,
    remedy: "End the run: the limit goes with the container.",
  });
};

/** Bytes since the strike, in the ways that are slowed and in all. */
const passedSince = (now: Throttle, start: Throttle, limits: Limits) => {
  const read = Math.max(0, now.passed.read - start.passed.read);
  const write = Math.max(0, now.passed.write - start.passed.write);
  return { seen: read + write, affected: (limits.read > 0 ? read : 0) + (limits.write > 0 ? write : 0) };
};

const limitsOf = (fault: FaultOf<"disk-slow">): Limits => ({
  read: Math.round(fault.readBytesPerSecond ?? 0),
  write: Math.round(fault.writeBytesPerSecond ?? 0),
});

export const diskSlow: DockerFault<"disk-slow"> = (context, fault) =>
  strikeOrUndo(async (undo) => {
    const limits = limitsOf(fault);
    const struck: { readonly id: string; readonly start: Throttle }[] = [];
    for (const id of context.targets(fault.on)) {
      const ask = (set: Limits | null): Promise<Throttle | null> =>
        throttle(context, id, set).catch((cause: unknown) => {
          throw refusal(cause, fault.on);
        });
      const before = await ask(null);
      if (before === null) continue;
      undo.add(() => lift(context, id, before.limits));
      const start = await ask(limits);
      if (start !== null && !isAs(start.limits, limits)) {
        throw refusal(new ScriptFailure("the kernel did not take the limit"), fault.on);
      }
      if (start !== null) struck.push({ id, start });
    }
    return {
      effect: async () => {
        let [seen, affected] = [0, 0];
        for (const { id, start } of struck) {
          const now = await throttle(context, id, null);
          const passed = now === null ? { seen: 0, affected: 0 } : passedSince(now, start, limits);
          seen += passed.seen;
          affected += passed.affected;
        }
        return { seen, affected };
      },
      clear: () => undo.all(),
    };
  });
