"""Short words to write agents' logs with, and to read them back as calls."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from plimsoll.domain.calls import Call, Harvest, ReadState, merged
from plimsoll.sources.logs.agent import Place, agent_named
from plimsoll.sources.logs.find import search
from plimsoll.sources.logs.reading import read, tasks_of

CLAUDE, CODEX = "claude-code", "codex"
SESSION = "5e551000-0000-4000-8000-000000000001"
OTHER = "5e551000-0000-4000-8000-000000000002"
WORK = "/home/dev/work/shop"

SECRET = "the canary sings at dawn"
"""What stands in every made-up prompt and answer, and nowhere else."""

Json = dict[str, Any]
Insert = tuple[str, Json]
"""A row of a database: its table, and its columns; objects become JSON."""


def clock(second: float) -> str:
    """An instant of 2 September 2026, so many seconds after noon UTC."""
    minutes, rest = divmod(second, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"2026-09-02T{12 + hours:02}:{minutes:02}:{rest:06.3f}Z"


class Logs:
    """A home folder with agents' logs in it, and what has been read of them."""

    def __init__(self, home: Path, **environ: str) -> None:
        self.home = home
        self.environ = environ
        self.states: dict[str, ReadState] = {}
        self.harvests: list[Harvest] = []
        self.floors: dict[str, int] = {}

    def write(self, below: str, *lines: Json | bytes, end: bytes = b"\n") -> Path:
        """A file of these lines, each ended but the last, which gets `end`."""
        path = self.home / below
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\n".join(map(_bytes, lines)) + end)
        return path

    def add(self, below: str, *lines: Json | bytes, end: bytes = b"\n") -> None:
        """More lines at the end of a file."""
        with (self.home / below).open("ab") as file:
            file.write(b"\n".join(map(_bytes, lines)) + end)

    def database(self, below: str, *statements: str | Insert) -> Path:
        """A database as these statements make it; what was there before is gone."""
        path = self.home / below
        path.parent.mkdir(parents=True, exist_ok=True)
        for name in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
            name.unlink(missing_ok=True)
        execute(path, statements)
        return path

    def claude(self, *lines: Json | bytes, session: str = SESSION) -> Path:
        """A transcript of Claude Code."""
        return self.write(f".claude/projects/-home-dev-work-shop/{session}.jsonl", *lines)

    def codex(self, *lines: Json | bytes, thread: str = SESSION, day: str = "2026/09/02") -> Path:
        """A rollout of Codex."""
        name = f"rollout-{day.replace('/', '-')}T12-00-00-{thread}.jsonl"
        return self.write(f".codex/sessions/{day}/{name}", *lines)

    def read(self, agent: str, *given: Path, platform: str = "linux") -> dict[int, Call]:
        """All calls that reading on gives, as one sync would."""
        found = search(agent_named(agent), Place(self.environ, self.home, platform), given)
        calls: dict[int, Call] = {}
        for task in tasks_of(agent, found.files, self.states):
            for harvest in read(task):
                assert not harvest.broke, harvest.broke
                self.states[harvest.state.path] = harvest.state
                self.harvests.append(harvest)
                for session, floor in harvest.floors:
                    self.floors[session] = max(floor, self.floors.get(session, 0))
                for call in harvest.calls:
                    seen = calls.get(call.key)
                    calls[call.key] = call if seen is None else merged(seen, call)
        return self.standing(calls)

    def standing(self, calls: Mapping[int, Call]) -> dict[int, Call]:
        """Those calls that do not give way to a better record of their session."""
        floors = self.floors
        return {
            key: call
            for key, call in calls.items()
            if call.rank >= floors.get(call.origin.session, 0)
        }

    def calls(self, agent: str, *given: Path) -> list[Call]:
        """The same, the earliest first."""
        return sorted(self.read(agent, *given).values(), key=lambda call: (call.at, call.key))


def execute(path: Path, statements: Iterable[str | Insert]) -> None:
    """Run statements on a database, in one transaction."""
    connection = sqlite3.connect(path)
    with connection:
        for statement in statements:
            if isinstance(statement, str):
                connection.execute(statement)
            else:
                table, row = statement
                marks = ", ".join("?" * len(row))
                values = [json.dumps(v) if isinstance(v, dict | list) else v for v in row.values()]
                connection.execute(
                    f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", values
                )
    connection.close()


def _bytes(line: Json | bytes) -> bytes:
    return line if isinstance(line, bytes) else json.dumps(line, separators=(",", ":")).encode()


def classes(calls: Iterable[Call]) -> list[tuple[int, ...]]:
    """Fresh input, cache reads, both cache writes and output of each call."""
    return [tuple(call[5:10]) for call in calls]


def total(calls: Iterable[Call]) -> int:
    return sum(call.tokens.total for call in calls)


# -- Claude Code -------------------------------------------------------------------------------


def usage(fresh: int = 10, read: int = 0, write: int = 0, out: int = 100, **more: Any) -> Json:
    return {
        "input_tokens": fresh,
        "cache_creation_input_tokens": write,
        "cache_read_input_tokens": read,
        "output_tokens": out,
        **more,
    }


def line(kind: str, second: float, /, **more: Any) -> Json:
    """One line of a transcript, as recent versions write it."""
    return {
        "parentUuid": None,
        "isSidechain": False,
        "userType": "external",
        "cwd": WORK,
        "sessionId": SESSION,
        "version": "2.1.100",
        "gitBranch": "main",
        "type": kind,
        "uuid": f"line-{kind}-{second}",
        "timestamp": clock(second),
        **more,
    }


def answer(
    number: str | None,
    second: float,
    counts: Json | None = None,
    /,
    *,
    model: str = "claude-opus-4-6",
    content: list[Json] | None = None,
    **more: Any,
) -> Json:
    """One line of an answer; `number` is padded to the length of a real message id."""
    message: Json = {"model": model, "type": "message", "role": "assistant"}
    if number is not None:
        message["id"] = f"msg_01{number:>022}"
    message["content"] = [{"type": "text", "text": "…"}] if content is None else content
    message["usage"] = usage() if counts is None else counts
    return line("assistant", second, message=message, **more)


def prompt(second: float, text: str | list[Json] = "Please", /, **more: Any) -> Json:
    return line("user", second, message={"role": "user", "content": text}, **more)


def tool_result(second: float, /, number: str = "toolu_1", **more: Any) -> Json:
    block = {"tool_use_id": number, "type": "tool_result", "content": "done"}
    return line("user", second, message={"role": "user", "content": [block]}, **more)


# -- Codex -------------------------------------------------------------------------------------


def entry(kind: str, second: float, payload: Mapping[str, Any], **more: Any) -> Json:
    return {"timestamp": clock(second), "type": kind, "payload": dict(payload), **more}


def meta(second: float = 0, thread: str = SESSION, **more: Any) -> Json:
    return entry(
        "session_meta",
        second,
        {
            "id": thread,
            "cwd": WORK,
            "originator": "codex-tui",
            "source": "cli",
            "git": {"branch": "main"},
            **more,
        },
    )


def turn(second: float, number: str | None = "turn-1", model: str | None = "gpt-5.4") -> Json:
    payload = {"turn_id": number, "cwd": WORK, "model": model}
    return entry("turn_context", second, {k: v for k, v in payload.items() if v is not None})


def vector(fresh: int, cached: int = 0, out: int = 0, reasoning: int = 0, written: int = 0) -> Json:
    """Codex's counts: input includes what was cached and written, output the reasoning."""
    sent = fresh + cached + written
    counts = {
        "input_tokens": sent,
        "cached_input_tokens": cached,
        "output_tokens": out,
        "reasoning_output_tokens": reasoning,
        "total_tokens": sent + out,
    }
    return {**counts, "cache_write_input_tokens": written} if written else counts


def plus(*vectors: Json) -> Json:
    names = {name for one in vectors for name in one}
    return {name: sum(one.get(name, 0) for one in vectors) for name in sorted(names)}


def counted(second: float, last: Json | None, sums: Json | None, **more: Any) -> Json:
    info = {"total_token_usage": sums, "last_token_usage": last, "model_context_window": 258400}
    return entry("event_msg", second, {"type": "token_count", "info": info}, **more)


def asked(second: float, text: str = "Please") -> Json:
    return entry("event_msg", second, {"type": "user_message", "message": text})
