import * as z from "zod";
import type { Fault, FaultKind, Targeting } from "../core/fault.ts";
import { FAULT_CATALOGUE, FAULT_KINDS } from "../core/fault-catalogue.ts";
import { BYTE_FAULTS } from "./fault-schema/bytes.ts";
import { HTTP_FAULTS } from "./fault-schema/http.ts";
import {
  type FaultKindTable,
  type FaultSurroundings,
  type ParsedTargeting,
  TARGETING_SHAPE,
} from "./fault-schema/kind.ts";
import { LOAD_FAULTS, PROCESS_FAULTS } from "./fault-schema/process.ts";
import { STREAM_FAULTS } from "./fault-schema/stream.ts";
import { withoutUndefined } from "./without-undefined.ts";

/** The parameters of every kind. A kind without a row does not compile. */
export const FAULT_KIND_SCHEMAS: FaultKindTable<FaultKind> = {
  ...BYTE_FAULTS,
  ...HTTP_FAULTS,
  ...STREAM_FAULTS,
  ...PROCESS_FAULTS,
  ...LOAD_FAULTS,
};

export type ParsedFault = { readonly kind: FaultKind } & ParsedTargeting;

const members = FAULT_KINDS.map((kind) => FAULT_KIND_SCHEMAS[kind].schema);

/** A fault as written in squall.yml. Errors come from the member of its kind alone. */
export const faultSchema = z
  // The members are typed only by what they share; the kind picks the right one at run time.
  .discriminatedUnion("kind", members as never)
  .meta({
    id: "fault",
    description: "One fault; docs/faults.md lists the kinds and their parameters",
  }) as z.ZodType<ParsedFault>;

/** What can be read of a fault whose own parameters are wrong: its kind and its target. */
export const faultTargetSchema: z.ZodType<ParsedFault> = z.object({
  kind: z.enum(FAULT_KINDS),
  ...TARGETING_SHAPE,
});

/** Where a fault stands when `on` is not written; edge faults have no default. */
export const defaultTarget = (kind: FaultKind): string | undefined => {
  switch (FAULT_CATALOGUE[kind].family) {
    case "process":
      return "service";
    case "load":
      return "client";
    case "bytes":
    case "http":
    case "stream":
      return undefined;
  }
};

/** Parameters that exclude each other, in words; undefined where all is well. */
export const faultConflict = (parsed: ParsedFault): string | undefined =>
  FAULT_KIND_SCHEMAS[parsed.kind].conflict(parsed);

/**
 * Targeting with its defaults. Below a fraction of 1 only the first call of a struck request is struck, so that a
 * retry can show its worth; a fault on everything is an outage and strikes every attempt.
 */
const targetingOf = (parsed: ParsedFault, onTcp: boolean): Targeting => {
  const fraction = parsed.fraction ?? 1;
  const match = parsed.match;
  const header = match?.header;
  return withoutUndefined({
    on: parsed.on ?? defaultTarget(parsed.kind) ?? "",
    fraction,
    attempts: parsed.attempts ?? (fraction < 1 && !onTcp ? 1 : ("all" as const)),
    match:
      match === undefined
        ? undefined
        : withoutUndefined({
            method: match.method,
            path: match.path,
            header: header === undefined ? undefined : withoutUndefined(header),
          }),
    first: parsed.first,
    forMs: parsed.for,
    forSteps: parsed.forSteps,
    afterMs: parsed.after,
    strikeShare: parsed.strikes,
    engine: parsed.engine,
  });
};

/** The core's fault: units in the names, every default filled in. */
export const toFault = (
  parsed: ParsedFault,
  surroundings: FaultSurroundings & { readonly tcp: boolean },
): Fault => {
  const own = FAULT_KIND_SCHEMAS[parsed.kind].own(parsed, surroundings);
  return { ...targetingOf(parsed, surroundings.tcp), ...own };
};
