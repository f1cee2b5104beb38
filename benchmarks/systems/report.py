"""Figures -> Markdown: a table for each set of policies, where Clausewise loses, and its share of what the machine allows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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
    """A line for each figure and row of ours that a peer betters, with the best peer; the bare encoder is no peer."""
    lines = []
    for figure in LESS_IS_BETTER:
        best = min((row for row in rows if row.kind == "peer"), key=lambda row: row.figures[figure])
        for row in rows:
            if row.kind == "ours" and row.figures[figure] > best.figures[figure]:
                lines.append(f"- {figure}: {row.name} {_against(row, best, figure)}")
    return "\n".join(dict.fromkeys(lines)) or "- nowhere"


def _against(row: Row, best: Row, figure: str) -> str:
    ours, theirs, decimals = row.figures[figure], best.figures[figure], FIGURES[figure]
    return f"{ours:,.{decimals}f}, {best.name} {theirs:,.{decimals}f}: {ours / theirs:.2f} times"


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds of one question, warm, one thread; seconds of parts of a build; bytes a second read by a scan and by a sum."""

    encoder: float
    search: float
    ask: float
    scan: float
    bandwidth: float
    build: Mapping[str, float]

    def table(self) -> str:
        whole = sum(self.build.values())
        parts = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in self.build.items())
        lines = [
            "| of Clausewise | measured | the machine's limit | share |",
            "| --- | ---: | ---: | ---: |",
            self._time("search, every school", self.search),
            self._time("ask, one school", self.ask),
            f"| build ({parts}) | {whole:.1f} s | {self.build['encoding']:.1f} s, encoding alone | {self.build['encoding'] / whole:.0%} |",
            f"| scan of vectors | {self.scan / 1e9:.1f} GB/s | {self.bandwidth / 1e9:.1f} GB/s, a sum | {self.scan / self.bandwidth:.0%} |",
        ]
        return "\n".join(lines)

    def _time(self, name: str, seconds: float) -> str:
        encoder = f"{1000 * self.encoder:.1f} ms, encoding alone"
        return f"| {name} | {1000 * seconds:.1f} ms | {encoder} | {self.encoder / seconds:.0%} |"
