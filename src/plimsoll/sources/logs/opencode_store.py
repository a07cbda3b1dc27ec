"""OpenCode's store, and that of its forks: messages as files, or as rows of a database.

Three generations, which stand side by side: files of JSON, a database of messages and their parts,
and a database of session messages (version 2), in which the older tables stay as they were. Of one
database one of the two is read. `input` is fresh input, cache reads and writes are apart; what
`reasoning` is in, only `total` tells.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, cast

from plimsoll.domain.calls import Call, CallClass, key_of, rank_of
from plimsoll.sources.logs.agent import Databases, Documents, LogFile, Memory, Place
from plimsoll.sources.logs.beside import LARGEST, json_beside, names_beside
from plimsoll.sources.logs.makers import whose_prices
from plimsoll.sources.logs.notes import (
    Impossible,
    Notes,
    count,
    from_millis,
    nanos_of_dollars,
    parsed,
    table,
    word,
)
from plimsoll.sources.logs.tables import Tables, tables_of

_STEP = "step-finish"
_STEP_BYTES = 8 * 2**10
"""The part that ends a step is small, unlike those with content."""

_SESSION = ("id", "parent_id", "directory", "time_created", "fork_session_id", "fork_boundary")
_MESSAGE = ("id", "session_id", "type", "seq", "time_created", "data")
_TOLD = (
    *("role", "parentID", "modelID", "providerID", "model", "mode", "agent", "path", "cost"),
    *("tokens", "summary"),
)
"""What is kept of a message while its database is read: nothing of its content."""

_ANSWERS = frozenset({"assistant", "compaction"})
_KINDS = _ANSWERS | {"user", "synthetic"}

_UNTITLED = ("New session - ", "Child session - ")

Json = Mapping[str, Any]


class _Session(NamedTuple):
    """A session as far as calls need it."""

    number: str
    parent: str | None = None
    folder: str | None = None
    created: int = 0
    fork_of: str | None = None
    fork_boundary: object = None


class _Row(NamedTuple):
    """One row of messages; `kind` and `place` only in version 2."""

    number: str
    session: _Session
    message: Json
    kind: object
    place: object

    @property
    def moment(self) -> tuple[object, ...]:
        """The oldest session first, and within a session as it was written."""
        session, place = self.session, self.place if isinstance(self.place, int) else 0
        return session.created, session.number, place, _created(self.message), self.number


class _Figures(NamedTuple):
    """Disjoint counts, and the reasoning that is in the output."""

    fresh: int
    read: int
    written: int
    output: int
    reasoning: int

    @property
    def total(self) -> int:
        """All tokens."""
        return sum(self[:4])


@dataclass(frozen=True, slots=True)
class Store:
    """The store of one agent of the family; `name` is its word, `database` begins its files."""

    name: str
    database: str

    @property
    def files(self) -> tuple[Documents | Databases, ...]:
        """What is to be read below the folder of the agent's data."""
        return (
            Databases(f"{self.database}.db", self._database),
            Databases(f"{self.database}-*.db", self._database),
            Documents("storage/message/*/*.json", self._message_file),
            Documents("storage/session/*/*.json", _session_file),
        )

    # -- files -----------------------------------------------------------------------------------

    def _message_file(
        self, content: bytes, file: LogFile, notes: Notes, memory: Memory
    ) -> Iterator[Call]:
        """The call of a message that has a file of its own."""
        message = parsed(content)
        if message is None:
            notes.bad_line()
            return
        if message.get("role") != "assistant":
            return
        path = Path(file.path)
        session, number = _session_beside(path), word(message.get("id")) or path.stem
        steps = [
            part for part in _parts_beside(path, number, _STEP_BYTES) if part.get("type") == _STEP
        ]
        answered = _settled(session, message) or _first_beside(path, message)
        keys = _Keys(self.name, memory)
        row = _Row(number, session, message, None, None)
        yield from _call(row, notes, keys, answered=answered, steps=steps)

    # -- databases -------------------------------------------------------------------------------

    def _database(self, copy: Path, file: LogFile, notes: Notes, memory: Memory) -> Iterator[Call]:  # noqa: ARG002 - a reader's arguments
        """The calls of a database, those of the oldest session first (O2)."""
        with tables_of(copy, notes) as tables:
            sessions, keys = _sessions(tables, notes), _Keys(self.name, memory)
            newer = _rows(tables, "session_message", sessions, notes)
            if any(row.kind in _ANSWERS for row in newer):
                yield from _newer(newer, sessions, notes, keys)
            else:
                yield from _older(tables, sessions, notes, keys)


def data_roots(place: Place, given: Sequence[Path], *, folder: str, variable: str) -> list[Path]:
    """Where an agent of the family keeps its data: in the same place on every platform."""
    chosen = [
        Path(text.strip()).expanduser() for text in place.environ.get(variable, "").split(",")
    ]
    named = list(given) or [path for path in chosen if path.name]
    if named:
        return [_data(path, folder) for path in named]
    shared = place.environ.get("XDG_DATA_HOME") or str(place.home / ".local" / "share")
    return [Path(shared) / folder]


def _data(path: Path, folder: str) -> Path:
    """The folder of data, or the same below a home folder, or around its files of JSON."""
    if path.name == "storage":
        return path.parent
    below = path / ".local" / "share" / folder
    return below if below.is_dir() else path


class _Keys:
    """The keys of messages: one and its copies are of the same two instants, whatever their ids
    (O1, O2). One that had not ended when it was read keeps the key that it had then.
    """

    def __init__(self, agent: str, memory: Memory) -> None:
        self._agent = agent
        self._open = cast("dict[str, int]", memory.setdefault("open", {}))
        self._kept: dict[tuple[object, ...], int] = {}

    def of(self, number: str, moment: tuple[object, ...], told: _Figures, *, ended: bool) -> int:
        """The key of a message."""
        if not ended and number not in self._open:
            self._open[number] = key_of(self._agent, *map(str, (*moment, *told)))
        if number in self._open:
            self._kept[moment] = self._open[number]
        return self._kept.get(moment) or key_of(self._agent, *map(str, moment))


def _call(
    row: _Row,
    notes: Notes,
    keys: _Keys,
    *,
    answered: CallClass,
    steps: Iterable[Json] = (),
    apart: bool = False,
) -> Iterator[Call]:
    """The call of a message that an assistant gave, or of a compaction; none while it runs."""
    number, session, message, _, _ = row
    time, model = table(message.get("time")), table(message.get("model"))
    at, ended = from_millis(time.get("created")), from_millis(time.get("completed"))
    service = word(message.get("providerID")) or word(model.get("providerID"))
    name = word(message.get("modelID")) or word(model.get("id"))
    try:
        told = _figures(message.get("tokens"), apart=apart)
        figures = _spent(told, [_figures(step.get("tokens"), apart=apart) for step in steps])
    except Impossible:
        notes.bad_call()
        return
    if not figures.total:
        return  # O5: it runs, or failed before anything was spent
    if at is None:
        notes.bad_call()
        return
    folder = session.folder or word(table(message.get("path")).get("cwd"))
    yield Call(
        keys.of(number, (at, ended, service, name), told, ended=ended is not None),
        at,
        rank_of(output=figures.output, total=figures.total),
        notes.origin(session.number, session.parent, folder, None, answered),
        notes.service(whose_prices(service, name), name),
        figures.fresh,
        figures.read,
        figures.written,
        0,
        figures.output,
        figures.reasoning,
        cost=nanos_of_dollars(message.get("cost")),
    )


def _figures(tokens: object, *, apart: bool) -> _Figures:
    """O4: reasoning is apart from the output, or inside, as the total tells; `apart` is for those
    without one. Raises `Impossible`.
    """
    counts = table(tokens)
    cache = table(counts.get("cache"))
    fresh, output = count(counts.get("input")), count(counts.get("output"))
    read, written = count(cache.get("read")), count(cache.get("write"))
    reasoning, total = count(counts.get("reasoning")), count(counts.get("total"))
    without = fresh + output + read + written
    if total == without + reasoning:
        apart = True
    elif total == without:
        apart = False
    if apart or reasoning > output:
        output += reasoning
    return _Figures(fresh, read, written, output, reasoning)


def _spent(told: _Figures, steps: Iterable[_Figures]) -> _Figures:
    """O3: each step overwrites what is told of a message, so that several are summed up."""
    each = [step for step in steps if step.total]
    if len(each) > 1 or not told.total:
        return _Figures(*map(sum, zip(*each, strict=True))) if each else told
    return told


def _settled(session: _Session, message: Json) -> CallClass | None:
    """Who a message answers, where it does not depend on the messages before it."""
    if session.parent:
        return "subagent"
    if message.get("summary") is True:
        return "auto"
    return "auto" if "compaction" in (message.get("mode"), message.get("agent")) else None


# -- files beside files --------------------------------------------------------------------------


def _parts_beside(message: Path, number: str, most: int = LARGEST) -> list[Json]:
    """The parts of a message, each in a file of at most so many bytes."""
    folder = message.parents[2] / "part" / number
    return [json_beside(folder / name, most) for name in names_beside(folder)]


def _session_beside(message: Path) -> _Session:
    """The session of a message's file, which stands in the folder of its project."""
    number, sessions = message.parent.name, message.parents[2] / "session"
    for project in names_beside(sessions):
        told = json_beside(sessions / project / f"{number}.json")
        if told:
            return _Session(number, word(told.get("parentID")), word(told.get("directory")))
    return _Session(number)


def _first_beside(path: Path, message: Json) -> CallClass:
    """Whether a message's file is the first answer to its prompt. Names are in order of time, so
    that only those between the two are looked at.
    """
    parent, mine = message.get("parentID"), _created(message)
    names = [name for name in names_beside(path.parent) if name != path.name]
    prompt = f"{parent}.json"
    if prompt in names and prompt < path.name:
        names = [name for name in names if prompt < name < path.name]
    for name in names:
        other = json_beside(path.parent / name)
        if other.get("parentID") == parent and _created(other) < mine:
            return "tool_loop"
    asked = _parts_beside(path, str(parent))
    return "auto" if asked and all(part.get("synthetic") is True for part in asked) else "human"


def _created(message: Json) -> int:
    return from_millis(table(message.get("time")).get("created")) or 0


def _session_file(content: bytes, file: LogFile, notes: Notes, memory: Memory) -> Iterable[Call]:  # noqa: ARG001 - a reader's arguments
    """A session's file has its title, and no calls."""
    told = table(parsed(content))
    _note_title(notes, word(told.get("id")) or Path(file.path).stem, told.get("title"))
    return ()


def _note_title(notes: Notes, session: str, title: object) -> None:
    if isinstance(title, str) and not title.startswith(_UNTITLED):
        notes.title(session, title)


# -- rows ----------------------------------------------------------------------------------------


def _sessions(tables: Tables, notes: Notes) -> dict[str, _Session]:
    found = {}
    for name in ("session", "session_v2"):
        rows = tables.rows(name, "title", *_SESSION)
        for title, number, parent, folder, created, fork, boundary in rows:
            if isinstance(number, str):
                _note_title(notes, number, title)
                since = created if isinstance(created, int) else 0
                found[number] = _Session(
                    number, word(parent), word(folder), since, word(fork), boundary
                )
    return found


def _rows(tables: Tables, name: str, sessions: Mapping[str, _Session], notes: Notes) -> list[_Row]:
    """A table's messages, in order; a malformed row is counted, and stops no other (D4)."""
    found = []
    for number, session, kind, place, created, data in tables.rows(name, *_MESSAGE):
        message = parsed(data.encode()) if isinstance(data, str) else None
        if message is None or not isinstance(number, str) or not isinstance(session, str):
            notes.bad_line()
            continue
        if kind is not None and kind not in _KINDS:
            continue
        time = table(message.get("time"))
        slim = {name: message[name] for name in _TOLD if name in message}
        slim["time"] = {"created": created, **time}
        found.append(_Row(number, sessions.get(session) or _Session(session), slim, kind, place))
    return sorted(found, key=lambda row: row.moment)


def _older(
    tables: Tables, sessions: Mapping[str, _Session], notes: Notes, keys: _Keys
) -> Iterator[Call]:
    """The calls of a database of messages and their parts."""
    steps, synthetic = _parts(tables)
    asked: set[object] = set()
    for row in _rows(tables, "message", sessions, notes):
        number, session, message, _, _ = row
        if message.get("role") != "assistant":
            continue
        parent = word(message.get("parentID"))
        first: CallClass = "auto" if parent in synthetic else "human"
        answered = _settled(session, message) or ("tool_loop" if parent in asked else first)
        asked.add(parent)
        yield from _call(row, notes, keys, answered=answered, steps=steps.get(number, ()))


def _newer(
    rows: Iterable[_Row], sessions: Mapping[str, _Session], notes: Notes, keys: _Keys
) -> Iterator[Call]:
    """The calls of a database of version 2; a compaction there tells its own."""
    upcoming: dict[str, CallClass] = {}
    for row in rows:
        _, session, message, kind, place = row
        known = upcoming.get(session.number, "tool_loop")
        if kind == "user":
            upcoming[session.number] = "human"
        elif kind == "synthetic" and known != "human":
            upcoming[session.number] = "auto"
        elif kind in _ANSWERS:
            if kind == "assistant":
                upcoming[session.number] = "tool_loop"
            if _is_copy(session, place, sessions):
                continue
            answered = _settled(session, message) or ("auto" if kind == "compaction" else known)
            yield from _call(row, notes, keys, answered=answered, apart=True)


def _is_copy(session: _Session, place: object, sessions: Mapping[str, _Session]) -> bool:
    """O2: whether a row was copied from the session that this one is a fork of."""
    boundary = session.fork_boundary
    known = session.fork_of in sessions and isinstance(boundary, int) and isinstance(place, int)
    return known and cast("int", place) <= cast("int", boundary)


def _parts(tables: Tables) -> tuple[Mapping[str, list[Json]], frozenset[str]]:
    """What ended the steps of each message, and the prompts that no person wrote."""
    steps: dict[str, list[Json]] = defaultdict(list)
    made: Counter[str] = Counter()
    for number, data in tables.rows("part", "message_id", "data", holding=(_STEP, "synthetic")):
        part = table(parsed(data.encode()) if isinstance(data, str) else None)
        if part.get("type") == _STEP:
            steps[number].append({"tokens": part.get("tokens")})
        elif part.get("synthetic") is True:
            made[number] += 1
    written = Counter(number for (number,) in tables.rows("part", "message_id") if number in made)
    return steps, frozenset(number for number in made if made[number] == written[number])
