"""Turns and a follow-up -> a question that stands on its own, and the schools that it is asked of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
_EVERY = re.compile(
    r"\b(?:(?:each|every|all|any)(?: one)?(?: of)?(?: the| our| these| those| your| them)?(?: \w+)?(?: \w+)? "
    r"(?:schools|policies|academies|sites)|(?:each|every) (?:school|academy|policy|site)|"
    r"which (?:of (?:the|our) )?schools?|across (?:the |our )?(?:schools|trust|board)|"
    r"side by side|all (?:of them|five|six|the schools)|"
    r"the (?:rest|others?)(?=\W*$|[?.!,;]| (?:say|do|allow|think|require|mention)| of (?:them|the (?:schools|trust))))\b",
    re.I,
)
_OPENERS = re.compile(
    r"\W*(?:and|but|or|so|what about|how about|what if|even|also|then|ok(?:ay)?|same|not|"
    r"(?:does|is) (?:that|it|this)|why|which|in that case)\b",
    re.I,
)
_POINTERS = re.compile(
    r"\b(?:it|its|it's|that|that's|this|they|they're|them|their|those|these|he|she|him|her|his|then|there|ones?|either|"
    r"same|instead|still)\b",
    re.I,
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


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as it will be searched. `search` is `standalone` without the schools' names, which are a filter."""

    standalone: str
    search: str
    schools: tuple[str, ...]


def understand(question: str, history: Sequence[str], asked: Sequence[str] | None, schools: Sequence[School]) -> Understood:
    """Read `question` after the earlier user turns `history`, oldest first.

    The scope is what the question names; else `asked`; else what the nearest earlier turn names; else every school.
    """
    bare, named = _without_names(question, schools)
    scope = _scope(question, named, history, asked, schools)
    context = _context(bare, history, schools)
    unnamed = [_without_names(turn, schools)[0] for turn in context]
    standalone = " ".join([*(unnamed if named else (turn.strip() for turn in context)), question.strip()])
    parts = [*unnamed, "" if context and not _content(bare) else bare]
    search = " ".join(" ".join(parts).split())
    return Understood(standalone, search or question, scope)


def _scope(
    question: str, named: tuple[str, ...], history: Sequence[str], asked: Sequence[str] | None, schools: Sequence[School]
) -> tuple[str, ...]:
    everyone = tuple(school.id for school in schools)
    if _EVERY.search(question) and (not asked or len(named) > 1):
        return everyone
    if named:
        return named
    if asked:
        return tuple(asked)
    for turn in reversed(history):
        if _EVERY.search(turn):
            return everyone
        if earlier := _without_names(turn, schools)[1]:
            return earlier
    return everyone


def _context(bare: str, history: Sequence[str], schools: Sequence[School]) -> list[str]:
    """The earlier turns that a follow-up leans on: none if it stands alone, else back to one that does."""
    turns: list[str] = []
    words = bare
    for turn in reversed(history[-3:]):
        if not _leans(words):
            break
        turns.insert(0, turn)
        words = _without_names(turn, schools)[0]
    return turns


def _leans(words: str) -> bool:
    """Whether a turn needs the one before it: it opens like a follow-up, points back, or has little of its own."""
    content = _content(words)
    if len(content) < 4 or _OPENERS.match(words):
        return True
    pointers = (m for m in _POINTERS.finditer(words) if len(_content(re.split(r"[.!?]", words[: m.start()])[-1])) < 3)
    return len(content) < 9 and any(pointers)  # a pronoun with words enough before it points at one of those


def _content(words: str) -> list[str]:
    return [w for w in re.findall(r"[a-z0-9']+", words.lower()) if w not in _SMALL]


# schools' names


def _without_names(text: str, schools: Sequence[School]) -> tuple[str, tuple[str, ...]]:
    """`text` with the schools' names taken out, and the ids of the schools that it names, in the corpus' order."""
    taken: list[tuple[int, int]] = []
    named: set[str] = set()
    shared = _shared_words(schools)
    for school in schools:
        for start, end in _mentions(text, school, shared):
            named.add(school.id)
            taken.append((start, end))
    for start, end in sorted(taken, reverse=True):
        text = re.sub(r"(?:\b(?:at|in|for|from|of)\s+)?$", "", text[:start], flags=re.I) + re.sub(r"^(?:['’]s)?", "", text[end:])
    return " ".join(text.split()), tuple(school.id for school in schools if school.id in named)


def _shared_words(schools: Sequence[School]) -> frozenset[str]:
    """Words that more than one school's name has: none of them names a school by itself."""
    words = [word for school in schools for word in set(_distinctive(school.name))]
    return frozenset(word for word in words if words.count(word) > 1)


def _distinctive(name: str) -> list[str]:
    return [w for w in re.findall(r"[a-z0-9']+", name.lower().replace("’", "'")) if w not in _GENERIC]


def _mentions(text: str, school: School, shared: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Where `text` names `school`: in full first, then misspelt or in part; no two overlap."""
    words = [(m.group().lower().replace("’", "'"), m.start(), m.end()) for m in re.finditer(r"\w+(?:['’](?!s\b)\w+)?", text)]
    found = [*_full_names(text, words, school), *_parts(text, words, school, shared)]
    taken: list[tuple[int, int]] = []
    for _, start, end in sorted(found, key=lambda f: (-f[0], f[1])):
        if all(end <= a or start >= b for a, b in taken):
            taken.append((start, end))
            yield start, end


def _full_names(text: str, words: list[tuple[str, int, int]], school: School) -> Iterator[tuple[float, int, int]]:
    """(strength, start, end) of each run of words that is a name; longer names are stronger, misspelt ones weaker."""
    for name in _names(school):
        size = len(name.split())
        for width in {size, max(1, size - 1), size + 1}:
            for i in range(len(words) - width + 1):
                start, end = words[i][1], words[i + width - 1][2]
                said = " ".join(word for word, _, _ in words[i : i + width])
                if width > size and words[i][0] in _SMALL:  # "a pear tree" is no misspelt name
                    continue
                if _same_name(said, name) and not _as_a_thing(text, start, end):
                    yield len(name) + (said == name), start, end


def _parts(text: str, words: list[tuple[str, int, int]], school: School, shared: frozenset[str]) -> Iterator[tuple[float, int, int]]:
    parts = [part for part in _distinctive(school.name) if part not in shared]
    for word, start, end in words:
        if any(_same_word(word, part) for part in parts) and _as_a_name(text, start, end):
            yield 0.0, start, end


def _names(school: School) -> set[str]:
    """The ways to name a school in full: its name, its aliases, its folder, its name without "Primary School"."""
    plain = [school.name, *school.aliases, school.id.replace("-", " ")]
    names = {" ".join(re.findall(r"[\w]+(?:'\w+)?", name.lower().replace("’", "'"))) for name in plain}
    parts = _distinctive(school.name)
    return names | ({" ".join(parts)} if len(parts) > 1 else set())


def _same_name(said: str, name: str) -> bool:
    if said == name or (said.replace(" ", "") == name.replace(" ", "") and len(name) > 5):
        return True
    joined = fuzz.ratio(said.replace(" ", ""), name.replace(" ", ""))
    return len(name) > 6 and fuzz.ratio(said, name) >= _AT_LEAST and joined >= _AT_LEAST


def _same_word(said: str, part: str) -> bool:
    return len(part) > 4 and (said == part or (len(part) > 6 and fuzz.ratio(said, part) >= _AT_LEAST))


def _as_a_name(text: str, start: int, end: int) -> bool:
    """Whether a single word is used as a name: with a capital in mid-sentence, or where a name would stand."""
    before = text[:start]
    capital = text[start].isupper() and bool(re.search(r"[\w,;] $", before)) and not text.istitle()
    after = r"\b(?:at|vs\.?|versus|does|do|and) $" if end - start > 6 else r"\b(?:at|vs\.?|versus) $"
    return capital or bool(re.search(after, before, re.I))


def _as_a_thing(text: str, start: int, end: int) -> bool:
    """Whether the words are ordinary ones: "a pear tree in the garden", "a primary advantage"."""
    return text[start:end].islower() and bool(re.search(r"\b(?:an?|the|this|that|any|our|your|every) $", text[:start], re.I))
