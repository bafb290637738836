/** What a relay costs beside others: targets in short turns, medians over rounds, ratios to the peer. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { goal, median, quantile } from "./figures.ts";
import type { LoadOrder, LoadResult } from "./traffic.ts";

const ROUND = { warmUpMs: 100, measureMs: 400, staggerMs: 0 };
const MS_PER_CPU_TICK = 10;

/** Most of the peer's added p50, least of its throughput. */
export interface RelayGoals {
  readonly addedP50: number;
  readonly throughput: number;
}

export interface Target {
  readonly name: string;
  /** Absent: this machine. */
  readonly host?: string;
  readonly port: number;
  /** The relay's process; none for the direct connection. */
  readonly pid: number | null;
}

interface Cell {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly rps: number;
  readonly cpuMicroseconds: number;
}

const load = fork(fileURLToPath(new URL("load-client.ts", import.meta.url)), [], {
  serialization: "advanced",
});

/** To be ended with the benchmark. */
export const loadProcess: ChildProcess = load;

export const ask = async (order: LoadOrder): Promise<LoadResult> => {
  const ended = new AbortController();
  const died = once(load, "exit", { signal: ended.signal }).then(() => {
    throw new Error("the load client has died");
  });
  const answer = once(load, "message", { signal: ended.signal });
  load.send(order);
  try {
    const [result] = (await Promise.race([answer, died])) as [LoadResult];
    return result;
  } finally {
    ended.abort();
    died.catch(() => {});
    answer.catch(() => {});
  }
};

/** CPU time a process has used, user and system (proc(5)); NaN where there is no /proc. */
const cpuMs = (pid: number | null): number => {
  if (pid === null || process.platform !== "linux") return Number.NaN;
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  // After the name in brackets, which may hold blanks: state is field 3, utime 14, stime 15.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_CPU_TICK;
};

const measure = async (target: Target, connections: number): Promise<Cell> => {
  const before = cpuMs(target.pid);
  const { latenciesMs, answered } = await ask({
    port: target.port,
    connections,
    ...ROUND,
    ...(target.host === undefined ? {} : { host: target.host }),
  });
  return {
    p50Ms: quantile(latenciesMs, 0.5),
    p99Ms: quantile(latenciesMs, 0.99),
    rps: (latenciesMs.length / ROUND.measureMs) * 1000,
    cpuMicroseconds: ((cpuMs(target.pid) - before) / answered) * 1000,
  };
};

/** The targets, beginning with another one each round. */
export const turns = (targets: readonly Target[], round: number): readonly Target[] =>
  targets.map((_, place) => targets[(place + round) % targets.length] as Target);

/** By target name: one cell for each round. */
const measureRounds = async (
  targets: readonly Target[],
  connections: number,
  rounds: number,
): Promise<ReadonlyMap<string, readonly Cell[]>> => {
  const cells = new Map<string, Cell[]>(targets.map(({ name }) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const target of turns(targets, round + 1)) {
      const cell = await measure(target, connections);
      // The first round is every process's warm-up.
      if (round >= 0) cells.get(target.name)?.push(cell);
    }
  }
  return cells;
};

/** Least and greatest ratio within one round: how far to trust the ratio of the medians. */
const spread = (ours: readonly Cell[], peer: readonly Cell[]): string => {
  const ratios = ours.map((cell, round) => cell.rps / (peer[round]?.rps ?? Number.NaN));
  return `rounds ${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
};

interface Summary {
  readonly addedP50Ms: number;
  readonly addedP99Ms: number;
  readonly rps: number;
}

const summarise = (cells: readonly Cell[], direct: readonly Cell[]): Summary => ({
  addedP50Ms: median(cells.map((cell, round) => cell.p50Ms - (direct[round]?.p50Ms ?? Number.NaN))),
  addedP99Ms: median(cells.map((cell, round) => cell.p99Ms - (direct[round]?.p99Ms ?? Number.NaN))),
  rps: median(cells.map((cell) => cell.rps)),
});

export const relayCost = async (
  targets: readonly Target[],
  connections: number,
  rounds: number,
  peerName: string,
  goals: Readonly<Record<string, RelayGoals>>,
): Promise<void> => {
  const cells = await measureRounds(targets, connections, rounds);
  const direct = cells.get("direct") ?? [];
  console.log(`\n${connections} connection${connections === 1 ? "" : "s"}, ${rounds} rounds`);
  console.log("target         p50 ms  p99 ms | added p50  added p99 |     req/s | CPU us/request");
  const summaries = new Map<string, Summary>();
  for (const { name } of targets) {
    const own = cells.get(name) ?? [];
    const summary = summarise(own, direct);
    summaries.set(name, summary);
    const cpu = median(own.map(({ cpuMicroseconds }) => cpuMicroseconds));
    const figures = [
      median(own.map(({ p50Ms }) => p50Ms))
        .toFixed(3)
        .padStart(7),
      median(own.map(({ p99Ms }) => p99Ms))
        .toFixed(3)
        .padStart(7),
      "|",
      summary.addedP50Ms.toFixed(3).padStart(9),
      summary.addedP99Ms.toFixed(3).padStart(10),
      "|",
      summary.rps.toFixed(0).padStart(9),
      "|",
      Number.isFinite(cpu) ? cpu.toFixed(1).padStart(8) : "       -",
    ];
    console.log(`${name.padEnd(13)} ${figures.join(" ")}`);
  }
  const peer = summaries.get(peerName);
  if (peer === undefined) return;
  for (const [edge, { addedP50, throughput: leastThroughput }] of Object.entries(goals)) {
    const ours = summaries.get(edge);
    if (ours === undefined) continue;
    const p50 = ours.addedP50Ms / peer.addedP50Ms;
    const p99 = ours.addedP99Ms / peer.addedP99Ms;
    const throughput = ours.rps / peer.rps;
    const name = `${edge} / ${peerName}`;
    console.log(`${name}: added p50 ${p50.toFixed(2)} (${goal(p50, "at most", addedP50)})`);
    console.log(`${name}: added p99 ${p99.toFixed(2)}`);
    const within = spread(cells.get(edge) ?? [], cells.get(peerName) ?? []);
    const word = goal(throughput, "at least", leastThroughput);
    console.log(`${name}: req/s ${throughput.toFixed(2)} (${word}; ${within})`);
  }
};
