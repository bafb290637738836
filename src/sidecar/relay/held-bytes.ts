import type { SocketPair } from "./socket-pair.ts";
import { HELD } from "./valve.ts";

/** Beyond this much kept back in one direction its sender is not read from. */
const MAX_HELD_BYTES = 4 * 1024 * 1024;

/** How much of each direction strikes keep back; slows the sender where it is too much. */
export class HeldBytes {
  private readonly pair: SocketPair;
  private up = 0;
  private down = 0;

  constructor(pair: SocketPair) {
    this.pair = pair;
  }

  count(direction: "upstream" | "downstream", bytes: number): void {
    if (direction === "upstream") {
      this.up += bytes;
      if (this.up > MAX_HELD_BYTES) this.pair.shutDown(HELD);
      else this.pair.openDown(HELD);
      return;
    }
    this.down += bytes;
    if (this.down > MAX_HELD_BYTES) this.pair.shutUp(HELD);
    else this.pair.openUp(HELD);
  }
}
