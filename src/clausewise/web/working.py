"""Work that takes longer than a page may keep its reader waiting: how far it is, and when it is given up."""

from __future__ import annotations

from time import monotonic

from clausewise.errors import ClausewiseError

ALONE = 10.0  # seconds after which work that nobody asks after is given up; a page that waits asks every second
PATIENCE = 1.0  # seconds that a request waits before its page says how far the work is


class GivenUp(ClausewiseError):
    """Nobody waited for it any more."""


class Work:
    """`done` of `of` parts are done, each a `part`. Who closes the page that waits for it, or leaves it, gives it up."""

    def __init__(self, of: int, part: str) -> None:
        self.done, self.of, self.part = 0, of, part
        self.look()

    def look(self) -> Work:
        """Somebody waits for it."""
        self._looked = monotonic()
        return self

    def tell(self, done: int) -> None:
        """Raises GivenUp."""
        self.done = done
        if monotonic() - self._looked > ALONE:
            raise GivenUp("nobody waited for this comparison any more, so it was given up; ask for it again")
