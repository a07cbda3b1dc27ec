"""The archive: opened safely, written by one at a time, read in consistent snapshots."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path

from plimsoll import __version__
from plimsoll.domain.clock import Clock
from plimsoll.domain.errors import (
    Cancelled,
    LedgerBusy,
    LedgerFull,
    LedgerTooNew,
    LedgerUnreadable,
    WrongUse,
)
from plimsoll.domain.said import say
from plimsoll.ledger import migrations
from plimsoll.ledger.faults import broken, told
from plimsoll.ledger.lock import PATIENCE, WriteTurn

FILE = "plimsoll.db"
KEPT_BACKUPS = 3

_CHEAP_BYTES = 4 * 2**20
"""Files up to this size are checked whole at every start (some 10 ms a megabyte)."""

_CHECKPOINT_BYTES = 4 * 2**20
"""A write-ahead log of this size is put back into the file after the write that made it grow."""

_IDLE_READERS = 4
_MAGIC = b"SQLite format 3\0"
_SUSPECT = {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CORRUPT}


class Ledger:
    """The SQLite archive of one data directory; every method may be called from any thread.

    All of them raise a `LedgerProblem` where the file cannot be used; nothing is changed then.
    """

    def __init__(self, path: Path, *, clock: Clock, who: str) -> None:
        self.path = path
        self.clock = clock
        self.id = ""
        """The random id of this archive, made once and kept in it; keyring items bear it."""
        self.terms: dict[int, str] = {}
        """Texts of dimension values by their id, as far as a reader needed them (never reused)."""
        self._turn = WriteTurn(path, clock=clock, who=who)
        self._writer: sqlite3.Connection | None = None
        self._readers: list[sqlite3.Connection] = []
        self._pool_guard = threading.Lock()
        self._mine = threading.local()
        self._closed = False

    @classmethod
    def open(cls, folder: Path, *, clock: Clock, who: str = "plimsoll") -> Ledger:
        """The archive of `folder`; folder (0700) and file (0600) are made if there are none.

        An older file is brought up to date, after a backup beside it. Raises `LedgerTooNew`,
        `LedgerBroken`, `LedgerUnreadable`, `LedgerFull` or `LedgerBusy`.
        """
        path = Path(folder).absolute() / FILE
        ledger = cls(path, clock=clock, who=who)
        try:
            with told(path):
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                if not path.exists():
                    ledger._create()
                _look_at_header(path)
                ledger._bring_up_to_date()
        except BaseException:
            ledger.close()
            raise
        return ledger

    def reading(self) -> AbstractContextManager[sqlite3.Connection]:
        """A connection that cannot write and sees one consistent state until the block ends.

        Within `writing` of the same thread it is the writer's own, which sees what it wrote.
        """
        return self._reading()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        current: sqlite3.Connection | None = getattr(self._mine, "connection", None)
        if current is not None:
            yield current
            return
        with told(self.path):
            connection = self._take_reader()
            self._mine.connection = connection
            try:
                connection.execute("BEGIN")
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                connection.close()
                raise
            finally:
                self._mine.connection = None
            self._give_back(connection)

    def writing(self) -> AbstractContextManager[sqlite3.Connection]:
        """A connection in one transaction: kept whole at the end of the block, or not at all.

        Raises `LedgerBusy` when another process writes for longer than ten seconds, naming it.
        """
        return self._writing()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        if getattr(self._mine, "writes", False):
            with _savepoint(self._mine.connection) as connection:
                yield connection
            return
        with self._turn.held(), told(self.path):
            connection = self._take_writer()
            self._mine.connection, self._mine.writes = connection, True
            try:
                connection.execute("BEGIN IMMEDIATE")
                self._refuse_newer(connection)
                yield connection
                connection.execute("COMMIT")
            except BaseException as error:
                self._roll_back(connection, error)
                raise
            finally:
                self._mine.connection, self._mine.writes = None, False
            self._checkpoint(connection, at_least=_CHECKPOINT_BYTES)

    def backup_to(self, path: Path) -> None:
        """A whole, checked copy of the archive as one file (0600), while it may be in use.

        Raises `WrongUse` if there is such a file already, `LedgerFull` or `LedgerUnreadable`.
        """
        if path.exists():
            raise WrongUse(
                say("There is already a file {path}.", path=str(path)),
                remedy=say("Choose another name for the backup."),
            )
        with told(path), closing(self._connect()) as connection:
            _copy(connection, path.absolute())

    def check(self) -> tuple[str, ...]:
        """Everything that is wrong with the archive, one sentence each; empty when it is whole.

        Looks at every page and row of the file, the rollups' sums and the digests of the last
        days; takes seconds for millions of rows.
        """
        from plimsoll.ledger.health import faults_of

        with self.reading() as connection:
            return faults_of(connection)

    def close(self) -> None:
        """Let running work end, put the write-ahead log back into the file, and close it.

        Afterwards reading and writing raise `Cancelled`.
        """
        self._closed = True
        try:
            if self.id and (self._writer is not None or self._log_size()):
                with suppress(LedgerBusy, LedgerUnreadable, LedgerFull):
                    self._put_log_back()
        finally:
            self._drop_writer()
            self._drop_readers()

    def _put_log_back(self) -> None:
        """Under the lock, like every writing back; whoever writes now does it when it ends."""
        with self._turn.held(patience=0):
            if self._writer is None:
                with told(self.path):
                    self._writer = self._connect()
            # Somebody who still reads the log needs it: leave it to whoever closes last.
            self._writer.execute("PRAGMA busy_timeout = 0")
            self._checkpoint(self._writer, at_least=0, mode="TRUNCATE")
            self._drop_writer()
            self._drop_readers()

    def _log_size(self) -> int:
        log = self.path.with_name(f"{FILE}-wal")
        return log.stat().st_size if log.exists() else 0

    def _drop_readers(self) -> None:
        with self._pool_guard:
            readers, self._readers = self._readers, []
        for reader in readers:
            reader.close()

    def _drop_writer(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    def _connect(self, *, path: Path | None = None) -> sqlite3.Connection:
        """A connection in autocommit mode to an existing file, with everything strict."""
        uri = (path or self.path).as_uri()
        if not uri.startswith("file:///"):  # a Windows share, which SQLite wants without a host
            uri = f"file:////{uri.removeprefix('file://')}"
        connection = sqlite3.connect(
            f"{uri}?mode=rw",
            uri=True,
            timeout=PATIENCE,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        try:
            for pragma in (
                "foreign_keys = ON",
                "trusted_schema = OFF",
                "cell_size_check = ON",
                "synchronous = FULL",
                "wal_autocheckpoint = 0",
                "temp_store = MEMORY",
                "cache_size = -16000",
            ):
                connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _take_reader(self) -> sqlite3.Connection:
        self._refuse_closed()
        with self._pool_guard:
            if self._readers:
                return self._readers.pop()
        connection = self._connect()
        connection.execute("PRAGMA query_only = ON")
        return connection

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._pool_guard:
            if not self._closed and len(self._readers) < _IDLE_READERS:
                self._readers.append(connection)
                return
        connection.close()

    def _take_writer(self) -> sqlite3.Connection:
        self._refuse_closed()
        if self._writer is None:
            self._writer = self._connect()
        return self._writer

    def _refuse_closed(self) -> None:
        if self._closed:
            raise Cancelled(say("The archive was closed; what came before is kept."))

    def _roll_back(self, connection: sqlite3.Connection, error: BaseException) -> None:
        if connection.in_transaction:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
        code = getattr(error, "sqlite_errorcode", 0) or 0
        if code & 0xFF in _SUSPECT:  # after a failed write the connection is not to be trusted
            self._drop_writer()

    def _checkpoint(
        self, connection: sqlite3.Connection, *, at_least: int, mode: str = "PASSIVE"
    ) -> None:
        """Put the log back into the file. What is committed is safe in the log if this fails."""
        with suppress(sqlite3.Error, OSError):
            if self._log_size() >= at_least:
                connection.execute(f"PRAGMA wal_checkpoint({mode})")

    def _create(self) -> None:
        """Make the file whole under another name, then put it in place."""
        beside = self.path.with_name(f".{FILE}.new")
        with self._turn.held():
            if self.path.exists():
                return
            beside.unlink(missing_ok=True)
            try:
                beside.touch(mode=0o600)
                with closing(self._connect(path=beside)) as connection:
                    connection.execute("BEGIN IMMEDIATE")
                    migrations.migrate(connection)
                    connection.execute("COMMIT")
                    connection.execute("PRAGMA journal_mode = WAL")
                _put_in_place(beside, self.path)
            except BaseException:
                _remove_database(beside)
                raise

    def _bring_up_to_date(self) -> None:
        with closing(self._connect()) as connection:
            connection.execute("PRAGMA query_only = ON")
            pending = _pending(connection, self.path)
            if self.path.stat().st_size <= _CHEAP_BYTES:
                _look_whole(connection, self.path)
            wal = connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        if pending or not wal:
            self._migrate()
        with self.reading() as connection:
            self.id = connection.execute("SELECT id FROM ledger").fetchone()[0]

    def _migrate(self) -> None:
        with self._turn.held(), closing(self._connect()) as connection:
            if _pending(connection, self.path):
                moment = self.clock.now().strftime("%Y%m%dT%H%M%SZ")
                name = f"{self.path.stem}-before-{__version__}-{moment}.db"
                target = self.path.with_name(name)
                target.unlink(missing_ok=True)
                _copy(connection, target)
                self._keep_last_backups()
                connection.execute("BEGIN IMMEDIATE")
                try:
                    migrations.migrate(connection)
                    connection.execute("COMMIT")
                except BaseException:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                    raise
            connection.execute("PRAGMA journal_mode = WAL")

    def _keep_last_backups(self) -> None:
        copies = sorted(
            self.path.parent.glob(f"{self.path.stem}-before-*.db"),
            key=lambda copy: (copy.stat().st_mtime_ns, copy.name),
        )
        for old in copies[:-KEPT_BACKUPS]:
            old.unlink(missing_ok=True)

    def _refuse_newer(self, connection: sqlite3.Connection) -> None:
        """Another process may have brought the file up to a newer program meanwhile."""
        if connection.execute("PRAGMA user_version").fetchone()[0] > len(migrations.STEPS):
            raise _too_new(self.path)


def _too_new(path: Path) -> LedgerTooNew:
    return LedgerTooNew(
        say(
            "The archive {path} was made by a newer Plimsoll than this one "
            "({version__}). It was left untouched.",
            path=str(path),
            version__=__version__,
        ),
        remedy=say("Install the newer version, or name another folder with --data-dir."),
    )


def _look_at_header(path: Path) -> None:
    """Refuse what is no archive before SQLite touches it."""
    with path.open("rb") as file:
        head = file.read(100)
        size = file.seek(0, 2)
    if not head:
        raise broken(path, "is empty")
    if len(head) < 100 or not head.startswith(_MAGIC):
        raise broken(path, "is not a Plimsoll archive")
    page = int.from_bytes(head[16:18], "big")
    page = 65536 if page == 1 else page
    log = path.with_name(f"{path.name}-wal")
    logged = log.exists() and log.stat().st_size > 0
    if not logged and size < page * int.from_bytes(head[28:32], "big"):
        raise broken(path, "is cut short")
    if int.from_bytes(head[68:72], "big") != migrations.APPLICATION_ID:
        raise broken(path, "is a database of another program")


def _pending(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether a file lacks migrations; raises `LedgerTooNew` for one with unknown ones."""
    known, present = migrations.names(), migrations.applied(connection)
    if set(present) - set(known):
        raise _too_new(path)
    if not present:
        raise broken(path, "is damaged: it does not say which version made it")
    return len(present) < len(known)


def _look_whole(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise broken(path, "is damaged")


@contextmanager
def _savepoint(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    connection.execute("SAVEPOINT inner")
    try:
        yield connection
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK TO inner")
            connection.execute("RELEASE inner")
        raise
    connection.execute("RELEASE inner")


def _copy(connection: sqlite3.Connection, target: Path) -> None:
    """Copy the whole archive: written beside, checked, made durable, then put in place."""
    beside = target.with_name(f".{target.name}.new")
    beside.unlink(missing_ok=True)
    try:
        beside.touch(mode=0o600)  # VACUUM INTO accepts an empty file, and keeps its mode
        connection.execute("VACUUM INTO ?", [str(beside)])
        with closing(sqlite3.connect(beside)) as copy:
            _look_whole(copy, target)
        _put_in_place(beside, target)
    except BaseException:
        _remove_database(beside)
        raise


def _put_in_place(beside: Path, target: Path) -> None:
    import os

    with beside.open("rb+") as file:
        os.fsync(file.fileno())
    beside.replace(target)
    with suppress(OSError):  # Windows cannot open a folder
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _remove_database(path: Path) -> None:
    for ending in ("", "-journal", "-wal", "-shm"):
        with suppress(OSError):
            path.with_name(f"{path.name}{ending}").unlink()
