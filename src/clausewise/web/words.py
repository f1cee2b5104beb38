"""What the page alone says, as plain text; what files say too comes from exports.replies, under the same names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clausewise import safeguarding
from clausewise.accounts import Role
from clausewise.dates import Review
from clausewise.exports.replies import (
    AGAINST,
    BACK,
    EXCEPTION,
    MORE,
    MORE_OF_SCHOOL,
    NEAREST,
    NO_ADVICE,
    NO_REASON,
    OTHER_NEAR,
    OTHERS,
    REASONS,
    STANCES,
    UNDERSTOOD,
    address,
    covered,
    nearest,
    place,
    reason,
    sentence,
    silence,
    stance,
    summary,
    tally,
)
from clausewise.exports.wording import count, flat
from clausewise.types import Answer, Document, Quote, Reply, School
from clausewise.web import links

__all__ = [
    "AGAINST", "ANYWAY", "BACK", "EXCEPTION", "FORMATS", "KEPT", "MORE", "MORE_OF_SCHOOL", "NEAREST", "NOT_ASKED", "NO_ADVICE",
    "NO_REASON", "OPENS", "OTHER_NEAR", "REASONS", "ROLES", "ROOMS", "RULES", "STANCES", "THANKS", "UNDERSTOOD", "WRONG",
    "address", "announcement", "approved", "citation", "covered", "moved", "place", "reason", "scope_note", "sentence",
    "silence", "stance", "summary", "tally", "verdict",
]  # fmt: skip

WRONG = "Something wrong with this answer?"
KEPT = "Your question, any before it in this conversation, and where this answer stands are kept for your policy lead. Your name is not."
THANKS = "Thank you. Your policy lead can now look at this answer."
ANYWAY = "What comes nearest to the question as it stands"
NOT_ASKED = "This question was not put to any school"
RULES = "What each school’s policy says of telling someone"
# Address and name.
ROOMS = (("/", "Ask"), ("/compare", "Compare"), ("/documents", "Documents"), ("/evaluation", "Evaluation"), ("/account", "Account"))
# What those of a role may do, as they are told it.
ROLES: dict[Role, tuple[str, str]] = {
    "staff": ("Staff", "may ask, compare and read policies"),
    "lead": ("Policy lead", "may add policies too"),
    "administrator": ("Administrator", "may add policies, and say who may sign in"),
}
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


def scope_note(reply: Reply, chosen: Sequence[str], names: Mapping[str, str]) -> str:
    """Why a question was asked of other schools than the reader may expect; "" where it was not.

    `chosen`: ids of the schools that were chosen on the page, none for all. `names`: id -> name.
    """
    asked = _named_schools(reply.schools, names)
    if reply.clarification and reply.clarification.kind == "school":
        return f"The name in your question fits more than one school, so it was asked of {asked}."
    if reply.scope_from == "named":
        return _named_note(asked, reply.schools, chosen, names)
    if reply.scope_from == "nearest":
        return nearest(reply, len(names))
    if reply.scope_from == "earlier":
        return f"Asked of {asked}, as named earlier in this conversation."
    if reply.scope_from == "kept" and set(chosen) < set(names):
        return f"You spoke of every school; it was asked only of those chosen: {asked}."
    return ""


def _named_note(asked: str, schools: Sequence[str], chosen: Sequence[str], names: Mapping[str, str]) -> str:
    left = [school for school in chosen if school not in schools]
    if set(schools) == set(chosen) or (not chosen and set(schools) == set(names)):
        return ""
    if not left:
        return f"You named {asked}, so it was asked of {_those(schools)} {'as well' if chosen else 'alone'}."
    return f"You named {asked}, so it was asked of {asked} and not of {_named_schools(left, names, 'or')}."


def _those(schools: Sequence[str]) -> str:
    return "that school" if len(schools) == 1 else "those schools"


def _named_schools(schools: Sequence[str], names: Mapping[str, str], last: str = "and") -> str:
    found = [names.get(school, school) for school in schools]
    found[OTHERS:] = [f"{len(found) - OTHERS} more"] if len(found) > OTHERS else []
    return f" {last} ".join(filter(None, [", ".join(found[:-1]), found[-1]]))


def verdict(answer: Answer) -> str:
    """The answer in a few words, for a line that is read aloud or skimmed."""
    if answer.status == "not_covered":
        return "no clause of that number" if answer.reason == "no_such_clause" else "no clause found"
    return stance(answer)[1].lower() if answer.stance else "see the quote"


def announcement(reply: Reply, schools: Mapping[str, School]) -> str:
    """What a screen reader hears when an answer arrives; the cards are there to be read at leisure."""
    if reply.concerns:
        return f"{safeguarding.HEADING} {safeguarding.DANGER} {safeguarding.tell(reply.concerns)}"
    if reply.clarification:
        return f"{BACK[reply.clarification.kind]} {count(len(reply.clarification.choices), 'choice')}."
    if len(reply.answers) > 1:
        return summary(reply)
    return "".join(f"{answer.school_name}: {verdict(answer)}. {covered(answer, schools)}".rstrip() for answer in reply.answers)
