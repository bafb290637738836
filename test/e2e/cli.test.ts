/** The command line as a person uses it: real processes, real faults, a real verdict. */
import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const MAIN = path.resolve(import.meta.dirname, "../../src/surfaces/cli/main.ts");

interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let directory = "";

const squall = (args: readonly string[], env: Record<string, string> = {}): Promise<Answer> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [MAIN, ...args],
      { cwd: directory, env: { ...process.env, NO_COLOR: "1", ...env }, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) =>
        resolve({
          code: typeof error?.code === "number" ? error.code : error === null ? 0 : -1,
          stdout,
          stderr,
        }),
    );
  });

const suite = (careless: boolean): string => `version: 1
name: e2e
service: { command: node service.mjs, ready: /healthz, env: { LLM_URL: "{{llm}}", CARELESS: "${careless ? 1 : 0}" } }
dependencies: { llm: { stub: openai, firstToken: 5ms, perToken: 1ms, tokens: 3..5 } }
workload: { requests: requests.jsonl, rate: 40/s }
experiments:
  - { name: llm-fails, faults: [{ kind: http-error, on: llm, status: 503, fraction: 30% }] }
gate: { budget: 20s, diagnosis: 0s, maxLagP99: 2s }
`;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "squall-e2e-"));
  await cp(path.resolve(import.meta.dirname, "fixtures/service.mjs"), path.join(directory, "service.mjs"));
  const requests = Array.from({ length: 12 }, (_, index) =>
    JSON.stringify({
      id: `q${index}`,
      method: "GET",
      path: `/ask?q=what+is+the+answer+to+question+${index}`,
    }),
  );
  await writeFile(path.join(directory, "requests.jsonl"), requests.join("\n"));
  await writeFile(path.join(directory, "squall.yml"), suite(false));
  await writeFile(path.join(directory, "careless.yml"), suite(true));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

describe("the command line", () => {
  test("measures a baseline, then finds the careless change, names its fault and leaves everything behind", async () => {
    const baseline = await squall(["baseline"]);
    expect(baseline.stderr).not.toContain("squall:");
    expect(baseline).toMatchObject({ code: 0, stdout: expect.stringContaining("baseline of e2e: 1 run") });

    const run = await squall(["run", "--file", "careless.yml"]);
    expect(run.stdout).toContain("llm answers 503");
    expect(run.code).toBe(1);

    const runs = (await readdir(path.join(directory, ".squall")))
      .filter((name) => name.endsWith("e2e"))
      .toSorted();
    const newest = path.join(directory, ".squall", runs.at(-1) ?? "");
    expect((await readdir(newest)).toSorted()).toEqual([
      "junit.xml",
      "logs",
      "postmortem.md",
      "report.html",
      "report.md",
      "result.json",
      "samples.json.gz",
    ]);
    const result = JSON.parse(await readFile(path.join(newest, "result.json"), "utf8")) as {
      verdict: { word: string; worstScenario: string };
    };
    expect(result.verdict).toMatchObject({ word: "regressed", worstScenario: "llm-fails" });

    // The same words from the stored run, without measuring again.
    const again = await squall(["compare", newest]);
    expect(again.code).toBe(1);
    expect(again.stdout.split("\n")[0]).toBe(run.stdout.split("\n")[0]);
    const markdown = await squall(["report", "--format", "markdown"]);
    expect(markdown.stdout.trim()).toBe((await readFile(path.join(newest, "report.md"), "utf8")).trim());
    expect(run.stdout).toContain(
      `Post-mortem: ${path.relative(directory, path.join(newest, "postmortem.md"))}`,
    );
    const postmortem = await squall(["report", "--format", "postmortem"]);
    expect(postmortem.stdout).toBe(await readFile(path.join(newest, "postmortem.md"), "utf8"));
  }, 150_000);

  test("says every problem of a suite at once, with its place, and leaves with 2", async () => {
    await writeFile(
      path.join(directory, "bad.yml"),
      "version: 1\nservice: { comand: node x.js }\nworkload: { rate: 30 }\n",
    );
    const answer = await squall(["validate", "bad.yml"]);
    expect(answer.code).toBe(2);
    expect(answer.stderr).toMatch(/bad\.yml:2:\d+/);
    expect(answer.stderr).toMatch(/bad\.yml:3:\d+/);
    expect(answer.stderr).toContain("command");
  });

  test("says what is missing and what to do", async () => {
    const noSuite = await squall(["run", "--file", "nowhere.yml"]);
    expect(noSuite).toMatchObject({ code: 2, stderr: expect.stringContaining("squall init") });
    const unknown = await squall(["run", "--experiment", "nothing"]);
    expect(unknown).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Known experiments: llm-fails"),
    });
    const noRun = await squall(["report", "elsewhere"]);
    expect(noRun.code).toBe(2);
    const seed = await squall(["run", "--seed", "minus one"]);
    expect(seed).toMatchObject({ code: 2, stderr: expect.stringContaining("--seed") });
  });

  test("a service that fails calm traffic is told so, and nothing is injected", async () => {
    await writeFile(
      path.join(directory, "sick.yml"),
      suite(false).replace('LLM_URL: "{{llm}}"', 'LLM_URL: "http://127.0.0.1:9"'),
    );
    const answer = await squall(["run", "--file", "sick.yml"]);
    expect(answer.code).toBe(3);
    expect(answer.stderr).toContain("service-unhealthy");
    expect(answer.stderr).toContain("status 500");
  }, 60_000);
});
