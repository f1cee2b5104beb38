"""Figures -> Markdown: a table for each set of policies, where Clausewise loses, and its share of what the machine allows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

BUILD, DISK, COLD, P50, P95 = "build, s", "disk, MiB", "cold start, s", "warm p50, ms", "warm p95, ms"
BUILDING, ASKING = "memory to build, MiB", "memory to ask, MiB"
FIGURES = {"pieces": 0, BUILD: 1, DISK: 2, COLD: 2, P50: 1, P95: 1, BUILDING: 0, ASKING: 0}  # with their decimals
QUALITY = {"hit@1": 3, "hit@3": 3, "characters of the first": 0}
LESS_IS_BETTER = (BUILD, DISK, COLD, P50, P95, BUILDING, ASKING)


@dataclass(frozen=True, slots=True)
class Row:
    """A system and its figures. `kind`: "ours", "peer", or "bare", the encoder without a framework."""

    name: str
    kind: str
    figures: Mapping[str, float]


def middle(rounds: Sequence[Row]) -> Row:
    """The median of each figure over the rounds of one row."""
    first = rounds[0]
    return Row(first.name, first.kind, {figure: median(row.figures[figure] for row in rounds) for figure in first.figures})


def table(rows: Iterable[Row], columns: Mapping[str, int] = FIGURES) -> str:
    """`columns`: each with its decimals."""
    lines = [f"| system | {' | '.join(columns)} |", "| --- " + "| ---: " * len(columns) + "|"]
    for row in rows:
        lines.append(f"| {row.name} | {' | '.join(f'{row.figures[name]:,.{decimals}f}' for name, decimals in columns.items())} |")
    return "\n".join(lines)


def losses(rows: Sequence[Row]) -> str:
    """A line for each figure in which a peer betters a row of ours, with the best peer; the bare encoder is no peer."""
    lines = [line for figure in LESS_IS_BETTER if (line := _loss(rows, figure))]
    return "\n".join(lines) or "- nowhere"


def _loss(rows: Sequence[Row], figure: str) -> str:
    best = min((row for row in rows if row.kind == "peer"), key=lambda row: row.figures[figure])
    ours = [row for row in rows if row.kind == "ours"]
    worse = [row for row in ours if row.figures[figure] > best.figures[figure]]
    if len({row.figures[figure] for row in ours}) == 1:  # of the index, which all of them share
        worse = [replace(row, name="Clausewise") for row in worse[:1]]
    against = [f"{row.name} {_shown(row, figure)} ({row.figures[figure] / best.figures[figure]:.2f} times)" for row in worse]
    return f"- {figure}: {best.name} {_shown(best, figure)}; {'; '.join(against)}" if against else ""


def _shown(row: Row, figure: str) -> str:
    return f"{row.figures[figure]:,.{FIGURES[figure]}f}"


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds of one question, warm, one thread; seconds of parts of a build; bytes a second read by a scan, and at most."""

    encoder: float
    search: float
    ask: float
    scan: float
    bandwidth: float
    build: Mapping[str, float]

    def table(self) -> str:
        whole = sum(self.build.values())
        parts = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in self.build.items())
        share = f"{self.scan / self.bandwidth:.0%}"
        lines = [
            "| of Clausewise | measured | the machine's limit | share |",
            "| --- | ---: | ---: | ---: |",
            self._time("search, every school", self.search),
            self._time("ask, one school", self.ask),
            f"| build ({parts}) | {whole:.1f} s | {self.build['encoding']:.1f} s, encoding alone | {self.build['encoding'] / whole:.0%} |",
            f"| scan of vectors | {self.scan / 1e9:.1f} GB/s | {self.bandwidth / 1e9:.1f} GB/s, reading alone | {share} |",
        ]
        return "\n".join(lines)

    def _time(self, name: str, seconds: float) -> str:
        encoder = f"{1000 * self.encoder:.1f} ms, encoding alone"
        return f"| {name} | {1000 * seconds:.1f} ms | {encoder} | {self.encoder / seconds:.0%} |"
