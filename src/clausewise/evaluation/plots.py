"""Figures of a report -> SVG to stand in a page; the only room that knows matplotlib.

A plot is drawn in the colours that the page names (`--cw-ink`, `--cw-accent` ...), so that it follows light and dark, and
its words stay text. It carries one sentence for who cannot see it; the numbers stand in a table nearby. Lengths are in
points of 1/72 inch; a plot fills the width that it is given.
"""

from __future__ import annotations

import hashlib
import io
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from clausewise.evaluation.wording import HEADLINES, NAMES, Report, count, percent, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH, _ROW, _TEXT = 400, 27, 11.5
_MOST = 40  # groups in a plot
# Colours of the page, and what stands for them while matplotlib draws: it knows no CSS variables.
_NAMES = ("ink", "soft", "line", "edge", "card", "accent", "conditional", "advised", "required")
_STAND_IN = {name: f"#0{number:x}0{number:x}0{number:x}" for number, name in enumerate(_NAMES, start=1)}
_STYLE: dict[Any, Any] = {
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "xtick.major.pad": 6,
    "ytick.major.pad": 6,
    "svg.fonttype": "none",
    "svg.hashsalt": "clausewise",
    "text.parse_math": False,  # a school may be called $x$
    "font.family": ["DejaVu Sans"],  # matplotlib brings it along: widths are reckoned alike everywhere
    "font.size": _TEXT,
    "text.color": _STAND_IN["ink"],
    "axes.edgecolor": _STAND_IN["edge"],
    "axes.labelcolor": _STAND_IN["ink"],
    "xtick.color": _STAND_IN["soft"],
    "ytick.color": _STAND_IN["ink"],
    "grid.color": _STAND_IN["line"],
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "legend.fontsize": _TEXT - 1,
}
_drawing = threading.Lock()  # matplotlib's settings are the whole process's


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of a dot plot, shares from 0 to 1. `code`: the measure's name in the data, where the label is another."""

    label: str
    code: str
    value: float
    low: float | None
    high: float | None
    old: float | None


def measures(report: Report) -> str:
    """Every share with its interval, the baseline's beside it; "" where nothing was measured."""
    before = (report["baseline"] or {}).get("measures", {})
    rows = [
        _Row(NAMES[name], name, report["measures"][name], low, high, before.get(name))
        for name, (low, high) in report["intervals"].items()
        if report["measures"][name] is not None
    ]
    return _dots(rows, "Each measure with its 95 % interval")


def by_school(report: Report) -> str:
    """The share of each school's answers that is right, the baseline's beside it."""
    before = report["baseline"]["groups"]["school"] if report["baseline"] else {}
    rows = []
    for school, found in report["groups"]["school"].items():
        value, low, high, pairs = found["overall"]
        old = before[school]["overall"][0] if school in before else None
        rows.append(_Row(short(school, 24), count(pairs, "answer"), value, low, high, old))
    return _dots(rows[:_MOST], "Share of answers that are right, by school, with its 95 % interval")


def risk_coverage(report: Report) -> str:
    """As ever less sure answers are given, the share of them that is wrong; where the run stands is marked."""
    points = report["risk_coverage"]
    if not points:
        return ""
    old = (report["baseline"] or {}).get("risk_coverage", [])
    answered = sum(sum(row[:-1]) for row in report["stances"]["table"]) / report["measures"]["pairs"]  # the last column is silence
    now = min(points, key=lambda point: abs(point[0] - answered))
    told = f"Risk over coverage: this run answers {percent(answered)}; of as many of its surest answers {percent(now[1])} are wrong"
    return _svg(lambda figure: _draw_risk(figure, points, old, now), 270, told)


def stances(report: Report) -> str:
    """How often each stance was said where each was wanted."""
    labels, table = report["stances"]["labels"], report["stances"]["table"]
    total, same = sum(map(sum, table)), sum(table[place][place] for place in range(len(labels)))
    if not total:
        return ""
    told = f"Stances wanted and said: the same in {same} of {count(total, 'answer')}; the numbers stand in the table below"
    return _svg(lambda figure: _draw_stances(figure, labels, table), 306, told)


def trend(points: Sequence[dict[str, Any]]) -> str:
    """Measures over runs, the oldest first. `points`: {"run": id, "made": ISO date, "measures": {name: value}}; "" of none."""
    lines = {name: [point["measures"].get(name) for point in points] for name in HEADLINES}
    known = {name: [value for value in values if value is not None] for name, values in lines.items()}
    if not any(known.values()):
        return ""
    spoken = "; ".join(f"{NAMES[name]} from {percent(found[0])} to {percent(found[-1])}" for name, found in known.items() if found)
    return _svg(lambda figure: _draw_trend(figure, points, lines), 288, f"The last {count(len(points), 'run')}: {spoken}")


# drawing


def _dots(rows: Sequence[_Row], told: str) -> str:
    if not rows:
        return ""
    spoken = "; ".join(f"{row.label} {percent(row.value)}{'' if row.old is None else f', baseline {percent(row.old)}'}" for row in rows)
    return _svg(lambda figure: _draw_dots(figure, rows), _ROW * len(rows) + 56, f"{told}: {spoken}")


def _draw_dots(figure: Figure, rows: Sequence[_Row]) -> None:
    axes = _axes(figure, left=156, bottom=28, right=26, top=28)
    axes.set(xlim=(0, 1), ylim=(len(rows) - 0.5, -0.5), yticks=[])
    _percents(axes.xaxis)
    for place, row in enumerate(rows):
        _draw_row(axes, place, row)
    handles = [
        _mark(axes, "o", "accent", "this run"),
        *([_mark(axes, "D", "ink", "baseline")] if any(row.old is not None for row in rows) else []),
    ]
    axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(-0.03, 1), ncols=2, borderpad=0.2, handletextpad=0.2)


def _draw_row(axes: Axes, place: int, row: _Row) -> None:
    beside = axes.get_yaxis_transform()  # x in shares of the axes' width, y in rows
    axes.text(-0.04, place + (-0.13 if row.code else 0), row.label, transform=beside, ha="right", va="center")
    axes.text(-0.04, place + 0.28, row.code, transform=beside, ha="right", va="center", color=_STAND_IN["soft"], fontsize=_TEXT - 3)
    if row.low is not None and row.high is not None:
        axes.plot([row.low, row.high], [place, place], color=_STAND_IN["accent"], linewidth=2.5, alpha=0.6, clip_on=False)
    axes.plot(row.value, place, "o", color=_STAND_IN["accent"], markersize=7, clip_on=False)
    if row.old is not None:
        axes.plot(row.old, place, "D", markerfacecolor="none", markeredgecolor=_STAND_IN["ink"], markersize=8, clip_on=False)


def _mark(axes: Axes, marker: str, colour: str, label: str) -> Any:
    """A sample for the legend: filled for the run, hollow for the baseline."""
    filled = _STAND_IN[colour] if marker == "o" else "none"
    return axes.plot([], [], marker, markerfacecolor=filled, markeredgecolor=_STAND_IN[colour], markersize=7, label=label)[0]


def _draw_risk(figure: Figure, points: Sequence[Sequence[float]], old: Sequence[Sequence[float]], now: Sequence[float]) -> None:
    axes = _axes(figure, left=62, bottom=50, right=26, top=28)
    if old:
        axes.plot(*zip(*old, strict=True), color=_STAND_IN["ink"], linewidth=1.4, linestyle=(0, (4, 2)), label="baseline")
    axes.plot(*zip(*points, strict=True), color=_STAND_IN["accent"], linewidth=2, label="this run")
    axes.plot(*now, "o", color=_STAND_IN["accent"], markersize=9, clip_on=False, label="where it stands")
    axes.set(xlim=(0, 1), ylim=(0, max(0.1, *(risk for _, risk in (*points, *old))) * 1.05))
    axes.set(xlabel="answered, of all asked", ylabel="wrong, of those answered")
    _percents(axes.xaxis)
    axes.yaxis.set_major_formatter(_as_percent)
    axes.legend(loc="lower left", bbox_to_anchor=(-0.03, 1), ncols=3, borderpad=0.2, columnspacing=1.2, handletextpad=0.4)


def _draw_stances(figure: Figure, labels: Sequence[str], table: Sequence[Sequence[int]]) -> None:
    axes = _axes(figure, left=96, bottom=4, right=36, top=76)
    axes.grid(False)
    axes.set(xlim=(0, len(labels)), ylim=(len(labels), 0), xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    for row, counts in enumerate(table):
        axes.text(-0.12, row + 0.5, labels[row], ha="right", va="center")
        axes.text(row + 0.4, -0.15, labels[row], ha="left", va="bottom", rotation=40, rotation_mode="anchor")
        for column, number in enumerate(counts):
            _draw_cell(axes, row, column, number, sum(counts))
    axes.text(-0.1, -0.35, "wanted ↓  said →", ha="right", va="bottom", color=_STAND_IN["soft"], fontsize=_TEXT - 1)


def _draw_cell(axes: Axes, row: int, column: int, number: int, of: int) -> None:
    """Shaded by its share of its row, but never so dark that its number is hard to read; the right ones are framed."""
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle((column, row), 1, 1, facecolor=_STAND_IN["accent"], alpha=0.4 * number / max(1, of), linewidth=0))
    colour, width = ("ink", 1.4) if row == column else ("line", 0.6)
    frame = Rectangle((column, row), 1, 1, fill=False, clip_on=False, edgecolor=_STAND_IN[colour], linewidth=width, zorder=1 + width)
    axes.add_patch(frame)
    axes.text(column + 0.5, row + 0.5, str(number), ha="center", va="center", color=_STAND_IN["ink" if number else "soft"])


# Colour, marker and dashes of each headline.
_LINES = (
    ("accent", "o", "-"),
    ("conditional", "s", (0, (5, 2))),
    ("advised", "D", (0, (1, 1.5))),
    ("required", "^", (0, (5, 2, 1, 2))),
    ("ink", "v", (0, (8, 3))),
)


def _draw_trend(figure: Figure, points: Sequence[dict[str, Any]], lines: dict[str, list[float | None]]) -> None:
    axes = _axes(figure, left=54, bottom=50, right=26, top=72)
    for (name, values), (colour, marker, dashes) in zip(lines.items(), _LINES, strict=True):
        if any(value is not None for value in values):
            shown = [float("nan") if value is None else value for value in values]
            axes.plot(
                shown,
                color=_STAND_IN[colour],
                marker=marker,
                markersize=5,
                linestyle=dashes,
                linewidth=1.8,
                clip_on=False,
                label=NAMES[name],
            )
    axes.set(xlim=(-0.3, len(points) - 0.7), ylim=(0, 1))
    _percents(axes.yaxis)
    some = sorted({round(place * (len(points) - 1) / 4) for place in range(5)})  # no more labels than there is room for
    axes.set_xticks(some, [f"{points[place]['run'][:7]}\n{(points[place]['made'] or '')[5:10]}" for place in some], fontsize=_TEXT - 2)
    axes.legend(loc="lower left", bbox_to_anchor=(-0.1, 1), ncols=2, borderpad=0.2, columnspacing=1.2, handletextpad=0.5)


def _axes(figure: Figure, left: float, bottom: float, right: float, top: float) -> Axes:
    """Axes within margins in points."""
    width, height = (72 * side for side in figure.get_size_inches())
    axes = figure.add_axes((left / width, bottom / height, 1 - (left + right) / width, 1 - (bottom + top) / height))
    axes.tick_params(length=0)
    return axes


def _percents(axis: Any) -> None:
    axis.set_ticks([0, 0.25, 0.5, 0.75, 1])
    axis.set_major_formatter(_as_percent)


def _as_percent(value: float, _: float) -> str:
    return f"{100 * value:.0f} %"


# SVG


def _svg(draw: Callable[[Figure], None], height: float, told: str) -> str:
    """`told`: what is read to those who cannot see it."""
    import matplotlib
    from matplotlib.figure import Figure

    drawn = io.StringIO()
    with _drawing, matplotlib.rc_context():
        matplotlib.rcdefaults()  # whatever the user's own settings are, the same figure
        matplotlib.rcParams.update(_STYLE)
        figure = Figure(figsize=(_WIDTH / 72, height / 72))
        draw(figure)
        figure.savefig(drawn, format="svg", metadata={"Date": None})
    return _dressed(drawn.getvalue(), told)


def _dressed(svg: str, told: str) -> str:
    """Ready to stand in a page: in the page's colours and type, its ids its own, nothing that the page's own SVGs could meet."""
    root = ElementTree.fromstring(svg)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        element.attrib = {name.rpartition("}")[2]: value for name, value in element.attrib.items()}
    for element in root.findall("metadata") + root.findall("defs"):  # the first defs hold a style for every SVG of the page
        root.remove(element)
    _own_ids(root, hashlib.sha256(svg.encode()).hexdigest()[:8])
    for element in root.iter():
        if "style" in element.attrib:
            element.set("style", _styled(element.attrib["style"]))
    root.attrib = {"viewBox": root.attrib["viewBox"], "role": "img", "aria-label": told, "style": "stroke-linejoin:round"}
    return re.sub(r"\s*\n\s*", "\n", ElementTree.tostring(root, encoding="unicode"))


def _own_ids(root: ElementTree.Element, prefix: str) -> None:
    """Ids that nothing refers to are dropped, the others begin with `prefix`."""
    values = [value for element in root.iter() for value in element.attrib.values()]
    used = {value.removeprefix("url(").removesuffix(")")[1:] for value in values if value.startswith(("#", "url(#"))}
    for element in root.iter():
        if (name := element.attrib.pop("id", "")) in used:
            element.set("id", f"{prefix}-{name}")
        for key in ("href", "clip-path"):
            if key in element.attrib:
                element.set(key, element.attrib[key].replace("#", f"#{prefix}-"))


def _styled(style: str) -> str:
    """matplotlib's style in the page's type and colours."""
    told = dict(part.strip().split(": ", 1) for part in style.split(";") if ": " in part)
    if "font" in told:  # older versions of matplotlib put size and family into one
        told["font-size"] = told.pop("font").split("px")[0].split()[-1] + "px"
    told.pop("font-family", None)
    return ";".join(f"{name}:{_PAGE.get(value, value)}" for name, value in told.items())


_PAGE = {stand_in: f"var(--cw-{name})" for name, stand_in in _STAND_IN.items()}
