"""What the verbs of the command line share: options, opening the index, writing a report."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clausewise.errors import ClausewiseError
from clausewise.settings import DEFAULT_INDEX, Settings

if TYPE_CHECKING:
    from clausewise.assistant import Assistant


def index_option(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--index", type=Path, default=DEFAULT_INDEX, metavar="DIR", help="folder of the index (default: %(default)s)")


def scope_options(verb: argparse.ArgumentParser) -> None:
    index_option(verb)
    verb.add_argument("--school", action="append", metavar="ID", help="only this school; may be given again (default: every school)")
    verb.add_argument("--json", action="store_true", help="print JSON")


def assistant(args: argparse.Namespace) -> Assistant:
    """Over the index that was named, with the environment's settings and those that `--set` changes."""
    from clausewise.assistant import Assistant

    return Assistant(args.index, Settings.from_environment().changed(getattr(args, "set", ())))


def names(opened: Assistant) -> dict[str, str]:
    """School's id -> its name."""
    return {school.id: school.name for school in opened.schools}


def write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise ClausewiseError(f"{path}: cannot be written ({error.strerror}); name another file with --report") from None


def suite_action(actions: Any, name: str, run: Callable[[argparse.Namespace], int], told: str) -> argparse.ArgumentParser:
    """An action upon a suite."""
    action: argparse.ArgumentParser = actions.add_parser(name, help=told)
    action.add_argument("suite", type=Path, help="the suite's folder")
    index_option(action)
    action.set_defaults(run=run)
    return action
