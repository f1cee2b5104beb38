"""Schools' names in a text: in full, in part, misspelt or joined, and the schools that each of them fits."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from clausewise.types import School

_GENERIC = frozenset(
    [
        "school",
        "schools",
        "primary",
        "infant",
        "infants",
        "junior",
        "juniors",
        "secondary",
        "high",
        "nursery",
        "special",
        "academy",
        "academies",
        "college",
        "federation",
        "trust",
        "catholic",
        "community",
        "church",
        "england",
        "c",
        "of",
        "e",
        "ce",
        "rc",
        "st",
        "saint",
        "saints",
        "the",
        "and",
    ]
)
_SMALL = frozenset(
    [
        "and",
        "but",
        "or",
        "so",
        "what",
        "about",
        "how",
        "if",
        "even",
        "also",
        "then",
        "ok",
        "okay",
        "same",
        "at",
        "in",
        "for",
        "from",
        "with",
        "the",
        "a",
        "an",
        "is",
        "are",
        "was",
        "do",
        "does",
        "did",
        "can",
        "could",
        "should",
        "would",
        "may",
        "might",
        "must",
        "i",
        "we",
        "you",
        "they",
        "it",
        "that",
        "this",
        "to",
        "of",
        "on",
        "one",
        "there",
    ]
)
_AT_LEAST = 86.0  # rapidfuzz ratio, 0 to 100, from which letters count as a misspelt name: one letter in seven
_LENGTHS = 0.4  # what differs more in length is no misspelling
_EQUALLY = 0.02  # so much less may a second school's name be like what was said, and be meant as well
_WORD = re.compile(r"\b(?:saint|st)\b\.?\s+(?P<saint>[a-z]+?)(?:['’]?s)?\b|\w+(?:['’](?!s\b)\w+)?", re.I)
_SAINT = re.compile(r"(?:saint|st)\b", re.I)
_HEADS = re.compile(r"['’]s\b|\s*:|\s+[-–]\s|\s+(?:school|academy|primary|infants?|juniors?|high|college)\b", re.I)  # what follows a name
_UNLIKE = (0.0, True, 0)
_DANGLING = re.compile(r"(?<=\s)(?:(?:and|but|or|so|then|what about|how about)\b[\s,]*)+$", re.I)

Word = tuple[str, int, int]  # in small letters, and where it stands


@dataclass(frozen=True, slots=True)
class Named:
    """`bare`: a text without its schools' names. `fits`: for each name, in the text's order, ids of the schools that it fits."""

    bare: str
    fits: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class _Mention:
    """Words that may name `school`. `strength`: of a name, its letters and how like they are (0 to 1); of a part of one, that alone."""

    strength: float
    start: int
    end: int
    school: str

    def meets(self, other: _Mention) -> bool:
        return self.start < other.end and other.start < self.end


def read_names(text: str, schools: Sequence[School]) -> Named:
    """What `text` names. Of names that share a word the strongest is meant, and all that are equally strong."""
    claims: list[list[_Mention]] = []
    shared = _shared_words(schools)
    words = _words(text)
    found = [mention for school in schools for mention in _mentions(text, words, school, shared)]
    for mention in sorted(found, key=lambda m: (-m.strength, m.start, m.end, m.school)):
        met = [claim for claim in claims if any(mention.meets(other) for other in claim)]
        if not met:
            claims.append([mention])
        elif len(met) == 1 and met[0][0].strength - mention.strength <= _EQUALLY and mention.school not in _fit(met[0]):
            met[0].append(mention)
    claims = _joined(text, sorted(claims, key=lambda claim: claim[0].start))
    fits = [_fit(claim) for claim in claims]
    return Named(_bare(text, claims), tuple(tuple(school.id for school in schools if school.id in each) for each in fits))


def content(text: str) -> list[str]:
    """The words of a text that say something of their own."""
    return [w for w in re.findall(r"[a-z0-9']+", text.lower()) if w not in _SMALL]


def _fit(claim: Sequence[_Mention]) -> set[str]:
    return {mention.school for mention in claim}


def _joined(text: str, claims: Sequence[list[_Mention]]) -> list[list[_Mention]]:
    """Words side by side that some school's name has both of are one name: of a park, a wood and a lane "King's Park" is the park."""
    joined: list[list[_Mention]] = []
    for claim in claims:
        last = joined[-1] if joined else []
        both = _fit(last) & _fit(claim)
        if both and not text[max(mention.end for mention in last) : claim[0].start].strip():
            joined[-1] = [mention for mention in (*last, *claim) if mention.school in both]
        else:
            joined.append(claim)
    return joined


def _bare(text: str, claims: Sequence[Sequence[_Mention]]) -> str:
    for claim in reversed(claims):
        text = _without(text, min(mention.start for mention in claim), max(mention.end for mention in claim))
    return " ".join(text.split())


def _without(text: str, start: int, end: int) -> str:
    """`text` without a name, its preposition, and what is left dangling at the end ("... and at Pear Tree?")."""
    head = re.sub(r"(?:\b(?:at|in|for|from|of)\s+)?$", "", text[:start], flags=re.I)
    tail = re.sub(r"^(?:['’]s)?", "", text[end:])
    shorter = _DANGLING.sub("", head)
    if not re.search(r"\w", tail) and (shorter != head or shorter.rstrip().endswith((".", "?", "!"))):
        return shorter.rstrip()
    return head + tail


# mentions


def _shared_words(schools: Sequence[School]) -> frozenset[str]:
    """Words that more than one school's names have: none of them names a school by itself."""
    words = Counter(word for school in schools for word in set(_distinctive(" ".join([school.name, *school.aliases]))))
    return frozenset(word for word, times in words.items() if times > 1)


def _words(text: str) -> list[Word]:
    """A saint is one word: "St. Mary's", "Saint Mary" and "st marys" are the same."""
    found = ((f"st{match['saint']}" if match["saint"] else match.group(), match) for match in _WORD.finditer(text))
    return [(word.lower().replace("’", "'"), match.start(), match.end()) for word, match in found]


@lru_cache(maxsize=8192)
def _plain(name: str) -> tuple[str, ...]:
    return tuple(word for word, _, _ in _words(re.sub(r"['’]s\b", "s", name.replace("-", " "))))


def _distinctive(name: str) -> list[str]:
    return [word for word in _plain(name) if word not in _GENERIC and len(word) > 1]


def _mentions(text: str, words: list[Word], school: School, shared: frozenset[str]) -> Iterator[_Mention]:
    """Where `text` may name `school`: in full, misspelt or in part."""
    yield from _full_names(text, words, school)
    yield from _parts(text, words, school, shared)


def _full_names(text: str, words: list[Word], school: School) -> Iterator[_Mention]:
    """Each run of words that is a name of the school; longer names are stronger, misspelt ones weaker."""
    for name in _names(school.id, school.name, school.aliases):
        size = name.count(" ") + 1
        letters = len(name) - size + 1
        for width in {size, max(1, size - 1), size + 1}:
            for i in range(len(words) - width + 1):
                run = words[i : i + width]
                if abs(sum([len(word) for word, _, _ in run]) - letters) > letters * _LENGTHS:
                    continue
                if width > size and run[0][0] in _SMALL:  # "a pear tree" is no misspelt name
                    continue
                said, start, end = " ".join([word for word, _, _ in run]), run[0][1], run[-1][2]
                if (like := _likeness(said, name)) and not _as_a_thing(text, start, end):
                    yield _Mention((len(name) if like == 1 else min(len(name), len(said))) + like, start, end, school.id)


def _parts(text: str, words: list[Word], school: School, shared: frozenset[str]) -> Iterator[_Mention]:
    """Each word that is used as a name and is one of the school's own, or one that it shares with others."""
    ours = {*_distinctive(school.name), *(part for part in _distinctive(" ".join(school.aliases)) if part in shared)}
    for word, start, end in words:
        owned = re.match(r"['’]s\b", text[end:])  # of "King's" a school's name, or only somebody's, may have the s
        said = [(word, end), *([(f"{word}s", end + owned.end())] if owned else [])]
        like, own, end = max(((_word_likeness(each, part), part not in shared, to) for each, to in said for part in ours), default=_UNLIKE)
        if like and (_as_a_name(text, start, end) if own else _surely_a_name(text, start) or _heads(text, start, end)):
            yield _Mention(like - _EQUALLY, start, end, school.id)


@lru_cache(maxsize=4096)
def _names(folder: str, full: str, aliases: tuple[str, ...]) -> frozenset[str]:
    """The ways to name a school in full: its name, its aliases, its folder, its own words, of three or more their beginning too."""
    names = {" ".join(_plain(name)) for name in (full, *aliases, folder)}
    parts = _distinctive(full)
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
