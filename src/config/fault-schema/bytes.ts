import * as z from "zod";
import type { ByteFaultKind } from "../../core/fault.ts";
import {
  byteCount,
  byteRate,
  duration,
  positiveDuration,
  positiveShare,
  size,
  whole,
} from "../quantity-schema.ts";
import { withoutUndefined } from "../without-undefined.ts";
import { DELAY_SHAPE, delayConflict, delayOf, direction, type FaultKindTable, faultKind } from "./kind.ts";

const AFTER_SHAPE = {
  afterBytes: byteCount("After so many bytes of the answer").optional(),
  after: duration("This long after the connection (or request) began").optional(),
} as const;
type ParsedAfter = z.output<z.ZodObject<typeof AFTER_SHAPE>>;
const afterOf = (parsed: ParsedAfter): { afterBytes?: number; afterMs?: number } =>
  withoutUndefined({ afterBytes: parsed.afterBytes, afterMs: parsed.after });
const afterConflict = (parsed: ParsedAfter): string | undefined =>
  parsed.afterBytes !== undefined && parsed.after !== undefined
    ? "afterBytes and after exclude each other"
    : undefined;

export const BYTE_FAULTS: FaultKindTable<ByteFaultKind> = {
  latency: faultKind(
    "latency",
    { ...DELAY_SHAPE, direction: direction.default("downstream") },
    { delay: "300ms" },
    (parsed) => ({ ...delayOf(parsed), direction: parsed.direction }),
    delayConflict,
  ),
  bandwidth: faultKind(
    "bandwidth",
    { rate: byteRate("Most bytes per second"), direction: direction.default("downstream") },
    { rate: "10KB/s" },
    ({ rate, direction }) => ({ bytesPerSecond: rate, direction }),
  ),
  slicer: faultKind(
    "slicer",
    {
      size: size("Average size of a piece"),
      variation: byteCount("Most by which a piece's size varies").prefault(0),
      delay: duration("Pause between two pieces").prefault("0ms"),
      direction: direction.default("downstream"),
    },
    { size: "16B" },
    (parsed) => ({
      sizeBytes: parsed.size,
      variationBytes: parsed.variation,
      delayMs: parsed.delay,
      direction: parsed.direction,
    }),
    (parsed) => (parsed.variation >= parsed.size ? "variation must be smaller than size" : undefined),
  ),
  blackhole: faultKind("blackhole", {}, {}, () => ({})),
  refuse: faultKind("refuse", {}, {}, () => ({})),
  reset: faultKind("reset", AFTER_SHAPE, {}, afterOf, afterConflict),
  close: faultKind("close", AFTER_SHAPE, { afterBytes: 200 }, afterOf, afterConflict),
  "slow-close": faultKind(
    "slow-close",
    { delay: positiveDuration("How late the FIN comes") },
    { delay: "2s" },
    ({ delay }) => ({ delayMs: delay }),
  ),
  "limit-data": faultKind(
    "limit-data",
    { bytes: byteCount("Closes after so many bytes"), direction: direction.default("downstream") },
    { bytes: 500 },
    ({ bytes, direction }) => ({ bytes, direction }),
  ),
  "packet-loss": faultKind(
    "packet-loss",
    { rate: positiveShare("Share of packets lost") },
    { rate: "5%" },
    ({ rate }) => ({ rate }),
  ),
  "connection-limit": faultKind(
    "connection-limit",
    {
      max: whole("Connections that may stand at once", 0),
      excess: z
        .enum(["refuse", "queue"])
        .default("refuse")
        .meta({ description: "What becomes of a connection beyond the limit" }),
    },
    { max: 4 },
    ({ max, excess }) => ({ max, excess }),
  ),
};
