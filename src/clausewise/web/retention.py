"""Conversations that nobody went on with are deleted: when the server starts, and once a day."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from clausewise.conversations import Conversations
from clausewise.errors import StoreError

DAY = 24 * 3600.0  # seconds
log = logging.getLogger(__name__)


@contextmanager
def pruned(kept: Conversations, days: int, every: float = DAY) -> Iterator[None]:
    """While this lasts, what is more than `days` days old is deleted, at once and again after `every` seconds."""
    ended = Event()
    thread = Thread(target=_prune, args=(kept, days, every, ended), name="retention", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _prune(kept: Conversations, days: int, every: float, ended: Event) -> None:
    while True:
        try:
            kept.prune(days)
        except StoreError as error:
            log.warning("old conversations were not deleted, and will be tried again: %s", error)
        if ended.wait(every):
            return
