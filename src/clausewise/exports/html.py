"""A comparison -> one HTML page that needs no network and nothing beside it; and the parts that a served page shares with it.

Every word that is not ours is escaped by the template; the file's own policy (CSP) lets nothing run or style it but our own
files.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from clausewise.exports import wording
from clausewise.exports.wording import Report, Row

HOME = Path(__file__).parent  # of the templates
CSS, JS = HOME / "comparison.css", HOME / "comparison.js"  # what the parts are drawn with
_FILE = HOME / "comparison.file.css"  # what the file has in place of the served pages' style
_FILTERS = ("position", "strength", "reason", "place", "citation", "page", "percent", "stated", "flat", "searched", "below", "quotes")
_NAMES = ("HINT", "POSITIONS", "MEANINGS", "REVIEWS", "DIFFERENCES", "HOW_TO_READ")
Link = Callable[[str, str], str]  # ids of a policy and of a clause of it, or "" -> the address


def render(report: Report) -> str:
    """The page. The same report gives the same bytes."""
    css, js = _own(_FILE) + _own(CSS), _own(JS)
    return _template().render(values(report), css=css, js=js, css_digest=_digest(css), js_digest=_digest(js))


def values(report: Report, link: Link | None = None) -> dict[str, Any]:
    """What the templates show of a report. `link`: None where policies cannot be opened."""
    return {
        "report": report,
        "link": link,
        "grid": wording.grid(report),
        "summary": wording.summary(report),
        "day": wording.day(report),
        "about": wording.about(report),
        "documents": list(wording.documents(report)),
        "audiences": wording.audiences(report),
        "titles": wording.titles(report),
    }


def teach(environment: Environment) -> Environment:
    """`environment`, with the words that comparison.parts.html.j2 is written in."""
    environment.filters |= {name: getattr(wording, name) for name in _FILTERS} | {"anchor": _anchor}
    environment.globals |= {name: getattr(wording, name) for name in _NAMES}
    environment.finalize = _legal
    return environment


@cache
def _template() -> Template:
    loader = FileSystemLoader(HOME)
    made = Environment(autoescape=True, loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return teach(made).get_template("comparison.html.j2")


def _legal(value: object) -> object:
    """Control characters, which a page would drop, as their signs; our own markup as it is."""
    return wording.legal(value) if type(value) is str else value


@cache
def _own(path: Path) -> Markup:
    return Markup(path.read_text("utf-8"))  # ours, and read as it stands


def _digest(text: Markup) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _anchor(cell: Row) -> str:
    """An id for the topic at the school that can be linked to; no other id of the page holds a slash."""
    return f"{quote(cell['topic'], safe='')}/{quote(cell['school'], safe='')}"
