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


def told(**row: Held) -> list[tuple[str, str]]:
    """(kind, sentence) of one topic's contrasts."""
    return [(contrast.kind, contrast.told) for contrast in differences(matrix(keys=row))]


BAN: Held = ("prohibited", "Staff must not lend keys.")
ADVICE_AGAINST: Held = ("advised", "Staff should not lend keys.")
ADVICE: Held = ("advised", "Staff should label keys.")
DUTY: Held = ("required", "Staff must label keys.")
LEAVE: Held = ("permitted", "Staff may lend keys.")
ON_CONDITION: Held = ("conditional", "Keys are lent only with leave.")


def test_the_weightiest_difference_stands_first() -> None:
    found = differences(
        matrix(
            keys={"ash": DUTY, "elm": ADVICE, "oak": None},
            dogs={
                "ash": ("prohibited", "Dogs must not come."),
                "elm": ("permitted", "Dogs may come."),
                "oak": ("prohibited", "No dogs may come."),
            },
        )
    )
    assert [(contrast.topic, contrast.kind, contrast.schools) for contrast in found] == [
        ("dogs", "opposed", ("ash", "elm", "oak")),
        ("keys", "strength", ("ash", "elm")),
    ]
    assert found[0].told == "Marked not allowed at Ash and Oak; allowed at Elm."
    assert found[0].weight > found[1].weight


def test_of_a_topic_only_the_difference_that_matters_most_is_told() -> None:
    assert told(ash=BAN, elm=LEAVE, oak=ON_CONDITION, yew=DUTY) == [("opposed", "Marked not allowed at Ash; allowed at Elm.")]


def test_should_not_is_advice_against_and_no_advice_to_do_it() -> None:
    assert told(ash=BAN, elm=ADVICE_AGAINST) == [("strength", "The rules quoted bind differently: must not at Ash; should not at Elm.")]
    assert told(ash=DUTY, elm=ADVICE) == [("strength", "The rules quoted bind differently: must at Ash; should at Elm.")]
    assert told(ash=ADVICE_AGAINST, elm=LEAVE) == [("opposed", "Marked advised against at Ash; allowed at Elm.")]


def test_a_ban_beside_a_duty_is_no_opposition() -> None:
    """One school says what is forbidden, the other what is to be done: the two may well agree."""
    assert told(ash=BAN, elm=DUTY) == []
    assert told(ash=BAN, elm=ADVICE) == []
    assert told(ash=BAN, elm=ON_CONDITION) == [("stance", "Marked not allowed at Ash; on a condition at Elm.")]


def test_a_cell_whose_quote_binds_otherwise_than_its_position_is_set_against_none() -> None:
    """ "Required", and the quote says "should": one of the two is misread."""
    misread: Held = ("required", "Staff should label keys.")
    assert told(ash=misread, elm=ADVICE, oak=("advised", "Staff must label keys.")) == []
    assert told(ash=misread, elm=ADVICE, oak=DUTY) == [("strength", "The rules quoted bind differently: must at Oak; should at Elm.")]


def test_numbers_stand_beside_each_other_with_outliers() -> None:
    row: dict[str, Held] = {
        "ash": ("required", "Answer within 24 hours."),
        "elm": ("required", "Answer within two weeks."),
        "oak": ("required", "Answer within one day."),
    }
    (contrast,) = of_kind("number", differences(matrix(mail=row)))
    assert (
        contrast.told == "Numbers differ: Ash “within 24 hours”; Oak “within one day”; Elm “within two weeks”; Elm stands apart."
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


def test_the_one_silent_school_stands_out_where_all_others_speak() -> None:
    assert told(ash=DUTY, elm=None, oak=DUTY, yew=DUTY) == [("silence", "A clause was found at every school but Elm.")]
    assert told(ash=None, elm=None, oak=DUTY, yew=None) == [("silence", "A clause was found at Oak alone.")]
    assert told(ash=DUTY, elm=None, oak=DUTY, yew=None) == []
    assert told(ash=DUTY, elm=None, oak=DUTY) == []


def test_schools_that_agree_differ_in_nothing() -> None:
    rule: Held = ("required", "Keys must be kept.")
    assert differences(matrix(keys={"ash": rule, "elm": rule})) == ()
    assert differences(Matrix((), (), {})) == ()


def test_order_is_the_same_each_time() -> None:
    row: dict[str, Held] = {"ash": ("prohibited", "No dogs may come."), "elm": ("permitted", "Dogs may come."), "oak": None}
    made = matrix(dogs=row, cats=row)
    assert [contrast.topic for contrast in differences(made) if contrast.kind == "opposed"] == ["dogs", "cats"]
    assert differences(made) == differences(matrix(dogs=row, cats=row))


def test_a_sentence_names_no_more_schools_than_can_be_read() -> None:
    names = {f"s{n}": f"S{n}" for n in range(1_020)}
    assert listed([*names][:12], names).endswith("S9, S10 and S11")
    assert listed([*names], names).endswith("S9, S10 and 1,009 more")


def test_names_are_listed() -> None:
    names = {"a": "A", "b": "B", "c": "C"}
    assert [listed(schools, names) for schools in ("a", "ab", "abc")] == ["A", "A and B", "A, B and C"]
