"""Hits -> one school's answer: the smallest quoted units that answer, or an honest silence with the nearest clauses."""

from __future__ import annotations

from collections.abc import Sequence

from clausewise.index import Index
from clausewise.settings import Settings
from clausewise.silence import confidence, threshold
from clausewise.stance import stance
from clausewise.types import Answer, Hit, Quote, School

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
    quotes = tuple(quote(index, hit) for hit in near[: settings.quotes])
    return Answer(school.id, school.name, "answered", None, stance(quotes[0].text, quotes[0].lead_in, question), sure, quotes)


def quote(index: Index, hit: Hit) -> Quote:
    """The hit's passage as a quote of its document."""
    passage = hit.passage
    return Quote(index.document[passage.document], index.clause[passage.clause], passage.span, hit.score)
