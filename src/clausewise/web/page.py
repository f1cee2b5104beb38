"""The chat page: what stands on it, and which control does what. The questions themselves are sent by ask.js."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from clausewise.web import render
from clausewise.web.chat import Chat
from clausewise.web.feedback import HISTORY, QUESTION

if TYPE_CHECKING:
    from clausewise.conversations import Conversations
    from clausewise.store import Store
    from clausewise.web.desk import Desk

TITLE = "Ask · Clausewise"
HEADING = f"""<header class="cw-heading">{render.navigation("/")}<h1>Clausewise</h1>
<p>Ask what your school’s policies say. The answer is the clause itself, word for word.</p></header>"""
SCRIPTS = "".join(Path(__file__).with_name(name).read_text("utf-8") for name in ("ask.js", "feedback.js"))
# Gradio's queue sends what becomes of an event over a stream that it ends when nothing is under way: an event that comes while
# the stream's end is on its way is never heard of again. Without the queue, the answer comes in the reply to its own request.
DIRECT: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}


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
        """Answers come in a control of their own, from which ask.js takes them: they are then the reader’s to open and fold."""
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
        blocks.load(self.open, None, [self.scope, self.past, self.start, self.kept], **DIRECT)
        gr.on([self.question.submit, self.button.click], None, None, None, js="() => clausewise.ask()")
        self.now.submit(None, None, [self.question, self.button, self.status], js="() => clausewise.began()")
        # Each by itself: a question of a conversation that was left may still be under way when the next one is asked.
        asked = self.now.submit(self.ask, None, [self.now, self.kept, self.status], trigger_mode="multiple", **DIRECT)
        asked.failure(None, None, [self.status, self.button], js="() => clausewise.failed()")
        asked.success(None, None, self.button, js="() => clausewise.ended()")
        left = [self.status, self.kept, self.start]
        self.new.click(self.begin, None, left, js="() => clausewise.clear()", **DIRECT)
        self.new.click(None, None, self.button, js="() => clausewise.ended()")

    def open(self, request: gr.Request) -> tuple[str, str, str, str]:
        opened = self.chat.open(request.query_params.get("conversation", ""), request.state.user)
        return opened.scope, opened.past, opened.start, render.kept(opened.kept)

    def begin(self, request: gr.Request) -> tuple[str, ...]:
        start = self.chat.open("", request.state.user).start
        return render.status("New conversation."), "", start

    def ask(self, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        screen = self.chat.ask(event._data or {}, request.state.user)
        kept = gr.skip() if screen.kept is None else render.kept(*screen.kept)
        return screen.html, kept, render.status(screen.status)


def drawn(name: str) -> str:
    """Has ask.js do so whenever the server has drawn a control anew."""
    return f"watch('value', () => clausewise.{name}());"

