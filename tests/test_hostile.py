"""A corpus of honest policies and of files that are built to break whoever reads them: the first are all there, each other costs itself."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import hostile
import pytest
from conftest import LARCH_DOGS, LARCH_PHONES, ROOT, write

from clausewise.parsing.policy import MOST

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux alone")
READING, INDEXING = 300, 1_500  # MB that the parent itself may take, up to when all files are read, and to the end
EVERYDAY = (
    "bomb-of-text.docx", "billion-laughs.docx", "deep-tags.docx", "span-of-a-billion.docx", "cyclic-styles.docx", "locked.docx",
    "xref-of-itself.pdf", "page-tree-in-a-ring.pdf", "form-that-draws-itself.pdf", "arrays-in-the-content.pdf", "map-of-every-code.pdf",
    "cut-off-half-way.pdf", "thousand-tags-deep.html", "million-attributes.html", "nuls.txt", "long-paragraph.txt", "pattern-ends.txt", "nested-items.md",
)  # fmt: skip
PROGRAM = """
import json, sys
from collections import Counter
from pathlib import Path
from conftest import WordsEncoder
from hostile import LIMITS
from clausewise.documents import load_corpus
from clausewise.building import build


def peak():
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) / 1000

corpus = load_corpus(Path(sys.argv[1]), 50_000_000, LIMITS)
reading = peak()
index = build(corpus, WordsEncoder(), Path(sys.argv[2])).index
passages = Counter(passage.document for passage in index.passages)
print(json.dumps({
    "documents": {document.path: len(document.text) for document in index.documents},
    "passages": {document.path: passages[document.id] for document in index.documents},
    "unread": corpus.failures,
    "peaks": [reading, peak()],
}))
"""


def honest(folder: Path) -> set[str]:
    """Policies of two schools, in five formats; their paths."""
    write(folder, {"larch/phones.md": LARCH_PHONES, "larch/dogs.txt": LARCH_DOGS})
    for school in sorted(path for path in (ROOT / "corpus").iterdir() if path.is_dir()):
        shutil.copytree(school, folder / school.name, dirs_exist_ok=True)
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*.*") if path.is_file()}


@pytest.mark.parametrize("names", [EVERYDAY, pytest.param(tuple(hostile.FILES), marks=pytest.mark.slow)], ids=["some", "all"])
def test_each_hostile_file_costs_itself_and_nothing_else(tmp_path: Path, names: tuple[str, ...]) -> None:
    paths, folder = honest(tmp_path / "corpus"), tmp_path / "corpus" / "hostile"
    hostile.write(folder, names)
    began = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, tmp_path / "corpus", tmp_path / "index"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT / "tests")))}, capture_output=True, text=True,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (0, "")
    assert time.monotonic() - began < 60 + len(names) * (2 * hostile.LIMITS.seconds + 5)  # one after another, and a start for each
    found = json.loads(ended.stdout)
    assert paths <= found["documents"].keys()
    assert found["peaks"][0] < READING
    assert found["peaks"][1] < INDEXING
    unread = {line.removeprefix(f"{folder}/").partition(": ")[0]: line for line in found["unread"]}
    assert len(unread) == len(found["unread"])
    for name in names:
        assert (name in unread) != (f"hostile/{name}" in found["documents"]), name
    for name, line in unread.items():
        assert "\n" not in line
        assert "; " in line or ": save" in line, line  # what was found, and what to do
        assert name in names
    for path, count in found["passages"].items():
        assert count <= MOST, path


def test_there_are_enough_and_each_is_made_alike() -> None:
    assert len(hostile.FILES) >= 150
    assert {Path(name).suffix for name in hostile.FILES} == {".docx", ".pdf", ".html", ".txt", ".md"}
    for name in EVERYDAY:
        assert hostile.FILES[name]() == hostile.FILES[name](), name
