"""What a matrix of topics and schools costs: seconds, and how the cost of a school holds as schools grow many.

    python benchmarks/matrix.py [--schools 10 50 100 200 500] [--topics 25]

The schools are made by rule from the sample corpus: each has the policies of one of its six, under a name of its own, so
that passages are as many and as long as real ones. One process, warm, this machine; a school's cost is a ratio.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from clausewise import Assistant
from clausewise.catalogue import Entry, entries
from clausewise.comparison.topics import Topic, load_topics
from clausewise.index import Index, Parts
from clausewise.late import WordIndex
from clausewise.types import Clause, Document, Passage, School
from clausewise.vectors import VectorIndex


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--index", type=Path, default=Path("indexes/default"), help="the sample's index (default: %(default)s)")
    parser.add_argument("--schools", type=int, nargs="+", default=[10, 50, 100, 200, 500])
    parser.add_argument("--topics", type=int, default=25)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    small = Assistant(args.index)
    topics = load_topics("social-media")[: args.topics]
    small.matrix(topics[:1])  # the model's weights are read
    print("| schools | passages | seconds, median | of them encoding the searches | milliseconds a school | against the fewest |")
    print("| --- | --- | --- | --- | --- | --- |")
    costs, encoding = [], statistics.median(seconds_to_encode(small, topics) for _ in range(args.rounds))
    for count in args.schools:
        large = Assistant(grown(small.index, count), small.settings, small.encoder)
        large.matrix(topics[:1])  # BM25's index is made
        spent = statistics.median(seconds(large, topics) for _ in range(args.rounds))
        costs.append((spent - encoding) / count)
        row = (len(large.index.passages), f"{spent:.2f}", f"{encoding:.2f}", f"{1000 * costs[-1]:.0f}", f"{costs[-1] / costs[0]:.2f}")
        print(f"| {count} | {' | '.join(map(str, row))} |", flush=True)


def seconds(assistant: Assistant, topics: Sequence[Topic]) -> float:
    start = time.perf_counter()
    assistant.matrix(topics)
    return time.perf_counter() - start


def seconds_to_encode(assistant: Assistant, topics: Sequence[Topic]) -> float:
    start = time.perf_counter()
    for topic in topics:
        assistant.encoder.encode_words(topic.searches)
    return time.perf_counter() - start


def grown(index: Index, count: int) -> Index:
    """An index of `count` schools, each one of `index`'s under another name."""
    originals = [school.id for school in index.schools if index.rows[school.id]]
    schools, made, rows = list[School](), list[Entry](), list[int]()
    for number in range(count):
        old, new = originals[number % len(originals)], f"school-{number:04}"
        schools.append(School(new, f"School {number}"))
        passages = [_renamed_passage(index.passages[row], old, new, row - index.rows[old].start + len(rows)) for row in index.rows[old]]
        documents = [_renamed(document, old, new) for document in index.documents_of(old)]
        clauses = [_renamed_clause(clause, old, new) for each in index.documents_of(old) for clause in index.clauses_of(each.id)]
        made += entries(documents, clauses, passages)
        rows += index.rows[old]
    vectors = VectorIndex(index.vectors.vectors()[rows])
    words = WordIndex.of([np.asarray(index.words.codes(row)) for row in rows])
    return Index.of(Parts.of(schools, made, vectors, words, index.thesaurus), index.manifest)


def _renamed(document: Document, old: str, new: str) -> Document:
    newer = document.superseded_by and _id(document.superseded_by, old, new)
    return replace(document, id=_id(document.id, old, new), school=new, superseded_by=newer)


def _renamed_clause(clause: Clause, old: str, new: str) -> Clause:
    leads = tuple(_id(lead, old, new) for lead in clause.lead_in_ids)
    parent = clause.parent and _id(clause.parent, old, new)
    return replace(
        clause, id=_id(clause.id, old, new), document=_id(clause.document, old, new), school=new, lead_in_ids=leads, parent=parent
    )


def _renamed_passage(passage: Passage, old: str, new: str, row: int) -> Passage:
    return replace(passage, row=row, clause=_id(passage.clause, old, new), document=_id(passage.document, old, new), school=new)


def _id(id: str, old: str, new: str) -> str:
    return new + id.removeprefix(old)


if __name__ == "__main__":
    main()
