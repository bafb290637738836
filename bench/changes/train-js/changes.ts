/** Pull requests to examples/train-js, the training job in TypeScript. */
import { edit } from "../change.ts";
import { carelessJob, harmlessJob, type JobChange } from "../job-change.ts";

const KILLED = ["killed", "killed-while-saving", "node-replaced", "disk-full-while-saving"];
const KILLED_IN_SAVE = ["killed-while-saving", "disk-full-while-saving"];

export const CHANGES: readonly JobChange[] = [
  carelessJob(
    "optimizer-state-gone",
    "Adam warms up again within a few steps: leave its moments out of what is restored",
    { metrics: ["loss-left"], under: KILLED },
    edit("train.ts", "  optimizer.moments = saved.moments;\n", ""),
  ),
  carelessJob(
    "saved-in-place",
    "One checkpoint file is enough: write it where it is read",
    { metrics: ["failed-restarts", "not-completed", "crashes"], under: KILLED_IN_SAVE },
    edit(
      "checkpoint.ts",
      "const fileOf = (directory: string, step: number): string => path.join(directory, `step-${step}.ckpt`);",
      'const fileOf = (directory: string, _step: number): string => path.join(directory, "step-0.ckpt");',
    ),
    edit("checkpoint.ts", "const partial = target + PARTIAL;", "const partial = target;"),
    edit("checkpoint.ts", "    await rename(partial, target);\n", ""),
    edit(
      "checkpoint.ts",
      "import { mkdir, open, readdir, readFile, rename, rm }",
      "import { mkdir, open, readdir, readFile, rm }",
    ),
  ),
  carelessJob(
    "data-order-lost",
    "Smaller checkpoints: the order of the shards is drawn from the seed anyway",
    { metrics: ["loss-left"], under: KILLED },
    edit("train.ts", "  order.restore(saved.data);\n", ""),
  ),
  carelessJob(
    "resume-ignored",
    "Let a run begin from its seed, for reproducible experiments",
    // Begun anew after each of three kills, it may also run into the limit of restarts.
    {
      metrics: ["from-zero", "lost-steps", "resume"],
      under: KILLED,
    },
    edit(
      "train.ts",
      "const saved = await loadNewest(directory);",
      "const saved = (await loadNewest(directory)) && null;",
    ),
  ),
  carelessJob(
    "retries-gone",
    "Simplify the loader: fetch throws where something is wrong",
    { metrics: ["crashes", "not-completed", "failed-restarts"], under: ["data-unavailable", "data-broken"] },
    edit("data.ts", "const ATTEMPTS = 8;", "const ATTEMPTS = 1;"),
  ),
  harmlessJob(
    "renamed",
    "Rename the loader, say more when a run begins and ends",
    edit(
      "train.ts",
      "import { DataOrder, fetchShard } from",
      "import { DataOrder, fetchShard as readShard } from",
    ),
    edit("train.ts", "augmented(await fetchShard(dataUrl,", "augmented(await readShard(dataUrl,"),
    edit(
      "train.ts",
      'console.log("no checkpoint: starting at step 0");',
      "console.log(`a new run of ${steps} steps with seed ${seed}, ${PARAMETERS} parameters`);",
    ),
    edit("train.ts", "console.log(`done: ${steps} steps`);", 'console.log("all steps are done");'),
  ),
  harmlessJob(
    "one-more-kept",
    "Keep three checkpoints, in a little less room each",
    edit("checkpoint.ts", "const KEPT = 2;", "const KEPT = 3;"),
    edit(
      "checkpoint.ts",
      "const PADDING_BYTES = 4 * 1024 * 1024;",
      "const PADDING_BYTES = 3.9 * 1024 * 1024;",
    ),
  ),
];
