"""Values to HTML, and nothing else. Every word that is not ours is escaped: a policy's markup is text, never markup."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape

from clausewise.dates import Review
from clausewise.types import Answer, Document, Quote, Reply
from clausewise.web import words


Reviewer = Callable[[Document], Review]


def tag(name: str, kind: str, *content: str) -> str:
    """An element of class `cw-kind` around content that is HTML already."""
    return f'<{name} class="cw-{kind}">{"".join(content)}</{name}>'


def text(name: str, kind: str, content: str) -> str:
    """An element around content that is plain text."""
    return tag(name, kind, escape(content))


def mark(symbol: str) -> str:
    return f'<span class="cw-mark" aria-hidden="true">{escape(symbol)}</span>'


def stance(answer: Answer) -> str:
    if answer.stance is None:
        return ""
    symbol, name = words.STANCES[answer.stance]
    return f'<p class="cw-stance cw-{answer.stance}">{mark(symbol)} {escape(name)}</p>'


def lead_in(quote: Quote) -> str:
    """The words that the quote hangs from. They stand elsewhere in the document, so outside the blockquote."""
    if not quote.lead_in:
        return ""
    return tag("p", "lead-in", text("span", "label", "Lead-in"), " ", escape(quote.lead_in))


def citation(quote: Quote, school: str, review: Review) -> str:
    place, *path = words.address(quote)
    where = tag("span", "where", text("span", "place", place), escape("".join(f" · {part}" for part in path)))
    policy = text("span", "policy", f"{quote.document.title}, {school}")
    due = f'<span class="cw-review cw-{escape(review.status)}">{escape(words.sentence(review.text))}</span>'
    return tag("footer", "citation", tag("cite", "source", where, policy), due)


def quotation(quote: Quote, school: str, reviewer: Reviewer) -> str:
    words_of_document = f'<blockquote data-clause="{escape(quote.clause.id)}">{escape(quote.text)}</blockquote>'
    cited = citation(quote, school, reviewer(quote.document))
    return tag("div", "quotation", lead_in(quote), words_of_document, cited)


def folded(title: str, quotations: Iterable[str]) -> str:
    body = "".join(quotations)
    return f'<details class="cw-more"><summary>{escape(title)}</summary>{body}</details>' if body else ""


def answered(answer: Answer, quotations: list[str]) -> str:
    return stance(answer) + "".join(quotations[:1]) + folded("More from this policy", quotations[1:])


def silent(answer: Answer, quotations: list[str]) -> str:
    said = text("p", "silence", words.SILENT) + text("p", "reason", words.reason(answer))
    if not quotations:
        return said
    nearest = text("h4", "nearest", "Closest clause, which is not an answer") + quotations[0]
    return said + nearest + folded("Other near clauses", quotations[1:])


def card(answer: Answer, reviewer: Reviewer) -> str:
    covered = answer.status == "answered"
    quotes = answer.quotes if covered else answer.closest
    quotations = [quotation(quote, answer.school_name, reviewer) for quote in quotes]
    body = answered(answer, quotations) if covered else silent(answer, quotations)
    heading = text("h3", "school-name", answer.school_name)
    return f'<article class="cw-card cw-{answer.status}" data-school="{escape(answer.school)}">{heading}{body}</article>'


def understood(reply: Reply) -> str:
    if reply.standalone_question == reply.question:
        return ""
    return text("p", "understood", f"Understood as: {reply.standalone_question}")


def reply(value: Reply, reviewer: Reviewer) -> str:
    over_all = text("p", "summary", words.summary(value)) if len(value.answers) > 1 else ""
    return understood(value) + over_all + "".join(card(answer, reviewer) for answer in value.answers)


def error(message: str) -> str:
    return tag("p", "error", mark("!"), " ", escape(message))


def waiting() -> str:
    return text("p", "waiting", "Reading the policies…")


def turn(question: str, asked_of: str, body: str) -> str:
    """One question, whom it was put to, and what came of it."""
    head = text("h2", "question", question) + text("p", "asked-of", f"Asked of {asked_of}")
    return tag("section", "turn", tag("div", "asked", head), body)


def status(message: str) -> str:
    """The line for screen readers; Gradio keeps the element and swaps its words, as a live region needs."""
    return f'<p class="cw-status" role="status" aria-live="polite">{escape(message)}</p>'
