/** The worst requests of a run, as they are stored beside its samples. A stranger may have written them. */
import { z } from "zod";
import type { ExchangeEnd } from "../../core/exchange.ts";
import { MOST_EXHIBIT_CALLS, MOST_EXHIBIT_LINES } from "../../core/exhibit.ts";
import { list, number, text } from "./primitives.ts";

const ENDS = [
  "complete",
  "client-abort",
  "upstream-refused",
  "upstream-reset",
  "upstream-closed",
  "answered-by-fault",
  "cut-by-fault",
  "malformed",
] as const satisfies readonly ExchangeEnd[];

const call = z.strictObject({
  edge: text,
  method: text,
  path: text,
  status: z.int().min(0).max(999),
  startMs: number,
  firstByteMs: number.nullable(),
  endMs: number,
  end: z.enum(ENDS),
  attributedBy: z.enum(["header", "trace", "fingerprint", "text", "none"]),
  attempt: z.int().min(0).max(1_000_000),
  faults: list(text, 100),
});

export const exhibitSchema = z.strictObject({
  window: z.int().min(0),
  slot: z.int().min(0),
  calls: list(call, MOST_EXHIBIT_CALLS),
  leftOut: z.int().min(0),
  log: list(z.strictObject({ process: text, atMs: number, line: text }), MOST_EXHIBIT_LINES),
});
