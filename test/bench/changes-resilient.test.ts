/** The benchmark's changes fit the resilient services as they are now, and a changed service still answers in calm. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PullRequest } from "../../bench/changes/pull-request.ts";
import {
  copyService,
  type ResilientService,
  readService,
  SERVICE_NAMES,
  type ServiceName,
} from "../../bench/changes/resilient-services.ts";
import { freePorts } from "../../src/adapters/runtimes/process/free-ports.ts";
import { startStub } from "../../src/sidecar/stubs/stub-server.ts";
import { readSuite } from "../../src/surfaces/gate/read-suite.ts";

const COMMANDS: Readonly<Record<ServiceName, { readonly service: string[]; readonly vector: string[] }>> = {
  node: { service: [process.execPath, "server.ts"], vector: [process.execPath, "vector-store.ts"] },
  python: { service: ["python3", "server.py"], vector: ["python3", "vector_store.py"] },
};

const freePort = async (): Promise<number> => (await freePorts(1))[0] ?? 0;

const start = (
  [command = "", ...words]: readonly string[],
  cwd: string,
  env: Record<string, string>,
): ChildProcess => spawn(command, words, { cwd, env: { ...process.env, ...env }, stdio: "ignore" });

const until2xx = async (url: string): Promise<void> => {
  const end = Date.now() + 15_000;
  for (;;) {
    const status = await fetch(url).then(
      async (response) => {
        await response.body?.cancel();
        return response.status;
      },
      () => 0,
    );
    if (status >= 200 && status < 300) return;
    if (Date.now() > end) throw new Error(`${url} answers ${status}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

const ask = async (url: string, stream: boolean): Promise<string> => {
  const response = await fetch(`${url}/answer`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ question: "How do I reset my password?", stream }),
  });
  return `${response.status} ${await response.text()}`;
};

describe.each(SERVICE_NAMES)("the resilient service in %s", (name) => {
  let service: ResilientService;
  let scratch = "";
  let llm: Awaited<ReturnType<typeof startStub>>;
  let vector: ChildProcess;
  let vectorUrl = "";

  beforeAll(async () => {
    service = await readService(name);
    scratch = await mkdtemp(path.join(tmpdir(), "squall-bench-changes-"));
    const { suite } = await readSuite(path.join(service.base, "squall.yml"));
    const stub = suite.dependencies.find((each) => each.name === "llm")?.source;
    if (stub?.type !== "stub") throw new Error("llm is no stub");
    llm = await startStub(stub.stub, 1);
    const port = await freePort();
    vectorUrl = `http://127.0.0.1:${port}`;
    vector = start(COMMANDS[name].vector, service.base, { PORT: String(port) });
    await until2xx(`${vectorUrl}/healthz`);
  });

  afterAll(async () => {
    vector.kill();
    await llm.close();
    await rm(scratch, { recursive: true, force: true });
  });

  test("has ten careless changes and more, five harmless ones, each in a file of its name", async () => {
    const { changes } = service;
    expect(changes.filter(({ careless }) => careless).length).toBeGreaterThanOrEqual(10);
    expect(changes.filter(({ careless }) => !careless)).toHaveLength(5);
    for (const change of changes) {
      const file = path.join(service.base, "../changes", `${change.name}.ts`);
      expect(await readFile(file, "utf8")).toContain("export const change");
    }
  });

  test("changes expect experiments of the suite", async () => {
    const { suite } = await readSuite(path.join(service.base, "squall.yml"));
    const known = new Set(["control", ...suite.experiments.map((each) => each.name)]);
    for (const { name, careless, expected } of service.changes) {
      expect([name, expected.scenarios.filter((scenario) => !known.has(scenario))]).toEqual([name, []]);
      expect([name, expected.scenarios.length > 0]).toEqual([name, careless]);
    }
  });

  const answersInCalm = async (change: PullRequest | null): Promise<readonly string[]> => {
    const directory = path.join(scratch, change?.name ?? "base");
    await copyService(service, change, directory);
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const child = start(COMMANDS[name].service, directory, {
      PORT: String(port),
      LLM_URL: `http://127.0.0.1:${llm.port}`,
      VECTOR_URL: vectorUrl,
    });
    try {
      await until2xx(`${url}/readyz`);
      return [await ask(url, true), await ask(url, false)];
    } finally {
      child.kill("SIGKILL");
    }
  };

  test("answers in calm, as it is and with each change in it", { timeout: 120_000 }, async () => {
    for (const change of [null, ...service.changes]) {
      const [streamed, whole] = await answersInCalm(change);
      const label = change?.name ?? "base";
      expect(`${label} ${streamed}`).toMatch(/^\S+ 200 [^]*"source": ?"model"[^]*data: \[DONE\]/);
      expect(`${label} ${whole}`).toMatch(/^\S+ 200 \{[^]*"source": ?"model"/);
    }
  });
});
