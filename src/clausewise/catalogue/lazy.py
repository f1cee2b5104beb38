"""Sequences and mappings whose items are read when they are asked for."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any, TypeVar, overload

T = TypeVar("T")
_STEP = 256  # items read at a time by whoever wants them all


class Items(Sequence[T]):
    """The items of some ranges of numbers, in the order of the numbers. `one` gives an item, `many` those of a range."""

    def __init__(self, ranges: Iterable[range], one: Callable[[int], T], many: Callable[[range], list[T]]) -> None:
        self._ranges, self._one, self._many = runs(ranges), one, many
        self._places = [0, *accumulate(map(len, self._ranges))]

    def __len__(self) -> int:
        return self._places[-1]

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[T]: ...
    def __getitem__(self, place: int | slice) -> T | Sequence[T]:
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(len(self)))]
        place = range(len(self))[place]
        which = bisect_right(self._places, place) - 1
        return self._one(self._ranges[which][place - self._places[which]])

    def __iter__(self) -> Iterator[T]:
        for each in self._ranges:
            for start in range(0, len(each), _STEP):
                yield from self._many(each[start : start + _STEP])

    def __eq__(self, other: object) -> bool:
        """Equal to a sequence of the same items."""
        return isinstance(other, Sequence) and len(self) == len(other) and all(one == two for one, two in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]


class Numbered(Items[T]):
    """The same, but each is found by its own number, and not by its place: those out of sight leave gaps."""

    def __getitem__(self, number: Any) -> Any:
        which = bisect_right(self._ranges, number, key=lambda each: each.start) - 1
        if which < 0 or number not in self._ranges[which]:
            raise IndexError(f"no {number!r} in sight")
        return self._one(number)


class ById(Mapping[str, T]):
    """Items by their ids. `find` gives the item in sight of an id; `ids`: of all of them, `size` many, in order."""

    def __init__(self, find: Callable[[str], T | None], ids: Callable[[], Iterator[str]], size: Callable[[], int]) -> None:
        self._find, self._ids, self._size = find, ids, size

    def __getitem__(self, id: str) -> T:
        found = self._find(id) if isinstance(id, str) else None
        if found is None:
            raise KeyError(id)
        return found

    def __iter__(self) -> Iterator[str]:
        return self._ids()

    def __len__(self) -> int:
        return self._size()


def runs(ranges: Iterable[range]) -> list[range]:
    """Ranges without the empty ones, in order, those that touch as one."""
    found: list[range] = []
    for each in sorted(filter(None, ranges), key=lambda each: each.start):
        if found and found[-1].stop == each.start:
            found[-1] = range(found[-1].start, each.stop)
        else:
            found.append(each)
    return found
