"""The same question on the same index gives the same bytes: again, in another process, under another hash seed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, generation

from clausewise.assistant import Assistant

QUESTIONS: list[dict[str, object]] = [
    {"id": "1", "question": "A parent has sent me a friend request. What do I do?", "school": None},
    {"id": "2", "question": "Can pupils wear smart watches?", "school": "thornbeck-high"},
    {"id": "3", "question": "and at Harbour Lane?", "school": None, "history": ["May staff post photos of pupils at Gannet Point?"]},
    {"id": "4", "question": "compare Ashlar Grove and Limekiln on phones", "school": None},
    {"id": "5", "question": "How much is lunch?", "school": "samphire-road"},
    {"id": "6", "question": "what do all schools say about passwords?", "school": None},
]
ALIASES = """
from clausewise.conversation import understand
from clausewise.naming import Names
from clausewise.types import School
schools = (School("elm", "Elm Hill School", aliases=("Oak Hill", "Ash Hill", "Fir Hill", "Bay Hill")), School("yew", "Yew Green School"))
print(understand("Ash Hill, Bay Hill, Oak Hill or Fir Hill: dogs?", (), None, Names(schools)))
"""


def python(code: str, seed: str, *arguments: str, stdin: str = "") -> bytes:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONHASHSEED": seed}
    ended = subprocess.run([sys.executable, "-c", code, *arguments], input=stdin.encode(), env=environment, capture_output=True, check=True)
    return ended.stdout


def test_the_same_question_twice_gives_the_same_bytes(sample: Assistant) -> None:
    lines = [json.dumps(question) for question in QUESTIONS]
    once = [json.dumps(sample.ask_line(line)) for line in lines]
    again = [json.dumps(sample.ask_line(line)) for line in reversed(lines)]
    assert once == again[::-1]


@pytest.mark.slow
def test_two_hash_seeds_give_the_same_bytes(sample_index: Path) -> None:
    batch = "\n".join(json.dumps(question) for question in QUESTIONS)
    code = "import sys; from clausewise.cli import main; sys.exit(main())"
    said = [python(code, seed, "ask", "--index", str(sample_index), "--jsonl", "-", stdin=batch) for seed in ("0", "4242")]
    assert said[0] == said[1]
    assert [json.loads(line)["id"] for line in said[0].splitlines()] == ["1", "2", "3", "4", "5", "6"]


@pytest.mark.slow
def test_names_are_read_alike_under_every_hash_seed() -> None:
    """Several names of one length: which is found first may not hang on the order of a set."""
    assert len({python(ALIASES, str(seed)) for seed in range(6)}) == 1


@pytest.mark.slow
def test_two_hash_seeds_build_the_same_index(tmp_path: Path) -> None:
    """All but the vectors, which need the model: schools, documents, clauses, passages."""
    code = f"""
import sys
sys.path.insert(0, {str(ROOT / "tests")!r})
from pathlib import Path
from conftest import MAX_BYTES, WordsEncoder
from clausewise.documents import load_corpus
from clausewise.building import build
build(load_corpus(Path({str(ROOT / "corpus")!r}), MAX_BYTES), WordsEncoder(), Path(sys.argv[1]))
"""
    for seed in ("1", "77"):
        python(code, seed, str(tmp_path / seed))
    for name in ("catalogue.sqlite", "bm25_scores.npy", "vectors.npy", "manifest.json"):
        assert (generation(tmp_path / "1") / name).read_bytes() == (generation(tmp_path / "77") / name).read_bytes()
