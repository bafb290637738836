/** mulberry32: a generator whose whole state is one number, so that a checkpoint can hold it. */
export class Random {
  /** Unsigned, 32 bits. */
  state: number;

  constructor(state: number) {
    this.state = state >>> 0;
  }

  /** Uniform, 0 <= x < 1. */
  uniform(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Standard normal, by Box and Muller; the second of the pair is dropped, for it would be state too. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Fisher and Yates, in place. */
  shuffle(values: number[]): number[] {
    for (let last = values.length - 1; last > 0; last--) {
      const other = Math.floor(this.uniform() * (last + 1));
      [values[last], values[other]] = [values[other] as number, values[last] as number];
    }
    return values;
  }
}
