"""Whole journeys by people who use no mouse, magnify to 400 %, space text out, or have their system choose colours and stillness."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from screens import TRIP, House, ask, house

pytestmark = pytest.mark.browser
ZOOMED = {"width": 320, "height": 256}  # 1280 by 1024 at 400 %, as WCAG 2.2, 1.4.10 has it
TABS = 80
STILL = "*, *::before, *::after { transition: none !important; animation: none !important; }"
# Of the element that has the focus: what is wrong with how it is seen; null where none has it.
FOCUS = """(still) => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const look = () => (({outlineStyle, outlineWidth, outlineColor, boxShadow}) => JSON.stringify([outlineStyle, outlineWidth, outlineColor, boxShadow]))(getComputedStyle(one));
  const drawn = ({outlineStyle, outlineWidth, boxShadow}) => (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none';
  const wrong = [], focused = look();
  if (!drawn(getComputedStyle(one))) wrong.push('no indicator');
  const sheet = document.createElement('style');
  sheet.textContent = still;
  document.head.append(sheet);
  one.blur();
  if (look() === focused) wrong.push('looks as without the focus');
  one.focus({preventScroll: true});
  sheet.remove();
  const part = [...one.getClientRects()].find(box => box.width && box.height) ?? one.getBoundingClientRect();
  const x = (Math.max(part.left, 0) + Math.min(part.right, innerWidth)) / 2, y = (Math.max(part.top, 0) + Math.min(part.bottom, innerHeight)) / 2;
  const aside = !one.closest('.ev-wide') && (part.left < -1 || part.right > innerWidth + 1); // a table scrolls by itself, and need not show all of a link
  const outside = aside || ((part.top < -1 || part.bottom > innerHeight + 1) && part.height < innerHeight);
  if (outside) wrong.push(`outside the viewport: ${[part.left, part.top, part.right, part.bottom].map(Math.round)} of ${innerWidth}, ${innerHeight}`);
  const hit = document.elementFromPoint(x, y);
  if (!hit || !(one.contains(hit) || hit.closest('label')?.control === one)) wrong.push(`covered by ${hit?.outerHTML.slice(0, 120)}`);
  return [one.outerHTML.slice(0, 120), wrong];
}"""
# Boxes that cut off text of theirs; what is only read aloud is a box of one pixel.
CUT = """() => [...document.querySelectorAll('body *')].filter(one => {
  const style = getComputedStyle(one), hides = [style.overflowX, style.overflowY].some(how => ['hidden', 'clip'].includes(how));
  const unseen = one.clientWidth <= 1 || one.clientHeight <= 1 || !one.checkVisibility({visibilityProperty: true});
  const more = (one.scrollWidth - one.clientWidth > 2 && style.overflowX !== 'auto') || (one.scrollHeight - one.clientHeight > 2 && style.overflowY !== 'auto');
  return hides && !unseen && more && one.textContent.trim();
}).map(one => one.outerHTML.slice(0, 160))"""
SPACED = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
p { margin-bottom: 2em !important; }"""


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("journeys")) as found:
        yield found


@pytest.fixture
def opened(chromium: Any, at: House) -> Iterator[Callable[..., Any]]:
    """Opens an address in a browser of its own, in which nothing was asked before; `known`: in that of whom the house knows."""
    contexts = []

    def open_page(address: str, known: bool = False, **how: Any) -> Any:
        contexts.append(chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, **how}))
        if known:
            contexts[-1].add_cookies(at.cookies())
        page = contexts[-1].new_page()
        page.goto(address)
        if page.title().startswith("Ask"):
            page.locator(".cw-start, .cw-turn").first.wait_for()
        if "topics=" in address:
            page.locator(".matrix").wait_for()  # until it is made, another page stands there
        return page

    yield open_page
    for context in contexts:
        context.close()


def seen(page: Any) -> str:
    """The start of the element that has the focus, "" where none has; it is in sight, marked and not covered."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")  # until it is scrolled to
    found = page.evaluate(FOCUS, STILL)
    if found is None:
        return ""
    assert found == [found[0], []]
    return str(found[0])


def reach(page: Any, control: Any, key: str = "Tab") -> None:
    """Press `key` until `control` has the focus; whatever has it on the way is seen."""
    for _ in range(TABS):
        if control.evaluate("one => one === document.activeElement"):
            seen(page)
            return
        page.keyboard.press(key)
        seen(page)
    pytest.fail(f"{TABS} presses of {key} do not reach {control}")


def press(page: Any, control: Any, key: str = "Tab") -> None:
    reach(page, control, key)
    page.keyboard.press("Enter")


def tabbed(page: Any) -> list[str]:
    """What has the focus, one after the other, from the top of the page until it comes round, or TABS presses."""
    page.evaluate("document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex'); scrollTo(0, 0)")
    found: list[str] = []
    for _ in range(TABS):
        page.keyboard.press("Tab")
        now = seen(page)
        if not now and found:
            break
        found += [now] if now else []
    return found


def typed(page: Any, question: str) -> Any:
    """The turn of a question that is typed where the focus already is."""
    turns = page.locator(".cw-turn").count()
    page.keyboard.type(question)
    page.keyboard.press("Enter")
    turn = page.locator(".cw-turn").nth(turns)
    turn.locator(".cw-card").first.wait_for(state="attached")
    page.get_by_role("button", name="Ask", exact=True).wait_for()
    return turn


# the keyboard alone


def test_the_question_box_is_marked_where_it_has_the_focus(opened: Callable[..., Any], at: House) -> None:
    page = opened(at.real)
    reach(page, page.get_by_label("Your question"))


def test_a_question_is_asked_read_copied_followed_and_complained_of_with_the_keyboard_alone(opened: Callable[..., Any], at: House) -> None:
    page = opened(at.real, permissions=["clipboard-read", "clipboard-write"])
    box = page.get_by_label("Your question")
    assert box.evaluate("one => one === document.activeElement")
    reach(page, page.get_by_label("Add a school"), "Shift+Tab")
    page.keyboard.press("M")
    page.get_by_role("button", name="Remove Maple High School").wait_for()
    reach(page, box)
    turn = typed(page, TRIP)
    assert turn.locator(".cw-asked-of").inner_text() == "Asked of Maple High School"
    press(page, turn.locator(".cw-more > summary"), "Shift+Tab")
    assert turn.locator(".cw-more blockquote").first.is_visible()
    press(page, turn.get_by_role("button", name="Copy quote").first, "Shift+Tab")
    turn.get_by_role("button", name="Copied").wait_for()
    assert "Maple High School, Clause 1.4" in page.evaluate("navigator.clipboard.readText()")
    seen(page)
    followed_and_back(page, turn)
    reach(page, box)
    corrected(page, typed(page, "And to France?"))
    complained(page, page.locator(".cw-turn").last)


@pytest.mark.parametrize("way", ["an example", "put right"])
def test_a_button_that_asks_does_not_lose_the_focus(opened: Callable[..., Any], at: House, way: str) -> None:
    page = opened(at.real)
    if way == "an example":
        press(page, page.locator(".cw-start button").first, "Shift+Tab")
        page.locator(".cw-card").first.wait_for(state="attached")
    else:
        ask(page, TRIP)
        corrected(page, ask(page, "And to France?"))
    page.get_by_role("button", name="Ask", exact=True).wait_for()
    assert page.evaluate("document.activeElement !== document.body")


def followed_and_back(page: Any, turn: Any) -> None:
    """The quote's link opens its clause in a tab of its own; the next stop there is in that clause."""
    link = turn.locator(".cw-open").first
    reach(page, link, "Shift+Tab")
    with page.context.expect_page() as opening:
        page.keyboard.press("Enter")
    policy = opening.value
    policy.wait_for_load_state()
    assert policy.url.endswith("/policies/maple/phones#1.4")
    assert policy.evaluate("(box => box.top >= 0 && box.bottom <= innerHeight)(document.querySelector(':target').getBoundingClientRect())")
    policy.keyboard.press("Tab")
    seen(policy)
    assert policy.evaluate("document.querySelector(':target').contains(document.activeElement)")
    policy.close()
    assert link.evaluate("one => one === document.activeElement")
    seen(page)


def corrected(page: Any, turn: Any) -> None:
    press(page, turn.get_by_role("button", name="Put this right"), "Shift+Tab")
    assert page.get_by_label("What you meant").evaluate("one => one === document.activeElement")
    seen(page)
    page.keyboard.press("Control+A")
    page.keyboard.type("May pupils carry a phone on a residential trip to France?")
    press(page, page.get_by_role("button", name="Ask this"))
    page.locator(".cw-turn").nth(2).locator(".cw-card").first.wait_for(state="attached")
    page.get_by_role("button", name="Ask", exact=True).wait_for()


def complained(page: Any, turn: Any) -> None:
    press(page, turn.locator(".cw-wrong > summary"))
    press(page, turn.locator(".cw-choices button").nth(1))
    turn.get_by_text("Thank you.").wait_for()
    assert turn.locator(".cw-thanks").evaluate("one => one === document.activeElement")
    seen(page)


def test_a_conversation_is_found_renamed_and_deleted_with_the_keyboard_alone(opened: Callable[..., Any], at: House) -> None:
    page = opened(at.real)
    reach(page, page.get_by_label("Your question"))
    typed(page, TRIP)
    press(page, page.locator("#cw-kept").get_by_role("link", name="All conversations"))
    page.wait_for_url("**/conversations")
    press(page, page.locator("summary", has_text="Rename"))
    reach(page, page.get_by_label("New title"))
    page.keyboard.press("Control+A")
    page.keyboard.type("Phones on trips")
    press(page, page.get_by_role("button", name="Save the title"))
    page.get_by_role("heading", name="Phones on trips").wait_for()
    press(page, page.locator("summary", has_text="Delete: Phones on trips"))
    press(page, page.get_by_role("button", name="Delete this conversation"))
    page.get_by_text("There is none yet.").wait_for()


# magnified


def test_new_conversation_stands_in_the_composer_in_a_low_window(opened: Callable[..., Any], at: House) -> None:
    page = opened(at.real, viewport=ZOOMED)
    ask(page, TRIP)
    new, composer = (page.locator(name).bounding_box() for name in ("#cw-new", "#cw-composer"))
    assert composer["y"] <= new["y"] < composer["y"] + composer["height"]


def test_ask_at_400_percent_scrolls_one_way_and_covers_no_focus(opened: Callable[..., Any], at: House) -> None:
    page = opened(at.real, viewport=ZOOMED)
    turn = ask(page, TRIP)
    turn.locator(".cw-more > summary").first.click()
    ask(page, "And to France?")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert "/accessibility" in tabbed(page)[-1]


@pytest.mark.parametrize(
    "path", ["policies/larch/phones#1.2", "compare", "compare?topic=phones+on+a+residential+trip", "documents", "account", "conversations"]
)
def test_a_page_at_400_percent_scrolls_one_way_and_covers_no_focus(opened: Callable[..., Any], at: House, path: str) -> None:
    page = opened(f"{at.real}/{path}", known=True, viewport=ZOOMED)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert "/accessibility" in tabbed(page)[-1]


# spaced out


@pytest.mark.parametrize("path", ["", "policies/larch/phones", "compare?topics=mobile-devices", "documents", "conversations"])
@pytest.mark.parametrize("width", [1280, 320])
def test_spaced_text_is_neither_cut_off_nor_wider_than_the_page(opened: Callable[..., Any], at: House, path: str, width: int) -> None:
    page = opened(f"{at.real}/{path}", known=True, viewport={"width": width, "height": 900})
    if not path:
        ask(page, TRIP)
    page.add_style_tag(content=SPACED)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CUT) == []


# as the system has it


def test_nothing_moves_where_stillness_is_asked_for(opened: Callable[..., Any], at: House) -> None:
    page = opened(at.real, reduced_motion="reduce")
    ask(page, TRIP)
    assert page.evaluate("document.getAnimations().filter(one => one.playState === 'running').length") == 0


def test_what_colour_says_is_there_in_forced_colours(opened: Callable[..., Any], at: House) -> None:
    page = opened(at.real, forced_colors="active")
    turn = ask(page, TRIP)
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    for kind in (".cw-card", ".cw-tools button", ".cw-stance .cw-mark", ".cw-bars"):
        edge = turn.locator(kind).first.evaluate("one => [getComputedStyle(one).borderTopStyle, parseFloat(getComputedStyle(one).borderTopWidth) >= 1]")
        assert (kind, edge[0] != "none", edge[1]) == (kind, True, True)
    reach(page, turn.get_by_role("button", name="Copy quote").first, "Shift+Tab")
