"""Where a text mentions schools: their names in full, misspelt or in part, by words that are used as a name is.

A question's words are held against all names at once, so that a thousand schools cost little more than six.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from rapidfuzz import fuzz, process

from clausewise.types import School

_GENERIC = frozenset(
    {"school", "schools", "primary", "infant", "infants", "junior", "juniors", "secondary", "high", "nursery", "special", "academy"}
    | {"academies", "college", "federation", "trust", "catholic", "community", "church", "england", "c", "of", "e", "ce", "rc", "st"}
    | {"saint", "saints", "the", "and"}
)
SMALL = frozenset(
    {"and", "but", "or", "so", "what", "about", "how", "if", "even", "also", "then", "ok", "okay", "same", "at", "in", "for", "from"}
    | {"with", "the", "a", "an", "is", "are", "was", "do", "does", "did", "can", "could", "should", "would", "may", "might", "must"}
    | {"i", "we", "you", "they", "it", "that", "this", "to", "of", "on", "one", "there"}
)
EQUALLY = 0.02  # so much less may a second school's name be like what was said, and be meant as well
_AT_LEAST = 86.0  # rapidfuzz ratio, 0 to 100, from which letters count as a misspelt name: one letter in seven
_LIKELY = 85.0  # what is less alike is not looked at again
_STEP = 256  # words, or runs of them
_WORD = re.compile(r"\b(?:saint|st)\b\.?\s+(?P<saint>[a-z]+?)(?:['’]?s)?\b|\w+(?:['’](?!s\b)\w+)?", re.I)
_SAINT = re.compile(r"(?:saint|st)\b", re.I)
_OWNER = re.compile(r"['’]s\b")
_HEADS = re.compile(r"['’]s\b|\s*:|\s+[-–]\s|\s+(?:school|academy|primary|infants?|juniors?|high|college)\b", re.I)  # what follows a name

Word = tuple[str, int, int]  # in small letters, and where it stands
Run = tuple[str, Sequence[Word]]  # words that follow on one another, after all their letters


@dataclass(frozen=True, slots=True)
class Mention:
    """Words that may name `school`. `strength`: of a name, its letters and how like they are (0 to 1); of a part of one, that alone."""

    strength: float
    start: int
    end: int
    school: str

    def meets(self, other: Mention) -> bool:
        return self.start < other.end and other.start < self.end


class Mentions:
    """Finds the mentions of some schools; what texts are held against is made once.

    `_names`: names by the number of their words, each with the ids of the schools that it is one of. `_letters`: the same
    names without blanks. `_parts`: words that may name a school by themselves, with the ids.
    """

    def __init__(self, schools: Sequence[School]) -> None:
        self._shared = _shared_words(schools)
        self._names: dict[int, dict[str, list[str]]] = {}
        self._parts: dict[str, list[str]] = {}
        for school in schools:
            for name in _names(school):
                self._names.setdefault(name.count(" ") + 1, {}).setdefault(name, []).append(school.id)
            for part in {*_distinctive(school.name), *self._shared.intersection(_distinctive(" ".join(school.aliases)))}:
                self._parts.setdefault(part, []).append(school.id)
        self._letters = {size: [name.replace(" ", "") for name in names] for size, names in self._names.items()}

    def of(self, text: str) -> list[Mention]:
        """In no order."""
        words = _words(text)
        runs = {width: _runs(words, width) for size in self._names for width in _widths(size)}
        return [*chain.from_iterable(self._in_full(text, runs, size) for size in self._names), *self._in_part(text, words)]

    def _in_full(self, text: str, runs: Mapping[int, Sequence[Run]], size: int) -> Iterator[Mention]:
        """Each run of words that is a name of `size` words; longer names are stronger, misspelt ones weaker."""
        near, names = [run for width in _widths(size) for run in runs[width]], [*self._names[size]]
        for i, j in _alike([letters for letters, _ in near], self._letters[size]):
            run, name = near[i][1], names[j]
            said, start, end = " ".join(word for word, _, _ in run), run[0][1], run[-1][2]
            if len(run) > size and run[0][0] in SMALL:  # "a pear tree" is no misspelt name
                continue
            if (like := _likeness(said, name)) and not _as_a_thing(text, start, end):
                strength = (len(name) if like == 1 else min(len(name), len(said))) + like
                yield from (Mention(strength, start, end, school) for school in self._names[size][name])

    def _in_part(self, text: str, words: Sequence[Word]) -> Iterator[Mention]:
        """Each word that is used as a name and is one of a school's own, or one that it shares with others."""
        for (start, school), (like, own, end) in self._fits([*words, *_owned(text, words)]).items():
            if _as_a_name(text, start, end) if own else _surely_a_name(text, start) or _heads(text, start, end):
                yield Mention(like - EQUALLY, start, end, school)

    def _fits(self, words: Sequence[Word]) -> dict[tuple[int, str], tuple[float, bool, int]]:
        """(start, school) -> of the school's part that is likest to what is said there: how like, whether no other has it, the end."""
        fits: dict[tuple[int, str], tuple[float, bool, int]] = {}
        parts = [*self._parts]
        for i, j in _alike([word for word, _, _ in words], parts):
            (word, start, end), part = words[i], parts[j]
            if like := _word_likeness(word, part):
                fit = (like, part not in self._shared, end)
                fits |= {(start, school): max(fit, fits.get((start, school), fit)) for school in self._parts[part]}
        return fits


def _widths(size: int) -> set[int]:
    """Of what is said for a name of `size` words: two may be written as one, and one as two."""
    return {size, max(1, size - 1), size + 1}


def _runs(words: Sequence[Word], width: int) -> list[Run]:
    runs = (words[i : i + width] for i in range(len(words) - width + 1))
    return [("".join([word for word, _, _ in run]), run) for run in runs]


def _alike(said: Sequence[str], names: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The pairs, by their places, that may be like enough; what is said is taken a part at a time, since it may be a long letter."""
    for first in range(0, len(said), _STEP):
        like = process.cdist(said[first : first + _STEP], names, scorer=fuzz.ratio, score_cutoff=_LIKELY)
        yield from ((first + i, j) for i, j in np.argwhere(like).tolist())


def _owned(text: str, words: Sequence[Word]) -> Iterator[Word]:
    """Of "King's" a school's name, or only somebody's, may have the s."""
    for word, start, end in words:
        if owned := _OWNER.match(text, end):
            yield f"{word}s", start, owned.end()


def _shared_words(schools: Sequence[School]) -> frozenset[str]:
    """Words that more than one school's names have: none of them names a school by itself."""
    words = Counter(word for school in schools for word in set(_distinctive(" ".join([school.name, *school.aliases]))))
    return frozenset(word for word, times in words.items() if times > 1)


def _words(text: str) -> list[Word]:
    """A saint is one word: "St. Mary's", "Saint Mary" and "st marys" are the same."""
    found = ((f"st{match['saint']}" if match["saint"] else match.group(), match) for match in _WORD.finditer(text))
    return [(word.lower().replace("’", "'"), match.start(), match.end()) for word, match in found]


def _plain(name: str) -> tuple[str, ...]:
    return tuple(word for word, _, _ in _words(re.sub(r"['’]s\b", "s", name.replace("-", " "))))


def _distinctive(name: str) -> list[str]:
    return [word for word in _plain(name) if word not in _GENERIC and len(word) > 1]


def _names(school: School) -> frozenset[str]:
    """The ways to name a school in full: its name, its aliases, its folder, its own words, of three or more their beginning too."""
    names = {" ".join(_plain(name)) for name in (school.name, *school.aliases, school.id)}
    parts = _distinctive(school.name)
    return frozenset(names | {" ".join(parts[:most]) for most in range(2, len(parts) + 1)})


def _likeness(said: str, name: str) -> float:
    """1: the same, but for blanks. 0: not the name."""
    if said == name:
        return 1.0
    close, letters = said.replace(" ", ""), name.replace(" ", "")
    if close == letters and len(name) > 5:
        return 1.0
    joined = fuzz.ratio(close, letters, score_cutoff=_AT_LEAST) if len(name) > 6 else 0.0
    return fuzz.ratio(said, name, score_cutoff=_AT_LEAST) / 100 if joined else 0.0


def _word_likeness(said: str, part: str) -> float:
    if len(part) < 5:
        return 0.0
    return 1.0 if said == part else fuzz.ratio(said, part, score_cutoff=_AT_LEAST) / 100 if len(part) > 6 else 0.0


def _as_a_name(text: str, start: int, end: int) -> bool:
    """Whether a single word is used as a name: with a capital in mid-sentence, or where a name would stand."""
    before = r"\b(?:does|do|and) $" if end - start > 6 else r"(?!)"
    return _surely_a_name(text, start) or bool(re.search(before, text[:start], re.I))


def _surely_a_name(text: str, start: int) -> bool:
    before = text[:start]
    capital = text[start].isupper() and bool(re.search(r"[\w,;] $", before)) and not text.istitle()
    return capital or bool(_SAINT.match(text, start) or re.search(r"\b(?:at|vs\.?|versus) $", before, re.I))


def _heads(text: str, start: int, end: int) -> bool:
    """Whether a capital word opens the text as a name would: "Ashlar: ...", "Ashlar's rule ...", "Ashlar school ..."."""
    return text[start].isupper() and not text[:start].strip() and bool(_HEADS.match(text, end))


def _as_a_thing(text: str, start: int, end: int) -> bool:
    """Whether the words are ordinary ones: "a pear tree in the garden", "a primary advantage"."""
    return text[start:end].islower() and bool(re.search(r"\b(?:an?|the|this|that|any|our|your|every) $", text[:start], re.I))
