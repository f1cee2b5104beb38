"""Words against words: what stayed, what went and what came, and whether two texts say the same."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal

Op = Literal["same", "gone", "new"]
Words = tuple[tuple[Op, str], ...]

_TEN = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NAMED = {word: str(n) for n, word in enumerate(_TEN, 2)} | {"twelve": "12", "fourteen": "14", "twenty": "20", "thirty": "30"}
_NUMBER = re.compile(
    rf"\b(?:{'|'.join(_NAMED)}|one(?=\s+(?:\w+\s+)?(?:hour|day|week|month|term|year|person|adult|member))|\d+(?:[.,:]\d+)*)", re.I
)
_REFERENCE = re.compile(
    r"\b(?:section|clause|paragraph|appendix|annex|part|chapter)s?\s+\d+(?:\.\d+)*(?:\s*(?:,|and|to|or|-)\s*\d+(?:\.\d+)*)*", re.I
)


def word_diff(old: str, new: str) -> Words:
    """The words of both as runs, in order. Words that differ in capitals, quotation marks or a closing stop stay the same,
    and are shown as `new` prints them.
    """
    found: list[tuple[Op, str]] = []
    for same, gone, come in runs(old.split(), new.split()):
        ops: tuple[tuple[Op, Sequence[str]], ...] = (("same", come),) if same else (("gone", gone), ("new", come))
        found += [(op, " ".join(words)) for op, words in ops if words]
    return tuple(found)


def runs(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[bool, Sequence[str], Sequence[str]]]:
    """(whether they are the same, words of the old, words of the new)."""
    matcher = SequenceMatcher(None, list(map(key, old)), list(map(key, new)), autojunk=False)
    for op, a, b, c, d in matcher.get_opcodes():
        yield op == "equal", old[a:b], new[c:d]


def alike(old: str, new: str) -> bool:
    return keys(old) == keys(new)


def keys(text: str) -> list[str]:
    return [found for word in text.split() if (found := key(word))]


def key(word: str) -> str:
    """A word as it is compared: without case, and without the stops and marks that come and go as a list grows."""
    return word.casefold().strip(".,;:!?*()“”‘’\"'").replace("’", "'").replace("‑", "-").replace("‐", "-")


def counted(old: str, new: str) -> str:
    """The numbers that differ, in words; "" where none does. Numbers of clauses that are referred to are none."""
    before, after = (Counter(_NAMED.get(n.lower(), "1" if n.lower() == "one" else n) for n in _numbers(text)) for text in (old, new))
    gone, come = (", ".join((one - other).elements()) for one, other in ((before, after), (after, before)))
    if gone and come:
        return f"{gone} became {come}"
    return f"{gone} gone" if gone else f"{come} new" if come else ""


def _numbers(text: str) -> list[str]:
    return _NUMBER.findall(_REFERENCE.sub(" ", text))
