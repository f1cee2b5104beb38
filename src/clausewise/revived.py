"""A reply in its JSON form, as it was kept -> the same as a value, over the policies of today and as far as its reader may see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from clausewise.types import Answer, Choice, Clarification, Clause, Document, Quote, Reply, Span

if TYPE_CHECKING:
    from clausewise.index import Index


def revived(row: Mapping[str, Any], index: Index) -> Reply:
    """The reply that `row` was made of, scores rounded. `index`: what its reader may see now.

    What was answered for a school that is not in `index`, or asked back about it, is left out. Words that no longer stand
    at their place are those of a stand-in for the policy (`moved`). A row lacks what a reply did not say yet when it was
    kept, so whatever is added to the JSON form has a default here.
    """
    seen = {school.id for school in index.schools}
    answers = tuple(_answer(answer, index, seen) for answer in row["answers"] if answer["school"] in seen)
    schools = tuple(school for school in row["schools"] if school in seen)
    asked_back = _clarification(row.get("clarification"), seen)
    return Reply(row["question"], row["standalone_question"], schools, answers, row.get("scope_from", "every"), asked_back)


def moved(quote: Quote, index: Index) -> bool:
    """Whether a quote stands in something else than a policy of `index`: it has been issued anew since, or is gone."""
    return quote.document != index.document.get(quote.document.id)


def _clarification(row: Mapping[str, Any] | None, seen: set[str]) -> Clarification | None:
    """The choices that name no school unseen."""
    choices = [choice for choice in row["choices"] if seen.issuperset(choice["schools"])] if row else []
    made = tuple(Choice(choice["label"], choice["question"], tuple(choice["schools"])) for choice in choices)
    return Clarification(row["kind"], made) if row and made else None


def _answer(row: Mapping[str, Any], index: Index, seen: set[str]) -> Answer:
    quotes, closest = (tuple(_quote(quote, row["school"], index) for quote in row[name]) for name in ("quotes", "closest"))
    told = row["school"], row["school_name"], row["status"], row["reason"], row["stance"], row["confidence"]
    covered_by = tuple(school for school in row["covered_by"] if school in seen)
    return Answer(*told, quotes, closest, covered_by, row.get("sure"))  # an earlier version kept no band


def _quote(row: Mapping[str, Any], school: str, index: Index) -> Quote:
    document, clause = index.document.get(row["document"]), index.clause.get(row["clause"])
    if document and clause and document.school == school and clause.document == document.id:
        # Where the text before it has grown or shrunk, a clause still holds its words, at another place.
        for span in (Span(row["start"], row["end"]), *sorted(index.quotable.get(clause.id, ()))):
            found = Quote(document, clause, span, row["score"], row.get("exception", False))
            if (found.text, found.lead_in) == (row["text"], row["lead_in"]):  # under another lead-in the words mean something else
                return found
    return _as_it_stood(row, school, "item" if row["lead_in"] else "clause")


def _as_it_stood(row: Mapping[str, Any], school: str, kind: Any) -> Quote:
    """The words that were kept, in a document that holds nothing else, on a page of the same number."""
    lead_in = row["lead_in"] or ""
    before = f"{lead_in}\n" if lead_in else ""
    span = Span(len(before), len(before) + len(row["text"]))
    leads = (Span(0, len(lead_in)),) if lead_in else ()
    pages = (0,) * (row["page"] or 0)
    document = Document(row["document"], school, row["title"], "", "", "", before + row["text"], pages=pages)
    headings = tuple(row["headings"])
    clause = Clause(row["clause"], row["document"], school, kind, span, span, row["number"], headings, leads, page=row["page"])
    return Quote(document, clause, span, row["score"], row.get("exception", False))
