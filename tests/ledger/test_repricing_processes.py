"""Prices change in one process while others write: nothing is lost, nothing is half done."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from ledger_kit import FakeClock, content, nov, record, started
from ledger_writer import RealClock
from pricing_kit import Book, sync

from plimsoll.domain.errors import LedgerBusy
from plimsoll.domain.usage import Slice, Tokens, UsageRecord
from plimsoll.ledger import catalog
from plimsoll.ledger.catalog import Source
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.presence import is_stale
from plimsoll.ledger.repricing import Which, reprice

DAYS = range(1, 31)


def a_book(price: int) -> Book:
    return Book({f"{word} {day}": price for word in ("acme", "beta") for day in DAYS})


def test_prices_that_change_while_others_write_hold_for_every_row_in_the_end(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "data"
    with closing(Ledger.open(folder, clock=RealClock(), who="prices")) as ledger:
        price = 0
        with started("write", folder, "acme") as acme, started("write", folder, "beta") as beta:
            while acme.poll() is None or beta.poll() is None:
                price += 1
                book = a_book(price)
                reprice(ledger, book.compute, edition=book.edition, sentence="")
        assert (acme.returncode, beta.returncode) == (0, 0)
        assert price > 1
        last = a_book(7)
        reprice(ledger, last.compute, edition=last.edition, sentence="", which=Which(stale=True))
        assert not is_stale(ledger, last.edition)
        assert ledger.check() == ()
        found = content(ledger)
    with closing(Ledger.open(tmp_path / "afresh", clock=FakeClock())) as afresh:
        for word in ("acme", "beta"):
            source = catalog.add_source(afresh, name=word, connector="openai")
            days = [Slice("tokens", nov(day), (used(f"{word} {day}", day),)) for day in DAYS]
            sync(afresh, source, last, days)
        assert without_ids(found) == without_ids(content(afresh))


def used(model: str, day: int) -> UsageRecord:
    return record(nov(day), tokens=Tokens(1), requests=1, model=model)


def without_ids(found: dict[str, list[tuple[object, ...]]]) -> object:
    """The two processes add their sources in either order: the models tell whose a row is."""
    return {
        "usage": sorted(row[1:] for row in found["usage"]),
        "sums": sorted(row[2:] for row in found["usage sums by attribution"]),
    }


def test_where_another_process_keeps_writing_nothing_is_changed(
    ledger: Ledger, source: Source, clock: FakeClock
) -> None:
    one = Slice("tokens", nov(1), (used("acme 1", 1),))
    sync(ledger, source, a_book(1), [one])
    before = content(ledger)
    with started("hold", ledger.path.parent, "plimsoll sync") as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LedgerBusy, match="plimsoll sync"):
            reprice(ledger, a_book(2).compute, edition="2", sentence="")
        assert content(ledger) == before
        assert holder.stdin is not None
        holder.stdin.close()
        holder.wait(30)
    assert reprice(ledger, a_book(2).compute, edition="2", sentence="").records == 1
