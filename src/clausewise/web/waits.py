"""Guessing passwords is made slow: after some failures for a name, or from an address, the next try has to wait.

In memory: a restart forgives. An address is given more failures than a name, since a school's whole staff may share one.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from threading import Lock

from clausewise.keys import Clock

FREE = {"name": 5, "address": 20}  # failures that cost nothing
FIRST, LONGEST = 30, 15 * 60  # seconds of the first wait; each failure after it doubles that, to this at most
FORGOTTEN = 60 * 60  # seconds after the last failure
HELD = 10_000  # names and addresses at most

Who = tuple[str, str]  # ("name", a name) or ("address", an address)


@dataclass(slots=True)
class _Failures:
    count: int = 0
    last: float = 0.0
    until: float = 0.0


class Waits:
    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._failures: OrderedDict[Who, _Failures] = OrderedDict()
        self._lock = Lock()

    def left(self, whom: Iterable[Who]) -> int:
        """Seconds until all of these may try again; 0 where they may now."""
        with self._lock:
            return self._left(whom)

    def tried(self, whom: Collection[Who]) -> int:
        """Let these try now, which counts as a failure until it succeeds, so that many tries at once count too: 0.

        Else the seconds that are left, and nothing is counted.
        """
        with self._lock:
            left = self._left(whom)
            if not left:
                for who in whom:
                    self._count(who)
            return left

    def succeeded(self, name: Who, address: Who) -> None:
        """The name is forgiven all; the address only this try, since whoever guesses at others' accounts may have one."""
        with self._lock:
            self._failures.pop(name, None)
            if found := self._failures.get(address):
                found.count, found.until = found.count - 1, 0.0

    def _left(self, whom: Iterable[Who]) -> int:
        now = self.clock()
        return max((max(0, math.ceil(found.until - now)) for who in whom if (found := self._failures.get(who))), default=0)

    def _count(self, who: Who) -> None:
        now, found = self.clock(), self._failures.setdefault(who, _Failures())
        if now - found.last > FORGOTTEN:
            found.count, found.until = 0, 0.0
        found.count, found.last = found.count + 1, now
        over = found.count - FREE[who[0]]
        if over >= 0:
            found.until = now + min(FIRST * 2 ** min(over, 10), LONGEST)
        self._failures.move_to_end(who)
        while len(self._failures) > HELD:
            self._failures.popitem(last=False)
