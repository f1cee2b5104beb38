"""A file that somebody reads is not removed. The system keeps count: a process that dies lets go of what it read."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

if sys.platform != "win32":
    import fcntl


def held(path: Path) -> BinaryIO | None:
    """The file, open and not to be removed by `removed` until it is closed; None where it is just being removed.

    On Windows an open file cannot be removed anyway; a file system without locks (some network shares) protects nobody.
    Raises FileNotFoundError.
    """
    file = path.open("rb")
    if sys.platform != "win32":
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        except OSError:
            return file
    if path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat()):
        return file
    file.close()
    return None


def removed(path: Path) -> bool:
    """Remove the file unless somebody holds it; whether it is gone. Raises OSError where the system refuses."""
    if sys.platform == "win32":
        path.unlink(missing_ok=True)
        return True
    with suppress(FileNotFoundError), path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        path.unlink()
    return True
