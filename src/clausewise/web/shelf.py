"""The corpus folder as the page may change it: a policy's file is put into a school's folder, and taken out again if need be.

Nothing that is there is ever replaced.
"""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from filecmp import cmp
from pathlib import Path

from clausewise.clauses import slug
from clausewise.errors import NotAdded, escaped
from clausewise.readers import FORMATS

SCHOOL, NAME = 60, 200  # bytes at most; a file system holds 255
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_STRANGE = re.compile(r'[<>:"/\\|?*]')  # what Windows has in no file's name
_VERSIONS = "give this one another name: of two versions of one policy the one approved last answers"


def schools(corpus: Path) -> list[str]:
    """The names of the schools' folders."""
    return sorted(path.name for path in corpus.iterdir() if path.is_dir() and path.name[0] not in "._" and path.name == escaped(path.name))


def check_school(corpus: Path, school: str) -> None:
    """Raise NotAdded unless `school` is the name of a school's folder, or can be that of a new one."""
    known = schools(corpus)
    if school in known:
        return
    if not _SLUG.fullmatch(school) or len(school) > SCHOOL:
        expected = f"a new one's, of at most {SCHOOL} small letters, digits and single hyphens, such as pear-tree"
        raise NotAdded(f"school: found {school[:80]!r}; expected the name of a school's folder, or {expected}")
    if school in map(slug, known):
        raise NotAdded(f"school: found {school!r}, which is nearly the name of a school that is there; choose that one")


def check_name(name: str) -> None:
    """Raise NotAdded unless `name` can be a policy's file."""
    if not name.isprintable() or _STRANGE.search(name) or name[:1] in ("", ".", "_", "~") or name != name.strip():
        expected = 'one that begins with a letter or digit, and holds none of < > : " / \\ | ? *'
        raise NotAdded(f"file name: found {name[:80]!r}; expected {expected}")
    if len(name.encode()) > NAME:
        raise NotAdded(f"file name: found {len(name.encode())} bytes; expected {NAME} at most: give the file a shorter name")
    if Path(name).suffix.lower() not in FORMATS:
        raise NotAdded(f"file name: found {name[-80:]!r}; expected one that ends in {', '.join(FORMATS)}: save the policy as one of these")


def check_free(file: Path, home: Path) -> None:
    """Raise NotAdded where the school's folder holds `file` already, or one whose clauses would have the same addresses."""
    for held in sorted(home.iterdir()) if home.is_dir() else ():
        if held.is_file() and held.name[0] not in "._~":
            there = escaped(f"{home.name}/{held.name}")
            if cmp(file, held, shallow=False):
                raise NotAdded(f"this very file is there already, as {there}; nothing was changed", 409)
            if held.name == file.name:
                raise NotAdded(f"a file of that name is there already; {_VERSIONS}", 409)
            if slug(held.stem) == slug(file.stem):
                raise NotAdded(f"{there} is there already, and would be cited by the same address; {_VERSIONS}", 409)


def save(file: Path, home: Path) -> Path:
    """A copy of `file` in the folder `home`, which is made where it is missing: there in whole, or not at all.

    Raises NotAdded as check_free does, and where nothing can be written.
    """
    target, beside = home / file.name, home / f".{file.name}.{os.getpid()}"
    made = not home.exists()
    try:
        home.mkdir(exist_ok=True)
        check_free(file, home)
        _write(file, beside)
        _place(beside, target)
    except (OSError, NotAdded) as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
            if made:
                home.rmdir()
        if isinstance(error, NotAdded):
            raise
        raise NotAdded(f"{home.name}: cannot be written ({error.strerror}); mend the folder's rights, or make room", 500) from None
    return target


def _write(file: Path, beside: Path) -> None:
    with file.open("rb") as source, beside.open("wb") as copy:
        shutil.copyfileobj(source, copy)
        copy.flush()
        os.fsync(copy.fileno())


def _place(beside: Path, target: Path) -> None:
    """A link, unlike a renaming, never replaces what came to stand there meanwhile."""
    try:
        os.link(beside, target)
    except FileExistsError:
        raise NotAdded(f"a file of that name is there already; {_VERSIONS}", 409) from None
    except OSError:  # a file system without links
        _copy(beside, target)
    beside.unlink()


def _copy(beside: Path, target: Path) -> None:
    """As a link would: never in another's place, and in whole or not at all."""
    try:
        copy = target.open("xb")
    except FileExistsError:
        raise NotAdded(f"a file of that name is there already; {_VERSIONS}", 409) from None
    try:
        with copy, beside.open("rb") as source:
            shutil.copyfileobj(source, copy)
            copy.flush()
            os.fsync(copy.fileno())
    except OSError:
        target.unlink(missing_ok=True)
        raise


def remove(saved: Path) -> str:
    """Take a file that was saved out again, and its folder if nothing else is in it; what became of it, in words."""
    try:
        saved.unlink(missing_ok=True)
        if not any(saved.parent.iterdir()):
            saved.parent.rmdir()
    except OSError as error:
        return f"The file stays in the folder {saved.parent.name}, since it cannot be taken out again ({error.strerror})."
    return "The file was taken out again, and the policies answer as before."
