import * as z from "zod";
import type { FaultOf, HttpFaultKind } from "../../core/fault.ts";
import { type Reading, readDuration } from "../quantities.ts";
import { byteCount, positiveDuration, quantity, scalarText, whole } from "../quantity-schema.ts";
import { withoutUndefined } from "../without-undefined.ts";
import { DELAY_SHAPE, delayConflict, delayOf, type FaultKindTable, faultKind, headerName } from "./kind.ts";

const side = z.enum(["request", "response"]);

/** A header's value: no line breaks, or a suite file could write further headers. */
const headerValue = quantity<string>(
  (value) => {
    const asText = typeof value === "number" ? String(value) : value;
    // RFC 9110 5.5: visible characters, blanks, tabs and obs-text.
    return typeof asText === "string" && /^[\t\x20-\x7e\x80-\xff]{0,4096}$/.test(asText)
      ? { ok: true, value: asText }
      : { ok: false, message: "not a header value" };
  },
  "a text without line breaks",
  "A header's value",
  ["string", "number"],
);

/** A date that is not known before the strike. */
interface DateIn {
  readonly inMs: number;
}

const DATE_IN = /^\s*\{\{\s*in\s+(.*?)\s*\}\}\s*$/s;

/** As above, or `{{in 30s}}`: the date so long after the strike. */
const answerHeaderValue = quantity<string | DateIn>(
  (value) => {
    const duration = typeof value === "string" ? DATE_IN.exec(value)?.[1] : undefined;
    if (duration === undefined) {
      const written = headerValue.safeParse(value);
      return written.success
        ? { ok: true, value: written.data }
        : { ok: false, message: "not a header value" };
    }
    const reading = readDuration(duration);
    if (!reading.ok) return reading;
    // Beyond it a date has more than four digits of a year, or none at all.
    return reading.value > MAX_DATE_IN_MS
      ? { ok: false, message: "more than ten years ahead" }
      : { ok: true, value: { inMs: reading.value } };
  },
  'a text without line breaks, or "{{in 30s}}", an HTTP date so long after the strike',
  "A header's value",
  ["string", "number"],
);

const MAX_DATE_IN_MS = 10 * 365.25 * 86_400_000;

export const headers = z.record(headerName, headerValue).meta({ description: "Headers by name" });

/** Texts, and dates by their distance. */
const answerHeaders = (
  written: Readonly<Record<string, string | DateIn>>,
): Pick<FaultOf<"http-error">, "headers" | "datesInMs"> => {
  const all = Object.entries(written);
  const texts = all.flatMap(([name, value]) => (typeof value === "string" ? [[name, value] as const] : []));
  const dates = all.flatMap(([name, value]) =>
    typeof value === "string" ? [] : [[name, value.inMs] as const],
  );
  const headers = Object.fromEntries(texts);
  return dates.length === 0 ? { headers } : { headers, datesInMs: Object.fromEntries(dates) };
};

/** A body as text, or as a map or list that is sent as JSON. */
const readBody = (value: unknown): Reading<string> => {
  if (typeof value === "string") return { ok: true, value };
  if (typeof value === "object" && value !== null) return { ok: true, value: JSON.stringify(value) };
  return { ok: false, message: "must be a text or a map" };
};

export const HTTP_FAULTS: FaultKindTable<HttpFaultKind> = {
  "http-delay": faultKind(
    "http-delay",
    {
      ...DELAY_SHAPE,
      before: side
        .default("response")
        .meta({ description: "Held back: the request before it is forwarded, or the response's first byte" }),
    },
    { delay: "1s" },
    (parsed) => ({ ...delayOf(parsed), before: parsed.before }),
    delayConflict,
  ),
  "http-error": faultKind(
    "http-error",
    {
      status: whole("Status of the answer", 300, 599),
      headers: z.record(headerName, answerHeaderValue).default({}).meta({
        description:
          'Headers of the answer, such as {retry-after: "2"}, or {retry-after: "{{in 30s}}"} for an HTTP date so long after the strike',
      }),
      body: quantity(
        readBody,
        "a text, or a map that is sent as JSON",
        "Body of the answer. Default: an error body in the dependency's own shape",
        ["string", "object", "array"],
      ).optional(),
    },
    { status: 503 },
    ({ status, headers, body }) => withoutUndefined({ status, ...answerHeaders(headers), body }),
  ),
  "http-abort": faultKind("http-abort", {}, {}, () => ({})),
  "body-corrupt": faultKind(
    "body-corrupt",
    {
      bytes: byteCount("How many bytes are overwritten", 1).optional(),
      mutation: z
        .enum(["truncate", "drop-key", "type-swap"])
        .meta({ description: "What is done to a JSON body. Default, where bytes is not given: truncate" })
        .optional(),
    },
    {},
    ({ bytes, mutation }) =>
      bytes === undefined ? { mutation: mutation ?? ("truncate" as const) } : { bytes },
    ({ bytes, mutation }) =>
      bytes !== undefined && mutation !== undefined ? "bytes and mutation exclude each other" : undefined,
  ),
  "header-drop": faultKind(
    "header-drop",
    {
      header: headerName,
      side: side.default("response").meta({ description: "Of the request or the response" }),
    },
    { header: "content-type" },
    ({ header, side }) => ({ header, side }),
  ),
  "header-set": faultKind(
    "header-set",
    {
      header: headerName,
      value: scalarText("The value it gets"),
      side: side.default("response").meta({ description: "Of the request or the response" }),
    },
    { header: "content-type", value: "text/html" },
    ({ header, value, side }) => ({ header, value, side }),
    ({ value }) =>
      headerValue.safeParse(value).success ? undefined : "value must be a text without line breaks",
  ),
  buffering: faultKind(
    "buffering",
    { flushBytes: byteCount("Bytes gathered before a clump is released", 1) },
    { flushBytes: 4096 },
    ({ flushBytes }) => ({ flushBytes }),
  ),
  "idle-cut": faultKind(
    "idle-cut",
    { idle: positiveDuration("Silence after which the connection is closed") },
    { idle: "500ms" },
    ({ idle }) => ({ idleMs: idle }),
  ),
  "keepalive-race": faultKind(
    "keepalive-race",
    { idle: positiveDuration("Idle time after which a reused connection is closed as a request arrives") },
    { idle: "50ms" },
    ({ idle }) => ({ idleMs: idle }),
  ),
};
