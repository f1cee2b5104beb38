"""A conversation as a file: the quotes letter for letter, what has moved said to be so, and the same bytes for the same conversation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pytest
from conftest import LARCH_DOGS
from made import opened, write_index
from markdown_it import MarkdownIt

from clausewise.assistant import Assistant
from clausewise.bands import BANDS
from clausewise.conversations import Conversation, Turn
from clausewise.exports import CONVERSATION, render_conversation
from clausewise.exports.conversation import ABSENT, GONE, Transcript, transcript
from clausewise.index import Index

NASTY = "<script>window.hacked = 1</script> ![x](http://evil.example/x) **not bold** [a](javascript:x) {{7*7}} | `x`"
PHONES = f"""# Phones *and* <b>Watches</b> Policy

Approved: 9 July 2024. Next review: 1 May 2025.

## 1. Lessons

1.1 During lessons, all staff must:

- keep their phones in a locker;
- switch {NASTY} off.

1.2 Staff may use a phone in the staff room during lessons
when the head has agreed.
"""
FILES = {
    "schools.toml": '[schools.larch]\nname = "Larch <i>Primary</i>"\n[schools.maple]\nname = "Maple"\n[schools.maple.contacts]\n'
    'policy_owner = "Ms <b>Ash</b>, office@maple.example.org"\n',
    "larch/phones.md": PHONES,
    "maple/dogs.md": LARCH_DOGS,
}
TODAY = date(2026, 11, 29)
ASKED = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)
LOCKER = "Where must staff keep their phones during lessons?"
ROOM = "May staff use a phone in the staff room during lessons when the head has agreed? **Yes** <b>or</b> no"


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return opened(write_index(tmp_path_factory.mktemp("indexes") / "two", FILES))


def turn(assistant: Assistant, question: str = LOCKER, schools: tuple[str, ...] = (), days: int = 0, **reply: Any) -> Turn:
    row = assistant.ask(question, schools or None).as_dict() | reply
    return Turn(question, schools, row, "c0ffee", ASKED + timedelta(days=days))


def told(turns: Sequence[Turn], index: Index, title: str = "Phones") -> Transcript:
    conversation = Conversation("id", title, turns[0].asked, turns[-1].asked, tuple(turn.question for turn in turns), ())
    return transcript(conversation, turns, index, lambda document, clause: f"http://127.0.0.1/policies/{document.id}?<{clause}>", TODAY)


def paragraphs(data: bytes) -> list[str]:
    return [paragraph.text for paragraph in docx.Document(BytesIO(data)).paragraphs]


def without_markup(html: str) -> str:
    """What a reader of rendered Markdown sees."""
    from html import unescape

    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())


def test_a_conversation_is_told_whole(two: Assistant) -> None:
    found = told([turn(two), turn(two, schools=("maple",), days=2)], two.index)
    assert (found.title, found.days, found.made.date()) == ("Phones", "3 November 2026 to 5 November 2026", date(2026, 11, 5))
    first, second = found.questions
    assert (first.question, first.asked_of, first.day, first.understood) == (LOCKER, "all schools", "3 November 2026", "")
    assert first.summary.startswith("1 of 2 schools’ policies answers this")
    larch, maple = first.answers
    assert (larch.school, larch.status, larch.contacts) == ("Larch <i>Primary</i>", "answered", ())
    assert larch.lines == (BANDS["answered", "high"].words,)
    cited = larch.parts[0].quotes[0]
    assert (larch.parts[0].heading, cited.lead_in, cited.text) == ("", "During lessons, all staff must:", "keep their phones in a locker")
    assert (cited.where, cited.policy) == ("Clause 1.1, item 1 · 1. Lessons", "Phones *and* <b>Watches</b> Policy, Larch <i>Primary</i>")
    assert cited.dates == "Approved 9 July 2024. Next review 1 May 2025: overdue by 1 year 6 months."
    assert cited.address == "http://127.0.0.1/policies/larch/phones?<larch/phones#1.1/1>"
    assert (maple.verdict, maple.contacts) == ("No clause found that answers this.", (("Policy owner", "Ms <b>Ash</b>, office@maple.example.org"),))
    assert second.answers[0].lines[2:] == ("Larch <i>Primary</i>’s policy does cover it.",)
    assert (second.asked_of, second.summary, len(second.answers)) == ("Maple", "", 1)
    assert second.answers[0].parts[0].heading == "Closest clause, which is not an answer"
    assert second.answers[0].parts[0].quotes[0].dates == "No date of approval stated. No next review date stated."


def test_the_exception_stands_beside_the_rule(two: Assistant) -> None:
    row = turn(two, ROOM, ("larch",)).reply["answers"][0]
    row["quotes"] = [row["quotes"][0], row["quotes"][0] | {"exception": False}, row["quotes"][0] | {"exception": True}]
    (answer,) = told([turn(two, ROOM, ("larch",), answers=[row])], two.index).questions[0].answers
    headings = ["", "The exception to this rule", "More from this policy"]
    assert [(part.heading, len(part.quotes)) for part in answer.parts] == [(heading, 1) for heading in headings]
    for form in CONVERSATION:
        made = render_conversation(form, told([turn(two, ROOM, ("larch",), answers=[row])], two.index))
        said = paragraphs(made) if form == "docx" else made.decode().splitlines()
        assert [line.lstrip("# ") for line in said if line.lstrip("# ") in headings[1:]] == headings[1:]


def test_what_was_asked_back_is_told(two: Assistant) -> None:
    kept = turn(two, ROOM)
    choices = [{"label": "Staff", "question": "phones: staff", "schools": ["larch"]}, {"label": "Pupils", "question": "phones: pupils", "schools": []}]
    asked = replace(kept, reply={**kept.reply, "clarification": {"kind": "topic", "choices": choices}})
    found = told([asked], two.index).questions[0].summary
    assert found == "Your question fits several parts of the policies. Which do you mean? Staff; Pupils."


def test_it_ends_with_what_it_is(two: Assistant) -> None:
    one, two_days = told([turn(two)], two.index), told([turn(two), turn(two, days=1)], two.index)
    rest = "; reviews as of 29 November 2026. This is not legal advice: check the linked policy before you act."
    assert one.closing == f"Quoted word for word from the policies in force on 3 November 2026{rest}"
    assert two_days.closing == f"Quoted word for word from the policies in force on the day of each question{rest}"
    for form in CONVERSATION:
        said = paragraphs(render_conversation(form, one)) if form == "docx" else render_conversation(form, one).decode().splitlines()
        assert said[-1] == one.closing


def test_a_follow_up_says_how_it_was_understood(two: Assistant) -> None:
    found = told([turn(two, standalone_question="Where do staff keep watches?")], two.index)
    assert found.questions[0].understood == "Understood as: Where do staff keep watches?"


@pytest.mark.parametrize(
    ("changed", "dates", "linked"),
    [
        ({"larch/phones.md": PHONES.replace("in a locker", "in their bags")}, "the policy has been issued anew since.", True),
        ({"larch/phones.md": "", "larch/dogs.md": LARCH_DOGS}, "the policy is no longer here.", False),
        (
            {"larch/phones-2026.md": PHONES.replace("9 July 2024", "9 July 2026").replace("a locker", "bags")},
            "a later version has taken this one’s place.",
            True,
        ),
    ],
)
def test_words_that_no_longer_stand_are_told_as_they_stood(two: Assistant, tmp_path: Path, changed: dict[str, str], dates: str, linked: bool) -> None:
    files = {name: text for name, text in (FILES | changed).items() if text}
    index = opened(write_index(tmp_path / "today", files)).index
    cited = told([turn(two)], index).questions[0].answers[0].parts[0].quotes[0]
    assert (cited.lead_in, cited.text) == ("During lessons, all staff must:", "keep their phones in a locker")
    assert cited.dates == f"As it stood on 3 November 2026; {dates}"
    assert bool(cited.address) == linked
    for form in CONVERSATION:
        assert render_conversation(form, told([turn(two)], index))


def test_of_a_school_that_is_no_longer_seen_nothing_is_told(two: Assistant) -> None:
    unseen = two.within(["maple"]).index
    both, alone = told([turn(two), turn(two, schools=("larch",))], unseen).questions
    assert ([answer.school for answer in both.answers], both.summary, both.answers[0].lines[2:]) == (["Maple"], "", ())
    assert (alone.answers, alone.summary, alone.asked_of) == ((), GONE, ABSENT)
    made = render_conversation("md", told([turn(two), turn(two, schools=("larch",))], unseen)).decode()
    assert [word for word in ("Larch", "locker", "Watches") if word in made] == []


def test_a_word_paper_has_the_quotes_letter_for_letter(two: Assistant) -> None:
    found = told([turn(two), turn(two, ROOM, ("larch",))], two.index, f"Title {NASTY}")
    data = render_conversation("docx", found)
    said = paragraphs(data)
    assert said[0] == f"Title {NASTY}"
    quotes = [cited for question in found.questions for answer in question.answers for part in answer.parts for cited in part.quotes]
    assert len(quotes) >= 3
    for cited in quotes:
        assert cited.text in said
        assert cited.lead_in is None or f"Lead-in: {cited.lead_in}" in said
        assert f"{cited.policy}: {cited.where}" in said
        assert cited.dates in said
    assert any(text.endswith("during lessons\nwhen the head has agreed.") for text in said)
    paper = docx.Document(BytesIO(data))
    assert {link.address for paragraph in paper.paragraphs for link in paragraph.hyperlinks} == {cited.address for cited in quotes}
    assert [p.text for p in paper.paragraphs if p.style.name == "Heading 1"] == [LOCKER, ROOM]
    assert (paper.core_properties.title, paper.core_properties.author) == (f"Title {NASTY}"[:255], "Clausewise")


def test_in_markdown_no_word_becomes_markup(two: Assistant) -> None:
    found = told([turn(two, f"May staff {NASTY} in the staff room?"), turn(two)], two.index, f"# Title\n{NASTY}")
    made = render_conversation("md", found).decode()
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(made)
    tags = set(re.findall(r"<(/?\w+)", html))
    assert tags <= {f"{slash}{tag}" for slash in ("", "/") for tag in ("h1", "h2", "h3", "h4", "p", "a", "blockquote", "hr", "br")}
    assert set(re.findall(r'href="([^"]+)"', html)) == {
        f"http://127.0.0.1/policies/{document}?%3C{document}{place}%3E"
        for document, place in (("larch/phones", "#1.1/1"), ("larch/phones", "#1.1/2"), ("larch/phones", "#1.2"), ("maple/dogs", "#preamble/1"))
    } & set(re.findall(r'href="([^"]+)"', html))
    seen = without_markup(html)
    for question in found.questions:
        for cited in (cited for answer in question.answers for part in answer.parts for cited in part.quotes):
            assert " ".join(cited.text.split()) in seen
            assert f"{cited.policy}: {cited.where}".replace("\u00a0", " ") in seen
            assert cited.dates in seen
    assert f"Title {NASTY}" in seen


@pytest.mark.parametrize("form", CONVERSATION)
def test_the_same_conversation_gives_the_same_bytes(two: Assistant, form: str) -> None:
    found = told([turn(two), turn(two, schools=("maple",))], two.index)
    first = render_conversation(form, found)
    assert first == render_conversation(form, replace(found))
    assert first != render_conversation(form, replace(found, title="Another"))


@pytest.mark.parametrize("form", CONVERSATION)
def test_control_characters_do_no_harm(two: Assistant, form: str) -> None:
    made = render_conversation(form, told([turn(two, "Where\x00\x1b[2J are \ufffe lockers?")], two.index, "A\x08B"))
    said = paragraphs(made) if form == "docx" else made.decode().splitlines()
    assert said[0].removeprefix("# ") == "A␈B"
