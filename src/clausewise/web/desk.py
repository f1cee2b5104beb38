"""The assistant that answers now, and how the next one comes to take its place.

A page asks for the assistant once a request: the index may be built anew meanwhile, and a question under way keeps the
assistant that it began with.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from threading import Lock, Thread
from time import monotonic
from typing import Literal
from weakref import WeakKeyDictionary

from clausewise.accounts import User
from clausewise.assistant import Assistant
from clausewise.building import build_with, indexing
from clausewise.documents import Corpus, health, load_corpus
from clausewise.errors import ClausewiseError, DamagedIndex, NotAdded, ReadError
from clausewise.following import Following
from clausewise.generations import Named, pointed
from clausewise.milvus import copied
from clausewise.settings import DEFAULT_INDEX
from clausewise.switch import Switch
from clausewise.web.kept import Kept
from clausewise.web.shelf import remove, save

State = Literal["idle", "reading", "embedding", "done", "failed"]
NO_FOLDER = "this page was not told where the policies are; start it with: clausewise serve --corpus DIR"
ANOTHER = "A policy is being indexed."
TRUSTS = 64  # of which what each may see is kept ready
BROKEN = "the index could not be built; the server’s log has the details"
SHORTLY = "It is indexed, but could not be opened at once: it answers shortly."
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the last build is. `told`: a line for people.

    `done` of `of`: of the work of embedding; `of` is 0 until that is known. `left`: seconds till all is done, at the mean speed so far.
    """

    state: State = "idle"
    told: str = ""
    done: int = 0
    of: int = 0
    left: float | None = None

    @property
    def under_way(self) -> bool:
        return self.state in ("reading", "embedding")


class _Closed(Exception):
    """The server stops."""


class _Stopped(Exception):
    """Whoever adds the policy thinks better of it."""


class Desk:
    """`whole`: the assistant over every school. `corpus`: the folder that a policy can be added to, None for none.

    `index`: the folder of the assistant's index. `switch`: of asking, None where it is always on.
    """

    def __init__(
        self, assistant: Assistant, corpus: Path | None = None, index: Path = DEFAULT_INDEX, switch: Switch | None = None
    ) -> None:
        self.following, self.corpus, self.index, self.switch = Following(assistant, index), corpus, index, switch
        self.progress = Progress()
        self._since = monotonic()  # of the embedding of the last build
        self._school = ""  # that the last policy was added to
        self._views: WeakKeyDictionary[Assistant, Kept[Assistant]] = WeakKeyDictionary()  # of an assistant; they go with it
        self._turn = Lock()
        self._thread: Thread | None = None
        self._closed = self._stopped = False

    @property
    def whole(self) -> Assistant:
        return self.following.now

    def assistant(self, user: User) -> Assistant:
        """The one that answers `user` now: it knows of no school but those that they may see."""
        whole = self.whole
        if user.trust is None:
            return whole
        schools = [school.id for school in whole.schools if school.trust == user.trust]
        return self._views.setdefault(whole, Kept(TRUSTS)).get(user.trust, lambda: whole.within(schools))

    def asking_off(self) -> str | None:
        """An administrator's note while nobody may ask; None while everybody may. Raises StoreError."""
        return self.switch.note() if self.switch else None

    def progress_for(self, user: User) -> Progress:
        """How far the last build is; to those who do not see the school that it was made for, only that there is one."""
        found = self.progress
        if self._sees_build(user):
            return found
        return replace(found, told=ANOTHER) if found.under_way else Progress()

    def _sees_build(self, user: User) -> bool:
        return user.trust is None or self._school in {school.id for school in self.assistant(user).schools}

    def add(self, file: Path, school: str) -> None:
        """Save a copy of `file` in the school's folder, then index the corpus anew in a thread; `progress` tells how far it is.

        Raises NotAdded while a build is under way, where such a file is there, and where none can be written.
        """
        if self.corpus is None:
            raise NotAdded(NO_FOLDER, 403)
        before = self._begin(file.name, school)
        try:
            saved = save(file, self.corpus / school)
        except BaseException:
            self.progress = before
            raise
        self._thread = Thread(target=self._build, args=(self.corpus, saved), name="index")
        try:
            self._thread.start()
        except RuntimeError as error:  # the machine has no room for another thread
            self.progress, self._thread = before, None
            raise NotAdded(f"{saved.name} cannot be indexed now ({error}); {remove(saved)}", 500) from None

    def close(self) -> None:
        """Give up a build that is under way, and wait till it has: the model would not survive being cut off."""
        self._closed = True
        if self._thread:
            self._thread.join()

    def stop(self, user: User) -> None:
        """Give up a build that is under way, if it is for a school of theirs: its policy is taken back, and the index stays as it was."""
        self._stopped = self._stopped or self._sees_build(user)

    def check_idle(self) -> None:
        """Raise NotAdded while a build is under way."""
        if self.progress.under_way:
            raise NotAdded("another policy is being indexed; add this one when that is done", 409)

    def _begin(self, name: str, school: str) -> Progress:
        """Take the turn; the progress there was before."""
        with self._turn:
            self.check_idle()
            before, self.progress = self.progress, Progress("reading", f"Reading the policies, now with {name}.")
            self._school, self._stopped = school, False
        return before

    def _build(self, corpus: Path, saved: Path) -> None:
        try:
            self.progress = Progress("done", self._renewed(corpus, saved))
        except _Closed:
            self.progress = Progress("failed", f"{saved.name} is saved, and will be indexed when Clausewise starts again.")
        except _Stopped:
            self.progress = Progress("failed", f"Stopped. {remove(saved)}")
        except Exception as error:
            if not isinstance(error, ClausewiseError | OSError):
                log.exception("the index was not built with %s", saved.name)
            self.progress = Progress("failed", f"Not added: {_line(error)}. {remove(saved)}")

    def _renewed(self, folder: Path, saved: Path) -> str:
        """Build the index with the policy at `saved` and let it answer; what became of that policy, in words."""
        now = self.whole
        with indexing(self.index) as writer:
            corpus = load_corpus(folder, now.settings.max_bytes, now.settings.limits)
            told = _told(corpus, saved.relative_to(folder).as_posix())
            also = partial(copied, now.settings.milvus, self.index)
            before = _in_force(self.index)
            try:
                built = build_with(writer, corpus, now.encoder, self._tell, also=also)
                self.following.take(Assistant(built.index, now.settings, now.encoder))
            except Exception:
                if _in_force(self.index) == before:
                    raise
                log.exception("the index with %s is in force, and could not be opened yet", saved.name)
                return f"{told} {SHORTLY}"
        return told

    def _tell(self, _: str, done: int, of: int) -> None:
        if self._closed:
            raise _Closed
        if self._stopped:
            raise _Stopped
        if not done:
            self._since = monotonic()
        left = (monotonic() - self._since) * (of - done) / done if done else None
        self.progress = Progress("embedding", f"Indexing: {done * 100 // of} %{_left(left)}.", done, of, left)


def _left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    count, unit = (seconds / 60, "minute") if seconds >= 90 else (seconds, "second")
    return f", about {max(1, round(count))} {unit}{'s' * (round(count) > 1)} left"


def _in_force(folder: Path) -> Named | None:
    """The generation in force; None where there is none, or it is damaged, which a build mends."""
    with suppress(DamagedIndex):
        return pointed(folder)
    return None


def _told(corpus: Corpus, path: str) -> str:
    """The health line of the policy at `path`, and which version it takes the place of. Raises ReadError where it is none."""
    for document in corpus.documents:
        if document.path == path:
            older = [other.path for other in corpus.documents if other.superseded_by == document.id]
            return f"Added {health(document)}." + (f" It takes the place of {', '.join(older)}." if older else "")
    raise ReadError(next((line for line in corpus.failures if path in line), f"{path}: cannot be read"))


def _line(error: Exception) -> str:
    if isinstance(error, ClausewiseError):
        return str(error)
    return f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else BROKEN
