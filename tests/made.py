"""Suites, rows and runs that the tests of the evaluation room are made of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from conftest import LARCH_DOGS, LARCH_PHONES, MAPLE_PHONES, MAX_BYTES, WordsEncoder, write

from clausewise.accounts import User
from clausewise.assistant import Assistant
from clausewise.building import build
from clausewise.documents import load_corpus
from clausewise.evaluation.cases import Gold
from clausewise.evaluation.runs import Place, Row, Run, _id
from clausewise.settings import Settings

SOMEBODY = User("somebody", "", "administrator")
CORPUS = {"larch/phones.md": LARCH_PHONES, "larch/dogs.md": LARCH_DOGS, "maple/phones.md": MAPLE_PHONES}


def gold_row(clauses: Mapping[str, int], *stances: str, **more: Any) -> dict[str, Any]:
    return {"clauses": dict(clauses), "stance": list(stances or ["silent"]), **more}


def case_row(id: str, question: str, school: str | None, gold: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": id, "kind": "single", "question": question, "school": school, "gold": dict(gold), **more}


# What the small corpus says, and the stand-in encoder finds: five questions, six (case, school) pairs, all answered rightly.
CASES = [
    case_row(
        "trip",
        "May pupils carry a phone on a residential trip?",
        None,
        {"larch": gold_row({"larch/phones#1.2": 2, "larch/phones#1.1": 1}, "permitted"), "maple": gold_row({})},
        kind="all_schools",
    ),
    case_row(
        "watch", "Do smart watches count as phones?", "maple", {"maple": gold_row({"maple/phones#1.2": 2}, "factual")}, tags=["watch"]
    ),
    case_row(
        "locker", "Where do staff keep their phones during lessons?", "larch", {"larch": gold_row({"larch/phones#2.1": 2}, "required")}
    ),
    case_row("pool", "Is there a swimming pool?", "maple", {"maple": gold_row({})}, kind="unanswerable"),
    case_row("dog", "May a dog come through the gate?", "larch", {"larch": gold_row({"larch/dogs#preamble/1": 2}, "conditional")}),
]


def write_suite(folder: Path, rows: Sequence[Mapping[str, Any]] = CASES, gate: str = "") -> Path:
    files = {"cases.jsonl": "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)}
    return write(folder, files | ({"gate.toml": gate} if gate else {}))


def write_index(folder: Path, files: Mapping[str, str] = CORPUS) -> Path:
    """Files (path -> text) -> the folder of their index, by the stand-in encoder; an index that is there is replaced."""
    corpus = folder.parent / f"{folder.name}-corpus-{len([*folder.parent.glob(f'{folder.name}-corpus-*')])}"
    build(load_corpus(write(corpus, dict(files)), MAX_BYTES), WordsEncoder(), folder)  # type: ignore[arg-type]
    return folder


def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clausewise.assistant.Encoder", lambda model="": WordsEncoder())


def opened(index: Path, settings: Settings | None = None) -> Assistant:
    with pytest.MonkeyPatch.context() as patch:
        stand_in(patch)
        return Assistant(index, settings or Settings())


def row(
    case: str,
    school: str = "oak",
    *,
    right: Mapping[str, int] | None = None,
    stances: Sequence[str] = ("required",),
    status: str | None = "answered",
    quotes: Sequence[str] = (),
    closest: Sequence[str] = (),
    **more: Any,
) -> Row:
    """A row as it might be; `right` {}: silence is wanted."""
    qrels = {f"{school}/p#1": 2} if right is None else dict(right)
    given: dict[str, Any] = {
        "case": case,
        "school": school,
        "kind": "single",
        "tags": (),
        "question": f"{case}?",
        "asked": school,
        "history": (),
        "matter": f"{case} at {school}",
        "gold": Gold(qrels, tuple(stances) if qrels else ("silent",)),
        "gold_texts": {clause: f"text of {clause}" for clause in qrels},
        "standalone_question": f"{case}?",
        "status": status,
        "reason": None if status == "answered" else "too_weak",
        "stance": "required" if status == "answered" else None,
        "sure": 0.9,
        "quotes": tuple(place(clause) for clause in quotes),
        "closest": tuple(place(clause) for clause in closest),
        "ranking": tuple(quotes or closest),
        "scores": {"overall": (1.0, 1.0), "wrong_school": (0.0, None), "quotes": (1.0, None), "verbatim": (1.0, None)},
    }
    return Row(**{**given, **more})


def place(clause: str) -> Place:
    return Place(clause, 0, 10, f"words of {clause}")


def scored(case: str, school: str = "oak", **scores: float | tuple[float, float | None]) -> Row:
    """A row with these measures; a lone number is out of 1. "hit_1" stands for "hit@1"."""
    found = {name.replace("_at_", "@"): score if isinstance(score, tuple) else (float(score), 1.0) for name, score in scores.items()}
    return row(case, school, scores={"overall": (1.0, 1.0), **found})


def run_of(rows: Sequence[Row], waiting: Sequence[str] = (), **made_by: Any) -> Run:
    made = {"suite": "made", "cases": "c0", "index": "1" * 64, "documents": {}, "model": "words", "settings": {"quotes": 3}, "code": "d0"}
    return Run(_id(made | made_by, rows, waiting), "made", made | made_by, tuple(rows), tuple(waiting), "2026-11-21T09:00:00Z", {})


def snapshots_of(index: Path) -> list[Path]:
    """Every snapshot beside the index in folder `index`."""
    return sorted(path for path in (index.parent / "snapshots").glob("[!.]*"))
