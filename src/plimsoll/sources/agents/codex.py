"""Codex: rollouts of its command line, editors and desktop, with a running total in each file.

Units, as its log writes them: `input_tokens` includes `cached_input_tokens` and
`cache_write_input_tokens`; `output_tokens` includes `reasoning_output_tokens` (X5).

A fork, and some subagents, begin with their parent's lines, the times written anew and the totals
going on. A call is therefore known by its turn and its totals, which a copy keeps; where turns have
no id, by the thread that its lines were copied from and by all calls before it, in order. Copies of
the same call are then one call, wherever they lie, and whether the parent is still there or not
(F1 to F4). Threads without a rollout are told by `codex_threads`, and give way to one that appears.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, cast

from plimsoll.domain.calls import (
    MOST_TOKENS,
    Call,
    CallClass,
    Origin,
    Service,
    key_of,
    rank_of,
)
from plimsoll.domain.said import say
from plimsoll.sources.logs import codex_threads
from plimsoll.sources.logs.agent import Agent, Databases, Lines, LogFile, Memory, Place
from plimsoll.sources.logs.codex_models import REVIEWER, priced_as
from plimsoll.sources.logs.notes import Impossible, Notes, count, millis, parsed, table, word

NAME = "codex"

_bears_nothing = re.compile(
    rb"""\{"timestamp":"[^"\\]*",(?:"ordinal":\d+,)?"type":"(?:"""
    rb"""response_item","payload":\{"type":"(?!web_search_call")|"""
    rb"""event_msg","payload":\{"type":"(?!token_count"|user_message"|thread_settings_applied"))"""
).match
"""Whether a line is proven by its beginning to bear nothing, without parsing it (D2)."""

_HEAD = 200
"""Where a token count tells its tokens, if it does as Codex writes it."""

_COUNTERS = (
    "input_tokens",
    "cached_input_tokens",
    "cache_write_input_tokens",
    "output_tokens",
    "reasoning_output_tokens",
    "total_tokens",
)

_THREAD = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_NO_PERSON = frozenset({"subagent", "guardian_review"})

_HEADS = 32
"""How many running totals of one file are remembered: streams of several agents interleave (X4)."""

_MOST_RUNNING = 10**15
"""A session's running total may be far above what one call can use."""

_ASSUMED = "gpt-5"
"""X6: the model of logs that name none."""

_IS_ASSUMED = (("flag", "model_assumed"),)

_ENVELOPES = (
    "<environment_context>",
    "# AGENTS.md",
    "<INSTRUCTIONS>",
    "<user_instructions>",
    "<turn_aborted>",
    "<subagent_notification>",
    "<goal_context>",
    "<codex_internal_context",
    "<skill>",
    "<recommended_plugins>",
)

Json = Mapping[str, Any]
Vector = tuple[int, int, int, int, int, int]
"""Input, cached, cache writes, output, reasoning, total, as the log has them."""


def _roots(place: Place, given: Sequence[Path]) -> list[Path]:
    homes = list(given) or [
        Path(text.strip()).expanduser()
        for text in place.environ.get("CODEX_HOME", "").split(",")
        if text.strip()
    ]
    homes = homes or [place.home / ".codex"]
    roots: list[Path] = []
    for home in homes:
        inner = home / ".codex" if (home / ".codex" / "sessions").is_dir() else home
        below = [inner / name for name in ("sessions", "archived_sessions")]
        found = [folder for folder in below if folder.is_dir()]
        found += sorted(inner.glob(codex_threads.PATTERN))
        roots.extend(found or ([inner] if given else below))
    return roots


@dataclass(slots=True)
class _State:
    """What is remembered of a rollout between two lines, and between two syncs."""

    file: str
    """The name that its file gives to a session which does not say its own."""
    at: int | None = None
    thread: str | None = None
    parent: str | None = None
    seed: str | None = None
    """The thread that the lines are of, which are copied or its own."""
    chain: str = ""
    """A hash of all calls so far, in order, where turns have no ids."""
    turn: str | None = None
    model: str | None = None
    tier: str | None = None
    cwd: str | None = None
    branch: str | None = None
    start: int | None = None
    """The ordinal at which a subagent's own history begins (F1)."""
    fixed: CallClass | None = None
    """What all of its calls answer, where it is no session of a person."""
    next: CallClass = "tool_loop"
    """What the next call answers."""
    records: bool = False
    """Whether responses are told one by one (X7)."""
    last: list[int] | None = None
    """The last call that a token count told."""
    heads: list[list[int]] = field(default_factory=list)
    """The newest total of each stream (X4)."""


class _Rollout:
    """Reads one rollout, and remembers its thread, turn, model and running totals."""

    def __init__(self, file: LogFile, notes: Notes, memory: Memory) -> None:
        self._notes = notes
        self._memory = memory
        name = PurePosixPath(file.below).name.partition(".")[0].removeprefix("rollout-")
        self._now = _State(**{"file": name, **cast("dict[str, Any]", memory)})
        self._heads = [cast("Vector", tuple(head)) for head in self._now.heads]
        self._told = b""
        """What the last token count said: many say the same again."""
        self._origins: dict[str, Origin] = {}
        self._known_service: Service | None = None

    def keep(self) -> None:
        """Put into the memory what reading on needs."""
        self._now.heads = [list(head) for head in self._heads]
        self._memory.update(asdict(self._now))

    def read(self, lines: Iterable[bytes]) -> Iterator[Call]:
        """The calls of these lines."""
        for line in lines:
            if _bears_nothing(line) or self._is_told_again(line):
                continue
            entry = parsed(line)
            if entry is not None:
                yield from self._entry(entry)
            elif line.strip():
                self._notes.bad_line()

    def _is_told_again(self, line: bytes) -> bool:
        """X1: whether a line says of the tokens, to the byte, what the last one said."""
        begin = line.find(b'"info":{"total_token_usage":{', 0, _HEAD)
        if begin < 0:
            return False
        end = line.find(b'"rate_limits"', begin)
        told, self._told = self._told, line[begin:end] if end > 0 else b""
        return bool(told) and told == self._told

    def _entry(self, entry: Json) -> Iterable[Call]:
        at = millis(entry.get("timestamp"))
        if at is not None:
            self._now.at = at
        payload, kind = table(entry.get("payload")), entry.get("type")
        if kind == "event_msg":
            return self._event(entry, payload)
        if kind == "token_usage_record":
            return self._record(entry, payload)
        if kind == "response_item":
            return self._search(payload)
        if kind == "turn_context":
            self._turn(payload)
        elif kind == "session_meta":
            self._session(payload)
        return ()

    # -- circumstances -------------------------------------------------------------------------

    def _session(self, meta: Json) -> None:
        """The file's own session; a second one with another id begins what was copied."""
        now, number = self._now, word(meta.get("id")) or word(meta.get("session_id"))
        if now.thread is not None:
            now.seed = now.seed if number in {None, now.thread} else number
            self._outrank(number if now.start is None else None)
            return
        source = meta.get("source")
        spawn = table(table(table(source).get("subagent")).get("thread_spawn"))
        forked = word(meta.get("forked_from_id"))
        parent = word(meta.get("parent_thread_id")) or word(spawn.get("parent_thread_id"))
        start = meta.get("subagent_history_start_ordinal")
        now.thread = number
        self._outrank(number, forked if not isinstance(start, int) else None)
        now.parent = parent or forked
        now.seed = now.seed or forked or number
        now.cwd = word(meta.get("cwd"))
        now.branch = word(table(meta.get("git")).get("branch"))
        now.start = start if isinstance(start, int) else None
        if table(source).get("subagent") or word(meta.get("thread_source")) in _NO_PERSON:
            now.fixed = "subagent"
        elif source == "exec" or meta.get("originator") == "codex_exec":
            now.fixed = "headless"
        self._origins.clear()

    def _outrank(self, *threads: str | None) -> None:
        """These threads' calls stand here one by one: no sum of them counts."""
        for thread in threads:
            if thread is not None:
                self._notes.outrank(thread, codex_threads.OF_CALLS)

    def _turn(self, context: Json) -> None:
        now = self._now
        now.turn = word(context.get("turn_id"))
        now.model = word(context.get("model")) or now.model
        now.cwd = word(context.get("cwd")) or now.cwd
        self._origins.clear()
        self._known_service = None

    def _settings(self, payload: Json) -> None:
        settings = {**payload, **table(payload.get("thread_settings"))}
        self._now.model = word(settings.get("model")) or self._now.model
        if "service_tier" in settings:
            self._now.tier = word(settings.get("service_tier"))
        self._known_service = None

    def _origin(self, answered: CallClass) -> Origin:
        known = self._origins.get(answered)
        if known is None:
            now = self._now
            thread = now.thread or self._thread_of_page()
            known = self._origins[answered] = self._notes.origin(
                thread, now.parent, now.cwd, now.branch, answered
            )
        return known

    def _thread_of_page(self) -> str:
        """The thread that a later page is of, which says so in its file's name alone."""
        named = _THREAD.search(self._now.file)
        if named is None:
            return self._now.file
        self._outrank(named[0])
        return named[0]

    def _answered(self) -> CallClass:
        """Who the next call answers: a prompt's giver first, then the loop itself."""
        answered, self._now.next = self._now.fixed or self._now.next, "tool_loop"
        return answered

    def _service(self, told: object) -> Service:
        """X6: the model of the event, or of the newest turn."""
        model = word(told)
        if model is None and self._known_service is not None:
            return self._known_service
        named = model or self._now.model
        if named == REVIEWER:
            priced = (*_IS_ASSUMED, *priced_as(self._now.at))
            return self._notes.service("openai", named, self._now.tier, priced)
        flags = () if named else _IS_ASSUMED
        service = self._notes.service("openai", named or _ASSUMED, self._now.tier, flags)
        if model is None:
            self._known_service = service
        return service

    # -- counting ------------------------------------------------------------------------------

    def _event(self, entry: Json, payload: Json) -> Iterable[Call]:
        kind, now = payload.get("type"), self._now
        if kind == "token_count":
            info = payload.get("info")
            if isinstance(info, dict) and not now.records:
                return self._counted(entry, payload, info)
        elif kind == "user_message":
            if not str(payload.get("message") or "").lstrip().startswith(_ENVELOPES):
                now.next = "human"
            elif now.next != "human":
                now.next = "auto"
        elif kind == "thread_settings_applied":
            self._settings(payload)
        return ()

    def _counted(self, entry: Json, payload: Json, info: Json) -> Iterable[Call]:
        """X1 to X4: what a token count adds to the running total of its stream."""
        try:
            total = _vector(info.get("total_token_usage"), _MOST_RUNNING)
            last = _vector(info.get("last_token_usage"))
        except Impossible:
            self._notes.bad_call()
            return ()
        if total is not None and total in self._heads:
            return ()  # X1: told again, because the rate limits were refreshed
        if last is None:
            last = self._risen(total)  # X2
        if total is not None:
            self._remember(total, last)
        if last is None or not any(last[:5]):
            return ()  # X3: bookkeeping, which may set the totals back
        number, at = self._number(total, last), self._now.at
        if self._is_history(entry):
            return ()  # F1
        if at is None:
            self._notes.bad_call()
            return ()
        self._now.last = list(last)
        service = self._service(payload.get("model") or info.get("model"))
        return (_call(number, at, self._origin(self._answered()), service, last),)

    def _risen(self, total: Vector | None) -> Vector | None:
        """X2: without `last`, how far the total rose; all of it where it went down."""
        if total is None or not self._heads:
            return total
        risen = _less(total, self._heads[-1])
        return total if min(risen) < 0 else risen

    def _remember(self, total: Vector, last: Vector | None) -> None:
        """X4: a stream goes on from its previous total, which is its total less its last call."""
        heads = self._heads
        if last is not None:
            before = _less(total, last)
            if before in heads:
                heads.remove(before)
        heads.append(total)
        if len(heads) > _HEADS:
            del heads[0]

    def _number(self, total: Vector | None, last: Vector) -> int:
        """The call's key: its turn and its totals, or its place in the thread it was made in."""
        now = self._now
        place = str((total, last)) if total is None else str(total + last)
        if now.turn is not None and total is not None:
            return key_of(NAME, "turn", now.turn, place)
        now.chain = f"{key_of(NAME, now.chain, place):x}"
        return key_of(NAME, "thread", now.seed or now.file, now.chain)

    def _is_history(self, entry: Json) -> bool:
        """F1: the parent's lines, by their ordinal."""
        start, ordinal = self._now.start, entry.get("ordinal")
        return start is not None and isinstance(ordinal, int) and ordinal < start

    def _record(self, entry: Json, payload: Json) -> Iterable[Call]:
        """X7: newest logs tell each response by its id; token counts repeat them then."""
        now = self._now
        first, now.records = not now.records, True
        number = word(payload.get("response_id"))
        try:
            vector = _vector(payload.get("usage"))
        except Impossible:
            self._notes.bad_call()
            return ()
        if vector is None or not any(vector[:5]) or number is None or now.at is None:
            return ()
        if self._is_history(entry) or (first and list(vector) == now.last):
            return ()
        origin, service = self._origin(self._answered()), self._service(payload.get("model"))
        return (_call(key_of(NAME, "response", number), now.at, origin, service, vector),)

    def _search(self, payload: Json) -> Iterable[Call]:
        """A web search, which is charged by itself where the tokens are."""
        number, at = word(payload.get("id")) or word(payload.get("call_id")), self._now.at
        if payload.get("type") != "web_search_call" or number is None or at is None:
            return ()
        origin = self._origin(self._now.fixed or "tool_loop")
        key, service = key_of(NAME, "search", number), self._service(None)
        rank = codex_threads.OF_CALLS
        return (Call(key, at, rank, origin, service, requests=0, units=(("searches", 1),)),)


def _less(total: Vector, part: Vector) -> Vector:
    a, b, c, d, e, f = part
    return (total[0] - a, total[1] - b, total[2] - c, total[3] - d, total[4] - e, total[5] - f)


def _vector(usage: object, most: int = MOST_TOKENS) -> Vector | None:
    if not isinstance(usage, dict):
        return None
    sent, cached, written, output, reasoning, total = map(usage.get, _COUNTERS)
    return (
        count(sent, most),
        count(cached, most),
        count(written, most),
        count(output, most),
        count(reasoning, most),
        count(total, most),
    )


def _call(key: int, at: int, origin: Origin, service: Service, vector: Vector) -> Call:
    """X5: fresh input is what was neither read from the cache nor written to it."""
    sent, cached, written, output, reasoning, _ = vector
    cached = min(cached, sent)
    written = min(written, sent - cached)
    rank = rank_of(output=output, total=sent + output)
    return Call(
        key,
        at,
        rank,
        origin,
        service,
        sent - cached - written,
        cached,
        written,
        0,
        output,
        min(reasoning, output),
    )


AGENT = Agent(
    name=NAME,
    title="Codex",
    roots=_roots,
    files=(
        Lines("**/rollout-*.jsonl", _Rollout),
        Lines("**/rollout-*.jsonl.zst", _Rollout),
        Databases(codex_threads.PATTERN, codex_threads.read_threads),
    ),
    missing=say(
        "Titles' calls are not in its logs; of a session whose rollout was "
        "deleted before the first sync there is one sum of tokens, which cannot "
        "be priced."
    ),
)
