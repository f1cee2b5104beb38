"""Served houses with something on every page, for the tests that go through all of them in a browser."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from conftest import LARCH_DOGS, MAX_BYTES, WordsEncoder, write
from made import case_row, gold_row, opened, write_suite
from serving import serving
from test_web import RELATED, FakeAssistant, answer
from test_web_printed import gate

from clausewise.accounts import Accounts
from clausewise.assistant import Assistant
from clausewise.building import build
from clausewise.conversations import Conversations, Turn
from clausewise.documents import load_corpus
from clausewise.evaluation import regression, runs
from clausewise.evaluation.cases import load_suite
from clausewise.settings import Settings, SignIn
from clausewise.store import Store
from clausewise.types import Answer
from clausewise.web.server import create_app
from clausewise.web.who import COOKIE

TRIP = "May pupils carry a phone on a residential trip?"
PHONES = """# Mobile Phone Policy

Approved: 4 May {year}. Next review: May 2026.

## 1. Pupils

1.1 Pupils must hand their phones to the office each morning.

1.2 Pupils may carry a phone on a residential trip.

1.3 Pupils who carry a phone on a residential trip must keep it switched off at night.

1.4 A pupil may not carry a phone on a residential trip to France.

## 2. Staff

2.1 Staff must keep their phones in a locker during the lessons that they teach.

| What is found | Who is told | When |
| --- | --- | --- |
| A phone in a corridor | The office | The same day |
"""
FACTS = """[schools.larch]
name = "Larch Primary School"
trust = "Tree Trust"
contacts = { policy_owner = "Ms Ash, office@larch.example.org" }
[schools.maple]
name = "Maple High School"
trust = "Tree Trust"
"""
FILES = {
    "schools.toml": FACTS,
    "larch/phones.md": PHONES.format(year=2024),
    "larch/dogs.md": LARCH_DOGS,
    "maple/phones-2020.md": PHONES.format(year=2020),
    "maple/phones.md": PHONES.format(year=2024).replace("may carry", "must not carry"),
}
CASES = [
    case_row("trip", TRIP, "larch", {"larch": gold_row({"larch/phones#1.2": 2}, "permitted")}),
    case_row("pool", "Is there a swimming pool?", "maple", {"maple": gold_row({})}, kind="unanswerable"),
]
TOKEN = "a-browser"  # of whom the seeded conversations are
READER = f"browser:{hashlib.sha256(TOKEN.encode()).hexdigest()[:32]}"


class Beside(FakeAssistant):
    """Sets an exception beside the rule, too."""

    def answers(self, question: str) -> tuple[Answer, ...]:
        found = super().answers(question)
        if "exception" not in question:
            return found
        rule = answer(0, "prohibited", found[0].quotes[0], replace(RELATED, exception=True))
        return (rule, *found[1:])


@dataclass(frozen=True)
class House:
    """Addresses, each without its last stroke. `fake`: around Beside; `real`: around policies, seeded for TOKEN; `door`: signed in with `session`."""

    fake: str
    real: str
    door: str
    session: str
    conversation: str
    run: str

    def cookies(self) -> list[dict[str, str]]:
        """Of one browser that is known at each; cookies know no ports."""
        return [{"name": name, "value": value, "url": self.real} for name, value in ((COOKIE, TOKEN), ("clausewise-session", self.session))]


@contextmanager
def house(folder: Path) -> Iterator[House]:
    index, evals = folder / "index", folder / "evals"
    corpus = write(folder / "corpus", FILES)
    gate((corpus / "maple").resolve())
    build(load_corpus(corpus, MAX_BYTES), WordsEncoder(), index)  # type: ignore[arg-type]
    assistant = opened(index)
    run = evaluated(write_suite(evals / "small", CASES), index)
    conversation = talked(Conversations(folder / "data"), assistant, (TRIP, "Is there a swimming pool?"))
    accounts = Accounts(folder / "door")
    root = accounts.add("root@school.example", "administrator", None)
    accounts.add("jane", "staff", "Tree Trust")
    apps = (
        create_app(Beside(), Store(folder / "fake")),  # type: ignore[arg-type]
        create_app(assistant, Store(folder / "data"), evals, index, corpus),
        create_app(assistant, Store(folder / "door"), evals, index, corpus, accounts, SignIn(("password",))),
    )
    with ExitStack() as stack:
        served = [stack.enter_context(serving(app)) for app in apps]
        yield House(*served, accounts.keys.make(root.id, "session"), conversation, run)


def evaluated(suite: Path, index: Path) -> str:
    """Two runs of the suite, the first one the baseline, the second one, whose id it is, refusing all."""
    made = [runs.ask_all(load_suite(suite), opened(index, Settings(threshold=threshold))) for threshold in (None, 1.0)]
    for run in made:
        regression.save(run, suite, index)
    regression.set_baseline(suite, made[0])
    return made[1].id


def talked(kept: Conversations, assistant: Assistant, questions: Sequence[str]) -> str:
    """A conversation of READER's; its id."""
    turns = [Turn(question, (), assistant.ask(question).as_dict(), assistant.index.manifest["checksum"]) for question in questions]
    id = kept.begin(READER, turns[0])
    for turn in turns[1:]:
        kept.add(READER, id, turn)
    return id


def ask(page: Any, question: str) -> Any:
    """Type a question, send it with Enter, and wait for its turn's answer."""
    turns = page.locator(".cw-turn").count()
    box = page.get_by_label("Your question")
    box.fill(question)
    box.press("Enter")
    turn = page.locator(".cw-turn").nth(turns)
    turn.locator(".cw-card, .cw-error").first.wait_for(state="attached")  # what is asked back folds the cards up
    page.get_by_role("button", name="Ask", exact=True).wait_for()
    return turn
