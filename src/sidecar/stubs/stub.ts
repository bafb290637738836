/**
 * A stub is a function from a request to an answer: no socket, no clock. stub-server.ts mounts it on a real server.
 *
 *   request --> openai.ts | anthropic.ts --> StubAnswer --> slots.ts (a place to run in) --> ../play.ts (piece by piece)
 */
export interface StubRequest {
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
  readonly body: Buffer;
}

/** Sent at once, without taking a slot: errors, lists. */
export interface ImmediateAnswer {
  readonly type: "immediate";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Text and the instant, ms from the moment the request got its slot, at which it is written. */
export interface Piece {
  readonly atMs: number;
  readonly text: string;
}

/** Takes a slot for as long as it is generated. */
export interface GeneratedAnswer {
  readonly type: "generated";
  readonly headers: Readonly<Record<string, string>>;
  /** In order of time. A streamed answer sends its head when it gets the slot, a whole one with its only piece. */
  readonly pieces: readonly Piece[];
  readonly stream: boolean;
  /** Instead, when slots and queue are full. */
  readonly overloaded: ImmediateAnswer;
}

export type StubAnswer = ImmediateAnswer | GeneratedAnswer;
export type StubHandler = (request: StubRequest) => StubAnswer;

export const JSON_TYPE = "application/json";
export const EVENT_STREAM_HEADERS: Readonly<Record<string, string>> = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
};

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A JSON object, or why the body is none. */
export const parseObject = (
  body: Buffer,
): { readonly ok: true; readonly value: JsonObject } | { readonly ok: false; readonly reason: string } => {
  try {
    const value = JSON.parse(body.toString("utf8")) as unknown;
    return isObject(value) ? { ok: true, value } : { ok: false, reason: "the body must be a JSON object" };
  } catch {
    return { ok: false, reason: "the body is not valid JSON" };
  }
};
