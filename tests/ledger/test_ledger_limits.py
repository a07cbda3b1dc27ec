"""Limits of providers: kept as last read, with the provider's names, gone with their source."""

from __future__ import annotations

from plimsoll.domain.budget import SpendLimit
from plimsoll.domain.calendar import Span
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.question import Dimension
from plimsoll.domain.usage import Name, NameKind
from plimsoll.ledger import catalog
from plimsoll.ledger.catalog import Source
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.spend_limits import KeptLimit, kept_limits, save_limits

WHOLE = SpendLimit(Money("USD", 250 * NANO), Span.MONTH)
OF_SHOP = SpendLimit(Money("USD", 40 * NANO), Span.WEEK, (Dimension.PROJECT, "proj_shop"))


def test_what_was_read_last_is_kept(ledger: Ledger, source: Source) -> None:
    save_limits(ledger, source.id, [OF_SHOP, WHOLE])
    assert [kept.limit for kept in kept_limits(ledger)] == [WHOLE, OF_SHOP]
    save_limits(ledger, source.id, [WHOLE])
    assert kept_limits(ledger) == (KeptLimit(source.name, WHOLE),)
    save_limits(ledger, source.id, [])
    assert kept_limits(ledger) == ()


def test_a_limit_has_the_name_of_what_it_limits(ledger: Ledger, source: Source) -> None:
    save_limits(ledger, source.id, [OF_SHOP])
    names = [Name(NameKind.PROJECT, "proj_shop", "Web shop"), Name(NameKind.KEY, "proj_shop", "no")]
    catalog.save_names(ledger, source.id, names)
    (kept,) = kept_limits(ledger)
    assert kept.limit.of == (Dimension.PROJECT, "Web shop")


def test_a_source_that_was_removed_has_no_limits(ledger: Ledger, source: Source) -> None:
    save_limits(ledger, source.id, [WHOLE])
    catalog.remove_source(ledger, source.id, forget=False)
    assert kept_limits(ledger) == ()
