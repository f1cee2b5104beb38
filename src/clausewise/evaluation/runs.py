"""Ask a suite's cases, and keep what was answered with what made it.

A run is a folder: `run.json` (what made it), `rows.jsonl` (a row for each case and school), `timings.json`. The first
two depend on nothing but the inputs, and their hash is the run's id: the same inputs give the same run. A row holds no
words of a policy: a quote is an address in the index snapshot that `run.json` names.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from clausewise import __version__
from clausewise.errors import BadRun, BadSuite, QuoteMismatch
from clausewise.evaluation.cases import Case, Gold, Suite, case_dict, noted
from clausewise.evaluation.scoring import Score, fidelity, scores
from clausewise.types import Answer, Quote, Reply

if TYPE_CHECKING:
    from clausewise.assistant import Assistant, Ranked
    from clausewise.index import Index

FOLLOWED = "followed"  # in what made a run: the suite's ids were made to follow this very index (see reissue)
DEPTH = 10  # so many clauses of a ranking are kept
_SERVING = ("host", "port", "data", "evals", "milvus", "read_seconds", "read_mib")  # settings that no answer depends on
_SOURCES = ("*.py", "*.csv", "model/*")


@dataclass(frozen=True, slots=True)
class Place:
    """A quote's address: a stretch of its clause's document, in code points. `words`: digest of what stands there."""

    clause: str
    start: int
    end: int
    words: str


@dataclass(frozen=True, slots=True)
class Row:
    """One case at one school: what was asked and wanted, what was answered, and what that adds to each measure.

    `asked`: the school that the case asks, None: every one. `status` None: there was no answer. `ranking`: the school's
    nearest clauses before any refusal. `sure`: 0 to 1, that the policy answers at all. `gold_texts`: clause id -> digest
    of what it says, so that a later run notices when an id has come to name another rule. `matter`: digest of what is
    asked and of the words that answer; runs are compared where it is the same, whatever numbers the clauses bear.
    """

    case: str
    school: str
    kind: str
    tags: tuple[str, ...]
    question: str
    asked: str | None
    history: tuple[str, ...]
    matter: str
    gold: Gold
    gold_texts: Mapping[str, str]
    standalone_question: str
    status: str | None
    reason: str | None
    stance: str | None
    sure: float
    quotes: tuple[Place, ...]
    closest: tuple[Place, ...]
    ranking: tuple[str, ...]
    scores: Mapping[str, Score]

    @property
    def key(self) -> tuple[str, str]:
        return self.case, self.school

    @property
    def right(self) -> bool:
        return self.scores["overall"][0] == 1

    @property
    def answer(self) -> tuple[Any, ...]:
        """What the reader is shown; two rows with the same answer read the same, whatever numbers the clauses bear."""
        return self.status, self.reason, self.stance, *(tuple(place.words for place in some) for some in (self.quotes, self.closest))


@dataclass(frozen=True, slots=True)
class Run:
    """`made_by`: index, documents, model, settings, code, suite. `made`: UTC, ISO. `seconds`: of each case's reply."""

    id: str
    suite: str
    made_by: Mapping[str, Any]
    rows: tuple[Row, ...]
    waiting: tuple[str, ...]
    made: str | None = None
    seconds: Mapping[str, float] | None = None


_ROW = TypeAdapter(Row)


def ask_all(suite: Suite, assistant: Assistant, progress: Callable[[int, int], None] = lambda done, of: None) -> Run:
    """Ask every case. Cases that wait for their clauses to be confirmed are named in the run, not asked."""
    waiting = tuple(case.id for case in suite.cases if case.waits)
    cases = [case for case in suite.cases if not case.waits]
    _check(suite, cases, assistant)
    rows: list[Row] = []
    seconds: dict[str, float] = {}
    for done, case in enumerate(cases, start=1):
        start = time.perf_counter()
        asked = _ask(case, assistant)
        seconds[case.id] = round(time.perf_counter() - start, 4)
        rows += _case_rows(case, assistant, asked)
        progress(done, len(cases))
    made_by = _made_by(suite, assistant)
    return Run(_id(made_by, rows, waiting), suite.name, made_by, tuple(rows), waiting, _now(), seconds)


def _check(suite: Suite, cases: Sequence[Case], assistant: Assistant) -> None:
    known, schools = assistant.index.clause, {school.id for school in assistant.index.schools}
    for case in cases:
        missing = [school for school in (case.school, *case.gold) if school and school not in schools]
        missing += [clause for gold in case.gold.values() for clause in gold.clauses if clause not in known]
        if missing:
            raise BadSuite(
                f"{suite.places[case.id]}: {case.id} names {missing[0]}, which the index does not hold; index the suite's policies; "
                f"if one was issued anew: clausewise eval anchor {suite.folder}"
            )


def _ask(case: Case, assistant: Assistant) -> tuple[Reply | None, Ranked]:
    ranked = assistant.rank(case.question, [case.school] if case.school else None, case.history)
    try:
        return assistant.reply(case.question, ranked), ranked
    except QuoteMismatch:  # withheld, and counted as what it is
        return None, ranked


def _case_rows(case: Case, assistant: Assistant, asked: tuple[Reply | None, Ranked]) -> Iterator[Row]:
    reply, ranked = asked
    answers = {answer.school: answer for answer in reply.answers} if reply else {}
    for school, gold in case.gold.items():
        ranking = tuple(hit.passage.clause for hit in ranked.best.get(school, ())[:DEPTH])
        found = scores(gold, school, answers.get(school), ranking, assistant.index)
        if reply is None:
            found |= {"quotes": (1.0, None), "verbatim": (0.0, None)}
        if school == next(iter(case.gold)):
            found |= _with_strays(case, answers, found, assistant.index)
        yield _row(case, school, ranked.understood.standalone, answers.get(school), ranking, found, assistant)


def _with_strays(case: Case, answers: Mapping[str, Answer], found: Mapping[str, Score], index: Index) -> dict[str, Score]:
    """The case's fidelity with the answers of schools that it has no gold of.

    Where one school was asked, each of their quotes is another school's: a follow-up, say, that was taken to be about it.
    """
    total = {name: found[name][0] for name in ("wrong_school", "quotes", "verbatim")}
    for school in answers.keys() - case.gold.keys():
        more = fidelity(school, answers[school], index)
        more |= {"wrong_school": more["quotes"]} if case.school else {}
        total = {name: value + more[name][0] for name, value in total.items()}
    return {name: (value, None) for name, value in total.items()}


def _row(
    case: Case, school: str, standalone: str, answer: Answer | None, ranking: tuple[str, ...], found: dict[str, Score], assistant: Assistant
) -> Row:
    gold = case.gold[school]
    texts = {clause: text_digest(clause, assistant.index) for clause in gold.clauses}
    return Row(
        case=case.id,
        school=school,
        kind=case.kind,
        tags=case.tags,
        question=case.question,
        asked=case.school,
        history=case.history,
        matter=_matter(case, gold, texts),
        gold=gold,
        gold_texts=texts,
        standalone_question=standalone,
        status=answer.status if answer else None,
        reason=answer.reason if answer else None,
        stance=answer.stance if answer else None,
        sure=round(_sure(answer), 4),
        quotes=_places(answer.quotes if answer else ()),
        closest=_places(answer.closest if answer else ()),
        ranking=ranking,
        scores={name: (round(part, 6), whole) for name, (part, whole) in found.items()},
    )


def _sure(answer: Answer | None) -> float:
    """That the policy answers: a silence is as sure as that it does not."""
    if answer is None:
        return 0.0
    return answer.confidence if answer.status == "answered" else 1 - answer.confidence


def _places(quotes: Sequence[Quote]) -> tuple[Place, ...]:
    return tuple(Place(quote.clause.id, quote.span.start, quote.span.end, _digest(quote.text)) for quote in quotes)


def _matter(case: Case, gold: Gold, texts: Mapping[str, str]) -> str:
    graded = sorted((texts[clause], grade) for clause, grade in gold.qrels.items())
    beside = sorted(texts[clause] for clause in gold.beside)
    spans = sorted((texts[clause], [(span.start, span.end) for span in some]) for clause, some in gold.spans.items())
    return _digest(json.dumps([case.question, case.school, case.history, graded, beside, spans, gold.stances]))


def text_digest(clause: str, index: Index) -> str:
    """Of the clause's words and those that it hangs from, runs of white space folded."""
    place = index.clause[clause]
    text = index.document[place.document].text
    return _digest(" ".join(span.of(text) for span in (*place.lead_ins, place.body)))


def _digest(text: str) -> str:
    """16 hexadecimal digits of SHA-256, runs of white space folded."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:16]


# what made it


def _made_by(suite: Suite, assistant: Assistant) -> dict[str, Any]:
    manifest = assistant.index.manifest
    settings = {name: value for name, value in asdict(assistant.settings).items() if name not in _SERVING}
    return {
        "suite": suite.name,
        "cases": hashlib.sha256(json.dumps([case_dict(case) for case in suite.cases]).encode()).hexdigest(),
        "index": manifest["checksum"],
        "documents": manifest["documents"],
        "model": manifest["model"],
        "model_digest": manifest["model_digest"],
        "settings": settings,
        "version": __version__,
        "code": code_digest(),
        **({FOLLOWED: True} if noted(suite.folder) == manifest["checksum"] else {}),
    }


@cache
def code_digest() -> str:
    """SHA-256 over the package's code, tables and fitted models, in hex: what a version number does not tell."""
    home = Path(__file__).parents[1]
    found = hashlib.sha256()
    for path in sorted(path for pattern in _SOURCES for path in home.rglob(pattern)):
        found.update(path.relative_to(home).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def _id(made_by: Mapping[str, Any], rows: Sequence[Row], waiting: Sequence[str]) -> str:
    return hashlib.sha256(_head(made_by, waiting) + _lines(rows)).hexdigest()[:12]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


# files


def _head(made_by: Mapping[str, Any], waiting: Sequence[str], id: str | None = None) -> bytes:
    head = {"made_by": made_by, "waiting": list(waiting), **({"id": id} if id else {})}
    return json.dumps(head, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def _lines(rows: Sequence[Row]) -> bytes:
    return b"".join(json.dumps(_ROW.dump_python(row, mode="json"), ensure_ascii=False).encode() + b"\n" for row in rows)


def save(run: Run, folder: Path, timings: bool = True) -> None:
    """Write the run into `folder`; its rows last but for the head, so that a run cut short does not load."""
    folder.mkdir(parents=True, exist_ok=True)
    if timings:
        _write(folder / "timings.json", json.dumps({"made": run.made, "seconds": run.seconds}, indent=1).encode() + b"\n")
    _write(folder / "rows.jsonl", _lines(run.rows))
    _write(folder / "run.json", _head(run.made_by, run.waiting, _id(run.made_by, run.rows, run.waiting)))


def _write(path: Path, data: bytes) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_bytes(data)
    fresh.replace(path)


def load(folder: Path) -> Run:
    """The run in `folder`. Raises BadRun where there is none, or it is not what its own files say."""
    try:
        head = json.loads((folder / "run.json").read_text("utf-8"))
        rows = tuple(_ROW.validate_json(line) for line in (folder / "rows.jsonl").read_bytes().splitlines())
        path = folder / "timings.json"
        timings = json.loads(path.read_text("utf-8")) if path.exists() else {}
        made_by, waiting = dict(head["made_by"]), tuple(head["waiting"])
        if head["id"] != _id(made_by, rows, waiting):
            raise ValueError("its rows are not those that its head names")
        return Run(head["id"], made_by["suite"], made_by, rows, waiting, timings.get("made"), timings.get("seconds"))
    except FileNotFoundError as error:
        raise BadRun(f"{folder}: found no {Path(error.filename).name}; expected a run that `clausewise eval` saved") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ValidationError) as error:
        raise BadRun(f"{folder}: is damaged ({type(error).__name__}); remove it and run the suite again") from None


def saved_runs(suite: Path) -> list[Path]:
    """Folders of the suite's saved runs, the oldest first; of those of one second, the one that was written first."""
    found = [path.parent for path in (suite / "runs").glob("*/run.json")]
    return sorted(found, key=lambda folder: (_made(folder), (folder / "run.json").stat().st_mtime_ns, folder.name))


def _made(folder: Path) -> str:
    try:
        return str(json.loads((folder / "timings.json").read_text("utf-8"))["made"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
