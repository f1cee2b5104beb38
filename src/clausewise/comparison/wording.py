"""Which schools share wording word for word, and which changed which words of it.

Texts are compared by their words, with white space, typography and case folded and a school's own name read as "the
school". Clauses of equal or near wording in two schools or more make a group; its commonest version is what the others
are set beside. A clause is near by its own words; a lead-in that makes its duty another makes it another version.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations
from typing import Any, Protocol

import numpy as np
from rapidfuzz import fuzz, process

from clausewise.comparison.words import Op, key, word_diff
from clausewise.duties import duty
from clausewise.types import Clause, Document, School

Change = tuple[Op, str]  # of the commonest version, words kept, words left out, words put in

_LEAST = 8  # words; shorter clauses ("Staff must not:") are alike by chance
_NEAR = 85  # likeness by letters, of 100, from which one clause is another reworded
_SCREEN = 70  # likeness by whole words, of 100; cheap, and what is near by letters is hardly ever below it
_STRIP = 512  # clauses compared at a time, so that memory grows with the clauses and not with their square
_TYPE = str.maketrans("‘’“”‐‑–", "''\"\"---", "\u00ad\u200b*")
_DUTY = re.compile(
    r"must|mustn't|should|shouldn't|shall|may|might|can|cannot|can't|will|won't|not|never|required?|expected|"
    r"advised|encouraged|avoid"
)


class Texts(Protocol):
    """What is needed of an index."""

    @property
    def schools(self) -> tuple[School, ...]: ...
    @property
    def documents(self) -> Sequence[Document]: ...
    @property
    def clauses(self) -> Sequence[Clause]: ...


@dataclass(frozen=True, slots=True)
class Version:
    """One wording of a shared clause. `text`: of its first clause, as printed with white space folded.

    `changes`: against the commonest version, which has none. `duty_changed`: a must, should, may or "not" is among the
    changed words, or stands otherwise in the lead-in.
    """

    text: str
    clauses: tuple[str, ...]
    schools: tuple[str, ...]
    changes: tuple[Change, ...] = ()
    duty_changed: bool = False


@dataclass(frozen=True)
class Shared:
    """Clauses of two schools or more with equal or near wording; the commonest version stands first."""

    versions: tuple[Version, ...]

    @cached_property
    def clauses(self) -> tuple[str, ...]:
        return tuple(id for version in self.versions for id in version.clauses)

    @cached_property
    def schools(self) -> tuple[str, ...]:
        return tuple(sorted({school for version in self.versions for school in version.schools}))

    @property
    def word_for_word(self) -> bool:
        return len(self.versions) == 1

    @property
    def duty_changed(self) -> bool:
        return any(version.duty_changed for version in self.versions)


@dataclass(frozen=True, slots=True)
class _Wording:
    """One wording and the duty it states, with the clauses that hold it, in the index's order. `words`: folded, to show."""

    words: tuple[str, ...]
    duty: tuple[str, bool] | None
    clauses: tuple[Clause, ...]
    text: str

    @property
    def schools(self) -> frozenset[str]:
        return frozenset(clause.school for clause in self.clauses)

    @property
    def rank(self) -> tuple[int, int, str]:
        """Order of commonness: by schools, by clauses, by place."""
        return -len(self.schools), -len(self.clauses), self.clauses[0].id


def shared(index: Texts) -> tuple[Shared, ...]:
    """Groups of clauses in different schools with equal or near wording; those of most schools first."""
    wordings = sorted(_wordings(index), key=lambda wording: wording.rank)
    near = _near(wordings)
    free = dict.fromkeys(range(len(wordings)))
    groups = []
    for i in range(len(wordings)):
        if i in free:
            members = [i, *(j for j in near[i] if j in free and j != i)]
            if len({school for j in members for school in wordings[j].schools}) > 1:
                groups.append(_group([wordings[j] for j in members]))
                free = {j: None for j in free if j not in members}
    return tuple(sorted(groups, key=lambda group: (-len(group.schools), group.clauses[0])))


def share(index: Texts, groups: Sequence[Shared] | None = None) -> dict[tuple[str, str], float]:
    """(school, other) -> share, 0 to 1, of the school's answering clauses that the other has in equal or near wording.

    Only clauses of eight words or more count. It is not the same both ways: a short policy may lie whole in a long one.
    """
    counts = Counter(clause.school for clause, _ in _answering(index))
    school = {clause.id: clause.school for clause in index.clauses}
    both: Counter[tuple[str, str]] = Counter()
    for group in shared(index) if groups is None else groups:
        both.update((school[id], other) for id in group.clauses for other in group.schools if other != school[id])
    pairs = permutations([school.id for school in index.schools], 2)
    return {pair: both[pair] / counts[pair[0]] if counts[pair[0]] else 0.0 for pair in pairs}


# clauses -> wordings


def _answering(index: Texts) -> list[tuple[Clause, Document]]:
    """The clauses long enough to compare, of policies in force."""
    documents = {document.id: document for document in index.documents if not document.superseded_by}
    found = [(clause, documents[clause.document]) for clause in index.clauses if clause.answers and clause.document in documents]
    return [(clause, document) for clause, document in found if len(clause.body.of(document.text).split()) >= _LEAST]


def _wordings(index: Texts) -> list[_Wording]:
    names = {school.id: _names(school) for school in index.schools}
    held: dict[tuple[Any, ...], list[tuple[Clause, tuple[str, ...], str]]] = {}
    for clause, document in _answering(index):
        text = " ".join(clause.body.of(document.text).split())
        words = tuple(_fold(text, names[clause.school]).split())
        said = duty(text, " ".join(span.of(document.text) for span in clause.lead_ins) or None)
        key = (tuple(map(_bare, words)), (said.strength, said.negative) if said else None)
        held.setdefault(key, []).append((clause, words, text))
    return [_Wording(rows[0][1], key[1], tuple(clause for clause, *_ in rows), rows[0][2]) for key, rows in held.items()]


def _names(school: School) -> re.Pattern[str]:
    """What stands for the school in its own policies; the longest names first, so that no part of one is left over."""
    names = sorted({school.name, *school.aliases}, key=lambda name: (-len(name), name))
    return re.compile(r"\b(?:the +)?(?:" + "|".join(re.escape(" ".join(_typed(name).split())) for name in names) + r")(?![\w-])", re.I)


def _typed(text: str) -> str:
    return unicodedata.normalize("NFC", text).translate(_TYPE)


def _fold(text: str, names: re.Pattern[str]) -> str:
    return names.sub("the school", " ".join(_typed(text).split()))


def _bare(word: str) -> str:
    """As it is compared; a word that is nothing but stops is itself."""
    return key(word) or word


# wordings -> groups


def _near(wordings: Sequence[_Wording]) -> list[list[int]]:
    """For each wording the places of those near it, the likest first."""
    letters: dict[str, str] = {}
    coded = ["".join(letters.setdefault(_bare(word), chr(0x10000 + len(letters))) for word in wording.words) for wording in wordings]
    lines = [" ".join(map(_bare, wording.words)) for wording in wordings]
    found: list[dict[int, float]] = [{} for _ in wordings]
    for start in range(0, len(coded), _STRIP):
        strip = process.cdist(coded[start : start + _STRIP], coded[start:], scorer=fuzz.ratio, score_cutoff=_SCREEN, dtype=np.uint8)
        for i, j in (np.argwhere(strip) + start).tolist():
            if i < j and (likeness := fuzz.ratio(lines[i], lines[j], score_cutoff=_NEAR)):
                found[i][j] = found[j][i] = likeness
    return [sorted(row, key=lambda j, row=row: (-row[j], j)) for row in found]  # type: ignore[misc]


def _group(members: Sequence[_Wording]) -> Shared:
    first = members[0]
    others = (_version(m, word_diff(" ".join(first.words), " ".join(m.words)), m.duty != first.duty) for m in members[1:])
    return Shared((_version(first, ()), *others))


def _version(wording: _Wording, made: tuple[Change, ...], other_duty: bool = False) -> Version:
    ids = tuple(clause.id for clause in wording.clauses)
    altered = {_bare(word) for op, words in made if op != "same" for word in words.split()}
    return Version(wording.text, ids, tuple(sorted(wording.schools)), made, other_duty or any(map(_DUTY.fullmatch, altered)))


def told(made: Sequence[Change]) -> Mapping[str, list[str]]:
    """The words left out and those put in, without what stayed."""
    return {op: [words for kind, words in made if kind == op] for op in ("gone", "new")}
