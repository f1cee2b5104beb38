"""One system at work in a process of its own, with what it took as a line of JSON.

    python -m benchmarks.systems.worker build NAME MODEL INDEX CORPUS [PASSAGES]
    python -m benchmarks.systems.worker ask NAME MODEL INDEX QUESTIONS
    python -m benchmarks.systems.worker judge NAME MODEL INDEX QUESTIONS

`ask` first prints the first line that it finds: who waits for it has the time of a cold start.
"""

from __future__ import annotations

import json
import re
import sys
import time
from dataclasses import asdict
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.systems.texts import EVERYTHING, Question, Source, System, Text, policies, read

RESULTS = 10


def main(action: str, name: str, model: str, index: str, *paths: str) -> None:
    system = import_module(f"benchmarks.systems.{name}")
    actions = {"build": build, "ask": ask, "judge": judge}
    found = actions[action](system, Path(model), Path(index), *map(Path, paths))
    print(json.dumps({**found, "memory": memory(), "versions": {package: version(package) for package in system.PACKAGES}}))


def build(system: System, model: Path, index: Path, corpus: Path, passages: Path | None = None) -> dict[str, Any]:
    """Index `passages` as they are, or the policies of `corpus`, which a system splits as it does."""
    texts = [Text(**row) for row in read(passages)] if passages else policies(corpus)
    return asdict(system.build(Source(corpus, texts, not passages), index, model))


def ask(system: System, model: Path, index: Path, questions: Path) -> dict[str, Any]:
    """Seconds of each question but the first, which opens what is opened late."""
    first, *others = [Question(**row) for row in read(questions)]
    opened = system.load(index, model)
    found = system.search(opened, first, RESULTS)
    print(" ".join(found[0].text.split())[:80] if found else "nothing found", flush=True)
    return {"seconds": [seconds(system, opened, question) for question in others]}


def seconds(system: System, opened: Any, question: Question) -> float:
    start = time.perf_counter()
    system.search(opened, question, RESULTS)
    return time.perf_counter() - start


def judge(system: System, model: Path, index: Path, questions: Path) -> dict[str, Any]:
    """The first three texts of the school that each question asks about."""
    opened = system.load(index, model)
    asked = [Question(**row) for row in read(questions)]
    every = ([text.text for text in system.search(opened, each, EVERYTHING) if text.school == each.school] for each in asked)
    return {"found": [texts[:3] for texts in every]}


def memory() -> float:
    """The most that this process held in memory, MiB; what a parent held before the start is not counted."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
