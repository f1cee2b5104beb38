"""Policy files -> what they say, several at a time, each in a process with limits: a hostile file costs itself and one line.

Whatever works on the words of a file at the time of indexing works there (see `policy`); what comes back is data.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from queue import SimpleQueue

from clausewise.confined import LARGEST, Confined, Lost, Why
from clausewise.errors import escaped
from clausewise.parsing import rows
from clausewise.settings import Limits, cores
from clausewise.types import Clause, Document

_FEW = 4  # files that take about as long to read as a process takes to start
MISNAMED = "its name is not UTF-8, and could be cited nowhere; rename it"
_AGAIN = "open it in its own program and save it again"


@dataclass(frozen=True, slots=True)
class Job:
    """The file at `path`, which is to become the document `id` of `school`. `shown`: its path below the corpus."""

    path: str
    shown: str
    school: str
    id: str
    max_bytes: int


@dataclass(frozen=True, slots=True)
class Policy:
    """What a file says. `names`: what it may call its school by, and how often it does."""

    document: Document
    clauses: tuple[Clause, ...]
    names: Mapping[str, int] = field(default_factory=Counter)


def parsed(jobs: Sequence[Job], limits: Limits) -> list[Policy | str]:
    """For each job, in order, its policy, or one line that says why there is none.

    Raises NotStarted or OSError where no process can be started. Leaves none behind, however it ends.
    """
    count = min(cores(), math.ceil(len(jobs) / _FEW))
    workers = [Confined("clausewise.parsing.worker", limits) for _ in range(count)]
    idle: SimpleQueue[Confined] = SimpleQueue()
    for worker in workers:
        idle.put(worker)
    threads = ThreadPoolExecutor(max(count, 1), "parsing")
    try:
        return list(threads.map(lambda job: _parsed(job, idle, limits), jobs))
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
        for worker in workers:
            worker.close()
        threads.shutdown()


def _parsed(job: Job, idle: SimpleQueue[Confined], limits: Limits) -> Policy | str:
    if escaped(job.shown) != job.shown:
        return f"{job.path}: {MISNAMED}"
    worker = idle.get()
    try:
        return _policy(worker.ask(json.dumps(asdict(job)).encode()))
    except Lost as lost:
        return f"{job.path}: {_told(lost.why, limits)}"
    finally:
        idle.put(worker)


def _policy(answer: bytes) -> Policy | str:
    """Raises Lost where a process that a file has upset says what none should."""
    try:
        told = json.loads(answer)
        if "unread" in told:
            return str(told["unread"])
        return Policy(rows.document(told["document"]), tuple(map(rows.clause, told["clauses"])), Counter(told["names"]))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Lost("damage") from None


def _told(why: Why, limits: Limits) -> str:
    return {
        "time": f"reading this file takes more than {limits.seconds:g} seconds, the limit; {_AGAIN}, split it, or set "
        "CLAUSEWISE_READ_SECONDS higher",
        "memory": f"reading this file takes more than {limits.memory >> 20} MiB of memory, the limit; {_AGAIN}, split it, or set "
        "CLAUSEWISE_READ_MIB higher",
        "size": f"this file says more than {LARGEST >> 20} MiB, the limit; split it into the policies that it is made of",
        "damage": f"this file breaks the program that reads it, where a policy was expected; {_AGAIN}",
    }[why]
