"""What comes in the body of a request: JSON, of a bounded size."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from fastapi import Request
from starlette.requests import ClientDisconnect

from clausewise.errors import BadRequest


async def short_json(request: Request, most: int) -> bytes:
    """The body, of `most` bytes. Other sites' pages may send text, but a body of this type only after asking us. Raises BadRequest."""
    kind = request.headers.get("content-type", "")
    if kind.partition(";")[0].strip().lower() != "application/json":
        raise BadRequest(f"content-type: found {kind[:60]!r}; expected application/json", 415)
    body = b""
    try:
        async for part in request.stream():
            body += part
            if len(body) > most:
                raise BadRequest(f"the request: found more than {most:,} bytes; expected that at most", 413)
    except ClientDisconnect:
        raise BadRequest("the request did not arrive whole; send it again", 400) from None
    return body


def decoded(body: bytes) -> Any:
    """The JSON value in `body`, which can be written as JSON again. Raises BadRequest."""
    try:
        found = json.loads(body.decode(), parse_constant=_refuse)
        json.dumps(found, ensure_ascii=False, allow_nan=False).encode()  # neither half of a character nor 1e999
        return found
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"the request: found what is not JSON in UTF-8 ({error}); expected one object", 400) from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is none of its numbers")
