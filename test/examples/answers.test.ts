/** The demo's service as its customers meet it: started as the demo starts it, from the example's own suite file. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningSystem } from "../../src/run/ports.ts";
import { asPullRequest, demoSuiteFile } from "../../src/surfaces/cli/demo.ts";
import { ask, MODEL_DOWN, setFaults, startExample } from "./support/example-system.ts";

describe("main's answering service", () => {
  let system: RunningSystem;
  beforeAll(async () => {
    system = await startExample(demoSuiteFile());
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
    await setFaults(system, [MODEL_DOWN]);
    const answer = await ask(system, "How long is the warranty on electronic devices?");
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      answer: expect.stringContaining("warranty of two years"),
      source: "faq",
    });
    expect((await fetch(`${system.serviceUrls[0]}/readyz`)).status).toBe(503);
    expect((await fetch(`${system.serviceUrls[0]}/healthz`)).status).toBe(200);
    expect(await (await fetch(`${system.serviceUrls[0]}/metrics`)).text()).toBe(
      "# TYPE answers_fallback_total counter\nanswers_fallback_total 1\n# TYPE answers_errors_total counter\nanswers_errors_total 0\n",
    );
    await setFaults(system, []);
    expect((await fetch(`${system.serviceUrls[0]}/readyz`)).status).toBe(200);
  });
});

test("the careless pull request has no answer while the model is down", async () => {
  await using system = await startExample(demoSuiteFile(), asPullRequest);
  expect((await ask(system, "How long is the warranty?")).status).toBe(200);
  await setFaults(system, [MODEL_DOWN]);
  expect((await ask(system, "How long is the warranty?")).status).toBe(502);
  expect(await (await fetch(`${system.serviceUrls[0]}/metrics`)).text()).toContain(
    "answers_errors_total 1\n",
  );
});
