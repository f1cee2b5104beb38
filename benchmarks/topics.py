"""How well the matrix of topics and schools agrees with people: macro-F1 of the position, silence as a class of its own.

    python benchmarks/topics.py [--held-back] [--misses]

Labels: evals/topics, a cell a line: list (social-media where it is left out), school, topic, stance, also (other stances
that a fair reader could give), clauses (id -> grade). Of what is held back only figures are printed.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from clausewise import Assistant
from clausewise.comparison.matrix import Cell
from clausewise.comparison.topics import load_topics

LABELS = Path(__file__).parents[1] / "evals" / "topics"
CORPORA = {"sample": "indexes/default", "five-schools": "indexes/five-schools"}
LATER = "sample-other-lists"  # labelled later, without clauses
LIST = "social-media"
POSITIONS = ("prohibited", "required", "conditional", "permitted", "advised", "factual", "silent")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--held-back", action="store_true", help="the half that nothing is chosen on; figures only")
    parser.add_argument("--misses", action="store_true", help="list the cells that differ")
    args = parser.parse_args()
    if args.held_back and args.misses:
        parser.error("the misses of the held-back half are not shown")
    every: list[tuple[Cell, dict[str, Any]]] = []
    for name, index in CORPORA.items():
        pairs = list(labelled(Assistant(index), name + "-held-back" * args.held_back))
        print(f"{name:14}{figures(pairs)}")
        every += pairs
    print(f"{'together':14}{figures(every)}")
    later = list(labelled(Assistant(CORPORA["sample"]), LATER + "-held-back" * args.held_back))
    print(f"{'other lists':14}{figures(later)}")
    for cell, label in (*every, *later) if args.misses else ():
        if not agrees(cell, label) or not right_clause(cell, label):
            said = (cell.answer.quotes or cell.answer.closest)[0].clause.id
            want = f"{label['stance']} {label['also']} {label['clauses']}"
            print(f"{label['school']} {label['topic']}: said {cell.position} {said}; want {want}")


def labelled(assistant: Assistant, name: str) -> Iterable[tuple[Cell, dict[str, Any]]]:
    labels = [json.loads(line) for line in (LABELS / f"{name}.jsonl").read_text("utf-8").splitlines()]
    cells = {list_: assistant.matrix(load_topics(list_)).cells for list_ in {label.get("list", LIST) for label in labels}}
    for label in labels:
        yield cells[label.get("list", LIST)][label["topic"], label["school"]], label


def agrees(cell: Cell, label: dict[str, Any]) -> bool:
    return said(cell) in (label["stance"], *label["also"])


def said(cell: Cell) -> str:
    """The labels know "advised against" as advised."""
    return cell.position.replace("against", "advised")


def right_clause(cell: Cell, label: dict[str, Any]) -> bool:
    """Of a cell that is not silent: the first quote is of a clause that answers by itself."""
    quotes = cell.answer.quotes
    return not label["clauses"] or bool(quotes and label["clauses"].get(quotes[0].clause.id) == 2)


def figures(pairs: Sequence[tuple[Cell, dict[str, Any]]]) -> str:
    f1 = macro_f1([(said(cell) if agrees(cell, label) else label["stance"], said(cell)) for cell, label in pairs])
    answered = [pair for pair in pairs if pair[1]["clauses"]]
    hits = sum(right_clause(*pair) for pair in answered)
    first = f"right clause first {hits / len(answered):.3f} of {len(answered)}, " if answered else ""
    agreement = sum(agrees(*pair) for pair in pairs) / len(pairs)
    wrong = sum(strange(cell) for cell, _ in pairs)
    return f"{len(pairs)} cells, agreement {agreement:.3f}, macro-F1 {f1:.3f}, {first}wrong school {wrong}"


def strange(cell: Cell) -> int:
    return sum(quote.clause.school != cell.school for quote in (*cell.answer.quotes, *cell.answer.closest))


def macro_f1(pairs: Sequence[tuple[str, str]]) -> float:
    """Over (wanted, said): the mean F1 of the positions that are wanted or said at all."""
    both = Counter(wanted for wanted, said in pairs if wanted == said)
    wanted, said = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    known = [position for position in POSITIONS if wanted[position] + said[position]]
    return sum(2 * both[position] / (wanted[position] + said[position]) for position in known) / len(known)


if __name__ == "__main__":
    main()
