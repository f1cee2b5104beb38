"""Many texts -> vectors and words, a part at a time: by the encoder here, or by workers on many machines (see spread).

Which texts stand in a part does not hang on who embeds it, as what is padded together shares its last bits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass

from clausewise.embeddings import Encoder, Vectors
from clausewise.late import Codes, encode

_STEP = 256  # texts embedded between two lines of progress


@dataclass(frozen=True, slots=True)
class Part:
    """Texts that are embedded together. `words`: as well as their vectors, their words."""

    texts: tuple[str, ...]
    words: bool


@dataclass(frozen=True, slots=True)
class Embedded:
    """What becomes of a part: shape (texts, dimensions), and each text's words, none where they were not asked for."""

    part: Part
    vectors: Vectors
    codes: Sequence[Codes]


Engine = Callable[[Encoder, Sequence[Part]], Iterator[Embedded]]  # in any order


def parts(texts: Sequence[str], worded: Set[str]) -> list[Part]:
    """`texts`, of which those whose words are wanted come first, in parts; a part that begins with one gets words throughout."""
    steps = (tuple(texts[start : start + _STEP]) for start in range(0, len(texts), _STEP))
    return [Part(step, step[0] in worded) for step in steps]


def embed(encoder: Encoder, part: Part) -> Embedded:
    if not part.words:
        return Embedded(part, encoder.encode(part.texts), ())
    vectors, words = encoder.encode_words(part.texts)
    return Embedded(part, vectors, [encode(found) for found in words])


def here(encoder: Encoder, parts: Sequence[Part]) -> Iterator[Embedded]:
    """One after the other, by this process."""
    return (embed(encoder, part) for part in parts)
