"""A rate is kept as it was set, once for two currencies and a day, and is gone when removed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from ledger_kit import nov

from plimsoll.domain.exchange import Rate
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.exchange import exchange, remove_rate, save_rate

YUAN = Rate(nov(1), "USD", "CNY", Decimal("7.1200"), "Bank of China, middle rate")


def test_rates_come_back_as_they_were_set_the_oldest_first(ledger: Ledger) -> None:
    assert exchange(ledger).rates == ()
    later = Rate(nov(9), "CNY", "USD", Decimal("0.14"))
    euro = Rate(nov(2), "EUR", "USD", Decimal("1.08"))
    for rate in (later, YUAN, euro):
        save_rate(ledger, rate)
    assert exchange(ledger).rates == (YUAN, euro, later)
    assert str(exchange(ledger).rates[0].value) == "7.1200", "as the user wrote it"


@pytest.mark.parametrize("pair", [("USD", "CNY"), ("CNY", "USD")])
def test_a_day_has_one_rate_for_two_currencies_whichever_way_round(
    ledger: Ledger, pair: tuple[str, str]
) -> None:
    save_rate(ledger, YUAN)
    newer = Rate(nov(1), *pair, Decimal(7))
    save_rate(ledger, newer)
    assert exchange(ledger).rates == (newer,)


def test_a_changed_rate_leaves_nothing_of_the_old_one(ledger: Ledger) -> None:
    save_rate(ledger, YUAN)
    moved = Rate(nov(3), "USD", "CNY", Decimal("7.2"))
    save_rate(ledger, moved, instead_of=YUAN)
    assert exchange(ledger).rates == (moved,)


def test_a_removed_rate_is_gone_whichever_way_round_it_is_named(ledger: Ledger) -> None:
    save_rate(ledger, YUAN)
    assert remove_rate(ledger, nov(1), "CNY", "USD")
    assert not remove_rate(ledger, nov(1), "CNY", "USD")
    assert exchange(ledger).rates == ()
