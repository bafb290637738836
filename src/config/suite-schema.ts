import * as z from "zod";
import { DETECTOR_NAMES } from "../core/detect/result.ts";
import { dockerSchema, toxiproxySchema } from "./container-schema.ts";
import { headers } from "./fault-schema/http.ts";
import { headerName } from "./fault-schema/kind.ts";
import { faultSchema } from "./fault-schema.ts";
import { frontierSchema } from "./frontier/schema.ts";
import { jobSchema, triggerSchema } from "./job/schema.ts";
import { PACK_NAMES } from "./packs/names.ts";
import { dependencySchema, serviceSchema } from "./process-schema.ts";
import { positiveDuration, rate, scalarText, text, whole } from "./quantity-schema.ts";
import { recoverySchema } from "./recovery/schema.ts";
import { referenceSchema } from "./reference-schema.ts";
import { SUITE_DEFAULTS } from "./suite-defaults.ts";
import { expectSchema, GATE_SCHEMA } from "./suite-gate-schema.ts";

const DEFAULTS = SUITE_DEFAULTS;

const deadlinesSchema = z
  .strictObject({
    connect: positiveDuration("Until the connection stands").prefault(DEFAULTS.deadlines.connect),
    headers: positiveDuration("Until the status line and headers").prefault(DEFAULTS.deadlines.headers),
    firstContent: positiveDuration("Until the first content").prefault(DEFAULTS.deadlines.firstContent),
    silence: positiveDuration("Longest gap between two chunks").prefault(DEFAULTS.deadlines.silence),
    total: positiveDuration("Until the whole answer").prefault(DEFAULTS.deadlines.total),
  })
  .meta({ description: "After these the client gives up; all but silence count from the scheduled instant" });

const degradedSchema = z
  .strictObject({
    header: z
      .strictObject({ name: headerName, value: scalarText("Its exact value").optional() })
      .meta({ description: "A response header that marks it" })
      .optional(),
    json: z
      .strictObject({
        path: text("Dotted path in the answer, or in any event of a stream"),
        value: z
          .json()
          .meta({ description: "The value that marks it. Default: present and truthy" })
          .optional(),
      })
      .meta({ description: "A place in the JSON answer that marks it" })
      .optional(),
    text: text("A text in the answer that marks it").optional(),
  })
  .meta({ description: "How the service says that an answer is a fallback; any part that matches marks it" });

const streamEndSchema = z
  .strictObject({
    sentinels: z
      .array(text("A data line or event name"))
      .max(50)
      .default([...DEFAULTS.streamEnd.sentinels])
      .meta({ description: "Data lines or event names that end a stream" }),
    finishPaths: z
      .array(text("A dotted path"))
      .max(50)
      .default([...DEFAULTS.streamEnd.finishPaths])
      .meta({ description: "Dotted paths at which a non-null value is a finish reason" }),
  })
  .meta({ description: "How a stream shows by its content that it is whole" });

export const workloadSchema = z
  .strictObject({
    requests: text(
      "The request set (JSONL, OpenAI batch JSONL or HAR), relative to the suite file; every service needs one",
    ).optional(),
    rate: rate("Requests per second with open arrivals").optional(),
    arrivals: z
      .enum(["constant", "poisson", "recorded", "closed"])
      .default("constant")
      .meta({ description: "When requests start; closed: the next one when one has ended" }),
    concurrency: whole("In flight at once with closed arrivals", 1, 10_000).optional(),
    connections: z
      .enum(["fresh", "reuse"])
      .default(DEFAULTS.workload.connections)
      .meta({ description: "A connection for each request, or kept open" }),
    maxInFlight: whole("Requests open at once beyond which the window is invalid", 1, 100_000).prefault(
      DEFAULTS.workload.maxInFlight,
    ),
    deadlines: deadlinesSchema.prefault({}),
    slo: positiveDuration("A complete answer later than this is late").prefault(DEFAULTS.workload.slo),
    degraded: degradedSchema.optional(),
    streamEnd: streamEndSchema.prefault({}),
    headers: headers.default({}).meta({ description: "Headers added to every request" }),
    job: jobSchema.optional(),
  })
  .meta({ description: "What is replayed, and when; or job alone, for a training job" });

const experimentNames = z.array(text("An experiment's name")).min(1).max(100);

export const experimentShape = {
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/)
    .meta({ description: "Name of the experiment: letters, digits, dots, dashes and underscores" })
    .optional(),
  expect: expectSchema.optional(),
  at: triggerSchema.optional(),
  duration: positiveDuration(
    "Of a training job: a strike is over after this long, whatever its faults say",
  ).optional(),
  pack: z
    .enum(PACK_NAMES)
    .meta({ description: "Instead of name and faults: a ready-made set of experiments" })
    .optional(),
  only: experimentNames.meta({ description: "Of the pack: only these" }).optional(),
  except: experimentNames.meta({ description: "Of the pack: all but these" }).optional(),
} as const;

export const experimentSchema = z
  .strictObject({
    ...experimentShape,
    faults: z.array(faultSchema).min(1).max(20).meta({ description: "Faults in force together" }).optional(),
    frontier: frontierSchema.optional(),
  })
  .meta({ description: "Either name and faults, or name and frontier, or a pack" });

/** The same without its faults, which the checks read one by one. */
export const experimentHeadSchema = z.strictObject({
  ...experimentShape,
  faults: z.unknown().optional(),
  frontier: z.unknown().optional(),
});

export const suiteSchema = z
  .strictObject({
    version: z.literal(1).meta({ description: "Version of this file's format" }),
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/)
      .default("default")
      .meta({
        description:
          "Name of the suite, by which baselines are kept: letters, digits, dots, dashes and underscores",
      }),
    runtime: z.enum(["auto", "process", "docker", "kubernetes"]).default(DEFAULTS.runtime).meta({
      description:
        "What starts the service. auto: docker where an engine answers and build, image or compose is given, else process",
    }),
    docker: dockerSchema.prefault({}),
    toxiproxy: toxiproxySchema.prefault({}),
    service: serviceSchema,
    dependencies: z
      .record(z.string(), dependencySchema)
      .default({})
      .meta({ description: "What the service calls, by name" }),
    workload: workloadSchema,
    experiments: z.array(experimentSchema).min(1).max(200).meta({ description: "What is tried" }),
    gate: GATE_SCHEMA.prefault({}),
    reference: referenceSchema.optional(),
    recovery: recoverySchema.optional(),
    detectors: z
      .array(z.enum(DETECTOR_NAMES))
      .max(DETECTOR_NAMES.length)
      .default([...DEFAULTS.detectors])
      .meta({
        description: "What watches the series of a run; detectors explain, and never set the verdict",
      }),
    seed: whole(
      "Seed of every random draw. Default: from the suite's hash, so that base and head meet the same schedule",
      0,
      0xffff_ffff,
    ).optional(),
    redact: z.array(text("A header or environment name")).max(100).default([]).meta({
      description: "Header and environment names whose values are secrets, beyond the built-in list",
    }),
  })
  .meta({
    title: "squall.yml",
    description: "A suite: a service, what it calls, what is replayed, and which faults are tried",
  });

export type ParsedWorkload = z.output<typeof workloadSchema>;
export type ParsedExperiment = z.output<typeof experimentSchema>;
export type ParsedExperimentHead = z.output<typeof experimentHeadSchema>;
export type ParsedSuite = z.output<typeof suiteSchema>;
