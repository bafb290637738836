/** Whether a model's event stream came to its own end. */
import { SseSplitter } from "../relay/sse-splitter.ts";

type Json = Readonly<Record<string, unknown>>;

const isJson = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

interface Signs {
  /** OpenAI- or Anthropic-shaped. */
  known: boolean;
  ended: boolean;
}

const lookAt = (signs: Signs, data: string): void => {
  if (data === "[DONE]") {
    signs.known = true;
    signs.ended = true;
    return;
  }
  const value = parse(data);
  if (!isJson(value)) return;
  const { choices, type } = value;
  if (Array.isArray(choices)) {
    signs.known = true;
    if (choices.some((choice) => isJson(choice) && typeof choice["finish_reason"] === "string")) {
      signs.ended = true;
    }
  } else if (type === "message_start") signs.known = true;
  else if (type === "message_stop") signs.ended = true;
};

/**
 * True for an OpenAI- or Anthropic-shaped stream without `[DONE]`, a finish reason or `message_stop`. Of any other body
 * nothing is known: false.
 */
export const lacksItsEnd = (contentType: string | undefined, chunks: readonly Buffer[]): boolean => {
  if (contentType?.trim().toLowerCase().startsWith("text/event-stream") !== true) return false;
  const signs: Signs = { known: false, ended: false };
  const splitter = new SseSplitter({
    event: ({ data }) => {
      if (data !== null) lookAt(signs, data);
    },
    end: () => {},
  });
  for (const chunk of chunks) splitter.write(chunk);
  splitter.end();
  return signs.known && !signs.ended;
};
