"""What the page alone says, as plain text; what files say too comes from exports.replies, under the same names."""

from __future__ import annotations

from collections.abc import Mapping

from clausewise.dates import Review
from clausewise.exports.replies import (
    AGAINST,
    EXCEPTION,
    MORE,
    MORE_OF_SCHOOL,
    NEAREST,
    NO_REASON,
    OTHER_NEAR,
    REASONS,
    STANCES,
    UNDERSTOOD,
    address,
    covered,
    place,
    reason,
    sentence,
    silence,
    stance,
    summary,
    tally,
)
from clausewise.exports.wording import flat
from clausewise.types import Answer, Document, Quote, Reply, School
from clausewise.web import links

__all__ = [
    "AGAINST", "EXCEPTION", "FORMATS", "KEPT", "MORE", "MORE_OF_SCHOOL", "NEAREST", "NO_REASON", "OPENS", "OTHER_NEAR", "REASONS",
    "ROOMS", "STANCES", "THANKS", "UNDERSTOOD", "WRONG", "address", "announcement", "approved", "citation", "covered", "moved",
    "place", "reason", "sentence", "silence", "stance", "summary", "tally", "verdict",
]  # fmt: skip

WRONG = "Something wrong with this answer?"
KEPT = "Your question, any before it in this conversation, and where this answer stands are kept for your policy lead. Your name is not."
THANKS = "Thank you. Your policy lead can now look at this answer."
ROOMS = (("/", "Ask"), ("/compare", "Compare"), ("/documents", "Documents"), ("/evaluation", "Evaluation"))  # address and name
OPENS = "Opens the policy at this clause, in a new tab"
FORMATS = {"pdf": "PDF", "docx": "Word document", "html": "HTML page", "markdown": "Markdown", "text": "Plain text"}


def approved(document: Document) -> str:
    stated = document.stated("approved")
    return f"Approved {flat(stated.text)}" if stated else "Approval date not stated"


def citation(quote: Quote, school: str, review: Review) -> str:
    """Everything that somebody needs to find the quote again, on one line."""
    where = [quote.document.title, school, *address(quote), approved(quote.document).lower(), review.text]
    return f"{', '.join(where)}, version {quote.document.digest[: links.DIGITS]}"


def moved(day: str) -> str:
    """Of a quote whose policy has been issued anew, or taken away, since the day on which it was given."""
    return f"As it stood on {day}. The policy has been changed since: ask again, or look it up."


def verdict(answer: Answer) -> str:
    """The answer in a few words, for a line that is read aloud or skimmed."""
    if answer.status == "not_covered":
        return "no clause of that number" if answer.reason == "no_such_clause" else "does not say"
    return stance(answer)[1].lower() if answer.stance else "see the quote"


def announcement(reply: Reply, schools: Mapping[str, School]) -> str:
    """What a screen reader hears when an answer arrives; the cards are there to be read at leisure."""
    if len(reply.answers) > 1:
        return summary(reply)
    return "".join(f"{answer.school_name}: {verdict(answer)}. {covered(answer, schools)}".rstrip() for answer in reply.answers)
