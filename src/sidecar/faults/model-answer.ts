import type { ResponseHead, SseEvent } from "./fault.ts";

/** What the visitor is shown: a piece of what the model says, whole or a delta of it. */
export interface ContentPiece {
  readonly kind: "text" | "tool-arguments";
  /** Pieces with the same key belong together, in order. */
  readonly key: string;
  readonly text: string;
}

/** Returns the text to put in the piece's place: the same to leave it. */
export type VisitPiece = (piece: ContentPiece) => string;

type Json = Record<string, unknown>;

const isJson = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const indexText = (index: unknown, otherwise: number): string =>
  String(typeof index === "number" ? index : otherwise);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

/**
 * Shows every piece of model content in an OpenAI- or Anthropic-shaped answer, or in one event of a stream, and puts back
 * what the visitor returns. Returns whether the shape is known at all.
 *
 * Shapes: chat completions and their chunks (also legacy `function_call` and text completions); messages and their events.
 */
export const visitContent = (value: unknown, visit: VisitPiece): boolean => {
  if (!isJson(value)) return false;
  if (Array.isArray(value["choices"])) {
    for (const [index, choice] of list(value["choices"]).entries()) {
      if (isJson(choice)) visitChoice(choice, indexText(choice["index"], index), visit);
    }
    return true;
  }
  const { type } = value;
  if (type === "message") {
    for (const [index, block] of list(value["content"]).entries()) {
      if (isJson(block)) visitField(block, "text", "text", `text/${index}`, visit);
    }
    return true;
  }
  if (type === "content_block_delta" && isJson(value["delta"])) {
    const key = indexText(value["index"], 0);
    visitField(value["delta"], "text", "text", `text/${key}`, visit);
    visitField(value["delta"], "thinking", "text", `thinking/${key}`, visit);
    visitField(value["delta"], "partial_json", "tool-arguments", `tool/${key}`, visit);
    return true;
  }
  return typeof type === "string" && ANTHROPIC_EVENTS.has(type);
};

const ANTHROPIC_EVENTS: ReadonlySet<string> = new Set([
  "message_start",
  "content_block_start",
  "content_block_delta",
  "content_block_stop",
  "message_delta",
  "message_stop",
  "ping",
  "error",
]);

const visitChoice = (choice: Json, key: string, visit: VisitPiece): void => {
  visitField(choice, "text", "text", `text/${key}`, visit);
  for (const part of ["delta", "message"]) {
    const message = choice[part];
    if (!isJson(message)) continue;
    visitField(message, "content", "text", `text/${key}`, visit);
    visitField(message, "reasoning_content", "text", `thinking/${key}`, visit);
    if (isJson(message["function_call"])) {
      visitField(message["function_call"], "arguments", "tool-arguments", `call/${key}`, visit);
    }
    for (const [index, call] of list(message["tool_calls"]).entries()) {
      if (!isJson(call) || !isJson(call["function"])) continue;
      const callKey = `call/${key}/${indexText(call["index"], index)}`;
      visitField(call["function"], "arguments", "tool-arguments", callKey, visit);
    }
  }
};

const visitField = (
  owner: Json,
  name: string,
  kind: ContentPiece["kind"],
  key: string,
  visit: VisitPiece,
): void => {
  const text = owner[name];
  if (typeof text === "string" && text !== "") owner[name] = visit({ kind, key, text });
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

/**
 * Does the event carry content? In the known shapes: text or arguments. In any other stream: any data but a sentinel or a
 * ping, so that these faults also work on a service's own stream.
 */
export const isContent = (event: SseEvent): boolean => {
  if (!isMessage(event) || event.event === "ping") return false;
  let found = false;
  const known = visitContent(parse(event.data), ({ text }) => {
    found = true;
    return text;
  });
  return known ? found : event.data !== "";
};

/** An event with data that is not the end sentinel: neither a comment nor `[DONE]`. */
export const isMessage = (event: SseEvent): event is SseEvent & { readonly data: string } =>
  event.data !== null && event.data !== "[DONE]";

/** The event with its content edited; the event itself where the edit changed nothing or the data is no JSON. */
export const editEvent = (event: SseEvent, visit: VisitPiece): SseEvent => {
  if (!isMessage(event)) return event;
  const value = parse(event.data);
  let changed = false;
  visitContent(value, (piece) => {
    const text = visit(piece);
    if (text !== piece.text) changed = true;
    return text;
  });
  return changed ? withData(event, JSON.stringify(value)) : event;
};

/** The event with other data (one line), all its other fields and its line endings as they were. */
export const withData = (event: SseEvent, data: string): SseEvent => {
  const lines = event.raw.toString("utf8").split(/\r\n|\n|\r/);
  const isData = (line: string): boolean => line === "data" || line.startsWith("data:");
  const first = lines.findIndex(isData);
  const edited = lines
    .map((line, index) => (index === first ? `data: ${data}` : line))
    .filter((line, index) => index === first || !isData(line));
  return { ...event, data, raw: Buffer.from(edited.join(event.newline)) };
};

export const isSuccess = ({ status }: ResponseHead): boolean => status >= 200 && status < 300;

export const isEventStream = (head: ResponseHead): boolean =>
  head.header("content-type")?.trim().toLowerCase().startsWith("text/event-stream") === true;

export const isJsonAnswer = (head: ResponseHead): boolean =>
  /^\s*application\/(?:[\w.+-]+\+)?json\b/i.test(head.header("content-type") ?? "");
