"""topics.toml -> topics: what a policy lead compares schools by. Data, so that a topic is added without touching code."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from clausewise.errors import BadTopics

SHIPPED = Path(__file__).parents[1] / "topics"


@dataclass(frozen=True, slots=True)
class Topic:
    """`questions` find it, and the first is the one that a school's cell answers. `about`: what belongs in the cell."""

    id: str
    title: str
    about: str
    questions: tuple[str, ...]


_Words = Annotated[str, Field(min_length=1, pattern=r"\w")]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    title: _Words
    about: _Words
    questions: list[_Words] = Field(min_length=1)


def shipped() -> list[str]:
    """Names of the topic files that come with the product."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def load_topics(name: str | Path) -> tuple[Topic, ...]:
    """The topics of a shipped file, by its name, or of a file of one's own. Raises BadTopics naming file and topic."""
    path = Path(name)
    if path.suffix != ".toml":
        if str(name) not in shipped():
            raise BadTopics(f"found no topics {str(name)!r}; expected one of {', '.join(shipped())}, or the path of a .toml file")
        path = SHIPPED / f"{name}.toml"
    try:
        rows = tomllib.loads(path.read_text("utf-8-sig")).get("topic", [])
    except OSError as error:
        raise BadTopics(f"{path}: cannot be read ({error.strerror}); expected a file of [[topic]] tables") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadTopics(f"{path}: not valid TOML ({error}); expected [[topic]] tables") from None
    if not isinstance(rows, list) or not rows:
        raise BadTopics(f"{path}: found no [[topic]] table; expected at least one, with id, title, about and questions")
    topics = [_topic(path, number, row) for number, row in enumerate(rows, start=1)]
    if twice := sorted({topic.id for topic in topics if sum(topic.id == other.id for other in topics) > 1}):
        raise BadTopics(f"{path}: the id {twice[0]!r} stands twice; ids must differ")
    return tuple(topics)


def _topic(path: Path, number: int, row: object) -> Topic:
    try:
        found = _Row.model_validate(row)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the table"
        raise BadTopics(f"{path}: topic {number}, {place}: found {ascii(first['input'])[:60]}; {first['msg']}") from None
    return Topic(found.id, found.title, found.about, tuple(found.questions))
