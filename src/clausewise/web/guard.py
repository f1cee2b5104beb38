"""Where people sign in, nothing is reached without: every request is looked at here, before the app and Gradio see it."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from clausewise.accounts import Account, Accounts
from clausewise.errors import StoreError
from clausewise.keys import Key
from clausewise.settings import SignIn
from clausewise.web import sessions
from clausewise.web.who import SAFE

# Whole paths; what stands below one that is not ours falls to Gradio.
OPEN = {
    "/sign-in",
    "/sign-in/password",
    "/oidc/start",
    "/oidc/callback",
    "/accessibility",
    "/style.css",
    "/pages.css",
    "/account.css",
    "/account.js",
}
UNKNOWN = "not signed in; sign in at /sign-in, or send an API token as: Authorization: Bearer TOKEN"
STRANGE = "this request does not come from a page of this address; open the page anew and try again, or send an API token"


class Guard:
    """Refuses who is not known, and says of the others who they are: `state.user`, and the key that they are known by, `state.key`."""

    def __init__(self, app: ASGIApp, accounts: Accounts, sign_in: SignIn) -> None:
        self.app, self.accounts, self.sign_in = app, accounts, sign_in

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            refusal = await self.refusal(Request(scope))
            await (refusal or self.app)(scope, receive, send)
        else:  # no page of ours opens a socket
            await send({"type": "websocket.close", "code": 1008})

    async def refusal(self, request: Request) -> Response | None:
        """The answer to a request that the app is not to see; None where it is."""
        bearer = _bearer(request)
        if bearer is None and request.method not in SAFE and not sessions.ours(request.headers, self.sign_in):
            browser = "origin" in request.headers or sessions.cookie(self.sign_in) in request.cookies
            return JSONResponse({"error": STRANGE}, 403) if browser else _turned_away(request)
        try:
            known = await run_in_threadpool(self.known, request, bearer)
        except StoreError as error:
            return JSONResponse({"error": str(error)}, 500)
        if known:
            request.state.user, request.state.key = known[0].user, known[1]
        return None if known or request.scope["path"] in OPEN else _turned_away(request)

    def known(self, request: Request, bearer: str | None) -> tuple[Account, Key] | None:
        """Read anew for each request, so that who is disabled is out at once."""
        token = request.cookies.get(sessions.cookie(self.sign_in), "") if bearer is None else bearer
        return self.accounts.known_by("session" if bearer is None else "token", token) if token else None


def _bearer(request: Request) -> str | None:
    """The API token of a request that has one, right or wrong."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


def _turned_away(request: Request) -> Response:
    """A page leads to where one signs in, and from there back; whatever else was asked for is refused in one line."""
    if request.method in ("GET", "HEAD") and "text/html" in request.headers.get("accept", "") and _bearer(request) is None:
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse("/sign-in" + (f"?next={quote(wanted, safe='/')}" if wanted != "/" else ""), 303)
    return JSONResponse({"error": UNKNOWN}, 401, {"www-authenticate": "Bearer"})
