import type { LiveStrike } from "../strike.ts";

/** Since when a connection has been silent, both ways. */
export class Silence {
  private sinceMs = performance.now();

  /** Bytes came. */
  broken(): void {
    this.sinceMs = performance.now();
  }

  /** How long it has lasted. */
  get ms(): number {
    return performance.now() - this.sinceMs;
  }

  /** Tells a strike that waits for silence when it has lasted long enough. */
  watch(strike: LiveStrike): void {
    const { idle } = strike.hooks;
    if (idle === undefined) return;
    const look = (): void => {
      const leftMs = idle.ms - this.ms;
      if (leftMs > 0) strike.after(Math.max(1, leftMs), look);
      else idle.onIdle();
    };
    strike.after(idle.ms, look);
  }
}
