"""What another program can ask of Clausewise: what goes in, what comes out, what answers. HTTP and the tools offer these calls alone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar, Union

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from clausewise import contract
from clausewise.comparison.topics import load_topics, shipped, title
from clausewise.errors import BadRequest
from clausewise.quoting import verified

if TYPE_CHECKING:
    from clausewise.assistant import Assistant

QUESTION, TOPIC, NAME = 2_000, 500, 200  # characters at most
HISTORY = 20  # earlier questions at most
SCHOOLS = 1_000  # named at most
CLAUSES = 100  # searched for at most
TOLD = 60  # characters of what was found
_NOISE = re.compile(r"^(?:Input|String|List) should (?:be|have) | after validation, not \d+$")  # in what pydantic says of a fault
Form = TypeVar("Form", bound="_Form")


@dataclass(frozen=True, slots=True)
class Answered:
    """`row`: the contract's object, each quote in it verified. `text`: makes the same for a reader."""

    row: dict[str, Any]
    text: Callable[[], str]


# what goes in


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


_Question = Annotated[str, Field(min_length=1, max_length=QUESTION)]
_School = Annotated[str, Field(min_length=1, max_length=NAME)]
_Schools = Annotated[list[_School], Field(min_length=1, max_length=SCHOOLS)]
_SEVERAL = "The ids of several schools. Null: every school."


class _Scoped(_Form):
    school: _School | None = Field(None, description="The id of one school. Null: see `schools`.", examples=["harbour-lane"])
    schools: _Schools | None = Field(None, description=_SEVERAL, examples=[["harbour-lane", "gannet-point"]])

    @model_validator(mode="after")
    def _one_scope(self) -> _Scoped:
        if self.school is not None and self.schools is not None:
            raise ValueError("found school beside schools; expected one or the other")
        return self

    @property
    def scope(self) -> list[str] | None:
        return self.schools if self.school is None else [self.school]


class Ask(_Scoped):
    question: _Question = Field(description="A question in anybody’s own words.", examples=["Can I add a parent on Facebook?"])
    history: Annotated[list[Annotated[str, Field(max_length=QUESTION)]], Field(max_length=HISTORY)] | None = Field(
        None, description="The earlier questions of the conversation, the first one first.", examples=[[]]
    )
    id: Any = Field(None, description="Comes back with the answer.", examples=["q1"])


def _whole(found: object) -> object:
    """5.0 is a whole number in JSON."""
    return int(found) if isinstance(found, float) and found.is_integer() else found


class Search(_Scoped):
    query: _Question = Field(description="Words to look for.", examples=["smart watches"])
    k: Annotated[int, BeforeValidator(_whole)] = Field(10, ge=1, le=CLAUSES, description="So many clauses.")


class Compare(_Form):
    topic: Annotated[str, Field(min_length=1, max_length=TOPIC)] | None = Field(
        None, description="One topic in a few words. Give this or `topics`.", examples=["WhatsApp groups with parents"]
    )
    topics: Annotated[str, Field(json_schema_extra={"enum": shipped()})] | None = Field(
        None, description="A list of topics. Give this or `topic`.", examples=[None]
    )
    schools: _Schools | None = Field(None, description=_SEVERAL, examples=[["harbour-lane", "gannet-point"]])

    @model_validator(mode="after")
    def _one_matter(self) -> Compare:
        if (self.topic is None) == (self.topics is None):
            found = "no topic and no topics" if self.topic is None else "topic beside topics"
            raise ValueError(f"found {found}; expected one or the other")
        if self.topics is not None and self.topics not in shipped():  # a request names no other file
            raise ValueError(f"topics: found {_told(self.topics)}; expected one of {', '.join(shipped())}")
        return self


class Nothing(_Form):
    """A call that asks nothing."""


# what answers


def _ask(assistant: Assistant, form: Ask) -> Answered:
    from clausewise.terminal import reply_text

    reply = assistant.ask(form.question, form.scope, form.history or ())
    return Answered(verified(reply.as_dict(form.id), assistant.index), lambda: reply_text(reply, _names(assistant)))


def _search(assistant: Assistant, form: Search) -> Answered:
    from clausewise.terminal import results_text

    quotes = assistant.search(form.query, form.scope, form.k)
    row = {"id": None, "query": form.query, "results": [quote.as_dict() for quote in quotes]}
    return Answered(verified(row, assistant.index), lambda: results_text(quotes))


def _compare(assistant: Assistant, form: Compare) -> Answered:
    from clausewise.terminal import comparison_text

    if form.topics is not None:
        return _compare_all(assistant, form.topics, form.schools)
    comparison = assistant.compare(form.topic or "", form.schools)
    return Answered(verified(comparison.as_dict(), assistant.index), lambda: comparison_text(comparison, _names(assistant)))


def _compare_all(assistant: Assistant, name: str, schools: list[str] | None) -> Answered:
    from clausewise.comparison.report import report
    from clausewise.terminal import matrix_text

    found = report(title(name), assistant.matrix(load_topics(name), schools), assistant.index, date.today())
    verified({"answers": found["cells"]}, assistant.index)
    return Answered(found, lambda: matrix_text(found))


def _documents(assistant: Assistant, _: Nothing) -> Answered:
    from clausewise.documents import document_dict, document_line

    today, failures = date.today(), list(assistant.index.failures)
    row = {"documents": [document_dict(document, today) for document in assistant.documents], "failures": failures}
    lines = [document_line(document, today) for document in assistant.documents]
    return Answered(row, lambda: "\n".join([*lines, *(f"not indexed: {failure}" for failure in failures)]))


def _schools(assistant: Assistant, _: Nothing) -> Answered:
    rows = [{"id": school.id, "name": school.name, "trust": school.trust} for school in assistant.schools]
    return Answered({"schools": rows}, lambda: "\n".join(f"{row['id']}: {row['name']}" for row in rows))


def _names(assistant: Assistant) -> dict[str, str]:
    return {school.id: school.name for school in assistant.schools}


# the calls


@dataclass(frozen=True, slots=True)
class Call(Generic[Form]):
    """`name`: what it is called everywhere. `told`: what it is for. `form`: what goes in. `gives`: what comes out, one of these.
    `example`: a request to the sample of fictional schools; empty where a call asks nothing.
    """

    name: str
    told: str
    form: type[Form]
    gives: tuple[type[BaseModel], ...]
    answer: Callable[[Assistant, Form], Answered]
    example: Mapping[str, Any]

    def __call__(self, assistant: Assistant, found: object) -> Answered:
        """Answer a request in its JSON form. Raises BadRequest, and what the assistant raises."""
        return self.answer(assistant, self.read(found))

    def read(self, found: object) -> Form:
        try:
            return self.form.model_validate(found)
        except ValidationError as error:
            raise BadRequest(_wrong(error, self.form), 422) from None

    def takes(self) -> dict[str, Any]:
        """JSON Schema of what goes in."""
        return self.form.model_json_schema()

    @property
    def shape(self) -> Any:
        """The type of what comes out."""
        return Union[self.gives]  # noqa: UP007

    def makes(self) -> dict[str, Any]:
        """JSON Schema of what comes out: an object."""
        return {"type": "object", **TypeAdapter(self.shape).json_schema(mode="serialization")}


CALLS: Mapping[str, Call[Any]] = {
    call.name: call
    for call in (
        Call(
            "ask",
            "Answer a question from schools’ policies with their own clauses, word for word: a rule, its exception, or that the "
            "policies do not say. One answer for each school. Quote `text` unchanged and name the school and the clause.",
            Ask,
            (contract.Reply,),
            _ask,
            {"question": "A mum from my class has just added me on Facebook, what do I do?", "school": "harbour-lane"},
        ),
        Call(
            "search",
            "List the clauses nearest to some words, ranked. A near clause need not answer anything: use ask for an answer.",
            Search,
            (contract.Results,),
            _search,
            {"query": "smart watches", "k": 5},
        ),
        Call(
            "compare",
            "Say where each school stands, and who says nothing: on one topic in a few words, or on each topic of a list.",
            Compare,
            (contract.Comparison, contract.Report),
            _compare,
            {"topic": "WhatsApp groups with parents", "schools": ["harbour-lane", "gannet-point"]},
        ),
        Call(
            "documents",
            "List the policies, with the dates that they state and what was read of each.",
            Nothing,
            (contract.Documents,),
            _documents,
            {},
        ),
        Call("schools", "List the schools that can be asked, with their ids.", Nothing, (contract.Schools,), _schools, {}),
    )
}


# what is wrong


def _wrong(error: ValidationError, form: type[BaseModel]) -> str:
    """The first fault, in one line."""
    first = error.errors(include_url=False)[0]
    if first["type"] == "value_error":
        return first["msg"].removeprefix("Value error, ")
    place = ".".join(map(str, first["loc"])) or "the request"
    if first["type"] == "extra_forbidden":
        return f"found {_told(first['loc'][-1])}; expected no field but {', '.join(form.model_fields) or 'none'}"
    if first["type"] == "missing":
        return f"{place}: found nothing; expected it in the request: {form.model_fields[place].description}"
    expected = "a JSON object" if first["type"] == "model_type" else _NOISE.sub("", first["msg"])
    return f"{place}: found {_told(first['input'])}; expected {expected}"


def _told(value: object) -> str:
    """What was found, as JSON on one line, cut short."""
    written = json.dumps(value)
    size = f" ({len(value):,} characters)" if isinstance(value, str) else ""
    return written if len(written) <= TOLD else f"{written[:TOLD]}…{size}"
