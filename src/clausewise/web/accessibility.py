"""/accessibility: for whom the pages work, how that was found out, and whom to tell where they do not. Open to who has not signed in."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment

from clausewise.accounts import User
from clausewise.web import templates
from clausewise.web.files import FRESH

if TYPE_CHECKING:
    from clausewise.web.desk import Desk

PREPARED = "29 November 2026"  # when tests/test_screens.py last found what the statement says


def statement(desk: Desk, user: User | None) -> str:
    """`user`: who reads it, and so which schools' policy owners it names; None: somebody who has not signed in, and it names none."""
    schools = desk.assistant(user).schools if user else ()
    owners = [(school.name, school.contacts["policy_owner"]) for school in schools if "policy_owner" in school.contacts]
    room = "/accessibility" if user else ""
    return templates.page(_environment(), "accessibility.html", room, owners=owners, prepared=PREPARED)


def add_accessibility(app: FastAPI, desk: Desk) -> None:
    @app.get("/accessibility")
    def accessibility(request: Request) -> HTMLResponse:
        return HTMLResponse(statement(desk, getattr(request.state, "user", None)), headers=FRESH)


@cache
def _environment() -> Environment:
    return templates.environment()
