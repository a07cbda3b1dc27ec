"""The archive opens, keeps what it has, and says plainly when it cannot be used."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from ledger_kit import FakeClock, content, count, nov, priced, record, store, usd

from plimsoll.domain.errors import (
    Cancelled,
    LedgerBroken,
    LedgerFull,
    LedgerTooNew,
    LedgerUnreadable,
    WrongUse,
)
from plimsoll.domain.usage import PricedSlice, Tokens
from plimsoll.ledger import catalog, migrations
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


# --- files that cannot be used ---


def text_file(path: Path) -> None:
    path.write_text("dear diary, " * 100, encoding="utf-8")


def empty_file(path: Path) -> None:
    path.write_bytes(b"")


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def cut_very_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:60])


def header_gone(path: Path) -> None:
    path.write_bytes(b"\0" * 100 + path.read_bytes()[100:])


def pages_overwritten(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096 * 2 : 4096 * 12] = b"\xa5" * 4096 * 10
    path.write_bytes(bytes(data))


def another_programs(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE bookmarks (url TEXT)")


def no_history(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM _sqlite_migrations")


@pytest.mark.parametrize(
    "damage",
    [
        text_file,
        empty_file,
        cut_short,
        cut_very_short,
        header_gone,
        pages_overwritten,
        another_programs,
        no_history,
    ],
)
def test_a_broken_file_is_refused_and_left_as_it_is(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    path = made(tmp_path)
    damage(path)
    before = path.read_bytes()
    with pytest.raises(LedgerBroken) as caught:
        Ledger.open(tmp_path, clock=FakeClock())
    assert str(path) in caught.value.sentence
    assert "left untouched" in caught.value.sentence
    assert str(tmp_path) in caught.value.remedy
    assert path.read_bytes() == before


def test_a_broken_file_names_the_newest_backup(tmp_path: Path) -> None:
    path = made(tmp_path)
    backup = tmp_path / "plimsoll-before-9.9.9-20261101T000000Z.db"
    shutil.copy(path, backup)
    text_file(path)
    with pytest.raises(LedgerBroken) as caught:
        Ledger.open(tmp_path, clock=FakeClock())
    assert str(backup) in caught.value.remedy


def test_damage_that_shows_later_is_told_too(tmp_path: Path) -> None:
    path = made(tmp_path)
    with closing(Ledger.open(tmp_path, clock=FakeClock())) as ledger:
        path.write_bytes(path.read_bytes()[:4096] + b"\xa5" * (path.stat().st_size - 4096))
        with pytest.raises(LedgerBroken):
            content(ledger)


def test_a_file_from_a_newer_program_is_left_as_it_is(tmp_path: Path) -> None:
    path = made(tmp_path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "VALUES ('plimsoll', 'schema_of_next_year', '2027-01-01')"
        )
    before = path.read_bytes()
    with pytest.raises(LedgerTooNew, match="newer"):
        Ledger.open(tmp_path, clock=FakeClock())
    assert path.read_bytes() == before
    assert list(tmp_path.glob("*-before-*")) == []


def test_a_file_that_grew_newer_while_it_was_open_is_not_written(ledger: Ledger) -> None:
    with closing(sqlite3.connect(ledger.path)) as other:
        other.execute("PRAGMA user_version = 999")
    with pytest.raises(LedgerTooNew):
        catalog.add_source(ledger, name="acme", connector="openai")
    assert catalog.sources(ledger) == ()


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder", encoding="utf-8")
    with pytest.raises(LedgerUnreadable, match="cannot be opened"):
        Ledger.open(tmp_path / "data", clock=FakeClock())
    with pytest.raises(LedgerUnreadable):
        Ledger.open(tmp_path / "data" / "deeper", clock=FakeClock())


def test_a_file_that_is_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "plimsoll.db").mkdir()
    with pytest.raises(LedgerUnreadable):
        Ledger.open(tmp_path, clock=FakeClock())


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="modes do not bind this user")
def test_a_folder_without_rights_is_told(tmp_path: Path) -> None:
    made(tmp_path / "data")
    (tmp_path / "data").chmod(0o500)
    try:
        with (
            pytest.raises(LedgerUnreadable),
            closing(Ledger.open(tmp_path / "data", clock=FakeClock())) as ledger,
        ):
            catalog.add_source(ledger, name="b", connector="openai")
    finally:
        (tmp_path / "data").chmod(0o700)


# --- schema ---


def an_older_file(folder: Path) -> Path:
    """A file as the first version made it: only the first migration, and a row in it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "plimsoll.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        migrations.migrate(connection, steps=migrations.STEPS[:1])
        connection.execute("INSERT INTO term (text) VALUES ('kept')")
        connection.execute("COMMIT")
    return path


def add_a_table(db: object) -> None:
    db.execute("CREATE TABLE added (x INTEGER) STRICT")  # type: ignore[attr-defined]


def half_a_step(db: object) -> None:
    db.execute("CREATE TABLE half (x INTEGER) STRICT")  # type: ignore[attr-defined]
    raise RuntimeError("the second half fails")


@pytest.fixture
def next_version(monkeypatch: pytest.MonkeyPatch) -> list[migrations.Step]:
    """A program with one more migration than this one."""
    steps = [*migrations.STEPS, add_a_table]
    monkeypatch.setattr(migrations, "STEPS", steps)
    return steps


def test_an_older_file_is_brought_up_to_date_after_a_backup(
    tmp_path: Path, next_version: list[migrations.Step]
) -> None:
    path = an_older_file(tmp_path)
    with closing(Ledger.open(tmp_path, clock=FakeClock())) as ledger:
        with ledger.reading() as connection:
            assert count(connection, "added") == 0
            assert connection.execute("SELECT text FROM term").fetchall() == [("kept",)]
            assert migrations.applied(connection) == ("first_schema", "add_a_table")
        assert ledger.check() == ()
    (backup,) = tmp_path.glob("plimsoll-before-*-20261123T150000Z.db")
    if os.name == "posix":
        assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    with closing(sqlite3.connect(backup)) as copy:
        assert migrations.applied(copy) == ("first_schema",)
        assert copy.execute("SELECT text FROM term").fetchall() == [("kept",)]
    assert path.exists()


def test_a_migration_that_fails_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_older_file(tmp_path)
    monkeypatch.setattr(migrations, "STEPS", [*migrations.STEPS, add_a_table, half_a_step])
    with pytest.raises(RuntimeError, match="second half"):
        Ledger.open(tmp_path, clock=FakeClock())
    monkeypatch.undo()
    with closing(Ledger.open(tmp_path, clock=FakeClock())) as ledger:
        assert ledger.check() == ()
        with ledger.reading() as connection:
            assert count(connection, "sqlite_schema WHERE name IN ('half', 'added')") == 0


def test_the_last_three_backups_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    an_older_file(tmp_path)
    kept = []
    for number in range(5):
        clock.wall += timedelta(days=1)

        def step(db: object, number: int = number) -> None:
            db.execute(f"CREATE TABLE more_{number} (x INTEGER) STRICT")  # type: ignore[attr-defined]

        step.__name__ = f"step_{number}"
        monkeypatch.setattr(migrations, "STEPS", [*migrations.STEPS, step])
        Ledger.open(tmp_path, clock=clock).close()
        kept.append(clock.wall.strftime("%Y%m%d"))
    names = sorted(path.name.split("-")[-1][:8] for path in tmp_path.glob("*-before-*.db"))
    assert names == kept[-3:]


def test_opening_an_up_to_date_file_needs_no_migration_library(tmp_path: Path) -> None:
    import subprocess
    import sys

    made(tmp_path)
    code = (
        "import sys; sys.path.insert(0, sys.argv[2])\n"
        "from pathlib import Path; from ledger_kit import FakeClock\n"
        "from plimsoll.ledger import answers, catalog\n"
        "from plimsoll.ledger.database import Ledger\n"
        "ledger = Ledger.open(Path(sys.argv[1]), clock=FakeClock())\n"
        "assert catalog.sources(ledger); answers.currencies(ledger); ledger.close()\n"
        "assert not {'sqlite_utils', 'filelock', 'httpx2', 'pydantic'} & set(sys.modules)\n"
    )
    here = str(Path(__file__).parent)
    subprocess.run([sys.executable, "-c", code, str(tmp_path), here], check=True, timeout=60)


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
        ("PRAGMA user_version = 0", "schema"),
    ],
)
def test_silent_changes_are_found(ledger: Ledger, source: Source, change: str, said: str) -> None:
    store(ledger, source.id, a_day(1), a_day(2))
    with ledger.writing() as connection:
        connection.execute(change)
    assert said in " ".join(ledger.check())
