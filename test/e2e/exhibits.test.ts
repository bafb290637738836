/** A real service with a real sidecar: what is kept of its worst requests, calls and log lines included. */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { readSamples } from "../../src/surfaces/gate/run-directory.ts";
import { runIn, SOURCE } from "./support/tiny-project.ts";

const MINUTES = 60_000;
const SUITE = `version: 1
name: exhibits
service:
  command: node service.mjs
  ready: /healthz
  health: /healthz
  env: { LLM_URL: "{{llm}}" }
dependencies: { llm: { stub: openai, firstToken: 5ms, perToken: 1ms, tokens: 3..5 } }
workload: { requests: requests.jsonl, rate: 20/s, slo: 1s }
experiments:
  - { name: llm-down, faults: [{ kind: http-error, on: llm, status: 503 }] }
gate: { budget: 20s, maxLagP99: 2s, minAchieved: 50% }
`;

test(
  "the worst requests of each scenario are stored with their calls, and with what was logged meanwhile",
  async () => {
    const directory = await mkdtemp(path.join(tmpdir(), "squall-exhibits-"));
    await using cleanup = new AsyncDisposableStack();
    cleanup.defer(() => rm(directory, { recursive: true, force: true }));
    await cp(
      path.resolve(import.meta.dirname, "fixtures/logging-service.mjs"),
      path.join(directory, "service.mjs"),
    );
    const requests = Array.from({ length: 12 }, (_, place) =>
      JSON.stringify({ id: `q${place}`, method: "GET", path: `/ask?q=${place}` }),
    );
    await writeFile(path.join(directory, "requests.jsonl"), requests.join("\n"));
    await writeFile(path.join(directory, "squall.yml"), SUITE);
    const answer = await runIn(SOURCE, directory, ["run", "--quiet"]);
    const runs = path.join(directory, ".squall");
    const [name = ""] = (await readdir(runs)).filter((each) => /^\d/.test(each));
    expect([answer.stderr, name]).toEqual([expect.any(String), expect.stringContaining("exhibits")]);
    const { exhibits = [], observations, windows } = await readSamples(path.join(runs, name));

    const told = exhibits.map((exhibit) => {
      const observation = observations.find(
        ({ window, slot }) => window === exhibit.window && slot === exhibit.slot,
      );
      return { ...exhibit, observation, scenario: windows[exhibit.window]?.scenario };
    });
    expect(told.map(({ scenario }) => scenario)).toEqual([
      "control",
      "control",
      "control",
      "llm-down",
      "llm-down",
      "llm-down",
    ]);
    for (const { calls, log, observation, scenario } of told) {
      const isDown = scenario === "llm-down";
      expect(calls.map(({ edge, method, path: called }) => `${edge} ${method} ${called}`)).toEqual([
        "client GET /ask",
        ...Array.from({ length: isDown ? 2 : 1 }, () => "llm POST /v1/chat/completions"),
      ]);
      const latencyMs = observation?.latencyMs ?? -1;
      const lagMs = observation?.lagMs ?? 0;
      for (const { startMs, endMs } of calls) {
        // Of two processes' clocks: each tells the epoch from its own start.
        expect(startMs).toBeGreaterThan(lagMs - 20);
        expect(endMs).toBeGreaterThanOrEqual(startMs);
        expect(endMs).toBeLessThan(latencyMs + 20);
      }
      const struck = { status: 503, end: "answered-by-fault", faults: ["llm-down#1"] };
      expect(calls.slice(1)).toMatchObject(
        isDown
          ? [
              { ...struck, attempt: 1 },
              { ...struck, attempt: 2 },
            ]
          : [{ status: 200, end: "complete", faults: [], attributedBy: "trace" }],
      );
      expect(observation?.status).toBe(isDown ? 502 : 200);
      // Another request's lines may be beside its own.
      expect([...new Set(log.map(({ process, line }) => `${process}: ${line}`))]).toEqual(
        isDown ? ["service: ERROR the model answered 503 to /v1?api_key=REDACTED"] : [],
      );
    }
    const page = await readFile(path.join(runs, name, "report.html"), "utf8");
    expect(page).toContain('id="requests"');
    expect(page).toContain("struck by llm-down#1");
    expect(page).not.toContain("hush-");
  },
  2 * MINUTES,
);
