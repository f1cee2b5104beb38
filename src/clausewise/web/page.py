"""The chat page: what stands on it, and which control does what."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
from starlette.types import ASGIApp, Receive, Scope, Send

from clausewise.web import render
from clausewise.web.chat import ALL, Chat, Screen, Turn, choices
from clausewise.web.feedback import HISTORY

if TYPE_CHECKING:
    from clausewise.store import Store
    from clausewise.web.desk import Desk

TITLE = "Clausewise"
HEADING = f"""<header class="cw-heading">{render.navigation("/")}<h1>Clausewise</h1>
<p>Ask what your school’s policies say. The answer is the clause itself, word for word.</p></header>"""
EXAMPLES = (
    "Can I accept a friend request from a parent?",
    "Can I put photos of pupils on social media?",
    "Whom do I tell if a colleague posts something worrying?",
)
# The top of the newest turn, where its stance is, and not the end of its last quote.
SHOW_NEWEST = "() => { [...document.querySelectorAll('.cw-turn')].pop()?.scrollIntoView({block: 'start'}) }"
# The school that this device chose before, if it is still offered. In the browser: an answer of the server's could come late,
# and undo what was chosen in the meantime.
RECALL = """chosen => window.gradio_config.components.some(
  ({props}) => props.elem_id === 'cw-school' && props.choices.some(([, school]) => school === chosen)) ? chosen : """ + json.dumps(ALL)
# A redraw would fold up the quotes that the reader has opened: it knows nothing of them.
KEEP_OPEN = """
const opened = new WeakSet();
element.addEventListener('click', event => {
  const details = event.target.closest('summary')?.parentElement;
  if (details) details.open ? opened.delete(details) : opened.add(details);
});
element.addEventListener('toggle', event => { if (opened.has(event.target)) event.target.open = true; }, true);
"""
FEEDBACK = f"const HISTORY = {HISTORY};\n" + Path(__file__).with_name("feedback.js").read_text("utf-8")


class Page:
    """The page's controls around a desk."""

    def __init__(self, desk: Desk, store: Store) -> None:
        self.desk, self.chat = desk, Chat(desk, store)
        self.blocks: gr.Blocks = gr.Blocks(title=TITLE, analytics_enabled=False)

    def build(self) -> gr.Blocks:
        blocks = self.blocks
        with blocks:
            self.remembered = gr.BrowserState(ALL, storage_key="clausewise-school", secret="clausewise")
            self.turns = gr.State(())
            self.add_top()
            self.shown = gr.HTML("", apply_default_css=False, elem_id="cw-conversation", js_on_load=KEEP_OPEN + FEEDBACK)
            self.status = gr.HTML(render.status(""), apply_default_css=False, elem_id="cw-status")
            self.add_examples()
            self.add_composer()
            self.wire(blocks)
        return blocks

    def add_top(self) -> None:
        with gr.Row(elem_id="cw-top"):
            gr.HTML(HEADING, apply_default_css=False)
            offered = choices(self.desk.whole)
            self.picker = gr.Dropdown(offered, value=ALL, label="School", elem_id="cw-school", interactive=True)
            # An open page may show a school that is no longer offered: chat.recall knows what to do, Gradio would fail.
            self.picker.preprocess = lambda payload: payload  # type: ignore[method-assign]

    def add_examples(self) -> None:
        with gr.Column(elem_id="cw-examples"):
            gr.HTML("<h2>For example</h2>", apply_default_css=False)
            self.example_buttons = [gr.Button(example, elem_classes="cw-example") for example in EXAMPLES]

    def add_composer(self) -> None:
        with gr.Row(elem_id="cw-composer"):
            self.question = gr.Textbox(label="Your question", max_lines=5, autofocus=True, elem_id="cw-question")
            self.button = gr.Button("Ask", variant="primary", elem_id="cw-ask")
            self.new = gr.Button("New conversation", elem_id="cw-new")

    def wire(self, blocks: gr.Blocks) -> None:
        hidden: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        screen = [self.turns, self.shown, self.status, self.question, self.button]
        blocks.load(None, self.remembered, self.picker, js=RECALL)
        self.picker.input(None, self.picker, self.remembered, js="chosen => chosen")
        typed = gr.on([self.question.submit, self.button.click], self.ask, [self.question, self.picker, self.turns], screen, **hidden)
        clicked = [button.click(self.ask, [button, self.picker, self.turns], screen, **hidden) for button in self.example_buttons]
        for asked in (typed, *clicked):
            asked.then(None, js=SHOW_NEWEST)
        # An answer that is still under way must not land in the new conversation.
        self.new.click(lambda: updates(Screen(status="New conversation.")), None, screen, cancels=[typed, *clicked], **hidden)

    def refresh(self) -> None:
        """Offer the schools of the assistant that answers now. Gradio holds the page ready made, so it has it made anew."""
        offered: list[Any] = choices(self.desk.whole)  # Gradio's own type allows more
        if offered != self.picker.choices:
            self.picker.choices = offered
            self.blocks.config = self.blocks.get_config_file()

    def ask(self, question: str, chosen: str, turns: tuple[Turn, ...], request: gr.Request) -> Iterator[tuple[Any, ...]]:
        yield from map(updates, self.chat.ask(question, chosen, tuple(turns), request.state.user))


def updates(screen: Screen) -> tuple[Any, ...]:
    """New values for: turns, conversation, status line, question box, Ask button."""
    button = gr.Button("Reading…" if screen.busy else "Ask", interactive=not screen.busy)
    # The box is emptied as its question goes up, not when the answer comes: by then the next one may stand in it.
    question = "" if screen.busy else gr.skip()
    return screen.turns, screen.html, render.status(screen.status), question, button


class Fresh:
    """Has the page brought up to date before it is sent."""

    def __init__(self, app: ASGIApp, page: Page) -> None:
        self.app, self.page = app, page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/":
            self.page.refresh()
        await self.app(scope, receive, send)
