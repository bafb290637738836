import type { StubModel } from "../../core/suite.ts";
import { fingerprint } from "../fingerprint.ts";
import { answerTokens, type Prompt } from "./answer-text.ts";
import { jsonFromSchema } from "./json-from-schema.ts";
import type { Piece, StubRequest } from "./stub.ts";
import { type Draws, drawsFor, tokenInstants } from "./timing.ts";
import { argumentPieces, type Tool, type ToolCall, type ToolChoice, toolCall } from "./tool-call.ts";

/** What either shape asks for, in the same words. */
export interface Ask {
  readonly model: string;
  readonly prompt: Prompt;
  readonly stream: boolean;
  readonly maxTokens: number;
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice;
  /** The last message is a tool's result. */
  readonly afterResult: boolean;
  /** JSON Schema the answer's text must fit; undefined for plain text. */
  readonly schema?: unknown;
}

/** What the model says, in tokens with their instants. */
export interface Generation {
  readonly id: string;
  readonly content:
    | { readonly type: "text"; readonly tokens: readonly string[] }
    | { readonly type: "tool"; readonly call: ToolCall; readonly tokens: readonly string[] };
  /** ms from the start, one a token. */
  readonly instants: readonly number[];
  readonly truncated: boolean;
}

export const generate = (stub: StubModel, seed: number, request: StubRequest, ask: Ask): Generation => {
  const draws = drawsFor(stub, seed, fingerprint(request.method, request.path, request.body));
  const call = toolCall(ask.tools, ask.toolChoice, ask.prompt, ask.afterResult);
  if (call !== null) {
    const tokens = argumentPieces(call.arguments);
    // A call is never cut by max_tokens: half a call is what the fault tool-args-corrupt is for.
    const instants = tokenInstants(draws, tokens.length);
    return { id: draws.id, content: { type: "tool", call, tokens }, instants, truncated: false };
  }
  const wanted = textTokens(ask, draws);
  const tokens = wanted.slice(0, ask.maxTokens);
  return {
    id: draws.id,
    content: { type: "text", tokens },
    instants: tokenInstants(draws, tokens.length),
    truncated: tokens.length < wanted.length,
  };
};

const textTokens = (ask: Ask, draws: Draws): string[] =>
  ask.schema === undefined
    ? answerTokens(ask.prompt, draws)
    : argumentPieces(JSON.stringify(jsonFromSchema(ask.schema, ask.prompt)));

export const lastInstant = ({ instants }: Generation): number => instants.at(-1) ?? 0;

/** One server-sent event. */
export const eventPiece = (atMs: number, value: unknown, event?: string): Piece => ({
  atMs,
  text: `${event === undefined ? "" : `event: ${event}\n`}data: ${JSON.stringify(value)}\n\n`,
});
