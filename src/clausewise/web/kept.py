"""What takes long to make is made once, and kept for the next who asks."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent import futures
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from clausewise.index import Index

Value = TypeVar("Value")
AT_ONCE = 2  # values made in threads of their own; more would only share the machine's cores


def key(index: Index) -> tuple[str, tuple[str, ...]]:
    """What tells one index from another, and the schools of it that somebody may see from those that another may."""
    return index.manifest["checksum"], tuple(school.id for school in index.schools)


class Kept(Generic[Value]):
    """The last `most` values, by key, and those being made. Who asks for one of these waits for it; what failed is made anew.

    Unlike functools.lru_cache it makes a value once for two who ask at a time, and its keys hold no assistant in memory.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._held: OrderedDict[Hashable, Future[Value]] = OrderedDict()
        self._lock, self._threads = Lock(), ThreadPoolExecutor(AT_ONCE, "made")  # a thread of which begins when it is needed

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value kept under `key`, else what `make` gives; raises what `make` raises."""
        future, new = self._future(key)
        if new:
            self._make(key, future, make)
        return future.result()

    def soon(self, key: Hashable, make: Callable[[], Value], wait: float) -> Value | None:
        """The same, made in another thread, when its turn comes; None where it is not there in `wait` seconds: ask again."""
        future, new = self._future(key)
        if new:
            self._threads.submit(self._make, key, future, make)
        return future.result() if futures.wait([future], wait).done else None

    def making(self, key: Hashable) -> bool:
        """Whether the value is being made, or waits for its turn."""
        with self._lock:
            future = self._held.get(key)
        return future is not None and not future.done()

    def _future(self, key: Hashable) -> tuple[Future[Value], bool]:
        """And whether it is new, for its value to be made."""
        with self._lock:
            new = key not in self._held
            future = self._held.setdefault(key, Future())
            self._held.move_to_end(key)
            for old in [held for held, other in self._held.items() if other.done()]:
                if len(self._held) > self.most:
                    del self._held[old]
        return future, new

    def _make(self, key: Hashable, future: Future[Value], make: Callable[[], Value]) -> None:
        try:
            future.set_result(make())
        except BaseException as error:
            future.set_exception(error)
            with self._lock:
                if self._held.get(key) is future:
                    del self._held[key]
