"""One question, one object: out of Python, the command line, HTTP and the tools, over the sample of fictional schools."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import anyio
import pytest
from conftest import ROOT
from fastapi.testclient import TestClient
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters

from clausewise.assistant import Assistant
from clausewise.cli import main
from clausewise.comparison.report import report
from clausewise.comparison.topics import load_topics, title
from clausewise.documents import document_dict
from clausewise.store import Store
from clausewise.web.server import create_app

pytestmark = pytest.mark.slow
WANTED = {"single": 10, "followup": 8, "all_schools": 6, "unanswerable": 6}  # so many questions of a kind
CODE = "import sys; from clausewise.cli import main; sys.exit(main(sys.argv[1:]))"
Calls = Sequence[tuple[str, Mapping[str, Any]]]  # name, request


def questions() -> list[dict[str, Any]]:
    """Thirty lines of the sample suite, spread over it."""
    lines = [json.loads(line) for line in (ROOT / "evals" / "sample" / "cases.jsonl").read_text("utf-8").splitlines()]
    found = []
    for kind, count in WANTED.items():
        some = [line for line in lines if line["kind"] == kind]
        found += some[:: len(some) // count][:count]
    return [{name: line[name] for name in ("id", "question", "school", "history")} for line in found]


ASKED = questions()
OTHERS: Calls = [
    *(("search", {"query": line["question"], "school": line["school"], "k": 7}) for line in ASKED[:4]),
    ("search", {"query": "smart watches", "schools": ["samphire-road", "harbour-lane"]}),
    ("compare", {"topic": "WhatsApp groups with parents"}),
    ("compare", {"topic": "swimming pool", "schools": ["gannet-point", "harbour-lane"]}),
    ("documents", {}),
    ("compare", {"topics": "mobile-devices", "schools": ["gannet-point"]}),  # takes as long as all others
]
CALLS: Calls = [*(("ask", line) for line in ASKED), *OTHERS]


def python(assistant: Assistant, name: str, found: Mapping[str, Any]) -> Any:
    schools = found.get("schools") or ([found["school"]] if found.get("school") else None)
    match name:
        case "ask":
            return assistant.ask(found["question"], schools, found["history"]).as_dict(found["id"])
        case "search":
            quotes = assistant.search(found["query"], schools, found.get("k", 10))
            return {"id": None, "query": found["query"], "results": [quote.as_dict() for quote in quotes]}
        case "compare" if "topic" in found:
            return assistant.compare(found["topic"], schools).as_dict()
        case "compare":
            matrix = assistant.matrix(load_topics(found["topics"]), schools)
            return report(title(found["topics"]), matrix, assistant.index, date.today())
    rows = [document_dict(document, date.today()) for document in assistant.documents]
    return {"documents": rows, "failures": list(assistant.index.failures)}


@pytest.fixture(scope="module", autouse=True)
def encoded_once(sample: Assistant) -> Iterator[None]:
    """Within this process a text is encoded once, whoever asks; the processes beside it encode anew."""
    encode: Any = cache(sample.encoder.encode_words)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sample.encoder, "encode_words", lambda texts: encode(tuple(texts)))
        yield


@pytest.fixture(scope="module")
def expected(sample: Assistant) -> list[Any]:
    """What Python gives, as JSON has it."""
    return [json.loads(json.dumps(python(sample, name, found))) for name, found in CALLS]


def words(name: str, found: Mapping[str, Any]) -> list[str]:
    """The same on the command line."""
    schools = found.get("schools") or ([found["school"]] if found.get("school") else [])
    scope = [word for school in schools for word in ("--school", school)]
    number = ["-k", str(found["k"])] if "k" in found else []
    topics = ["--topics", found["topics"]] if "topics" in found else []
    asked = [found[field] for field in ("question", "query", "topic") if field in found]
    return [name, "--json", *scope, *number, *topics, "--", *asked] if asked else [name, "--json", *scope, *topics]


def test_thirty_questions_of_each_kind_are_asked(expected: list[Any]) -> None:
    assert len({line["id"] for line in ASKED}) == 30
    assert sum(bool(line["history"]) for line in ASKED) == 8
    assert sum(line["school"] is None for line in ASKED) >= 6
    statuses = [answer["status"] for row in expected[:30] for answer in row["answers"]]
    assert min(statuses.count("answered"), statuses.count("not_covered")) >= 6


def test_the_command_line_gives_the_same(
    sample: Assistant, expected: list[Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("clausewise.cli_options.assistant", lambda args: sample)
    compared = 0
    for (name, found), row in zip(CALLS, expected, strict=True):
        if found.get("history"):
            continue  # the command line has history in batches alone
        assert main(words(name, found)) == 0
        printed = json.loads(capsys.readouterr().out)
        assert printed == ({**row, "id": None} if name == "ask" else row)
        compared += 1
    assert compared == 22 + len(OTHERS)


def test_a_batch_in_a_process_of_its_own_gives_the_same(sample_index: Path, expected: list[Any]) -> None:
    lines = "".join(json.dumps(line) + "\n" for line in ASKED)
    started = [sys.executable, "-c", CODE, "ask", "--index", str(sample_index), "--jsonl", "-"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    ended = subprocess.run(started, input=lines, env=environment, capture_output=True, text=True, check=True)
    assert [json.loads(line) for line in ended.stdout.splitlines()] == expected[:30]


@pytest.fixture(scope="module")
def client(sample: Assistant, sample_index: Path, tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    app = create_app(sample, Store(tmp_path_factory.mktemp("data")), index=sample_index)
    return TestClient(app, base_url="http://127.0.0.1")


def test_http_gives_the_same(client: TestClient, expected: list[Any]) -> None:
    for (name, found), row in zip(CALLS, expected, strict=True):
        address = f"/api/v1/{name}"
        response = client.post(address, json=found) if found else client.get(address)
        assert (response.status_code, response.json()) == (200, row)


def test_the_tools_over_http_give_the_same(client: TestClient, expected: list[Any]) -> None:
    for (name, found), row in zip(CALLS, expected, strict=True):
        asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": found}}
        result = client.post("/mcp", json=asked, headers={"accept": "application/json, text/event-stream"}).json()["result"]
        assert result["structuredContent"] == row
        assert all(quote["text"].split()[0] in result["content"][0]["text"] for quote in row.get("results", ()))


def test_the_tools_over_standard_input_and_output_give_the_same(sample_index: Path, expected: list[Any]) -> None:
    environment = {"PYTHONPATH": str(ROOT / "src"), "PATH": os.environ["PATH"]}
    started = StdioServerParameters(command=sys.executable, args=["-c", CODE, "mcp", "--index", str(sample_index)], env=environment)

    async def run() -> list[Any]:
        async with Client(started, read_timeout_seconds=300) as client:
            return [(await client.call_tool(name, dict(found))).structured_content for name, found in CALLS[:-1]]

    assert anyio.run(run) == expected[:-1]
