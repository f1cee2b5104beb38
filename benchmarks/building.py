"""Building an index beside encoding its texts alone: seconds by the clock and of the processors, stage by stage.

    python benchmarks/building.py [--corpus corpus ../shared/policies] [--rounds 3]

In each round a corpus is built from nothing as `clausewise index` does, with the model read beforehand, and the same distinct
texts are embedded alone, in the same parts; the two take turns, as other work disturbs the machine. The figures are those of the
round whose build took least. The last line says how far the bar's estimate of what was left was off the truth, at most, while a
tenth to nine tenths were done. While the journal is written the processors go on encoding, so their seconds stand there too.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from clausewise.building import build_with, indexing
from clausewise.documents import load_corpus
from clausewise.embeddings import Encoder
from clausewise.settings import Settings, cores
from clausewise.steps import Embedded, Part, on_every_core

ALONE, WHOLE = "encoding alone", "the whole build"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, nargs="+", default=[Path("corpus"), Path("../shared/policies")])
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    encoder = Encoder()
    encoder.encode_words(["."])
    for corpus in filter(Path.is_dir, args.corpus):
        rounds = [measured(corpus, encoder) for _ in range(args.rounds)]
        report(corpus, min(rounds, key=lambda found: found.costs[WHOLE][1]))


@dataclass(slots=True)
class Laps:
    """`costs`: of each stage, seconds by the clock and of the processors, children's included. `told`: when how much was done."""

    costs: dict[str, tuple[float, float]] = field(default_factory=dict)
    told: list[tuple[float, int]] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    at: tuple[float, float] = (0.0, 0.0)

    def lap(self, stage: str) -> None:
        """What was done since the last one was this."""
        now, (clock, processors) = spent(), self.costs.get(stage, (0.0, 0.0))
        self.costs[stage] = clock + now[0] - self.at[0], processors + now[1] - self.at[1]
        self.at = now

    def engine(self, encoder: Encoder, parts: Sequence[Part]) -> Iterator[Embedded]:
        self.lap("cutting, looking up what is there")
        self.parts = [*parts]
        for made in on_every_core(encoder, parts):
            self.lap("encoding")
            yield made
            self.lap("the journal")

    def tell(self, _: str, done: int, __: int) -> None:
        self.told.append((time.perf_counter(), done))


def spent() -> tuple[float, float]:
    return time.perf_counter(), sum(os.times()[:4])


def measured(corpus: Path, encoder: Encoder) -> Laps:
    laps, settings = Laps(), Settings()
    laps.at = began = spent()
    with tempfile.TemporaryDirectory() as folder, indexing(Path(folder) / "index") as writer:
        read = load_corpus(corpus, settings.max_bytes, settings.limits)
        laps.lap("reading the policies")
        build_with(writer, read, encoder, laps.tell, laps.engine)
        laps.lap("BM25, writing, opening")
        laps.costs[WHOLE] = laps.at[0] - began[0], laps.at[1] - began[1]
    laps.at = spent()
    list(on_every_core(encoder, laps.parts))
    laps.lap(ALONE)
    return laps


def report(corpus: Path, laps: Laps) -> None:
    texts = [text for part in laps.parts for text in part.texts]
    alone = laps.costs[ALONE]
    print(f"{corpus}: {len(texts):,} texts, {sum(map(len, texts)):,} characters, {cores()} cores\n")
    print("| | seconds | processors' seconds | times encoding alone | of the processors |\n| --- |" + " ---: |" * 4)
    for stage, cost in laps.costs.items():
        ratios = (f"{one / other:.2f}" for one, other in zip(cost, alone, strict=True))
        print(f"| {stage} | {' | '.join([*(f'{each:.2f}' for each in cost), *ratios])} |")
    print(f"\nThe estimate was off by {off(laps.told):.0%} at most.\n", flush=True)


def off(told: Sequence[tuple[float, int]]) -> float:
    """As a share of what was left."""
    (began, _), *between, (ended, of) = told
    left = [((at - began) * (of - done) / done, ended - at) for at, done in between if of / 10 < done < 9 * of / 10]
    return max((abs(said - truth) / truth for said, truth in left), default=0.0)


if __name__ == "__main__":
    main()
