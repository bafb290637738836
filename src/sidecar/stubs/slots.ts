/** Places to run in, and a queue before them, first come, first served. */
export class Slots {
  private readonly size: number;
  private readonly queueSize: number;
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(size: number, queueSize: number) {
    this.size = size;
    this.queueSize = queueSize;
  }

  /**
   * Calls `start` when there is a place, now or later. Returns how to leave, from the queue or the place (calling it twice
   * is harmless), or null where even the queue is full.
   */
  enter(start: () => void): (() => void) | null {
    if (this.running < this.size) {
      const leave = this.occupy();
      start();
      return leave;
    }
    if (this.waiting.length >= this.queueSize) return null;
    let leave: () => void = () => {
      const at = this.waiting.indexOf(turn);
      if (at >= 0) this.waiting.splice(at, 1);
    };
    const turn = (): void => {
      leave = this.occupy();
      start();
    };
    this.waiting.push(turn);
    return () => leave();
  }

  private occupy(): () => void {
    this.running++;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.running--;
      this.waiting.shift()?.();
    };
  }
}
