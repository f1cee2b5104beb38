"""Many texts -> vectors and words, a part at a time: by the encoder here, or by workers on many machines (see spread).

Which texts stand in a part does not hang on who embeds it, as what is padded together shares its last bits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import groupby

from clausewise.embeddings import Encoder, Vectors
from clausewise.late import Codes, encode
from clausewise.settings import cores

_STEP = 10_000  # the work of a part: about half a second of one core
_TEXT = 20  # characters that take as long as what a text takes besides its own


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
    """`texts`, those whose words are wanted standing together, in parts that take about as long as one another."""
    return [Part(part, words) for words, some in groupby(texts, key=lambda text: text in worded) for part in _cut(some)]


def _cut(texts: Iterable[str]) -> Iterator[tuple[str, ...]]:
    part, size = list[str](), 0
    for text in texts:
        if part and size + work([text]) > _STEP:
            yield tuple(part)
            part, size = [], 0
        part.append(text)
        size += work([text])
    if part:
        yield tuple(part)


def work(texts: Iterable[str]) -> int:
    """How long it takes to embed them, beside others."""
    return sum(len(text) + _TEXT for text in texts)


def embed(encoder: Encoder, part: Part) -> Embedded:
    if not part.words:
        return Embedded(part, encoder.encode(part.texts), ())
    vectors, words = encoder.encode_words(part.texts)
    return Embedded(part, vectors, [encode(found) for found in words])


def here(encoder: Encoder, parts: Sequence[Part]) -> Iterator[Embedded]:
    """One after the other, by this process; who asks meanwhile gets their turn."""
    return (embed(encoder, part) for part in parts)


def on_every_core(encoder: Encoder, parts: Sequence[Part]) -> Iterator[Embedded]:
    """By this process, each core at a part of its own: none waits for another, and the bits are those of one core."""
    pool = ThreadPoolExecutor(cores(), "embedding")
    try:
        yield from pool.map(partial(embed, encoder), parts)
    finally:
        pool.shutdown(cancel_futures=True)
