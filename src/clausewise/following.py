"""An assistant that follows its index: what another process builds answers here within seconds, and no question is lost.

A question keeps the assistant that it began with. The next one is opened beside it, in a thread; where it cannot be,
the old one goes on.
"""

from __future__ import annotations

import gc
import logging
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Event, Thread
from types import TracebackType

from clausewise.assistant import Assistant
from clausewise.generations import Named, numbered, pointed, prune
from clausewise.index import load

EVERY = 1.0  # seconds between two looks at a file of a few bytes
LOOKS = 10  # at which an index that nobody should use any more is let go of
AGAIN = 10  # looks till one that could not be opened is tried again
log = logging.getLogger(__name__)


class Following(AbstractContextManager["Following"]):
    """`now`: the assistant that answers. It follows the index in `folder` from when this is entered until it is left."""

    def __init__(self, assistant: Assistant, folder: Path) -> None:
        self.now, self.folder = assistant, folder
        self._tried: Named | None = None
        self._rest = self._looks = 0
        self._told = ""
        self._ended = Event()
        self._thread: Thread | None = None

    def __enter__(self) -> Following:
        self._thread = Thread(target=self._watch, name="following", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ended.set()
        if self._thread:
            self._thread.join()

    def take(self, assistant: Assistant) -> None:
        """Let `assistant` answer from now on; the index before it is let go of at the next looks."""
        self.now, self._looks = assistant, LOOKS

    def _watch(self) -> None:
        while not self._ended.wait(EVERY):
            self.look()

    def look(self) -> None:
        """Take up the index that is in force, if it is another; a line in the log, once, where it cannot be. Never raises."""
        try:
            self._follow()
            self._let_go()
        except Exception as error:
            if str(error) != self._told:
                log.warning("the index as it is now was not taken up, and the one before it answers on: %s", error)
            self._told = str(error)

    def _follow(self) -> None:
        named, now = pointed(self.folder), self.now.index.generation
        if named is None or (now and named == now.named) or self._rests(named):
            return
        self._tried, self._rest = named, AGAIN
        self.take(Assistant(load(self.folder, self.now.encoder), self.now.settings, self.now.encoder))

    def _rests(self, named: Named) -> bool:
        """Whether this one could not be opened a few looks ago: what stood in the way may pass, but each try takes time."""
        self._rest -= 1
        return named == self._tried and self._rest > 0

    def _let_go(self) -> None:
        """Assistants refer to themselves, so the old one's memory and files stay until they are collected."""
        if self._looks:
            self._looks -= 1
            gc.collect()
            prune(self.folder)
            if len(numbered(self.folder)) == 1:
                self._looks = 0
