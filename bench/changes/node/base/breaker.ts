/** Stops calling what does not answer: after so many failures on end all calls fail at once, until one trial succeeds. */
export class Breaker {
  readonly #threshold: number;
  readonly #openMs: number;
  #failures = 0;
  #openUntil = 0;

  constructor(threshold: number, openMs: number) {
    this.#threshold = threshold;
    this.#openMs = openMs;
  }

  get isOpen(): boolean {
    return this.#failures >= this.#threshold;
  }

  /** May this call be made? Of an open breaker one a period is: the trial. */
  admits(): boolean {
    if (!this.isOpen) return true;
    if (Date.now() < this.#openUntil) return false;
    this.#openUntil = Date.now() + this.#openMs;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  failed(): void {
    this.#failures += 1;
    if (this.#failures === this.#threshold) this.#openUntil = Date.now() + this.#openMs;
  }
}
