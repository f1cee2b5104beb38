"""The page in a browser: a school is chosen, a question asked, and nothing leaves the machine."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from screens import ask
from serving import serving
from test_web import EXCEPTION, FRIEND, HOSTILE, LEAD_IN, RELATED, RULE, SCRIPT, FakeAssistant

from clausewise.store import Store
from clausewise.web import words
from clausewise.web.server import create_app

pytestmark = pytest.mark.browser
FRIENDS = "Can I accept a friend request from a parent?"


class Slow(FakeAssistant):
    """Slow enough for the waiting state to be seen."""

    def ask(self, *args: Any, **kwargs: Any) -> Any:
        time.sleep(0.3)
        return super().ask(*args, **kwargs)


@pytest.fixture(scope="module")
def fake() -> FakeAssistant:
    return Slow()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def url(fake: FakeAssistant, store: Store) -> Iterator[str]:
    with serving(create_app(fake, store)) as served:
        yield f"{served}/"


@pytest.fixture
def requests() -> list[str]:
    return []


@pytest.fixture
def faults() -> list[str]:
    return []


@pytest.fixture
def open_page(chromium: Any, url: str, requests: list[str], faults: list[str]) -> Iterator[Any]:
    """Opens the page in a fresh profile; afterwards, every request must have gone to this machine, and no script failed."""
    contexts = []

    def opened(scheme: str = "light", width: int = 1280, height: int = 900) -> Any:
        context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        contexts.append(context)
        context.on("request", lambda request: requests.append(request.url))
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.goto(url)
        page.locator(".cw-start").wait_for()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert len(requests) > 10
    assert {urlsplit(request).hostname for request in requests if not request.startswith("data:")} == {"127.0.0.1"}
    assert faults == []


def choose(page: Any, school: str) -> None:
    add = page.get_by_label("Add a school")
    add.select_option(label=next(name for name in add.locator("option").all_inner_texts() if school in name))


def words_of(locator: Any) -> list[str]:
    return [" ".join(words.split()) for words in locator.all_inner_texts()]


def test_one_school_is_asked_and_its_clause_is_quoted(open_page: Any) -> None:
    page = open_page()
    choose(page, "Ash Lane")
    turn = ask(page, FRIENDS)
    assert turn.locator(".cw-card").count() == 1
    card = turn.locator(".cw-card")
    assert words_of(card.get_by_role("heading", level=3)) == ["Ash Lane Primary School"]
    assert words_of(card.locator(".cw-stance")) == ["✕ Not allowed"]
    assert words_of(card.locator("blockquote").first) == [RULE]
    assert words_of(card.locator(".cw-lead-in")) == [f"Lead-in {LEAD_IN}"]
    assert words_of(card.locator("cite").first) == [
        "Clause 5.3, item 1 · Personal use › Contact with families · page 2 Social Media Policy, Ash Lane Primary School"
    ]
    assert words_of(card.locator(".cw-review").first)[0].startswith("Next review Spring 2022: overdue by ")
    assert words_of(card.locator(".cw-approved").first) == ["Approval date not stated"]
    assert not card.get_by_text(EXCEPTION).is_visible()
    card.get_by_text("More from this policy").click()
    assert card.get_by_text(EXCEPTION).is_visible()


def test_while_it_reads_the_question_stands_and_the_button_waits(open_page: Any) -> None:
    page = open_page()
    page.get_by_label("Your question").fill(FRIENDS)
    page.get_by_role("button", name="Ask", exact=True).click()
    page.locator(".cw-waiting").wait_for()
    assert page.get_by_role("button", name="Reading…").is_disabled()
    assert page.get_by_label("Your question").input_value() == ""
    page.locator(".cw-card").first.wait_for()
    assert page.locator(".cw-waiting").count() == 0


def test_a_follow_up_carries_the_conversation_and_a_new_one_does_not(open_page: Any, fake: FakeAssistant) -> None:
    page = open_page()
    choose(page, "Ash Lane")
    ask(page, FRIENDS)
    turn = ask(page, "And from a pupil?")
    assert fake.asked[-1] == ("And from a pupil?", ["ash"], (FRIENDS,))
    assert words_of(turn.locator(".cw-understood-as")) == [f"Understood as: And from a pupil? (about {FRIENDS})"]
    page.get_by_role("button", name="New conversation").click()
    page.get_by_text("For example").wait_for()
    assert page.locator(".cw-turn").count() == 0
    ask(page, "A fresh question")
    assert fake.asked[-1] == ("A fresh question", ["ash"], ())


def test_nothing_up_to_a_question_at_risk_is_history(open_page: Any, fake: FakeAssistant) -> None:
    page = open_page()
    choose(page, "Ash Lane")
    ask(page, FRIENDS)
    page.get_by_label("Your question").fill("He has bruises")
    page.get_by_label("Your question").press("Enter")
    page.locator(".cw-concern").wait_for()
    page.get_by_role("button", name="Ask", exact=True).wait_for()
    assert not page.locator(".cw-turn").nth(1).locator(".cw-stance").is_visible()
    ask(page, "Who else should I tell?")
    assert fake.asked[-1] == ("Who else should I tell?", ["ash"], ())
    ask(page, "And by when?")
    assert fake.asked[-1] == ("And by when?", ["ash"], ("Who else should I tell?",))


def test_an_answer_under_way_does_not_land_in_a_new_conversation(open_page: Any) -> None:
    page = open_page()
    page.get_by_label("Your question").fill(FRIENDS)
    page.get_by_label("Your question").press("Enter")
    page.locator(".cw-waiting").wait_for()
    page.get_by_role("button", name="New conversation").click()
    page.get_by_text("For example").wait_for()
    page.wait_for_timeout(1000)
    assert page.locator(".cw-turn").count() == 0
    assert ask(page, FRIENDS).locator(".cw-card").count() == 3


def test_an_answer_that_comes_after_the_next_ones_is_dropped(open_page: Any) -> None:
    page, held = open_page(), []
    page.route("**/run/predict", lambda route: held.append(route) if not held else route.continue_())
    page.get_by_label("Your question").fill(FRIENDS)
    page.get_by_label("Your question").press("Enter")
    page.locator(".cw-waiting").wait_for()
    page.get_by_role("button", name="New conversation").click()
    page.get_by_text("For example").wait_for()
    turn = ask(page, "A fresh question")
    page.wait_for_url("**/?conversation=*")
    before = words_of(page.locator(".cw-turn")), page.url
    with page.expect_response("**/run/predict"):
        held[0].continue_()
    page.wait_for_timeout(500)
    assert (words_of(page.locator(".cw-turn")), page.url) == before
    assert turn.locator(".cw-question").inner_text() == "A fresh question"
    assert page.locator("#cw-now .cw-turn").count() == 0
    assert page.get_by_role("button", name="Ask", exact=True).is_enabled()


def test_an_answer_that_cannot_be_made_is_said_not_to_come(open_page: Any, faults: list[str]) -> None:
    page = open_page()
    page.route("**/run/predict", lambda route: route.fulfill(status=500, json={"error": None}))
    page.get_by_label("Your question").fill(FRIENDS)
    page.get_by_label("Your question").press("Enter")
    page.locator(".cw-turn .cw-error").get_by_text("No answer came from the server.").wait_for()
    page.get_by_role("button", name="Ask", exact=True).wait_for()
    assert words_of(page.locator(".cw-status")) == ["No answer came from the server. Please see that you are online, and ask again."]
    assert page.locator(".cw-waiting").count() == 0
    page.unroute("**/run/predict")
    assert ask(page, FRIENDS).locator(".cw-card").count() == 3
    faults.clear()


def test_a_lost_connection_is_said_to_be_and_taken_up_again(open_page: Any, faults: list[str]) -> None:
    page = open_page()
    page.route("**/run/predict", lambda route: route.abort())
    page.get_by_label("Your question").fill(FRIENDS)
    page.get_by_label("Your question").press("Enter")
    page.get_by_text("Connection to the server was lost.").wait_for()
    with page.expect_navigation():  # as soon as the server is heard again
        page.unroute("**/run/predict")
    page.locator(".cw-start").wait_for()
    assert ask(page, FRIENDS).locator(".cw-card").count() == 3
    faults.clear()


def test_no_stream_carries_an_answer(open_page: Any, requests: list[str]) -> None:
    """The end of Gradio's stream for one event may cost the next one its answer."""
    ask(open_page(), FRIENDS)
    assert [request for request in requests if "/queue/" in request] == []
    assert sum("/run/predict" in request for request in requests) == 2


def test_all_schools_have_a_card_each_and_silence_is_said(open_page: Any) -> None:
    turn = ask(open_page(), FRIENDS)
    said = "2 of 3 schools’ policies answer this (1 not allowed, 1 depends on a condition); nothing found at Cedar Park School."
    assert words_of(turn.locator(".cw-summary")) == [said]
    assert turn.locator(".cw-card").count() == 3
    silent = turn.locator(".cw-not_covered")
    assert words_of(silent.locator(".cw-silence")) == ["No clause found that answers this."]
    assert words_of(silent.get_by_role("heading", level=4)) == ["Closest clause, which is not an answer"]


def test_an_example_is_asked_with_a_click_and_errors_are_plain(open_page: Any) -> None:
    page = open_page()
    page.get_by_role("button", name="Can I accept a friend request").click()
    page.locator(".cw-card").first.wait_for()
    assert words_of(page.locator("h2.cw-question")) == [FRIENDS]
    turn = ask(page, "This is too long")
    assert words_of(turn.locator(".cw-error")) == ["! The question is too long: 9000 characters, 2000 at most; <ask> less"]


def test_a_documents_markup_is_shown_and_never_run(open_page: Any) -> None:
    page = open_page()
    turn = ask(page, "What does the script clause say?")
    assert words_of(turn.locator("blockquote").first) == [HOSTILE]
    assert page.evaluate("window.hacked") is None
    turn = ask(page, "<script>window.hacked = 4</script> script ${window.hacked = 5}")
    assert words_of(turn.locator("h2")) == ["<script>window.hacked = 4</script> script ${window.hacked = 5}"]
    assert page.evaluate("window.hacked") is None


def test_schools_are_chips_that_this_device_remembers(open_page: Any, faults: list[str], fake: FakeAssistant) -> None:
    page = open_page()
    chips = page.locator(".cw-chips li")
    assert words_of(chips) == ["All schools"]
    choose(page, "Cedar Park")
    choose(page, "Ash Lane")
    assert words_of(chips) == ["Cedar Park School", "Ash Lane Primary School"]
    faults.clear()
    page.reload()
    faults.clear()  # the reload cuts the old page's connection, which Gradio logs
    page.locator(".cw-chips button").first.wait_for()
    turn = ask(page, FRIENDS)
    assert fake.asked[-1] == (FRIENDS, ["cedar", "ash"], ())
    assert words_of(turn.locator(".cw-asked-of")) == ["Asked of Cedar Park School and Ash Lane Primary School"]
    page.get_by_role("button", name="Remove Cedar Park School").press("Enter")
    assert words_of(chips) == ["Ash Lane Primary School"]
    assert page.evaluate("document.activeElement.id") == "cw-add"
    page.locator("#cw-said").get_by_text("Cedar Park School is not asked any more.").wait_for()


def test_a_remembered_school_that_is_gone_is_shown_and_never_widened(open_page: Any, fake: FakeAssistant) -> None:
    page = open_page()
    page.evaluate("localStorage.setItem('clausewise-schools', '[\"oak\"]'); clausewise.drawChips()")
    assert words_of(page.locator(".cw-chips li")) == ["oak (no longer here)"]
    before = len(fake.asked)
    assert words_of(ask(page, FRIENDS).locator(".cw-error")) == [
        "! A school that you chose is no longer here. Take it out of your choice, and ask again."
    ]
    assert len(fake.asked) == before


def test_a_conversation_has_an_address_and_is_there_after_a_reload(open_page: Any, faults: list[str]) -> None:
    page = open_page()
    choose(page, "Ash Lane")
    ask(page, FRIENDS)
    ask(page, "And from a pupil?")
    page.wait_for_url("**/?conversation=*")
    before = words_of(page.locator(".cw-turn"))
    page.reload()
    faults.clear()
    page.locator(".cw-turn").nth(1).wait_for()
    assert words_of(page.locator(".cw-turn")) == before
    ask(page, "And photos?")
    assert page.locator(".cw-turn").count() == 3
    page.get_by_role("button", name="New conversation").click()
    page.get_by_role("link", name=FRIENDS).first.wait_for()  # among the last ones
    assert "conversation" not in page.url


def test_how_a_follow_up_was_understood_can_be_put_right(open_page: Any, fake: FakeAssistant) -> None:
    page = open_page()
    choose(page, "Ash Lane")
    ask(page, FRIENDS)
    turn = ask(page, "And from a pupil?")
    turn.get_by_role("button", name="Put this right").press("Enter")
    field = page.get_by_label("What you meant")
    for cancelled in (lambda: page.get_by_role("button", name="Cancel").click(), lambda: field.press("Escape")):
        cancelled()
        assert field.count() == 0
        assert page.evaluate("document.activeElement.textContent") == "Put this right"
        turn.get_by_role("button", name="Put this right").press("Enter")
    assert field.input_value() == f"And from a pupil? (about {FRIENDS})"
    field.fill("Can a pupil be my friend online?")
    page.get_by_role("button", name="Ask this").click()
    page.locator(".cw-turn").nth(2).locator(".cw-card").wait_for()
    assert fake.asked[-1] == ("Can a pupil be my friend online?", ["ash"], ())


def test_a_quote_is_copied_with_its_citation_and_a_link(open_page: Any, url: str) -> None:
    page = open_page()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    choose(page, "Ash Lane")
    card = ask(page, FRIENDS).locator(".cw-card")
    card.get_by_role("button", name="Copy quote").first.click()
    card.get_by_role("button", name="Copied").wait_for()
    lead_in, quote, cited = page.evaluate("navigator.clipboard.readText()").split("\n")
    assert (lead_in, quote) == (LEAD_IN, f"“{RULE}”")
    assert cited.startswith(
        "Social Media Policy, Ash Lane Primary School, Clause 5.3, item 1, Personal use › Contact with families, page\u00a02, "
    )
    assert "next review Spring 2022: overdue by" in cited
    assert cited.endswith(f", version 000000000000. {url}policies/ash/social-media-policy?as=000000000000&clause=5.3/1#5.3/1")
    card.get_by_role("button", name="Copy link").first.click()
    page.locator("#cw-said").get_by_text("Copied.").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == f"{url}policies/ash/social-media-policy?as=000000000000&clause=5.3/1#5.3/1"


def open_control(card: Any) -> None:
    card.get_by_text(words.WRONG).click()


def test_a_complaint_is_sent_from_the_keyboard_and_stays_sent(open_page: Any, store: Store) -> None:
    page = open_page()
    turn = ask(page, FRIENDS)
    card = turn.locator(".cw-card").first
    assert not card.get_by_text(words.KEPT).is_visible()
    card.locator("summary", has_text=words.WRONG).focus()
    page.keyboard.press("Enter")
    assert card.get_by_text(words.KEPT).is_visible()
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    thanks = card.get_by_role("status").get_by_text(words.THANKS)
    thanks.wait_for()
    assert page.evaluate("document.activeElement.getAttribute('role')") == "status"
    assert not card.get_by_text(words.WRONG).is_visible()
    (kept,) = store.feedback()
    assert (kept.question, kept.schools, kept.school, kept.reason, kept.history) == (FRIENDS, (), "ash", "incomplete", ())
    assert kept.quotes == tuple((quote.clause.id, quote.span.start, quote.span.end) for quote in (FRIEND, RELATED, SCRIPT))
    second = ask(page, "And from a pupil?")
    assert [found.is_visible() for found in page.get_by_text(words.THANKS).all()] == [True, False, False, False, False, False]
    page.get_by_role("button", name="New conversation").click()
    page.get_by_text("For example").wait_for()
    card = ask(page, FRIENDS).locator(".cw-card").first
    assert card.get_by_text(words.WRONG).is_visible()  # asked anew, it may be complained of anew
    assert second.count() == 0
    assert len(store.feedback()) == 1


def test_a_complaint_about_a_follow_up_holds_what_led_to_it(open_page: Any, store: Store) -> None:
    page = open_page()
    choose(page, "Cedar Park")
    nasty = """</section><script>window.hacked = 6</script>" onclick="window.hacked = 7" ${window.hacked = 8}"""
    ask(page, nasty)
    card = ask(page, "And groups?").locator(".cw-card")
    open_control(card)
    card.get_by_role("button", name="The policy does answer this").dblclick()
    card.get_by_text(words.THANKS).wait_for()
    kept = store.feedback()[-1]
    assert (kept.question, kept.history, kept.schools, kept.school) == ("And groups?", (nasty,), ("cedar",), "cedar")
    assert (kept.status, kept.reason) == ("not_covered", "should_have_answered")
    assert [found.question for found in store.feedback()].count("And groups?") == 1
    assert page.evaluate("window.hacked") is None


def test_a_complaint_that_is_not_taken_is_a_plain_line_and_may_be_sent_again(open_page: Any, store: Store, faults: list[str]) -> None:
    page = open_page()
    card = ask(page, "And photos?").locator(".cw-card").first
    open_control(card)
    press = card.get_by_role("button", name="The policy is out of date").click
    for answer, said in (
        (lambda route: route.fulfill(status=400, json={"error": "question: <b>found</b> 2,001"}), "Not sent: question: <b>found</b> 2,001"),
        (
            lambda route: route.fulfill(status=500, body="a fault"),
            "Not sent: the server could not be reached, or failed. Please try again.",
        ),
        (lambda route: route.abort(), "Not sent: the server could not be reached, or failed. Please try again."),
    ):
        page.route("**/api/feedback", answer)
        press()
        card.get_by_role("alert").get_by_text(said, exact=True).wait_for()
        assert not card.get_by_text(words.THANKS).is_visible()
        page.unroute("**/api/feedback")
    faults.clear()  # the browser logs each
    press()
    card.get_by_text(words.THANKS).wait_for()
    assert words_of(card.get_by_role("alert")) == []
    assert store.feedback()[-1].question == "And photos?"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_the_page_is_accessible_and_fits(open_page: Any, scheme: str, width: int, tmp_path: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(scheme, width)
    assert Axe().run(page).response["violations"] == []
    turn = ask(page, FRIENDS)
    turn.get_by_text("More from this policy").click()
    answered, conditional, silent = turn.locator(".cw-card").all()
    for card in (answered, conditional, silent):
        open_control(card)
    conditional.get_by_role("button", name="It quotes the wrong section").click()
    conditional.get_by_text(words.THANKS).wait_for()
    ask(page, "This is too long")
    for opened in (turn.get_by_text(EXCEPTION), answered.get_by_text(words.KEPT), silent.get_by_text(words.KEPT)):
        assert opened.is_visible()  # what the reader opened stays open
    page.screenshot(path=tmp_path / f"{scheme}-{width}.png", full_page=True)
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.body.classList.contains('dark')") == (scheme == "dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.locator("main").count() == 1
    assert page.locator(".cw-status[role=status][aria-live=polite]").inner_text().startswith("the question is too long")
