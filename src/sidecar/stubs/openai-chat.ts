import { countTokens } from "./answer-text.ts";
import { type Ask, eventPiece, type Generation, lastInstant } from "./generation.ts";
import { promptOf, readMessages } from "./messages.ts";
import {
  EVENT_STREAM_HEADERS,
  type GeneratedAnswer,
  type ImmediateAnswer,
  isObject,
  JSON_TYPE,
  type JsonObject,
  type Piece,
} from "./stub.ts";
import type { Tool, ToolChoice } from "./tool-call.ts";

/** Fixed, so that the same request gets the same bytes. */
export const CREATED_SECONDS = 1_700_000_000;

export interface ChatAsk extends Ask {
  readonly includeUsage: boolean;
}

export interface Problem {
  readonly problem: string;
  readonly param: string;
}

/** Reads a chat completion request; tells the first thing that is wrong with it. */
export const readChat = (body: JsonObject): ChatAsk | Problem => {
  if (typeof body["model"] !== "string")
    return { problem: "you must provide a model parameter", param: "model" };
  const messages = readMessages(body["messages"]);
  if (messages === null) {
    return { problem: "'messages' must be a non-empty array of objects with a 'role'", param: "messages" };
  }
  if (body["n"] !== undefined && body["n"] !== null && body["n"] !== 1) {
    return { problem: "the stub gives one choice: 'n' must be 1", param: "n" };
  }
  const maxTokens = body["max_completion_tokens"] ?? body["max_tokens"];
  if (maxTokens !== undefined && maxTokens !== null && !(typeof maxTokens === "number" && maxTokens >= 1)) {
    return { problem: "'max_tokens' must be a number of at least 1", param: "max_tokens" };
  }
  const schema = answerSchema(body["response_format"]);
  return {
    model: body["model"],
    prompt: promptOf("", messages),
    stream: body["stream"] === true,
    maxTokens: typeof maxTokens === "number" ? Math.floor(maxTokens) : Number.POSITIVE_INFINITY,
    tools: readTools(body["tools"]),
    toolChoice: readChoice(body["tool_choice"]),
    afterResult: messages.at(-1)?.role === "tool",
    includeUsage: isObject(body["stream_options"]) && body["stream_options"]["include_usage"] === true,
    ...(schema === undefined ? {} : { schema }),
  };
};

const answerSchema = (format: unknown): unknown => {
  if (!isObject(format)) return undefined;
  if (format["type"] === "json_object") return { type: "object", properties: { answer: { type: "string" } } };
  return format["type"] === "json_schema" && isObject(format["json_schema"])
    ? format["json_schema"]["schema"]
    : undefined;
};

const readTools = (value: unknown): Tool[] =>
  (Array.isArray(value) ? (value as unknown[]) : []).flatMap((tool) => {
    const declared = isObject(tool) ? tool["function"] : undefined;
    return isObject(declared) && typeof declared["name"] === "string"
      ? [{ name: declared["name"], schema: declared["parameters"] }]
      : [];
  });

const readChoice = (value: unknown): ToolChoice => {
  if (value === "none" || value === "required") return { type: value };
  const named = isObject(value) ? value["function"] : undefined;
  return isObject(named) && typeof named["name"] === "string"
    ? { type: "named", name: named["name"] }
    : { type: "auto" };
};

/** The answer, streamed or whole. */
export const writeChat = (
  ask: ChatAsk,
  generation: Generation,
  overloaded: ImmediateAnswer,
): GeneratedAnswer => ({
  type: "generated",
  headers: {
    ...(ask.stream ? EVENT_STREAM_HEADERS : { "content-type": JSON_TYPE }),
    "x-request-id": `req_${generation.id}`,
  },
  pieces: ask.stream ? streamed(ask, generation) : [whole(ask, generation)],
  stream: ask.stream,
  overloaded,
});

const usageOf = ({ prompt }: ChatAsk, { content }: Generation): JsonObject => {
  const promptTokens = countTokens(prompt.question, ...prompt.context);
  const completionTokens = content.tokens.length;
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
};

const finishReason = ({ content, truncated }: Generation): string =>
  content.type === "tool" ? "tool_calls" : truncated ? "length" : "stop";

const whole = (ask: ChatAsk, generation: Generation): Piece => {
  const { content, id } = generation;
  const message =
    content.type === "text"
      ? { role: "assistant", content: content.tokens.join(""), refusal: null }
      : {
          role: "assistant",
          content: null,
          refusal: null,
          tool_calls: [
            {
              id: `call_${id}`,
              type: "function",
              function: { name: content.call.name, arguments: content.call.arguments },
            },
          ],
        };
  const value = {
    id: `chatcmpl-${id}`,
    object: "chat.completion",
    created: CREATED_SECONDS,
    model: ask.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason(generation) }],
    usage: usageOf(ask, generation),
    system_fingerprint: "fp_stub",
  };
  return { atMs: lastInstant(generation), text: JSON.stringify(value) };
};

const streamed = (ask: ChatAsk, generation: Generation): Piece[] => {
  const { content, id, instants } = generation;
  const chunk = (atMs: number, choices: readonly JsonObject[], usage: JsonObject | null = null): Piece =>
    eventPiece(atMs, {
      id: `chatcmpl-${id}`,
      object: "chat.completion.chunk",
      created: CREATED_SECONDS,
      model: ask.model,
      system_fingerprint: "fp_stub",
      choices,
      // With include_usage every chunk has the key, null but in the last.
      ...(ask.includeUsage ? { usage } : {}),
    });
  const choice = (delta: JsonObject, reason: string | null = null): JsonObject[] => [
    { index: 0, delta, logprobs: null, finish_reason: reason },
  ];
  const opening =
    content.type === "text"
      ? { role: "assistant", content: "", refusal: null }
      : {
          role: "assistant",
          content: null,
          tool_calls: [
            {
              index: 0,
              id: `call_${id}`,
              type: "function",
              function: { name: content.call.name, arguments: "" },
            },
          ],
        };
  const delta = (token: string): JsonObject =>
    content.type === "text"
      ? { content: token }
      : { tool_calls: [{ index: 0, function: { arguments: token } }] };
  const endMs = lastInstant(generation);
  return [
    chunk(instants[0] ?? 0, choice(opening)),
    ...content.tokens.map((token, index) => chunk(instants[index] ?? endMs, choice(delta(token)))),
    chunk(endMs, choice({}, finishReason(generation))),
    ...(ask.includeUsage ? [chunk(endMs, [], usageOf(ask, generation))] : []),
    { atMs: endMs, text: "data: [DONE]\n\n" },
  ];
};
