/**
 * Ends everything a run started, whatever ends squall. Its own process, with squall's end of a pipe as its standard input:
 * when the pipe closes (squall left, crashed, or was killed with SIGKILL) it kills every process group it was told of and,
 * on Linux, every process that carries the run's marker in its environment, for grandchildren in sessions of their own.
 *
 *   stdin, one line each:  group <pid>  |  limit <pid> <cpus>  |  unlimit <pid>
 */
import { createInterface } from "node:readline";
import { DutyCycle } from "./duty-cycle.ts";
import { sweep } from "./sweep.ts";

const marker = process.argv[2] ?? "";
const groups = new Set<number>();
const limits = new Map<number, DutyCycle>();

const lift = (pid: number): void => {
  limits.get(pid)?.stop();
  limits.delete(pid);
};

const obey = (line: string): void => {
  const [word, first, second] = line.split(" ");
  const pid = Number(first);
  if (!Number.isInteger(pid) || pid <= 1) return;
  if (word === "group") groups.add(pid);
  if (word === "unlimit") lift(pid);
  if (word === "limit") {
    lift(pid);
    limits.set(pid, new DutyCycle(pid, Number(second)));
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
