"""The archive opens, keeps what it has, and says plainly when it cannot be used."""

from __future__ import annotations

import os
import shutil
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest
from ledger_kit import FakeClock, content, count, nov, priced, record, store, usd

from plimsoll.domain.errors import (
    Cancelled,
    LedgerFull,
    LedgerUnreadable,
    WrongUse,
)
from plimsoll.domain.usage import PricedSlice, Tokens
from plimsoll.ledger import catalog
from plimsoll.ledger.catalog import Source
from plimsoll.ledger.database import Ledger

posix = pytest.mark.skipif(os.name != "posix", reason="modes are a matter of POSIX")


def a_day(day: int = 1, count_of_rows: int = 3) -> PricedSlice:
    rows = [
        (record(nov(day), hour=n % 24, tokens=Tokens(n), model=f"model {n}"), usd(n))
        for n in range(count_of_rows)
    ]
    return priced("tokens", nov(day), *rows)


def made(folder: Path) -> Path:
    """A closed archive with a source and two days."""
    with closing(Ledger.open(folder, clock=FakeClock())) as ledger:
        source = catalog.add_source(ledger, name="acme", connector="openai")
        store(ledger, source.id, a_day(1), a_day(2))
    return ledger.path


# --- made, found again, moved ---


@posix
def test_folder_and_file_are_for_their_owner_alone(tmp_path: Path) -> None:
    path = made(tmp_path / "new" / "data")
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    modes = {stat.S_IMODE(p.stat().st_mode) for p in path.parent.iterdir()}
    assert modes == {0o600}


def test_what_was_stored_is_there_after_closing(tmp_path: Path) -> None:
    made(tmp_path)
    with closing(Ledger.open(tmp_path, clock=FakeClock())) as again:
        assert [s.name for s in catalog.sources(again)] == ["acme"]
        assert len(content(again)["usage"]) == 6


def test_the_id_is_made_once_and_is_not_that_of_another_archive(tmp_path: Path) -> None:
    ids = []
    for folder in ("a", "a", "b"):
        with closing(Ledger.open(tmp_path / folder, clock=FakeClock())) as ledger:
            ids.append(ledger.id)
    assert ids[0] == ids[1] != ids[2]
    assert len(ids[0]) == 16


def test_a_closed_archive_is_one_whole_file_that_can_be_copied(tmp_path: Path) -> None:
    path = made(tmp_path / "old")
    assert not path.with_name("plimsoll.db-wal").exists()
    (tmp_path / "new").mkdir()
    shutil.copy(path, tmp_path / "new" / path.name)
    with closing(Ledger.open(tmp_path / "new", clock=FakeClock())) as copy:
        assert len(content(copy)["usage"]) == 6
        assert copy.check() == ()


def test_closing_while_somebody_reads_leaves_the_log_to_whoever_closes_last(
    tmp_path: Path,
) -> None:
    """And at once: what is committed is as safe in the log (a wait here would be ten seconds)."""
    path = made(tmp_path)
    log = path.with_name("plimsoll.db-wal")
    with closing(Ledger.open(tmp_path, clock=FakeClock())) as reading:
        with reading.reading() as snapshot:
            snapshot.execute("SELECT count(*) FROM usage").fetchone()
            with closing(Ledger.open(tmp_path, clock=FakeClock())) as writing:
                catalog.add_source(writing, name="later", connector="openai")
            assert log.stat().st_size > 0
        assert [s.name for s in catalog.sources(reading)] == ["acme", "later"]
    assert not log.exists()


def test_the_file_is_strict_and_durable(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        values = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "trusted_schema")
        }
        tables = connection.execute(
            "SELECT name, strict FROM pragma_table_list "
            "WHERE schema = 'main' AND type = 'table' AND name NOT LIKE '%sqlite_%'"
        ).fetchall()
    assert values == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "trusted_schema": 0,
    }
    assert len(tables) > 15
    assert [name for name, strict in tables if not strict] == []


# --- snapshots and transactions ---


def test_a_reader_sees_one_state_while_another_thread_writes(
    ledger: Ledger, source: Source
) -> None:
    with ledger.reading() as connection:
        before = count(connection, "slice")
        writer = threading.Thread(target=store, args=(ledger, source.id, a_day()))
        writer.start()
        writer.join()
        assert count(connection, "slice") == before
    with ledger.reading() as connection:
        assert count(connection, "slice") == before + 1


def test_a_reader_cannot_write(ledger: Ledger) -> None:
    with (
        pytest.raises(LedgerUnreadable),
        ledger.reading() as connection,
    ):
        connection.execute("DELETE FROM source")


def write_and_fail(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        connection.execute("INSERT INTO term (text) VALUES ('taken back')")
        raise ZeroDivisionError


def test_an_error_takes_back_all_of_a_transaction(ledger: Ledger) -> None:
    with pytest.raises(ZeroDivisionError):
        write_and_fail(ledger)
    with ledger.reading() as connection:
        assert count(connection, "term") == 0


def test_a_transaction_within_one_is_part_of_it(ledger: Ledger) -> None:
    with ledger.writing() as outer:
        outer.execute("INSERT INTO term (text) VALUES ('outer')")
        with pytest.raises(ZeroDivisionError):
            write_and_fail(ledger)
        with ledger.writing() as inner:
            inner.execute("INSERT INTO term (text) VALUES ('inner')")
        with ledger.reading() as reader:
            assert count(reader, "term") == 2
    with ledger.reading() as connection:
        rows = connection.execute("SELECT text FROM term ORDER BY text").fetchall()
    assert rows == [("inner",), ("outer",)]


def test_many_threads_write_and_read_at_once(ledger: Ledger, source: Source) -> None:
    failures: list[BaseException] = []

    def work(day: int) -> None:
        try:
            store(ledger, source.id, a_day(day))
            content(ledger)
        except BaseException as error:  # noqa: BLE001 - a thread's error must fail the test
            failures.append(error)

    threads = [threading.Thread(target=work, args=(day,)) for day in range(1, 13)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(content(ledger)["slices"]) == 12
    assert ledger.check() == ()


def test_after_closing_nothing_is_read_or_written(ledger: Ledger) -> None:
    ledger.close()
    with pytest.raises(Cancelled), ledger.reading():
        pass
    with pytest.raises(Cancelled), ledger.writing():
        pass
    ledger.close()


def test_closing_waits_for_the_write_that_runs(ledger: Ledger, source: Source) -> None:
    inside, closing_now = threading.Event(), threading.Event()

    def write() -> None:
        with ledger.writing():
            inside.set()
            closing_now.wait(10)
            store(ledger, source.id, a_day())

    writer = threading.Thread(target=write)
    writer.start()
    inside.wait(10)
    closer = threading.Thread(target=ledger.close)
    closer.start()
    closing_now.set()
    writer.join()
    closer.join()
    with closing(Ledger.open(ledger.path.parent, clock=FakeClock())) as again:
        assert len(content(again)["slices"]) == 1


# --- the disk ---


def test_a_full_disk_changes_nothing_and_says_so(ledger: Ledger, source: Source) -> None:
    store(ledger, source.id, a_day(1))
    before = content(ledger)
    with ledger.writing() as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(LedgerFull, match="full"):
        store(ledger, source.id, a_day(2, count_of_rows=5000))
    assert content(ledger) == before
    store(ledger, source.id, a_day(2))  # room again: the connection that failed was let go
    assert len(content(ledger)["slices"]) == 2
    assert ledger.check() == ()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
def test_a_folder_without_room_is_told_apart_from_a_missing_right(tmp_path: Path) -> None:
    from plimsoll.ledger.faults import told

    with pytest.raises(LedgerFull), told(tmp_path / "plimsoll.db"):
        Path("/dev/full").write_text("x", encoding="utf-8")


# --- backups and the check-up ---


def test_a_backup_is_the_whole_archive(ledger: Ledger, source: Source, tmp_path: Path) -> None:
    store(ledger, source.id, a_day())
    (tmp_path / "copy").mkdir()
    target = tmp_path / "copy" / "plimsoll.db"
    ledger.backup_to(target)
    if os.name == "posix":
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with closing(Ledger.open(target.parent, clock=FakeClock())) as copy:
        assert content(copy) == content(ledger)
        assert (copy.id, copy.check()) == (ledger.id, ())
    with pytest.raises(WrongUse, match="already"):
        ledger.backup_to(target)


def test_a_backup_that_cannot_be_written_leaves_nothing_behind(
    ledger: Ledger, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(LedgerUnreadable):
        ledger.backup_to(tmp_path / "file" / "backup.db")
    with pytest.raises(LedgerUnreadable):
        ledger.backup_to(tmp_path / "nowhere" / "backup.db")


def test_a_whole_archive_has_no_faults(ledger: Ledger, source: Source) -> None:
    assert ledger.check() == ()
    store(ledger, source.id, a_day())
    assert ledger.check() == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE usage SET worth = worth + 1 WHERE n = 1", "Rows have changed"),
        ("UPDATE term SET text = 'other' WHERE text = 'model 1'", "Rows have changed"),
        ("UPDATE usage SET attribution = 999 WHERE n = 1", "Rows have changed"),
        ("DELETE FROM usage WHERE n = 1", "more or fewer rows"),
        ("UPDATE usage_by_day SET input = input + 1 WHERE cut = 1", "do not agree"),
        ("DELETE FROM usage_by_day", "do not agree"),
        ("UPDATE slice SET totals = '{' WHERE day % 2", "cannot be read back"),
        ("UPDATE slice SET totals = '{}' WHERE day % 2", "cannot be read back"),
        ("UPDATE term SET text = cast(x'ff' AS TEXT) WHERE id = 1", "cannot be read back"),
        ("PRAGMA user_version = 0", "schema"),
    ],
)
def test_silent_changes_are_found(ledger: Ledger, source: Source, change: str, said: str) -> None:
    store(ledger, source.id, a_day(1), a_day(2))
    with ledger.writing() as connection:
        connection.execute(change)
    assert said in " ".join(ledger.check())
