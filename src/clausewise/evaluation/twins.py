"""Silent twins: what one school's policies answer, asked of a school whose policies do not.

That a school is silent must not be the product's own finding, or the suite would keep the silences that the product gets
right anyway. So rules are compared with rules. First by what people said: a case that asks several schools tells who
covers the rule of a clause and who does not. Then by likeness: a passage of the other school is near where it is near
both to the question and to the rule that answers it. A school with a rule for everything ("no device of any kind") is far
from each rule that it covers, so only what is very far counts as silent, and the doubtful rest is for a person to look at.
The bounds are from reading some 260 pairs of two suites: of the 58 twins that they call silent there, two are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from clausewise.conversation import understand
from clausewise.evaluation.cases import Case, Gold, Suite
from clausewise.evaluation.checking import alike

if TYPE_CHECKING:
    from clausewise.assistant import Assistant
    from clausewise.embeddings import Vectors
    from clausewise.index import Index
    from clausewise.retrieval import Query

# Bounds on nearness: retrieval's score of the question (about 0 to 1.15) and the cosine of the rules (-1 to 1), added up.
FAR = 0.75  # at most this: silent, with nothing else to go by
FAR_BY_SECTION = 0.85  # at most this: silent, where a case says so of a rule of the same section
FAR_BY_RULE = 1.0  # at most this: silent, where a case says so of the same rule, asked about something else
DOUBT = 0.95  # at most this: to be looked at
_TOPIC = 3  # words up to which a question is a topic
Verdict = Literal["silent", "look", "covered"]


@dataclass(frozen=True, slots=True)
class Twin:
    """`case`: the question asked of another school, which would be silent. `near`: how near that school's `nearest` clause
    comes to the question and to the rule that answers it, 0 to about 2. `why`: what the verdict rests on."""

    case: Case
    verdict: Verdict
    near: float
    nearest: str
    why: str


@dataclass(frozen=True, slots=True)
class _Rule:
    """The passage that answers a case at its own school, and the question that it answers. `vector`: (d,), unit."""

    query: Query
    vector: np.ndarray[tuple[int], np.dtype[np.float32]]


def twins(suite: Suite, assistant: Assistant) -> list[Twin]:
    """Every case that one school answers, at every other school with policies; in the order of the cases, then of the schools."""
    vectors = _unit(assistant.index)
    return [twin for case in suite.cases if _serves(case, assistant) for twin in _of_case(case, suite, assistant, vectors)]


def _unit(index: Index) -> Vectors:
    """A passage's vector is the mean of its views', so shorter than 1."""
    vectors = index.vectors.vectors()
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9), dtype=np.float32)


def _serves(case: Case, assistant: Assistant) -> bool:
    """Whether the question can be asked of another school: not one about the document itself, nor a topic, nor with a name in it."""
    if case.school not in assistant.index.rows or case.waits or case.kind == "metadata":
        return False
    turns = (*case.history, case.question)
    answered = case.school in case.gold and bool(case.gold[case.school].right & assistant.index.quotable.keys())
    return answered and len(" ".join(turns).split()) > _TOPIC and not any(_names(turn, assistant) for turn in turns)


def _names(turn: str, assistant: Assistant) -> bool:
    """Whether `turn` names a school, if only inside a handle or address."""
    letters = _letters(turn)
    inside = (_letters(name) for school in assistant.schools for name in (school.id, school.name, *school.aliases))
    return understand(turn, (), None, assistant.names).search != " ".join(turn.split()) or any(
        len(name) > 5 and name in letters for name in inside
    )


def _letters(text: str) -> str:
    return re.sub(r"\W|_", "", text.lower())


def _of_case(case: Case, suite: Suite, assistant: Assistant, vectors: Vectors) -> Iterator[Twin]:
    rule = _rule(case, assistant, vectors)
    asked = _asked(case, suite)
    for school, rows in assistant.index.rows.items():
        if rows and school not in (case.school, *asked):
            near, nearest = _nearest(rule, rows, assistant, vectors)
            verdict, why = _verdict(near, *_told(case, school, suite))
            yield Twin(_twin(case, school), verdict, near, nearest, why)


def _asked(case: Case, suite: Suite) -> set[str]:
    """The schools of which the suite asks this question already."""
    ids = {known.id for known in suite.cases}
    same = [known for known in suite.cases if known.history == case.history and alike(known.question, case.question)]
    twice = {school for known in same for school in known.gold}
    return twice | {school for known in suite.cases for school in known.gold if f"{case.id}-{school}" in ids}


def _twin(case: Case, school: str) -> Case:
    tags = ("twin", *(tag for tag in case.tags if tag != "twin"))
    made = replace(case, id=f"{case.id}-{school}", kind="unanswerable", school=school, gold={school: Gold({}, ("silent",))}, tags=tags)
    return replace(made, origin=f"twin of {case.id}")


# by likeness


def _rule(case: Case, assistant: Assistant, vectors: Vectors) -> _Rule:
    """Of all passages that answer, the one nearest to the question."""
    assert case.school
    asked = understand(case.question, case.history, [case.school], assistant.names).search
    query = assistant.retriever.prepare(asked)
    right = case.gold[case.school].right
    rows = [row for clause in right for row in assistant.index.catalogue.rows_in(clause)]
    return _Rule(query, vectors[assistant.retriever.hits(query, rows, len(rows))[0].passage.row])


def _nearest(rule: _Rule, rows: Sequence[int], assistant: Assistant, vectors: Vectors) -> tuple[float, str]:
    """(nearness, clause) of the passage among `rows` that is nearest to the question and to the rule together."""
    found = [
        (round(hit.score + float(vectors[hit.passage.row] @ rule.vector), 6), hit.passage)
        for hit in assistant.retriever.hits(rule.query, rows, len(rows))
    ]
    near, passage = min(found, key=lambda pair: (-pair[0], pair[1].row))
    return near, passage.clause


# by what people said


def _told(case: Case, school: str, suite: Suite) -> tuple[dict[str, bool], dict[str, bool]]:
    """Cases that ask both schools about the clause that answers here, and about its section: id -> whether `school` answers."""
    assert case.school
    right = case.gold[case.school].right
    exact: dict[str, bool] = {}
    section: dict[str, bool] = {}
    for other in suite.cases:
        if case.school in other.gold and school in other.gold:
            theirs, answers = other.gold[case.school].right, bool(other.gold[school].right)
            if right & theirs:
                exact[other.id] = answers
            elif {*map(_section, right)} & {*map(_section, theirs)}:
                section[other.id] = answers
    return exact, section


def _section(clause: str) -> str:
    """The list that an item stands in, or the section of a numbered clause: ids say so (5.1/4 -> 5.1, 5.1 -> 5)."""
    document, _, place = clause.partition("#")
    return f"{document}#{re.sub(r'/[0-9]+$' if '/' in place else r'[.][0-9]+$', '', place)}"


def _verdict(near: float, exact: dict[str, bool], section: dict[str, bool]) -> tuple[Verdict, str]:
    answered, silent = ([case for case, answers in exact.items() if answers is wanted] for wanted in (True, False))
    if answered:
        return "covered", f"{answered[0]} has its answer to the same rule"
    if silent:
        return "silent" if near <= FAR_BY_RULE else "look", f"{silent[0]} finds it silent on the same rule"
    beside = next((case for case, answers in section.items() if answers), None)
    if near > DOUBT:
        return "covered", "a clause comes near"
    if beside:
        return "look", f"{beside} has its answer to a rule of the same section"
    if section and near <= FAR_BY_SECTION:
        return "silent", f"{next(iter(section))} finds it silent on a rule of the same section"
    return ("silent", "nothing comes near") if near <= FAR else ("look", "a clause comes fairly near")
