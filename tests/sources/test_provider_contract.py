"""What every provider must keep to, tried on one recorded day of each.

A new provider brings `recordings/<its word>.json` (and more beside it as `<its word>-*.json`):
a made-up day in the shapes of its answers, path by path, and a key that looks right.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from fake_door import NOW, Call, FakeDoor, StillClock, came_before, refused

from plimsoll.domain.calendar import Period, day_start
from plimsoll.domain.errors import PlimsollError, SurprisingAnswer, WrongKeyKind, WrongUse
from plimsoll.domain.money import Money
from plimsoll.domain.secret import Secret
from plimsoll.domain.usage import BalanceReading, Slice
from plimsoll.sources.base import Account, Connector, provider, provider_names
from plimsoll.sources.http import Door

RECORDINGS = sorted((Path(__file__).parent / "recordings").glob("*.json"))
EVERY_PROVIDER = pytest.mark.parametrize("word", provider_names())
EVERY_RECORDING = pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
INNOCENT = [
    {},
    {"error": {"message": "Something went wrong."}},
    {"data": None},
    {"object": "page", "data": {}, "has_more": False},
    {"object": "page", "data": [None], "has_more": False, "next_page": None},
    {"object": "page", "data": [{}], "has_more": False, "next_page": None},
    {"object": "page", "data": [], "has_more": True, "next_page": None},
    {"object": "page", "data": [], "next_page": None},
]


def read(path: Path) -> tuple[Connector, dict[str, Any], Period]:
    recording = json.loads(path.read_text(encoding="utf-8"))
    day = date.fromisoformat(recording["day"])
    word = path.stem.partition("-")[0]
    return provider(word), recording, Period(day, day)


def account_of(path: Path) -> tuple[Account, Period]:
    connector, recording, period = read(path)

    def answer(call: Call) -> dict[str, Any]:
        if call.path not in recording["answers"]:
            raise refused(404)
        return recording["answers"][call.path]  # type: ignore[no-any-return]

    return connector.open(FakeDoor(answer), settings_of(recording)), period  # type: ignore[arg-type]


def settings_of(recording: dict[str, Any]) -> dict[str, str]:
    return recording.get("settings", {})  # type: ignore[no-any-return]


def everything(account: Account, period: Period) -> list[Slice]:
    return [day for e in account.endpoints for day in account.pull(e.name, period)]


# --- what can be known without asking ---


def test_every_provider_has_a_recording_and_every_recording_a_provider() -> None:
    assert {path.stem.partition("-")[0] for path in RECORDINGS} == set(provider_names())


def test_an_unknown_provider_is_said_with_the_known_ones() -> None:
    with pytest.raises(WrongUse, match="openai"):
        provider("nobody")


@EVERY_PROVIDER
def test_a_connector_says_what_it_is(word: str) -> None:
    connector = provider(word)
    assert connector.name == word
    assert connector.title
    address = urlsplit(connector.base_url)
    assert (address.scheme, address.query, address.fragment) == ("https", "", "")
    assert not connector.base_url.endswith("/")
    assert connector.address({}, "https://proxy.example/v9") == "https://proxy.example/v9"
    assert 0 <= connector.revision_days <= 35
    assert connector.gives.tokens or connector.gives.money or connector.gives.balance
    assert not connector.gives.hourly or connector.gives.tokens
    assert connector.key_header.name.lower() not in {n.lower() for n in connector.headers}


@EVERY_PROVIDER
def test_a_key_of_the_wrong_kind_is_named_before_anything_is_sent(word: str) -> None:
    shape = provider(word).key_shape
    assert shape.label
    assert shape.needs
    assert shape.help_url.startswith("https://")
    for prefix, sentence in shape.wrong:
        text = f"{prefix}0123456789abcdefghij"
        with pytest.raises(WrongKeyKind) as caught:
            shape.check(Secret(text))
        assert str(caught.value).startswith(sentence)
        assert "Nothing was sent" in str(caught.value)
        assert text not in str(caught.value)
    with pytest.raises(WrongKeyKind):
        shape.check(Secret("no-key-at-all-0123456789"))


@EVERY_PROVIDER
def test_longer_beginnings_of_keys_are_tried_first(word: str) -> None:
    prefixes = [prefix for prefix, _ in provider(word).key_shape.wrong]
    for position, prefix in enumerate(prefixes):
        assert not any(later.startswith(prefix) for later in prefixes[position + 1 :])


# --- one recorded day ---


@EVERY_RECORDING
def test_a_good_key_is_let_through(path: Path) -> None:
    connector, recording, _ = read(path)
    connector.key_shape.check(Secret(recording["good_key"]))


@EVERY_RECORDING
def test_a_day_holds_what_it_should(path: Path) -> None:
    account, period = account_of(path)
    connector = read(path)[0]
    slices = everything(account, period)
    records = [record for day in slices for record in day.records]
    charges = [charge for day in slices for charge in day.charges]
    assert bool(records) is (connector.gives.tokens or connector.gives.units)
    assert bool(charges) is connector.gives.money
    for record in records:
        assert record.start.tzinfo is UTC
        assert record.end.tzinfo is UTC
        assert day_start(period.first) <= record.start < record.end
        assert (record.end - day_start(period.first)).days <= 1
        counted = [getattr(record.tokens, name) for name in record.tokens.__slots__]
        assert all(type(count) is int and count >= 0 for count in counted)
        assert record.tokens.reasoning <= record.tokens.output
        assert all(quantity >= 0 for _, quantity in record.units)
        assert record.tokens.total or record.units
    for charge in charges:
        assert type(charge.amount.nanos) is int
        assert charge.amount.currency.isupper()
        assert charge.text
    hours = {(record.end - record.start).total_seconds() for record in records}
    assert (3600.0 in hours) is connector.gives.hourly
    projects = {item.attribution.project for item in (*records, *charges)}
    assert (len(projects - {None}) > 0) is connector.gives.per_project
    assert bool(account.names()) is (connector.gives.per_project or connector.gives.per_key)


@EVERY_RECORDING
def test_every_day_is_given_once_in_order_and_charges_say_what_they_are_cut_by(path: Path) -> None:
    account, period = account_of(path)
    week = Period(period.first, date.fromordinal(period.first.toordinal() + 6))
    for endpoint in account.endpoints:
        days = list(account.pull(endpoint.name, week))
        assert [day.day for day in days] == list(week.days())
        assert {day.endpoint for day in days} == {endpoint.name}
        assert all(day.bills_by for day in days if day.charges)
        for day in days:
            used = {
                name
                for charge in day.charges
                for name in ("model", "project", "key", "user", "tier", "line_item")
                if getattr(charge.attribution, name) is not None
            }
            assert used <= day.bills_by


@EVERY_RECORDING
def test_asking_twice_gives_the_same(path: Path) -> None:
    account, period = account_of(path)
    assert everything(account, period) == everything(account, period)
    assert everything(account, period) == everything(*account_of(path))


@EVERY_RECORDING
def test_ids_get_names(path: Path) -> None:
    account, period = account_of(path)
    named = {(str(name.kind), name.id) for name in account.names()}
    for day in everything(account, period):
        for item in (*day.records, *day.charges):
            if item.attribution.project and item.attribution.key:
                assert ("project", item.attribution.project) in named
                assert ("key", item.attribution.key) in named


@EVERY_RECORDING
def test_balances_come_one_a_currency_where_the_provider_has_them(path: Path) -> None:
    account, _ = account_of(path)
    readings = account.balances()
    assert bool(readings) is read(path)[0].gives.balance
    assert len({reading.amount.currency for reading in readings}) == len(readings)
    assert all(reading.at == NOW for reading in readings)
    assert all(type(reading.amount.nanos) is int for reading in readings)


def amounts(readings: Iterable[BalanceReading]) -> list[Money]:
    return [reading.amount for reading in readings]


@EVERY_RECORDING
def test_a_test_finds_all_that_matters(path: Path) -> None:
    findings = account_of(path)[0].test()
    assert all(finding.ok for finding in findings if finding.essential)
    assert all(finding.what for finding in findings)


@EVERY_RECORDING
@pytest.mark.parametrize("body", INNOCENT, ids=str)
def test_a_page_without_its_envelope_gives_nothing(path: Path, body: dict[str, Any]) -> None:
    connector, recording, period = read(path)
    account = connector.open(FakeDoor(lambda _: body), settings_of(recording))  # type: ignore[arg-type]
    if connector.gives.balance:
        with pytest.raises(SurprisingAnswer):
            account.balances()
    if recording.get("unpaged") and body.get("data") == []:
        return  # an empty list is the whole answer where there are no pages
    for endpoint in account.endpoints:
        days, error = came_before(account.pull(endpoint.name, period))
        assert isinstance(error, SurprisingAnswer)
        assert days == []


# --- over real HTTP ---


@contextmanager
def served(answers: dict[str, Any], base: str) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """The answers on loopback below the path of the provider's base address."""
    seen: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            seen.append({name.lower(): value for name, value in self.headers.items()})
            path = urlsplit(self.path).path.removeprefix(urlsplit(base).path)
            known = path in answers
            body = json.dumps(answers[path] if known else {"error": "not here"}).encode()
            self.send_response(200 if known else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{urlsplit(base).path}", seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def door_to(address: str, connector: Connector, key: Secret) -> Door:
    return Door(
        base_url=address,
        key=key,
        key_header=connector.key_header,
        headers=connector.headers,
        title=connector.title,
        clock=StillClock(datetime(2026, 11, 24, 15, 30, tzinfo=UTC)),
    )


@EVERY_RECORDING
def test_the_same_day_comes_through_the_real_door(path: Path) -> None:
    connector, recording, period = read(path)
    key = Secret(recording["good_key"])
    with (
        served(recording["answers"], connector.base_url) as (address, seen),
        door_to(address, connector, key) as door,
    ):
        account = connector.open(door, settings_of(recording))
        recorded, _ = account_of(path)
        assert everything(account, period) == everything(recorded, period)
        assert account.names() == recorded.names()
        assert amounts(account.balances()) == amounts(recorded.balances())
    header = connector.key_header
    expected = f"{header.scheme} {recording['good_key']}".strip()
    assert {headers[header.name.lower()] for headers in seen} == {expected}


@EVERY_RECORDING
def test_a_key_that_is_sent_back_appears_in_no_text(path: Path) -> None:
    connector, recording, period = read(path)
    text = recording["good_key"]
    key = Secret(text)
    echoes = [
        {"error": {"message": f"Incorrect API key provided: {text}"}},
        {"object": text, "data": text, "has_more": text, "next_page": text},
        {"object": "page", "data": [{"start_time": text, "starting_at": text}], "has_more": False},
        {"object": "page", "data": [], "has_more": True, "next_page": [text]},
    ]
    paths = recording["answers"]
    for echo in echoes:
        if recording.get("unpaged") and echo.get("data") == []:
            continue  # an empty list is the whole answer where there are no pages
        with (
            served(dict.fromkeys(paths, echo), connector.base_url) as (address, _),
            door_to(address, connector, key) as door,
        ):
            account = connector.open(door, settings_of(recording))
            for endpoint in account.endpoints:
                said = came_before(account.pull(endpoint.name, period))
                assert text not in everything_said(said[1])
            if connector.gives.balance:
                with pytest.raises(PlimsollError) as caught:
                    account.balances()
                assert text not in everything_said(caught.value)


def everything_said(error: PlimsollError) -> str:
    said = [repr(error), str(error), error.remedy, getattr(error, "answer", "")]
    return " ".join([*said, repr(error.__cause__), repr(error.__context__)])
