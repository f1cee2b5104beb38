"""Files that are built to break whoever reads them, and what becomes of each: `python tests/hostile.py [NAME ...]`.

Nothing of them is kept in the repository: `write` makes them, the same bytes every time.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import hostile_docx
import hostile_pdf
import hostile_words

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


def outcome(found: Policy | str, path: Path) -> str:
    """What has become of it, in words."""
    if isinstance(found, str):
        return found.removeprefix(f"{path}: ")
    return f"read: {len(found.document.text):,} characters, {len(found.clauses):,} clauses"


def one(path: Path) -> None:
    """Print what becomes of it, as JSON: in words, seconds, and MB that its process held at most."""
    began = time.perf_counter()
    (found,) = parsed([job(path)], LIMITS)
    took = time.perf_counter() - began
    print(json.dumps([outcome(found, path), took, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000]))


def main() -> None:
    if sys.argv[1:2] == ["--one"]:
        return one(Path(sys.argv[2]))
    print(f"limits: {LIMITS.seconds:g} s, {LIMITS.memory >> 20} MiB; each in a new process, whose start is among its seconds")
    print(f"{'file':40}    MB      s  peak MB  outcome")
    with TemporaryDirectory() as folder:
        for name in sys.argv[1:] or FILES:
            (path,) = write(Path(folder), [name])
            ended = subprocess.run([sys.executable, __file__, "--one", path], capture_output=True, text=True, check=True)
            told, took, peak = json.loads(ended.stdout)
            print(f"{name:40} {path.stat().st_size / 1e6:5.1f} {took:6.1f} {peak:8.0f}  {told[:90]}", flush=True)
            path.unlink()


if __name__ == "__main__":
    main()
