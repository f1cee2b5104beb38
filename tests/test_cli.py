"""Every verb: the JSON forms of the contract field by field, and bad input in one line with exit code 2."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import POLICIES, WordsEncoder, generation, write

from clausewise import __version__
from clausewise.assistant import Assistant
from clausewise.cli import main
from clausewise.embeddings import Encoder
from clausewise.errors import ClausewiseError, IndexInUse, IndexNotWritten

SCHOOLS = ["ashlar-grove", "gannet-point", "harbour-lane", "limekiln-bank", "samphire-road", "thornbeck-high"]
FRIEND = "A parent has sent me a friend request on Facebook. What do I do?"
REPLY_FIELDS = ["id", "question", "standalone_question", "schools", "answers", "scope_from", "clarification", "concerns"]
ANSWER_FIELDS = ["school", "school_name", "status", "reason", "stance", "confidence", "sure", "quotes", "closest", "covered_by"]
QUOTE_FIELDS = ["text", "lead_in", "clause", "document", "title", "number", "headings", "page", "start", "end", "score", "exception"]
STANCES = {"prohibited", "required", "permitted", "conditional", "advised", None}

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def one_model(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands that open an index share the encoder, whose weights take seconds to read."""
    monkeypatch.setattr("clausewise.assistant.Encoder", lambda model="": encoder)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command: exit code, standard output, standard error."""

    def ran(*argv: object) -> tuple[int, str, str]:
        code = main([str(item) for item in argv])
        return code, *capsys.readouterr()

    return ran


@pytest.fixture
def refuse(run: Run) -> Callable[..., str]:
    """Run a command that must fail as the contract says; its one line."""

    def refused(*argv: object) -> str:
        code, out, err = run(*argv)
        assert (code, out) == (2, "")
        assert re.fullmatch(r"clausewise: [^\n]+\n", err)
        return err.removeprefix("clausewise: ").rstrip("\n")

    return refused


@pytest.fixture
def questions(tmp_path: Path) -> Callable[..., Path]:
    def written(*rows: object) -> Path:
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        (tmp_path / "questions.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
        return tmp_path / "questions.jsonl"

    return written


def check_quote(row: dict[str, Any], school: str) -> None:
    assert list(row) == QUOTE_FIELDS
    assert row["document"].startswith(f"{school}/")
    assert row["clause"].startswith(f"{row['document']}#")
    assert row["end"] - row["start"] == len(row["text"]) > 0
    assert all(
        isinstance(row[name], kind) for name, kind in (("text", str), ("title", str), ("start", int), ("end", int), ("score", float))
    )
    assert row["lead_in"] is None or row["lead_in"].strip()
    assert row["number"] is None or isinstance(row["number"], str)
    assert row["page"] is None or row["page"] >= 1
    assert all(isinstance(heading, str) for heading in row["headings"])


def check_answer(row: dict[str, Any]) -> None:
    assert list(row) == ANSWER_FIELDS
    assert row["stance"] in STANCES
    assert 0 <= row["confidence"] <= 1
    if row["status"] == "answered":
        assert row["reason"] is None
        assert row["quotes"]
        assert (row["closest"], row["covered_by"]) == ([], [])
    else:
        assert row["status"] == "not_covered"
        assert row["reason"] in ("nothing_found", "too_weak", "out_of_scope", "no_policies", "no_such_clause")
        assert (row["stance"], row["quotes"]) == (None, [])
    for quote in row["quotes"] + row["closest"]:
        check_quote(quote, row["school"])
    assert len(set(row["covered_by"]) & set(SCHOOLS) - {row["school"]}) == len(row["covered_by"])
    scores = [quote["score"] for quote in row["quotes"] + row["closest"]]
    assert scores == sorted(scores, reverse=True)


# ask


def test_ask_json_is_the_contract_s_answer(run: Run, sample_index: Path) -> None:
    code, out, err = run("ask", "--index", sample_index, "--school", "harbour-lane", "--json", FRIEND)
    assert (code, err) == (0, "")
    assert out.count("\n") == 1
    row = json.loads(out)
    assert list(row) == REPLY_FIELDS
    assert (row["id"], row["question"], row["standalone_question"], row["schools"]) == (None, FRIEND, FRIEND, ["harbour-lane"])
    answer = row["answers"][0]
    check_answer(answer)
    assert (answer["school"], answer["school_name"], answer["status"]) == ("harbour-lane", "Harbour Lane Primary School", "answered")
    first = answer["quotes"][0]
    assert (first["clause"], first["document"]) == ("harbour-lane/social-media-policy#5.2", "harbour-lane/social-media-policy")
    assert (first["number"], first["title"], first["page"]) == ("5.2", "Social Media Policy", 3)
    assert first["headings"] == ["5. Contact with parents and carers"]


def test_ask_answers_for_every_school_in_the_corpus_order(run: Run, sample_index: Path) -> None:
    row = json.loads(run("ask", "--index", sample_index, "--json", FRIEND)[1])
    assert row["schools"] == [a["school"] for a in row["answers"]] == SCHOOLS
    for answer in row["answers"]:
        check_answer(answer)


def test_ask_answers_in_the_order_that_the_schools_are_given_in(run: Run, sample_index: Path) -> None:
    row = json.loads(run("ask", "--index", sample_index, "--school", "samphire-road", "--school", "gannet-point", "--json", FRIEND)[1])
    assert row["schools"] == [a["school"] for a in row["answers"]] == ["samphire-road", "gannet-point"]


def test_a_school_given_twice_is_answered_once(run: Run, sample_index: Path) -> None:
    row = json.loads(run("ask", "--index", sample_index, "--school", "samphire-road", "--school", "samphire-road", "--json", FRIEND)[1])
    assert row["schools"] == [a["school"] for a in row["answers"]] == ["samphire-road"]


def test_a_question_off_the_topic_is_a_silence_with_the_nearest_clauses(run: Run, sample_index: Path) -> None:
    row = json.loads(
        run("ask", "--index", sample_index, "--school", "harbour-lane", "--json", "How much is a school lunch on Thursdays?")[1]
    )
    answer = row["answers"][0]
    check_answer(answer)
    assert (answer["status"], answer["reason"], answer["quotes"]) == ("not_covered", "too_weak", [])
    assert len(answer["closest"]) == 2


def test_a_silence_names_the_schools_that_do_have_a_rule(run: Run, sample_index: Path) -> None:
    """Thornbeck High alone writes of a meeting that a visitor wants to record."""
    question = "Can a visitor record a meeting with a member of staff?"
    everyone = json.loads(run("ask", "--index", sample_index, "--json", question)[1])["answers"]
    assert [answer["covered_by"] for answer in everyone] == [[]] * 6
    silent = next(answer["school"] for answer in everyone if answer["status"] == "not_covered")
    args = ("ask", "--index", sample_index, "--school", silent)
    (alone,) = json.loads(run(*args, "--json", question)[1])["answers"]
    check_answer(alone)
    assert sorted(alone["covered_by"]) == sorted(answer["school"] for answer in everyone if answer["status"] == "answered")
    assert "thornbeck-high" in alone["covered_by"]
    names = {answer["school"]: answer["school_name"] for answer in everyone}
    second = next(line for line in run(*args, question)[1].split("\n") if "cover it" in line)
    assert [school for school in alone["covered_by"] if names[school] in second] == alone["covered_by"][:3]
    assert second.endswith("policy does cover it." if len(alone["covered_by"]) == 1 else " do cover it.")


def test_a_clause_is_asked_for_by_number(run: Run, sample_index: Path) -> None:
    args = ("ask", "--index", sample_index, "--school", "harbour-lane")
    (answer,) = json.loads(run(*args, "--json", "What does clause 5.2 of the social media policy say?")[1])["answers"]
    check_answer(answer)
    assert (answer["status"], answer["confidence"]) == ("answered", 1.0)
    assert "harbour-lane/social-media-policy#5.2" in [quote["clause"] for quote in answer["quotes"]]
    assert {quote["clause"].partition("#")[2].partition("/")[0] for quote in answer["quotes"][:1]} == {"5.2"}
    (missing,) = json.loads(run(*args, "--json", "What does clause 47.9 say?")[1])["answers"]
    check_answer(missing)
    assert (missing["status"], missing["reason"], missing["confidence"], missing["covered_by"]) == (
        "not_covered",
        "no_such_clause",
        1.0,
        [],
    )
    assert run(*args, "What does clause 47.9 say?")[1].startswith(
        "Harbour Lane Primary School: the school's policy has no clause of that number.\nNearest clause, which does not answer:\n"
    )


def test_ask_as_text(run: Run, sample_index: Path) -> None:
    code, out, err = run("ask", "--index", sample_index, "--school", "harbour-lane", FRIEND)
    assert (code, err) == (0, "")
    assert out.startswith("Harbour Lane Primary School")
    assert "harbour-lane/social-media-policy#5.2" in out
    assert "| clause 5.2 |" in out


# batches


def test_a_batch_answers_line_by_line_as_single_questions_do(run: Run, sample_index: Path, questions: Callable[..., Path]) -> None:
    file = questions(
        {"id": "q2", "question": FRIEND, "school": "samphire-road"}, {"id": "q1", "question": FRIEND, "school": None, "history": []}
    )
    code, out, err = run("ask", "--index", sample_index, "--jsonl", file)
    rows = [json.loads(line) for line in out.splitlines()]
    assert (code, err, [row["id"] for row in rows]) == (0, "", ["q2", "q1"])
    single = json.loads(run("ask", "--index", sample_index, "--school", "samphire-road", "--json", FRIEND)[1])
    assert rows[0] == {**single, "id": "q2"}
    assert rows[1]["schools"] == SCHOOLS


def test_a_batch_follows_up_with_its_history(run: Run, sample_index: Path, questions: Callable[..., Path]) -> None:
    file = questions({"id": "q1", "question": "and at Samphire Road?", "school": "harbour-lane", "history": [FRIEND]})
    row = json.loads(run("ask", "--index", sample_index, "--jsonl", file)[1])
    assert row["question"] == "and at Samphire Road?"
    assert row["standalone_question"].startswith(FRIEND)
    assert row["schools"] == ["samphire-road"]
    assert row["answers"][0]["quotes"][0]["clause"] == "samphire-road/social-media-policy#parents/2"


BAD_LINES = {
    "not JSON": "{",
    "a list": "[1]",
    "no question": '{"id": "x"}',
    "an empty question": '{"id": "x", "question": " "}',
    "a question that is a number": '{"id": "x", "question": 7}',
    "an unknown school": '{"id": "x", "question": "Dogs?", "school": "harbor"}',
    "an empty school": '{"id": "x", "question": "Dogs?", "school": ""}',
    "a list of schools": '{"id": "x", "question": "Dogs?", "school": ["harbour-lane"]}',
    "a history of numbers": '{"id": "x", "question": "Dogs?", "history": [1]}',
    "a history of words": '{"id": "x", "question": "Dogs?", "history": "Cats?"}',
    "a history that is nought": '{"id": "x", "question": "Dogs?", "history": 0}',
    "half a character": '{"id": "x", "question": "Dogs \\ud83d?"}',
    "half a character in history": '{"id": "x", "question": "why?", "history": ["Dogs \\ud83d?"]}',
    "half a character in the id": '{"id": "\\ud83d", "question": " "}',
    "nested beyond measure": '{"id": "x", "question": "Dogs?", "history": ' + "[" * 200_000 + "]" * 200_000 + "}",
}


@pytest.mark.parametrize("bad", BAD_LINES.values(), ids=BAD_LINES)
def test_a_bad_line_is_an_error_in_its_place_and_the_rest_goes_on(
    bad: str, run: Run, sample_index: Path, questions: Callable[..., Path]
) -> None:
    file = questions(
        {"id": "first", "question": FRIEND, "school": "samphire-road"}, bad, {"id": "last", "question": FRIEND, "school": "samphire-road"}
    )
    code, out, err = run("ask", "--index", sample_index, "--jsonl", file)
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [row["id"] for row in rows][::2] == ["first", "last"]
    assert list(rows[1]) == ["id", "error"]
    assert "line 2: " in rows[1]["error"]
    assert "Traceback" not in err
    assert rows[0]["answers"] == rows[2]["answers"] != []


def test_a_bad_line_keeps_its_id_as_a_good_one_does(run: Run, sample_index: Path, questions: Callable[..., Path]) -> None:
    file = questions({"id": 7, "question": FRIEND, "school": "samphire-road"}, {"id": 8, "question": ""}, "nonsense")
    rows = [json.loads(line) for line in run("ask", "--index", sample_index, "--jsonl", file)[1].splitlines()]
    assert [type(row["id"]) for row in rows[:2]] in ([int, int], [str, str])
    assert [str(row["id"]) for row in rows] == ["7", "8", "None"]


def test_a_line_that_is_not_utf_8_is_an_error_in_its_place(run: Run, sample_index: Path, tmp_path: Path) -> None:
    good = json.dumps({"id": "a", "question": FRIEND, "school": "samphire-road"}).encode()
    (tmp_path / "q.jsonl").write_bytes(good + b"\n" + b'{"id": "b", "question": "Caf\xe9?"}' + b"\n" + good + b"\n")
    code, out, _ = run("ask", "--index", sample_index, "--jsonl", tmp_path / "q.jsonl")
    rows = [json.loads(line) for line in out.splitlines()]
    assert (code, [row["id"] for row in rows][::2]) == (0, ["a", "a"])
    assert "error" in rows[1]


def test_questions_come_from_standard_input(run: Run, sample_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO('{"id": "q1", "question": "Dogs?", "school": "samphire-road"}\n\n{"id": "q2"}\n'))
    rows = [json.loads(line) for line in run("ask", "--index", sample_index, "--jsonl", "-")[1].splitlines()]
    assert [row["id"] for row in rows] == ["q1", "q2"]
    assert "line 3: " in rows[1]["error"]


def test_a_byte_order_mark_and_blank_lines_are_no_fault(run: Run, sample_index: Path, tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_text('\ufeff{"id": "q1", "question": "Dogs?", "school": "samphire-road"}\n\n', "utf-8")
    rows = [json.loads(line) for line in run("ask", "--index", sample_index, "--jsonl", tmp_path / "q.jsonl")[1].splitlines()]
    assert [(row["id"], "error" in row) for row in rows] == [("q1", False)]


def test_an_empty_batch_has_no_answers(run: Run, sample_index: Path, tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_text("\n", "utf-8")
    assert run("ask", "--index", sample_index, "--jsonl", tmp_path / "q.jsonl") == (0, "", "")


# search


def test_search_json(run: Run, sample_index: Path) -> None:
    code, out, err = run("search", "--index", sample_index, "--school", "harbour-lane", "-k", 3, "--json", FRIEND)
    row = json.loads(out)
    assert (code, err, list(row), row["id"], row["query"]) == (0, "", ["id", "query", "results"], None, FRIEND)
    assert row["results"][0]["clause"] == "harbour-lane/social-media-policy#5.2"
    assert len({quote["clause"] for quote in row["results"]}) == 3
    for quote in row["results"]:
        check_quote(quote, "harbour-lane")


def test_search_as_text_counts_up(run: Run, sample_index: Path) -> None:
    out = run("search", "--index", sample_index, "-k", 4, FRIEND)[1]
    assert re.findall(r"^(\d+)\. ", out, re.M) == ["1", "2", "3", "4"]


def test_search_gives_ten_unless_told(run: Run, sample_index: Path) -> None:
    assert len(json.loads(run("search", "--index", sample_index, "--json", FRIEND)[1])["results"]) == 10


def test_a_large_k_gives_every_clause_that_there_is(run: Run, sample_index: Path, sample: Any) -> None:
    clauses = {passage.clause for passage in sample.index.passages}
    found = json.loads(run("search", "--index", sample_index, "-k", 5000, "--json", FRIEND)[1])["results"]
    assert {quote["clause"] for quote in found} == clauses


def test_search_batches(run: Run, sample_index: Path, questions: Callable[..., Path]) -> None:
    file = questions({"id": "q1", "question": FRIEND, "school": "samphire-road"}, "{", {"id": "q3", "question": "dogs", "school": None})
    code, out, err = run("search", "--index", sample_index, "-k", 2, "--jsonl", file)
    rows = [json.loads(line) for line in out.splitlines()]
    assert (code, [row["id"] for row in rows]) == (0, ["q1", None, "q3"])
    assert (list(rows[0]), list(rows[1])) == (["id", "query", "results"], ["id", "error"])
    assert [len(row.get("results", [])) for row in rows] == [2, 0, 2]
    assert err.startswith("clausewise: line 2: ")
    assert err.count("\n") == 1


# compare, documents, version


def test_compare_json(run: Run, sample_index: Path) -> None:
    code, out, err = run("compare", "--index", sample_index, "--json", "friend requests from parents")
    row = json.loads(out)
    assert (code, err, list(row)) == (0, "", ["topic", "schools", "by_stance", "silent", "positions"])
    assert (row["topic"], row["schools"]) == ("friend requests from parents", SCHOOLS)
    for position in row["positions"]:
        check_answer(position)
    said = [school for group in row["by_stance"].values() for school in group]
    assert sorted(said + row["silent"]) == SCHOOLS
    assert row["silent"] == [p["school"] for p in row["positions"] if p["status"] == "not_covered"]


def test_compare_as_text_of_two_schools(run: Run, sample_index: Path) -> None:
    out = run("compare", "--index", sample_index, "--school", "harbour-lane", "--school", "samphire-road", "friend requests")[1]
    assert out.startswith("Topic: friend requests\n\nHarbour Lane Primary School")
    assert "\n\nSamphire Road Infant and Nursery School" in out


def test_documents_json(run: Run, sample_index: Path, sample: Any) -> None:
    code, out, err = run("documents", "--index", sample_index, "--json")
    rows = json.loads(out)["documents"]
    assert (code, err, len(rows)) == (0, "", 16)
    fields = ["document", "school", "title", "path", "format", "digest", "pages", "pages_without_text", "characters"]
    assert list(rows[0]) == [*fields, "superseded_by", "notes", "dates", "review"]
    found = {row["document"]: row for row in rows}
    assert {i: row["digest"] for i, row in found.items()} == sample.index.manifest["documents"]
    assert found["gannet-point/social-media-policy-2022"]["superseded_by"] == "gannet-point/social-media-policy"
    assert (found["gannet-point/mobile-devices-policy"]["review"], found["gannet-point/mobile-devices-policy"]["pages"]) == ("overdue", 3)
    assert (found["ashlar-grove/mobile-devices-policy"]["review"], found["ashlar-grove/mobile-devices-policy"]["dates"]) == (
        "not_stated",
        [],
    )
    for row in rows:
        text = sample.index.document[row["document"]].text
        assert all(text[date["start"] : date["end"]] == date["text"] for date in row["dates"])


def test_documents_as_text(run: Run, sample_index: Path) -> None:
    lines = run("documents", "--index", sample_index)[1].splitlines()
    assert len(lines) == 16
    assert "gannet-point/social-media-policy-2022" in "\n".join(
        line for line in lines if "superseded by gannet-point/social-media-policy" in line
    )


@pytest.mark.parametrize("flag", ["--version", "--help"])
def test_version_and_help_end_well(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([flag])
    assert ended.value.code == 0
    out = capsys.readouterr().out
    assert f"clausewise {__version__}" in out if flag == "--version" else "usage: clausewise" in out


# index


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> WordsEncoder:
    """The `index` verb without the model."""
    words = WordsEncoder()
    monkeypatch.setattr("clausewise.embeddings.Encoder", lambda model="": words)
    return words


@pytest.mark.usefixtures("stand_in")
def test_index_reports_on_stderr_and_sums_up(run: Run, small_corpus: Path, tmp_path: Path) -> None:
    write(small_corpus, {"maple/empty.txt": "", "stray.md": "# Stray Policy\n"})
    code, out, err = run("index", "--corpus", small_corpus, "--index", tmp_path / "made")
    assert code == 0
    assert re.fullmatch(
        rf"{re.escape(str(tmp_path / 'made'))}: 3 documents of 2 schools, \d+ clauses, 6 passages \(6 embedded now, 0 kept\)\n", out
    )
    assert [line.split(":")[0] for line in err.splitlines() if line.startswith(("larch/", "maple/"))] == [
        "larch/dogs.md",
        "larch/phones.md",
        "maple/phones.md",
    ]
    assert sorted(line for line in err.splitlines() if line.startswith("not indexed: "))[0].endswith("replace it or remove it")
    assert "not indexed: stray.md: found outside any school's folder" in err
    assert "(0 embedded now, 6 kept)" in run("index", "--corpus", small_corpus, "--index", tmp_path / "made")[1]


@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize("name", ["taken.txt", "taken.txt/below", "full"])
def test_an_index_that_cannot_be_written_there_is_one_line(name: str, run: Run, small_corpus: Path, tmp_path: Path) -> None:
    write(tmp_path, {"taken.txt": "mine", "full/letter.txt": "mine"})
    code, out, err = run("index", "--corpus", small_corpus, "--index", tmp_path / name)
    assert (code, out) == (2, "")
    errors = [line for line in err.splitlines() if line.startswith("clausewise: ")]
    assert len(errors) == 1
    assert name.split("/")[0] in errors[0]
    assert (tmp_path / "taken.txt").read_text() == (tmp_path / "full" / "letter.txt").read_text() == "mine"


@pytest.mark.usefixtures("stand_in")
def test_a_corpus_that_is_none_is_one_line(refuse: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    assert "--corpus" in refuse("index", "--corpus", tmp_path / "nowhere", "--index", tmp_path / "made")
    assert "found no school's folder" in refuse("index", "--corpus", tmp_path / "bare", "--index", tmp_path / "made")
    assert not (tmp_path / "made").exists()


# bad input


@pytest.mark.parametrize("verb", ["ask", "search", "compare"])
def test_an_unknown_school_is_named_with_the_nearest(verb: str, refuse: Callable[..., str], sample_index: Path) -> None:
    message = refuse(verb, "--index", sample_index, "--school", "harbor-lane", "Dogs?")
    assert "'harbor-lane'" in message
    assert "harbour-lane" in message


@pytest.mark.parametrize("verb", ["ask", "search", "compare"])
@pytest.mark.parametrize("school", ["", " ", "HARBOUR", "学校"])
def test_an_odd_school_is_unknown_too(verb: str, school: str, refuse: Callable[..., str], sample_index: Path) -> None:
    assert "the nearest are:" in refuse(verb, "--index", sample_index, "--school", school, "Dogs?")


@pytest.mark.parametrize("verb", ["ask", "search", "compare"])
@pytest.mark.parametrize("question", ["", "  ", "?!", "\n", "…"])
def test_an_empty_question_is_refused(verb: str, question: str, refuse: Callable[..., str], sample_index: Path) -> None:
    assert "the question is empty" in refuse(verb, "--index", sample_index, question)


def built(corpus: Path, folder: Path) -> Path:
    from clausewise.building import build
    from clausewise.documents import load_corpus

    build(load_corpus(corpus, 10_000), WordsEncoder(), folder)  # type: ignore[arg-type]
    return folder


def test_an_index_is_verified_file_by_file(run: Run, small_corpus: Path, tmp_path: Path) -> None:
    folder = built(small_corpus, tmp_path / "made")
    assert run("index", "--verify", "--index", folder) == (0, f"{folder}: every file is as it was written\n", "")
    inside = generation(folder)
    (inside / "keys.npy").unlink()
    (inside / "words.npy").write_bytes((inside / "words.npy").read_bytes()[:-1] + b"\1")
    code, out, err = run("index", "--verify", "--corpus", small_corpus, "--index", folder)
    assert code == 2
    assert [line.partition(";")[0] for line in out.splitlines()] == [
        f"{inside / 'keys.npy'}: is missing",
        f"{inside / 'words.npy'}: its bytes are not those that were written",
    ]
    assert err == f"clausewise: rebuild with: clausewise index --corpus {small_corpus} --index {folder}\n"
    assert not (folder / "writer").exists()


def test_where_there_is_no_index_there_is_nothing_whole(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("index", "--verify", "--index", tmp_path / "nowhere")
    assert (code, out.startswith(f"{tmp_path / 'nowhere'}: found no index; make one with: ")) == (2, True)
    assert not (tmp_path / "nowhere").exists()


def test_who_is_indexing_already_is_said_before_any_policy_is_read(refuse: Callable[..., str], small_corpus: Path, tmp_path: Path) -> None:
    from clausewise.building import indexing

    with indexing(tmp_path / "made"):
        told = refuse("index", "--corpus", small_corpus, "--index", tmp_path / "made")
    assert re.fullmatch(rf"{tmp_path / 'made'}: is being written by process {os.getpid()} on \S+ since .*; wait till that is done", told)


@pytest.mark.parametrize("verb", ["ask", "search"])
def test_no_question_at_all_is_refused(verb: str, refuse: Callable[..., str], sample_index: Path) -> None:
    assert "--jsonl" in refuse(verb, "--index", sample_index)


@pytest.mark.parametrize("words", [("ask", "Dogs?"), ("search", "dogs"), ("compare", "dogs"), ("documents",), ("eval", "evals/sample")])
def test_a_missing_index_says_how_to_make_one(words: tuple[str, ...], refuse: Callable[..., str], tmp_path: Path) -> None:
    message = refuse(words[0], "--index", tmp_path / "nowhere", *words[1:])
    assert f"clausewise index --corpus DIR --index {tmp_path / 'nowhere'}" in message


@pytest.mark.parametrize("words", [("ask", "Dogs?"), ("search", "dogs"), ("compare", "dogs"), ("documents",), ("eval", "evals/sample")])
def test_a_damaged_index_says_what_to_do(words: tuple[str, ...], refuse: Callable[..., str], tmp_path: Path) -> None:
    write(tmp_path / "hurt", {"manifest.json": "{"})
    message = refuse(words[0], "--index", tmp_path / "hurt", *words[1:])
    assert "manifest.json" in message
    assert "clausewise index" in message


def test_an_index_of_another_model_is_refused(refuse: Callable[..., str], small_corpus: Path, tmp_path: Path) -> None:
    from clausewise.building import build
    from clausewise.documents import load_corpus

    build(load_corpus(small_corpus, 10_000), WordsEncoder(), tmp_path / "made")  # type: ignore[arg-type]
    assert "was made with the model words" in refuse("ask", "--index", tmp_path / "made", "Dogs?")


@pytest.mark.parametrize("argv", [[], ["aks", "Dogs?"], ["ask", "--shool", "x", "Dogs?"], ["compare"], ["eval"], ["ask", "Dogs?", "Cats?"]])
def test_an_unknown_verb_or_option_is_one_line_that_points_to_help(argv: list[str], refuse: Callable[..., str]) -> None:
    message = refuse(*argv)
    assert "--help" in message
    if argv[:1] == ["aks"]:
        assert "'aks'" in message
        assert "'ask'" in message


@pytest.mark.parametrize("k", ["0", "-1", "x", "1.5", "", "²"])
def test_a_bad_k_is_refused(k: str, refuse: Callable[..., str], sample_index: Path) -> None:
    assert "-k: " in refuse("search", "--index", sample_index, f"-k={k}", "dogs")


@pytest.mark.parametrize("verb", ["ask", "search"])
def test_a_missing_file_of_questions_is_refused(verb: str, refuse: Callable[..., str], sample_index: Path, tmp_path: Path) -> None:
    assert str(tmp_path / "none.jsonl") in refuse(verb, "--index", sample_index, "--jsonl", tmp_path / "none.jsonl")
    assert "cannot be opened" in refuse(verb, "--index", sample_index, "--jsonl", tmp_path)


@pytest.mark.parametrize("verb", ["ask", "search"])
def test_a_question_beside_a_file_of_them_is_refused(
    verb: str, refuse: Callable[..., str], sample_index: Path, questions: Callable[..., Path]
) -> None:
    assert "--jsonl" in refuse(verb, "--index", sample_index, "--jsonl", questions({"question": "Dogs?"}), "Cats?")


def test_a_bad_suite_is_refused_with_file_and_line(refuse: Callable[..., str], sample_index: Path, tmp_path: Path) -> None:
    suite = write(tmp_path / "bad", {"cases.jsonl": "\n{"})
    assert f"{suite / 'cases.jsonl'}, line 2: " in refuse("eval", suite, "--index", sample_index)
    assert "found no such file" in refuse("eval", tmp_path / "none", "--index", sample_index)


def test_a_suite_of_other_policies_is_refused(refuse: Callable[..., str], sample_index: Path) -> None:
    if POLICIES.is_dir():
        assert "which the index does not hold" in refuse(
            "eval", Path(__file__).parents[1] / "evals" / "five-schools", "--index", sample_index
        )


@pytest.mark.parametrize("port", ["x", "-1", "70000", "80.5"])
def test_a_bad_port_is_refused_before_any_work(
    port: str, refuse: Callable[..., str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CLAUSEWISE_PORT", port)
    assert "CLAUSEWISE_PORT" in refuse("serve", "--corpus", tmp_path / "nowhere", "--index", tmp_path / "made")


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Assistant]:
    """The assistants that `serve` would serve."""
    found: list[Assistant] = []
    monkeypatch.setattr("clausewise.web.server.serve", lambda assistant, *_: found.append(assistant))
    monkeypatch.setenv("CLAUSEWISE_DATA", str(tmp_path / "data"))
    return found


@pytest.mark.parametrize(
    "error",
    [
        IndexInUse("x: is being written by process 7 on there since today; wait till that is done"),
        IndexNotWritten("x: cannot be written (No space left on device); make room or rights there, or name another with --index"),
    ],
)
def test_where_the_index_cannot_be_written_the_one_that_is_there_is_served(
    error: ClausewiseError, run: Run, refuse: Callable[..., str], served: list[Assistant], sample_index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise error

    monkeypatch.setattr("clausewise.building.indexing", refused)
    assert run("serve", "--index", sample_index) == (0, "", f"clausewise: {error}; till then the index that is there answers\n")
    assert [school.id for school in served[0].schools] == SCHOOLS
    assert refuse("serve", "--index", tmp_path / "none") == str(error)
    assert len(served) == 1


def test_a_stopped_command_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def stopped(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("clausewise.cli_options.assistant", stopped)
    assert main(["documents"]) == 130
    assert capsys.readouterr().err == "clausewise: stopped\n"
