"""A suite's folder -> its cases, each fault named by file and line.

A clause id that ends in `@` and a fingerprint names a clause as it stood in an earlier index: its policy was issued anew
and nobody has confirmed yet which clause answers now (see anchoring). Such a case waits and is not measured.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from clausewise.errors import BadSuite
from clausewise.types import Span

GoldStance = Literal["prohibited", "required", "permitted", "conditional", "advised", "factual", "silent"]
NAMES = ("cases.jsonl", "cases.yaml")
NOTE = "anchored.json"
_UNYAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Gold:
    """What one school's policies say to a case. `qrels`: clause id -> grade, 2 answers, 1 supports; no 2: silence.

    `stances`: those that count as right, the best first. `beside`: clauses that must be shown with the rule, as its
    exception or condition. `spans`: of an answering clause, the stretches that answer, counted from the start of its
    body in code points; a clause that is not named answers as a whole.
    """

    qrels: Mapping[str, int]
    stances: tuple[str, ...]
    beside: tuple[str, ...] = ()
    spans: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)

    @property
    def right(self) -> frozenset[str]:
        return frozenset(clause for clause, grade in self.qrels.items() if grade == 2)

    @property
    def clauses(self) -> tuple[str, ...]:
        """Every clause id that is named."""
        return tuple(dict.fromkeys((*self.qrels, *self.beside)))


@dataclass(frozen=True, slots=True)
class Case:
    """A question of the suite. `school` None: asked of every school. `gold`: by school.

    `origin`: what it was made from, where it was not written for the suite.
    """

    id: str
    kind: str
    question: str
    school: str | None
    history: tuple[str, ...]
    gold: Mapping[str, Gold]
    tags: tuple[str, ...] = ()
    origin: str | None = None

    @property
    def waits(self) -> bool:
        """Whether a clause is named as it stood in an earlier index."""
        return any("@" in clause for gold in self.gold.values() for clause in gold.clauses)


@dataclass(frozen=True, slots=True)
class Suite:
    """`places`: case id -> file and line, for messages."""

    folder: Path
    cases: tuple[Case, ...]
    places: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.folder.resolve().name


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


_Name = Annotated[str, Field(min_length=1)]  # a length makes pydantic refuse half a character (a lone surrogate) too
_Pair = Annotated[list[int], Field(min_length=2, max_length=2)]


class _Gold(_Strict):
    clauses: dict[_Name, Annotated[int, Field(ge=1, le=2)]]
    stance: list[GoldStance] = Field(min_length=1)
    beside: list[_Name] = []
    spans: dict[_Name, Annotated[list[_Pair], Field(min_length=1)]] = {}


class _Row(_Strict):
    id: _Name
    kind: _Name
    question: _Name
    school: _Name | None = None
    history: list[_Name] = []
    tags: list[_Name] = []
    gold: dict[_Name, _Gold] = Field(min_length=1)
    origin: _Name | None = None


def load_suite(folder: Path) -> Suite:
    """The suite in `folder`. Raises BadSuite with the file and line at fault."""
    path = cases_file(folder)
    cases, places = _read(path, _text(path))
    if not cases:
        raise BadSuite(f"{path}: holds no cases; expected at least one (see evals/README.md)")
    return Suite(folder, tuple(cases.values()), places)


def _read(path: Path, text: str) -> tuple[dict[str, Case], dict[str, str]]:
    """Case id -> case, and case id -> its place, of a file of cases that holds `text`."""
    cases: dict[str, Case] = {}
    places: dict[str, str] = {}
    for number, row in (_json_rows if path.suffix == ".jsonl" else _yaml_rows)(path, text):
        place = f"{path}, line {number}"
        case = _case(row, place)
        if case.id in cases:
            raise BadSuite(f"{place}: the id {case.id!r} stands on an earlier line too ({places[case.id]}); ids must differ")
        cases[case.id], places[case.id] = case, place
    return cases, places


def cases_file(folder: Path) -> Path:
    found = [folder / name for name in NAMES if (folder / name).is_file()]
    if not found:
        raise BadSuite(f"{folder / NAMES[0]}: found no such file; expected a suite: a folder with {' or '.join(NAMES)} in it")
    if len(found) > 1:
        raise BadSuite(f"{folder}: found {' and '.join(NAMES)}; expected one of them; put all cases into one")
    return found[0]


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadSuite(f"{path}: is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise BadSuite(f"{path}: cannot be read ({error.strerror})") from None


def _json_rows(path: Path, text: str) -> Iterator[tuple[int, Any]]:
    """(line, case as data)."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield number, json.loads(line, object_pairs_hook=_once)
            except (ValueError, RecursionError) as error:
                raise BadSuite(f"{path}, line {number}: found no JSON object ({error}); expected one case a line") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """JSON and YAML would both let the last of two entries of one name win without a word."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} stands twice")
    return found


def _yaml_rows(path: Path, text: str) -> Iterator[tuple[int, Any]]:
    """(line, case as data). Lines end at line feeds, as in an editor; to YAML, U+2028 ends one too."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        place = getattr(getattr(error, "problem_mark", None), "index", getattr(error, "position", 0))
        told = getattr(error, "problem", None) or " ".join(str(error).split())
        raise BadSuite(f"{path}, line {_line(text, place)}: found no YAML ({told}); expected a list of cases") from None
    if root is not None and not isinstance(root, yaml.SequenceNode):
        raise BadSuite(f"{path}, line 1: found no list; expected a list of cases, each beginning with '- id: ...'")
    for node in root.value if root else ():
        number = _line(text, node.start_mark.index)
        try:
            yield number, _Loader("").construct_document(node)
        except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:  # TypeError: a list for a name
            raise BadSuite(f"{path}, line {number}: {getattr(error, 'problem', None) or error}; mend the case") from None


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


class _Loader(yaml.SafeLoader):
    """Refuses a mapping in which a name stands twice."""


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, lambda loader, node: _once(loader.construct_pairs(node, deep=True)))


def _case(row: Any, place: str) -> Case:
    try:
        found = _Row.model_validate(row)
    except ValidationError as error:
        raise BadSuite(f"{place}: {_told(error)} (see evals/README.md)") from None
    if not any(char.isalnum() for char in found.question):
        raise BadSuite(f"{place}: question: found {ascii(found.question)[:60]}; expected words (see evals/README.md)")
    gold = {school: _gold(entry, f"{place}: gold.{school}") for school, entry in found.gold.items()}
    return Case(found.id, found.kind, found.question, found.school, tuple(found.history), gold, tuple(found.tags), found.origin)


def _told(error: ValidationError) -> str:
    """The first fault on one line: where, what was found, what was expected."""
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "the case"
    shown = "" if first["type"] == "missing" else f"found {ascii(first['input'])[:60]}; "
    return f"{place}: {shown}{first['msg'][:1].lower()}{first['msg'][1:]}"


def _gold(entry: _Gold, place: str) -> Gold:
    answered = 2 in entry.clauses.values()
    if answered == ("silent" in entry.stance):
        found = "a clause of grade 2 and the stance 'silent'" if answered else "no clause of grade 2, and a stance that is not 'silent'"
        raise BadSuite(f"{place}: found {found}; expected 'silent' exactly where no clause answers")
    for clause, pairs in entry.spans.items():
        if entry.clauses.get(clause) != 2 or not all(0 <= start < end for start, end in pairs):
            raise BadSuite(f"{place}.spans.{clause}: expected [start, end] pairs, start before end, of a clause that has grade 2")
    spans = {clause: tuple(Span(start, end) for start, end in pairs) for clause, pairs in entry.spans.items()}
    return Gold(dict(entry.clauses), tuple(entry.stance), tuple(entry.beside), spans)


def noted(suite: Path) -> str | None:
    """The index that the ids of the suite in this folder were last made to follow, where no baseline was made since (see reissue)."""
    try:
        return str(json.loads((suite / NOTE).read_text("utf-8"))["index"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        raise BadSuite(f"{suite / NOTE}: found no fingerprint of an index; remove the file and name the index with --old") from None


def case_dict(case: Case) -> dict[str, Any]:
    """A case as a suite's file holds it; what is empty and may be left out is."""
    gold = {
        school: {
            "clauses": dict(entry.qrels),
            "stance": list(entry.stances),
            **({"beside": list(entry.beside)} if entry.beside else {}),
            **({"spans": {c: [[s.start, s.end] for s in spans] for c, spans in entry.spans.items()}} if entry.spans else {}),
        }
        for school, entry in case.gold.items()
    }
    row = {"id": case.id, "kind": case.kind, "question": case.question, "school": case.school, "history": list(case.history), "gold": gold}
    return {**row, "tags": list(case.tags), **({"origin": case.origin} if case.origin else {})}


def case_line(case: Case) -> str:
    """A case on one line, in JSON that is YAML as well: what YAML refuses, or takes for a line's end, is escaped."""
    return _UNYAML.sub(lambda found: f"\\u{ord(found.group()):04x}", json.dumps(case_dict(case), ensure_ascii=False))


def add_case(folder: Path, case: Case) -> None:
    """Write `case` behind the others. Raises BadSuite if its id is taken or it is no case; folder and file are made where they are not."""
    folder.mkdir(parents=True, exist_ok=True)
    if not any((folder / name).exists() for name in NAMES):
        (folder / NAMES[0]).touch()
    path = cases_file(folder)
    text = _text(path)
    known, _ = _read(path, text)
    if case.id in known:
        raise BadSuite(f"{path}: holds a case {case.id!r} already; give the new one another id")
    _case(case_dict(case), f"{path}: the new case")
    more = f"{'' if text.endswith(chr(10)) or not text else chr(10)}{_lead(text, path)}{case_line(case)}\n"
    if not reads(path, text + more, [*known.values(), case]):
        raise BadSuite(f"{path}: found a form that no case can be written behind; expected a list whose items begin with '- '")
    with path.open("ab") as file:  # what is there stays as it is, byte for byte
        file.write(more.encode())


def reads(path: Path, text: str, cases: Sequence[Case]) -> bool:
    """Whether a file of cases that holds `text` is read as these."""
    try:
        return [*_read(path, text)[0].values()] == [*cases]
    except BadSuite:
        return False


def _lead(text: str, path: Path) -> str:
    """What an item begins with: nothing in JSON lines, in YAML a dash, as deep as that of the first item."""
    root = None if path.suffix == ".jsonl" else yaml.compose(text, Loader=yaml.SafeLoader)
    return "" if path.suffix == ".jsonl" else f"{' ' * (root.start_mark.column if root else 0)}- "
