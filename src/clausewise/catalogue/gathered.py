"""Documents and their clauses that somebody put together, in memory: such as a school's, with another version in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from clausewise.types import Clause, Document


@dataclass(frozen=True)
class Gathered:
    """Texts as a catalogue's are."""

    documents: Sequence[Document]
    clauses: Sequence[Clause]

    @cached_property
    def document(self) -> dict[str, Document]:
        return {document.id: document for document in self.documents}

    @cached_property
    def clause(self) -> dict[str, Clause]:
        return {clause.id: clause for clause in self.clauses}

    @cached_property
    def _inside(self) -> dict[str, list[Clause]]:
        found: dict[str, list[Clause]] = {}
        for clause in self.clauses:
            found.setdefault(clause.document, []).append(clause)
        return found

    def documents_of(self, school: str) -> list[Document]:
        return [document for document in self.documents if document.school == school]

    def clauses_of(self, document: str) -> list[Clause]:
        return self._inside.get(document, [])
