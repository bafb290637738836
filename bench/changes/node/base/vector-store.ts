/** The vector store: a small index over HTTP. What its texts say does not matter here; that it always finds the same does. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

const DIMENSIONS = 256;
const TEXTS = 40;

/** A vector of its own for each text: a linear congruential sequence (Numerical Recipes), from its number. */
const vectorOf = (text: number): readonly number[] => {
  let state = text + 1;
  return Array.from({ length: DIMENSIONS }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32 - 0.5;
  });
};

const points = Array.from({ length: TEXTS }, (_, number) => ({
  text: `Help page ${number}: what to do, whom to ask, and how long it takes.`,
  vector: vectorOf(number),
}));

const search = (vector: readonly number[], limit: number): readonly { text: string; score: number }[] =>
  points
    .map(({ text, vector: own }) => ({
      text,
      score: own.reduce((sum, value, index) => sum + value * (vector[index] ?? 0), 0),
    }))
    .toSorted((a, b) => b.score - a.score)
    .slice(0, limit);

const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const send = (status: number, body: unknown): void => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
  if (request.url === "/healthz") return send(200, { points: points.length });
  if (request.method !== "POST" || request.url !== "/search") return send(404, { error: "not found" });
  try {
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += chunk;
    const { vector, limit } = JSON.parse(text) as { vector: readonly number[]; limit: number };
    send(200, { hits: search(vector, limit) });
  } catch (error) {
    send(400, { error: String(error) });
  }
};

const server = createServer((request, response) => void handle(request, response));
server.keepAliveTimeout = 60_000;
server.listen({ host: process.env["HOST"] ?? "127.0.0.1", port: Number(process.env["PORT"] ?? 6333) });
