"""A program of ours in a process of its own, with limits: what a hostile file breaks, or holds up, is that process.

Both sides of it stand here. They speak in frames: a length in eight bytes, then so many bytes of whatever the two agreed on
(JSON, never pickle). Every system ends a process that takes too long. Memory is limited on Linux; macOS takes no notice of
such a limit, and Windows knows none, so there a file is held up by the clock alone.
"""

from __future__ import annotations

import gc
import math
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, Timer
from types import TracebackType
from typing import IO, Literal

from clausewise.errors import ClausewiseError
from clausewise.settings import Limits

Why = Literal["time", "late", "memory", "size", "killed", "damage"]
LARGEST = 32 << 20  # bytes of an answer
_START = 120  # seconds that a process may take to be ready
_PATIENCE = 2  # on a busy machine a process gets its time late: by the clock it may take so many times as long
_GRACE = 5  # seconds for a process that has closed its ears to be gone
_NO_ROOM = 77  # exit code of a process that found no more memory
_NEEDED = re.compile(
    r"(PATH|PATHEXT|SYSTEMROOT|SYSTEMDRIVE|WINDIR|TEMP|TMP|TMPDIR|HOME|USERPROFILE|TZ|LANG|LANGUAGE|LC_\w+|LD_\w+|DYLD_\w+|"
    r"PYTHON\w*|__PYVENV_LAUNCHER__)",
    re.I,
)
_SOURCES = str(Path(__file__).parents[1])


class NotStarted(ClausewiseError):
    """No process can be started, which is no fault of any file's."""


class Lost(Exception):
    """A question was not answered: that took too much of a processor's "time" or of "memory", or by the clock it is too "late", the
    answer has too great a "size", the system has "killed" the process, as it does where its memory runs out, or that broke.
    """

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why: Why = why


class Confined:
    """The program `module`, which calls `serve`; it starts when it is first asked, and anew where it has died or grown.

    One question at a time; `close` may be called from another thread.
    """

    def __init__(self, module: str, limits: Limits) -> None:
        self._module, self._limits = module, limits
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False

    def __enter__(self) -> Confined:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the process, whatever it does; nothing can be asked any more."""
        self._closed = True
        self._end()

    def ask(self, told: bytes) -> bytes:
        """Raises Lost, and NotStarted or OSError where no process can be started."""
        try:
            process = self._process or self._started()
            reply = self._within(self._limits.seconds * _PATIENCE, process, told)
        except BaseException:
            self._end()
            raise
        if reply[0]:
            self._end()
        return reply[1:]

    def _started(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-P", "-m", self._module, str(self._limits.seconds), str(self._limits.memory)]
        path = os.pathsep.join([_SOURCES, *filter(None, sys.path)])
        self._process = process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**_environment(), "PYTHONPATH": path}
        )
        if self._closed:
            process.kill()
        try:
            self._within(_START, process)
        except Lost:
            told = f"the program that opens files does not start; see why with: {' '.join(command)}"
            raise NotStarted(told) from None
        return process

    def _within(self, seconds: float, process: subprocess.Popen[bytes], told: bytes | None = None) -> bytes:
        """The process's next frame, once it has been given `told`. Raises Lost."""
        late = Event()

        def end() -> None:
            late.set()
            process.kill()

        timer = Timer(seconds, end)
        timer.daemon = True
        timer.start()
        try:
            assert process.stdin
            assert process.stdout
            if told is not None:
                _send(process.stdin, told)
            reply = _received(process.stdout, LARGEST)
        except OSError:  # it has died, and takes no more
            reply = None
        finally:
            timer.cancel()
            timer.join()
        if reply and not late.is_set():
            return reply
        raise Lost("late" if late.is_set() else _reason(process))

    def _end(self) -> None:
        process, self._process = self._process, None
        if process:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):
                    pipe.close()  # type: ignore[union-attr]


def _environment() -> dict[str, str]:
    """What Python needs to start; a program that opens hostile files is told none of this one's secrets."""
    return {name: value for name, value in os.environ.items() if _NEEDED.fullmatch(name)}


def _reason(process: subprocess.Popen[bytes]) -> Why:
    """Why a process that says no more has ended, or is about to."""
    try:
        code = process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        return "damage"
    if code == _NO_ROOM:
        return "memory"
    if hasattr(signal, "SIGKILL") and code == -signal.SIGKILL:
        return "killed"
    return "time" if hasattr(signal, "SIGXCPU") and code == -signal.SIGXCPU else "damage"


def _send(pipe: IO[bytes], told: bytes) -> None:
    pipe.write(len(told).to_bytes(8, "big"))
    pipe.write(told)
    pipe.flush()


def _received(pipe: IO[bytes], most: int) -> bytes | None:
    """The next frame; None where there is none, or not the whole of it. Raises Lost where it has over `most` bytes."""
    length = int.from_bytes(head, "big") if len(head := pipe.read(8)) == 8 else None
    if length is None:
        return None
    if length > most:
        raise Lost("size")
    told = pipe.read(length)
    return told if len(told) == length else None


# within the process


def serve(answer: Callable[[bytes], bytes]) -> None:
    """Answer what is asked until nobody asks any more. An exception that `answer` lets through ends the process."""
    seconds, memory = float(sys.argv[1]), int(sys.argv[2])
    given, out = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints gets among no frames
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who asks, and ends this when it likes
    _limit(memory)
    _send(out, b"\0")
    while (told := _received(given, sys.maxsize)) is not None:
        _allow(seconds)
        try:
            reply = answer(told)
        except MemoryError:
            os._exit(_NO_ROOM)
        last = _grown(memory)
        _send(out, bytes([last]) + reply)
        if last:
            return


def _limit(memory: int) -> None:
    """No more than `memory` bytes of addresses, and no core files."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _allow(seconds: float) -> None:
    """So much more of the processor's time, which ends this even if nobody is left who would."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time() + seconds), hard))


def _grown(memory: int) -> bool:
    """Whether so much is held of what was done that the next file would have noticeably less."""

    def held() -> int:
        return int(Path("/proc/self/statm").read_bytes().split()[0]) * os.sysconf("SC_PAGE_SIZE")

    with suppress(OSError, ValueError, AttributeError):
        return held() > memory / 4 and bool(gc.collect() or True) and held() > memory / 4
    return False
