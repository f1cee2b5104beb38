"""/accessibility: what was tested for people who use a keyboard, a screen reader or much magnification."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from clausewise.web import templates
from clausewise.web.files import FRESH

ADDRESS = "/accessibility"


def add_statement(app: FastAPI) -> None:
    made = templates.page(templates.environment(), "accessibility.html", ADDRESS)

    @app.get(ADDRESS)
    def statement() -> HTMLResponse:
        return HTMLResponse(made, headers=FRESH)
