"""Write the sample corpus' PDF and Word files, and the test policy in five formats, from `sources/`.

Run `python tools/sample_corpus/build.py` from anywhere. The same sources give the same bytes: dates and
identifiers are fixed, so a second run leaves git with nothing to report.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from source import Source, read_source
from to_docx import write_docx
from to_pdf import write_pdf
from to_text import write_html, write_lines

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WRITERS: dict[str, Callable[[Source, Path], None]] = {
    ".pdf": write_pdf,
    ".docx": write_docx,
    ".html": write_html,
    ".md": partial(write_lines, markdown=True),
    ".txt": partial(write_lines, markdown=False),
}


def write(source: Source, path: Path) -> None:
    """Write one file in the format that its name asks for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    WRITERS[path.suffix](source, path)
    print(path.relative_to(ROOT).as_posix())


def build_corpus() -> None:
    """Write each source to the place in the corpus that it names."""
    for path in sorted((HERE / "sources").glob("*.txt")):
        source = read_source(path)
        write(source, ROOT / "corpus" / source.meta["output"])


def build_five_formats() -> None:
    """Write the test policy in every format."""
    source = read_source(HERE / "five_formats.txt")
    for suffix in WRITERS:
        write(source, ROOT / "tests" / "data" / "five_formats" / f"policy{suffix}")


if __name__ == "__main__":
    build_corpus()
    build_five_formats()
