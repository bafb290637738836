import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";

/** A server inside this process that an edge relays to: a stub or a cassette. It listens on loopback, on a free port. */
export interface LocalServer {
  readonly port: number;
  close(): Promise<void>;
}

/** @throws where no port can be had (the operating system's error) */
export const serveLocally = async (onRequest: RequestListener): Promise<LocalServer> => {
  const server = createServer((request, response) => {
    // A client that goes away is no error of ours.
    request.on("error", () => {});
    response.on("error", () => {});
    onRequest(request, response);
  });
  // The edge in front reuses connections as its clients do: an idle one is never closed under it.
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
