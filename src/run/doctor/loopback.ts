import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { Question } from "./check.ts";

const REMEDY =
  "Let programs listen on 127.0.0.1: look at the sandbox, the firewall and the limit of open files.";

/** A listener of our own, and a connection to it: both are gone when it resolves. */
const tryOnce = async (host: string, signal: AbortSignal): Promise<void> => {
  const server = createServer((socket) => socket.end());
  server.listen({ host, port: 0 });
  await once(server, "listening", { signal });
  try {
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const socket = connect({ host, port });
    try {
      await once(socket, "connect", { signal });
    } finally {
      socket.destroy();
    }
  } finally {
    server.close();
  }
};

export const loopback = (host = "127.0.0.1"): Question => ({
  name: "loopback",
  neededFor: "the sidecar between the service and its dependencies",
  otherwise: { state: "missing", remedy: REMEDY },
  look: async (signal) => {
    await tryOnce(host, signal);
    return { state: "ok", found: `ports of ${host} can be bound and reached` };
  },
});
