"""The policies as the Documents page lists them: of one school all, of many schools the first of each list.

The text of a policy is read only where it is shown; what its stated dates, its title and its file's name tell needs none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from clausewise.comparison.coverage import Coverage, Kind, coverage, load_kinds
from clausewise.comparison.radar import STATES, Entry, Placed, Standing, State, radar, standings, totals
from clausewise.documents import remarks
from clausewise.types import Document

if TYPE_CHECKING:
    from clausewise.catalogue import Catalogue
    from clausewise.index import Index

MOST, FEW = 200, 40  # all of so many policies are shown; of more, so many of each list


@dataclass(frozen=True, slots=True)
class File:
    """A policy as it was read. `remarks`: what is to be known of it."""

    document: Document
    clauses: int
    remarks: Sequence[str]


@dataclass(frozen=True, slots=True)
class Register:
    """The policies of some schools. `documents`: without their texts."""

    documents: tuple[Document, ...]
    standings: tuple[Standing, ...]
    covered: Coverage

    @property
    def counts(self) -> Mapping[State, int]:
        """How many policies are in each state."""
        return {**totals(self.standings), "superseded": len(self.older)}

    @property
    def older(self) -> list[Document]:
        return [document for document in self.documents if document.superseded_by]


def register(catalogue: Catalogue, today: date) -> Register:
    """Of all schools of `catalogue`; the statutory kinds first."""
    documents = tuple(catalogue.outlines())
    kinds = sorted(_kinds(), key=lambda kind: kind.statutory is not True)
    return Register(documents, standings(documents, today), coverage(documents, catalogue.schools, kinds, today))


@cache
def _kinds() -> tuple[Kind, ...]:
    return load_kinds()


def reviews(found: Register, state: str, most: int, index: Index, today: date) -> dict[State, list[Entry]]:
    """The first `most` policies in each state, or in one, with the lines that their dates stand in."""
    groups = grouped(standing for standing in found.standings if state in ("", standing.state))
    return grouped(radar((index.document[one.document] for some in groups.values() for one in some[:most]), today))


def grouped(found: Iterable[Placed]) -> dict[State, list[Placed]]:
    """By state, in the order of the list; without the states that no policy is in."""
    held: dict[State, list[Placed]] = {state: [] for state in STATES}
    for one in found:
        held[one.state].append(one)
    return {state: some for state, some in held.items() if some}


def files(found: Register, most: int, index: Index) -> list[File]:
    """The first `most`."""
    documents = (index.document[document.id] for document in found.documents[:most])
    return [File(document, index.catalogue.clauses_in(document.id), remarks(document)) for document in documents]
