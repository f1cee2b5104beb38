"""What is said of an answer, as plain text: stances, reasons, places, summaries. The page and the files taken along say the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from clausewise.comparison.positions import some
from clausewise.duties import advised_against
from clausewise.exports.wording import listed
from clausewise.types import Answer, Clause, Quote, Reply, School, Stance

# A mark beside each word, so that no stance is told by colour alone.
STANCES: dict[Stance, tuple[str, str]] = {
    "prohibited": ("✕", "Not allowed"),
    "required": ("!", "Required"),
    "permitted": ("✓", "Allowed"),
    "conditional": ("◐", "Depends on a condition"),
    "advised": ("○", "Advised"),
}
FACT = ("·", "States a fact")  # of a clause that is quoted and is no rule
AGAINST = ("⊖", "Advised against")  # of a rule that says "should not"
REASONS = {
    "nothing_found": "No clause comes near this question.",
    "too_weak": "The nearest clause is not close enough to count as an answer.",
    "not_mentioned": "No clause has one of the words that one on this topic must have.",
    "out_of_scope": "The question is about something that these policies do not deal with.",
    "no_policies": "None of its policies has been added yet.",
    "no_such_clause": "Check the number in your copy, or ask in your own words what you want to know.",
}
NO_REASON = "No clause answers this question."
UNDERSTOOD = "Understood as: "
EXCEPTION = "The exception to this rule"
MORE, MORE_OF_SCHOOL = "More from this policy", "More from this school’s policies"
BACK = {
    "school": "Which school do you mean?",
    "topic": "Your question fits several parts of the policies. Which do you mean?",
    "question": "You ask more than one thing. Which shall be answered first?",
}
NO_ADVICE = "What the policies say of these words; it is not advice on what has happened"
NEAREST, OTHER_NEAR = "Closest clause, which is not an answer", "Other near clauses"
OTHERS = 3  # so many schools are named
NOUNS = {"item": "item", "row": "row", "footnote": "note"}


def silence(answer: Answer, policies: int) -> str:
    """What is known of it: that the search found nothing, not that the policies say nothing."""
    if answer.reason == "no_such_clause":
        return (
            "This school’s policy has no clause of that number."
            if policies <= 1
            else "No policy of this school has a clause of that number."
        )
    return "No clause found that answers this."


def nearest(reply: Reply, of: int) -> str:
    """What is said where only the nearest of very many schools answer. `of`: so many there are."""
    return f"Every school was asked, {of:,} of them. The {len(reply.schools)} whose policies come nearest are shown."


def reason(answer: Answer) -> str:
    return REASONS.get(answer.reason or "", NO_REASON)


def covered(answer: Answer, schools: Mapping[str, School]) -> str:
    """Who does have a rule, where `answer` has none: "Ash Lane School’s policy does cover it."; nothing where nobody has."""
    names = [schools[school].name if school in schools else school for school in answer.covered_by]
    verb = "have a clause of that number" if answer.reason == "no_such_clause" else "cover it"
    if len(names) < 2:
        return "".join(f"{name}’s policy does {verb}." for name in names)
    more = [f"{len(names) - OTHERS} more"] if len(names) > OTHERS else []
    return f"The policies of {listed([*names[:OTHERS], *more])} do {verb}."


def place(clause: Clause) -> str:
    """The clause's address in words: its printed number, else "Clause 5.1, item 4", else "Paragraph 2"."""
    if clause.number:
        return f"Clause {clause.number}" if clause.number[0].isdigit() else clause.number
    head, *ordinals = clause.id.partition("#")[2].split("/")
    parts = [f"clause {head}"] if head[:1].isdigit() else []
    if not parts and len(ordinals) > 1:
        parts = [f"paragraph {ordinals.pop(0)}"]
    if ordinals:
        parts.append(f"{NOUNS.get(clause.kind, 'paragraph')} {'.'.join(ordinals)}")
    return sentence(", ".join(parts))


def sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def address(quote: Quote) -> list[str]:
    """The place, then the heading path and the page where there are such."""
    page = quote.document.page(quote.span.start)
    path = " › ".join(quote.clause.headings)
    return [place(quote.clause), *filter(None, [path, f"page\u00a0{page}" if page else ""])]


def summary(reply: Reply) -> str:
    """One line over several schools' answers: how many answer and how, and at which nothing was found."""
    silent = [answer.school_name for answer in reply.answers if answer.status == "not_covered"]
    count, answered = len(reply.answers), len(reply.answers) - len(silent)
    if not answered:
        return f"No clause found that answers this at any of the {count:,} schools."
    how_many = f"All {count:,}" if not silent else f"{answered:,} of {count:,}"
    verb = "answers" if answered == 1 else "answer"
    return f"{how_many} schools’ policies {verb} this{tally(reply)}" + (f"; nothing found at {listed(some(silent))}." if silent else ".")


def tally(reply: Reply) -> str:
    """ " (2 not allowed, 1 required)", or nothing where no answer takes a stance."""
    told = Counter(stance(answer) for answer in reply.answers if answer.status == "answered")
    names = [*STANCES.values(), AGAINST, FACT]
    counted = ", ".join(f"{told[name]} {_counted(name, told[name])}" for name in names if told[name])
    return f" ({counted})" if set(told) - {FACT} else ""


def _counted(name: tuple[str, str], times: int) -> str:
    told = name[1].lower()
    return told.replace("states", "state").replace("depends", "depend") if times > 1 else told


def stance(answer: Answer) -> tuple[str, str]:
    """The mark and the words of an answer that quotes: a "should not" is advised against."""
    first = answer.quotes[0] if answer.quotes else None
    if first and advised_against(answer.stance, first.text, first.lead_in):
        return AGAINST
    return STANCES[answer.stance] if answer.stance else FACT
