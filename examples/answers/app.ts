/**
 * The answering service: find the FAQ entries that fit, let the model word the answer, stream it.
 *
 *   POST /answer {question, stream} -> vector search -> language model -> answer (JSON, or server-sent events)
 *
 * Where the model fails before its first word, the best FAQ entry is the answer, and says so (source: "faq").
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { embed } from "./embed.ts";
import { type AskModel, ModelUnavailable } from "./model.ts";

export interface AppOptions {
  readonly llmUrl: string;
  readonly vectorUrl: string;
  readonly askModel: AskModel;
  /** Answer from the FAQ where the model cannot. */
  readonly fallback: boolean;
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

interface Hit {
  readonly id: string;
  readonly question: string;
  readonly answer: string;
}

interface Answer {
  write(text: string): void;
  end(source: "model" | "faq"): void;
  fail(status: number, reason: string): void;
}

/** What its owner watches: how often it had to fall back, and how often it had no answer at all. */
interface Counters {
  fallbacks: number;
  errors: number;
}

/** Prometheus' text format. */
const metricsText = ({ fallbacks, errors }: Counters): string =>
  [
    "# TYPE answers_fallback_total counter",
    `answers_fallback_total ${fallbacks}`,
    "# TYPE answers_errors_total counter",
    `answers_errors_total ${errors}`,
    "",
  ].join("\n");

const SEARCH_DEADLINE_MS = 400;
const SEARCH_ATTEMPTS = 2;
const LARGEST_BODY_BYTES = 64 * 1024;

const readJson = async (request: IncomingMessage): Promise<{ question: string; stream?: boolean }> => {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) {
    text += chunk;
    if (text.length > LARGEST_BODY_BYTES) throw new Error("the body is too large");
  }
  const body = JSON.parse(text) as { question?: unknown; stream?: boolean };
  if (typeof body.question !== "string") throw new Error("question must be a string");
  return { question: body.question, ...(body.stream === undefined ? {} : { stream: body.stream }) };
};

const search = async (vectorUrl: string, question: string, signal: AbortSignal): Promise<readonly Hit[]> => {
  let reason: unknown;
  for (let attempt = 1; attempt <= SEARCH_ATTEMPTS; attempt++) {
    try {
      const response = await fetch(`${vectorUrl}/search`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ vector: embed(question), limit: 2 }),
        signal: AbortSignal.any([signal, AbortSignal.timeout(SEARCH_DEADLINE_MS)]),
      });
      if (response.ok) return ((await response.json()) as { hits: Hit[] }).hits;
      await response.body?.cancel();
      reason = `status ${response.status}`;
    } catch (error) {
      reason = error;
    }
  }
  throw new Error(`vector search failed: ${String(reason)}`);
};

const streamed = (response: ServerResponse): Answer => {
  const event = (body: unknown): void => {
    if (!response.headersSent) response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(`data: ${JSON.stringify(body)}\n\n`);
  };
  return {
    write: (text) => event({ text }),
    end: (source) => {
      event({ source, done: true });
      response.end("data: [DONE]\n\n");
    },
    fail: (status, reason) => {
      if (response.headersSent) {
        event({ error: { message: reason } });
        response.end();
      } else
        response
          .writeHead(status, { "content-type": "application/json" })
          .end(JSON.stringify({ error: { message: reason } }));
    },
  };
};

const whole = (response: ServerResponse): Answer => {
  let text = "";
  const reply = (status: number, body: unknown): void => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
  return {
    write: (more) => {
      text += more;
    },
    end: (source) => reply(200, { answer: text, source }),
    fail: (status, reason) => reply(status, { error: { message: reason } }),
  };
};

const answerQuestion = async (
  options: AppOptions,
  counters: Counters,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const { question, stream } = await readJson(request);
  const answer = stream === true ? streamed(response) : whole(response);
  try {
    const hits = await search(options.vectorUrl, question, gone.signal);
    const context = hits.map((hit) => `${hit.question}\n${hit.answer}`).join("\n\n");
    let begun = false;
    try {
      for await (const text of options.askModel({
        url: options.llmUrl,
        question,
        context,
        signal: gone.signal,
      })) {
        begun = true;
        answer.write(text);
      }
      answer.end("model");
    } catch (error) {
      if (begun || !options.fallback || !(error instanceof ModelUnavailable)) throw error;
      counters.fallbacks += 1;
      answer.write(hits[0]?.answer ?? "Please contact us.");
      answer.end("faq");
    }
  } catch (error) {
    // Who has hung up is not told of an error.
    if (!gone.signal.aborted) counters.errors += 1;
    answer.fail(
      error instanceof ModelUnavailable ? 502 : 500,
      error instanceof Error ? error.message : String(error),
    );
  }
};

/** Ready when both dependencies answer: a load balancer must not send questions that cannot be answered. */
const isReady = async ({ vectorUrl, llmUrl }: AppOptions): Promise<boolean> => {
  const answers = async (url: string): Promise<boolean> => {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(500) });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  };
  const looks = await Promise.all([answers(`${vectorUrl}/healthz`), answers(`${llmUrl}/v1/models`)]);
  return looks.every(Boolean);
};

export const startApp = (options: AppOptions, address: ListenAddress): Server => {
  const counters: Counters = { fallbacks: 0, errors: 0 };
  const server = createServer((request, response) => {
    const handle = async (): Promise<void> => {
      if (request.url === "/healthz") response.end("ok");
      else if (request.url === "/metrics") response.end(metricsText(counters));
      else if (request.url === "/readyz") response.writeHead((await isReady(options)) ? 200 : 503).end();
      else if (request.method === "POST" && request.url === "/answer")
        await answerQuestion(options, counters, request, response);
      else response.writeHead(404).end();
    };
    handle().catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(400, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { message: String(error) } }));
    });
  });
  return server.listen(address);
};
