import { expect, test } from "vitest";
import {
  type ProcessView,
  processEvidence,
  starvedEvidence,
} from "../../../src/core/localise/process-evidence.ts";
import type { ProcessSample } from "../../../src/core/profile.ts";

const MIB = 1024 * 1024;

const samples = (fromS: number, change: Partial<ProcessSample> = {}): ProcessSample[] =>
  Array.from({ length: 8 }, (_, index) => ({
    name: "service",
    atMs: (fromS + index) * 1000 + 500,
    cpu: 0.2 + 0.01 * (index % 3),
    memoryBytes: 200 * MIB + index * MIB,
    ...change,
  }));

const all: ReadonlySet<number> = new Set(Array.from({ length: 40 }, (_, second) => second));
const view = (change: Partial<ProcessSample>, calm: Partial<ProcessSample> = {}): ProcessView => ({
  calm: samples(0, calm),
  fault: samples(20, change),
  deaths: [],
  asked: all,
  awaited: all,
});

const reasons = (given: ProcessView): string[] => processEvidence(given).map(({ reason }) => reason);

test("a process as in calm traffic tells nothing", () => {
  expect(reasons(view({}))).toEqual([]);
});

test("standing still counts only while answers are awaited, and only for what had something to do", () => {
  const still = view({ cpu: 0 });
  expect(reasons(still)).toEqual([
    "stood still while requests waited (processor 0.21 cores -> 0 cores, 100 % of the time)",
  ]);
  expect(reasons({ ...still, awaited: new Set() })).toEqual([]);
  expect(reasons(view({ cpu: 0 }, { cpu: 0.01 }))).toEqual([]);
});

test("standing still in a single sample at a window's edge tells nothing, in two it does", () => {
  const stillIn = (count: number): ProcessView => ({
    ...view({}),
    fault: samples(20).map((sample, place) => (place < count ? { ...sample, cpu: 0 } : sample)),
  });
  expect(reasons(stillIn(1))).toEqual([]);
  expect(reasons(stillIn(2))).toEqual([expect.stringMatching(/^stood still .* 25 % of the time/)]);
});

test("limits are met where they are known, and a limit that was met in calm traffic too tells nothing", () => {
  expect(reasons(view({ cpu: 0.49, cpuLimit: 0.5 }))).toEqual([
    "processor at its limit of 0.5 cores, 100 % of the time",
  ]);
  expect(reasons(view({ memoryLimitBytes: 210 * MIB }))).toEqual(["memory at its limit of 210 MiB"]);
  expect(reasons(view({ cpu: 0.49, cpuLimit: 2 }))).toEqual([]);
  expect(reasons(view({ cpu: 0.49, cpuLimit: 0.5 }, { cpu: 0.49, cpuLimit: 0.5 }))).toEqual([]);
});

test("memory that grew by half is a hint", () => {
  expect(reasons(view({ memoryBytes: 400 * MIB }))).toEqual(["memory 204 MiB -> 400 MiB"]);
  expect(reasons(view({ memoryBytes: 260 * MIB }))).toEqual([]);
});

test("a process that is asked and neither sends nor receives is off the network", () => {
  const online = { receivedBytesPerSecond: 50_000, sentBytesPerSecond: 50_000 };
  const silent = view({ receivedBytesPerSecond: 100, sentBytesPerSecond: 0 }, online);
  expect(reasons(silent)).toEqual([expect.stringMatching(/^off the network \(/)]);
  expect(reasons({ ...silent, asked: new Set() })).toEqual([]);
  expect(reasons(view(online, online))).toEqual([]);
});

test("deaths are told with their signal or exit code, and how many there were", () => {
  const died = (signal: string | null, exitCode: number | null) => ({
    name: "service",
    atMs: 1,
    signal,
    exitCode,
  });
  expect(reasons({ ...view({}), deaths: [died("SIGKILL", null)] })).toEqual(["ended by SIGKILL"]);
  expect(reasons({ ...view({}), deaths: [died(null, 1), died(null, 1)] })).toEqual([
    "ended with exit code 1, 2 times",
  ]);
});

test("a service is kept from the processor where each request gets less of it and takes longer", () => {
  const less = { calm: samples(0), fault: samples(20, { cpu: 0.1 }) };
  expect(starvedEvidence(less, 1, 1.5)).toHaveLength(1);
  // As much for each request, of which there are half as many; or no request that waits.
  expect(starvedEvidence(less, 0.5, 1.5)).toEqual([]);
  expect(starvedEvidence(less, 1, 1)).toEqual([]);
});
