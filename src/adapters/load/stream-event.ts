import type { StreamEnd } from "../../core/workload.ts";
import { tellsError } from "./answer-text.ts";
import { asArray, asObject, asText, parseJson, valueAt } from "./json-path.ts";

/** One event of a stream, as the parser hands it over. */
export interface StreamEvent {
  /** `event:` name; "" where none was given. */
  readonly name: string;
  readonly data: string;
}

/** What one event means for progress and completeness. */
export interface EventMeaning {
  /** Progress: non-empty content that a reader would see or a tool would take. */
  readonly content: boolean;
  /** Its part of the answer's text. */
  readonly text: string;
  readonly sentinel: boolean;
  readonly finish: boolean;
  readonly error: boolean;
  /** Undefined where the data is no JSON. */
  readonly json: unknown;
}

interface Delta {
  readonly content: boolean;
  readonly text: string;
}

const NOTHING: Delta = { content: false, text: "" };
const said = (text: string): Delta => ({ content: text !== "", text });

const openAiDelta = (choices: readonly unknown[]): Delta => {
  let text = "";
  let thought = "";
  for (const choice of choices) {
    const fields = asObject(choice);
    const delta = asObject(fields?.["delta"]) ?? asObject(fields?.["message"]);
    text += asText(fields?.["text"]) + asText(delta?.["content"]) + asText(delta?.["refusal"]);
    // Reasoning is progress, but no part of the answer.
    thought += asText(delta?.["reasoning_content"]) + asText(delta?.["reasoning"]);
    for (const call of asArray(delta?.["tool_calls"])) {
      const named = asObject(asObject(call)?.["function"]);
      text += asText(named?.["name"]) + asText(named?.["arguments"]);
    }
  }
  return { content: text + thought !== "", text };
};

const ANTHROPIC_FRAMES: ReadonlySet<unknown> = new Set([
  "message_start",
  "content_block_start",
  "content_block_stop",
  "message_delta",
  "message_stop",
  "ping",
]);

/** Where services that speak no known protocol put their words. */
const TEXT_KEYS = ["delta", "token", "text", "content", "response", "answer"] as const;

const deltaOf = (json: unknown, data: string): Delta => {
  const root = asObject(json);
  if (root === undefined) return said(data);
  if (Array.isArray(root["choices"])) return openAiDelta(root["choices"]);
  const type = root["type"];
  if (type === "content_block_delta") {
    const delta = asObject(root["delta"]);
    const text = asText(delta?.["text"]) + asText(delta?.["partial_json"]);
    return { content: text + asText(delta?.["thinking"]) !== "", text };
  }
  if (ANTHROPIC_FRAMES.has(type)) return NOTHING;
  // OpenAI responses: only the deltas are progress, the frames around them repeat what was said.
  if (typeof type === "string" && type.startsWith("response.")) {
    return type.endsWith(".delta") ? said(asText(root["delta"])) : NOTHING;
  }
  const message = asObject(root["message"]);
  if (message !== undefined && typeof message["content"] === "string") return said(message["content"]);
  for (const key of TEXT_KEYS) {
    const text = root[key];
    if (typeof text === "string") return said(text);
  }
  return said(data);
};

const isFinish = (json: unknown, finishPaths: readonly string[]): boolean =>
  json !== undefined &&
  finishPaths.some((path) => {
    const value = valueAt(json, path);
    return value !== undefined && value !== null && value !== "" && value !== false;
  });

/** Reads one event. Pings, role-only deltas and usage frames are no content; an unknown protocol's data line is. */
export const readEvent = (event: StreamEvent, end: StreamEnd): EventMeaning => {
  const data = event.data.trim();
  if (end.sentinels.includes(data)) {
    return { ...NOTHING, sentinel: true, finish: false, error: false, json: undefined };
  }
  const json = parseJson(data);
  const error = event.name === "error" || tellsError(json);
  const silent = error || data === "" || event.name === "ping";
  const delta = silent ? NOTHING : deltaOf(json, event.data);
  return {
    ...delta,
    sentinel:
      event.name !== ""
        ? end.sentinels.includes(event.name)
        : end.sentinels.includes(asText(asObject(json)?.["type"])),
    finish: isFinish(json, end.finishPaths),
    error,
    json,
  };
};
