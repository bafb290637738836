/** The Python example: its service with its real model, where its packages are installed. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningSystem } from "../../src/run/ports.ts";
import { readSuite } from "../../src/surfaces/gate/read-suite.ts";
import { ask, MODEL_DOWN, setFaults, startExample } from "./support/example-system.ts";

const EXAMPLE = fileURLToPath(new URL("../../examples/answers-python/", import.meta.url));
const SUITE_FILE = path.join(EXAMPLE, "squall.yml");
const REQUIRED = process.env["SQUALL_REQUIRE_ENGINE"] === "1";
const SETUP = "examples/answers-python/setup.sh";

const isInstalled =
  spawnSync(".venv/bin/python", ["-c", "import fastapi, httpx, uvicorn, wordllama"], { cwd: EXAMPLE })
    .status === 0;
if (!isInstalled && !REQUIRED)
  console.warn(`left out: the Python example's service, whose packages are not installed. Run ${SETUP}`);

const setUp = (script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const { status, stderr } = spawnSync(script, args, {
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
  return { status, stderr };
};

test("its suite is one file for both runtimes", async () => {
  const { suite } = await readSuite(SUITE_FILE);
  expect(suite.service.process?.command).toEqual([".venv/bin/python", "server.py"]);
  expect(suite.service.container?.source).toMatchObject({
    type: "build",
    context: ".",
    dockerfile: "Dockerfile",
  });
});

describe("its set-up says in words what it lacks", () => {
  test("no Python", () => {
    const { status, stderr } = setUp(path.join(EXAMPLE, "setup.sh"), [], { PYTHON: "python-that-is-not" });
    expect(status).toBe(1);
    expect(stderr).toContain("there is no python-that-is-not");
    expect(stderr).toContain("apt-get install python3 python3-venv");
  });

  test("an option that it does not have", () => {
    const { status, stderr } = setUp(path.join(EXAMPLE, "setup.sh"), ["--wheel"]);
    expect(status).toBe(1);
    expect(stderr).toContain("unknown option --wheel");
  });
});

describe.skipIf(!isInstalled && !REQUIRED)("where its packages are installed", () => {
  let system: RunningSystem;
  beforeAll(async () => {
    if (!isInstalled) throw new Error(`The Python example's packages are not installed. Run ${SETUP}`);
    system = await startExample(SUITE_FILE);
  });
  afterAll(() => system?.[Symbol.asyncDispose]());

  test("gives the model the entry that fits the question, and answers with its words", async () => {
    const answer = await ask(system, "I do not want to renew my subscription to the pass");
    expect(answer.status).toBe(200);
    const { answer: text, source } = (await answer.json()) as { answer: string; source: string };
    expect(source).toBe("model");
    expect(text.toLowerCase()).toMatch(/renewal|end of the month/);
  });

  test("streams the answer to its end", async () => {
    const streamed = await ask(system, "What is the range of the battery?", true);
    expect(streamed.headers.get("content-type")).toContain("text/event-stream");
    const text = await streamed.text();
    expect(text.match(/^data: \{"text"/gm)?.length).toBeGreaterThan(5);
    expect(text).toContain('{"source": "model", "done": true}');
    expect(text.trimEnd()).toMatch(/data: \[DONE\]$/);
  });

  test("tries a rate-limited call again, and waits less than the provider asks for", async () => {
    await setFaults(system, [{ ...MODEL_DOWN, status: 429, headers: { "retry-after": "20" }, first: 1 }]);
    const startedMs = performance.now();
    const answer = await ask(system, "Are you open when there is a storm?");
    expect(await answer.json()).toMatchObject({ source: "model" });
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    const { receipts } = await system.sidecar.receipts();
    expect(receipts[0]?.affected).toBe(1);
    await setFaults(system, []);
  });

  test("answers from the FAQ entry that means the same in other words, whole and streamed, while the model is down; its ready path tells the truth", async () => {
    await setFaults(system, [MODEL_DOWN]);
    const answer = await ask(system, "There is no air in the wheel");
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ answer: expect.stringContaining("Do not ride on"), source: "faq" });
    const streamed = await (await ask(system, "There is no air in the wheel", true)).text();
    expect(streamed).toContain('{"source": "faq", "done": true}');
    expect((await fetch(`${system.serviceUrls[0]}/readyz`)).status).toBe(503);
    expect((await fetch(`${system.serviceUrls[0]}/healthz`)).status).toBe(200);
    await setFaults(system, []);
    expect((await fetch(`${system.serviceUrls[0]}/readyz`)).status).toBe(200);
  });

  test("never passes a broken stream off as a whole answer", async () => {
    await setFaults(system, [
      { kind: "stream-truncate", on: "llm", fraction: 1, attempts: "all", afterEvents: 3, clean: true },
    ]);
    const streamed = await (await ask(system, "May I rent two at the same time?", true)).text();
    expect(streamed).toContain('"error"');
    expect(streamed).not.toContain("[DONE]");
    expect((await ask(system, "May I rent two at the same time?")).status).toBe(502);
    await setFaults(system, []);
  });

  test("its set-up says so where packages cannot be had", () => {
    const copy = mkdtempSync(path.join(tmpdir(), "squall-setup-"));
    cpSync(path.join(EXAMPLE, "setup.sh"), path.join(copy, "setup.sh"));
    symlinkSync(path.join(EXAMPLE, ".venv"), path.join(copy, ".venv"));
    writeFileSync(path.join(copy, "requirements.txt"), "a-package-that-is-not-installed==1\n");
    // In place of PyPI a port of this machine on which nobody listens.
    const { status, stderr } = setUp(path.join(copy, "setup.sh"), [], {
      PIP_CONFIG_FILE: "/dev/null",
      PIP_INDEX_URL: "http://127.0.0.1:9/",
      PIP_RETRIES: "0",
    });
    expect(status).toBe(1);
    expect(stderr).toContain("the packages of requirements.txt could not be had");
    rmSync(copy, { recursive: true, force: true });
  });
});
