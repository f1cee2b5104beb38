"""The fields of a form that a page of ours sends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request

from clausewise.errors import BadAccount

MOST = 64 * 1024  # bytes; one that compares a thousand schools names each


async def pairs(request: Request) -> list[tuple[str, str]]:
    """Names and values. Read here, since others would take in as much as is sent."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST:
            raise BadAccount(f"found a form of more than {MOST:,} bytes; expected that at most")
    try:
        return parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError:
        raise BadAccount("found a form that cannot be read; expected one that a page of this address sends") from None


Pairs = Annotated[Sequence[tuple[str, str]], Depends(pairs)]


async def fields(found: Pairs) -> dict[str, str]:
    """The last of several of a name."""
    return dict(found)


Posted = Annotated[Mapping[str, str], Depends(fields)]
