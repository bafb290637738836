/** SIGKILL on the real `squall run` while a fault is in force: whatever was struck or started, nothing is left. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { markedProcesses, RUN_MARKER } from "../../src/adapters/runtimes/process/sweep.ts";
import { childrenOf, isAlive, stateOf, until } from "../support/services/living.ts";
import { tinyProject } from "./support/tiny-project.ts";

const proc = (pid: number, file: "environ" | "cmdline"): string => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return "";
  }
};

/** The marker that every process of the run carries; undefined until one does. */
const markerOf = (squall: number): string | undefined =>
  childrenOf(squall)
    .map((pid) => new RegExp(`(?:^|\0)${RUN_MARKER}=([^\0]+)`).exec(proc(pid, "environ"))?.[1])
    .find((marker) => marker !== undefined);

const isService = (pid: number): boolean => proc(pid, "cmdline").includes("service.mjs");
const isNeighbour =
  (text: string) =>
  (pid: number): boolean =>
    proc(pid, "cmdline").includes(text);

test.each([
  {
    what: "a paused service between neighbours that burn and hold memory",
    faults:
      "[{ kind: pause, on: service }, { kind: cpu-stress, on: service, workers: 2, load: 20% }, { kind: memory-stress, on: service, bytes: 64MiB }]",
    neighbours: ["burning", "burning", "held"],
  },
  {
    what: "a limited service, stopped and continued all the time, and a neighbour",
    faults:
      "[{ kind: cpu-limit, on: service, cpus: 0.2 }, { kind: cpu-stress, on: service, workers: 1, load: 20% }]",
    neighbours: ["burning"],
  },
])(
  "$what",
  async ({ faults, neighbours }) => {
    await using project = await tinyProject({
      experiments: [`{ name: struck, faults: ${faults} }`],
      gate: "budget: 20s",
    });
    const { child, line, left } = project.start("run");
    const squall = child.pid ?? 0;
    await line("struck, round 1");
    const marker = markerOf(squall) ?? "";
    expect(marker).not.toBe("");
    let started: number[] = [];
    await until("the fault is in force", async () => {
      started = [...new Set([...childrenOf(squall), ...(await markedProcesses(marker))])];
      return (
        started.some((pid) => isService(pid) && stateOf(pid) === "T") &&
        [...new Set(neighbours)].every(
          (text) =>
            started.filter(isNeighbour(text)).length === neighbours.filter((each) => each === text).length,
        )
      );
    });
    // Service, sidecar, keeper and the neighbours.
    expect(started.length).toBeGreaterThanOrEqual(3 + neighbours.length);
    child.kill("SIGKILL");
    expect(await left).toEqual({ code: null, signal: "SIGKILL" });
    await until(`none of ${started.join(", ")} is left`, () => !started.some(isAlive));
    expect(await markedProcesses(marker)).toEqual([]);
  },
  60_000,
);
