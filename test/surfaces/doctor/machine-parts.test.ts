/** What needs an adapter: engine, processes, git, Toxiproxy. Addresses are never told: they may hold passwords. */

import { once } from "node:events";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { unavailable } from "../../../src/adapters/runtimes/docker/engine.ts";
import type { Suite } from "../../../src/core/suite.ts";
import { ask } from "../../../src/run/doctor/check.ts";
import { dockerEngine, type LookedEngine } from "../../../src/surfaces/doctor/docker-engine.ts";
import { isOnPath } from "../../../src/surfaces/doctor/executable.ts";
import { gitCheck } from "../../../src/surfaces/doctor/git.ts";
import { processRuntimeCheck } from "../../../src/surfaces/doctor/process-runtime.ts";
import { presentToxiproxy, suiteToxiproxy } from "../../../src/surfaces/doctor/toxiproxy.ts";
import { runGit } from "../../support/git/repository.ts";
import { suiteWith } from "../../support/suites.ts";

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "squall-doctor-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());

const engine = (more: Partial<LookedEngine> = {}, info: object = { CpuCfsQuota: true, MemoryLimit: true }) =>
  ({
    docker: { info: async () => info, version: async () => ({ ApiVersion: "1.47" }) },
    host: "127.0.0.1",
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
  }) as unknown as LookedEngine;

test("an engine is told with what it is and can", async () => {
  vi.stubEnv("DOCKER_HOST", undefined);
  const docker = dockerEngine(async () => engine());
  expect(await ask(docker.question)).toMatchObject({
    state: "ok",
    found: `27.3.1 (API 1.47), linux/${process.arch}, on this machine, not rootless, cgroup v2, 2 cores and 8 GiB, can limit cores and memory`,
  });
  expect(docker.engine()?.serverVersion).toBe("27.3.1");
});

test.each<[string, Partial<LookedEngine>, object, string]>([
  ["rootless without delegated cores", { rootless: true }, { MemoryLimit: true }, "cannot limit cores"],
  ["without any limits", {}, {}, "cannot limit cores and memory"],
  ["of another make", { arch: "s390x" }, { CpuCfsQuota: true, MemoryLimit: true }, "linux/s390x"],
])("an engine %s is usable, with less", async (_, more, info, found) => {
  vi.stubEnv("DOCKER_HOST", undefined);
  expect(await ask(dockerEngine(async () => engine(more, info)).question)).toMatchObject({
    state: "warn",
    found: expect.stringContaining(found),
    remedy: expect.any(String),
  });
});

test("another engine than the one that DOCKER_HOST names is told", async () => {
  vi.stubEnv("DOCKER_HOST", "tcp://user:hunter2@10.1.1.1:2375");
  const check = await ask(dockerEngine(async () => engine()).question);
  expect(check).toMatchObject({
    state: "warn",
    found: expect.stringContaining("not the one that DOCKER_HOST names"),
  });
  expect(JSON.stringify(check)).not.toContain("hunter2");
});

test.each([
  ["tcp://user:pw@10.1.1.1:2375", "tcp://10.1.1.1:2375"],
  ["unix:///run/user/1000/docker.sock", "unix:///run/user/1000/docker.sock"],
])("the engine at DOCKER_HOST=%s is the one", async (named, dockerHost) => {
  vi.stubEnv("DOCKER_HOST", named);
  expect(await ask(dockerEngine(async () => engine({ dockerHost })).question)).toMatchObject({ state: "ok" });
});

test("no engine is missing, with what to do and without the address", async () => {
  vi.stubEnv("DOCKER_HOST", "tcp://user:hunter2@10.1.1.1:2375");
  const docker = dockerEngine(() => Promise.reject(unavailable(new Error("nothing there"))));
  const check = await ask(docker.question);
  expect(check).toMatchObject({ state: "missing", remedy: expect.stringContaining("DOCKER_HOST") });
  expect(JSON.stringify(check)).not.toContain("hunter2");
  expect(docker.engine()).toBeNull();
});

test("an engine that never answers is missing", async () => {
  expect(await ask(dockerEngine(() => new Promise(() => undefined)).question, 20)).toMatchObject({
    state: "missing",
    found: expect.stringContaining("no answer"),
  });
});

test("runtime process tells which faults it can do", async () => {
  const { state, found } = await ask(processRuntimeCheck(), 60_000);
  expect(state).toBe("ok");
  expect(found).toMatch(/^can kill, .*pause.*cpu-limit.*; not .*packet-loss.*disk-full/);
});

test("a program that cannot be started, and Windows, lack runtime process", async () => {
  expect(await ask(processRuntimeCheck("linux", path.join(directory, "none")))).toMatchObject({
    state: "missing",
    found: "a process could not be started (ENOENT)",
  });
  expect(await ask(processRuntimeCheck("win32"))).toMatchObject({ state: "missing" });
});

test("git: no repository, a repository, its default branch by the remote or the CI", async () => {
  const work = await mkdtemp(path.join(directory, "work-"));
  const look = (env: NodeJS.ProcessEnv = {}) => ask(gitCheck(work, env), 60_000);
  vi.stubEnv("GIT_CEILING_DIRECTORIES", directory);
  expect(await look()).toMatchObject({ state: "warn", found: expect.stringContaining("no repository here") });
  await runGit(work, ["init", "-q"]);
  expect(await look()).toMatchObject({ state: "warn", remedy: expect.stringContaining("--base") });
  expect(await look({ GITLAB_CI: "true", CI_DEFAULT_BRANCH: "trunk" })).toMatchObject({
    state: "ok",
    found: expect.stringContaining("default branch trunk"),
  });
  await runGit(work, ["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/stable"]);
  expect(await look()).toMatchObject({
    state: "ok",
    found: expect.stringContaining("default branch stable"),
  });
});

test("git: a shallow clone lacks history", async () => {
  const from = await mkdtemp(path.join(directory, "from-"));
  await runGit(from, ["init", "-q"]);
  for (const message of ["one", "two"]) await runGit(from, ["commit", "-q", "--allow-empty", "-m", message]);
  const to = path.join(directory, "shallow");
  await runGit(directory, ["clone", "-q", "--depth", "1", `file://${from}`, to]);
  expect(await ask(gitCheck(to, {}), 60_000)).toMatchObject({
    state: "warn",
    remedy: expect.stringContaining("fetch-depth: 0"),
  });
});

test("git: an empty PATH has none, and an old one is told", async () => {
  const bin = await mkdtemp(path.join(directory, "bin-"));
  vi.stubEnv("PATH", bin);
  expect(await ask(gitCheck(directory, {}), 60_000)).toMatchObject({
    state: "warn",
    found: expect.stringContaining("no git here"),
    remedy: expect.stringContaining("Install git"),
  });
  await writeFile(path.join(bin, "git"), "#!/bin/sh\necho git version 1.8.3.1\n");
  await chmod(path.join(bin, "git"), 0o755);
  expect(await ask(gitCheck(directory, {}), 60_000)).toMatchObject({
    state: "warn",
    found: "git 1.8.3.1",
    remedy: "Install git 2.15 or newer.",
  });
});

test("programs are found as the system finds them", async () => {
  const bin = await mkdtemp(path.join(directory, "path-"));
  await writeFile(path.join(bin, "run"), "");
  await writeFile(path.join(bin, "read"), "");
  await chmod(path.join(bin, "run"), 0o755);
  await chmod(path.join(bin, "read"), 0o644);
  expect(await isOnPath("run", "/", `/nowhere:${bin}`)).toBe(true);
  expect(await isOnPath("./run", bin, "")).toBe(true);
  expect(await isOnPath("run", bin, "")).toBe(true);
  expect(await isOnPath("run", "/", "/nowhere")).toBe(false);
  expect(await isOnPath("read", "/", bin)).toBe(false);
  expect(await isOnPath(path.basename(bin), "/", directory)).toBe(false);
  expect(await isOnPath("run", "/", undefined)).toBe(false);
});

test("Toxiproxy is told where its server is on PATH, and else not at all", async () => {
  const bin = await mkdtemp(path.join(directory, "toxic-"));
  expect(await presentToxiproxy("/", bin)).toBeNull();
  await writeFile(path.join(bin, "toxiproxy-server"), "");
  await chmod(path.join(bin, "toxiproxy-server"), 0o755);
  const present = await presentToxiproxy("/", bin);
  expect(present && (await ask(present))).toMatchObject({ name: "toxiproxy", state: "ok" });
});

const asking = (url?: string): Suite => ({
  ...suiteWith([]),
  toxiproxy: { image: "toxiproxy:test", ...(url === undefined ? {} : { url }) },
});

test("a Toxiproxy that answers is well; what is none, is silent or is nowhere is missing", async () => {
  let body = '{"version":"2.12.0"}';
  const server = createServer((_, response) => response.end(body)).listen(0, "127.0.0.1");
  const held: Socket[] = [];
  const silent = createTcpServer((socket) => held.push(socket)).listen(0, "127.0.0.1");
  await Promise.all([once(server, "listening"), once(silent, "listening")]);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const look = (at: string | undefined, deadlineMs = 60_000) =>
      ask(suiteToxiproxy(asking(at), "process", null), deadlineMs);
    expect(await look(url)).toMatchObject({ state: "ok" });
    body = "<html>";
    expect(await look(url)).toMatchObject({
      state: "missing",
      found: "What answers at toxiproxy.url is no Toxiproxy.",
    });
    expect(await look(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`, 50)).toMatchObject({
      state: "missing",
      found: expect.stringContaining("no answer within"),
    });
    expect(await look(undefined)).toMatchObject({
      state: "missing",
      found: expect.stringContaining("no toxiproxy.url"),
    });
  } finally {
    for (const socket of held) socket.destroy();
    server.close();
    silent.close();
  }
});
