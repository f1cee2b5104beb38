"""The tools, as another program's assistant meets them: over standard input and output, and at /mcp of a page that is served."""

from __future__ import annotations

import builtins
import json
import os
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
import uvicorn
from conftest import ROOT
from fastapi import FastAPI
from fastapi.testclient import TestClient
from made import CORPUS, opened, write_index
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters

from clausewise.accounts import User
from clausewise.assistant import Assistant
from clausewise.calls import CALLS
from clausewise.cli import main
from clausewise.errors import QuoteMismatch
from clausewise.settings import Settings
from clausewise.store import Store
from clausewise.tools import MISSING, server
from clausewise.web.server import address, create_app, listen

TRIP = {"question": "May pupils carry a phone on a residential trip?", "id": 7}
CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "ask", "arguments": TRIP}}
ACCEPT = {"accept": "application/json, text/event-stream"}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    schools = '[schools.larch]\ntrust = "Copse Trust"\n'
    return write_index(tmp_path_factory.mktemp("mcp") / "index", {**CORPUS, "schools.toml": schools})


@pytest.fixture(scope="module")
def assistant(index: Path) -> Assistant:
    return opened(index)


@pytest.fixture(scope="module")
def app(assistant: Assistant, index: Path, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return create_app(assistant, Store(tmp_path_factory.mktemp("data")), index=index)


@pytest.fixture(scope="module")
def served(app: FastAPI) -> Iterator[str]:
    """Address of a running page."""
    with listen("127.0.0.1", 0) as listener:
        running = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
        thread.start()
        yield address(listener)
        running.should_exit = True
        thread.join(20)
        assert not thread.is_alive()


def with_client(of: Any, use: Callable[[Client], Awaitable[Any]], **more: Any) -> Any:
    async def run() -> Any:
        async with Client(of, read_timeout_seconds=120, **more) as client:
            return await use(client)

    return anyio.run(run)


def called(of: Any, name: str, found: dict[str, Any], **more: Any) -> Any:
    return with_client(of, lambda client: client.call_tool(name, found), **more)


def in_process(assistant: Assistant) -> Any:
    return server(lambda call, found, _: call(assistant, found))


# what they are


def test_each_call_is_a_tool_that_reads_and_takes_what_http_takes(assistant: Assistant, app: FastAPI) -> None:
    tools = with_client(in_process(assistant), lambda client: client.list_tools()).tools
    paths = TestClient(app).get("/api/v1/openapi.json").json()["paths"]
    assert [tool.name for tool in tools] == list(CALLS) == ["ask", "search", "compare", "documents", "schools"]
    for tool in tools:
        assert tool.description == CALLS[tool.name].told
        assert (tool.annotations.read_only_hint, tool.annotations.destructive_hint) == (True, False)  # type: ignore[union-attr]
        assert tool.output_schema["type"] == "object"  # type: ignore[index]
        asked = paths[f"/api/v1/{tool.name}"].get("post")
        if asked:
            assert tool.input_schema == asked["requestBody"]["content"]["application/json"]["schema"]
        else:
            assert tool.input_schema["properties"] == {}


@pytest.mark.parametrize(
    ("name", "found", "told"),
    [
        ("ask", TRIP, "  “Pupils may carry a phone on a residential trip.”\n    Mobile Phone Policy | clause 1.2 | Pupils | larch/phones#1.2"),
        ("search", {"query": "smart watches", "k": 1}, "1.   “Smart watches count as phones.”\n    Mobile Phone Policy | clause 1.2 | Pupils | maple/phones#1.2"),
        ("compare", {"topic": "smart watches"}, "Topic: smart watches"),
        ("compare", {"topics": "mobile-devices"}, "larch"),
        ("documents", {}, "larch/dogs  Dogs on Site Policy  [markdown]  no next review date stated"),
        ("schools", {}, "larch: Larch\nmaple: Maple"),
    ],
)
def test_a_tool_gives_the_object_and_the_words(assistant: Assistant, name: str, found: dict[str, Any], told: str) -> None:
    result = called(in_process(assistant), name, found)
    assert not result.is_error
    assert result.structured_content == CALLS[name](assistant, found).row
    (text,) = result.content
    assert told in text.text


@pytest.mark.parametrize(
    ("name", "found", "said"),
    [
        ("ask", {"question": "?"}, "the question is empty; expected a sentence or a few words to look for"),
        ("ask", {}, "question: found nothing; expected it in the request: A question in anybody’s own words."),
        ("ask", {**TRIP, "school": "lurch"}, "found no school 'lurch' in the index; the nearest are: larch, maple; name one by its id"),
        ("search", {"query": "a", "k": 1000}, "k: found 1000; expected less than or equal to 100"),
        ("compare", {"topics": "/etc/passwd"}, 'topics: found "/etc/passwd"; expected one of mobile-devices, online-safety, social-media'),
        ("delete", {}, "found no tool 'delete'; expected one of ask, search, compare, documents, schools"),
    ],
)
def test_what_cannot_be_answered_is_one_line_that_an_assistant_can_read(assistant: Assistant, name: str, found: dict[str, Any], said: str) -> None:
    result = called(in_process(assistant), name, found)
    assert (result.is_error, result.structured_content, result.content[0].text) == (True, None, said)


def test_a_quote_that_is_none_is_withheld_and_a_fault_tells_nothing(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    for raised, said in ((QuoteMismatch("a quote is not what its policy says"), "a quote is not"), (RuntimeError("secret"), "this could not be answered")):

        def broken(*_: Any, raised: Exception = raised) -> None:
            raise raised

        monkeypatch.setattr(Assistant, "ask", broken)
        result = called(in_process(assistant), "ask", TRIP)
        assert result.is_error
        assert result.content[0].text.startswith(said)


# over standard input and output


@pytest.mark.slow
def test_the_command_speaks_over_standard_input_and_output(tmp_path: Path) -> None:
    """In a process of its own, as a client starts it, with the model in force."""
    from conftest import MAX_BYTES, write

    from clausewise.building import build
    from clausewise.documents import load_corpus
    from clausewise.embeddings import Encoder

    built = build(load_corpus(write(tmp_path / "corpus", CORPUS), MAX_BYTES), Encoder(), tmp_path / "index").index
    code = "import sys; from clausewise.cli import main; sys.exit(main(sys.argv[1:]))"
    started = StdioServerParameters(
        command=sys.executable,
        args=["-c", code, "mcp", "--index", str(tmp_path / "index")],
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": os.environ["PATH"]},
    )

    async def use(client: Client) -> tuple[Any, Any]:
        return await client.call_tool("ask", TRIP), await client.call_tool("schools", {})

    asked, schools = with_client(started, use)
    assert asked.structured_content == Assistant(built, Settings()).ask(TRIP["question"]).as_dict(7)  # type: ignore[arg-type]
    assert [row["id"] for row in schools.structured_content["schools"]] == ["larch", "maple"]


def test_the_command_says_what_is_missing(index: Path, assistant: Assistant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    found = builtins.__import__

    def absent(name: str, *more: Any, **named: Any) -> Any:
        if name.partition(".")[0] in ("mcp", "mcp_types"):
            raise ImportError(name)
        return found(name, *more, **named)

    monkeypatch.setattr("clausewise.cli_options.assistant", lambda args: assistant)
    monkeypatch.setattr(builtins, "__import__", absent)
    assert main(["mcp", "--index", str(index)]) == 2
    assert capsys.readouterr().err == f"clausewise: {MISSING}\n"
    response = TestClient(create_app(assistant, Store(index.parent / "data"), index=index)).post("/mcp", json=CALL, headers=ACCEPT)
    assert (response.status_code, response.json()) == (501, {"error": MISSING})


def test_an_index_that_is_not_there_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mcp", "--index", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


# over HTTP


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_served_page_is_called_with_either_handshake(served: str, assistant: Assistant, mode: Any) -> None:
    async def use(client: Client) -> tuple[Any, Any]:
        return await client.list_tools(), await client.call_tool("ask", TRIP)

    listed, asked = with_client(f"{served}mcp", use, mode=mode)
    assert [tool.name for tool in listed.tools] == list(CALLS)
    assert asked.structured_content == assistant.ask(TRIP["question"]).as_dict(7)  # type: ignore[arg-type]


def test_many_may_call_at_once(served: str) -> None:
    async def use(client: Client) -> list[Any]:
        found: list[Any] = []

        async def one(number: int) -> None:
            found.append((number, (await client.call_tool("ask", {**TRIP, "id": number})).structured_content["id"]))

        async with anyio.create_task_group() as group:
            for number in range(8):
                group.start_soon(one, number)
        return found

    assert sorted(with_client(f"{served}mcp", use)) == [(number, number) for number in range(8)]


def test_a_slow_tool_keeps_no_page_waiting(served: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, go_on, ask = threading.Event(), threading.Event(), Assistant.ask

    def slow(self: Assistant, *more: Any) -> Any:
        asked.set()
        assert go_on.wait(30)
        return ask(self, *more)

    monkeypatch.setattr(Assistant, "ask", slow)
    results: list[Any] = []
    waiting = threading.Thread(target=lambda: results.append(called(f"{served}mcp", "ask", TRIP)))
    waiting.start()
    assert asked.wait(30)
    assert httpx.get(f"{served}api/v1/schools").status_code == 200
    assert results == []
    go_on.set()
    waiting.join(30)
    assert results[0].structured_content["id"] == 7


def test_an_ask_is_counted_like_the_pages(app: FastAPI, served: str, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[Any] = []
    monkeypatch.setattr("clausewise.web.api.count_apart", lambda row, *_: counted.append(row["id"]))
    called(f"{served}mcp", "ask", TRIP)
    called(f"{served}mcp", "search", {"query": "phones"})
    assert counted == [7]


def test_a_person_is_told_of_no_school_but_their_trusts(served: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clausewise.web.who.User", lambda id, name, role: User(id, name, "staff", "Copse Trust"))
    assert [row["id"] for row in called(f"{served}mcp", "schools", {}).structured_content["schools"]] == ["larch"]
    assert called(f"{served}mcp", "ask", {"question": "Do smart watches count as phones?"}).structured_content["schools"] == ["larch"]
    refused = called(f"{served}mcp", "search", {"query": "watches", "school": "maple"})
    assert refused.is_error
    assert "the nearest are: larch;" in refused.content[0].text


def test_a_request_that_nobody_vouched_for_is_answered_nothing(assistant: Assistant, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nobody(self: Any, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)

    monkeypatch.setattr("clausewise.web.who.Everyone.__call__", nobody)
    client = TestClient(create_app(assistant, Store(index.parent / "data"), index=index), base_url="http://127.0.0.1")
    for name, found in (("ask", TRIP), ("schools", {})):
        asked = {**CALL, "params": {"name": name, "arguments": found}}
        result = client.post("/mcp", json=asked, headers=ACCEPT).json()["result"]
        assert (result["isError"], "structuredContent" in result) == (True, False)
        assert result["content"][0]["text"].startswith("this could not be answered")


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("127.0.0.1:7860", None, 200),
        ("localhost", None, 200),
        ("[::1]:7860", "http://[::1]:7860", 200),
        ("clausewise.elsewhere.example", None, 421),
        ("127.0.0.1.elsewhere.example:7860", None, 421),
        ("127.0.0.1:7860", "https://elsewhere.example", 403),
    ],
)
def test_another_sites_page_cannot_reach_them_on_this_machine(
    assistant: Assistant, index: Path, host: str, origin: str | None, status: int
) -> None:
    app = create_app(assistant, Store(index.parent / "data"), index=index, local=True)
    headers = {**ACCEPT, "host": host} | ({"origin": origin} if origin else {})
    assert TestClient(app).post("/mcp", json=CALL, headers=headers).status_code == status


def test_a_page_that_is_served_to_others_has_names_of_its_own(assistant: Assistant, index: Path) -> None:
    app = create_app(assistant, Store(index.parent / "data"), index=index)
    asked = TestClient(app).post("/mcp", json=CALL, headers={**ACCEPT, "host": "policies.school.example"})
    assert asked.status_code == 200
    assert asked.json()["result"]["structuredContent"]["id"] == 7


def test_what_is_no_call_or_too_much_is_refused(app: FastAPI) -> None:
    client = TestClient(app, base_url="http://127.0.0.1")
    assert client.post("/mcp", content=b"{", headers={**ACCEPT, "content-type": "application/json"}).status_code == 400
    assert client.post("/mcp", content=json.dumps(CALL), headers={**ACCEPT, "content-type": "text/plain"}).status_code == 400
    assert client.post("/mcp", content=b" " * 600_000, headers={**ACCEPT, "content-type": "application/json"}).status_code == 413
