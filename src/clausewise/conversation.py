"""Turns and a follow-up -> a question that stands on its own, and the schools that it is asked of."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from clausewise.naming import Named, Names, content
from clausewise.types import School, ScopeFrom

_EVERY = re.compile(
    r"\b(?:(?:each|every|all|any)(?: one)?(?: of)?(?: the| our| these| those| your| them)?(?: \w+)?(?: \w+)? "
    r"(?:schools|policies|academies|sites)|(?:each|every) (?:school|academy|policy|site)|"
    r"which (?:of (?:the|our) )?schools?|across (?:the |our )?(?:schools|trust|board)|"
    r"side by side|all (?:of them|five|six|the schools)|"
    r"the (?:rest|others?)(?=\W*$|[?.!,;]| (?:say|do|allow|think|require|mention)| of (?:them|the (?:schools|trust))))\b",
    re.I,
)
_OPENERS = re.compile(
    r"\W*(?:and|but|or|so|what about|how about|what if|even|also|then|ok(?:ay)?|same|not|"
    r"(?:does|is) (?:that|it|this)|why|which|in that case)\b",
    re.I,
)
_POINTERS = re.compile(
    r"\b(?:it|its|it's|that|that's|this|they|they're|them|their|those|these|he|she|him|her|his|then|there|ones?|either|"
    r"same|instead|still)\b",
    re.I,
)
_OPENERS = re.compile(
    r"\W*(?:and|but|or|so|what about|how about|what if|even|also|then|ok(?:ay)?|same|not|"
    r"(?:does|is) (?:that|it|this)|why|which|in that case)\b",
    re.I,
)
_POINTERS = re.compile(
    r"\b(?:it|its|it's|that|that's|this|they|they're|them|their|those|these|he|she|him|her|his|then|there|ones?|either|"
    r"same|instead|still)\b",
    re.I,
)
_BLANK = re.compile(r"\s+(?=[?.!,])")  # where a name stood
_BACK = 3  # so many turns a follow-up may lean on
Turn = tuple[str, Named]


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom a question is asked of, and why. `doubtful`: schools that a name in it fits alike, none if it is plain which is meant.

    `told`: a name that fits several schools was settled by those that the question was asked of.
    """

    schools: tuple[str, ...]
    source: ScopeFrom
    doubtful: tuple[str, ...] = ()
    told: bool = False


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as it will be searched. `search` is `standalone` without the schools' names, which are a filter."""

    standalone: str
    search: str
    scope: Scope

    @property
    def schools(self) -> tuple[str, ...]:
        return self.scope.schools


def understand(question: str, history: Sequence[str], asked: Sequence[str] | None, names: Names) -> Understood:
    """Read `question` after the earlier user turns `history`, oldest first.

    The scope is what the question names; else `asked`; else what the nearest earlier turn names; else every school. Asked
    afresh of these schools, what stands alone is understood in the same way.
    """
    named, turns, schools = names.read(question), [(turn, names.read(turn)) for turn in history], names.schools
    scope = Scope(tuple(school.id for school in schools), "every")
    for turn, earlier in turns:
        scope = _after(scope, turn, earlier, None, schools)
    scope = _after(scope, question, named, asked, schools)
    context = _context(named, turns[-_BACK:])
    kept = [turn.strip() if _leads_here(earlier, scope, schools) else _BLANK.sub("", earlier.bare) for turn, earlier in context]
    standalone = " ".join([*kept, question.strip()])
    whole = names.read(standalone) if kept else named
    return Understood(standalone, whole.bare or question, scope)


def _after(before: Scope, turn: str, named: Named, asked: Sequence[str] | None, schools: Sequence[School]) -> Scope:
    """The scope of a turn that follows one of scope `before`. Of schools asked for, only a name leads elsewhere."""
    if _EVERY.search(turn):
        kept = (*asked, *chain(*named.fits)) if asked else (school.id for school in schools)
        return Scope(tuple(dict.fromkeys(kept)), "kept" if asked else "every")
    if named.fits:
        return _of_names(named.fits, asked, () if before.source == "every" else before.schools, schools)
    if asked:
        return Scope(tuple(asked), "asked")
    return replace(before, source="every" if before.source == "every" else "earlier")


def _leads_here(named: Named, scope: Scope, schools: Sequence[School]) -> bool:
    """Whether the names of an earlier turn, if it has any, are just the scope: others would lead elsewhere."""
    return not named.fits or (scope.source != "named" and _in_order({*chain(*named.fits)}, schools) == scope.schools)


def _of_names(fits: Sequence[tuple[str, ...]], asked: Sequence[str] | None, before: Sequence[str], schools: Sequence[School]) -> Scope:
    """A name that fits several schools means those of them that are named outright, else asked for, else spoken of before."""
    clear = {school for fit in fits for school in fit if len(fit) == 1}
    several = {fit for fit in fits if not clear.intersection(fit)}
    meant = [{*fit}.intersection(asked or before) or {*fit} for fit in several]
    told = [bool(asked) and each <= {*asked} and (len(each) == 1 or {*asked} <= each | clear) for each in meant]  # type: ignore[misc]
    open_ones = [each for each, settled in zip(meant, told, strict=True) if len(each) > 1 and not settled]
    doubtful = open_ones[0] if len(open_ones) == 1 else set()  # of two such names no single choice would tell
    return Scope(_in_order(clear.union(*meant), schools), "named", _in_order(doubtful, schools), any(told))


def _in_order(ids: Collection[str], schools: Sequence[School]) -> tuple[str, ...]:
    return tuple(school.id for school in schools if school.id in ids)


def _context(named: Named, turns: Sequence[Turn]) -> Sequence[Turn]:
    """The earlier turns that a follow-up leans on: none if it stands alone, else back to one that does."""
    words, start = named.bare, len(turns)
    while start and _leans(words):
        start -= 1
        words = turns[start][1].bare
    return turns[start:]


def _leans(words: str) -> bool:
    """Whether a turn needs the one before it: it opens like a follow-up, points back, or has little of its own."""
    own = content(words)
    return len(own) < 4 or bool(_OPENERS.match(words)) or (len(own) < 9 and points_back(words))


def points_back(words: str) -> bool:
    """Whether a pronoun stands for what was said before: one with words enough before it points at one of those."""
    return any(len(content(re.split(r"[.!?]", words[: m.start()])[-1])) < 3 for m in _POINTERS.finditer(words))
