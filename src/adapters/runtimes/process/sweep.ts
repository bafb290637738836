import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** Environment variable every process of a run inherits. */
export const RUN_MARKER = "SQUALL_RUN";

/** Which worker of a job a process belongs to, for those that left its group; inherited like the run's marker. */
export const WORKER_MARKER = "SQUALL_WORKER";

/** Pids whose environment carries the marker. Empty where there is no /proc. */
export const markedProcesses = (marker: string): Promise<number[]> =>
  processesWith([`${RUN_MARKER}=${marker}`]);

/** Pids whose environment holds all of these (`NAME=value`; a name alone with `=`: any value). Empty where there is no /proc. */
export const processesWith = async (entries: readonly string[]): Promise<number[]> => {
  const names = await readdir("/proc").catch(() => []);
  const found: number[] = [];
  for (const name of names) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const environment = await readFile(`/proc/${name}/environ`, "latin1").catch(() => "");
    const own = environment.split("\0");
    const holds = (entry: string): boolean =>
      entry.endsWith("=") ? own.some((text) => text.startsWith(entry)) : own.includes(entry);
    if (entries.every(holds)) found.push(pid);
  }
  return found;
};

export const kill = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already: what we wanted.
  }
};

/** Rounds of looking: a process may fork while we look, so the last round must find nothing. */
const MOST_ROUNDS = 50;
const ROUND_PAUSE_MS = 20;

/** SIGKILLs the groups and everything that carries the marker, until nothing is found. */
export const sweep = async (groups: Iterable<number>, marker: string): Promise<void> => {
  for (const pid of groups) kill(-pid, "SIGKILL");
  if (marker === "") return;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const found = await markedProcesses(marker);
    if (found.length === 0) return;
    for (const pid of found) kill(pid, "SIGKILL");
    await sleep(ROUND_PAUSE_MS);
  }
};
