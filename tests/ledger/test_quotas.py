"""Quotas of plans: the latest reading of each source, whole, as it was told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_kit import FakeClock

from plimsoll.domain.quota import QuotaReading
from plimsoll.ledger import catalog
from plimsoll.ledger.catalog import Source
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.quotas import latest_quotas, save_quotas

NOW = FakeClock().wall
FIVE_HOURS = QuotaReading(NOW, "Model calls", "5 hours", Decimal("42.5"))
WEEK = QuotaReading(
    NOW,
    "Model calls",
    "week",
    used=Decimal("0.000000001"),
    limit=Decimal(10**18),
    resets_at=NOW + timedelta(days=3),
)


@pytest.fixture
def source(ledger: Ledger) -> Source:
    return catalog.add_source(ledger, name="plan", connector="anyone", key_tail="")


def later(reading: QuotaReading, minutes: int) -> QuotaReading:
    return replace(reading, at=NOW + timedelta(minutes=minutes))


def test_a_reading_comes_back_as_it_was_told_and_in_its_order(
    ledger: Ledger, source: Source
) -> None:
    save_quotas(ledger, source.id, (WEEK, FIVE_HOURS))
    assert latest_quotas(ledger) == {source.id: (WEEK, FIVE_HOURS)}


def test_only_the_latest_reading_counts_and_a_window_that_is_gone_is_gone(
    ledger: Ledger, source: Source
) -> None:
    save_quotas(ledger, source.id, (FIVE_HOURS, WEEK))
    save_quotas(ledger, source.id, (later(WEEK, 5),))
    assert latest_quotas(ledger) == {source.id: (later(WEEK, 5),)}
    save_quotas(ledger, source.id, ())
    assert latest_quotas(ledger) == {source.id: (later(WEEK, 5),)}


def test_a_clock_that_was_ahead_once_does_not_hold_a_reading_for_ever(
    ledger: Ledger, source: Source
) -> None:
    save_quotas(ledger, source.id, (later(FIVE_HOURS, 60 * 24 * 365),))
    save_quotas(ledger, source.id, (WEEK,))
    assert latest_quotas(ledger) == {source.id: (WEEK,)}


def test_readings_of_a_moment_apart_are_one_reading(ledger: Ledger, source: Source) -> None:
    save_quotas(ledger, source.id, (FIVE_HOURS, later(WEEK, 1)))
    assert latest_quotas(ledger) == {source.id: (later(FIVE_HOURS, 1), later(WEEK, 1))}


def test_sources_are_kept_apart_and_forgotten_with_their_figures(
    ledger: Ledger, source: Source
) -> None:
    other = catalog.add_source(ledger, name="other", connector="anyone", key_tail="")
    save_quotas(ledger, source.id, (FIVE_HOURS,))
    save_quotas(ledger, other.id, (later(WEEK, 9),))
    assert latest_quotas(ledger) == {source.id: (FIVE_HOURS,), other.id: (later(WEEK, 9),)}
    catalog.remove_source(ledger, other.id, forget=True)
    assert latest_quotas(ledger) == {source.id: (FIVE_HOURS,)}


@given(
    used=st.decimals(0, 10**12, places=3),
    limit=st.decimals("0.001", 10**12, places=3),
)
def test_a_share_of_counts_is_what_it_is_to_a_tenth(used: Decimal, limit: Decimal) -> None:
    share = QuotaReading(NOW, "Calls", "week", used=used, limit=limit).share
    assert share is not None
    assert abs(share - used * 100 / limit) <= Decimal("0.05")
