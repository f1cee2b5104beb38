"""Suites on disk: two forms of one thing, refused with file and line, and added to without a byte of theirs changed."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import write
from hypothesis import given, settings
from hypothesis import strategies as st

from clausewise.errors import BadSuite
from clausewise.evaluation.cases import Case, Gold, Suite, add_case, case_dict, cases_file, load_suite
from clausewise.types import Span

RULE = {"clauses": {"oak/p#1": 2, "oak/p#2": 1}, "stance": ["required", "advised"]}
SILENT: dict[str, Any] = {"clauses": {}, "stance": ["silent"]}


def line(**more: Any) -> dict[str, Any]:
    row = {"id": "q1", "kind": "single", "question": "Dogs?", "school": "oak", "history": [], "gold": {"oak": SILENT}}
    return {**row, **more}


def jsonl(*rows: Any) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def as_yaml(*rows: Any) -> str:
    return "".join(yaml.safe_dump([row], allow_unicode=True, sort_keys=False) for row in rows)


def suite(folder: Path, text: str | bytes, name: str = "cases.jsonl") -> Path:
    folder.mkdir(exist_ok=True, parents=True)
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def refusal(folder: Path) -> str:
    with pytest.raises(BadSuite) as raised:
        load_suite(folder)
    assert "\n" not in str(raised.value)
    return str(raised.value)


# what is read


def test_a_suite_as_it_is_written(tmp_path: Path) -> None:
    spans = {"oak/p#1": [[0, 4], [6, 9]]}
    rows = [
        line(gold={"oak": {**RULE, "beside": ["oak/p#3"], "spans": spans}}),
        line(id="q2", school=None, history=["Cats?"], tags=["x"], origin="s1"),
    ]
    found = load_suite(suite(tmp_path / "dogs", jsonl(*rows)))
    assert found == Suite(
        tmp_path / "dogs",
        (
            Case(
                "q1",
                "single",
                "Dogs?",
                "oak",
                (),
                {"oak": Gold({"oak/p#1": 2, "oak/p#2": 1}, ("required", "advised"), ("oak/p#3",), {"oak/p#1": (Span(0, 4), Span(6, 9))})},
            ),
            Case("q2", "single", "Dogs?", None, ("Cats?",), {"oak": Gold({}, ("silent",))}, ("x",), "s1"),
        ),
        {"q1": f"{tmp_path / 'dogs' / 'cases.jsonl'}, line 1", "q2": f"{tmp_path / 'dogs' / 'cases.jsonl'}, line 2"},
    )
    assert found.name == "dogs"


def test_what_may_be_left_out_is_empty(tmp_path: Path) -> None:
    row = {"id": "q1", "kind": "single", "question": "Dogs?", "gold": {"oak": SILENT}}
    assert load_suite(suite(tmp_path, jsonl(row))).cases == (Case("q1", "single", "Dogs?", None, (), {"oak": Gold({}, ("silent",))}),)


def test_only_grade_2_answers() -> None:
    gold = Gold({"a": 2, "b": 1}, ("required",), ("c", "a"))
    assert gold.right == {"a"}
    assert gold.clauses == ("a", "b", "c")


@pytest.mark.parametrize(("clause", "waits"), [("oak/p#1", False), ("oak/p#1@2d9aedfdf074da26", True)])
def test_a_case_waits_while_a_clause_is_named_as_it_stood_before(clause: str, waits: bool) -> None:
    assert Case("q", "single", "Dogs?", None, (), {"oak": Gold({clause: 2}, ("required",))}).waits is waits
    assert Case("q", "single", "Dogs?", None, (), {"oak": Gold({"oak/p#9": 2}, ("required",), (clause,))}).waits is waits


def test_json_and_yaml_give_equal_cases(tmp_path: Path) -> None:
    rows = [
        line(gold={"oak": RULE, "elm": SILENT}, tags=["no", "2026-11-21"]),
        line(id="q2", question="Café, or\u2028not?", history=["y", "1"]),
    ]
    by_hand = """
# questions about dogs
- id: q3
  kind: single
  question: >-
    May a dog come in?
  gold:
    oak: {clauses: {oak/p#1: 2}, stance: [required]}
"""
    one = load_suite(
        suite(
            tmp_path / "json",
            jsonl(
                *rows,
                line(
                    id="q3", question="May a dog come in?", school=None, gold={"oak": {"clauses": {"oak/p#1": 2}, "stance": ["required"]}}
                ),
            ),
        )
    )
    other = load_suite(suite(tmp_path / "yaml", as_yaml(*rows) + by_hand, "cases.yaml"))
    assert one.cases == other.cases
    assert one.cases[1].question == "Café, or\u2028not?"
    assert other.places["q3"] == f"{tmp_path / 'yaml' / 'cases.yaml'}, line {as_yaml(*rows).count(chr(10)) + 3}"


@pytest.mark.parametrize("mark", ["\u2028", "\u0085"])
def test_a_line_ends_at_a_line_feed_and_nowhere_else(mark: str, tmp_path: Path) -> None:
    """Word and PDF files are full of U+2028, and questions are pasted from them."""
    found = load_suite(suite(tmp_path, jsonl(line(question=f"Dogs{mark}and cats?"), line(id="q2"))))
    assert [(c.id, c.question) for c in found.cases] == [("q1", f"Dogs{mark}and cats?"), ("q2", "Dogs?")]
    in_yaml = suite(tmp_path / "yaml", as_yaml(line()).replace("Dogs?", f'"Dogs{mark}and cats?"') + as_yaml(line(id="q2")), "cases.yaml")
    assert load_suite(in_yaml).places["q2"].endswith(f"line {as_yaml(line()).count(chr(10)) + 1}")


def test_a_byte_order_mark_and_the_line_ends_of_windows_are_no_fault(tmp_path: Path) -> None:
    for name, text in (("cases.jsonl", jsonl(line(), line(id="q2"))), ("cases.yaml", as_yaml(line(), line(id="q2")))):
        data = b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
        assert [case.id for case in load_suite(suite(tmp_path / name, data, name)).cases] == ["q1", "q2"]


# what is refused

FAULTS: dict[str, tuple[Any, str]] = {
    "a list": ([], "the case: found []; "),
    "a number": (3, "the case: found 3; "),
    "no id": ({"kind": "single"}, "id: field required"),
    "an empty id": (line(id=""), "id: found ''; "),
    "a number for an id": (line(id=7), "id: found 7; input should be a valid string"),
    "no kind": ({k: v for k, v in line().items() if k != "kind"}, "kind: field required"),
    "no question": (line(question=None), "question: found None; "),
    "an empty question": (line(question=""), "question: found ''; "),
    "a question without a word": (line(question=" ?!"), "question: found ' ?!'; expected words"),
    "a number for a question": (line(question=7), "question: found 7; "),
    "a list of schools": (line(school=["oak"]), "school: found ['oak']; "),
    "an empty school": (line(school=""), "school: found ''; "),
    "no history": (line(history=None), "history: found None; "),
    "a word for a history": (line(history="Cats?"), "history: found 'Cats?'; "),
    "a number in the history": (line(history=[1]), "history.0: found 1; "),
    "a word for tags": (line(tags="x"), "tags: found 'x'; "),
    "an unknown key": (line(golden={}), "golden: found {}; extra inputs are not permitted"),
    "no gold": (line(gold={}), "gold: found {}; "),
    "a list for gold": (line(gold=[]), "gold: found []; "),
    "no stance": (line(gold={"oak": {"clauses": {}}}), "gold.oak.stance: field required"),
    "an empty stance": (line(gold={"oak": {"clauses": {}, "stance": []}}), "gold.oak.stance: found []; "),
    "an unknown stance": (
        line(gold={"oak": {"clauses": {}, "stance": ["maybe"]}}),
        "gold.oak.stance.0: found 'maybe'; input should be 'prohibited', ",
    ),
    "an unknown key in the gold": (line(gold={"oak": {**SILENT, "grade": 2}}), "gold.oak.grade: found 2; extra "),
    "grade 3": (line(gold={"oak": {"clauses": {"oak/p#1": 3}, "stance": ["required"]}}), "gold.oak.clauses.oak/p#1: found 3; "),
    "grade 0": (line(gold={"oak": {"clauses": {"oak/p#1": 0}, "stance": ["silent"]}}), "gold.oak.clauses.oak/p#1: found 0; "),
    "a grade in words": (
        line(gold={"oak": {"clauses": {"oak/p#1": "two"}, "stance": ["required"]}}),
        "gold.oak.clauses.oak/p#1: found 'two'; ",
    ),
    "true for a grade": (
        line(gold={"oak": {"clauses": {"oak/p#1": True}, "stance": ["silent"]}}),
        "gold.oak.clauses.oak/p#1: found True; ",
    ),
    "a grade with a point": (
        line(gold={"oak": {"clauses": {"oak/p#1": 2.0}, "stance": ["required"]}}),
        "gold.oak.clauses.oak/p#1: found 2.0; ",
    ),
    "silence with an answer": (
        line(gold={"oak": {"clauses": {"oak/p#1": 2}, "stance": ["required", "silent"]}}),
        "gold.oak: found a clause of grade 2 and the stance 'silent'; expected",
    ),
    "an answer without a clause": (
        line(gold={"oak": {"clauses": {"oak/p#1": 1}, "stance": ["required"]}}),
        "gold.oak: found no clause of grade 2, and a stance that is not 'silent'; expected",
    ),
    "a span of a clause that supports": (
        line(gold={"oak": {**RULE, "spans": {"oak/p#2": [[0, 4]]}}}),
        "gold.oak.spans.oak/p#2: expected [start, end] pairs",
    ),
    "a span of no clause": (line(gold={"oak": {**RULE, "spans": {"oak/p#7": [[0, 4]]}}}), "gold.oak.spans.oak/p#7: expected"),
    "a span that ends before it starts": (line(gold={"oak": {**RULE, "spans": {"oak/p#1": [[4, 4]]}}}), "gold.oak.spans.oak/p#1: expected"),
    "a span before the clause": (line(gold={"oak": {**RULE, "spans": {"oak/p#1": [[-1, 4]]}}}), "gold.oak.spans.oak/p#1: expected"),
    "a span of one end": (line(gold={"oak": {**RULE, "spans": {"oak/p#1": [[4]]}}}), "gold.oak.spans.oak/p#1.0: found [4]; "),
    "a span of words": (line(gold={"oak": {**RULE, "spans": {"oak/p#1": [["a", "b"]]}}}), "gold.oak.spans.oak/p#1.0.0: found 'a'; "),
    "no span after all": (line(gold={"oak": {**RULE, "spans": {"oak/p#1": []}}}), "gold.oak.spans.oak/p#1: found []; "),
    "a clause beside that is none": (line(gold={"oak": {**RULE, "beside": [2]}}), "gold.oak.beside.0: found 2; "),
}


@pytest.mark.parametrize(("bad", "told"), FAULTS.values(), ids=FAULTS)
def test_a_bad_case_is_named_by_file_and_line(bad: Any, told: str, tmp_path: Path) -> None:
    folder = suite(tmp_path / "j", jsonl(line(id="q0")) + "\n" + jsonl(bad, line(id="q9")))
    assert refusal(folder).startswith(f"{folder / 'cases.jsonl'}, line 3: {told}")
    first = as_yaml(line(id="q0"))
    folder = suite(tmp_path / "y", f"{first}\n{as_yaml(bad, line(id='q9'))}", "cases.yaml")
    assert refusal(folder).startswith(f"{folder / 'cases.yaml'}, line {first.count(chr(10)) + 2}: {told}")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{not json", "found no JSON object (Expecting property name"),
        ('{"id": "q1"', "found no JSON object ("),
        ('{"id": "q1", "id": "q2"}', "found no JSON object ('id' stands twice)"),
        ('{"gold": {"oak": {"clauses": {"a": 1, "a": 2}}}}', "found no JSON object ('a' stands twice)"),
        ("[" * 100_000, "found no JSON object ("),
        (r'{"id": "q1", "kind": "single", "question": "Dogs \ud83d?", "gold": {}}', "question: found 'Dogs \\ud83d?'; "),
        (r'{"id": "q1", "kind": "single", "question": "Dogs?", "history": ["\ud83d"], "gold": {}}', "history.0: found '\\ud83d'; "),
    ],
)
def test_a_line_that_is_no_case_is_named(text: str, told: str, tmp_path: Path) -> None:
    folder = suite(tmp_path, jsonl(line()) + text + "\n")
    assert refusal(folder).startswith(f"{folder / 'cases.jsonl'}, line 2: {told}")


YAML_FAULTS = {
    "no for a stance": ("- {id: a, kind: k, question: q, gold: {oak: {clauses: {}, stance: [no]}}}", "gold.oak.stance.0: found False; "),
    "a date for a stance": (
        "- {id: a, kind: k, question: q, gold: {oak: {clauses: {}, stance: [2026-11-21]}}}",
        "gold.oak.stance.0: found datetime.date(2026, 11, 21); ",
    ),
    "a date for an id": ("- {id: 2026-11-21, kind: k, question: q, gold: {}}", "id: found datetime.date(2026, 11, 21); "),
    "no for a school": ("- {id: a, kind: k, question: q, school: no, gold: {}}", "school: found False; "),
    "no for a school in the gold": (
        "- {id: a, kind: k, question: q, gold: {no: {clauses: {}, stance: [silent]}}}",
        "gold.0.[key]: found False; input should be a valid string",
    ),
    "yes for a grade": (
        "- {id: a, kind: k, question: q, gold: {oak: {clauses: {a: yes}, stance: [silent]}}}",
        "gold.oak.clauses.a: found True; ",
    ),
    "no such day": ("- {id: 2026-13-41}", "month must be in 1..12; mend the case"),
    "a name that stands twice": ("- {id: a, id: b}", "'id' stands twice; mend the case"),
    "a clause that stands twice": ("- {gold: {oak: {clauses: {a: 1, a: 2}}}}", "'a' stands twice; mend the case"),
    "a list for a name": ("- {[a]: b}", "unhashable type: 'list'; mend the case"),
    "a tag of Python's": ("- !!python/object:os.system {}", "could not determine a constructor for the tag"),
    "a case within itself": ("- &a {id: *a}", "found unconstructable recursive node; mend the case"),
    "an open quote": ("- id: 'a", "found no YAML (found unexpected end of stream); expected a list of cases"),
    "a tab": ("\t- id: a", "found no YAML (found character '\\t' that cannot start any token); expected a list of cases"),
    "a character that YAML has not": ("- id: a\x07", "found no YAML (unacceptable character #x0007: special characters are not allowed in"),
    "nested beyond measure": ("- " + "[" * 20_000, "found no YAML (maximum recursion depth exceeded"),
}


@pytest.mark.parametrize(("text", "told"), YAML_FAULTS.values(), ids=YAML_FAULTS)
def test_what_yaml_takes_for_something_else_is_named_by_line(text: str, told: str, tmp_path: Path) -> None:
    folder = suite(tmp_path, f"# dogs\u2028\n\n{text}\n", "cases.yaml")
    message = refusal(folder)
    where = {"nested beyond measure": 1, "an open quote": 4}  # where the reader gave up
    number = next((n for name, n in where.items() if YAML_FAULTS[name][0] == text), 3)
    assert message.startswith(f"{folder / 'cases.yaml'}, line {number}: {told}")


@pytest.mark.parametrize("text", ["a: 1\n", "just words\n", "{}\n"])
def test_a_yaml_file_without_a_list_is_bad(text: str, tmp_path: Path) -> None:
    assert refusal(suite(tmp_path, text, "cases.yaml")).startswith(f"{tmp_path / 'cases.yaml'}, line 1: found no list; ")


def test_a_second_document_in_a_yaml_file_is_bad(tmp_path: Path) -> None:
    text = as_yaml(line()) + "---\n" + as_yaml(line(id="q2"))
    number = as_yaml(line()).count("\n") + 1
    assert refusal(suite(tmp_path, text, "cases.yaml")).startswith(
        f"{tmp_path / 'cases.yaml'}, line {number}: found no YAML (but found another document)"
    )


@pytest.mark.parametrize(("name", "write_rows"), [("cases.jsonl", jsonl), ("cases.yaml", as_yaml)])
def test_an_id_that_stands_twice_is_named_with_both_lines(name: str, write_rows: Callable[..., str], tmp_path: Path) -> None:
    number = write_rows(line(), line(id="q2")).count("\n") + 1
    assert refusal(suite(tmp_path, write_rows(line(), line(id="q2"), line()), name)) == (
        f"{tmp_path / name}, line {number}: the id 'q1' stands on an earlier line too ({tmp_path / name}, line 1); ids must differ"
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [("cases.jsonl", ""), ("cases.jsonl", "\n  \n"), ("cases.yaml", ""), ("cases.yaml", "# soon\n"), ("cases.yaml", "[]\n")],
)
def test_a_suite_without_cases_is_bad(name: str, text: str, tmp_path: Path) -> None:
    assert refusal(suite(tmp_path, text, name)) == f"{tmp_path / name}: holds no cases; expected at least one (see evals/README.md)"


def test_a_missing_suite_is_bad(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nowhere") == (
        f"{tmp_path / 'nowhere' / 'cases.jsonl'}: found no such file; expected a suite: a folder with cases.jsonl or cases.yaml in it"
    )


def test_a_suite_in_both_forms_is_bad(tmp_path: Path) -> None:
    suite(tmp_path, jsonl(line()))
    suite(tmp_path, as_yaml(line()), "cases.yaml")
    assert refusal(tmp_path) == f"{tmp_path}: found cases.jsonl and cases.yaml; expected one of them; put all cases into one"


@pytest.mark.parametrize("name", ["cases.jsonl", "cases.yaml"])
def test_a_file_that_is_not_utf_8_is_bad(name: str, tmp_path: Path) -> None:
    data = (jsonl if name == "cases.jsonl" else as_yaml)(line(question="Café?")).encode("latin-1")
    assert refusal(suite(tmp_path, data, name)) == f"{tmp_path / name}: is not UTF-8 text (byte {data.index(b'Caf') + 3}); save it as UTF-8"


def test_a_file_that_cannot_be_read_is_bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    suite(tmp_path, jsonl(line()))

    def denied(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", denied)
    assert refusal(tmp_path) == f"{tmp_path / 'cases.jsonl'}: cannot be read (Permission denied)"


# what is written

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
IDS = st.one_of(TEXTS, st.sampled_from(["no", "~", "<<", "=", "1", "2026-11-21", "- a", "# b", "a: b", "é\u2028", "\ufeffx", "\x85", "😀"]))


@st.composite
def golds(draw: st.DrawFn) -> Gold:
    qrels = draw(st.dictionaries(IDS, st.integers(1, 2), max_size=4))
    right = sorted(clause for clause, grade in qrels.items() if grade == 2)
    stances = draw(st.lists(st.sampled_from(["prohibited", "required", "factual"]), min_size=1, max_size=3)) if right else ["silent"]
    pairs = st.tuples(st.integers(0, 50), st.integers(1, 50)).map(lambda pair: Span(pair[0], sum(pair)))
    spans = draw(st.dictionaries(st.sampled_from(right), st.lists(pairs, min_size=1, max_size=2).map(tuple))) if right else {}
    return Gold(qrels, tuple(stances), tuple(draw(st.lists(IDS, max_size=2))), spans)


CASES = st.builds(
    Case,
    id=IDS,
    kind=IDS,
    question=TEXTS.map(lambda text: f"a{text}"),
    school=st.none() | IDS,
    history=st.lists(TEXTS, max_size=2).map(tuple),
    gold=st.dictionaries(IDS, golds(), min_size=1, max_size=2),
    tags=st.lists(IDS, max_size=2).map(tuple),
    origin=st.none() | IDS,
)


@settings(max_examples=60, deadline=None)
@given(cases=st.lists(CASES, min_size=1, max_size=3, unique_by=lambda case: case.id))
def test_a_case_comes_back_as_it_was_written(cases: list[Case]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = [case_dict(case) for case in cases]
        assert load_suite(suite(folder / "json", jsonl(*rows))).cases == tuple(cases)
        assert load_suite(suite(folder / "yaml", yaml.safe_dump(rows, sort_keys=False), "cases.yaml")).cases == tuple(cases)
        suite(folder / "more", "# by hand\n", "cases.yaml")
        for case in cases:
            add_case(folder / "added", case)
            add_case(folder / "more", case)
        assert load_suite(folder / "added").cases == load_suite(folder / "more").cases == tuple(cases)


NEW = Case(
    "new",
    "single",
    "Cats\u2028or dogs\x85 \x7f 😀?",
    "oak",
    ("Dogs?",),
    {"oak": Gold({"oak/p#1": 2}, ("required",), (), {"oak/p#1": (Span(0, 3),)})},
    ("x",),
    "feedback 7",
)


@pytest.mark.parametrize("end", ["\n", "", "\r\n"])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cases.jsonl", jsonl(line())),
        ("cases.yaml", as_yaml(line()) + "# the last one\n"),
        ("cases.yaml", "\n".join(f"    {row}" for row in as_yaml(line()).splitlines())),
    ],
)
def test_a_case_is_added_behind_and_all_else_stays(name: str, text: str, end: str, tmp_path: Path) -> None:
    before = (text.rstrip("\n") + "\n").replace("\n", "\r\n" if end == "\r\n" else "\n").removesuffix("" if end else "\n").encode()
    suite(tmp_path, before, name)
    add_case(tmp_path, NEW)
    assert (tmp_path / name).read_bytes().startswith(before)
    assert (tmp_path / name).read_bytes().endswith(b"}\n")
    assert [case.id for case in load_suite(tmp_path).cases] == ["q1", "new"]
    assert load_suite(tmp_path).cases[1] == NEW
    add_case(tmp_path, replace(NEW, id="newer"))
    assert [case.id for case in load_suite(tmp_path).cases] == ["q1", "new", "newer"]


@pytest.mark.parametrize("name", ["cases.jsonl", "cases.yaml"])
def test_an_id_that_is_taken_is_refused_and_nothing_is_written(name: str, tmp_path: Path) -> None:
    text = (jsonl if name == "cases.jsonl" else as_yaml)(line())
    suite(tmp_path, text, name)
    with pytest.raises(BadSuite, match=r"holds a case 'q1' already; give the new one another id"):
        add_case(tmp_path, replace(NEW, id="q1"))
    assert (tmp_path / name).read_text() == text


@pytest.mark.parametrize(
    "text", ["[{id: q1, kind: k, question: q, gold: {oak: {clauses: {}, stance: [silent]}}}]\n", as_yaml(line()) + "...\n"]
)
def test_a_form_that_nothing_can_be_added_to_is_left_as_it_is(text: str, tmp_path: Path) -> None:
    suite(tmp_path, text, "cases.yaml")
    with pytest.raises(BadSuite, match="no case can be written behind"):
        add_case(tmp_path, NEW)
    assert (tmp_path / "cases.yaml").read_text() == text


def test_what_is_no_case_is_not_added(tmp_path: Path) -> None:
    suite(tmp_path, jsonl(line()))
    with pytest.raises(BadSuite, match=r"the new case: gold\.oak: found no clause of grade 2"):
        add_case(tmp_path, replace(NEW, gold={"oak": Gold({}, ("required",))}))
    assert (tmp_path / "cases.jsonl").read_text() == jsonl(line())


def test_the_first_case_makes_folder_and_file(tmp_path: Path) -> None:
    add_case(tmp_path / "deep" / "new", NEW)
    assert load_suite(tmp_path / "deep" / "new").cases == (NEW,)
    assert cases_file(tmp_path / "deep" / "new").name == "cases.jsonl"
    write(tmp_path / "blank", {"cases.jsonl": "\n"})
    add_case(tmp_path / "blank", NEW)
    assert load_suite(tmp_path / "blank").cases == (NEW,)


def test_what_is_empty_and_may_be_left_out_is() -> None:
    assert case_dict(Case("q", "single", "Dogs?", None, (), {"oak": Gold({}, ("silent",))})) == {
        "id": "q",
        "kind": "single",
        "question": "Dogs?",
        "school": None,
        "history": [],
        "gold": {"oak": {"clauses": {}, "stance": ["silent"]}},
        "tags": [],
    }
