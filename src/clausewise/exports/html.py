"""A comparison -> one HTML page that needs no network and nothing beside it.

Every word that is not ours is escaped by the template; the page's own policy (CSP) lets nothing run or style it but our two files.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from clausewise.exports import wording
from clausewise.exports.wording import Report, Row

_HOME = Path(__file__).parent
_FILTERS = ("position", "strength", "reason", "place", "citation", "page", "percent", "stated", "flat", "searched", "below", "quotes")
_NAMES = ("POSITIONS", "MEANINGS", "REVIEWS", "DIFFERENCES", "HOW_TO_READ")


def render(report: Report) -> str:
    """The page. The same report gives the same bytes."""
    return _template().render(
        report=report,
        grid=wording.grid(report),
        summary=wording.summary(report),
        day=wording.day(report),
        about=wording.about(report),
        documents=list(wording.documents(report)),
        digests=wording.digests(report),
        names=wording.names(report),
        titles=wording.titles(report),
        css=_own("comparison.css"),
        js=_own("comparison.js"),
        css_digest=_digest("comparison.css"),
        js_digest=_digest("comparison.js"),
    )


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True,
        finalize=_legal,
        loader=FileSystemLoader(_HOME),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {name: getattr(wording, name) for name in _FILTERS} | {"anchor": _anchor}
    environment.globals |= {name: getattr(wording, name) for name in _NAMES}
    return environment.get_template("comparison.html.j2")


def _legal(value: object) -> object:
    """Control characters, which a page would drop, as their signs; our own markup as it is."""
    return wording.legal(value) if type(value) is str else value


@cache
def _own(name: str) -> Markup:
    return Markup((_HOME / name).read_text("utf-8"))  # ours, and read as it stands


def _digest(name: str) -> str:
    return base64.b64encode(hashlib.sha256(_own(name).encode()).digest()).decode()


def _anchor(cell: Row) -> str:
    """An id for the topic at the school that can be linked to; no other id of the page holds a slash."""
    return f"{quote(cell['topic'], safe='')}/{quote(cell['school'], safe='')}"
