"""Systems set to work, each build and each run of questions in a process of its own, and what they took."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np

from benchmarks.systems.report import ASKING, BUILD, BUILDING, COLD, DISK, P50, P95, Limits, Row, middle, table
from benchmarks.systems.sets import ROOT, Gold, Policies
from benchmarks.systems.texts import Question, write
from clausewise.embeddings import packaged

ALONE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HAYSTACK_TELEMETRY_ENABLED": "False", "TOKENIZERS_PARALLELISM": "false"}
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"), "1")


@dataclass(frozen=True, slots=True)
class System:
    """`module`: of this folder; builds the index. `rows`: name -> the module that searches it, and whether one school at a time.

    `passages`: given ours, and not the policies.
    """

    module: str
    kind: str
    rows: Mapping[str, tuple[str, bool]]
    passages: bool = False


_PEERS = {"langchain_faiss": "LangChain + FAISS", "llamaindex": "LlamaIndex", "haystack_faiss": "Haystack", "txtai_sqlite": "txtai"}
OURS = System(
    "clausewise_search",
    "ours",
    {
        "Clausewise, ask every school": ("clausewise_ask", False),
        "Clausewise, ask one school": ("clausewise_ask", True),
        "Clausewise, search": ("clausewise_search", False),
    },
)
SPLITTING = [System(module, "peer", {name: (module, False)}) for module, name in _PEERS.items()]
GIVEN = [System(module, "peer", {f"{name}, our passages": (module, False)}, True) for module, name in _PEERS.items()]
BARE = System("bare", "bare", {"encoder + numpy, our passages": ("bare", False)}, True)


@dataclass(frozen=True, slots=True)
class Process:
    """`cold`: seconds from its start to its first line; `took`: to its end. `said`: its last line, of JSON."""

    cold: float
    took: float
    said: Mapping[str, Any]


class Bench:
    """`home`: a folder for indexes; `questions`: how many each row is asked; `python`: of the peers' environment.

    `versions` gathers what ours and the peers are made of.
    """

    def __init__(self, home: Path, questions: int, python: Path) -> None:
        self._home, self._questions, self._python, self._cache = home, questions, python, home / "cache"
        self.versions: dict[str, dict[str, str]] = {"Clausewise": {}, "Peers": {}}

    def rows(self, policies: Policies, systems: Sequence[System], rounds: int, threads: Mapping[str, str]) -> list[Row]:
        """Each row's medians over the rounds; each round begins with another system."""
        found: dict[str, list[Row]] = {name: [] for system in systems for name in system.rows}
        for turn in range(rounds):
            first = turn % len(systems)
            for system in [*systems[first:], *systems[:first]]:
                for row in self._measured(policies, system, threads):
                    found[row.name].append(row)
                    print(table([row]).splitlines()[-1], file=sys.stderr, flush=True)
        return [middle(each) for each in found.values()]

    def first_build(self, policies: Policies) -> str:
        """What ours does once on a machine: it exports the model, so that no later process needs torch."""
        built = self._built(policies, OURS, ONE_THREAD)
        return (
            f"The first build on a machine exports the model besides: {built.took:.1f} s, {built.said['memory']:,.0f} MiB of memory, and "
            f"{_size(self._cache):.0f} MiB kept in a cache, once for all indexes, which the tables leave out as they do the model."
        )

    def _measured(self, policies: Policies, system: System, threads: Mapping[str, str]) -> list[Row]:
        built, index = self._built(policies, system, threads), self._index(system)
        figures = {"pieces": built.said["pieces"], BUILD: built.took, DISK: _size(index), BUILDING: built.said["memory"]}
        figures |= {f"build: {part}": seconds for part, seconds in built.said["seconds"].items()}
        return [
            Row(name, system.kind, figures | self._asked(module, policies.asked(self._questions, of_one), index, threads))
            for name, (module, of_one) in system.rows.items()
        ]

    def _built(self, policies: Policies, system: System, threads: Mapping[str, str]) -> Process:
        index = self._index(system)
        shutil.rmtree(index, ignore_errors=True)
        index.mkdir()
        return self._work("build", system.module, threads, index, policies.folder, *([policies.passages] if system.passages else []))

    def _asked(self, module: str, questions: Sequence[Question], index: Path, threads: Mapping[str, str]) -> dict[str, float]:
        asked = self._work("ask", module, threads, index, self._file(questions))
        p50, p95 = np.percentile(asked.said["seconds"], [50, 95])
        return {COLD: asked.cold, P50: 1000 * p50, P95: 1000 * p95, ASKING: asked.said["memory"]}

    def quality(self, systems: Sequence[System], gold: Gold) -> list[Row]:
        """Of the indexes that the last round left, which must be of the policies that `gold` is about."""
        rows = []
        for system in systems:
            for module, name in {module: name for name, (module, _) in system.rows.items()}.items():
                judged = self._work("judge", module, ONE_THREAD, self._index(system), self._file(gold.questions))
                rows.append(Row(name, system.kind, gold.judged(judged.said["found"])))
        return rows

    def limits(self, policies: Policies, rows: Sequence[Row]) -> Limits:
        """`rows`: of `policies`, whose index of ours the last round left."""
        questions = self._file(policies.asked(self._questions, of_one=False))
        command = [sys.executable, "-m", "benchmarks.systems.limits", self._index(OURS), questions]
        figures = next(row.figures for row in rows if row.kind == "ours")
        build = {name.removeprefix("build: "): value for name, value in figures.items() if name.startswith("build: ")}
        return Limits(**self._run(command, ONE_THREAD).said, build=build)

    def _index(self, system: System) -> Path:
        return self._home / (system.module + "-passages" * system.passages)

    def _file(self, questions: Sequence[Question]) -> Path:
        path = self._home / "questions.jsonl"
        write(path, questions)
        return path

    def _work(self, action: str, module: str, threads: Mapping[str, str], *paths: Path) -> Process:
        owner, python = ("Clausewise", sys.executable) if module.startswith("clausewise") else ("Peers", self._python)
        found = self._run([python, "-m", "benchmarks.systems.worker", action, module, packaged(), *paths], threads)
        self.versions[owner] |= found.said["versions"]
        return found

    def _run(self, command: Sequence[str | Path], threads: Mapping[str, str]) -> Process:
        surroundings = {name: value for name, value in os.environ.items() if name not in ONE_THREAD}
        return _ended(command, surroundings | {**ALONE, **threads, "CLAUSEWISE_CACHE": str(self._cache), "PYTHONPATH": str(ROOT / "src")})


def _size(folder: Path) -> float:
    """MiB of the files in it."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20


def _ended(command: Sequence[str | Path], surroundings: Mapping[str, str]) -> Process:
    """Exits with a line, and the last that the process said, where it fails."""
    with TemporaryFile("w+") as errors:
        start = time.perf_counter()
        with subprocess.Popen(command, cwd=ROOT, env=surroundings, stdout=subprocess.PIPE, stderr=errors, text=True) as process:
            first = process.stdout.readline()  # type: ignore[union-attr]
            cold = time.perf_counter() - start
            rest, _ = process.communicate()
        took = time.perf_counter() - start
        errors.seek(0)
        if process.returncode:
            sys.exit(f"{' '.join(map(str, command[2:5]))} failed:\n{errors.read()[-2000:]}")
    return Process(cold, took, json.loads((first + rest).splitlines()[-1]))
