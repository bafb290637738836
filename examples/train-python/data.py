"""What the training loop reads: batches in a seeded order, out of shards that are fetched until they are whole."""

import hashlib
import http.client
import io
import json
import time
import urllib.request
from collections.abc import Callable
from typing import TypeVar

import numpy as np

BATCH = 64
ATTEMPTS = 8
TRY_TIMEOUT_S = 1.0  # of each wait for bytes: a store that hangs must not hang the job
FIRST_WAIT_S = 0.02
LONGEST_WAIT_S = 0.4

Got = TypeVar("Got")


def _fetch(url: str, check: Callable[[bytes], Got]) -> Got:
    """What `check` makes of the body. What it refuses is fetched again, like an answer that never came."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with urllib.request.urlopen(url, timeout=TRY_TIMEOUT_S) as response:
                return check(response.read())
        # HTTP errors, timeouts, resets and bodies cut short; and what `check` says of a body that came whole.
        except (OSError, ValueError, http.client.HTTPException) as error:
            if attempt == ATTEMPTS:
                raise RuntimeError(f"{url} could not be read: {error}") from error
            time.sleep(min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (attempt - 1)))
    raise AssertionError("unreachable")


def _catalog(body: bytes) -> list[dict]:
    shards = json.loads(body)["shards"]
    if not shards:
        raise ValueError("the catalog is empty")
    return shards


def _shard(entry: dict, body: bytes) -> np.ndarray:
    if hashlib.sha256(body).hexdigest() != entry["sha256"]:
        raise ValueError(f"{entry['name']} has another checksum than the catalog says")
    records = np.load(io.BytesIO(body), allow_pickle=False)
    if len(records) != entry["records"]:
        raise ValueError(f"{entry['name']} has {len(records)} records, not {entry['records']}")
    return records


class Batches:
    """Batches without end: shards in another order in each epoch, and the records of each shard in an order of their own."""

    def __init__(self, catalog_url: str, data_url: str, seed: int) -> None:
        self._urls = (catalog_url, data_url)
        self._random = np.random.default_rng(seed)
        self._epoch = 0
        self._order: list[int] = []  # shards of this epoch
        self._shard = -1  # place in `_order` of the shard in use
        self._rows: list[int] = []  # its records, in the order in which they are used
        self._next = 0  # place in `_rows` of the next batch
        # Fetched, and so no part of the state.
        self._entries: list[dict] = []
        self._records: np.ndarray | None = None

    def next(self) -> np.ndarray:
        if self._next >= len(self._rows):
            self._begin_shard()
        records = self._fetched()
        rows = self._rows[self._next : self._next + BATCH]
        self._next += BATCH
        return records[rows].astype(np.float64)

    def _begin_shard(self) -> None:
        self._shard += 1
        if self._shard >= len(self._order):
            # Read again with each epoch: data may have been added.
            self._entries = _fetch(f"{self._urls[0]}/catalog", _catalog)
            self._epoch += 1
            self._order = self._random.permutation(len(self._entries)).tolist()
            self._shard = 0
        self._records = None
        self._rows = self._random.permutation(len(self._fetched())).tolist()
        self._next = 0

    def _fetched(self) -> np.ndarray:
        if self._records is None:
            if not self._entries:
                self._entries = _fetch(f"{self._urls[0]}/catalog", _catalog)
            entry = self._entries[self._order[self._shard]]
            url = f"{self._urls[1]}/shards/{entry['name']}"
            self._records = _fetch(url, lambda body: _shard(entry, body))
        return self._records

    def state(self) -> dict:
        """Everything that decides what the following batches are; goes into JSON."""
        return {
            "epoch": self._epoch,
            "order": self._order,
            "shard": self._shard,
            "rows": self._rows,
            "next": self._next,
            "random": self._random.bit_generator.state,
        }

    def restore(self, state: dict) -> None:
        self._epoch = state["epoch"]
        self._order = state["order"]
        self._shard = state["shard"]
        self._rows = state["rows"]
        self._next = state["next"]
        self._random.bit_generator.state = state["random"]
        self._records = None
