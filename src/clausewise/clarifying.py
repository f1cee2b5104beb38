"""What to ask back, where a question fits several schools, holds several questions, or is a few words that fit several topics.

A question is put back only where the choices are plain, and never one that was chosen: a choice of schools settles the name
that was in doubt, a choice of topic opens with a heading of the policies and a colon, and each part of a double question is
one that stands alone. The signs were set on evals/asking-back, whose measure.py prints how often they are right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from clausewise.comparison.audiences import named as audiences
from clausewise.conversation import Understood, points_back
from clausewise.index import Index
from clausewise.labels import folded, heading
from clausewise.lexical import words
from clausewise.naming import Names
from clausewise.references import named
from clausewise.types import Choice, Clarification, Hit, School

_VAGUE = re.compile(  # stems that name no topic
    r"what'?|who|whom|when|where|which|why|how|about|doe?|did|can|may|must|should|would|could|have|has|use|my|mine|me|i|we|you|they|our|your|us|"
    r"them|ani|some|one|thing|stuff|rule|polici|guidanc|say|tell|happen|ok|okay|allow|permit|goe?|get|take|need|know|want|ask|if|someon|anyon|"
    r"peopl|everyon|school|pleas|inform|question|am|i'm|it's|there|regard|.*n't"
)
_ASKS = r"(?:can|may|must|do|does|did|is|are|should|would|could|will|shall|what|who|whose|when|where|how|which|why|has|have|am)\b"
_PARTS = re.compile(rf"\?\s+(?:(?:and|also)\s+)*|,?\s+and\s+(?:also\s+)?(?={_ASKS})", re.I)
_BETWEEN = " › "  # a heading and the one below it
_FRONT = re.compile(  # headings that name no topic
    r"^(?:our )?(?:aims?|purpose|introduction|rationale|scope|application|objectives|vision|definitions?|interpretation|status|principles|"
    r"monitoring and review|review|related)\b|\b(?:this|the) policy (?:is|matters|covers|works)\b|\b(?:about|why|to whom|who) (?:we have )?"
    r"(?:this|it)\b|\bwhat we want\b|\bchanging this policy\b",
    re.I,
)
_NEAR = 0.25  # a clause may score so much less than the first and be meant as well
_UNCLEAR = 0.12  # the same, where no word tells the topic
_TRIED, _MOST = 6, 4  # topics that are looked at, and that are offered
_ASKED = 3  # schools at most that a topic is tried with

Best = Mapping[str, Sequence[Hit]]
Rank = Callable[[str, Sequence[str]], Best]


@dataclass(frozen=True, slots=True)
class _Topic:
    """A part of the policies. `key`: what makes parts of several policies the same. `schools`: that have it, the nearest first."""

    key: tuple[object, ...]
    label: str
    schools: tuple[str, ...]


class Clarifier:
    """Asks back over one index, of schools with these names.

    `rank`: question and schools -> for each school the best hit of each of its clauses, in order.
    """

    def __init__(self, index: Index, names: Names, rank: Rank) -> None:
        self._index, self._names, self._rank = index, names, rank

    def clarification(self, question: str, understood: Understood, best: Best) -> Clarification | None:
        """`question` as it was put: those before it that it leans on were answered.

        `best`: the hits of the question, of each school in its scope and perhaps of others.
        """
        scope = understood.scope
        if scope.doubtful:
            return Clarification("school", tuple(school_choices(understood, self._index.schools)))
        if scope.told or named(understood.search) or self._chosen(understood.standalone):
            return None
        parts = _questions(question)
        if len(parts) > 1 and not any(map(self._is_vague, parts)) and self._apart(parts, scope.schools):
            return Clarification("question", tuple(Choice(_sentence(part), _sentence(part), scope.schools) for part in parts))
        choices = self._topics(understood, best) if self._is_vague(understood.search) else ()
        return Clarification("topic", choices) if len(choices) > 1 else None

    # topics

    def _is_vague(self, text: str) -> bool:
        """Whether `text` has one word at most that tells a topic, or only words of a policy's title."""
        told = _telling(text)
        return len(told) < 2 or any(told <= title for title in self._index.catalogue.titles)

    def _topics(self, understood: Understood, best: Best) -> tuple[Choice, ...]:
        """The parts of the policies that come near, if asking for each by name leads there."""
        found = self._near(best, understood.schools, lexical=bool(_telling(understood.search)))[:_TRIED]
        choices = (self._choice(topic, understood) for topic in found)
        return tuple(islice(filter(None, choices), _MOST))

    def _choice(self, topic: _Topic, understood: Understood) -> Choice | None:
        """By its own heading alone if that will do, else by all those above it and the title."""
        for name in (topic.label.rpartition(_BETWEEN)[2], topic.label):
            question = f"{name}: {understood.standalone}"
            if self._leads(question, topic, understood.schools):
                return Choice(topic.label, question, understood.schools)
        return None

    def _near(self, best: Best, schools: Sequence[str], lexical: bool) -> list[_Topic]:
        """Those that most schools have come first. `lexical`: whether a clause must have a word of the question."""
        scores: dict[tuple[object, ...], dict[str, Hit]] = {}
        for school in schools:
            for hit in best[school]:
                if hit.score < best[school][0].score - (_NEAR if lexical else _UNCLEAR):
                    break
                headings = self._headings(hit)
                if headings and not _FRONT.search(headings[-1]) and (hit.lexical or not lexical):
                    scores.setdefault(self._key(hit, schools), {}).setdefault(school, hit)
        order = sorted(scores.items(), key=lambda item: (-len(item[1]), -max(hit.score for hit in item[1].values())))
        return [self._topic(key, hits, schools) for key, hits in order]

    def _topic(self, key: tuple[object, ...], hits: Mapping[str, Hit], schools: Sequence[str]) -> _Topic:
        nearest = sorted(hits, key=lambda school: -hits[school].score)
        first = hits[nearest[0]]
        title = [self._index.document[first.passage.document].title] if len(schools) == 1 else []
        return _Topic(key, _BETWEEN.join([*title, *self._headings(first)]), tuple(nearest))

    def _key(self, hit: Hit, schools: Sequence[str]) -> tuple[object, ...]:
        """Of one school's policies each heading is a topic; of several schools' "Pupils" and "Students" are the same."""
        headings = self._headings(hit)
        if len(schools) == 1:
            return hit.passage.document, *headings
        last = headings[-1] if headings else ""
        return (audiences(last) or frozenset(words([last])[0]),)

    def _headings(self, hit: Hit) -> list[str]:
        return [heading(text) for text in self._index.clause[hit.passage.clause].headings]

    def _leads(self, question: str, topic: _Topic, schools: Sequence[str]) -> bool:
        """Whether `question`, asked of the schools that have the topic, finds it first in most of them."""
        tried = topic.schools[:_ASKED]
        if len(schools) > 1 and self._names.read(topic.label).fits:
            return False  # a heading that names a school would ask only that one
        best = self._rank(question, tried)
        first = [best[school][0] for school in tried if best.get(school)]  # words that name a school ask that one alone
        return 2 * sum(self._key(hit, schools) == topic.key for hit in first) > len(tried)

    def _chosen(self, question: str) -> bool:
        """Whether `question` opens with headings of the policies and a colon."""
        head, colon, _ = question.partition(": ")
        return bool(colon) and self._index.catalogue.labels({folded(part) for part in head.split(_BETWEEN)})

    def _apart(self, parts: Sequence[str], schools: Sequence[str]) -> bool:
        """Whether the parts are answered under different headings, in most of the first schools."""
        tried = schools[:_ASKED]
        found = [self._rank(part, tried) for part in parts]
        firsts = [[best[school][0] for best in found if best.get(school)] for school in tried]
        apart = [len({(hit.passage.document, *self._headings(hit)) for hit in hits}) == len(parts) for hits in firsts]
        return 2 * sum(apart) > len(tried)


def school_choices(understood: Understood, schools: Sequence[School]) -> Iterator[Choice]:
    """Each school that a name in the question fits, then all of them; with the schools that are named beside it."""
    doubtful = understood.scope.doubtful
    beside = set(understood.schools).difference(doubtful)
    for school in schools:
        if school.id in doubtful:
            asked = tuple(other.id for other in schools if other.id in {school.id, *beside})
            yield Choice(school.name, understood.standalone, asked)
    yield Choice("Both of them" if len(doubtful) == 2 else "All of them", understood.standalone, understood.schools)


def _telling(text: str) -> set[str]:
    return {word for word in words([text])[0] if not _VAGUE.fullmatch(word)}


def _questions(text: str) -> list[str]:
    """The parts of a double question, if each of them asks, says what about, and needs no other."""
    parts = [part.strip() for part in _PARTS.split(text) if part.strip()]
    alone = all(re.match(_ASKS, part, re.I) and len(_telling(part)) > 1 for part in parts)
    return parts if alone and not any(map(points_back, parts[1:])) else []


def _sentence(part: str) -> str:
    return f"{part[:1].upper()}{part[1:].rstrip('?')}?"
