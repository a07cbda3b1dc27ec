"""Days, months and hours: whose days they are, in any zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from ledger_kit import (
    charge,
    nov,
    november,
    priced,
    record,
    rows_by,
    store,
    usd,
    where,
)

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.question import Amounts, Dimension, Row
from plimsoll.domain.usage import (
    Attribution,
    Computed,
    PricedSlice,
    Slice,
    Tokens,
    UsageRecord,
)
from plimsoll.ledger.catalog import Source
from plimsoll.ledger.database import Ledger


def only(rows: dict[tuple[str | None, ...], Row]) -> Row:
    (row,) = rows.values()
    return row


def billed(rows: dict[tuple[str | None, ...], Row]) -> dict[tuple[str | None, ...], int]:
    return {
        key: amounts.billed
        for key, row in rows.items()
        for amounts in row.amounts
        if amounts.billed
    }


def test_days_and_months_are_the_providers(ledger: Ledger, source: Source) -> None:
    days = [date(2026, 10, 31), nov(1), nov(2)]
    store(ledger, source.id, *(priced("c", d, charges=[charge(d.day)]) for d in days))
    period = Period(days[0], days[-1])
    by_day = rows_by(ledger, Dimension.DAY, period=period)
    assert billed(by_day) == {("2026-10-31",): 31, ("2026-11-01",): 1, ("2026-11-02",): 2}
    by_month = rows_by(ledger, Dimension.MONTH, period=period)
    assert billed(by_month) == {("2026-10",): 31, ("2026-11",): 3}
    assert billed(rows_by(ledger, period=november(1, 1))) == {(): 1}
    chosen = where(Dimension.DAY, "2026-10-31", "2026-11-02")
    assert billed(rows_by(ledger, period=period, scope=chosen)) == {(): 33}


def test_hours_are_instants_and_charges_have_none(ledger: Ledger, source: Source) -> None:
    store(
        ledger,
        source.id,
        priced(
            "tokens",
            nov(5),
            record(nov(5), hour=13, tokens=Tokens(1)),
            record(nov(5), hour=None, tokens=Tokens(2)),
            charges=[charge(9)],
        ),
    )
    rows = rows_by(ledger, Dimension.HOUR)
    assert {key: row.tokens.total for key, row in rows.items()} == {
        ("2026-11-05T13:00:00Z",): 1,
        (None,): 2,
    }
    assert billed(rows) == {(None,): 9}
    india = rows_by(ledger, Dimension.HOUR, zone="Asia/Kolkata")
    assert set(india) == {("2026-11-05T18:30:00+05:30",), (None,)}
    chosen = where(Dimension.HOUR, "2026-11-05T13:00:00+00:00")
    assert only(rows_by(ledger, scope=chosen)).tokens.total == 1
    assert billed(rows_by(ledger, scope=chosen)) == {}


def test_single_calls_fall_into_the_hour_in_which_they_began(
    ledger: Ledger, source: Source
) -> None:
    moment = datetime(2026, 11, 5, 13, 59, 59, 999999, tzinfo=UTC)
    call = UsageRecord(moment, moment + timedelta(seconds=90), Attribution(), Tokens(1))
    store(ledger, source.id, PricedSlice(Slice("calls", nov(5), (call,)), (Computed(None),)))
    assert set(rows_by(ledger, Dimension.HOUR)) == {("2026-11-05T13:00:00Z",)}


def test_hourly_records_fall_on_local_days_and_everything_else_stays(
    ledger: Ledger, source: Source
) -> None:
    store(
        ledger,
        source.id,
        priced(
            "tokens",
            nov(5),
            record(nov(5), hour=15, tokens=Tokens(1)),
            record(nov(5), hour=16, tokens=Tokens(10)),  # the 6th in Shanghai
            record(nov(5), hour=None, tokens=Tokens(100)),
            charges=[charge(9)],
        ),
    )
    rows = rows_by(ledger, Dimension.DAY, zone="Asia/Shanghai")
    assert {key[0]: row.tokens.total for key, row in rows.items()} == {
        "2026-11-05": 101,
        "2026-11-06": 10,
    }
    assert billed(rows) == {("2026-11-05",): 9}
    fifth = rows_by(ledger, period=november(5, 5), zone="Asia/Shanghai")
    assert only(fifth).tokens.total == 101
    assert billed(rows_by(ledger, period=november(6, 6), zone="Asia/Shanghai")) == {}


def test_the_clocks_going_back_neither_doubles_nor_loses_an_hour(
    ledger: Ledger, source: Source
) -> None:
    # New York goes back on 1 November at 06:00 UTC: that day has 25 hours, from 04:00 to 05:00 UTC.
    for day in (nov(1), nov(2)):
        used = [record(day, hour=hour, tokens=Tokens(1)) for hour in range(24)]
        store(ledger, source.id, priced("tokens", day, *used))
    asked: dict[str, Any] = {
        "period": Period(date(2026, 10, 31), nov(2)),
        "zone": "America/New_York",
    }
    days = rows_by(ledger, Dimension.DAY, **asked)
    assert {key[0]: row.tokens.total for key, row in days.items()} == {
        "2026-10-31": 4,
        "2026-11-01": 25,
        "2026-11-02": 19,
    }
    assert only(rows_by(ledger, period=november(1, 1), zone="America/New_York")).tokens.total == 25
    hours = {str(key[0]) for key in rows_by(ledger, Dimension.HOUR, **asked)}
    assert len(hours) == 48
    assert {"2026-11-01T01:00:00-04:00", "2026-11-01T01:00:00-05:00"} <= hours


def test_whether_a_day_is_charged_goes_by_the_provider_day_in_any_zone(
    ledger: Ledger, source: Source
) -> None:
    late = (record(nov(5), hour=20, tokens=Tokens(1)), usd(8))  # the 6th in Shanghai
    early = (record(nov(6), hour=1, tokens=Tokens(1)), usd(3))
    store(
        ledger,
        source.id,
        priced("tokens", nov(5), late, charges=[charge(9)]),
        priced("tokens", nov(6), early),
    )
    rows = rows_by(ledger, Dimension.DAY, zone="Asia/Shanghai")
    assert rows["2026-11-06",].amounts == (Amounts("USD", estimated=3, worth=11),)
    assert rows["2026-11-05",].amounts == (Amounts("USD", billed=9),)


def test_an_unknown_zone_is_told(ledger: Ledger, source: Source) -> None:
    for zone in ("Mars/Olympus", "../etc/passwd", ""):
        with pytest.raises(WrongUse, match="time zone"):
            rows_by(ledger, zone=zone)


def test_calls_dated_in_the_future_are_kept_on_their_own_day(
    ledger: Ledger, source: Source
) -> None:
    used = record(nov(29), hour=1, tokens=Tokens(1))
    store(ledger, source.id, priced("tokens", nov(29), used))
    assert set(rows_by(ledger, Dimension.DAY)) == {("2026-11-29",)}
