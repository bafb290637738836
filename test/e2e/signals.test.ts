/** A real service that notices errors and not slowness, and whose health path lies: what its own signals show of real faults. */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import type { Result } from "../../src/core/verdict.ts";
import { runIn, SOURCE } from "./support/tiny-project.ts";

const MINUTES = 60_000;
const SUITE = `version: 1
name: signals
service:
  command: node service.mjs
  ready: /healthz
  health: /healthz
  env: { LLM_URL: "{{llm}}" }
  signals:
    - { name: health, path: /healthz }
    - { name: errors, metric: app_errors_total, labels: { of: model }, counter: true }
    - { name: log, log: "^ERROR" }
    - { name: queue, metric: queue_length, above: 10 }
dependencies: { llm: { stub: openai, firstToken: 5ms, perToken: 1ms, tokens: 3..5 } }
workload: { requests: requests.jsonl, rate: 20/s, slo: 1s }
experiments:
  - { name: llm-down, faults: [{ kind: http-error, on: llm, status: 503 }] }
  - { name: llm-slow, faults: [{ kind: http-delay, on: llm, delay: 1500ms }] }
gate: { budget: 45s, maxLagP99: 2s, minAchieved: 50% }
`;

test(
  "errors are noticed by metric and log, slowness by nothing, and the report says so",
  async () => {
    const directory = await mkdtemp(path.join(tmpdir(), "squall-signals-"));
    await using cleanup = new AsyncDisposableStack();
    cleanup.defer(() => rm(directory, { recursive: true, force: true }));
    await cp(
      path.resolve(import.meta.dirname, "fixtures/signals-service.mjs"),
      path.join(directory, "service.mjs"),
    );
    const requests = Array.from({ length: 12 }, (_, place) =>
      JSON.stringify({ id: `q${place}`, method: "GET", path: `/ask?q=${place}` }),
    );
    await writeFile(path.join(directory, "requests.jsonl"), requests.join("\n"));
    await writeFile(path.join(directory, "squall.yml"), SUITE);

    const run = await runIn(SOURCE, directory, ["run", "--quiet"]);
    expect(run.stderr + run.stdout).toContain("Would you have noticed?");
    const runs = path.join(directory, ".squall");
    const [name = ""] = (await readdir(runs)).filter((each) => /^\d/.test(each));
    const {
      signals = [],
      verdict,
      notes,
    } = JSON.parse(await readFile(path.join(runs, name, "result.json"), "utf8")) as Result;

    const shown = Object.fromEntries(
      signals.map(({ signal, scenarios }) => [
        signal,
        Object.fromEntries(scenarios.map((each) => [each.scenario, each.shown])),
      ]),
    );
    expect(shown["health"]).toEqual({ "llm-down": 0, "llm-slow": 0 });
    expect(shown["errors"]).toEqual({ "llm-down": 2, "llm-slow": 0 });
    expect(shown["log"]).toEqual({ "llm-down": 2, "llm-slow": 0 });
    const errors = signals.find(({ signal }) => signal === "errors");
    const down = errors?.scenarios.find(({ scenario }) => scenario === "llm-down");
    expect(down?.harmedShare).toBeGreaterThan(0.9);
    expect(down?.medianDelayMs).toBeGreaterThan(0);
    // It was seen inside the fault's window of four seconds.
    expect(down?.medianDelayMs).toBeLessThan(4000);
    expect(signals.find(({ signal }) => signal === "queue")?.untold).toBe("it could not be read");
    expect(notes).toContain(
      "Signal queue has nothing to tell: no series of this name and these labels was there.",
    );

    const told = verdict.findings.filter(({ kind }) => kind === "unnoticed" || kind === "health-lies");
    expect(told.map(({ kind, scenario }) => [kind, scenario])).toEqual([
      ["health-lies", "llm-down"],
      ["unnoticed", "llm-slow"],
    ]);
    expect(told[1]?.title).toMatch(
      /% of requests failed or were late, and none of health, errors, log showed it$/,
    );
  },
  2 * MINUTES,
);
