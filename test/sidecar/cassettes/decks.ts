import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PlacedFault } from "../../../src/core/sidecar-protocol.ts";
import { sidecar } from "../support/peers.ts";

/** A directory that goes away, with a cassette's path in it. */
export const shelf = async () => {
  const directory = await mkdtemp(join(tmpdir(), "squall-cassette-"));
  const file = join(directory, "tape.jsonl");
  return {
    file,
    lines: async (): Promise<Record<string, unknown>[]> =>
      (await readFile(file, "utf8"))
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  };
};

/** A dependency with answers of its own. */
export const dependency = async (
  onRequest: (request: IncomingMessage, response: ServerResponse, body: string) => void,
) => {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on("end", () => onRequest(request, response, body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/base`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};

/** A sidecar edge that records to, or replays from, the file. */
export const deck = async (file: string, recordUrl?: string) => {
  const proxy = await sidecar([
    {
      name: "llm",
      upstream:
        recordUrl === undefined
          ? { type: "cassette", file, mode: "replay" }
          : { type: "cassette", file, mode: "record", url: recordUrl },
    },
  ]);
  return {
    setFaults: (faults: readonly PlacedFault[]): Promise<void> => proxy.setFaults(faults),
    port: proxy.port("llm"),
    ask: (path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> =>
      fetch(`http://127.0.0.1:${proxy.port("llm")}${path}`, {
        method: body === undefined ? "GET" : "POST",
        headers: { connection: "close", ...headers },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      }),
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  };
};
