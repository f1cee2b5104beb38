"""Values to HTML, and nothing else. Every word that is not ours is escaped: a policy's markup is text, never markup."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from html import escape

from clausewise.dates import Review
from clausewise.store import OFFERED, REASONS
from clausewise.types import Answer, Document, Quote, Reply, School
from clausewise.web import links, words


@dataclass(frozen=True, slots=True)
class Library:
    """What a card says of a school beside its answer. `policies`: how many are in force, by school."""

    review: Callable[[Document], Review]
    schools: Mapping[str, School]
    policies: Mapping[str, int]


def tag(name: str, kind: str, *content: str) -> str:
    """An element of class `cw-kind` around content that is HTML already."""
    return f'<{name} class="cw-{kind}">{"".join(content)}</{name}>'


def text(name: str, kind: str, content: str) -> str:
    """An element around content that is plain text."""
    return tag(name, kind, escape(content))


def mark(symbol: str) -> str:
    return f'<span class="cw-mark" aria-hidden="true">{escape(symbol)}</span>'


def navigation(here: str, current: str = "page") -> str:
    """The rooms. `here`: the address of the one that the reader is in; `current`: "page", or "true" for a page below it."""
    marked = {here: f' aria-current="{current}"'}
    links = (f'<li><a href="{address}"{marked.get(address, "")}>{name}</a></li>' for address, name in words.ROOMS)
    return f'<nav class="cw-nav" aria-label="Clausewise"><ul>{"".join(links)}</ul></nav>'


def stance(answer: Answer) -> str:
    if answer.stance is None:
        return ""
    symbol, name = words.stance(answer)
    return f'<p class="cw-stance cw-{answer.stance}">{mark(symbol)} {escape(name)}</p>'


def lead_in(quote: Quote) -> str:
    """The words that the quote hangs from. They stand elsewhere in the document, so outside the blockquote."""
    if not quote.lead_in:
        return ""
    return tag("p", "lead-in", text("span", "label", "Lead-in"), " ", escape(quote.lead_in))


def citation(quote: Quote, school: str, review: Review) -> str:
    """Where the quote stands, as a link to it in its policy; in a tab of its own, since leaving the page ends the conversation."""
    place, *path = words.address(quote)
    where = tag("span", "where", text("span", "place", place), escape("".join(f" · {part}" for part in path)))
    policy = text("span", "policy", f"{quote.document.title}, {school}")
    due = f'<span class="cw-review cw-{escape(review.status)}">{escape(words.sentence(review.text))}</span>'
    address = escape(links.policy(quote.document.id, quote.clause.id))
    link = f'<a class="cw-open" href="{address}" target="_blank" title="{escape(words.OPENS)}">{where}{policy}</a>'
    return tag("footer", "citation", tag("cite", "source", link), due)


def quotation(quote: Quote, school: str, library: Library) -> str:
    words_of_document = f'<blockquote data-clause="{escape(quote.clause.id)}">{escape(quote.text)}</blockquote>'
    cited = citation(quote, school, library.review(quote.document))
    return tag("div", "quotation", lead_in(quote), words_of_document, cited)


def folded(title: str, quotations: Iterable[str]) -> str:
    body = "".join(quotations)
    return f'<details class="cw-more"><summary>{escape(title)}</summary>{body}</details>' if body else ""


def answered(answer: Answer, library: Library) -> str:
    first, *more = [quotation(quote, answer.school_name, library) for quote in answer.quotes]
    one = len({quote.document.id for quote in answer.quotes}) == 1
    return stance(answer) + first + folded("More from this policy" if one else "More from this school’s policies", more)


def silent(answer: Answer, library: Library) -> str:
    said = text("p", "silence", words.silence(answer, library.policies.get(answer.school, 1)))
    said += text("p", "reason", words.reason(answer)) + covered(answer, library) + contacts(library.schools.get(answer.school))
    if not answer.closest:
        return said
    first, *more = [quotation(quote, answer.school_name, library) for quote in answer.closest]
    return said + text("h4", "nearest", "Closest clause, which is not an answer") + first + folded("Other near clauses", more)


def covered(answer: Answer, library: Library) -> str:
    """The schools whose policies do say, where the reader may look next."""
    said = words.covered(answer, library.schools)
    return text("p", "covered", said) if said else ""


def contacts(school: School | None) -> str:
    """Whom to ask instead, where the school has named someone."""
    people = school.contacts.items() if school else ()
    lines = "".join(text("dt", "role", words.sentence(role.replace("_", " "))) + text("dd", "person", who) for role, who in people)
    return tag("dl", "contacts", lines) if lines else ""


def feedback(answer: Answer) -> str:
    """What may be said to be wrong, a button each, and the lines that may follow. feedback.js brings it to life."""
    buttons = "".join(f'<button type="button" data-reason="{name}">{escape(REASONS[name])}</button>' for name in OFFERED[answer.status])
    choices = f'<div class="cw-choices" role="group" aria-label="{escape(words.WRONG)}">{buttons}</div>'
    asked = tag("details", "wrong", f"<summary>{escape(words.WRONG)}</summary>", text("p", "kept", words.KEPT), choices)
    thanks = f'<p class="cw-thanks" role="status" tabindex="-1"><span>{escape(words.THANKS)}</span></p>'
    return tag("div", "feedback", asked, thanks, '<p class="cw-fault" role="alert"></p>')


def card(answer: Answer, library: Library) -> str:
    body = (answered if answer.status == "answered" else silent)(answer, library) + feedback(answer)
    heading = text("h3", "school-name", answer.school_name)
    return f'<article class="cw-card cw-{answer.status}" data-school="{escape(answer.school)}">{heading}{body}</article>'


def understood(reply: Reply) -> str:
    if reply.standalone_question == reply.question:
        return ""
    return text("p", "understood", f"Understood as: {reply.standalone_question}")


def reply(value: Reply, library: Library) -> str:
    over_all = text("p", "summary", words.summary(value)) if len(value.answers) > 1 else ""
    return understood(value) + over_all + "".join(card(answer, library) for answer in value.answers)


def error(message: str) -> str:
    return tag("p", "error", mark("!"), " ", escape(words.sentence(message)))


def waiting() -> str:
    return text("p", "waiting", "Reading the policies…")


def turn(question: str, school: str, asked_of: str, body: str) -> str:
    """One question, whom it was put to (the school's id, "" for all, and in words), and what came of it."""
    head = text("h2", "question", question) + text("p", "asked-of", f"Asked of {asked_of}")
    asked = f'data-question="{escape(question)}" data-school="{escape(school)}"'
    return f'<section class="cw-turn" {asked}>{tag("div", "asked", head)}{body}</section>'


def status(message: str) -> str:
    """The line for screen readers; Gradio keeps the element and swaps its words, as a live region needs."""
    return f'<p class="cw-status" role="status" aria-live="polite">{escape(message)}</p>'
