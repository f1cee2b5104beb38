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
_MOST = 8  # processes: each may take Limits.memory, and a container may have fewer processors' time than processors
_WORKER = "clausewise.parsing.worker"
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

    Where the machine may be at fault, the job is tried once more, alone. Raises NotStarted or OSError where no process can be
    started. Leaves none behind, however it ends.
    """
    found = _at_once(jobs, limits)
    with Confined(_WORKER, limits) as alone:
        found = [_parsed(job, alone) if _passing(item) else item for job, item in zip(jobs, found, strict=True)]
    return [f"{job.path}: {_told(item.why, limits)}" if isinstance(item, Lost) else item for job, item in zip(jobs, found, strict=True)]


def _passing(item: Policy | str | Lost) -> bool:
    """Whether another process may be to blame, that took the time or the memory."""
    return isinstance(item, Lost) and item.why in ("late", "killed")


def _at_once(jobs: Sequence[Job], limits: Limits) -> list[Policy | str | Lost]:
    count = min(cores(), math.ceil(len(jobs) / _FEW), _MOST)
    workers = [Confined(_WORKER, limits) for _ in range(count)]
    idle: SimpleQueue[Confined] = SimpleQueue()
    for worker in workers:
        idle.put(worker)
    threads = ThreadPoolExecutor(max(count, 1), "parsing")
    try:
        return list(threads.map(lambda job: _with_one(idle, job), jobs))
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
        for worker in workers:
            worker.close()
        threads.shutdown()


def _with_one(idle: SimpleQueue[Confined], job: Job) -> Policy | str | Lost:
    worker = idle.get()
    try:
        return _parsed(job, worker)
    finally:
        idle.put(worker)


def _parsed(job: Job, worker: Confined) -> Policy | str | Lost:
    if escaped(job.shown) != job.shown:
        return f"{job.path}: {MISNAMED}"
    try:
        return _policy(worker.ask(json.dumps(asdict(job)).encode()))
    except Lost as lost:
        return Lost(lost.why)  # without what that one refers to


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
        "memory": f"reading this file takes more than {limits.memory >> 20} MiB of memory, the limit; {_AGAIN}, split it, or set "
        "CLAUSEWISE_READ_MIB higher",
        "time": f"reading this file takes more than {limits.seconds:g} seconds, the limit; {_AGAIN}, split it, or set "
        "CLAUSEWISE_READ_SECONDS higher",
        "size": f"this file says more than {LARGEST >> 20} MiB, the limit; split it into the policies that it is made of",
        "killed": "the system ended the program that reads this file, as it does where memory runs out; free some and index again, or "
        f"{_AGAIN}",
        "damage": f"this file breaks the program that reads it, where a policy was expected; {_AGAIN}",
    }["time" if why == "late" else why]
