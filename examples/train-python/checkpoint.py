"""
Checkpoints that survive a kill at any moment and a full disk.

    step-20.npz.partial --write, fsync--> --os.replace--> step-20.npz, fsync of the directory
"""

import errno
import io
import json
import logging
import os
import re
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

# The newest may turn out broken: then the one before it is there.
KEPT = 2
# This model is tiny. Ballast and pace (MiB/s) stand in for the size of a real one's checkpoint: a save takes about 130 ms.
BALLAST_BYTES = 3_500_000
BYTES_PER_S = float(os.environ.get("SAVE_PACE", "32")) * 1024 * 1024
CHUNK_BYTES = 64 * 1024
# No room, or a disk that fails: the training is worth more than this one checkpoint. Anything else is a mistake, and is raised.
DISK_TROUBLE = {errno.ENOSPC, errno.EDQUOT, errno.EIO}

NAME = re.compile(r"step-(\d+)\.npz")
log = logging.getLogger("train")


@dataclass
class Checkpoint:
    step: int
    parameters: np.ndarray
    velocity: np.ndarray
    batches: dict  # the state of data.Batches


def _encoded(checkpoint: Checkpoint) -> bytes:
    content = io.BytesIO()
    np.savez(
        content,
        step=checkpoint.step,
        parameters=checkpoint.parameters,
        velocity=checkpoint.velocity,
        batches=np.frombuffer(json.dumps(checkpoint.batches).encode(), dtype=np.uint8),
        ballast=np.zeros(BALLAST_BYTES, dtype=np.uint8),
    )
    return content.getvalue()


def _read(path: Path) -> Checkpoint:
    # A cut file lacks the archive's directory at its end, and each array's CRC-32 is checked as it is read.
    with np.load(path, allow_pickle=False) as arrays:
        return Checkpoint(
            step=int(arrays["step"]),
            parameters=arrays["parameters"],
            velocity=arrays["velocity"],
            batches=json.loads(arrays["batches"].tobytes()),
        )


def _write_synced(path: Path, content: bytes) -> None:
    """
    In chunks, as a stream to a store goes, no faster than the pace; on the disk when it returns. The replacing comes after that: else a
    power cut could leave the name, and not the bytes.
    """
    started = time.monotonic()
    with open(path, "wb", buffering=0) as file:
        for at in range(0, len(content), CHUNK_BYTES):
            rest = memoryview(content)[at : at + CHUNK_BYTES]
            while rest:
                rest = rest[file.write(rest) :]
            time.sleep(max(0.0, (at + CHUNK_BYTES) / BYTES_PER_S - (time.monotonic() - started)))
        os.fsync(file.fileno())


def _sync_directory(directory: Path) -> None:
    """Without this, a power cut may leave the bytes, and not the name."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _steps_in(directory: Path) -> list[int]:
    """Of the checkpoints that are there, newest first."""
    found = (NAME.fullmatch(path.name) for path in directory.iterdir())
    return sorted((int(match[1]) for match in found if match), reverse=True)


def _path_of(directory: Path, step: int) -> Path:
    return directory / f"step-{step}.npz"


def save(directory: Path, checkpoint: Checkpoint) -> bool:
    """False: there was no room, and what was saved before is still there."""
    target = _path_of(directory, checkpoint.step)
    partial = target.with_name(target.name + ".partial")
    started = time.monotonic()
    log.info("Saving the checkpoint at step %d", checkpoint.step)
    try:
        _write_synced(partial, _encoded(checkpoint))
        os.replace(partial, target)
        _sync_directory(directory)
    except OSError as error:
        if error.errno not in DISK_TROUBLE:
            raise
        partial.unlink(missing_ok=True)
        log.warning("No checkpoint at step %d, going on: %s", checkpoint.step, error)
        return False
    # Only now: until here the older ones were all there was.
    for old in _steps_in(directory)[KEPT:]:
        _path_of(directory, old).unlink()
    log.info("Finished saving the checkpoint in %.2f seconds", time.monotonic() - started)
    return True


def load_newest(directory: Path) -> Checkpoint | None:
    """
    The newest that is whole; None: there is none, and never was one.

    Raises where there are some, and none can be read: to begin again at step 0 would throw work away unasked.
    """
    directory.mkdir(parents=True, exist_ok=True)
    # What a save left that was killed; its room is needed.
    for partial in directory.glob("*.partial"):
        partial.unlink()
    steps = _steps_in(directory)
    for step in steps:
        started = time.monotonic()
        log.info("Loading the checkpoint at step %d", step)
        try:
            found = _read(_path_of(directory, step))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            log.warning("The checkpoint of step %d cannot be read: %s", step, error)
        else:
            log.info("Finished loading the checkpoint in %.2f seconds", time.monotonic() - started)
            return found
    if steps:
        raise RuntimeError(f"none of the checkpoints in {directory} can be read")
    return None
