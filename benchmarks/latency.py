"""How long a warm answer takes: medians in milliseconds, and as multiples of encoding the question.

python benchmarks/latency.py [--index indexes/five-schools] [--suite evals/five-schools] [--rounds 3]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from clausewise import Assistant
from clausewise.evaluation.cases import load_suite


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--index", type=Path, default=Path("indexes/five-schools"))
    parser.add_argument("--suite", type=Path, default=Path("evals/five-schools"))
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    assistant = Assistant(args.index)
    questions = [case.question for case in load_suite(args.suite).cases]
    first = assistant.schools[0].id
    works: dict[str, Callable[[str], object]] = {
        "encoding the question": lambda question: assistant.retriever.prepare(question),
        "an answer of one school": lambda question: assistant.ask(question, [first]),
        f"an answer of all {len(assistant.schools)} schools": lambda question: assistant.ask(question),
    }
    for work in works.values():
        work(questions[0])
    times = {name: [seconds(work, q) for _ in range(args.rounds) for q in questions] for name, work in works.items()}
    base = statistics.median(next(iter(times.values())))
    print(f"{len(questions)} questions, {args.rounds} rounds, {len(assistant.index.passages)} passages\n")
    print("| | median, ms | 95th percentile, ms | times the encoding |\n| --- | --- | --- | --- |")
    for name, found in times.items():
        middle, high = statistics.median(found), sorted(found)[int(0.95 * (len(found) - 1))]
        print(f"| {name} | {middle * 1000:.1f} | {high * 1000:.1f} | {middle / base:.2f} |")


def seconds(work: Callable[[str], object], question: str) -> float:
    start = time.perf_counter()
    work(question)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
