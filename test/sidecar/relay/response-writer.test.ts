import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { randomFor } from "../../../src/core/random.ts";
import type { StrikeHooks } from "../../../src/sidecar/faults/fault.ts";
import { Exchange } from "../../../src/sidecar/relay/exchange.ts";
import type { Framing } from "../../../src/sidecar/relay/http-scanner.ts";
import { parseHead } from "../../../src/sidecar/relay/message-head.ts";
import { ResponseWriter } from "../../../src/sidecar/relay/response-writer.ts";
import { LiveStrike } from "../../../src/sidecar/strike.ts";

const strikeWith = (hooks: StrikeHooks): LiveStrike => {
  const strike = new LiveStrike({
    faultId: "f",
    exchange: new Exchange("llm", "http", 0, 0),
    random: randomFor(1),
    host: { cut: () => {}, held: () => {} },
    onHit: () => {},
    onOver: () => {},
  });
  strike.hooks = hooks;
  return strike;
};

/** What comes out when an answer with that head and decoded body pieces goes through the hooks. */
const write = (
  head: string,
  framing: Framing,
  hooks: StrikeHooks,
  pieces: readonly (string | Buffer)[],
  trailers: string | null = null,
) => {
  const parsed = parseHead(Buffer.from(head));
  if (parsed === null) throw new Error("no head");
  const out: Buffer[] = [];
  let ends = 0;
  const writer = new ResponseWriter(parsed, 200, framing, [strikeWith(hooks)], {
    write: (bytes) => out.push(bytes),
    end: () => ends++,
  });
  for (const piece of pieces) {
    if (writer.reframes) writer.data(Buffer.from(piece));
    else writer.raw(Buffer.from(piece));
  }
  writer.end(trailers === null ? null : Buffer.from(trailers));
  return { text: Buffer.concat(out).toString("latin1"), ends, writer };
};

const doubled: StrikeHooks = {
  responseBody: (next) => ({
    write: (bytes) => next.write(Buffer.concat([bytes, bytes])),
    end: () => next.end(),
  }),
};
const HEAD = "HTTP/1.1 200 OK\r\nX-a: 1\r\n";

test("a body of known length gets its corrected length, in the header's own place", () => {
  const got = write(`${HEAD}content-length: 2\r\nz: 1\r\n\r\n`, { type: "length", length: 2 }, doubled, [
    "ab",
  ]);
  expect(got.text).toBe(`${HEAD}content-length: 4\r\nz: 1\r\n\r\nabab`);
  expect(got.ends).toBe(1);
});

test("a chunked body is framed anew, and keeps its trailers", () => {
  const head = `${HEAD}transfer-encoding: chunked\r\n\r\n`;
  const got = write(head, { type: "chunked" }, doubled, ["ab", "c"], "T: 1\r\n\r\n");
  expect(got.text).toBe(`${head}4\r\nabab\r\n2\r\ncc\r\n0\r\nT: 1\r\n\r\n`);
});

test("a body until close stays so", () => {
  const got = write(`${HEAD}\r\n`, { type: "close" }, doubled, ["ab"]);
  expect(got.text).toBe(`${HEAD}\r\nabab`);
});

test("an edited head keeps the body's own framing", () => {
  const head = `${HEAD}content-length: 2\r\n\r\n`;
  const hooks: StrikeHooks = {
    editResponseHead: (edited) => {
      edited.headers = edited.headers.filter(({ name }) => name !== "X-a");
    },
  };
  const got = write(head, { type: "length", length: 2 }, hooks, ["ab"]);
  expect(got.text).toBe("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nab");
});

test("an encoded body passes by the hooks untouched", () => {
  const bytes = gzipSync("ab");
  const head = `${HEAD}content-encoding: gzip\r\ncontent-length: ${bytes.length}\r\n\r\n`;
  const got = write(head, { type: "length", length: bytes.length }, doubled, [bytes]);
  expect(got.text).toBe(head + bytes.toString("latin1"));
});

test("a body too large to collect becomes chunked", () => {
  const size = 3 * 1024 * 1024;
  const head = `${HEAD}content-length: ${size}\r\n\r\n`;
  const got = write(head, { type: "length", length: size }, doubled, [Buffer.alloc(size, "a")]);
  expect(
    got.text.startsWith(`${HEAD}Transfer-Encoding: chunked\r\n\r\n${(2 * size).toString(16)}\r\naaaa`),
  ).toBe(true);
  expect(got.text.endsWith("aaaa\r\n0\r\n\r\n")).toBe(true);
});

test("events reach their hook one by one, and an early end is a proper one", () => {
  let passed = 0;
  const hooks: StrikeHooks = {
    responseEvents: (next) => ({
      event: (event) => {
        next.event(event);
        if (++passed === 2) next.end();
      },
      end: () => next.end(),
    }),
  };
  const head =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n";
  const got = write(head, { type: "chunked" }, hooks, ["data: 1\n\nda", "ta: 2\n\ndata: 3\n\n"]);
  expect(got.text).toBe(`${head}9\r\ndata: 1\n\n\r\n9\r\ndata: 2\n\n\r\n0\r\n\r\n`);
  expect([got.ends, got.writer.endedEarly]).toEqual([1, true]);
  const json = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n";
  expect(write(json, { type: "length", length: 2 }, hooks, ["{}"]).text).toBe(`${json}{}`);
});
