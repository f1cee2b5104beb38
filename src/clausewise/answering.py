"""Hits -> one school's answer: the smallest quoted units that answer, or an honest silence with the nearest clauses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from clausewise.index import Index
from clausewise.settings import Settings
from clausewise.silence import confidence, threshold
from clausewise.stance import stance
from clausewise.types import Answer, Hit, Passage, Quote, School

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
        nearest = tuple(quote(index, hit.passage, hit.score) for hit in best[: settings.closest])
        return Answer(school.id, school.name, "not_covered", "too_weak", None, 1 - sure, (), nearest)
    near = [hit for hit in best if hit.score >= best[0].score - _MARGIN]
    first, *others = [quote(index, hit.passage, hit.score) for hit in near[: settings.quotes]]
    taken = {(other.clause.id, other.span) for other in others}
    beside = [q for q in _exceptions(index, best[0]) if (q.clause.id, q.span) not in taken]
    quotes = (first, *beside[:1], *others)
    return Answer(school.id, school.name, "answered", None, stance(quotes[0].text, quotes[0].lead_in, question), sure, quotes)


def _exceptions(index: Index, first: Hit) -> Iterator[Quote]:
    """What the policy sets beside the first hit as its exception: later in the same clause, or at the head of the next."""
    own = first.passage.clause
    for passage in index.passages[first.passage.row + 1 :]:
        beside = index.clause[passage.clause].parent == index.clause[own].parent and passage.document == first.passage.document
        if passage.clause != own and not beside:
            return
        if _EXCEPTION.match(passage.span.of(index.document[passage.document].text)):
            yield quote(index, passage, first.score)
        if passage.clause != own:
            return


def quote(index: Index, passage: Passage, score: float) -> Quote:
    """The passage as a quote of its document."""
    return Quote(index.document[passage.document], index.clause[passage.clause], passage.span, score)
