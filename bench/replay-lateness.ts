/**
 * How late do planned requests arrive at a server? Our generator beside vegeta and k6, at 50, 200 and 1,000 requests/s,
 * seen by one server process; and the highest rate at which p99 stays under 5 ms.
 *
 *   node bench/replay-lateness.ts [seconds per cell, default 4]
 *
 * "from plan" counts from the planned instants, which only our generator tells; "from best" counts every generator from
 * the line through its own earliest arrival, so that all are measured alike. vegeta and k6 are looked for on PATH and in
 * GOBIN, else built by `go install`.
 */
import { type ChildProcess, execFileSync, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { startLoad } from "../src/adapters/load/start-load.ts";
import type { Workload } from "../src/core/workload.ts";
import type { PlannedRequest } from "../src/run/ports.ts";

const SECONDS = Number(process.argv[2] ?? 4);
const RATES = [50, 200, 1000] as const;
const LATEST_P99_MS = 5;
const BODY = '{"model":"m","messages":[{"role":"user","content":"Where is my order?"}]}';
const never = new AbortController().signal;
const scratch = mkdtempSync(path.join(tmpdir(), "squall-lateness-"));

interface Arrivals {
  readonly accepted: readonly number[];
  readonly asked: readonly number[];
}

const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
};

const figures = (values: readonly number[]): string =>
  [0.5, 0.9, 0.99].map((share) => quantile(values, share).toFixed(3).padStart(8)).join(" ");

const lateFromBest = (arrivals: readonly number[], rate: number): number[] => {
  const offsets = arrivals.toSorted((a, b) => a - b).map((atMs, index) => atMs - (index * 1000) / rate);
  const best = Math.min(...offsets);
  return offsets.map((offset) => offset - best);
};

const row = (
  name: string,
  rate: number,
  plan: readonly number[] | null,
  best: readonly number[],
  note = "",
): void => {
  const fromPlan = plan === null ? "       -        -        -" : figures(plan);
  console.log(
    `${name.padEnd(14)} ${String(rate).padStart(6)} ${fromPlan} | ${figures(best)}  n=${best.length} ${note}`,
  );
};

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
): Promise<number[]> => {
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
  row(
    `squall ${connections}`,
    rate,
    late,
    lateFromBest(seen, rate),
    `own lag p99 ${result.lagP99Ms.toFixed(2)} cpu ${busy.toFixed(0)} %${bad === 0 ? "" : ` NOT OK: ${bad}`}`,
  );
  return late;
};

/** Path of a Go tool: from PATH or GOBIN, else built; null with the reason printed where it can not be. */
const goTool = (name: string, module: string): string | null => {
  for (const place of [...(process.env["PATH"] ?? "").split(":"), process.env["GOBIN"] ?? ""]) {
    if (place !== "" && existsSync(path.join(place, name))) return path.join(place, name);
  }
  try {
    execFileSync("go", ["install", module], { env: { ...process.env, GOBIN: scratch }, stdio: "pipe" });
    return path.join(scratch, name);
  } catch (error) {
    console.log(`${name}: not measured, "go install ${module}" failed: ${String(error).split("\n", 1)[0]}`);
    return null;
  }
};

const finished = async (command: string, args: readonly string[]): Promise<void> => {
  const child = spawn(command, args, { stdio: "ignore" });
  await once(child, "exit");
};

const peer = async (
  server: ChildProcess,
  name: string,
  fresh: boolean,
  rate: number,
  run: () => Promise<void>,
): Promise<void> => {
  await take(server);
  await run();
  const arrivals = await take(server);
  row(name, rate, null, lateFromBest(fresh ? arrivals.accepted : arrivals.asked, rate));
};

const peers = async (server: ChildProcess, url: string): Promise<void> => {
  const vegeta = goTool("vegeta", "github.com/tsenart/vegeta/v12@latest");
  const k6 = goTool("k6", "go.k6.io/k6@latest");
  const body = path.join(scratch, "body.json");
  const targets = path.join(scratch, "targets.txt");
  writeFileSync(body, BODY);
  writeFileSync(targets, `POST ${url}/\ncontent-type: application/json\n@${body}\n`);
  for (const fresh of [true, false]) {
    for (const rate of RATES) {
      if (vegeta !== null) {
        const keep = `-keepalive=${String(!fresh)}`;
        const args = ["attack", `-targets=${targets}`, `-rate=${rate}`, `-duration=${SECONDS}s`, keep];
        await peer(server, `vegeta ${fresh ? "fresh" : "reuse"}`, fresh, rate, () =>
          finished(vegeta, [...args, `-output=${path.join(scratch, "out.bin")}`]),
        );
      }
      if (k6 !== null) {
        const script = path.join(scratch, "script.js");
        writeFileSync(
          script,
          `import http from "k6/http";
export const options = { noConnectionReuse: ${String(fresh)}, scenarios: { a: { executor: "constant-arrival-rate",
  rate: ${rate}, timeUnit: "1s", duration: "${SECONDS}s", preAllocatedVUs: ${Math.max(20, rate / 10)} } } };
export default () => { http.post(${JSON.stringify(`${url}/`)}, ${JSON.stringify(BODY)}); };`,
        );
        await peer(server, `k6 ${fresh ? "fresh" : "reuse"}`, fresh, rate, () =>
          finished(k6, ["run", "--quiet", "--no-usage-report", "--address", "127.0.0.1:0", script]),
        );
      }
    }
  }
};

/** Highest rate with p99 under the limit: in steps of a quarter, until two in a row miss it. */
const highestRate = async (
  server: ChildProcess,
  url: string,
  mode: Workload["connections"],
): Promise<number> => {
  let highest = 0;
  let misses = 0;
  for (let rate = 1000; misses < 2 && rate <= 20_000; rate = Math.round(rate * 1.25)) {
    const late = await ours(server, url, mode, rate);
    if (late.length > 0 && quantile(late, 0.99) < LATEST_P99_MS) {
      highest = rate;
      misses = 0;
    } else misses += 1;
  }
  return highest;
};

const server = fork(fileURLToPath(new URL("arrival-server.ts", import.meta.url)), [], {
  serialization: "advanced",
});
const [{ port }] = (await once(server, "message")) as [{ readonly port: number }];
const url = `http://127.0.0.1:${port}`;
console.log("lateness at the server, ms        from plan: p50      p90      p99 | from best: p50 p90 p99");
for (const mode of ["fresh", "reuse"] as const) for (const rate of RATES) await ours(server, url, mode, rate);
await peers(server, url);
for (const mode of ["fresh", "reuse"] as const) {
  const rate = await highestRate(server, url, mode);
  console.log(`squall ${mode}: highest rate with p99 under ${LATEST_P99_MS} ms: ${rate}/s`);
}
server.disconnect();
