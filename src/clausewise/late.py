"""Late interaction: a question's words against a passage's words, where a mean vector blurs them.

Each word of the question finds the passage's word nearest to it (cosine); the score is the mean of these, weighted by
how much the question's words matter (ColBERT's MaxSim with learnt weights). Passages' words are kept as 8-bit numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from clausewise.checksums import Checked, taken
from clausewise.durable import write_array

Floats = np.ndarray[tuple[int, int], np.dtype[np.float32]]
Codes = np.ndarray[tuple[int, int], np.dtype[np.int8]]
Ends = np.ndarray[tuple[int], np.dtype[np.int64]]
Weights = np.ndarray[tuple[int], np.dtype[np.float32]]

_STEP = 127  # a coordinate of a unit vector, -1 to 1, is kept as a whole number of so many parts
_PART = 2_048  # words whose codes are read at a time


@dataclass(frozen=True, slots=True)
class Words:
    """A text's words (tokens): unit vectors, shape (tokens, width), and how much each matters, shape (tokens,), sum 1."""

    vectors: Floats
    weights: Weights


@dataclass(frozen=True, slots=True)
class Head:
    """What turns an encoder's token states into words. `project`: (width, states' width); `weigh`: (states' width + 1,)."""

    project: Floats
    weigh: Weights

    def words(self, states: Floats) -> Words:
        """States, shape (tokens, states' width), of one text."""
        vectors = states @ self.project.T
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        weights = np.logaddexp(0.0, states @ self.weigh[:-1] + self.weigh[-1])
        return Words(vectors.astype(np.float32), (weights / weights.sum()).astype(np.float32))


class WordIndex:
    """The words of every passage, one after the other: row i's are codes[ends[i]:ends[i + 1]]."""

    def __init__(self, codes: Codes | Checked, ends: Ends) -> None:
        self._codes, self._ends = codes, ends

    @classmethod
    def of(cls, rows: Sequence[Codes]) -> WordIndex:
        """From each passage's codes."""
        ends = np.cumsum([0, *(len(codes) for codes in rows)], dtype=np.int64)
        return cls(np.concatenate(rows) if rows else np.zeros((0, 1), dtype=np.int8), ends)

    def __len__(self) -> int:
        return len(self._ends) - 1

    def codes(self, row: int) -> Codes:
        return self._codes[self._ends[row] : self._ends[row + 1]]

    def best(self, asked: Words, rows: Sequence[int] | Ends) -> Floats:
        """For each of `rows` and each word asked, the cosine of the passage's nearest word: shape (len(rows), tokens)."""
        chosen = np.asarray(rows, dtype=np.int64)
        if not len(chosen):
            return np.zeros((0, len(asked.weights)), dtype=np.float32)
        sizes = self._ends[chosen + 1] - self._ends[chosen]
        starts = np.cumsum([0, *sizes[:-1]], dtype=np.int64)
        if np.array_equal(chosen, np.arange(chosen[0], chosen[0] + len(chosen))):  # a school's, as they stand
            words: range | Ends = range(int(self._ends[chosen[0]]), int(self._ends[chosen[-1] + 1]))
        else:
            words = np.repeat(self._ends[chosen] - starts, sizes) + np.arange(sizes.sum())
        found = np.maximum.reduceat(self._products(asked, words), starts, axis=0)
        return np.asarray(found / _STEP, dtype=np.float32)

    def _products(self, asked: Words, words: range | Ends) -> Floats:
        """Of each of `words`, by its place in the codes, with each word asked; a part at a time, which the processor's cache holds."""
        found = np.empty((len(words), len(asked.vectors)), dtype=np.float32)
        for start in range(0, len(words), _PART):
            part = words[start : start + _PART]
            codes = self._codes[part.start : part.stop] if isinstance(part, range) else taken(self._codes, part)
            np.matmul(codes.astype(np.float32), asked.vectors.T, out=found[start : start + _PART])
        return found

    def scores(self, asked: Sequence[Words], rows: Sequence[int] | Ends) -> Floats:
        """Late interaction of each question with each of `rows`: shape (len(asked), len(rows))."""
        together = Words(np.concatenate([one.vectors for one in asked]), np.concatenate([one.weights for one in asked]))
        best = self.best(together, rows)
        ends = np.cumsum([0, *(len(one.weights) for one in asked)])
        return np.stack([best[:, ends[i] : ends[i + 1]] @ one.weights for i, one in enumerate(asked)])

    def save(self, codes: Path, ends: Path) -> None:
        write_array(codes, self._codes[:])
        write_array(ends, self._ends)

    @classmethod
    def load(cls, codes: Checked, ends: Path) -> WordIndex:
        """The codes stay on disk until they are read."""
        return cls(codes, np.load(ends, allow_pickle=False))


def encode(words: Words) -> Codes:
    """A passage's words as they are kept: each coordinate off by at most 1/254."""
    return np.rint(words.vectors * _STEP).astype(np.int8)
