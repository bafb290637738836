import type { Socket } from "node:net";
import type { CutHow } from "../faults/fault.ts";
import type { Dialer } from "../upstream.ts";
import { DRAIN, Valve } from "./valve.ts";

export type PairEnd = "finished" | "client-abort" | "upstream-refused" | "upstream-reset" | "cut";

export interface PairHandler {
  onDownData(chunk: Buffer): void;
  onUpData(chunk: Buffer): void;
  /** FIN from the client. The handler passes it on by `endUp`. */
  onDownEnd(): void;
  onUpEnd(): void;
  /** No upstream connection: what the client is told before FIN; null for a reset. */
  onRefused(failure: unknown): Buffer | null;
  /** Both sides are gone, or will be without our doing. Called once. */
  onClosed(why: PairEnd): void;
}

type Listener = (argument: Buffer) => void;

/** After our FIN, how long the client may go on sending before its connection is dropped. */
const LINGER_MS = 2_000;

/**
 * A client's socket and the upstream socket that belongs to it: one to one, with TCP_NODELAY, back-pressure, and the
 * peers' own way of ending: FIN stays FIN (either direction alone), RST stays RST.
 */
export class SocketPair {
  readonly down: Socket;
  private up: Socket | null = null;
  private readonly dialer: Dialer;
  private readonly handler: PairHandler;
  private readonly downValve: Valve;
  private upValve: Valve | null = null;
  private closed = false;
  private dialling = false;
  /** Written before the upstream connection was there (after a redial). */
  private waiting: Buffer[] = [];
  private upEnded = false;
  private readonly downListeners: [string, Listener][] = [];

  constructor(down: Socket, dialer: Dialer, handler: PairHandler) {
    this.down = down;
    this.dialer = dialer;
    this.handler = handler;
    this.downValve = new Valve(down);
  }

  get isClosed(): boolean {
    return this.closed;
  }

  /** Dials, then reads: `down` was accepted paused. */
  start(): void {
    const { down } = this;
    this.onDown("error", () => this.downFailed());
    this.onDown("close", () => this.downClosed());
    void this.dialUpstream(() => {
      this.onDown("data", (chunk: Buffer) => this.handler.onDownData(chunk));
      this.onDown("end", () => {
        if (!this.closed) this.handler.onDownEnd();
      });
      this.onDown("drain", () => this.upValve?.open(DRAIN));
      down.resume();
    });
  }

  private onDown(event: string, listener: Listener): void {
    this.down.on(event, listener);
    this.downListeners.push([event, listener]);
  }

  private async dialUpstream(ready: () => void): Promise<void> {
    this.dialling = true;
    let up: Socket | null = null;
    let failure: unknown = null;
    try {
      up = await this.dialer.dial();
    } catch (error) {
      failure = error;
    }
    this.dialling = false;
    if (this.closed) {
      up?.destroy();
      return;
    }
    if (up === null) {
      this.refuse(this.handler.onRefused(failure));
      return;
    }
    this.attach(up);
    ready();
  }

  /** By default the reset that is seen where a server behind a port forward is gone. */
  private refuse(told: Buffer | null): void {
    this.close("upstream-refused");
    if (told === null) {
      this.down.resetAndDestroy();
      return;
    }
    this.down.write(told);
    finThenDrop(this.down);
  }

  private attach(up: Socket): void {
    this.up = up;
    const valve = new Valve(up);
    this.upValve = valve;
    up.on("data", (chunk: Buffer) => {
      if (this.up === up) this.handler.onUpData(chunk);
    });
    up.on("end", () => {
      if (this.up === up && !this.closed) this.handler.onUpEnd();
    });
    up.on("drain", () => {
      if (this.up === up) this.downValve.open(DRAIN);
    });
    up.on("error", () => {
      if (this.up === up) this.upFailed();
    });
    up.on("close", () => {
      if (this.up === up && !this.closed && this.down.destroyed) this.close("finished");
    });
    for (const bytes of this.waiting.splice(0)) this.writeUp(bytes);
    if (this.upEnded) up.end();
  }

  writeUp(bytes: Buffer): void {
    if (this.up === null) {
      this.waiting.push(bytes);
      this.redial();
      return;
    }
    if (!this.up.write(bytes)) this.downValve.shut(DRAIN);
  }

  writeDown(bytes: Buffer): void {
    if (this.down.destroyed || this.down.writableEnded) return;
    if (!this.down.write(bytes)) this.upValve?.shut(DRAIN);
  }

  shutDown(reason: number): void {
    this.downValve.shut(reason);
  }

  openDown(reason: number): void {
    this.downValve.open(reason);
  }

  shutUp(reason: number): void {
    this.upValve?.shut(reason);
  }

  openUp(reason: number): void {
    this.upValve?.open(reason);
  }

  /** FIN to the upstream. */
  endUp(): void {
    this.upEnded = true;
    // Let go, and nothing to be sent that would dial a new one: nobody is there to answer the FIN.
    if (this.up === null && !this.dialling && this.waiting.length === 0) this.cut("fin");
    else this.up?.end();
  }

  /** FIN to the client. */
  endDown(): void {
    this.down.end();
  }

  /** Lets the upstream connection go; the next bytes for it dial a new one. */
  dropUpstream(): void {
    const { up } = this;
    this.up = null;
    this.upValve = null;
    this.upEnded = false;
    this.downValve.open(DRAIN);
    up?.destroy();
  }

  private redial(): void {
    if (!this.dialling && !this.closed) void this.dialUpstream(() => {});
  }

  cut(how: CutHow): void {
    if (this.closed) return;
    this.close("cut");
    if (how === "reset") {
      this.down.resetAndDestroy();
      this.up?.resetAndDestroy();
      return;
    }
    this.up?.destroySoon();
    finThenDrop(this.down);
  }

  /** Gives the client's socket to someone else, as it was accepted; between two exchanges only. */
  release(): Socket {
    this.close("finished");
    const { down, up } = this;
    for (const [event, listener] of this.downListeners.splice(0)) down.off(event, listener);
    down.pause();
    this.up = null;
    up?.destroySoon();
    return down;
  }

  /** Ends both sides now, without ceremony. */
  destroy(): void {
    this.close("cut");
    this.down.destroy();
    this.up?.destroy();
  }

  private close(why: PairEnd): void {
    if (this.closed) return;
    this.closed = true;
    this.handler.onClosed(why);
  }

  private downFailed(): void {
    this.close("client-abort");
    this.up?.resetAndDestroy();
  }

  private upFailed(): void {
    if (this.closed) return;
    this.close("upstream-reset");
    const { down } = this;
    // What the upstream sent before its RST comes first, as it would on a direct connection.
    if (down.writableLength === 0) down.resetAndDestroy();
    else down.once("drain", () => down.resetAndDestroy());
  }

  private downClosed(): void {
    if (this.closed) return;
    // Both FINs have passed, so all that was sent has been written on.
    this.close("finished");
    if (this.up !== null && !this.up.writableEnded) this.up.destroy();
  }
}

/** FIN, then throw away what still comes: destroying with unread bytes would make the kernel send RST instead. */
export const finThenDrop = (socket: Socket): void => {
  socket.removeAllListeners("data");
  socket.on("data", () => {});
  socket.end();
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once("end", () => socket.destroySoon());
  socket.once("close", () => clearTimeout(timer));
};
