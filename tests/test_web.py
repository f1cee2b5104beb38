"""The page's words and its HTTP door, around an assistant made for the tests."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from html import escape, unescape
from html.parser import HTMLParser
from pathlib import Path
from shutil import rmtree
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from made import SOMEBODY, snapshots_of, write_index

from clausewise import bands, safeguarding
from clausewise.conversations import Conversations
from clausewise.dates import Review, review
from clausewise.errors import BadQuestion, ClausewiseError, UnknownSchool
from clausewise.exports.wording import written
from clausewise.index import load_texts
from clausewise.store import OFFERED, REASONS, Store, Unanswered, iso_week
from clausewise.types import Answer, Choice, Clarification, Clause, Concern, Document, Quote, Reply, School, Span, Stance, StatedDate
from clausewise.web import render, words
from clausewise.web.chat import BROKEN, GONE, NO_SUCH, Chat, Screen
from clausewise.web.desk import Desk
from clausewise.web.feedback import UNKEPT
from clausewise.web.server import create_app, listen

LEAD_IN = "When they are off duty, all members of staff"
RULE = "must not accept a friend request from a parent or carer of a current pupil."
EXCEPTION = "A member of staff who is related to the pupil may keep a contact that the head has recorded."
HOSTILE = '**Never** share <script>window.hacked = 1</script> <img src=x onerror="window.hacked = 2"> ${window.hacked = 3} {{7*7}} `x` <sup>1</sup>.'
PERMISSION = "Pupils may be shown in a picture only where the office holds a signed consent form."
ADVICE = (
    "Staff should ask the computing lead before they join a group that parents have set up, and should say so at the next staff meeting."
)
SCHOOLS = (
    School("ash", "Ash Lane Primary School", trust="Three Rivers Trust"),
    School("birch", "Birch Green Church of England Primary School", trust="Three Rivers Trust"),
    School("cedar", "Cedar Park School", contacts={"safeguarding_lead": "Ms <i>Okoro</i>, office@cedar.example.org"}),
)


def document(school: str, text: str, title: str = "Social Media Policy", **more: Any) -> Document:
    return Document(f"{school}/social-media-policy", school, title, "policy.txt", "text", "0" * 64, text, **more)


def quote(of: Document, words_: str, place: str, number: str | None, headings: Sequence[str], lead_in: str = "") -> Quote:
    span = Span(of.text.index(words_), of.text.index(words_) + len(words_))
    leads = (Span(of.text.index(lead_in), of.text.index(lead_in) + len(lead_in)),) if lead_in else ()
    clause = Clause(f"{of.id}#{place}", of.id, of.school, "item" if lead_in else "clause", span, span, number, tuple(headings), leads)
    return Quote(of, clause, span, 0.9)


SPRING = StatedDate("next_review", "Spring 2022", date(2022, 3, 1), date(2022, 5, 31), Span(0, 1))
ASH = document(
    "ash", f"5 Personal use\n5.3 {LEAD_IN}\n- {RULE}\n5.4 {EXCEPTION}\n6 Safety\n6.1 {HOSTILE}\n", pages=(0, 20), dates=(SPRING,)
)
BIRCH = document("birch", f"Pictures and film\n{PERMISSION}\n{ADVICE}\n", title="Staff <b>Online</b> Conduct Policy")
CEDAR = document("cedar", f"Groups\n{ADVICE}\n")
FRIEND = quote(ASH, RULE, "5.3/1", None, ["Personal use", "Contact with families"], LEAD_IN)
RELATED = quote(ASH, EXCEPTION, "5.4", "5.4", ["Personal use"])
SCRIPT = quote(ASH, HOSTILE, "6.1", "6.1", ["Safety & <i>care</i>"])
PICTURES = quote(BIRCH, PERMISSION, "pictures-and-film/1", None, ["Pictures and film"])
BACK = Clarification("topic", (Choice("Pupils’ <i>phones</i>", "phones: pupils", ("ash",)), Choice("Staff", "phones: staff", ("ash", "birch"))))
GROUPS = quote(CEDAR, ADVICE, "groups/1", None, ["Groups"])
OWN = {"ash": RELATED, "birch": PICTURES, "cedar": GROUPS}  # a clause of each school


def answer(index: int, stance: Stance | None, *quotes: Quote) -> Answer:
    return Answer(SCHOOLS[index].id, SCHOOLS[index].name, "answered", None, stance, 0.9, quotes)


def silence(index: int, reason: str, *closest: Quote) -> Answer:
    return Answer(SCHOOLS[index].id, SCHOOLS[index].name, "not_covered", reason, None, 0.8, (), closest)


def lead_of(school: str) -> str | None:
    return next(one.contacts.get("safeguarding_lead") for one in SCHOOLS if one.id == school)


class FakeAssistant:
    """Answers by a word of the question, with the facade's surface."""

    schools = SCHOOLS
    documents = (ASH, BIRCH, CEDAR)
    index = SimpleNamespace(
        schools=SCHOOLS,
        document={d.id: d for d in documents},
        clause={q.clause.id: q.clause for q in (FRIEND, RELATED, SCRIPT, PICTURES, GROUPS)},
        quotable={q.clause.id: {q.span} for q in (FRIEND, RELATED, SCRIPT, PICTURES, GROUPS)},
        manifest={"checksum": "c0ffee"},
        catalogue=SimpleNamespace(in_force={"ash": 1, "birch": 1, "cedar": 1}, titled=lambda: iter((ASH, BIRCH, CEDAR))),
    )

    def __init__(self) -> None:
        self.asked: list[tuple[str, Sequence[str] | None, tuple[str, ...]]] = []

    def answers(self, question: str) -> tuple[Answer, ...]:
        if "script" in question:
            return (answer(0, None, SCRIPT), silence(1, "nothing_found"), silence(2, "nothing_found"))
        return (
            answer(0, "prohibited", FRIEND, RELATED, SCRIPT),
            answer(1, "conditional", PICTURES),
            silence(2, "too_weak", GROUPS),
        )

    def ask(self, question: str, schools: Sequence[str] | None = None, history: Sequence[str] = ()) -> Reply:
        self.asked.append((question, schools, tuple(history)))
        if "fault" in question:
            raise RuntimeError("a fault with a traceback")
        if not set(schools or ()) <= {school.id for school in SCHOOLS}:
            raise UnknownSchool("there is no school 'oak'; the nearest is 'ash'")
        if "too long" in question:
            raise BadQuestion("the question is too long: 9000 characters, 2000 at most; <ask> less")
        scope = tuple(schools or [school.id for school in SCHOOLS])
        standalone = f"{question} (about {history[0]})" if history else question
        reply = Reply(question, standalone, scope, tuple(a for a in self.answers(question) if a.school in scope))
        concerns = tuple(Concern(a.school, a.school_name, lead_of(a.school), OWN[a.school]) for a in reply.answers) if self.at_risk(standalone) else ()
        return replace(reply, concerns=concerns, clarification=BACK if question == "phones?" else None)

    def at_risk(self, text: str) -> bool:
        return "bruises" in text or "uncle" in text



@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "data")


def sent(question: str, school: str = "", history: Sequence[str] = (), conversation: str = "") -> dict[str, Any]:
    """What the page sends."""
    return {"question": question, "schools": [school] if school else [], "history": [*history], "conversation": conversation}


def chat(fake: FakeAssistant, store: Store) -> Chat:
    return Chat(Desk(fake), store, Conversations(store.path.parent))  # type: ignore[arg-type]


def answered(fake: FakeAssistant, store: Store, question: str, school: str = "", history: Sequence[str] = ()) -> Screen:
    return chat(fake, store).ask(sent(question, school, history), SOMEBODY)


LIBRARY = render.Library(lambda d: review(d, date(2026, 10, 31)), {school.id: school for school in SCHOOLS}, {"ash": 1, "birch": 2})


def shown(of: Answer, *more: Answer) -> str:
    answers = (of, *more)
    return render.reply(Reply("q", "q", tuple(a.school for a in answers), answers), (), LIBRARY)


def test_the_words_of_a_document_are_text_and_nothing_else() -> None:
    html = shown(answer(0, "prohibited", SCRIPT), answer(1, None, PICTURES))
    assert f">{escape(HOSTILE)}</blockquote>" in html
    assert HOSTILE in unescape(html)
    assert "<script" not in html
    assert "<img" not in html
    assert "<sup" not in html
    assert "<i>" not in html
    assert "<b>" not in html


def test_every_value_that_others_write_is_escaped() -> None:
    nasty = '"><script>x</script>&'
    quoted = replace(GROUPS, clause=replace(GROUPS.clause, id=f"{nasty}#{nasty}/1", number=nasty, headings=(nasty,)))
    moved = replace(quoted)
    said = replace(answer(0, "advised", quoted, quoted), school=nasty, school_name=nasty, reason=nasty, covered_by=(nasty, "oak" + nasty))
    reply = Reply(nasty, nasty + "?", (nasty,), (said, replace(said, status="not_covered", closest=(quoted, moved))))
    school = School(nasty, nasty, trust=nasty, contacts={nasty: nasty})
    library = render.Library(lambda _: Review("current", nasty), {nasty: school}, {}, lambda quote: quote is moved, nasty)
    html = render.turn(
        render.Head(nasty, (nasty,), nasty, nasty), render.reply(reply, (nasty,), library) + render.error(nasty) + render.status(nasty)
    )
    html += render.scope([school, replace(school, id="b")]) + render.kept(nasty)
    assert "<script" not in html
    assert html.count("&lt;script&gt;x&lt;/script&gt;&amp;") >= 19


def test_a_blockquote_holds_the_quote_and_the_lead_in_stands_outside_it() -> None:
    html = shown(answer(0, "prohibited", FRIEND))
    assert f'<blockquote data-clause="ash/social-media-policy#5.3/1">{RULE}</blockquote>' in html
    assert html.index(LEAD_IN) < html.index("<blockquote")
    assert html.count(LEAD_IN) == 1


def test_what_should_not_be_done_is_advised_against() -> None:
    """The rule says "must not": whatever the stance model makes of it, it is no advice to do it."""
    assert '<span class="cw-mark" aria-hidden="true">⊖</span> Advised against</p>' in shown(answer(0, "advised", FRIEND))
    reply = Reply("?", "?", ("ash", "cedar"), (answer(0, "advised", FRIEND), answer(2, "advised", GROUPS)))
    assert words.tally(reply) == " (1 advised, 1 advised against)"
    assert words.verdict(answer(0, "advised", FRIEND)) == "advised against"


@pytest.mark.parametrize(
    ("stance", "said"),
    [
        ("prohibited", "✕ Not allowed"),
        ("required", "! Required"),
        ("permitted", "✓ Allowed"),
        ("conditional", "◐ Depends on a condition"),
        ("advised", "○ Advised"),
    ],
)
def test_a_stance_is_a_mark_and_a_word_before_the_quote(stance: Stance, said: str) -> None:
    html = shown(answer(0, stance, RELATED))
    symbol, words_ = said.split(" ", 1)
    assert f'<span class="cw-mark" aria-hidden="true">{symbol}</span> {words_}</p>' in html
    assert html.index(words_) < html.index("<blockquote")


def test_a_fact_has_a_heading_and_is_counted_beside_stances() -> None:
    html = shown(answer(0, None, RELATED))
    assert '<p class="cw-stance cw-factual"><span class="cw-mark" aria-hidden="true">·</span> States a fact</p>' in html
    rule, facts = answer(0, "prohibited", FRIEND), (answer(1, None, PICTURES), answer(2, None, GROUPS))
    for answers, said in (
        ((rule, facts[0]), " (1 not allowed, 1 states a fact)"),
        ((rule, *facts), " (1 not allowed, 2 state a fact)"),
        (facts, ""),
    ):
        assert words.tally(Reply("?", "?", tuple(a.school for a in answers), answers)) == said


def test_a_citation_says_place_path_page_policy_school_and_review() -> None:
    html = shown(answer(0, "prohibited", FRIEND))
    cited = html[html.index("<footer") :]
    for part in (
        "Clause 5.3, item 1",
        "Personal use › Contact with families",
        "page\u00a02",
        "Social Media Policy, Ash Lane Primary School",
    ):
        assert part in cited
    assert "Next review Spring 2022: overdue by 4 years 5 months" in cited
    assert "No next review date stated" in shown(answer(2, "advised", GROUPS))
    assert "page" not in shown(answer(2, "advised", GROUPS))


@pytest.mark.parametrize(
    ("number", "fragment", "kind", "said"),
    [
        ("5.3", "5.3", "clause", "Clause 5.3"),
        ("5.1(b)", "5.1/2", "item", "Clause 5.1(b)"),
        ("Appendix A", "appendix-a", "clause", "Appendix A"),
        (None, "5.1/4", "item", "Clause 5.1, item 4"),
        (None, "5.1/2", "clause", "Clause 5.1, paragraph 2"),
        (None, "personal-use/2", "clause", "Paragraph 2"),
        (None, "personal-use/2/3", "item", "Paragraph 2, item 3"),
        (None, "5/1/7", "item", "Clause 5, item 1.7"),
        (None, "personal-use/2/3/1", "item", "Paragraph 2, item 3.1"),
        (None, "misuse/1", "row", "Row 1"),
    ],
)
def test_a_place_in_words(number: str | None, fragment: str, kind: Any, said: str) -> None:
    clause = Clause(f"ash/policy#{fragment}", "ash/policy", "ash", kind, Span(0, 1), Span(0, 1), number)
    assert words.place(clause) == said


def test_the_first_quote_is_open_and_the_others_are_folded() -> None:
    html = shown(answer(0, "prohibited", FRIEND, RELATED, SCRIPT))
    folded = html[html.index('<details class="cw-more"') :]
    assert "More from this policy" in folded
    assert EXCEPTION in folded
    assert RULE not in folded
    assert html.count("<blockquote") == 3
    assert "More from this school’s policies" in shown(answer(0, "prohibited", FRIEND, PICTURES))
    assert "cw-more" not in shown(answer(0, "prohibited", FRIEND))


def test_silence_is_said_and_its_closest_clause_is_no_answer() -> None:
    html = shown(silence(2, "too_weak", GROUPS))
    assert "No clause found that answers this." in html
    assert words.REASONS["too_weak"] in html
    assert html.index("Closest clause, which is not an answer") < html.index("<blockquote")
    assert "cw-not_covered" in html
    assert "cw-stance" not in html
    assert "<blockquote" not in shown(silence(2, "nothing_found"))
    assert "No clause found that answers this." in shown(silence(1, "too_weak"))
    assert words.NO_REASON in shown(silence(2, "a reason of a later version"))


def test_a_number_that_no_clause_has_is_said_in_plain_words() -> None:
    html = shown(silence(2, "no_such_clause", GROUPS))
    assert '<p class="cw-silence">This school’s policy has no clause of that number.</p>' in html
    assert '<p class="cw-reason">Check the number in your copy, or ask in your own words what you want to know.</p>' in html
    assert "No clause found" not in html
    assert html.index("Closest clause, which is not an answer") < html.index("<blockquote")
    assert ">No policy of this school has a clause of that number.</p>" in shown(silence(1, "no_such_clause"))


@pytest.mark.parametrize(
    ("covered_by", "said"),
    [
        (("ash",), "Ash Lane Primary School’s policy does cover it."),
        (
            ("ash", "birch"),
            "The policies of Ash Lane Primary School and Birch Green Church of England Primary School do cover it.",
        ),
        (("elm", "fir", "oak"), "The policies of elm, fir and oak do cover it."),
        (("elm", "fir", "oak", "yew"), "The policies of elm, fir, oak and 1 more do cover it."),
        (("elm", "fir", "oak", "yew", "ash"), "The policies of elm, fir, oak and 2 more do cover it."),
    ],
)
def test_silence_names_the_schools_that_do_have_a_rule(covered_by: tuple[str, ...], said: str) -> None:
    html = shown(replace(silence(2, "too_weak", GROUPS), covered_by=covered_by))
    assert f'<p class="cw-covered">{said}</p>' in html
    assert html.index(words.REASONS["too_weak"]) < html.index(said) < html.index("<dl") < html.index("<blockquote")


def test_of_a_clause_named_by_number_others_are_said_to_have_one() -> None:
    html = shown(replace(silence(2, "no_such_clause"), covered_by=("ash",)))
    assert "Ash Lane Primary School’s policy does have a clause of that number." in html
    assert "cover it" not in html


def test_where_no_other_school_has_a_rule_nothing_is_said_of_them() -> None:
    assert "cw-covered" not in shown(silence(2, "too_weak", GROUPS))
    assert "cw-covered" not in shown(answer(0, "prohibited", FRIEND))


def test_a_school_without_policies_is_said_to_have_none_here() -> None:
    assert "None of its policies has been added yet." in shown(silence(1, "no_policies"))


def test_silence_names_whom_to_ask_instead() -> None:
    html = shown(silence(2, "too_weak", GROUPS))
    assert '>Safeguarding lead</dt><dd class="cw-person">Ms &lt;i&gt;Okoro&lt;/i&gt;, office@cedar.example.org</dd>' in html
    assert "<dl" not in shown(silence(0, "too_weak"))
    assert "<dl" not in shown(answer(2, "advised", GROUPS))


def test_several_schools_are_summed_up_in_one_line_first() -> None:
    everyone = FakeAssistant().ask("friends")
    assert (
        words.summary(everyone)
        == "2 of 3 schools’ policies answer this (1 not allowed, 1 depends on a condition); nothing found at Cedar Park School."
    )
    html = render.reply(everyone, (), LIBRARY)
    assert html.startswith('<p class="cw-summary">2 of 3')
    assert html.count("<article") == 3
    one = replace(everyone, answers=(everyone.answers[0], silence(1, "x"), silence(2, "x")))
    assert words.summary(one).startswith(
        "1 of 3 schools’ policies answers this (1 not allowed); nothing found at Birch Green Church of England Primary School and Cedar"
    )
    assert (
        words.summary(replace(everyone, answers=everyone.answers[:2]))
        == "All 2 schools’ policies answer this (1 not allowed, 1 depends on a condition)."
    )
    assert words.summary(replace(everyone, answers=(silence(0, "x"), silence(1, "x")))) == (
        "No clause found that answers this at any of the 2 schools."
    )
    assert "cw-summary" not in shown(answer(0, "prohibited", FRIEND))


def test_a_follow_up_shows_how_it_was_understood() -> None:
    reply = FakeAssistant().ask("and pupils?", ["ash"], ["friend requests"])
    assert "Understood as: and pupils? (about friend requests)" in render.reply(reply, ("ash",), LIBRARY)
    assert "Understood as" not in shown(answer(0, "prohibited", FRIEND))


def test_what_is_read_aloud() -> None:
    fake, schools = FakeAssistant(), LIBRARY.schools
    assert words.announcement(fake.ask("friends", ["ash"]), schools) == "Ash Lane Primary School: not allowed."
    silent = fake.ask("friends", ["cedar"])
    assert words.announcement(silent, schools) == "Cedar Park School: no clause found."
    elsewhere = replace(silent.answers[0], covered_by=("ash",))
    assert words.announcement(replace(silent, answers=(elsewhere,)), schools) == (
        "Cedar Park School: no clause found. Ash Lane Primary School’s policy does cover it."
    )
    missing = replace(silent.answers[0], reason="no_such_clause")
    assert words.announcement(replace(silent, answers=(missing,)), schools) == "Cedar Park School: no clause of that number."
    assert (
        words.announcement(fake.ask("friends"), schools)
        == "2 of 3 schools’ policies answer this (1 not allowed, 1 depends on a condition); nothing found at Cedar Park School."
    )


def test_a_turn_shows_its_question_and_its_answer(store: Store) -> None:
    fake = FakeAssistant()
    screen = chat(fake, store).ask(sent("  friends?  ", "ash"), SOMEBODY)
    assert 'data-question="friends?"' in screen.html
    assert RULE in screen.html
    assert "Asked of Ash Lane Primary School" in screen.html
    answered(fake, store, "and pupils?", history=["friends?"])
    assert fake.asked == [("friends?", ["ash"], ()), ("and pupils?", None, ("friends?",))]


def test_errors_are_plain_lines(store: Store) -> None:
    refused = answered(FakeAssistant(), store, "a question that is too long", "ash")
    assert "9000 characters, 2000 at most; &lt;ask&gt; less" in refused.html
    broken = answered(FakeAssistant(), store, "a fault", "ash")
    assert BROKEN in broken.html
    assert "traceback" not in broken.html


def test_a_chosen_school_that_is_gone_is_said_to_be_and_no_other_is_asked_instead(store: Store) -> None:
    fake = FakeAssistant()
    assert GONE in answered(fake, store, "friends?", "oak").html
    assert fake.asked == []


@pytest.mark.parametrize(
    "sent",
    [{}, {"question": 7}, {"question": "  "}, {"question": "q" * 2001}, {"question": "q", "schools": "ash"}, {"question": "q", "history": [1]}, {"question": "q", "conversation": None}],
)
def test_what_no_page_of_ours_sends_is_refused(sent: dict[str, Any], store: Store) -> None:
    screen = chat(FakeAssistant(), store).ask(sent, SOMEBODY)
    assert screen.status[1:] in screen.html
    assert screen.status.startswith(("found something else than a question of 2,000 characters at most", "found an empty question"))


def test_a_conversation_is_kept_and_opened_again_with_the_same_citations(store: Store) -> None:
    first = chat(FakeAssistant(), store).ask(sent("friends?", "ash"), SOMEBODY)
    second = chat(FakeAssistant(), store).ask(sent("photos?", "birch", ["friends?"], first.kept[0]), SOMEBODY)
    assert first.kept[0] == second.kept[0]
    opened = chat(FakeAssistant(), store).open(first.kept[0], SOMEBODY)  # as after a restart
    turns = opened.past.split("<section")[1:]
    assert turns[0].partition(">")[2] == first.html.partition(">")[2]
    assert "friends? (about" not in turns[0]
    assert "Understood as: photos? (about friends?)" in turns[1]
    assert (opened.start, opened.kept) == ("", first.kept[0])


def test_a_conversation_of_somebody_else_is_not_there(store: Store) -> None:
    kept = chat(FakeAssistant(), store).ask(sent("friends?", "ash"), SOMEBODY)
    opened = chat(FakeAssistant(), store).open(kept.kept[0], replace(SOMEBODY, id="another"))
    assert NO_SUCH in opened.start
    assert opened.past == opened.kept == ""
    own = chat(FakeAssistant(), store).ask(sent("friends?", "ash", (), kept.kept[0]), replace(SOMEBODY, id="another"))
    assert own.kept[0] != kept.kept[0]


def test_a_quote_that_has_moved_since_is_shown_as_it_stood(store: Store) -> None:
    kept = chat(FakeAssistant(), store).ask(sent("friends?", "ash"), SOMEBODY)
    fake = FakeAssistant()
    anew = replace(ASH, text=ASH.text.replace("must not", "may then"))
    fake.index = SimpleNamespace(**{**vars(FakeAssistant.index), "document": {**FakeAssistant.index.document, ASH.id: anew}})
    past = chat(fake, store).open(kept.kept[0], SOMEBODY).past
    assert f">{RULE}</blockquote>" in past
    assert f"As it stood on {written(datetime.now(UTC))}. The policy has been changed since" in past
    assert past.count("As it stood") < past.count("<blockquote")  # the others still stand where they did


def test_an_empty_page_offers_the_last_conversations(store: Store) -> None:
    kept = chat(FakeAssistant(), store).ask(sent("friends & <b>?", "ash"), SOMEBODY)
    start = chat(FakeAssistant(), store).open("", SOMEBODY).start
    assert f'<a href="/?conversation={kept.kept[0]}">friends &amp; &lt;b&gt;?</a>' in start
    assert "Your last conversations" not in chat(FakeAssistant(), store).open("", replace(SOMEBODY, id="another")).start


def test_where_somebody_may_be_at_risk_that_stands_first_and_nothing_is_kept(store: Store) -> None:
    screen = chat(FakeAssistant(), store).ask(sent("he has bruises", "cedar"), SOMEBODY)
    html = screen.html
    assert html.index(safeguarding.HEADING) < html.index(safeguarding.DANGER) < html.index(ADVICE) < html.index("cw-card")
    assert "Tell the safeguarding lead of Cedar Park School now: Ms &lt;i&gt;Okoro" in html
    assert words.RULES not in html
    assert safeguarding.KEPT in html
    assert "cw-feedback" not in html
    assert html.index(f'<details class="cw-more"><summary>{words.NO_ADVICE}</summary>') < html.index("cw-card")
    assert screen.status.startswith(f"{safeguarding.HEADING} {safeguarding.DANGER} Tell the safeguarding lead")
    settle()
    assert not store.path.parent.exists()


def test_where_somebody_may_be_at_risk_no_stance_stands_in_the_open() -> None:
    reply = FakeAssistant().ask("he has bruises")
    for back in (None, BACK):
        html = render.reply(replace(reply, clarification=back), (), LIBRARY)
        fold = html.index(f'<details class="cw-more"><summary>{words.NO_ADVICE}</summary>')
        assert fold < html.index("cw-summary") < html.index("cw-stance") < html.rindex("<article") < html.rindex("</details>")
        assert html.endswith("</details>")
        assert words.ANYWAY not in html
        assert ("cw-clarify" in html[:fold]) == (back is not None)


def test_of_several_schools_it_is_said_once_whom_to_tell() -> None:
    reply = FakeAssistant().ask("he has bruises")
    html = render.reply(reply, (), LIBRARY)
    panel = html[: html.index("</section>")]
    assert panel.count("Tell the ") == 1
    assert "Tell the safeguarding lead of your own school now.</p><dl" in panel
    for school, who in ((0, "its safeguarding lead, or the headteacher"), (2, "Ms &lt;i&gt;Okoro&lt;/i&gt;, office@cedar.example.org")):
        assert f'<dt class="cw-role">{SCHOOLS[school].name}</dt><dd class="cw-person">{who}</dd>' in panel
    assert panel.index("</dl>") < panel.index(f"<summary>{words.RULES}</summary>") < panel.index("<blockquote")
    assert (panel.count("<blockquote"), panel.count("<details")) == (3, 1)
    assert words.announcement(reply, LIBRARY.schools).endswith("Tell the safeguarding lead of your own school now.")


def test_what_is_asked_back_stands_in_the_place_of_answers(store: Store) -> None:
    screen = answered(FakeAssistant(), store, "phones?")
    assert "Your question fits several parts of the policies. Which do you mean?" in screen.html
    pupils, staff = Attributes(screen.html[screen.html.index("cw-clarify") :], "button").found[:2]
    assert (pupils["data-do"], pupils["data-question"], pupils["data-schools"]) == ("ask", "phones: pupils", '["ash"]')
    assert (staff["data-question"], staff["data-schools"]) == ("phones: staff", '["ash", "birch"]')
    assert "Pupils’ &lt;i&gt;phones&lt;/i&gt;</button>" in screen.html
    assert screen.html.index("cw-clarify") < screen.html.index(words.ANYWAY) < screen.html.index("cw-card")
    assert screen.status == "Your question fits several parts of the policies. Which do you mean? 2 choices."


def test_how_sure_it_is_stands_beneath_the_stance() -> None:
    html = shown(replace(answer(0, "prohibited", FRIEND), sure="fair"))
    assert html.index("Not allowed") < html.index(bands.BANDS["answered", "fair"].words) < html.index("<blockquote")
    assert '<span class="cw-bars cw-fair" aria-hidden="true"></span>' in html
    assert "cw-sure" not in shown(answer(0, "prohibited", FRIEND))


def test_an_exception_stands_beside_its_rule_and_is_not_folded_up() -> None:
    html = shown(answer(0, "prohibited", FRIEND, SCRIPT, replace(RELATED, exception=True)))
    assert html.index(RULE) < html.index(words.EXCEPTION) < html.index(EXCEPTION) < html.index("<details") < html.index("window.hacked")


def test_another_school_that_is_named_is_said_to_be_asked() -> None:
    reply = replace(FakeAssistant().ask("friends", ["birch"]), scope_from="named")
    note = "You named Birch Green Church of England Primary School, so it was asked of Birch Green Church of England Primary School"
    assert f'<p class="cw-note">{note} and not of Ash Lane Primary School.</p>' in render.reply(reply, ("ash",), LIBRARY)
    assert "cw-note" not in render.reply(reply, ("birch",), LIBRARY)


def test_of_many_schools_those_that_answer_come_first_and_the_rest_are_folded() -> None:
    silent, told = silence(2, "too_weak", GROUPS), answer(0, "prohibited", FRIEND)
    html = shown(*[silent] * 11, told)
    assert html.index("cw-answered") < html.index("cw-not_covered") < html.index("2 more schools</summary>")
    assert html.partition("2 more schools</summary>")[2].count("<article") == 2


def test_those_that_answer_stand_first_and_keep_their_order() -> None:
    html = shown(silence(2, "too_weak"), answer(1, "required", PICTURES), answer(0, "prohibited", FRIEND))
    assert [card["data-school"] for card in Attributes(html, "article").found] == ["birch", "ash", "cedar"]


def test_schools_are_offered_by_trust_and_not_where_there_is_no_choice() -> None:
    html = render.scope(SCHOOLS)
    assert '<optgroup label="Three Rivers Trust"><option value="ash">Ash Lane Primary School</option>' in html
    assert '</optgroup><option value="cedar">Cedar Park School</option></select>' in html
    assert render.scope(SCHOOLS[:1]) == ""


@pytest.fixture
def client(store: Store, tmp_path: Path) -> TestClient:
    return TestClient(create_app(FakeAssistant(), store, index=tmp_path / "indexes" / "small"))


def settle() -> None:
    """Wait until all that is to be counted is."""
    for thread in threading.enumerate():
        if thread.name == "count":
            thread.join(10)


def test_the_page_names_no_other_host(client: TestClient) -> None:
    response = client.get("/", headers={"accept-encoding": "br, gzip"})
    assert response.status_code == 200
    assert "<html" in response.text
    assert 'lang="en"' in response.text
    assert "og:" not in response.text
    assert "raw.githubusercontent" not in response.text
    assert "fonts.g" not in response.text
    assert "default-src 'self'" in response.headers["content-security-policy"]
    assert "http" not in client.get("/style.css").text
    assert [client.get(path).status_code for path in ("/docs", "/redoc")] == [404] * 2  # they fetch from a CDN


class Attributes(HTMLParser):
    """The attributes of every element of a class, as a browser reads them."""

    def __init__(self, html: str, kind: str) -> None:
        super().__init__()
        self.kind, self.found = kind, list[dict[str, str | None]]()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.kind in (dict(attrs).get("class") or "").split() or self.kind == tag:
            self.found.append(dict(attrs))


@pytest.mark.parametrize("of", [answer(0, "prohibited", FRIEND), silence(2, "too_weak", GROUPS)])
def test_each_card_ends_with_what_may_be_wrong_with_it(of: Answer) -> None:
    html = shown(of)
    control = html[html.index('<div class="cw-feedback">') :]
    assert control.index("Something wrong with this answer?</summary>") < control.index(escape(words.KEPT)) < control.index("<button")
    assert [button["data-reason"] for button in Attributes(control, "button").found] == list(OFFERED[of.status])
    assert [f">{escape(REASONS[name])}</button>" in control for name in REASONS] == [name in OFFERED[of.status] for name in REASONS]
    assert 'role="status" tabindex="-1"><span>Thank you.' in control
    assert html.rindex("<blockquote") < html.index('<div class="cw-feedback">')
    assert "onclick" not in html


def test_a_turn_carries_what_was_asked_and_nothing_gets_out_of_it(store: Store) -> None:
    question = """'"><img src=x onerror="hacked()"> ${hacked()} <script>hacked()</script>\nnext line & <b>"""
    screen = answered(FakeAssistant(), store, question, "ash")
    (turn,) = Attributes(screen.html, "cw-turn").found
    assert (turn["data-question"], turn["data-schools"], "data-alone" in turn) == (question, '["ash"]', True)
    assert Attributes(screen.html, "img").found == Attributes(screen.html, "script").found == []
    (turn,) = Attributes(answered(FakeAssistant(), store, "friends?", history=[question]).html, "cw-turn").found
    assert (turn["data-schools"], "data-alone" in turn) == ("[]", False)


def test_the_page_asks_with_no_more_earlier_questions_than_a_complaint_may_hold(store: Store) -> None:
    fake = FakeAssistant()
    answered(fake, store, "friends?", history=[f"question {number}" for number in range(30)])
    assert fake.asked[-1][2] == tuple(f"question {number}" for number in range(10, 30))


COMPLAINT: dict[str, Any] = {"question": "friends?", "schools": ["ash"], "history": ["photos?"], "about": "ash", "reason": "incomplete"}


def test_a_complaint_is_kept_with_the_places_of_what_was_answered(client: TestClient, store: Store) -> None:
    response = client.post("/api/feedback", json={**COMPLAINT, "comment": "see <b>6.1</b>"})
    assert (response.status_code, response.json()) == (201, {"id": 1})
    (kept,) = store.feedback()
    asked = client.post("/api/v1/ask", json={"id": 1, "question": "friends?", "school": "ash", "history": ["photos?"]}).json()
    (given,) = asked["answers"]
    assert list(kept.quotes) == [(quote["clause"], quote["start"], quote["end"]) for quote in given["quotes"]]
    assert [clause for clause, _, _ in kept.quotes] == [FRIEND.clause.id, RELATED.clause.id, SCRIPT.clause.id]
    assert (kept.reason, kept.comment, kept.question, kept.history) == ("incomplete", "see <b>6.1</b>", "friends?", ("photos?",))
    assert (kept.schools, kept.school, kept.status, kept.stance, kept.closest) == (("ash",), "ash", "answered", "prohibited", ())
    assert (kept.index, kept.case, kept.closed) == ("c0ffee", None, False)
    assert RULE.encode() not in b"".join(path.read_bytes() for path in store.path.parent.iterdir())


RISK = "a zebedee girl told me her uncle hurts her"


def traces(folder: Path, logged: str) -> list[str]:
    """The words of RISK that stand in a file below `folder`, or in the log."""
    kept = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file()).decode("latin-1").lower() + logged.lower()
    return [word for word in RISK.split() if len(word) > 3 and word in kept]


def test_of_a_question_that_tells_of_a_risk_nothing_is_kept(
    client: TestClient, store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "clausewise")
    client.post("/api/v1/ask", json={"id": 1, "question": "dogs?", "school": "cedar"})  # something is kept beside it
    settle()
    before = store.unanswered()
    assert len(before) == 1
    asked = client.post("/api/v1/ask", json={"id": 1, "question": RISK, "school": "cedar"})
    assert [concern["lead"] for concern in asked.json()["concerns"]] == [SCHOOLS[2].contacts["safeguarding_lead"]]
    assert safeguarding.HEADING in answered(FakeAssistant(), store, RISK, "cedar").html
    settle()
    assert store.unanswered() == before
    about = {"question": RISK, "schools": ["cedar"], "about": "cedar", "reason": "should_have_answered"}
    for complaint in (about, {**about, "question": "dogs?", "history": [RISK]}, {**about, "question": "dogs?", "comment": RISK}):
        refused = client.post("/api/feedback", json=complaint)
        assert (refused.status_code, refused.json()) == (400, {"error": UNKEPT})
    assert store.feedback() == []
    assert traces(tmp_path, caplog.text) == []


@pytest.fixture
def kept_index(tmp_path: Path) -> tuple[TestClient, Path]:
    """A door around an index that is there, and the index."""
    index, fake = write_index(tmp_path / "indexes" / "small"), FakeAssistant()
    fake.index = SimpleNamespace(**{**vars(FakeAssistant.index), "manifest": {"checksum": load_texts(index).checksum}})
    return TestClient(create_app(fake, Store(tmp_path / "data"), index=index)), index


def test_the_index_that_a_complaint_is_about_is_kept(kept_index: tuple[TestClient, Path]) -> None:
    client, index = kept_index
    assert client.post("/api/feedback", json={**COMPLAINT, "reason": "should_have_answered"}).status_code == 400
    assert snapshots_of(index) == []
    assert [client.post("/api/feedback", json=COMPLAINT).json() for _ in range(2)] == [{"id": 1}, {"id": 2}]
    (kept,) = snapshots_of(index)
    assert load_texts(kept).checksum == load_texts(index).checksum
    assert load_texts(kept).documents == load_texts(index).documents


def test_that_no_index_was_kept_is_logged_and_never_shown(kept_index: tuple[TestClient, Path], caplog: pytest.LogCaptureFixture) -> None:
    client, index = kept_index
    write_index(index, {"larch/phones.md": "# Phones\n\n1.1 Phones stay at home.\n"})
    response = client.post("/api/feedback", json=COMPLAINT)
    assert (response.status_code, response.json()) == (201, {"id": 1})
    assert snapshots_of(index) == []
    rmtree(index)
    assert client.post("/api/feedback", json=COMPLAINT).json() == {"id": 2}
    said = [record.message for record in caplog.records]
    assert said[0] == f"the index that a complaint is about was not kept: {index}: was built anew while it was in use; run the suite again"
    assert said[1].startswith(f"the index that a complaint is about was not kept: {index}: found no index; make one with: clausewise index")
    assert len(said) == 2


def test_a_complaint_about_silence_is_kept_with_the_nearest_clause(client: TestClient, store: Store) -> None:
    everyone = {"question": "friends?", "about": "cedar", "reason": "should_have_answered"}
    assert client.post("/api/feedback", json=everyone).json() == {"id": 1}
    (kept,) = store.feedback()
    assert (kept.schools, kept.school, kept.status, kept.stance, kept.quotes) == ((), "cedar", "not_covered", None, ())
    assert kept.closest == ((GROUPS.clause.id, GROUPS.span.start, GROUPS.span.end),)
    assert store.unanswered() == []  # asking again is not asking


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"question": None}, "question: found null; expected 1 to 2,000 characters of text"),
        ({"question": ""}, 'question: found ""; expected 1 to 2,000 characters of text'),
        ({"question": ["q"]}, 'question: found ["q"]; expected 1 to 2,000 characters of text'),
        ({"question": "q" * 2001}, "question: found 2,001 characters; expected 2,000 at most"),
        ({"question": "too long"}, "the question is too long: 9000 characters, 2000 at most; <ask> less"),
        ({"comment": "c" * 1001}, "comment: found 1,001 characters; expected 1,000 at most"),
        ({"comment": 7}, "comment: found 7; expected 1 to 1,000 characters of text"),
        ({"history": "q"}, 'history: found "q"; expected a list of texts'),
        ({"history": [1]}, "history: found [1]; expected a list of texts"),
        ({"history": ["q"] * 21}, "history: found 21 of them; expected 20 at most"),
        ({"history": ["q" * 2001]}, "history: found one of 2,001 characters; expected 2,000 at most"),
        ({"schools": ["oak"]}, "there is no school 'oak'; the nearest is 'ash'"),
        ({"schools": 7}, "schools: found 7; expected a list of texts"),
        ({"schools": ["o" * 201]}, "schools: found one of 201 characters; expected 200 at most"),
        ({"about": None}, "about: found null; expected 1 to 200 characters of text"),
        ({"about": "birch"}, "about: found 'birch'; expected a school that the question was answered for: ash"),
        ({"reason": None}, f"reason: found null; expected one of {', '.join(REASONS)}"),
        ({"reason": ["incomplete"]}, f'reason: found ["incomplete"]; expected one of {", ".join(REASONS)}'),
        ({"reason": "<b>" * 30}, f'reason: found "{("<b>" * 30)[:59]}…; expected one of {", ".join(REASONS)}'),
        (
            {"reason": "should_have_answered"},
            "reason: found 'should_have_answered' of an answer that is answered; "
            "expected one of wrong_section, incomplete, wrong_school, out_of_date, should_be_silent",
        ),
        (
            {"schools": [], "about": "cedar"},
            "reason: found 'incomplete' of an answer that is not_covered; expected one of should_have_answered, wrong_school, out_of_date",
        ),
    ],
)
def test_a_complaint_that_is_none_is_refused_in_one_line(client: TestClient, store: Store, change: dict[str, Any], said: str) -> None:
    response = client.post("/api/feedback", json={**COMPLAINT, **change})
    assert (response.status_code, response.json()) == (400, {"error": said})
    assert not store.path.exists()


EXPECTED = 'expected an object such as {"question": "...", "schools": [], "history": [], "about": "pear-tree", "reason": "incomplete"}'


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"not json", "the request: found what is not JSON in UTF-8 ("),
        (b"\xff\xfe", "the request: found what is not JSON in UTF-8 ("),
        (b"[" * 60_000, "the request: found what is not JSON in UTF-8 ("),
        (b'{"question": "\\ud800"}', "the request: found what is not JSON in UTF-8 ("),
        (b"[1]", f"feedback: found [1]; {EXPECTED}"),
        (b" " * (64 * 1024 + 1), "the request: found more than 65,536 bytes; expected that at most"),
    ],
)
def test_a_body_that_is_no_complaint_is_refused_in_one_line(client: TestClient, store: Store, body: bytes, said: str) -> None:
    response = client.post("/api/feedback", content=body, headers={"content-type": "application/json"})
    error = response.json()["error"]
    assert response.status_code == (413 if len(body) > 64 * 1024 else 400)
    assert error.startswith(said)
    assert "\n" not in error
    assert not store.path.exists()


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_complaint_that_another_sites_page_could_send_is_refused(client: TestClient, kind: str) -> None:
    response = client.post("/api/feedback", content=json.dumps(COMPLAINT), headers={"content-type": kind})
    assert (response.status_code, response.json()) == (415, {"error": f"content-type: found '{kind}'; expected application/json"})
    preflight = {"origin": "https://elsewhere.example", "access-control-request-method": "POST"}
    asked = client.options("/api/feedback", headers=preflight)
    assert asked.status_code == 405
    assert [name for name in asked.headers if name.startswith("access-control")] == []


@pytest.fixture
def blocked(store: Store) -> Store:
    store.path.parent.write_text("a file where the folder should be")
    return store


def test_a_store_that_cannot_be_written_costs_the_complaint_and_no_answer(
    blocked: Store, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    client = TestClient(create_app(FakeAssistant(), blocked, index=tmp_path / "indexes" / "small"))
    response = client.post("/api/feedback", json=COMPLAINT)
    assert response.status_code == 500
    assert response.json()["error"].startswith(f"{blocked.path}: cannot be read or written (")
    silent = client.post("/api/v1/ask", json={"id": 1, "question": "friends?", "school": "cedar"})
    assert (silent.status_code, silent.json()["answers"][0]["status"]) == (200, "not_covered")
    screen = chat(FakeAssistant(), blocked).ask(sent("friends?", "cedar"), SOMEBODY)
    assert "No clause found that answers this." in screen.html
    assert "cannot be" not in screen.html
    assert screen.status.startswith("Cedar Park School: no clause found. This conversation could not be kept: ")
    settle()
    warned = sorted(record.message.partition(":")[0] for record in caplog.records)
    assert warned == ["a conversation was not kept", "a silence was not counted", "a silence was not counted"]


class Locked(Store):
    """Says that it is touched, and then lets nobody in until it is opened."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.touched, self.opened, self.counted = threading.Event(), threading.Event(), list[tuple[str, ...]]()

    def count_unanswered(self, *silence: str) -> None:
        self.touched.set()
        assert self.opened.wait(10)
        self.counted.append(silence)


def test_no_answer_waits_for_a_store_that_is_locked(tmp_path: Path) -> None:
    locked = Locked(tmp_path)
    screen = Chat(Desk(FakeAssistant()), locked, Conversations(tmp_path)).ask(sent("friends?", "cedar"), SOMEBODY)
    assert "No clause found that answers this." in screen.html
    assert screen.kept is not None
    assert locked.touched.wait(10)
    assert locked.counted == []
    locked.opened.set()
    settle()
    assert locked.counted == [(iso_week(datetime.now(UTC).date()), "cedar", CEDAR.id, GROUPS.clause.id)]


def test_the_api_waits_no_more_than_the_page(tmp_path: Path) -> None:
    locked = Locked(tmp_path)
    response = TestClient(create_app(FakeAssistant(), locked)).post("/api/v1/ask", json={"id": 1, "question": "friends?", "school": "cedar"})
    assert (response.status_code, locked.counted) == (200, [])
    assert locked.touched.wait(10)
    locked.opened.set()
    settle()
    assert len(locked.counted) == 1


def test_each_silence_of_a_school_asked_by_name_is_counted(client: TestClient, store: Store) -> None:
    counted = Unanswered(iso_week(datetime.now(UTC).date()), "cedar", CEDAR.id, GROUPS.clause.id, 1)
    client.post("/api/v1/ask", json={"id": 1, "question": "friends?", "school": "cedar"})
    settle()
    assert store.unanswered() == [counted]
    answered(FakeAssistant(), store, "friends?", "cedar")
    settle()
    assert store.unanswered() == [replace(counted, count=2)]


def test_a_question_that_no_school_answers_is_counted_once(client: TestClient, store: Store) -> None:
    near = (silence(0, "too_weak", replace(RELATED, score=0.4)), silence(1, "too_weak", PICTURES), silence(2, "nothing_found"))
    fake = FakeAssistant()
    fake.answers = lambda question: near  # type: ignore[method-assign]
    answered(fake, store, "dogs?")
    settle()
    assert store.unanswered() == [Unanswered(iso_week(datetime.now(UTC).date()), "birch", BIRCH.id, PICTURES.clause.id, 1)]


def test_an_answer_and_a_question_that_some_schools_answer_count_nothing(client: TestClient, store: Store) -> None:
    for school in ("ash", "birch", None):
        client.post("/api/v1/ask", json={"id": 1, "question": "friends?", "school": school})
        answered(FakeAssistant(), store, "friends?", school or "")
    client.post("/api/v1/ask", json={"id": 1, "question": "script", "school": "cedar"})  # silent, with nothing near
    settle()
    assert not store.path.exists()


def test_a_port_in_use_is_a_plain_message() -> None:
    with listen("127.0.0.1", 0) as taken, pytest.raises(ClausewiseError, match="set CLAUSEWISE_PORT to another"):
        listen("127.0.0.1", taken.getsockname()[1])
