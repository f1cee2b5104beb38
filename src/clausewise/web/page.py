"""The chat page: what stands on it, and which control does what. The questions themselves are sent by ask.js."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from clausewise.web import render
from clausewise.web.chat import Chat, Screen
from clausewise.web.feedback import HISTORY, QUESTION

if TYPE_CHECKING:
    from clausewise.conversations import Conversations
    from clausewise.store import Store
    from clausewise.web.desk import Desk

TITLE = "Ask · Clausewise"
HEADING = f"""<header class="cw-heading">{render.navigation("/")}<h1>Clausewise</h1>
<p>Ask what your school’s policies say. The answer is the clause itself, word for word.</p></header>"""
SCRIPTS = "".join(Path(__file__).with_name(name).read_text("utf-8") for name in ("ask.js", "feedback.js"))
HIDDEN: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


class Page:
    """The page's controls around a desk. Nothing of a school stands in what Gradio holds for everybody: that comes when it is opened."""

    def __init__(self, desk: Desk, store: Store, conversations: Conversations) -> None:
        self.chat = Chat(desk, store, conversations)

    def build(self) -> gr.Blocks:
        blocks: gr.Blocks = gr.Blocks(title=TITLE, analytics_enabled=False)
        with blocks:
            self.add_conversation()
            self.add_composer()
            gr.HTML(render.FOOTER, elem_id="cw-bottom", apply_default_css=False, js_on_load=None)
            self.wire(blocks)
        return blocks

    def add_conversation(self) -> None:
        """The newest turn is drawn apart from those before it, which Gradio then leaves as the reader has opened and folded them."""
        plain: dict[str, Any] = {"apply_default_css": False, "js_on_load": None}
        gr.HTML(HEADING, elem_id="cw-top", **plain)
        self.scope = gr.HTML("", elem_id="cw-scope", **plain | {"js_on_load": drawn("drawChips")})
        self.past = gr.HTML("", elem_id="cw-past", **plain)
        self.now = gr.HTML("", elem_id="cw-now", apply_default_css=False, js_on_load=f"const HISTORY = {HISTORY};\n{SCRIPTS}")
        self.status = gr.HTML(render.status(""), elem_id="cw-status", **plain)
        self.start = gr.HTML("", elem_id="cw-start", **plain)
        self.kept = gr.HTML("", elem_id="cw-kept", **plain | {"js_on_load": drawn("kept")})

    def add_composer(self) -> None:
        with gr.Row(elem_id="cw-composer"):
            box: dict[str, Any] = {"max_lines": 5, "max_length": QUESTION, "autofocus": True, "interactive": True}
            self.question = gr.Textbox(label="Your question", elem_id="cw-question", **box)
            self.button = gr.Button("Ask", variant="primary", elem_id="cw-ask")
            self.new = gr.Button("New conversation", elem_id="cw-new")

    def wire(self, blocks: gr.Blocks) -> None:
        screen = [self.now, self.status, self.kept, self.question, self.button]
        blocks.load(self.open, None, [self.scope, self.past, self.start, self.kept], **HIDDEN)
        gr.on([self.question.submit, self.button.click], None, None, None, js="() => clausewise.ask()")
        # Without a limit, since one person's slow answer must not keep another's waiting.
        asked = self.now.submit(self.ask, None, screen, concurrency_limit=None, **HIDDEN)
        # An answer that is still under way must not land in the new conversation.
        empty = [self.now, self.status, self.kept, self.button]
        self.new.click(self.begin, None, [*empty, self.start], js="() => clausewise.clear()", cancels=[asked], **HIDDEN)

    def open(self, request: gr.Request) -> tuple[str, str, str, str]:
        opened = self.chat.open(request.query_params.get("conversation", ""), request.state.user)
        return opened.scope, opened.past, opened.start, render.kept(opened.kept)

    def begin(self, request: gr.Request) -> tuple[Any, ...]:
        start = self.chat.open("", request.state.user).start
        return "", render.status("New conversation."), "", gr.Button("Ask", interactive=True), start

    def ask(self, event: gr.EventData, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        yield from map(updates, self.chat.ask(event._data or {}, request.state.user))


def drawn(name: str) -> str:
    """Has ask.js do so whenever the server has drawn a control anew."""
    return f"watch('value', () => clausewise.{name}());"


def updates(screen: Screen) -> tuple[Any, ...]:
    """New values for: newest turn, status line, what is kept, question box, Ask button."""
    button = gr.Button("Reading…" if screen.busy else "Ask", interactive=not screen.busy)
    # The box is emptied as its question goes up, not when the answer comes: by then the next one may stand in it.
    question = "" if screen.busy else gr.skip()
    turn, status = screen.html or gr.skip(), render.status(screen.status) if screen.status else gr.skip()
    return turn, status, gr.skip() if screen.kept is None else render.kept(*screen.kept), question, button
