"""How far two annotators of a suite agree, and two of the topics' cells.

    python evals/agreement.py [evals/five-schools/agreement.json]
    python evals/agreement.py --topics

The file holds one row for each (question, school) pair that both labelled: the clauses that answer (none: the policy is
silent) and the stance. The first annotator's stance is a list, the best first; what follows the best counts as right too.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "five-schools" / "agreement.json"
TOPICS = Path(__file__).parent / "topics"
TWICE = ("sample", "five-schools")  # what was labelled twice


def raw(labels: Sequence[tuple[str, str]]) -> float:
    """The share of pairs with the same label."""
    return statistics.fmean(one == other for one, other in labels)


def kappa(labels: Sequence[tuple[str, str]]) -> float:
    """Cohen's kappa: agreement beyond what the two's own rates of each label would give by chance."""
    ones, others = Counter(one for one, _ in labels), Counter(other for _, other in labels)
    chance = sum(ones[label] * others[label] for label in ones) / len(labels) ** 2
    return 1.0 if chance == 1 else (raw(labels) - chance) / (1 - chance)


def figures(rows: Sequence[Mapping[str, Any]]) -> dict[str, float | int]:
    """Measure -> figure, over all pairs and then over those that both say are answered."""
    silence = [(_answered(row["first"]), _answered(row["second"])) for row in rows]
    both = [row for row in rows if row["first"]["right"] and row["second"]["right"]]
    clauses = [(set(row["first"]["right"]), set(row["second"]["right"])) for row in both]
    strict = [(row["first"]["stance"][0], row["second"]["stance"]) for row in both]
    lenient = [(said if said in first else first[0], said) for first, said in ((r["first"]["stance"], r["second"]["stance"]) for r in both)]
    return {
        "questions": len({row["id"] for row in rows}),
        "pairs": len(rows),
        "silence, agreement": raw(silence),
        "silence, kappa": kappa(silence),
        "both say answered": len(both),
        "answering clauses meet": statistics.fmean(bool(one & other) for one, other in clauses),
        "answering clauses the same": statistics.fmean(one == other for one, other in clauses),
        "answering clauses, mean Jaccard": statistics.fmean(len(one & other) / len(one | other) for one, other in clauses),
        "stance, agreement": raw(strict),
        "stance, kappa": kappa(strict),
        "stance or one also accepted, agreement": raw(lenient),
        "stance or one also accepted, kappa": kappa(lenient),
    }


def of_topics(folder: Path) -> dict[str, float | int]:
    """Measure -> figure, over the cells of the first two corpora, both halves; those held back are only counted."""
    first = [row for name in TWICE for half in ("", "-held-back") for row in _lines(folder / f"{name}{half}.jsonl")]
    second = {(row["school"], row["topic"]): row["stance"] for row in _lines(folder / "second.jsonl")}
    pairs = [(row, second[row["school"], row["topic"]]) for row in first]
    strict = [(row["stance"], said) for row, said in pairs]
    lenient = [(said if said in (row["stance"], *row["also"]) else row["stance"], said) for row, said in pairs]
    return {
        "cells": len(pairs),
        "position, agreement": raw(strict),
        "position, kappa": kappa(strict),
        "position or one also accepted, agreement": raw(lenient),
        "silence, agreement": raw([(str(one == "silent"), str(other == "silent")) for one, other in strict]),
    }


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _answered(label: Mapping[str, Any]) -> str:
    return "answered" if label["right"] else "silent"


def main() -> None:
    given = sys.argv[1] if len(sys.argv) > 1 else str(HERE)
    found = of_topics(TOPICS) if given == "--topics" else figures(json.loads(Path(given).read_text("utf-8"))["pairs"])
    for name, figure in found.items():
        print(f"{name:40} {figure if isinstance(figure, int) else format(figure, '.3f')}")


if __name__ == "__main__":
    main()
