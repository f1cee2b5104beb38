"""The cookie of a session, and where a request comes from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from fastapi import Request
from starlette.responses import Response

from clausewise.settings import SignIn

HOST = "__Host-"  # a browser keeps such a cookie only if it came over TLS, for this host alone
NEXT = 2000  # characters of an address at most


def cookie(sign_in: SignIn) -> str:
    return f"{HOST if sign_in.secure else ''}clausewise-session"


def begin(response: Response, token: str, sign_in: SignIn) -> None:
    """Until the browser is closed; the server ends it sooner or later than that."""
    response.set_cookie(cookie(sign_in), token, path="/", secure=sign_in.secure, httponly=True, samesite="lax")


def end(response: Response, sign_in: SignIn) -> None:
    response.delete_cookie(cookie(sign_in), path="/", secure=sign_in.secure, httponly=True, samesite="lax")


def ours(headers: Mapping[str, str], sign_in: SignIn) -> bool:
    """Whether the page that sends this request came from here. A browser says so, and no page can make it say otherwise.

    It says "null" of a page that is told to name itself to nobody; then what it says of the site counts.
    """
    origin = headers.get("origin", "null")
    if origin == "null":
        return headers.get("sec-fetch-site") == "same-origin"
    if sign_in.address:
        return origin.lower() == sign_in.address
    return urlsplit(origin).netloc.lower() == headers.get("host", "").lower()


def foreign(headers: Mapping[str, str]) -> bool:
    """Whether a page of another site sends this request. A browser says so; a program, which need not, sends it for who runs it."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site != "same-origin"
    return origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower()


def address(request: Request) -> str:
    """The machine that a request comes from; of one passed on by a proxy that uvicorn trusts, what that says."""
    return request.client.host if request.client else ""


def local(path: str) -> str:
    """`path` where it is one on this host, else "/": a link to the sign-in page must lead to no other site afterwards."""
    return path if len(path) <= NEXT and re.fullmatch(r"/(?![/\\])[^\\\s]*", path) and path.isprintable() else "/"
