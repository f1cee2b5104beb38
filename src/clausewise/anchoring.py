"""Where the clauses of a re-issued policy went: an old clause's id -> its new id, and whether that is sure.

Words decide, then place. Within a school, and there first within a document and its new version, clauses whose words
and lead-ins are the same are paired; copies are told apart by their headings and by the order of what stands around
them. What is left has other words, and is a proposal for a person to check: reworded, split, merged, removed.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import LCSseq

from clausewise.catalogue import Texts
from clausewise.clauses import split_number
from clausewise.types import Clause, Document, Span

How = Literal["same", "moved", "reworded", "split", "merged", "removed"]

_SHARE = 0.3  # of an old document's clauses, from which one of another name is its new version; two policies of a school share 0.03
_NEAR = 0.6  # likeness of bodies, 0 to 1, from which a clause in the same place counts as reworded
_FAR = 0.85  # the same for a clause elsewhere in the document
_COVERED = 0.8  # of the words on either side, that must stand in order on the other, for a split or a merger
_PART = 0.6  # of a part's words, that must stand in order in the whole
_PARTS = 6  # clauses, the most that one is split into
_STANDS_ALONE = 6  # words, from which a clause keeps its sense under a heading that reads otherwise
_TYPE = str.maketrans("‘’“”‐‑–", "''\"\"---", "\u00ad\u200b") | {c: unicodedata.normalize("NFKC", chr(c)) for c in range(0xFB00, 0xFB07)}
# Words that say whom the rules below a heading or title bind, and words of a heading that say whether they allow or forbid.
_AUDIENCE = (
    r"(?:staff|employ|teach|adult|colleague|pupil|student|child|learner|boarder|parent|carer|famil|governor|trustee|volunteer|visitor|"
    r"contractor|year|nurser|sixth)[a-z']*"
)
_VERDICT = (
    r"(?:allow|permit|prohibit|forbid|unaccept|accept|except|requir|recommend|advi[cs]e|option)[a-z']*|"
    r"non|no|not|never|do|do'?s|don'?ts?|must|mustn't|may|can|cannot|can't|should|shouldn't|unless|\d{1,2}"
)


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where an old clause went. `old`, `new`: clause ids of the old and of the new index, `new` in document order.

    `new`: one id if `same`, `moved` or `merged`, two or more if `split`, none if `removed`; `reworded` names several
    where copies cannot be told apart. `old_text`, `new_text`: lead-ins and body, white space folded, the new clauses
    parted by a line break. `likeness`: of the two, 0 to 1 (rapidfuzz ratio over 100).
    """

    old: str
    new: tuple[str, ...]
    how: How
    likeness: float
    old_text: str
    new_text: str

    @property
    def sure(self) -> bool:
        """Words and lead-ins are unchanged, and it is clear which copy this is; the id may differ."""
        return self.how in ("same", "moved")


@dataclass(frozen=True, slots=True)
class _Rule:
    """A clause made ready to compare. `place`: its rank in its document, from 0. `text`: lead-ins and body as printed.

    `key`: what must be equal for the words to be the same: kind, lead-ins, body, and whether its list is joined by
    "or". `path`: headings without their numbers. `sense`: words of title and path that name an audience or a verdict.
    """

    id: str
    place: int
    text: str
    key: tuple[str, str, str, bool]
    path: tuple[str, ...]
    sense: tuple[str, ...]

    @property
    def compared(self) -> str:
        """Lead-ins and body, folded."""
        return f"{self.key[1]} {self.key[2]}".strip()

    @property
    def stands_alone(self) -> bool:
        return len(self.compared.split()) >= _STANDS_ALONE


_Link = tuple[How, Sequence[_Rule]]
_Key = Callable[[_Rule], Hashable]


def anchors(old: Texts, new: Texts, ids: Iterable[str]) -> dict[str, Anchor]:
    """Where each clause of `ids` went, in their order. Raises KeyError for an id that the old index does not hold."""
    wanted = {id: old.clause[id] for id in ids}
    found: dict[str, Anchor] = {}
    for school in sorted({clause.school for clause in wanted.values()}):
        pairs = _versions(old, new, school)
        _across([pair for id, pair in pairs.items() if not old.document[id].superseded_by], _targets(new, school))
        for document in sorted({clause.document for clause in wanted.values() if clause.school == school}):
            pair = pairs[document]
            pair.propose()
            found |= {rule.id: _anchor(rule, *pair.links.get(rule.id, ("removed", ()))) for rule in pair.before if rule.id in wanted}
    return {id: found[id] for id in wanted}


def _anchor(old: _Rule, how: How, new: Sequence[_Rule]) -> Anchor:
    ids = tuple(rule.id for rule in new)
    copies = new[:1] if how == "reworded" else new
    likeness = fuzz.ratio(old.compared, " ".join(rule.compared for rule in copies)) / 100 if new else 0.0
    return Anchor(old.id, ids, "same" if how == "moved" and ids == (old.id,) else how, likeness, old.text, "\n".join(r.text for r in new))


# clauses made ready to compare


def _rules(index: Texts, school: str) -> dict[str, list[_Rule]]:
    """Document -> its clauses, in order, of one school's documents."""
    return {document.id: _of_document(document, index.clauses_of(document.id)) for document in index.documents_of(school)}


def _of_document(document: Document, clauses: Sequence[Clause]) -> list[_Rule]:
    headings = {clause.id for clause in clauses if clause.kind == "heading"}
    # "; or" stands outside the items' bodies, and turns "all of these" into "one of these"
    either = {c.parent for c in clauses if c.kind == "item" and re.search(r"\bor\s*$", document.text[c.body.end : c.span.end])}
    return [_rule(document, clause, place, headings, clause.parent in either) for place, clause in enumerate(clauses)]


def _rule(document: Document, clause: Clause, place: int, headings: set[str], either: bool) -> _Rule:
    bodies = [span.of(document.text) for span in (*clause.lead_ins, clause.body)]
    numbered = [*(id in headings for id in clause.lead_in_ids), clause.kind in ("heading", "footnote")]
    *leads, words = (_unnumbered(_fold(body)) if n else _fold(body) for body, n in zip(bodies, numbered, strict=True))
    path = tuple(_unnumbered(_fold(heading)).lower() for heading in clause.headings)
    sense = (*_said(_AUDIENCE, _fold(document.title)), *_said(f"{_AUDIENCE}|{_VERDICT}", " / ".join(path)))
    key = ("rule" if clause.answers else clause.kind, " ".join(leads), words, either and clause.kind == "item")
    return _Rule(clause.id, place, " ".join(" ".join(bodies).split()), key, path, sense)


def _fold(text: str) -> str:
    """White space, typography and emphasis folded, and a closing stop dropped, which comes and goes as a list grows."""
    text = re.sub(r"(?<=\w)-[ \t]*\n\s*(?=\w)", "-", unicodedata.normalize("NFC", text).translate(_TYPE))
    return " ".join(text.replace("**", "").split()).rstrip(" .;,")


def _said(wanted: str, words: str) -> list[str]:
    return [word for word in re.findall(r"[a-z']+|\d+", words.lower()) if re.fullmatch(wanted, word)]


def _unnumbered(words: str) -> str:
    return split_number(words, Span(0, len(words)))[1].of(words)


# documents and their new versions


def _versions(old: Texts, new: Texts, school: str) -> dict[str, _Pair]:
    """Old document -> it beside its new version: of its own id, or what supersedes that, else what shares most clauses."""
    before, after = _rules(old, school), _rules(new, school)
    found = {id: new.document[id].superseded_by or id for id in before if id in after}
    free = [id for id in after if id not in found.values() and not new.document[id].superseded_by]
    lost = [id for id in before if id not in found]
    shares = [(bool(old.document[o].superseded_by), -_share(before[o], after[n]), o, n) for o in lost for n in free]
    for _, share, o, n in sorted(shares):
        if -share >= _SHARE and o not in found and n not in found.values():
            found[o] = n
    pairs = {id: _Pair(before[id], after[found[id]] if id in found else []) for id in before}
    for pair in pairs.values():
        pair.align()
    return pairs


def _share(before: Sequence[_Rule], after: Sequence[_Rule]) -> float:
    keys = {rule.key for rule in before if rule.key[0] == "rule"}
    return len(keys & {rule.key for rule in after}) / max(1, len(keys))


def _targets(new: Texts, school: str) -> list[_Rule]:
    return [rule for id, rules in _rules(new, school).items() if not new.document[id].superseded_by for rule in rules]


def _across(pairs: Sequence[_Pair], after: Sequence[_Rule]) -> None:
    """Link what left one document of the school and came word for word into another."""
    home = {rule.id: pair for pair in pairs for rule in pair.before}
    taken = {id for pair in pairs for id in pair.taken}
    gone = [rule for pair in pairs for rule in pair.gone if rule.stands_alone]
    come = [rule for rule in after if rule.id not in taken]
    for old, new in _matched(gone, come, lambda rule: rule.key, lambda rule: rule.key, most=1):
        home[old.id].link(old, new)


# a document beside its new version


@dataclass(slots=True)
class _Pair:
    """The clauses of an old document and of its new version. `links`: by old id. `taken`: ids of new clauses linked to.

    `spine`: places, rising on both sides (0 the old, 1 the new), of clauses that are certainly each other.
    """

    before: Sequence[_Rule]
    after: Sequence[_Rule]
    links: dict[str, _Link] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    spine: tuple[list[int], list[int]] = ([], [])

    @property
    def gone(self) -> list[_Rule]:
        return [rule for rule in self.before if rule.id not in self.links]

    @property
    def come(self) -> list[_Rule]:
        return [rule for rule in self.after if rule.id not in self.taken]

    def link(self, old: _Rule, new: _Rule) -> None:
        """Link clauses of the same words; not surely, where another heading may give the words another sense."""
        sure = old.sense == new.sense and (old.path[-1:] == new.path[-1:] or old.stands_alone)
        self.links[old.id] = ("moved" if sure else "reworded", (new,))
        self.taken.add(new.id)

    def align(self) -> None:
        """Link clauses whose words no other shares, under their headings or at all; then copies, by what stands around them."""
        keys: tuple[_Key, ...] = (lambda rule: (rule.key, rule.path), lambda rule: rule.key)
        alone = [pair for key in keys for pair in _matched(self.before, self.after, key, key, most=1)]
        self.spine = _rising(sorted({(old.place, new.place) for old, new in alone}))
        for old, new in alone:
            self.link(old, new)
        for old, new in _matched(self.gone, self.come, lambda r: (r.key, self.gap(r, 0)), lambda r: (r.key, self.gap(r, 1))):
            self.link(old, new)

    def gap(self, rule: _Rule, side: int) -> int:
        """Rank of the stretch between two clauses of the spine in which a rule stands."""
        return bisect_left(self.spine[side], rule.place)

    def near(self, old: _Rule, new: _Rule) -> bool:
        return self.gap(old, 0) == self.gap(new, 1) or old.path == new.path

    # proposals for what is left

    def propose(self) -> None:
        self._copies()
        self._splits()
        self._mergers()
        self._rewordings()

    def _copies(self) -> None:
        """What nothing tells apart: each of the same words may be it, those in the same place before others."""
        left = _groups(self.come, lambda rule: rule.key)
        for old in self.gone:
            same = left.get(old.key, [])
            if same:
                self.links[old.id] = ("reworded", [new for new in same if self.near(old, new)] or same)
                self.taken |= {new.id for new in same}

    def _splits(self) -> None:
        for old, parts in _held(self.gone, self.come):
            if not any(new.id in self.taken for new in parts):
                self.links[old.id] = ("split", parts)
                self.taken |= {new.id for new in parts}

    def _mergers(self) -> None:
        for new, parts in _held(self.come, self.gone):
            if not any(old.id in self.links for old in parts):
                self.links |= {old.id: ("merged", (new,)) for old in parts}
                self.taken.add(new.id)

    def _rewordings(self) -> None:
        """One to one: the likest bodies first, of those the likest with their lead-ins, then the nearest."""
        gone, come = self.gone, self.come
        likeness = process.cdist([o.key[2] for o in gone], [n.key[2] for n in come], scorer=fuzz.ratio, score_cutoff=100 * _NEAR)
        pairs = [(-likeness[i, j], gone[i], come[j]) for i, j in np.argwhere(likeness)]
        fit = [(s, o, n) for s, o, n in pairs if o.key[0] == n.key[0] and (-s >= 100 * _FAR or self.near(o, n))]
        for _, old, new in sorted(fit, key=lambda f: (f[0], -fuzz.ratio(f[1].compared, f[2].compared), abs(f[1].place - f[2].place))):
            if old.id not in self.links and new.id not in self.taken:
                self.links[old.id] = ("reworded", (new,))
                self.taken.add(new.id)


def _groups(rules: Iterable[_Rule], key: _Key) -> dict[Hashable, list[_Rule]]:
    groups: dict[Hashable, list[_Rule]] = {}
    for rule in rules:
        groups.setdefault(key(rule), []).append(rule)
    return groups


def _matched(
    before: Iterable[_Rule], after: Iterable[_Rule], old_key: _Key, new_key: _Key, most: int | None = None
) -> list[tuple[_Rule, _Rule]]:
    """Clauses of equal keys, in order, where each side holds as many of them, and `most` at most."""
    old, new = _groups(before, old_key), _groups(after, new_key)
    even = [key for key in old if len(old[key]) == len(new.get(key, ())) and (most is None or len(old[key]) <= most)]
    return [pair for key in even for pair in zip(old[key], new[key], strict=True)]


def _rising(pairs: Sequence[tuple[int, int]]) -> tuple[list[int], list[int]]:
    """The longest part of `pairs`, whose first members rise, in which the second rise too."""
    ends: list[int] = []  # of the chains of each length, the last second member that is smallest
    last: list[int] = []  # where in `pairs` it stands
    back: list[int] = []  # of each pair, the one before it in its chain
    for i, (_, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        back.append(last[length - 1] if length else -1)
        ends[length : length + 1], last[length : length + 1] = [place], [i]
    chain, i = [], last[-1] if last else -1
    while i >= 0:
        chain.append(pairs[i])
        i = back[i]
    return [old for old, _ in reversed(chain)], [new for _, new in reversed(chain)]


def _held(wholes: Sequence[_Rule], parts: Sequence[_Rule]) -> list[tuple[_Rule, Sequence[_Rule]]]:
    """Rules of `wholes` whose words stand in two or more of `parts`, next to each other, in order; with these parts."""
    wholes, parts = ([rule for rule in rules if rule.key[0] == "rule"] for rules in (wholes, parts))
    letters: dict[str, str] = {}
    lines, pieces = ([_coded(rule, letters) for rule in rules] for rules in (wholes, parts))
    common = process.cdist(lines, pieces, scorer=LCSseq.similarity)
    fits = common >= _PART * np.array([len(piece) for piece in pieces])
    found = ((whole, parts[_run(line, pieces, fit)]) for whole, line, fit in zip(wholes, lines, fits, strict=True))
    return [(whole, run) for whole, run in found if len(run) > 1]


def _coded(rule: _Rule, letters: dict[str, str]) -> str:
    """The rule's words, each as one character, since texts are compared faster than lists."""
    return "".join(letters.setdefault(word, chr(0x10000 + len(letters))) for word in re.findall(r"\w+", rule.key[2].lower()))


def _run(line: str, pieces: Sequence[str], fits: np.ndarray[Any, np.dtype[np.bool_]]) -> slice:
    """The run of pieces that is likest to `line`, of those that fit; empty where none is like enough."""
    best, chosen = _COVERED, slice(0)
    for start in np.flatnonzero(fits).tolist():
        for end in range(start + 1, min(start + _PARTS, len(pieces)) + 1):
            likeness = LCSseq.normalized_similarity(line, "".join(pieces[start:end])) if fits[end - 1] else 0.0
            if likeness > best:
                best, chosen = likeness, slice(start, end)
    return chosen
