"""The training data: Friedman's first regression problem (Friedman 1991), in shards that are made from their number alone."""

import hashlib
import io

import numpy as np

SHARDS = 24
RECORDS = 128
FEATURES = 8  # of which five matter


def make_shard(number: int) -> bytes:
    """An .npy array of 32-bit floats, one row a record: the features, then what is to be predicted."""
    generator = np.random.default_rng(7000 + number)
    x = generator.random((RECORDS, FEATURES))
    y = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4]
    y = (y + generator.normal(size=RECORDS) - 14.4) / 5  # about standard normal
    content = io.BytesIO()
    np.save(content, np.column_stack([x, y]).astype(np.float32))
    return content.getvalue()


def name_of(number: int) -> str:
    return f"shard-{number:03d}.npy"


def catalog() -> dict:
    """What there is, and how each shard must look; kept apart from the shards, so that a broken one cannot vouch for itself."""
    return {
        "shards": [
            {"name": name_of(number), "records": RECORDS, "sha256": hashlib.sha256(make_shard(number)).hexdigest()}
            for number in range(SHARDS)
        ]
    }
