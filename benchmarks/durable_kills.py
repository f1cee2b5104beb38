"""What is found after `clausewise index` was killed, or let down by its disk."""

from __future__ import annotations

import contextlib
import errno
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from boundaries import GROWING, STEPS, forked
from durable_house import LEFT, SEED, House, Standin, index

from clausewise.errors import MissingIndex
from clausewise.index import load, verify
from clausewise.journal import Journal, key

SCENARIOS = {"build": "a", "update": "b", "prune": "a"}


def steps(house: House, scenario: str) -> int:
    """How many a run that is left alone takes."""
    folder, corpus = house.start(scenario), house.home / f"corpus-{SCENARIOS[scenario]}"

    def run() -> int:
        STEPS.begin(folder, lambda number, kind: None)
        index(corpus, folder)
        return STEPS.count

    return int(forked(run)[1])


def killed_at(house: House, scenario: str, number: int) -> str:
    """Kill the run at that step; what was found after it."""
    folder, corpus = house.start(scenario), house.home / f"corpus-{SCENARIOS[scenario]}"

    def step(found: int, _: str) -> None:
        if found == number:
            os.kill(os.getpid(), signal.SIGKILL)

    def run() -> str | None:
        STEPS.begin(folder, step)
        return index(corpus, folder)

    ended, told = forked(run)
    return outcome(house, scenario, folder) if ended == signal.SIGKILL else f"FAULT: was not killed ({told})"


def killed_after(house: House, scenario: str, seconds: float) -> str | None:
    """Kill the run after so long; what was found after it, None where it had ended before."""
    folder, corpus = house.start(scenario), house.home / f"corpus-{SCENARIOS[scenario]}"

    def kill(pid: int) -> None:
        time.sleep(seconds)
        os.kill(pid, signal.SIGKILL)

    ended, _ = forked(lambda: index(corpus, folder), kill)
    return outcome(house, scenario, folder) if ended else None


def let_down(house: House, scenario: str, number: int, fault: int) -> str:
    """Let every step from that one on fail: for want of room those that need some, else each; what was found after it."""
    folder, corpus = house.start(scenario), house.home / f"corpus-{SCENARIOS[scenario]}"

    def step(found: int, kind: str) -> None:
        if found >= number and (kind in GROWING or fault != errno.ENOSPC):
            raise OSError(fault, os.strerror(fault))

    def run() -> str | None:
        STEPS.begin(folder, step)
        return index(corpus, folder)

    told = forked(run)[1]
    if told is not None and not _plain(told):
        return f"FAULT: said {told}"
    found = outcome(house, scenario, folder)
    if told is None and not found.startswith("new") and scenario == "update":
        return f"FAULT: said nothing, and found {found}"
    return found + (", refused in one line" if told else "")


def _plain(told: object) -> bool:
    """Code 2, and a line that says what to do."""
    return isinstance(told, str) and told.startswith("2: clausewise: ") and "make room or rights there" in told


def outcome(house: House, scenario: str, folder: Path) -> str:
    """`none`, `old` or `new`: the index that was found whole. Then it is built to the end. Begins with FAULT for anything else."""
    try:
        found = _found(house, scenario, folder)
        before = journalled(folder)
        house.forget()
        again = index(house.home / f"corpus-{SCENARIOS[scenario]}", folder)
        return _judged(house, scenario, folder, found, before, again)
    except Exception as error:
        return f"FAULT: {type(error).__name__}: {error}"


def _found(house: House, scenario: str, folder: Path) -> str:
    try:
        checksum = load(folder, Standin()).manifest["checksum"]  # type: ignore[arg-type]
    except MissingIndex:
        return "none"
    if faults := verify(folder):
        return f"FAULT: {faults[0]}"
    if checksum == house.checksum[SCENARIOS[scenario]] and scenario != "prune":
        return "new"
    return "old" if checksum == house.checksum["a"] else "FAULT: an index of neither corpus"


def journalled(folder: Path) -> set[bytes]:
    """The keys of what an unfinished build has embedded."""
    journal = Journal(folder / "journal", Standin().digest)
    found = {*journal}
    journal.close()
    return found


def _judged(house: House, scenario: str, folder: Path, found: str, before: set[bytes], again: str | None) -> str:
    wanted = SCENARIOS[scenario]
    embedded = house.embedded()
    twice = [text for text in embedded if key(Standin().digest, text) in before]
    faults = {
        f"the next run said {again}": again is not None,
        f"the next run embedded {len(twice)} texts again": twice or (found in ("new", "old" if scenario == "prune" else "") and embedded),
        "the index before it was lost": found == "none" and scenario != "build",
        "the next run did not build what it was to": load(folder, Standin()).manifest["checksum"] != house.checksum[wanted],  # type: ignore[arg-type]
        "the next run left a damaged file": verify(folder),
        "something was left lying about": {p.name for p in folder.iterdir()} != LEFT or len([*(folder / "generations").iterdir()]) != 1,
    }
    told = [fault for fault, there in faults.items() if there]
    return f"FAULT: {told[0]}" if told else found + (", resumed" if before else "")


def kills(house: House, scenario: str, numbers: Iterator[int] | Sequence[int], moments: int) -> Iterator[tuple[str, str]]:
    """(What was done, what was found) at each of these steps, and at so many random moments."""
    for number in numbers:
        yield f"{scenario}, killed at a step", killed_at(house, scenario, number)
    chance, long = random.Random(f"{SEED} {scenario}"), min(duration(house, scenario) for _ in range(3))
    while moments:
        if found := killed_after(house, scenario, chance.uniform(0, long)):
            yield f"{scenario}, killed at a moment", found
            moments -= 1


def duration(house: House, scenario: str) -> float:
    """Seconds that a run takes which is left alone."""
    folder, corpus = house.start(scenario), house.home / f"corpus-{SCENARIOS[scenario]}"
    start = time.perf_counter()
    forked(lambda: index(corpus, folder))
    return time.perf_counter() - start


def disks(house: House, scenario: str, numbers: Sequence[int]) -> Iterator[tuple[str, str]]:
    faults = [("full disk", errno.ENOSPC), ("no rights", errno.EACCES), ("broken disk", errno.EIO)]
    for turn, number in enumerate(numbers):
        name, fault = faults[turn % len(faults)]
        yield f"{scenario}, {name}", let_down(house, scenario, number, fault)


def small_disks(house: House) -> Iterator[tuple[str, str]]:
    """An update on disks with ever more room beside the index, until it fits; nothing where none can be mounted."""
    disk = house.home / "disk"
    disk.mkdir()
    found, pages = "", 0
    while not found.startswith("new") and _mounted(disk, "size=8m"):
        try:
            found = small_disk(house, disk, pages)
        finally:
            subprocess.run(["umount", "--lazy", disk], check=True)
        yield "update, a disk with ever more room", found
        pages += 1


def small_disk(house: House, disk: Path, pages: int) -> str:
    """`pages`: that are free."""
    folder = disk / "index"
    shutil.copytree(house.home / "a", folder)
    house.forget()
    used = shutil.disk_usage(disk).used
    _mounted(disk, f"remount,size={used + 4096 * pages}")
    told = forked(lambda: index(house.home / "corpus-b", folder))[1]
    if told is not None and not _plain(told):
        return f"FAULT: said {told}"
    _mounted(disk, "remount,size=8m")
    return outcome(house, "update", folder) + (", refused in one line" if told else "")


def _mounted(disk: Path, options: str) -> bool:
    with contextlib.suppress(OSError):
        return subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", disk], capture_output=True).returncode == 0
    return False
