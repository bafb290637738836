/** A multilayer perceptron with tanh, softmax and cross-entropy, and its gradient by hand. All parameters in one vector. */
import type { Random } from "./random.ts";
import { CLASSES } from "./shard.ts";

const SIZES = [2, 48, 48, CLASSES] as const;

interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  /** Places in the vector: weights by input, then output; then biases. */
  readonly weights: number;
  readonly biases: number;
}

const LAYERS: readonly Layer[] = SIZES.slice(1).map((outputs, index) => {
  const inputs = SIZES[index] as number;
  const before = SIZES.slice(0, index).reduce<number>(
    (sum, size, place) => sum + (size + 1) * (SIZES[place + 1] as number),
    0,
  );
  return { inputs, outputs, weights: before, biases: before + inputs * outputs };
});

const last = LAYERS.at(-1) as Layer;
export const PARAMETERS = last.biases + last.outputs;

/** Points by row (x, y), and their classes. */
export interface Batch {
  readonly inputs: Float64Array;
  readonly labels: Uint8Array;
}

export const initialParameters = (random: Random): Float64Array => {
  const parameters = new Float64Array(PARAMETERS);
  for (const { inputs, outputs, weights } of LAYERS)
    for (let place = 0; place < inputs * outputs; place++)
      parameters[weights + place] = random.normal() / Math.sqrt(inputs);
  return parameters;
};

const forward = (
  parameters: Float64Array,
  { inputs, outputs, weights, biases }: Layer,
  from: Float64Array,
  rows: number,
): Float64Array => {
  const to = new Float64Array(rows * outputs);
  for (let row = 0; row < rows; row++) {
    for (let out = 0; out < outputs; out++) to[row * outputs + out] = parameters[biases + out] as number;
    for (let into = 0; into < inputs; into++) {
      const value = from[row * inputs + into] as number;
      const at = weights + into * outputs;
      for (let out = 0; out < outputs; out++)
        to[row * outputs + out]! += value * (parameters[at + out] as number);
    }
  }
  return to;
};

/** Adds the layer's gradient; returns that of its inputs. */
const backward = (
  parameters: Float64Array,
  gradient: Float64Array,
  { inputs, outputs, weights, biases }: Layer,
  from: Float64Array,
  error: Float64Array,
  rows: number,
): Float64Array => {
  const before = new Float64Array(rows * inputs);
  for (let row = 0; row < rows; row++) {
    for (let out = 0; out < outputs; out++) gradient[biases + out]! += error[row * outputs + out] as number;
    for (let into = 0; into < inputs; into++) {
      const value = from[row * inputs + into] as number;
      const at = weights + into * outputs;
      let sum = 0;
      for (let out = 0; out < outputs; out++) {
        const down = error[row * outputs + out] as number;
        gradient[at + out]! += value * down;
        sum += down * (parameters[at + out] as number);
      }
      before[row * inputs + into] = sum;
    }
  }
  return before;
};

/** Turns scores into the loss's gradient by them, in place. Returns the mean loss. */
const crossEntropy = (scores: Float64Array, labels: Uint8Array): number => {
  let loss = 0;
  for (const [row, label] of labels.entries()) {
    const own = scores.subarray(row * CLASSES, (row + 1) * CLASSES);
    const largest = Math.max(...own);
    const total = own.reduce((sum, score) => sum + Math.exp(score - largest), 0);
    loss += Math.log(total) + largest - (own[label] as number);
    for (let out = 0; out < CLASSES; out++) {
      const share = Math.exp((own[out] as number) - largest) / total;
      own[out] = (share - (out === label ? 1 : 0)) / labels.length;
    }
  }
  return loss / labels.length;
};

export const lossAndGradient = (
  parameters: Float64Array,
  { inputs, labels }: Batch,
): { readonly loss: number; readonly gradient: Float64Array } => {
  const rows = labels.length;
  const activations = [inputs];
  for (const layer of LAYERS) {
    const scores = forward(parameters, layer, activations.at(-1) as Float64Array, rows);
    activations.push(layer === last ? scores : scores.map(Math.tanh));
  }
  const gradient = new Float64Array(PARAMETERS);
  let error = activations.pop() as Float64Array;
  const loss = crossEntropy(error, labels);
  for (const layer of LAYERS.toReversed()) {
    const from = activations.pop() as Float64Array;
    error = backward(parameters, gradient, layer, from, error, rows);
    // The derivative of tanh by its own value; what comes of it at the inputs is not used.
    for (const [place, value] of from.entries()) error[place]! *= 1 - value * value;
  }
  return { loss, gradient };
};
