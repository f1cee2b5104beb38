"""What is wrong with a suite itself, before any answer is blamed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from rapidfuzz import fuzz

from clausewise.assistant import Assistant
from clausewise.evaluation.cases import Case, Gold, Suite, noted
from clausewise.evaluation.differences import reworded
from clausewise.evaluation.runs import Run, text_digest
from clausewise.index import Index

_ALIKE = 92  # rapidfuzz ratio, 0 to 100


@dataclass(frozen=True, slots=True)
class Finding:
    """`fault`: the suite is wrong; otherwise something to look at."""

    fault: bool
    case: str
    place: str
    told: str


def check(suite: Suite, assistant: Assistant, baseline: Run | None) -> list[Finding]:
    """Every finding, in the order of the cases; faults and hints alike. Silent cases are asked, the others are not."""
    found = [*_of_cases(suite, assistant), *_of_pairs(suite)]
    if baseline:
        found += _reworded(suite, assistant, baseline)
    order = {case.id: number for number, case in enumerate(suite.cases)}
    return sorted(found, key=lambda finding: (order[finding.case], not finding.fault))


def _of_cases(suite: Suite, assistant: Assistant) -> Iterator[Finding]:
    for case in suite.cases:
        place = suite.places[case.id]
        if case.waits:
            yield Finding(False, case.id, place, "waits for its clauses to be confirmed; see: clausewise eval anchor")
            continue
        strange = {case.school, *case.gold} - {None} - assistant.index.rows.keys()
        if strange:
            yield Finding(True, case.id, place, f"names a school that the index does not hold: {', '.join(sorted(map(str, strange)))}")
            continue
        if not case.history and case.school and {*case.gold} != {case.school}:
            unasked = ", ".join(sorted({*case.gold} - {case.school}))
            yield Finding(False, case.id, place, f"asks {case.school} alone, and has gold of {unasked} too, which no answer can meet")
        for school, gold in case.gold.items():
            yield from (Finding(True, case.id, place, f"gold of {school}: {told}") for told in _faults(school, gold, assistant.index))
        yield from (Finding(False, case.id, place, told) for told in _covered(case, assistant))


def _faults(school: str, gold: Gold, index: Index) -> Iterator[str]:
    for clause in gold.clauses:
        if clause not in index.clause:
            yield f"{clause} is not in the index"
        elif index.clause[clause].school != school:
            yield f"{clause} is of another school"
        elif newer := index.document[index.clause[clause].document].superseded_by:
            yield f"{clause} stands in a superseded version; {newer} is in force"
    if gold.right and not gold.right & index.quotable.keys():
        yield "no clause that answers can be quoted (a heading, a chart, or not in the index)"
    for clause, spans in gold.spans.items():
        body = index.clause[clause].body if clause in index.clause else None
        if body and any(span.end > body.end - body.start for span in spans):
            yield f"a span goes beyond the {body.end - body.start} characters of {clause}"
    if twice := gold.right & {*gold.beside}:
        yield f"{', '.join(sorted(twice))} answers and stands beside the answer; expected one of the two"


def _covered(case: Case, assistant: Assistant) -> Iterator[str]:
    """A silence that retrieval is sure to be none is as likely a slip of the annotator's as of retrieval's."""
    silent = [school for school, gold in case.gold.items() if not gold.right]
    if silent:
        reply = assistant.ask(case.question, [case.school] if case.school else None, case.history)
        for answer in reply.answers:
            if answer.school in silent and answer.status == "answered":
                yield f"is silent at {answer.school}, but {answer.quotes[0].clause.id} is found with confidence {answer.confidence:.2f}"


def _of_pairs(suite: Suite) -> Iterator[Finding]:
    """Questions that are asked twice, and those of them that are to be answered differently."""
    words = {case.id: _words(case.question) for case in suite.cases}
    for one, other in combinations(suite.cases, 2):  # nearly the same words may ask another thing: "Year 7", "Year 9"
        shared = one.gold.keys() & other.gold.keys()
        if not shared or one.history != other.history:
            continue
        if fuzz.ratio(words[one.id], words[other.id]) < _ALIKE:
            continue
        against = [told for school in sorted(shared) if (told := _contradiction(one.gold[school], other.gold[school]))]
        twice = words[one.id] == words[other.id] and one.school == other.school
        said = f"contradicts {one.id} ({against[0]})" if against else f"asks {'' if twice else 'nearly '}what {one.id} asks"
        yield Finding(words[one.id] == words[other.id] and (bool(against) or twice), other.id, suite.places[other.id], said)


def alike(one: str, other: str) -> bool:
    """Whether two questions are, but for a few letters, the same words."""
    return fuzz.ratio(_words(one), _words(other)) >= _ALIKE


def _words(question: str) -> str:
    return " ".join(re.findall(r"\w+", question.lower()))


def _contradiction(one: Gold, other: Gold) -> str | None:
    if bool(one.right) != bool(other.right):
        return "one is silent, one is not"
    if one.right and not one.right & other.right:
        return "no clause answers both"
    if one.right and not {*one.stances} & {*other.stances}:
        return "no stance is right for both"
    return None


def _reworded(suite: Suite, assistant: Assistant, baseline: Run) -> Iterator[Finding]:
    """An id may come to name another rule when its policy is issued anew, and the suite was not made to follow."""
    if noted(suite.folder) == assistant.index.manifest["checksum"]:
        return
    was = {row.key: row.gold_texts for row in baseline.rows}
    for case in suite.cases:
        for school, gold in case.gold.items():
            now = {clause: text_digest(clause, assistant.index) for clause in gold.clauses if clause in assistant.index.clause}
            for clause in sorted(reworded(was.get((case.id, school), {}), now)):
                told = f"{clause} says something else than when the baseline was made; see: clausewise eval anchor"
                yield Finding(False, case.id, suite.places[case.id], told)


def faults(findings: Sequence[Finding]) -> int:
    return sum(finding.fault for finding in findings)
