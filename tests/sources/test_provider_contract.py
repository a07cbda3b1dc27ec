"""What every provider must keep to, tried on recorded accounts of each.

A new provider brings files in `recordings/<its word>/` (what stands in them: `recorded.py`), and is
held to all of this without a line of test; its own quirks have tests of their own.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, date
from typing import Any
from urllib.parse import urlsplit

import pytest
from fake_door import NOW, Call, StillClock, came_before
from fault_server import FaultServer, answer
from recorded import (
    FOLDER,
    MOST_CALLS,
    Recording,
    answered,
    every_recording,
    everything_of,
    served,
    told_by,
)

from plimsoll.domain.calendar import Period, day_start
from plimsoll.domain.errors import (
    KeyProblem,
    KeyRejected,
    MissingScope,
    PlimsollError,
    RateLimited,
    SurprisingAnswer,
    UnexpectedRedirect,
    WrongKeyKind,
    WrongUse,
)
from plimsoll.domain.secret import Secret
from plimsoll.domain.usage import Slice
from plimsoll.sources.about import about_of
from plimsoll.sources.actors import TellsActors
from plimsoll.sources.base import (
    Account,
    KeyHeader,
    Works,
    more_addresses,
    provider,
    provider_names,
    quotas_of,
    signer_of,
)
from plimsoll.sources.logs.agent import agent_names
from plimsoll.sources.signing.basic import Basic
from plimsoll.sources.signing.entra import ClientCredentials
from plimsoll.sources.signing.google import ServiceAccount

RECORDINGS = every_recording()
EVERY_PROVIDER = pytest.mark.parametrize("word", provider_names())
EVERY_RECORDING = pytest.mark.parametrize(
    "recording", RECORDINGS, ids=lambda one: f"{one.path.parent.name}-{one.path.stem}"
)
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


def everything(account: Account, period: Period) -> list[Slice]:
    return [day for e in account.endpoints for day in account.pull(e.name, period)]


def week_of(period: Period) -> Period:
    return Period(period.first, date.fromordinal(period.first.toordinal() + 6))


# --- what can be known without asking ---


def test_every_provider_has_a_recording_and_every_recording_a_provider() -> None:
    assert {one.path.parent.name for one in RECORDINGS} == set(provider_names())
    assert [path.name for path in FOLDER.iterdir() if not path.is_dir()] == []


def test_an_unknown_provider_is_said_with_the_known_ones() -> None:
    with pytest.raises(WrongUse, match="openai"):
        provider("nobody")


def test_no_provider_has_the_word_of_an_agent() -> None:
    assert set(provider_names()) & set(agent_names()) == set()


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
    gives = connector.gives
    assert gives.tokens or gives.units or gives.money or gives.balance or gives.quota
    assert not gives.hourly or gives.tokens
    assert not connector.key_header.own_headers & {name.lower() for name in connector.headers}


@EVERY_PROVIDER
def test_what_is_declared_for_people_is_whole(word: str) -> None:
    connector, about = provider(word), about_of(provider(word))
    if about.settings:
        assert about.setting_names == tuple(connector.setting_names)
    for setting in about.settings:
        assert setting.title[0].isupper()
        assert not setting.title.endswith(".")
        assert setting.sentence[0].islower(), "it goes on after “needs to know:”"
        assert setting.sentence.endswith(".")
        assert setting.choices or setting.example
        assert len({choice.value for choice in setting.choices}) == len(setting.choices)
        assert all(choice.title for choice in setting.choices)
    for sentence in (*about.setup, about.costs_money, about.undocumented):
        assert not sentence or (sentence[0].isupper() and sentence.endswith("."))
    assert len(about.setup) <= 3


@EVERY_PROVIDER
def test_a_key_of_the_wrong_kind_is_named_before_anything_is_sent(word: str) -> None:
    shape = provider(word).key_shape
    assert shape.label
    assert shape.needs
    assert shape.help_url.startswith("https://") or word == "custom", "where is it made?"
    for prefix, sentence in shape.wrong:
        text = f"{prefix}0123456789abcdefghij"
        with pytest.raises(WrongKeyKind) as caught:
            shape.check(Secret(text))
        assert str(caught.value).startswith(sentence)
        assert "Nothing was sent" in str(caught.value)
        assert text not in str(caught.value)
    if "" not in shape.prefixes:
        with pytest.raises(WrongKeyKind):
            shape.check(Secret("no-key-at-all-0123456789"))
    if shape.pair:
        with pytest.raises(WrongKeyKind):
            shape.check(Secret(f"{shape.prefixes[0]}0123456789"))


@EVERY_PROVIDER
def test_longer_beginnings_of_keys_are_tried_first(word: str) -> None:
    prefixes = [prefix for prefix, _ in provider(word).key_shape.wrong]
    for position, prefix in enumerate(prefixes):
        assert not any(later.startswith(prefix) for later in prefixes[position + 1 :])


@EVERY_RECORDING
def test_every_address_is_declared_and_safe(recording: Recording) -> None:
    connector, settings = recording.connector, recording.settings
    if about_of(connector).own_server:
        with pytest.raises(WrongUse):
            connector.address(settings, None)
        base = connector.base_url
    else:
        base = connector.address(settings, None)
    further = more_addresses(connector, settings, None)
    for address in (base, *further.values()):
        parts = urlsplit(address)
        assert (parts.scheme, parts.query, parts.fragment) == ("https", "", "")
        assert parts.hostname
    assert all(word.isalnum() and word.islower() for word in further)
    own = more_addresses(connector, settings, "https://proxy.example/v9")
    assert own == {word: f"https://proxy.example/v9/{word}" for word in further}


# --- one recorded day ---


@EVERY_RECORDING
def test_a_good_key_and_good_settings_are_let_through(recording: Recording) -> None:
    recording.connector.key_shape.check(recording.key)
    about = about_of(recording.connector)
    given = recording.connector.base_url if about.own_server else None
    about.check(recording.connector.title, recording.settings, given)
    assert set(recording.settings) <= set(recording.connector.setting_names)


@EVERY_RECORDING
def test_a_day_holds_what_it_should(recording: Recording) -> None:
    account, period = recording.open(), recording.period
    slices = everything(account, period)
    records = [record for day in slices for record in day.records]
    charges = [charge for day in slices for charge in day.charges]
    assert bool(records) is (recording.gives("tokens") or recording.gives("units"))
    assert bool(charges) is recording.gives("money")
    for record in records:
        assert record.start.tzinfo is UTC
        assert record.end.tzinfo is UTC
        assert day_start(period.first) <= record.start < record.end
        assert (record.end - day_start(period.first)).days <= 1
        counted = [getattr(record.tokens, name) for name in record.tokens.__slots__]
        assert all(type(count) is int and count >= 0 for count in counted)
        assert record.tokens.reasoning <= record.tokens.output
        assert all(quantity >= 0 for _, quantity in record.units)
        assert record.tokens.total or record.units or record.requests
    for charge in charges:
        assert type(charge.amount.nanos) is int
        assert charge.amount.currency.isupper()
        assert charge.text
    hours = {(record.end - record.start).total_seconds() for record in records}
    assert (3600.0 in hours) is recording.gives("hourly")
    projects = {item.attribution.project for item in (*records, *charges)}
    assert (len(projects - {None}) > 0) is recording.gives("per_project")
    named = ("per_project", "per_key", "per_user")
    assert not account.names() or any(map(recording.gives, named))


@EVERY_RECORDING
def test_every_day_is_given_once_in_order_and_charges_say_what_they_are_cut_by(
    recording: Recording,
) -> None:
    account, week = recording.open(), week_of(recording.period)
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
def test_asking_twice_gives_the_same(recording: Recording) -> None:
    account, period = recording.open(), recording.period
    assert everything(account, period) == everything(account, period)
    assert everything(account, period) == everything(recording.open(), period)


@EVERY_RECORDING
def test_ids_get_names(recording: Recording) -> None:
    account, period = recording.open(), recording.period
    named = {(str(name.kind), name.id) for name in account.names()}
    for day in everything(account, period):
        for item in (*day.records, *day.charges):
            if named and item.attribution.project and item.attribution.key:
                assert ("project", item.attribution.project) in named
                assert ("key", item.attribution.key) in named


@EVERY_RECORDING
def test_balances_come_one_a_currency_where_the_provider_has_them(recording: Recording) -> None:
    readings = recording.open().balances()
    assert bool(readings) is recording.gives("balance")
    assert len({reading.amount.currency for reading in readings}) == len(readings)
    assert all(reading.at == NOW for reading in readings)
    assert all(type(reading.amount.nanos) is int for reading in readings)


@EVERY_RECORDING
def test_quotas_come_one_a_window_where_the_provider_has_them(recording: Recording) -> None:
    readings = tuple(quotas_of(recording.open()))
    assert bool(readings) is recording.gives("quota")
    assert len({(reading.name, reading.window) for reading in readings}) == len(readings)
    for reading in readings:
        assert reading.at == NOW
        assert reading.share is not None
        assert reading.share >= 0
        assert reading.resets_at is None or reading.resets_at.tzinfo is UTC


@EVERY_RECORDING
def test_work_comes_by_whole_days_each_once_in_order(recording: Recording) -> None:
    account, week = recording.open(), week_of(recording.period)
    if not isinstance(account, Works):
        return
    days = list(account.work(week))
    assert [told.day for told in days] == list(week.days())
    assert any(count for told in days for part in told.parts for _, count in part.counts)
    for told in days:
        assert len({part.is_plan for part in told.parts}) == len(told.parts)
        for part in told.parts:
            assert all(type(count) is int and count >= 0 for _, count in part.counts)
            assert part.cost is None or type(part.cost.nanos) is int


@EVERY_RECORDING
def test_who_asked_adds_up_to_the_tokens_of_the_day(recording: Recording) -> None:
    account = recording.open()
    days = everything(account, recording.period)
    told = [day.actors for day in days if day.actors is not None]
    if isinstance(account, TellsActors):
        told += [one.actors for one in account.actors([recording.period])]
    tokens = sum(record.tokens.total for day in days for record in day.records)
    assert [actors.total for actors in told] == [tokens] * len(told)


@EVERY_RECORDING
def test_a_test_finds_all_that_matters(recording: Recording) -> None:
    findings = recording.open().test()
    assert findings
    assert all(finding.ok for finding in findings if finding.essential)
    assert all(finding.what for finding in findings)


# --- what is no answer ---


@EVERY_RECORDING
@pytest.mark.parametrize("body", INNOCENT, ids=str)
def test_a_page_without_its_envelope_gives_nothing(
    recording: Recording, body: dict[str, Any]
) -> None:
    account = recording.open(lambda _: body)
    if recording.gives("balance"):
        with pytest.raises(SurprisingAnswer):
            account.balances()
    if recording.gives("quota"):
        with pytest.raises(SurprisingAnswer):
            tuple(quotas_of(account))
    if isinstance(account, Works) and body.get("data") != []:  # which may be a whole answer
        days_of_work, error = came_before(iter(account.work(recording.period)))
        assert isinstance(error, SurprisingAnswer)
        assert days_of_work == []
    if recording.is_unpaged and body.get("data") == []:
        return  # an empty list is the whole answer where there are no pages
    for endpoint in account.endpoints:
        days, error = came_before(account.pull(endpoint.name, recording.period))
        assert isinstance(error, SurprisingAnswer)
        assert days == []


@EVERY_RECORDING
def test_pages_without_an_end_are_refused(recording: Recording) -> None:
    endless = recording.endless
    if endless is None:
        assert recording.is_unpaged or not recording.open().endpoints, "say `endless` or `unpaged`"
        return
    calls = 0

    def answer_on(call: Call) -> Any:
        nonlocal calls
        calls += 1
        assert calls < MOST_CALLS, "the connector asks without end"
        return answered(endless, call)

    account = recording.open(answer_on)
    refusals = []
    for ask in everything_of(account, week_of(recording.period)):
        try:
            ask()
        except SurprisingAnswer as refusal:
            refusals.append(refusal)
    assert refusals


# --- over real HTTP ---


def says(status: int, **headers: str) -> Callable[[Call], tuple[int, Any, dict[str, str]]]:
    """A server that answers every question with one status."""
    return lambda _: (status, {"error": {"message": "No."}}, headers)


def errors_of(recording: Recording, account: Account) -> list[PlimsollError]:
    """What comes of asking everything of a server that answers nothing; no figure may come."""
    errors = []
    for ask in (account.test, *everything_of(account, recording.period)):
        try:
            came = ask()
        except PlimsollError as error:
            errors.append(error)
        else:
            assert not came or all(not getattr(one, "ok", False) for one in came if one.essential)
    return errors


@EVERY_RECORDING
def test_the_same_day_comes_through_the_real_door(recording: Recording) -> None:
    recorded, period = recording.open(), recording.period
    with (
        served(recording, told_by(recording.answers)) as (address, seen),
        recording.open_over_http(address) as account,
    ):
        assert everything(account, period) == everything(recorded, period)
        assert account.names() == recorded.names()
        amounts = [reading.amount for reading in account.balances()]
        assert amounts == [reading.amount for reading in recorded.balances()]
        shares = [reading.share for reading in quotas_of(account)]
        assert shares == [reading.share for reading in quotas_of(recorded)]
        if isinstance(account, Works) and isinstance(recorded, Works):
            assert list(account.work(period)) == list(recorded.work(period))
    text = recording.key.reveal()
    signer = signer_of(recording.connector, recording.settings)
    if isinstance(signer, KeyHeader):
        expected = f"{signer.scheme} {text}".strip()
        assert {head[signer.name.lower()] for head in seen.heads} == {expected}
    elif isinstance(signer, Basic):
        pair = text if ":" in text else f"{text}:"
        expected = f"Basic {b64encode(pair.encode()).decode()}"
        assert {head["authorization"] for head in seen.heads} == {expected}
    elif isinstance(signer, ServiceAccount):
        assert seen.text.count("assertion=") == 1, "a signed statement goes for a token once"
        assert "PRIVATE" not in seen.text
    elif isinstance(signer, ClientCredentials):
        sent, asked = seen.text.count(text.partition(":")[2]), seen.text.count(signer.path)
        assert sent == asked == 1, "the secret goes for a token once, and nowhere else"
    else:
        assert text.partition(":")[2] not in seen.text, "a secret is signed with, never sent"


@EVERY_RECORDING
def test_a_key_that_is_refused_is_said_to_be(recording: Recording) -> None:
    with (
        served(recording, says(401)) as (address, _),
        recording.open_over_http(address) as account,
    ):
        errors = errors_of(recording, account)
    assert errors
    assert all(isinstance(error, KeyRejected) for error in errors)


@EVERY_RECORDING
def test_a_missing_permission_is_said_to_be_one(recording: Recording) -> None:
    with (
        served(recording, says(403)) as (address, _),
        recording.open_over_http(address) as account,
    ):
        errors = errors_of(recording, account)
    assert all(isinstance(error, (MissingScope, KeyProblem)) for error in errors)
    assert errors or not recording.open().endpoints


@EVERY_RECORDING
def test_a_limit_is_told_with_its_end_and_not_asked_through(recording: Recording) -> None:
    wait = says(429, **{"Retry-After": "7200"})
    with served(recording, wait) as (address, seen), recording.open_over_http(address) as account:
        errors = errors_of(recording, account)
    assert errors
    for error in errors:
        assert isinstance(error, RateLimited)
        assert (error.until - StillClock().now()).total_seconds() == 7200
    assert len(seen.heads) == 1


@EVERY_RECORDING
def test_nothing_follows_a_redirect(recording: Recording) -> None:
    with FaultServer(answer(), host="127.0.0.2") as elsewhere:
        moved = says(302, Location=f"{elsewhere.url}/here")
        with served(recording, moved) as (address, _), recording.open_over_http(address) as account:
            errors = errors_of(recording, account)
    assert elsewhere.connections == 0
    assert errors
    assert all(isinstance(error, UnexpectedRedirect) for error in errors)


@EVERY_RECORDING
def test_a_key_that_is_sent_back_appears_in_no_text(recording: Recording) -> None:
    text = recording.key.reveal()
    halves = [half for half in text.split(":") if len(half) >= 8]
    echoes: list[dict[str, Any]] = [
        {"error": {"message": f"Incorrect API key provided: {text}"}},
        {"object": text, "data": text, "has_more": text, "next_page": text},
        {"object": "page", "data": [{"start_time": text, "starting_at": text}], "has_more": False},
        {"object": "page", "data": [], "has_more": True, "next_page": [text]},
        {"code": text, "message": text, "msg": text, "success": False, "data": text},
    ]
    for echo in echoes:
        if recording.is_unpaged and echo.get("data") == []:
            continue  # an empty list is the whole answer where there are no pages
        with (
            served(recording, told_by(dict.fromkeys(recording.answers, echo))) as (address, _),
            recording.open_over_http(address) as account,
        ):
            for endpoint in account.endpoints:
                _, error = came_before(account.pull(endpoint.name, recording.period))
                assert not any(half in everything_said(error) for half in halves)
            if recording.gives("balance"):
                with pytest.raises(PlimsollError) as caught:
                    account.balances()
                assert not any(half in everything_said(caught.value) for half in halves)


def everything_said(error: PlimsollError) -> str:
    said = [repr(error), str(error), error.remedy, getattr(error, "answer", "")]
    return " ".join([*said, repr(error.__cause__), repr(error.__context__)])
