import { Agent, type RequestOptions } from "node:http";
import { connect, type NetConnectOpts, type Socket } from "node:net";

/** Where requests go: an address, already resolved, so that no request waits for a name. */
export interface Target {
  readonly address: string;
  readonly port: number;
  /** Host header. */
  readonly host: string;
}

/** Hands each request its connection. */
export interface Connections {
  /** Options for node:http. A fresh connection is already on its way when this returns. */
  forRequest(): Pick<RequestOptions, "agent" | "createConnection">;
  /** Opens connections that say nothing; resolves when each stands, failed, or `waitMs` is over. */
  hold(count: number, waitMs: number): Promise<Disposable>;
  close(): void;
}

/** An agent whose sockets go to one resolved address; unbounded, so that nothing queues (FACTS, Measuring). */
class PinnedAgent extends Agent {
  readonly #options: NetConnectOpts;

  constructor(options: NetConnectOpts) {
    super({
      keepAlive: true,
      maxSockets: Number.POSITIVE_INFINITY,
      maxFreeSockets: 4096,
      scheduling: "lifo",
    });
    this.#options = options;
  }

  override createConnection(): Socket {
    return connect(this.#options);
  }
}

export const openConnections = (target: Target, mode: "fresh" | "reuse"): Connections => {
  const options: NetConnectOpts = { host: target.address, port: target.port, noDelay: true };
  const agent = mode === "reuse" ? new PinnedAgent(options) : undefined;
  const forRequest = (): Pick<RequestOptions, "agent" | "createConnection"> => {
    if (agent !== undefined) return { agent };
    const socket = connect(options);
    return { createConnection: () => socket };
  };
  const hold = async (count: number, waitMs: number): Promise<Disposable> => {
    const sockets = Array.from({ length: count }, () => connect(options));
    const standing = sockets.map(
      (socket) =>
        new Promise<void>((resolve) => {
          socket.once("connect", resolve);
          socket.once("close", () => resolve());
          // A refused idle connection is no measurement; the requests beside it will tell.
          socket.on("error", () => resolve());
        }),
    );
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, waitMs);
    });
    if (count > 0) await Promise.race([Promise.all(standing), late]);
    clearTimeout(timer);
    return {
      [Symbol.dispose]: () => {
        for (const socket of sockets) socket.destroy();
      },
    };
  };
  return { forRequest, hold, close: () => agent?.destroy() };
};
