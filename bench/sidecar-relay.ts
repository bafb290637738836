/**
 * What does a relay cost? A direct connection, the sidecar's tcp and http edges and the real Toxiproxy, side by side.
 *
 *   node bench/sidecar-relay.ts [rounds, default 9]
 *
 * Load client, relay and answering server are processes of their own; load is a closed loop on kept-alive connections.
 * The targets take short turns, each round beginning with another one, so that a noisy neighbour strikes them all.
 * Figures are medians over the rounds. "Added" is a target's quantile less the direct connection's of the same round.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { goal, median, quantile } from "./relay/figures.ts";
import { startSidecar } from "./relay/sidecar.ts";
import { startToxiproxy } from "./relay/toxiproxy.ts";
import type { Listening, LoadOrder, LoadResult } from "./relay/traffic.ts";

const ROUNDS = Number(process.argv[2] ?? 9);
const CONNECTIONS = [1, 32] as const;
const ROUND = { warmUpMs: 100, measureMs: 400, staggerMs: 0 };
const DELAY_MS = 50;
const DELAY_ROUNDS = 5;
/** Asked out of step: 8 connections, 20 requests a second each. */
const DELAY_ROUND = { connections: 8, warmUpMs: 150, measureMs: 1000, staggerMs: 6 };
const MS_PER_CPU_TICK = 10;

const GOALS = {
  tcp: { addedP50: 1.25, throughput: 1 },
  http: { addedP50: 2, throughput: 0.7 },
} as const;
const DELAY_GOAL_MS = 2;

interface Target {
  readonly name: string;
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

const load = fork(fileURLToPath(new URL("relay/load-client.ts", import.meta.url)), [], {
  serialization: "advanced",
});
const upstream = fork(fileURLToPath(new URL("relay/answer-server.ts", import.meta.url)));
const started: ChildProcess[] = [load, upstream];

const ask = async (order: LoadOrder): Promise<LoadResult> => {
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
  const { latenciesMs, answered } = await ask({ port: target.port, connections, ...ROUND });
  return {
    p50Ms: quantile(latenciesMs, 0.5),
    p99Ms: quantile(latenciesMs, 0.99),
    rps: (latenciesMs.length / ROUND.measureMs) * 1000,
    cpuMicroseconds: ((cpuMs(target.pid) - before) / answered) * 1000,
  };
};

/** The targets, beginning with another one each round. */
const turns = (targets: readonly Target[], round: number): readonly Target[] =>
  targets.map((_, place) => targets[(place + round) % targets.length] as Target);

/** By target name: one cell for each round. */
const measureRounds = async (
  targets: readonly Target[],
  connections: number,
): Promise<ReadonlyMap<string, readonly Cell[]>> => {
  const cells = new Map<string, Cell[]>(targets.map(({ name }) => [name, []]));
  for (let round = -1; round < ROUNDS; round++) {
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

const relayCost = async (targets: readonly Target[], connections: number): Promise<void> => {
  const cells = await measureRounds(targets, connections);
  const direct = cells.get("direct") ?? [];
  console.log(`\n${connections} connection${connections === 1 ? "" : "s"}, ${ROUNDS} rounds`);
  console.log("target         p50 ms  p99 ms | added p50  added p99 |     req/s | CPU us/request");
  const summaries = new Map<string, Summary>();
  for (const { name } of targets) {
    const rounds = cells.get(name) ?? [];
    const summary = summarise(rounds, direct);
    summaries.set(name, summary);
    const cpu = median(rounds.map(({ cpuMicroseconds }) => cpuMicroseconds));
    const figures = [
      median(rounds.map(({ p50Ms }) => p50Ms))
        .toFixed(3)
        .padStart(7),
      median(rounds.map(({ p99Ms }) => p99Ms))
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
  const peer = summaries.get("toxiproxy");
  if (peer === undefined) return;
  for (const edge of ["tcp", "http"] as const) {
    const ours = summaries.get(`sidecar ${edge}`);
    if (ours === undefined) continue;
    const p50 = ours.addedP50Ms / peer.addedP50Ms;
    const p99 = ours.addedP99Ms / peer.addedP99Ms;
    const throughput = ours.rps / peer.rps;
    const name = `sidecar ${edge} / toxiproxy`;
    console.log(`${name}: added p50 ${p50.toFixed(2)} (${goal(p50, "at most", GOALS[edge].addedP50)})`);
    console.log(`${name}: added p99 ${p99.toFixed(2)}`);
    const rounds = spread(cells.get(`sidecar ${edge}`) ?? [], cells.get("toxiproxy") ?? []);
    const word = goal(throughput, "at least", GOALS[edge].throughput);
    console.log(`${name}: req/s ${throughput.toFixed(2)} (${word}; ${rounds})`);
  }
};

/** How late this idle process's own timers of the same length are: what the machine allows just now. */
const ownTimers = async (over: AbortSignal): Promise<readonly number[]> => {
  const latenciesMs: number[] = [];
  while (!over.aborted) {
    const start = performance.now();
    await sleep(DELAY_MS);
    latenciesMs.push(performance.now() - start);
  }
  return latenciesMs;
};

/** How far round trips are from the delay, the trip itself included: medians over the rounds. */
const delayAccuracy = async (relays: readonly Target[]): Promise<void> => {
  const rounds = new Map<string, (readonly number[])[]>(relays.map(({ name }) => [name, []]));
  const over = new AbortController();
  const timers = ownTimers(over.signal);
  for (let round = -1; round < DELAY_ROUNDS; round++) {
    for (const relay of turns(relays, round + 1)) {
      const { latenciesMs } = await ask({ port: relay.port, ...DELAY_ROUND });
      // The first round is the warm-up of the delay's own code.
      if (round >= 0) rounds.get(relay.name)?.push(latenciesMs);
    }
  }
  over.abort();
  console.log(
    `\ninjected delay of ${DELAY_MS} ms downstream: round trip less ${DELAY_MS} ms, ${DELAY_ROUNDS} rounds`,
  );
  console.log("                  p50 ms   p99 ms  |error| p99");
  const print = (name: string, values: readonly (readonly number[])[]): number => {
    const errors = values.map((round) => round.map((value) => value - DELAY_MS));
    const p99 = median(errors.map((round) => quantile(round.map(Math.abs), 0.99)));
    const signed = [0.5, 0.99].map((share) => median(errors.map((round) => quantile(round, share))));
    console.log(
      `${name.padEnd(15)} ${[...signed, p99].map((ms) => ms.toFixed(3).padStart(8)).join(" ")}  n=${values.flat().length}`,
    );
    return p99;
  };
  const machineMs = print("bare timer", [await timers]);
  const errors = new Map([...rounds].map(([name, values]) => [name, print(name, values)]));
  for (const [name, p99] of errors) {
    if (name.startsWith("sidecar"))
      console.log(`${name}: |error| p99 ${p99.toFixed(2)} ms (${goal(p99, "under", DELAY_GOAL_MS)})`);
  }
  if (machineMs >= DELAY_GOAL_MS)
    console.log("That goal is for an idle machine: this one's bare timers miss it too.");
};

const main = async (): Promise<void> => {
  const [{ port }] = (await once(upstream, "message")) as [Listening];
  const sidecar = await startSidecar(port);
  started.push(sidecar.process);
  const toxiproxy = await startToxiproxy(port);
  if (toxiproxy !== null) started.push(toxiproxy.process);
  const target = (name: string, relayPort: number | undefined, process: ChildProcess | null): Target => ({
    name,
    port: relayPort ?? port,
    pid: process?.pid ?? null,
  });
  const targets = [
    target("direct", port, null),
    target("sidecar tcp", sidecar.ports["tcp"], sidecar.process),
    target("sidecar http", sidecar.ports["http"], sidecar.process),
    ...(toxiproxy === null ? [] : [target("toxiproxy", toxiproxy.port, toxiproxy.process)]),
  ];
  const [busy = 0] = loadavg();
  console.log(
    "Client and server share the cores with the relays: ratios hold for this machine and this moment,",
  );
  console.log(`of which the load average says ${busy.toFixed(1)} on ${availableParallelism()} cores.`);
  for (const connections of CONNECTIONS) await relayCost(targets, connections);
  await sidecar.delay(DELAY_MS);
  await toxiproxy?.delay(DELAY_MS);
  await delayAccuracy(targets.filter(({ pid }) => pid !== null));
};

// Toxiproxy does not end with us by itself: also where we are interrupted, or nobody reads our output any more.
process.once("exit", () => {
  for (const child of started) child.kill();
});
process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));
await main();
process.exit(0);
