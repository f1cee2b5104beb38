"""Where damage to each file of an index is found."""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from boundaries import STEPS, forked
from durable_house import SEED, House, Standin, answers, index
from durable_kills import journalled

from clausewise.errors import DamagedIndex, MissingIndex
from clausewise.generations import opened
from clausewise.index import load, verify


def deleted(path: Path, _: random.Random) -> None:
    path.unlink()


def emptied(path: Path, _: random.Random) -> None:
    path.write_bytes(b"")


def halved(path: Path, _: random.Random) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def zeroed(path: Path, _: random.Random) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def flipped(path: Path, chance: random.Random) -> None:
    data = bytearray(path.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(bytes(data))


DAMAGES = {"deleted": deleted, "emptied": emptied, "cut in half": halved, "zeroed": zeroed, "a bit flipped": flipped}


def damage(house: House, name: str, how: str, flips: int) -> str:
    """Where the damage is found; begins with FAULT where it is not and matters, or where the next build does not mend it."""
    harm, times = DAMAGES[how], flips if how == "a bit flipped" else 1
    chance, found = random.Random(f"{SEED} {name} {how}"), Counter[str]()
    for _ in range(times):
        folder = house.start("update")
        if name == "journal":
            _interrupted(house, folder)
        path = folder / name if (folder / name).exists() else opened(folder).folder / name
        if path.stat().st_size or how == "deleted":
            harm(path, chance)
            found[_noticed(house, folder, "b" if name == "journal" else "a")] += 1
        else:
            found["nothing to damage"] += 1
    return ", ".join(f"{told} ({count})" if len(found) > 1 else told for told, count in sorted(found.items()))


def _interrupted(house: House, folder: Path) -> None:
    """Kill an update whose journal is half full."""
    journal = folder / "journal"

    def step(_: int, kind: str) -> None:
        if kind == "fsync" and journal.exists() and journal.stat().st_size > 3000:
            os.kill(os.getpid(), signal.SIGKILL)

    def run() -> None:
        STEPS.begin(folder, step)
        index(house.home / "corpus-b", folder)

    forked(run)
    assert journalled(folder)


def _noticed(house: House, folder: Path, wanted: str) -> str:
    """`wanted`: the corpus of the next build, which is to mend it."""
    ended, told = forked(lambda: _asked(house, folder))
    checked = bool(forked(lambda: verify(folder))[1])
    mended, found = forked(lambda: index(house.home / f"corpus-{wanted}", folder))
    if ended or mended or isinstance(told, dict):
        return f"FAULT: the process died ({ended or mended}, {told})"
    if found or verify(folder) or answers(folder) != house.answers[wanted]:
        return f"FAULT: not mended ({found})"
    if told == "not found":
        return "by --verify" if checked else "no answer hangs on it"
    return str(told) if checked else f"FAULT: {told}, but not by --verify"


def _asked(house: House, folder: Path) -> str:
    try:
        load(folder, Standin())  # type: ignore[arg-type]
    except (DamagedIndex, MissingIndex):
        return "at open"
    try:
        return "not found" if answers(folder) == house.answers["a"] else "FAULT: a wrong answer"
    except DamagedIndex:
        return "at first use"


def damages(house: House, flips: int) -> Iterator[tuple[str, str, str]]:
    """Of each file of an index: its name, the kind of damage, and where that is found."""
    inside = sorted(path.name for path in opened(house.home / "a").folder.iterdir())
    for name in ("current", "lock", "journal", *inside):
        yield from ((name, how, damage(house, name, how, flips)) for how in DAMAGES)
