"""The calls over HTTP: what they give, what they refuse and how, and that nobody waits for another."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from made import CORPUS, opened, write_index

from clausewise.accounts import User
from clausewise.assistant import Assistant
from clausewise.calls import CALLS
from clausewise.cli import main
from clausewise.errors import QuoteMismatch
from clausewise.quoting import problem
from clausewise.store import Store
from clausewise.web.api import BODY
from clausewise.web.server import create_app
from clausewise.web.who import SAFE

TRIP = {"question": "May pupils carry a phone on a residential trip?"}
OBJECT = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    schools = '[schools.larch]\ntrust = "Copse Trust"\n'
    return write_index(tmp_path_factory.mktemp("api") / "index", {**CORPUS, "schools.toml": schools})


@pytest.fixture(scope="module")
def assistant(index: Path) -> Assistant:
    return opened(index)


@pytest.fixture(scope="module")
def app(assistant: Assistant, index: Path, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return create_app(assistant, Store(tmp_path_factory.mktemp("data")), index=index)


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return TestClient(app, raise_server_exceptions=False)


def post(client: TestClient, call: str, **body: Any) -> Any:
    response = client.post(f"/api/v1/{call}", json=body)
    assert response.status_code == 200, response.text
    return response.json()


# what they give


def test_a_question_is_answered_by_the_schools_that_were_named(client: TestClient) -> None:
    one = post(client, "ask", **TRIP, school="larch", id={"of": [1, None]})
    assert (one["id"], one["schools"]) == ({"of": [1, None]}, ["larch"])
    assert one["answers"][0]["quotes"][0]["text"] == "Pupils may carry a phone on a residential trip."
    assert post(client, "ask", **TRIP, schools=["maple", "larch"])["schools"] == ["maple", "larch"]
    assert post(client, "ask", **TRIP, school=None, schools=None)["schools"] == ["larch", "maple"]


def test_earlier_questions_complete_a_later_one(client: TestClient) -> None:
    found = post(client, "ask", question="and on a trip?", school="larch", history=["May pupils carry a phone?"])
    assert found["question"] == "and on a trip?"
    assert found["standalone_question"] != found["question"]


def test_a_search_gives_as_many_clauses_as_were_wanted(client: TestClient) -> None:
    found = post(client, "search", query="phones", k=2)
    assert (len(found["results"]), found["id"], found["query"]) == (2, None, "phones")
    assert found == post(client, "search", query="phones", k=2.0)
    assert len(post(client, "search", query="phones", school="maple")["results"]) == 2


def test_schools_are_compared_on_a_topic_and_on_a_list(client: TestClient) -> None:
    one = post(client, "compare", topic="smart watches", schools=["maple"])
    assert (one["topic"], one["schools"], len(one["positions"])) == ("smart watches", ["maple"], 1)
    every = post(client, "compare", topics="mobile-devices")
    assert [school["id"] for school in every["schools"]] == ["larch", "maple"]
    assert len(every["cells"]) == 2 * len(every["topics"]) > 10


def test_policies_and_schools_are_listed(client: TestClient) -> None:
    assert [row["document"] for row in client.get("/api/v1/documents").json()["documents"]] == ["larch/dogs", "larch/phones", "maple/phones"]
    assert client.get("/api/v1/schools").json() == {
        "schools": [{"id": "larch", "name": "Larch", "trust": "Copse Trust"}, {"id": "maple", "name": "Maple", "trust": None}]
    }


def test_the_bytes_are_the_command_lines(
    client: TestClient, assistant: Assistant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("clausewise.cli_options.assistant", lambda args: assistant)
    main(["ask", "--json", TRIP["question"]])
    assert client.post("/api/v1/ask", json=TRIP).text + "\n" == capsys.readouterr().out


# what is published of it


def strict(schema: Any) -> Any:
    """The same, with no field allowed that it does not name."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {"additionalProperties": False} if "properties" in schema else {}
    return closed | {name: strict(one) for name, one in schema.items()}


@pytest.mark.parametrize(
    ("call", "body"),
    [
        ("ask", TRIP),
        ("ask", {"question": "Is there a swimming pool?"}),
        ("search", {"query": "phones"}),
        ("compare", {"topic": "phones"}),
        ("compare", {"topics": "mobile-devices"}),
        ("documents", {}),
        ("schools", {}),
    ],
)
def test_every_field_that_comes_out_is_described_and_in_this_order(assistant: Assistant, call: str, body: dict[str, Any]) -> None:
    row, schema = CALLS[call](assistant, body).row, strict(CALLS[call].makes())
    jsonschema.validate(row, schema)
    answers = [*row.get("answers", ()), *row.get("positions", ())]
    for answer in answers:
        assert list(answer) == list(schema["$defs"]["Answer"]["properties"])
    for quote in [quote for answer in answers for quote in (*answer["quotes"], *answer["closest"])] + row.get("results", []):
        assert list(quote) == list(schema["$defs"]["Quote"]["properties"])


def test_a_field_that_is_not_described_is_seen(assistant: Assistant) -> None:
    row = CALLS["ask"](assistant, TRIP).row
    row["answers"][0]["novelty"] = 1
    with pytest.raises(jsonschema.ValidationError, match="novelty"):
        jsonschema.validate(row, strict(CALLS["ask"].makes()))
    jsonschema.validate(row, CALLS["ask"].makes())  # who reads an answer gets on with more than was described


@pytest.fixture(scope="module")
def description(app: FastAPI) -> Any:
    return TestClient(app).get("/api/v1/openapi.json").json()


def test_the_description_names_each_call_its_fields_and_its_refusals(description: Any) -> None:
    assert description["openapi"].startswith("3.1")
    assert set(description["paths"]) == {f"/api/v1/{name}" for name in CALLS}
    ask = description["paths"]["/api/v1/ask"]["post"]
    assert set(ask["responses"]) == {"200", "400", "401", "413", "415", "422", "500"}
    assert ask["requestBody"]["content"]["application/json"]["schema"] == CALLS["ask"].takes()
    assert set(description["paths"]["/api/v1/schools"]["get"]["responses"]) == {"200", "400", "401", "500"}
    assert description["security"] == [{}, {"token": []}]
    assert description["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    told = [field.get("description") for shape in description["components"]["schemas"].values() for field in shape["properties"].values()]
    assert len(told) > 80
    assert all(told)


@pytest.mark.slow
def test_the_examples_are_the_samples(description: Any, sample: Assistant) -> None:
    fields = description["components"]["schemas"]["Quote"]["properties"]
    shown = {name: field["examples"][0] for name, field in fields.items()}
    assert problem(shown, "harbour-lane", sample.index) is None
    body = description["paths"]["/api/v1/ask"]["post"]["requestBody"]["content"]["application/json"]["examples"]["sample"]["value"]
    (answer,) = CALLS["ask"](sample, body).row["answers"]
    assert answer["quotes"][0]["text"] == shown["text"]


def test_people_are_told_how_it_is_called(client: TestClient) -> None:
    page = client.get("/api/v1")
    assert page.headers["content-type"].startswith("text/html")
    assert "curl http://testserver/api/v1/ask" in page.text
    for call in CALLS.values():
        assert f'<h2 id="{call.name}">' in page.text
        assert all(f"<code>{name}</code>" in page.text for name in call.form.model_fields)
    assert page.text.count("<script") == 1  # that of every page, for the colours
    assert "src=" not in page.text


# what they refuse

SCHOOLS = "the nearest are: larch, maple; name one by its id"


@pytest.mark.parametrize(
    ("call", "body", "status", "said"),
    [
        ("ask", {}, 422, "question: found nothing; expected it in the request: A question in anybody’s own words."),
        ("ask", [], 422, "the request: found []; expected a JSON object"),
        ("ask", None, 422, "the request: found null; expected a JSON object"),
        ("ask", {"question": 7}, 422, "question: found 7; expected a valid string"),
        ("ask", {"question": ""}, 422, 'question: found ""; expected at least 1 character'),
        ("ask", {"question": "x" * 2001}, 422, f'question: found "{"x" * 59}… (2,001 characters); expected at most 2000 characters'),
        ("ask", {"question": "?!"}, 400, "the question is empty; expected a sentence or a few words to look for"),
        ("ask", {**TRIP, "kind": 1}, 422, 'found "kind"; expected no field but school, schools, question, history, id'),
        ("ask", {**TRIP, "school": "lurch"}, 400, f"found no school 'lurch' in the index; {SCHOOLS}"),
        ("ask", {**TRIP, "schools": ["larch", "lurch"]}, 400, f"found no school 'lurch' in the index; {SCHOOLS}"),
        ("ask", {**TRIP, "schools": []}, 422, "schools: found []; expected at least 1 item"),
        ("ask", {**TRIP, "school": "larch", "schools": ["larch"]}, 422, "found school beside schools; expected one or the other"),
        ("ask", {**TRIP, "history": ["a", 2]}, 422, "history.1: found 2; expected a valid string"),
        ("ask", {**TRIP, "history": ["a"] * 21}, 422, 'history: found ["a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a",…; expected at most 20 items'),
        ("search", {"query": "a", "k": 0}, 422, "k: found 0; expected greater than or equal to 1"),
        ("search", {"query": "a", "k": 101}, 422, "k: found 101; expected less than or equal to 100"),
        ("search", {"query": "a", "k": True}, 422, "k: found true; expected a valid integer"),
        ("compare", {}, 422, "found no topic and no topics; expected one or the other"),
        ("compare", {"topic": "a", "topics": "b"}, 422, "found topic beside topics; expected one or the other"),
        ("compare", {"topics": "../../x.toml"}, 422, 'topics: found "../../x.toml"; expected one of mobile-devices, online-safety, social-media'),
        ("compare", {"topic": "phones", "schools": ["lurch"]}, 400, f"found no school 'lurch' in the index; {SCHOOLS}"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_one_line(client: TestClient, call: str, body: Any, status: int, said: str) -> None:
    response = client.post(f"/api/v1/{call}", content=json.dumps(body), headers=OBJECT)
    assert (response.status_code, response.json()) == (status, {"error": said})


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"not json", 400, "the request: found what is not JSON in UTF-8 ("),
        (b"", 400, "the request: found what is not JSON in UTF-8 ("),
        (b"\xff\xfe", 400, "the request: found what is not JSON in UTF-8 ("),
        (b"[" * 100_000, 400, "the request: found what is not JSON in UTF-8 ("),
        (b'{"question": "a", "id": NaN}', 400, "the request: found what is not JSON in UTF-8 (NaN is none of its numbers)"),
        (b'{"question": "a", "id": 1e999}', 400, "the request: found what is not JSON in UTF-8 ("),
        (b'{"question": "\\ud800"}', 400, "the request: found what is not JSON in UTF-8 ("),
        (b" " * (BODY + 1), 413, "the request: found more than 524,288 bytes; expected that at most"),
    ],
)
def test_what_is_no_json_or_too_much_is_refused_in_one_line(client: TestClient, body: bytes, status: int, said: str) -> None:
    response = client.post("/api/v1/ask", content=body, headers=OBJECT)
    assert response.status_code == status
    assert list(response.json()) == ["error"]
    assert response.json()["error"].startswith(said)


def test_the_longest_request_that_is_allowed_fits(client: TestClient) -> None:
    longest = {"question": "😀a" * 1000, "history": ["😀" * 2000] * 20, "school": "larch"}
    assert len(json.dumps(longest)) > 450_000
    assert client.post("/api/v1/ask", content=json.dumps(longest), headers=OBJECT).status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_what_another_sites_page_could_send_is_refused(client: TestClient, kind: str) -> None:
    response = client.post("/api/v1/ask", content=json.dumps(TRIP), headers={"content-type": kind})
    assert (response.status_code, response.json()) == (415, {"error": f"content-type: found '{kind}'; expected application/json"})


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("GET", "/api/v1/ask", 405, "POST"),
        ("OPTIONS", "/api/v1/ask", 405, "POST"),
        ("HEAD", "/api/v1/schools", 405, "GET"),
        ("BREW", "/api/v1/schools", 405, "GET"),
        ("DELETE", "/api/v1", 405, "GET"),
        ("GET", "/api/feedback", 405, "POST"),
        ("OPTIONS", "/api/feedback", 405, "POST"),
        ("GET", "/mcp", 405, "POST"),
        ("DELETE", "/mcp", 405, "POST"),
        ("POST", "/api/ask", 404, None),
        ("GET", "/api/schools", 404, None),
        ("GET", "/api/v1/", 404, None),
        ("GET", "/api/v1/%3Cb%3E", 404, None),
        ("GET", "/api", 404, None),
        ("OPTIONS", "/api/v2/ask", 404, None),
    ],
)
def test_no_page_and_no_other_site_is_let_in_below_api(client: TestClient, method: str, path: str, status: int, allow: str | None) -> None:
    response = client.request(method, path, headers={"access-control-request-method": "POST"})
    strange = client.request(method, path, headers={"origin": "https://elsewhere.example", "access-control-request-method": "POST"})
    assert strange.status_code == (status if method in SAFE else 403)
    assert (response.status_code, response.headers["content-type"], response.headers.get("allow")) == (status, "application/json", allow)
    assert method == "HEAD" or list(response.json()) == ["error"]
    assert [name for answer in (response, strange) for name in answer.headers if name.startswith("access-control")] == []


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (QuoteMismatch("a quote is not what its policy says"), "a quote is not what its policy says"),
        (RuntimeError("secret"), "this could not be answered, by no fault of the request; Clausewise’s log has the details"),
    ],
)
def test_a_fault_of_ours_is_one_line_too(client: TestClient, monkeypatch: pytest.MonkeyPatch, raised: Exception, said: str) -> None:
    def broken(*_: Any) -> None:
        raise raised

    monkeypatch.setattr(Assistant, "ask", broken)
    response = client.post("/api/v1/ask", json=TRIP)
    assert (response.status_code, response.json()) == (500, {"error": said})


# who asks, and when


def test_a_slow_answer_keeps_no_other_waiting(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, go_on, ask = threading.Event(), threading.Event(), Assistant.ask

    def slow(self: Assistant, question: str, *more: Any) -> Any:
        if question.startswith("slow"):
            asked.set()
            assert go_on.wait(30)
        return ask(self, question, *more)

    monkeypatch.setattr(Assistant, "ask", slow)
    with client, ThreadPoolExecutor() as pool:  # one event loop for both
        waiting = pool.submit(post, client, "ask", question="slow phones", id="slow")
        assert asked.wait(30)
        assert post(client, "ask", **TRIP, id="quick")["id"] == "quick"
        assert client.get("/api/v1/schools").status_code == 200
        assert not waiting.done()
        go_on.set()
        assert waiting.result(30)["id"] == "slow"


@pytest.fixture
def of_copse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clausewise.web.who.User", lambda id, name, role: User(id, name, "staff", "Copse Trust"))


@pytest.mark.usefixtures("of_copse")
def test_a_person_is_told_of_no_school_but_their_trusts(client: TestClient) -> None:
    assert [school["id"] for school in client.get("/api/v1/schools").json()["schools"]] == ["larch"]
    assert {row["school"] for row in client.get("/api/v1/documents").json()["documents"]} == {"larch"}
    assert post(client, "ask", question="Do smart watches count as phones?")["schools"] == ["larch"]
    assert {quote["document"].partition("/")[0] for quote in post(client, "search", query="smart watches")["results"]} == {"larch"}
    assert post(client, "compare", topic="smart watches")["schools"] == ["larch"]
    assert [school["id"] for school in post(client, "compare", topics="mobile-devices")["schools"]] == ["larch"]
    for call, body in (("ask", TRIP), ("search", {"query": "a"}), ("compare", {"topic": "a"}), ("compare", {"topics": "social-media"})):
        response = client.post(f"/api/v1/{call}", json={**body, "schools": ["maple"]})
        assert (response.status_code, "the nearest are: larch;" in response.json()["error"]) == (400, True)
