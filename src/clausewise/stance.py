"""What a quoted rule says of what was asked: prohibited, required, permitted, conditional, advised, or nothing.

Read off the rule's own words, lead-in first: modal verbs, their negations, and the conditions around them.
"""

from __future__ import annotations

import re

from clausewise.types import Stance

_FORBIDS = re.compile(
    r"\b(?:(?:must|may|should|shall|will|can|do|does|are|is|be|need)(?:n['’]t| not| never)(?! (?:only|necessarily))(?!\s+(?:need|have) to)|never|cannot|can['’]t|don['’]t|"
    r"prohibited|forbidden|banned|not (?:be )?(?:permitted|allowed|acceptable)|unacceptable|under no circumstances|no circumstances|"
    r"refrain|avoid|decline|no (?:member of staff|one|pupil|adult|employee|governor|volunteer)s? (?:may|should|must|is)|"
    r"not (?:to|link|use|share|post|give|make))\b",
    re.I,
)
_NO_DUTY = re.compile(r"\b(?:need not|does not (?:need|have|expect|apply|prevent|require)|do not (?:need|have to|expect)|not required|no need|not expected|is not (?:a breach|needed))\b", re.I)
_REQUIRES = re.compile(
    r"\b(?:must|shall|required?|requires|have to|has to|needs? to|need(?:s|ed)? (?:written |the )?(?:permission|consent|approval)|is to|are to|obliged|will be (?:reported|recorded|asked|removed)|"
    r"immediately|responsible for|expected to|expects?)\b",
    re.I,
)
_ADVISES = re.compile(r"\b(?:should|ought|advis(?:ed|able)|recommended|encouraged?|good practice|sensible|best to|consider|try to|asked to|caution|bear in mind)\b", re.I)
_PERMITS = re.compile(r"\b(?:may|can|allowed|permitted|free to|welcome to|acceptable|entitled|at (?:their|your) discretion|happy for)\b", re.I)
_CONDITION = re.compile(
    r"\b(?:unless|except(?:ion(?:al)?)?(?: for| when| where| in| that)?|only (?:if|when|where|with|after|during|for|on|in|at|by|through|do so)|provided|providing|so long as|as long as|"
    r"subject to|without (?:the |their |prior |written |express )*(?:consent|permission|approval|agreement|leave)|"
    r"with (?:the |prior |written |express |their )*(?:consent|permission|approval|agreement|leave)|other than (?:in|with|via|those|where)|until|apart from)\b",
    re.I,
)
_IF = re.compile(r"\b(?:if|where|when|once|in an emergency)\b", re.I)
_BARE_DUTY = re.compile(r"^\W*(?:[A-Z]?[a-z]+ )?(?:ensure|keep|report|inform|tell|record|check|use|lock|ask|seek|make sure|remove|delete|store|put|hand|sign|complete|know)\b", re.I)


def stance(rule: str, lead_in: str | None = None) -> Stance | None:
    """The stance of the sentence or list item `rule` under its `lead_in`; None where it states no rule."""
    lead = _lead_words(lead_in)
    words = f"{lead} {rule}" if lead else rule
    forbids = _FORBIDS.search(_NO_DUTY.sub(" ", words))
    permits = _PERMITS.search(words) or _NO_DUTY.search(words)
    requires, advises = _REQUIRES.search(words), _ADVISES.search(words)
    if not any((forbids, permits, requires, advises)):
        return "required" if _BARE_DUTY.match(rule) else None
    if _CONDITION.search(words) and (forbids or permits):
        return "conditional"
    if forbids:
        return "prohibited"
    if requires:
        return "required"
    if permits and not advises:
        return "conditional" if _IF.search(words) else "permitted"
    return "advised"


def _lead_words(lead_in: str | None) -> str:
    """A lead-in's own rule; of "must not ..." above a sub-list only the part that governs counts, so all of it."""
    return lead_in or ""
