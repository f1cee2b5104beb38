"""What several test files share: the sample corpus indexed once, the five real policies, and a fast stand-in for the encoder."""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from argon2 import PasswordHasher

from clausewise import passwords
from clausewise.assistant import Assistant
from clausewise.building import build
from clausewise.documents import load_corpus
from clausewise.embeddings import Encoder, Vectors
from clausewise.index import Index
from clausewise.late import Words
from clausewise.settings import Settings

ROOT = Path(__file__).parents[1]
POLICIES = Path(__file__).parents[2] / "shared" / "policies"
MAX_BYTES = Settings().max_bytes


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regenerate-golden", action="store_true", help="write tests/golden anew from the policies in ../shared; never in CI")


def pytest_configure(config: pytest.Config) -> None:
    """Models are exported once for all runs of the tests, and not into the cache of whoever runs them."""
    if getattr(config, "cache", None) is not None:
        os.environ["CLAUSEWISE_CACHE"] = str(config.cache.mkdir("clausewise"))


class WordsEncoder:
    """Unit vectors of hashed word counts: the same on every machine, and near where words are shared."""

    def __init__(self, name: str = "words", dimensions: int = 64) -> None:
        self.name, self.dimensions = name, dimensions
        self.digest = hashlib.sha256(f"{name} {dimensions}".encode()).hexdigest()
        self.seen: list[str] = []  # every text that was ever encoded

    def encode(self, texts: Sequence[str]) -> Vectors:
        return self.encode_words(texts)[0]

    def encode_words(self, texts: Sequence[str]) -> tuple[Vectors, list[Words]]:
        self.seen += texts
        words = [np.stack([self._word(word) for word in re.findall(r"\w+", text.lower()) or [""]]) for text in texts]
        rows = np.array([found.sum(axis=0) for found in words], dtype=np.float32).reshape(len(texts), self.dimensions)
        even = [Words(found, np.full(len(found), 1 / len(found), dtype=np.float32)) for found in words]
        return rows / np.linalg.norm(rows, axis=1, keepdims=True), even

    def _word(self, word: str) -> Vectors:
        row = np.zeros(self.dimensions, dtype=np.float32)
        row[int(hashlib.sha256(word.encode()).hexdigest(), 16) % self.dimensions] = 1
        return row  # type: ignore[return-value]


LARCH_PHONES = """# Mobile Phone Policy

## Pupils

1.1 Pupils must hand their phones to the office each morning.

1.2 Pupils may carry a phone on a residential trip.

## Staff

2.1 Staff keep their phones in a locker during lessons.
"""
LARCH_DOGS = """# Dogs on Site Policy

No dog comes through the gate, except an assistance dog.
"""
MAPLE_PHONES = """# Mobile Phone Policy

## Pupils

1.1 Pupils must hand their phones to the office each morning.

1.2 Smart watches count as phones.
"""


def generation(index: Path) -> Path:
    """The folder of the files of the index in folder `index`."""
    return index / "generations" / (index / "current").read_text().split()[0]


def write(folder: Path, files: dict[str, str]) -> Path:
    """`files` (path -> text) below `folder`, which is returned."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int], None]:
    """Let a path that ends so be one that the system refuses to open to be read, with that errno."""
    opened = io.open

    def refuse(name: str, number: int) -> None:
        def open(file: Any, mode: str = "r", *args: Any, **more: Any) -> Any:
            if isinstance(file, Path) and file.as_posix().endswith(f"/{name}") and not set(mode) & set("wax+"):
                raise OSError(number, os.strerror(number), str(file))
            return opened(file, mode, *args, **more)

        monkeypatch.setattr(io, "open", open)

    return refuse


@pytest.fixture
def small_corpus(tmp_path: Path) -> Path:
    """Two schools, three policies; clause 1.1 stands word for word in both."""
    files = {"larch/phones.md": LARCH_PHONES, "larch/dogs.md": LARCH_DOGS, "maple/phones.md": MAPLE_PHONES}
    return write(tmp_path / "small", files)


@pytest.fixture
def words() -> WordsEncoder:
    return WordsEncoder()


@pytest.fixture
def make_index(tmp_path: Path, words: WordsEncoder) -> Callable[..., Index]:
    """Files (path -> text) -> their index, by the stand-in encoder."""

    def make(files: dict[str, str]) -> Index:
        corpus = load_corpus(write(tmp_path / "made", files), MAX_BYTES)
        return build(corpus, words, tmp_path / "made-index").index  # type: ignore[arg-type]

    return make


@pytest.fixture
def small_index(small_corpus: Path, words: WordsEncoder, tmp_path: Path) -> Index:
    return build(load_corpus(small_corpus, MAX_BYTES), words, tmp_path / "small-index").index  # type: ignore[arg-type]


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes of passwords that take no time."""
    passwords._nobodys.cache_clear()
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The model in force, its weights read once for all tests."""
    return Encoder()


def open_with(encoder: Encoder, folder: Path) -> Assistant:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("clausewise.assistant.Encoder", lambda model="": encoder)
        return Assistant(folder, Settings())


@pytest.fixture(scope="session")
def sample_index(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Path:
    """Folder of an index of corpus/; takes about 20 seconds, once."""
    folder = tmp_path_factory.mktemp("indexes") / "sample"
    build(load_corpus(ROOT / "corpus", MAX_BYTES), encoder, folder)
    return folder


@pytest.fixture(scope="session")
def sample(sample_index: Path, encoder: Encoder) -> Assistant:
    return open_with(encoder, sample_index)


@pytest.fixture(scope="session")
def five(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Assistant:
    """An assistant over the five real policies, which stand beside the project and not in it."""
    if not POLICIES.is_dir():
        pytest.skip(f"the five schools' policies are not at {POLICIES}")
    folder = tmp_path_factory.mktemp("indexes") / "five"
    build(load_corpus(POLICIES, MAX_BYTES), encoder, folder)
    return open_with(encoder, folder)


# a browser

CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="module")  # not the session: its event loop would stand in the way of others'
def chromium() -> Iterator[Any]:
    program = shutil.which("chromium")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("chromium is not installed: these tests must run under CI (apt-get install chromium)")
        pytest.skip("chromium is not installed, so the page was not opened in a browser (apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM)
        yield browser
        browser.close()
