"""Values -> lines for a terminal. It renders and decides nothing."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from clausewise import safeguarding
from clausewise.bands import told
from clausewise.comparison.positions import Comparison
from clausewise.evaluation.wording import count, flat
from clausewise.exports.replies import BACK, NO_ADVICE, nearest, stance
from clausewise.types import Answer, Clarification, Concern, Quote, Reply

if TYPE_CHECKING:
    from clausewise.comparison.coverage import Coverage
    from clausewise.comparison.radar import Entry
    from clausewise.comparison.versions import Change
    from clausewise.comparison.wording import Shared
    from clausewise.evaluation.reasked import Reasked

HINT = "Read by a program from the first quotes alone: a place to look, not a finding."

_REASONS = {
    "nothing_found": "none comes near",
    "too_weak": "none comes near enough",
    "not_mentioned": "none mentions the topic",
    "no_policies": "this school has no policies in the index",
}
_OTHERS = 3  # so many schools are named
Names = Mapping[str, str]  # school's id -> its name


def reply_text(reply: Reply, names: Names) -> str:
    understood = [f"Understood as: {flat(reply.standalone_question)}"] if reply.standalone_question != reply.question else []
    back = [clarification_text(reply.clarification)] if reply.clarification else []
    beneath = [f"{NO_ADVICE}:"] if reply.concerns else []
    if reply.scope_from == "nearest":
        beneath.append(nearest(reply, len(names)))
    answers = (answer_text(answer, names) for answer in reply.answers)
    return "\n\n".join([*_concerns(reply.concerns), *back, *understood, *beneath, *answers])


def clarification_text(asked: Clarification) -> str:
    """What is asked back: the choices, numbered, and beneath each what to type for it."""
    lines = [BACK[asked.kind]]
    for number, choice in enumerate(asked.choices, start=1):
        schools = "".join(f" --school {school}" for school in choice.schools)
        lines += [f"  {number}. {flat(choice.label)}", f"       clausewise ask{schools} {shlex.quote(flat(choice.question))}"]
    return "\n".join(lines)


def _concerns(concerns: Sequence[Concern]) -> Iterator[str]:
    """What to do now, whom to tell, then the schools' own clauses."""
    if not concerns:
        return
    yield f"{safeguarding.HEADING} {safeguarding.DANGER} {safeguarding.STEPS}"
    leads = [f"  {flat(f'{one.school_name}: {safeguarding.lead(one)}')}" for one in concerns] if len(concerns) > 1 else []
    yield "\n".join([flat(safeguarding.tell(concerns)), *leads])
    yield from (quote_text(one.quote) for one in concerns if one.quote)


def answer_text(answer: Answer, names: Names) -> str:
    sure = [sentence] if (sentence := told(answer)) else []
    if answer.status == "not_covered":
        nearest = ["Nearest clause, which does not answer:", *(quote_text(quote) for quote in answer.closest[:1])] if answer.closest else []
        return "\n".join([f"{flat(answer.school_name)}: {_silence(answer)}", *sure, *_covered(answer, names), *nearest])
    ruled = f" - {stance(answer)[1]}" if answer.stance else ""
    head = "\n".join([f"{flat(answer.school_name)}{ruled}", *sure])
    return "\n\n".join([head, *(quote_text(quote) for quote in answer.quotes)])


def _silence(answer: Answer) -> str:
    if answer.reason == "no_such_clause":
        return "the school's policy has no clause of that number."
    return f"no clause found that answers this ({_REASONS.get(answer.reason or '', answer.reason)})."


def _covered(answer: Answer, names: Names) -> list[str]:
    """Who does have a rule, where `answer` has none."""
    said = "have a clause of that number" if answer.reason == "no_such_clause" else "cover it"
    others = [flat(names.get(school, school)) for school in answer.covered_by]
    if len(others) > _OTHERS:
        others[_OTHERS:] = [f"{len(others) - _OTHERS} more"]
    if len(others) > 1:
        return [f"The policies of {', '.join(others[:-1])} and {others[-1]} do {said}."]
    return [f"{other}'s policy does {said}." for other in others]


def quote_text(quote: Quote) -> str:
    lead = f"[{flat(quote.lead_in)}] " if quote.lead_in else ""
    words = textwrap.fill(f"{lead}“{flat(quote.text)}”", 100, initial_indent="  ", subsequent_indent="  ")
    return f"{words}\n    {citation(quote)}"


def results_text(quotes: Iterable[Quote]) -> str:
    return "\n\n".join(f"{rank}. {quote_text(quote)}" for rank, quote in enumerate(quotes, start=1))


def citation(quote: Quote) -> str:
    """Where a quote stands: policy, clause, heading path, page, id."""
    page = quote.document.page(quote.span.start)
    parts = [
        quote.document.title,
        f"clause {quote.clause.number}" if quote.clause.number else "",
        " > ".join(quote.clause.headings),
        f"page {page}" if page else "",
        quote.clause.id,
    ]
    return " | ".join(flat(part) for part in parts if part)


def comparison_text(comparison: Comparison, names: Names) -> str:
    return "\n\n".join([f"Topic: {flat(comparison.topic)}", *(answer_text(answer, names) for answer in comparison.answers)])


def matrix_text(report: Mapping[str, Any]) -> str:
    """Topics down, schools across; then what differs, the weightiest first. `report`: as comparison.report makes it."""
    cells = {(cell["topic"], cell["school"]): cell for cell in report["cells"]}
    schools = [school["id"] for school in report["schools"]]
    widths = [max(15, len(school)) for school in schools]
    head = f"{'':36}" + "  ".join(f"{school:{width}}" for school, width in zip(schools, widths, strict=True))
    lines = [head.rstrip()]
    for topic in report["topics"]:
        said = [cells[topic["id"], school]["position"].replace("against", "advised against") for school in schools]
        row = "  ".join(f"{position:{width}}" for position, width in zip(said, widths, strict=True))
        lines.append(f"{textwrap.shorten(flat(topic['title']), 34):36}{row}".rstrip())
    titles = {topic["id"]: flat(topic["title"]) for topic in report["topics"]}
    told = [f"- {titles[found['topic']]}: {flat(found['told'])}" for found in report["differences"]]
    return "\n".join([*lines, *(["", f"What differs. {HINT}", *told] if told else [])])


def radar_text(entries: Iterable[Entry]) -> str:
    """A policy a line, and beneath it the line that its next review was read from."""
    lines = []
    for entry in entries:
        lines.append(f"{entry.state:12}{entry.document}  {flat(entry.title)}: {flat(entry.text)}")
        read = entry.next_review or entry.cycle
        lines += [f"{'':12}“{flat(read.line)}”{f', page {read.page}' if read.page else ''}"] if read else []
    return "\n".join(lines)


def coverage_text(found: Coverage) -> str:
    """Kinds down, schools across."""
    width = max(len(school.id) for school in found.schools) + 2
    lines = [f"{'':44}" + "".join(f"{school.id:{width}}" for school in found.schools).rstrip()]
    for kind in found.kinds:
        states = [found.cells[school.id, kind.id].state for school in found.schools]
        lines.append(f"{textwrap.shorten(kind.title, 42):44}" + "".join(f"{state:{width}}" for state in states).rstrip())
    return "\n".join([*lines, *(f"of no kind in the list: {document}" for document in found.unplaced)])


def changes_text(found: Sequence[Change]) -> str:
    """The weightiest first; what went in [-...-], what came in {+...+}."""
    marks = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}
    parts = []
    for change in found:
        head = f"{change.kind}{f': {flat(change.says)}' if change.says else ''}{' (perhaps two rules)' if change.guess else ''}"
        words = " ".join(marks[op].format(flat(text)) for op, text in change.words)
        place = f"{', '.join(change.old) or '-'} -> {', '.join(change.new) or '-'}"
        parts.append(f"{head}\n  {place}\n" + textwrap.fill(words, 100, initial_indent="  ", subsequent_indent="  "))
    return "\n\n".join(parts) or "no change"


def reasked_text(turned: Sequence[Reasked], asked: int) -> str:
    """Saved questions that another version answers otherwise: what was said, what is said now."""
    lines = [f"saved questions: {count(asked, 'question')} asked under both versions, {len(turned)} answered otherwise"]
    for one in turned:
        lines += ["", f"{flat(one.case)}  {flat(one.question)}"]
        lines += [f"  {when}  {_given(answer)}" for when, answer in (("was", one.was), ("now", one.now))]
    return "\n".join(lines)


def _given(answer: Answer) -> str:
    """An answer on two lines: stance and clause, then the words."""
    if answer.status == "not_covered":
        return _silence(answer)
    first = answer.quotes[0]
    words = textwrap.fill(f"“{flat(first.text)}”", 100, initial_indent=" " * 7, subsequent_indent=" " * 7)
    return f"{stance(answer)[1] if answer.stance else 'a fact'}, {flat(first.clause.id)}\n{words}"


def wording_text(found: Sequence[Shared]) -> str:
    """Each shared clause in its commonest wording, and the schools that changed it."""
    parts = []
    for group in found:
        first, *others = group.versions
        lines = [textwrap.fill(f"“{flat(first.text)}”", 100), f"  word for word: {', '.join(first.schools)}"]
        for other in others:
            made = "; ".join(f"{op} “{flat(words)}”" for op, words in other.changes if op != "same")
            lines.append(f"  {', '.join(other.schools)}{' (a duty changed)' if other.duty_changed else ''}: {made}")
        parts.append("\n".join(lines))
    return "\n\n".join(parts) or "no clause is shared"
