/** The model's provider: embeddings and streamed chat completions. */
import type { IncomingMessage } from "node:http";
import { type Caller, readJson, Unavailable, type Upstream } from "./upstream.ts";

export interface Piece {
  readonly text: string;
  /** Of the last piece alone. */
  readonly finishReason: string | null;
}

interface Chunk {
  readonly choices: readonly { delta: { content?: string }; finish_reason: string | null }[];
}

export const embed = async (llm: Upstream, text: string, caller: Caller): Promise<readonly number[]> => {
  const response = await llm.call("/v1/embeddings", { model: "embed-1", input: text }, caller);
  const { data } = (await readJson(response)) as { data: readonly { embedding: readonly number[] }[] };
  const vector = data[0]?.embedding;
  if (vector === undefined) throw new Unavailable("no embedding");
  return vector;
};

/** Null where the chunk is malformed: one word is lost then, not the answer. */
const parseChunk = (data: string): Chunk | null => {
  try {
    return JSON.parse(data) as Chunk;
  } catch {
    return null;
  }
};

const dataLines = async function* (response: IncomingMessage): AsyncGenerator<string> {
  let rest = "";
  for await (const part of response.setEncoding("utf8")) {
    const lines = (rest + String(part)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.startsWith("data:")) yield line.slice("data:".length).trim();
  }
};

const readPieces = async function* (response: IncomingMessage): AsyncGenerator<Piece> {
  for await (const data of dataLines(response)) {
    if (data === "[DONE]") break;
    const choice = parseChunk(data)?.choices?.[0];
    if (choice?.delta?.content) yield { text: choice.delta.content, finishReason: null };
    if (choice?.finish_reason) {
      yield { text: "", finishReason: choice.finish_reason };
      return;
    }
  }
  throw new Unavailable("the stream ended without a finish reason");
};

/** Pieces of the answer as they come. @throws Unavailable, before the first or between two of them */
export const ask = async function* (
  llm: Upstream,
  question: string,
  context: string,
  caller: Caller,
): AsyncGenerator<Piece> {
  const messages = [
    { role: "system", content: `Answer from this text only.\n${context}` },
    { role: "user", content: question },
  ];
  const response = await llm.call(
    "/v1/chat/completions",
    { model: "chat-1", stream: true, messages },
    caller,
  );
  try {
    yield* readPieces(response);
  } catch (error) {
    throw error instanceof Unavailable ? error : new Unavailable(`the stream broke off: ${String(error)}`);
  } finally {
    // Read to its end where that has come, so that the connection can be used again; else given up.
    if (!response.complete) response.destroy();
  }
};
