import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { EdgeConfig } from "../core/sidecar-protocol.ts";
import type { FaultedEdge, FaultInForce } from "./fault-state.ts";
import type { EdgeGate } from "./faults/fault.ts";
import type { EdgeContext } from "./relay/edge-context.ts";
import { HttpConnection } from "./relay/http-connection.ts";
import { TcpConnection } from "./relay/tcp-connection.ts";
import { RemedyLayer } from "./remedies/remedy-layer.ts";
import type { RemediedEdge, RemedyInForce } from "./remedies/remedy-state.ts";
import type { Target } from "./upstream.ts";

const LISTEN_ATTEMPTS = 50;
const LISTEN_PAUSE_MS = 20;

type Connection = HttpConnection | TcpConnection;

/**
 * A listening address and its connections. While remedies stand before the faults, callers' connections are theirs, and
 * what a fault does to the listener it does to the calls that remedies make: callers are let in.
 */
export class Edge implements FaultedEdge, RemediedEdge {
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
  /** Made when remedies are first set. */
  private layer: RemedyLayer | null = null;
  /** Sockets and connections of calls that remedies make. */
  private readonly ofRemedies = new WeakSet<Socket | Connection>();
  /** A fault has closed the listener. */
  private shut = false;
  /** Listeners change one after another. */
  private doors: Promise<void> = Promise.resolve();

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
      closeListener: () => this.setShut(true),
      openListener: () => this.setShut(false),
      refusesConnections: async () =>
        this.layer?.inForce === true ? this.layer.refuses() : refused(this.config.host, this.port),
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

  setAddresses(addresses: Target["addresses"]): void {
    this.context.dialer.setAddresses(addresses);
    for (const connection of this.connections) {
      if (connection instanceof HttpConnection) connection.changeUpstream();
    }
  }

  async setRemedies(remedies: readonly RemedyInForce[]): Promise<void> {
    if (this.layer === null && remedies.length === 0) return;
    const layer = (this.layer ??= new RemedyLayer((socket) => {
      this.ofRemedies.add(socket);
      this.enter(socket);
    }));
    const before = [...this.connections].filter((connection) => !this.ofRemedies.has(connection));
    const fresh = !layer.inForce;
    layer.set(remedies);
    await this.settleDoors();
    if (!fresh || remedies.length === 0) return;
    for (const connection of before) {
      if (connection instanceof HttpConnection) connection.handOver((socket) => this.receive(socket));
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    const stopped = this.stopListening();
    this.layer?.close();
    for (const connection of this.connections) connection.destroy();
    await stopped;
  }

  private setShut(shut: boolean): Promise<void> {
    this.shut = shut;
    return this.settleDoors();
  }

  /** Each listener open or shut as fault and remedies now have it. */
  private settleDoors(): Promise<void> {
    const turn = this.doors.then(() => this.moveDoors());
    this.doors = turn.catch(() => {});
    return turn;
  }

  private async moveDoors(): Promise<void> {
    const { layer } = this;
    if (layer !== null && this.shut) layer.shut();
    else if (layer !== null && !this.closed) await layer.open();
    if (this.shut && layer?.inForce !== true) await this.stopListening();
    else await this.listenAgain();
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
    this.receive(socket);
  }

  private receive(socket: Socket): void {
    if (this.layer?.inForce === true) this.layer.accept(socket);
    else this.enter(socket);
  }

  /** To the faults, and past them to the upstream. */
  private enter(socket: Socket): void {
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
    if (this.ofRemedies.has(socket)) this.ofRemedies.add(connection);
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
