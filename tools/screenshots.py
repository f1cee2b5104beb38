"""Take a picture of every screen into docs/screens, and write the page there that shows them all.

Run `clausewise index`, then `python tools/screenshots.py`, from the project's folder; it takes some two minutes.
It needs the packages of `pip install -e .[test]`, and Chromium (`apt-get install chromium`, or `playwright install chromium`).
`--index DIR` names another index, `--only NAME` (which may be given again) takes these pictures alone. Nothing of the user's own
data is touched or shown: conversations and accounts are made in a temporary folder.
"""

from __future__ import annotations

import argparse
import io
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from clausewise.accounts import Accounts
from clausewise.assistant import Assistant
from clausewise.evaluation import regression, runs
from clausewise.evaluation.cases import load_suite
from clausewise.settings import DEFAULT_CORPUS, DEFAULT_INDEX, Settings, SignIn
from clausewise.store import Store
from clausewise.web.server import EVALS, create_app

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from serving import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "screens"
LOOKS = {"light": ("light", 1280, 800), "dark": ("dark", 1280, 800), "phone": ("light", 390, 844)}
COMPARING = 120_000  # ms
COLOURS = 128  # of a picture's palette
SHOWN = "scrollTo(0, 0); document.querySelector('section.cw-turn, :target')?.scrollIntoView({block: 'start'})"
INTRO = """# Every screen

Taken by `python tools/screenshots.py` over the sample corpus, six fictional schools; the pictures are not drawn by hand, and are taken anew
with one command. Each in light and dark, 1280 pixels wide, and on a phone, 390 wide.
"""


def no_act(page: Page) -> None:
    """The screen is there at once."""


def asked(question: str, *schools: str) -> Callable[[Page], None]:
    """Choose the schools by their ids, none for all; ask; and wait for what comes of it."""

    def act(page: Page) -> None:
        for school in schools:
            page.locator("#cw-add").select_option(school)
        box = page.get_by_label("Your question")
        box.fill(question)
        box.press("Enter")
        page.locator(".cw-turn:not(:has(.cw-waiting))").last.wait_for()
        page.get_by_role("button", name="Ask", exact=True).wait_for()
        box.blur()

    return act


@dataclass(frozen=True, slots=True)
class Screen:
    """`at`: its address. `site`: "open", where nobody signs in; "door", signed in; or "out", not signed in. `act`: what brings it about."""

    name: str
    caption: str
    at: str = "/"
    act: Callable[[Page], None] = no_act
    site: str = "open"


LANE = "harbour-lane"
PUPIL = "Can I add a pupil on social media?"
PHOTOS = "Can staff use their own phone to take photos of pupils?"
RISK = "A child has bruises and is afraid to go home, what do I do?"
VERSIONS = "old=gannet-point/social-media-policy-2022&new=gannet-point/social-media-policy"
SCREENS = (
    Screen("ask", "Ask: a new conversation, with questions to try"),
    Screen("ask-one-school", "Ask: one school’s rule, quoted, with the clause, the page and how old the policy is", act=asked(PUPIL, LANE)),
    Screen("ask-schools", "Ask: every school, each with a card of its own", act=asked(PHOTOS)),
    Screen("ask-back", "Ask: a question that may mean several things is asked back", act=asked("phones?")),
    Screen("ask-risk", "Ask: someone may be at risk; whom to tell comes first, and nothing is kept", act=asked(RISK, LANE)),
    Screen("conversations", "Conversations: what was asked, to continue, rename or delete", "/conversations"),
    Screen("compare", "Compare: choose topics and schools", "/compare"),
    Screen("compare-matrix", "Compare: a list of topics for every school", "/compare?topics=mobile-devices#matrix"),
    Screen("compare-topic", "Compare: one topic", "/compare?topic=WhatsApp+groups+with+parents"),
    Screen("documents", "Documents: every policy, and when it is due for review", "/documents"),
    Screen("changes", "What changed between two versions of a policy", f"/documents/changes?{VERSIONS}"),
    Screen("policy", "A policy, opened at the clause that was quoted", "/policies/harbour-lane/social-media-policy#4.1"),
    Screen("printed", "A page as printed, with the clause marked on it", "/policies/harbour-lane/social-media-policy/page/3?clause=5.1"),
    Screen("evaluation", "Evaluation: suites of saved questions, and how the last run of each did", "/evaluation"),
    Screen("evaluation-suite", "Evaluation: one suite, its measures, and the answers that changed", "/evaluation/sample"),
    Screen("account", "Account: password, sign-ins and keys for other programs", "/account", site="door"),
    Screen("administration", "Administration: people, the switch that stops answers, the log", "/administration", site="door"),
    Screen("sign-in", "Sign-in", "/sign-in", site="out"),
    Screen("accessibility", "Accessibility", "/accessibility"),
)  # fmt: skip


@contextmanager
def sites(index: Path) -> Iterator[tuple[dict[str, str], str]]:
    """Addresses by the name of a site, and the session of who has signed in at "door". All that is written stands in the folder at hand."""
    index = Path(shutil.copytree(index, "index"))  # snapshots are made beside it
    assistant, accounts = Assistant(index, Settings.from_environment()), Accounts(Path("door"))
    root = accounts.add("head.office@example.org", "administrator", None)
    accounts.add("jane.reed@example.org", "lead", assistant.schools[0].trust)
    where = evaluated(assistant, index), index, ROOT / DEFAULT_CORPUS
    apps = (
        create_app(assistant, Store(Path("open")), *where),
        create_app(assistant, Store(Path("door")), *where, accounts, SignIn(("password",))),
    )
    with ExitStack() as stack:
        nobody, door = (stack.enter_context(serving(app)) for app in apps)
        yield {"open": nobody, "door": door, "out": door}, accounts.keys.make(root.id, "session")


def evaluated(assistant: Assistant, index: Path) -> Path:
    """A copy of the suites, the sample's asked once."""
    suite = Path(shutil.copytree(ROOT / EVALS, EVALS, ignore=shutil.ignore_patterns("runs"))) / "sample"
    regression.save(runs.ask_all(load_suite(suite), assistant), suite, index)
    return EVALS


def contexts(browser: Browser, addresses: dict[str, str], session: str) -> dict[str, BrowserContext]:
    found = {site: browser.new_context() for site in addresses}
    found["door"].add_cookies([{"name": "clausewise-session", "value": session, "url": addresses["door"]}])
    return found


def take(page: Page, screen: Screen, base: str) -> None:
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(base + screen.at)
    if screen.at == "/":
        page.locator(".cw-start button").first.wait_for()
    page.evaluate("localStorage.removeItem('clausewise-schools'); window.clausewise?.drawChips()")
    page.locator("#bar").wait_for(state="detached", timeout=COMPARING)  # of a comparison that is still made
    screen.act(page)
    for look, (scheme, width, height) in LOOKS.items():
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(400)  # for what fades from light to dark
        page.evaluate(SHOWN)
        write(page.screenshot(), TARGET / f"{screen.name}-{look}.png")


def write(picture: bytes, path: Path) -> None:
    """Text on flat colours needs no more than a small palette, which halves the file."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def shown() -> str:
    """The page that shows every picture."""
    row = "| {} | {} | {} |\n| --- | --- | --- |\n| {} | {} | {} |\n"
    parts = [INTRO]
    for screen in SCREENS:
        pictures = [f"![{screen.caption}, {look}]({screen.name}-{look}.png)" for look in LOOKS]
        parts.append(f"## {screen.caption}\n\n" + row.format(*LOOKS, *pictures))
    return "\n".join(parts)


def main() -> None:
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description="Take a picture of every screen into docs/screens.")
    parser.add_argument("--index", type=Path, default=DEFAULT_INDEX, metavar="DIR", help="folder of the index (default: %(default)s)")
    parser.add_argument("--only", action="append", choices=[screen.name for screen in SCREENS], metavar="NAME", help="only this screen")
    args = parser.parse_args()
    TARGET.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        index = args.index.resolve()
        stack.enter_context(chdir(stack.enter_context(tempfile.TemporaryDirectory())))  # pages name folders as they are given
        addresses, session = stack.enter_context(sites(index))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        opened = contexts(browser, addresses, session)
        for screen in (one for one in SCREENS if not args.only or one.name in args.only):
            page = opened[screen.site].new_page()
            take(page, screen, addresses[screen.site])
            page.close()
        browser.close()
    (TARGET / "README.md").write_text(shown(), "utf-8")
    pictures = sorted(TARGET.glob("*.png"))
    print(f"{len(pictures)} pictures in {TARGET}, {sum(path.stat().st_size for path in pictures) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
