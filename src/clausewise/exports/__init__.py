"""A comparison of schools' policies -> a file for a meeting: spreadsheet, paper, table, page. A conversation -> a file to take along.

Every form is rendered from one value and depends on nothing else: the same comparison gives the same bytes.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clausewise.exports.conversation import Transcript

# Form, which is the file's suffix too -> (the module that renders it, its media type).
FORMS = {
    "xlsx": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "docx": ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "csv": ("csv", "text/csv; charset=utf-8"),
    "md": ("markdown", "text/markdown; charset=utf-8"),
    "html": ("html", "text/html; charset=utf-8"),
    "json": ("json", "application/json"),
}


CONVERSATION = {form: (f"conversation_{FORMS[form][0]}", FORMS[form][1]) for form in ("docx", "md")}  # likewise


def render(form: str, report: dict[str, Any]) -> bytes:
    """The file's bytes; text is UTF-8. `form`: one of FORMS. Only the form that is asked for is imported."""
    return _rendered(FORMS[form][0], report)


def render_conversation(form: str, transcript: Transcript) -> bytes:
    """The same of a conversation. `form`: one of CONVERSATION."""
    return _rendered(CONVERSATION[form][0], transcript)


def _rendered(name: str, value: object) -> bytes:
    made: bytes | str = import_module(f"clausewise.exports.{name}").render(value)
    return made.encode() if isinstance(made, str) else made
