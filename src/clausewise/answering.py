"""Hits -> one school's answer: the smallest quoted units that answer, or an honest silence with the nearest clauses."""

from __future__ import annotations

from collections.abc import Sequence

from clausewise.index import Index
from clausewise.retrieval import per_clause
from clausewise.settings import Settings
from clausewise.silence import confidence
from clausewise.stance import stance
from clausewise.types import Answer, Hit, Quote, School

THRESHOLD = 0.5  # of `confidence`; below it the policy is said not to answer
_MARGIN = 0.12  # a further quote may score so much less than the first


def answer(index: Index, school: School, hits: Sequence[Hit], question: str, settings: Settings) -> Answer:
    """What `school`'s policies say to `question`, given the ranked passages of that school alone."""
    best = per_clause(hits)
    sure = confidence(question, hits, index.lexical) if best else 0.0
    if not best or sure < THRESHOLD:
        reason = "too_weak" if best else "nothing_found"
        nearest = tuple(_quote(index, hit) for hit in best[: settings.closest])
        return Answer(school.id, school.name, "not_covered", reason, None, 1 - sure, (), nearest)
    near = [hit for hit in best if hit.score >= best[0].score - _MARGIN]
    quotes = tuple(_quote(index, hit) for hit in near[: settings.quotes])
    return Answer(school.id, school.name, "answered", None, stance(quotes[0].text, quotes[0].lead_in), sure, quotes)


def _quote(index: Index, hit: Hit) -> Quote:
    passage = hit.passage
    return Quote(index.document[passage.document], index.clause[passage.clause], passage.span, hit.score)
