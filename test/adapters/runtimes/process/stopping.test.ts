import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { startKeeper } from "../../../../src/adapters/runtimes/process/keeper-process.ts";
import { processRuntime } from "../../../../src/adapters/runtimes/process/process-runtime.ts";
import { markedProcesses } from "../../../../src/adapters/runtimes/process/sweep.ts";
import { answers, said, startOptions } from "../../../conformance/runtime.ts";
import { childrenOf, isAlive, until } from "../../../support/services/living.ts";
import { serviceSuite } from "../../../support/services/service-suite.ts";

const GATE = fileURLToPath(new URL("../../../support/services/gate.ts", import.meta.url));

interface Started {
  readonly marker: string;
  readonly service: number;
  readonly grandchild: number;
}

/** Ends the gate of a test by the signal, and tells which of all its processes are left. */
const endedBy = async (
  signal: NodeJS.Signals,
  manner: "orderly" | "careless",
  relieved?: "relieved",
): Promise<number[]> => {
  const words = [GATE, mkdtempSync(path.join(tmpdir(), "squall-gate-")), manner, relieved ?? ""];
  const gate = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
  const gatePid = gate.pid ?? 0;
  const exited = new Promise<void>((resolve) => void gate.once("exit", () => resolve()));
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: gate.stdout }).once("line", resolve);
    gate.once("exit", () => reject(new Error("the gate ended before it had started its service")));
  });
  const { marker, service, grandchild } = JSON.parse(line) as Started;
  // Service, sidecar and keeper are its children; the grandchild has a session of its own and is found by its marker.
  const all = [...new Set([...childrenOf(gatePid), ...(await markedProcesses(marker))])];
  expect(all).toContain(service);
  expect(all).toContain(grandchild);
  // One more replica, with a grandchild of its own.
  expect(all.length).toBe(relieved === undefined ? 4 : 6);
  expect(all.filter(isAlive)).toEqual(all);
  gate.kill(signal);
  await exited;
  await until(`none of ${all.join(", ")} is left`, () => !all.some(isAlive), 5_000);
  return [...all.filter(isAlive), ...(await markedProcesses(marker))];
};

test("SIGKILL on squall leaves nothing: no stubborn service, no grandchild in its own session, no sidecar, no keeper", async () => {
  expect(await endedBy("SIGKILL", "careless")).toEqual([]);
});

test("SIGKILL on squall leaves nothing of a replica that a remedy added", async () => {
  expect(await endedBy("SIGKILL", "careless", "relieved")).toEqual([]);
});

test("SIGTERM on a squall that takes no care leaves nothing", async () => {
  expect(await endedBy("SIGTERM", "careless")).toEqual([]);
});

test("SIGINT on a squall that stops in order leaves nothing", async () => {
  expect(await endedBy("SIGINT", "orderly")).toEqual([]);
});

test("an ordinary stop also ends a grandchild in its own session", async () => {
  const system = await processRuntime().start(startOptions(serviceSuite({ env: { GRANDCHILD: "1" } })));
  const seen = (await said(system)) as unknown as { readonly grandchild: number; readonly pid: number };
  expect(isAlive(seen.grandchild)).toBe(true);
  await system[Symbol.asyncDispose]();
  expect([seen.pid, seen.grandchild].filter(isAlive)).toEqual([]);
});

test("a paused and a limited service are stopped like any other", async () => {
  const system = await processRuntime().start(startOptions(serviceSuite({ replicas: 2 })));
  const pids = await Promise.all(system.serviceUrls.map(async (url) => (await said(system, url)).pid));
  await system.processes.limitCpu("service", 0.1);
  await system.processes.pause("service-2");
  await system[Symbol.asyncDispose]();
  expect(pids.filter(isAlive)).toEqual([]);
});

test("a restart that comes due after the stop starts nothing", async () => {
  const system = await processRuntime().start(startOptions(serviceSuite()));
  await system.processes.kill("service", "SIGKILL", 0);
  await system[Symbol.asyncDispose]();
  await system.processes.restart("service", 0);
  expect(await answers(`${system.serviceUrls[0]}/ready`)).toBe(false);
  expect(childrenOf(process.pid).filter(isAlive).length).toBe(0);
});

test("a keeper that dies is replaced, and the new one keeps what the old one kept", async () => {
  const sleeper = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {
    detached: true,
    stdio: "ignore",
  });
  const sleeping = sleeper.pid ?? 0;
  const keeper = await startKeeper("f".repeat(32), { PATH: process.env["PATH"] ?? "" });
  keeper.keep(sleeping);
  const first = keeper.pid ?? 0;
  process.kill(first, "SIGKILL");
  await until("another keeper", () => keeper.pid !== undefined && keeper.pid !== first);
  expect(isAlive(sleeping)).toBe(true);
  await keeper[Symbol.asyncDispose]();
  expect([first, keeper.pid ?? 0, sleeping].filter(isAlive)).toEqual([]);
});
