import { validateHeaderName, validateHeaderValue } from "node:http";
import { SquallError } from "../../core/errors.ts";
import { REQUEST_KEY_HEADER, requestKey } from "../../core/exchange.ts";
import { randomFor } from "../../core/random.ts";
import type { RequestTemplate, Workload } from "../../core/workload.ts";

const NONCE = "{{nonce}}";

/** Ours to set: the URL, the framing and the connection's life decide them, not a recorded request. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  "host",
  "content-length",
  "transfer-encoding",
  "connection",
  "keep-alive",
  REQUEST_KEY_HEADER,
  "traceparent",
  "baggage",
]);

/** Everything of one request that can be made before its instant. */
export interface PreparedRequest {
  readonly method: string;
  readonly path: string;
  /** Flat list of names and values, as node:http takes it. */
  readonly headers: readonly string[];
  readonly body: Buffer | undefined;
}

const hex = (seed: number, words: number, ...keys: readonly (string | number)[]): string => {
  const random = randomFor(seed, ...keys);
  let text = "";
  for (let word = 0; word < words; word++) text += random.below(0x100000000).toString(16).padStart(8, "0");
  return text;
};

/** `nonce-` and 16 hex digits, drawn from seed, request and repetition: the same in base and head. */
export const nonceFor = (seed: number, requestId: string, repetition: number): string =>
  `nonce-${hex(seed, 2, "nonce", requestId, repetition)}`;

/** Ids may hold any text; header values may not. Ids in plain characters pass unchanged. */
const headerSafe = (text: string): string =>
  text.replaceAll(/[^\x21-\x7e]/g, (char) => encodeURIComponent(char));

/** W3C trace context, version 00, sampled; ids drawn from the seed. */
const traceparent = (seed: number, requestId: string, repetition: number): string =>
  `00-${hex(seed, 4, "trace", requestId, repetition)}-${hex(seed, 2, "span", requestId, repetition)}-01`;

/** Makes one repetition of a template ready to send. Pure in (template, workload, seed, repetition). */
export const prepareRequest = (options: {
  readonly template: RequestTemplate;
  readonly workload: Workload;
  readonly host: string;
  readonly seed: number;
  readonly repetition: number;
}): PreparedRequest => {
  const { template, workload, seed, repetition } = options;
  const nonce = nonceFor(seed, template.id, repetition);
  const fill = (text: string): string => text.replaceAll(NONCE, nonce);
  const body = template.body === undefined ? undefined : Buffer.from(fill(template.body));
  const merged = new Map<string, string>();
  for (const [name, value] of [...Object.entries(workload.headers), ...Object.entries(template.headers)]) {
    const lower = name.toLowerCase();
    if (!OWN_HEADERS.has(lower)) merged.set(lower, fill(value));
  }
  if (body !== undefined && !merged.has("content-type")) merged.set("content-type", "application/json");
  const key = headerSafe(requestKey(template.id, repetition));
  // Said by us: node:http writes the head of a header list before it knows that no agent will keep the connection.
  const connection = workload.connections === "fresh" ? "close" : "keep-alive";
  const headers = ["host", options.host, "connection", connection];
  for (const [name, value] of merged) headers.push(name, value);
  if (body !== undefined) headers.push("content-length", String(body.length));
  headers.push(REQUEST_KEY_HEADER, key, "traceparent", traceparent(seed, template.id, repetition));
  headers.push("baggage", `squall=${key}`);
  return { method: template.method.toUpperCase(), path: fill(template.path), headers, body };
};

/** @throws SquallError `request-set-invalid` for a method, path or header that can not stand in an HTTP request */
export const checkSendable = (template: RequestTemplate, prepared: PreparedRequest): void => {
  const refuse = (problem: string, remedy: string): never => {
    throw new SquallError("request-set-invalid", `request "${template.id}": ${problem}`, {
      place: `request ${template.id}`,
      remedy,
    });
  };
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Z]+$/.test(prepared.method)) {
    refuse(
      `method ${JSON.stringify(template.method)} is not an HTTP method`,
      "Write a method such as GET or POST.",
    );
  }
  if (!/^\/[\x21-\x7e]*$/.test(prepared.path)) {
    refuse(
      `path ${JSON.stringify(template.path)} can not be sent`,
      'Begin the path with "/" and percent-encode spaces and characters beyond ASCII.',
    );
  }
  for (let index = 0; index + 1 < prepared.headers.length; index += 2) {
    const name = prepared.headers[index] ?? "";
    try {
      validateHeaderName(name);
      validateHeaderValue(name, prepared.headers[index + 1] ?? "");
    } catch {
      refuse(
        `header ${JSON.stringify(name)} can not be sent`,
        "Use header names and values of printable ASCII.",
      );
    }
  }
};
