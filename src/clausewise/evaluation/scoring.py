"""One case at one school -> what it adds to each measure, as a numerator and a denominator.

Every measure is a ratio of sums (or a sum), so that means, intervals and differences of any group of cases follow from
the rows alone. A missing answer adds nothing to the numerator and its share to the denominator: it counts as a zero.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from clausewise.evaluation.cases import Gold
from clausewise.index import Index
from clausewise.quoting import problem
from clausewise.types import Answer, Quote, Span

Score = tuple[float, float | None]  # (numerator, denominator); a denominator of None: the measure is a plain sum
Stretch = tuple[str, Span]  # a document's id, and a stretch of it


def scores(gold: Gold, school: str, answer: Answer | None, ranking: Sequence[str], index: Index) -> dict[str, Score]:
    """What the pair adds to each measure that it belongs to. `ranking`: the school's clauses, best first, before any refusal."""
    quoted = clauses_quoted(answer)
    silent = answer is not None and not quoted
    found: dict[str, Score] = {"overall": (float(bool(quoted[:1] and quoted[0] in gold.right) if gold.right else silent), 1.0)}
    found |= _silence(gold, silent, bool(quoted)) | fidelity(school, answer, index)
    if gold.right:
        found |= _clauses(gold, quoted, ranking) | _characters(gold, answer, index)
        if hit(quoted, gold.right, 1):
            assert answer is not None
            found |= _of_the_right(gold, answer, index)
    return found


def _silence(gold: Gold, silent: bool, answered: bool) -> dict[str, Score]:
    """Where an answer is wanted, one that is missing is as bad as a refusal."""
    wanted = not gold.right
    found: dict[str, Score] = {"silence_f1": (2.0 * (wanted and silent), float(wanted) + float(silent))}
    if silent:
        found["silence_precision"] = (float(wanted), 1.0)
    return found | ({"silence_recall": (float(silent), 1.0)} if wanted else {"refused_answerable": (float(not answered), 1.0)})


def fidelity(school: str, answer: Answer | None, index: Index) -> dict[str, Score]:
    """Counts of quotes that are another school's, of all quotes, and of those that are verbatim.

    Over all that is shown, nearest clauses included, in the form in which it leaves the product.
    """
    shown = (*answer.quotes, *answer.closest) if answer else ()
    strange = sum(quote.clause.school != school or quote.document.school != school for quote in shown)
    sound = sum(problem(quote.as_dict(), quote.document.school, index) is None for quote in shown)
    return {"wrong_school": (float(strange), None), "quotes": (float(len(shown)), None), "verbatim": (float(sound), None)}


def _clauses(gold: Gold, quoted: Sequence[str], ranking: Sequence[str]) -> dict[str, Score]:
    return {
        "hit@1": (hit(quoted, gold.right, 1), 1.0),
        "hit@3": (hit(quoted, gold.right, 3), 1.0),
        "MRR": (reciprocal_rank(quoted, gold.right), 1.0),
        "recall@5": (recall(ranking, gold.right, 5), 1.0),
        "recall@10": (recall(ranking, gold.right, 10), 1.0),
        "nDCG@10": (ndcg(ranking, gold.qrels, 10), 1.0),
    }


def _of_the_right(gold: Gold, answer: Answer, index: Index) -> dict[str, Score]:
    """Of a pair whose first quote is right: is its stance right, and is all there that belongs beside it?"""
    found: dict[str, Score] = {}
    if set(gold.stances) - {"factual"}:
        found["stance_accuracy"] = (float(said(answer) in gold.stances), 1.0)
    needed = [*_lead_ins(answer.quotes[0], index), *(clause in clauses_quoted(answer) for clause in gold.beside)]
    if needed:
        found["completeness"] = (float(all(needed)), 1.0)
    return found


def _lead_ins(quote: Quote, index: Index) -> Iterator[bool]:
    """For each lead-in that the clause hangs from, whether it is shown with the quote."""
    shown = str(quote.as_dict()["lead_in"] or "")
    for span in index.clause[quote.clause.id].lead_ins:
        yield span.of(index.document[quote.document.id].text) in shown


def said(answer: Answer) -> str:
    """The answer in the gold's words: no stance is what a fact gets."""
    return "silent" if not clauses_quoted(answer) else answer.stance or "factual"


# measures of a ranking of clause ids; their definitions are ir-measures' (tests/test_scoring.py holds them against it)


def clauses_quoted(answer: Answer | None) -> list[str]:
    """The clauses quoted, best first, each once: two quotes of one clause are one result."""
    quotes = answer.quotes if answer and answer.status == "answered" else ()
    return list(dict.fromkeys(quote.clause.id for quote in quotes))


def hit(ranked: Sequence[str], right: frozenset[str], k: int) -> float:
    """Success(rel=2)@k: 1 if one of the first k is right, else 0."""
    return float(any(clause in right for clause in ranked[:k]))


def reciprocal_rank(ranked: Sequence[str], right: frozenset[str]) -> float:
    """RR(rel=2): 1 / rank of the first right one; 0 if there is none."""
    return next((1 / rank for rank, clause in enumerate(ranked, start=1) if clause in right), 0.0)


def recall(ranked: Sequence[str], right: frozenset[str], k: int) -> float:
    """R(rel=2)@k: the share of the right ones among the first k."""
    return len(right & {*ranked[:k]}) / len(right)


def ndcg(ranked: Sequence[str], qrels: Mapping[str, int], k: int) -> float:
    """nDCG@k: the grade is the gain, discounted by log2(rank + 1), over that of the best order."""
    best = _dcg(sorted(qrels.values(), reverse=True)[:k])
    return _dcg([qrels.get(clause, 0) for clause in ranked[:k]]) / best if best else 0.0


def _dcg(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))


# characters


def _characters(gold: Gold, answer: Answer | None, index: Index) -> dict[str, Score]:
    """Precision and recall of the characters quoted, as LegalBench-RAG counts them, of the first quote and of all.

    Overlapping quotes count once, so that neither goes above 1.
    """
    wanted = [stretch for clause in sorted(gold.right) for stretch in _wanted(clause, gold, index)]
    quotes = answer.quotes if answer else ()
    found: dict[str, Score] = {}
    for name, some in (("@1", quotes[:1]), ("", quotes)):
        shown = [(quote.document.id, quote.span) for quote in some]
        both = _length(shown) + _length(wanted) - _length([*shown, *wanted])
        found[f"char_precision{name}"] = (both / _length(shown) if shown else 0.0, 1.0)
        found[f"char_recall{name}"] = (both / _length(wanted), 1.0)
    return found


def _wanted(clause: str, gold: Gold, index: Index) -> list[Stretch]:
    """The stretches of its document that answer."""
    place = index.clause[clause]
    spans = gold.spans.get(clause, (Span(0, place.body.end - place.body.start),))
    return [(place.document, Span(place.body.start + span.start, place.body.start + span.end)) for span in spans]


def _length(stretches: Sequence[Stretch]) -> int:
    """Characters that at least one of the stretches covers."""
    total, last, reached = 0, "", 0
    for document, span in sorted(stretches):
        reached = max(reached, span.start) if document == last else span.start
        total += max(0, span.end - reached)
        last, reached = document, max(reached, span.end)
    return total
