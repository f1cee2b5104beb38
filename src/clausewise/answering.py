"""Hits -> one school's answer: the smallest quoted units that answer, or an honest silence with the nearest clauses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from clausewise.index import Index
from clausewise.passages import sentences
from clausewise.settings import Settings
from clausewise.silence import confidence, threshold
from clausewise.stance import stance
from clausewise.types import Answer, Hit, Quote, School

_EXCEPTION = re.compile(
    r"\W*(?:however|except|unless|exceptions?|the (?:only|sole) exception|this (?:rule )?does not (?:apply|cover|include|prevent))\b",
    re.I,
)
_MARGIN = 0.12  # a further quote may score so much less than the first


def answer(index: Index, school: School, best: Sequence[Hit], elsewhere: Sequence[float], question: str, settings: Settings) -> Answer:
    """What `school`'s policies say to `question`.

    `best`: the best hit of each clause of that school, in order. `elsewhere`: the best score of each other school.
    """
    if not best:
        reason = "nothing_found" if index.rows[school.id] else "no_policies"
        return Answer(school.id, school.name, "not_covered", reason, None, 1.0)
    sure = confidence(question, best[0], elsewhere)
    if sure < threshold():
        nearest = tuple(quote(index, hit) for hit in best[: settings.closest])
        return Answer(school.id, school.name, "not_covered", "too_weak", None, 1 - sure, (), nearest)
    near = [hit for hit in best if hit.score >= best[0].score - _MARGIN]
    first, *others = [quote(index, hit) for hit in near[: settings.quotes]]
    beside = [q for q in _exceptions(index, first) if q.span not in {other.span for other in others}]
    quotes = (first, *beside[:1], *others)
    return Answer(school.id, school.name, "answered", None, stance(quotes[0].text, quotes[0].lead_in, question), sure, quotes)


def _exceptions(index: Index, first: Quote) -> Iterator[Quote]:
    """What the policy sets beside the first quote as its exception: later in the same clause, or at the head of the next."""
    siblings = [clause for clause in index.siblings(first.clause) if clause.parent == first.clause.parent and clause.answers]
    following = siblings[siblings.index(first.clause) + 1 :][:1]
    for clause in (first.clause, *following):
        spans = [span for span in sentences(first.document.text, clause.body) if span.start > first.span.start]
        for span in spans if clause == first.clause else spans[:1]:
            if _EXCEPTION.match(span.of(first.document.text)):
                yield Quote(first.document, clause, span, first.score)


def quote(index: Index, hit: Hit) -> Quote:
    """The hit's passage as a quote of its document."""
    passage = hit.passage
    return Quote(index.document[passage.document], index.clause[passage.clause], passage.span, hit.score)
