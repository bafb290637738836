/** A remedy that has nothing to do changes nothing that HTTP knows of. */

import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { edgeTo, sidecar } from "../support/peers.ts";
import { setRemedies } from "../support/remedied.ts";

interface Message {
  readonly headers: readonly (readonly [string, string])[];
  readonly chunks: readonly Buffer[];
  readonly chunked: boolean;
}

const name = fc.string({ unit: fc.constantFrom(..."abcXYZ-09".split("")), minLength: 1, maxLength: 12 });
const value = fc.string({ unit: fc.constantFrom(..."abcXYZ=;,/09é".split("")), maxLength: 20 });
const message: fc.Arbitrary<Message> = fc.record({
  headers: fc.array(
    fc.tuple(
      name.map((text) => `X-${text}`),
      value,
    ),
    { maxLength: 6 },
  ),
  chunks: fc.array(
    fc.uint8Array({ minLength: 1, maxLength: 5_000 }).map((bytes) => Buffer.from(bytes)),
    { maxLength: 4 },
  ),
  chunked: fc.boolean(),
});

const flat = ({ headers, chunks, chunked }: Message): string[] => [
  ...headers.flat(),
  ...(chunked ? ["Transfer-Encoding", "chunked"] : ["Content-Length", String(Buffer.concat(chunks).length)]),
];
const ours = (raw: readonly string[]): string[] =>
  raw.filter((_, index) => /^(x-|transfer|content-length)/i.test(raw[index - (index % 2)] ?? ""));

const collect = async (stream: AsyncIterable<unknown>): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

test("headers in order and case, status, and every byte of both bodies", async () => {
  let answer: Message & { readonly status: number } = {
    headers: [],
    chunks: [],
    chunked: false,
    status: 200,
  };
  let seen: { readonly head: readonly string[]; readonly url: string; readonly body: Buffer } | null = null;
  const reply = async (asked: IncomingMessage, response: ServerResponse): Promise<void> => {
    seen = { head: ours(asked.rawHeaders), url: asked.url ?? "", body: await collect(asked) };
    response.writeHead(answer.status, "As It Is", flat(answer));
    for (const chunk of answer.chunks) response.write(chunk);
    response.end();
  };
  const server = createServer((asked, response) => void reply(asked, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  await using proxy = await sidecar([edgeTo((server.address() as AddressInfo).port)]);
  await setRemedies(proxy, [
    { kind: "deadline", afterMs: 60_000 },
    { kind: "circuit-breaker", failures: 1_000, openMs: 1 },
    { kind: "retry", attempts: 1, backoffMs: 0 },
  ]);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const path = fc.webPath().map((text) => (text.startsWith("/") ? text : `/${text}`));
  await fc.assert(
    fc.asyncProperty(
      message,
      message,
      fc.constantFrom(200, 201, 404, 418),
      path,
      async (asked, told, status, url) => {
        answer = { ...told, status };
        const call = request({
          agent,
          port: proxy.port("llm"),
          host: "127.0.0.1",
          method: "POST",
          path: url,
          headers: ["Host", "x", ...flat(asked)],
        });
        for (const chunk of asked.chunks) call.write(chunk);
        call.end();
        const [response] = (await once(call, "response")) as [IncomingMessage];
        const body = await collect(response);
        expect([response.statusCode, response.statusMessage]).toEqual([status, "As It Is"]);
        expect(ours(response.rawHeaders)).toEqual(flat(told));
        expect(body.equals(Buffer.concat(told.chunks))).toBe(true);
        expect(seen).toEqual({ head: flat(asked), url, body: Buffer.concat(asked.chunks) });
      },
    ),
    { numRuns: 60 },
  );
  agent.destroy();
  server.close();
});
