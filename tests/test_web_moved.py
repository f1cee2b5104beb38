"""A mailed link opened after the policy was issued anew: it says so, and shows what its clause said then beside what it says now."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from made import SOMEBODY, opened, snapshots_of, write_index

from clausewise import snapshots
from clausewise.assistant import Assistant
from clausewise.types import Document
from clausewise.web import links
from clausewise.web.desk import Desk
from clausewise.web.moved import ANEW, NOT_WHOLE, Moved, moved
from clausewise.web.policies import Room

THEN = "# Dogs\n\n1.1 No dog comes in.\n\n1.2 A guide dog may come in.\n\n1.3 Cats stay at home.\n\n1.4 A <b>bird</b> may sing.\n"
NOW = "# Dogs\n\n1.1 No dog comes in.\n\n1.2 A guide dog, or a police dog, may come in.\n\n1.3 Fish may swim.\n\n1.5 Cats stay at home.\n"


@pytest.fixture
def both(tmp_path: Path) -> tuple[Document, Assistant, Path]:
    """The policy as it was, the assistant of now, and the folder of its index, beside which a snapshot of then stands."""
    index = write_index(tmp_path / "indexes" / "elm", {"elm/dogs.md": THEN})
    then = opened(index).index
    snapshots.keep(index, then.manifest["checksum"])
    return then.document["elm/dogs"], opened(write_index(index, {"elm/dogs.md": NOW})), index


def found(both: tuple[Document, Assistant, Path], anchor: str, version: str = "") -> Moved | None:
    then, assistant, folder = both
    return moved(assistant.index.document["elm/dogs"], assistant.index, version or then.digest[:12], anchor, folder)


def test_a_mailed_link_names_the_version_and_the_clause(both: tuple[Document, Assistant, Path]) -> None:
    then, _, _ = both
    assert links.mailed(then, "elm/dogs#1.2") == f"/policies/elm/dogs?as={then.digest[:12]}&clause=1.2#1.2"
    assert links.mailed(then) == f"/policies/elm/dogs?as={then.digest[:12]}"


def test_a_link_of_the_version_in_force_says_nothing(both: tuple[Document, Assistant, Path]) -> None:
    now = both[1].index.document["elm/dogs"]
    assert found(both, "1.2", now.digest[:12]) is None
    assert found(both, "1.2", now.digest) is None


def test_what_a_clause_said_then_and_says_now(both: tuple[Document, Assistant, Path]) -> None:
    change = found(both, "1.2")
    assert change is not None
    assert (change.told, change.place, change.same, change.elsewhere) == (ANEW, "Clause 1.2", False, None)
    assert change.then == ((True, "A guide"), (True, "dog may come in."))
    assert change.now == ((True, "A guide"), (False, "dog, or a police"), (True, "dog, may come in."))


def test_a_clause_that_says_the_same(both: tuple[Document, Assistant, Path]) -> None:
    change = found(both, "1.1")
    assert change is not None
    assert (change.same, change.elsewhere) == (True, None)


def test_a_clause_that_has_another_number_now(both: tuple[Document, Assistant, Path]) -> None:
    change = found(both, "1.3")
    assert change is not None
    assert (change.then, change.elsewhere and change.elsewhere.id) == (((False, "Cats stay at home."),), "elm/dogs#1.5")
    gone = found(both, "1.4")
    assert gone is not None
    assert (gone.place, gone.now, gone.elsewhere) == ("Clause 1.4", (), None)


@pytest.mark.parametrize("version", ["x", "0123", "0123456789AB", "0" * 65, "<script>"])
def test_a_link_that_is_not_whole(both: tuple[Document, Assistant, Path], version: str) -> None:
    assert found(both, "1.2", version) == Moved(NOT_WHOLE)


def test_where_the_words_of_then_are_not_at_hand_it_says_that_it_moved_on(both: tuple[Document, Assistant, Path]) -> None:
    assert found(both, "1.2", "0123456789ab") == Moved(ANEW)
    assert found(both, "") == found(both, "9.9") == Moved(ANEW)
    (kept,) = snapshots_of(both[2])
    (kept / "catalogue.sqlite").write_text("damaged")
    assert found(both, "1.2") == Moved(ANEW)


def shown(both: tuple[Document, Assistant, Path], anchor: str) -> Any:
    """The page down to the facts of the policy."""
    then, assistant, folder = both
    status, html = Room(Desk(assistant, None, folder)).answer("elm/dogs", SOMEBODY, then.digest[:12], anchor)
    assert status == 200
    page = BeautifulSoup(html, "html.parser")
    assert told(page.select_one(".cw-stale")) == f"! {ANEW}" + (" Then and now" if page.select_one(".cw-moved :is(p, h2)") else "")
    return page.select_one("#_moved")


def told(section: Any) -> str:
    return " ".join(section.get_text(" ").split())


def test_the_page_says_so_at_its_top(both: tuple[Document, Assistant, Path]) -> None:
    assert told(shown(both, "1.1")) == "Clause 1.1 says the same now, word for word."
    two = shown(both, "1.2")
    assert [told(part) for part in two.select(".cw-versions > div")] == [
        "Clause 1.2 then A guide dog may come in.", "Clause 1.2 now A guide dog, or a police dog, may come in.",
    ]  # fmt: skip
    assert "police" in told(two.ins)
    three = shown(both, "1.3")
    assert told(three).endswith("The words of then now stand in Clause 1.5 .")
    assert three.a["href"] == "/policies/elm/dogs#1.5"
    assert told(shown(both, "1.4")).endswith("Clause 1.4 then A <b>bird</b> may sing. Clause 1.4 now The policy has no such clause now.")
    assert told(shown(both, "9.9")) == ""
