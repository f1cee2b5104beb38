"""A small corpus before and after a change, an index of each, and `clausewise index` with a stand-in for the encoder."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from clausewise import cells, checksums, documents, embeddings, steps, vectors
from clausewise.assistant import Assistant
from clausewise.cli import main as clausewise
from clausewise.generations import opened, pointed
from clausewise.index import load
from clausewise.late import Words
from clausewise.parsing.policy import read
from clausewise.settings import Settings

SEED = 20
BATCH, BLOCK = 200, 512  # of the work of a part (see steps), bytes to a checksum: small, so that a small index has many
LEAST = 2  # rows that are searched by way of their cells
PHONES = """# Mobile Phone Policy

## Pupils

1.1 Pupils hand their phones to the office each morning.
"""
A = {
    "larch/phones.md": f"""{PHONES}
1.2 Pupils may carry a phone on a residential trip.

## Staff

2.1 Staff keep their phones in a locker during lessons.
""",
    "larch/dogs.md": "# Dogs on Site Policy\n\nNo dog comes through the gate, except an assistance dog.\n",
    "maple/phones.md": f"{PHONES}\n1.2 Smart watches count as phones.\n",
    "maple/uniform.md": "# Uniform Policy\n\n1.1 Ties are worn from October.\n\n1.2 Trainers are for the gym alone.\n",
    "thesaurus.csv": "said,means,kind\nthe hive | hive,learning platform,platform\n",
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
        steps._STEP, checksums.BLOCK = BATCH, BLOCK
        vectors.LEAST = cells.LEAST = LEAST
        faiss.omp_set_num_threads(1)  # threads of a process that is forked are none of its child's, which would wait for them
        faiss.index_factory = _taught_by_few(faiss.index_factory)
        documents.parsed = lambda jobs, _: [*map(read, jobs)]  # here: a process for each of a thousand runs takes minutes
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


def _taught_by_few(factory: Callable[..., Any]) -> Callable[..., Any]:
    """FAISS's maker of cells, which are silent about how few vectors teach them."""

    def made(*described: Any) -> Any:
        found = factory(*described)
        found.cp.min_points_per_centroid = 1
        return found

    return made


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
    """What the index says to each clause of the first corpus, at each school, and to a question that nothing answers.

    And what its cells say is near to each, which no question asks of so few rows.
    """
    assistant = Assistant(load(folder, Standin()), Settings(), Standin())  # type: ignore[arg-type]
    asked = [line for text in A.values() for line in text.splitlines() if line.endswith(".")]
    near = [assistant.index.vectors.search(Standin().encode([question]), 2) for question in asked]
    return [*near, *(assistant.ask(question).as_dict() for question in [*asked, "Is there a swimming pool?"])]
