"""OpenAI's own contract: every request is one that it allows, every answer it allows is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from fake_door import Call, FakeDoor, refused
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi import Contract

from plimsoll.domain.calendar import Period
from plimsoll.sources.providers.openai import CONNECTOR

CONTRACT = Contract.read(Path(__file__).parent / "contracts" / "openai-usage-openapi.yaml")
ENDPOINTS = [e.name for e in CONNECTOR.open(FakeDoor(lambda _: {}), {}).endpoints]  # type: ignore[arg-type]
HOURLY = {"completions", "embeddings", "moderations"}
FIRST = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp())
ONE = Period(date(2026, 11, 1), date(2026, 11, 1))
TWO = Period(date(2026, 11, 1), date(2026, 11, 2))


def path_of(endpoint: str) -> str:
    return f"/organization/{'' if endpoint == 'costs' else 'usage/'}{endpoint}"


def empty(call: Call) -> dict[str, Any]:
    kind = "page" if "start_time" in dict(call.params) else "list"
    return {"object": kind, "data": [], "has_more": False, "next_page": None}


def allowed(answer: Callable[[Call], dict[str, Any]] = empty) -> FakeDoor:
    """A door that refuses what the contract does not allow, asked or answered."""

    def judged(call: Call) -> dict[str, Any]:
        assert CONTRACT.faults_of_request(call.path, call.params) == []
        body = answer(call)
        assert CONTRACT.faults_of_answer(call.path, json.loads(json.dumps(body))) == []
        return body

    return FakeDoor(judged)


# --- requests ---


def test_every_usage_endpoint_of_the_contract_is_read_but_one() -> None:
    offered = {p.rsplit("/", 1)[1] for p in CONTRACT.document["paths"] if "/usage/" in p}
    assert offered - set(ENDPOINTS) == {"decisions"}, "newer than the document, and optional"


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_every_page_of_a_year_is_asked_as_the_contract_allows(endpoint: str) -> None:
    cursors = iter(range(10_000))

    def answer(call: Call) -> dict[str, Any]:
        more = call.get("page") is None
        cursor = f"page_{next(cursors)}" if more else None
        return {"object": "page", "data": [], "has_more": more, "next_page": cursor}

    door = allowed(answer)
    year = Period(date(2025, 11, 24), date(2026, 11, 24))
    days = list(CONNECTOR.open(door, {}).pull(endpoint, year))  # type: ignore[arg-type]
    assert len(days) == 366
    assert {call.path for call in door.calls} == {path_of(endpoint)}


def test_humbler_groupings_are_allowed_too() -> None:
    def answer(call: Call) -> dict[str, Any]:
        if len(call.every("group_by")) > 2:
            raise refused(400)
        return empty(call)

    door = allowed(answer)
    list(CONNECTOR.open(door, {}).pull("costs", ONE))  # type: ignore[arg-type]
    assert len(door.calls) == 2


def test_names_and_the_test_are_asked_as_the_contract_allows() -> None:
    def answer(call: Call) -> dict[str, Any]:
        if call.path == "/organization/projects":
            made = {"id": "proj_1", "object": "organization.project", "created_at": 1}
            return {"object": "list", "data": [made], "has_more": False, "last_id": "proj_1"}
        return empty(call)

    door = allowed(answer)
    account = CONNECTOR.open(door, {})  # type: ignore[arg-type]
    account.names()
    account.test()
    assert "/organization/projects/proj_1/api_keys" in {call.path for call in door.calls}


# --- answers ---


def fitted(endpoint: str, example: dict[str, Any]) -> dict[str, Any]:
    """The contract's example with buckets as wide as we ask for, and no page after it."""
    for bucket in example["data"] if endpoint in HOURLY else ():
        bucket["end_time"] = bucket["start_time"] + 3600
    return {**example, "has_more": False, "next_page": None}


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_the_contract_s_own_example_is_read_whole(endpoint: str) -> None:
    example = fitted(endpoint, json.loads(json.dumps(CONTRACT.example(path_of(endpoint)))))
    account = CONNECTOR.open(allowed(lambda _: example), {})  # type: ignore[arg-type]
    first, second = account.pull(endpoint, TWO)
    rows = example["data"][0]["results"]
    assert len(first.records) + len(first.charges) == len(rows)
    assert (second.records, second.charges) == ((), ())
    for record, row in zip(first.records, rows, strict=False):
        tokens = row.get("input_tokens", 0) + row.get("output_tokens", 0)
        assert record.tokens.total == tokens
        assert record.requests == row.get("num_model_requests")
        assert bool(record.units) is (tokens == 0)


def test_a_page_with_more_behind_it_is_followed_as_in_the_example() -> None:
    example = json.loads(json.dumps(CONTRACT.example(path_of("completions"))))
    example = {**fitted("completions", example), "has_more": True, "next_page": "page_example"}
    door = allowed(lambda call: empty(call) if call.get("page") else example)
    list(CONNECTOR.open(door, {}).pull("completions", TWO))  # type: ignore[arg-type]
    assert [call.get("page") for call in door.calls] == [None, "page_example"]


TOTALS = {"input_tokens", "output_tokens"}


@st.composite
def rows(draw: st.DrawFn, endpoint: str) -> dict[str, Any]:
    """A row as the contract's schema allows it, whose parts are not more than the whole."""
    bucket = CONTRACT.resolved(
        CONTRACT.answer_schema(path_of(endpoint))["properties"]["data"]["items"]
    )
    schema = CONTRACT.resolved(bucket["properties"]["results"]["items"])
    row: dict[str, Any] = {}
    for name, kind in schema["properties"].items():
        if name not in schema["required"] and draw(st.booleans()):
            continue
        row[name] = draw(values(kind, most=10**6 if name in TOTALS else 10**5))
    if "input_tokens" in row:
        row["input_tokens"] += 10**6
        written = row.get("input_cache_write_tokens")
        if written is not None:
            row["input_cache_write_tokens"] = written + 2 * 10**5
    if endpoint == "costs":
        row["amount"] = {"value": draw(AMOUNTS), "currency": "usd"}
    return row


AMOUNTS = st.one_of(
    st.integers(-1000, 1000),
    st.decimals("-100", "1000", places=12).map(str),
    st.floats(-100, 1000, allow_nan=False).filter(lambda x: x == 0 or abs(x) > 1e-20),
)


def values(kind: dict[str, Any], *, most: int) -> st.SearchStrategy[Any]:
    if "const" in kind:
        return st.just(kind["const"])
    types = kind["type"] if isinstance(kind["type"], list) else [kind["type"]]
    by_type: dict[str, st.SearchStrategy[Any]] = {
        "integer": st.integers(0, most),
        "number": st.integers(0, most) | st.decimals(0, 1000, places=3).map(float),
        "string": st.text(max_size=12),
        "null": st.none(),
        "boolean": st.booleans(),
        "object": st.just({}),
    }
    return st.one_of(*(by_type[name] for name in types))


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_the_contract_allows_is_read_whole(endpoint: str, data: st.DataObject) -> None:
    found = data.draw(st.lists(rows(endpoint), max_size=4))
    width = 3600 if endpoint in HOURLY else 86400
    bucket = {"object": "bucket", "start_time": FIRST, "end_time": FIRST + width, "results": found}
    body = {"object": "page", "data": [bucket], "has_more": False, "next_page": None}
    account = CONNECTOR.open(allowed(lambda _: body), {})  # type: ignore[arg-type]
    (day,) = account.pull(endpoint, ONE)
    assert len(day.records) + len(day.charges) == len(found)
    for record, row in zip(day.records, found, strict=False):
        assert record.tokens.total == sum(row.get(name, 0) for name in TOTALS)
        assert record.requests == row.get("num_model_requests")
