"""Values -> lines for a terminal. It renders and decides nothing."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from clausewise.comparison import Comparison
from clausewise.evaluation import Report
from clausewise.types import Answer, Quote, Reply

STANCES = {
    "prohibited": "Not allowed",
    "required": "Required",
    "permitted": "Allowed",
    "conditional": "Depends on a condition",
    "advised": "Advised",
}
_REASONS = {
    "nothing_found": "nothing in it comes near",
    "too_weak": "nothing in it comes near enough",
    "no_policies": "this school has no policies in the index",
}
_OTHERS = 3  # so many schools are named
Names = Mapping[str, str]  # school's id -> its name


def reply_text(reply: Reply, names: Names) -> str:
    understood = [f"Understood as: {reply.standalone_question}"] if reply.standalone_question != reply.question else []
    return "\n\n".join([*understood, *(answer_text(answer, names) for answer in reply.answers)])


def answer_text(answer: Answer, names: Names) -> str:
    if answer.status == "not_covered":
        nearest = ["Nearest clause, which does not answer:", *(quote_text(quote) for quote in answer.closest[:1])] if answer.closest else []
        return "\n".join([f"{answer.school_name}: {_silence(answer)}", *_covered(answer, names), *nearest])
    stance = f" - {STANCES[answer.stance]}" if answer.stance else ""
    return "\n\n".join([f"{answer.school_name}{stance}", *(quote_text(quote) for quote in answer.quotes)])


def _silence(answer: Answer) -> str:
    if answer.reason == "no_such_clause":
        return "the school's policy has no clause of that number."
    return f"the policy does not say ({_REASONS.get(answer.reason or '', answer.reason)})."


def _covered(answer: Answer, names: Names) -> list[str]:
    """Who does have a rule, where `answer` has none."""
    said = "have a clause of that number" if answer.reason == "no_such_clause" else "cover it"
    others = [names.get(school, school) for school in answer.covered_by]
    if len(others) > _OTHERS:
        others[_OTHERS:] = [f"{len(others) - _OTHERS} more"]
    if len(others) > 1:
        return [f"The policies of {', '.join(others[:-1])} and {others[-1]} do {said}."]
    return [f"{other}'s policy does {said}." for other in others]


def quote_text(quote: Quote) -> str:
    lead = f"[{_flat(quote.lead_in)}] " if quote.lead_in else ""
    words = textwrap.fill(f"{lead}“{_flat(quote.text)}”", 100, initial_indent="  ", subsequent_indent="  ")
    return f"{words}\n    {citation(quote)}"


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
    return " | ".join(part for part in parts if part)


def comparison_text(comparison: Comparison, names: Names) -> str:
    return "\n\n".join([f"Topic: {comparison.topic}", *(answer_text(answer, names) for answer in comparison.answers)])


def report_text(report: Report, misses: bool) -> str:
    lines = [f"{name:18} {value}" for name, value in report.measures.items()]
    if misses:
        lines += [f"{miss.case} [{miss.school}] {miss.question}\n    said {miss.said}\n    want {miss.wanted}" for miss in report.misses]
    return "\n".join(lines)


def _flat(text: str) -> str:
    return " ".join(text.split())
