"""One writer at a time across processes; the others wait, then say for whom."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from ledger_kit import FakeClock, content, count, nov, priced, rows_by, started, store

from plimsoll.domain.errors import LedgerBusy
from plimsoll.domain.question import Dimension
from plimsoll.ledger import catalog
from plimsoll.ledger.catalog import Source
from plimsoll.ledger.database import Ledger


@contextmanager
def a_holder(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process in the middle of a write, which dies without a word at the end."""
    with started("hold", folder, "plimsoll sync") as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        try:
            yield holder
        finally:
            if holder.stdin is not None:
                holder.stdin.close()
            holder.wait(30)


def test_a_second_writer_waits_ten_seconds_and_names_the_first(
    ledger: Ledger, source: Source, clock: FakeClock
) -> None:
    with a_holder(ledger.path.parent) as holder:
        with pytest.raises(LedgerBusy) as caught:
            store(ledger, source.id, priced("tokens", nov(1)))
        assert 10 <= clock.waited < 11
        assert "plimsoll sync" in caught.value.sentence
        assert str(holder.pid) in caught.value.sentence
        assert "2026-11-23" in caught.value.sentence
        assert catalog.sources(ledger) == (source,)  # reading goes on


def test_a_holder_that_died_holds_nothing_and_kept_nothing(ledger: Ledger, source: Source) -> None:
    with a_holder(ledger.path.parent):
        pass
    store(ledger, source.id, priced("tokens", nov(1)))
    with ledger.reading() as connection:
        assert count(connection, "slice") == 1
        assert count(connection, "term WHERE text = 'never kept'") == 0
    assert ledger.check() == ()


def test_closing_while_another_process_writes_neither_waits_nor_fails(
    ledger: Ledger, source: Source, clock: FakeClock
) -> None:
    store(ledger, source.id, priced("tokens", nov(1)))
    with a_holder(ledger.path.parent):
        ledger.close()
        assert clock.waited == 0
    with closing(Ledger.open(ledger.path.parent, clock=clock)) as again:
        assert len(content(again)["slices"]) == 1


def test_two_processes_that_write_at_once_lose_nothing(ledger: Ledger) -> None:
    folder = ledger.path.parent
    with started("write", folder, "one") as one, started("write", folder, "two") as two:
        assert (one.wait(60), two.wait(60)) == (0, 0)
    rows = rows_by(ledger, Dimension.SOURCE)
    assert {key[0]: row.requests for key, row in rows.items()} == {"one": 30, "two": 30}
    assert ledger.check() == ()


def test_two_processes_that_make_the_archive_at_once_make_one(tmp_path: Path) -> None:
    with started("write", tmp_path, "one") as one, started("write", tmp_path, "two") as two:
        assert (one.wait(60), two.wait(60)) == (0, 0)
    with closing(Ledger.open(tmp_path, clock=FakeClock())) as ledger:
        assert len(content(ledger)["slices"]) == 60
        assert ledger.check() == ()


def test_a_note_that_cannot_be_read_does_not_hide_that_someone_writes(
    ledger: Ledger, source: Source
) -> None:
    with a_holder(ledger.path.parent):
        ledger.path.with_name("plimsoll.lock.json").write_text("{", encoding="utf-8")
        with pytest.raises(LedgerBusy, match="did not leave its name"):
            store(ledger, source.id, priced("tokens", nov(1)))
