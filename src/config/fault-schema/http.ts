import * as z from "zod";
import type { HttpFaultKind } from "../../core/fault.ts";
import type { Reading } from "../quantities.ts";
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

export const headers = z.record(headerName, headerValue).meta({ description: "Headers by name" });

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
      headers: headers.default({}).meta({ description: 'Headers of the answer, such as {retry-after: "2"}' }),
      body: quantity(
        readBody,
        "a text, or a map that is sent as JSON",
        "Body of the answer. Default: an error body in the dependency's own shape",
        ["string", "object", "array"],
      ).optional(),
    },
    { status: 503 },
    ({ status, headers, body }) => withoutUndefined({ status, headers, body }),
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
