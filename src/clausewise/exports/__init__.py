"""A comparison of schools' policies -> a file for a meeting: spreadsheet, paper, table, page.

Every form is rendered from one plain dict and depends on nothing else: the same comparison gives the same bytes.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

# Form, which is the file's suffix too -> (the module that renders it, its media type).
FORMS = {
    "xlsx": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "docx": ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "csv": ("csv", "text/csv; charset=utf-8"),
    "md": ("markdown", "text/markdown; charset=utf-8"),
    "html": ("html", "text/html; charset=utf-8"),
    "json": ("json", "application/json"),
}


def render(form: str, report: dict[str, Any]) -> bytes:
    """The file's bytes; text is UTF-8. `form`: one of FORMS. Only the form that is asked for is imported."""
    module = import_module(f"clausewise.exports.{FORMS[form][0]}")
    made: bytes | str = module.render(report)
    return made.encode() if isinstance(made, str) else made
