import { countTokens } from "./answer-text.ts";
import { type Ask, eventPiece, type Generation, lastInstant } from "./generation.ts";
import { type Message, promptOf, readMessages, textOf } from "./messages.ts";
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

/** Reads a messages request; tells the first thing that is wrong with it. */
export const readAsk = (body: JsonObject): Ask | { readonly problem: string } => {
  if (typeof body["model"] !== "string") return { problem: "model: Field required" };
  const messages = readMessages(body["messages"]);
  if (messages === null) return { problem: "messages: at least one message with a role is required" };
  const maxTokens = body["max_tokens"];
  if (typeof maxTokens !== "number") return { problem: "max_tokens: Field required" };
  if (maxTokens < 1) return { problem: "max_tokens: must be greater than or equal to 1" };
  return {
    model: body["model"],
    prompt: promptOf(textOf(body["system"]), messages),
    stream: body["stream"] === true,
    maxTokens: Math.floor(maxTokens),
    tools: readTools(body["tools"]),
    toolChoice: readChoice(body["tool_choice"]),
    afterResult: isResult(messages.at(-1)),
  };
};

const isResult = (message: Message | undefined): boolean =>
  Array.isArray(message?.content) &&
  message.content.some((part) => isObject(part) && part["type"] === "tool_result");

const readTools = (value: unknown): Tool[] =>
  (Array.isArray(value) ? (value as unknown[]) : []).flatMap((tool) =>
    isObject(tool) && typeof tool["name"] === "string"
      ? [{ name: tool["name"], schema: tool["input_schema"] }]
      : [],
  );

const readChoice = (value: unknown): ToolChoice => {
  if (!isObject(value)) return { type: "auto" };
  if (value["type"] === "tool" && typeof value["name"] === "string") {
    return { type: "named", name: value["name"] };
  }
  return { type: value["type"] === "any" ? "required" : value["type"] === "none" ? "none" : "auto" };
};

/** The answer, streamed or whole. */
export const writeMessage = (
  ask: Ask,
  generation: Generation,
  overloaded: ImmediateAnswer,
): GeneratedAnswer => ({
  type: "generated",
  headers: {
    ...(ask.stream ? EVENT_STREAM_HEADERS : { "content-type": JSON_TYPE }),
    "request-id": `req_${generation.id}`,
  },
  pieces: ask.stream ? streamed(ask, generation) : [whole(ask, generation)],
  stream: ask.stream,
  overloaded,
});

const inputTokens = ({ prompt }: Ask): number => countTokens(prompt.question, ...prompt.context);

const stopReason = ({ content, truncated }: Generation): string =>
  content.type === "tool" ? "tool_use" : truncated ? "max_tokens" : "end_turn";

const message = (ask: Ask, { id }: Generation, rest: JsonObject): JsonObject => ({
  id: `msg_${id}`,
  type: "message",
  role: "assistant",
  model: ask.model,
  stop_sequence: null,
  ...rest,
});

const whole = (ask: Ask, generation: Generation): Piece => {
  const { content, id } = generation;
  const block =
    content.type === "text"
      ? { type: "text", text: content.tokens.join("") }
      : { type: "tool_use", id: `toolu_${id}`, name: content.call.name, input: content.call.value };
  const value = message(ask, generation, {
    content: [block],
    stop_reason: stopReason(generation),
    usage: { input_tokens: inputTokens(ask), output_tokens: content.tokens.length },
  });
  return { atMs: lastInstant(generation), text: JSON.stringify(value) };
};

const streamed = (ask: Ask, generation: Generation): Piece[] => {
  const { content, id, instants } = generation;
  const event = (atMs: number, type: string, rest: JsonObject = {}): Piece =>
    eventPiece(atMs, { type, ...rest }, type);
  const firstMs = instants[0] ?? 0;
  const endMs = lastInstant(generation);
  const block =
    content.type === "text"
      ? { type: "text", text: "" }
      : { type: "tool_use", id: `toolu_${id}`, name: content.call.name, input: {} };
  const delta = (token: string): JsonObject =>
    content.type === "text"
      ? { type: "text_delta", text: token }
      : { type: "input_json_delta", partial_json: token };
  const start = message(ask, generation, {
    content: [],
    stop_reason: null,
    usage: { input_tokens: inputTokens(ask), output_tokens: 1 },
  });
  return [
    event(0, "message_start", { message: start }),
    event(firstMs, "content_block_start", { index: 0, content_block: block }),
    event(firstMs, "ping"),
    ...content.tokens.map((token, index) =>
      event(instants[index] ?? endMs, "content_block_delta", { index: 0, delta: delta(token) }),
    ),
    event(endMs, "content_block_stop", { index: 0 }),
    event(endMs, "message_delta", {
      delta: { stop_reason: stopReason(generation), stop_sequence: null },
      usage: { output_tokens: content.tokens.length },
    }),
    event(endMs, "message_stop"),
  ];
};
