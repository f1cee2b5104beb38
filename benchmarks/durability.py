"""What becomes of an index when its writer is killed or let down by its disk, and when its files are damaged: two tables.

python benchmarks/durability.py [--every 1] [--random 300] [--flips 5]

`clausewise index` runs in a forked process, with a stand-in for the encoder that notes what it embeds, on a small corpus:
killed with SIGKILL at each step at which it changes a file, and at random moments; let down from each step on by a full
disk or by missing rights, in turn; and on real disks that are too small. After each of these the index must open whole, as it was or as it was to be; the next
run must end well, embed nothing that was journalled, and leave nothing lying about. Then every file is damaged in every
way, and the index asked everything: what is not refused must answer as before. Ends with code 1 where anything else is found.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import io
import json
import multiprocessing
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # threads of a parent are none of its children's
import numpy as np

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.boundaries import GROWING, STEPS, forked
from clausewise import checksums, embeddings
from clausewise import index as rooms
from clausewise.assistant import Assistant
from clausewise.cli import main as clausewise
from clausewise.errors import ClausewiseError, DamagedIndex, MissingIndex
from clausewise.generations import opened, pointed
from clausewise.index import load, verify
from clausewise.journal import Journal, key
from clausewise.late import Words
from clausewise.settings import Settings

MEMORY = Path("/dev/shm")
SEED = 20
BATCH, BLOCK = 4, 512  # texts to a record of the journal's, bytes to a checksum: small, so that a small index has many
A = {
    "larch/phones.md": "# Mobile Phone Policy\n\n## Pupils\n\n1.1 Pupils hand their phones to the office each morning.\n\n1.2 Pupils may carry a phone on a residential trip.\n\n## Staff\n\n2.1 Staff keep their phones in a locker during lessons.\n",
    "larch/dogs.md": "# Dogs on Site Policy\n\nNo dog comes through the gate, except an assistance dog.\n",
    "maple/phones.md": "# Mobile Phone Policy\n\n## Pupils\n\n1.1 Pupils hand their phones to the office each morning.\n\n1.2 Smart watches count as phones.\n",
    "thesaurus.csv": "said,means,kind\nthe hive | hive,learning platform,platform\n",
    "maple/uniform.md": "# Uniform Policy\n\n1.1 Ties are worn from October.\n\n1.2 Trainers are for the gym alone.\n",
}
# An edit, a policy more, one less.
B = {
    **{path: text for path, text in A.items() if path != "maple/uniform.md"},
    "larch/phones.md": A["larch/phones.md"].replace("in a locker", "in a drawer").replace("each morning", "at the gate"),
    "larch/bees.md": "# Bees Policy\n\n1.1 No hive stands near the playground.\n\n1.2 Pupils must not open a hive. Staff may, in a veil.\n",
}
LEFT = {"current", "generations", "lock"}  # what an index's folder holds when nobody writes


class Standin:
    """Unit vectors of hashed words. It notes what it embeds in a file that outlives a killed process."""

    log = Path()

    def __init__(self, *_: Any, **__: Any) -> None:
        self.name, self.digest = "stand-in", sha256(b"stand-in").hexdigest()

    def encode(self, texts: Sequence[str]) -> Any:
        return self.encode_words(texts)[0]

    def encode_words(self, texts: Sequence[str]) -> tuple[Any, list[Words]]:
        with contextlib.suppress(FileNotFoundError):
            handle = os.open(self.log, os.O_WRONLY | os.O_APPEND)
            os.write(handle, "".join(json.dumps(text) + "\n" for text in texts).encode())
            os.close(handle)
        words = [np.stack([_word(word) for word in re.findall(r"\w+", text.lower()) or [""]]) for text in texts]
        rows = np.array([found.sum(axis=0) for found in words], dtype=np.float32)
        even = [Words(found, np.full(len(found), 1 / len(found), dtype=np.float32)) for found in words]
        return rows / np.linalg.norm(rows, axis=1, keepdims=True), even


def _word(word: str) -> Any:
    row = np.zeros(64, dtype=np.float32)
    row[int(sha256(word.encode()).hexdigest(), 16) % 64] = 1
    return row


@dataclass(frozen=True)
class House:
    """A folder with the two corpora and an index of each, `a` and `b`, and their checksums and answers."""

    home: Path
    checksum: dict[str, str]
    answers: dict[str, list[Any]]

    @classmethod
    def built(cls, home: Path) -> House:
        Standin.log = home / "log"
        embeddings.Encoder = Standin  # type: ignore[assignment,misc]
        rooms._STEP, checksums.BLOCK = BATCH, BLOCK
        for name, files in (("a", A), ("b", B)):
            for path, text in files.items():
                (home / f"corpus-{name}" / path).parent.mkdir(parents=True, exist_ok=True)
                (home / f"corpus-{name}" / path).write_text(text, "utf-8")
            assert index(home / f"corpus-{name}", home / name) is None
        checksum = {name: opened(home / name).manifest["checksum"] for name in "ab"}
        return cls(home, checksum, {name: answers(home / name) for name in "ab"})

    def start(self, scenario: str) -> Path:
        """A fresh folder as `scenario` finds it; what is embedded is noted from now on."""
        folder = self.home / "index"
        shutil.rmtree(folder, ignore_errors=True)
        if scenario != "build":
            shutil.copytree(self.home / "a", folder)
        if scenario == "prune":
            _crowd(folder)
        self.forget()
        return folder

    def forget(self) -> None:
        Standin.log.write_text("")

    def embedded(self) -> list[str]:
        return [json.loads(line) for line in Standin.log.read_text().splitlines()]


def _crowd(folder: Path) -> None:
    """Generations that could not be removed in their time, one that was never finished, and one that never came into force."""
    inside = folder / "generations"
    for name in ("000002", "000003", "000005"):
        shutil.copytree(inside / "000001", inside / name)
    (inside / "000004").mkdir()
    (inside / "000004" / "clauses.jsonl").write_text("{")
    _, digest = pointed(folder) or ("", "")
    (folder / "current").write_text(f"000003 {digest}\n")


def index(corpus: Path, folder: Path) -> str | None:
    """`clausewise index`; its line where it is refused, None where all is well."""
    told = io.StringIO()
    with contextlib.redirect_stderr(told), contextlib.redirect_stdout(io.StringIO()):
        code = clausewise(["index", "--corpus", str(corpus), "--index", str(folder)])
    return None if code == 0 else f"{code}: {told.getvalue().splitlines()[-1]}"


def answers(folder: Path) -> list[Any]:
    """What the index says to each sentence of its policies, at each school, and to a question that nothing answers."""
    assistant = Assistant(load(folder, Standin()), Settings(), Standin())  # type: ignore[arg-type]
    asked = [line.strip(" #") for text in A.values() for line in text.splitlines() if line.strip()]
    return [assistant.ask(question).as_dict() for question in [*asked, "Is there a swimming pool?"]]


# killed, and let down


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


def killed_after(house: House, scenario: str, seconds: float) -> str:
    """Kill the run after so long; what was found after it."""
    folder, corpus = house.start(scenario), house.home / f"corpus-{SCENARIOS[scenario]}"

    def kill(pid: int) -> None:
        time.sleep(seconds)
        os.kill(pid, signal.SIGKILL)

    ended, _ = forked(lambda: index(corpus, folder), kill)
    return outcome(house, scenario, folder) + ("" if ended else ", after its end")


def let_down(house: House, scenario: str, number: int, fault: int) -> str:
    """Let every step from that one on fail for want of room, or of rights; what was found after it."""
    folder, corpus = house.start(scenario), house.home / f"corpus-{SCENARIOS[scenario]}"

    def step(found: int, kind: str) -> None:
        if found >= number and (kind in GROWING or fault == errno.EACCES):
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
    chance, long = random.Random(f"{SEED} {scenario}"), duration(house, scenario)
    for _ in range(moments):
        yield f"{scenario}, killed at a moment", killed_after(house, scenario, chance.uniform(0, long))


def duration(house: House, scenario: str) -> float:
    """Seconds that a run takes which is left alone."""
    folder, corpus = house.start(scenario), house.home / f"corpus-{SCENARIOS[scenario]}"
    start = time.perf_counter()
    forked(lambda: index(corpus, folder))
    return time.perf_counter() - start


def disks(house: House, scenario: str, numbers: Sequence[int]) -> Iterator[tuple[str, str]]:
    faults = [("full disk", errno.ENOSPC), ("no rights", errno.EACCES)]
    for number in numbers:
        name, fault = faults[number % 2]
        yield f"{scenario}, {name}", let_down(house, scenario, number, fault)


def small_disks(house: House) -> Iterator[tuple[str, str]]:
    """An update on disks with ever more room beside the index, until it fits; nothing where none can be mounted."""
    disk = house.home / "disk"
    disk.mkdir()
    for pages in range(64):
        if _mounted(disk, "size=8m"):
            try:
                yield "update, a disk too small", small_disk(house, disk, pages)
            finally:
                subprocess.run(["umount", "--lazy", disk], check=True)


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


# damaged


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
        if kind == "fsync" and journal.exists() and journal.stat().st_size > 6000:
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


# the tables


@dataclass(frozen=True)
class Task:
    """What one process does: the kills of a scenario, or the damages. `every`: n-th step. `moments`: random ones."""

    name: str
    every: int
    moments: int
    flips: int

    def done(self) -> list[tuple[str, ...]]:
        with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as home:
            house = House.built(Path(home))
            if self.name == "damage":
                return [*damages(house, self.flips)]
            numbers = range(1, steps(house, self.name) + 1, self.every)
            small = small_disks(house) if self.name == "update" else ()
            return [*kills(house, self.name, numbers, self.moments), *disks(house, self.name, numbers), *small]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only each N-th step (default: %(default)s)")
    parser.add_argument("--random", type=int, default=300, metavar="N", help="random moments in all (default: %(default)s)")
    parser.add_argument("--flips", type=int, default=5, metavar="N", help="flipped bits of a file (default: %(default)s)")
    args = parser.parse_args()
    tasks = [Task(name, args.every, args.random // len(SCENARIOS), args.flips) for name in (*SCENARIOS, "damage")]
    start = time.perf_counter()
    with multiprocessing.get_context("fork").Pool() as pool:
        *found, damaged = pool.map(Task.done, tasks, chunksize=1)
    runs = [(done, told) for one in found for done, told in one]
    print(f"{killed(runs)}\n\n{table(damaged)}\n\n{len(runs) + len(damaged)} runs, {time.perf_counter() - start:.0f} s")
    return int("FAULT" in f"{runs} {damaged}")


def killed(found: Sequence[tuple[str, str]]) -> str:
    counts: dict[str, Counter[str]] = {}
    for done, told in found:
        counts.setdefault(done, Counter())[told] += 1
    rows = [f"| {done} | {told.total()} | {'; '.join(f'{n} {name}' for name, n in sorted(told.items()))} |" for done, told in counts.items()]
    return "\n".join(["| what was done | times | which index was found, whole |", "| --- | --- | --- |", *rows])


def table(found: Sequence[tuple[str, ...]]) -> str:
    cells = {(name, how): told for name, how, told in found}
    rows = [f"| {name} | {' | '.join(cells[name, how] for how in DAMAGES)} |" for name in dict.fromkeys(name for name, _, _ in found)]
    return "\n".join([f"| file | {' | '.join(DAMAGES)} |", f"|{' --- |' * (len(DAMAGES) + 1)}", *rows])


if __name__ == "__main__":
    raise SystemExit(main())
