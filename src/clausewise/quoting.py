"""Is a quote in its JSON form still the document's own words, at its own place? Compared character by character.

Nothing is folded or normalised: whatever a comparison forgives, a forged quote can hide in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import takewhile, zip_longest
from operator import eq
from typing import TYPE_CHECKING, Any

from clausewise.errors import QuoteMismatch
from clausewise.types import Clause, Document, Quote, Span

if TYPE_CHECKING:
    from clausewise.index import Index

_DERIVED = ("lead_in", "title", "number", "headings", "page")  # what a document and its clause say beside the words
_SNIPPET = 16  # so many characters of a difference are told: enough to find it, too few to pass for the quote
_LONGEST = 120  # of an id


def verified(shown: dict[str, Any], index: Index) -> dict[str, Any]:
    """`shown` itself, if each quote in it holds; raises QuoteMismatch on the first that does not."""
    for wrong in mismatches(shown, index):
        raise QuoteMismatch(
            f"a quote is not what its policy says, so the answer is withheld: {wrong}; build the index again with: clausewise index"
        )
    return shown


def mismatches(shown: Mapping[str, Any], index: Index) -> Iterator[str]:
    """A line for each quote that does not hold: school, clause, what differs."""
    for school, quote in claims(shown):
        wrong = problem(quote, school, index)
        if wrong:
            yield f"{_told(school)}, clause {_told(quote.get('clause'))}: {wrong}"


def claims(shown: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(school, quote) of each quote and closest clause in the JSON form of a reply, a comparison or a search."""
    for answer in (*shown.get("answers", ()), *shown.get("positions", ())):
        for quote in (*answer["quotes"], *answer["closest"]):
            yield answer["school"], quote
    for concern in shown.get("concerns", ()):
        if concern["quote"]:
            yield concern["school"], concern["quote"]
    for quote in shown.get("results", ()):  # a search names no school but in the document's id
        yield str(quote["document"]).partition("/")[0], quote


def problem(quote: Mapping[str, Any], school: str, index: Index) -> str | None:
    """None where `quote` is what its document says at its place, and that document is `school`'s; else what differs.

    The span must be one of the clause's whole sentences, or all of it (of "No member of staff may", "member of
    staff may" is no quote), and lead-in and citation must be that clause's.
    """
    return next(_problems(quote, school, index), None)


def _problems(quote: Mapping[str, Any], school: str, index: Index) -> Iterator[str]:
    """What differs, first things first; it ends where nothing further can be compared."""
    name, place, start, end = (quote.get(key) for key in ("document", "clause", "start", "end"))
    document = index.document.get(name) if isinstance(name, str) else None
    if document is None:
        yield f"document: found {_told(name)}, expected one of the index"
        return
    if document.school != school:
        yield f"document: found one of {_told(document.school)}, expected one of {_told(school)}"
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(document.text):
        yield f"start and end: found {_told(start)} and {_told(end)}, expected a stretch of 0 to {len(document.text)}"
        return
    span = Span(start, end)
    yield from _differ("text", quote.get("text"), span.of(document.text))
    if not isinstance(place, str) or not place.startswith(f"{document.id}#"):
        yield f"clause: found {_told(place)}, expected one of {_told(document.id)}"
    else:
        yield from _misplaced(quote, document, span, index.clause.get(place), index.quotable.get(place, frozenset()))


def _misplaced(quote: Mapping[str, Any], document: Document, span: Span, clause: Clause | None, whole: frozenset[Span]) -> Iterator[str]:
    if clause is None or clause.document != document.id:
        yield "clause: found an id that the document does not hold, expected one that it does"
        return
    if span not in whole:
        yield f"start and end: found {span.start} and {span.end}, expected a whole sentence of {clause.body.start} to {clause.body.end}"
    says = Quote(document, clause, span, 0.0).as_dict()
    for name in _DERIVED:
        yield from _differ(name, quote.get(name), says[name])


def _differ(name: str, found: object, expected: object) -> Iterator[str]:
    """Where and how `found` differs, told from the word in which it begins to."""
    if isinstance(found, list) and isinstance(expected, list):
        for number, (one, other) in enumerate(zip_longest(found, expected), start=1):
            yield from _differ(f"{name}, {number}", one, other)
    elif isinstance(found, str) and isinstance(expected, str) and found != expected:
        alike = len([*takewhile(bool, map(eq, found, expected))])
        begin = expected.rfind(" ", 0, alike) + 1
        yield f"{name}, character {begin + 1}: found {_told(found[begin:], _SNIPPET)}, expected {_told(expected[begin:], _SNIPPET)}"
    elif type(found) is not type(expected) or found != expected:  # in Python, page 1 equals true
        yield f"{name}: found {_told(found, _SNIPPET)}, expected {_told(expected, _SNIPPET)}"


def _told(value: object, longest: int = _LONGEST) -> str:
    """A value on one line of ASCII, so that a look-alike can be told from the letter that it looks like."""
    if isinstance(value, str):
        return ascii(value[:longest])
    return ascii(value) if value is None or isinstance(value, int | float) else f"a {type(value).__name__}"
