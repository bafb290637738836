import { createParser } from "eventsource-parser";
import { Agent, request } from "undici";
import type { ExchangeRecord, Receipt } from "../../../src/core/exchange.ts";
import type { Marks } from "../../../src/core/sidecar-protocol.ts";
import type { StubModel } from "../../../src/core/suite.ts";
import { QUICK } from "../stubs/models.ts";
import { edgeTo, type FaultParameters, listen, placed, sidecar } from "../support/peers.ts";

export interface TimedEvent {
  readonly event: string | undefined;
  readonly data: string;
  /** ms from the moment it was asked for. */
  readonly atMs: number;
}

export interface Heard {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly events: readonly TimedEvent[];
  readonly comments: readonly string[];
  /** Did the message end as HTTP says it must? */
  readonly end: "whole" | "broken";
  readonly firstMs: number;
  readonly endMs: number;
}

export interface ModelEdge extends AsyncDisposable {
  readonly port: number;
  setFault(fault: FaultParameters, marks?: Marks): Promise<void>;
  clear(): Promise<void>;
  ask(body: object | null, path?: string, headers?: Record<string, string>): Promise<Heard>;
  receipt(): Promise<Receipt | undefined>;
  records(): Promise<ExchangeRecord[]>;
}

type Upstream = Parameters<typeof sidecar>[0][number]["upstream"];

const edge = async (upstream: Upstream, name = "llm"): Promise<ModelEdge> => {
  const proxy = await sidecar([{ name, upstream }]);
  // One connection at a time, kept alive: so faults on reused connections can be seen too.
  const agent = new Agent({ connections: 1, pipelining: 1 });
  const port = proxy.port(name);
  return {
    port,
    setFault: (fault, marks) => proxy.setFaults([placed({ ...fault, on: name }, marks)]),
    clear: () => proxy.setFaults([]),
    receipt: async () => (await proxy.receipts()).receipts[0],
    records: () => proxy.records(),
    ask: (body, path = "/v1/chat/completions", headers = {}) => hear(agent, port, body, path, headers),
    [Symbol.asyncDispose]: async () => {
      await agent.destroy();
      await proxy[Symbol.asyncDispose]();
    },
  };
};

const hear = async (
  agent: Agent,
  port: number,
  body: object | null,
  path: string,
  headers: Record<string, string>,
): Promise<Heard> => {
  const started = performance.now();
  const elapsed = (): number => performance.now() - started;
  const events: TimedEvent[] = [];
  const comments: string[] = [];
  const parser = createParser({
    onEvent: ({ event, data }) => events.push({ event, data, atMs: elapsed() }),
    onComment: (comment) => comments.push(comment),
  });
  const answer = await request(`http://127.0.0.1:${port}${path}`, {
    dispatcher: agent,
    method: body === null ? "GET" : "POST",
    headers,
    ...(body === null ? {} : { body: JSON.stringify(body) }),
  });
  const decoder = new TextDecoder();
  let text = "";
  let firstMs = 0;
  let end: Heard["end"] = "whole";
  try {
    for await (const chunk of answer.body) {
      if (text === "") firstMs = elapsed();
      const piece = decoder.decode(chunk as Buffer, { stream: true });
      text += piece;
      parser.feed(piece);
    }
  } catch {
    end = "broken";
  }
  const { statusCode: status } = answer;
  return { status, headers: answer.headers, text, events, comments, end, firstMs, endMs: elapsed() };
};

/** A sidecar in front of a stub, with a client that keeps its connection. `name`: the edge's. */
export const modelEdge = (changes: Partial<StubModel> = {}, name = "llm"): Promise<ModelEdge> =>
  edge({ type: "stub", stub: { ...QUICK, ...changes }, seed: 5 }, name);

/** A sidecar in front of a server that writes these bytes, piece by piece, for any request. */
export const rawEdge = async (pieces: readonly (string | Buffer)[]): Promise<ModelEdge> => {
  const server = await listen((socket) => {
    socket.on("end", () => socket.end());
    socket.on("data", (chunk: Buffer) => {
      // Requests of these tests come in one piece; a body follows its head at once.
      if (!/^(?:GET|POST) /.test(chunk.toString("latin1"))) return;
      const send = (index: number): void => {
        const piece = pieces[index];
        if (piece !== undefined) socket.write(piece, () => setImmediate(send, index + 1));
      };
      send(0);
    });
  });
  const fronted = await edge(edgeTo(server.port).upstream);
  return {
    ...fronted,
    [Symbol.asyncDispose]: async () => {
      await fronted[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
};

export const CHAT = { model: "m", messages: [{ role: "user", content: "When do the boats leave?" }] };
export const STREAM = { ...CHAT, stream: true };
export const MESSAGES = { ...CHAT, max_tokens: 100 };

/** Text of one event of an OpenAI- or Anthropic-shaped stream; throws on malformed ones. */
export const deltaText = ({ data }: TimedEvent): string => {
  if (data === "[DONE]") return "";
  const value = JSON.parse(data) as {
    readonly choices?: readonly { readonly delta: { readonly content?: string } }[];
    readonly delta?: { readonly text?: string };
  };
  return value.choices?.[0]?.delta.content ?? value.delta?.text ?? "";
};

/** Text of a whole stream. */
export const streamedText = (heard: Heard): string => heard.events.map(deltaText).join("");
