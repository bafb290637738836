import { randomFor, shuffled } from "../../core/random.ts";
import type { RequestTemplate } from "../../core/workload.ts";

/** Most places one request takes in a pass, so that a weight of 1,000 does not make passes endless. */
const MOST_PLACES = 50;

/**
 * Which request comes next: seeded passes over the whole set, each in a new order, weights as several places in a pass.
 * An id is kept from following itself too closely, because a call can only be attributed while its id is outstanding once.
 */
export class RequestOrder {
  readonly #seed: number;
  readonly #places: readonly string[];
  readonly #repetitions = new Map<string, number>();
  #pass: string[] = [];
  #passes = 0;

  constructor(requests: readonly RequestTemplate[], seed: number) {
    this.#seed = seed;
    const least = Math.min(...requests.map(({ weight }) => weight));
    this.#places = requests.flatMap(({ id, weight }) =>
      Array.from({ length: Math.min(MOST_PLACES, Math.max(1, Math.round(weight / least))) }, () => id),
    );
  }

  next(): { requestId: string; repetition: number } {
    if (this.#pass.length === 0) this.#pass = this.#newPass();
    const requestId = this.#pass.shift() as string;
    const repetition = this.#repetitions.get(requestId) ?? 0;
    this.#repetitions.set(requestId, repetition + 1);
    return { requestId, repetition };
  }

  /** The two halves are shuffled apart: an id so waits at least half a pass before it comes again. */
  #newPass(): string[] {
    const half = Math.ceil(this.#places.length / 2);
    const order = this.#passes === 0 ? shuffled(this.#places, randomFor(this.#seed, "order", 0)) : this.#last;
    this.#passes++;
    const random = randomFor(this.#seed, "order", this.#passes);
    this.#last = [...shuffled(order.slice(0, half), random), ...shuffled(order.slice(half), random)];
    return [...this.#last];
  }

  #last: readonly string[] = [];
}
