"""Which kinds of policy each school has, lacks, or has overdue. The kinds are data: policy_kinds.toml."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from clausewise.comparison.tables import read_tables
from clausewise.dates import review
from clausewise.errors import BadKinds
from clausewise.types import Document, School

SHIPPED = Path(__file__).parents[1] / "policy_kinds.toml"
State = Literal["has", "overdue", "lacks"]


@dataclass(frozen=True)
class Kind:
    """A kind of policy. `patterns`: of titles. `statutory`: None where that hangs on the school."""

    id: str
    title: str
    patterns: tuple[str, ...]
    statutory: bool | None = None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(f"(?:{pattern})" for pattern in self.patterns), re.I)

    def fits(self, names: tuple[str, str]) -> bool:
        """Whether one of a document's two `names` names this kind."""
        return any(self._pattern.search(words) for words in names)


def names(document: Document) -> tuple[str, str]:
    """Its title, and its file's name in words; a title alone may be a letterhead's."""
    return document.title, document.id.rpartition("/")[2].replace("-", " ")


@dataclass(frozen=True, slots=True)
class Cell:
    """What a school has of a kind. `documents`: ids of those in force; `overdue`: of them, those whose stated review has passed."""

    school: str
    kind: str
    documents: tuple[str, ...] = ()
    overdue: tuple[str, ...] = ()

    @property
    def state(self) -> State:
        return "overdue" if self.overdue else "has" if self.documents else "lacks"

    def as_dict(self) -> dict[str, Any]:
        return {
            "school": self.school,
            "kind": self.kind,
            "state": self.state,
            "documents": list(self.documents),
            "overdue": list(self.overdue),
        }


@dataclass(frozen=True, slots=True)
class Coverage:
    """`cells`: (school id, kind id) -> cell; every pair is there. `unplaced`: ids of documents in force that no kind names."""

    schools: tuple[School, ...]
    kinds: tuple[Kind, ...]
    cells: Mapping[tuple[str, str], Cell]
    unplaced: tuple[str, ...]

    def row(self, school: str) -> list[Cell]:
        """The cells of a school, in the kinds' order."""
        return [self.cells[school, kind.id] for kind in self.kinds]

    def tally(self, kind: str) -> dict[State, int]:
        """How many schools are in each state with a kind."""
        counted = Counter(self.cells[school.id, kind].state for school in self.schools)
        return {state: counted[state] for state in get_args(State)}


def coverage(documents: Iterable[Document], schools: Sequence[School], kinds: Sequence[Kind], today: date) -> Coverage:
    """Every school x kind. A superseded version counts for nothing; a document may be of several kinds."""
    in_force = [document for document in documents if not document.superseded_by]
    called = {document.id: names(document) for document in in_force}
    of_names = {found: [kind.id for kind in kinds if kind.fits(found)] for found in set(called.values())}  # schools have them in common
    placed = {document: of_names[found] for document, found in called.items()}
    late = {document.id for document in in_force if review(document, today).status == "overdue"}
    own: dict[str, list[str]] = {school.id: [] for school in schools}
    for document in in_force:
        own.setdefault(document.school, []).append(document.id)
    cells = {}
    for school in schools:
        for kind in kinds:
            found = tuple(id for id in own[school.id] if kind.id in placed[id])
            cells[school.id, kind.id] = Cell(school.id, kind.id, found, tuple(id for id in found if id in late))
    asked = {school.id for school in schools}
    unplaced = tuple(document.id for document in in_force if document.school in asked and not placed[document.id])
    return Coverage(tuple(schools), tuple(kinds), cells, unplaced)


# policy_kinds.toml -> kinds

_Words = Annotated[str, Field(min_length=1, pattern=r"\w")]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    title: _Words
    patterns: list[_Words] = Field(min_length=1)
    statutory: bool | None = None


def load_kinds(path: Path = SHIPPED) -> tuple[Kind, ...]:
    """The kinds of a file. Raises BadKinds naming the file and the kind."""
    kinds = [_kind(path, number, row) for number, row in enumerate(read_tables(path, "kind", _Row, BadKinds), start=1)]
    for name in ("id", "title"):
        found = [getattr(kind, name) for kind in kinds]
        if twice := [value for value in dict.fromkeys(found) if found.count(value) > 1]:
            raise BadKinds(f"{path}: the {name} {twice[0]!r} stands twice; each must differ")
    return tuple(kinds)


def _kind(path: Path, number: int, found: _Row) -> Kind:
    for pattern in found.patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise BadKinds(f"{path}: kind {number}, patterns: found {ascii(pattern)[:60]}, no regular expression ({error})") from None
    return Kind(found.id, found.title, tuple(found.patterns), found.statutory)
