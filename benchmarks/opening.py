"""What an index costs to open and to ask as it grows: seconds, and the memory that the process holds.

    python benchmarks/opening.py [--passages 1000 10000 100000] [--folder DIR]

Schools are made by rule from the sample corpus: each has all of its policies, under a name of its own. Vectors and words are
random and a question's are too, so that no model is read: encoding is not the question. Each index is opened by a process of
its own, from files that are in the system's cache; memory is the process's own (RssAnon) and what it has read of the files
(RssFile), each beyond what it had before. The exponents are of n, between the smallest and the largest index.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import multiprocessing
import re
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from clausewise.assistant import Assistant
from clausewise.building import indexing, publish
from clausewise.catalogue import Entry
from clausewise.catalogue import entries as gathered
from clausewise.index import Index, Parts, load, load_texts
from clausewise.late import WordIndex, Words
from clausewise.settings import Settings
from clausewise.types import Clause, Document, Passage, School
from clausewise.vectors import VectorIndex

DIMENSIONS, WIDTH, TOKENS = 384, 128, 26  # of a vector, of a word, and words of a passage: as the model in force makes them
QUESTIONS = (
    "May staff accept friend requests from pupils?",
    "Who may see photographs of pupils?",
    "What happens to a phone that rings in a lesson?",
    "When must a new risk assessment be made before a school trip?",
    "Can I bring my dog to the fair?",
    "How long does the governing board have to answer a complaint?",
)
COLUMNS = (
    "open, s",
    "own memory, MiB",
    "of files, MiB",
    "first question, ms",
    "another, ms",
    "own memory, MiB",
    "search of all, ms",
    "files, MiB",
)


class Standin:
    """An encoder whose vectors depend on the text and mean nothing."""

    name, digest = "random", "0" * 64

    def encode(self, texts: Sequence[str]) -> Any:
        return self.encode_words(texts)[0]

    def encode_words(self, texts: Sequence[str]) -> tuple[Any, list[Words]]:
        chances = [np.random.default_rng(list(hashlib.sha256(text.encode()).digest())) for text in texts]
        words = [_units(chance, len(re.findall(r"\w+", text)) or 1, WIDTH) for chance, text in zip(chances, texts, strict=True)]
        even = [Words(found, np.full(len(found), 1 / len(found), dtype=np.float32)) for found in words]
        return np.concatenate([_units(chance, 1, DIMENSIONS) for chance in chances]), even


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--index", type=Path, default=Path("indexes/default"), help="the sample's index (default: %(default)s)")
    parser.add_argument("--passages", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--folder", type=Path, help="where the indexes are made and kept; else they are removed")
    args = parser.parse_args()
    print("| passages | schools |", " | ".join(COLUMNS), "|\n" + "| --- " * (len(COLUMNS) + 2) + "|", flush=True)
    with tempfile.TemporaryDirectory() as spare:
        found = [_row(args.index, wanted, args.folder or Path(spare)) for wanted in args.passages]
    if len(found) > 1:
        (first, *_), (last, *_) = found[0], found[-1]
        powers = (f"{_power(one, two, last / first):.2f}" for one, two in zip(found[0][2:], found[-1][2:], strict=True))
        print("| exponent | |", " | ".join(powers), "|")


def _row(sample: Path, wanted: int, folder: Path) -> list[float]:
    place = folder / f"{wanted}"
    if not place.exists():
        _alone(made, sample, wanted, place)
    row = json.loads(_alone(measured, place))
    print("|", " | ".join(f"{value:,.0f}" if value >= 100 else f"{value:.3g}" for value in row), "|", flush=True)
    return list(row)


def _alone(work: Any, *given: Any) -> Any:
    """What `work` gives in a new process, which owes nothing to this one's memory."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, given)


def _power(one: float, two: float, growth: float) -> float:
    return math.log(two / one) / math.log(growth)


# made by rule


def made(sample: Path, wanted: int, folder: Path) -> None:
    texts, chance = load_texts(sample), np.random.default_rng(7)
    schools = named(max(1, round(wanted / len(texts.passages))))
    entries = list(grown(texts.documents, texts.clauses, list(texts.passages), [school.id for school in schools]))
    size = sum(len(passages) for _, _, passages in entries)
    vectors = VectorIndex(_units(chance, size, DIMENSIONS))
    words = WordIndex(chance.integers(-127, 128, (TOKENS * size, WIDTH), dtype=np.int8), np.arange(size + 1, dtype=np.int64) * TOKENS)
    with indexing(folder) as writer:
        publish(writer, Parts.of(schools, entries, vectors, words, texts.thesaurus), Standin())  # type: ignore[arg-type]


def named(count: int) -> list[School]:
    return [School(f"school-{number:05}", f"{_name(number)} School") for number in range(count)]


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


def _units(chance: np.random.Generator, rows: int, width: int) -> Any:
    found = chance.standard_normal((rows, width), dtype=np.float32)
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    return found


# measured


def measured(folder: Path) -> str:
    Assistant(Index.of(Parts.of([], [], VectorIndex(np.zeros((0, 1))), WordIndex.of([])), {}), Settings(), Standin())  # type: ignore[arg-type]
    import faiss  # noqa: F401  what any index needs is read before the clock starts

    before = _memory()
    open_for, index = _timed(lambda: load(folder, Standin()))  # type: ignore[arg-type]
    opened = _memory()
    assistant = Assistant(index, Settings(), Standin())  # type: ignore[arg-type]
    schools = [school.id for school in assistant.schools]
    first, _ = _timed(lambda: assistant.ask(QUESTIONS[0], [schools[0]]))
    rest = [_timed(lambda i=i, q=q: assistant.ask(q, [schools[7 * i % len(schools)]]))[0] for i, q in enumerate(QUESTIONS[1:] * 3)]
    asked = _memory()
    assistant.search(QUESTIONS[1])
    every, _ = _timed(lambda: assistant.search(QUESTIONS[2]))
    files = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20
    row = [len(index.passages), len(schools), open_for, opened[0] - before[0], opened[1] - before[1], 1000 * first]
    return json.dumps([*row, 1000 * statistics.median(rest), asked[0] - before[0], 1000 * every, files])


def _timed(work: Any) -> tuple[float, Any]:
    start = time.perf_counter()
    found = work()
    return time.perf_counter() - start, found


def _memory() -> tuple[float, float]:
    """MiB of the process's own, and of files."""
    status = Path("/proc/self/status").read_text()
    return tuple(int(re.search(rf"{name}:\s+(\d+)", status)[1]) / 1024 for name in ("RssAnon", "RssFile"))  # type: ignore[index, return-value]


if __name__ == "__main__":
    main()
