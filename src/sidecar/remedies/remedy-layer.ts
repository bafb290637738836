/** Stands before an edge's faults while the edge has remedies: takes the callers' calls, and makes its own. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connect, createServer as createListener, type Server as Listener, type Socket } from "node:net";
import { deliver } from "./deliver.ts";
import { endToEnd } from "./header-lists.ts";
import { InnerAgent, innerCall, MAX_HEADER_BYTES } from "./inner-call.ts";
import type { Next } from "./remedy.ts";
import type { RemedyInForce } from "./remedy-state.ts";
import { takeBody } from "./request-body.ts";
import { tunnel } from "./tunnel.ts";

const LOOPBACK = "127.0.0.1";

/**
 *   caller -> node:http server -> remedies -> listener on loopback -> the edge's own way of taking a connection
 */
export class RemedyLayer {
  private readonly enter: (socket: Socket) => void;
  private readonly server: Server;
  /** Callers' connections, each with the connections of the calls made for it. */
  private readonly callers = new Map<Socket, InnerAgent>();
  private remedies: readonly RemedyInForce[] = [];
  private listener: Listener | null = null;
  private port = 0;

  /** @param enter takes a connection of ours as the edge takes one of its callers, before anything of it was read */
  constructor(enter: (socket: Socket) => void) {
    this.enter = enter;
    this.server = serverOf(
      (request, response) => void this.answer(request, response),
      (request, socket, head) => this.passUpgrade(request, socket, head),
    );
  }

  /**
   * Those that meet the calls from now on. With none, each connection ends with its next answer, which says so: a FIN to an
   * idle one could meet a call on its way.
   */
  set(remedies: readonly RemedyInForce[]): void {
    this.remedies = remedies;
  }

  get inForce(): boolean {
    return this.remedies.length > 0;
  }

  /** A caller's connection, on which no request is under way. */
  accept(socket: Socket): void {
    const agent = new InnerAgent(() => this.dial());
    this.callers.set(socket, agent);
    socket.once("close", () => {
      this.callers.delete(socket);
      agent.destroy();
    });
    socket.on("error", () => {});
    this.server.emit("connection", socket);
    // It was accepted paused.
    socket.resume();
  }

  /** Lets calls of ours in. Throws the operating system's error where no port can be had. */
  async open(): Promise<void> {
    if (this.listener !== null) return;
    const listener = createListener({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, this.enter);
    listener.listen({ port: 0, host: LOOPBACK, backlog: 4096 });
    await once(listener, "listening");
    listener.on("error", () => {});
    this.listener = listener;
    const address = listener.address();
    if (address !== null && typeof address === "object") this.port = address.port;
  }

  /** From now on calls of ours are refused. */
  shut(): void {
    this.listener?.close();
    this.listener = null;
  }

  /** Proof of it. */
  refuses(): boolean {
    return this.listener === null;
  }

  close(): void {
    this.shut();
    for (const socket of this.callers.keys()) socket.destroy();
  }

  private dial(): Socket | null {
    if (this.listener === null) return null;
    const socket = connect({ port: this.port, host: LOOPBACK, noDelay: true, allowHalfOpen: true });
    socket.on("error", () => {});
    return socket;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const agent = this.callers.get(request.socket);
    if (agent === undefined) return;
    const gone = new AbortController();
    response.on("error", () => {});
    response.once("close", () => gone.abort());
    const body = await takeBody(request);
    if (body === null) return;
    const chain = this.remedies.reduceRight<Next>(
      (next, remedy) => (call) => remedy.meet(call, next),
      innerCall(agent),
    );
    const outcome = await chain({
      method: request.method ?? "",
      path: request.url ?? "",
      // Its sender was told to go on already.
      rawHeaders: endToEnd(request.rawHeaders, ["expect"]),
      body,
      signal: gone.signal,
    });
    await deliver(outcome, response, !this.inForce);
  }

  private passUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    tunnel(request, socket, head, this.dial());
  }
}

const serverOf = (
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
  onUpgrade: (request: IncomingMessage, socket: Socket, head: Buffer) => void,
): Server => {
  const server = createServer(
    {
      keepAliveTimeout: 0,
      headersTimeout: 0,
      requestTimeout: 0,
      maxHeaderSize: MAX_HEADER_BYTES,
      requireHostHeader: false,
      // Some clients offer HTTP/2 in clear with every first request, and go on without.
      shouldUpgradeCallback: ({ headers }) => headers.upgrade?.trim().toLowerCase() !== "h2c",
    },
    onRequest,
  );
  server.on("upgrade", onUpgrade);
  server.on("connect", onUpgrade);
  return server;
};
