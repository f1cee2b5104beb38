"""Two versions of a policy, clause by clause: what became weaker first, then what became stronger, other words, new, gone, moved.

Where clauses went is what anchors() says. What a change means is read sentence by sentence: how strongly it binds, whether
it was turned into its opposite, which numbers it names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from functools import partial
from typing import Any, Literal

from clausewise.anchoring import Anchor, anchors
from clausewise.catalogue import Gathered, Texts
from clausewise.clauses import split_number
from clausewise.comparison.words import Words, alike, counted, key, keys, runs, word_diff
from clausewise.duties import Duty, duty
from clausewise.passages import sentences
from clausewise.types import Clause, Document, Span

Kind = Literal["weakened", "strengthened", "reworded", "new", "gone", "moved", "split", "merged", "same"]
Matter = Literal["duty", "negation", "number", "words", "date", "heading", "place"]

KINDS: tuple[Kind, ...] = ("weakened", "strengthened", "reworded", "new", "gone", "split", "merged", "moved")  # as they are shown
_MATTERS: tuple[Matter, ...] = ("duty", "negation", "number", "words", "date", "heading", "place")
_CUT: dict[str, Kind] = {"split": "split", "merged": "merged"}
_BINDS = {"must": 3, "should": 2, "may": 1}
_MODAL = {"must": "must", "shall": "must", "should": "should", "ought": "should", "may": "may", "can": "may"}
_ALIKE = 0.5  # of two sentences' words, 0 to 1, from which they are taken for each other
_TURN = 4  # words, the most that a turned negation is written with: "may" for "must not", "is prohibited" for "is allowed"
_GUESSED = 0.28  # of the telling words' beginnings, that must be shared
_COMMON = frozenset(
    re.findall(
        r"\w+",
        "the and for with from are was its that this any all not must should may will can has have had their them they who which where "
        "when our staff member members school academy policy pupil pupils student students also other than into such only",
    )
)
_NOT = re.compile(r"not|no|never|nor|none|nobody|cannot|\w+n['’]t|unacceptable|unless|prohibited|forbidden|banned|disallowed", re.I)


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one rule. `old`, `new`: clause ids; a list whose lead-in alone changed is one change, lead-in first.

    `old_text`, `new_text`: lead-ins and body, white space folded, clauses parted by a line break; "" on the side that is
    not there. `words`: the runs of words that stayed, went and came; what stayed and came is `new_text`, word for word.
    `matter`: what makes it worth reading. `says`: that in words, such as "must became should"; "" where the words tell.
    `guess`: the two were put side by side for a few shared words in the same section, and may be two rules.
    """

    kind: Kind
    old: tuple[str, ...]
    new: tuple[str, ...]
    old_text: str
    new_text: str
    words: Words
    matter: Matter = "words"
    says: str = ""
    guess: bool = False

    def as_dict(self) -> dict[str, Any]:
        names = ("kind", "matter", "says", "guess", "old", "new", "old_text", "new_text")
        return {name: getattr(self, name) for name in names} | {"words": [list(run) for run in self.words]}


@dataclass(slots=True)
class _Link:
    """Clauses of the old version and of the new that are each other.

    `under`: list items that changed by their lead-in alone. `guess`: as of Change. `away`: went to another policy.
    """

    how: str
    old: list[Clause]
    new: list[Clause]
    under: list[tuple[Clause, Clause]] = field(default_factory=list)
    guess: bool = False
    away: bool = False


def changes(old: Texts, new: Texts, document_old: str, document_new: str) -> tuple[Change, ...]:
    """What changed from `document_old` of one index to `document_new` of the same or another, what matters most first.

    Raises KeyError for a document that its index does not hold.
    """
    before, after = _before(old, document_old), _after(old, new, document_old, document_new)
    clauses = before.clauses_of(document_old)
    leads = {id for clause in clauses if clause.answers for id in clause.lead_in_ids}
    wanted = [clause.id for clause in clauses if clause.answers or clause.id in leads]
    links = _links(before, after, anchors(before, after, wanted).values())
    for link in links:
        link.away = any(clause.document != document_new for clause in link.new)
    there = {clause.id for link in links for clause in link.new}
    links += [_Link("new", [], [c]) for c in after.clauses_of(document_new) if c.answers and c.id not in there]
    made = [_change(before, after, link) for link in _under_lead_ins(before, after, _guessed(before, after, links))]
    order = [change for change in made if change.kind != "same"]
    return tuple(sorted(order, key=lambda change: (KINDS.index(change.kind), _MATTERS.index(change.matter))))


# the two versions, set against each other


def _before(old: Texts, document: str) -> Texts:
    """The school's policies, with this one in force."""
    documents = old.documents_of(old.document[document].school)
    return Gathered([replace(d, superseded_by=None) if d.id == document else d for d in documents], _clauses(old, documents))


def _after(old: Texts, new: Texts, document_old: str, document_new: str) -> Texts:
    """The school's policies with the new version in force, and an empty one in the old one's place that it supersedes.

    That is how anchors() is told which versions belong together, whatever their files are called.
    """
    before, now = old.document[document_old], new.document[document_new]
    kept = [d for d in new.documents_of(now.school) if d.id not in (document_old, document_new)]
    documents = [replace(d, school=before.school) for d in (*kept, replace(now, superseded_by=None))]
    clauses = [replace(c, school=before.school) if c.school != before.school else c for c in _clauses(new, documents)]
    stand_in = [] if document_old == document_new else [replace(before, superseded_by=document_new)]
    return Gathered([*documents, *stand_in], clauses)


def _clauses(texts: Texts, documents: Iterable[Document]) -> list[Clause]:
    return [clause for document in documents for clause in texts.clauses_of(document.id)]


# which clauses are each other


def _links(before: Texts, after: Texts, found: Iterable[Anchor]) -> list[_Link]:
    """Anchors as links; of copies that nothing tells apart each goes to one, in order, and what is left over is gone."""
    links: list[_Link] = []
    merged: dict[str, _Link] = {}
    taken: set[str] = set()
    for anchor in found:
        old, new = before.clause[anchor.old], [id for id in anchor.new if anchor.how in ("split", "merged") or id not in taken]
        if anchor.how == "merged" and new[0] in merged:
            merged[new[0]].old.append(old)
            continue
        new = new if anchor.how == "split" else new[:1]
        taken |= set(new)
        links.append(_Link(anchor.how if new else "gone", [old], [after.clause[id] for id in new]))
        if anchor.how == "merged":
            merged[new[0]] = links[-1]
    return links


def _guessed(before: Texts, after: Texts, links: Sequence[_Link]) -> list[_Link]:
    """`links`, where what is gone and what is new in one section stand side by side if they speak of the same things.

    A policy that was written anew shares too few words with the old one for anchors(), yet its reader asks what became of 4.1.
    """
    lone = [[link for link in links if link.how == how] for how in ("gone", "new")]
    pairs = [(_shared(before, after, g.old[0], n.new[0]), i, g, n) for i, g in enumerate(lone[0]) for n in lone[1]]
    found: dict[int, _Link] = {}
    for share, _, gone, new in sorted(pairs, key=lambda pair: (-pair[0], pair[1])):
        if share >= _GUESSED and id(gone) not in found and id(new) not in found:
            found[id(gone)] = found[id(new)] = _Link("reworded", gone.old, new.new, guess=True)
    return [found.get(id(link), link) for link in links if link.how != "new" or id(link) not in found]


def _shared(before: Texts, after: Texts, old: Clause, new: Clause) -> float:
    """Share of the telling words' beginnings that two clauses of a section have in common, 0 to 1; 0 with fewer than two."""
    if old.kind != new.kind or not old.headings or _path(old) != _path(new):
        return 0.0
    one, other = _topics(_own(before, old)), _topics(_own(after, new))
    both = len(one & other)
    return 2 * both / (len(one) + len(other)) if both > 1 else 0.0


def _topics(text: str) -> set[str]:
    """The beginnings of the words that tell what a rule is about."""
    return {word[:5] for word in re.findall(r"[a-z]{3,}", text.lower()) if word not in _COMMON}


def _under_lead_ins(before: Texts, after: Texts, links: Sequence[_Link]) -> list[_Link]:
    """`links`, where items of which only the lead-in changed stand under the lead-in's own link."""
    by_old = {clause.id: link for link in links for clause in link.old}
    kept = []
    for link in links:
        lead = _changed_lead(before, after, link, by_old)
        if lead:
            lead.under.append((link.old[0], link.new[0]))
        else:
            kept.append(link)
    return kept


def _changed_lead(before: Texts, after: Texts, link: _Link, by_old: dict[str, _Link]) -> _Link | None:
    if link.how != "reworded" or not alike(_own(before, link.old[0]), _own(after, link.new[0])):
        return None
    for id in reversed(link.old[0].lead_in_ids):
        lead = by_old.get(id)
        if lead and lead.how == "reworded" and lead.new[0].id in link.new[0].lead_in_ids:
            return lead
    return None


# what a change is


def _change(before: Texts, after: Texts, link: _Link) -> Change:
    under = list(zip(*link.under, strict=True)) or [(), ()]
    texts, ids = [], []
    for side, clauses, items in ((before, link.old, under[0]), (after, link.new, under[1])):
        texts.append("\n".join([*(_read(side, clause) for clause in clauses), *(_own(side, item) for item in items)]))
        ids.append(tuple(clause.id for clause in (*clauses, *items)))
    make = partial(Change, old=ids[0], new=ids[1], old_text=texts[0], new_text=texts[1], words=word_diff(*texts), guess=link.guess)
    if not (link.old and link.new):
        return make("gone" if link.old else "new")
    if alike(*texts):
        return _unworded(link, make)
    kind, matter, says = _meaning(before, after, link, *texts)
    return make(kind or _CUT.get(link.how, "reworded"), matter=matter, says=says)


def _unworded(link: _Link, make: partial[Change]) -> Change:
    """The same words: elsewhere, or below headings that give them another sense, or merely cut otherwise."""
    old, new = link.old[0], link.new[0]
    if link.how in _CUT:
        return make(_CUT[link.how], matter="place")
    if link.how == "reworded" and _path(old) != _path(new):
        return make("reworded", matter="heading", says=f"now under {' > '.join(new.headings) or 'no heading'}")
    # An unnumbered clause whose ordinal alone shifted stands where it stood: another came or went above it.
    stays = not link.away and old.number == new.number and _path(old) == _path(new)
    return make("same" if stays else "moved", matter="place", says="" if stays else _whence(old, new))


def _whence(old: Clause, new: Clause) -> str:
    places = [clause.number or " > ".join(clause.headings) or clause.id.partition("#")[2] for clause in (old, new)]
    if places[0] == places[1]:
        places = [clause.id for clause in (old, new)]
    return f"{places[0]} became {places[1]}"


def _path(clause: Clause) -> list[str]:
    return [split_number(heading, Span(0, len(heading)))[1].of(heading).casefold() for heading in clause.headings]


def _own(texts: Texts, clause: Clause) -> str:
    """The clause's body, white space folded; with the "or" that stands behind an item's body, since it decides what a list asks."""
    text = texts.document[clause.document].text
    either = re.search(r"\bor\s*$", text[clause.body.end : clause.span.end])
    return " ".join(text[clause.body.start : clause.span.end if either else clause.body.end].split())


def _leads(texts: Texts, clause: Clause) -> str:
    return " ".join(" ".join(span.of(texts.document[clause.document].text) for span in clause.lead_ins).split())


def _read(texts: Texts, clause: Clause) -> str:
    return f"{_leads(texts, clause)} {_own(texts, clause)}".strip()


# what a change means


def _meaning(before: Texts, after: Texts, link: _Link, old_text: str, new_text: str) -> tuple[Kind | None, Matter, str]:
    """The kind, where it hangs on how strongly the rule binds; what the change is about; and that in words."""
    pairs = list(_paired(_sentences(before, link.old), _sentences(after, link.new)))
    duties = [(duty(*old), duty(*new)) for old, new in pairs]
    both = [(o, n) for o, n in duties if o and n]
    moved = [(_BINDS[o.strength] - _BINDS[n.strength], f"{_modal(o)} became {_modal(n)}") for o, n in both if o.strength != n.strength]
    moved += [step for old, new in pairs for step in _swapped(old[0], new[0]) if not moved]
    opposite = [f"{_modal(o)} became {_modal(n)}" for o, n in both if o.strength == n.strength and o.negative != n.negative]
    turned = opposite or ["a negation turned"] * any(_turned(old[0], new[0]) for old, new in pairs)
    says = "; ".join(dict.fromkeys([*(words for _, words in sorted(moved, reverse=True)), *(opposite if moved else turned)]))
    if moved:
        return "weakened" if max(moved)[0] > 0 else "strengthened", "duty", says
    if turned:
        return None, "negation", says
    dates = [_dates(before, link.old), _dates(after, link.new)]
    if all(dates) and dates[0] != dates[1]:
        return None, "date", f"{', '.join(dates[0])} became {', '.join(dates[1])}"
    numbers = counted(old_text, new_text)
    return None, "number" if numbers else "words", numbers


def _dates(texts: Texts, clauses: Sequence[Clause]) -> list[str]:
    """The dates in these clauses that the policy states of itself, which change with every issue."""
    dates = [(clause.span, date) for clause in clauses for date in texts.document[clause.document].dates]
    return [" ".join(date.text.split()) for span, date in dates if span.start <= date.span.start < span.end]


def _modal(duty: Duty) -> str:
    return f"{duty.strength} not" if duty.negative else duty.strength


def _sentences(texts: Texts, clauses: Sequence[Clause]) -> list[tuple[str, str | None]]:
    """(sentence, lead-ins or None) of each."""
    found = []
    for clause in clauses:
        body = _own(texts, clause)
        found += [(span.of(body), _leads(texts, clause) or None) for span in sentences(body, Span(0, len(body)))]
    return found


def _paired(
    old: Sequence[tuple[str, str | None]], new: Sequence[tuple[str, str | None]]
) -> Iterator[tuple[tuple[str, str | None], tuple[str, str | None]]]:
    """Sentences that are each other, the likest first; where each side has one, they are."""
    likeness = [(_likeness(o[0], n[0]), i, j) for i, o in enumerate(old) for j, n in enumerate(new)]
    rows: set[int] = set()
    columns: set[int] = set()
    for like, i, j in sorted(likeness, key=lambda found: (-found[0], abs(found[1] - found[2]), found[1])):
        if i not in rows and j not in columns and (like >= _ALIKE or len(likeness) == 1):
            rows.add(i)
            columns.add(j)
            yield old[i], new[j]


def _likeness(old: str, new: str) -> float:
    return SequenceMatcher(None, keys(old), keys(new), autojunk=False).ratio()


def _turned(old: str, new: str) -> bool:
    """Whether a few words that say no stand against a few that do not."""
    return any(_says_no(gone) != _says_no(come) for _, gone, come in _short(old, new))


def _swapped(old: str, new: str) -> Iterator[tuple[int, str]]:
    """Of a sentence with several duties: modal verbs that took each other's place; by how much it binds less, and in words."""
    for _, gone, come in _short(old, new):
        one, other = ([modal for word in run if (modal := _MODAL.get(key(word)))] for run in (gone, come))
        if len(one) == len(other) == 1 and one != other:
            yield _BINDS[one[0]] - _BINDS[other[0]], f"{one[0]} became {other[0]}"


def _short(old: str, new: str) -> Iterator[tuple[bool, Sequence[str], Sequence[str]]]:
    """The runs of a few words that differ."""
    found = runs(old.split(), new.split())
    return (run for run in found if not run[0] and max(len(run[1]), len(run[2])) <= _TURN)


def _says_no(words: Sequence[str]) -> bool:
    return any(_NOT.fullmatch(key(word)) for word in words)
