"""The description of the API is held to: requests made from it, right and wrong, get what it says, and nothing breaks."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from made import opened, write_index
from schemathesis import GenerationMode

from clausewise.calls import CALLS
from clausewise.store import Store
from clausewise.web.server import create_app

pytestmark = pytest.mark.slow
EXAMPLES = 25  # of each call and kind
ASKING = [name for name, call in CALLS.items() if call.example]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    folder = tmp_path_factory.mktemp("fuzz")
    return create_app(opened(write_index(folder / "index")), Store(folder / "data"), index=folder / "index")


def described(app: FastAPI, mode: GenerationMode) -> Any:
    """The published description, with what it cannot say: which schools there are, one of two fields, and what holds a letter."""
    found = TestClient(app).get("/api/v1/openapi.json").json()
    for name in ASKING:
        body = found["paths"][f"/api/v1/{name}"]["post"]["requestBody"]["content"]["application/json"]
        del body["examples"]  # of the sample's schools
        _told(body["schema"], mode == GenerationMode.POSITIVE)
    made = schemathesis.openapi.from_dict(found)
    made.app = app
    return made


def _told(schema: dict[str, Any], right: bool) -> None:
    fields, school = schema["properties"], {"enum": ["larch", "maple"], "type": "string"}
    for field in fields.values():
        field.pop("examples", None)
    for name in fields.keys() & {"question", "query", "topic"} if right else ():
        fields[name].get("anyOf", [fields[name]])[0]["pattern"] = "[a-z]"
    if "school" in fields:
        schema["oneOf"] = [{"properties": {name: {"type": "null"}}} for name in ("school", "schools")]
        fields["school"]["anyOf"][0] = school
    fields["schools"]["anyOf"][0]["items"] = school
    if "topics" in fields:
        pairs = (("topic", "topics"), ("topics", "topic"))
        schema["oneOf"] = [{"required": [one], "properties": {one: {"type": "string"}, other: {"type": "null"}}} for one, other in pairs]


def fuzz(operation: Any, mode: GenerationMode) -> int:
    """How many requests were made; fails on the first that is not answered as described."""
    answered = []

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def check(case: Any) -> None:
        answered.append(case.call_and_validate().status_code)

    check()
    return len(answered)


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("name", ASKING)
def test_what_is_asked_is_answered_as_described(app: FastAPI, name: str, mode: GenerationMode) -> None:
    assert fuzz(described(app, mode)[f"/api/v1/{name}"]["POST"], mode) >= EXAMPLES / 2


@pytest.mark.parametrize("name", sorted(CALLS.keys() - set(ASKING)))
def test_what_is_listed_is_as_described(app: FastAPI, name: str) -> None:
    described(app, GenerationMode.POSITIVE)[f"/api/v1/{name}"]["GET"].Case().call_and_validate()
