/** No space left: a file of ours takes what is free in a volume that has a size (tmpfs-volume.ts). */
import type Dockerode from "dockerode";
import { SquallError } from "../../../../core/errors.ts";
import type { FaultOf } from "../../../../core/fault.ts";
import { isMissing } from "./engine-answer.ts";
import type { DockerFault, DockerFaultContext } from "./fault.ts";
import { strikeOrUndo, type Undo } from "./undo.ts";
import { askWorker, ScriptFailure } from "./worker.ts";

export { FILLABLE_BYTES, tmpfsVolume } from "./tmpfs-volume.ts";

const VOLUME = "/volume";

interface Space {
  readonly totalBytes: number;
  readonly freeBytes: number;
  /** Size of our file, and what it was before the action. */
  readonly filledBytes: number;
  readonly filledBefore: number;
}

/** Does `input.action` ("look", "fill", "empty") with the file `.squall-fill`, and says how the volume stands then. */
const FILE = `const file = "${VOLUME}/.squall-fill";
const TMPFS = 0x01021994;
const space = () => { const { blocks, bavail, bsize } = fs.statfsSync("${VOLUME}"); return { totalBytes: blocks * bsize, freeBytes: bavail * bsize, bsize }; };
const fill = () => {
  const block = Buffer.alloc(1024 * 1024);
  const to = fs.openSync(file, "a", 0o600);
  for (;;) {
    const { freeBytes, bsize } = space();
    const room = Math.floor((freeBytes - input.leaveBytes) / bsize) * bsize;
    if (room <= 0) break;
    try { fs.writeSync(to, block, 0, Math.min(room, block.length)); }
    catch (error) { if (error.code === "ENOSPC") break; throw error; }
  }
  fs.closeSync(to);
};
const size = () => fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
const main = () => {
  const filledBefore = size();
  if (input.action === "fill") {
    // A second guard, where the bytes are written: what is no file system in memory may be the machine's disk.
    if (fs.statfsSync("${VOLUME}").type !== TMPFS) throw new Error("the volume has no size of its own.");
    const { totalBytes, freeBytes } = space();
    if (freeBytes <= input.leaveBytes)
      throw new Error("only " + freeBytes + " of " + totalBytes + " bytes are free, and " + input.leaveBytes + " shall be left.");
    fill();
  }
  if (input.action === "empty") fs.rmSync(file, { force: true });
  return { ...space(), filledBytes: size(), filledBefore };
};`;

/** For a container that has a volume mounted already (volume-holder.ts). */
export const DISK_FULL_SCRIPT = { script: FILE, target: VOLUME } as const;

type Action = "look" | "fill" | "empty";

const inVolume = (
  context: DockerFaultContext,
  volume: string,
  action: Action,
  leaveBytes: number,
): Promise<Space> =>
  context.holderOf?.(volume)?.ask<Space>({ action, leaveBytes }) ??
  askWorker<Space>(context, {
    script: FILE,
    input: { action, leaveBytes },
    mounts: [{ Type: "volume", Source: volume, Target: VOLUME }],
    // The directory may belong to the service's user alone.
    capabilities: ["DAC_OVERRIDE"],
  });

const unfit = ({ on, path }: FaultOf<"disk-full">, message: string, remedy: string): SquallError =>
  new SquallError("fault-unsupported", `disk-full: ${message}`, { place: `${path} in ${on}`, remedy });

const isSizeLimited = async (docker: Dockerode, volume: string): Promise<boolean> => {
  const { Options } = (await docker.getVolume(volume).inspect()) as {
    Options?: Record<string, string> | null;
  };
  return Options?.["type"] === "tmpfs" && /size=/.test(Options["o"] ?? "");
};

/** Volumes behind the fault's path, each once (a job's workers share one); only such with a size are ever filled, never the machine's disk. */
const limitedVolumes = async (
  context: DockerFaultContext,
  fault: FaultOf<"disk-full">,
): Promise<readonly string[]> => {
  const { on, path } = fault;
  const names = context.targets(on).map((_, index) => (index === 0 ? on : `${on}-${index + 1}`));
  const volumes = new Set<string>();
  for (const name of names) {
    const volume = context.volumeAt(name, path);
    if (volume === undefined || !(await isSizeLimited(context.docker, volume))) {
      throw unfit(
        fault,
        `${name} has no volume with a size at ${path}.`,
        "Name the very directory that the service writes to; files and compose volumes must not be mounted there.",
      );
    }
    volumes.add(volume);
  }
  return [...volumes];
};

const empty = async (context: DockerFaultContext, volume: string): Promise<void> => {
  const fail = (why: string, cause?: unknown): SquallError =>
    new SquallError("fault-not-cleared", `The disk is still full: ${why}`, {
      place: `volume ${volume}`,
      remedy: "End the run: the volume goes with it.",
      cause,
    });
  const gone = await context.docker
    .getVolume(volume)
    .inspect()
    .then(() => false, isMissing);
  if (gone) return;
  const now = await inVolume(context, volume, "empty", 0).catch((cause: Error) => {
    throw fail(cause.message, cause);
  });
  // The service may write again at once: what must be back is room, not all of it.
  if (now.filledBytes > 0 || (now.filledBefore > 0 && now.freeBytes === 0)) {
    throw fail(`${now.filledBytes} bytes of ours are left, ${now.freeBytes} are free`);
  }
};

/** @returns how the volume stands when it is full */
const fill = async (
  context: DockerFaultContext,
  fault: FaultOf<"disk-full">,
  volume: string,
  undo: Undo,
): Promise<Space> => {
  undo.add(() => empty(context, volume));
  await inVolume(context, volume, "fill", fault.leaveBytes).catch((cause: unknown) => {
    if (cause instanceof ScriptFailure)
      throw unfit(fault, cause.message, "Check `leave`, and the directory in the container.");
    throw cause;
  });
  // A second look: a volume in memory is empty again as soon as nobody has it mounted, and then nobody meets the fault.
  return inVolume(context, volume, "look", 0);
};

export const diskFull: DockerFault<"disk-full"> = (context, fault) =>
  strikeOrUndo(async (undo) => {
    let [seen, affected] = [0, 0];
    for (const volume of await limitedVolumes(context, fault)) {
      const { totalBytes, filledBytes } = await fill(context, fault, volume, undo);
      seen += totalBytes;
      affected += filledBytes;
    }
    return { effect: () => Promise.resolve({ seen, affected }), clear: () => undo.all() };
  });
