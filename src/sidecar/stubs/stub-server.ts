import type { IncomingMessage, ServerResponse } from "node:http";
import type { StubModel } from "../../core/suite.ts";
import { type LocalServer, serveLocally } from "../loopback-server.ts";
import { play } from "../play.ts";
import { readBody } from "../read-body.ts";
import { anthropicStub } from "./anthropic.ts";
import { openaiStub } from "./openai.ts";
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
  return serveLocally((request, response) => void answer(request, response, handler, slots));
};

const answer = async (
  request: IncomingMessage,
  response: ServerResponse,
  handler: StubHandler,
  slots: Slots,
): Promise<void> => {
  const body = await readBody(request, MAX_BODY_BYTES);
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
      ({ text }) => {
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
