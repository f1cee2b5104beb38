"""Questions with known units, in one form, whatever they come from.

A policy is a list of units (`id`, `headings`, `lead_in`, `text`) and the questions asked of it (`question`, `history`,
`answerable`, `gold_unit_ids`, `support_unit_ids`, ...); both are dicts by the policy's id. Besides the staff questions
(their lettered folders) two public sets are read, if they are there: doc2dial and ObliQA, half of whose documents are
for training and half for measuring transfer.
"""

import gzip
import json
import random
from collections import defaultdict
from pathlib import Path

DEFAULT_DATA = (Path("../shared/data/staff_questions"), Path("training/data"))
PUBLIC = Path("../shared/data")

Units = dict[str, list[dict]]
Questions = dict[str, list[dict]]


def folders_of(homes) -> dict[str, Path]:
    """Every folder of questions below `homes`, by its letter."""
    return {path.name: path for home in homes for path in sorted(home.iterdir()) if path.is_dir()}


def unit_text(unit: dict, with_headings: bool = True) -> str:
    """A policy unit as it is embedded: headings below the title, lead-in, text."""
    headings = " > ".join(unit["headings"][1:]) if with_headings else ""
    lead_in = f"{unit['lead_in']} " if unit["lead_in"] else ""
    return (f"{headings}. " if headings else "") + lead_in + unit["text"]


def query_text(question: dict) -> str:
    """A question as it is embedded: the last two turns before it, then the question."""
    return " ".join([*question["history"][-2:], question["question"]])


def load_folders(homes, folders) -> tuple[Units, Questions]:
    """Units and questions of some folders, each grouped by policy."""
    units: Units = {}
    questions: Questions = {}
    paths = folders_of(homes)
    for folder in sorted(folders):
        for name, groups in (("units", units), ("questions", questions)):
            with open(paths[folder] / f"{name}.jsonl", encoding="utf-8") as lines:
                for row in map(json.loads, lines):
                    groups.setdefault(row["doc_id"], []).append(row)
    return units, questions


def load_public(home: Path, half: int) -> tuple[Units, Questions]:
    """doc2dial and ObliQA: every other document, from the first (`half` 0: for training) or from the second (1)."""
    units: Units = {}
    questions: Questions = {}
    for name in ("doc2dial", "obliqa_dev"):
        if (home / name).is_dir():
            found, asked = _doc2dial(home / name) if name == "doc2dial" else _obliqa(home / name)
            for doc_id in sorted(asked)[half::2]:
                units[f"{name}/{doc_id}"], questions[f"{name}/{doc_id}"] = found[doc_id], asked[doc_id]
    return units, questions


def together(units: Units, questions: Questions, size: int) -> tuple[Units, Questions]:
    """Documents with few questions, joined by `size` into one: a step needs some dozen questions of a document."""
    few = [doc_id for doc_id in sorted(questions) if len(questions[doc_id]) < 12]
    parts = [few[start : start + size] for start in range(0, len(few), size)]

    def joined(rows: Units) -> Units:
        rest = {doc_id: found for doc_id, found in rows.items() if doc_id not in few}
        return rest | {"+".join(part): [row for doc_id in part for row in rows[doc_id]] for part in parts}

    return joined(units), joined(questions)


def some_units(units: list[dict], asked: list[dict], most: int, rng: random.Random) -> list[dict]:
    """At most about `most` of a long document's units: what its questions name, and others at random; in order."""
    if len(units) <= most:
        return units
    named = {i for q in asked for i in (*q["gold_unit_ids"], *q["support_unit_ids"])}
    others = [unit["id"] for unit in units if unit["id"] not in named]
    kept = named | set(rng.sample(others, max(0, min(len(others), most - len(named)))))
    return [unit for unit in units if unit["id"] in kept]


def _doc2dial(folder: Path) -> tuple[Units, Questions]:
    """Headings are no units: they stand before what they head."""
    units: Units = defaultdict(list)
    heading: dict[str, str] = {}
    for row in _rows(folder / "units.jsonl.gz"):
        if row["heading"]:
            heading[row["passage_id"]] = row["text"]
        else:
            above = [heading[row["passage_id"]]] if row["passage_id"] in heading else []
            units[row["doc_id"]].append({"id": row["id"], "headings": [row["doc_id"], *above], "lead_in": None, "text": row["text"]})
    return units, _asked(_rows(folder / "questions.jsonl.gz"), "gold_unit_ids", units)


def _obliqa(folder: Path) -> tuple[Units, Questions]:
    """A rule book's numbered passages are its units; its bare titles, of less than five words, are none."""
    units: Units = defaultdict(list)
    for row in _rows(folder / "passages.jsonl.gz"):
        if len(row["text"].split()) > 4:
            units[row["doc_id"]].append({"id": row["id"], "headings": [row["doc_id"]], "lead_in": None, "text": row["text"]})
    return units, _asked(_rows(folder / "questions.jsonl.gz"), "gold_passage_ids", units)


def _asked(rows: list[dict], gold: str, units: Units) -> Questions:
    asked: Questions = defaultdict(list)
    known = {unit["id"] for found in units.values() for unit in found}
    for row in rows:
        right = [i for i in row[gold] if i in known and i.startswith(str(row["doc_id"]))]
        if right:
            asked[row["doc_id"]].append(
                {
                    "id": row["id"],
                    "question": row["question"],
                    "history": [],
                    "answerable": True,
                    "gold_unit_ids": right,
                    "support_unit_ids": [],
                }
            )
    return asked


def _rows(path: Path) -> list[dict]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
