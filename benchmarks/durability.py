"""What becomes of an index when its writer is killed or let down by its disk, and when its files are damaged: two tables.

python benchmarks/durability.py [--every 1] [--random 300] [--flips 5] [--parts build update prune damage]

`clausewise index` runs in a forked process, with a stand-in for the encoder that notes what it embeds, on a small corpus:
killed with SIGKILL at each step at which it changes a file, and at random moments; let down from each step on by a full
disk, by missing rights or by a broken disk, in turn; and on real disks that are too small. After each of these the index
must open whole, as it was or as it was to be; the next run must end well, embed nothing that was journalled, and leave
nothing lying about. Then every file is damaged in every way, and the index asked everything: what is not refused must
answer as before. Ends with code 1 where anything else is found.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from durable_damage import DAMAGES, damages
from durable_house import House
from durable_kills import SCENARIOS, disks, kills, small_disks, steps

MEMORY = Path("/dev/shm")
PARTS = [*SCENARIOS, "damage"]


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
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="default: all")
    args = parser.parse_args()
    tasks = [Task(name, args.every, args.random // len(SCENARIOS), args.flips) for name in args.parts]
    start = time.perf_counter()
    with multiprocessing.get_context("fork").Pool() as pool:
        found = [row for rows in pool.map(Task.done, tasks, chunksize=1) for row in rows]
    print(killed([row for row in found if len(row) == 2]), table([row for row in found if len(row) == 3]), sep="\n\n")
    print(f"\n{len(found)} runs, {time.perf_counter() - start:.0f} s")
    return int("FAULT" in str(found))


def killed(found: Sequence[tuple[str, ...]]) -> str:
    counts: dict[str, Counter[str]] = {}
    for done, told in found:
        counts.setdefault(done, Counter())[told] += 1
    told = {done: "; ".join(f"{times} {name}" for name, times in sorted(count.items())) for done, count in counts.items()}
    rows = [f"| {done} | {count.total()} | {told[done]} |" for done, count in counts.items()]
    return "\n".join(["| what was done | times | which index was found, whole |", "| --- | --- | --- |", *rows])


def table(found: Sequence[tuple[str, ...]]) -> str:
    cells = {(name, how): told for name, how, told in found}
    rows = [f"| {name} | {' | '.join(cells[name, how] for how in DAMAGES)} |" for name in dict.fromkeys(name for name, _, _ in found)]
    return "\n".join([f"| file | {' | '.join(DAMAGES)} |", f"|{' --- |' * (len(DAMAGES) + 1)}", *rows])


if __name__ == "__main__":
    raise SystemExit(main())
