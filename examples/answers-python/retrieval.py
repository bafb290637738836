"""Finds the FAQ entries that fit a question: by meaning, with the sentence embeddings of WordLlama.

The model's weights and tokenizer lie in the package, so loading takes no network and well under a second.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import wordllama

# The package looks for its tokenizer in a cache directory before it would download it; its own directory is laid out as one.
PACKAGED = Path(wordllama.__file__).parent


@dataclass(frozen=True)
class Entry:
    id: str
    question: str
    answer: str


class Retrieval:
    def __init__(self, faq: Path) -> None:
        self._entries = [Entry(**entry) for entry in json.loads(faq.read_text("utf-8"))]
        self._model = wordllama.WordLlama.load(cache_dir=PACKAGED, disable_download=True)
        self._vectors = self._embed([f"{entry.question} {entry.answer}" for entry in self._entries])

    def _embed(self, texts: list[str]) -> np.ndarray:
        """One row of unit length for each text."""
        return self._model.embed(texts, norm=True)

    def search(self, question: str, limit: int = 2) -> list[Entry]:
        """The entries nearest in meaning (cosine), best first; takes under a millisecond."""
        scores = self._vectors @ self._embed([question])[0]
        return [self._entries[index] for index in np.argsort(-scores)[:limit]]
