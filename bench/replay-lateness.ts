/**
 * How late do planned requests arrive at a server? Our generator beside vegeta and k6, at 50, 200 and 1,000 requests/s,
 * seen by one server process; and the highest rate at which p99 stays under 5 ms.
 *
 *   node bench/replay-lateness.ts [seconds per cell, default 4]
 *
 * "from plan" counts from the planned instants, which only our generator tells; "from best" counts every generator from
 * the line through its own earliest arrival, so that all are measured alike: of these are the ratios and goals.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { startLoad } from "../src/adapters/load/start-load.ts";
import type { Workload } from "../src/core/workload.ts";
import type { PlannedRequest } from "../src/run/ports.ts";
import { HEAD, lateFromBest, printRatios, printRow, type Row } from "./lateness/figures.ts";
import { BODY, type Peer, peersOf } from "./lateness/peers.ts";
import { quantile } from "./relay/figures.ts";

const SECONDS = Number(process.argv[2] ?? 4);
const RATES = [50, 200, 1000] as const;
const MODES = ["fresh", "reuse"] as const;
const LATEST_P99_MS = 5;
/** Requests per second at which the search for the highest rate begins, and below which it gives up. */
const FIRST_RATE = 1000;
const LEAST_RATE = 50;
const never = new AbortController().signal;
const scratch = mkdtempSync(path.join(tmpdir(), "squall-lateness-"));

interface Arrivals {
  readonly accepted: readonly number[];
  readonly asked: readonly number[];
}

const take = async (server: ChildProcess): Promise<Arrivals> => {
  const answer = once(server, "message");
  server.send("take");
  return ((await answer) as [Arrivals])[0];
};

const workload = (connections: Workload["connections"], rateRps: number): Workload => ({
  requestsPath: "",
  arrivals: "constant",
  rateRps,
  concurrency: 1,
  connections,
  maxInFlight: 10_000,
  deadlines: { connectMs: 5000, headersMs: 5000, firstContentMs: 5000, silenceMs: 5000, totalMs: 10_000 },
  sloMs: 1000,
  streamEnd: { sentinels: ["[DONE]"], finishPaths: [] },
  headers: {},
});

/** Our epoch clock to CLOCK_MONOTONIC, ms: the least of many readings, for a reading can only be late. */
const CLOCK_OFFSET_MS = Math.min(
  ...Array.from({ length: 1000 }, () => {
    const epochMs = performance.timeOrigin + performance.now();
    return Number(process.hrtime.bigint()) / 1e6 - epochMs;
  }),
);
const monotonic = (epochMs: number): number => epochMs + CLOCK_OFFSET_MS;

const ours = async (
  server: ChildProcess,
  url: string,
  connections: Workload["connections"],
  rate: number,
): Promise<Row> => {
  await using load = await startLoad({
    baseUrl: url,
    seed: 1,
    workload: workload(connections, rate),
    requests: [
      { id: "a", method: "POST", path: "/", headers: {}, body: BODY, weight: 1, expect: {}, stream: "auto" },
    ],
  });
  const plan = (count: number): PlannedRequest[] =>
    Array.from({ length: count }, (_, slot) => ({
      slot,
      atMs: (slot * 1000) / rate,
      requestId: "a",
      repetition: slot,
      hit: false,
    }));
  // Warm-up, as a run's calm pass is.
  await load.run({ window: -1, requests: plan(Math.max(100, rate / 2)), idleConnections: 0 }, never);
  await take(server);
  const cpu = process.cpuUsage();
  const result = await load.run(
    { window: 0, requests: plan(Math.round(rate * SECONDS)), idleConnections: 0 },
    never,
  );
  const used = process.cpuUsage(cpu);
  const arrivals = await take(server);
  const seen = connections === "fresh" ? arrivals.accepted : arrivals.asked;
  const startMs = monotonic(result.startedAtMs);
  const late = seen.toSorted((a, b) => a - b).map((atMs, slot) => atMs - startMs - (slot * 1000) / rate);
  const busy = ((used.user + used.system) / 1e6 / SECONDS) * 100;
  const bad = result.observations.filter((one) => one.outcome !== "ok").length;
  const row: Row = {
    generator: "squall",
    connections,
    rate,
    plan: late,
    best: lateFromBest(seen, rate),
    note: `own lag p99 ${result.lagP99Ms.toFixed(2)} cpu ${busy.toFixed(0)} %${bad === 0 ? "" : ` NOT OK: ${bad}`}`,
  };
  printRow(row);
  return row;
};

const theirs = async (
  server: ChildProcess,
  peer: Peer,
  connections: Workload["connections"],
  rate: number,
): Promise<Row> => {
  await take(server);
  await peer.run(connections, rate);
  const arrivals = await take(server);
  const seen = connections === "fresh" ? arrivals.accepted : arrivals.asked;
  const row: Row = { generator: peer.name, connections, rate, plan: null, best: lateFromBest(seen, rate) };
  printRow(row);
  return row;
};

/**
 * Highest rate with p99 under the limit, in steps of a quarter: up until two in a row miss it; where already the first
 * ones do, down until one holds. 0: none does.
 */
const highestRate = async (
  server: ChildProcess,
  url: string,
  mode: Workload["connections"],
): Promise<number> => {
  const holds = async (rate: number): Promise<boolean> => {
    const { plan } = await ours(server, url, mode, rate);
    return plan !== null && plan.length > 0 && quantile(plan, 0.99) < LATEST_P99_MS;
  };
  let highest = 0;
  let misses = 0;
  for (let rate = FIRST_RATE; misses < 2 && rate <= 20_000; rate = Math.round(rate * 1.25)) {
    if (await holds(rate)) {
      highest = rate;
      misses = 0;
    } else misses += 1;
  }
  for (let rate = FIRST_RATE / 1.25; highest === 0 && rate >= LEAST_RATE; rate /= 1.25) {
    if (await holds(Math.round(rate))) highest = Math.round(rate);
  }
  return highest;
};

const server = fork(fileURLToPath(new URL("lateness/arrival-server.ts", import.meta.url)), [], {
  serialization: "advanced",
});
const [{ port }] = (await once(server, "message")) as [{ readonly port: number }];
const url = `http://127.0.0.1:${port}`;
const peers = peersOf(url, SECONDS, scratch);
console.log(HEAD);
const rows: Row[] = [];
for (const mode of MODES) {
  for (const rate of RATES) {
    // One after the other at the same rate, so that a noisy moment strikes them alike.
    rows.push(await ours(server, url, mode, rate));
    for (const peer of peers) rows.push(await theirs(server, peer, mode, rate));
  }
}
printRatios(rows);
for (const mode of MODES) {
  const rate = await highestRate(server, url, mode);
  const found = rate === 0 ? `none down to ${LEAST_RATE}/s` : `${rate}/s`;
  console.log(`squall ${mode}: highest rate with p99 under ${LATEST_P99_MS} ms: ${found}`);
}
server.disconnect();
rmSync(scratch, { recursive: true, force: true });
