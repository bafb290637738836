/** `squall record` between a real client and a real service. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadRequestSet } from "../../src/config/request-set/load.ts";
import { startSidecar } from "../../src/sidecar/sidecar.ts";

const MAIN = path.resolve(import.meta.dirname, "../../src/surfaces/cli/main.ts");

let directory = "";
let service: Server;
let serviceUrl = "";

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "squall-record-"));
  service = createServer((request, response) => {
    request.resume();
    request.on("end", () =>
      response
        .writeHead(200, { "content-type": "application/json" })
        .end(`{"you":"asked ${request.url?.split("?")[0]}"}`),
    );
  }).listen(0, "127.0.0.1");
  await once(service, "listening");
  serviceUrl = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
});

afterAll(async () => {
  service.close();
  await rm(directory, { recursive: true, force: true });
});

interface Recorder {
  readonly child: ChildProcess;
  readonly url: string;
  /** Exit code, once it has left. */
  readonly left: Promise<number | null>;
}

const startRecorder = async (args: readonly string[]): Promise<Recorder> => {
  const child = spawn(process.execPath, [MAIN, "record", serviceUrl, ...args], {
    cwd: directory,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const left = once(child, "exit").then(([code]) => code as number | null);
  const [line] = (await once(createInterface({ input: child.stderr }), "line")) as [string];
  return { child, url: /http:\S+/.exec(line)?.[0] ?? "", left };
};

const ask = async (url: string, question: string): Promise<string> =>
  (
    await fetch(`${url}/ask?api_key=hunter2`, {
      method: "POST",
      headers: { authorization: "Bearer hunter2", "content-type": "application/json", connection: "close" },
      body: JSON.stringify({ question, user: { password: "hunter2" } }),
    })
  ).text();

test("writes what clients asked as a request set that loads, without their secrets", async () => {
  const recorder = await startRecorder(["--requests", "2", "--write", "set.jsonl"]);
  expect(await ask(recorder.url, "one")).toContain("/ask");
  expect(await ask(recorder.url, "two")).toContain("/ask");
  expect(await recorder.left).toBe(0);
  const text = await readFile(path.join(directory, "set.jsonl"), "utf8");
  expect(text).not.toContain("hunter2");
  const { requests } = loadRequestSet(text, { file: "set.jsonl" });
  expect(requests.map(({ method, path: asked, body }) => [method, asked, body])).toEqual([
    ["POST", "/ask?api_key=REDACTED", '{"question":"one","user":{"password":"REDACTED"}}'],
    ["POST", "/ask?api_key=REDACTED", '{"question":"two","user":{"password":"REDACTED"}}'],
  ]);
  expect(requests[1]?.atMs).toBeGreaterThanOrEqual(requests[0]?.atMs ?? 0);
});

test("writes a cassette on Ctrl-C that answers in the service's place", async () => {
  const recorder = await startRecorder(["--cassette", "tape.jsonl"]);
  const live = await ask(recorder.url, "one");
  recorder.child.kill("SIGINT");
  expect(await recorder.left).toBe(0);
  const file = path.join(directory, "tape.jsonl");
  expect(await readFile(file, "utf8")).not.toContain("hunter2");
  const edge = {
    name: "llm",
    protocol: "http" as const,
    host: "127.0.0.1",
    port: 0,
    upstream: { type: "cassette" as const, mode: "replay" as const, file },
  };
  const sidecar = await startSidecar({
    token: "t",
    controlHost: "127.0.0.1",
    controlPort: 0,
    edges: [edge],
    redact: [],
    exitWithParent: false,
  });
  const url = `http://127.0.0.1:${sidecar.ready.ports["llm"]}`;
  expect(await ask(url, "one")).toBe(live);
  expect(await ask(url, "never asked")).toContain("record it");
  await sidecar.close();
});

test("records nothing, and says why, where no request came", async () => {
  const recorder = await startRecorder([]);
  recorder.child.kill("SIGINT");
  expect(await recorder.left).toBe(2);
});
