"""Clauses named by number: by a question ("what does 5.3 say", "under section 4") or by a rule ("subject to section 7")."""

from __future__ import annotations

import re

_NUMBER = r"\d{1,2}(?:\.\d{1,2}){0,3}"
_DEEP = r"\d{1,2}(?:\.\d{1,2}){1,3}"  # what can stand for a clause without a word that says so
_NO_NUMBER = r"(?![\w.%]*\d|\s*%|\s*(?:pm|am)\b)"  # a date, a year, a time or a share goes on here
# "Section 47 enquiries", "section 175 of the Education Act": the number is a law's, not the policy's.
_LAW = (
    r"(?!(?:\(\w+\))*\s+(?:of|in|under|from)\s+(?:the\s+)?(?:[\w'’&-]+\s+){0,6}?"
    r"(?:acts?|regulations?|u?k?\s?gdpr|kcsie|keeping children safe|working together)\b)"
    r"(?!\s+(?:enquir|inquir|assessment|investigation|referral|order|notice|check|child|meeting|strategy|duty|duties)\w*)"
)
_NOUN = r"(?:clause|section|paragraph|para|rule|(?<!this )(?<!that )point|sub-?section)"
_NAMED = re.compile(rf"(?:\b{_NOUN}|§)\s*(?:no\.?\s*)?({_NUMBER}){_NO_NUMBER}{_LAW}", re.I)
_SEVERAL = re.compile(
    rf"(?:\b{_NOUN}s|§§)\s*"
    rf"({_NUMBER}(?:\s*(?:,|&|-|–|,?\s*\b(?:and|or|to)\b)\s*{_NUMBER})*){_NO_NUMBER}{_LAW}",
    re.I,
)
_OF = r"(?:breach|contravention|violation|meaning|spirit|terms|wording|scope|purpose|point|part|rest)\s+of"  # not "a fine of 2.50"
_BARE = re.compile(
    rf"\b(?:does|under|in|see|per|{_OF})\s+({_DEEP})(?=\s+(?:say|mean|cover|allow|apply|forbid|require)|\s*[?,.;:)](?!\d)|\s*$)", re.I
)

_LEADS = (
    r"subject to|see(?: also)?|in (?:accordance|line) with|(?:except )?as (?:set out|described|defined|stated) (?:in|at|under)|"
    r"except (?:in|under)|under|refer to"
)
_REFERRED = re.compile(
    rf"\b(?:{_LEADS})\s+(?:the )?(?:clause|section|paragraph|para)s?\s+({_NUMBER})(?![\w.]*\d|\s+of\s+(?:the|[A-Z]))", re.I
)


def named(question: str) -> tuple[str, ...]:
    """The numbers of clauses or sections that `question` names, in order, each once."""
    found = sorted((m.start(), m.group(1)) for pattern in (_NAMED, _SEVERAL, _BARE) for m in pattern.finditer(question))
    return tuple(dict.fromkeys(number for _, numbers in found for number in re.findall(_NUMBER, numbers)))


def referred(rule: str) -> tuple[str, ...]:
    """The numbers of the clauses of its own document that `rule` hangs on or sends the reader to."""
    return tuple(dict.fromkeys(m.group(1) for m in _REFERRED.finditer(rule)))


def stands_under(clause: str, number: str) -> bool:
    """Whether the clause of that id is clause `number`, or a part of it; `~2` marks a number that its document has twice."""
    place = clause.partition("#")[2]
    return place == number or place.startswith((f"{number}/", f"{number}.", f"{number}~"))
