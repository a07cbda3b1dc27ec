"""What is not priced is listed once, with its reason, and sums to what the answers call so."""

from __future__ import annotations

from decimal import Decimal

from ledger_kit import charge, nov, november, priced, record, rows_by, store, usd

from plimsoll.domain.usage import Computed, PricedSlice, Slice, Tokens, UsageRecord
from plimsoll.ledger import catalog
from plimsoll.ledger.catalog import Source
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.not_priced import NotPriced, not_priced


def unknown(day: int, *records: UsageRecord, reason: str = "no price") -> PricedSlice:
    return PricedSlice(
        Slice("usage", nov(day), records), tuple(Computed(None, reason) for _ in records)
    )


def test_usage_without_a_price_is_listed_by_source_model_tier_and_reason(
    ledger: Ledger, source: Source
) -> None:
    other = catalog.add_source(ledger, name="beta", connector="anthropic")
    new = record(nov(2), tokens=Tokens(input=5), model="new")
    store(
        ledger,
        source.id,
        unknown(2, new, record(nov(2), hour=3, tokens=Tokens(output=2), model="new")),
        unknown(5, record(nov(5), tokens=Tokens(input=3), model="new", tier="odd"), reason="odd"),
        unknown(7, record(nov(7), tokens=Tokens(input=1), model="new")),
        priced("usage", nov(8), (record(nov(8), tokens=Tokens(input=9), model="new"), usd(9))),
    )
    searched = record(nov(3), units=[("searches", "2.5")])
    store(ledger, other.id, unknown(3, searched, reason="The provider does not say which."))
    assert not_priced(ledger) == (
        NotPriced("openai", "acme", "new", None, True, "no price", 8, 8, (), 2, november(2, 7)),
        NotPriced("openai", "acme", "new", "odd", True, "odd", 3, 3, (), 1, november(5, 5)),
        NotPriced(
            "anthropic",
            "beta",
            None,
            None,
            True,
            "The provider does not say which.",
            0,
            0,
            (("searches", Decimal("2.5")),),
            1,
            november(3, 3),
        ),
    )


def test_billed_days_miss_the_worth_only(ledger: Ledger, source: Source) -> None:
    day = priced(
        "usage",
        nov(1),
        record(nov(1), tokens=Tokens(input=4), model="new"),
        (record(nov(1), tokens=Tokens(input=6), model="a", elsewhere=True), usd(6)),
        charges=(charge(10),),
    )
    store(ledger, source.id, day)
    by_rule, new = not_priced(ledger)
    assert (by_rule.model, by_rule.unknown, by_rule.tokens, by_rule.missing) == ("a", False, 6, 6)
    assert (new.model, new.unknown, new.tokens, new.missing) == ("new", True, 4, 0)
    (row,) = rows_by(ledger).values()
    assert row.not_priced_tokens == by_rule.missing + new.missing


def test_nothing_is_listed_where_everything_has_a_price(ledger: Ledger, source: Source) -> None:
    used = record(nov(1), tokens=Tokens(input=9), model="a")
    store(ledger, source.id, priced("usage", nov(1), (used, usd(0))))
    assert not_priced(ledger) == ()
