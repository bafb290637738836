"""
Trains a small regression. Killed at any moment and started again, it ends with the very same parameters.

    CATALOG_URL=http://127.0.0.1:8001 DATA_URL=http://127.0.0.1:8002 CHECKPOINT_DIR=checkpoints STEPS=100 SEED=1 python train.py
"""

import logging
import math
import os
import sys
from pathlib import Path

# Before numpy is loaded. With more threads sums come in another order, and the same step in other bits.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import checkpoint  # noqa: E402
from data import Batches  # noqa: E402
from model import Momentum, initial_parameters, loss_and_gradient  # noqa: E402

SAVE_EVERY = 10

logging.basicConfig(
    stream=sys.stdout, level=logging.INFO, format="[train] %(asctime)s - %(name)s - %(levelname)s - %(message)s"
)
log = logging.getLogger("train")


def main() -> None:
    directory = Path(os.environ.get("CHECKPOINT_DIR", "checkpoints"))
    steps = int(os.environ.get("STEPS", "100"))
    seed = int(os.environ.get("SEED", "1"))

    parameters = initial_parameters(seed)
    optimizer = Momentum()
    batches = Batches(os.environ["CATALOG_URL"], os.environ["DATA_URL"], seed + 1)
    done = 0

    saved = checkpoint.load_newest(directory)
    if saved is None:
        log.info("No checkpoint: starting at step 0")
    else:
        # All four, or the steps to come are not those of a run that was never stopped.
        parameters = saved.parameters
        optimizer.velocity = saved.velocity
        batches.restore(saved.batches)
        done = saved.step

    while done < steps:
        loss, gradient = loss_and_gradient(parameters, batches.next())
        # A checkpoint of parameters that are lost already would be the worst thing to keep.
        if not math.isfinite(loss):
            raise RuntimeError(f"the loss of step {done + 1} is {loss}")
        norm = optimizer.update(parameters, gradient, done + 1)
        done += 1
        log.info("step: %2d  loss: %8.5f  grad_norm: %8.4f", done, loss, norm)
        if done % SAVE_EVERY == 0 or done == steps:
            checkpoint.save(directory, checkpoint.Checkpoint(done, parameters, optimizer.velocity, batches.state()))
    log.info("Training completed: %d steps", steps)


main()
