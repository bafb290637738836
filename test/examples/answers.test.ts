/** The demo's service as its customers meet it: started as the demo starts it, from the example's own suite file. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { processRuntime } from "../../src/adapters/runtimes/process/process-runtime.ts";
import type { Fault } from "../../src/core/fault.ts";
import type { RunningSystem } from "../../src/run/ports.ts";
import { asPullRequest, demoSuiteFile } from "../../src/surfaces/cli/demo.ts";
import { readSuite } from "../../src/surfaces/cli/read-suite.ts";

const start = async (pullRequest: boolean): Promise<RunningSystem> => {
  const { suite, directory } = await readSuite(demoSuiteFile());
  return processRuntime().start({
    suite: pullRequest ? asPullRequest(suite) : suite,
    suiteDirectory: directory,
    runDirectory: mkdtempSync(path.join(tmpdir(), "squall-answers-")),
    seed: 1,
    front: null,
    signal: new AbortController().signal,
    progress: () => undefined,
  });
};

const ask = (system: RunningSystem, question: string, stream = false): Promise<Response> =>
  fetch(`${system.clientUrl}/answer`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ question, stream }),
  });

const down: Fault = { kind: "http-error", on: "llm", fraction: 1, attempts: "all", status: 503, headers: {} };
let revision = 0;
const setFaults = (system: RunningSystem, faults: readonly Fault[]): Promise<void> =>
  system.sidecar.setState({
    revision: ++revision,
    faults: faults.map((fault, index) => ({
      id: `f${index}`,
      fault: fault as typeof down & { kind: "http-error" },
      marks: { type: "all" },
      seed: 1,
    })),
    deadlineMs: 20_000,
  });

describe("main's answering service", () => {
  let system: RunningSystem;
  beforeAll(async () => {
    system = await start(false);
  });
  afterAll(() => system[Symbol.asyncDispose]());

  test("answers from the entry that fits the question, by the model, whole and streamed", async () => {
    const whole = (await (await ask(system, "I forgot my password, how do I get a new one?")).json()) as {
      answer: string;
      source: string;
    };
    expect(whole.source).toBe("model");
    expect(whole.answer.toLowerCase()).toMatch(/password|sign-in|link/);
    const streamed = await ask(system, "Where is my parcel?", true);
    expect(streamed.headers.get("content-type")).toContain("text/event-stream");
    expect((await streamed.text()).trimEnd()).toMatch(/data: \[DONE\]$/);
  });

  test("answers from the FAQ, and says so, while the model is down; its ready path tells the truth", async () => {
    await setFaults(system, [down]);
    const answer = await ask(system, "How long is the warranty on electronic devices?");
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      answer: expect.stringContaining("warranty of two years"),
      source: "faq",
    });
    expect((await fetch(`${system.serviceUrls[0]}/readyz`)).status).toBe(503);
    expect((await fetch(`${system.serviceUrls[0]}/healthz`)).status).toBe(200);
    await setFaults(system, []);
    expect((await fetch(`${system.serviceUrls[0]}/readyz`)).status).toBe(200);
  });
});

test("the careless pull request has no answer while the model is down", async () => {
  await using system = await start(true);
  expect((await ask(system, "How long is the warranty?")).status).toBe(200);
  await setFaults(system, [down]);
  expect((await ask(system, "How long is the warranty?")).status).toBe(502);
});
