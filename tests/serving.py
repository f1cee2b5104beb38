"""An app served on this machine, for tests that need an address."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from clausewise.web.server import Server, address, listen


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Its address, without the last stroke."""
    with listen("127.0.0.1", 0) as listener:
        server = Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield address(listener).rstrip("/")
        server.should_exit = True
        thread.join()
