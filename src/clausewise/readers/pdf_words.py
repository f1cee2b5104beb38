"""Two lines of a paragraph -> one: hyphens at line ends, and what goes on without a space."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_PREFIX_WORDS = """
    all anti bi co counter cross cyber e ex face full half hard high in inter intra long low mid mini multi non off on one out over
    part post pre pro pseudo re self semi short sub so step third two three ultra under up vice well year
"""
_PREFIXES = frozenset(_PREFIX_WORDS.split())
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*(?:-[^\W\d_]+)*")
_SOFT = "\u00ad"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The document's words as they stand within its lines, in lower case, compounds with their hyphens."""

    words: frozenset[str]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Vocabulary:
        """A word at a line's end may be half a word, so only those before it count."""
        found: set[str] = set()
        for text in texts:
            inside = re.sub(r"-\s*$", "", text) if not text.rstrip().endswith("-") else text.rstrip().rpartition(" ")[0]
            found.update(match.lower() for match in _WORD.findall(inside.replace(_SOFT, "")))
        return cls(frozenset(found))

    def join(self, before: str, after: str) -> str:
        """`before`, going on with `after` on the next line."""
        if before.endswith(_SOFT):
            return before[:-1] + after
        if re.search(r"[^\W\d_]-$", before) and re.match(r"[^\W\d_]", after):
            return before + after if self.keeps_hyphen(before, after) else before[:-1] + after
        if re.search(r"(?:\w/|://\S*[/.=&?_-])$", before) and re.match(r"\w", after):
            return before + after
        return f"{before} {after}"

    def keeps_hyphen(self, before: str, after: str) -> bool:
        """Whether the hyphen belongs to the word: the document's own spelling decides, then what is plainly a compound."""
        left, right = _last(before), _first(after)
        joined, hyphened = left.replace("-", "") + right, f"{left}-{right}"
        if hyphened in self.words:
            return True
        if joined in self.words:
            return False
        compound = "-" in left or left in _PREFIXES or after[0].isupper()
        return compound or (left in self.words and right in self.words)


def _last(text: str) -> str:
    found = re.search(r"([^\W\d_]+(?:-[^\W\d_]+)*)-$", text)
    return found.group(1).lower() if found else ""


def _first(text: str) -> str:
    found = re.match(r"[^\W\d_]+(?:-[^\W\d_]+)*", text)
    return found.group().lower() if found else ""
