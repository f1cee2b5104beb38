"""A suite of questions with known clauses -> measures.

Everything is counted over (case, school) pairs. What is missing counts as zero: a silent answer to an answerable
question is no hit, at any cut-off. Silence has measures of its own, since recall cannot see it.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clausewise.errors import BadSuite
from clausewise.types import Answer

if TYPE_CHECKING:
    from clausewise.assistant import Assistant

STANCES = frozenset({"prohibited", "required", "permitted", "conditional", "advised", "factual", "silent"})


@dataclass(frozen=True, slots=True)
class Gold:
    """What one school's policies say to a case. `qrels`: clause id -> grade, 2 answers, 1 supports; empty: silence."""

    qrels: Mapping[str, int]
    stances: tuple[str, ...]

    @property
    def right(self) -> frozenset[str]:
        return frozenset(clause for clause, grade in self.qrels.items() if grade == 2)


@dataclass(frozen=True, slots=True)
class Case:
    """A question of the suite. `school` None: asked of every school. `gold`: by school."""

    id: str
    kind: str
    question: str
    school: str | None
    history: tuple[str, ...]
    gold: Mapping[str, Gold]


@dataclass(frozen=True, slots=True)
class Miss:
    case: str
    school: str
    question: str
    said: str
    wanted: str


@dataclass(frozen=True, slots=True)
class Report:
    """`measures`: name -> figure, shares between 0 and 1, counts and milliseconds as their names say."""

    suite: str
    measures: Mapping[str, float | int | None]
    misses: tuple[Miss, ...]

    def as_dict(self) -> dict[str, Any]:
        return {"suite": self.suite, "measures": dict(self.measures), "misses": [[m.case, m.school, m.said, m.wanted] for m in self.misses]}


@dataclass(frozen=True, slots=True)
class _Pair:
    """One case at one school: what was wanted, what was said, and how long the whole reply took, in seconds."""

    case: Case
    school: str
    gold: Gold
    answer: Answer | None
    seconds: float


def load_suite(folder: Path) -> tuple[str, tuple[Case, ...]]:
    """The suite's name and cases. Raises BadSuite with the file and line at fault."""
    path = folder / "cases.jsonl"
    if not path.is_file():
        raise BadSuite(f"{path}: found no such file; expected a suite: a folder with cases.jsonl in it")
    cases: dict[str, Case] = {}
    for number, line in enumerate(_text(path).split("\n"), start=1):
        if line.strip():
            case = _case(line, f"{path}, line {number}")
            if case.id in cases:
                raise BadSuite(f"{path}, line {number}: the id {case.id!r} stands on an earlier line too; ids must differ")
            cases[case.id] = case
    if not cases:
        raise BadSuite(f"{path}: holds no cases; expected one JSON object a line")
    return folder.name, tuple(cases.values())


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadSuite(f"{path}: is not UTF-8 text (byte {error.start}); expected one JSON object a line; save it as UTF-8") from None


def _case(line: str, where: str) -> Case:
    try:
        row = json.loads(line)
        gold = {school: _gold(entry) for school, entry in row["gold"].items()}
        case = Case(row["id"], row["kind"], row["question"], row.get("school"), tuple(row.get("history", ())), gold)
        _check_types(case, row.get("history", []))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        form = "expected id, kind, question, school, history, gold (see evals/README.md)"
        raise BadSuite(f"{where}: {type(error).__name__}: {error}; {form}") from None
    if not case.gold:
        raise BadSuite(f"{where}: has no gold; expected an entry for each school that the question is asked of")
    return case


def _check_types(case: Case, history: Any) -> None:
    texts = (case.id, case.kind, case.question, *case.history, "" if case.school is None else case.school)
    if not isinstance(history, list) or not all(isinstance(text, str) for text in texts):
        raise TypeError("id, kind and question must be strings, school a string or null, history a list of strings")


def _gold(entry: Mapping[str, Any]) -> Gold:
    qrels = {str(clause): int(grade) for clause, grade in entry["clauses"].items()}
    stances = tuple(entry["stance"])
    if not set(stances) <= STANCES or not set(qrels.values()) <= {1, 2}:
        raise ValueError(
            f"found stance {stances} and grades {sorted(set(qrels.values()))}, expected stances among {sorted(STANCES)} and grades 1 or 2"
        )
    return Gold(qrels, stances)


def evaluate(suite: tuple[str, Sequence[Case]], assistant: Assistant) -> Report:
    """Ask every case and measure the answers."""
    name, cases = suite
    dangling = [c for case in cases for gold in case.gold.values() for c in gold.qrels if c not in assistant.index.clause]
    if dangling:
        found = f"{dangling[0]}, which the index does not hold ({len(dangling)} such ids)"
        raise BadSuite(f"{name}: names {found}; index the suite's policies, or mend the suite")
    pairs = [pair for case in cases for pair in _ask(case, assistant)]
    return Report(name, _measures(pairs, assistant), tuple(_misses(pairs)))


def _ask(case: Case, assistant: Assistant) -> Iterator[_Pair]:
    start = time.perf_counter()
    reply = assistant.ask(case.question, [case.school] if case.school else None, case.history)
    seconds = time.perf_counter() - start
    answers = {answer.school: answer for answer in reply.answers}
    for school, gold in case.gold.items():
        yield _Pair(case, school, gold, answers.get(school), seconds)


def ranking(answer: Answer | None) -> list[str]:
    """The clauses quoted, best first, each once: two quotes of one clause are one result."""
    quotes = answer.quotes if answer and answer.status == "answered" else ()
    return list(dict.fromkeys(quote.clause.id for quote in quotes))


def hit(ranked: Sequence[str], right: frozenset[str], k: int) -> float:
    """hit@k: 1 if one of the first k is right, else 0."""
    return float(any(clause in right for clause in ranked[:k]))


def reciprocal_rank(ranked: Sequence[str], right: frozenset[str]) -> float:
    """1 / rank of the first right one; 0 if there is none."""
    return next((1 / rank for rank, clause in enumerate(ranked, start=1) if clause in right), 0.0)


def _measures(pairs: Sequence[_Pair], assistant: Assistant) -> dict[str, float | int | None]:
    answerable = [(ranking(p.answer), p.gold.right) for p in pairs if p.gold.right]
    said = [p for p in pairs if p.answer and not ranking(p.answer)]
    silent = [p for p in pairs if not p.gold.right]
    both = [p for p in said if not p.gold.right]
    judged = [p for p in pairs if p.gold.right and set(p.gold.stances) - {"factual"} and hit(ranking(p.answer), p.gold.right, 1)]
    quotes = [(p.school, quote) for p in pairs if p.answer for quote in (*p.answer.quotes, *p.answer.closest)]
    seconds = sorted({p.case.id: p.seconds for p in pairs}.values())
    return {
        "cases": len(seconds),
        "pairs": len(pairs),
        "hit@1": _mean([hit(ranked, right, 1) for ranked, right in answerable]),
        "hit@3": _mean([hit(ranked, right, 3) for ranked, right in answerable]),
        "MRR": _mean([reciprocal_rank(ranked, right) for ranked, right in answerable]),
        "silence_precision": _share(len(both), len(said)),
        "silence_recall": _share(len(both), len(silent)),
        "refused_answerable": _share(len(said) - len(both), len(answerable)),
        "stance_accuracy": _mean([float(_stance(p) in p.gold.stances) for p in judged]),
        "wrong_school": sum(quote.clause.school != school or quote.document.school != school for school, quote in quotes),
        "quotes": len(quotes),
        "verbatim": sum(_is_verbatim(quote.as_dict(), assistant) for _, quote in quotes),
        "latency_p50_ms": round(statistics.median(seconds) * 1000, 1),
        "latency_p95_ms": round(seconds[int(0.95 * (len(seconds) - 1))] * 1000, 1),
    }


def _is_verbatim(quote: Mapping[str, Any], assistant: Assistant) -> bool:
    """Whether a quote, as it leaves the product, has the words that its document holds at its offsets."""
    return bool(quote["text"]) and assistant.index.document[quote["document"]].text[quote["start"] : quote["end"]] == quote["text"]


def _stance(pair: _Pair) -> str:
    """What was said, in the gold's words: no stance is what a fact gets."""
    return (pair.answer.stance if pair.answer else None) or "factual"


def _mean(values: Sequence[float]) -> float | None:
    return round(statistics.fmean(values), 4) if values else None


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _misses(pairs: Sequence[_Pair]) -> Iterator[Miss]:
    for pair in pairs:
        ranked, right = ranking(pair.answer), pair.gold.right
        fine = hit(ranked, right, 1) if right else bool(pair.answer and not ranked)
        if not fine:
            said, wanted = ranked[0] if ranked else "not_covered", ", ".join(sorted(right)) or "not_covered"
            yield Miss(pair.case.id, pair.school, pair.case.question, said, wanted)
