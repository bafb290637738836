/** A server on a free port of loopback. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

export interface Listening {
  /** "http://127.0.0.1:<port>" */
  readonly origin: string;
  close(): Promise<void>;
}

export const listen = async (
  serve: (request: IncomingMessage, response: ServerResponse, body: Buffer) => Promise<void>,
): Promise<Listening> => {
  const server = createServer((request, response) => {
    buffer(request)
      .then((body) => serve(request, response, body))
      .catch((error: unknown) => {
        // A client that hung up needs no answer; whatever else failed is the stand-in's own mistake and shows as 500.
        if (response.headersSent || response.destroyed) return;
        response.writeHead(500).end(JSON.stringify({ message: `the stand-in failed: ${String(error)}` }));
      });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
};
