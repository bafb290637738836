import type { Clock } from "./clock.ts";

/** Calls back when a process that runs gives no sign for too long, and nobody holds it still. */
export class StallWatch {
  readonly #clock: Clock;
  readonly #stallMs: number | undefined;
  readonly #onStall: () => void;
  #cancel: (() => void) | null = null;
  #runs = false;
  #pauses = 0;

  /** @param stallMs absent: it never does */
  constructor(clock: Clock, stallMs: number | undefined, onStall: () => void) {
    this.#clock = clock;
    this.#stallMs = stallMs;
    this.#onStall = onStall;
  }

  begin(): void {
    this.#runs = true;
    this.#arm();
  }

  sign(): void {
    this.#arm();
  }

  pause(by: 1 | -1): void {
    this.#pauses += by;
    this.#arm();
  }

  stop(): void {
    this.#runs = false;
    this.#arm();
  }

  /** Counts anew, where there is something to count. */
  #arm(): void {
    this.#cancel?.();
    this.#cancel = null;
    if (this.#stallMs === undefined || !this.#runs || this.#pauses > 0) return;
    this.#cancel = this.#clock.after(this.#stallMs, () => {
      this.#cancel = null;
      this.#onStall();
    });
  }
}
