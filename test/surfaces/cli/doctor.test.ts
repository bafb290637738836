/** `squall doctor` on real directories, with an engine of the test's own. */

import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { unavailable } from "../../../src/adapters/runtimes/docker/engine.ts";
import type { Check } from "../../../src/run/doctor/check.ts";
import {
  type DockerCheck,
  dockerEngine,
  type LookedEngine,
} from "../../../src/surfaces/doctor/docker-engine.ts";
import { examinationText } from "../../../src/surfaces/doctor/examination-text.ts";
import { type Examination, examine } from "../../../src/surfaces/doctor/examine.ts";
import { requireNamed } from "../../../src/surfaces/doctor/suite.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "squall-doctor-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const absent = (): DockerCheck => ({
  ...dockerEngine(() => Promise.reject(unavailable(new Error("none")))),
  prepare: async () => undefined,
});

const present = (more: Partial<LookedEngine> = {}): DockerCheck => ({
  ...dockerEngine(
    async () =>
      ({
        docker: {
          info: async () => ({ CpuCfsQuota: true, MemoryLimit: true }),
          version: async () => ({ ApiVersion: "1.47" }),
        },
        dockerHost: "unix:///var/run/docker.sock",
        serverVersion: "27.3.1",
        arch: process.arch,
        cpus: 2,
        memoryBytes: 2 ** 33,
        cgroupVersion: 2,
        rootless: false,
        warnings: [],
        sameMachine: true,
        ...more,
      }) as unknown as LookedEngine,
  ),
  prepare: async () => undefined,
});

const REQUESTS = '{"id":"a","method":"GET","path":"/"}\n{"id":"b","method":"GET","path":"/b"}\n';
const SERVICE = "command: node server.mjs, ready: /";
const suiteText = (
  service: string,
  experiment = "name: slow, faults: [{ kind: latency, on: llm, delay: 5ms }]",
) =>
  `version: 1
name: tiny
service: { ${service} }
dependencies: { llm: { stub: openai } }
workload: { requests: requests.jsonl, rate: 40/s }
experiments:
  - { ${experiment} }
`;

const project = async (files: Readonly<Record<string, string>>): Promise<string> => {
  const directory = await mkdtemp(path.join(root, "project-"));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(directory, name)), { recursive: true });
    await writeFile(path.join(directory, name), text);
  }
  return directory;
};

const doctor = (
  cwd: string,
  {
    file,
    docker = absent(),
    env = process.env,
  }: { file?: string; docker?: DockerCheck; env?: NodeJS.ProcessEnv } = {},
): Promise<Examination> =>
  examine({ cwd, env, file, out: path.join(cwd, ".squall"), deadlineMs: 60_000, docker });

const check = ({ checks }: Examination, name: string): Check => {
  const found = checks.find((each) => each.name === name);
  if (found === undefined)
    throw new Error(`no check ${name} among ${checks.map((each) => each.name).join(", ")}`);
  return found;
};

test("without a suite any runtime will do, and nothing is written", async () => {
  const directory = await project({});
  const found = await doctor(directory);
  expect(found).toMatchObject({ ready: true, line: "ready with runtime process; docker is missing" });
  expect(check(found, "suite")).toMatchObject({ state: "warn", found: "no squall.yml here" });
  expect(await readdir(directory)).toEqual([]);
  expect((await doctor(directory, { docker: present() })).line).toBe(
    "ready to measure with runtime process and docker",
  );
});

test("a suite that can be measured here", async () => {
  const directory = await project({ "squall.yml": suiteText(SERVICE), "requests.jsonl": REQUESTS });
  const found = await doctor(directory);
  expect(found).toMatchObject({
    ready: true,
    line: "ready to measure tiny with runtime process; docker is missing",
  });
  expect(check(found, "suite programs")).toMatchObject({ state: "ok", found: "node" });
  expect(check(found, "suite files")).toMatchObject({ state: "ok", found: "requests.jsonl, ." });
  expect(check(found, "suite faults")).toMatchObject({ state: "ok", found: "all 1 can be injected here" });
});

test("a program that is not there, by its name alone", async () => {
  const directory = await project({
    "squall.yml": suiteText('command: ["no-such-program", "--api-key=hunter2"], ready: /'),
    "requests.jsonl": REQUESTS,
  });
  const found = await doctor(directory);
  expect(found).toMatchObject({ ready: false, line: expect.stringContaining("suite programs") });
  expect(check(found, "suite programs")).toMatchObject({
    state: "missing",
    found: 'service: "no-such-program" was not found',
  });
  expect(JSON.stringify(found)).not.toContain("hunter2");
});

test("an emptied PATH has no node for the suite", async () => {
  const directory = await project({ "squall.yml": suiteText(SERVICE), "requests.jsonl": REQUESTS });
  const found = await doctor(directory, { env: { PATH: "" } });
  expect(check(found, "suite programs")).toMatchObject({ state: "missing" });
  expect(found.ready).toBe(false);
});

test("a port that another program holds", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  try {
    const directory = await project({
      "squall.yml": suiteText(`${SERVICE}, port: ${port}`),
      "requests.jsonl": REQUESTS,
    });
    expect(check(await doctor(directory), "suite programs")).toMatchObject({
      state: "missing",
      found: `service: port ${port} is taken`,
    });
  } finally {
    server.close();
  }
});

test.each([
  ["no request set", {}, "requests.jsonl does not exist"],
  ["a directory in its place", { "requests.jsonl/x": "" }, "requests.jsonl is no file"],
  ["a request set of garbage", { "requests.jsonl": "{" }, "not a usable request set"],
])("files: %s", async (_, files, found) => {
  const directory = await project({ "squall.yml": suiteText(SERVICE), ...files });
  const examined = await doctor(directory);
  expect(check(examined, "suite files")).toMatchObject({
    state: "missing",
    found: expect.stringContaining(found),
  });
  expect(examined.ready).toBe(false);
});

test("a fault that no engine here can inject, with its reason", async () => {
  const directory = await project({
    "squall.yml": suiteText(
      `${SERVICE}, image: "tiny:1"`,
      "name: full, faults: [{ kind: disk-full, on: service, path: /data }]",
    ),
    "requests.jsonl": REQUESTS,
  });
  const byProcess = await doctor(directory);
  expect(check(byProcess, "suite faults")).toMatchObject({
    state: "missing",
    found: expect.stringContaining(
      "experiment full: disk-full on service (runtime: runtime process cannot do disk-full",
    ),
  });
  expect(byProcess.ready).toBe(false);
  const byDocker = await doctor(directory, { docker: present() });
  expect(check(byDocker, "suite faults")).toMatchObject({ state: "ok" });
  expect(byDocker).toMatchObject({ ready: true, line: "ready to measure tiny with runtime docker" });
});

test("a suite of images is not ready without an engine", async () => {
  const directory = await project({
    "squall.yml": suiteText('image: "tiny:1", ready: /'),
    "requests.jsonl": REQUESTS,
  });
  const found = await doctor(directory);
  expect(found).toMatchObject({ ready: false, line: "not ready: docker is missing" });
  expect(check(found, "suite faults")).toMatchObject({ state: "warn" });
});

test("a build needs its directory, its Dockerfile and the docker command line", async () => {
  const directory = await project({
    "squall.yml": suiteText("build: ., port: 8080, ready: /"),
    "requests.jsonl": REQUESTS,
  });
  const found = await doctor(directory, { docker: present(), env: { PATH: directory } });
  expect(check(found, "suite files")).toMatchObject({ state: "missing", found: "Dockerfile does not exist" });
  expect(check(found, "suite programs")).toMatchObject({
    state: "missing",
    found: 'build: the command line "docker" was not found',
  });
});

test.each([
  ["is broken", "version: 1\nname: [", /has \d+ problem/],
  [
    "is of a runtime to come",
    suiteText(SERVICE).replace("name: tiny", "name: tiny\nruntime: kubernetes"),
    /not part of this version/,
  ],
])("a suite that %s", async (_, text, found) => {
  const directory = await project({ "squall.yml": text, "requests.jsonl": REQUESTS });
  const examined = await doctor(directory);
  expect(check(examined, "suite")).toMatchObject({ state: "missing", found: expect.stringMatching(found) });
  expect(examined).toMatchObject({ ready: false, line: "not ready: suite is missing" });
});

test("a named suite that is no file is a line; one that does not exist is a wrong argument", async () => {
  const directory = await project({ "inner/x": "" });
  const inner = path.join(directory, "inner");
  expect(check(await doctor(directory, { file: "inner" }), "suite")).toMatchObject({
    state: "missing",
    found: "inner is no file",
  });
  await expect(requireNamed(inner)).resolves.toBeUndefined();
  await expect(requireNamed(path.join(directory, "none.yml"))).rejects.toMatchObject({
    code: "argument-invalid",
    exitCode: 2,
  });
});

test("a suite that asks for Toxiproxy is told that none answers", async () => {
  const directory = await project({
    "squall.yml": `${suiteText(
      SERVICE,
      "name: slow, faults: [{ kind: latency, on: llm, delay: 5ms, engine: toxiproxy }]",
    )}toxiproxy: { url: "http://127.0.0.1:1" }\n`,
    "requests.jsonl": REQUESTS,
  });
  const found = await doctor(directory);
  expect(check(found, "toxiproxy")).toMatchObject({ state: "missing" });
  expect(found.line).toContain("toxiproxy");
});

test("lines are aligned, words stand beside icons, and remedies are indented under what lacks", () => {
  const text = examinationText(
    {
      ready: true,
      line: "ready with runtime process; docker is missing",
      checks: [
        { name: "node", state: "ok", found: "v24.0.0", neededFor: "squall" },
        { name: "runtime process", state: "warn", found: "slow", remedy: "Wait.", neededFor: "commands" },
        { name: "docker", state: "missing", found: "No engine", remedy: "Start it.", neededFor: "images" },
      ],
    },
    { color: false, width: 80 },
  );
  expect(text.split("\n")).toEqual([
    "✅ ok       node             v24.0.0",
    "⚠️ warn     runtime process  slow",
    "                             needed for: commands",
    "                             what to do: Wait.",
    "❌ missing  docker           No engine",
    "                             needed for: images",
    "                             what to do: Start it.",
    "",
    "ready with runtime process; docker is missing",
  ]);
});
