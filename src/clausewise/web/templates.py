"""The pages beside the chat page: plain HTML from the templates in pages/, no Gradio.

Autoescape is on: what comes from a policy, a question or an address is text, never markup.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from clausewise.web import render, words

_PAGES = Path(__file__).with_name("pages")
BROKEN = "Something went wrong here. The server’s log has the details."


def environment(*folders: Path) -> Environment:
    """What every room's templates share; each room adds its own words and filters, and keeps it. `folders`: more templates stand there."""
    loader = FileSystemLoader([_PAGES, *folders])
    made = Environment(autoescape=True, loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters |= {"address": address, "sentence": words.sentence}
    return made


def page(of: Environment, template: str, room: str, below: bool = False, **values: Any) -> str:
    """`room`: the address of the room that the page belongs to, "" before one has signed in; `below`: it is not that room's first page."""
    navigation = Markup(render.navigation(room, "true" if below else "page") if room else "")
    return of.get_template(template).render(values, navigation=navigation, footer=Markup(render.FOOTER))


def address(name: str) -> str:
    """A name as one part of an address."""
    return quote(name, safe="")
