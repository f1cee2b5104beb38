"""What a model run by onnxruntime saves, beside sentence-transformers: from a new process to a vector, to an answer; texts embedded.

python benchmarks/cold.py [--index indexes/default] [--texts 1000] [--rounds 3]

Each figure is the best of several rounds, in which the two take turns. CPU seconds are what the process and its threads took:
other work on the machine disturbs them less. sentence-transformers is used where the cache cannot be: where it is a file.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

WAYS = ("onnxruntime", "sentence-transformers")
VECTOR = "from clausewise.embeddings import Encoder; Encoder().encode_words([{question!r}])"
ASK = "from clausewise.cli import main; main(['ask', '--index', {index!r}, {question!r}])"
MANY = """
import json, random, time
from pathlib import Path
from clausewise.embeddings import Encoder
from clausewise.building import encoded
from clausewise.index import load
encoder = Encoder()
views = sorted({{view for passage in load(Path({index!r}), encoder).passages for view in passage.views}})
random.Random(1).shuffle(views)
encoder.encode_words(views[:2])
def cost(work):
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu
queries = [cost(lambda: encoder.encode_words([{question!r}])) for _ in range(50)]
print(json.dumps([sorted(queries)[0], cost(lambda: encoded({{(view,) for view in views[:{texts}]}}, encoder, lambda *_: None))]))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--index", type=Path, default=Path("indexes/default"))
    parser.add_argument("--texts", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    words = {"index": str(args.index), "question": "Can pupils wear smart watches?", "texts": args.texts}
    with tempfile.NamedTemporaryFile() as file:
        caches = dict(zip(WAYS, (os.environ.get("CLAUSEWISE_CACHE", ""), file.name), strict=True))
        started(VECTOR.format(**words), caches["onnxruntime"])  # exports the model, if it was not yet
        codes = {"a new process to a vector": VECTOR, "a new process to an answer": ASK}
        rows = {name: {way: [] for way in WAYS} for name in (*codes, "one question", f"{args.texts} texts embedded")}
        for _ in range(args.rounds):
            for way, cache in caches.items():
                for name, code in codes.items():
                    rows[name][way].append(started(code.format(**words), cache)[:2])
                inner = json.loads(started(MANY.format(**words), cache)[2].splitlines()[-1])
                for name, cost in zip([*rows][-2:], inner, strict=True):
                    rows[name][way].append(tuple(cost))
    report(rows)


def started(code: str, cache: str) -> tuple[float, float, str]:
    """Wall seconds, CPU seconds, and what it printed, of a new Python that runs `code`."""
    source = str(Path(__file__).parents[1] / "src")
    command = [sys.executable, "-c", code]
    environment = {**os.environ, "PYTHONPATH": source, "CLAUSEWISE_CACHE": cache}
    before = os.times()
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return after.elapsed - before.elapsed, cpu, ended.stdout


def report(rows: dict[str, dict[str, list[tuple[float, float]]]]) -> None:
    print(f"| | {' | '.join(f'{way}, s | CPU s' for way in WAYS)} | times as fast | times the CPU |\n| --- |{' ---: |' * 6}")
    for name, found in rows.items():
        best = [min(column) for way in WAYS for column in zip(*found[way], strict=True)]
        figures = " | ".join(f"{seconds:.3f}" for seconds in best)
        print(f"| {name} | {figures} | {best[2] / best[0]:.1f} | {best[3] / best[1]:.1f} |")


if __name__ == "__main__":
    main()
