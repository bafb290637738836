import type { StubModel } from "../../core/suite.ts";
import { countTokens } from "./answer-text.ts";
import { readAsk, writeMessage } from "./anthropic-messages.ts";
import { generate } from "./generation.ts";
import { type ImmediateAnswer, JSON_TYPE, parseObject, type StubHandler } from "./stub.ts";

/**
 * An Anthropic-compatible server under any path prefix: messages, token counts, models.
 * Shapes: https://docs.anthropic.com/en/api/messages, /messages-streaming, /errors.
 */
export const anthropicStub = (stub: StubModel, seed: number): StubHandler => {
  const overloaded = anthropicError(529, "overloaded_error", "Overloaded");
  return (request) => {
    const { method, path } = request;
    if (/\/models(?:\/[^/]+)?$/.test(path) && method === "GET") return models(path);
    const counts = path.endsWith("/messages/count_tokens");
    if (!counts && !path.endsWith("/messages")) return anthropicError(404, "not_found_error", "Not Found");
    if (method !== "POST") return anthropicError(405, "invalid_request_error", "Method Not Allowed");
    const body = parseObject(request.body);
    if (!body.ok) return anthropicError(400, "invalid_request_error", body.reason);
    const ask = readAsk(counts ? { max_tokens: 1, ...body.value } : body.value);
    if ("problem" in ask) return anthropicError(400, "invalid_request_error", ask.problem);
    if (counts) {
      const { question, context } = ask.prompt;
      return json({ input_tokens: countTokens(question, ...context) });
    }
    return writeMessage(ask, generate(stub, seed, request, ask), overloaded);
  };
};

export const anthropicError = (status: number, type: string, message: string): ImmediateAnswer => ({
  type: "immediate",
  status,
  headers: { "content-type": JSON_TYPE },
  body: JSON.stringify({ type: "error", error: { type, message } }),
});

const json = (value: unknown): ImmediateAnswer => ({
  type: "immediate",
  status: 200,
  headers: { "content-type": JSON_TYPE },
  body: JSON.stringify(value),
});

const models = (path: string): ImmediateAnswer => {
  const model = (id: string) => ({
    type: "model",
    id,
    display_name: "Stub",
    created_at: "2023-11-14T22:13:20Z",
  });
  const id = /\/models\/([^/]+)$/.exec(path)?.[1];
  if (id !== undefined) return json(model(id));
  return json({ data: [model("stub-1")], has_more: false, first_id: "stub-1", last_id: "stub-1" });
};
