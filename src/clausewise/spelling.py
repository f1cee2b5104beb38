"""Slips of the finger in a question, mended before it is searched. The only room that knows pyspellchecker.

A word is left alone if a policy or the thesaurus has it, if a dictionary of English has it, if it is short, or if it
begins with a capital (a name). Else it becomes the word one slip away that the policies have, or the likeliest one. A
slip is a letter left out, doubled or swapped with its neighbour: one letter for another makes other words of what no
dictionary has ("hoodie", "zumba").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spellchecker import SpellChecker

_WORD = re.compile(r"(?<!['’])\b[^\W\d_]+\b(?!['’])")  # "they're" is no misspelling
_SHORT = 5  # letters; shorter words have too many neighbours


class Speller:
    """Mends questions; the dictionary is read at the first. `known`: whether a word is always right, as the policies' own are."""

    def __init__(self, known: Callable[[str], bool]) -> None:
        self._known = known

    @cached_property
    def _english(self) -> SpellChecker:
        from spellchecker import SpellChecker

        return SpellChecker(language="en", distance=1)

    def mend(self, text: str) -> str:
        """`text` with each misspelt word replaced; all else as it was."""
        return _WORD.sub(lambda found: self._mended(found.group()), text)

    def _mended(self, word: str) -> str:
        if len(word) < _SHORT or not word.islower() or self._known(word) or word in self._english:
            return word
        near = [other for other in self._english.edit_distance_1(word) if _slip(word, other)]
        ours = [other for other in near if self._known(other)]
        english = [other for other in near if other in self._english]
        return max(ours or english or [word], key=lambda other: (self._english[other], other))


def _slip(word: str, other: str) -> bool:
    """Whether `word`, one edit from `other`, may be `other` mistyped; the first letter seldom is."""
    return word[0] == other[0] and (len(word) != len(other) or sorted(word) == sorted(other))


def spoken(texts: Iterable[str]) -> set[str]:
    """The words of `texts`, in small letters."""
    return {word for text in texts for word in _WORD.findall(text.lower())}
