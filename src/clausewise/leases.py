"""A file that somebody reads is not removed. The system keeps count: a process that dies lets go of what it read.

On a file system without locks (some network shares) nobody can be asked for, so what is old is removed all the same, lest a
policy that was withdrawn stay there. Who reads it reads on from what it has open; who was just opening it is refused.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

if sys.platform != "win32":
    import fcntl

_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}


def held(path: Path) -> BinaryIO | None:
    """The file, open and not to be removed by `removed` until it is closed; None where it is just being removed.

    On Windows an open file cannot be removed anyway. Raises OSError, as FileNotFoundError where there is none.
    """
    file, found = path.open("rb"), None
    try:
        if _locked(file, alone=False) and path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat()):
            found = file
    finally:
        if found is None:
            file.close()
    return found


def removed(path: Path) -> bool:
    """Remove the file unless somebody holds it; whether it is gone. Raises OSError where the system refuses."""
    if sys.platform == "win32":
        path.unlink(missing_ok=True)
        return True
    with suppress(FileNotFoundError), path.open("r+b") as file:  # NFS locks for one alone what is open to be written
        if not _locked(file, alone=True):
            return False
        path.unlink()
    return True


def _locked(file: BinaryIO, alone: bool) -> bool:
    """Whether the file could be locked, for as long as it is open; yes where there are no locks."""
    if sys.platform != "win32":
        try:
            fcntl.flock(file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
    return True
