"""How long the search for the nearest vectors takes as they grow in number, exact and by cells, and what cells miss.

    python benchmarks/nearest.py [--rows 1000 10000 100000 1000000] [--index DIR ...] [--others] [--plot FILE.svg]

The vectors are those of the indexes given, again and again, each time turned away at random: by so much that its cosine to what
it was lies between 0.6 and 1, as clauses of schools on one topic do. The questions are those of evals/, as the model in force
encodes them. Recall@10: how many of ten found are as near as the tenth of all, so that equals count alike. `--others`: other
FAISS indexes of the largest number of rows, to choose from, each at several depths of search. Milliseconds are of the clock, for
one question at a time.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from clausewise.cells import LEAST, Cells, how_many
from clausewise.embeddings import Encoder
from clausewise.index import load
from clausewise.vectors import VectorIndex

ROOT = Path(__file__).parents[1]
SCHOOL, TRUST = 1_000, 40  # rows of a school, schools of a trust
WANTED, TOP = 200, 10  # rows that a ranking contributes (Settings.candidates), and those that recall is of
KINDS = {  # FAISS's name of an index, with {0} for how many cells -> what sets the depth of its search: one cell in so many, or nodes
    "IVF{0},SQ8": ("nprobe", (64, 32, 16, 8)),
    "IVF{0},Flat": ("nprobe", (64, 32, 16, 8)),
    "IVF{0},PQ96x4fs": ("nprobe", (16, 8)),
    "HNSW32,SQ8": ("efSearch", (64, 128, 256, 512)),
}
COLUMNS = "rows | exact p50 | p95, ms | cells p50 | p95, ms | recall@10 | cells, MiB | made in, s | a school's p95 | a trust's p95, ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--index", type=Path, nargs="+", default=[Path("indexes/default")], help="whose vectors (default: the sample's)")
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--others", action="store_true", help="measure other kinds of index too")
    parser.add_argument("--plot", type=Path)
    args = parser.parse_args()
    encoder = Encoder()
    base = np.concatenate([load(index, encoder).vectors.vectors() for index in args.index])
    questions = encoder.encode(asked(args.questions))
    print(f"| {COLUMNS} |\n" + "| --- " * (COLUMNS.count("|") + 1) + "|", flush=True)
    found = [_row(varied(base, rows), questions) for rows in args.rows]
    for column, name in ((1, "exact"), (3, "cells"), (8, "a school")):
        powers = [math.log(b[column] / a[column]) / math.log(b[0] / a[0]) for a, b in pairwise(found) if a[column]]
        print(f"exponents of {name}, step by step: {', '.join(f'{power:.2f}' for power in powers)}")
    if args.plot:
        plot(found, args.plot)
    if args.others:
        others(varied(base, args.rows[-1]), questions)


def asked(count: int) -> list[str]:
    """Questions of every suite, each once."""
    lines = [line for path in sorted(ROOT.glob("evals/*/cases.jsonl")) for line in path.read_text("utf-8").splitlines()]
    found = sorted({case["question"] for case in map(json.loads, lines) if not case["history"]})
    return [found[i] for i in np.random.default_rng(5).permutation(len(found))[:count]]


def varied(base: Any, rows: int) -> Any:
    """`rows` vectors, shape (rows, d): the base's in turn, each mixed with a random direction of the same length."""
    chance = np.random.default_rng(1)
    found = np.empty((rows, base.shape[1]), dtype=np.float32)
    for start in range(0, rows, len(base)):
        part = base[: min(len(base), rows - start)]
        lengths = np.linalg.norm(part, axis=1, keepdims=True)
        other = chance.standard_normal(part.shape, dtype=np.float32)
        other *= lengths / np.linalg.norm(other, axis=1, keepdims=True)
        like = chance.uniform(0.6, 1, (len(part), 1)).astype(np.float32)
        found[start : start + len(part)] = like * part + np.sqrt(1 - like**2) * other
    return found


def _row(vectors: Any, questions: Any) -> list[float]:
    rows, exact = len(vectors), VectorIndex(vectors)
    spent, truth = measured(questions, lambda one: exact.search(one, WANTED))
    row: list[float] = [rows, *spent, 0, 0, 1, 0, 0]
    quick = exact
    if rows >= LEAST:
        start = time.perf_counter()
        cells = Cells.of(vectors)
        quick = VectorIndex(vectors, cells)
        took, size = time.perf_counter() - start, len(cells) / 2**20
        spent, found = measured(questions, lambda one: quick.search(one, WANTED))
        row = [*row[:3], *spent, recall(found, truth), size, took]
    for schools in (1, TRUST):
        own = range(rows // 2, min(rows, rows // 2 + schools * SCHOOL))
        row.append(measured(questions, lambda one, own=own: quick.search(one, WANTED, own))[0][1])
    print("|", " | ".join(f"{value:,.0f}" if value >= 100 else f"{value:.4g}" if value else "" for value in row), "|", flush=True)
    return row


def measured(questions: Any, search: Callable[[Any], list[tuple[int, float]]]) -> tuple[tuple[float, float], list[list[float]]]:
    """The median and the 95th percentile in ms, and the cosines that were found."""
    search(questions[:1])
    spent, found = [], []
    for i in range(len(questions)):
        start = time.perf_counter()
        pairs = search(questions[i : i + 1])
        spent.append(1000 * (time.perf_counter() - start))
        found.append([score for _, score in pairs])
    return (float(np.percentile(spent, 50)), float(np.percentile(spent, 95))), found


def recall(found: Sequence[Sequence[float]], truth: Sequence[Sequence[float]]) -> float:
    near = [sum(score >= best[TOP - 1] - 1e-6 for score in scores[:TOP]) for scores, best in zip(found, truth, strict=True)]
    return sum(near) / (TOP * len(truth))


def others(vectors: Any, questions: Any) -> None:
    """The chosen kind and its rivals; each gives twice the rows wanted, whose cosines are then taken."""
    import faiss

    exact = VectorIndex(vectors)
    _, truth = measured(questions, lambda one: exact.search(one, WANTED))
    print("\n| index | made in, s | MiB | depth | p50 | p95, ms | recall@10 | lowest |\n| --- | --- | --- | --- | --- | --- | --- | --- |")
    cells = how_many(len(vectors))
    for kind, (name, depths) in KINDS.items():
        start = time.perf_counter()
        index = faiss.index_factory(vectors.shape[1], kind.format(cells), faiss.METRIC_INNER_PRODUCT)
        index.train(vectors[np.sort(np.random.default_rng(0).permutation(len(vectors))[: 40 * cells])])
        index.add(vectors)
        made, size = time.perf_counter() - start, len(faiss.serialize_index(index)) / 2**20
        for depth in depths:
            row = _deep(index, name, cells // depth if name == "nprobe" else depth, exact, questions, truth)
            print(f"| {kind.format(cells)} | {made:.0f} | {size:,.0f} |", " | ".join(row), "|", flush=True)


def _deep(index: Any, name: str, depth: int, exact: VectorIndex, questions: Any, truth: Any) -> list[str]:
    import faiss

    options = (faiss.SearchParametersIVF if name == "nprobe" else faiss.SearchParametersHNSW)(**{name: depth})

    def search(one: Any) -> list[tuple[int, float]]:
        rows = np.unique(index.search(one, 2 * WANTED, params=options)[1][0])
        return exact.search(one, WANTED, rows[rows >= 0])

    spent, found = measured(questions, search)
    lowest = min(recall([one], [best]) for one, best in zip(found, truth, strict=True))
    return [f"{name} {depth}", f"{spent[0]:.1f}", f"{spent[1]:.1f}", f"{recall(found, truth):.4f}", f"{lowest:.1f}"]


def plot(found: Sequence[Sequence[float]], path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.2), layout="constrained")
    axes = figure.subplots()
    for column, name in ((2, "every vector"), (4, "cells, of every vector"), (9, f"a trust of {TRUST} schools"), (8, "one school")):
        points = [(row[0], row[column]) for row in found if row[column]]
        axes.loglog(*zip(*points, strict=True), marker="o", label=name)
    axes.axhline(50, color="grey", linestyle=":", label="50 ms")
    axes.set(xlabel="passages in the index", ylabel="search, ms, 95th percentile")
    axes.legend(frameon=False)
    figure.savefig(path)


if __name__ == "__main__":
    main()
