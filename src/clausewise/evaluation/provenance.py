"""What made one run otherwise than another, in words, and as it was recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from clausewise.evaluation.differences import unlike
from clausewise.evaluation.wording import Report

_NAMED = 3  # so many policies are named in a line


def told(report: Report) -> list[str]:
    """What made the run otherwise than its baseline, a line each; none where both were made alike."""
    old = report["baseline"]
    return made_differently(old["made_by"], report["made_by"]) if old and old["unlike"] else []


def recorded(report: Report) -> list[tuple[str, str, str]]:
    """(name, before, now) of the same, as the runs hold it."""
    pairs = (report["baseline"] or {}).get("unlike", {})
    return [(name, *("none" if value is None else str(value) for value in pair)) for name, pair in pairs.items()]


def made_differently(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What made `new` otherwise than `old`, a line each, in words; both as a run's `made_by`."""
    found = unlike(old, new)
    lines = [f"suite: {new.get('suite')}, was {old.get('suite')}"] if "suite" in found else []
    lines += [*_policies(found), *_settings(found)]
    if "model" in found or "model_digest" in found:
        name = new.get("model")
        lines.append(f"model: {name}, was {old.get('model')}" if "model" in found else f"model: other weights of {name}")
    lines += [f"version: {new.get('version')}, was {old.get('version')}"] if "version" in found else []
    lines += ["code of Clausewise"] if "code" in found else []
    lines += ["questions of the suite"] if "cases" in found else []
    return lines or ["index built anew" if "index" in found else "nothing that a run records"]


def _policies(found: Mapping[str, tuple[object, object]]) -> list[str]:
    pairs = {name.removeprefix("documents."): pair for name, pair in found.items() if name.startswith("documents.")}
    added = [name for name, (old, _) in pairs.items() if old is None]
    gone = [name for name, (_, new) in pairs.items() if new is None]
    anew = [name for name in pairs if name not in (*added, *gone)]
    told = (("issued anew", anew), ("added", added), ("gone", gone))
    return [f"{'policy' if len(names) == 1 else 'policies'} {what}: {_some(names)}" for what, names in told if names]


def _some(names: Sequence[str]) -> str:
    more = [f"{len(names) - _NAMED} more"] if len(names) > _NAMED else []
    return ", ".join([*names[:_NAMED], *more])


def _settings(found: Mapping[str, tuple[object, object]]) -> list[str]:
    """The setting `model` is told with the model itself, where that differs."""
    pairs = {name.removeprefix("settings."): pair for name, pair in found.items() if name.startswith("settings.")}
    return [
        f"setting {name}: {_value(new)}, was {_value(old)}" for name, (old, new) in pairs.items() if name != "model" or "model" not in found
    ]


def _value(value: object) -> str:
    return "the default" if value in (None, "") else str(value)
