import type { FaultFactory } from "./fault.ts";

const REASON_TYPES: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  408: "timeout_error",
  413: "request_too_large",
  429: "rate_limit_error",
  503: "service_unavailable",
  529: "overloaded_error",
};

/** An error status answered by the sidecar: upstream never sees the request. */
export const httpError: FaultFactory<"http-error"> = (fault) => ({
  strike: (strike) => ({
    beforeRequest: () => {
      strike.hit();
      const headers = { ...fault.headers, ...dates(fault.datesInMs ?? {}) };
      return { type: "answer", answer: errorAnswer(fault.status, headers, fault.body) };
    },
  }),
});

/** HTTP dates (RFC 9110, 5.6.7) have whole seconds: rounded up, so that nobody who obeys one comes too early. */
const dates = (inMs: Readonly<Record<string, number>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(inMs).map(([name, ms]) => {
      const seconds = Math.ceil((Date.now() + ms) / 1_000);
      return [name, new Date(seconds * 1_000).toUTCString()];
    }),
  );

/** Where no body is given: the error object that OpenAI- and Anthropic-shaped clients both read. */
const errorAnswer = (status: number, headers: Readonly<Record<string, string>>, body: string | undefined) => {
  const hasType = Object.keys(headers).some((name) => name.toLowerCase() === "content-type");
  const type = REASON_TYPES[status] ?? (status >= 500 ? "api_error" : "invalid_request_error");
  const standard = JSON.stringify({
    type: "error",
    error: { type, message: `injected fault: status ${status}` },
  });
  return {
    status,
    headers: body === undefined && !hasType ? { "content-type": "application/json", ...headers } : headers,
    body: body ?? standard,
  };
};
