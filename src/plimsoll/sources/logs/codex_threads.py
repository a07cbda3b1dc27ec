"""Codex's list of threads, the ledger of last resort: one sum of tokens is all that is left of a
thread whose rollout was moved away or deleted.

`tokens_used` is the newest running total that the thread's rollout told: all tokens, cached ones
included, of no class and of no single model (from Codex's own source). It is kept as input of an
unknown class, which no price list prices. A fork's total goes on from its parent's, and the table
does not say so; but a fork begins with the same prompt. Of threads that do, other than those that a
program started, the largest total counts, and none where the rollout of one of them is known: too
little may be counted here, nothing is counted twice.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from plimsoll.domain.calls import UNKNOWN_CLASSES, Call, CallClass, key_of, rank_of
from plimsoll.sources.logs.agent import LogFile, Memory
from plimsoll.sources.logs.notes import (
    Impossible,
    Notes,
    count,
    from_millis,
    from_seconds,
    parsed,
    table,
    word,
)

PATTERN = "state_*.sqlite"
"""The file, in Codex's own folder."""

OF_CALLS = rank_of(output=0, total=0)
"""From here on a rank is that of a call which a rollout told; sums of threads have lower ones."""

_COLUMNS = (
    *("id", "rollout_path", "tokens_used", "source", "cwd", "git_branch", "created_at"),
    *("updated_at", "first_user_message", "title"),
)
_MOST = 10**12
_LATEST_SECOND = 10**11
"""A time above this is in milliseconds."""


class _Thread(NamedTuple):
    number: str
    path: str
    tokens: int
    source: str
    cwd: str | None
    branch: str | None
    begun: int
    at: int
    prompt: str


def read_threads(copy: Path, file: LogFile, notes: Notes, _memory: Memory) -> Iterator[Call]:
    """The sums of threads whose rollouts are nowhere on this disk."""
    from plimsoll.sources.logs.tables import tables_of

    with tables_of(copy, notes) as tables:
        alike: dict[str, list[_Thread]] = defaultdict(list)
        for row in tables.rows("threads", *_COLUMNS):
            thread = _thread(row, notes)
            if thread is not None:
                by_itself = thread.source == "exec" or not thread.prompt
                alike[thread.number if by_itself else f"\0{thread.prompt}"].append(thread)
    folder = Path(file.path).parent
    for threads in alike.values():
        first = min(threads, key=lambda thread: (thread.begun, thread.number))
        if any(_is_there(folder, thread.path) for thread in threads):
            notes.outrank(first.number, OF_CALLS)
        else:
            yield from _sum(first, threads, notes)


def _thread(row: tuple[Any, ...], notes: Notes) -> _Thread | None:
    number, path, tokens, source, cwd, branch, created, updated, prompt, title = row
    name, begun = word(number), _instant(created)
    at = _instant(updated) or begun
    try:
        used = count(tokens, _MOST)
    except Impossible:
        used = -1
    if name is None or at is None or used < 0:
        notes.bad_call()
        return None
    return _Thread(
        name,
        word(path) or "",
        used,
        word(source) or "",
        word(cwd),
        word(branch),
        at if begun is None else begun,
        at,
        " ".join(str(prompt or title or "").split()),
    )


def _sum(first: _Thread, threads: Sequence[_Thread], notes: Notes) -> Iterator[Call]:
    """One sum of threads that may be forks of each other."""
    largest = max(threads, key=lambda thread: (thread.tokens, thread.at))
    if not largest.tokens:
        return
    notes.outrank(first.number, 0)  # where a rollout of it was ever read, the sum gives way
    yield Call(
        key_of("codex", "sum", first.number),
        largest.at,
        rank_of(output=0, total=largest.tokens, main=False),
        notes.origin(first.number, _parent(first), first.cwd, first.branch, _answered(first)),
        notes.service("openai", None, None, UNKNOWN_CLASSES),
        largest.tokens,
        requests=None,
    )


def _parent(thread: _Thread) -> str | None:
    """The thread that started this one, of which `source` tells in JSON."""
    told = parsed(thread.source.encode("utf-8", "replace")) or {}
    return word(table(table(told.get("subagent")).get("thread_spawn")).get("parent_thread_id"))


def _answered(thread: _Thread) -> CallClass | None:
    if thread.source == "exec":
        return "headless"
    return "subagent" if '"subagent"' in thread.source else None


def _is_there(folder: Path, path: str) -> bool:
    """Whether a rollout is on this disk, packed or in the archive too; what cannot be looked at may
    be there.
    """
    places = [folder / path, folder / "archived_sessions" / Path(path).name] if path else []
    for place in places:
        for name in (str(place), f"{place}.zst"):
            try:
                os.stat(name)  # noqa: PTH116 - a path that cannot be one is no error here
            except (FileNotFoundError, NotADirectoryError, ValueError):
                continue
            except OSError:
                pass
            return True
    return False


def _instant(value: object) -> int | None:
    if isinstance(value, int | float) and value > _LATEST_SECOND:
        return from_millis(value)
    return from_seconds(value)
