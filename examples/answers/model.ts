/**
 * Asks the language model, carefully: one retry, a cap on how long a Retry-After is honoured, a deadline for each
 * call. What it cannot get in time it reports as ModelUnavailable, and the service answers from the FAQ instead.
 */
import { EventSourceParserStream } from "eventsource-parser/stream";

export class ModelUnavailable extends Error {}

export interface Ask {
  readonly url: string;
  readonly question: string;
  readonly context: string;
  /** Ends the call when the client goes away. */
  readonly signal: AbortSignal;
}

export type AskModel = (ask: Ask) => AsyncIterable<string>;

const CALL_DEADLINE_MS = 1500;
const LONGEST_RETRY_WAIT_MS = 200;
const ATTEMPTS = 2;

export const requestBody = ({ question, context }: Ask): string =>
  JSON.stringify({
    model: "answers-1",
    stream: true,
    messages: [
      { role: "system", content: `Answer the customer's question from this text only.\n${context}` },
      { role: "user", content: question },
    ],
  });

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const open = async (ask: Ask, body: string): Promise<Response> => {
  let reason = "";
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    try {
      const response = await fetch(`${ask.url}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
        signal: AbortSignal.any([ask.signal, AbortSignal.timeout(CALL_DEADLINE_MS)]),
      });
      if (response.ok && response.body !== null) return response;
      await response.body?.cancel();
      reason = `status ${response.status}`;
      if (response.status < 500 && response.status !== 429) break;
      const retryAfterMs = Number(response.headers.get("retry-after") ?? "0.1") * 1000;
      await wait(
        Math.min(LONGEST_RETRY_WAIT_MS, Number.isFinite(retryAfterMs) ? retryAfterMs : LONGEST_RETRY_WAIT_MS),
      );
    } catch (error) {
      reason = String(error);
    }
  }
  throw new ModelUnavailable(reason);
};

/** Text of one event; null at the end of the stream. Shared with the careless version: streams are read the same way. */
export const readTokens = async function* (response: Response): AsyncGenerator<string> {
  let finished = false;
  const events = (response.body as ReadableStream<Uint8Array<ArrayBuffer>>)
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream());
  for await (const { data } of events) {
    if (data === "[DONE]") break;
    const { choices } = JSON.parse(data) as {
      choices: { delta: { content?: string }; finish_reason: string | null }[];
    };
    const choice = choices[0];
    if (choice?.delta.content) yield choice.delta.content;
    if (choice?.finish_reason) finished = true;
  }
  if (!finished) throw new ModelUnavailable("the stream ended without a finish reason");
};

export const askModel: AskModel = async function* (ask) {
  const response = await open(ask, requestBody(ask));
  yield* readTokens(response);
};
