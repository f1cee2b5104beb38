"""What every system is given and gives back. Of the standard library alone: it runs in the peers' environment too."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

EVERYTHING = 100_000  # as the number of results: all that there are


@dataclass(frozen=True, slots=True)
class Text:
    """A policy, a passage of one, or a result. `place`: a number of its own, since schools share passages word for word."""

    school: str
    text: str
    place: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """`school`: the one asked about; "": every one."""

    text: str
    school: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """`folder`: a folder of policies for each school. `texts`: what a peer indexes; split first, if `whole` policies."""

    folder: Path
    texts: Sequence[Text]
    whole: bool


@dataclass(frozen=True, slots=True)
class Built:
    """`pieces`: how many are searched. `seconds`: by part of the work, where a system tells them apart."""

    pieces: int
    seconds: dict[str, float]


class System(Protocol):
    """What a module of this folder holds. `PACKAGES`: those whose versions the table names. `model`: the encoder's folder."""

    PACKAGES: tuple[str, ...]

    def build(self, source: Source, folder: Path, model: Path) -> Built: ...

    def load(self, folder: Path, model: Path) -> Any: ...

    def search(self, opened: Any, question: Question, k: int) -> list[Text]:
        """The `k` nearest, best first. A peer looks through every school's, whatever the question's."""


def policies(folder: Path) -> list[Text]:
    """The policies in `folder`, which holds a folder of text files for each school."""
    found = sorted(folder.glob("*/*.txt"))
    return [Text(path.parent.name, path.read_text("utf-8"), place) for place, path in enumerate(found)]


def write(path: Path, rows: Iterable[Any]) -> None:
    path.write_text("".join(json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in rows), "utf-8")


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line.strip()]
