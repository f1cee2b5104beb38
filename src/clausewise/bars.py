"""What somebody watches on a terminal while they wait: a bar on stderr. The only room that knows tqdm."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NoReturn

from tqdm import tqdm

_FORM = "{l_bar}{bar}| {elapsed}, about {remaining} left"


def asking() -> Callable[[int, int], None]:
    """Of the cases so many of so many are asked."""
    bar = tqdm(desc="asking", unit=" cases", disable=None, file=sys.stderr, leave=False)

    def step(done: int, of: int) -> None:
        bar.total = of
        bar.update(1)
        if done == of:
            bar.close()

    return step


def embedding() -> Callable[[str, int, int], None]:
    """As building's Progress: what is to be embedded, in a line, then a bar of how much is done."""
    bar: tqdm[NoReturn] | None = None

    def step(line: str, done: int, of: int) -> None:
        nonlocal bar
        if bar is None:
            print(line, file=sys.stderr)
            bar = _work(of)
        bar.update(done - bar.n)
        if done == of:
            bar.close()

    return step


def _work(of: int) -> tqdm[NoReturn]:
    """What is left is told by the mean speed (smoothing 0), which a moment's other work of the machine leaves as it is."""
    return tqdm(total=of, bar_format=_FORM, smoothing=0, miniters=1, disable=None, file=sys.stderr, leave=False)
