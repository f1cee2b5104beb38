"""Schools' names in a text: in full, in part, misspelt or joined, and the schools that each of them fits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from clausewise.mentions import EQUALLY, SMALL, Mention, Mentions
from clausewise.types import School

_DANGLING = re.compile(r"(?<=\s)(?:(?:and|but|or|so|then|what about|how about)\b[\s,]*)+$", re.I)


@dataclass(frozen=True, slots=True)
class Named:
    """`bare`: a text without its schools' names. `fits`: for each name, in the text's order, ids of the schools that it fits."""

    bare: str
    fits: tuple[tuple[str, ...], ...]


class Names:
    """The names of some schools, made ready to be read in texts. `schools`: in order."""

    def __init__(self, schools: Sequence[School]) -> None:
        self.schools = schools

    @cached_property
    def _mentions(self) -> Mentions:
        return Mentions(self.schools)

    def read(self, text: str) -> Named:
        """What `text` names. Of names that share a word the strongest is meant, and all that are equally strong."""
        claims = _joined(text, sorted(_claims(self._mentions.of(text)), key=lambda claim: claim[0].start))
        fits = [_fit(claim) for claim in claims]
        return Named(_bare(text, claims), tuple(tuple(school.id for school in self.schools if school.id in each) for each in fits))


def _claims(found: Iterable[Mention]) -> list[list[Mention]]:
    claims: list[list[Mention]] = []
    for mention in sorted(found, key=lambda m: (-m.strength, m.start, m.end, m.school)):
        met = [claim for claim in claims if any(mention.meets(other) for other in claim)]
        if not met:
            claims.append([mention])
        elif len(met) == 1 and met[0][0].strength - mention.strength <= EQUALLY and mention.school not in _fit(met[0]):
            met[0].append(mention)
    return claims


def content(text: str) -> list[str]:
    """The words of a text that say something of their own."""
    return [w for w in re.findall(r"[a-z0-9']+", text.lower()) if w not in SMALL]


def _fit(claim: Sequence[Mention]) -> set[str]:
    return {mention.school for mention in claim}


def _joined(text: str, claims: Sequence[list[Mention]]) -> list[list[Mention]]:
    """Words side by side that some school's name has both of are one name: of a park, a wood and a lane "King's Park" is the park."""
    joined: list[list[Mention]] = []
    for claim in claims:
        last = joined[-1] if joined else []
        both = _fit(last) & _fit(claim)
        if both and not text[max(mention.end for mention in last) : claim[0].start].strip():
            joined[-1] = [mention for mention in (*last, *claim) if mention.school in both]
        else:
            joined.append(claim)
    return joined


def _bare(text: str, claims: Sequence[Sequence[Mention]]) -> str:
    for claim in reversed(claims):
        text = _without(text, min(mention.start for mention in claim), max(mention.end for mention in claim))
    return " ".join(text.split())


def _without(text: str, start: int, end: int) -> str:
    """`text` without a name, its preposition, and what is left dangling at the end ("... and at Pear Tree?")."""
    head = re.sub(r"(?:\b(?:at|in|for|from|of)\s+)?$", "", text[:start], flags=re.I)
    tail = re.sub(r"^(?:['’]s)?", "", text[end:])
    shorter = _DANGLING.sub("", head)
    if not re.search(r"\w", tail) and (shorter != head or shorter.rstrip().endswith((".", "?", "!"))):
        return shorter.rstrip()
    return head + tail
