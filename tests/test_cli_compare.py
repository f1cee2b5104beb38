"""The policy lead's commands: topics, versions, wording, radar, coverage; one line for what cannot be."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import LARCH_PHONES
from made import CORPUS, stand_in, write_index

from clausewise.cli import main

Run = Callable[..., tuple[int, str, str]]
DATED = "# Dogs on Site Policy\n\nNext review: 1 May 2020\n\nNo dog comes through the gate.\n"
TOPICS = """[[topic]]
id = "trips"
title = "Phones on trips"
about = "May pupils have one?"
questions = ["May pupils carry a phone on a residential trip?"]
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_index(tmp_path_factory.mktemp("indexes") / "small", {**CORPUS, "larch/dogs.md": DATED})


@pytest.fixture
def run(index: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    stand_in(monkeypatch)

    def ran(*argv: object) -> tuple[int, str, str]:
        code = main([*map(str, argv), "--index", str(index)])
        return code, *capsys.readouterr()  # type: ignore[return-value]

    return ran


@pytest.fixture
def topics(tmp_path: Path) -> Path:
    (tmp_path / "ours.toml").write_text(TOPICS, "utf-8")
    return tmp_path / "ours.toml"


def test_every_topic_of_a_list_is_compared(run: Run, topics: Path, tmp_path: Path) -> None:
    code, out, err = run("compare", "--topics", topics)
    assert (code, err) == (0, "")
    assert out.splitlines()[0].split() == ["larch", "maple"]
    assert out.splitlines()[1].split() == ["Phones", "on", "trips", "permitted", "silent"]
    code, out, _ = run("compare", "--topics", topics, "--json")
    found = json.loads(out)
    assert [(cell["school"], cell["position"]) for cell in found["cells"]] == [("larch", "permitted"), ("maple", "silent")]
    assert (found["title"], found["cells"][0]["strength"], found["cells"][0]["searched"]) == (
        "Ours",
        "may",
        ["May pupils carry a phone on a residential trip?"],
    )
    assert found["schools"][0]["documents"][0]["review"] == "overdue"


def test_a_comparison_is_written_in_every_form_and_twice_the_same(run: Run, topics: Path, tmp_path: Path) -> None:
    for form in ("xlsx", "docx", "csv", "md", "html", "json"):
        one, two = tmp_path / "a" / f"board.{form}", tmp_path / "b" / f"board.{form}"
        assert run("compare", "--topics", topics, "--report", one)[0] == 0
        assert run("compare", "--topics", topics, "--report", two)[0] == 0
        assert one.read_bytes() == two.read_bytes()
        assert len(one.read_bytes()) > 300


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (("compare",), "found no topic"),
        (("compare", "dogs", "--topics", "social-media"), "found a topic beside --topics"),
        (("compare", "dogs", "--report", "x.xlsx"), "found --report without --topics"),
        (("compare", "--topics", "dogs"), "found no topics 'dogs'; expected one of mobile-devices, online-safety, social-media"),
        (("compare", "--topics", "social-media", "--report", "x.pdf"), "--report x.pdf: expected a name that ends in .xlsx"),
        (("documents", "--radar", "--coverage"), "found --radar beside --coverage"),
        (("changes", "larch/phone", "larch/dogs"), "found no document 'larch/phone' in the index; the nearest are: larch/phones"),
    ],
)
def test_what_cannot_be_is_one_line(argv: tuple[str, ...], told: str, run: Run) -> None:
    code, out, err = run(*argv)
    assert (code, out) == (2, "")
    assert err.startswith(f"clausewise: {told}")
    assert err.count("\n") == 1


def test_the_radar_shows_the_line_that_a_date_stands_in(run: Run) -> None:
    code, out, _ = run("documents", "--radar")
    assert code == 0
    assert out.splitlines()[0].startswith("overdue     larch/dogs  Dogs on Site Policy: next review 1 May 2020: overdue by 6 years")
    assert out.splitlines()[1].strip() == "“Next review: 1 May 2020”"
    assert "not_stated  larch/phones" in out
    (entry, *_) = json.loads(run("documents", "--radar", "--json")[1])["radar"]
    assert (entry["state"], entry["next_review"]["text"]) == ("overdue", "1 May 2020")


def test_coverage_names_what_a_school_has_and_lacks(run: Run) -> None:
    out = run("documents", "--coverage")[1]
    assert next(line for line in out.splitlines() if line.startswith("Mobile phones")).split()[-2:] == ["has", "has"]
    assert next(line for line in out.splitlines() if line.startswith("Social media")).split()[-2:] == ["lacks", "lacks"]
    assert "of no kind in the list: larch/dogs" in out


def test_files_that_could_not_be_read_are_listed_with_the_policies(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    index = str(write_index(tmp_path / "some", {"larch/phones.md": LARCH_PHONES, "larch/empty.txt": "", "stray.md": "x"}))
    assert main(["documents", "--index", index]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert (len(lines), lines[0][:14]) == (3, "larch/phones  ")
    assert lines[1].startswith("not indexed: stray.md: found outside any school's folder; ")
    assert lines[2].endswith("larch/empty.txt: this file is empty, where a policy was expected; replace it or remove it")
    main(["documents", "--index", index, "--json"])
    assert json.loads(capsys.readouterr().out)["failures"] == [line.removeprefix("not indexed: ") for line in lines[1:]]
    assert json.loads(run("documents", "--json")[1])["failures"] == []


def test_two_versions_are_compared_across_indexes(run: Run, tmp_path: Path) -> None:
    old = write_index(tmp_path / "old", {"larch/phones.md": LARCH_PHONES.replace("keep their phones", "must keep their phones")})
    code, out, _ = run("changes", "larch/phones", "larch/phones", "--old-index", old)
    assert code == 0
    assert "larch/phones#2.1 -> larch/phones#2.1" in out
    assert "[-must-]" in out
    assert run("changes", "larch/phones", "larch/phones")[1] == "no change\n"


def test_shared_wording_names_the_schools(run: Run) -> None:
    code, out, _ = run("wording")
    assert code == 0
    assert "“Pupils must hand their phones to the office each morning.”\n  word for word: larch, maple" in out
    (group,) = json.loads(run("wording", "--json")[1])["shared"]
    assert group["versions"][0]["clauses"] == ["larch/phones#1.1", "maple/phones#1.1"]


def test_a_comparison_of_an_earlier_day_is_made_again_byte_for_byte(run: Run, topics: Path, tmp_path: Path) -> None:
    first, again, today = (tmp_path / f"{name}.xlsx" for name in ("first", "again", "today"))
    for path, day in ((first, ("--date", "2026-11-01")), (again, ("--date", "2026-11-01")), (today, ())):
        assert run("compare", "--topics", topics, "--report", path, *day)[0] == 0
    assert first.read_bytes() == again.read_bytes() != today.read_bytes()


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (("dogs", "--date", "2026-11-01"), "found --date without --topics"),
        (("--topics", "social-media", "--date", "1 May"), "--date: found '1 May'; expected a day such as 2026-11-29"),
    ],
)
def test_a_day_that_is_none_is_one_line(run: Run, argv: tuple[str, ...], told: str) -> None:
    code, out, err = run("compare", *argv)
    assert (code, out) == (2, "")
    assert told in err
    assert err.count("\n") == 1
