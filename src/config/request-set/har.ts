/** HAR 1.2 (`log.entries`): what a browser or proxy recorded, with secrets left out and times as offsets. */
import { z } from "zod";
import { isSecretName, redactUrl } from "../../core/redaction.ts";
import type { RequestTemplate } from "../../core/workload.ts";
import { type Problem, shown } from "./problems.ts";
import {
  headerProblem,
  isOwnHeader,
  MAX_LINE_BYTES,
  MAX_REQUESTS,
  METHODS,
  pathProblem,
} from "./template.ts";

const named = z.array(z.object({ name: z.string(), value: z.string() }));
const entrySchema = z.object({
  startedDateTime: z.string(),
  request: z.object({
    method: z.string(),
    url: z.string(),
    headers: named.default([]),
    postData: z
      .object({
        mimeType: z.string().optional(),
        text: z.string().optional(),
        params: z.array(z.object({ name: z.string(), value: z.string().default("") })).optional(),
      })
      .optional(),
  }),
  response: z
    .object({
      status: z.number().default(0),
      content: z.object({ mimeType: z.string().optional() }).optional(),
    })
    .optional(),
});
type Entry = z.infer<typeof entrySchema>;

const harSchema = z.object({ log: z.object({ entries: z.array(z.unknown()) }) });

/** Never replayed: credentials, and what the generator sets itself. Pseudo-headers of HTTP/2 begin with a colon. */
const isDropped = (name: string): boolean => name.startsWith(":") || isOwnHeader(name) || isSecretName(name);

const bodyOf = (entry: Entry): string | undefined => {
  const post = entry.request.postData;
  if (post === undefined) return undefined;
  if (post.text !== undefined && post.text !== "") return post.text;
  if (post.params === undefined || post.params.length === 0) return undefined;
  return new URLSearchParams(
    post.params.map(({ name, value }) => [name, value] as [string, string]),
  ).toString();
};

type Report = (key: string, found: string, allowed: string) => void;

const headersOf = (entry: Entry, report: Report): Record<string, string> => {
  const headers = new Map<string, string>();
  for (const { name, value } of entry.request.headers) {
    if (isDropped(name)) continue;
    const allowed = headerProblem(name, value);
    if (allowed === null) headers.set(name.toLowerCase(), value);
    else report("request.headers", shown(`${name}: ${value}`), allowed);
  }
  const mimeType = entry.request.postData?.mimeType;
  if (
    bodyOf(entry) !== undefined &&
    mimeType !== undefined &&
    mimeType !== "" &&
    !headers.has("content-type")
  ) {
    if (headerProblem("content-type", mimeType) === null) headers.set("content-type", mimeType);
  }
  return Object.fromEntries(headers);
};

/** A recorded answer other than 2xx (a 404 the client expects) is what the replay expects too. */
const expectedStatus = (entry: Entry): RequestTemplate["expect"] => {
  const status = entry.response?.status ?? 0;
  return Number.isInteger(status) && status >= 300 && status <= 599 ? { status: [status] } : {};
};

const toTemplate = (entry: Entry, index: number, startedMs: number, report: Report): RequestTemplate => {
  const url = new URL(entry.request.url);
  const path = redactUrl(`${url.pathname}${url.search}`);
  const pathRule = pathProblem(path);
  if (pathRule !== null) report("request.url", shown(path), pathRule);
  const method = METHODS.find((known) => known === entry.request.method.toUpperCase());
  if (method === undefined) report("request.method", shown(entry.request.method), METHODS.join(", "));
  const body = bodyOf(entry);
  if (body !== undefined && Buffer.byteLength(body) > MAX_LINE_BYTES) {
    report("request.postData", "a body over 10 MB", "bodies of at most 10 MB");
  }
  const atMs = Date.parse(entry.startedDateTime);
  return {
    id: `entry-${index + 1}`,
    method: method ?? "GET",
    path,
    headers: headersOf(entry, report),
    ...(body === undefined || method === "GET" || method === "HEAD" ? {} : { body }),
    weight: 1,
    ...(Number.isFinite(atMs) ? { atMs: atMs - startedMs } : {}),
    expect: expectedStatus(entry),
    stream: entry.response?.content?.mimeType?.startsWith("text/event-stream") === true ? true : "auto",
  };
};

/** `http(s)` only: data: URLs and web sockets in a browser's recording are no requests that can be replayed. */
const originOf = (entry: Entry): string | null => {
  const url = URL.canParse(entry.request.url) ? new URL(entry.request.url) : null;
  return url !== null && (url.protocol === "http:" || url.protocol === "https:") ? url.origin : null;
};

interface NumberedEntry {
  readonly entry: Entry;
  readonly index: number;
  readonly origin: string;
}

const readEntries = (raw: readonly unknown[], problems: Problem[]): NumberedEntry[] =>
  raw.flatMap((value, index) => {
    const at = `log.entries[${index}]`;
    const parsed = entrySchema.safeParse(value);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      problems.push({
        at,
        key: issue?.path.join(".") ?? "",
        found: issue?.message ?? "",
        allowed: "HAR 1.2",
      });
      return [];
    }
    if (!Number.isFinite(Date.parse(parsed.data.startedDateTime))) {
      problems.push({
        at,
        key: "startedDateTime",
        found: shown(parsed.data.startedDateTime),
        allowed: "an ISO 8601 time",
      });
      return [];
    }
    const origin = originOf(parsed.data);
    return origin === null ? [] : [{ entry: parsed.data, index, origin }];
  });

/** Requests of a HAR file, in the file's order; problems are added to `problems`. */
export const readHar = (text: string, problems: Problem[]): RequestTemplate[] => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    problems.push({ at: "1", key: "", found: "text that is not JSON", allowed: "a HAR 1.2 file" });
    return [];
  }
  const har = harSchema.safeParse(json);
  if (!har.success) {
    problems.push({ at: "log.entries", key: "", found: "no list of entries", allowed: "a HAR 1.2 file" });
    return [];
  }
  const raw = har.data.log.entries;
  if (raw.length > MAX_REQUESTS) {
    const found = `${raw.length} entries`;
    problems.push({ at: "log.entries", key: "", found, allowed: `at most ${MAX_REQUESTS} requests` });
    return [];
  }
  const entries = readEntries(raw, problems);
  const origins = [...new Set(entries.map(({ origin }) => origin))];
  if (origins.length > 1) {
    const found = `requests to ${origins.length} origins (${origins.slice(0, 4).map(shown).join(", ")})`;
    problems.push({
      at: "log.entries",
      key: "",
      found,
      allowed: "requests to one service: save the others apart",
    });
  }
  const startedMs = entries.reduce(
    (least, { entry }) => Math.min(least, Date.parse(entry.startedDateTime)),
    Number.POSITIVE_INFINITY,
  );
  return entries.map(({ entry, index }) =>
    toTemplate(entry, index, startedMs, (key, found, allowed) => {
      problems.push({ at: `log.entries[${index}]`, key, found, allowed });
    }),
  );
};
