"""What Clausewise answers other programs with, field by field: the description that HTTP and the tools publish.

Nothing is made from these models: the values' own `as_dict` makes an answer, and a test holds each against its model.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from clausewise.comparison.audiences import GROUPS
from clausewise.types import ScopeFrom, Stance, Status, Sure

Position = Literal["prohibited", "required", "permitted", "conditional", "advised", "against", "factual", "silent"]


def _field(told: str, *examples: Any) -> Any:
    return Field(description=told, examples=list(examples) or None)


class Error(BaseModel):
    """Why there is no answer, in one line."""

    error: str = _field("What was found, what was expected, what to do.", "question: found nothing; expected a question")


class Quote(BaseModel):
    """A stretch of a policy, word for word, and where it stands."""

    text: str = _field(
        "The policy’s own words, unchanged: its text from `start` to `end`.",
        "A member of staff who receives a friend request, a follow or a direct message from a parent on a personal account leaves it "
        "unanswered, takes a screenshot and tells the headteacher by the end of the next working day.",
    )
    lead_in: str | None = _field("The words above a list that this item of it hangs from; show them with it. Null: none.", None)
    clause: str = _field("The clause’s id, which is its place in the policy.", "harbour-lane/social-media-policy#5.2")
    document: str = _field("The policy’s id: school and policy.", "harbour-lane/social-media-policy")
    title: str = _field("The policy’s title.", "Social Media Policy")
    number: str | None = _field("The clause’s number as printed. Null: it has none.", "5.2")
    headings: list[str] = _field("The headings that the clause stands under, the outermost first.", ["5. Contact with parents and carers"])
    page: int | None = _field("The page, from 1, that the words begin on. Null: the policy’s file has no pages.", 3)
    start: int = _field("Where the words begin in the policy’s text, counted in code points from 0.", 4865)
    end: int = _field("Where they end: the first code point after them.", 5081)
    score: float = _field("How near it comes to what was asked; higher is nearer. Good for ranking within one answer.", 0.7707)
    exception: bool = _field("Whether it is the exception to the rule that is quoted before it.", False)


class Answer(BaseModel):
    """What one school’s policies say to the question."""

    school: str = _field("The school’s id.", "harbour-lane")
    school_name: str = _field("The school’s name.", "Harbour Lane Primary School")
    status: Status = _field("`answered`, or `not_covered` where the school’s policies do not say.")
    reason: str | None = _field(
        "Of what is not covered, why: such as `nothing_found`, `too_weak`, `no_such_clause` or `no_policies`. Null: it is answered.", None
    )
    stance: Stance | None = _field("What the first quote says of what was asked. Null: it states no rule, or nothing is quoted.")
    confidence: float = _field("How sure it is, from 0 to 1, that `status` is right.", 0.988)
    sure: Sure | None = _field("The same as a band, by how often such answers were right when they were checked. Null: none is claimed.")
    quotes: list[Quote] = _field("What answers, the best first. Empty where it is not covered.")
    closest: list[Quote] = _field("Of what is not covered, the nearest clauses, which do not answer. Empty where it is answered.")
    covered_by: list[str] = _field("Of what is not covered, the ids of other schools whose policies do answer, the surest first.", [])


class Choice(BaseModel):
    """One way to put a question that can be read in several."""

    label: str = _field("What it is about, in a few words.")
    question: str = _field("The question to ask then.")
    schools: list[str] = _field("The ids of the schools to ask it of.")


class Clarification(BaseModel):
    """What the asker should be asked back."""

    kind: Literal["school", "topic", "question"] = _field("Which school was meant, what it is about, or which of several questions.")
    choices: list[Choice] = _field("The choices.")


class Concern(BaseModel):
    """Whom to tell at one school, where the question reads as if somebody may be at risk. Show it before all else."""

    school: str = _field("The school’s id.")
    school_name: str = _field("The school’s name.")
    lead: str | None = _field("Its safeguarding lead. Null: Clausewise was not told who that is.")
    quote: Quote | None = _field("The school’s own clause that says what is to be done. Null: none was found.")


class Reply(BaseModel):
    """One answer for each school that was asked."""

    id: Any = _field("What the request gave as `id`; null where it gave none.", None)
    question: str = _field("The question as it was asked.")
    standalone_question: str = _field("The question as it was understood, with what the earlier ones said of it.")
    schools: list[str] = _field("The ids of the schools that were asked, in the order of `answers`.", ["harbour-lane"])
    answers: list[Answer] = _field("One for each of them.")
    scope_from: ScopeFrom = _field(
        "Why these schools: `named` in the question, `asked` for, `kept` though it speaks of every school, named `earlier`, `every` "
        "one, or the 50 `nearest` to it where every one of more was asked."
    )
    clarification: Clarification | None = _field("The choices, where the question fits several schools or topics. Null: it fits one.", None)
    concerns: list[Concern] = _field("One for each school that was asked, where somebody may be at risk; else empty.", [])


class Results(BaseModel):
    """The clauses nearest to a query."""

    id: Any = _field("Null; the command line’s batches give the line’s id here.", None)
    query: str = _field("What was searched for.")
    results: list[Quote] = _field("The clauses, the nearest first. Near is no answer: use `ask` for that.")


class Comparison(BaseModel):
    """Where each school stands on one topic."""

    topic: str = _field("What was compared.")
    schools: list[str] = _field("The ids of the schools, in the order of `positions`.")
    by_stance: dict[str, list[str]] = _field("Stance -> ids of the schools whose rule has it; `unstated`: the quote states no rule.")
    silent: list[str] = _field("The ids of the schools whose policies do not say.")
    positions: list[Answer] = _field("One for each school.")


class _OfTopic(BaseModel):
    topic: str = _field("The topic’s id.")


class Number(BaseModel):
    """A number that the first quote states."""

    kind: str = _field("What is numbered, such as `duration` or `age`.")
    value: float = _field("The number.")
    unit: str = _field("Its unit, such as `working days`.")
    text: str = _field("As printed.")
    clause: str = _field("The id of the clause that states it.")


class Cell(Answer, _OfTopic):
    """What one school’s policies say to one topic of a list."""

    position: Position = _field("The stance; `against` where a “should not” is advised, `factual` where none is stated, or `silent`.")
    searched: list[str] = _field("What was looked for.")
    strength: Literal["must", "should", "may"] | None = _field("How strong the duty of the first quote is. Null: not told.")
    numbers: list[Number] = _field("The numbers that the first quote states.")


class Stated(BaseModel):
    """A date as a policy states it."""

    text: str = _field("Its words.")
    start: int = _field("Where they begin in the policy’s text.")


class Policy(BaseModel):
    """A policy that a comparison was made from."""

    document: str = _field("The policy’s id.")
    title: str = _field("Its title.")
    digest: str = _field("The SHA-256 of its file.")
    approved: Stated | None = _field("When it was approved. Null: not stated.")
    next_review: Stated | None = _field("When it is to be reviewed. Null: not stated.")
    review: Literal["overdue", "due_soon", "later", "not_stated"] = _field("Where it stands with its review on the day of the comparison.")


class ComparedSchool(BaseModel):
    """A school of a comparison."""

    id: str = _field("The school’s id.")
    name: str = _field("Its name.")
    trust: str | None = _field("Its trust. Null: none is known.")
    documents: list[Policy] = _field("Its policies in force.")
    covers: dict[str, str] = _field(f"Whom they say they cover -> id of the clause that says so; of {', '.join(GROUPS)}.")
    excludes: dict[str, str] = _field("The same of whom they say they do not cover.")


class Topic(BaseModel):
    """A topic of a list."""

    id: str = _field("The topic’s id.")
    title: str = _field("Its title.")
    about: str = _field("What belongs under it.")
    questions: list[str] = _field("What people ask of it.")
    wordings: list[str] = _field("How a clause on it may read.")
    mentions: list[str] = _field("Words of which a clause must have one to count; empty: every clause counts.")


class Difference(_OfTopic):
    """Something in which schools differ, the weightiest first."""

    kind: str = _field("What differs.")
    told: str = _field("How, in a sentence: a place to look, not a finding.")
    schools: list[str] = _field("The ids of the schools that it is told of.")


class MadeBy(BaseModel):
    """What a comparison was made by and from, so that it can be made again."""

    version: str = _field("Clausewise’s version.")
    index: str = _field("The index’s checksum.")
    model: str = _field("The embedding model.")
    documents: dict[str, str] = _field("Policy’s id -> SHA-256 of its file.")


class Report(BaseModel):
    """Where each school stands on each topic of a list."""

    title: str = _field("What the list is called.")
    made: str = _field("The day, as YYYY-MM-DD.")
    made_by: MadeBy = _field("What made it.")
    schools: list[ComparedSchool] = _field("The schools compared.")
    topics: list[Topic] = _field("The topics of the list.")
    cells: list[Cell] = _field("One for each topic and school, topic by topic.")
    differences: list[Difference] = _field("What differs, the weightiest first.")


class Date(BaseModel):
    """A date that a policy states of itself."""

    role: Literal["written", "amended", "approved", "reviewed", "next_review"] = _field("What it is the date of.")
    text: str = _field("Its words.", "Summer Term 2023")
    start: int = _field("Where they begin in the policy’s text.")
    end: int = _field("Where they end.")


class Document(BaseModel):
    """A policy as it was read."""

    document: str = _field("The policy’s id.", "harbour-lane/social-media-policy")
    school: str = _field("The school’s id.", "harbour-lane")
    title: str = _field("Its title.", "Social Media Policy")
    path: str = _field("Its file, below the folder of policies.", "harbour-lane/social-media-policy.pdf")
    format: str = _field("The file’s kind.", "pdf")
    digest: str = _field("The SHA-256 of the file, in hex.")
    pages: int | None = _field("How many pages it has. Null: the format has none.")
    pages_without_text: list[int] = _field("Pages that nothing could be read of.")
    characters: int = _field("Code points of its text.")
    superseded_by: str | None = _field("The id of the policy that took its place; it then answers nothing. Null: it is in force.")
    notes: list[str] = _field("What was left out as it was read.")
    dates: list[Date] = _field("The dates that it states of itself.")
    review: Literal["overdue", "due_soon", "current", "not_stated"] = _field("Where it stands with its review today.")


class Documents(BaseModel):
    """Every policy, and what could not be read."""

    documents: list[Document] = _field("The policies.")
    failures: list[str] = _field("A line for each file that could not be read.")


class School(BaseModel):
    """A school that can be asked."""

    id: str = _field("What `school` and `schools` of a request name it by.", "harbour-lane")
    name: str = _field("Its name.", "Harbour Lane Primary School")
    trust: str | None = _field("Its trust. Null: none is known.")


class Schools(BaseModel):
    """Every school that can be asked."""

    schools: list[School] = _field("The schools.")
