import type { Socket } from "node:net";

/** Why a source is not read from; a bit each. */
export const DRAIN = 1;
export const HELD = 2;
export const BACKLOG = 4;

/** Reads from `socket` only while no reason speaks against it. */
export class Valve {
  private reasons = 0;
  socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  shut(reason: number): void {
    if (this.reasons === 0) this.socket.pause();
    this.reasons |= reason;
  }

  open(reason: number): void {
    if (this.reasons === 0) return;
    this.reasons &= ~reason;
    if (this.reasons === 0) this.socket.resume();
  }
}
