/**
 * What runtime docker costs: from `squall run` to the first request, and from the last word to the end; the sidecar's
 * container beside Toxiproxy's, side by side.
 *
 *   node bench/docker.ts [rounds, default 9]       (images present; made by scripts/engine/build-test-images.ts)
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { startRelays } from "./docker/relays.ts";
import { loadProcess, relayCost } from "./relay/cost.ts";
import { goal, median } from "./relay/figures.ts";

const ROUNDS = Number(process.argv[2] ?? 9);
const RUNS = 5;
const SQUALL = fileURLToPath(new URL("../dist/squall.mjs", import.meta.url));
const GOALS = { firstRequestMs: 5000, oursMs: 1500 } as const;

const SUITE = `version: 1
name: bench
runtime: docker
service: { image: "squall-test/service:1", port: 8000, ready: /ready, env: { UPSTREAM: "{{llm}}" } }
dependencies:
  llm: { stub: openai }
  other: { image: "squall-test/service:1", port: 8001, ready: /ready }
workload: { requests: requests.jsonl, rate: 20/s }
experiments:
  - { name: llm-down, faults: [{ kind: http-error, on: llm, status: 503 }] }
gate: { budget: 10s, maxLagP99: 10s }
`;

/** When each line of progress came, ms since the command was started, and when it had ended. */
interface Timeline {
  readonly lines: readonly { readonly text: string; readonly atMs: number }[];
  readonly endMs: number;
}

const timedRun = (directory: string): Promise<Timeline> =>
  new Promise((resolve, reject) => {
    const startMs = performance.now();
    const child = spawn(process.execPath, [SQUALL, "run"], {
      cwd: directory,
      stdio: ["ignore", "ignore", "pipe"],
    });
    const lines: { text: string; atMs: number }[] = [];
    createInterface({ input: child.stderr }).on("line", (text) =>
      lines.push({ text, atMs: performance.now() - startMs }),
    );
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0 || code === 3) resolve({ lines, endMs: performance.now() - startMs });
      else reject(new Error(`squall run ended with ${code}:\n${lines.map(({ text }) => text).join("\n")}`));
    });
  });

const at = ({ lines }: Timeline, start: string): number =>
  lines.find(({ text }) => text.startsWith(start))?.atMs ?? Number.NaN;

const startAndEnd = async (): Promise<void> => {
  const directory = await mkdtemp(path.join(tmpdir(), "squall-bench-"));
  const request = JSON.stringify({ id: "q", method: "GET", path: "/ask/v1/models" });
  await writeFile(path.join(directory, "requests.jsonl"), request);
  await writeFile(path.join(directory, "squall.yml"), SUITE);
  const runs: Timeline[] = [];
  for (let run = -1; run < RUNS; run++) {
    const timeline = await timedRun(directory);
    // The first makes the sidecar's image where it is not there yet.
    if (run >= 0) runs.push(timeline);
  }
  await rm(directory, { recursive: true, force: true });
  const figure = (of: (run: Timeline) => number): number => median(runs.map(of));
  const sidecarMs = figure((run) => at(run, "starting the sidecar"));
  const firstContainerMs = figure((run) => at(run, "starting other"));
  const firstRequestMs = figure((run) => at(run, "calm pass"));
  const cleanUpMs = figure((run) => run.endMs - at(run, "stopping"));
  const ms = (value: number): string => `${(value / 1000).toFixed(2)} s`;
  console.log(
    `medians of ${RUNS} runs, images present: one service, one dependency in a container, one stub`,
  );
  console.log(`engine found, images checked, network made    ${ms(sidecarMs)}`);
  console.log(
    `and the sidecar ready (all of this is ours)   ${ms(firstContainerMs)} (${goal(firstContainerMs, "under", GOALS.oursMs)} ms)`,
  );
  console.log(
    `first request, after dependency and service   ${ms(firstRequestMs)} (${goal(firstRequestMs, "under", GOALS.firstRequestMs)} ms)`,
  );
  console.log(`clean-up, from the last request's word to exit ${ms(cleanUpMs)}`);
};

const main = async (): Promise<void> => {
  await startAndEnd();
  await using relays = await startRelays();
  console.log("\neach target answers through its container's own address, one network, one server container");
  for (const connections of [1, 32]) {
    await relayCost(relays.targets, connections, ROUNDS, "toxiproxy", {
      "sidecar tcp": { addedP50: 1.25, throughput: 1 },
      "sidecar http": { addedP50: 2, throughput: 0.7 },
    });
  }
};

process.once("exit", () => loadProcess.kill());
process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));
await main();
process.exit(0);
