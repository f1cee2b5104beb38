"""What an index costs to write, to open and to ask as schools join it: seconds, and the memory that the process holds.

    python benchmarks/growth.py [--passages 1000 10000 100000 1000000] [--folder DIR] [--plot FILE.svg]

Schools are made by rule from the sample corpus: each has all of its policies, under a name of its own, and their vectors turned
away at random (see nearest.py); words are the sample's. Questions are of evals/, asked of one school and of all, by the model in
force, which is warm. An index is written (embedding apart) and opened by processes of their own, from files that are in the
system's cache; memory is the process's own (RssAnon) beyond what it had before. The exponents are of n, between two sizes.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import re
import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from nearest import asked, varied

from clausewise.assistant import Assistant
from clausewise.building import indexing, publish
from clausewise.catalogue import Entry
from clausewise.catalogue import entries as gathered
from clausewise.embeddings import Encoder
from clausewise.index import Parts, load, load_texts
from clausewise.late import WordIndex
from clausewise.settings import Settings
from clausewise.types import Clause, Document, Passage, School
from clausewise.vectors import VectorIndex

ASKED, OF_ALL = 40, 20  # questions
COLUMNS = (
    "written in, s",
    "held meanwhile, MiB",
    "files, MiB",
    "open, s",
    "own memory, MiB",
    "first question, ms",
    "of a school p50",
    "p95, ms",
    "of all p50",
    "p95, ms",
    "own memory, MiB",
)
DRAWN = (
    (2, "writing, embedding apart", 1),
    (5, "opening", 1),
    (8, "a question of one school", 1e-3),
    (10, "a question of all schools", 1e-3),
)  # columns, and the second in their unit


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--index", type=Path, default=Path("indexes/default"), help="the sample's index (default: %(default)s)")
    parser.add_argument("--passages", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--folder", type=Path, help="where the indexes are made and kept; else they are removed")
    parser.add_argument("--plot", type=Path)
    args = parser.parse_args()
    print("| passages | schools |", " | ".join(COLUMNS), "|\n" + "| --- " * (len(COLUMNS) + 2) + "|", flush=True)
    with tempfile.TemporaryDirectory() as spare:
        found = [_row(args.index, wanted, args.folder or Path(spare)) for wanted in args.passages]
    for one, other in pairwise(found):
        powers = (math.log(b / a) / math.log(other[0] / one[0]) for a, b in zip(one[2:], other[2:], strict=True))
        print(f"| exponent to {other[0]:,} | |", " | ".join(f"{power:.2f}" for power in powers), "|")
    if args.plot:
        plot(found, args.plot)


def _row(sample: Path, wanted: int, folder: Path) -> list[float]:
    place, noted = folder / f"{wanted}", folder / f"{wanted}.json"
    if not place.exists():
        noted.write_text(_alone(made, sample, max(1, round(wanted / len(load_texts(sample).passages))), place))
    row = json.loads(_alone(measured, place, json.loads(noted.read_text())))
    print("|", " | ".join(f"{value:,.0f}" if value >= 100 else f"{value:.3g}" for value in row), "|", flush=True)
    return list(row)


def _alone(work: Any, *given: Any) -> Any:
    """What `work` gives in a new process, which owes nothing to this one's memory."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *given).result()


def plot(found: Sequence[Sequence[float]], path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.2), layout="constrained")
    axes = figure.subplots()
    for column, name, unit in DRAWN:
        axes.loglog([row[0] for row in found], [row[column] * unit for row in found], marker="o", label=name)
    axes.set(xlabel="passages in the index", ylabel="seconds")
    axes.legend(frameon=False)
    figure.savefig(path)


# made by rule


def made(sample: Path, count: int, folder: Path) -> str:
    """An index of so many schools; as JSON the seconds that writing it took, and the most MiB that the process held."""
    encoder = Encoder()
    own = load(sample, encoder)
    schools = [School(f"school-{number:05}", f"{_name(number)} School") for number in range(count)]
    entries = list(grown(own.documents, own.clauses, list(own.passages), [school.id for school in schools]))
    vectors = VectorIndex(varied(own.vectors.vectors(), count * len(own.passages)))
    words = WordIndex.of([own.words.codes(row) for row in range(len(own.passages))] * count)
    start = time.perf_counter()
    with indexing(folder) as writer:
        publish(writer, Parts.of(schools, entries, vectors, words, own.thesaurus), encoder)
    return json.dumps([time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024])


def grown(documents: Sequence[Document], clauses: Sequence[Clause], passages: Sequence[Passage], schools: Sequence[str]) -> Iterator[Entry]:
    """Every document for every school."""
    row, sample = 0, list(gathered(documents, clauses, passages))
    for school in schools:
        for document, own, found in sample:
            newer = document.superseded_by and _id(document.superseded_by, school)
            moved = replace(document, id=_id(document.id, school), school=school, superseded_by=newer)
            yield moved, [_clause(clause, school) for clause in own], [_passage(each, school, row + i) for i, each in enumerate(found)]
            row += len(found)


def _clause(clause: Clause, school: str) -> Clause:
    leads, parent = tuple(_id(lead, school) for lead in clause.lead_in_ids), clause.parent and _id(clause.parent, school)
    return replace(
        clause, id=_id(clause.id, school), document=_id(clause.document, school), school=school, lead_in_ids=leads, parent=parent
    )


def _passage(passage: Passage, school: str, row: int) -> Passage:
    return replace(passage, row=row, clause=_id(passage.clause, school), document=_id(passage.document, school), school=school)


def _id(id: str, school: str) -> str:
    """larch/phones of another school: no two policies of the sample's schools are one."""
    return f"{school}/{id.replace('/', '-', 1)}"


def _name(number: int) -> str:
    """Made of syllables, so that no two schools are alike to the ear of a question."""
    syllables = ("bel", "cor", "dun", "fen", "gar", "hol", "kel", "lor", "mar", "nor")
    return "".join(syllables[int(digit)] for digit in f"{number:05}").capitalize()


# measured


def measured(folder: Path, written: Sequence[float]) -> str:
    encoder = Encoder()
    encoder.encode_words(["What any index needs is read before the clock starts."])
    import faiss  # noqa: F401  likewise

    before = _memory()
    open_for, index = _timed(lambda: load(folder, encoder))
    opened = _memory() - before
    assistant = Assistant(index, Settings(), encoder)
    schools, questions = [school.id for school in assistant.schools], asked(ASKED)
    first, _ = _timed(lambda: assistant.ask(questions[0], [schools[0]]))
    one = [_timed(lambda i=i, q=q: assistant.ask(q, [schools[7 * i % len(schools)]]))[0] for i, q in enumerate(questions)]
    assistant.ask(questions[0])
    every = [_timed(lambda q=q: assistant.ask(q))[0] for q in questions[:OF_ALL]]
    files = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20
    ms = [1000 * value for value in (first, *np.percentile(one, (50, 95)), *np.percentile(every, (50, 95)))]
    return json.dumps([len(index.passages), len(schools), *written, files, open_for, opened, *ms, _memory() - before])


def _timed(work: Any) -> tuple[float, Any]:
    start = time.perf_counter()
    found = work()
    return time.perf_counter() - start, found


def _memory() -> float:
    """MiB of the process's own."""
    return int(re.search(r"RssAnon:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024  # type: ignore[index]


if __name__ == "__main__":
    main()
