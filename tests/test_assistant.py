"""The facade: who is asked, who else has a rule, and that nothing leaves it that is not its document's own words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import MAX_BYTES, WordsEncoder, write

from clausewise import answering
from clausewise.assistant import Assistant
from clausewise.building import build
from clausewise.catalogue import records
from clausewise.documents import load_corpus
from clausewise.errors import QuoteMismatch
from clausewise.reranking import DEPTH
from clausewise.settings import Settings
from clausewise.types import Answer

PHONES = "# Phone Policy\n\n1.1 Pupils must hand phones to the office.\n"
DOGS = "# Dogs Policy\n\n1.1 Dogs come on a lead.\n\n2.1 Cats stay at home.\n"
FILES = {"ash/p.md": PHONES, "birch/p.md": PHONES, "cedar/p.md": DOGS, "elm/p.md": PHONES}
HAND = "Pupils must hand phones to the office"


@pytest.fixture
def opened(tmp_path: Path, words: WordsEncoder, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Assistant]:
    """Files -> an assistant that is as sure as its best clause has the question's words, and answers from a half."""
    monkeypatch.setattr("clausewise.assistant.Encoder", lambda model="": words)
    monkeypatch.setattr(answering, "confidence", lambda question, best, elsewhere: best.late)
    monkeypatch.setattr(answering, "threshold", lambda: 0.5)

    def made(files: dict[str, str], settings: Settings | None = None) -> Assistant:
        build(load_corpus(write(tmp_path / "corpus", files), MAX_BYTES), words, tmp_path / "index")  # type: ignore[arg-type]
        return Assistant(tmp_path / "index", settings or Settings())

    return made


def said(answers: tuple[Answer, ...]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(answer.school, answer.status, answer.covered_by) for answer in answers]


# somebody may be at risk

RISK = "A girl told me that her uncle hits her"
TOLD = "# Safety Policy\n\n1.1 Safeguarding concerns about a child or an adult's behaviour are reported to the designated safeguarding lead at once.\n"
CONTACTS = '[schools.ash]\nname = "Ash School"\n[schools.ash.contacts]\nsafeguarding_lead = "Ms Okoro, 01632 960000"\n'


def test_each_school_in_scope_says_whom_to_tell_and_its_own_clause(opened: Callable[..., Assistant]) -> None:
    assistant = opened({"ash/p.md": PHONES, "ash/s.md": TOLD, "birch/p.md": PHONES, "cedar/p.md": DOGS, "schools.toml": CONTACTS})
    reply = assistant.ask(RISK, ["ash", "birch"])
    ash, birch = reply.concerns
    assert (ash.school, ash.school_name, ash.lead) == ("ash", "Ash School", "Ms Okoro, 01632 960000")
    assert ash.quote is not None
    assert ash.quote.clause.id == "ash/s#1.1"
    assert (birch.school, birch.lead, birch.quote) == ("birch", None, None)
    assert reply.as_dict()["concerns"][0]["quote"]["text"].startswith("Safeguarding concerns about a child")
    assert list(reply.as_dict())[-1] == "concerns"


def test_answers_are_the_same_whether_or_not_somebody_may_be_at_risk(
    opened: Callable[..., Assistant], monkeypatch: pytest.MonkeyPatch
) -> None:
    assistant = opened(FILES)
    told = assistant.ask(f"{RISK}. {HAND}")
    monkeypatch.setattr("clausewise.safeguarding.at_risk", lambda question, vector=None: False)
    plain = assistant.ask(f"{RISK}. {HAND}")
    assert (len(told.concerns), plain.concerns) == (4, ())
    assert told.answers == plain.answers


def test_an_ordinary_question_concerns_nobody(opened: Callable[..., Assistant]) -> None:
    assert opened(FILES).ask(HAND).concerns == ()


def test_a_follow_up_does_not_drown_what_was_told(opened: Callable[..., Assistant], monkeypatch: pytest.MonkeyPatch) -> None:
    """Read with its follow-up the turn is no risk, by itself it is."""
    monkeypatch.setattr("clausewise.safeguarding.at_risk", lambda question, vector=None: question == RISK)
    assert len(opened(FILES).ask("and phones?", ["ash"], [RISK]).concerns) == 1


@pytest.mark.parametrize(
    ("school", "clause"),
    [
        ("ashlar-grove", None),
        ("gannet-point", "online-safety-policy#10/2"),
        ("harbour-lane", "mobile-devices-policy#9.1"),
        ("limekiln-bank", "online-safety-policy#what-to-do-if-something-goes-wrong/2"),
        ("samphire-road", "social-media-policy#who-is-responsible/3"),
        ("thornbeck-high", "online-safety-policy#10.1"),
    ],
)
def test_the_sample_s_clauses_that_say_whom_to_tell(sample: Assistant, school: str, clause: str | None) -> None:
    (concern,) = sample.ask(RISK, [school]).concerns
    assert (concern.quote and concern.quote.clause.id) == (clause and f"{school}/{clause}")
    assert concern.lead


def test_the_real_schools_clauses_that_say_whom_to_tell(five: Assistant) -> None:
    found = {concern.school: concern.quote and concern.quote.clause.id.partition("#")[2] for concern in five.ask(RISK).concerns}
    assert found == {
        "coast-academies": None,
        "corbets-tey": "5.2",
        "pear-tree": None,
        "primary-advantage": "13/6",
        "wybunbury-delves": "6.2/3",
    }


# who else has a rule


def test_a_silence_names_the_other_schools_that_do_have_a_rule(opened: Callable[..., Assistant]) -> None:
    reply = opened(FILES).ask(HAND, ["cedar"])
    assert said(reply.answers) == [("cedar", "not_covered", ("ash", "birch", "elm"))]
    assert reply.schools == ("cedar",)
    assert reply.as_dict()["answers"][0]["covered_by"] == ["ash", "birch", "elm"]


def test_the_surest_of_the_others_is_named_first(opened: Callable[..., Assistant]) -> None:
    """Birch has all of the question's words, ash and elm five of seven."""
    less = "# Phone Policy\n\n1.1 Pupils must hand bags to the secretary.\n"
    assistant = opened({"ash/p.md": less, "birch/p.md": PHONES, "cedar/p.md": DOGS, "elm/p.md": less})
    (answer,) = assistant.ask(HAND, ["cedar"]).answers
    assert answer.covered_by == ("birch", "ash", "elm")


def test_a_school_in_scope_is_not_named_as_another(opened: Callable[..., Assistant]) -> None:
    reply = opened(FILES).ask(HAND, ["cedar", "birch"])
    assert said(reply.answers) == [("cedar", "not_covered", ("ash", "elm")), ("birch", "answered", ())]


def test_of_all_schools_none_is_another(opened: Callable[..., Assistant]) -> None:
    assert [answer.covered_by for answer in opened(FILES).ask(HAND).answers] == [(), (), (), ()]


def test_an_answer_names_no_other_school(opened: Callable[..., Assistant]) -> None:
    assert said(opened(FILES).ask(HAND, ["ash"]).answers) == [("ash", "answered", ())]


def test_a_silence_of_every_school_names_none(opened: Callable[..., Assistant]) -> None:
    reply = opened(FILES).ask("How much does lunch cost on Thursdays", ["ash"])
    assert said(reply.answers) == [("ash", "not_covered", ())]


def test_only_so_many_other_schools_are_asked(opened: Callable[..., Assistant]) -> None:
    reply = opened(FILES, Settings(background=2)).ask(HAND, ["cedar"])
    assert reply.answers[0].covered_by == ("ash", "birch")


def test_a_comparison_of_some_schools_names_the_others(opened: Callable[..., Assistant]) -> None:
    comparison = opened(FILES).compare(HAND, ["cedar", "elm"])
    assert said(comparison.answers) == [("cedar", "not_covered", ("ash", "birch")), ("elm", "answered", ())]
    assert comparison.as_dict()["positions"][0]["covered_by"] == ["ash", "birch"]


# clauses named by number


def test_a_clause_named_by_number_is_found_however_far_its_words_are(opened: Callable[..., Assistant]) -> None:
    """Clause 9.9 shares no word with the question, and a hundred others do; one candidate of each ranking would not reach it."""
    rules = "\n\n".join(f"{n}.1 The clause does say what phone {n} is for." for n in range(10, 99))
    assistant = opened({"ash/p.md": f"# Phone Policy\n\n9.9 Lockers are blue.\n\n{rules}\n"}, Settings(candidates=1))
    (answer,) = assistant.ask("What does clause 9.9 say?").answers
    assert (answer.status, [quote.text for quote in answer.quotes]) == ("answered", ["Lockers are blue."])


def test_a_number_that_only_others_have(opened: Callable[..., Assistant]) -> None:
    (answer,) = opened(FILES).ask("What does section 2 say?", ["ash"]).answers
    assert (answer.status, answer.reason, answer.covered_by) == ("not_covered", "no_such_clause", ("cedar",))
    assert [quote.clause.id for quote in answer.closest] == ["ash/p#1.1"]


# nothing but the document's own words


def test_an_answer_whose_quote_does_not_hold_is_never_made(opened: Callable[..., Assistant], monkeypatch: pytest.MonkeyPatch) -> None:
    assistant = opened(FILES)
    honest = answering.quote

    def shorter(*args: object) -> object:
        quote = honest(*args)  # type: ignore[arg-type]
        return replace(quote, span=replace(quote.span, end=quote.span.end - 11))  # "Pupils must hand phones to"

    monkeypatch.setattr(answering, "quote", shorter)
    for ask in (assistant.ask, assistant.compare):
        with pytest.raises(QuoteMismatch, match=r"'ash', clause 'ash/p#1\.1': start and end: found \d+ and \d+, expected a whole sentence"):
            ask(HAND, ["ash"])


# very many schools

MANY = {f"school{n:02}/p.md": DOGS for n in range(8)} | {
    "school03/p.md": PHONES,
    "school05/p.md": PHONES.replace("to the office", "in"),
    "school06/p.md": PHONES + "\n2.1 Kites fly on the field.\n",
}


@pytest.fixture
def many(opened: Callable[..., Assistant], monkeypatch: pytest.MonkeyPatch) -> Assistant:
    monkeypatch.setattr("clausewise.assistant.MOST", 3)
    return opened(MANY)


def test_of_very_many_schools_the_nearest_answer_and_those_that_say_most_stand_first(many: Assistant) -> None:
    reply = many.ask(f"{HAND}?")
    assert (reply.schools, reply.scope_from) == (("school03", "school06", "school05"), "nearest")
    assert [(answer.school, answer.status) for answer in reply.answers] == [(school, "answered") for school in reply.schools]
    assert [answer.confidence for answer in reply.answers] == sorted((answer.confidence for answer in reply.answers), reverse=True)


def test_as_many_schools_as_may_answer_all_do_and_so_do_those_that_are_named_or_asked_for(many: Assistant) -> None:
    ids = [f"school0{n}" for n in range(8)]
    assert many.ask(f"{HAND}?", ids).schools == tuple(ids)
    assert many.within(ids[:3]).ask(f"{HAND}?").scope_from == "every"
    done: list[int] = []
    assert len(many.compare(f"{HAND}?", None, done.append).answers) == 8
    assert done == [*range(1, 9)]


def test_the_nearest_are_of_those_that_the_reader_may_see(many: Assistant) -> None:
    view = many.within(["school00", "school01", "school02", "school05"])
    reply = view.ask(f"{HAND}?")
    assert reply.scope_from == "nearest"
    assert reply.schools[0] == "school05"
    assert set(reply.schools) < {"school00", "school01", "school02", "school05"}


# what a warm question costs, in counts: seconds hang on the machine


@pytest.fixture
def eight(opened: Callable[..., Assistant]) -> Assistant:
    """Eight schools of forty rules each."""
    rules = "\n\n".join(f"{n}.1 Rule {n}: phones and dogs stay at gate {n}." for n in range(1, 41))
    return opened({f"school-{letter}/p.md": f"# Gate Policy\n\n{rules}\n" for letter in "abcdefgh"})


@pytest.fixture
def read(eight: Assistant, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The rows of the passages that are read of the index's file."""
    found: list[int] = []
    whole = records.passage
    monkeypatch.setattr(records, "passage", lambda row, body: found.append(row) or whole(row, body))  # type: ignore[func-returns-value]
    return found


@pytest.mark.parametrize("question", ["phones and dogs stay at gate 7", "How much is lunch in the hall on Fridays?"])
def test_a_question_is_encoded_once_and_reads_few_passages(eight: Assistant, words: WordsEncoder, read: list[int], question: str) -> None:
    """One of each other school, and ten or so of the school asked, of 320; whether it answers or is silent."""
    words.seen.clear()
    reply = eight.ask(question, ["school-c"])
    assert reply.answers[0].status == ("answered" if "gate" in question else "not_covered")
    assert words.seen == [question]
    assert {row // 40 for row in read} == set(range(8))
    assert len(set(read)) <= 7 + DEPTH + 3 * Settings().quotes


def test_a_question_of_every_school_is_encoded_once(eight: Assistant, words: WordsEncoder, read: list[int]) -> None:
    words.seen.clear()
    assert len(eight.ask("phones and dogs stay at gate 7").answers) == 8
    assert len(words.seen) == 1
    assert len(set(read)) <= 8 * (DEPTH + 3 * Settings().quotes)


def test_schools_to_compare_with_are_ranked_only_where_somebody_asks(eight: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    ranked: list[str] = []
    best = eight._best
    monkeypatch.setattr(eight, "_best", lambda query, school: ranked.append(school) or best(query, school))  # type: ignore[func-returns-value]
    found = eight.rank("phones and dogs stay at gate 7", ["school-c"])
    eight.reply("phones and dogs stay at gate 7", found)
    assert ranked == ["school-c"]
    assert (found.beside, list(found.best)) == ([s.id for s in eight.schools if s.id != "school-c"], ["school-c", *found.beside])
    assert [found.best[school][0].passage for school in found.beside] == [found.first[school].passage for school in found.beside]
    assert len(ranked) == 8


def test_what_is_searched_for_at_a_risk_is_encoded_once(opened: Callable[..., Assistant], words: WordsEncoder) -> None:
    assistant = opened(FILES)
    assistant.ask(RISK)
    words.seen.clear()
    assistant.ask(RISK)
    assert words.seen == [RISK]
