import * as z from "zod";
import type { LoadFaultKind, ProcessFaultKind } from "../../core/fault.ts";
import { readRatio } from "../quantities.ts";
import {
  byteCount,
  byteRate,
  duration,
  positiveShare,
  quantity,
  signedDuration,
  text,
  whole,
} from "../quantity-schema.ts";
import { SUITE_DEFAULTS } from "../suite-defaults.ts";
import { withoutUndefined } from "../without-undefined.ts";
import { type FaultKindTable, faultKind } from "./kind.ts";

const SIGNALS = [
  "SIGKILL",
  "SIGTERM",
  "SIGINT",
  "SIGHUP",
  "SIGQUIT",
  "SIGABRT",
  "SIGSEGV",
  "SIGUSR1",
  "SIGUSR2",
] as const;

const above = (limit: number, description: string) =>
  quantity(
    (value) => {
      const reading = readRatio(value);
      return reading.ok && (reading.value <= limit || reading.value > 10_000)
        ? { ok: false, message: `must be above ${limit} and at most 10000` }
        : reading;
    },
    `a number above ${limit}`,
    description,
    "number",
  );

export const PROCESS_FAULTS: FaultKindTable<ProcessFaultKind> = {
  kill: faultKind(
    "kill",
    {
      signal: z.enum(SIGNALS).default(SUITE_DEFAULTS.kill.signal).meta({ description: "Signal sent" }),
      restartAfter: duration("Time until it is started again").prefault(SUITE_DEFAULTS.kill.restartAfter),
      replica: z
        .union([z.literal("random"), z.int().min(0).max(100)])
        .meta({ description: "Which replica, from 0, or `random` (seeded). Default: the first" })
        .optional(),
    },
    {},
    ({ signal, restartAfter, replica }) =>
      withoutUndefined({ signal, restartAfterMs: restartAfter, replica }),
  ),
  "node-replace": faultKind(
    "node-replace",
    {
      restartAfter: duration("Time until another machine has taken its place").prefault(
        SUITE_DEFAULTS.kill.restartAfter,
      ),
      replica: z
        .union([z.literal("random"), z.int().min(0).max(100)])
        .meta({ description: "Which worker, from 0, or `random` (seeded). Default: the first" })
        .optional(),
    },
    {},
    ({ restartAfter, replica }) => withoutUndefined({ restartAfterMs: restartAfter, replica }),
  ),
  pause: faultKind("pause", {}, { for: "2s" }, () => ({})),
  "cpu-limit": faultKind(
    "cpu-limit",
    { cpus: above(0, "Cores it may use, such as 0.5") },
    { cpus: 0.5 },
    ({ cpus }) => ({ cpus }),
  ),
  "cpu-stress": faultKind(
    "cpu-stress",
    {
      workers: whole("Busy neighbours", 1, 256).prefault(1),
      load: positiveShare("Share of its time a neighbour is busy").prefault("100%"),
    },
    { workers: 2 },
    ({ workers, load }) => ({ workers, load }),
  ),
  "memory-limit": faultKind(
    "memory-limit",
    { bytes: byteCount("Memory it may use", 1) },
    { bytes: "512MiB" },
    ({ bytes }) => ({ bytes }),
  ),
  "memory-stress": faultKind(
    "memory-stress",
    { bytes: byteCount("Memory a neighbour holds", 1) },
    { bytes: "256MiB" },
    ({ bytes }) => ({ bytes }),
  ),
  "disk-full": faultKind(
    "disk-full",
    {
      path: text("Directory whose device is filled, inside the container"),
      leave: byteCount("Space that is left").prefault(0),
    },
    { path: "/data" },
    ({ path, leave }) => ({ path, leaveBytes: leave }),
  ),
  "disk-slow": faultKind(
    "disk-slow",
    {
      readBps: byteRate("Most bytes read per second").optional(),
      writeBps: byteRate("Most bytes written per second").optional(),
    },
    { writeBps: "1MB/s" },
    ({ readBps, writeBps }) =>
      withoutUndefined({ readBytesPerSecond: readBps, writeBytesPerSecond: writeBps }),
    ({ readBps, writeBps }) =>
      readBps === undefined && writeBps === undefined ? "needs readBps, writeBps or both" : undefined,
  ),
  "dns-fail": faultKind(
    "dns-fail",
    {
      names: z
        .array(text("A name that no longer resolves"))
        .min(1)
        .max(100)
        .meta({ description: "Names that no longer resolve" }),
    },
    { names: ["vector"] },
    ({ names }) => ({ names }),
  ),
  "clock-skew": faultKind(
    "clock-skew",
    { offset: signedDuration("By how much its clock is wrong") },
    { offset: "-1h" },
    ({ offset }) => ({ offsetMs: offset }),
    ({ offset }) => (offset === 0 ? "an offset of 0 does nothing" : undefined),
  ),
  disconnect: faultKind("disconnect", {}, {}, () => ({})),
};

export const LOAD_FAULTS: FaultKindTable<LoadFaultKind> = {
  overload: faultKind(
    "overload",
    { times: above(1, "Multiple of the workload's rate; of its concurrency where arrivals are closed") },
    { times: 3 },
    ({ times }) => ({ times }),
  ),
  burst: faultKind(
    "burst",
    { requests: whole("Requests sent at one instant", 2, 100_000) },
    { requests: 50 },
    ({ requests }) => ({ requests }),
  ),
  "many-connections": faultKind(
    "many-connections",
    { connections: whole("Idle connections held", 1, 100_000) },
    { connections: 200 },
    ({ connections }) => ({ connections }),
  ),
  "client-abort": faultKind(
    "client-abort",
    { afterEvents: whole("Content events after which the client hangs up", 0).prefault(1) },
    { fraction: "20%" },
    ({ afterEvents }) => ({ afterEvents }),
  ),
};
