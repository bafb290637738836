import * as z from "zod";
import { readCommand } from "./command.ts";
import { composeFile, containerShape, variables } from "./container-schema.ts";
import type { Reading } from "./quantities.ts";
import { duration, positiveDuration, quantity, text, whole } from "./quantity-schema.ts";
import { signalsSchema } from "./signal-schema.ts";
import { SUITE_DEFAULTS } from "./suite-defaults.ts";

const DEFAULTS = SUITE_DEFAULTS;

const command = quantity(
  readCommand,
  'a command line such as "node server.ts", or a list such as ["python", "app.py"]',
  "What is started; no shell reads it. {{port}}, {{name}} (a dependency's URL), {{name.host}} and {{name.port}} are filled in",
  ["string", "array"],
);

const env = variables.meta({
  description:
    "Environment variables; {{port}}, {{name}} (a dependency's URL), {{name.host}} and {{name.port}} are filled in",
});

const urlPath = (description: string) => z.string().regex(/^\//).max(2048).meta({ description });

const port = (description: string, least: number) => whole(description, least, 65_535);

const processShape = {
  command: command.optional(),
  cwd: text("Directory the command starts in, relative to the suite file").optional(),
  env: env.optional(),
  port: port(
    "Port it listens on, in a container the one inside it. 0: squall picks a free one and passes it as PORT and {{port}}; with compose, the port that the compose file names",
    0,
  ).optional(),
  ready: urlPath("Path of a GET that answers 2xx when it is ready. Default: a TCP connection").optional(),
  readyTimeout: positiveDuration("How long starting may take").optional(),
} as const;

export const serviceSchema = z
  .strictObject({
    ...processShape,
    health: urlPath("Health path whose truth is judged through each fault").optional(),
    signals: signalsSchema.optional(),
    replicas: whole("How many are started behind the client edge, in turn", 1, 32).prefault(
      DEFAULTS.service.replicas,
    ),
    ...containerShape,
    compose: z
      .strictObject({ file: composeFile, service: text("Its name in the compose file") })
      .meta({ description: "A service of an existing compose file (runtime docker)" })
      .optional(),
  })
  .meta({
    description:
      "What is tested. Needs command (runtime process), or build, image or compose (runtime docker); command may stand beside one of these",
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
    ...containerShape,
    compose: z
      .strictObject({
        file: composeFile,
        service: text("Its name in the compose file. Default: the dependency's own name").optional(),
      })
      .meta({ description: "A service of an existing compose file (runtime docker)" })
      .optional(),
    protocol: z
      .enum(["http", "tcp"])
      .meta({ description: "tcp: bytes are relayed unread, and only byte faults apply. Default: http" })
      .optional(),
  })
  .meta({
    description: "What the service calls: exactly one of stub, command, url, cassette, image, build, compose",
  });

export type ParsedService = z.output<typeof serviceSchema>;
export type ParsedDependency = z.output<typeof dependencySchema>;
