import type { Clock } from "../../../src/run/job/clock.ts";

/** Time that passes when a test says so. */
export class TestClock implements Clock {
  #nowMs = 1_000_000;
  readonly #timers = new Set<{ readonly atMs: number; readonly call: () => void }>();

  now(): number {
    return this.#nowMs;
  }

  after(ms: number, then: () => void): () => void {
    const timer = { atMs: this.#nowMs + Math.max(0, ms), call: then };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Timers not gone off and not taken back. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** Lets that much time pass; everything that is due happens in its order, and what follows of it. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settled();
    for (;;) {
      const [next] = [...this.#timers].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.call();
      await settled();
    }
    this.#nowMs = untilMs;
    await settled();
  }
}

/** Whatever follows of promises alone has followed. */
export const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
