"""gate.toml and a run -> whether the run may pass.

Some conditions are absolute and can be set nowhere: every quote is verbatim, none is of another school, something was asked, and
the gold's clauses still say what they said in the baseline: figures against another rule would mean nothing.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from clausewise.errors import BadSuite
from clausewise.evaluation.differences import Difference
from clausewise.evaluation.measures import SHARES, figures, measures
from clausewise.evaluation.runs import Run

NAME = "gate.toml"
_MEASURES = (*SHARES, "AURC", "latency_p50_ms", "latency_p95_ms")


@dataclass(frozen=True, slots=True)
class Gate:
    """`floors`, `ceilings`: measure -> least, greatest value. `tag_floors`: tag -> measure -> least value.

    `no_worse`: measure -> how far it may fall behind the baseline on the cases that both hold (or rise, where less is
    better). `held_back`: only figures are ever shown of this suite, nothing that names a case.
    """

    floors: Mapping[str, float] = field(default_factory=dict)
    ceilings: Mapping[str, float] = field(default_factory=dict)
    tag_floors: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    no_worse: Mapping[str, float] = field(default_factory=dict)
    held_back: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """One condition. `wanted`: in words, "at least 0.7"."""

    name: str
    found: float | None
    wanted: str
    passed: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    held_back: bool = False
    floors: dict[str, float] = {}
    ceilings: dict[str, float] = {}
    tag_floors: dict[str, dict[str, float]] = {}
    no_worse: dict[str, float] = {}


def load_gate(suite: Path) -> Gate:
    """The suite's gate; the absolute conditions alone, where it has no gate.toml. Raises BadSuite for what is no gate."""
    path = suite / NAME
    if not path.exists():
        return Gate()
    try:
        form = _Form.model_validate(tomllib.loads(path.read_text("utf-8-sig")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSuite(f"{path}: not valid TOML ({error}); mend it, see evals/README.md") from None
    except OSError as error:
        raise BadSuite(f"{path}: cannot be read ({error.strerror}); expected a file, see evals/README.md") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise BadSuite(f"{path}: {where}: found {ascii(first['input'])[:60]}; {first['msg']} (see evals/README.md)") from None
    for table in (form.floors, form.ceilings):
        _check(path, table, _MEASURES)
    for table in (*form.tag_floors.values(), form.no_worse):
        _check(path, table, tuple(SHARES))
    return Gate(form.floors, form.ceilings, form.tag_floors, form.no_worse, form.held_back)


def _check(path: Path, table: Mapping[str, float], known: Sequence[str]) -> None:
    for name, value in table.items():
        if name not in known:
            raise BadSuite(f"{path}: found no measure {name!r}; expected one of {', '.join(known)}")
        if not 0 <= value < math.inf:
            raise BadSuite(f"{path}: {name}: found {value!r}; expected a number from 0")


def judge(gate: Gate, run: Run, against: Difference | None) -> Verdict:
    """`against`: the baseline to `run`, where there is a baseline."""
    return Verdict(tuple(_checks(gate, run, against)))


def _checks(gate: Gate, run: Run, against: Difference | None) -> Iterator[Check]:
    found = measures(run)
    if not found["cases"]:
        yield Check("cases", 0, "at least 1", False)
    yield Check("wrong_school", found["wrong_school"], "exactly 0", found["wrong_school"] == 0)
    yield Check("verbatim", found["verbatim"], f"all {found['quotes']} quotes", found["verbatim"] == found["quotes"])
    if against:
        yield Check("gold clauses reworded", len(against.reworded), "0; follow them with: clausewise eval anchor", not against.reworded)
    for name, least in gate.floors.items():
        yield _at_least(name, found[name], least)
    for name, most in gate.ceilings.items():
        value = found[name]
        yield Check(name, value, f"at most {most:g}", value is not None and value <= most)
    for tag, floors in gate.tag_floors.items():
        tagged = figures([row for row in run.rows if tag in row.tags])
        for name, least in floors.items():
            yield _at_least(f"{name}, tag {tag}", tagged[name].value, least)
    for name, drop in gate.no_worse.items():
        yield _no_worse(name, drop, against)


def _at_least(name: str, value: float | None, least: float) -> Check:
    return Check(name, value, f"at least {least:g}", value is not None and value >= least)


def _no_worse(name: str, drop: float, against: Difference | None) -> Check:
    """A condition that cannot be judged is not met: a gate that waves through what it cannot see is none."""
    if against is None:
        return Check(f"{name}, to the baseline", None, "a baseline; save one with: clausewise eval baseline SUITE", False)
    change = against.changes[name]
    if change.old is None or change.new is None or change.difference is None:
        return Check(f"{name}, to the baseline", None, "the measure in both runs", False)
    sign = 1 if SHARES[name] else -1
    limit = change.old - sign * drop
    wanted = f"{'at least' if sign > 0 else 'at most'} {limit:.4g} (baseline {change.old:g}, {drop:g} allowed)"
    return Check(f"{name}, to the baseline", change.new, wanted, sign * change.difference >= -drop - 1e-9)
