import type { Socket } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import type { Behaviour } from "./raw-server.ts";

// Answers that end with FIN say so, or a reusing client would race with it.
const STREAM_HEAD =
  "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n";

export const chunk = (text: string | Buffer): Buffer => {
  const bytes = Buffer.from(text as string);
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
};

/** One OpenAI chat chunk as an event. */
export const delta = (content: string, finish: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ delta: { content }, finish_reason: finish }] })}\n\n`;

export const DONE = "data: [DONE]\n\n";
export const LAST = "0\r\n\r\n";

/** Runs `step` every `everyMs` until the socket is gone. */
const drip = (socket: Socket, everyMs: number, step: () => void): void => {
  const timer = setInterval(step, everyMs);
  socket.once("close", () => clearInterval(timer));
};

const streamOf =
  (...parts: readonly string[]): Behaviour =>
  (socket) => {
    socket.write(STREAM_HEAD);
    for (const part of parts) socket.write(chunk(part));
    socket.end(LAST);
  };

/** Answers with fixed bytes, then FIN. */
export const answer =
  (headers: Readonly<Record<string, string>>, body: string | Buffer, status = "200 OK"): Behaviour =>
  (socket) => {
    const bytes = Buffer.from(body as string);
    const lines = Object.entries({
      connection: "close",
      "content-length": String(bytes.length),
      ...headers,
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`HTTP/1.1 ${status}\r\n${lines.join("")}\r\n`);
    socket.end(bytes);
  };

const JSON_TYPE = { "content-type": "application/json" };
const EVENTS = { "content-type": "text/event-stream" };
const whole = delta("Hel") + delta("lo", "stop") + DONE;

const chat = (content: string, finish: string | null): string =>
  JSON.stringify({ id: "x", choices: [{ message: { role: "assistant", content }, finish_reason: finish }] });

const anthropic = (event: string, data: object): string =>
  `event: ${event}\ndata: ${JSON.stringify({ type: event, ...data })}\n\n`;

/** Sends RST once what was written has left the machine. */
const thenReset = (socket: Socket, bytes: Buffer): void => {
  socket.write(bytes, () => setTimeout(() => socket.resetAndDestroy(), 30));
};

/** Servers that answer as they should, in many ways. */
export const CORRECT: Readonly<Record<string, Behaviour>> = {
  "/json": answer(JSON_TYPE, '{"answer":42}'),
  "/chat": answer(JSON_TYPE, chat("Hello", "stop")),
  "/length": answer(JSON_TYPE, chat("Hello", "length")),
  "/stream": streamOf(delta("Hel"), delta("lo", "stop"), DONE),
  "/stream-split": (socket) => {
    // One byte a chunk: events, UTF-8 and chunk framing all meet chunk borders.
    socket.write(STREAM_HEAD);
    for (const byte of Buffer.from(delta("Grüße", "stop") + DONE)) socket.write(chunk(Buffer.from([byte])));
    socket.end(LAST);
  },
  "/stream-crlf": streamOf(whole.replaceAll("\n", "\r\n")),
  "/anthropic": streamOf(
    anthropic("message_start", { message: {} }),
    anthropic("content_block_delta", { delta: { type: "text_delta", text: "Hello" } }),
    anthropic("message_delta", { delta: { stop_reason: "end_turn" } }),
    anthropic("message_stop", {}),
  ),
  "/ndjson": answer(
    { "content-type": "application/x-ndjson" },
    '{"response":"Hel","done":false}\n{"response":"lo","done_reason":"stop"}\n',
  ),
  "/early-hints": (socket, head) => {
    socket.write("HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n");
    answer(JSON_TYPE, "{}")(socket, head);
  },
  "/no-content": answer({}, "", "204 No Content"),
  "/gzip": answer({ ...JSON_TYPE, "content-encoding": "gzip" }, gzipSync('{"answer":42}')),
  "/br": answer({ ...JSON_TYPE, "content-encoding": "br" }, brotliCompressSync('{"answer":42}')),
  "/deflate": answer({ ...JSON_TYPE, "content-encoding": "deflate" }, deflateSync('{"answer":42}')),
  "/gzip-stream": answer({ ...EVENTS, "content-encoding": "gzip" }, gzipSync(whole)),
  "/until-close": (socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\nall of it"),
  "/reset-after-done": (socket) =>
    thenReset(socket, Buffer.concat([Buffer.from(STREAM_HEAD), chunk(delta("Hello", "stop")), chunk(DONE)])),
  "/open-after-done": (socket) => {
    socket.write(STREAM_HEAD);
    socket.write(chunk(delta("Hello", "stop") + DONE));
  },
  "/meta-then-words": streamOf('data: {"sources":[]}\n\n', "data: Hello\n\n", DONE),
  "/degraded-header": answer({ ...JSON_TYPE, "x-fallback": "1" }, "{}"),
  "/degraded-json": answer(JSON_TYPE, '{"meta":{"fallback":true}}'),
  "/degraded-text": answer({ "content-type": "text/plain" }, "Sorry, please try again later."),
  "/degraded-event": streamOf('data: {"meta":{"fallback":true},"text":"Sorry"}\n\n', DONE),
};

/** Servers that lie, break off, fall silent or talk nonsense. */
export const HOSTILE: Readonly<Record<string, Behaviour>> = {
  "/rst-mid-chunk": (socket) =>
    thenReset(
      socket,
      Buffer.concat([Buffer.from(STREAM_HEAD), chunk(delta("Hel")), Buffer.from("ff\r\ndata")]),
    ),
  "/fin-mid-chunk": (socket) =>
    socket.end(Buffer.concat([Buffer.from(STREAM_HEAD), chunk(delta("Hel")), Buffer.from("ff\r\ndata")])),
  "/rst-at-once": (socket) => socket.resetAndDestroy(),
  "/fin-at-once": (socket) => socket.end(),
  "/zero-chunk": streamOf(delta("Hel")),
  "/cut-but-done": streamOf(delta("Hel"), DONE),
  "/events-until-close": (socket) =>
    socket.end(`HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n${delta("Hel")}`),
  "/null-finish": answer(JSON_TYPE, chat("Hel", null)),
  "/silent-headers": () => undefined,
  "/silent-first-content": (socket) => {
    socket.write(STREAM_HEAD);
    drip(socket, 50, () => socket.write(chunk(": ping\n\nevent: ping\ndata: {}\n\n")));
  },
  "/silent-between": (socket) => {
    socket.write(STREAM_HEAD);
    socket.write(chunk(delta("Hel")));
    drip(socket, 50, () => socket.write(chunk(": ping\n\n")));
  },
  "/never-ends": (socket) => {
    socket.write(STREAM_HEAD);
    drip(socket, 50, () => socket.write(chunk(delta("again "))));
  },
  "/only-1xx": (socket) => {
    drip(socket, 50, () => socket.write("HTTP/1.1 102 Processing\r\n\r\n"));
  },
  "/endless-headers": (socket) => {
    socket.write("HTTP/1.1 200 OK\r\n");
    drip(socket, 1, () => socket.write(`x-filler-${"y".repeat(1000)}: 1\r\n`));
  },
  "/garbage": (socket) => socket.end("\u0000\u0001\u0002 this is no HTTP at all\r\n\r\n"),
  "/bad-chunk-size": (socket) => socket.end(`${STREAM_HEAD}zz\r\nnonsense\r\n`),
  "/unasked-upgrade": (socket) =>
    socket.end("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n"),
  "/short-body": answer({ ...JSON_TYPE, "content-length": "500" }, '{"answer":'),
  "/long-body": answer({ ...JSON_TYPE, "content-length": "2" }, '{}{"more":1}'),
  "/broken-json": answer(JSON_TYPE, '{"answer":4'),
  "/invalid-utf8": answer(JSON_TYPE, Buffer.from([0x22, 0xc3, 0x28, 0xff, 0x22])),
  "/invalid-utf8-stream": answer(
    EVENTS,
    Buffer.concat([Buffer.from("data: "), Buffer.from([0xc3, 0x28]), Buffer.from(`\n\n${whole}`)]),
  ),
  "/broken-event": streamOf(delta("Hel"), 'data: {"choices":[{"del\n\n', delta("lo", "stop"), DONE),
  "/error-event": streamOf(delta("Hel"), 'data: {"error":{"message":"overloaded"}}\n\n', DONE),
  "/error-event-anthropic": streamOf(anthropic("error", { error: { type: "overloaded_error" } })),
  "/error-in-200": answer(JSON_TYPE, '{"error":{"message":"no capacity"}}'),
  "/status-500": answer(JSON_TYPE, '{"error":"x"}', "500 Internal Server Error"),
  "/status-429-reset": (socket) =>
    thenReset(socket, Buffer.from("HTTP/1.1 429 Too Many Requests\r\ncontent-length: 50\r\n\r\nslow")),
  "/gzip-garbage": answer({ ...JSON_TYPE, "content-encoding": "gzip" }, "not gzip at all"),
  "/gzip-cut": answer(
    { ...JSON_TYPE, "content-encoding": "gzip" },
    gzipSync('{"answer":42}').subarray(0, 20),
  ),
  "/redirect": answer({ location: "/json" }, "", "302 Found"),
};

/** Servers that send far too much. */
export const oversized = (): Readonly<Record<string, Behaviour>> => ({
  "/long-line": streamOf("data: ".padEnd(10 * 1024 * 1024, "x")),
  /** 100 MiB of zeros in less than 1 MB. */
  "/gzip-bomb": answer(
    { ...EVENTS, "content-encoding": "gzip" },
    gzipSync(Buffer.alloc(100 * 1024 * 1024), { level: 1 }),
  ),
  "/long-text": answer({ "content-type": "text/plain" }, Buffer.alloc(20 * 1024 * 1024, "x")),
});
