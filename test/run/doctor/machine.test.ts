import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask } from "../../../src/run/doctor/check.ts";
import { ci } from "../../../src/run/doctor/ci.ts";
import { disk } from "../../../src/run/doctor/disk.ts";
import { loopback } from "../../../src/run/doctor/loopback.ts";
import { lookAtMemory, memory } from "../../../src/run/doctor/memory.ts";
import { nodeVersion } from "../../../src/run/doctor/node-version.ts";
import { lookAtProcessor, type ProcessorFacts, processor } from "../../../src/run/doctor/processor.ts";

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "squall-doctor-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

test.each([
  ["v24.0.0", "ok"],
  ["v26.1.0", "ok"],
  ["v22.9.0", "missing"],
  ["v4.0.0", "missing"],
  ["nonsense", "missing"],
])("node %s: %s", async (version, state) => {
  expect(await ask(nodeVersion(version))).toMatchObject({ state, found: version });
});

const QUIET: ProcessorFacts = { cores: 4, allowedCores: null, load: 0.3, spinMs: 5, lateMs: 0.4 };
const processorWith = (facts: Partial<ProcessorFacts>) =>
  ask(processor(async () => ({ ...QUIET, ...facts })));

test("a quiet machine is well", async () => {
  expect(await processorWith({})).toEqual({
    name: "processor",
    state: "ok",
    found: "4 cores, load 0.3, timers 0.4 ms late (p95), fixed spin 5 ms",
    neededFor: expect.any(String),
  });
});

test("half a core is said, though the machine has four", async () => {
  const check = await processorWith({ allowedCores: 0.5 });
  expect(check).toMatchObject({ state: "warn", remedy: expect.stringContaining("--cpus") });
  expect(check.found).toContain("4 cores (the container may use 0.5)");
});

test.each([
  ["load", { load: 3.5 }],
  ["load on what the container may use", { load: 1.5, allowedCores: 2 }],
  ["late timers", { lateMs: 7 }],
])("a busy machine is told by its %s", async (_, facts) => {
  expect(await processorWith(facts)).toMatchObject({
    state: "warn",
    remedy: expect.stringContaining("Something else is at work"),
  });
});

test("the real machine has cores, and timers that come", async () => {
  const facts = await lookAtProcessor(new AbortController().signal, async () => ({
    cores: 0.25,
    memoryBytes: null,
  }));
  expect(facts.cores).toBeGreaterThanOrEqual(1);
  expect(facts.allowedCores).toBe(0.25);
  expect(facts.spinMs).toBeGreaterThan(0);
  expect(facts.lateMs).toBeGreaterThanOrEqual(0);
});

const GIB = 2 ** 30;
test.each([
  ["enough", { totalBytes: 8 * GIB, freeBytes: 4 * GIB, limitBytes: null }, "ok", "4 GiB free of 8 GiB"],
  [
    "a container's limit",
    { totalBytes: 8 * GIB, freeBytes: 4 * GIB, limitBytes: GIB / 4 },
    "warn",
    "256 MiB free of 8 GiB (the container may use 256 MiB)",
  ],
  ["little", { totalBytes: 8 * GIB, freeBytes: GIB / 8, limitBytes: null }, "warn", "128 MiB free of 8 GiB"],
])("memory: %s", async (_, facts, state, found) => {
  expect(await ask(memory(async () => facts))).toMatchObject({ state, found });
});

test("the real machine has memory", async () => {
  const { totalBytes, freeBytes } = await lookAtMemory();
  expect(totalBytes).toBeGreaterThan(0);
  expect(freeBytes).toBeGreaterThan(0);
});

test("a directory that is not there yet is looked at where it would be, and not made", async () => {
  const check = await ask(disk(path.join(directory, "a/b/.squall")));
  expect(check.found).toMatch(/^[\d.]+ [KMG]iB free under \.squall$/);
  expect(await readdir(directory)).not.toContain("a");
});

test("a file in its place is missing a disk", async () => {
  const file = path.join(directory, "file");
  await writeFile(file, "");
  expect(await ask(disk(file))).toMatchObject({ state: "missing", found: "file is no directory" });
  expect(await ask(disk(path.join(file, ".squall")))).toMatchObject({ state: "missing" });
});

test("loopback can be bound here", async () => {
  expect(await ask(loopback())).toMatchObject({ state: "ok" });
});

test("an address that is not this machine's cannot", async () => {
  // Of TEST-NET-1 (RFC 5737).
  expect(await ask(loopback("192.0.2.1"))).toMatchObject({
    state: "missing",
    found: expect.stringContaining("EADDRNOTAVAIL"),
  });
});

test.each([
  [{}, "none that squall knows"],
  [
    { GITLAB_CI: "true", CI_MERGE_REQUEST_IID: "7", CI_MERGE_REQUEST_TARGET_BRANCH_NAME: "main" },
    "GitLab CI, pull request 7 into main",
  ],
  [{ GITHUB_ACTIONS: "true", GITHUB_REF: "refs/heads/main" }, "GitHub Actions, no pull request"],
  [{ BUILDKITE: "true", BUILDKITE_PULL_REQUEST: "false" }, "Buildkite, no pull request"],
])("CI of %j: %s", async (env, found) => {
  expect(await ask(ci(env))).toMatchObject({ state: "ok", found });
});

test("hostile values of a CI's variables stay on their line, and no token is told", async () => {
  const { found } = await ask(
    ci({
      GITHUB_ACTIONS: "true",
      GITHUB_BASE_REF: `main\u001B]0;title\u0007\n::set-output::${"y".repeat(1_000_000)}`,
      GITHUB_TOKEN: "ghs_secret",
      GITHUB_REF: `refs/pull/${"9".repeat(400)}/merge`,
    }),
  );
  expect(found).not.toMatch(/\p{Cc}/u);
  expect(found).not.toContain("ghs_secret");
  expect(found.length).toBeLessThanOrEqual(600);
});
