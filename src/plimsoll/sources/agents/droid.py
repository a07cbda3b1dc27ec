"""Droid, Factory's agent: one file of settings a session, with a running total of its tokens.

Units, as its log writes them: `inputTokens` is fresh input, cache reads and writes are apart, and
so is `thinkingTokens`, which is a part of the output here. There is nothing by the single call:
what a total rose by between two readings is told as one, at the time of the session's last message,
of the model that the session uses by then. What was used before the first reading stands on the day
of the session's last message. A subagent has a session of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from plimsoll.domain.calls import Call, Service, key_of, rank_of
from plimsoll.domain.said import say
from plimsoll.sources.logs.agent import Agent, Documents, LogFile, Memory, Place
from plimsoll.sources.logs.beside import ends_beside
from plimsoll.sources.logs.find import first_below
from plimsoll.sources.logs.makers import maker_of, whose_prices
from plimsoll.sources.logs.notes import Impossible, Notes, count, millis, parsed, table, word

NAME = "droid"

_SETTINGS = ".settings.json"
_MOST = 10**12
"""A session's total may be far above what one call can use."""

_END = 2**17
"""Bytes of a transcript's beginning and of its end in which a whole line is expected."""

_SERVICES = {"claude": "anthropic", "vertex": "google-vertex", "x_ai": "xai", "bedrock": ""}

Json = Mapping[str, Any]


def _roots(place: Place, given: Sequence[Path]) -> list[Path]:
    chosen = place.environ.get("FACTORY_DIR", "")
    folders = list(given) or [Path(chosen) if chosen else place.home / ".factory"]
    return [_sessions(folder) for folder in folders]


def _sessions(folder: Path) -> Path:
    """The folder of sessions in Factory's own or in the home folder around it, or itself."""
    return first_below(folder, "sessions", ".factory/sessions")


def _read(content: bytes, file: LogFile, notes: Notes, _memory: Memory) -> Iterator[Call]:
    settings = parsed(content)
    if settings is None:
        notes.bad_line()
        return
    usage = table(settings.get("tokenUsage"))
    try:
        fresh, read, written, output, thinking = (
            count(usage.get(f"{name}Tokens"), _MOST)
            for name in ("input", "cacheRead", "cacheCreation", "output", "thinking")
        )
    except Impossible:
        notes.bad_call()
        return
    total = fresh + read + written + output + thinking
    if not total:
        return
    head, tail = ends_beside(Path(file.path.removesuffix(_SETTINGS) + ".jsonl"), _END)
    start = next((entry for entry in _lines(head) if entry.get("type") == "session_start"), {})
    last = [*_lines(tail)][::-1]
    times = (millis(entry.get("timestamp")) for entry in last)
    at = next((time for time in times if time is not None), None)
    at = millis(settings.get("providerLockTimestamp")) if at is None else at
    if at is None:
        notes.bad_call()
        return
    session = PurePosixPath(file.below).name.removesuffix(_SETTINGS)
    notes.title(session, start.get("sessionTitle"))
    caller = word(start.get("callingSessionId"))
    yield Call(
        key_of(NAME, session),
        at,
        rank_of(output=output + thinking, total=total),
        notes.origin(session, caller, word(start.get("cwd")), None, "subagent" if caller else None),
        _service(settings, last, notes),
        fresh,
        read,
        written,
        output=output + thinking,
        reasoning=thinking,
        requests=None,
    )


def _lines(part: bytes) -> Iterator[Json]:
    """The whole lines within a part of a transcript."""
    for line in part.split(b"\n"):
        entry = parsed(line)
        if entry is not None:
            yield entry


def _service(settings: Json, last: Iterable[Json], notes: Notes) -> Service:
    models = (word(table(entry.get("message")).get("modelId")) for entry in last)
    model = word(settings.get("model")) or next((name for name in models if name), None)
    lock = (word(settings.get("providerLock")) or "").lower().replace("-", "_")
    maker = maker_of((model or "").removeprefix("custom:"))
    provider = maker or whose_prices(_SERVICES.get(lock, lock), model)
    return notes.service(provider, model, None, (("flag", "no_split"),))


AGENT = Agent(
    name=NAME,
    title="Droid",
    roots=_roots,
    files=(Documents(f"**/*{_SETTINGS}", _read),),
    missing=say(
        "Droid keeps one sum for each session: single calls, and sessions that "
        "were deleted before the first sync, are not in its logs."
    ),
)
