"""The differences that matter between schools' cells, on cells of our own."""

from __future__ import annotations

from clausewise.comparison.differences import Contrast, differences, listed
from clausewise.comparison.matrix import Cell, Matrix
from clausewise.comparison.topics import Topic
from clausewise.types import Answer, Clause, Document, Quote, School, Span, Stance

Held = tuple[Stance | None, str] | None  # stance and quote; None for silence


def cell(topic: Topic, school: str, held: Held) -> Cell:
    if held is None:
        return Cell(topic, Answer(school, school.title(), "not_covered", "nothing_found", None, 0.9))
    span = Span(0, len(held[1]))
    document = Document(f"{school}/p", school, "P", "p", "md", "", held[1])
    quote = Quote(document, Clause(f"{school}/p#1", document.id, school, "clause", span, span), span, 1.0)
    return Cell(topic, Answer(school, school.title(), "answered", None, held[0], 0.9, (quote,)))


def matrix(**rows: dict[str, Held]) -> Matrix:
    topics = tuple(Topic(id, id.title(), "?", ("?",)) for id in rows)
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    cells = {(topic.id, name): cell(topic, name, rows[topic.id][name]) for topic in topics for name in names}
    return Matrix(topics, tuple(School(name, name.title()) for name in names), cells)


def of_kind(kind: str, found: tuple[Contrast, ...]) -> list[Contrast]:
    return [contrast for contrast in found if contrast.kind == kind]


def test_prohibited_beside_permitted_stands_first() -> None:
    found = differences(
        matrix(
            keys={"ash": ("required", "Keys must be kept."), "elm": ("advised", "Keys should be kept."), "oak": None},
            dogs={
                "ash": ("prohibited", "Dogs must not come."),
                "elm": ("permitted", "Dogs may come."),
                "oak": ("prohibited", "No dogs may come."),
            },
        )
    )
    assert found[0].told == "On “Dogs”, Ash and Oak prohibit it, while Elm permits it."
    assert (found[0].topic, found[0].kind, found[0].schools) == ("dogs", "opposed", ("ash", "elm", "oak"))
    assert [contrast.weight for contrast in found] == sorted((contrast.weight for contrast in found), reverse=True)


def test_only_the_farthest_opposition_is_told() -> None:
    row: dict[str, Held] = {"ash": ("prohibited", "x"), "elm": ("permitted", "x"), "oak": ("conditional", "x"), "yew": ("required", "x")}
    assert [contrast.schools for contrast in of_kind("opposed", differences(matrix(dogs=row)))] == [("ash", "elm")]


def test_a_must_beside_a_should_for_the_same_thing() -> None:
    row: dict[str, Held] = {
        "ash": ("prohibited", "Staff must not lend keys."),
        "elm": ("prohibited", "Staff should not lend keys."),
        "oak": ("required", "Staff must keep keys."),
    }
    (contrast,) = of_kind("strength", differences(matrix(keys=row)))
    assert contrast.told == "On “Keys”, Ash says must not, where Elm says should not."
    assert contrast.schools == ("ash", "elm")


def test_numbers_stand_beside_each_other_with_outliers() -> None:
    row: dict[str, Held] = {
        "ash": ("required", "Answer within 24 hours."),
        "elm": ("required", "Answer within two weeks."),
        "oak": ("required", "Answer within one day."),
    }
    (contrast,) = of_kind("number", differences(matrix(mail=row)))
    assert (
        contrast.told == "On “Mail”, numbers differ: Ash “within 24 hours”; Oak “within one day”; Elm “within two weeks”; Elm stands apart."
    )
    assert contrast.values == (
        ("ash", "within 24 hours", 24.0, "hours", False),
        ("oak", "within one day", 24.0, "hours", False),
        ("elm", "within two weeks", 336.0, "hours", True),
    )


def test_equal_numbers_and_other_units_are_no_difference() -> None:
    same: dict[str, Held] = {"ash": (None, "Kept for one week."), "elm": (None, "Kept for seven days.")}
    other: dict[str, Held] = {"ash": (None, "Kept for one week."), "elm": (None, "Kept for two terms.")}
    assert of_kind("number", differences(matrix(same=same, other=other))) == []


def test_silence_matters_where_most_speak() -> None:
    rule: Held = ("required", "Keys must be kept.")
    (contrast,) = of_kind("silence", differences(matrix(keys={"ash": rule, "elm": None, "oak": rule})))
    assert contrast.told == "On “Keys”, Elm says nothing, where 2 of 3 schools do."
    assert contrast.schools == ("elm",)
    assert differences(matrix(keys={"ash": rule, "elm": None, "oak": None})) == ()
    assert differences(matrix(keys={"ash": rule, "elm": None})) == ()


def test_schools_that_agree_differ_in_nothing() -> None:
    rule: Held = ("required", "Keys must be kept.")
    assert differences(matrix(keys={"ash": rule, "elm": rule})) == ()
    assert differences(Matrix((), (), {})) == ()


def test_order_is_the_same_each_time() -> None:
    row: dict[str, Held] = {"ash": ("prohibited", "No dogs may come."), "elm": ("permitted", "Dogs may come."), "oak": None}
    made = matrix(dogs=row, cats=row)
    assert [contrast.topic for contrast in differences(made) if contrast.kind == "opposed"] == ["dogs", "cats"]
    assert differences(made) == differences(matrix(dogs=row, cats=row))


def test_names_are_listed() -> None:
    names = {"a": "A", "b": "B", "c": "C"}
    assert [listed(schools, names) for schools in ("a", "ab", "abc")] == ["A", "A and B", "A, B and C"]
