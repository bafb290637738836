/**
 * The service: POST /answer {question, stream} -> embedding -> vector search -> model -> answer.
 *
 * Where a dependency fails before the first word, the answer is a fallback and says so (source: "fallback"); later, it is
 * an error. Nothing that looks whole is not.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { ask, embed } from "./model.ts";
import { type Reply, sendJson, streamed, whole } from "./reply.ts";
import { type Caller, readJson, Unavailable, Upstream } from "./upstream.ts";

const FALLBACK = "We can not look that up just now. Please see the help pages, or write to us.";
const LARGEST_BODY_BYTES = 64 * 1024;
/** Longer than any balancer keeps an idle connection: it closes first, never we under its request. */
const KEEP_ALIVE_MS = 65_000;

const llm = new Upstream(process.env["LLM_URL"] ?? "http://127.0.0.1:9000");
const vector = new Upstream(process.env["VECTOR_URL"] ?? "http://127.0.0.1:6333");

interface Question {
  readonly question: string;
  readonly stream: boolean;
}

const readQuestion = async (request: IncomingMessage): Promise<Question> => {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) {
    text += chunk;
    if (text.length > LARGEST_BODY_BYTES) throw new Error("the body is too large");
  }
  const { question, stream } = JSON.parse(text) as { question?: unknown; stream?: unknown };
  if (typeof question !== "string") throw new Error("question must be a string");
  return { question, stream: stream === true };
};

const findContext = async (question: string, caller: Caller): Promise<string> => {
  const embedding = await embed(llm, question, caller);
  const response = await vector.call("/search", { vector: embedding, limit: 2 }, caller);
  const { hits } = (await readJson(response)) as { hits: readonly { text: string }[] };
  return hits.map(({ text }) => text).join("\n\n");
};

const answer = async (question: string, reply: Reply, caller: Caller): Promise<void> => {
  let begun = false;
  let finishReason: string | null = null;
  try {
    const context = await findContext(question, caller);
    for await (const piece of ask(llm, question, context, caller)) {
      finishReason = piece.finishReason;
      if (piece.text === "") continue;
      begun = true;
      reply.write(piece.text, "model");
    }
    reply.end(finishReason, "model");
  } catch (error) {
    if (caller.signal.aborted) return;
    if (begun || !(error instanceof Unavailable)) return reply.fail(String(error));
    reply.write(FALLBACK, "fallback");
    reply.end("stop", "fallback");
  }
};

const handleAnswer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const { question, stream } = await readQuestion(request);
  const traceparent = request.headers["traceparent"];
  await answer(question, stream ? streamed(response) : whole(response), {
    signal: gone.signal,
    traceparent: typeof traceparent === "string" ? traceparent : undefined,
  });
};

/** Ready when both dependencies answer: a balancer must not send what could only get a fallback. */
const isReady = async (): Promise<boolean> => {
  const looks = await Promise.all([llm.isUp("/v1/models"), vector.isUp("/healthz")]);
  return looks.every(Boolean);
};

const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  if (request.url === "/healthz") sendJson(response, 200, { ok: true });
  else if (request.url === "/readyz") {
    const ready = await isReady();
    sendJson(response, ready ? 200 : 503, { ready });
  } else if (request.method === "POST" && request.url === "/answer") await handleAnswer(request, response);
  else sendJson(response, 404, { error: { message: "not found" } });
};

const server = createServer((request, response) => {
  handle(request, response).catch((error: unknown) => {
    if (response.headersSent) response.destroy();
    else sendJson(response, 400, { error: { message: String(error) } });
  });
});
server.keepAliveTimeout = KEEP_ALIVE_MS;
server.headersTimeout = KEEP_ALIVE_MS + 1000;
server.listen({ host: process.env["HOST"] ?? "127.0.0.1", port: Number(process.env["PORT"] ?? 8000) });
