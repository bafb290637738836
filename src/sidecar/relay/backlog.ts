/** What a backlog asks of its connection. */
export interface BacklogHost {
  /** Takes a chunk; returns what must wait until an exchange has ended, or null. */
  take(chunk: Buffer): Buffer | null;
  /** May what waited be taken now? */
  mayResume(): boolean;
  /** The client is not to be read from while something waits. */
  stop(): void;
  /** Nothing waits any more. */
  emptied(): void;
}

/** The client's bytes on their way in: under a fault a pipelined request waits for the answers before it. */
export class Backlog {
  private readonly host: BacklogHost;
  private waiting: Buffer | null = null;
  private taking = false;

  constructor(host: BacklogHost) {
    this.host = host;
  }

  get isEmpty(): boolean {
    return this.waiting === null;
  }

  /** A chunk is being taken: what it brings about is not at its end yet. */
  get isTaking(): boolean {
    return this.taking;
  }

  feed(chunk: Buffer): void {
    if (this.waiting !== null) {
      this.waiting = Buffer.concat([this.waiting, chunk]);
      return;
    }
    this.take(chunk);
    if (this.waiting === null) return;
    this.host.stop();
    // The exchange before it may have ended while it was taken.
    if (this.host.mayResume()) this.resume();
  }

  /** An exchange has ended. */
  resume(): void {
    if (this.taking) return;
    while (this.waiting !== null && this.host.mayResume()) this.take(this.waiting);
    if (this.waiting === null) this.host.emptied();
  }

  private take(chunk: Buffer): void {
    this.waiting = null;
    this.taking = true;
    this.waiting = this.host.take(chunk);
    this.taking = false;
  }
}
