/**
 * Ends everything a run started, whatever ends squall. Its own process, with squall's end of a pipe as its standard input:
 * when the pipe closes (squall left, crashed, or was killed with SIGKILL) it kills every process group it was told of and,
 * on Linux, every process that carries the run's marker in its environment, for grandchildren in sessions of their own.
 *
 *   stdin, one line each:  group <pid>  |  gone <pid>  |  limit <pid> <cpus>  |  unlimit <pid>  |  pause <pid>  |  resume <pid>
 */
import { createInterface } from "node:readline";
import { DutyCycle } from "./duty-cycle.ts";
import { signalGroup } from "./group-signal.ts";
import { sweep } from "./sweep.ts";

const marker = process.argv[2] ?? "";
const groups = new Set<number>();
/** Limited groups; without a cycle while they are paused, because its SIGCONT would wake them. */
const limits = new Map<number, { readonly cpus: number; readonly cycle: DutyCycle | null }>();

const lift = (pid: number): void => {
  limits.get(pid)?.cycle?.stop();
  limits.delete(pid);
};

const pause = (pid: number): void => {
  const limit = limits.get(pid);
  limit?.cycle?.stop();
  if (limit !== undefined) limits.set(pid, { cpus: limit.cpus, cycle: null });
  signalGroup(pid, "SIGSTOP");
};

const resume = (pid: number): void => {
  signalGroup(pid, "SIGCONT");
  const limit = limits.get(pid);
  if (limit?.cycle === null) limits.set(pid, { cpus: limit.cpus, cycle: new DutyCycle(pid, limit.cpus) });
};

const obey = (line: string): void => {
  const [word, first, second] = line.split(" ");
  const pid = Number(first);
  if (!Number.isInteger(pid) || pid <= 1) return;
  if (word === "group") groups.add(pid);
  if (word === "gone") {
    // Its number may be given to somebody else's process from now on.
    lift(pid);
    groups.delete(pid);
  }
  if (word === "unlimit") lift(pid);
  if (word === "pause") pause(pid);
  if (word === "resume") resume(pid);
  if (word === "limit") {
    lift(pid);
    limits.set(pid, { cpus: Number(second), cycle: new DutyCycle(pid, Number(second)) });
  }
};

// Signals meant for squall's terminal group must not end the one who cleans up.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);

const input = createInterface({ input: process.stdin });
input.on("line", obey);
input.on("close", () => {
  for (const pid of limits.keys()) lift(pid);
  void sweep(groups, marker).then(() => process.exit(0));
});
