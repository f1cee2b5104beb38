"""A matrix -> the differences that matter: opposed stances, a must beside a should, numbers apart, one school's silence.

Each is told in one plain sentence with the schools' names, and weighed so that what a board would ask about first stands
first. All is read from what the cells quote; nothing is said of a school that its quote does not say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from clausewise.comparison.duties import duty
from clausewise.comparison.matrix import Cell, Matrix
from clausewise.comparison.numbers import Quantity, outliers, quantities
from clausewise.comparison.topics import Topic

Kind = Literal["opposed", "strength", "number", "silence"]

# Stances that cannot both be followed, or nearly so, and how far apart they are.
_OPPOSED: Mapping[tuple[str, str], float] = {
    ("prohibited", "permitted"): 100.0,
    ("prohibited", "required"): 95.0,
    ("prohibited", "advised"): 85.0,
    ("prohibited", "conditional"): 80.0,
    ("required", "permitted"): 75.0,
}
_STRENGTH, _OUTLYING, _NUMBER, _SILENCE = 60.0, 55.0, 50.0, 40.0
_SAYS = {
    "prohibited": ("prohibits it", "prohibit it"),
    "permitted": ("permits it", "permit it"),
    "required": ("requires it", "require it"),
    "advised": ("advises it", "advise it"),
    "conditional": ("allows it on a condition", "allow it on a condition"),
}
_MOST = 0.5  # share of the schools that must speak for another's silence to stand out


@dataclass(frozen=True, slots=True)
class Contrast:
    """One difference between schools. `schools`: ids of those that differ, in the matrix's order; `told`: a sentence.

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
    yield from _opposed(topic, spoken, names)
    yield from _strengths(topic, spoken, names)
    yield from _numbers(topic, spoken, names)
    yield from _silence(topic, cells, names)


def _opposed(topic: Topic, cells: Sequence[Cell], names: Mapping[str, str]) -> Iterator[Contrast]:
    """The farthest opposition of a topic; with one it has said enough."""
    holders = {position: [cell.school for cell in cells if cell.position == position] for position in _SAYS}
    for (one, other), weight in _OPPOSED.items():
        if holders[one] and holders[other]:
            parts = [f"{listed(holders[side], names)} {_SAYS[side][len(holders[side]) > 1]}" for side in (one, other)]
            schools = tuple(cell.school for cell in cells if cell.position in (one, other))
            yield Contrast(topic.id, "opposed", f"On “{topic.title}”, {parts[0]}, while {parts[1]}.", schools, weight)
            return


def _strengths(topic: Topic, cells: Sequence[Cell], names: Mapping[str, str]) -> Iterator[Contrast]:
    """A must beside a should, of rules that both bid or both forbid."""
    duties = {cell.school: duty(cell.answer.quotes[0].text, cell.answer.quotes[0].lead_in) for cell in cells if cell.answer.quotes}
    for negative in (True, False):
        held = {s: d.strength for s, d in duties.items() if d and d.negative == negative}
        must, should = ([school for school in held if held[school] == strength] for strength in ("must", "should"))
        if must and should:
            word = " not" if negative else ""
            sides = (f"{listed(side, names)} {_say(side)}" for side in (must, should))
            told = f"On “{topic.title}”, {next(sides)} must{word}, where {next(sides)} should{word}."
            yield Contrast(topic.id, "strength", told, tuple(s for s in held if held[s] != "may"), _STRENGTH + (0.5 if negative else 0.0))


def _say(schools: Sequence[str]) -> str:
    return "says" if len(schools) == 1 else "say"


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
    beside = "; ".join(f"{names[school]} “{held[school].text}”" for school in order)
    more = f"; {listed(apart, names)} {'stands' if len(apart) == 1 else 'stand'} apart" if apart else ""
    values = tuple((school, held[school].text, held[school].value, unit, school in apart) for school in order)
    told = f"On “{topic.title}”, numbers differ: {beside}{more}."
    return Contrast(topic.id, "number", told, tuple(held), _OUTLYING if apart else _NUMBER, values)


def _silence(topic: Topic, cells: Sequence[Cell], names: Mapping[str, str]) -> Iterator[Contrast]:
    """Schools that say nothing where most speak; the fewer they are, the heavier it weighs."""
    silent = tuple(cell.school for cell in cells if cell.position == "silent")
    spoken = len(cells) - len(silent)
    if silent and spoken > _MOST * len(cells):
        told = f"On “{topic.title}”, {listed(silent, names)} {_say(silent)} nothing, where {spoken} of {len(cells)} schools do."
        yield Contrast(topic.id, "silence", told, silent, _SILENCE + spoken / len(cells))


def listed(schools: Sequence[str], names: Mapping[str, str]) -> str:
    """ "A", "A and B", "A, B and C"."""
    *most, last = (names[school] for school in schools)
    return f"{', '.join(most)} and {last}" if most else last
