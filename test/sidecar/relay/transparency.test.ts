import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { edgeTo, exchange, listen, placed, sidecar, type TestSidecar, until } from "../support/peers.ts";

interface Message {
  readonly request: Buffer;
  readonly response: Buffer;
  readonly closes: boolean;
}

const token = fc.string({ unit: fc.constantFrom(..."abcXYZ-09".split("")), minLength: 1, maxLength: 12 });
const value = fc.string({ unit: fc.constantFrom(..."abc XYZ=;,/é09\t".split("")), maxLength: 20 });
const headers = fc
  .array(fc.tuple(token, fc.constantFrom(": ", ":", ":  "), value), { maxLength: 5 })
  .map((list) => list.map(([name, colon, text]) => `X-${name}${colon}${text}\r\n`).join(""));
const body = fc.uint8Array({ maxLength: 3_000 }).map((bytes) => Buffer.from(bytes));

/** Chunked framing with odd sizes, extensions and trailers. */
const chunked = fc
  .tuple(
    fc.array(
      fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 700 }), fc.constantFrom("", ";a=b", ' ;q="x"')),
      { maxLength: 6 },
    ),
    fc.constantFrom("", "X-Trailer: 1\r\n", "A: b\r\nC: d\r\n"),
    fc.constantFrom("0", "000"),
  )
  .map(([chunks, trailers, zero]) =>
    Buffer.concat([
      ...chunks.flatMap(([bytes, extension], index) => [
        Buffer.from(
          `${index % 2 === 0 ? bytes.length.toString(16).toUpperCase() : `0${bytes.length.toString(16)}`}${extension}\r\n`,
        ),
        Buffer.from(bytes),
        Buffer.from("\r\n"),
      ]),
      Buffer.from(`${zero}\r\n${trailers}\r\n`),
    ]),
  );

const framedBody = fc.oneof(
  body.map((bytes) => ({ head: `Content-Length: ${bytes.length}\r\n`, bytes })),
  chunked.map((bytes) => ({ head: "tRANSFER-eNCODING: Chunked\r\n", bytes })),
);

const request = fc
  .tuple(
    fc.constantFrom("GET", "POST", "HEAD", "DELETE", "PURGE"),
    headers,
    fc.option(framedBody),
    fc.constantFrom("", "\r\n"),
  )
  .map(([method, fields, framed, before]) => ({
    method,
    bytes: Buffer.concat([
      Buffer.from(
        `${before}${method} /p?x=1 HTTP/1.1\r\nHost: x\r\n${fields}${framed?.head ?? ""}\r\n`,
        "latin1",
      ),
      framed?.bytes ?? Buffer.alloc(0),
    ]),
  }));

const responseTo = (method: string): fc.Arbitrary<{ bytes: Buffer; closes: boolean }> =>
  fc
    .tuple(
      fc.constantFrom("", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
      fc.constantFrom("200 OK", "404 ", "204 No Content", "304 Not Modified", "500"),
      headers,
      fc.option(framedBody, { freq: 5 }),
      body,
    )
    .map(([interim, status, fields, framed, rest]) => {
      const bodiless = method === "HEAD" || /^(204|304)/.test(status);
      const closes = framed === null && !bodiless;
      const head = `${interim}HTTP/1.1 ${status}\r\n${fields}${framed?.head ?? ""}\r\n`;
      const bytes = bodiless ? Buffer.alloc(0) : (framed?.bytes ?? rest);
      return { bytes: Buffer.concat([Buffer.from(head, "latin1"), bytes]), closes };
    });

const message: fc.Arbitrary<Message> = request.chain((sent) =>
  responseTo(sent.method).map((answer) => ({
    request: sent.bytes,
    response: answer.bytes,
    closes: answer.closes,
  })),
);
/** Messages of one connection: only the last answer may be delimited by its close. */
const conversation = fc
  .array(message, { minLength: 1, maxLength: 4 })
  .filter((list) => list.slice(0, -1).every((one) => !one.closes));

const split = (bytes: Buffer, points: readonly number[]): Buffer[] => {
  const cuts = [...new Set(points.map((point) => Math.floor(point * bytes.length)))].sort((a, b) => a - b);
  return [0, ...cuts]
    .map((from, index) => bytes.subarray(from, cuts[index] ?? bytes.length))
    .filter((piece) => piece.length > 0);
};
const points = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { maxLength: 8 });

/** Plays the conversation pipelined, and gives back what both peers received. */
const play = async (
  viaPort: (upstream: number) => number,
  messages: readonly Message[],
  requestPoints: readonly number[],
  responsePoints: readonly number[],
  upstream: { port: number; onSocket: ((socket: Socket) => void) | null },
): Promise<{ up: Buffer; down: Buffer; end: string }> => {
  const requests = Buffer.concat(messages.map((one) => one.request));
  const responses = split(Buffer.concat(messages.map((one) => one.response)), responsePoints);
  const got: Buffer[] = [];
  let length = 0;
  upstream.onSocket = (socket) => {
    socket.on("data", (chunk: Buffer) => {
      got.push(chunk);
      length += chunk.length;
      if (length < requests.length) return;
      const send = (index: number): void => {
        const piece = responses[index];
        if (piece === undefined) socket.end();
        else socket.write(piece, () => setImmediate(send, index + 1));
      };
      if (length === requests.length) send(0);
    });
    socket.on("end", () => socket.end());
  };
  const answer = await exchange(viaPort(upstream.port), split(requests, requestPoints));
  return { up: Buffer.concat(got), down: answer.bytes, end: answer.end };
};

test("both peers receive the same bytes through the sidecar as directly", async () => {
  const upstream = { port: 0, onSocket: null as ((socket: Socket) => void) | null };
  await using server = await listen((socket) => upstream.onSocket?.(socket));
  upstream.port = server.port;
  await using proxy = await sidecar([edgeTo(server.port)]);
  await fc.assert(
    fc.asyncProperty(conversation, points, points, async (messages, requestPoints, responsePoints) => {
      const direct = await play((port) => port, messages, requestPoints, responsePoints, upstream);
      const relayed = await play(() => proxy.port("llm"), messages, requestPoints, responsePoints, upstream);
      expect(relayed.up.equals(direct.up)).toBe(true);
      expect(relayed.down.equals(direct.down)).toBe(true);
      expect(relayed.end).toBe(direct.end);
    }),
    { numRuns: 150 },
  );
  const records = await proxy.records();
  expect(records.filter((record) => record.end !== "complete")).toEqual([]);
});

/** Through a fault that could strike, requests of one connection follow one another: so the server answers each at once. */
test("a fault that spares the calls leaves every byte as it is", async () => {
  const upstream = { onSocket: null as ((socket: Socket) => void) | null };
  await using server = await listen((socket) => upstream.onSocket?.(socket));
  await using proxy = await sidecar([edgeTo(server.port)]);
  await proxy.setFaults([placed({ kind: "reset" }, { type: "keys", keys: ["nobody~0"] })]);
  await fc.assert(
    fc.asyncProperty(message, points, points, async (one, requestPoints, responsePoints) => {
      const play_ = (port: number) =>
        play(() => port, [one], requestPoints, responsePoints, {
          port,
          get onSocket() {
            return upstream.onSocket;
          },
          set onSocket(to) {
            upstream.onSocket = to;
          },
        });
      const direct = await play_(server.port);
      const relayed = await play_(proxy.port("llm"));
      expect(relayed.up.equals(direct.up)).toBe(true);
      expect(relayed.down.equals(direct.down)).toBe(true);
    }),
    { numRuns: 100 },
  );
});

test("pipelined requests wait for each other under a fault, and all are answered", async () => {
  await using server = await listen((socket) => {
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      for (let end = text.indexOf("\r\n\r\n"); end >= 0; end = text.indexOf("\r\n\r\n")) {
        const path = text.split(" ", 2)[1] ?? "";
        text = text.slice(end + 4);
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${path.length}\r\n\r\n${path}`);
      }
    });
    socket.on("end", () => socket.end());
  });
  await using proxy = await sidecar([edgeTo(server.port)]);
  await proxy.setFaults([
    placed(
      { kind: "http-error", status: 503, headers: {}, body: "no" },
      { type: "pattern", pattern: [false, true, false] },
    ),
  ]);
  const requests = ["/1", "/2", "/3"].map((path) => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`).join("");
  const answer = await exchange(proxy.port("llm"), requests, { fin: true });
  const bodies = [...answer.bytes.toString().matchAll(/HTTP\/1.1 (\d+)[\s\S]*?\r\n\r\n(..)/g)].map(
    (match) => [match[1], match[2]],
  );
  expect(bodies).toEqual([
    ["200", "/1"],
    ["503", "no"],
    ["200", "/3"],
  ]);
});

test("an upgraded connection carries binary both ways, and half-closes", async () => {
  const sent = randomBytes(200_000);
  const back = randomBytes(200_000);
  const received: Buffer[] = [];
  await using server = await listen((socket) => {
    let head = true;
    socket.on("data", (chunk: Buffer) => {
      if (head) {
        head = false;
        socket.write("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n");
        socket.write(back);
      } else received.push(chunk);
    });
    socket.on("end", () => socket.end("bye"));
  });
  await using proxy = await sidecar([edgeTo(server.port)]);
  const client = connect({ port: proxy.port("llm"), host: "127.0.0.1", allowHalfOpen: true });
  const got: Buffer[] = [];
  client.on("data", (chunk: Buffer) => {
    if (got.length === 0) client.end(sent);
    got.push(chunk);
  });
  client.write("GET /ws HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: x\r\n\r\n");
  await once(client, "end");
  const text = Buffer.concat(got);
  expect(text.subarray(text.indexOf("\r\n\r\n") + 4).equals(Buffer.concat([back, Buffer.from("bye")]))).toBe(
    true,
  );
  expect(Buffer.concat(received).equals(sent)).toBe(true);
  await until(async () =>
    (await proxy.records()).some((record) => record.status === 101 && record.end === "complete"),
  );
});

const sha = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

test("20 MB pass either way unchanged", async () => {
  const size = 20 * 1024 * 1024;
  const upload = randomBytes(size);
  const download = randomBytes(size);
  const hash = createHash("sha256");
  await using server = await listen((socket) => {
    let left = -1;
    socket.on("data", (chunk: Buffer) => {
      const start = left < 0 ? chunk.indexOf("\r\n\r\n") + 4 : 0;
      if (left < 0) left = size;
      hash.update(chunk.subarray(start));
      left -= chunk.length - start;
      if (left === 0) {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n`);
        socket.end(download);
      }
    });
  });
  await using proxy = await sidecar([edgeTo(server.port)]);
  const head = Buffer.from(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${size}\r\n\r\n`);
  const answer = await exchange(proxy.port("llm"), [head, upload]);
  expect(hash.digest("hex")).toBe(sha(upload));
  expect(sha(answer.bytes.subarray(answer.bytes.indexOf("\r\n\r\n") + 4))).toBe(sha(download));
});

test("what is not HTTP passes as bytes, and is called malformed in the record", async () => {
  await using server = await listen((socket) => {
    socket.on("data", (chunk: Buffer) => socket.write(chunk));
    socket.on("end", () => socket.end());
  });
  await using proxy: TestSidecar = await sidecar([edgeTo(server.port)]);
  const bytes = Buffer.concat([
    Buffer.from([0x16, 3, 1, 0, 5, 0, 1, 2]),
    Buffer.from("\r\n\r\n rest\r\n\r\n"),
  ]);
  const answer = await exchange(proxy.port("llm"), bytes, { fin: true });
  expect(answer.bytes.equals(bytes)).toBe(true);
  await until(async () => (await proxy.records()).length === 1);
  expect((await proxy.records())[0]?.end).toBe("malformed");
});
