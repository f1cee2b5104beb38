"""How often a question is asked back that should be, and one that should not.

    python evals/asking-back/measure.py --sample INDEX --five INDEX [--show]

`--sample`: an index of corpus/; `--five`: one of ../shared/policies, without which the five schools' questions are left out.
Of every choice that is offered it is counted whether asking it is asked back again.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clausewise.assistant import Assistant
from clausewise.clarifying import school_choices
from clausewise.conversation import understand
from clausewise.embeddings import Encoder
from clausewise.naming import Names
from clausewise.types import Choice, School

HERE = Path(__file__).parent
SHARED = HERE.parents[2] / "shared" / "evals" / "questions.jsonl"
KINDS = ("school", "topic", "question", "specific")


@dataclass(frozen=True, slots=True)
class Asked:
    """`group`: what it is counted with. `back`: the kind that was asked back. `again`: choices that were asked back in turn."""

    group: str
    question: str
    back: str | None
    choices: tuple[Choice, ...]
    again: int


def of_names(rows: Sequence[Mapping[str, Any]]) -> Iterator[Asked]:
    """Questions whose school's name fits several, over made-up schools. A wrong set of schools counts as not asked back."""
    sets = {name: Names([School(s["id"], s["name"], None, tuple(s.get("aliases", ()))) for s in found]) for name, found in _sets().items()}
    for row in rows:
        names = sets[row["schools"]]
        found = understand(row["question"], (), None, names)
        choices = tuple(school_choices(found, names.schools)) if found.scope.doubtful else ()
        again = sum(bool(understand(choice.question, (), choice.schools, names).scope.doubtful) for choice in choices)
        yield Asked(_group(row), row["question"], "school" if list(found.scope.doubtful) == row["fits"] else None, choices, again)


def of_questions(rows: Sequence[Mapping[str, Any]], assistant: Assistant) -> Iterator[Asked]:
    for row in rows:
        school = row["school"] if isinstance(row["school"], list | None) else [row["school"]]
        found = assistant.ask(row["question"], school, row.get("history", ())).clarification
        choices = found.choices if found else ()
        again = sum(assistant.ask(choice.question, choice.schools).clarification is not None for choice in choices)
        yield Asked(_group(row), row["question"], found.kind if found else None, choices, again)


def of_suites(sample: Assistant, five: Assistant | None) -> Iterator[Asked]:
    """The answerable single questions of the suites: each is specific."""
    suites = [("sample", HERE.parent / "sample" / "cases.jsonl", sample)]
    if five:
        suites += [("five-schools", HERE.parent / "five-schools" / "cases.jsonl", five), ("shared", SHARED, five)]
    for name, path, assistant in suites:
        if path.is_file():
            rows = [row for row in _lines(path) if row["kind"] == "single"]
            yield from of_questions([{**row, "group": f"specific, {name}"} for row in rows], assistant)


def _group(row: Mapping[str, Any]) -> str:
    return row.get("group") or f"{row['kind']}, {'held back' if row['held_back'] else 'set on'}"


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _sets() -> dict[str, Any]:
    return dict(json.loads((HERE / "schools.json").read_text("utf-8")))


def table(found: Sequence[Asked]) -> Iterator[str]:
    """A line for each group: questions, those asked back, their share."""
    for group in dict.fromkeys(asked.group for asked in found):
        some = [asked for asked in found if asked.group == group]
        wanted = group.partition(",")[0]
        right = [asked for asked in some if asked.back and wanted in (asked.back, "specific")]
        yield f"{group:32}{len(some):5}{len(right):6}{len(right) / len(some):8.3f}"
    choices = sum(len(asked.choices) for asked in found)
    yield f"choices {choices}, of which {sum(asked.again for asked in found)} asked back again"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--sample", type=Path, required=True, metavar="INDEX")
    parser.add_argument("--five", type=Path, metavar="INDEX")
    parser.add_argument("--show", action="store_true", help="print each question, what was asked back and the choices")
    args = parser.parse_args()
    encoder = Encoder()
    sample, five = (Assistant(folder, encoder=encoder) if folder else None for folder in (args.sample, args.five))
    assert sample
    rows = _lines(HERE / "questions.jsonl")
    found = [*of_names([row for row in rows if row["kind"] == "school"])]
    found += of_questions([row for row in rows if row["kind"] != "school"], sample)
    found += of_suites(sample, five)
    if args.show:
        for asked in found:
            print(f"{asked.group} | {asked.question} -> {asked.back}", *(f"    {c.label} | {c.question}" for c in asked.choices), sep="\n")
    print("\n".join(table(found)))


if __name__ == "__main__":
    main()
