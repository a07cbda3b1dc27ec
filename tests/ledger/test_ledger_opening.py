"""Files that cannot be used as they are: refused and left alone, or brought up to date."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from ledger_kit import FakeClock, content, count, nov, priced, record, store, usd

from plimsoll.domain.errors import (
    LedgerBroken,
    LedgerTooNew,
    LedgerUnreadable,
)
from plimsoll.domain.usage import PricedSlice, Tokens
from plimsoll.ledger import catalog, migrations
from plimsoll.ledger.database import Ledger


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


def a_table_gone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TABLE ledger")


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
        a_table_gone,
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
            assert migrations.applied(connection) == tuple(s.__name__ for s in next_version)
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
