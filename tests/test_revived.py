"""A reply that was kept is the same value again; what has changed since stands as it stood, and nothing is shown of a school unseen."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import LARCH_DOGS, LARCH_PHONES, MAPLE_PHONES
from made import opened, write_index

from clausewise.assistant import Assistant
from clausewise.index import Index
from clausewise.revived import moved, revived
from clausewise.types import Answer, Quote, Reply

QUESTIONS = (
    ("May pupils carry a phone on a residential trip?", None),
    ("Do smart watches count as phones?", ["maple"]),
    ("Where do staff keep their phones during lessons?", ["larch", "maple"]),
    ("Is there a swimming pool?", None),
    ("What does 1.2 say?", None),
    ("What does 2.1 say?", ["maple"]),
    ("What does 9.9 say?", None),
    ("What does section 1 say?", None),
    ("May a dog come through the gate?", ["maple"]),
)
OF_THE_SAMPLE = (
    "Can I accept a friend request from a parent?",
    "Can I put photos of pupils on social media?",
    "Whom do I tell if a colleague posts something worrying?",
    "Can staff be friends with former pupils?",
    "Are smart watches allowed in class?",
    "May I use WhatsApp with parents?",
    "What happens if I break this policy?",
    "Who pays for the swimming pool?",
    "What does 5.3 say?",
    "How often is the policy reviewed?",
    "May governors post about the school?",
    "Is there parking for electric cars?",
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return opened(write_index(tmp_path_factory.mktemp("indexes") / "small"))


def today(tmp_path: Path, **changed: str) -> Index:
    """An index of the small corpus with some files otherwise: larch_phones="..."; "" for a file that is gone."""
    files = {"larch/phones.md": LARCH_PHONES, "larch/dogs.md": LARCH_DOGS, "maple/phones.md": MAPLE_PHONES}
    files |= {f"{name.replace('_', '/')}.md": text for name, text in changed.items()}
    return opened(write_index(tmp_path / "today", {name: text for name, text in files.items() if text})).index


def rounded(reply: Reply) -> Reply:
    """The JSON form holds scores to four places."""

    def quote(of: Quote) -> Quote:
        return replace(of, score=round(of.score, 4))

    def answer(of: Answer) -> Answer:
        quotes, closest = tuple(map(quote, of.quotes)), tuple(map(quote, of.closest))
        return replace(of, confidence=round(of.confidence, 4), quotes=quotes, closest=closest)

    return replace(reply, answers=tuple(map(answer, reply.answers)))


def kept(reply: Reply) -> dict[str, Any]:
    """As it comes out of the store."""
    row: dict[str, Any] = json.loads(json.dumps(reply.as_dict(), ensure_ascii=False))
    return row


def quotes_of(reply: Reply) -> list[Quote]:
    return [quote for answer in reply.answers for quote in (*answer.quotes, *answer.closest)]


def ask(small: Assistant, question: str = "Where do staff keep their phones during lessons?", school: str = "larch") -> Reply:
    reply = small.ask(question, [school])
    assert reply.answers[0].status == "answered"
    return reply


@pytest.mark.parametrize(("question", "schools"), QUESTIONS)
def test_a_reply_over_the_same_policies_is_the_same(small: Assistant, question: str, schools: list[str] | None) -> None:
    reply = small.ask(question, schools, ["And pupils?"])
    found = revived(kept(reply), small.index)
    assert found == rounded(reply)
    assert found.as_dict() == reply.as_dict()
    assert [quote.document for quote in quotes_of(found)] == [quote.document for quote in quotes_of(reply)]
    assert not any(moved(quote, small.index) for quote in quotes_of(found))


@pytest.mark.slow
@pytest.mark.parametrize("question", OF_THE_SAMPLE)
def test_a_reply_over_the_sample_is_the_same(sample: Assistant, question: str) -> None:
    names = [school.id for school in sample.schools]
    for schools in (None, names[:1], names[1:3]):
        reply = sample.ask(question, schools)
        assert revived(kept(reply), sample.index) == rounded(reply)


def test_the_questions_try_every_kind_of_answer(small: Assistant) -> None:
    replies = [small.ask(question, schools) for question, schools in QUESTIONS]
    answers = [answer for reply in replies for answer in reply.answers]
    assert {answer.status for answer in answers} == {"answered", "not_covered"}
    assert {"no_such_clause", "too_weak"} <= {answer.reason for answer in answers}
    assert any(answer.covered_by for answer in answers)
    assert any(len(reply.answers) > 1 for reply in replies)
    assert any(len(answer.quotes) > 1 for answer in answers)
    assert any(answer.closest for answer in answers)


class Read(dict[str, Any]):
    """Notes which of its values are asked for."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        super().__init__({name: _noted(value) for name, value in row.items()})
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.names.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return super().get(name, default)

    def unread(self, of: str = "") -> Iterator[str]:
        yield from (f"{of}{name}" for name in self.keys() - self.names)
        for name, value in self.items():
            for inner in value if isinstance(value, list) else [value]:
                if isinstance(inner, Read):
                    yield from inner.unread(f"{of}{name}.")


def _noted(value: Any) -> Any:
    if isinstance(value, list):
        return [_noted(one) for one in value]
    return Read(value) if isinstance(value, dict) else value


def test_nothing_that_a_reply_says_is_passed_over(small: Assistant, tmp_path: Path) -> None:
    """Whoever adds to the JSON form of a reply adds to `revived` too; a caller's own name for the question is none of ours."""
    elsewhere = today(tmp_path, larch_phones="# Mobile Phone Policy\n\n9.1 Something else.\n")
    for index in (small.index, elsewhere):
        row = Read(kept(ask(small)))
        revived(row, index)
        left = set(row.unread())
        # Where somebody may be at risk nothing is kept, so no concern comes back. A stand-in has its place elsewhere, and a policy that stands has its citation from the policy.
        assert left - {"answers.quotes." + name for name in ("start", "end", "title", "number", "headings", "page")} == {"id", "concerns"}


def test_words_that_no_longer_stand_there_stand_as_they_stood(small: Assistant, tmp_path: Path) -> None:
    reply = ask(small)
    row = kept(reply)
    index = today(tmp_path, larch_phones=LARCH_PHONES.replace("in a locker", "in their bags"))
    found = revived(row, index)
    first = found.answers[0].quotes[0]
    assert (first.text, first.clause.id) == ("Staff keep their phones in a locker during lessons.", "larch/phones#2.1")
    assert first.document.digest == ""
    assert moved(first, index)
    said = found.as_dict()["answers"][0]["quotes"][0]
    was = row["answers"][0]["quotes"][0]
    assert {name: said[name] for name in said if name not in ("start", "end")} == {name: was[name] for name in was if name not in ("start", "end")}
    (other,) = small.index.documents[:1]
    assert index.document["larch/phones"].text != other.text


@pytest.mark.parametrize(
    "changed",
    [
        {"larch_phones": LARCH_PHONES.replace("2.1 Staff", "2.2 Staff")},  # under another number
        {"larch_phones": ""},
    ],
)
def test_a_policy_that_was_issued_anew_or_is_gone_has_moved(small: Assistant, tmp_path: Path, changed: dict[str, str]) -> None:
    index = today(tmp_path, **changed)
    found = revived(kept(ask(small)), index).answers[0]
    assert found.quotes[0].text == "Staff keep their phones in a locker during lessons."
    assert all(moved(quote, index) for quote in found.quotes)
    assert (found.status, found.stance, found.school_name) == ("answered", ask(small).answers[0].stance, "Larch")


@pytest.mark.parametrize("text", [f"{LARCH_PHONES}\n2.2 Lockers are locked.\n", LARCH_PHONES.replace("# Mobile", "# The Mobile")])
def test_a_policy_that_changed_elsewhere_still_stands(small: Assistant, tmp_path: Path, text: str) -> None:
    """Even where the clause's words now stand further on."""
    index = today(tmp_path, larch_phones=text)
    found = revived(kept(ask(small)), index).answers[0].quotes[0]
    assert found.document == index.document["larch/phones"]
    assert found.clause == index.clause["larch/phones#2.1"]
    assert not moved(found, index)


LISTED = """# Phones Policy

1.1 During lessons staff must:

- keep their phones in a locker; and
- switch every device off.
"""


def test_a_lead_in_is_kept_and_under_another_the_words_have_moved(make_index: Callable[..., Index], tmp_path: Path) -> None:
    before = opened(write_index(tmp_path / "before", {"larch/phones.md": LISTED}))
    row = kept(before.ask("What must staff do with every device?", ["larch"]))
    was = next(quote for answer in row["answers"] for quote in (*answer["quotes"], *answer["closest"]) if quote["lead_in"])
    after = make_index({"larch/phones.md": LISTED.replace("must:", "may :")})  # as long, so that the words stand where they stood
    for index, gone in ((before.index, False), (after, True)):
        found = next(quote for quote in quotes_of(revived(row, index)) if quote.text == was["text"])
        assert (found.lead_in, moved(found, index)) == (was["lead_in"], gone)


def test_the_page_that_was_cited_is_cited_still(small: Assistant, tmp_path: Path) -> None:
    row = kept(ask(small))
    row["answers"][0]["quotes"][0] |= {"page": 7, "text": "Other words, as they stood."}
    found = revived(row, small.index).answers[0].quotes[0]
    assert (found.as_dict()["page"], found.clause.page, found.text) == (7, 7, "Other words, as they stood.")


def test_nothing_is_shown_of_a_school_that_the_reader_does_not_see(small: Assistant) -> None:
    row = kept(small.ask("Where do staff keep their phones during lessons?"))
    assert row["schools"] == ["larch", "maple"]
    assert [answer["covered_by"] for answer in row["answers"]] == [[], []]
    row["answers"][1]["covered_by"] = ["larch"]
    found = revived(row, small.within(["maple"]).index)
    assert (found.schools, [answer.school for answer in found.answers]) == (("maple",), ["maple"])
    assert found.answers[0].covered_by == ()
    assert "locker" not in json.dumps(found.as_dict()["answers"])
    assert revived(row, small.within([]).index).answers == ()


def test_what_was_asked_back_names_no_school_unseen(small: Assistant) -> None:
    row = kept(ask(small))
    names = (("Larch", ["larch"]), ("Maple", ["maple"]), ("Both", ["larch", "maple"]))
    choices = [{"label": label, "question": f"Of {label}?", "schools": schools} for label, schools in names]
    row["clarification"] = {"kind": "school", "choices": choices}
    assert revived(row, small.index).as_dict()["clarification"] == row["clarification"]
    seen = revived(row, small.within(["maple"]).index).clarification
    assert seen is not None
    assert [choice.label for choice in seen.choices] == ["Maple"]
    assert revived(row, small.within([]).index).clarification is None


def test_an_exception_stays_one(small: Assistant, tmp_path: Path) -> None:
    row = kept(ask(small))
    row["answers"][0]["quotes"][0]["exception"] = True
    for index in (small.index, today(tmp_path, larch_phones="")):
        assert revived(row, index).answers[0].quotes[0].exception


def test_a_row_of_an_earlier_version_lacks_what_was_not_said_yet(small: Assistant) -> None:
    row = kept(ask(small))
    for name in ("scope_from", "clarification"):
        del row[name]
    del row["answers"][0]["quotes"][0]["exception"]
    found = revived(row, small.index)
    assert (found.scope_from, found.clarification, found.answers[0].quotes[0].exception) == ("every", None, False)


def test_a_quote_of_another_school_than_its_answer_s_is_none_of_its_policy(small: Assistant) -> None:
    row = kept(ask(small))
    row["answers"][0] |= {"school": "maple", "school_name": "Maple"}
    assert all(moved(quote, small.index) for quote in revived(row, small.index).answers[0].quotes)


def test_a_school_keeps_the_name_that_it_had(small: Assistant) -> None:
    row = kept(ask(small))
    row["answers"][0]["school_name"] = "Larch <b>Infants</b>"
    assert revived(row, small.index).answers[0].school_name == "Larch <b>Infants</b>"
