/**
 * Trains a small classifier on three spirals. Killed at any moment and started again, it ends with the very same parameters.
 *
 *   DATA_URL=http://127.0.0.1:8001 CHECKPOINT_DIR=checkpoints STEPS=100 SEED=1 node train.ts
 */
import { loadNewest, saveCheckpoint } from "./checkpoint.ts";
import { DataOrder, fetchShard } from "./data.ts";
import { type Batch, initialParameters, lossAndGradient, PARAMETERS } from "./model.ts";
import { Adam } from "./optimizer.ts";
import { Random } from "./random.ts";

const SAVE_EVERY = 10;
const JITTER = 0.02;

const dataUrl = process.env["DATA_URL"] ?? "http://127.0.0.1:8001";
const directory = process.env["CHECKPOINT_DIR"] ?? "checkpoints";
const steps = Number(process.env["STEPS"] ?? 100);
const seed = Number(process.env["SEED"] ?? 1);

/** Points move a little each time they are seen: the generator's state decides about the loss of every step. */
const augmented = (records: Float32Array, random: Random): Batch => {
  const rows = records.length / 3;
  const inputs = new Float64Array(rows * 2);
  const labels = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    inputs[row * 2] = (records[row * 3] as number) + JITTER * random.normal();
    inputs[row * 2 + 1] = (records[row * 3 + 1] as number) + JITTER * random.normal();
    labels[row] = records[row * 3 + 2] as number;
  }
  return { inputs, labels };
};

let parameters = initialParameters(new Random(seed));
const optimizer = new Adam(PARAMETERS);
const order = new DataOrder(seed + 1);
let done = 0;

const saved = await loadNewest(directory);
if (saved === null) {
  console.log("no checkpoint: starting at step 0");
} else {
  // All four, or the steps to come are not those of a run that was never stopped.
  parameters = saved.parameters;
  optimizer.moments = saved.moments;
  order.restore(saved.data);
  done = saved.step;
  console.log(`resumed from checkpoint at step ${done}`);
}

while (done < steps) {
  const startedMs = performance.now();
  const batch = augmented(await fetchShard(dataUrl, order.next()), order.random);
  const { loss, gradient } = lossAndGradient(parameters, batch);
  // A checkpoint of parameters that are lost already would be the worst thing to keep.
  if (!Number.isFinite(loss)) throw new Error(`the loss of step ${done + 1} is ${loss}`);
  optimizer.update(parameters, gradient);
  done += 1;
  console.log(`iter ${done}: loss ${loss.toFixed(4)}, time ${(performance.now() - startedMs).toFixed(2)}ms`);
  if (done % SAVE_EVERY === 0 || done === steps) {
    await saveCheckpoint(directory, {
      step: done,
      parameters,
      moments: optimizer.moments,
      data: order.state,
    });
  }
}
console.log(`done: ${steps} steps`);
