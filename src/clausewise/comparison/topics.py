"""topics.toml -> topics: what a policy lead compares schools by. Data, so that a topic is added without touching code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from clausewise.comparison.tables import read_tables
from clausewise.errors import BadTopics
from clausewise.types import Passage

SHIPPED = Path(__file__).parents[1] / "topics"


@dataclass(frozen=True, slots=True)
class Topic:
    """`questions` and `wordings` find it: what people ask of it, the first being what a school's cell answers, and how a
    clause on it may read. `mentions`: words of which a clause must have one to count; none: every clause counts. `about`:
    what belongs in the cell.
    """

    id: str
    title: str
    about: str
    questions: tuple[str, ...]
    wordings: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()

    @property
    def searches(self) -> tuple[str, ...]:
        return (*self.questions, *self.wordings)

    def counts(self, passage: Passage) -> bool:
        """Whether the passage, its clause, its lead-ins or its headings mention what they must."""
        return not self.mentions or any(map(_pattern(self.mentions).search, passage.views))


@cache
def _pattern(mentions: tuple[str, ...]) -> re.Pattern[str]:
    """ "monitor*" is every word that begins so."""
    words = (re.escape(" ".join(word.split())).replace(r"\*", r"\w*") for word in mentions)
    return re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.I)


_Words = Annotated[str, Field(min_length=1, pattern=r"\w")]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    title: _Words
    about: _Words
    questions: list[_Words] = Field(min_length=1)
    wordings: list[_Words] = []
    mentions: list[_Words] = []


def shipped() -> list[str]:
    """Names of the topic files that come with the product."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def title(name: str | Path) -> str:
    """What a list of topics is called: "social-media" -> "Social media"."""
    return Path(name).stem.replace("-", " ").capitalize()


def load_topics(name: str | Path) -> tuple[Topic, ...]:
    """The topics of a shipped file, by its name, or of a file of one's own. Raises BadTopics naming file and topic."""
    path = Path(name)
    if path.suffix != ".toml":
        if str(name) not in shipped():
            raise BadTopics(f"found no topics {str(name)!r}; expected one of {', '.join(shipped())}, or the path of a .toml file")
        path = SHIPPED / f"{name}.toml"
    rows = read_tables(path, "topic", _Row, BadTopics)
    ids = [row.id for row in rows]
    if twice := sorted({id for id in ids if ids.count(id) > 1}):
        raise BadTopics(f"{path}: the id {twice[0]!r} stands twice; ids must differ")
    return tuple(Topic(row.id, row.title, row.about, tuple(row.questions), tuple(row.wordings), tuple(row.mentions)) for row in rows)
