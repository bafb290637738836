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
import { availableParallelism, loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ask, loadProcess, relayCost, type Target, turns } from "./relay/cost.ts";
import { goal, median, quantile } from "./relay/figures.ts";
import { startSidecar } from "./relay/sidecar.ts";
import { startToxiproxy } from "./relay/toxiproxy.ts";
import type { Listening } from "./relay/traffic.ts";

const ROUNDS = Number(process.argv[2] ?? 9);
const CONNECTIONS = [1, 32] as const;
const DELAY_MS = 50;
const DELAY_ROUNDS = 5;
/** Asked out of step: 8 connections, 20 requests a second each. */
const DELAY_ROUND = { connections: 8, warmUpMs: 150, measureMs: 1000, staggerMs: 6 };

const GOALS = {
  "sidecar tcp": { addedP50: 1.25, throughput: 1 },
  "sidecar http": { addedP50: 2, throughput: 0.7 },
} as const;
const DELAY_GOAL_MS = 2;

const upstream = fork(fileURLToPath(new URL("relay/answer-server.ts", import.meta.url)));
const started: ChildProcess[] = [loadProcess, upstream];

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
  for (const connections of CONNECTIONS) await relayCost(targets, connections, ROUNDS, "toxiproxy", GOALS);
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
