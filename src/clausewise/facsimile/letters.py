"""Two tellings of the same page -> which letter of the one is which of the other.

Only letters and digits count: white space, hyphens, bullets and stops are what two readers of a PDF differ in. Neither
telling need be in the other's order, nor without what the other leaves out, such as a running head.
"""

from __future__ import annotations

import heapq
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher

_RUNS = (24, 8, 4)  # letters that must agree in a row, from the surest down
_OFTEN = 200  # a run that stands in more places tells nothing of where it belongs
_NEAR = 60  # letters: a longer gap is no slip of a reader


def letters(text: Iterable[str]) -> tuple[str, list[int]]:
    """The letters and digits of `text` in order, ligatures and accents taken apart, and the position that each comes from."""
    found = [(letter, at) for at, character in enumerate(text) for letter in unicodedata.normalize("NFKD", character) if letter.isalnum()]
    return "".join(letter for letter, _ in found), [at for _, at in found]


def aligned(one: str, offsets: Sequence[int], other: str) -> list[int | None]:
    """For each letter of `one` its place in `other`, where an equal letter stands that is no other's; None for none.

    `offsets`: as `letters` tells them of `one`. The longest run of whole words that both share is matched first, wherever it
    stands, so a sentence that stands twice goes by what is around it; equals are matched in order.
    """
    pairing = _Pairing(one, offsets, other)
    for least in _RUNS:
        pairing.match_runs(least)
    pairing.match_gaps()
    return pairing.places


class _Pairing:
    def __init__(self, one: str, offsets: Sequence[int], other: str) -> None:
        self.one, self.other = one, other
        self.places: list[int | None] = [None] * len(one)
        self.taken = [False] * len(other)
        self.edges = [0, *(n for n in range(1, len(one)) if offsets[n] > offsets[n - 1] + 1), len(one)]  # of words

    def match_runs(self, least: int) -> None:
        heap = [(-length, i, j) for i, j, length in self.shared(least)]
        heapq.heapify(heap)
        while heap:
            length, i, j = heapq.heappop(heap)
            parts = list(self.free(i, j, -length))
            if parts == [(i, j, -length)]:
                self.place(i, j, -length)
            else:  # a longer run took some of it
                for part in parts:
                    i, j, length = self.whole(*part)
                    if length >= least:
                        heapq.heappush(heap, (-length, i, j))

    def whole(self, i: int, j: int, length: int) -> tuple[int, int, int]:
        """Without the parts of words at its ends: a letter or two are soon the same by chance."""
        start, end = self.edges[bisect_left(self.edges, i)], self.edges[bisect_right(self.edges, i + length) - 1]
        return start, j + start - i, max(end - start, 0)

    def shared(self, least: int) -> Iterator[tuple[int, int, int]]:
        """(start in one, start in other, length) of all runs of whole words, and `least` free letters or more, that go on no further."""
        starts: dict[str, list[int]] = {}
        for j in range(len(self.other) - least + 1):
            starts.setdefault(self.other[j : j + least], []).append(j)
        for i in range(len(self.one) - least + 1):
            places = starts.get(self.one[i : i + least], ())
            for j in places if len(places) <= _OFTEN else ():
                if self.may_pair(i, j) and not (i and j and self.may_pair(i - 1, j - 1)):
                    run = self.whole(i, j, self.length(i, j))
                    if run[2] >= least:
                        yield run

    def length(self, i: int, j: int) -> int:
        end = i
        while end < len(self.one) and j + end - i < len(self.other) and self.may_pair(end, j + end - i):
            end += 1
        return end - i

    def may_pair(self, i: int, j: int) -> bool:
        return self.one[i] == self.other[j] and self.places[i] is None and not self.taken[j]

    def free(self, i: int, j: int, length: int) -> Iterator[tuple[int, int, int]]:
        start = 0
        for at in range(length + 1):
            if at == length or not self.may_pair(i + at, j + at):
                if at > start:
                    yield i + start, j + start, at - start
                start = at + 1

    def place(self, i: int, j: int, length: int) -> None:
        self.places[i : i + length] = range(j, j + length)
        self.taken[j : j + length] = [True] * length

    def match_gaps(self) -> None:
        """What is left between two runs is sought right after where the one stands, then right before the other."""
        for start, end in list(self.gaps()):
            if end - start <= _NEAR:
                before = self.places[start - 1] if start else None
                self.match_gap(start, end, *self.open_after(-1 if before is None else before))
        for start, end in list(self.gaps()):
            if end - start <= _NEAR:
                after = self.places[end] if end < len(self.one) else None
                self.match_gap(start, end, *self.open_before(len(self.other) if after is None else after))

    def open_after(self, place: int) -> tuple[int, int]:
        """The stretch of letters after `place` that nothing has taken."""
        end = place + 1
        while end < len(self.other) and end - place <= _NEAR and not self.taken[end]:
            end += 1
        return place + 1, end

    def open_before(self, place: int) -> tuple[int, int]:
        start = place
        while start and place - start < _NEAR and not self.taken[start - 1]:
            start -= 1
        return start, place

    def gaps(self) -> Iterator[tuple[int, int]]:
        start = None
        for at, place in enumerate([*self.places, -1]):
            if place is None:
                start = at if start is None else start
            elif start is not None:
                yield start, at
                start = None

    def match_gap(self, start: int, end: int, low: int, high: int) -> None:
        matcher = SequenceMatcher(None, self.one[start:end], self.other[low:high], autojunk=False)
        for i, j, length in matcher.get_matching_blocks():
            self.place(start + i, low + j, length)
