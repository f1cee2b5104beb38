"""Each part of retrieval on and off, on every set of questions that is there: hit@1 and hit@3 at clause level.

    python benchmarks/retrieval.py [--sets NAME ...] [--most 300]

Nothing is refused here: what is measured is the ranking alone, over the questions that have an answer. A difference is
that to the whole product on the same questions, with the middle 95 % of 2,000 bootstrap samples. The baseline, "dense +
BM25 by RRF", is the packaged encoder as it is, each clause's fullest text, and reciprocal rank fusion with k = 60.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

import numpy as np
from question_sets import QuestionSet, index_of, question_sets

from clausewise.embeddings import Encoder, packaged
from clausewise.index import Index
from clausewise.retrieval import Mix, Retriever
from clausewise.settings import Settings
from clausewise.types import Hit

DEPTH = 200


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", nargs="*", default=[])
    parser.add_argument("--most", type=int, default=300, help="questions of a large set (default: %(default)s)")
    args = parser.parse_args()
    tuned, plain = Encoder(), Encoder(str(packaged()))
    for found in question_sets(args.most, args.sets):
        full, base = index_of(found, tuned), index_of(found, plain)
        one_view = index_of(found, tuned, all_views=False)
        rows = {
            "whole product": ranks(found, full, tuned, Mix()),
            "without late interaction": ranks(found, full, tuned, Mix(late=0.0)),
            "late interaction only": ranks(found, full, tuned, Mix(late=1e6)),
            "without BM25": ranks(found, full, tuned, Mix(lexical=0.0)),
            "without the thesaurus": ranks(found, full, tuned, Mix(thesaurus=False)),
            "without mended spelling": ranks(found, full, tuned, Mix(spelling=False)),
            "one view of a clause": ranks(found, one_view, tuned, Mix()),
            "packaged encoder, all parts": ranks(found, base, plain, Mix()),
            "packaged encoder alone": ranks(found, base, plain, Mix(late=0.0, lexical=0.0, spelling=False)),
            "dense + BM25 by RRF": ranks(
                found, index_of(found, plain, all_views=False), plain, Mix(late=0.0, thesaurus=False, spelling=False), rrf
            ),
        }
        report(found, rows)


def ranks(found: QuestionSet, index: Index, encoder: Encoder, mix: Mix, order: Callable[[Sequence[Hit]], list[Hit]] = list) -> np.ndarray:
    """The rank of the first right clause, for each question with an answer; infinite where none is found."""
    retriever = Retriever(index, encoder, Settings(candidates=DEPTH), mix)
    made = []
    for question in found.questions:
        if question.right:
            hits = order(retriever.hits(retriever.prepare(question.text), index.rows[question.school]))
            clauses = dict.fromkeys(hit.passage.clause for hit in hits)
            made.append(next((rank for rank, clause in enumerate(clauses, 1) if clause in question.right), np.inf))
    return np.array(made)


def rrf(hits: Sequence[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda hit: (-sum(1 / (60 + rank) for rank in hit.ranks.values()), hit.passage.row))


def report(found: QuestionSet, rows: dict[str, np.ndarray]) -> None:
    whole = next(iter(rows.values())) == 1
    print(f"\n### {found.name}: {len(whole)} questions with an answer, {len(found.passages)} passages\n")
    print("| | hit@1 | hit@3 | MRR | hit@1 against the whole |\n| --- | --- | --- | --- | --- |")
    draws = np.random.default_rng(1).integers(0, len(whole), (2000, len(whole)))
    for name, got in rows.items():
        differences = ((got == 1).astype(float) - whole)[draws].mean(axis=1)
        low, high = np.quantile(differences, [0.025, 0.975])
        beside = "" if got is rows["whole product"] else f"{(got == 1).mean() - whole.mean():+.3f} ({low:+.3f} to {high:+.3f})"
        print(f"| {name} | {(got == 1).mean():.3f} | {(got <= 3).mean():.3f} | {(1 / got).mean():.3f} | {beside} |", flush=True)


if __name__ == "__main__":
    main()
