"""Hits -> one school's answer: the smallest quoted units that answer, or an honest silence with the nearest clauses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from clausewise.bands import answer_band, silence_band
from clausewise.index import Index
from clausewise.references import named, referred, stands_under
from clausewise.reranking import DEPTH
from clausewise.settings import Settings
from clausewise.silence import confidence, threshold
from clausewise.stance import stance
from clausewise.types import Answer, Hit, Passage, Quote, School

_EXCEPTION = re.compile(
    r"\W*(?:however|except|unless|exceptions?|the (?:only|sole) exception|this (?:rule )?does not (?:apply|cover|include|prevent))\b",
    re.I,
)
_MARGIN = 0.2  # a further quote may score so much less than the first
_SHORT = 50  # words; so short a clause is quoted whole


def answer(
    index: Index,
    school: School,
    best: Sequence[Hit],
    elsewhere: Sequence[float],
    question: str,
    settings: Settings,
    sure: float | None = None,
) -> Answer:
    """What `school`'s policies say to `question`.

    `best`: the best hit of each clause of that school, in order. `elsewhere`: the best score of each other school. `sure`:
    how sure it is, 0 to 1, that the first hit answers; None: what the model of silence makes of the question.
    """
    if not best:
        reason = "nothing_found" if index.rows[school.id] else "no_policies"
        return Answer(school.id, school.name, "not_covered", reason, None, 1.0)
    nearest = tuple(quote(index, hit.passage, hit.score) for hit in best[: settings.closest])
    numbers = named(question)
    if numbers:
        best = [hit for hit in best if _numbered(hit.passage.clause, numbers)]
        if not best:
            reason = "too_weak" if _exists(index, school, numbers) else "no_such_clause"
            return Answer(school.id, school.name, "not_covered", reason, None, 1.0, (), nearest)
    judged = sure is None and not numbers  # a clause asked for by its number is looked up; a topic has a confidence of its own
    if numbers:
        sure = 1.0
    elif sure is None:
        sure = confidence(question, best[0], elsewhere)
    if sure < _least(settings):
        band = silence_band(1 - sure) if judged else None
        return Answer(school.id, school.name, "not_covered", "too_weak", None, 1 - sure, (), nearest, sure=band)
    # Only the first DEPTH may be out of order: none of the rest scores higher than one of these.
    near = [hit for hit in best[: max(DEPTH, settings.quotes)] if hit.score >= best[0].score - _MARGIN]
    first, *others = [quote(index, hit.passage, hit.score) for hit in near[: settings.quotes]]
    exceptions = [*_exceptions(index, best[0])]
    others = [replace(other, exception=_quoted(other, exceptions)) for other in others]
    beside = [exception for exception in exceptions if not _quoted(exception, (first, *others))][:1]
    further = [other for other in _followed(index, best) if not _quoted(other, (first, *beside, *others))]
    quotes = (first, *beside, *others, *further)
    band = answer_band(sure, best) if judged else None
    return Answer(school.id, school.name, "answered", None, stance(first.text, first.lead_in, question), sure, quotes, sure=band)


def surety(best: Sequence[Hit], elsewhere: Sequence[float], question: str, settings: Settings) -> float | None:
    """How sure it is, 0 to 1, that a school answers; None where `answer` would be silent.

    `best`: as `answer` takes it; the first alone will do, where the question names no clause by number.
    """
    if numbers := named(question):
        return 1.0 if any(_numbered(hit.passage.clause, numbers) for hit in best) else None
    sure = confidence(question, best[0], elsewhere)
    return sure if sure >= _least(settings) else None


def _least(settings: Settings) -> float:
    """The confidence below which a policy is said not to answer."""
    return threshold() if settings.threshold is None else settings.threshold


def unmentioned(index: Index, school: School, near: Sequence[Hit], sure: float, settings: Settings) -> Answer:
    """The silence of a school none of whose clauses mentions what it must; `near` are those that come nearest all the same."""
    if not near:
        return answer(index, school, near, (), "", settings)
    nearest = tuple(quote(index, hit.passage, hit.score) for hit in near[: settings.closest])
    return Answer(school.id, school.name, "not_covered", "not_mentioned", None, sure, (), nearest)


def _quoted(quote: Quote, quotes: Sequence[Quote]) -> bool:
    return any((quote.clause.id, quote.span) == (other.clause.id, other.span) for other in quotes)


def _numbered(clause: str, numbers: Sequence[str]) -> bool:
    return any(stands_under(clause, number) for number in numbers)


def _exists(index: Index, school: School, numbers: Sequence[str]) -> bool:
    """Whether a policy in force has a clause of one of these numbers, though perhaps none that is quoted: a chart, say."""
    in_force = [document.id for document in index.documents_of(school.id) if not document.superseded_by]
    return any(_numbered(clause.id, numbers) for document in in_force for clause in index.clauses_of(document))


def _exceptions(index: Index, first: Hit) -> Iterator[Quote]:
    """What the policy sets beside the first hit as its exception: later in the same clause, or at the head of the next."""
    own = first.passage.clause
    for row in range(first.passage.row + 1, index.rows[first.passage.school].stop):
        passage = index.passages[row]
        beside = passage.document == first.passage.document and index.clause[passage.clause].parent == index.clause[own].parent
        if passage.clause != own and not beside:
            return
        if _EXCEPTION.match(passage.span.of(index.document[passage.document].text)):
            yield replace(quote(index, passage, first.score), exception=True)
        if passage.clause != own:
            return


def _followed(index: Index, best: Sequence[Hit]) -> Iterator[Quote]:
    """What the first hit's rule refers to by number in its own document: the best hit there."""
    first = best[0].passage
    for number in referred(first.span.of(index.document[first.document].text))[:1]:
        there = [hit for hit in best[1:] if hit.passage.document == first.document and stands_under(hit.passage.clause, number)]
        if there:
            yield quote(index, there[0].passage, there[0].score)


def quote(index: Index, passage: Passage, score: float) -> Quote:
    """The passage as a quote of its document: with the rest of its clause, where that is short enough to read at once."""
    document, clause = index.document[passage.document], index.clause[passage.clause]
    whole = len(clause.body.of(document.text).split()) <= _SHORT
    return Quote(document, clause, clause.body if whole else passage.span, score)
