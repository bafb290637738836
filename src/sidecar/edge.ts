import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { EdgeConfig } from "../core/sidecar-protocol.ts";
import type { FaultedEdge, FaultInForce } from "./fault-state.ts";
import type { EdgeGate } from "./faults/fault.ts";
import type { EdgeContext } from "./relay/edge-context.ts";
import { HttpConnection } from "./relay/http-connection.ts";
import { TcpConnection } from "./relay/tcp-connection.ts";

const LISTEN_ATTEMPTS = 50;
const LISTEN_PAUSE_MS = 20;

type Connection = HttpConnection | TcpConnection;

/** A listening address and its connections. */
export class Edge implements FaultedEdge {
  readonly name: string;
  readonly gate: EdgeGate;
  private readonly config: EdgeConfig;
  private readonly context: EdgeContext;
  private readonly connections = new Set<Connection>();
  private readonly closeWaiters: (() => void)[] = [];
  private server: Server | null = null;
  private port: number;
  private arrivals = 0;
  private closed = false;

  constructor(config: EdgeConfig, context: EdgeContext) {
    this.config = config;
    this.name = config.name;
    this.context = context;
    this.port = config.port;
    const { connections, closeWaiters } = this;
    this.gate = {
      protocol: config.protocol,
      get openConnections() {
        return connections.size;
      },
      closeListener: () => this.stopListening(),
      openListener: () => this.listenAgain(),
      refusesConnections: () => refused(this.config.host, this.port),
      endConnections: () => {
        const ended = [...connections];
        for (const connection of ended) connection.endGracefully();
        return ended.length;
      },
      onConnectionClosed: (action) => {
        closeWaiters.push(action);
      },
    };
  }

  /** Listens; returns the port, which stays the same when listening is taken up again. */
  async listen(): Promise<number> {
    if (this.server !== null) return this.port;
    // Paused: nothing is read before the upstream connection is there.
    const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) => {
      this.accept(socket);
    });
    server.listen({ port: this.port, host: this.config.host, backlog: 4096 });
    await once(server, "listening");
    server.on("error", () => {});
    this.server = server;
    const address = server.address();
    if (address !== null && typeof address === "object") this.port = address.port;
    return this.port;
  }

  /** The port may be in use for a moment by an outgoing connection of someone else. */
  private async listenAgain(): Promise<void> {
    for (let attempt = 1; !this.closed; attempt++) {
      try {
        await this.listen();
        return;
      } catch (error) {
        if (attempt === LISTEN_ATTEMPTS) throw error;
        await sleep(LISTEN_PAUSE_MS);
      }
    }
  }

  setFaults(faults: readonly FaultInForce[]): void {
    this.context.faults = faults;
    this.arrivals = 0;
    for (const connection of this.connections) {
      if (connection instanceof TcpConnection) connection.setFaults(faults);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    const stopped = this.stopListening();
    for (const connection of this.connections) connection.destroy();
    await stopped;
  }

  /** The listening socket is closed at once; connections that are there live on. */
  private async stopListening(): Promise<void> {
    const { server } = this;
    this.server = null;
    server?.close();
    // The handle is closed in the next turn of the loop.
    await new Promise((resolve) => setImmediate(resolve));
  }

  private accept(socket: Socket): void {
    this.context.log.accepted(this.name);
    const asked = this.context.faults.filter((fault) => fault.active.onAccept !== undefined);
    if (asked.length === 0) this.connect(socket);
    else void this.ask(socket, asked);
  }

  private async ask(socket: Socket, faults: readonly FaultInForce[]): Promise<void> {
    const index = this.arrivals++;
    socket.on("error", () => {});
    const givenUp = new Promise<void>((resolve) => {
      socket.once("close", () => resolve());
    });
    for (const fault of faults) {
      if ((await fault.accept(this.gate, { index, givenUp })) === "accept") continue;
      socket.resetAndDestroy();
      return;
    }
    if (socket.destroyed || this.closed) socket.destroy();
    else this.connect(socket);
  }

  private connect(socket: Socket): void {
    const gone = (): void => {
      this.connections.delete(connection);
      for (const action of this.closeWaiters.splice(0)) action();
    };
    const connection: Connection =
      this.config.protocol === "http"
        ? new HttpConnection(socket, this.context, gone)
        : new TcpConnection(socket, this.context, this.connections.size, gone);
    this.connections.add(connection);
    connection.start();
  }
}

const refused = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host);
    socket.once("connect", () => {
      socket.destroy();
      resolve(false);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNREFUSED"));
  });
