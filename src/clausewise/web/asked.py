"""What an address of the Compare room asks for. It says all, so that a comparison can be sent on."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from clausewise import calls
from clausewise.comparison.topics import shipped
from clausewise.errors import BadQuestion, BadTopics

TOPIC = calls.TOPIC  # characters at most


@dataclass(frozen=True, slots=True)
class Asked:
    """`topics`: the name of a list. `topic`: one in somebody's own words. None: not that. `schools`: ids; None: every school."""

    topics: str | None = None
    topic: str | None = None
    schools: tuple[str, ...] | None = None

    @classmethod
    def of(cls, query: QueryParams) -> Asked:
        """`by` is the form's, which always sends both of its fields: "list" or "words"."""
        by, topics, topic = (query.get(name) for name in ("by", "topics", "topic"))
        schools = tuple(dict.fromkeys(filter(None, query.getlist("school")))) if "school" in query else None
        return cls(None if by == "words" else topics, None if by == "list" else topic and topic.strip(), schools)

    @property
    def compares(self) -> bool:
        """Whether it asks for more than the form."""
        return self.topics is not None or self.topic is not None

    def address(self, below: str = "") -> str:
        """Of the comparison, or of what stands `below` it."""
        pairs = [(name, value) for name, value in (("topics", self.topics), ("topic", self.topic)) if value is not None]
        pairs += [("school", school) for school in self.schools or ()] or [("school", "")] * (self.schools == ())
        return f"/compare{below}?{urlencode(pairs)}"

    def check(self) -> None:
        """Raises BadQuestion or BadTopics for what no comparison can be made of."""
        if self.schools == ():
            raise BadQuestion("found no school to compare; choose at least one")
        if self.topics is not None and self.topic is not None:
            raise BadQuestion("found a topic beside a list of topics; expected one or the other")
        if self.topics is not None and self.topics not in shipped():  # an address names no other file
            raise BadTopics(f"found no list of topics {self.topics[:TOPIC]!r}; expected one of: {', '.join(shipped())}")
        if self.topic == "":
            raise BadQuestion("found no topic; type a few words, such as: friend requests from pupils")
        if self.topic and len(self.topic) > TOPIC:
            raise BadQuestion(f"topic: found {len(self.topic):,} characters; expected {TOPIC:,} at most")
