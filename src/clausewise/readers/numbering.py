"""Word's automatic numbering: what it prints before a paragraph. Works on numbering.xml's elements; opens no file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from clausewise.readers.numerals import numeral

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LEVELS = 9
_CLAUSE = re.compile(r"\d+(?:\.\d+)+\.?$")


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list is numbered. `restart`: the level whose advance restarts this one (0: none does)."""

    start: int = 1
    style: str = "decimal"
    pattern: str = ""
    restart: int | None = None
    legal: bool = False
    indent: int | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """What is printed. `number` is "" for a bullet. `clause`: it belongs to the policy's own numbering, 5 or 5.3."""

    number: str
    clause: bool
    indent: int | None


@dataclass(slots=True)
class Numbering:
    """The lists of one document, counting as the paragraphs go by in order."""

    levels: dict[str, tuple[str, tuple[Level, ...], dict[int, int]]] = field(default_factory=dict)
    counts: dict[str, list[int | None]] = field(default_factory=dict)
    begun: set[tuple[str, int]] = field(default_factory=set)

    def label(self, num: str, depth: int) -> Label | None:
        """The label of the next paragraph of list `num` at `depth` (from 0); None where the list prints nothing."""
        if num not in self.levels or not 0 <= depth < _LEVELS:
            return None
        abstract, levels, overrides = self.levels[num]
        counts = self.counts.setdefault(abstract, [None] * _LEVELS)
        self._advance(counts, levels, depth, self._override(num, depth, overrides))
        level = levels[depth]
        if level.style == "bullet":
            return Label("", False, level.indent)
        number = _printed(counts, levels, depth)
        return Label(number, _is_clause(levels, depth, number), level.indent) if number else None

    def _override(self, num: str, depth: int, overrides: Mapping[int, int]) -> int | None:
        """A list that shares another's counters may say where it starts; that holds for its first paragraph only."""
        if depth not in overrides or (num, depth) in self.begun:
            return None
        self.begun.add((num, depth))
        return overrides[depth]

    @staticmethod
    def _advance(counts: list[int | None], levels: tuple[Level, ...], depth: int, override: int | None) -> None:
        before = counts[depth]
        counts[depth] = override if override is not None else levels[depth].start if before is None else before + 1
        for above in range(depth):
            if counts[above] is None:
                counts[above] = levels[above].start
        for below in range(depth + 1, _LEVELS):
            restart = levels[below].restart
            if restart is None or (restart > 0 and depth < restart):
                counts[below] = None


def _printed(counts: list[int | None], levels: tuple[Level, ...], depth: int) -> str:
    def value(match: re.Match[str]) -> str:
        at = int(match.group(1)) - 1
        style = "decimal" if levels[depth].legal else levels[at].style
        return numeral(counts[at] or levels[at].start, style)

    return re.sub(r"%([1-9])", value, levels[depth].pattern).strip()


def _is_clause(levels: tuple[Level, ...], depth: int, number: str) -> bool:
    """5.3 always; 5 where the level below counts 5.1; "Section 2" and "Article IV" where words stand in the label."""
    if _CLAUSE.match(number) or re.search(r"[A-Za-z]{4,}", number):
        return True
    below = levels[depth + 1].pattern if depth + 1 < _LEVELS else ""
    return levels[depth].style == "decimal" and depth == 0 and below.startswith("%1.%2")


def read_numbering(root: Any) -> Numbering:
    """From the root element of numbering.xml; None gives a document without lists."""
    numbering = Numbering()
    if root is None:
        return numbering
    abstracts = {a.get(f"{W}abstractNumId"): a for a in root.iter(f"{W}abstractNum")}
    links = {_value(a, "styleLink"): a for a in abstracts.values() if _value(a, "styleLink")}
    for num in root.iter(f"{W}num"):
        abstract = abstracts.get(_value(num, "abstractNumId"))
        if abstract is not None:
            abstract = links.get(_value(abstract, "numStyleLink"), abstract)
            numbering.levels[num.get(f"{W}numId")] = (abstract.get(f"{W}abstractNumId"), *_num(num, abstract))
    return numbering


def _num(num: Any, abstract: Any) -> tuple[tuple[Level, ...], dict[int, int]]:
    levels = [Level()] * _LEVELS
    for element in abstract.findall(f"{W}lvl"):
        _put(levels, element)
    starts: dict[int, int] = {}
    for override in num.findall(f"{W}lvlOverride"):
        for element in override.findall(f"{W}lvl"):
            _put(levels, element)
        if (start := _value(override, "startOverride")) is not None:
            starts[_number(override.get(f"{W}ilvl"), 0)] = _number(start, 1)
    return tuple(levels), starts


def _put(levels: list[Level], element: Any) -> None:
    depth = _number(element.get(f"{W}ilvl"), 0)
    if 0 <= depth < _LEVELS:
        restart = _value(element, "lvlRestart")
        levels[depth] = Level(
            start=_number(_value(element, "start"), 1),
            style=_value(element, "numFmt") or "decimal",
            pattern=_value(element, "lvlText") or "",
            restart=None if restart is None else _number(restart, 0),
            legal=element.find(f"{W}isLgl") is not None,
            indent=indent_of(element.find(f"{W}pPr")),
        )


def indent_of(properties: Any) -> int | None:
    """The left indent that paragraph properties state, in twentieths of a point."""
    ind = properties.find(f"{W}ind") if properties is not None else None
    if ind is None:
        return None
    stated = ind.get(f"{W}left") or ind.get(f"{W}start")
    return None if stated is None else _number(stated, 0)


def _value(element: Any, name: str) -> str | None:
    child = element.find(f"{W}{name}")
    return None if child is None else str(child.get(f"{W}val"))


def _number(text: str | None, default: int) -> int:
    return int(text) if text and re.fullmatch(r"-?\d{1,9}", text) else default
