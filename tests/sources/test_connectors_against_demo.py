"""Connectors read the simulated providers to the last token and nano-dollar, over real HTTP.

The simulators and their truth know nothing of the connectors, and refuse what the real ones do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime

import pytest
from fake_door import StillClock

from plimsoll.demo.server import DemoWorld
from plimsoll.domain.calendar import Period, utc_day
from plimsoll.domain.secret import Secret
from plimsoll.domain.usage import Charge, Slice, UsageRecord
from plimsoll.sources.base import Account, more_addresses, provider
from plimsoll.sources.http import Door

NOW = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)
AUTUMN = Period(date(2026, 10, 20), NOW.date())
NEW_YEAR = Period(date(2025, 12, 20), date(2026, 1, 10))
CLASSES = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")

with DemoWorld(now=NOW) as _anything:
    SIMULATED = [account.id for account in _anything.accounts]

CASES = [
    pytest.param("openai", True, 0, AUTUMN, id="openai"),
    pytest.param("openai", True, 5, AUTUMN, id="openai, throttled"),
    pytest.param("lab", True, 0, AUTUMN, id="lab"),
    pytest.param("anthropic", True, 0, AUTUMN, id="anthropic, analytics"),
    pytest.param("anthropic", False, 0, AUTUMN, id="anthropic, reports"),
    pytest.param("anthropic", True, 7, NEW_YEAR, id="anthropic, both, throttled"),
]


@contextmanager
def world(word: str, *, analytics: bool, throttle: int) -> Iterator[tuple[DemoWorld, Account]]:
    with DemoWorld(now=NOW, analytics=analytics, throttle=throttle) as demo:
        (account,) = (a for a in demo.accounts if a.id == word)
        connector = provider(account.provider)
        with Door(
            base_url=account.base_url,
            more=more_addresses(connector, account.settings, account.base_url),
            key=Secret(account.key),
            key_header=connector.key_header,
            headers=connector.headers,
            title=connector.title,
            clock=StillClock(NOW),
            patience=3600.0,
        ) as door:
            yield demo, connector.open(door, account.settings)


def key_of(day: date, item: UsageRecord | Charge, by: Sequence[str]) -> tuple[object, ...]:
    return tuple(day if name == "day" else getattr(item.attribution, name) for name in by)


def holding_something(counter: Counter[tuple[object, ...]]) -> dict[tuple[object, ...], int]:
    """Without the groups that hold nothing."""
    return {key: count for key, count in counter.items() if count}


@pytest.mark.parametrize(("word", "analytics", "throttle", "period"), CASES)
def test_every_token_unit_and_nano_dollar_comes_through(
    word: str, analytics: bool, throttle: int, period: Period
) -> None:
    is_openai = word != "anthropic"
    by = ["day", "project", "key", "model", *(["user"] if is_openai else []), "tier"]
    billed_by = ["day", "project", "key", "model", "line_item" if is_openai else "tier"]
    with world(word, analytics=analytics, throttle=throttle) as (demo, account):
        slices = [day for e in account.endpoints for day in account.pull(e.name, period)]
        truth, span = demo.truth, (period.first, period.last)
        tokens, requests, units, billed = counted(slices, by, billed_by)
        assert holding_something(tokens) == {
            (*key, name): count
            for key, found in truth.tokens(word, *span, by=by).items()
            for name in CLASSES
            if (count := getattr(found, name))
        }
        assert holding_something(requests) == truth.requests(word, *span, by=by)
        assert holding_something(units) == truth.units(word, *span, by=("day", "project", "unit"))
        told = truth.billed(word, *span, by=billed_by)
        assert holding_something(billed) == {key: nanos for key, nanos in told.items() if nanos}
        assert {name.id: name.name for name in account.names()} == truth.names(word)


Sums = Counter[tuple[object, ...]]


def counted(
    slices: Sequence[Slice], by: Sequence[str], billed_by: Sequence[str]
) -> tuple[Sums, Sums, Sums, Sums]:
    """Tokens by class, requests, units and nano-dollars, as the connector gave them."""
    tokens, requests, units, billed = Sums(), Sums(), Sums(), Sums()
    for day in slices:
        for record in day.records:
            assert utc_day(record.start) == day.day
            key = key_of(day.day, record, by)
            for name in CLASSES:
                tokens[(*key, name)] += getattr(record.tokens, name)
            requests[key] += record.requests or 0
            for unit, quantity in record.units:
                units[(day.day, record.attribution.project, unit)] += int(quantity)
        for charge in day.charges:
            assert charge.amount.currency == "USD"
            billed[key_of(day.day, charge, billed_by)] += charge.amount.nanos
    return tokens, requests, units, billed


@pytest.mark.parametrize("word", SIMULATED)
def test_the_demo_s_key_passes_the_test(word: str) -> None:
    with world(word, analytics=True, throttle=0) as (_, account):
        assert all(finding.ok for finding in account.test())
