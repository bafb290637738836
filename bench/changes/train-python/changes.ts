/** Pull requests to examples/train-python, the training job in Python. */
import { edit } from "../change.ts";
import { carelessJob, harmlessJob, type JobChange } from "../job-change.ts";

const KILLED = ["killed", "killed-while-saving", "node-replaced", "disk-full-while-saving"];
const KILLED_IN_SAVE = ["killed-while-saving", "disk-full-while-saving"];

export const CHANGES: readonly JobChange[] = [
  carelessJob(
    "velocity-gone",
    "Halve the checkpoints: the velocity builds up again within a few steps",
    { metrics: ["loss-left"], under: KILLED },
    edit("checkpoint.py", "        velocity=checkpoint.velocity,\n", ""),
    edit(
      "checkpoint.py",
      '            velocity=arrays["velocity"],',
      '            velocity=np.zeros_like(arrays["parameters"]),',
    ),
  ),
  carelessJob(
    "saved-in-place",
    "One checkpoint file is enough: write it where it is read",
    { metrics: ["failed-restarts", "not-completed", "crashes"], under: KILLED_IN_SAVE },
    edit("checkpoint.py", 'return directory / f"step-{step}.npz"', 'return directory / "step-0.npz"'),
    edit("checkpoint.py", 'partial = target.with_name(target.name + ".partial")', "partial = target"),
    edit("checkpoint.py", "        os.replace(partial, target)\n", ""),
  ),
  carelessJob(
    "data-order-lost",
    "Smaller checkpoints: the order of the batches is drawn from the seed anyway",
    { metrics: ["loss-left"], under: KILLED },
    edit("train.py", "        batches.restore(saved.batches)\n", ""),
  ),
  carelessJob(
    "resume-ignored",
    "Let a run begin from its seed, for reproducible experiments",
    { metrics: ["from-zero", "lost-steps", "resume"], under: KILLED },
    edit(
      "train.py",
      "    saved = checkpoint.load_newest(directory)\n",
      "    directory.mkdir(parents=True, exist_ok=True)\n    saved = None\n",
    ),
  ),
  carelessJob(
    "retries-gone",
    "Simplify the loader: urlopen raises where something is wrong",
    {
      metrics: ["crashes", "not-completed", "failed-restarts"],
      under: ["data-unavailable", "data-broken", "catalog-down"],
    },
    edit("data.py", "ATTEMPTS = 8\n", "ATTEMPTS = 1\n"),
  ),
  harmlessJob(
    "renamed",
    "Rename the batches' internals, say more when a run begins and ends",
    edit(
      "train.py",
      'log.info("No checkpoint: starting at step 0")',
      'log.info("A new run of %d steps with seed %d", steps, seed)',
    ),
    edit("train.py", 'log.info("Training completed: %d steps", steps)', 'log.info("All steps are done")'),
    edit("data.py", "    def _begin_shard(self) -> None:", "    def _turn_to_next(self) -> None:"),
    edit("data.py", "            self._begin_shard()\n", "            self._turn_to_next()\n"),
  ),
  harmlessJob(
    "one-more-kept",
    "Keep three checkpoints, in a little less room each",
    edit("checkpoint.py", "KEPT = 2\n", "KEPT = 3\n"),
    edit("checkpoint.py", "BALLAST_BYTES = 3_500_000", "BALLAST_BYTES = 3_400_000"),
  ),
];
