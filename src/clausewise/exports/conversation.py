"""A conversation -> all that is said of it, as plain text: its page and its files are rendered from this one value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from clausewise.bands import told
from clausewise.conversations import Conversation, Turn
from clausewise.dates import review
from clausewise.exports import replies
from clausewise.exports.wording import flat, listed, written
from clausewise.revived import moved, revived
from clausewise.types import Answer, Document, Quote, Reply, School

if TYPE_CHECKING:
    from clausewise.index import Index

Link = Callable[[Document, str], str]  # a policy, and a clause of it by id -> the address
GONE = "What was answered is not shown: the schools that were asked are no longer among those whose policies you see."
ABSENT = "a school that is no longer here"


@dataclass(frozen=True, slots=True)
class Cited:
    """A quote. `where`: place, headings, page. `address`: where to check it, "" where there is no such policy any more."""

    lead_in: str | None
    text: str
    where: str
    policy: str
    dates: str
    address: str


@dataclass(frozen=True, slots=True)
class Part:
    """Quotes under a heading; the first of an answer stand under none."""

    heading: str
    quotes: tuple[Cited, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """One school's answer. `verdict`: stance or silence in words. `lines`: how sure it is, why silent, and who is not."""

    school: str
    status: str
    verdict: str
    lines: tuple[str, ...]
    contacts: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """`understood` and `summary` are "" where there is nothing to say."""

    question: str
    asked_of: str
    day: str
    understood: str
    summary: str
    answers: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Transcript:
    """`days`: when it was held. `made`: when its last question was put. `closing`: what this is."""

    title: str
    days: str
    made: datetime
    questions: tuple[Question, ...]
    closing: str


def transcript(conversation: Conversation, turns: Sequence[Turn], index: Index, link: Link, today: date) -> Transcript:
    """`index`: what the reader may see now. `today`: the day for which reviews are told."""
    days = list(dict.fromkeys(written(turn.asked) for turn in turns))
    teller = _Teller(index, link, today)
    title = flat(conversation.title)
    held = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    return Transcript(title, held, conversation.changed, tuple(map(teller.question, turns)), _closing(days, today))


def _closing(days: Sequence[str], today: date) -> str:
    when = f"on {days[0]}" if len(days) == 1 else "on the day of each question"
    return (
        f"Quoted word for word from the policies in force {when}; reviews as of {written(today)}. "
        "This is not legal advice: check the linked policy before you act."
    )


class _Teller:
    """Puts turns into words for one reader on one day."""

    def __init__(self, index: Index, link: Link, today: date) -> None:
        self.index, self.link, self.today = index, link, today
        self.schools: Mapping[str, School] = {school.id: school for school in index.schools}
        self.policies = index.catalogue.in_force

    def question(self, turn: Turn) -> Question:
        reply = revived(turn.reply, self.index)
        day = written(turn.asked)
        understood = "" if reply.standalone_question == reply.question else replies.UNDERSTOOD + reply.standalone_question
        answers = tuple(self.answer(answer, day) for answer in reply.answers)
        return Question(turn.question, self.asked_of(turn.schools), day, understood, _summary(turn, reply), answers)

    def asked_of(self, chosen: Sequence[str]) -> str:
        names = [self.schools[school].name for school in chosen if school in self.schools]
        return listed(names) or (ABSENT if chosen else "all schools")

    def answer(self, answer: Answer, day: str) -> Told:
        if answer.status == "answered":
            verdict = " ".join(replies.stance(answer))
            one = len({quote.document.id for quote in answer.quotes}) == 1
            parts = self.parts(answer, day, "", replies.MORE if one else replies.MORE_OF_SCHOOL)
            return Told(answer.school_name, answer.status, verdict, _sure(answer), (), parts)
        lines = tuple(filter(None, (replies.reason(answer), *_sure(answer), replies.covered(answer, self.schools))))
        verdict = replies.silence(answer, self.policies.get(answer.school, 1))
        parts = self.parts(answer, day, replies.NEAREST, replies.OTHER_NEAR)
        return Told(answer.school_name, answer.status, verdict, lines, self.contacts(answer.school), parts)

    def contacts(self, school: str) -> tuple[tuple[str, str], ...]:
        people = self.schools[school].contacts.items()
        return tuple((replies.sentence(role.replace("_", " ")), who) for role, who in people)

    def parts(self, answer: Answer, day: str, first: str, rest: str) -> tuple[Part, ...]:
        """The quote that comes first, the exception to it, and the rest, under headings."""
        quotes = answer.quotes or answer.closest
        exceptions, others = ([quote for quote in quotes[1:] if quote.exception is one] for one in (True, False))
        groups = ((first, quotes[:1]), (replies.EXCEPTION, exceptions), (rest, others))
        return tuple(Part(heading, tuple(self.cited(q, answer.school_name, day) for q in some)) for heading, some in groups if some)

    def cited(self, quote: Quote, school: str, day: str) -> Cited:
        where = " · ".join(map(flat, replies.address(quote)))
        now = self.index.document.get(quote.document.id)
        address = self.link(now, quote.clause.id) if now else ""
        return Cited(quote.lead_in, quote.text, where, f"{flat(quote.document.title)}, {school}", self.dates(quote, now, day), address)

    def dates(self, quote: Quote, now: Document | None, day: str) -> str:
        """Approval and review of a policy that stands; of another, that it does not."""
        if now is None:
            return f"As it stood on {day}; the policy is no longer here."
        if moved(quote, self.index):
            return f"As it stood on {day}; the policy has been issued anew since."
        if now.superseded_by:
            return f"As it stood on {day}; a later version has taken this one’s place."
        approved = now.stated("approved")
        when = f"Approved {flat(approved.text)}" if approved else "No date of approval stated"
        return f"{when}. {replies.sentence(review(now, self.today).text)}."


def _summary(turn: Turn, reply: Reply) -> str:
    if not reply.answers and turn.reply["answers"]:
        return GONE
    if asked := reply.clarification:
        return f"{replies.BACK[asked.kind]} {'; '.join(flat(choice.label) for choice in asked.choices)}."
    return replies.summary(reply) if len(reply.answers) > 1 else ""


def _sure(answer: Answer) -> tuple[str, ...]:
    return tuple(filter(None, [told(answer)]))
