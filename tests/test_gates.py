"""gate.toml: each condition passes and fails, and two that nothing turns off."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from made import row, run_of, scored

from clausewise.errors import BadSuite
from clausewise.evaluation.differences import difference
from clausewise.evaluation.gates import Check, Gate, judge, load_gate
from clausewise.evaluation.measures import SHARES
from clausewise.evaluation.runs import Row, Run


def written(folder: Path, text: str) -> Path:
    (folder / "gate.toml").write_text(text, "utf-8")
    return folder


def failed(gate: Gate, run: Run, old: Run | None = None) -> list[str]:
    verdict = judge(gate, run, difference(old, run) if old else None)
    names = [check.name for check in verdict.checks if not check.passed]
    assert verdict.passed is (not names)
    return names


def told(**counts: float) -> Row:
    given = {"quotes": 2.0, "verbatim": 2.0, "wrong_school": 0.0, **counts}
    return row("a", scores={"overall": (1.0, 1.0), **{name: (value, None) for name, value in given.items()}})


GOOD = run_of([scored("a", MRR=0.8, refused_answerable=0.1), scored("b", MRR=0.6, refused_answerable=0.3)])  # 0.7 and 0.2


# what is read


def test_a_gate_as_it_is_written(tmp_path: Path) -> None:
    text = 'held_back = true\n[floors]\n"hit@1" = 0.7\noverall = 1\n[ceilings]\nrefused_answerable = 0.1\nlatency_p95_ms = 900\n'
    text += '[tag_floors.parents]\nMRR = 0.5\n[tag_floors."two words"]\nMRR = 0\n[no_worse]\n"hit@1" = 0.02\n'
    assert load_gate(written(tmp_path, text)) == Gate(
        {"hit@1": 0.7, "overall": 1},
        {"refused_answerable": 0.1, "latency_p95_ms": 900},
        {"parents": {"MRR": 0.5}, "two words": {"MRR": 0}},
        {"hit@1": 0.02},
        True,
    )


def test_without_a_gate_the_absolute_conditions_stand(tmp_path: Path) -> None:
    assert load_gate(tmp_path) == Gate()
    assert [check.name for check in judge(load_gate(tmp_path), GOOD, None).checks] == ["wrong_school", "verbatim"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("floors = 1", "floors: found 1; "),
        ("[floor]\nMRR = 1", "floor: found {'MRR': 1}; Extra inputs are not permitted"),
        ("verbatim = false", "verbatim: found False; Extra inputs"),
        ('held_back = "yes"', "held_back: found 'yes'; "),
        ('[floors]\nMRR = "0.7"', "floors.MRR: found '0.7'; "),
        ("[floors]\nMRR = true", "floors.MRR: found True; "),
        ("[floors]\nMRR = -0.1", "MRR: found -0.1; expected a number from 0"),
        ("[floors]\nMRR = nan", "MRR: found nan; expected a number from 0"),
        ("[no_worse]\nMRR = inf", "MRR: found inf; expected a number from 0"),
        ("[floors]\nmrr = 1", "found no measure 'mrr'; expected one of overall, hit@1, "),
        ("[ceilings]\nwrong_school = 9", "found no measure 'wrong_school'; expected one of "),
        ("[floors]\nverbatim = 0", "found no measure 'verbatim'; expected one of "),
        ("[ceilings]\nverbatim = 0", "found no measure 'verbatim'; expected one of "),
        ("[no_worse]\nwrong_school = 5", "found no measure 'wrong_school'; expected one of "),
        ("[tag_floors.x]\nwrong_school = 5", "found no measure 'wrong_school'; expected one of "),
        ("[no_worse]\nlatency_p50_ms = 5", "found no measure 'latency_p50_ms'; expected one of "),
        ("[tag_floors.x]\nAURC = 0", "found no measure 'AURC'; expected one of "),
        ("[tag_floors]\nMRR = 1", "tag_floors.MRR: found 1; "),
        ("[floors\n", "not valid TOML ("),
        ("[floors]\nMRR = 1\nMRR = 2", "not valid TOML ("),
        ("floors = 'caf\u00e9'", "floors: found 'caf\\xe9'; "),
    ],
)
def test_what_is_no_gate_is_one_line(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(BadSuite) as raised:
        load_gate(written(tmp_path, text))
    assert str(raised.value).startswith(f"{tmp_path / 'gate.toml'}: {said}")
    assert "\n" not in str(raised.value)


def test_a_gate_that_is_not_utf_8_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "gate.toml").write_bytes("# café".encode("latin-1"))
    with pytest.raises(BadSuite, match=r"gate\.toml: not valid TOML \("):
        load_gate(tmp_path)


# what is absolute


@pytest.mark.parametrize(("counts", "name"), [({"wrong_school": 1.0}, "wrong_school"), ({"verbatim": 1.0}, "verbatim")])
def test_a_quote_that_is_not_verbatim_or_of_another_school_fails_every_gate(counts: dict[str, float], name: str) -> None:
    run = run_of([told(**counts), replace(told(), case="b")])
    lenient = Gate(dict.fromkeys(SHARES, 0.0), {"AURC": 1.0}, {}, {}, True)
    assert name in failed(Gate(), run)
    assert name in failed(lenient, run)
    check = next(check for check in judge(Gate(), run, None).checks if check.name == name)
    assert (
        check
        == {
            "wrong_school": Check("wrong_school", 1, "exactly 0", False),
            "verbatim": Check("verbatim", 3, "all 4 quotes", False),
        }[name]
    )
    assert failed(Gate(), run_of([told()])) == []


# the other conditions


def test_floors() -> None:
    assert failed(Gate(floors={"MRR": 0.7}), GOOD) == []
    assert failed(Gate(floors={"MRR": 0.71}), GOOD) == ["MRR"]
    assert judge(Gate(floors={"MRR": 0.71}), GOOD, None).checks[-1] == Check("MRR", 0.7, "at least 0.71", False)
    assert failed(Gate(floors={"hit@1": 0.0}), GOOD) == ["hit@1"]  # nothing was measured


def test_ceilings() -> None:
    assert failed(Gate(ceilings={"refused_answerable": 0.2}), GOOD) == []
    assert failed(Gate(ceilings={"refused_answerable": 0.19}), GOOD) == ["refused_answerable"]
    assert failed(Gate(ceilings={"latency_p95_ms": 500}), replace(GOOD, seconds={"a": 0.4})) == []
    assert failed(Gate(ceilings={"latency_p95_ms": 300}), replace(GOOD, seconds={"a": 0.4})) == ["latency_p95_ms"]
    assert failed(Gate(ceilings={"latency_p50_ms": 300}), replace(GOOD, seconds=None)) == ["latency_p50_ms"]


def test_floors_of_a_tag() -> None:
    run = run_of([replace(scored("a", MRR=0.2), tags=("x",)), replace(scored("b", MRR=1.0), tags=("y", "z"))])
    assert failed(Gate(tag_floors={"x": {"MRR": 0.2}, "y": {"MRR": 1.0}}), run) == []
    assert failed(Gate(tag_floors={"x": {"MRR": 0.3}, "y": {"MRR": 1.0}}), run) == ["MRR, tag x"]
    assert failed(Gate(tag_floors={"nobody": {"MRR": 0.0}}), run) == ["MRR, tag nobody"]


def test_no_worse_than_the_baseline() -> None:
    old = run_of([scored("a", MRR=0.8), scored("b", MRR=0.8)])
    assert failed(Gate(no_worse={"MRR": 0.1}), GOOD, old) == []
    assert failed(Gate(no_worse={"MRR": 0.09}), GOOD, old) == ["MRR, to the baseline"]
    assert failed(Gate(no_worse={"MRR": 0.0}), old, GOOD) == []
    check = judge(Gate(no_worse={"MRR": 0.02}), GOOD, difference(old, GOOD)).checks[-1]
    assert check == Check("MRR, to the baseline", 0.7, "at least 0.78 (baseline 0.8, 0.02 allowed)", False)


def test_no_worse_where_less_is_better() -> None:
    old = run_of([scored("a", refused_answerable=0.1), scored("b", refused_answerable=0.1)])
    assert failed(Gate(no_worse={"refused_answerable": 0.1}), GOOD, old) == []
    assert failed(Gate(no_worse={"refused_answerable": 0.09}), GOOD, old) == ["refused_answerable, to the baseline"]
    assert failed(Gate(no_worse={"refused_answerable": 0.0}), old, GOOD) == []
    check = judge(Gate(no_worse={"refused_answerable": 0.05}), GOOD, difference(old, GOOD)).checks[-1]
    assert check.wanted == "at most 0.15 (baseline 0.1, 0.05 allowed)"


def test_what_cannot_be_held_against_a_baseline_fails() -> None:
    gate = Gate(no_worse={"MRR": 1.0})
    assert failed(gate, GOOD) == ["MRR, to the baseline"]
    assert judge(gate, GOOD, None).checks[-1].wanted == "a baseline; save one with: clausewise eval baseline SUITE"
    assert failed(gate, GOOD, run_of([scored("a"), scored("b")])) == ["MRR, to the baseline"]  # the baseline has no MRR
    assert failed(gate, GOOD, run_of([scored("c", MRR=0.1)])) == ["MRR, to the baseline"]  # not a case in common
    assert judge(gate, GOOD, difference(run_of([scored("c", MRR=0.1)]), GOOD)).checks[-1].wanted == "the measure in both runs"


def test_gold_that_says_something_else_than_the_baseline_s_fails() -> None:
    """Whoever issued the policy anew has yet to say where its clauses went."""
    old, new = row("a", gold_texts={"oak/p#1": "one"}), row("a", gold_texts={"oak/p#1": "two"}, matter="other")
    assert failed(Gate(), run_of([new]), run_of([old])) == ["gold clauses reworded"]
    assert failed(Gate(), run_of([old]), run_of([old])) == []
    assert failed(Gate(), run_of([new], followed=True), run_of([old])) == []  # the suite was made to follow


def test_only_the_cases_of_both_count_against_the_baseline() -> None:
    """New cases that are hard may come in without a fall."""
    new = run_of([scored("a", MRR=0.8), scored("b", MRR=0.8), scored("hard", MRR=0.0)])
    assert failed(Gate(no_worse={"MRR": 0.0}), new, run_of([scored("a", MRR=0.8), scored("b", MRR=0.8)])) == []
