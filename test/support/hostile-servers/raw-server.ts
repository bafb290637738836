import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { Worker } from "node:worker_threads";

/** Writes whatever it likes to the socket once a request's head has arrived. */
export type Behaviour = (socket: Socket, head: string) => void;

export interface RawServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Heads of the requests seen, oldest first. */
  readonly heads: readonly string[];
  /** Connections accepted, and of them those open now. */
  readonly accepted: () => number;
  readonly open: () => number;
}

const pathOf = (head: string): string => head.split(" ", 2)[1] ?? "";

/** A server below HTTP: picks a behaviour by the request's path, and does what the behaviour does, byte for byte. */
export const rawServer = async (behaviours: Readonly<Record<string, Behaviour>>): Promise<RawServer> => {
  const sockets = new Set<Socket>();
  const heads: string[] = [];
  let accepted = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => sockets.delete(socket));
    let received = "";
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      const end = received.indexOf("\r\n\r\n");
      if (end < 0) return;
      const head = received.slice(0, end);
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (received.length < end + 4 + length) return;
      received = received.slice(end + 4 + length);
      heads.push(head);
      behaviours[pathOf(head)]?.(socket, head);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    heads,
    accepted: () => accepted,
    open: () => sockets.size,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
};

/** A port on which nobody listens. */
export const deadPort = async (): Promise<number> => {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
};

const LISTEN_AND_BLOCK = `
const { parentPort } = require("node:worker_threads");
const server = require("node:net").createServer();
server.listen({ host: "127.0.0.1", port: 0, backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
});`;

/** A port whose server never accepts: once its backlog of one is full, further connects get no answer at all. */
export const deafPort = async (): Promise<{ readonly port: number } & AsyncDisposable> => {
  const worker = new Worker(LISTEN_AND_BLOCK, { eval: true });
  const [port] = (await once(worker, "message")) as [number];
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      await worker.terminate();
    },
  };
};
