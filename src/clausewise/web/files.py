"""Our own style sheets and scripts, each served under its name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse

HERE = Path(__file__).parent
FRESH = {"cache-control": "no-cache"}  # a browser asks again, so that a new version is seen at once
KINDS = {".css": "text/css", ".js": "text/javascript"}


def add_files(app: FastAPI, *paths: Path) -> None:
    for path in paths:
        app.get(f"/{path.name}")(_sent(path))


def _sent(path: Path) -> Callable[[], FileResponse]:
    return lambda: FileResponse(path, media_type=KINDS[path.suffix], headers=FRESH)
