"""What a catalogue gives back is what it was made of, read when it is asked for, and of the schools of its view alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from weakref import finalize

import pytest

from clausewise.catalogue import Catalogue, Contents, Gathered, entries
from clausewise.catalogue.file import File
from clausewise.errors import DamagedIndex
from clausewise.thesaurus import Row
from clausewise.types import Clause, Document, Passage, School, Span, StatedDate

LARCH = School("larch", "Larch School", "One Trust", ("The Larch",), {"policy_owner": "A. Finch"})
EMPTY = School("empty", "Empty School")
MAPLE = School("maple", "Maple School")
TEXT = "Mobile Phones\nPupils hand phones in.\x00 Staff may not.\n\N{GRINNING FACE} Bags stay shut."
STATED = StatedDate("approved", "May 2025", date(2025, 5, 1), date(2025, 5, 31), Span(3, 11))


def document(id: str, **others: object) -> Document:
    made = Document(
        id, id.partition("/")[0], "MOBILE  Phones", f"{id}.md", "markdown", "d1", TEXT, (), (0, 14), (2,), (STATED,), ("a note",)
    )
    return replace(made, **others)  # type: ignore[arg-type]


def clause(document: str, number: str, span: Span) -> Clause:
    school = document.partition("/")[0]
    place = f"{document}#{number}"
    return Clause(
        place, document, school, "clause", span, span, number, ("2. PHONES", "At School"), (Span(0, 5),), (f"{document}#1",), None, 1
    )


def passage(row: int, clause: Clause, span: Span) -> Passage:
    return Passage(row, clause.id, clause.document, clause.school, span, (f"PHONES. {span.of(TEXT)}", span.of(TEXT)))


OLD = document("larch/old", superseded_by="larch/phones")
PHONES, BAGS = document("larch/phones"), document("maple/bags", title="Bags for phones", dates=())
OLD_CLAUSE, FIRST, SECOND = (
    clause(OLD.id, "1.1", Span(14, 36)),
    clause(PHONES.id, "1.1", Span(14, 51)),
    clause(PHONES.id, "1.2", Span(54, 69)),
)
BAG = clause(BAGS.id, "1.1", Span(54, 69))
PASSAGES = (passage(0, FIRST, Span(14, 36)), passage(1, FIRST, Span(38, 51)), passage(2, BAG, Span(54, 69)))
DOCUMENTS, CLAUSES = (OLD, PHONES, BAGS), (OLD_CLAUSE, FIRST, SECOND, BAG)
ROW = Row(("the hive", "hive"), ("platform",), "platform", 2)
CONTENTS = Contents((LARCH, EMPTY, MAPLE), list(entries(DOCUMENTS, CLAUSES, PASSAGES)), ["phone", "bag"], (ROW,))


@pytest.fixture(params=["file", "memory"])
def catalogue(request: pytest.FixtureRequest, tmp_path: Path) -> Catalogue:
    if request.param == "memory":
        return Catalogue.of(CONTENTS)
    Catalogue.write(CONTENTS, tmp_path / "catalogue.sqlite")
    return Catalogue.open(tmp_path / "catalogue.sqlite")


# as it was made


def test_everything_comes_back_in_order(catalogue: Catalogue) -> None:
    assert catalogue.schools == (LARCH, EMPTY, MAPLE)
    assert tuple(catalogue.documents) == DOCUMENTS
    assert tuple(catalogue.clauses) == CLAUSES
    assert tuple(catalogue.passages) == PASSAGES
    assert catalogue.thesaurus == (ROW,)


def test_items_are_found_by_their_places_and_by_their_ids(catalogue: Catalogue) -> None:
    assert [catalogue.documents[i] for i in (0, 1, 2, -1)] == [OLD, PHONES, BAGS, BAGS]
    assert catalogue.clauses[1:3] == [FIRST, SECOND]
    assert [catalogue.passages[row] for row in (0, 1, 2)] == list(PASSAGES)
    assert (len(catalogue.documents), len(catalogue.clauses), len(catalogue.passages)) == (3, 4, 3)
    assert dict(catalogue.document) == {each.id: each for each in DOCUMENTS}
    assert dict(catalogue.clause) == {each.id: each for each in CLAUSES}


def test_lists_are_equal_where_their_items_are(catalogue: Catalogue) -> None:
    assert catalogue.documents == DOCUMENTS
    assert catalogue.documents == Catalogue.of(CONTENTS).documents
    assert catalogue.documents != DOCUMENTS[:2]
    assert catalogue.documents != (OLD, PHONES, PHONES)


def test_of_a_school_and_of_a_document(catalogue: Catalogue) -> None:
    assert [catalogue.documents_of(school) for school in ("larch", "empty", "maple", "oak")] == [[OLD, PHONES], [], [BAGS], []]
    assert [catalogue.clauses_of(each) for each in ("larch/phones", "maple/bags", "larch/nothing")] == [[FIRST, SECOND], [BAG], []]
    assert [catalogue.clauses_in(each) for each in ("larch/phones", "maple/bags", "larch/nothing")] == [2, 1, 0]
    assert catalogue.rows == {"larch": range(2), "empty": range(0), "maple": range(2, 3)}
    assert [catalogue.rows_in(each) for each in (FIRST.id, SECOND.id, BAG.id, "x")] == [range(2), range(2, 2), range(2, 3), range(0)]
    assert catalogue.in_force == {"larch": 1, "maple": 1}
    assert [tuple(each) for each in catalogue.titled()] == [(each.id, each.school, each.title) for each in DOCUMENTS]


def test_what_may_be_quoted_is_a_clause_s_sentences_and_all_of_it(catalogue: Catalogue) -> None:
    assert catalogue.quotable == {
        FIRST.id: {Span(14, 36), Span(38, 51), Span(14, 51)},
        BAG.id: {Span(54, 69)},
    }


def test_texts_put_together_answer_as_a_catalogue_does(catalogue: Catalogue) -> None:
    gathered = Gathered(DOCUMENTS, CLAUSES)
    assert (dict(catalogue.document), dict(catalogue.clause)) == (gathered.document, gathered.clause)
    for school in ("larch", "empty", "maple", "oak"):
        assert catalogue.documents_of(school) == gathered.documents_of(school)
    for each in ("larch/old", "larch/phones", "maple/bags", "oak/x"):
        assert catalogue.clauses_of(each) == gathered.clauses_of(each)


@pytest.mark.parametrize("id", ["", "larch", "larch/phones ", "LARCH/PHONES", "larch/phones\x00", "\ud800", "'", None, 3, ()])
def test_what_is_no_id_leads_nowhere(catalogue: Catalogue, id: object) -> None:
    for found in (catalogue.document, catalogue.clause, catalogue.quotable):
        assert id not in found
        assert found.get(id) is None  # type: ignore[call-overload, attr-defined]
        with pytest.raises(KeyError):
            found[id]  # type: ignore[index]


@pytest.mark.parametrize("place", [3, -4, 99])
def test_beyond_the_end_is_an_error(catalogue: Catalogue, place: int) -> None:
    for items in (catalogue.documents, catalogue.passages):
        with pytest.raises(IndexError):
            items[place]


# words


def test_outlines_are_the_documents_without_their_texts_which_are_not_read(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    tables, between = [], File.between
    monkeypatch.setattr(File, "between", lambda file, columns, table, rows: (tables.append(table), between(file, columns, table, rows))[1])
    assert [*catalogue.outlines()] == [replace(each, text="") for each in DOCUMENTS]
    assert {*tables} == {"documents"}
    assert [each.id for each in catalogue.within(["maple"]).outlines()] == [BAGS.id]


def test_words_and_labels(catalogue: Catalogue) -> None:
    assert [catalogue.term(word) for word in ("phone", "bag", "dog", "\ud800")] == [0, 1, None, None]
    assert [catalogue.spoken(word) for word in ("pupils", "phones", "Pupils", "dog")] == [True, True, False, False]
    assert catalogue.titles == {frozenset(["mobil", "phone"]), frozenset(["bag", "phone"])}
    assert catalogue.labels({"mobile phones", "at school", "phones"})
    assert not catalogue.labels({"mobile phones", "2. phones"})


# views


def test_a_view_holds_its_schools_and_nothing_of_another(catalogue: Catalogue) -> None:
    view = catalogue.within(["maple", "empty", "oak"])
    assert view.schools == (EMPTY, MAPLE)
    assert (list(view.documents), list(view.clauses), list(view.passages)) == ([BAGS], [BAG], [PASSAGES[2]])
    assert (len(view.documents), len(view.clauses), len(view.passages)) == (1, 1, 1)
    assert (view.documents[0], view.clauses[0], view.passages[2]) == (BAGS, BAG, PASSAGES[2])
    assert (dict(view.document), dict(view.clause)) == ({BAGS.id: BAGS}, {BAG.id: BAG})
    assert view.rows == {"empty": range(0), "maple": range(2, 3)}
    assert view.in_force == {"maple": 1}
    assert view.quotable == {BAG.id: {BAG.body}}
    assert [each.id for each in view.titled()] == [BAGS.id]
    assert view.titles == {frozenset(["bag", "phone"])}


def test_a_view_leads_to_nothing_that_is_out_of_sight(catalogue: Catalogue) -> None:
    """Not even to what was read before by somebody who may see it."""
    assert catalogue.document[PHONES.id].text == catalogue.documents[1].text == TEXT
    view = catalogue.within(["maple"])
    for found, id in ((view.document, PHONES.id), (view.clause, FIRST.id), (view.quotable, FIRST.id)):
        assert id not in found  # type: ignore[operator]
    assert (view.documents_of("larch"), view.clauses_of(PHONES.id), view.clauses_in(PHONES.id)) == ([], [], 0)
    assert view.rows_in(FIRST.id) == range(0)
    for row in (0, 1, -1, -2, 3):
        with pytest.raises(IndexError):
            view.passages[row]
    with pytest.raises(IndexError):
        view.documents[1]
    assert view.labels({"bags for phones"})
    assert not view.labels({"mobile phones"})
    assert list(view.within(["larch"]).documents) == []


# the file


def test_the_same_contents_make_the_same_file(tmp_path: Path) -> None:
    for name in ("one", "two"):
        Catalogue.write(CONTENTS, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_it_is_read_without_a_lock_and_nothing_is_written_beside_it(tmp_path: Path) -> None:
    Catalogue.write(CONTENTS, tmp_path / "catalogue.sqlite")
    (tmp_path / "catalogue.sqlite").chmod(0o400)
    found = Catalogue.open(tmp_path / "catalogue.sqlite")
    assert list(found.documents) == list(DOCUMENTS)
    assert [path.name for path in tmp_path.iterdir()] == ["catalogue.sqlite"]


def test_it_is_let_go_as_soon_as_nobody_reads_it(tmp_path: Path) -> None:
    """Else a generation that has been replaced would stay on the disk till the next collection of cycles."""

    class Held:
        pass

    held, ended = Held(), list[None]()
    finalize(held, ended.append, None)
    Catalogue.write(CONTENTS, tmp_path / "catalogue.sqlite")
    found = Catalogue.open(tmp_path / "catalogue.sqlite", "", held)
    view = found.within(["larch"])
    assert (list(view.clause), len(found.document), found.term("bag")) == ([OLD_CLAUSE.id, FIRST.id, SECOND.id], 3, 1)
    assert FIRST.id in view.quotable
    del held, found
    assert ended == []
    del view
    assert ended == [None]


def test_threads_may_share_one(catalogue: Catalogue) -> None:
    def read(turn: int) -> tuple[list[Passage], Document | None]:
        return list(catalogue.passages), catalogue.document.get(DOCUMENTS[turn % 3].id)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(read, range(200)))
    assert all(passages == list(PASSAGES) and got == DOCUMENTS[turn % 3] for turn, (passages, got) in enumerate(found))


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ([(PHONES, [], []), (BAGS, [], []), (OLD, [], [])], "larch do not stand together"),
        ([(PHONES, [FIRST, SECOND], [PASSAGES[1]])], "larch/phones do not stand in the order"),
        ([(PHONES, [FIRST], [PASSAGES[0]]), (BAGS, [BAG], [replace(PASSAGES[2], row=5)])], "maple/bags do not stand in the order"),
    ],
)
def test_what_is_out_of_order_is_not_written(entries: list[object], told: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=told):
        Catalogue.write(replace(CONTENTS, entries=entries), tmp_path / "catalogue.sqlite")  # type: ignore[arg-type]


def test_where_it_cannot_be_written_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="unable to open"):
        Catalogue.write(CONTENTS, tmp_path / "nowhere" / "catalogue.sqlite")


# damage

READ: dict[str, Callable[[Catalogue], object]] = {
    "schools": lambda catalogue: catalogue.schools,
    "documents": lambda catalogue: list(catalogue.documents),
    "texts": lambda catalogue: catalogue.document[PHONES.id],
    "clauses": lambda catalogue: catalogue.clause[FIRST.id],
    "passages": lambda catalogue: catalogue.passages[1],
    "thesaurus": lambda catalogue: catalogue.thesaurus,
    "terms": lambda catalogue: catalogue.term("phone"),
}


@pytest.mark.parametrize("table", READ)
def test_a_row_that_is_not_as_it_was_written_is_refused(table: str, tmp_path: Path) -> None:
    """As a flipped bit would leave it: SQLite finds nothing amiss."""
    path = tmp_path / "catalogue.sqlite"
    Catalogue.write(CONTENTS, path)
    change = "number = number + 1" if table == "terms" else "body = replace(body, 'a', 'b') || ' '"
    with sqlite3.connect(path) as connection:
        connection.execute(f"UPDATE {table} SET {change}")
    with pytest.raises(DamagedIndex, match="build it again with: clausewise index"):
        READ[table](Catalogue.open(path))


@pytest.mark.parametrize("table", ["documents", "texts", "clauses", "passages"])
def test_a_row_that_is_gone_is_damage_to_whoever_reads_them_all(table: str, tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    Catalogue.write(CONTENTS, path)
    with sqlite3.connect(path) as connection:
        connection.execute(f"DELETE FROM {table} WHERE number = 1")
    found = Catalogue.open(path)
    with pytest.raises(DamagedIndex, match=r"catalogue\.sqlite: found \d rows of \w+, expected"):
        [list(found.documents), list(found.clauses), list(found.passages)]


@pytest.mark.parametrize("harm", ["empty", "cut", "zero", "no database"])
def test_a_file_that_is_none_is_damage(harm: str, tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    Catalogue.write(CONTENTS, path)
    whole = path.read_bytes()
    path.write_bytes({"empty": b"", "cut": whole[: len(whole) // 2], "zero": bytes(len(whole)), "no database": b"x" * len(whole)}[harm])
    with pytest.raises(DamagedIndex):
        list(Catalogue.open(path).clauses)
