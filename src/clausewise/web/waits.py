"""Guessing passwords is made slow: after some failures for a name from one address, the next try from there has to wait.

In memory: a restart forgives. So do, after more failures, all tries from the address, which a school's whole staff may share; and all
for the name, which stops many addresses at work together, and lets no single one keep its owner out.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from threading import Lock

from clausewise.keys import Clock

FREE = {"pair": 5, "address": 20, "name": 100}  # failures that cost nothing
FIRST, LONGEST = 30, 15 * 60  # seconds of the first wait; each failure after it doubles that, to this at most
FORGOTTEN = 60 * 60  # seconds after the last failure
HELD = 10_000  # names and addresses at most

Who = tuple[str, str]  # a kind of FREE, and which one
Whom = tuple[Who, Who, Who]


def whom(name: str, address: str) -> Whom:
    """Who tries. Of an IPv6 address the network: one machine has a whole one."""
    network = _network(address)
    return ("pair", f"{network} {name}"), ("address", network), ("name", name)


def _network(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(IPv6Address(int(found) >> 64 << 64)) if found.version == 6 else address


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

    def succeeded(self, whom: Whom) -> None:
        """The name is forgiven all from there; the address, and the name elsewhere, only this try: guessing at it may go on."""
        with self._lock:
            self._failures.pop(whom[0], None)
        self.passed(whom[1:])

    def passed(self, whom: Iterable[Who]) -> None:
        """The try was no failure."""
        with self._lock:
            for who in whom:
                if found := self._failures.get(who):
                    found.count, found.until = found.count - 1, 0.0

    def _left(self, whom: Iterable[Who]) -> int:
        now = self.clock()
        return max((max(0, math.ceil(found.until - now)) for who in whom if (found := self._failures.get(who))), default=0)

    def _count(self, who: Who) -> None:
        now, found = self.clock(), self._failures.setdefault(who, _Failures())
        if now - found.last > FORGOTTEN:
            found.count, found.until = 0, 0.0
        if who[0] == "name":  # one address that tries as often as its own waits let it must not add up to a wait for all
            found.count = max(0, found.count - int((now - found.last) // LONGEST))
        found.count, found.last = found.count + 1, now
        over = found.count - FREE[who[0]]
        if over >= 0:
            found.until = now + min(FIRST * 2 ** min(over, 10), LONGEST)
        self._failures.move_to_end(who)
        while len(self._failures) > HELD:
            self._failures.popitem(last=False)
