"""The assistant that answers now. A page asks for it once a request, since an index that is built anew brings another."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clausewise.assistant import Assistant


class Desk:
    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
