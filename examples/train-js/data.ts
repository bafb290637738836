/** What the training loop reads: which shard comes next, and how it is fetched until it is whole. */
import { setTimeout as delay } from "node:timers/promises";
import { Random } from "./random.ts";
import { decodeShard, SHARDS } from "./shard.ts";

const ATTEMPTS = 8;
/** Of one try, to its last byte: a store that hangs must not hang the job. */
const TRY_DEADLINE_MS = 1000;
const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 400;

/** One shard, checked. @throws Error where it could not be had in any try */
export const fetchShard = async (dataUrl: string, number: number): Promise<Float32Array> => {
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await fetch(new URL(`/shards/${number}`, dataUrl), {
        signal: AbortSignal.timeout(TRY_DEADLINE_MS),
      });
      // Read also where it is an error: an unread body keeps its connection.
      const bytes = Buffer.from(await response.arrayBuffer());
      if (!response.ok) throw new Error(`the store answered ${response.status}`);
      return decodeShard(bytes);
    } catch (error) {
      // A truncated or corrupt shard is fetched again like one that never came.
      if (attempt >= ATTEMPTS) throw new Error(`shard ${number} could not be read`, { cause: error });
      await delay(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1)));
    }
  }
};

/** Everything that decides what the following steps see. */
export interface DataState {
  readonly epoch: number;
  /** Shards of this epoch, in the order in which they are read. */
  readonly order: readonly number[];
  /** Place in it of the next one. */
  readonly position: number;
  readonly random: number;
}

/** A seeded order of the shards, another one in each epoch, and the generator of the augmentation. */
export class DataOrder {
  readonly random: Random;
  #epoch = 0;
  #order: number[] = [];
  #position = 0;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  next(): number {
    if (this.#position >= this.#order.length) {
      this.#epoch += 1;
      this.#order = this.random.shuffle(Array.from({ length: SHARDS }, (_, number) => number));
      this.#position = 0;
    }
    const number = this.#order[this.#position] as number;
    this.#position += 1;
    return number;
  }

  get state(): DataState {
    return {
      epoch: this.#epoch,
      order: this.#order,
      position: this.#position,
      random: this.random.state,
    };
  }

  restore({ epoch, order, position, random }: DataState): void {
    this.#epoch = epoch;
    this.#order = [...order];
    this.#position = position;
    this.random.state = random;
  }
}
