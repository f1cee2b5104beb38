"""Whom a policy says that it covers: staff, governors, volunteers, contractors, parents, former pupils and others.

Read from what policies say of themselves ("This policy applies to ..."), from list items under such words, and from what
they count among their staff ("'staff' includes agency workers"). A school that names no group is not said to leave it out:
only "does not apply to", "except" and the like do that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from clausewise.types import Clause, Document

Group = Literal[
    "staff", "teachers", "governors", "volunteers", "contractors", "supply", "trainees", "parents", "pupils", "former_pupils", "visitors"
]
GROUPS: tuple[Group, ...] = get_args(Group)

# Read in this order, each blotting out its words: a former pupil is no pupil here, a parent governor no parent.
_GROUPS: tuple[tuple[Group, str], ...] = (
    ("trainees", r"(?:trainee|student) teachers?|(?:teacher )?trainees?|students? on placement|work experience|apprentices?|interns?"),
    (
        "former_pupils",
        r"(?:former|past|previous|prior|ex)[ -](?:pupil|student|learner)s?|alumn\w+|(?:pupils|"
        r"students) who have left|leavers",
    ),
    ("supply", r"(?:supply|agency|temporary|casual|bank)(?: and \w+)? (?:staff|teachers?|workers?|cover)|supply"),
    (
        "governors",
        r"(?:\w+ governors?|governors?|governing (?:body|board)|trustees?|board members|academy council(?:lors)?|"
        r"academy committee)",
    ),
    (
        "contractors",
        r"(?:sub-?)?contractors?|consultants?|service providers|third[ -]party providers|"
        r"therapists from other organi[sz]ations",
    ),
    ("volunteers", r"(?:parent )?(?:volunteers?|helpers?)"),
    ("visitors", r"visitors?|guests?"),
    ("parents", r"parents?|carers?|guardians?|famil(?:y|ies)"),
    ("teachers", r"head[ -]?teachers?|teachers?|teaching(?: and (?:\w+ )?(?:support|other))? staff|tutors"),
    ("staff", r"(?:\w+ )?staff|employees?|workers?|workforce|teaching assistants?|colleagues|personnel|members of staff"),
    ("pupils", r"pupils?|students?|children|child|learners?|young people|sixth[ -]formers?"),
)
_PATTERNS = [(group, re.compile(rf"\b(?:{words.replace(' ', ' +')})\b", re.I)) for group, words in _GROUPS]
_TEACHING = re.compile(r"\bteaching +(?:and +[\w -]+ )?staff\b", re.I)
_OF = re.compile(
    r"\b(?:(?:work|working|works|contact|communicat\w+) +with|of|about|from|between|"
    r"images? of) +(?:the +)?(?:pupils?|students?|children|parents?)\b",
    re.I,
)
_POLICY = r"(?:(?:this|the|our|these)(?: [\w-]+){0,4} (?:policy|document|procedures?|guidance|code|agreement|rules)|it|this|they)"
_TO = (
    r"(?:(?:also )?(?:appl(?:y|ies)(?: (?:also|equally))? to|(?:is|are) applicable to|covers?|binds?|extends? to|(?:is|"
    r"are) (?:intended |meant )?for|(?:is|are) binding on))"
)
_APPLIES = re.compile(rf"(?:^|[.;] |\n|, and |\band )(?P<who>{_POLICY}) {_TO} (?P<rest>[^.;]*(?:\.(?=\w)[^.;]*)*)", re.I)
_NOT = r"(?:do(?:es)? not (?:\w+ )?(?:apply to|cover|bind|extend to)|(?:is|are) not (?:intended |meant )?(?:for|applicable to))"
_EXEMPT = re.compile(rf"(?:^|[.;] |\n|, but |\bbut )(?P<who>{_POLICY}) {_NOT} (?P<rest>[^.;]*)", re.I)
_EXCEPT = re.compile(
    r"[,(]? *\b(?:except(?:ing)?(?: for)?|other than|apart from|excluding|but not|with the exception of|"
    r"not including)\b(?P<rest>[^.;)]*)",
    re.I,
)
_MEANS = re.compile(
    r"(?:[\"'“‘]?(?:staff(?: members?)?|employees?|workers?|adults?|members of staff)[\"'”’]? (?:means?|includes?|refers? to|covers?)|"
    r"\breferences? to (?:staff|employees) (?:means?|includes?))(?P<rest>[^.;]*)",
    re.I,
)
_INCLUDES = re.compile(r"^ *(?:this|these|they|it) (?:also )?includes? (?P<rest>[^.;]*)", re.I)
_ITEM = re.compile(rf"^(?:also )?{_TO} (?P<rest>[^.;]*)", re.I)
_LEADS_ON = re.compile(rf"{_POLICY} (?:{_TO}|{_NOT})[^.]*:?\s*$", re.I)
_ASIDE = re.compile(r"\b(?:who|which|that|whom|whose|when|where|whether|how|while|in their|at all times)\b[^,;]*", re.I)
_SCOPE = re.compile(r"\b(?:scope|who|whom|appl(?:y|ies|ication)|covers?|introduction|status|purpose|this policy)\b", re.I)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Whom a school's policies say that they cover, and whom not: group -> id of the first clause that says so."""

    covered: Mapping[Group, str]
    excluded: Mapping[Group, str]


def named(text: str) -> frozenset[Group]:
    """The groups that a text names. "Former pupils" names no pupils, "contact with pupils" neither: it is about them."""
    return frozenset(_groups(" ".join(_OF.sub(" ", text).split())))


def _groups(text: str) -> Iterator[Group]:
    if _TEACHING.search(text):
        yield from ("teachers", "staff")
    for group, pattern in _PATTERNS:
        text, times = pattern.subn("¤", text)
        if times:
            yield group


def covered(clauses: Iterable[Clause], documents: Mapping[str, Document]) -> Coverage:
    """Whom one school's policies cover, from all of its clauses. `documents`: by id. Superseded policies do not count."""
    found: dict[Group, str] = {}
    out: dict[Group, str] = {}
    for clause in clauses:
        document = documents[clause.document]
        if clause.answers and not document.superseded_by:
            inside, outside = _scope(clause, document)
            found |= {group: clause.id for group in GROUPS if group in inside - found.keys()}
            out |= {group: clause.id for group in GROUPS if group in outside - out.keys()}
    return Coverage(found, {group: id for group, id in out.items() if group not in found})


def _scope(clause: Clause, document: Document) -> tuple[frozenset[Group], frozenset[Group]]:
    """The groups that a clause says the policy covers, and those that it says it does not."""
    text = " ".join(clause.body.of(document.text).replace("*", "").split())
    lead = " ".join(" ".join(span.of(document.text) for span in clause.lead_ins).split())
    if lead and _LEADS_ON.search(lead):
        groups = named(_ASIDE.sub("", text))
        return (frozenset(), groups) if re.search(_NOT, lead, re.I) else (groups, frozenset())
    inside, outside = list(_inside(text, lead, " ".join(clause.headings))), [match["rest"] for match in _EXEMPT.finditer(text)]
    left_out = [match["rest"] for words in inside for match in _EXCEPT.finditer(words)]
    within = _named(_EXCEPT.sub("", words) for words in inside)
    return within, _named([*outside, *left_out])


def _named(parts: Iterable[str]) -> frozenset[Group]:
    return frozenset(group for part in parts for group in named(_ASIDE.sub("", part)))


def _inside(text: str, lead: str, headings: str) -> Iterator[str]:
    """The words that follow "this policy applies to" and the like."""
    if lead and re.match(rf"(?:{_POLICY})\W*$", lead, re.I) and (match := _ITEM.match(text)):
        yield match["rest"]
    applies = False
    for sentence in re.split(r"(?<=[.;]) +", text):
        match = _APPLIES.search(sentence)
        about = match and (len(match["who"].split()) > 1 or _SCOPE.search(headings))  # "It covers" may speak of anything elsewhere
        if match and about:
            yield match["rest"]
        elif applies and (more := _INCLUDES.search(sentence)):
            yield more["rest"]
        applies = bool(match and about)
        if means := _MEANS.search(sentence):
            yield means["rest"]
