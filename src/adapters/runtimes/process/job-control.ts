/** Workers of a training job as processes of this machine. */
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readFile, realpath, rm } from "node:fs/promises";
import path from "node:path";
import { SquallError } from "../../../core/errors.ts";
import type { JobControl } from "../../../run/job/job-ports.ts";
import { signalGroup } from "./group-signal.ts";
import type { ManagedProcess } from "./managed-process.ts";
import { kill, processesWith, RUN_MARKER, WORKER_MARKER } from "./sweep.ts";
import type { Ports } from "./wiring.ts";

/** Absolute. */
export interface WorkerDirectories {
  /** All workers share it. */
  readonly checkpoints: string;
  /** One a worker. */
  readonly disks: readonly string[];
}

export interface JobControlParts {
  readonly workers: readonly ManagedProcess[];
  readonly directories: WorkerDirectories;
  /** The run's. */
  readonly marker: string;
}

const LARGEST_FILE = 16 << 20;

const makeEmpty = async (directory: string): Promise<void> => {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
};

/** `<runDirectory>/checkpoints` and `<runDirectory>/disk-N`, empty; `disk-1` is the first worker's. */
export const makeJobDirectories = async (
  runDirectory: string,
  { services }: Pick<Ports, "services">,
): Promise<WorkerDirectories> => {
  const root = path.resolve(runDirectory);
  const directories = {
    checkpoints: path.join(root, "checkpoints"),
    disks: services.map((_, worker) => path.join(root, `disk-${worker + 1}`)),
  };
  for (const directory of [directories.checkpoints, ...directories.disks]) await makeEmpty(directory);
  return directories;
};

/** What `{{...}}` stands for in a worker's command and environment, and what marks its processes. */
export const workerSettings = (
  { checkpoints, disks }: WorkerDirectories,
  worker: number,
): {
  readonly names: Readonly<Record<string, string>>;
  readonly markers: Readonly<Record<string, string>>;
} => ({
  names: {
    rank: String(worker),
    workers: String(disks.length),
    checkpoints,
    disk: disks[worker] ?? "",
  },
  markers: { [WORKER_MARKER]: String(worker) },
});

/** The end of a file's text, in which a character that was cut is left out. */
const readEnd = async (file: FileHandle): Promise<string | null> => {
  const status = await file.stat();
  if (!status.isFile()) return null;
  const length = Math.min(status.size, LARGEST_FILE);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, status.size - length);
  let from = 0;
  if (status.size > length) while (from < bytesRead && ((buffer[from] ?? 0) & 0xc0) === 0x80) from++;
  return buffer.toString("utf8", from, bytesRead);
};

const isMissing = (error: unknown): boolean =>
  ["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "");

/** @throws SquallError `suite-invalid` where the path leads out of the directory, by a link too */
const readInside = async (directory: string, relative: string): Promise<string | null> => {
  try {
    const root = await realpath(directory);
    const real = await realpath(path.resolve(root, relative));
    if (!real.startsWith(root + path.sep)) {
      throw new SquallError("suite-invalid", `${relative} leads out of the job's directory.`, {
        place: "workload.job.file",
        remedy: "Name a file that the job writes in {{checkpoints}} or {{disk}}.",
      });
    }
    // A pipe put there would else be waited for without end.
    const file = await open(real, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    try {
      return await readEnd(file);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
};

interface Relatives {
  readonly parent: number;
  readonly group: number;
  readonly isDead: boolean;
}

/** The name in parentheses may hold anything, so fields count from its last ")". */
const relativesOf = async (pid: number): Promise<Relatives | null> => {
  const text = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => null);
  if (text === null) return null;
  const [state, parent, group] = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { parent: Number(parent), group: Number(group), isDead: state === "Z" || state === "X" };
};

/** Is it one of the living, in their groups or by descent? */
const belongsTo = async (pid: number, living: ReadonlySet<number>): Promise<boolean> => {
  for (let one = pid; one > 1; ) {
    const relatives = await relativesOf(one);
    if (relatives === null) return false;
    if (one === pid && relatives.isDead) return true;
    if (living.has(one) || living.has(relatives.group)) return true;
    one = relatives.parent;
  }
  return false;
};

const runs = ({ child }: ManagedProcess): boolean => child !== null && child.exit === null;

export const jobControl = ({ workers, directories, marker }: JobControlParts): JobControl => {
  /** Groups of lives that are over, where something of them may be left. */
  const former = new Set<number>();
  const one = (worker: number): ManagedProcess => workers[worker] as ManagedProcess;

  return {
    workers: workers.length,
    start: async (worker) => {
      const managed = one(worker);
      if (runs(managed)) return;
      if (managed.child !== null && managed.leavesGroup()) former.add(managed.child.pid);
      await managed.start();
    },
    end: (worker) => one(worker).end(),
    replaceNode: async (worker) => {
      // The machine is gone, and with it whatever still ran there.
      await one(worker).end();
      const left = await processesWith([`${RUN_MARKER}=${marker}`, `${WORKER_MARKER}=${worker}`]);
      for (const pid of left) kill(pid, "SIGKILL");
      await makeEmpty(directories.disks[worker] ?? "");
    },
    readFile: (directory, relative) =>
      readInside(
        directory === "checkpoints" ? directories.checkpoints : (directories.disks[0] ?? ""),
        relative,
      ),
    metricsUrl: `http://127.0.0.1:${workers[0]?.port ?? 0}`,
    orphans: async () => {
      const living = new Set(
        workers.filter(runs).flatMap(({ child }) => (child === null ? [] : [child.pid])),
      );
      if (process.platform !== "linux") {
        const ended = workers.flatMap(({ child }) =>
          child === null || living.has(child.pid) ? [] : [child.pid],
        );
        return [...former, ...ended].filter((group) => signalGroup(group, 0)).length;
      }
      const marked = await processesWith([`${RUN_MARKER}=${marker}`, `${WORKER_MARKER}=`]);
      const belongs = await Promise.all(marked.map((pid) => belongsTo(pid, living)));
      return belongs.filter((isLiving) => !isLiving).length;
    },
  };
};
