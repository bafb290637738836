/**
 * One request a line: the OpenAI batch line `{"custom_id","method","url","body"}` with optional `x_*` keys, or the short
 * form `{"id","method","path","headers","body"}` with the same keys, `x_` left out by choice.
 */
import { z } from "zod";
import type { Expectation, RequestTemplate } from "../../core/workload.ts";
import { nearest, type Problem, shown } from "./problems.ts";
import { headerProblem, idRule, isSafeId, isTooDeep, METHODS, pathProblem, safeId } from "./template.ts";

const status = z.int().min(100).max(599);
const expectation = z.strictObject({
  status: z.union([status, z.array(status).min(1).max(100)]).optional(),
  json_schema: z
    .record(z.string(), z.unknown())
    .refine((schema) => !isTooDeep(schema), "nested too deeply")
    .optional(),
  contains: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(100)]).optional(),
  equals_calm: z.boolean().optional(),
  stream_complete: z.boolean().optional(),
});

const isTextRecord = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((member) => typeof member === "string");

/** Every key of a line: how it is read, and what a message says is allowed. */
const KEYS = {
  id: { schema: z.string().refine(isSafeId), allowed: idRule() },
  method: {
    schema: z
      .string()
      .transform((text) => text.toUpperCase())
      .pipe(z.enum(METHODS)),
    allowed: METHODS.join(", "),
  },
  // A custom check: z.record passes over a key named __proto__ without a word.
  headers: { schema: z.custom<Record<string, string>>(isTextRecord), allowed: "an object of texts" },
  body: { schema: z.unknown(), allowed: "a JSON value, or the body's text" },
  weight: { schema: z.number().positive().max(1e6), allowed: "a number above 0" },
  at: {
    schema: z.union([
      z.number().min(0).max(86_400_000),
      z
        .string()
        .regex(/^\d{1,8}(\.\d{1,3})?(ms|s|m)$/)
        .transform(
          (text) => Number.parseFloat(text) * (text.endsWith("ms") ? 1 : text.endsWith("s") ? 1000 : 60_000),
        ),
    ]),
    allowed: 'milliseconds from the start, or a duration such as "1.5s"',
  },
  stream: { schema: z.union([z.boolean(), z.literal("auto")]), allowed: 'true, false or "auto"' },
  expect: {
    schema: expectation,
    allowed: "an object of status, json_schema, contains, equals_calm, stream_complete",
  },
} as const;

type Key = keyof typeof KEYS;

/** Names under which a key may stand. */
const ALIASES: Readonly<Record<string, Key | "customId" | "path">> = {
  id: "id",
  custom_id: "customId",
  method: "method",
  path: "path",
  url: "path",
  body: "body",
  headers: "headers",
  x_headers: "headers",
  weight: "weight",
  x_weight: "weight",
  at: "at",
  x_at: "at",
  stream: "stream",
  x_stream: "stream",
  expect: "expect",
  x_expect: "expect",
};
const KNOWN = Object.keys(ALIASES);

type Report = (key: string, found: string, allowed: string) => void;

const schemaProblems = (
  name: string,
  error: z.ZodError,
  value: unknown,
  allowed: string,
  report: Report,
): void => {
  for (const issue of error.issues.slice(0, 5)) {
    const path = [name, ...issue.path].join(".");
    if (issue.code === "unrecognized_keys") {
      const known = Object.keys(expectation.shape);
      for (const key of issue.keys) {
        report(
          `${path}.${shown(key).slice(1, -1)}`,
          "an unknown key",
          `${known.join(", ")}${nearest(key, known)}`,
        );
      }
      continue;
    }
    const inner = issue.path.reduce<unknown>(
      (at, part) =>
        typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[part] : undefined,
      value,
    );
    report(path, shown(inner), issue.path.length === 0 ? allowed : issue.message);
  }
};

const toExpectation = (raw: z.infer<typeof expectation>): Expectation => ({
  ...(raw.status === undefined ? {} : { status: [raw.status].flat() }),
  ...(raw.json_schema === undefined ? {} : { jsonSchema: raw.json_schema }),
  ...(raw.contains === undefined ? {} : { contains: [raw.contains].flat() }),
  ...(raw.equals_calm === undefined ? {} : { equalsCalm: raw.equals_calm }),
  ...(raw.stream_complete === undefined ? {} : { streamComplete: raw.stream_complete }),
});

/** Body text and the content type that a JSON value brings with it. */
const toBody = (
  raw: unknown,
  headers: Readonly<Record<string, string>>,
  report: Report,
): Pick<RequestTemplate, "body" | "headers"> => {
  if (raw === undefined || raw === null) return { headers };
  if (typeof raw === "string") return { headers, body: raw };
  if (isTooDeep(raw)) {
    report("body", "a value nested too deeply", "a JSON value of ordinary depth");
    return { headers };
  }
  const typed = "content-type" in headers ? headers : { ...headers, "content-type": "application/json" };
  return { headers: typed, body: JSON.stringify(raw) };
};

const toHeaders = (raw: Readonly<Record<string, string>>, report: Report): Record<string, string> => {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(raw)) {
    const allowed = headerProblem(name, value);
    const key = name.toLowerCase();
    if (allowed !== null) report("headers", shown(`${name}: ${value}`), allowed);
    else if (headers.has(key)) report("headers", `${shown(name)} twice`, "every header once");
    else headers.set(key, value);
  }
  return Object.fromEntries(headers);
};

interface Collected {
  readonly values: Map<Key | "customId" | "path", { readonly name: string; readonly value: unknown }>;
}

const collect = (object: Readonly<Record<string, unknown>>, report: Report): Collected => {
  const values: Collected["values"] = new Map();
  for (const [name, value] of Object.entries(object)) {
    const key = Object.hasOwn(ALIASES, name) ? ALIASES[name] : undefined;
    if (key === undefined) {
      const isOutput = name === "response" || name === "error";
      report(
        shown(name).slice(1, -1),
        isOutput ? "a line of a batch's output" : "an unknown key",
        isOutput ? "lines of a batch's input" : `${KNOWN.join(", ")}${nearest(name, KNOWN)}`,
      );
    } else if (values.has(key)) {
      report(name, `the same as ${values.get(key)?.name ?? ""}`, "one of the two");
    } else values.set(key, { name, value });
  }
  return { values };
};

/** Text of the id before it was made safe, so that duplicates are told in the file's own words. */
export interface ReadLine {
  readonly template: RequestTemplate;
  readonly originalId: string;
}

/** One line, or null after its problems were added to `problems`. */
export const readLine = (text: string, lineNumber: number, problems: Problem[]): ReadLine | null => {
  const before = problems.length;
  const report: Report = (key, found, allowed) => {
    problems.push({ at: String(lineNumber), key, found, allowed });
  };
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    report("", shown(text.slice(0, 80)), "one JSON object on one line");
    return null;
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    report("", shown(parsed), "a JSON object");
    return null;
  }
  const { values } = collect(parsed as Record<string, unknown>, report);
  const read = <K extends Key>(key: K): z.infer<(typeof KEYS)[K]["schema"]> | undefined => {
    const given = values.get(key);
    if (given === undefined) return undefined;
    const result = KEYS[key].schema.safeParse(given.value);
    if (result.success) return result.data as z.infer<(typeof KEYS)[K]["schema"]>;
    schemaProblems(given.name, result.error, given.value, KEYS[key].allowed, report);
    return undefined;
  };
  const path = values.get("path");
  const pathRule = typeof path?.value === "string" ? pathProblem(path.value) : pathProblem("");
  if (pathRule !== null) report(path?.name ?? "path", shown(path?.value), pathRule);
  const customId = values.get("customId")?.value;
  if (values.has("customId") && (typeof customId !== "string" || customId === "")) {
    report("custom_id", shown(customId), "a text");
  }
  if (values.has("customId") && values.has("id")) report("id", "both id and custom_id", "one of the two");
  const givenId = read("id");
  const originalId = givenId ?? (typeof customId === "string" ? customId : `line-${lineNumber}`);
  const body = toBody(read("body"), toHeaders(read("headers") ?? {}, report), report);
  const method = read("method") ?? (body.body === undefined ? "GET" : "POST");
  if ((method === "GET" || method === "HEAD") && body.body !== undefined) {
    report("body", `a body with ${method}`, "no body, or another method");
  }
  const at = read("at");
  const template: RequestTemplate = {
    id: safeId(originalId),
    method,
    path: typeof path?.value === "string" ? path.value : "/",
    ...body,
    weight: read("weight") ?? 1,
    ...(at === undefined ? {} : { atMs: at }),
    expect: toExpectation(read("expect") ?? {}),
    stream: read("stream") ?? "auto",
  };
  return problems.length === before ? { template, originalId } : null;
};
