/** Adam (Kingma and Ba, 2015). Its moments are as much a part of the training's state as the parameters. */
const RATE = 0.01;
const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** Both of the parameters' length; `updates` corrects their bias towards zero. */
export interface Moments {
  readonly first: Float64Array;
  readonly second: Float64Array;
  readonly updates: number;
}

export class Adam {
  moments: Moments;

  constructor(length: number) {
    this.moments = { first: new Float64Array(length), second: new Float64Array(length), updates: 0 };
  }

  /** Moves the parameters, in place. */
  update(parameters: Float64Array, gradient: Float64Array): void {
    const { first, second } = this.moments;
    const updates = this.moments.updates + 1;
    this.moments = { first, second, updates };
    for (const [place, slope] of gradient.entries()) {
      const mean = BETA1 * (first[place] as number) + (1 - BETA1) * slope;
      const square = BETA2 * (second[place] as number) + (1 - BETA2) * slope * slope;
      first[place] = mean;
      second[place] = square;
      const spread = Math.sqrt(square / (1 - BETA2 ** updates));
      parameters[place]! -= (RATE * (mean / (1 - BETA1 ** updates))) / (spread + EPSILON);
    }
  }
}
