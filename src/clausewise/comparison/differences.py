"""A matrix -> the differences that matter: opposed rules, a must beside a should, numbers apart, one school's silence.

Each is told in one plain sentence with the schools' names, and weighed so that what a board would ask about first stands
first. A sentence tells what was quoted and how it was marked, never what a school's policy as a whole comes to: one clause
cannot tell that, and the marks have mistakes (DECISIONS.md, 2026-11-29).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from clausewise.comparison.matrix import Cell, Matrix
from clausewise.comparison.numbers import Quantity, outliers, quantities
from clausewise.comparison.positions import some
from clausewise.comparison.topics import Topic

Kind = Literal["opposed", "strength", "stance", "number", "silence"]

# What a cell comes to: how it is marked, and for a difference of strength the words that bind.
_IS = {
    "prohibited": ("not allowed", "must not"),
    "against": ("advised against", "should not"),
    "permitted": ("allowed", "may"),
    "conditional": ("on a condition", ""),
    "required": ("required", "must"),
    "advised": ("advised", "should"),
}
# Two sides, what their difference is, and how much it matters; the first pair that a topic has is told. One rule may say
# what is forbidden and another what is to be done instead ("must not disparage", "must be respectful"), so a ban beside a
# duty or a piece of advice is told as no difference: in the five real policies it was one seldom.
_SIDES: tuple[tuple[str, str, Kind, float], ...] = (
    ("prohibited", "permitted", "opposed", 100.0),
    ("against", "permitted", "opposed", 80.0),
    ("required", "permitted", "opposed", 75.0),
    ("prohibited", "against", "strength", 65.0),
    ("required", "advised", "strength", 60.0),
    ("prohibited", "conditional", "stance", 52.0),  # a ban may have its exception in another clause
    ("against", "conditional", "stance", 50.0),
    ("required", "conditional", "stance", 48.0),
)
_OUTLYING, _NUMBER, _SILENCE = 58.0, 55.0, 40.0
_LEAST = 3  # so many schools must speak for the silence of the one that does not to stand out


@dataclass(frozen=True, slots=True)
class Contrast:
    """One difference between schools. `schools`: ids of those that differ, in the matrix's order; `told`: a sentence, to stand
    beside the topic's title.

    `weight`: for ordering, heavier first. `values`: with kind "number", (school id, words as printed, value, unit, stands
    apart) from the smallest.
    """

    topic: str
    kind: Kind
    told: str
    schools: tuple[str, ...]
    weight: float
    values: tuple[tuple[str, str, float, str, bool], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def differences(matrix: Matrix) -> tuple[Contrast, ...]:
    """All contrasts of a matrix, the heaviest first; of one weight, in the topics' order."""
    names = {school.id: school.name for school in matrix.schools}
    found = [(place, contrast) for place, topic in enumerate(matrix.topics) for contrast in of_topic(topic, matrix.row(topic.id), names)]
    return tuple(contrast for _, contrast in sorted(found, key=lambda pair: (-pair[1].weight, pair[0], pair[1].kind, pair[1].told)))


def of_topic(topic: Topic, cells: Sequence[Cell], names: Mapping[str, str]) -> Iterator[Contrast]:
    """The contrasts of one topic's cells. `names`: by school id."""
    spoken = [cell for cell in cells if cell.position != "silent"]
    yield from _sides(topic, spoken, names)
    yield from _numbers(topic, spoken, names)
    yield from _silence(topic, cells, names)


def _sides(topic: Topic, cells: Sequence[Cell], names: Mapping[str, str]) -> Iterator[Contrast]:
    """The difference of a topic that matters most; with one it has said enough.

    A cell whose quote binds otherwise than its position says may be misread, and is set against no other.
    """
    holders: dict[str, list[str]] = {side: [] for side in _IS}
    for cell in cells:
        if cell.strength or cell.position == "conditional":
            holders[cell.position].append(cell.school)
    for one, other, kind, weight in _SIDES:
        if holders[one] and holders[other]:
            binds = kind == "strength"
            parts = [f"{_IS[side][binds]} at {listed(holders[side], names)}" for side in (one, other)]
            schools = tuple(cell.school for cell in cells if cell.school in (*holders[one], *holders[other]))
            what = "The rules quoted bind differently:" if binds else "Marked"
            yield Contrast(topic.id, kind, f"{what} {parts[0]}; {parts[1]}.", schools, weight)
            return


def _numbers(topic: Topic, cells: Sequence[Cell], names: Mapping[str, str]) -> Iterator[Contrast]:
    """Quantities of one kind and unit beside each other, where they differ: the first that each school's first quote states."""
    stated: dict[tuple[str, str], dict[str, Quantity]] = {}
    for cell in cells:
        for quantity in quantities(cell.answer.quotes[0].text) if cell.answer.quotes else ():
            stated.setdefault((quantity.kind, quantity.unit), {}).setdefault(cell.school, quantity)
    for (_, unit), held in sorted(stated.items()):
        if len({(quantity.value, quantity.high) for quantity in held.values()}) > 1:
            yield _number(topic, unit, held, names)


def _number(topic: Topic, unit: str, held: Mapping[str, Quantity], names: Mapping[str, str]) -> Contrast:
    apart = outliers({school: quantity.value for school, quantity in held.items()})
    order = sorted(held, key=lambda school: (held[school].value, list(held).index(school)))
    beside = "; ".join(some([f"{names[school]} “{held[school].text}”" for school in order]))
    more = f"; {listed(apart, names)} {'stands' if len(apart) == 1 else 'stand'} apart" if apart else ""
    values = tuple((school, held[school].text, held[school].value, unit, school in apart) for school in order)
    told = f"Numbers differ: {beside}{more}."
    return Contrast(topic.id, "number", told, tuple(held), _OUTLYING if apart else _NUMBER, values)


def _silence(topic: Topic, cells: Sequence[Cell], names: Mapping[str, str]) -> Iterator[Contrast]:
    """The one school that says nothing where all others speak, or speaks where all others say nothing; the matrix has the rest."""
    silent = tuple(cell.school for cell in cells if cell.position == "silent")
    spoken = tuple(cell.school for cell in cells if cell.position != "silent")
    if len(cells) > _LEAST and len(silent) == 1:
        yield Contrast(topic.id, "silence", f"A clause was found at every school but {listed(silent, names)}.", silent, _SILENCE)
    if len(cells) > _LEAST and len(spoken) == 1:
        yield Contrast(topic.id, "silence", f"A clause was found at {listed(spoken, names)} alone.", spoken, _SILENCE - 1)


def listed(schools: Sequence[str], names: Mapping[str, str]) -> str:
    """ "A", "A and B", "A, B and C"."""
    *most, last = some([names[school] for school in schools])
    return f"{', '.join(most)} and {last}" if most else last
