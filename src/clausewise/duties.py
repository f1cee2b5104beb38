"""How strong the duty in a quoted rule is: must, should or may, and the words that say so.

The first modal verb of a main clause speaks for the rule. A list item without one takes its lead-in's. "expected to"
is a must: a policy that says what it expects holds people to it, and `stance` calls the same words required. Plain
statements ("Phones are kept in lockers") have no strength, although some policies mean them as rules: nothing in them
tells a rule from a fact. But what people "do not" do is a rule, since no policy lists what happens not to happen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

Strength = Literal["must", "should", "may"]

# Persons and bodies that a rule can bind. "will" and "can" say what one of them does, or else what happens.
PEOPLE = (
    r"staff|members?|employees?|workers?|teachers?|adults?|colleagues?|governors?|trustees?|directors?|volunteers?|helpers?|contractors?|"
    r"visitors?|pupils?|students?|children|child|learners?|parents?|carers?|families|coaches|trainees?|users?|administrators?|leaders?|"
    r"head ?teacher|head|principal|manager|officer|secretary|dsl|slt|school|academy|trust|board|council|nobody|no one|one|everyone|anyone|"
    r"we|you|they|he|she|person|people|individuals?|tutors?|drivers?|guests?"
)
_ADVERB = r"(?: (?:also|therefore|always|then|only|still|all|both|normally|usually|at all times|\w+ly))?"
_NOT = r"(?:n't| not| never|not)"
_ACTS = r"be (?:used|taken|brought|worn|shared|posted|kept|carried|made|given|added|left|sent|published|recorded|removed|opened|stored)"
# What follows a "may", "can" or "will" that tells what might happen, not what is allowed.
_HAPPENS = (
    rf"(?!{_ADVERB} (?:lead|result|constitute|cause|include|contain|face|lose|arise|give rise|damage|affect|expose|harm|mean|occur|vary|"
    r"change|need|seem|appear|wish|want|find|feel|know|realise|recogni[sz]e|think|become|start|impact|breach|amount|see|tell|"
    r"help|have (?:been|\w+ed)|"
    r"reduce|bring about|fall|overlap|encounter|come across|be (?:subject|seen|viewed|considered|regarded|treated|mis\w+|able|"
    r"aware|difficult|appropriate|suitable|necessary|liable|barred|exposed|unaware|defamatory|offensive|harmful|required|recogni[sz]ed|"
    r"summari[sz]ed|judged|deemed|construed|associated|dealt|sure|certain|at risk|in breach|disadvantaged))\b)"
)
# Strength, whether it forbids, whether a person must stand before it, words. The first that fits at a place counts.
_Sign = tuple[Strength, bool, bool, str]
# fmt: off
_SIGNS: tuple[_Sign, ...] = (
    ("may", False, False, r"need not|(?:do|does)(?:n't| not) (?:need|have) to|(?:not|never) (?:be )?(?:required|expected)|no need to"),
    ("must", True, False, r"may not(?! only)" + _HAPPENS),
    ("must", False, False, r"(?:may|can) only" + _HAPPENS),
    ("must", True, False, rf"(?:must|shall){_ADVERB}{_NOT}(?! only)|mustn't|shan't|(?:is|are) not to(?! be (?:confused|blamed))"),
    ("must", True, True, rf"(?:cannot|can't|can not|will{_ADVERB}{_NOT}|won't){_HAPPENS}"),
    ("must", True, False, rf"(?:cannot|can't|can not) {_ACTS}"),
    ("must", True, False, r"(?:not|\w+n't|never) (?:be )?(?:permitted|allowed|acceptable|tolerated|accepted)"),
    ("must", True, False, r"(?:is|are|be|considered) unacceptable|(?:strictly )?(?:prohibited|forbidden|banned)|prohibits?|forbids?"),
    ("must", True, False, r"is gross misconduct|(?:under|in) no circumstances"),
    ("must", True, False, rf"should{_ADVERB} never"),  # a ban to whoever reads it, and to both annotators of evals/topics
    ("should", True, False, rf"should{_ADVERB}{_NOT}(?! only)|shouldn't|ought not|not (?:advisable|advised|recommended|appropriate)"),
    ("should", True, False, r"is inappropriate to|unwise|(?:are|is) (?:strongly )?(?:discouraged|advised against)|advised not to"),
    ("must", False, False, r"must(?! \.)|shall(?! mean)|obliged to|ha(?:s|ve) to(?! do with)|needs? to(?! know)|mandatory|compulsory"),
    ("must", False, False, r"(?:(?:is|are|be) (?:also )?)?(?:required|expected) (?:to|that)|(?:is|are) required|requires?|expects?"),
    ("must", False, False, r"it is (?:essential|vital|imperative)|(?<!as\s)(?:is|are) to(?! (?:date|blame|do)\b)"),
    ("must", False, True, r"will" + _HAPPENS),
    ("must", False, False, rf"will{_ADVERB} (?:{_ACTS}|be (?:checked|reviewed|monitored|reported|answered|deleted|informed|trained))"),
    ("should", False, False, r"should(?! (?:you|there|an?|any|it) )|ought to|(?:advised|recommended|asked|reminded|urged) to"),
    ("should", False, False, r"(?:strongly |actively )?encouraged? (?:to|that)|encourages? (?:all )?(?:staff|pupils|parents)|advisable"),
    ("should", False, False, r"(?:caution is )?advised(?! that)|recommended|(?:is|are|considered|be) (?:good|best) practice|sensible to"),
    ("should", False, False, r"it is important (?:that|to)|try to|please(?! (?:note|see|refer))"),
    ("may", False, False, r"may(?! \d)" + _HAPPENS),
    ("may", False, False, r"(?:(?:is|are|be) )?(?:permitted|allowed)(?: to)?|free to|welcome to|entitled to|(?:is|are) acceptable"),
    ("may", False, False, rf"can {_ACTS}"),
    ("may", False, True, r"can" + _HAPPENS),
)
# Words that forbid without a modal verb; under a lead-in that has one, they only turn it into its contrary.
_BARE: tuple[_Sign, ...] = (
    ("must", True, True, r"(?:do|does)(?:n't| not)(?! (?:wish|want|know|realise|intend|seek|apply|mean|include|prevent|own|refer|pay)\b)"),
    ("must", True, False, r"^(?:please )?(?:do not|don't)|never|refrain from"),
    ("should", True, False, r"avoid"),
)
# fmt: on
# Verbs that begin an instruction; those of the second list are nouns too, unless an object follows.
_VERBS = (
    r"tell|keep|ensure|make|ask|hand|switch|turn|remove|delete|read|be|follow|respect|protect|inform|seek|express|know|set|put|take|wear|"
    r"save|store|never|preserve|leave|give|show|send|speak|talk|write|choose|consult|remember|consider|think"
)
_NOUNS_TOO = r"report|use|check|lock|log|ring|review|contact|record|block|post|share"
_OBJECT = r"(?:an?|the|any|all|your|their|its|it|them|only|no|this|that|every|each|our|other|school|to|at once|in|what)\b"
_PATTERNS = [
    (strength, negative, personal, re.compile(r"(?<![\w-])(?:" + words.replace(" ", r"\s+") + r")(?![\w-])", re.I))
    for strength, negative, personal, words in (*_SIGNS, *_BARE)
]
_IMPERATIVE = re.compile(
    rf"(?:^\s*|^(?:if|when|where|before|after)\b[^.;:]*?,\s+|[.:;|]\s+)(?P<words>(?:(?:please|always|regularly|immediately)\s+)?"
    rf"(?:(?:{_VERBS})\b(?=\s+(?!of\b|is\b|are\b|by\b)[\w‘“'\"(])|(?:{_NOUNS_TOO})(?=\s+{_OBJECT})))",
    re.I,
)
_PERSON = re.compile(rf"(?:(?<!\w)(?<!by\s)(?<!of\s)(?<!from\s))(?:{PEOPLE})\b(?:[\s(][\w'/()-]+){{0,4}}\s*$|^\s*(?:not)?\s*$", re.I)
_NOBODY = re.compile(r"\b(?:no|nobody|neither|none)\b(?![^,;]*\b(?:if|when|because)\b)", re.I)
_ONLY = re.compile(r"^\s*only\b|\bonly\s*$", re.I)
_BOUNDARY = re.compile(r"[.;:!?,]?\s(?:and|but|or)\s|[.;:!?,|]\s")
_STARTS_WITH = re.compile(rf"(?:[\w'-]+\s+){{0,3}}(?:{PEOPLE})\b", re.I)
_SUBORDINATE = re.compile(
    r"\b(?:who|which|whom)\s*$|\b(?:which|what|how|whether|whom|where|if|when|unless|until|because|since|whilst|while|although|though|"
    r"before|after|so that|in case|than|such as)(?:\s+[\w'’-]+){0,4}\s*$|\bthat(?:\s+[\w'’-]+){0,2}\s*$|\b(?:anything|something|"
    r"any \w+) (?:they|you|he or she)\s*$",
    re.I,
)
_AIMS = re.compile(r"(?:\b(?:aims?|objectives?|purposes?|intend(?:s|ed))\b[^.;]*|\bso that)\W*$", re.I)  # its items are ends, not rules
_GRANTED = re.compile(r"\b(?:appreciates?|understands?|recogni[sz]es?|acknowledges?|accepts?|aware) that\b[^,;.]*$", re.I)
_REPORTED = re.compile(r"\bthat(?:\s+[\w'’-]+){1,2}\s*$", re.I)
_OPEN = re.compile(r"(?:\b(?:as long as|provided|providing|provided that|if|when|where|unless|who|which)\W*|\?\W*)$|\s\|\s", re.I)
_FOLD = str.maketrans("’‘*_\n\t\u00a0", "''     ")  # one for one, so that places stay


@dataclass(frozen=True, slots=True)
class Duty:
    """`negative`: it forbids, or advises against. `words`: the modal, at [start, end) of the rule, or of its lead-in if `inherited`."""

    strength: Strength
    negative: bool
    words: str
    start: int
    end: int
    inherited: bool = False


def strength(text: str, lead_in: str | None = None) -> Strength | None:
    """How strong the duty is that a rule states under its lead-in; None where it states a fact."""
    found = duty(text, lead_in)
    return found.strength if found else None


def advised_against(stance: str | None, text: str, lead_in: str | None) -> bool:
    """Whether what a rule of the stance "advised" advises is to leave it be: "should not"."""
    found = duty(text, lead_in) if stance == "advised" else None
    return found is not None and found.negative


def duty(text: str, lead_in: str | None = None) -> Duty | None:
    """The duty that a rule states under its lead-in, with the words that say so."""
    if lead_in and _AIMS.search(lead_in):
        return None
    own, above = _own(text), _governing(lead_in) if lead_in else None
    modal = [found for found, bare in own if not bare]
    if above is None:
        return _first([found for found, _ in own]) or (None if lead_in else _imperative(text))
    # An item that speaks of what might happen ("anything that may embarrass") still hangs from its lead-in.
    if modal and (modal[0].strength != "may" or modal[0].negative or _subject(text[: modal[0].start])):
        return modal[0]
    turned = bool(re.match(r"\s*(?:not|never)\b", text, re.I)) or any(found.negative for found, bare in own if bare and found.start == 0)
    strength = "must" if re.match(r"\s*never\b", text, re.I) and above.strength == "should" else above.strength  # "should: never share"
    return replace(above, strength=strength, negative=above.negative or turned, inherited=True)


def _subject(before: str) -> bool:
    """Whether what stands before the modal is the subject of a sentence of its own ("Staff", "The office manager")."""
    return before[:1].isupper() and len(before.split()) <= 6 and bool(_PERSON.search(before))


def _first(found: list[Duty]) -> Duty | None:
    return min(found, key=lambda duty: duty.start, default=None)


def _own(text: str) -> list[tuple[Duty, bool]]:
    """The duties of main clauses in order, and whether each is without a modal verb."""
    plain = text.translate(_FOLD)
    found = [(duty, bare) for duty, bare, reported in _signs(plain) if not reported]
    if not found:  # "We hold that staff must": better than nothing
        found = [(duty, bare) for duty, bare, _ in _signs(plain) if duty.strength != "may" and not bare]
    return [(replace(duty, words=text[duty.start : duty.end]), bare) for duty, bare in found]


def _signs(text: str) -> Iterator[tuple[Duty, bool, bool]]:
    """Each sign in order, whether it is bare, and whether it stands in reported speech; not those in subordinate clauses."""
    held: tuple[Duty, bool, bool] | None = None
    taken = 0
    places = sorted((m.start(), rank, m.end()) for rank, (*_, pattern) in enumerate(_PATTERNS) for m in pattern.finditer(text))
    for start, rank, end in places:
        strength, negative, personal, _ = _PATTERNS[rank]
        before = _clause_before(text, start)
        if start >= taken and held and rank >= len(_SIGNS) and held[0].end >= start - len(before):
            adjoins = not text[held[0].end : start].strip()
            if not personal or adjoins:  # "must avoid", "please do not", and not "must check that it does not"
                held, taken = (replace(held[0], negative=True), *held[1:]), end
            continue
        reported = bool(_REPORTED.search(before))
        if start < taken or (personal and not _bound(text[:start], before, bool(held))) or (not reported and _SUBORDINATE.search(before)):
            continue
        if strength == "may" and _GRANTED.search(text[:start]):  # "understands that staff may" grants nothing
            continue
        if held:
            yield held
        held, taken = (
            (_turned(Duty(strength, negative, text[start:end], start, end), text[:start], before), rank >= len(_SIGNS), reported),
            end,
        )
    if held:
        yield held


def _bound(text: str, before: str, later: bool) -> bool:
    """Whether a person is the subject: near before the verb, or, of the first verb of a rule, at the head of its sentence."""
    if _PERSON.search(before):
        return True
    sentence = _sentence(text)
    return not later and bool(_STARTS_WITH.match(sentence)) and bool(re.search(r"\s(?:who|that)\s", sentence))


def _sentence(text: str) -> str:
    """The last sentence of `text`, as far as it goes."""
    return re.split(r"[.;:!?]\s", text)[-1].lstrip()


def _clause_before(text: str, start: int) -> str:
    """From the last boundary of clauses to `start`."""
    cuts = [m.end() for m in _BOUNDARY.finditer(text, 0, start)]
    begin = cuts[-1] if cuts else 0
    return text[begin:start]


def _turned(duty: Duty, text: str, before: str) -> Duty:
    """ "No pupil may" forbids; "Only staff may" binds, since it leaves out everyone else. `text`, `before`: up to the modal."""
    nobody = _NOBODY.search(before) or _NOBODY.match(_sentence(text))
    if nobody and re.search(r"required|expected|ha(?:s|ve) to|needs? to|obliged", duty.words, re.I):
        return replace(duty, strength="may")  # "Nobody is required to" frees
    if nobody and not duty.negative:
        return replace(duty, strength="must" if duty.strength == "may" else duty.strength, negative=True)
    return replace(duty, strength="must") if duty.strength == "may" and _ONLY.search(before) else duty


def _governing(lead_in: str) -> Duty | None:
    """The last duty of a lead-in's last sentence, which is what its items hang from.

    Not of a table's header, of a question, or of one that ends in a condition, whose items are conditions.
    """
    if _OPEN.search(lead_in.strip()):
        return None
    begin = max((m.end() for m in re.finditer(r"[.!?]\s+(?=\S)", lead_in)), default=0)
    found = [duty for duty, _ in _own(lead_in[begin:])]
    return replace(found[-1], start=found[-1].start + begin, end=found[-1].end + begin) if found else None


def _imperative(text: str) -> Duty | None:
    match = _IMPERATIVE.search(text.translate(_FOLD))
    if not match:
        return None
    start, end = match.span("words")
    strength: Strength = "should" if re.search(r"please|consider|think", match["words"], re.I) else "must"
    return Duty(strength, match["words"].lower().startswith("never"), text[start:end], start, end)
