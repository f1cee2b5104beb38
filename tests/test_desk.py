"""A policy is added while the page is served: what is taken in, how the index is built, and which assistant answers meanwhile."""

from __future__ import annotations

import errno
import json
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import chain, repeat
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from conftest import MAX_BYTES, WordsEncoder, write
from fastapi import FastAPI
from fastapi.testclient import TestClient
from made import CORPUS, SOMEBODY, opened, write_index

from clausewise.accounts import Accounts
from clausewise.assistant import Assistant
from clausewise.building import build, build_with, indexing
from clausewise.conversations import Conversations
from clausewise.documents import load_corpus
from clausewise.durable import sync_folder
from clausewise.errors import ClausewiseError, NotAdded
from clausewise.generations import numbered, pointed
from clausewise.settings import Settings
from clausewise.store import Store
from clausewise.web import desk as rooms
from clausewise.web import shelf
from clausewise.web.chat import Chat
from clausewise.web.desk import BROKEN, NO_FOLDER, SHORTLY, Desk, Progress
from clausewise.web.documents import add_documents
from clausewise.web.page import Page
from clausewise.web.server import create_app, refused
from clausewise.web.shelf import check_free, check_name, check_school, save
from clausewise.web.who import STRANGE, Everyone

BEES = "# Bees on Site Policy\n\n1.1 No hive stands near the playground.\n\n1.2 Pupils must not open a hive.\n"
OPEN_HIVE = "May pupils open a hive?"
HERE = "http://127.0.0.1:7860"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write(tmp_path / "corpus", CORPUS)


@pytest.fixture
def index(corpus: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "indexes" / "small"
    build(load_corpus(corpus, MAX_BYTES), WordsEncoder(), folder)  # type: ignore[arg-type]
    return folder


@pytest.fixture
def desk(corpus: Path, index: Path) -> Desk:
    return Desk(opened(index), corpus, index)


@pytest.fixture
def bees(tmp_path: Path) -> Path:
    return write(tmp_path / "sent", {"bees.md": BEES}) / "bees.md"


def files(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in sorted(folder.rglob("*")) if path.is_file()}


def ended(desk: Desk) -> Progress:
    """The progress of a build that is over."""
    for _ in range(600):
        if not desk.progress.under_way:
            return desk.progress
        time.sleep(0.05)
    raise AssertionError(f"the build does not end: {desk.progress}")


def quoted(assistant: Assistant, question: str = OPEN_HIVE, school: str = "maple") -> list[str]:
    (answer,) = assistant.ask(question, [school]).answers
    return [quote.text for quote in answer.quotes]


# the desk


def test_a_policy_that_is_added_answers_without_a_restart(desk: Desk, bees: Path, corpus: Path) -> None:
    before = desk.whole
    desk.add(bees, "maple")
    assert ended(desk) == Progress("done", "Added maple/bees.md: 97 characters, 3 clauses.")
    assert (corpus / "maple" / "bees.md").read_text("utf-8") == BEES
    assert desk.whole is not before
    assert quoted(desk.whole)[0] == "Pupils must not open a hive."
    assert "Pupils must not open a hive." not in quoted(before)


def test_the_encoder_is_shared_and_reads_only_what_is_new(desk: Desk, bees: Path) -> None:
    encoder: Any = desk.whole.encoder
    seen = len(encoder.seen)
    desk.add(bees, "maple")
    ended(desk)
    assert desk.whole.encoder is encoder
    assert {text for text in encoder.seen[seen:] if "hive" not in text} == set()
    assert len(encoder.seen) > seen


def test_what_is_added_goes_to_the_vector_store_before_it_answers(desk: Desk, bees: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(rooms, "copied", lambda *given: sent.append((*given, desk.whole.index.searched)))
    before = desk.whole.index.searched
    desk.add(bees, "maple")
    assert ended(desk).state == "done"
    ((uri, folder, parts, searched, answering),) = sent
    assert (uri, folder, answering) == ("", desk.index, before)
    assert searched == desk.whole.index.searched != before
    assert "Pupils must not open a hive." in [passage.text.strip() for _, _, own in parts.contents.entries for passage in own]


def test_the_older_version_that_gives_way_is_named(desk: Desk, tmp_path: Path, corpus: Path) -> None:
    old, new = (f"# Bees on Site Policy\n\nApproved by governors: 1 May {year}.\n\n1.1 Hives {year}.\n" for year in (2024, 2026))
    write(corpus, {"maple/bees-old.md": old})
    desk.add(write(tmp_path / "sent", {"bees.md": new}) / "bees.md", "maple")
    assert ended(desk).told.endswith("clauses. It takes the place of maple/bees-old.md.")


def test_a_question_under_way_keeps_the_assistant_that_it_began_with(
    desk: Desk, bees: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = Chat(desk, Store(tmp_path / "data"), Conversations(tmp_path / "data"))
    asked, answer = {"question": OPEN_HIVE, "schools": ["maple"]}, desk.whole.ask

    def meanwhile(*question: Any) -> Any:
        desk.add(bees, "maple")
        ended(desk)
        return answer(*question)

    monkeypatch.setattr(desk.whole, "ask", meanwhile)
    assert "Pupils must not open a hive." not in chat.ask(asked, SOMEBODY).html
    assert "Pupils must not open a hive." in chat.ask(asked, SOMEBODY).html


def test_progress_is_told_as_it_is_made(desk: Desk, bees: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = [desk.progress]

    def slowly(*args: Any, **rest: Any) -> Any:
        monkeypatch.setattr(rooms, "monotonic", chain((100.0, 140.0), repeat(200.0)).__next__)
        for done in (0, 256):
            seen.append(desk.progress)
            args[3]("", done, 1024)
        seen.append(desk.progress)
        return build_with(*args, **rest)

    monkeypatch.setattr(rooms, "build_with", slowly)
    desk.add(bees, "maple")
    assert ended(desk).state == "done"
    assert seen == [
        Progress(),
        Progress("reading", "Reading the policies, now with bees.md."),
        Progress("embedding", "Indexing: 0 %.", 0, 1024),
        Progress("embedding", "Indexing: 25 %, about 2 minutes left.", 256, 1024, 120.0),
    ]


def failing(error: Exception) -> Any:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/x"), "/x: No space left on device"),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), "/x: Permission denied"),
        (ZeroDivisionError("a secret"), BROKEN),
    ],
)
@pytest.mark.parametrize("part", ["load_corpus", "build_with"])
def test_where_the_build_fails_the_file_is_taken_out_and_the_old_index_serves_on(
    desk: Desk, bees: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, told: str, part: str
) -> None:
    before, answers = files(corpus), quoted(desk.whole)
    with monkeypatch.context() as patch:
        patch.setattr(rooms, part, failing(error))
        desk.add(bees, "new-school")
        assert ended(desk) == Progress("failed", f"Not added: {told}. The file was taken out again, and the policies answer as before.")
    assert (files(corpus), (corpus / "new-school").exists()) == (before, False)
    assert quoted(desk.whole) == answers
    desk.add(bees, "maple")  # the turn is free again
    assert ended(desk).state == "done"


@pytest.mark.parametrize("place", ["clausewise.web.desk.Assistant", "clausewise.building.load", "clausewise.durable.sync_folder"])
def test_what_is_in_force_but_not_yet_open_is_kept_and_answers_shortly(
    desk: Desk, bees: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """Also where all that failed was to make sure that it lasts."""
    before = pointed(desk.index)
    works = sync_folder if place.endswith("sync_folder") else None

    def fail(folder: Any, *_: Any) -> None:
        if works is None or pointed(desk.index) != before:
            raise OSError(errno.EMFILE, "Too many open files", "/x")
        works(folder)

    with monkeypatch.context() as patch:
        patch.setattr(place, fail)
        desk.add(bees, "maple")
        assert ended(desk) == Progress("done", f"Added maple/bees.md: 97 characters, 3 clauses. {SHORTLY}")
    assert (corpus / "maple" / "bees.md").read_text("utf-8") == BEES
    desk.following.look()
    assert quoted(desk.whole)[0] == "Pupils must not open a hive."


def test_an_index_folder_that_holds_something_else_is_one_line(desk: Desk, bees: Path, index: Path, corpus: Path) -> None:
    (index / "thesis.docx").write_text("x")
    desk.add(bees, "maple")
    assert ended(desk).told.startswith(f"Not added: {index}: found thesis.docx in it, which is no part of an index; ")
    assert not (corpus / "maple" / "bees.md").exists()
    assert (index / "thesis.docx").read_text() == "x"


def test_a_file_that_cannot_be_taken_out_again_is_said_to_stay(desk: Desk, bees: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "build_with", failing(OSError(errno.ENOSPC, "No space left on device", "/x")))
    monkeypatch.setattr(Path, "unlink", failing(PermissionError(errno.EACCES, "Permission denied")))
    monkeypatch.setattr(shelf, "_place", lambda beside, target: beside.rename(target))
    desk.add(bees, "maple")
    assert ended(desk).told.endswith("The file stays in the folder maple, since it cannot be taken out again (Permission denied).")


def test_a_build_that_is_stopped_takes_the_policy_back(desk: Desk, bees: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, answers, client = files(corpus), quoted(desk.whole), Event()

    def stopped(*args: Any, **rest: Any) -> Any:
        assert client.wait(10)
        args[3]("embedded 256 of 1024", 256, 1024)
        return build_with(*args, **rest)

    with monkeypatch.context() as patch:
        patch.setattr(rooms, "build_with", stopped)
        desk.add(bees, "maple")
        desk.stop(SOMEBODY)
        client.set()
        assert ended(desk) == Progress("failed", "Stopped. The file was taken out again, and the policies answer as before.")
    assert (files(corpus), quoted(desk.whole)) == (before, answers)
    desk.add(bees, "maple")
    assert ended(desk).state == "done"


def test_only_who_may_add_may_stop(app: FastAPI) -> None:
    desk, elsewhere = TestClient(app, base_url=HERE), TestClient(app, base_url="http://192.168.1.20:7860")
    assert (desk.post("/api/documents/stop").status_code, elsewhere.post("/api/documents/stop").status_code) == (202, 403)


def test_one_build_at_a_time(desk: Desk, bees: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go = Event()
    monkeypatch.setattr(rooms, "build_with", lambda *args, **rest: go.wait(30) and build_with(*args, **rest))
    desk.add(bees, "maple")
    with pytest.raises(NotAdded, match="another policy is being indexed; add this one when that is done") as error:
        desk.add(bees, "larch")
    assert (error.value.status, (corpus / "larch" / "bees.md").exists()) == (409, False)
    go.set()
    assert ended(desk).told.startswith("Added maple/bees.md")


def test_of_many_at_once_one_is_taken(desk: Desk, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go = Event()
    monkeypatch.setattr(rooms, "build_with", lambda *args, **rest: go.wait(30) and build_with(*args, **rest))
    sent = [write(tmp_path / "sent", {f"bees-{n}.md": f"{BEES}\n1.3 Hive {n}.\n"}) / f"bees-{n}.md" for n in range(12)]

    def add(file: Path) -> None:
        with suppress(NotAdded):
            desk.add(file, "maple")

    threads = [Thread(target=add, args=(file,)) for file in sent]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([name for name in files(corpus) if "bees" in name]) == 1
    go.set()
    assert ended(desk).state == "done"


def test_stopping_the_server_gives_up_a_build_and_keeps_the_policy(
    desk: Desk, bees: Path, corpus: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, go = Event(), Event()
    encoder: Any = desk.whole.encoder
    monkeypatch.setattr(encoder, "encode_words", lambda texts: began.set() or (go.wait(30) and WordsEncoder().encode_words(texts)))
    current = (index / "current").read_bytes()
    desk.add(bees, "maple")
    assert began.wait(30)
    closing = Thread(target=desk.close)
    closing.start()
    go.set()
    closing.join(30)
    assert desk.progress == Progress("failed", "bees.md is saved, and will be indexed when Clausewise starts again.")
    assert (corpus / "maple" / "bees.md").exists()
    assert (index / "current").read_bytes() == current
    assert [path.name for path in index.parent.iterdir()] == ["small"]


def test_a_desk_that_never_built_is_closed_at_once(desk: Desk) -> None:
    desk.close()
    assert desk.progress == Progress()


def test_without_a_folder_nothing_is_added(index: Path, bees: Path) -> None:
    with pytest.raises(NotAdded, match="start it with: clausewise serve --corpus DIR"):
        Desk(opened(index), None, index).add(bees, "maple")


# the shelf


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("", "found ''"),
        (".hidden.md", "found '.hidden.md'"),
        ("_draft.md", "found '_draft.md'"),
        ("~$policy.docx", "found '~$policy.docx'"),
        ("../policy.md", "found '../policy.md'"),
        ("a\\b.md", "holds none of"),
        ("a:b.md", "holds none of"),
        ("a\nb.md", "found 'a\\nb.md'"),
        ("a\u202eb.md", "found 'a\\u202eb.md'"),
        ("\ud800.md", "found '\\ud800.md'"),
        (" policy.md", "found ' policy.md'"),
        ("ä" * 100 + ".md", "found 203 bytes; expected 200 at most"),
        ("policy", "expected one that ends in .pdf, .docx, .html, .htm, .md, .markdown, .txt"),
        ("policy.exe", "expected one that ends in .pdf"),
        ("policy.md.doc", "expected one that ends in .pdf"),
    ],
)
def test_what_cannot_be_a_policys_file_is_refused_by_name(name: str, found: str) -> None:
    with pytest.raises(NotAdded) as error:
        check_name(name)
    assert found in str(error.value)
    assert "\n" not in str(error.value)
    assert error.value.status == 400


@pytest.mark.parametrize("name", ["policy.md", "Policy (draft 2).PDF", "ε-ασφάλεια.docx", "a.b.c.txt", "<policy>".strip("<>") + ".htm"])
def test_ordinary_names_pass(name: str) -> None:
    check_name(name)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a file system has no such names")
def test_a_name_that_is_not_utf_8_is_offered_nowhere_and_told_escaped(corpus: Path, bees: Path) -> None:
    (corpus / os.fsdecode(b"\xe9cole")).mkdir()
    (corpus / "larch" / os.fsdecode(b"be\xe9s.md")).write_text(BEES)
    assert shelf.schools(corpus) == ["larch", "maple"]
    with pytest.raises(NotAdded, match=r"this very file is there already, as larch/be\\udce9s.md; nothing was changed"):
        check_free(bees, corpus / "larch")


@pytest.mark.parametrize(
    "school", ["", ".", "..", "_drafts", "Larch", "new school", "new_school", "-a", "a--b", "x" * 61, "larch/sub", "ö"]
)
def test_only_a_schools_folder_or_a_new_ones_name_passes(corpus: Path, school: str) -> None:
    with pytest.raises(NotAdded, match=r"^school: found "):
        check_school(corpus, school)


@pytest.mark.parametrize("school", ["larch", "maple", "pear-tree", "school2", "St Mary"])
def test_schools_that_are_there_pass_whatever_their_name_is(corpus: Path, school: str) -> None:
    (corpus / "St Mary").mkdir()
    check_school(corpus, school)


def test_a_new_school_that_is_nearly_there_is_refused(corpus: Path) -> None:
    (corpus / "Pear_Tree").mkdir()
    with pytest.raises(NotAdded, match="found 'pear-tree', which is nearly the name of a school that is there"):
        check_school(corpus, "pear-tree")


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("phones.md", BEES, "a file of that name is there already; give this one another name: of two versions of one policy the one"),
        ("phones.txt", BEES, "larch/phones.md is there already, and would be cited by the same address; give this one another name: of"),
        ("PHONES.md", BEES, "larch/phones.md is there already, and would be cited by the same address"),
        ("phones.md", CORPUS["larch/phones.md"], "this very file is there already, as larch/phones.md; nothing was changed"),
        ("other.md", CORPUS["larch/phones.md"], "this very file is there already, as larch/phones.md; nothing was changed"),
    ],
)
def test_what_is_there_is_never_replaced(corpus: Path, tmp_path: Path, name: str, text: str, told: str) -> None:
    before = files(corpus)
    with pytest.raises(NotAdded) as error:
        save(write(tmp_path / "sent", {name: text}) / name, corpus / "larch")
    assert str(error.value).startswith(told)
    assert error.value.status == 409
    assert files(corpus) == before


def test_what_comes_to_stand_there_meanwhile_is_not_replaced(corpus: Path, bees: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(corpus, {"larch/bees.md": "theirs"})
    monkeypatch.setattr(shelf, "check_free", lambda *_: None)
    with pytest.raises(NotAdded, match="a file of that name is there already"):
        save(bees, corpus / "larch")
    assert files(corpus) == {**CORPUS, "larch/bees.md": "theirs"}


def test_a_file_is_saved_where_there_are_no_links(corpus: Path, bees: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", failing(OSError(errno.EPERM, "Operation not permitted")))
    assert save(bees, corpus / "larch") == corpus / "larch" / "bees.md"
    assert files(corpus) == {**CORPUS, "larch/bees.md": BEES}


def test_without_links_nothing_is_replaced_either(corpus: Path, bees: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(corpus, {"larch/bees.md": "theirs"})
    monkeypatch.setattr(shelf, "check_free", lambda *_: None)
    monkeypatch.setattr(os, "link", failing(OSError(errno.EPERM, "Operation not permitted")))
    with pytest.raises(NotAdded, match="a file of that name is there already"):
        save(bees, corpus / "larch")
    assert files(corpus) == {**CORPUS, "larch/bees.md": "theirs"}


def test_without_links_a_full_disk_leaves_no_half_of_a_file(corpus: Path, bees: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", failing(OSError(errno.EPERM, "Operation not permitted")))
    calls = iter([None, OSError(errno.ENOSPC, "No space left on device")])

    def fsync(_: int) -> None:
        if error := next(calls):
            raise error

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(NotAdded, match="No space left on device"):
        save(bees, corpus / "larch")
    assert files(corpus) == CORPUS


def test_a_full_disk_leaves_nothing_behind(corpus: Path, bees: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", failing(OSError(errno.ENOSPC, "No space left on device")))
    for school in ("larch", "new-school"):
        with pytest.raises(NotAdded) as error:
            save(bees, corpus / school)
        assert str(error.value) == f"{school}: cannot be written (No space left on device); mend the folder's rights, or make room"
        assert error.value.status == 500
    assert files(corpus) == CORPUS
    assert not (corpus / "new-school").exists()


# the door


@pytest.fixture
def app(corpus: Path, index: Path) -> FastAPI:
    """The door alone, since Gradio's pages take long to make."""
    app = FastAPI()
    app.add_middleware(Everyone)
    app.exception_handler(ClausewiseError)(refused)
    add_documents(app, Desk(opened(index, Settings(max_bytes=2_000)), corpus, index), Accounts(corpus.parent / "data").audit)
    return app


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, base_url=HERE) as client:
        yield client


@pytest.fixture
def whole(corpus: Path, index: Path, tmp_path: Path) -> Iterator[TestClient]:
    app = create_app(opened(index), Store(tmp_path / "data"), tmp_path / "evals", index, corpus)
    with TestClient(app, base_url=HERE) as client:
        yield client


def put(client: TestClient, path: str = "maple/bees.md", content: Any = BEES, **headers: str) -> tuple[int, dict[str, Any]]:
    response = client.put(f"/api/documents/{path}", content=content, headers=headers)
    return response.status_code, response.json()


def followed(client: TestClient) -> dict[str, Any]:
    for _ in range(600):
        progress = client.get("/api/documents/progress").json()
        if progress["state"] not in ("reading", "embedding"):
            return dict(progress)
        time.sleep(0.05)
    raise AssertionError(progress)


def test_a_policy_comes_in_over_http_and_every_room_has_it(whole: TestClient, corpus: Path) -> None:
    assert whole.get("/api/documents/progress").json() == {"state": "idle", "told": "", "done": 0, "of": 0, "left": None}
    assert "Pear Tree" not in whole.get("/").text
    assert put(whole, "pear-tree/Bees%20policy.md") == (202, {"document": "pear-tree/Bees policy.md"})
    assert followed(whole) == {"state": "done", "told": "Added pear-tree/Bees policy.md: 97 characters, 3 clauses.", "done": 0, "of": 0, "left": None}
    assert (corpus / "pear-tree" / "Bees policy.md").read_text("utf-8") == BEES
    assert [school["id"] for school in whole.get("/api/v1/schools").json()["schools"]] == ["larch", "maple", "pear-tree"]
    answer = whole.post("/api/v1/ask", json={"question": OPEN_HIVE, "school": "pear-tree"}).json()["answers"][0]
    assert (answer["quotes"][0]["clause"], answer["school_name"]) == ("pear-tree/bees-policy#1.2", "Pear Tree")
    assert "pear-tree/Bees policy.md" in whole.get("/documents").text
    complaint = {"question": OPEN_HIVE, "schools": ["pear-tree"], "about": "pear-tree", "reason": "incomplete"}
    assert whole.post("/api/feedback", json=complaint).status_code == 201


def test_the_same_bytes_come_out_as_went_in(client: TestClient, corpus: Path) -> None:
    content = b"\xef\xbb\xbf# Bees\r\n\r\nNo hive stands near the playground.\r\n"
    assert put(client, content=content)[0] == 202
    followed(client)
    assert (corpus / "maple" / "bees.md").read_bytes() == content


@pytest.mark.parametrize(
    ("path", "content", "status", "told"),
    [
        ("maple/bees.exe", BEES, 400, "file name: found 'bees.exe'; expected one that ends in .pdf"),
        ("maple", BEES, 400, "file name: found ''"),
        ("maple/sub/bees.md", BEES, 400, "file name: found 'sub/bees.md'"),
        ("maple/..%2f..%2fbees.md", BEES, 400, "file name: found '../../bees.md'"),
        ("..%2fmaple/bees.md", BEES, 400, "file name: found 'maple/bees.md'"),
        ("Maple/bees.md", BEES, 400, "school: found 'Maple'"),
        ("maple/phones.md", BEES, 409, "a file of that name is there already; give this one another name"),
        ("maple/other.md", CORPUS["maple/phones.md"], 409, "this very file is there already, as maple/phones.md; nothing was changed"),
        ("maple/bees.pdf", BEES, 422, "bees.pdf: this is no PDF at all, or it is damaged; a PDF, as its suffix .pdf says"),
        ("maple/bees.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 422, "bees.docx: this is an old Office file"),
        ("maple/bees.md", b"", 422, "bees.md: this file is empty"),
        ("maple/bees.md", b"a" * 2_001, 413, "this file has over 2,000 bytes, the limit; split it, or leave its pictures out"),
        ("maple/bees.md", [b"a" * 1_500, b"a" * 1_500], 413, "this file has over 2,000 bytes, the limit"),
    ],
)
def test_what_is_no_policy_is_one_line_and_nothing_is_saved(
    client: TestClient, corpus: Path, path: str, content: Any, status: int, told: str
) -> None:
    found = put(client, path, iter(content) if isinstance(content, list) else content)
    assert (found[0], found[1]["error"][: len(told)]) == (status, told)
    assert "\n" not in found[1]["error"]
    assert files(corpus) == CORPUS
    assert client.get("/api/documents/progress").json()["state"] == "idle"


def test_while_a_build_is_under_way_another_is_refused_before_it_is_sent(
    client: TestClient, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = Event()
    monkeypatch.setattr(rooms, "build_with", lambda *args, **rest: go.wait(30) and build_with(*args, **rest))
    assert put(client)[0] == 202
    assert client.get("/api/documents/progress").json()["state"] == "reading"
    assert put(client, "larch/bees.md") == (409, {"error": "another policy is being indexed; add this one when that is done"})
    assert "bees.md" not in client.get("/documents").text
    go.set()
    assert followed(client)["state"] == "done"
    assert [name for name in files(corpus) if "bees" in name] == ["maple/bees.md"]


@pytest.mark.parametrize(
    ("base", "headers"),
    [
        ("http://policies.example.org", {}),
        ("http://192.168.1.20:7860", {}),
        ("http://192.168.1.20:7860", {"host": "127.0.0.1:7860"}),
        (HERE, {"host": "policies.example.org"}),
        (HERE, {"host": "127.0.0.1.example.org"}),
        (HERE, {"host": "localhost@example.org"}),
        (HERE, {"host": ""}),
        (HERE, {"x-forwarded-for": "203.0.113.7"}),
        (HERE, {"forwarded": "for=203.0.113.7"}),
        (HERE, {"via": "1.1 proxy"}),
    ],
)
def test_only_the_machine_itself_may_add(app: FastAPI, corpus: Path, base: str, headers: dict[str, str]) -> None:
    client = TestClient(app, base_url=base)
    status, said = put(client, **headers)
    assert (status, "nobody signs in here" in said["error"]) == (403, True)
    assert files(corpus) == CORPUS
    page = client.get("/documents", headers=headers).text
    assert "nobody signs in here, so nobody else may." in page
    assert 'type="file"' not in page
    assert "documents.js" not in page


@pytest.mark.parametrize("origin", ["http://policies.example.org", "null", "http://127.0.0.1:8000"])
def test_no_page_of_another_site_may_add(app: FastAPI, corpus: Path, origin: str) -> None:
    assert put(TestClient(app, base_url=HERE), origin=origin) == (403, {"error": STRANGE})
    assert files(corpus) == CORPUS


@pytest.mark.parametrize("base", [HERE, "http://localhost:7860", "http://LOCALHOST", "http://[::1]:7860"])
def test_each_name_of_the_machine_itself_is_one(app: FastAPI, base: str) -> None:
    client = TestClient(app, base_url=base)
    assert 'type="file"' in client.get("/documents").text
    assert put(client, "maple/bees.exe")[0] == 400


def test_another_sites_question_whether_it_may_send_is_refused(whole: TestClient) -> None:
    asks = {"origin": "http://policies.example.org", "access-control-request-method": "PUT"}
    for path in ("maple/bees.md", "progress", "a/b/c"):
        response = whole.options(f"/api/documents/{path}", headers=asks)
        assert response.status_code == 403
        assert not [name for name in response.headers if name.startswith("access-control")]


def test_where_no_folder_was_told_the_page_says_so(index: Path, tmp_path: Path) -> None:
    client = TestClient(create_app(opened(index), Store(tmp_path / "data"), index=index), base_url=HERE)
    assert put(client) == (403, {"error": NO_FOLDER})
    assert "start it with: clausewise serve --corpus DIR." in client.get("/documents").text


def test_no_room_for_temporary_files_is_one_line(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clausewise.web.adding.TemporaryDirectory", failing(OSError(errno.ENOSPC, "No space left on device")))
    told = "the file cannot be kept (No space left on device); make room on this machine, or mend its rights"
    assert put(client) == (500, {"error": told})


# the chat page


def test_the_schools_offered_are_those_of_the_assistant_that_answers_now(desk: Desk, bees: Path, tmp_path: Path) -> None:
    page = Page(desk, Store(tmp_path / "data"), Conversations(tmp_path / "data"))
    blocks = page.build()
    offered = page.chat.open("", SOMEBODY).scope
    assert '<option value="maple">Maple</option>' in offered
    assert "pear-tree" not in offered
    desk.add(bees, "pear-tree")
    ended(desk)
    assert '<option value="pear-tree">Pear Tree</option>' in page.chat.open("", SOMEBODY).scope
    assert "maple" not in json.dumps(blocks.config["components"], default=str)  # everybody is sent these


# another process


def test_while_another_process_writes_the_index_a_policy_is_not_added_and_it_is_said_why(desk: Desk, bees: Path, corpus: Path, index: Path) -> None:
    with indexing(index):
        desk.add(bees, "maple")
        told = ended(desk).told
    assert re.match(rf"Not added: {index}: is being written by process {os.getpid()} on \S+ since \S+ \S+; wait till that is done\. The file", told)
    assert not (corpus / "maple" / "bees.md").exists()
    desk.add(bees, "maple")
    assert ended(desk).state == "done"


def test_what_a_trust_may_see_is_of_the_assistant_that_answers_now(desk: Desk, index: Path) -> None:
    facts = {"schools.toml": '[schools.larch]\nname = "Larch"\ntrust = "Tree Trust"\n'}
    larch = replace(SOMEBODY, trust="Tree Trust")
    before = desk.assistant(larch)
    assert desk.assistant(larch) is before
    write_index(index, {**facts, "larch/dogs.md": "# Dogs Policy\n\n1.1 Dogs stay at home.\n"})
    desk.following.look()
    assert desk.assistant(larch) is not before
    assert [document.id for document in desk.assistant(larch).documents] == ["larch/dogs"]


@pytest.mark.parametrize("added", [False, True])
@pytest.mark.parametrize("trust", [None, "Tree Trust"])
def test_the_index_before_is_let_go_of_whoever_asks_or_does_not(desk: Desk, index: Path, bees: Path, added: bool, trust: str | None) -> None:
    desk.assistant(replace(SOMEBODY, trust=trust))
    if added:
        desk.add(bees, "maple")
        assert ended(desk).state == "done"
    else:
        write_index(index)
    for _ in range(4):
        desk.following.look()
    assert numbered(index) == [2]
