"""A link that was made from one version of a policy's file, opened when another is in force: what its clause said then, and says now."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from clausewise import snapshots
from clausewise.comparison.words import runs
from clausewise.types import Clause, Document
from clausewise.web import links, words

if TYPE_CHECKING:
    from clausewise.index import Index

NOT_WHOLE = "This link is not whole, so it cannot be told whether the policy has been issued anew since it was made."
ANEW = "This link was made from another version of this file. The policy has been issued anew since, so the words may differ."
_VERSION = re.compile(rf"[0-9a-f]{{{links.DIGITS},64}}")
Side = tuple[tuple[bool, str], ...]  # words in runs, and whether the other side has them too


@dataclass(frozen=True, slots=True)
class Moved:
    """`told`: what is to be said at the top. `place`: the clause's, in words, where both versions' words are known.

    `then`, `now`: its words in each; `now` is () where the policy has no such clause now. `elsewhere`: the clause that now
    has the words of then, where another has.
    """

    told: str
    place: str = ""
    then: Side = ()
    now: Side = ()
    elsewhere: Clause | None = None

    @property
    def same(self) -> bool:
        return [word for _, word in self.then] == [word for _, word in self.now]


def moved(document: Document, index: Index, version: str, anchor: str, folder: Path) -> Moved | None:
    """None where the link is of the version in force. `version`: as `links.mailed` writes it; `folder`: the index's."""
    if not _VERSION.fullmatch(version):
        return Moved(NOT_WHOLE)
    if document.digest.startswith(version):
        return None
    id = f"{document.id}#{anchor}"
    texts = snapshots.holding(folder, document.id, version) if anchor else None
    if texts is None or id not in texts.clause:
        return Moved(ANEW)
    said = _said(texts.clause[id], texts.document[document.id])
    now = {clause.id: _said(clause, document) for clause in index.clauses_of(document.id)}
    elsewhere = None if now.get(id) == said else next((index.clause[other] for other in now if now[other] == said), None)
    return Moved(ANEW, words.place(texts.clause[id]), *_sides(said, now.get(id, [])), elsewhere)


def _said(clause: Clause, document: Document) -> list[str]:
    return clause.body.of(document.text).split()


def _sides(old: list[str], new: list[str]) -> tuple[Side, Side]:
    found = list(runs(old, new))
    then = tuple((same, " ".join(words)) for same, words, _ in found if words)
    return then, tuple((same, " ".join(words)) for same, _, words in found if words)
