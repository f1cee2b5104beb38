"""How sure it is that a ranking's first passage answers the question at all."""

from __future__ import annotations

from collections.abc import Sequence

from clausewise.lexical import LexicalIndex
from clausewise.types import Hit


def confidence(question: str, hits: Sequence[Hit], lexical: LexicalIndex) -> float:
    """Probability, 0 to 1, that the first of `hits` (best first) answers."""
    return 1.0 if hits and hits[0].dense > 0.2 else 0.0
