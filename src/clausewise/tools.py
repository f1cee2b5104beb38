"""The calls as tools of the Model Context Protocol (MCP), for a school's own assistant; the only room that knows `mcp`.

A request is answered with the contract's object and, for who reads it, with the same in words.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clausewise import __version__
from clausewise.calls import CALLS, Answered, Call
from clausewise.errors import ClausewiseError
from clausewise.following import Following

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server
    from mcp_types import CallToolResult, Tool
    from starlette.types import ASGIApp

    from clausewise.assistant import Assistant

MISSING = "the tools need the package mcp; install it with: pip install 'clausewise[mcp]'"
BROKEN = "this could not be answered, by no fault of the request; Clausewise’s log has the details"
INSTRUCTIONS = (
    "Clausewise answers from schools’ own policies, in their words. Ask with one school’s id (tool schools) where the asker’s school is "
    "known. Repeat a quote’s text unchanged, with its lead_in, school and clause; where the status is not_covered, say that the policy "
    "does not say."
)
# Who answers: the call, its arguments, and the HTTP request that it came with; None: it came over standard input.
Answer = Callable[[Call[Any], object, Any], Answered]
log = logging.getLogger(__name__)


def serve(assistant: Assistant, index: Path) -> None:
    """Answer over standard input and output until the other side goes away; the index in the folder `index` may be built anew.

    Raises ClausewiseError where `mcp` is not installed.
    """
    following = Following(assistant, index)
    made = server(lambda call, found, _: call(following.now, found))
    import anyio
    from mcp.server.stdio import stdio_server

    async def run() -> None:
        async with stdio_server() as (read, write):
            await made.run(read, write, made.create_initialization_options())

    with following:
        anyio.run(run)


def mounted(answer: Answer, most: int) -> ASGIApp:
    """Streamable HTTP: no sessions, each response one JSON object. `most`: bytes of a body.

    Raises ClausewiseError where `mcp` is not installed.
    """
    made = server(answer)
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager


    async def app(scope: Any, receive: Any, send: Any) -> None:
        # Without sessions nothing lives longer than a request, so nor does the manager: it needs no part in the page's start and stop.
        manager = StreamableHTTPSessionManager(
            made, json_response=True, stateless=True, max_request_body_size=most
        )
        async with manager.run():
            await manager.handle_request(scope, receive, send)

    return app


def server(answer: Answer) -> Server[Any]:
    """A server of every call. Raises ClausewiseError where `mcp` is not installed."""
    try:
        import anyio.to_thread
        import mcp_types as types
        from mcp.server.lowlevel import Server
    except ImportError:
        raise ClausewiseError(MISSING) from None

    async def listed(*_: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_tool(call) for call in CALLS.values()])

    async def called(context: Any, asked: types.CallToolRequestParams) -> types.CallToolResult:
        # In a thread, so that a slow answer keeps no other waiting.
        return await anyio.to_thread.run_sync(_called, answer, asked.name, asked.arguments or {}, context.request)

    return Server("clausewise", version=__version__, instructions=INSTRUCTIONS, on_list_tools=listed, on_call_tool=called)


def _tool(call: Call[Any]) -> Tool:
    from mcp_types import Tool, ToolAnnotations

    hints = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
    return Tool(name=call.name, description=call.told, input_schema=call.takes(), output_schema=call.makes(), annotations=hints)


def _called(answer: Answer, name: str, found: object, request: Any) -> CallToolResult:
    """The answer, or one line that says why there is none."""
    try:
        if name not in CALLS:
            raise ClausewiseError(f"found no tool {name[:60]!r}; expected one of {', '.join(CALLS)}")
        answered = answer(CALLS[name], found, request)
        return _result(answered.text(), answered.row)
    except ClausewiseError as error:
        return _result(str(error))
    except Exception:
        log.exception("the tool %s gave no answer", name)
        return _result(BROKEN)


def _result(text: str, row: dict[str, Any] | None = None) -> CallToolResult:
    from mcp_types import CallToolResult, TextContent

    return CallToolResult(content=[TextContent(text=text)], structured_content=row, is_error=row is None)
