"""How long a warm answer takes: milliseconds, and as multiples of what encoding the question takes by itself.

    python benchmarks/latency.py [indexes/default ...] [--grown 100] [--suite evals/sample] [--questions 100]

A question is encoded, asked of one school (they take turns) and asked of all, before the next one is; so whatever else the
machine does disturbs all three alike. The ratio is the median, over the questions, of a question's own. `--grown`: an index of so
many schools besides, made by the rule of growth.py from the first index.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from growth import made

from clausewise import Assistant
from clausewise.embeddings import Encoder

Cost = tuple[float, float]  # milliseconds of the processor, and by the clock


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("indexes", type=Path, nargs="*", default=[Path("indexes/default")])
    parser.add_argument("--grown", type=int, help="schools of one more index")
    parser.add_argument("--suite", type=Path, default=Path("evals/sample"))
    parser.add_argument("--questions", type=int, default=100)
    args = parser.parse_args()
    cases = map(json.loads, (args.suite / "cases.jsonl").read_text("utf-8").splitlines())
    questions = [*dict.fromkeys(case["question"] for case in cases if not case["history"])][: args.questions]
    encoder = Encoder()
    print("| index | schools | passages | | CPU, ms | p95 | clock, ms | p95 | times the encoder, CPU | clock |\n" + "| --- " * 10 + "|")
    for folder in args.indexes:
        report(folder.name, Assistant(folder, encoder=encoder), questions)
    if args.grown:
        with tempfile.TemporaryDirectory() as spare:
            made(args.indexes[0], args.grown, Path(spare) / "grown")
            report("grown", Assistant(Path(spare) / "grown", encoder=encoder), questions)


def report(name: str, assistant: Assistant, questions: Sequence[str]) -> None:
    schools = [school.id for school in assistant.schools]
    works: dict[str, Callable[[int], object]] = {
        "the encoder alone": lambda i: assistant.encoder.encode_words([questions[i]]),
        "one school": lambda i: assistant.ask(questions[i], [schools[i % len(schools)]]),
        "all schools": lambda i: assistant.ask(questions[i]),
    }
    for work in works.values():
        work(0)
    costs: dict[str, list[Cost]] = {what: [] for what in works}
    for i in range(len(questions)):
        for what, work in works.items():
            costs[what].append(cost(work, i))
    alone = costs["the encoder alone"]
    for what, found in costs.items():
        figures = [figure for column in zip(*found, strict=True) for figure in (statistics.median(column), np.quantile(column, 0.95))]
        ratios = (statistics.median(own[k] / base[k] for own, base in zip(found, alone, strict=True)) for k in (0, 1))
        told = " | ".join([*(f"{figure:.1f}" for figure in figures), *(f"{ratio:.2f}" for ratio in ratios)])
        print(f"| {name} | {len(schools)} | {len(assistant.index.passages):,} | {what} | {told} |", flush=True)


def cost(work: Callable[[int], object], question: int) -> Cost:
    cpu, clock = time.process_time(), time.perf_counter()
    work(question)
    return 1000 * (time.process_time() - cpu), 1000 * (time.perf_counter() - clock)


if __name__ == "__main__":
    main()
