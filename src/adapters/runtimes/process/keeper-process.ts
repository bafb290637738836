import { type ChildProcess, spawn } from "node:child_process";
import { entryFile } from "../../../run/entries.ts";
import { signalGroup } from "./group-signal.ts";

/** Squall's end of the keeper's pipe. */
export interface Keeper extends AsyncDisposable {
  readonly pid: number | undefined;
  keep(group: number): void;
  /** The group has ended: never to be signalled again. */
  forget(group: number): void;
  limit(group: number, cpus: number): void;
  unlimit(group: number): void;
  /** Stands still whatever its limit says, until resumed. */
  pause(group: number): void;
  resume(group: number): void;
}

/** What a keeper that takes over must be told. */
interface Kept {
  readonly cpus: number | null;
  readonly paused: boolean;
}

const spawnKeeper = async (marker: string, env: Readonly<Record<string, string>>) => {
  const child = spawn(process.execPath, [entryFile("keeper"), marker], {
    cwd: "/",
    env,
    detached: true,
    stdio: ["pipe", "ignore", "inherit"],
  });
  child.stdin.on("error", () => undefined);
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
  return child;
};

/**
 * Starts the keeper before anything it must keep. Disposing closes the pipe: it sweeps what is left, and leaves.
 * A keeper that dies before its time is replaced; what it may have left stopped is continued.
 */
export const startKeeper = async (marker: string, env: Readonly<Record<string, string>>): Promise<Keeper> => {
  const kept = new Map<number, Kept>();
  let child = await spawnKeeper(marker, env);
  let closing = false;
  const say = (line: string): void => void child.stdin.write(`${line}\n`);
  const change = (group: number, change_: Partial<Kept>): void => {
    const known = kept.get(group);
    if (known !== undefined) kept.set(group, { ...known, ...change_ });
  };

  const replace = async (): Promise<void> => {
    for (const [group, { paused }] of kept) if (!paused) signalGroup(group, "SIGCONT");
    child = await spawnKeeper(marker, env);
    watch(child);
    for (const [group, { cpus, paused }] of kept) {
      say(`group ${group}`);
      if (cpus !== null) say(`limit ${group} ${cpus}`);
      if (paused) say(`pause ${group}`);
    }
  };
  const watch = (watched: ChildProcess): void => {
    watched.once("exit", () => {
      // A machine that can start no process any more has no keeper; the ordinary stop still ends everything.
      if (!closing) replace().catch(() => undefined);
    });
  };
  watch(child);

  return {
    get pid() {
      return child.pid;
    },
    keep: (group) => {
      kept.set(group, { cpus: null, paused: false });
      say(`group ${group}`);
    },
    forget: (group) => {
      kept.delete(group);
      say(`gone ${group}`);
    },
    limit: (group, cpus) => {
      change(group, { cpus });
      say(`limit ${group} ${cpus}`);
    },
    unlimit: (group) => {
      change(group, { cpus: null });
      say(`unlimit ${group}`);
    },
    pause: (group) => {
      change(group, { paused: true });
      say(`pause ${group}`);
    },
    resume: (group) => {
      change(group, { paused: false });
      say(`resume ${group}`);
    },
    [Symbol.asyncDispose]: async () => {
      closing = true;
      const gone = child.exitCode !== null || child.signalCode !== null;
      const exited = new Promise<void>((resolve) =>
        gone ? resolve() : void child.once("exit", () => resolve()),
      );
      child.stdin.end();
      await exited;
    },
  };
};
