import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { StubModel } from "../../core/suite.ts";
import type { LocalServer } from "../local-upstream.ts";
import { anthropicStub } from "./anthropic.ts";
import { openaiStub } from "./openai.ts";
import { play } from "./play.ts";
import { Slots } from "./slots.ts";
import { type GeneratedAnswer, type ImmediateAnswer, JSON_TYPE, type StubHandler } from "./stub.ts";

/** Larger request bodies are answered 413. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

/**
 * A model simulator on a free loopback port. All its times and texts come from `seed` and the request alone.
 *
 * @throws where no port can be had (the operating system's error)
 */
export const startStub = async (stub: StubModel, seed: number): Promise<LocalServer> => {
  const handler = stub.shape === "openai" ? openaiStub(stub, seed) : anthropicStub(stub, seed);
  const slots = new Slots(stub.slots, stub.queue);
  const server = createServer((request, response) => {
    // A client that goes away is no error of the stub's.
    request.on("error", () => {});
    response.on("error", () => {});
    void answer(request, response, handler, slots);
  });
  // The edge in front reuses connections as its clients do: the stub never closes an idle one under it.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.headersTimeout = 0;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: address !== null && typeof address === "object" ? address.port : 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const answer = async (
  request: IncomingMessage,
  response: ServerResponse,
  handler: StubHandler,
  slots: Slots,
): Promise<void> => {
  const body = await readBody(request);
  if (body === "gone" || response.destroyed) return;
  if (body === "too-large") {
    sendAtOnce(response, TOO_LARGE);
    return;
  }
  const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
  const planned = handler({ method: request.method ?? "GET", path, body });
  if (planned.type === "immediate") sendAtOnce(response, planned);
  else generate(response, planned, slots);
};

const TOO_LARGE: ImmediateAnswer = {
  type: "immediate",
  status: 413,
  headers: { "content-type": JSON_TYPE, connection: "close" },
  body: JSON.stringify({
    type: "error",
    error: { type: "request_too_large", message: `the body exceeds ${MAX_BODY_BYTES} bytes` },
  }),
};

const generate = (response: ServerResponse, planned: GeneratedAnswer, slots: Slots): void => {
  let stop: () => void = () => {};
  const leave = slots.enter(() => {
    if (planned.stream) response.writeHead(200, planned.headers).flushHeaders();
    stop = play(
      planned.pieces,
      (text) => {
        if (planned.stream) response.write(text);
        else sendAtOnce(response, { type: "immediate", status: 200, headers: planned.headers, body: text });
      },
      () => response.end(),
    );
  });
  if (leave === null) {
    sendAtOnce(response, planned.overloaded);
    return;
  }
  // "close" comes when the answer is out as well as when the client has gone: either way the slot is free at once.
  response.once("close", () => {
    stop();
    leave();
  });
};

const sendAtOnce = (response: ServerResponse, planned: ImmediateAnswer): void => {
  response.writeHead(planned.status, {
    ...planned.headers,
    "content-length": String(Buffer.byteLength(planned.body)),
  });
  response.end(planned.body);
};

const readBody = async (request: IncomingMessage): Promise<Buffer | "gone" | "too-large"> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // The socket must live on for the answer.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      const buffer = chunk as Buffer;
      bytes += buffer.length;
      if (bytes > MAX_BODY_BYTES) return "too-large";
      chunks.push(buffer);
    }
  } catch {
    return "gone";
  }
  return Buffer.concat(chunks);
};
