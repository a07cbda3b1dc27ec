"""Copilot CLI: its store of sessions, the telemetry that it can write, the events of sessions.

The three tell of the same calls and are never added: the store has every call and comes first;
then the telemetry, of which the span of a chat comes before the log of an inference, and both
before the sums of an agent; last the sums at a session's end. What comes later in this order gives
way, whatever is read first (`Harvest.floors`).

Units, in all three: input includes cache reads and writes, output includes reasoning. A session
that goes on after its end has several sums. Older builds counted from zero again, so that they add
up; newer ones count on, which is told by the output of the messages between.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from plimsoll.domain.calls import Call, CallClass, key_of
from plimsoll.domain.said import say
from plimsoll.sources.logs.agent import Agent, Databases, Lines, LogFile, Memory, Place
from plimsoll.sources.logs.beside import text_beside
from plimsoll.sources.logs.makers import maker_of
from plimsoll.sources.logs.notes import (
    Impossible,
    Notes,
    count,
    from_millis,
    millis,
    parsed,
    table,
    word,
)
from plimsoll.sources.logs.tables import Tables, tables_of

NAME = "copilot-cli"

_SUM, _AGENT_SPAN, _TURN_LOG, _INFERENCE, _CHAT, _STORED = range(1, 7)
"""How well a record tells of a session's calls; what is told better makes the others give way."""

_SHIFT = 60
_NO_SPLIT = (("flag", "no_split"),)
_MOST_SUMMED = 10**12
_NANO_AIU_PER_NANO_DOLLAR = 100
"""An AI unit is a cent: a billionth of one is a hundredth of a billionth of a dollar."""

_VERSION = re.compile(r"(claude-[a-z-]*\d+)\.(\d+)")
_FEW = 256

_SUMMED = ("inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens", "reasoningTokens")
_STORE = (
    *("id", "session_id", "turn_index", "model", "copilot_usage_model", "created_at"),
    *("agent_id", "parent_tool_call_id", "initiator", "total_nano_aiu"),
    *("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"),
    "reasoning_tokens",
)
_IN_SPAN = (
    ("gen_ai.usage.input_tokens",),
    ("gen_ai.usage.output_tokens",),
    ("gen_ai.usage.cache_read.input_tokens",),
    ("gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.cache_write.input_tokens"),
    ("gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens"),
)
_SESSION_NAMES = ("gen_ai.conversation.id", "session.id", "copilot_chat.session_id")

Json = Mapping[str, Any]


def _roots(place: Place, given: Sequence[Path]) -> list[Path]:
    chosen = place.environ.get("COPILOT_HOME", "").strip()
    homes = list(given) or [Path(chosen).expanduser() if chosen else place.home / ".copilot"]
    roots = [home / ".copilot" if (home / ".copilot").is_dir() else home for home in homes]
    exported = place.environ.get("COPILOT_OTEL_FILE_EXPORTER_PATH", "").strip()
    folder = Path(exported).expanduser().parent
    if exported and not given and not place.home.is_relative_to(folder):
        roots.append(folder)  # all that lies in a root is watched: never a whole home folder
    return roots


class _Maker:
    """Makes the calls of one file."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    def call(
        self,
        key: int,
        at: int | None,
        witness: int,
        counts: Sequence[object],
        *,
        session: str,
        folder: str | None,
        branch: str | None,
        model: str | None,
        answered: CallClass,
        requests: int = 1,
        cost: int | None = None,
    ) -> Iterator[Call]:
        """One call of these counts (input, output, cache reads and writes, reasoning); none where
        nothing was used, or where it cannot be.
        """
        sums = witness in {_SUM, _AGENT_SPAN, _TURN_LOG}
        try:
            sent, output, read, written, reasoning = (
                count(value, _MOST_SUMMED) if sums else count(value) for value in counts
            )
        except Impossible:
            self._notes.bad_call()
            return
        if not sent + output:
            return
        if at is None:
            self._notes.bad_call()
            return
        self._notes.outrank(session, witness << _SHIFT)
        read = min(read, sent)
        written = min(written, sent - read)
        name = _VERSION.sub(r"\1-\2", model) if model else None
        details = _NO_SPLIT if sums else ()
        yield Call(
            key,
            at,
            witness << _SHIFT | min(sent + output, (1 << _SHIFT) - 1),
            self._notes.origin(session, None, folder, branch, answered),
            self._notes.service(maker_of(name) or "github-copilot", name, None, details),
            sent - read - written,
            read,
            written,
            output=output,
            reasoning=min(reasoning, output),
            requests=requests,
            cost=cost,
        )


# -- the store -------------------------------------------------------------------------------------


def _store(copy: Path, file: LogFile, notes: Notes, memory: Memory) -> Iterator[Call]:  # noqa: ARG001 - a reader's arguments
    """The calls of the store of sessions, each of which has a row."""
    with tables_of(copy, notes) as tables:
        sessions = _sessions(tables)
        maker, turns, before = _Maker(notes), set(), None
        for row in tables.rows("assistant_usage_events", *_STORE):
            number, session, turn, model, used, time, helper, tool, by, aiu, *counts = row
            if not isinstance(session, str) or not session:
                notes.bad_line()
                continue
            folder, branch, since = sessions.get(session, (None, None, None))
            at = before = millis(time) or before or since
            first = turn is not None and (session, turn) not in turns
            turns.add((session, turn))
            answered: CallClass = "human" if first else "tool_loop"
            if helper or tool:
                answered = "subagent"
            elif by in _INITIATORS:
                answered = _INITIATORS[by]
            yield from maker.call(
                key_of(NAME, session, str(number), str(time)),
                at,
                _STORED,
                counts,
                session=session,
                folder=folder,
                branch=branch,
                model=word(model) or word(used),
                answered=answered,
                cost=_nanos(aiu),
            )


_INITIATORS: Mapping[object, CallClass] = {
    "user": "human",
    "agent": "tool_loop",
    "compaction": "auto",
}


def _sessions(tables: Tables) -> dict[object, tuple[str | None, str | None, int | None]]:
    """The folder, the branch and the beginning of each session."""
    return {
        number: (word(folder), word(branch), millis(since))
        for number, folder, branch, since in tables.rows(
            "sessions", "id", "cwd", "branch", "created_at"
        )
    }


def _nanos(aiu: object) -> int | None:
    """What a call cost, as Copilot counts it itself."""
    if type(aiu) is not int or not 0 < aiu < 1 << 62:
        return None
    return round(aiu / _NANO_AIU_PER_NANO_DOLLAR) or None


# -- telemetry -------------------------------------------------------------------------------------


class _Telemetry:
    """Reads a file of spans and logs, and remembers whose first call was seen."""

    def __init__(self, file: LogFile, notes: Notes, memory: Memory) -> None:
        self._notes = notes
        self._memory = memory
        self._maker = _Maker(notes)
        self._home = Path(file.path).parents[1]
        self._seen = cast("list[str]", memory.get("seen", []))
        """The last traces: the first call of one answers a person."""

    def keep(self) -> None:
        """Put into the memory what reading on needs."""
        self._memory["seen"] = self._seen[-_FEW:]

    def read(self, lines: Iterable[bytes]) -> Iterator[Call]:
        """The calls of these lines; most are metrics or of tools, and bear nothing (D2)."""
        for line in lines:
            if b"gen_ai.usage." not in line:
                continue
            entry = parsed(line)
            if entry is None:
                self._notes.bad_line()
                continue
            attributes = table(entry.get("attributes"))
            witness = _witness(entry, attributes)
            if witness is not None:
                yield from self._call(entry, attributes, witness)

    def _call(self, entry: Json, told: Json, witness: int) -> Iterator[Call]:
        context = {**table(entry.get("spanContext")), **entry}
        trace, span = word(context.get("traceId")) or "", word(context.get("spanId")) or ""
        session = next(filter(None, (word(told.get(name)) for name in _SESSION_NAMES)), trace)
        at = _instant(entry)
        number = word(told.get("gen_ai.response.id")) or f"{trace} {span}".strip() or str(at)
        model = word(told.get("gen_ai.response.model")) or word(told.get("gen_ai.request.model"))
        yield from self._maker.call(
            key_of(NAME, "telemetry", number),
            at,
            witness,
            [next((told[name] for name in names if name in told), None) for names in _IN_SPAN],
            session=session,
            folder=_folder_beside(self._home, session),
            branch=None,
            model=model,
            answered=self._answered(trace or session),
        )

    def _answered(self, trace: str) -> CallClass:
        if trace in self._seen:
            return "tool_loop"
        self._seen.append(trace)
        return "human"


def _witness(entry: Json, told: Json) -> int | None:
    """What a line of telemetry is, as far as it tells of tokens."""
    name, event = str(entry.get("name") or ""), told.get("event.name")
    operation = told.get("gen_ai.operation.name")
    is_span = entry.get("type") == "span" or (name and "type" not in entry)
    if is_span and (operation == "chat" or name.startswith("chat ")):
        return _CHAT
    if is_span and (operation == "invoke_agent" or name.startswith("invoke_agent")):
        return _AGENT_SPAN
    body = str(entry.get("body") or entry.get("_body") or "")
    if event == "gen_ai.client.inference.operation.details" or body.startswith("GenAI inference:"):
        return _INFERENCE
    if event == "copilot_chat.agent.turn" or body.startswith("copilot_chat.agent.turn"):
        return _TURN_LOG
    return None


def _instant(entry: Json) -> int | None:
    """When a span ended, or a log was written: pairs of seconds and nanoseconds, mostly."""
    for name in ("endTime", "startTime", "hrTime", "_hrTime", "time"):
        pair = entry.get(name)
        if isinstance(pair, list) and len(pair) == 2 and all(type(part) is int for part in pair):
            return from_millis(pair[0] * 1000 + pair[1] // 1_000_000)
    return millis(entry.get("timestamp"))


def _folder_beside(home: Path, session: str) -> str | None:
    """The folder of a session, from the notes that Copilot keeps of it."""
    if not session or "/" in session or "\\" in session:
        return None
    for line in text_beside(home / "session-state" / session / "workspace.yaml").splitlines():
        if line.startswith("cwd:"):
            return word(line.removeprefix("cwd:").strip().strip("'\""))
    return None


# -- events ----------------------------------------------------------------------------------------


class _Events:
    """Reads a session's events, and remembers what its last end told."""

    def __init__(self, file: LogFile, notes: Notes, memory: Memory) -> None:
        self._notes = notes
        self._memory = memory
        self._maker = _Maker(notes)
        self._session = cast("str", memory.get("session", Path(file.path).parent.name))
        self._folder = cast("str | None", memory.get("folder"))
        self._branch = cast("str | None", memory.get("branch"))
        self._at = cast("int | None", memory.get("at"))
        self._spoken = cast("int", memory.get("spoken", 0))
        """The output of messages since the last end, where messages tell it."""
        self._ends = cast("int", memory.get("ends", 0))
        self._told = cast("dict[str, list[int]]", memory.get("told", {}))
        """What the last end told of each model: requests, then the counts."""

    def keep(self) -> None:
        """Put into the memory what reading on needs."""
        self._memory.update(
            session=self._session,
            folder=self._folder,
            branch=self._branch,
            at=self._at,
            spoken=self._spoken,
            ends=self._ends,
            told=self._told,
        )

    def read(self, lines: Iterable[bytes]) -> Iterator[Call]:
        """The sums of these lines."""
        for line in lines:
            entry = parsed(line)
            if entry is None:
                if line.strip():
                    self._notes.bad_line()
                continue
            self._at = millis(entry.get("timestamp")) or self._at
            kind, data = word(entry.get("type")), table(entry.get("data"))
            if kind in {"session.start", "session.resume"}:
                self._begin(data)
            elif kind == "assistant.message":
                spoken = data.get("outputTokens")
                self._spoken += spoken if type(spoken) is int and spoken > 0 else 0
            elif kind == "session.shutdown":
                yield from self._end(table(data.get("modelMetrics")))

    def _begin(self, data: Json) -> None:
        context = table(data.get("context"))
        self._session = word(data.get("sessionId")) or self._session
        self._folder = word(context.get("cwd")) or self._folder
        self._branch = word(context.get("branch")) or self._branch

    def _end(self, metrics: Json) -> Iterator[Call]:
        """The sums of one end, less those of the last one where they count on."""
        if not metrics:
            return
        now = {model: _counts(table(told)) for model, told in metrics.items()}
        if any(counts is None for counts in now.values()):
            self._notes.bad_call()
        known = {model: counts for model, counts in now.items() if counts is not None}
        before = self._told if _counts_on(self._told, known, self._spoken) else {}
        self._told, self._spoken, self._ends = known, 0, self._ends + 1
        for model, counts in known.items():
            last = before.get(model, [0] * len(counts))
            requests, *fresh = (a - b for a, b in zip(counts, last, strict=True))
            yield from self._maker.call(
                key_of(NAME, self._session, "end", str(self._ends), model),
                self._at,
                _SUM,
                fresh,
                session=self._session,
                folder=self._folder,
                branch=self._branch,
                model=model,
                answered="tool_loop",
                requests=requests,
            )


def _counts(told: Json) -> list[int] | None:
    """A model's requests and counts; None where one of them cannot be."""
    usage = table(told.get("usage"))
    requests = table(told.get("requests")).get("count")
    try:
        return [
            count(value, _MOST_SUMMED)
            for value in (requests, *(usage.get(name) for name in _SUMMED))
        ]
    except Impossible:
        return None


def _counts_on(
    before: Mapping[str, Sequence[int]], now: Mapping[str, Sequence[int]], spoken: int
) -> bool:
    """Whether sums include those of the last end: they are the same, or all of them rose, and of
    the output just so much is new as the messages between have told, give or take a twentieth.
    """
    if before == now:
        return True
    if not before or not spoken:
        return False
    rose = all(
        model in now and all(a >= b for a, b in zip(now[model], counts, strict=True))
        for model, counts in before.items()
    )
    new, all_of_it = _output(now) - _output(before), _output(now)
    return rose and abs(new - spoken) * 20 <= spoken and abs(new - spoken) < abs(all_of_it - spoken)


def _output(told: Mapping[str, Sequence[int]]) -> int:
    return sum(counts[2] for counts in told.values())


AGENT = Agent(
    name=NAME,
    title="Copilot CLI",
    roots=_roots,
    files=(
        Databases("session-store.db", _store),
        Lines("session-state/*/events.jsonl", _Events),
        Lines("otel/**/*.jsonl", _Telemetry),
        Lines("*.jsonl", _Telemetry),
    ),
    missing=say(
        "Sessions of older versions that crashed, or were left by /new, have "
        "told nobody what they used."
    ),
)
