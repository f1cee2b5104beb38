"""A complaint about an answer -> a case of a suite, so that what was wrong once is measured from then on.

Only clause ids go into the case, never a policy's words; the question and the earlier ones are the asker's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count
from pathlib import Path

from clausewise.errors import BadSuite
from clausewise.evaluation.cases import Case, Gold, add_case, cases_file, load_suite
from clausewise.evaluation.measures import STANCES
from clausewise.index import Index
from clausewise.snapshots import DIGITS
from clausewise.store import Feedback, Store


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the person who triages says. `clauses` answer; `beside` must be shown with them; `silent`: no clause answers."""

    clauses: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    stance: str | None = None
    silent: bool = False
    tags: tuple[str, ...] = ()


def triage(store: Store, id: int, suite: Path, index: Index, wanted: Wanted) -> Case:
    """Write the case that complaint `id` makes behind those of `suite`, a folder that is there, and close the complaint;
    the case.

    Raises UnknownFeedback, BadSuite or StoreError; the complaint is closed only once the case is written and loads.
    """
    cases_file(suite)  # a slip in its name must not make another suite
    complaint = open_complaint(store, id)
    case = case_of(complaint, index, wanted)
    case = replace(case, id=_free(case.id, suite))
    try:
        add_case(suite, case)
        loaded = load_suite(suite)
    except OSError as error:
        raise BadSuite(f"{suite}: cannot be written ({error.strerror}); name a folder that can, complaint {id} is still open") from None
    store.close_feedback(id, f"{loaded.name}/{case.id}")
    return case


def open_complaint(store: Store, id: int) -> Feedback:
    """Raises UnknownFeedback, and BadSuite for a complaint that is closed."""
    found = store.feedback_by_id(id)
    if found.closed:
        how = f"is the case {found.case}" if found.case else "was closed without a case"
        raise BadSuite(f"complaint {id}: {how} already; expected an open one, which `clausewise eval triage` lists")
    return found


def _free(id: str, suite: Path) -> str:
    """`id`, or the first of `id`-2, `id`-3 and so on that no case of the suite has: a store that was begun anew numbers from 1 again."""
    try:
        taken = {case.id for case in load_suite(suite).cases}
    except BadSuite:  # no case yet; or a fault, which `add_case` names
        return id
    return next(free for free in chain([id], (f"{id}-{n}" for n in count(2))) if free not in taken)


def close(store: Store, id: int) -> None:
    """Close an open complaint without a case. Raises as `open_complaint` does."""
    open_complaint(store, id)
    store.close_feedback(id, None)


def case_of(complaint: Feedback, index: Index, wanted: Wanted) -> Case:
    """Raises BadSuite where `wanted` lacks something, contradicts itself, or names what `index` does not hold."""
    _explicit(complaint, index, wanted)
    if wanted.silent or (complaint.reason == "should_be_silent" and not wanted.clauses):
        school, gold = _silence(complaint, index, wanted)
    else:
        school, gold = _rule(complaint, index, wanted)
    kind = "followup" if complaint.history else "single"
    return Case(
        id=f"feedback-{complaint.id}",
        kind=kind if gold.right else "unanswerable",
        question=complaint.question,
        school=school,
        history=complaint.history,
        gold={school: gold},
        tags=tuple(dict.fromkeys(("feedback", complaint.reason, *wanted.tags))),
        origin=f"feedback {complaint.id}",
    )


def _explicit(complaint: Feedback, index: Index, wanted: Wanted) -> None:
    """Raises BadSuite where something is left to an answer that another index gave: its ids may be those of other rules now."""
    if complaint.index == index.manifest["checksum"] or wanted.silent or (wanted.clauses and wanted.stance):
        return
    raise BadSuite(
        f"complaint {complaint.id} ({complaint.reason}): was answered from another index ({complaint.index[:DIGITS]}), "
        "so a clause's id may name another rule now; expected --clause CLAUSE with --stance STANCE, or --silent; "
        f"shown then were: {_shown(complaint)}; or drop it with: clausewise eval triage {complaint.id} --close"
    )


def _shown(complaint: Feedback) -> str:
    """The ids of the clauses that were quoted, or nearest to a silence, each once."""
    return ", ".join(dict.fromkeys(clause for clause, _, _ in (*complaint.quotes, *complaint.closest))) or "none"


def _silence(complaint: Feedback, index: Index, wanted: Wanted) -> tuple[str, Gold]:
    if wanted.clauses or wanted.beside or wanted.stance:
        raise BadSuite(f"complaint {complaint.id}: found a silence with a clause or a stance; expected one or the other")
    if complaint.school not in index.rows:
        known = ", ".join(index.rows)
        raise BadSuite(f"complaint {complaint.id}: is about {complaint.school}, which the index does not hold; it holds: {known}")
    return complaint.school, Gold({}, ("silent",))


def _rule(complaint: Feedback, index: Index, wanted: Wanted) -> tuple[str, Gold]:
    clauses = _clauses(complaint, wanted)
    school = _school(complaint, clauses, wanted.beside, index)
    return school, Gold(dict.fromkeys(clauses, 2), (_stance(complaint, clauses[0], wanted),), wanted.beside)


def _clauses(complaint: Feedback, wanted: Wanted) -> tuple[str, ...]:
    """Those that answer, each once."""
    incomplete = complaint.reason == "incomplete" and bool(complaint.quotes)
    if wanted.clauses or (incomplete and wanted.beside):
        return tuple(dict.fromkeys(wanted.clauses)) or (complaint.quotes[0][0],)
    needed = "--beside CLAUSE (what is missing beside it) or --clause CLAUSE (all that answer)" if incomplete else "--clause CLAUSE"
    raise BadSuite(
        f"complaint {complaint.id} ({complaint.reason}): found no clause that answers; expected {needed}; "
        f"shown were: {_shown(complaint)}; or drop it with: clausewise eval triage {complaint.id} --close"
    )


def _school(complaint: Feedback, clauses: Sequence[str], beside: Sequence[str], index: Index) -> str:
    """The one school that all the clauses are of."""
    wrong = [*_faults(clauses, beside, index)]
    if wrong:
        raise BadSuite(f"complaint {complaint.id}: {wrong[0]}")
    schools = sorted({index.clause[clause].school for clause in (*clauses, *beside)})
    if len(schools) > 1:
        raise BadSuite(f"complaint {complaint.id}: found clauses of {' and '.join(schools)}; expected those of one school")
    return schools[0]


def _faults(clauses: Sequence[str], beside: Sequence[str], index: Index) -> Iterator[str]:
    for clause in (*clauses, *beside):
        if clause not in index.clause:
            yield f"found no clause {clause} in the index; expected the id of one, as `clausewise search` shows it"
        elif newer := index.document[index.clause[clause].document].superseded_by:
            yield f"{clause} stands in a superseded version; expected a clause of {newer}"
        elif clause not in index.quotable:
            yield f"{clause} is never quoted (a heading, a chart); expected a clause that says something"
        elif clause in clauses and clause in beside:
            yield f"{clause} answers and stands beside the answer; expected one of the two"


def _stance(complaint: Feedback, clause: str, wanted: Wanted) -> str:
    """As it is given; else, of the clause that was quoted first, as it was answered."""
    said = [stance for stance in STANCES if stance != "silent"]
    if wanted.stance in said:
        return wanted.stance
    if wanted.stance is None and complaint.quotes and clause == complaint.quotes[0][0]:
        return complaint.stance or "factual"
    found = f"the stance {wanted.stance!r}" if wanted.stance else f"no stance for {clause}"
    raise BadSuite(f"complaint {complaint.id}: found {found}; expected --stance with one of: {', '.join(said)}")
