"""Files that are built to break whoever reads them, and what becomes of each: `python tests/hostile.py [NAME ...]`.

Nothing of them is kept in the repository: `write` makes them, the same bytes every time.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import hostile_docx
import hostile_pdf
import hostile_words

from clausewise.confined import Confined, Lost
from clausewise.parsing import Job, Policy, parsed
from clausewise.settings import Limits

FILES: dict[str, Callable[[], bytes]] = {**hostile_docx.FILES, **hostile_pdf.FILES, **hostile_words.FILES}
LIMITS = Limits(seconds=3, memory=512 << 20)


def write(folder: Path, names: Iterable[str] = FILES) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name for name in names]
    for path in paths:
        path.write_bytes(FILES[path.name]())
    return paths


def job(path: Path) -> Job:
    return Job(str(path), path.name, "hostile", f"hostile/{path.stem}", 50_000_000)


def outcome(path: Path) -> tuple[str, float]:
    """What becomes of it, in words, and the seconds that it takes, the start of its process among them."""
    began = time.perf_counter()
    (found,) = parsed([job(path)], LIMITS)
    took = time.perf_counter() - began
    if isinstance(found, str):
        return found.removeprefix(f"{path}: "), took
    return f"read: {len(found.document.text):,} characters, {len(found.clauses):,} clauses", took


def main() -> None:
    names = sys.argv[1:] or list(FILES)
    print(f"limits: {LIMITS.seconds} s, {LIMITS.memory >> 20} MiB; seconds with the start of a process for each")
    with TemporaryDirectory() as folder:
        for name in names:
            (path,) = write(Path(folder), [name])
            size = path.stat().st_size
            told, took = outcome(path)
            path.unlink()
            print(f"{name:40} {size / 1e6:7.1f} MB {took:6.1f} s  {told[:110]}", flush=True)


if __name__ == "__main__":
    main()
