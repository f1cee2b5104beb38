"""The evaluation pages: what they say of suites and runs, what they never say, and how they stand in a browser."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from html import unescape
from http.client import HTTPConnection
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from fastapi.testclient import TestClient
from made import CASES, opened, write_index, write_suite
from serving import serving
from test_web import FakeAssistant

from clausewise.evaluation import overview as values
from clausewise.evaluation import regression, runs
from clausewise.evaluation.cases import load_suite
from clausewise.evaluation.overview import LAST, heard, overview, suites
from clausewise.evaluation.provenance import made_differently
from clausewise.evaluation.runs import Row, Run
from clausewise.settings import Settings
from clausewise.store import Store
from clausewise.web import evaluation
from clausewise.web.desk import Desk
from clausewise.web.evaluation import BROKEN, Room, date, figure
from clausewise.web.page import HEADING
from clausewise.web.server import create_app

NASTY = "<script>window.hacked = 1</script> \"&' ${7*7} {{7*7}}"
QUESTIONS = [{**case, "tags": []} for case in CASES]
HOSTILE = [{**case, "question": f"{case['question']} {NASTY}", "tags": [NASTY]} for case in CASES]
GATE = '[floors]\n"hit@1" = 0.6\n[no_worse]\noverall = 0.01\n'
CASE_WORDS = ("trip", "watch", "locker", "pool", "residential", "swimming", "larch/phones#1.2", "hand their phones")
Rows = dict[tuple[str, str], Row]


@dataclass(frozen=True)
class Asked:
    """An index, and the suite's rows as it answers them, and as it does where everything is refused."""

    index: Path
    answered: Rows
    refused: Rows
    made_by: dict[str, Any]

    def run(self, refused: tuple[tuple[str, str], ...] = (), day: int = 1, **made_by: Any) -> Run:
        """A run in which these pairs were refused, made on that day of November."""
        rows = tuple(self.refused[key] if key in refused else row for key, row in self.answered.items())
        made = {**self.made_by, **made_by}
        return Run(runs._id(made, rows, ()), "small", made, rows, (), f"2026-11-{day:02}T09:00:00Z", {"trip": 0.1})


DOG, TRIP, LOCKER = ("dog", "larch"), ("trip", "larch"), ("locker", "larch")


def asked_of(folder: Path, cases: list[dict[str, Any]]) -> Asked:
    suite, index = load_suite(write_suite(folder / "small", cases)), write_index(folder / "indexes" / "small")
    first, second = (runs.ask_all(suite, opened(index, Settings(threshold=threshold))) for threshold in (None, 1.0))
    return Asked(index, {row.key: row for row in first.rows}, {row.key: row for row in second.rows}, dict(first.made_by))


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    found = asked_of(tmp_path_factory.mktemp("asked"), QUESTIONS)
    assert [key for key, row in found.answered.items() if not row.right] == []
    assert [key for key, row in found.refused.items() if not row.right] == [TRIP, ("watch", "maple"), LOCKER, DOG]
    return found


@pytest.fixture
def evals(tmp_path: Path) -> Path:
    return tmp_path / "evals"


@pytest.fixture
def small(evals: Path) -> Path:
    return write_suite(evals / "small", QUESTIONS, gate=GATE)


@pytest.fixture
def two(small: Path, asked: Asked) -> tuple[Run, Run]:
    """The baseline, which refused the dog; and a later run, which answers that and refuses the trip and the locker."""
    old = asked.run((DOG,), 1)
    new = asked.run((TRIP, LOCKER), 2, settings={**asked.made_by["settings"], "threshold": 0.5})
    for run in (old, new):
        regression.save(run, small, asked.index)
    regression.set_baseline(small, old)
    return old, new


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "data")


@pytest.fixture
def room(evals: Path, asked: Asked, store: Store) -> Room:
    return Room(Desk(FakeAssistant(), None, asked.index), store, evals)  # type: ignore[arg-type]


@pytest.fixture
def client(evals: Path, asked: Asked, store: Store) -> TestClient:
    return TestClient(create_app(FakeAssistant(), store, evals, asked.index))  # type: ignore[arg-type]


def told(html: str) -> str:
    """The page's words, as a reader has them."""
    body = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", html[html.index("<body") :], flags=re.S)
    return re.sub(r" (?=[,.;:] )", "", " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split()))


def shown(room: Room, path: str = "") -> str:
    status, html = room.answer(path)
    assert status == 200
    return told(html)


# every suite


def test_a_suite_is_shown_with_its_last_run_beside_the_baseline(room: Room, two: tuple[Run, Run]) -> None:
    said = shown(room)
    assert "small 5 questions; last run 2 November 2026, 09:00 UTC ✕ Gate failed: 2 of" in said
    assert "Right overall overall 66.7\u00a0% ▼ worse by 16.7 points than the baseline".replace("\u00a0", " ") in said
    assert "Right clause first hit@1 50.0 %" in said
    assert "Right clause in top 3 hit@3 50.0 %" in said
    assert "Silence, both together silence_f1 66.7 % ▼ worse by 13.3 points than the baseline, may be chance" in said
    assert "Right stance stance_accuracy 100.0 % = as in the baseline" in said
    assert "Quotes of another school wrong_school 0 = as in the baseline" in said
    quotes = sum(row.scores["quotes"][0] for row in two[1].rows)
    assert f"Quotes word for word verbatim {quotes:.0f} of {quotes:.0f} From the chat page" in said
    assert '<h2 id="suite-1"><a href="/evaluation/small">small</a></h2>' in room.answer("")[1]


def test_what_chance_may_have_done_has_no_colour(room: Room, two: tuple[Run, Run]) -> None:
    html = room.answer("")[1]
    turns = re.findall(r'<span class="ev-turn ([^"]*)"><span class="cw-mark" aria-hidden="true">(.)</span> ([^<]*)', html)
    assert [turn[:2] for turn in turns if "chance" in turn[2]] == [("", "▼")] * sum("chance" in turn[2] for turn in turns) != []
    assert [colour for colour, mark, _ in turns if mark == "="] == ["", ""]


def test_a_gate_that_passes_says_so_in_words_and_with_a_mark(room: Room, small: Path, asked: Asked) -> None:
    run = asked.run()
    regression.save(run, small, asked.index)
    regression.set_baseline(small, run)
    assert "✓ Gate passed:" in shown(room)
    assert '<span class="cw-permitted"><span class="cw-mark" aria-hidden="true">✓</span> Gate passed' in room.answer("")[1]
    assert "None: every question is answered as before." in shown(room, "small")


def test_suites_stand_in_order_of_name_and_other_folders_are_none(evals: Path) -> None:
    for name in ("b", "a", "Z"):
        write_suite(evals / name)
    (evals / "notes").mkdir()
    (evals / "yaml").mkdir()
    (evals / "yaml" / "cases.yaml").write_text("[]")
    (evals / "README.md").write_text("x")
    assert list(suites(evals)) == ["Z", "a", "b", "yaml"]


@pytest.mark.parametrize("made", [False, True])
def test_without_suites_the_page_says_what_to_do(room: Room, evals: Path, made: bool) -> None:
    if made:
        evals.mkdir()
    said = shown(room)
    assert f"No suite yet A suite is a folder in {evals} that holds cases.jsonl or cases.yaml; this page found none." in said
    assert "CLAUSEWISE_EVALS" in said
    assert "clausewise eval evals/sample" in said


def test_without_runs_the_page_says_what_to_do(room: Room, small: Path) -> None:
    assert f"small 5 questions No run yet. Make one with: clausewise eval {small}" in shown(room)
    said = shown(room, "small")
    assert f"small 5 questions No run yet Ask the questions, then reload this page: clausewise eval {small}" in said
    assert "Trend" not in said


def test_a_suite_that_does_not_load_takes_no_other_from_the_page(room: Room, small: Path, two: tuple[Run, Run], evals: Path) -> None:
    bad = write_suite(evals / "a-bad-one")
    (bad / "cases.jsonl").write_text('{"id": "x"\n')
    said = shown(room)
    assert f"a-bad-one questions that cannot be read ! {bad / 'cases.jsonl'}, line 1: found no JSON object (" in said
    assert "small 5 questions; last run" in said
    assert said.index("a-bad-one") < said.index("Gate failed")
    assert f"! {bad / 'cases.jsonl'}, line 1: found no JSON object (" in shown(room, "a-bad-one")


def test_a_fault_of_ours_takes_no_other_suite_from_the_page(
    room: Room, two: tuple[Run, Run], evals: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    write_suite(evals / "broken")
    whole = overview
    monkeypatch.setattr(evaluation, "overview", lambda suite, index: whole(suite, index) if suite.name == "small" else 1 / 0)
    said = shown(room)
    assert f"broken ! {BROKEN}" in said
    assert "Gate failed" in said
    status, html = room.answer("broken")
    assert (status, "ZeroDivisionError" in html, BROKEN in html) == (500, False, True)
    assert [record.message for record in caplog.records] == ["no overview of the suite 'broken'", "no page for /evaluation/'broken'"]


# one suite


def test_answers_that_changed_stand_side_by_side_and_the_worse_come_first(room: Room, two: tuple[Run, Run]) -> None:
    old, new = two
    html = room.answer("small")[1]
    said = told(html)
    parts = said[said.index("Answers that changed since the baseline") : said.index("From the chat page")]
    assert parts.startswith(f"Answers that changed since the baseline Baseline {old.id}, last run {new.id} ▼ Worse: 2 answers")
    worse, better = parts.split("▲ Better: 1 answer")
    trip, locker = (worse.index(question) for question in ("May pupils carry a phone", "Where do staff keep"))
    assert trip < locker
    assert "Was right, is wrong now trip, larch Baseline" in worse
    assert "Pupils may carry a phone on a residential trip. larch/phones#1.2 ✓ answers" in worse[trip:locker]
    gone = worse[worse.index("Last run", trip) : locker]
    assert "Not covered The nearest clause is not close enough to count as an answer. Nearest, not quoted: larch/phones#1.2" in gone
    dog = better.index("May a dog come through the gate?")
    before, now = better[dog:].split("Last run")
    assert "Was wrong, is right now dog, larch Baseline – Not covered" in before
    assert "No dog comes through the gate, except an assistance dog. larch/dogs#preamble/1 ✓ answers" in now
    assert "Do smart watches" not in parts
    assert f'<a href="/evaluation/small/{old.id}"><code>{old.id}</code></a>, last run <a href="/evaluation/small/{new.id}">' in html


def test_earlier_questions_and_tags_stand_with_a_flip(evals: Path, tmp_path: Path, store: Store) -> None:
    cases = [{**case, "history": ["What of phones?"], "tags": ["follow"]} for case in CASES]
    found, folder = asked_of(tmp_path / "made", cases), write_suite(evals / "small", cases)
    for run in (found.run((), 1), found.run((LOCKER,), 2)):
        regression.save(run, folder, found.index)
    said = shown(Room(Desk(FakeAssistant(), None, found.index), store, evals), "small")  # type: ignore[arg-type]
    assert "Asked after: “What of phones?” Was right, is wrong now locker, larch, follow" in said


def test_without_a_baseline_a_run_stands_beside_the_one_before(room: Room, small: Path, two: tuple[Run, Run]) -> None:
    shutil.rmtree(small / "baseline")
    said = shown(room, "small")
    assert "Gate failed: 2 of" in said  # it is not judged by the run before
    assert "Right overall (overall), to the baseline nothing a baseline; save one with: clausewise eval baseline SUITE" in said
    assert "There is no baseline, so figures and answers are compared with the run before." in said
    assert f"clausewise eval baseline {small}" in said
    assert "worse by 16.7 points than the run before" in said
    assert f"Answers that changed since the run before Run before {two[0].id}, last run {two[1].id} ▼ Worse: 2 answers" in said


def test_of_a_first_run_nothing_is_said_to_have_changed(room: Room, small: Path, asked: Asked) -> None:
    regression.save(asked.run(), small, asked.index)
    said = shown(room, "small")
    assert "There is no baseline to compare with." in said
    assert "A trend needs two runs that can be read. 1 run Run" in said
    assert "09:00 UTC the first 100.0 %" in said
    assert "Answers that changed" not in said
    assert "than the" not in said


def test_the_runs_are_listed_with_figures_and_what_made_them_differ(room: Room, two: tuple[Run, Run]) -> None:
    html = room.answer("small")[1]
    table = told("<body>" + html[html.index('<table class="ev-runs">') :])
    old, new = two
    assert "2 runs, the newest first Run What differs from the run before Right overall" in table
    assert f"{new.id} 2 November 2026, 09:00 UTC setting threshold: 0.5, was the default 66.7 % 50.0 % 50.0 % 66.7 % 100.0 % 0" in table
    assert f"{old.id} baseline 1 November 2026, 09:00 UTC the first 83.3 % 75.0 % 75.0 % 80.0 % 100.0 % 0" in table
    assert f'<a href="/evaluation/small/{old.id}"><code>{old.id}</code></a>' in html
    assert "The last 2 runs: Right overall from 83.3\u00a0% to 66.7\u00a0%" in unescape(html[html.index("<svg") : html.index("</svg>")])


def test_more_runs_than_are_shown_are_counted(room: Room, small: Path, asked: Asked) -> None:
    made = [asked.run((), day, version=f"0.{day}") for day in range(1, LAST + 4)]
    for run in made:
        regression.save(run, small, asked.index)
    html = room.answer("small")[1]
    assert f"The last {LAST} of {LAST + 3} runs, the newest first" in told(html)
    assert re.findall(r'<th scope="row"><a href="/evaluation/small/(\w+)">', html) == [run.id for run in reversed(made[3:])]
    assert "version: 0.4, was 0.3" in told(html)  # the oldest shown has one before it


def test_a_run_whose_words_are_gone_shows_addresses(room: Room, two: tuple[Run, Run], asked: Asked) -> None:
    kept = asked.index.parent / "snapshots"
    assert "No dog comes through the gate" in shown(room, "small")
    kept.rename(kept.with_name("elsewhere"))
    try:
        said = shown(room, "small")
    finally:
        kept.with_name("elsewhere").rename(kept)
    assert "No dog comes through the gate" not in said
    assert "Its words are not at hand: the index that this run asked is no longer kept. larch/dogs#preamble/1 ✓ answers" in said
    assert "No dog comes through the gate" in shown(room, "small")


def test_questions_that_wait_or_changed_are_counted(room: Room, small: Path, asked: Asked) -> None:
    old, new = asked.run((), 1), asked.run((DOG,), 2)
    fewer = tuple(row for row in old.rows if row.case != "pool")
    reworded = tuple(replace(row, matter="other") if row.case == "dog" else row for row in new.rows)
    for run, rows, waiting in ((old, fewer, ()), (new, reworded, ("w1", "w2"))):
        made = replace(run, rows=rows, waiting=waiting)
        regression.save(replace(made, id=runs._id(made.made_by, rows, waiting)), small, asked.index)
    said = shown(room, "small")
    assert (
        "2 questions not asked: the policy was issued anew, and where the clauses went is to be confirmed with: clausewise eval anchor"
        in said
    )
    assert "Not compared: 2 questions that were added, dropped or changed in between." in said
    assert "None: every question is answered as before." in said


def test_a_new_run_and_a_new_baseline_are_there_on_reload(room: Room, small: Path, asked: Asked, two: tuple[Run, Run]) -> None:
    assert "3 November" not in shown(room)
    third = asked.run((), 3)
    regression.save(third, small, asked.index)
    assert "last run 3 November 2026, 09:00 UTC ✓ Gate passed:" in shown(room)
    assert "better by 16.7 points than the baseline" in shown(room)
    regression.set_baseline(small, third)
    assert "Right overall overall 100.0 % = as in the baseline" in shown(room)
    (small / "gate.toml").write_text("[ceilings]\nAURC = 0\n")
    assert "passed" not in shown(room)


def test_what_was_read_of_a_run_is_kept(room: Room, two: tuple[Run, Run], monkeypatch: pytest.MonkeyPatch) -> None:
    before = [room.answer(path) for path in ("", "small", f"small/{two[1].id}")]
    for name in ("load", "measures", "judged"):
        monkeypatch.setattr(values, name, None)
    assert [room.answer(path) for path in ("", "small", f"small/{two[1].id}")] == before


# faults


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("rows.jsonl", "{not json"),
        ("run.json", "[]"),
        ("run.json", None),
        ("timings.json", '{"made": "2026-11-02T09:00:00Z", "seconds": {"a": "x", "b": 1}}'),
        ("timings.json", "[]"),
    ],
)
def test_a_damaged_run_is_one_line_and_the_one_before_is_the_last(
    room: Room, small: Path, two: tuple[Run, Run], file: str, text: str | None
) -> None:
    old, new = two
    place = small / "runs" / new.id
    if text is None:
        (place / file).unlink()
        (place / file).mkdir()
    else:
        (place / file).write_text(text)
    said = shown(room, "small")
    assert f"{new.id} ! {place}: is damaged (" in said
    assert "remove it and run the suite again" in said
    assert "The last run ✓ Gate passed" in said
    assert f"conditions met Run {old.id}, 1 November 2026" in said
    assert "last run 1 November 2026" in shown(room)
    status, html = room.answer(f"small/{new.id}")
    assert status == 404
    assert f"Not found {place}: is damaged (" in told(html)
    assert f'href="/evaluation/small/{new.id}"' not in room.answer("small")[1]


def test_where_every_run_is_damaged_the_page_says_what_to_do(room: Room, small: Path, two: tuple[Run, Run]) -> None:
    for run in two:
        (small / "runs" / run.id / "rows.jsonl").write_text("x")
    assert "None of its saved runs can be read. Make a new one with: clausewise eval" in shown(room)
    said = shown(room, "small")
    assert "No run that can be read Ask the questions, then reload this page: clausewise eval" in said
    assert said.count("is damaged (") == 2


def test_a_damaged_baseline_is_said_and_takes_no_run_from_the_page(room: Room, small: Path, two: tuple[Run, Run]) -> None:
    (small / "baseline" / "rows.jsonl").write_text("x")
    said = shown(room, "small")
    assert f"! {small / 'baseline'}: is damaged (" in said
    assert "Answers that changed since the run before" in said
    assert room.answer(f"small/{two[1].id}")[0] == 200


def test_a_gate_that_cannot_be_read_may_have_held_the_suite_back(room: Room, small: Path, two: tuple[Run, Run]) -> None:
    (small / "gate.toml").write_text("held_back = tru")
    said = shown(room, "small")
    assert f"! {small / 'gate.toml'}: not valid TOML (" in said
    assert "! Not judged: the gate cannot be read" in said
    assert "passed" not in said
    assert "Answers that changed" not in said
    assert [word for word in CASE_WORDS if word in said] == []
    status, html = room.answer(f"small/{two[1].id}")
    assert (status, "not valid TOML" in html) == (404, True)
    assert "Not judged" in shown(room)


# held back


def test_of_a_held_back_suite_only_figures_are_shown(room: Room, small: Path, two: tuple[Run, Run]) -> None:
    (small / "gate.toml").write_text("held_back = true\n" + GATE)
    for path in ("", "small", *(f"small/{run.id}" for run in two)):
        status, html = room.answer(path)
        assert status == 200
        assert "66.7" in html or path.endswith(two[0].id)
        assert [word for word in CASE_WORDS if word in html] == []
        assert 'class="ev-flip"' not in html
    assert "5 questions, held back: figures only; last run" in shown(room)
    assert "Of 6 answers that both runs gave, 2 got worse, 1 better" in shown(room, "small")


@pytest.mark.parametrize("line", ['{"id": "trip"}', json.dumps({**CASES[0], "question": "??? residential"})[:-3]])
def test_what_is_wrong_with_a_held_back_case_is_not_said(room: Room, small: Path, line: str) -> None:
    (small / "gate.toml").write_text("held_back = true\n")
    (small / "cases.jsonl").write_text(json.dumps(CASES[0]) + "\n" + line + "\n")
    for path in ("", "small"):
        html = room.answer(path)[1]
        assert "its cases cannot be read; what is wrong may name one, so it is not shown here" in html
        assert [word for word in CASE_WORDS if word in html] == []


# what others write


def test_what_others_write_is_text(evals: Path, tmp_path: Path, store: Store) -> None:
    name = "<script>window.hacked = 2<b>\"&' ?#%2e"
    found, folder = (
        asked_of(tmp_path / "made", HOSTILE),
        write_suite(evals / name, HOSTILE, gate=f"[tag_floors.{json.dumps(NASTY)}]\noverall = 1\n"),
    )
    made = [found.run((), 1), found.run((LOCKER,), 2, model=NASTY, settings={NASTY: NASTY}, documents={NASTY: "1"})]
    for run in (made[0], replace(made[1], made=NASTY)):
        regression.save(run, folder, found.index)
    (folder / "runs" / NASTY.replace("/", "")).mkdir()
    (folder / "runs" / NASTY.replace("/", "") / "run.json").write_text("x")
    store.add_feedback(reason=NASTY, question=NASTY, school=NASTY, status="answered", index=NASTY)
    store.count_unanswered(NASTY, NASTY, NASTY, NASTY)
    room = Room(Desk(FakeAssistant(), None, found.index), store, evals)  # type: ignore[arg-type]
    for path in ("", name):
        html = room.answer(path)[1]
        assert html.count("<script") == 1  # ours
        assert "window.hacked = 1</" not in html
        assert NASTY in told(html)
    assert f'href="/evaluation/{quote(name, safe="")}"' in room.answer("")[1]
    assert f"model: {NASTY}, was " in told(html)
    assert f"overall), tag {NASTY}" in told(html)
    status, html = room.answer(f"{name}/{made[1].id}")
    assert status == 200
    assert "window.hacked = 1</" not in html


def asked_raw(url: str, path: str) -> tuple[int, str]:
    """As it stands: a client would tidy the path."""
    connection = HTTPConnection(urlsplit(url).netloc)
    connection.request("GET", path)
    response = connection.getresponse()
    found = response.status, response.read().decode()
    connection.close()
    return found


def test_a_suites_odd_name_leads_to_it(url: str, evals: Path) -> None:
    name = 'a <b> "c" & d?e#f%2e ü'
    write_suite(evals / name)
    link = re.search(r'href="(/evaluation/[^"]+)"', asked_raw(url, "/evaluation")[1].partition("</nav>")[2])
    assert link is not None
    status, page = asked_raw(url, unescape(link.group(1)))
    assert (status, f"{name} 5 questions" in told(page)) == (200, True)


STRAY = (
    "nowhere",
    "..",
    "../..",
    "%2e%2e",
    "%2e%2e/secret",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e%2fevals%2fsmall",
    "small%2f..%2fsmall",
    "small/..",
    "small/../small",
    "small/../../secret",
    "small/%2e%2e%2fbaseline",
    "small/baseline",
    "small/runs",
    "small/0123456789ab",
    "small/0123456789AB",
    "small/run.json",
    "small/ID0",
    "small/ID/rows.jsonl",
    "small/ID%00",
    "small/ID%252e",
    "small%00",
    "./secret",
    "/secret",
    "small/..%2f..%2fsecret%2fruns%2f0123456789ab",
    "small/%5c..%5csecret",
    "%5c..%5csmall",
    "%ff%fe",
)


def test_only_known_suites_and_runs_have_a_page(url: str, evals: Path, two: tuple[Run, Run]) -> None:
    secret = write_suite(evals.parent / "secret")
    shutil.copytree(evals / "small" / "runs" / two[0].id, secret / "runs" / "0123456789ab")
    for path in STRAY:
        status, page = asked_raw(url, f"/evaluation/{path.replace('ID', two[0].id)}")
        assert (path, status, "Not found" in page) == (path, 404, True)
        assert "larch" not in page


def test_an_id_is_a_runs_to_the_letter(room: Room, two: tuple[Run, Run]) -> None:
    for id in (f"{two[0].id}\n", f" {two[0].id}", two[0].id.upper() if two[0].id.upper() != two[0].id else "x", two[0].id[:8]):
        assert room.answer(f"small/{id}")[0] == 404


@pytest.mark.parametrize("path", ["/evaluation", "/evaluation/", "/evaluation/small", "/evaluation/small/"])
def test_a_slash_at_the_end_is_no_fault(client: TestClient, two: tuple[Run, Run], path: str) -> None:
    found = client.get(path)
    assert (found.status_code, found.headers["cache-control"]) == (200, "no-cache")
    assert found.headers["content-type"] == "text/html; charset=utf-8"


def test_a_runs_folder_of_another_name_is_listed_without_a_link(room: Room, small: Path, two: tuple[Run, Run]) -> None:
    (small / "runs" / two[1].id).rename(small / "runs" / "kept by hand")
    html = room.answer("small")[1]
    assert "Run kept by hand, 2 November" in told(html)
    assert "/evaluation/small/kept" not in html
    assert room.answer("small/kept by hand")[0] == 404


# the report


def test_a_runs_page_is_its_full_report_against_the_baseline(client: TestClient, two: tuple[Run, Run]) -> None:
    found = client.get(f"/evaluation/small/{two[1].id}")
    assert found.status_code == 200
    assert f'<h1>small</h1>\n<p class="soft">Run <code>{two[1].id}</code>' in found.text
    assert f"beside baseline <code>{two[0].id}</code>" in found.text
    assert "'unsafe-inline'" in found.headers["content-security-policy"]
    assert not re.search(r'(?:src|href)="(?!#)', found.text)


def test_a_baseline_that_is_no_longer_among_the_runs_has_its_report(room: Room, small: Path, two: tuple[Run, Run]) -> None:
    shutil.rmtree(small / "runs" / two[0].id)
    status, html = room.answer(f"small/{two[0].id}")
    assert status == 200
    assert f"Run <code>{two[0].id}</code>" in html
    assert f'href="/evaluation/small/{two[0].id}"' in room.answer("small")[1]


def test_without_a_baseline_a_report_stands_alone(room: Room, small: Path, two: tuple[Run, Run]) -> None:
    shutil.rmtree(small / "baseline")
    assert "beside baseline" not in room.answer(f"small/{two[1].id}")[1]


# what the chat page gathered


def complain(store: Store, reason: str) -> int:
    return store.add_feedback(reason=reason, question="a secret question", comment="a secret", school="ash", status="answered", index="c")


def test_complaints_and_silences_are_counted_and_never_quoted(room: Room, small: Path, store: Store) -> None:
    for reason in ("wrong_section", "incomplete", "wrong_section"):
        complain(store, reason)
    store.close_feedback(complain(store, "incomplete"), None)
    for week, document in (("2026-W47", "ash/social-media-policy"), ("2026-W46", "ash/social-media-policy"), ("2026-W47", "gone/policy")):
        store.count_unanswered(week, "ash", document, f"{document}#secret")
    for path in ("", "small"):
        said = shown(room, path)
        assert (
            "3 complaints about answers are open. Which policies could not answer, and how often since week 2026-W46, is counted below."
            in said
        )
        assert "It quotes the wrong section 2 Part of the rule is missing 1" in said
        assert "Social Media Policy, Ash Lane Primary School 2 gone/policy 1" in said
        assert "secret" not in said


def test_nothing_gathered_is_said(room: Room, small: Path) -> None:
    said = shown(room)
    assert "No complaint about an answer is open. No question went unanswered so far." in said
    assert "Open complaints" not in said


def test_one_complaint_is_one(room: Room, store: Store) -> None:
    complain(store, "incomplete")
    assert "1 complaint about answers is open." in shown(room)


def test_a_store_that_cannot_be_read_is_one_line(room: Room, small: Path, store: Store) -> None:
    store.path.parent.mkdir()
    store.path.write_text("no database" * 100)
    assert heard(store).fault.startswith(f"{store.path}: found a damaged file")
    assert f"! {store.path}: found a damaged file" in shown(room)
    assert "small 5 questions" in shown(room)


# words


MADE = {
    "suite": "a",
    "index": "1",
    "documents": {"a/p": "1", "b/p": "1", "c/p": "1"},
    "model": "m",
    "model_digest": "1",
    "settings": {"quotes": 3, "threshold": None, "model": ""},
    "version": "1",
    "code": "1",
    "cases": "1",
}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, ["nothing that a run records"]),
        ({"index": "2"}, ["index built anew"]),
        ({"index": "2", "documents": {**MADE["documents"], "a/p": "2"}}, ["policy issued anew: a/p"]),  # type: ignore[dict-item]
        (
            {"documents": {"a/p": "2", "b/p": "2", "c/p": "1", "d/p": "1"}},
            ["policies issued anew: a/p, b/p", "policy added: d/p"],
        ),
        ({"documents": {}}, ["policies gone: a/p, b/p, c/p"]),
        ({"documents": {**MADE["documents"], **dict.fromkeys("vwxyz", "1")}}, ["policies added: v, w, x, 2 more"]),  # type: ignore[dict-item]
        (
            {"settings": {"quotes": 2, "threshold": 0.5, "model": ""}},
            ["setting quotes: 2, was 3", "setting threshold: 0.5, was the default"],
        ),
        ({"model": "n", "model_digest": "2", "settings": {"quotes": 3, "threshold": None, "model": "n"}}, ["model: n, was m"]),
        ({"settings": {"quotes": 3, "threshold": None, "model": "m"}}, ["setting model: m, was the default"]),
        ({"model_digest": "2"}, ["model: other weights of m"]),
        ({"version": "2", "code": "2"}, ["version: 2, was 1", "code of Clausewise"]),
        ({"cases": "2"}, ["questions of the suite"]),
        ({"suite": "b", "cases": "2"}, ["suite: b, was a", "questions of the suite"]),
    ],
)
def test_what_made_a_run_differ_is_said_in_words(change: dict[str, Any], said: list[str]) -> None:
    assert made_differently(MADE, MADE | change) == said


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ("2026-11-02T09:05:00Z", "2 November 2026, 09:05 UTC"),
        (None, "date not kept"),
        ("", "date not kept"),
        ("yesterday", "yesterday"),
        (7, "7"),
    ],
)
def test_a_date_in_words(made: Any, said: str) -> None:
    assert date(made) == said


def test_a_figure_in_words() -> None:
    measures = {"overall": 0.7441, "hit@1": None, "verbatim": 1343, "quotes": 1344, "wrong_school": 0}
    names = ("overall", "hit@1", "hit@3", "verbatim", "wrong_school")
    assert [figure(name, measures) for name in names] == ["74.4\u00a0%", "–", "–", "1,343 of 1,344", "0"]


NAV = (
    '<nav class="cw-nav" aria-label="Clausewise"><ul><li><a href="/"{}>Ask</a></li><li><a href="/compare"{}>Compare</a></li>'
    '<li><a href="/documents"{}>Documents</a></li><li><a href="/evaluation"{}>Evaluation</a></li><li><a href="/account">Account</a></li></ul></nav>'
)


def test_the_rooms_lead_to_one_another(client: TestClient, small: Path) -> None:
    evaluations = client.get("/evaluation").text
    assert NAV.format(' aria-current="page"', "", "", "") in HEADING
    assert NAV.format("", "", "", ' aria-current="page"') in evaluations
    assert NAV.format("", "", "", ' aria-current="true"') in client.get("/evaluation/small").text
    assert '<a class="cw-skip" href="#main">' in evaluations
    styles = re.findall(r'<link rel="stylesheet" href="([^"]+)">', evaluations)
    assert styles == ["/style.css", "/pages.css", "/evaluation.css"]
    assert [client.get(path).headers["content-type"] for path in styles] == ["text/css; charset=utf-8"] * 3
    assert "http" not in "".join(client.get(path).text for path in styles)


def test_the_folder_of_suites_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings.from_environment().evals == "evals"
    monkeypatch.setenv("CLAUSEWISE_EVALS", "elsewhere")
    assert Settings.from_environment().evals == "elsewhere"


def test_no_run_depends_on_where_suites_are_shown_from(asked: Asked) -> None:
    assert "evals" not in asked.made_by["settings"]


def test_headings_are_in_order_and_ids_are_unique(room: Room, two: tuple[Run, Run], store: Store) -> None:
    complain(store, "incomplete")
    for path in ("", "small", "nowhere"):
        html = room.answer(path)[1]
        levels = [int(level) for level in re.findall(r"<h(\d)", html)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        ids = re.findall(r'\bid="([^"]+)"', html)
        assert len(ids) == len(set(ids))


# in a browser


@pytest.fixture
def url(evals: Path, asked: Asked, store: Store, two: tuple[Run, Run]) -> Iterator[str]:
    app = create_app(FakeAssistant(), store, evals, asked.index)  # type: ignore[arg-type]
    with serving(app) as served:
        yield f"{served}/"


LEFT = ("AbortError", "Connection errored out")  # what Gradio says of its stream when one leaves its page


@pytest.fixture
def open_page(chromium: Any, url: str) -> Iterator[Callable[..., Any]]:
    """Opens an address in a fresh profile; afterwards, no request may have left the machine, and nothing failed."""
    contexts, asked_for, faults = list[Any](), list[str](), list[str]()

    def opened_at(path: str = "", scheme: str = "light", width: int = 1280) -> Any:
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        context.on("request", lambda request: asked_for.append(request.url))
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
        page.goto(url + path)
        return page

    yield opened_at
    for context in contexts:
        context.close()
    assert {urlsplit(request).hostname for request in asked_for if not request.startswith("data:")} == {"127.0.0.1"}
    assert [fault for fault in faults if not any(told in fault for told in LEFT)] == []


def follow(page: Any, link: Any) -> None:
    """As from the keyboard."""
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_load_state("load")


@pytest.mark.browser
def test_from_the_chat_page_to_a_runs_report_by_the_keyboard(open_page: Callable[..., Any], two: tuple[Run, Run], url: str) -> None:
    page = open_page()
    page.get_by_label("Your question").wait_for()
    nav = page.get_by_role("navigation", name="Clausewise")
    assert nav.locator("[aria-current=page]").inner_text() == "Ask"
    follow(page, nav.get_by_role("link", name="Evaluation"))
    page.wait_for_url("**/evaluation")
    assert page.get_by_role("heading", level=1).inner_text() == "Evaluation"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the figures"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "small"
    page.keyboard.press("Enter")
    page.wait_for_url("**/evaluation/small")
    assert page.get_by_role("img", name="The last 2 runs").is_visible()
    assert [heading.split(":")[0].split()[-1] for heading in page.locator("#changed ~ h3").all_inner_texts()] == ["Worse", "Better"]
    follow(page, page.get_by_role("link", name="Full report of this run"))
    page.wait_for_url(f"**/evaluation/small/{two[1].id}")
    assert page.locator("h1").first.inner_text() == "small"
    page.go_back()
    follow(page, page.get_by_role("link", name="All suites"))
    page.wait_for_url("**/evaluation")
    follow(page, page.get_by_role("navigation", name="Clausewise").get_by_role("link", name="Ask"))
    page.get_by_label("Your question").wait_for()
    assert page.url == url


@pytest.mark.browser
def test_the_reports_own_script_runs(open_page: Callable[..., Any], two: tuple[Run, Run]) -> None:
    page = open_page(f"evaluation/small/{two[1].id}")
    assert page.locator("form:not([hidden])").count() == 1  # it is hidden until the script is there
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(246, 245, 241)"


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "width"), [("light", 1920), ("dark", 320)])
def test_the_pages_are_accessible_and_fit(
    open_page: Callable[..., Any], two: tuple[Run, Run], store: Store, evals: Path, scheme: str, width: int, tmp_path: Path
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    complain(store, "incomplete")
    store.count_unanswered("2026-W47", "ash", "ash/social-media-policy", "ash/social-media-policy#1")
    (write_suite(evals / "bad-suite-with-a-long-name") / "cases.jsonl").write_text("x" * 500)
    (evals / "small" / "runs" / "0123456789ab").mkdir()
    (evals / "small" / "runs" / "0123456789ab" / "run.json").write_text("x")
    for path in ("evaluation", "evaluation/small"):
        page = open_page(path, scheme, width)
        page.screenshot(path=tmp_path / f"{path.replace('/', '-')}-{scheme}-{width}.png", full_page=True)
        assert Axe().run(page).response["violations"] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("document.body.classList.contains('dark')") == (scheme == "dark")
    page.emulate_media(media="print", color_scheme=scheme)
    page.wait_for_function("!document.body.classList.contains('dark')")  # paper is white


@pytest.mark.browser
def test_an_address_that_leads_nowhere_is_a_plain_page(chromium: Any, url: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = chromium.new_page()
    page.goto(f"{url}evaluation/nowhere")
    assert page.get_by_role("heading", level=1).inner_text() == "Not found"
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("link", name="all suites").click()
    page.wait_for_url("**/evaluation")
    page.close()
