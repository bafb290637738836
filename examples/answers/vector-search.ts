/** The vector search that the answering service depends on: a small index of its own, over HTTP. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { ENTRIES, embed, type SparseVector, similarity } from "./embed.ts";

const points = ENTRIES.map(({ id, question, answer }) => ({
  id,
  question,
  answer,
  vector: embed(`${question} ${question} ${answer}`),
}));

const search = (vector: SparseVector, limit: number) =>
  points
    .map(({ id, question, answer, vector: own }) => ({
      id,
      question,
      answer,
      score: similarity(vector, own),
    }))
    .sort((a, b) => b.score - a.score || a.id.localeCompare(b.id))
    .slice(0, limit);

const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const answer = (status: number, body: unknown): void => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
  if (request.url === "/healthz") return answer(200, { points: points.length });
  if (request.method !== "POST" || request.url !== "/search") return answer(404, { error: "not found" });
  try {
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += chunk;
    const { vector, limit } = JSON.parse(text) as { vector: SparseVector; limit: number };
    answer(200, { hits: search(vector, limit) });
  } catch (error) {
    answer(400, { error: String(error) });
  }
};

const server = createServer((request, response) => void handle(request, response));
server.keepAliveTimeout = 60_000;
// Loopback alone, unless its container says HOST: there others must reach it.
server.listen({ host: process.env["HOST"] ?? "127.0.0.1", port: Number(process.env["PORT"] ?? 6333) });
