import * as z from "zod";
import { readCommand } from "./command.ts";
import { headers } from "./fault-schema/http.ts";
import { headerName } from "./fault-schema/kind.ts";
import { faultSchema } from "./fault-schema.ts";
import { PACK_NAMES } from "./packs/names.ts";
import type { Reading } from "./quantities.ts";
import { duration, positiveDuration, quantity, rate, scalarText, text, whole } from "./quantity-schema.ts";
import { SUITE_DEFAULTS } from "./suite-defaults.ts";
import { expectSchema, GATE_SCHEMA } from "./suite-gate-schema.ts";

const DEFAULTS = SUITE_DEFAULTS;

const command = quantity(
  readCommand,
  'a command line such as "node server.ts", or a list such as ["python", "app.py"]',
  "What is started; no shell reads it. {{port}} and {{name}} (a dependency's URL) are filled in",
  ["string", "array"],
);

const env = z
  .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), scalarText("A variable's value"))
  .meta({ description: "Environment variables; {{port}} and {{name}} (a dependency's URL) are filled in" });

const urlPath = (description: string) => z.string().regex(/^\//).max(2048).meta({ description });

const port = (description: string, least: number) => whole(description, least, 65_535);

const processShape = {
  command: command.optional(),
  cwd: text("Directory it starts in, relative to the suite file").optional(),
  env: env.optional(),
  port: port(
    "Port it listens on. 0: squall picks a free one and passes it as PORT and {{port}}",
    0,
  ).optional(),
  ready: urlPath("Path of a GET that answers 2xx when it is ready. Default: a TCP connection").optional(),
  readyTimeout: positiveDuration("How long starting may take").optional(),
} as const;

export const serviceSchema = z
  .strictObject({
    ...processShape,
    health: urlPath("Health path whose truth is judged through each fault").optional(),
    replicas: whole("How many are started behind the client edge, in turn", 1, 32).prefault(
      DEFAULTS.service.replicas,
    ),
    build: text("Directory with a Dockerfile, relative to the suite file (runtime docker)").optional(),
    image: text("Image to start (runtime docker)").optional(),
  })
  .meta({
    description: "What is tested. Needs command (runtime process), or build or image (runtime docker)",
  });

const readTokens = (value: unknown): Reading<{ readonly min: number; readonly max: number }> => {
  const match = /^\s*(\d{1,6})(?:\s*\.\.\s*(\d{1,6}))?\s*$/.exec(
    typeof value === "number" ? String(value) : typeof value === "string" ? value : "",
  );
  const min = Number(match?.[1] ?? Number.NaN);
  const max = Number(match?.[2] ?? min);
  if (!(min >= 1 && min <= max)) return { ok: false, message: "not a number of tokens" };
  return { ok: true, value: { min, max } };
};

/** Keys that only a stub has. */
export const stubShape = {
  firstToken: duration("Time to the first token").optional(),
  firstTokenJitter: duration("Its spread").optional(),
  perToken: duration("Time between two tokens").optional(),
  perTokenJitter: duration("Its spread").optional(),
  tokens: quantity(readTokens, 'a whole number, or a range such as "20..60"', "Tokens of an answer", [
    "string",
    "integer",
  ]).optional(),
  slots: whole("Requests answered at once; further ones wait", 1, 100_000).optional(),
  queue: whole(
    "Requests that may wait; beyond, it answers 503 (openai) or 529 (anthropic)",
    0,
    100_000,
  ).optional(),
  embeddingDimensions: whole("Size of an embedding vector", 1, 8192).optional(),
} as const;

export const dependencySchema = z
  .strictObject({
    stub: z
      .enum(["openai", "anthropic"])
      .meta({ description: "A model simulator that speaks this API, with seeded times" })
      .optional(),
    ...stubShape,
    ...processShape,
    url: text("URL of something that runs already (http, https, or tcp://host:port)").optional(),
    cassette: text(
      "Recorded answers that are replayed, relative to the suite file; `squall record <url> --cassette <file>` records them",
    ).optional(),
    image: text("Image to start (runtime docker); needs port").optional(),
    protocol: z
      .enum(["http", "tcp"])
      .meta({ description: "tcp: bytes are relayed unread, and only byte faults apply. Default: http" })
      .optional(),
  })
  .meta({ description: "What the service calls: exactly one of stub, command, url, cassette, image" });

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
    requests: text("The request set (JSONL, OpenAI batch JSONL or HAR), relative to the suite file"),
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
  })
  .meta({ description: "What is replayed, and when" });

const experimentNames = z.array(text("An experiment's name")).min(1).max(100);

export const experimentShape = {
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/)
    .meta({ description: "Name of the experiment: letters, digits, dots, dashes and underscores" })
    .optional(),
  expect: expectSchema.optional(),
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
  })
  .meta({ description: "Either name and faults, or a pack" });

/** The same without its faults, which the checks read one by one. */
export const experimentHeadSchema = z.strictObject({ ...experimentShape, faults: z.unknown().optional() });

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
        "What starts the service. auto: docker where an engine answers and build or image is given, else process",
    }),
    service: serviceSchema,
    dependencies: z
      .record(z.string(), dependencySchema)
      .default({})
      .meta({ description: "What the service calls, by name" }),
    workload: workloadSchema,
    experiments: z.array(experimentSchema).min(1).max(200).meta({ description: "What is tried" }),
    gate: GATE_SCHEMA.prefault({}),
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

export type ParsedService = z.output<typeof serviceSchema>;
export type ParsedDependency = z.output<typeof dependencySchema>;
export type ParsedWorkload = z.output<typeof workloadSchema>;
export type ParsedExperiment = z.output<typeof experimentSchema>;
export type ParsedExperimentHead = z.output<typeof experimentHeadSchema>;
export type ParsedSuite = z.output<typeof suiteSchema>;
