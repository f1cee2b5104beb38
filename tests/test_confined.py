"""A program in a process of its own: it answers again and again, and whatever ends it is told, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from conftest import ROOT

from clausewise import confined
from clausewise.confined import Confined, Lost, NotStarted
from clausewise.settings import Limits

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc, and limits memory as Linux does")
PROGRAM = """
import json, os, resource, sys, time
from clausewise.confined import serve

kept = []

def answer(told):
    verb = told.decode()
    if verb == "hang": time.sleep(60)
    if verb == "spin":
        while True: pass
    if verb == "eat": bytearray(1 << 40)
    if verb == "abort": os.abort()
    if verb == "exit": os._exit(0)
    if verb == "raise": raise ValueError
    if verb == "deaf":
        os.closerange(0, 100)
        time.sleep(60)
    if verb == "huge": return bytes(40 << 20)
    if verb == "print":
        print("words")
        os.write(1, b"more words")
    if verb == "grow": kept.append(bytearray(100 << 20))
    if verb == "environment": return json.dumps(dict(os.environ)).encode()
    limits = [resource.getrlimit(kind) for kind in (resource.RLIMIT_CORE, resource.RLIMIT_AS)]
    return json.dumps([verb[:9], os.getpid(), limits]).encode()

serve(answer)
"""
LIMITS = Limits(seconds=2, memory=300 << 20)


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Confined]:
    (tmp_path / "confined_program.py").write_text(PROGRAM)
    monkeypatch.syspath_prepend(str(tmp_path))
    with Confined("confined_program", LIMITS) as made:
        yield made
    assert children() == []


def children() -> list[str]:
    """This process's own, the dead that nobody waited for among them."""
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()


def process(program: Confined, verb: str = "echo") -> int:
    told, number, _ = json.loads(program.ask(verb.encode()))
    assert told == verb[:9]
    return int(number)


def test_one_process_answers_again_and_again(program: Confined) -> None:
    assert children() == []  # it starts when it is first asked
    first = process(program)
    assert first != os.getpid()
    assert [process(program) for _ in range(3)] == [first] * 3
    assert children() == [str(first)]


def test_it_is_told_no_secret(program: Confined, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = ("CLAUSEWISE_OIDC_CLIENT_SECRET", "CLAUSEWISE_MILVUS_TOKEN", "AWS_ACCESS_KEY_ID", "DATABASE_URL", "MY_PATH_TO_IT")
    for name in secrets:
        monkeypatch.setenv(name, "secret")
    monkeypatch.setenv("LC_TIME", "C.UTF-8")
    told = json.loads(program.ask(b"environment"))
    assert (told["PATH"], told["LC_TIME"]) == (os.environ["PATH"], "C.UTF-8")
    assert told.keys().isdisjoint(secrets)


def test_a_question_may_be_large(program: Confined) -> None:
    assert process(program, "x" * 10_000_000)


def test_memory_and_core_files_are_limited(program: Confined) -> None:
    _, _, limits = json.loads(program.ask(b"echo"))
    assert limits == [[0, 0], [300 << 20, 300 << 20]]


@pytest.mark.parametrize(
    ("verb", "why"),
    [("hang", "late"), ("eat", "memory"), ("abort", "damage"), ("exit", "damage"), ("raise", "damage"), ("deaf", "damage"), ("huge", "size")],
)
def test_whatever_ends_it_is_told_and_the_next_question_is_answered(program: Confined, monkeypatch: pytest.MonkeyPatch, verb: str, why: str) -> None:
    monkeypatch.setattr(confined, "_GRACE", 0.5)
    first, began = process(program), time.monotonic()
    with pytest.raises(Lost) as lost:
        program.ask(verb.encode())
    assert (lost.value.why, children()) == (why, [])
    assert time.monotonic() - began < LIMITS.seconds * 2 + 3
    assert process(program) != first


def test_one_that_spins_is_ended_by_the_time_of_the_processor_and_not_by_the_clock(program: Confined, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a busy machine refuses no file that an idle one reads."""
    monkeypatch.setattr(confined, "_PATIENCE", 100)
    with pytest.raises(Lost, match="time"):
        program.ask(b"spin")


def test_the_time_is_each_questions_own(program: Confined) -> None:
    deadline = time.monotonic() + 2 * LIMITS.seconds
    first = process(program)
    while time.monotonic() < deadline:
        assert process(program, "x" * 4_000_000) == first


def test_what_is_printed_is_no_answer(program: Confined) -> None:
    assert process(program, "print") == process(program)


def test_one_that_has_grown_is_replaced(program: Confined) -> None:
    first = process(program)
    assert process(program, "grow") == first
    assert children() == []
    assert process(program) != first


def test_one_that_was_killed_meanwhile_costs_one_question(program: Confined) -> None:
    os.kill(process(program), 9)
    with pytest.raises(Lost, match="killed"):
        program.ask(b"echo")
    assert process(program)


def test_it_can_be_closed_from_another_thread(program: Confined) -> None:
    process(program)
    told: list[str] = []

    def ask() -> None:
        try:
            program.ask(b"hang")
        except Lost as lost:
            told.append(lost.why)

    thread = Thread(target=ask)
    thread.start()
    time.sleep(0.3)
    program.close()
    thread.join(2)
    assert (told, thread.is_alive(), children()) == (["killed"], False, [])


def test_a_program_that_does_not_start_is_no_files_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "confined_program.py").write_text("import nothing_of_that_name")
    monkeypatch.syspath_prepend(str(tmp_path))
    with Confined("confined_program", LIMITS) as program, pytest.raises(NotStarted) as refused:
        program.ask(b"echo")
    assert str(refused.value).startswith("the program that opens files does not start; see why with: ")
    assert children() == []


SCRIPT = """
import sys
from pathlib import Path
from clausewise.documents import load_corpus
print(len(load_corpus(Path(sys.argv[1]), 1_000_000).documents), flush=True)
"""


def test_a_script_needs_no_guard_and_may_lie_anywhere(tmp_path: Path, small_corpus: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    ended = subprocess.run(
        [sys.executable, tmp_path / "script.py", small_corpus], env={**os.environ, "PYTHONPATH": str(ROOT / "src")}, cwd=tmp_path, capture_output=True, text=True
    )
    assert (ended.stdout, ended.stderr) == ("3\n", "")
