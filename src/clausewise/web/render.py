"""Values to HTML, and nothing else. Every word that is not ours is escaped: a policy's markup is text, never markup."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from urllib.parse import quote as quote_address

from clausewise import bands, safeguarding
from clausewise.conversations import Conversation
from clausewise.dates import Review
from clausewise.store import OFFERED, REASONS
from clausewise.types import Answer, Choice, Clarification, Concern, Document, Quote, Reply, School
from clausewise.web import links, words

EXAMPLES = (
    "Can I accept a friend request from a parent?",
    "Can I put photos of pupils on social media?",
    "Whom do I tell if a colleague posts something worrying?",
)
FOOTER = '<footer class="cw-foot"><a href="/accessibility">Accessibility</a></footer>'
SHOWN = 10  # cards in full, where more schools are asked

@dataclass(frozen=True, slots=True)
class Library:
    """What a card says of a school beside its answer. `policies`: how many are in force, by school.

    `moved`: whether a quote no longer stands in its policy; `asked_on`: the day on which it did. `complaints`: one may be made.
    """

    review: Callable[[Document], Review]
    schools: Mapping[str, School]
    policies: Mapping[str, int]
    moved: Callable[[Quote], bool] = lambda _: False
    asked_on: str = ""
    complaints: bool = True


@dataclass(frozen=True, slots=True)
class Head:
    """A question as it was put. `schools`: ids of those chosen, () for all; `asked_of`: the same in words, "" where it was put to none.

    `number`: what the page calls it. `alone`: the turns before it were left out of account.
    """

    question: str
    schools: tuple[str, ...]
    asked_of: str
    number: str
    alone: bool = False


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
    symbol, name = words.stance(answer)
    return f'<p class="cw-stance cw-{answer.stance or "factual"}">{mark(symbol)} {escape(name)}</p>'


def sure(answer: Answer) -> str:
    """How sure the answer is, with a mark of as many bars."""
    band = bands.band(answer)
    if band is None:
        return ""
    bars = f'<span class="cw-bars cw-{band.name}" aria-hidden="true"></span>'
    return tag("p", "sure", bars, escape(band.words))


def lead_in(quote: Quote) -> str:
    """The words that the quote hangs from. They stand elsewhere in the document, so outside the blockquote."""
    if not quote.lead_in:
        return ""
    return tag("p", "lead-in", text("span", "label", "Lead-in"), " ", text("span", "words", quote.lead_in))


def citation(quote: Quote, school: str, library: Library) -> str:
    """Where the quote stands, as a link to it in its policy; in a tab of its own, so that the conversation stays where it is."""
    place, *path = words.address(quote)
    where = tag("span", "where", text("span", "place", place), escape("".join(f" · {part}" for part in path)))
    address = escape(links.policy(quote.document.id, quote.clause.id))
    policy = text("span", "policy", f"{quote.document.title}, {school}")
    link = f'<a class="cw-open" href="{address}" target="_blank" title="{escape(words.OPENS)}">{where}{policy}</a>'
    return tag("footer", "citation", tag("cite", "source", link), state(quote, library))


def state(quote: Quote, library: Library) -> str:
    """How old the policy is, and when it is due; of a quote that has moved on, only that."""
    if library.moved(quote):
        return text("p", "moved", words.moved(library.asked_on))
    review = library.review(quote.document)
    due = f'<span class="cw-review cw-{escape(review.status)}">{escape(words.sentence(review.text))}</span>'
    return tag("p", "state", text("span", "approved", words.approved(quote.document)), " · ", due)


def tools(quote: Quote, school: str, library: Library) -> str:
    """Buttons that ask.js brings to life: copy the quote with its citation, copy a link to its clause."""
    if library.moved(quote):
        return ""
    copied = escape(words.citation(quote, school, library.review(quote.document)))
    link = escape(links.mailed(quote.document, quote.clause.id))
    data = f'data-citation="{copied}" data-link="{link}"'
    buttons = '<button type="button" data-do="copy">Copy quote</button><button type="button" data-do="link">Copy link</button>'
    return f'<div class="cw-tools" {data}>{buttons}</div>'


def quotation(quote: Quote, school: str, library: Library) -> str:
    said = f'<blockquote data-clause="{escape(quote.clause.id)}">{escape(quote.text)}</blockquote>'
    exception = text("p", "exception", words.EXCEPTION) if quote.exception else ""
    cited = citation(quote, school, library) + tools(quote, school, library)
    return tag("div", "quotation", exception, lead_in(quote), said, cited)


def folded(title: str, body: Iterable[str]) -> str:
    inside = "".join(body)
    return f'<details class="cw-more"><summary>{escape(title)}</summary>{inside}</details>' if inside else ""


def answered(answer: Answer, library: Library) -> str:
    """The rule, what the policy sets beside it as an exception, and folded up what else comes near."""
    first, *others = answer.quotes
    exceptions, further = ([q for q in others if q.exception is kind] for kind in (True, False))
    one = len({quote.document.id for quote in answer.quotes}) == 1
    title = words.MORE if one else words.MORE_OF_SCHOOL
    more = folded(title, (quotation(quote, answer.school_name, library) for quote in further))
    return stance(answer) + sure(answer) + "".join(quotation(quote, answer.school_name, library) for quote in (first, *exceptions)) + more


def silent(answer: Answer, library: Library) -> str:
    said = text("p", "silence", words.silence(answer, library.policies.get(answer.school, 1)))
    said += text("p", "reason", words.reason(answer)) + sure(answer)
    said += covered(answer, library) + contacts(library.schools.get(answer.school))
    if not answer.closest:
        return said
    first, *more = [quotation(quote, answer.school_name, library) for quote in answer.closest]
    return said + text("h4", "nearest", words.NEAREST) + first + folded(words.OTHER_NEAR, more)


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
    body = (answered if answer.status == "answered" else silent)(answer, library) + (feedback(answer) if library.complaints else "")
    heading = text("h3", "school-name", answer.school_name)
    return f'<article class="cw-card cw-{answer.status}" data-school="{escape(answer.school)}">{heading}{body}</article>'


def understood(reply: Reply) -> str:
    """How a follow-up was read; ask.js lets it be put right."""
    if reply.standalone_question == reply.question:
        return ""
    said = text("p", "understood-as", words.UNDERSTOOD + reply.standalone_question)
    button = '<button type="button" data-do="correct">Put this right</button>'
    return f'<div class="cw-understood" data-understood="{escape(reply.standalone_question)}">{said}{button}</div>'


def reply(value: Reply, chosen: Sequence[str], library: Library) -> str:
    """`chosen`: ids of the schools that were to be asked, () for all."""
    over_all = text("p", "summary", words.summary(value)) if len(value.answers) > 1 else ""
    answers = over_all + cards(value, replace(library, complaints=not value.concerns))
    if value.concerns or value.clarification:
        answers = folded(words.NO_ADVICE if value.concerns else words.ANYWAY, [answers])
    if value.clarification:
        answers = clarification(value.clarification) + answers
    return concern(value.concerns, library) + understood(value) + noted(value, chosen, library) + answers


def concern(concerns: Sequence[Concern], library: Library) -> str:
    """What to do now where somebody may be at risk: whom to tell, and the school's own clause."""
    if not concerns:
        return ""
    head = text("h3", "risk", safeguarding.HEADING) + text("p", "danger", safeguarding.DANGER)
    head += text("p", "steps", safeguarding.STEPS) + text("p", "tell", safeguarding.tell(concerns))
    clauses = [quotation(one.quote, one.school_name, library) for one in concerns if one.quote]
    told = leads(concerns) + folded(words.RULES, clauses) if len(concerns) > 1 else "".join(clauses)
    return tag("section", "concern", head, told, text("p", "unkept", safeguarding.KEPT))


def leads(concerns: Sequence[Concern]) -> str:
    lines = (text("dt", "role", one.school_name) + text("dd", "person", safeguarding.lead(one)) for one in concerns)
    return tag("dl", "contacts", *lines)


def clarification(asked: Clarification) -> str:
    """The choices, a button each; ask.js asks the one that is pressed."""
    buttons = "".join(f"<li>{choice(one)}</li>" for one in asked.choices)
    return tag("div", "clarify", text("h3", "back", words.BACK[asked.kind]), f'<ul class="cw-back-choices">{buttons}</ul>')


def choice(one: Choice) -> str:
    data = f'data-question="{escape(one.question)}" data-schools="{escape(json.dumps(one.schools))}"'
    return f'<button type="button" data-do="ask" {data}>{escape(one.label)}</button>'


def noted(value: Reply, chosen: Sequence[str], library: Library) -> str:
    """Why the question was put to other schools than were chosen."""
    note = words.scope_note(value, chosen, {id: school.name for id, school in library.schools.items()})
    return text("p", "note", note) if note else ""


def cards(value: Reply, library: Library) -> str:
    """Those that answer before those that do not; the first of them in full, the others folded up where there are many."""
    drawn = [card(answer, library) for answer in sorted(value.answers, key=lambda answer: answer.status != "answered")]
    return "".join(drawn[:SHOWN]) + folded(f"{len(drawn) - SHOWN} more schools", drawn[SHOWN:])


def error(message: str) -> str:
    return tag("p", "error", mark("!"), " ", escape(words.sentence(message)))


def turn(head: Head, body: str) -> str:
    """One question, whom it was put to, and what came of it."""
    top = text("h2", "question", head.question) + text("p", "asked-of", f"Asked of {head.asked_of}" if head.asked_of else words.NOT_ASKED)
    data = f'data-number="{escape(head.number)}" data-question="{escape(head.question)}" data-schools="{escape(json.dumps(head.schools))}"'
    data += " data-alone" if head.alone else ""
    return f'<section class="cw-turn" {data}>{tag("div", "asked", top)}{body}</section>'


def scope(schools: Sequence[School]) -> str:
    """The choice of schools; ask.js draws those chosen as chips. Nothing where there is no choice."""
    if len(schools) < 2:
        return ""
    trusts = list(dict.fromkeys(school.trust or "" for school in schools))
    groups = [(trust, [school for school in schools if (school.trust or "") == trust]) for trust in trusts]
    options = "".join(grouped(trust, "".join(map(option, held))) for trust, held in groups)
    choice = f'<select id="cw-add"><option value="">Choose a school…</option>{options}</select>'
    chips = '<h2 id="cw-asking">Asking</h2><ul class="cw-chips" aria-labelledby="cw-asking"></ul>'
    return f'<div class="cw-scope">{chips}<label for="cw-add">Add a school</label>{choice}</div>'


def grouped(trust: str, options: str) -> str:
    return f'<optgroup label="{escape(trust)}">{options}</optgroup>' if trust else options


def option(school: School) -> str:
    return f'<option value="{escape(school.id)}">{escape(school.name)}</option>'


def start(conversations: Sequence[Conversation], off: str = "") -> str:
    """What an empty page offers: questions to try, and the conversations that were had last. `off`: why nobody may ask now."""
    listed = "".join(f'<li><button type="button" data-do="ask">{escape(example)}</button></li>' for example in EXAMPLES)
    first = error(off) if off else f"<h2>For example</h2><ul>{listed}</ul>"
    recent = "".join(f'<li><a href="/?conversation={escape(one.id)}">{escape(one.title)}</a></li>' for one in conversations)
    before = f'<h2>Your last conversations</h2><ul>{recent}</ul><p><a href="/conversations">All conversations</a></p>' if recent else ""
    return tag("div", "start", first, before)


def kept(conversation: str, number: str = "") -> str:
    """Where the conversation is kept, and the ways to take it along; empty where nothing is. `number`: the turn that was kept last."""
    if not conversation:
        return ""
    address = f"/conversations/{quote_address(conversation, safe='')}"
    own = ("Print or share", ""), ("Word", "/file.docx"), ("Markdown", "/file.md")
    ways = [*((name, address + end) for name, end in own), ("All conversations", "/conversations")]
    listed = "".join(f'<li><a href="{to}">{name}</a></li>' for name, to in ways)
    return f'<ul class="cw-ways" data-conversation="{escape(conversation)}" data-number="{escape(number)}">{listed}</ul>'


def status(message: str) -> str:
    """The line for screen readers; Gradio keeps the element and swaps its words, as a live region needs."""
    return f'<p class="cw-status" role="status" aria-live="polite">{escape(message)}</p>'
