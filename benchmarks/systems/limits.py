"""What the machine allows, and how much of it the product takes: the encoder alone, and reading vectors from memory.

python -m benchmarks.systems.limits INDEX QUESTIONS
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import cycle
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.systems.texts import Question, read
from clausewise import Assistant
from clausewise.vectors import VectorIndex

TIMES = 5
DIMENSIONS = 384
READ = 10**9 // 4  # numbers: 1 GB
SCANNED = 2**28 // (4 * DIMENSIONS)  # vectors: 256 MiB, which no cache holds


def main(index: str, questions: str) -> None:
    asked = [Question(**row).text for row in read(Path(questions))]
    print(json.dumps({**answering(Assistant(Path(index)), asked), "scan": scan(), "bandwidth": bandwidth()}))


def answering(assistant: Assistant, questions: Sequence[str]) -> dict[str, float]:
    """Median seconds to encode a question, to search every school, and to ask one; but for the first question.

    Side by side, so that what else the machine does falls on all three.
    """
    works: dict[str, Callable[[str, str], object]] = {
        "encoder": lambda text, _: assistant.encoder.encode_words([text]),
        "search": lambda text, _: assistant.search(text),
        "ask": lambda text, school: assistant.ask(text, [school]),
    }
    asked = list(zip(questions, cycle(school.id for school in assistant.schools), strict=False))
    found = [[seconds(partial(work, *each)) for work in works.values()] for each in asked]
    return dict(zip(works, map(median, zip(*found[1:], strict=True)), strict=True))


def scan() -> float:
    """Bytes of vectors that one question's exact search looks at in a second."""
    vectors = np.random.default_rng(1).standard_normal((SCANNED, DIMENSIONS), dtype=np.float32)
    index, query = VectorIndex(vectors), vectors[:1].copy()
    return vectors.nbytes / min(seconds(lambda: index.search(query, 10)) for _ in range(TIMES))


def bandwidth() -> float:
    """Bytes that one thread reads from memory in a second: the largest of an array of 1 GB (a sum waits for its additions)."""
    array = np.ones(READ, dtype=np.float32)
    return array.nbytes / min(seconds(array.max) for _ in range(TIMES))


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main(*sys.argv[1:])
