"""Files to policies in processes of their own: in order, from any thread, and one that breaks its process costs itself alone."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread

import pytest
from conftest import MAX_BYTES, ROOT
from test_confined import children

from clausewise import parsing, readers
from clausewise.clauses import parse
from clausewise.confined import Confined
from clausewise.documents import load_corpus
from clausewise.parsing import Job, Policy, parsed, policy
from clausewise.parsing.policy import MOST
from clausewise.settings import Limits

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
RULE = "All staff of Larch School wear a badge at the gate.\n\n"


def job(path: Path) -> Job:
    return Job(str(path), f"larch/{path.name}", "larch", f"larch/{path.stem}", MAX_BYTES)


def jobs(folder: Path, count: int) -> list[Job]:
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:03}.md").write_text(f"# Policy {number}\n\n{RULE}")
    return [job(path) for path in sorted(folder.iterdir())]


def test_what_comes_back_is_what_the_readers_and_the_parser_make() -> None:
    for path in sorted((ROOT / "corpus").rglob("*.*")):
        if path.suffix in readers.FORMATS:
            (found,) = parsed([job(path)], Limits())
            assert isinstance(found, Policy)
            form, source, _ = readers.read(path)
            document = found.document
            assert (document.format, document.text, document.blocks, document.pages) == (form, source.text, source.blocks, source.pages)
            assert found.clauses == parse(document)


def test_the_digest_is_of_the_bytes_that_were_read_though_the_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text(RULE)
    read_bytes = Path.read_bytes

    def changing(path: Path) -> bytes:
        found = read_bytes(path)
        path.write_text("Nobody wears a badge.")
        return found

    monkeypatch.setattr(Path, "read_bytes", changing)
    found = policy.read(job(tmp_path / "a.txt")).document
    assert (found.text, found.digest) == (RULE, hashlib.sha256(RULE.encode()).hexdigest())


def test_policies_come_in_the_order_of_their_jobs(tmp_path: Path) -> None:
    found = parsed(jobs(tmp_path / "many", 30), Limits())
    assert [policy.document.title for policy in found if isinstance(policy, Policy)] == [f"Policy {number}" for number in range(30)]
    assert children() == []


def test_no_jobs_start_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", None)
    assert parsed([], Limits()) == []


def test_names_of_the_school_come_with_their_weight(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(RULE * 3)
    (found,) = parsed([job(tmp_path / "a.txt")], Limits())
    assert isinstance(found, Policy)
    assert found.names == {"Larch School": 3}


def program(folder: Path, monkeypatch: pytest.MonkeyPatch, inside: str) -> None:
    """In place of the parser's program one that breaks where a file is named bad."""
    (folder / "bad_program.py").write_text(
        "import json, os, time\nfrom clausewise.confined import serve\nfrom clausewise.parsing import worker\n"
        f"def answer(told):\n    if 'bad' in json.loads(told)['path']:\n        {inside}\n    return worker.answer(told)\nserve(answer)\n"
    )
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr(parsing, "Confined", lambda _, limits: Confined("bad_program", limits))


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        ("os.abort()", "this file breaks the program that reads it, where a policy was expected; open it in its own program and save it again"),
        ("os.kill(os.getpid(), 9)", "the system ended the program that reads this file, as it does where memory runs out; free some and index again, or open it in its own program and save it again"),
        ("os._exit(0)", "this file breaks the program that reads it, where a policy was expected; open it in its own program and save it again"),
        ("return b'words'", "this file breaks the program that reads it, where a policy was expected; open it in its own program and save it again"),
        ("return b'[' * 100_000", "this file breaks the program that reads it, where a policy was expected; open it in its own program and save it again"),
        ("return b'{}'", "this file breaks the program that reads it, where a policy was expected; open it in its own program and save it again"),
        ("raise MemoryError", "reading this file takes more than 400 MiB of memory, the limit; open it in its own program and save it again, split it, or set CLAUSEWISE_READ_MIB higher"),
        ("time.sleep(60)", "reading this file takes more than 1 seconds, the limit; open it in its own program and save it again, split it, or set CLAUSEWISE_READ_SECONDS higher"),
        ("return b'x' * (33 << 20)", "this file says more than 32 MiB, the limit; split it into the policies that it is made of"),
    ],
)
def test_a_file_that_breaks_its_process_costs_itself_and_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inside: str, told: str) -> None:
    found = jobs(tmp_path / "good", 4)
    (tmp_path / "bad.md").write_text(RULE)
    program(tmp_path, monkeypatch, inside)
    read = parsed([*found[:2], job(tmp_path / "bad.md"), *found[2:]], Limits(1, 400 << 20))
    assert read.pop(2) == f"{tmp_path / 'bad.md'}: {told}"
    assert all(isinstance(policy, Policy) for policy in read)
    assert children() == []


@pytest.mark.parametrize("inside", ["os.kill(os.getpid(), 9)", "time.sleep(60)"])
def test_what_the_machine_may_be_to_blame_for_is_tried_again_when_nothing_else_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inside: str) -> None:
    found, tried = jobs(tmp_path / "good", 6), str(tmp_path / "tried")
    (tmp_path / "bad.md").write_text(RULE)
    processes = "sum(len(path.read_text().split()) for path in pathlib.Path('/proc').glob(f'{os.getppid()}/task/*/children'))"
    fails = f"if not os.path.exists({tried!r}) or {processes} != 1:"
    program(tmp_path, monkeypatch, f"import pathlib\n        {fails}\n            open({tried!r}, 'w').close()\n            {inside}")
    monkeypatch.setattr(parsing, "cores", lambda: 2)
    assert all(isinstance(policy, Policy) for policy in parsed([job(tmp_path / "bad.md"), *found], Limits(1, 400 << 20)))


def test_no_more_processes_start_than_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    monkeypatch.setattr(parsing, "cores", lambda: 64)
    monkeypatch.setattr(parsing, "_FEW", 1)
    monkeypatch.setattr(parsing, "_MOST", 2)
    monkeypatch.setattr(parsing, "Confined", lambda *given: made.append(Confined(*given)) or made[-1])
    assert len(parsed(jobs(tmp_path / "many", 6), Limits())) == 6
    assert len(made) == 2 + 1  # and one for what is tried again


def test_a_policy_of_too_many_sentences_is_a_line(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A. " * (MOST + 1))
    assert parsed([job(tmp_path / "a.txt")], Limits()) == [
        f"{tmp_path / 'a.txt'}: this file holds about 50,168 sentences, over the limit of 50,000; split it into its policies"
    ]


def test_files_are_read_from_a_thread(tmp_path: Path, small_corpus: Path) -> None:
    found: list[int] = []
    thread = Thread(target=lambda: found.append(len(load_corpus(small_corpus, MAX_BYTES).documents)))
    thread.start()
    thread.join(30)
    assert found == [3]


INTERRUPTED = """
import sys
from pathlib import Path
from clausewise.cli import main
sys.exit(main(["index", "--corpus", sys.argv[1], "--index", sys.argv[2]]))
"""


def test_ctrl_c_ends_all_of_it_at_once(tmp_path: Path) -> None:
    """The terminal's signal goes to every process of the group."""
    folder = tmp_path / "corpus" / "larch"
    folder.mkdir(parents=True)
    for number in range(8):
        (folder / f"{number}.txt").write_text("1 May 2026 " * 100_000)  # takes minutes
    started = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, tmp_path / "corpus", tmp_path / "index"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")}, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        while not _of_group(started.pid) - {started.pid}:
            time.sleep(0.05)
        time.sleep(1)
        os.killpg(started.pid, signal.SIGINT)
        assert (started.wait(10), started.communicate()[1]) == (130, "clausewise: stopped\n")
        assert _of_group(started.pid) == set()
    finally:
        started.kill()


def test_one_whose_parent_was_killed_ends_by_itself(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("1 May 2026 " * 100_000)
    told = json.dumps([str(tmp_path / "a.txt"), "larch/a.txt", "larch", "larch/a", MAX_BYTES])
    script = f"from clausewise.parsing import Job, parsed\nfrom clausewise.settings import Limits\nparsed([Job(*{told})], Limits(2))"
    started = subprocess.Popen([sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": str(ROOT / "src")}, start_new_session=True)
    while not _of_group(started.pid) - {started.pid}:
        time.sleep(0.05)
    time.sleep(1)
    started.kill()
    started.wait()
    deadline = time.monotonic() + 30
    while left := _of_group(started.pid):
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


def _of_group(leader: int) -> set[int]:
    """The processes of its group that live."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            number, rest = stat.parent.name, stat.read_text().rpartition(")")[2].split()
        except OSError:  # gone meanwhile
            continue
        if int(rest[2]) == leader and rest[0] != "Z":
            found.add(int(number))
    return found
