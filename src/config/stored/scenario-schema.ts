/** What profiles and results share: scenarios, provenance, fingerprint. */
import { z } from "zod";
import type { EngineName, Fault } from "../../core/fault.ts";
import { FAULT_KINDS } from "../../core/fault-catalogue.ts";
import type { Fingerprint, Provenance, Scenario } from "../../core/profile.ts";
import { withoutUndefined } from "../without-undefined.ts";
import { jobTriggerSchema } from "./job-schema.ts";
import { count, list, ms, number, share, text } from "./primitives.ts";

export const fingerprintSchema = z
  .strictObject({
    arch: text,
    platform: text,
    cpuModel: text,
    cpus: count,
    memoryBytes: count,
    node: text,
    runtime: text,
  })
  .meta({ id: "fingerprint" }) satisfies z.ZodType<Fingerprint>;

export const provenanceSchema = z
  .strictObject({
    commit: text.optional(),
    branch: text.optional(),
    startedAt: text.describe("ISO 8601"),
    durationMs: share,
    tool: text,
  })
  .transform((value): Provenance => withoutUndefined(value))
  .meta({ id: "provenance" });

/** Parameters of a fault were checked when the suite was read; a stored file needs them only for its words. */
const parameter = z.union([
  z.string().max(20_000),
  number,
  z.boolean(),
  list(text, 1000),
  z.record(z.string().max(256), z.union([text, number, z.boolean(), z.record(z.string().max(256), text)])),
]);

const ENGINES = [
  "sidecar",
  "toxiproxy",
  "runtime",
  "load",
  "chaos-mesh",
] as const satisfies readonly EngineName[];

export const faultSchema = z
  .object({
    kind: z.enum(FAULT_KINDS as [Fault["kind"], ...Fault["kind"][]]),
    on: text,
    fraction: z.number().gt(0).max(1),
    attempts: z.union([z.int().min(1), z.literal("all")]),
    engine: z.enum(ENGINES).optional(),
  })
  .catchall(parameter)
  .transform((value) => value as unknown as Fault);

export const scenarioSchema = z
  .strictObject({
    name: text,
    shape: z.enum(["control", "attributed", "ambient", "clock", "kill", "job"]),
    scale: z.enum(["additive", "multiplicative"]),
    faults: list(faultSchema, 100),
    // Of training jobs alone.
    trigger: jobTriggerSchema.optional(),
    strikeMs: ms.optional(),
    description: text,
  })
  .transform((value): Scenario => withoutUndefined(value))
  .meta({ id: "scenario" });
