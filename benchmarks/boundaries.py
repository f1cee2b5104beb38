"""Every step at which a process changes a folder, counted, so that it can be killed, or let down by its disk, at the n-th.

A step is a file opened to be written, a write (before it, and when half of it is written), a truncation, an fsync, a
folder made, a rename, a removal. The program under test knows nothing of it: its steps are seen through Python's audit
events and through `open`. For a forked child of a process that is then thrown away.
"""

from __future__ import annotations

import builtins
import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from threading import RLock
from typing import Any

from tqdm import tqdm

# What processes share of tqdm (which bm25s uses) would stay locked for ever by a child that is killed while it holds it.
tqdm.monitor_interval = 0
tqdm.set_lock(RLock())
EVENTS = {"os.mkdir": "mkdir", "os.rename": "rename", "os.remove": "remove", "os.rmdir": "rmdir", "os.truncate": "truncate"}
GROWING = {"open", "write", "half", "fsync", "mkdir", "rename"}  # steps that a full disk refuses
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT

Step = Callable[[int, str], None]
_open, _fsync = io.open, os.fsync


class Steps:
    """Those in `folder` call `step` with their number, from 1, and their kind."""

    def __init__(self) -> None:
        self.folder = ""
        self.count = 0
        self.step: Step = lambda number, kind: None
        self._hooked = False

    def begin(self, folder: Path, step: Step) -> None:
        """In a forked child."""
        self.folder, self.step, self.count = str(folder), step, 0
        if not self._hooked:
            sys.addaudithook(self._audited)
            self._hooked = True
        os.fsync = self._fsynced
        io.open = builtins.open = self._opened  # type: ignore[assignment]

    def pass_(self, kind: str) -> None:
        self.count += 1
        self.step(self.count, kind)

    def _within(self, path: Any) -> bool:
        """A path relative to an open folder (shutil.rmtree's) is taken to be ours."""
        return isinstance(path, str | Path) and (str(path).startswith(self.folder) or not os.path.isabs(path))

    def _audited(self, event: str, args: tuple[Any, ...]) -> None:
        if event in EVENTS and self._within(args[0]):
            self.pass_(EVENTS[event])
        elif event == "open" and isinstance(args[2], int) and args[2] & WRITING and self._within(args[0]):
            self.pass_("open")

    def _fsynced(self, handle: Any) -> None:
        self.pass_("fsync")
        _fsync(handle)

    def _opened(self, file: Any, mode: str = "r", buffering: int = -1, *texts: Any, **more: Any) -> Any:
        """`texts`: encoding, errors and newline; pathlib gives all by place, others by name."""
        if not set(mode) & set("wax+") or not self._within(file):
            return _open(file, mode, buffering, *texts, **more)
        raw = _Raw(file, mode.replace("b", "").replace("t", ""))
        raw.steps = self
        whole: Any = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        return whole if "b" in mode else io.TextIOWrapper(whole, *texts, **more)


class _Raw(io.FileIO):
    steps: Steps

    def write(self, data: Any) -> int:
        self.steps.pass_("write")
        data = memoryview(data).cast("B")
        written = super().write(data[: len(data) // 2]) if len(data) > 1 else 0
        self.steps.pass_("half")
        return written + super().write(data[written:])

    def truncate(self, size: int | None = None) -> int:
        self.steps.pass_("truncate")
        return super().truncate(size)


STEPS = Steps()


def forked(work: Callable[[], Any], wait: Callable[[int], None] = lambda pid: None) -> tuple[int, Any]:
    """The signal that ended a child of ours that did `work`, 0 for none, and what that gave. `wait`: meanwhile, with its number."""
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            found = json.dumps(work())
        except BaseException as error:
            found = json.dumps({"raised": f"{type(error).__name__}: {error}"})
        os.write(writer, found.encode())
        os._exit(0)
    os.close(writer)
    try:
        wait(pid)
        with os.fdopen(reader, "rb") as file:
            told = file.read()
    finally:
        status = os.waitpid(pid, 0)[1]
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0, json.loads(told) if told else None
