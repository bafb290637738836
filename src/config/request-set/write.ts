import { redactHeaders, redactUrl } from "../../core/redaction.ts";
import type { Expectation, RequestTemplate } from "../../core/workload.ts";
import { redactBody } from "./redact-body.ts";

const expectJson = (expect: Expectation): Record<string, unknown> => ({
  status: expect.status,
  json_schema: expect.jsonSchema,
  contains: expect.contains,
  equals_calm: expect.equalsCalm,
  stream_complete: expect.streamComplete,
});

/** A JSON body as a value, where reading it back gives the very same text and content type; else its text. */
const bodyJson = (body: string, contentType: string | undefined): unknown => {
  if (contentType === undefined) return body;
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null && JSON.stringify(value) === body ? value : body;
  } catch {
    return body;
  }
};

/**
 * Requests as JSONL, one OpenAI batch line each with `x_*` keys; `loadRequestSet` reads it back. Values of
 * secret-named headers, query keys, JSON keys and form fields are replaced by REDACTED.
 *
 * @param redact names that are secret beyond the built-in list
 */
export const writeRequestSet = (
  requests: readonly RequestTemplate[],
  redact: readonly string[] = [],
): string =>
  requests
    .map((request) => {
      const { "content-type": contentType, ...others } = redactHeaders(request.headers, redact);
      const body =
        request.body === undefined
          ? undefined
          : bodyJson(redactBody(request.body, contentType, redact), contentType);
      // A JSON value brings its content type with it.
      const implied = typeof body === "object" && contentType === "application/json";
      const headers =
        contentType === undefined || implied ? others : { ...others, "content-type": contentType };
      const expect = expectJson(request.expect);
      return `${JSON.stringify({
        custom_id: request.id,
        method: request.method,
        url: redactUrl(request.path, redact),
        body,
        x_headers: Object.keys(headers).length === 0 ? undefined : headers,
        x_weight: request.weight === 1 ? undefined : request.weight,
        x_at: request.atMs,
        x_stream: request.stream === "auto" ? undefined : request.stream,
        x_expect: Object.values(expect).some((value) => value !== undefined) ? expect : undefined,
      })}\n`;
    })
    .join("");
