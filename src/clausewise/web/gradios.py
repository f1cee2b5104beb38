"""Of what Gradio would do for whoever asks it, only what our page asks it to do."""

from __future__ import annotations

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

ROOT = "/gradio_api/"
# The others take files of any size, queue, or fetch for others; none of our controls needs one.
USED = ("run/predict", "heartbeat/", "app_id")


class Narrow:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = scope["path"].removeprefix(ROOT) if scope["type"] == "http" and scope["path"].startswith(ROOT) else USED[0]
        await (self.app if asked.startswith(USED) else JSONResponse({"error": "this is not offered here"}, 404))(scope, receive, send)
