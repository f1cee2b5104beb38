"""Every screen in a browser: no violation of WCAG 2.2, nothing to scroll sideways, a title of its own, no fault, and nothing fetched from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from screens import House, ask, house

from clausewise.web import compare, documents, sharing

pytestmark = pytest.mark.browser
FRIENDS = "Can I accept a friend request from a parent?"
AXE = {"rules": {name: {"enabled": True} for name in ("target-size", "label-content-name-mismatch")}, "resultTypes": ["violations"]}  # axe leaves them out unless told
LOOKS = (("light", 1280), ("dark", 1280), ("dark", 320))


def asked(*questions: str) -> Callable[[Any], None]:
    def act(page: Any) -> None:
        for question in questions:
            ask(page, question)

    return act


def corrected(page: Any) -> None:
    asked(FRIENDS, "And from a pupil?")(page)
    page.get_by_role("button", name="Put this right").click()


def at_risk(page: Any) -> None:
    ask(page, "A child has bruises").locator(".cw-concern").wait_for()
    unfolded(page)


def complained(page: Any) -> None:
    card = ask(page, FRIENDS).locator(".cw-card")
    card.first.locator(".cw-wrong summary").click()
    card.nth(1).locator(".cw-wrong summary").click()
    card.nth(1).locator(".cw-choices button").first.click()
    card.nth(1).get_by_text("Thank you.").wait_for()


def unfolded(page: Any) -> None:
    for summary in page.locator("main summary").all():
        summary.click()


def carded(page: Any) -> None:
    page.locator(".cards").wait_for()  # a comparison may still be made


def all_shown(page: Any) -> None:
    carded(page)
    unfolded(page)


def no_act(page: Any) -> None:
    """The screen is there at once."""


@dataclass(frozen=True)
class Screen:
    """`at`: which house and the address there; `title`: what the title begins with; `act`: what brings the screen about."""

    at: str
    title: str
    act: Callable[[Any], None] = no_act
    status: int = 200


# What fades, as from light to dark, has faded.
FADED = """async () => {
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  for (const fading of document.getAnimations()) if (fading instanceof CSSTransition) fading.finish();
}"""
SCREENS = {
    "Ask, empty": Screen("fake/", "Ask"),
    "Ask, several schools, one silent": Screen("fake/", "Ask", asked(FRIENDS)),
    "Ask, an exception": Screen("fake/", "Ask", asked("Is there an exception?")),
    "Ask, asking back": Screen("fake/", "Ask", asked("phones?")),
    "Ask, someone at risk": Screen("fake/", "Ask", at_risk),
    "Ask, an error": Screen("fake/", "Ask", asked("This is too long")),
    "Ask, a follow-up put right": Screen("fake/", "Ask", corrected),
    "Ask, a complaint": Screen("fake/", "Ask", complained),
    "Ask, a conversation continued": Screen("real/?conversation={conversation}", "Ask", lambda page: page.locator(".cw-turn").nth(1).wait_for()),
    "conversations": Screen("real/conversations", "Your conversations"),
    "conversations, deleting and renaming": Screen("real/conversations", "Your conversations", unfolded),
    "conversations, none": Screen("door/conversations", "Your conversations"),
    "a conversation": Screen("real/conversations/{conversation}", "May pupils carry"),
    "no such conversation": Screen("real/conversations/nowhere", "Not found", status=404),
    "Compare": Screen("real/compare", "Compare"),
    "Compare, the matrix": Screen("real/compare?topics=mobile-devices", "Mobile devices compared", lambda page: page.locator(".matrix").wait_for()),
    "Compare, one topic": Screen("real/compare?topic=phones+on+a+residential+trip", "“phones on a residential trip” compared", carded),
    "Compare, wording": Screen("real/compare/wording", "Shared wording"),
    "Documents": Screen("real/documents", "Documents"),
    "Documents, changes": Screen("real/documents/changes?old=maple/phones-2020&new=maple/phones", "What changed"),
    "no such document": Screen("real/documents/nowhere", "Not found", status=404),
    "a policy at a clause": Screen("real/policies/larch/phones#1.2", "Mobile Phone Policy"),
    "a policy that is superseded": Screen("real/policies/maple/phones-2020", "Mobile Phone Policy"),
    "a page as printed": Screen("real/policies/maple/gate/page/1?clause=1.1/1", "Page 1 of Gate & <b>Yard Policy"),
    "no such page": Screen("real/policies/maple/gate/page/9", "Not found", status=404),
    "no such policy": Screen("real/policies/larch/nowhere", "Not found", status=404),
    "Evaluation": Screen("real/evaluation", "Evaluation"),
    "Evaluation, a suite": Screen("real/evaluation/small", "small"),
    "Evaluation, a run": Screen("real/evaluation/small/{run}", "small"),
    "Evaluation, nothing": Screen("real/evaluation/nowhere", "Not found", status=404),
    "sign-in": Screen("out/sign-in", "Sign in"),
    "Account": Screen("door/account", "Account"),
    "Account, nobody signs in": Screen("real/account", "Account"),
    "Administration": Screen("door/administration", "Administration", unfolded),
    "accessibility": Screen("real/accessibility", "Accessibility"),
    "accessibility, not signed in": Screen("out/accessibility", "Accessibility"),
    "API": Screen("real/api/v1", "For other programs"),
}  # fmt: skip


OF_MANY = {
    "Documents": Screen("real/documents", "Documents"),
    "Documents, changes": Screen("real/documents/changes?school=larch", "What changed"),
    "Compare, one topic": Screen("real/compare?topic=phones+on+a+residential+trip", "“phones on a residential trip” compared", all_shown),
    "Compare, wording": Screen("real/compare/wording", "Shared wording"),
}


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("screens")) as found:
        yield found


@pytest.fixture(scope="module")
def requests() -> Iterator[list[str]]:
    """Every address that any screen asked for; when all are through, they are looked at."""
    found: list[str] = []
    yield found
    hosts = {urlsplit(address).hostname for address in found if urlsplit(address).scheme not in ("data", "blob")}
    assert hosts == {"127.0.0.1"}


@pytest.fixture(scope="module")
def contexts(chromium: Any, at: House, requests: list[str]) -> Iterator[dict[str, Any]]:
    """A browser that is known, and one that is not."""
    found = {"in": chromium.new_context(), "out": chromium.new_context()}
    found["in"].add_cookies(at.cookies())
    for context in found.values():
        context.on("request", lambda request: requests.append(request.url))
    yield found
    for context in found.values():
        context.close()


@pytest.fixture
def opened_screen(contexts: dict[str, Any], at: House) -> Iterator[Callable[[Screen], Any]]:
    """Opens a screen; afterwards, no script of its page may have failed."""
    pages, faults = [], []

    def opened(screen: Screen) -> Any:
        name, _, path = screen.at.partition("/")
        base = {"fake": at.fake, "real": at.real}.get(name, at.door)
        page = contexts["out" if name == "out" else "in"].new_page()
        pages.append(page)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.set_viewport_size({"width": 1280, "height": 900})
        answer = page.goto(f"{base}/{path.format(conversation=at.conversation, run=at.run)}")
        under_way = answer.status == 202 and "compare?topic" in screen.at  # it is being made, and the page follows it
        assert under_way or answer.status == screen.status
        if screen.status != 200:
            faults[:] = [fault for fault in faults if "Failed to load resource" not in fault]  # the browser says so of the page itself
        if screen.title == "Ask":
            page.locator(".cw-start, .cw-turn").first.wait_for()
        screen.act(page)
        return page

    yield opened
    for page in pages:
        page.close()
    assert faults == []


def look(page: Any, scheme: str, width: int) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate(FADED)


def violations(page: Any) -> list[tuple[str, str, str]]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options=AXE).response
    ran = [rule for rules in ("passes", "violations", "incomplete", "inapplicable") for rule in found[rules]]
    assert "target-size" in {rule["id"] for rule in ran}
    assert {tag for rule in ran for tag in rule["tags"]} >= {"wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"}
    return [(rule["id"], node["html"][:200], node["failureSummary"]) for rule in found["violations"] for node in rule["nodes"]]


@pytest.mark.parametrize("name", OF_MANY)
def test_so_does_a_screen_of_many_schools(opened_screen: Callable[[Screen], Any], name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two are many here."""
    for room, bounds in ((documents, ("MOST", "FEW")), (compare, ("DRAWN",)), (sharing, ("AT_ONCE",))):
        for bound in bounds:
            monkeypatch.setattr(room, bound, 1)
    for room, bound in ((documents, "SCHOOLS"), (compare, "DRAWN"), (sharing, "AT_ONCE")):
        monkeypatch.setitem(room._environment().globals, bound, 1)
    hold(opened_screen(OF_MANY[name]), OF_MANY[name])


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_holds_to_wcag_and_fits(opened_screen: Callable[[Screen], Any], name: str) -> None:
    hold(opened_screen(SCREENS[name]), SCREENS[name])


def hold(page: Any, screen: Screen) -> None:
    assert page.title().startswith(screen.title)
    assert page.evaluate("document.documentElement.lang") in ("en", "en-GB")
    assert page.evaluate("['h1', 'main', '[role=main]'].map(name => document.querySelectorAll(name).length)") in ([1, 1, 0], [1, 0, 1])
    for scheme, width in LOOKS:
        look(page, scheme, width)
        assert (scheme, width, violations(page)) == (scheme, width, [])
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == ("rgb(20, 24, 26)" if scheme == "dark" else "rgb(246, 245, 241)")
