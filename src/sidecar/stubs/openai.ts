import type { StubModel } from "../../core/suite.ts";
import { fingerprint } from "../fingerprint.ts";
import { countTokens } from "./answer-text.ts";
import { embed, embeddingBase64 } from "./embeddings.ts";
import { generate } from "./generation.ts";
import { CREATED_SECONDS, readChat, writeChat } from "./openai-chat.ts";
import {
  type ImmediateAnswer,
  JSON_TYPE,
  type JsonObject,
  parseObject,
  type StubAnswer,
  type StubHandler,
  type StubRequest,
} from "./stub.ts";
import { drawsFor } from "./timing.ts";

const MAX_INPUTS = 2048;
const MAX_DIMENSIONS = 8192;

/**
 * An OpenAI-compatible server under any path prefix: chat completions, embeddings, models.
 * Shapes: https://platform.openai.com/docs/api-reference (chat, embeddings, models; error objects).
 */
export const openaiStub = (stub: StubModel, seed: number): StubHandler => {
  const overloaded: ImmediateAnswer = {
    ...openaiError(503, "the stub's slots and queue are full", "server_error"),
    headers: { "content-type": JSON_TYPE, "retry-after": "1" },
  };
  return (request) => {
    const { method, path } = request;
    if (path.endsWith("/chat/completions")) {
      if (method !== "POST") return notAllowed(request);
      const body = parseObject(request.body);
      if (!body.ok) return openaiError(400, body.reason);
      const chat = readChat(body.value);
      if ("problem" in chat) return openaiError(400, chat.problem, "invalid_request_error", chat.param);
      return writeChat(chat, generate(stub, seed, request, chat), overloaded);
    }
    if (path.endsWith("/embeddings")) {
      return method === "POST" ? embeddings(stub, seed, request, overloaded) : notAllowed(request);
    }
    if (/\/models(?:\/[^/]+)?$/.test(path)) return method === "GET" ? models(path) : notAllowed(request);
    return openaiError(404, `Invalid URL (${method} ${path})`);
  };
};

export const openaiError = (
  status: number,
  message: string,
  type = "invalid_request_error",
  param: string | null = null,
): ImmediateAnswer => ({
  type: "immediate",
  status,
  headers: { "content-type": JSON_TYPE },
  body: JSON.stringify({ error: { message, type, param, code: null } }),
});

const notAllowed = ({ method, path }: StubRequest): ImmediateAnswer =>
  openaiError(405, `Not allowed to ${method} on ${path}.`);

const MODELS = ["stub-1", "stub-embedding-1"] as const;

const models = (path: string): ImmediateAnswer => {
  const model = (id: string): JsonObject => ({
    id,
    object: "model",
    created: CREATED_SECONDS,
    owned_by: "squall",
  });
  const id = /\/models\/([^/]+)$/.exec(path)?.[1];
  const value = id === undefined ? { object: "list", data: MODELS.map(model) } : model(id);
  return {
    type: "immediate",
    status: 200,
    headers: { "content-type": JSON_TYPE },
    body: JSON.stringify(value),
  };
};

/** Vectors of all inputs, after one first-token time. */
const embeddings = (
  stub: StubModel,
  seed: number,
  request: StubRequest,
  overloaded: ImmediateAnswer,
): StubAnswer => {
  const body = parseObject(request.body);
  if (!body.ok) return openaiError(400, body.reason);
  const { input, model, dimensions, encoding_format: format } = body.value;
  const texts = inputTexts(input);
  if (texts === null) {
    const problem = `'input' must be a string, an array of tokens, or an array of 1 to ${MAX_INPUTS} of either`;
    return openaiError(400, problem, "invalid_request_error", "input");
  }
  const size = dimensions ?? stub.embeddingDimensions;
  if (typeof size !== "number" || !Number.isInteger(size) || size < 1 || size > MAX_DIMENSIONS) {
    const problem = `'dimensions' must be a whole number from 1 to ${MAX_DIMENSIONS}`;
    return openaiError(400, problem, "invalid_request_error", "dimensions");
  }
  const data = texts.map((text, index) => {
    const vector = embed(text, size);
    return {
      object: "embedding",
      index,
      embedding: format === "base64" ? embeddingBase64(vector) : vector,
    };
  });
  const tokens = countTokens(...texts);
  const value = {
    object: "list",
    data,
    model: typeof model === "string" ? model : MODELS[1],
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
  const draws = drawsFor(stub, seed, fingerprint(request.method, request.path, request.body));
  return {
    type: "generated",
    headers: { "content-type": JSON_TYPE },
    pieces: [{ atMs: draws.firstTokenMs, text: JSON.stringify(value) }],
    stream: false,
    overloaded,
  };
};

const inputTexts = (input: unknown): string[] | null => {
  if (typeof input === "string") return [input];
  if (!Array.isArray(input) || input.length === 0 || input.length > MAX_INPUTS) return null;
  const whole = tokensText(input);
  if (whole !== null) return [whole];
  const texts = (input as unknown[]).map((item) => (typeof item === "string" ? item : tokensText(item)));
  return texts.every((text) => text !== null) ? texts : null;
};

/** An array of token numbers, as text. */
const tokensText = (value: unknown): string | null =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "number")
    ? value.join(" ")
    : null;
