"""Nothing leaves the machine: a browser that shows the page is told to fetch from here alone."""

from __future__ import annotations

import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Gradio's own scripts are inline and compile templates, hence the two "unsafe" words; hosts other than ours stay shut.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' data: blob:; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
# Gradio's page carries its own site's address and picture for link previews.
PREVIEW = re.compile(rb"<meta\s+(?:property=\"og:|name=\"twitter:)[^>]*>\s*")


class Private:
    """Adds the headers to every response, and takes the preview tags out of the page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["path"] == "/":
            await self.app(uncompressed(scope), receive, Cleaned(send))
        else:
            await self.app(scope, receive, Headed(send))


def uncompressed(scope: Scope) -> Scope:
    """The same request without its wish for compression, since compressed tags cannot be found."""
    return {**scope, "headers": [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]}


class Headed:
    """A `send` that adds our headers."""

    def __init__(self, send: Send) -> None:
        self.send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(HEADERS)
        await self.send(message)


class Cleaned(Headed):
    """A `send` that holds the page back until it is whole, then sends it without its preview tags."""

    def __init__(self, send: Send) -> None:
        super().__init__(send)
        self.start: Message = {}
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")
            if not message.get("more_body"):
                await self.flush()

    async def flush(self) -> None:
        body = PREVIEW.sub(b"", self.body)
        MutableHeaders(scope=self.start)["content-length"] = str(len(body))
        await super().__call__(self.start)
        await self.send({"type": "http.response.body", "body": body})
