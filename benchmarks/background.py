"""How far down a school's best passage stands by cosine and BM25 alone: of schools to compare with, so many at least must be scored.

python benchmarks/background.py [indexes/default ...]

Every question of evals/ is put to every school of each index, of which all passages are scored.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from clausewise import Assistant
from clausewise.background import MOST
from clausewise.retrieval import Mix, Query

ALONE = Mix(late=0.0, lexical=2 * Mix().lexical)  # twice the score without late interaction, so in its order


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("indexes", type=Path, nargs="*", default=[Path("indexes/default")])
    args = parser.parse_args()
    asked = sorted(questions(Path(__file__).parents[1] / "evals"))
    print(f"{len(asked):,} questions; of a school {MOST} are scored\n")
    print("| index | schools asked | p99 | p99.9 | furthest |\n" + "| --- " * 5 + "|")
    for folder in args.indexes:
        assistant = Assistant(folder)
        found = [place for question in asked for place in places(assistant, assistant.retriever.prepare(question))]
        high, higher = np.quantile(found, [0.99, 0.999])
        print(f"| {folder.name} | {len(found):,} | {high:.0f} | {higher:.0f} | {max(found)} |", flush=True)


def questions(folder: Path) -> set[str]:
    rows = (json.loads(line) for file in folder.rglob("*.jsonl") for line in file.read_text("utf-8").splitlines())
    return {row[key] for row in rows for key in ("question", "phrase") if isinstance(row.get(key), str)}


def places(assistant: Assistant, query: Query) -> list[int]:
    """Of each school's best passage, from 1."""
    found = []
    for rows in filter(None, assistant.index.rows.values()):
        hits = [*assistant.retriever.hits(query, rows, len(rows))]
        alone = [float(ALONE.score(np.float64(hit.dense), np.float64(0), np.float64(hit.lexical))) for hit in hits]
        found.append(1 + sum(score > alone[0] for score in alone))
    return found


if __name__ == "__main__":
    main()
