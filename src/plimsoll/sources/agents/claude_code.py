"""Claude Code: transcripts of sessions, one line for each content block of each message.

Units, as its log writes them: `input_tokens` is fresh input, cache reads and writes are apart, and
`output_tokens` includes thinking. One answer is written once for every content block; each of its
lines repeats the message's id and usage, the early ones with a placeholder for the output. Not in
the transcript, and so not here: the request that compacts a session, the side call of a web search
(only the number of searches is), the calls that make titles.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from plimsoll.domain.calls import Call, CallClass, Origin, Service, key_of, merged, rank_of
from plimsoll.domain.said import say
from plimsoll.sources.logs.agent import Agent, Lines, LogFile, Memory, Place
from plimsoll.sources.logs.find import first_below
from plimsoll.sources.logs.notes import Impossible, Notes, count, millis, parsed, table, word

NAME = "claude-code"

_TYPE = b'"type":"'
_HEAD = 700
"""Where the type of a line is looked for before the line is parsed as a whole."""

_NEAR = 400
"""Where a tool's result says that it is one, after the type of its line."""

_PASSED = frozenset({b"prog", b"file", b"queu", b"syst", b"last", b"perm"})
"""The beginnings of types whose lines bear neither usage nor a prompt (progress, file-history-…,
queue-operation, system, last-prompt, permission-mode). C6: what is inside a progress line repeats
the subagent's own file.
"""

_SHORT_ID = 16
"""Gateways with shorter message ids use them again in other sessions."""

_WRAPPERS = ("<system-reminder>", "<ide_opened_file>", "<ide_selection>")
_NOT_A_PERSON = (
    "This session is being continued",
    "[Request interrupted",
    "Stop hook feedback:",
    "<task-notification>",
    "<local-command-",
)
_TYPED = frozenset({None, "typed", "queued"})
_ANYWHERE = frozenset({None, "", "not_available", "global"})
_FEW = 32

Json = Mapping[str, Any]


def _roots(place: Place, given: Sequence[Path]) -> list[Path]:
    if given:
        return [_projects(folder) for folder in given]
    chosen = place.environ.get("CLAUDE_CONFIG_DIR", "")
    homes = [Path(text.strip()).expanduser() for text in chosen.split(",") if text.strip()]
    if not homes:
        settings = place.environ.get("XDG_CONFIG_HOME") or str(place.home / ".config")
        homes = [place.home / ".claude", Path(settings) / "claude"]
    roots = [_projects(folder) for folder in homes]
    if place.platform == "darwin" and not chosen:
        desktop = place.home / "Library" / "Application Support" / "Claude"
        roots.append(desktop / "local-agent-mode-sessions")
    return roots


def _projects(folder: Path) -> Path:
    """The folder of transcripts, in a configuration folder or in the home folder around it."""
    return first_below(folder, "projects", ".claude/projects")


class _Transcript:
    """Reads one transcript, and remembers who the next message answers."""

    def __init__(self, file: LogFile, notes: Notes, memory: Memory) -> None:
        self._notes = notes
        self._memory = memory
        self._beside = "subagents/" in file.below
        self._next = cast("CallClass", memory.get("next", "tool_loop"))
        self._headless = bool(memory.get("headless"))
        self._last_at = cast("int | None", memory.get("at"))
        self._recent = cast("dict[str, CallClass]", memory.get("recent", {}))
        """The last messages, and what they answer."""
        self._searches = cast("dict[str, list[Any]]", memory.get("searches", {}))
        """Web searches without a result yet: the message's model, tier and details."""
        self._told: tuple[object, ...] = ()
        """The last answer's id, side, model, usage and time; its next line mostly says the same."""
        self._place: tuple[int, Origin] | None = None
        """The key and the origin of that answer."""
        self._call: Call | None = None
        """What is known of the message whose lines are being read."""
        self._where: tuple[object, ...] = ()
        self._origins: dict[CallClass, Origin] = {}
        """Origins of the session, folder and branch that lines are in now."""
        self._services: dict[tuple[object, ...], Service] = {}

    def keep(self) -> None:
        """Put into the memory what reading on needs."""
        self._memory.update(
            next=self._next,
            headless=self._headless,
            at=self._last_at,
            recent=self._recent,
            searches=self._searches,
        )

    def read(self, lines: Iterable[bytes]) -> Iterator[Call]:
        """The calls of these lines.

        A line is passed over unparsed where it is proven to bear nothing (D2): its first type is
        its own if no brace opens before it, because inside a text its quotes would be escaped.
        """
        at = 0
        for line in lines:
            if not line.startswith(_TYPE, at):  # mostly where it was in the line before
                at = line.find(_TYPE, 0, _HEAD)
            if at > 0 and line.find(b"{", 1, at) < 0:
                kind = line[at + 8 : at + 12]
                if kind in _PASSED or (
                    kind == b"user"
                    and not self._searches
                    and line.find(b'"tool_result"', at, at + _NEAR) > 0
                ):
                    continue
            at = max(at, 0)
            entry = parsed(line)
            if entry is not None:
                yield from self._entry(entry, line)
            elif line.strip():
                self._notes.bad_line()
        yield from self._finished(None)

    def _entry(self, entry: Json, line: bytes) -> Iterable[Call]:
        kind = word(entry.get("type"))
        if kind == "assistant":
            return self._answer(entry, line)
        if kind == "user":
            return self._user(entry)
        if kind == "attachment":
            self._attachment(entry)
        elif kind in {"ai-title", "custom-title"}:
            title = entry.get("customTitle") or entry.get("aiTitle")
            self._notes.title(word(entry.get("sessionId")) or "", title)
        return ()

    # -- answers -------------------------------------------------------------------------------

    def _answer(self, entry: Json, line: bytes) -> Iterable[Call]:
        """What a line of an answer ends or adds: the call of the message before it, mostly."""
        message = entry.get("message")
        usage = message.get("usage") if isinstance(message, dict) else None
        if message is None or not isinstance(usage, dict) or message.get("model") == "<synthetic>":
            return ()
        side, time = self._beside or entry.get("isSidechain") is True, entry.get("timestamp")
        told = (message.get("id"), side, message.get("model"), usage, time)
        before, self._told = self._told, told
        if told[0] and told[:4] == before[:4] and _is_later(time, before[4]):
            self._note_searches(message)
            return ()
        at = self._time(time)
        if at is None:
            return ()
        try:
            figures = _figures(usage)
        except Impossible:
            self._notes.bad_call()
            return ()
        if self._place is None or not told[0] or told[:2] != before[:2]:
            name = self._identity(entry, message, line)
            answered = self._answered(entry, name, side=side)
            self._place = key_of(NAME, name), self._origin(entry, answered)
        key, origin = self._place
        service = self._service(told[2], usage)
        self._note_searches(message)
        call = _call(key, at, origin, service, figures, main=not side)
        inner = usage.get("iterations")
        if not isinstance(inner, list):
            return () if call is None else self._finished(call)
        finished = [*self._finished(call)] if call is not None else []
        return finished + self._inner(inner, key, at, origin, service, main=not side)

    def _finished(self, call: Call | None) -> Iterable[Call]:
        """Go on with a line's call; the call before it, if it was of another message."""
        before, self._call = self._call, call
        if before is None:
            return ()
        if call is not None and call.key == before.key:
            self._call = merged(before, call)
            return ()
        return (before,)

    def _time(self, text: object) -> int | None:
        """A line's instant; that of the line before where it has none."""
        at = millis(text)
        if at is None:
            at = self._last_at
            if at is None:
                self._notes.bad_call()
        self._last_at = at
        return at

    @staticmethod
    def _identity(entry: Json, message: Json, line: bytes) -> str:
        """C1: the message's id alone; C2: without one, the line's."""
        number = word(message.get("id"))
        if number is not None:
            if len(number) >= _SHORT_ID:
                return number
            return f"{number} {word(entry.get('sessionId'))}"
        number = word(entry.get("uuid"))
        return f"line {number}" if number else f"line {key_of(NAME, line.decode(errors='replace'))}"

    def _origin(self, entry: Json, answered: CallClass) -> Origin:
        where = (entry.get("sessionId"), entry.get("cwd"), entry.get("gitBranch"))
        if where != self._where:
            self._where = where
            self._origins = {}
        known = self._origins.get(answered)
        if known is None:
            session, folder, branch = map(word, where)
            known = self._notes.origin(session or "", None, folder, branch, answered)
            self._origins[answered] = known
        return known

    def _answered(self, entry: Json, name: str, *, side: bool) -> CallClass:
        """Who a message answers: the first after a prompt its giver, the next the loop itself."""
        if side:
            return "subagent"
        if self._headless or str(entry.get("entrypoint")).startswith("sdk"):
            return "headless"
        known = self._recent.get(name)
        if known is not None:
            return known
        self._recent[name] = answered = self._next
        self._next = "tool_loop"
        if len(self._recent) > _FEW:
            del self._recent[next(iter(self._recent))]
        return answered

    def _service(self, model: object, usage: Json) -> Service:
        told = (model, *map(usage.get, ("service_tier", "speed", "inference_geo")))
        try:
            known = self._services.get(told)
        except TypeError:  # something that is no word at all
            told = (word(model), None, None, None)
            known = self._services.get(told)
        if known is None:
            name, tier, speed, geo = map(word, told)
            details = []
            if speed not in {None, "standard"}:
                details.append(("speed", str(speed)))
            if geo not in _ANYWHERE:
                details.append(("inference_geo", str(geo)))
            known = self._notes.service("anthropic", name, tier, tuple(details))
            self._services[told] = known
        return known

    def _inner(
        self,
        iterations: Sequence[object],
        key: int,
        at: int,
        origin: Origin,
        service: Service,
        *,
        main: bool,
    ) -> list[Call]:
        """C7: what a request spent on its advisor, or on compaction, is not in its own usage."""
        found = []
        for position, part in enumerate(map(table, iterations)):
            kind = part.get("type")
            if kind not in {"advisor_message", "compaction"}:
                continue
            answered = "auto" if kind == "compaction" else origin.answered
            model = word(part.get("model")) or service.model
            try:
                figures = _figures(part)
            except Impossible:
                self._notes.bad_call()
                continue
            call = _call(
                key_of(NAME, f"{key:x}", str(kind), str(position)),
                at,
                self._notes.origin(*origin[:4], answered),
                self._notes.service(service.provider, model, service.tier, service.details),
                figures,
                main=main,
            )
            if call is not None:
                found.append(call)
        return found

    # -- web searches --------------------------------------------------------------------------

    def _note_searches(self, message: Json) -> None:
        """Remember the searches that a message asks for: a search's result says how many there
        were, where the message's own counter is 0.
        """
        content = message.get("content")
        if not isinstance(content, list):
            return
        for block in content:
            if isinstance(block, dict) and block.get("name") == "WebSearch":
                self._note_search(block, message)

    def _note_search(self, block: Json, message: Json) -> None:
        number, usage = word(block.get("id")), table(message.get("usage"))
        counted = table(usage.get("server_tool_use")).get("web_search_requests")
        if block.get("type") == "tool_use" and number is not None and not counted:
            service = self._service(message.get("model"), usage)
            if len(self._searches) < _FEW:
                self._searches[number] = [service.model, service.tier, service.details]

    def _searched(self, entry: Json, content: Sequence[object]) -> Iterator[Call]:
        for block in content:
            number = word(table(block).get("tool_use_id"))
            waiting = self._searches.pop(number, None) if number else None
            at = millis(entry.get("timestamp")) or self._last_at
            if number is None or waiting is None or at is None:
                continue
            try:
                searches = count(table(entry.get("toolUseResult")).get("searchCount"))
            except Impossible:
                self._notes.bad_call()
                continue
            if searches:
                model, tier, details = waiting
                side = self._beside or entry.get("isSidechain") is True
                yield Call(
                    key_of(NAME, "search", number),
                    at,
                    rank_of(output=0, total=0, main=not side),
                    self._origin(
                        entry, "subagent" if side else "headless" if self._headless else "tool_loop"
                    ),
                    self._notes.service(
                        "anthropic", model, tier, tuple((name, text) for name, text in details)
                    ),
                    requests=0,
                    units=(("searches", searches),),
                )

    # -- prompts -------------------------------------------------------------------------------

    def _user(self, entry: Json) -> Iterator[Call]:
        content = table(entry.get("message")).get("content")
        blocks = content if isinstance(content, list) else []
        if any(table(block).get("type") == "tool_result" for block in blocks):
            if self._searches:
                yield from self._searched(entry, blocks)
            return
        if entry.get("isSidechain") is True:
            return
        giver = word(entry.get("promptSource"))
        if giver == "sdk":
            self._headless = True
        elif entry.get("isMeta") or entry.get("isCompactSummary") or giver == "system":
            self._harness()
        elif giver in _TYPED:
            texts = [str(table(block).get("text") or "") for block in blocks]
            self._prompted(content if isinstance(content, str) else "\n".join(texts))

    def _attachment(self, entry: Json) -> None:
        """A prompt that was typed while the agent was at work."""
        attachment = table(entry.get("attachment"))
        typed = word(attachment.get("commandMode")) in {None, "prompt"}
        queued = attachment.get("type") == "queued_command"
        if queued and typed and entry.get("isSidechain") is not True:
            self._next = "human"

    def _harness(self) -> None:
        """What the agent told itself is automatic; but a person's prompt may be told in parts."""
        if self._next != "human":
            self._next = "auto"

    def _prompted(self, text: str) -> None:
        text = text.lstrip()
        while text.startswith(_WRAPPERS):
            end = text.partition(">")[0].replace("<", "</")
            text = text.partition(f"{end}>")[2].lstrip()
        if text and not text.startswith(_NOT_A_PERSON):
            self._next = "human"


def _is_later(text: object, before: object) -> bool:
    """Whether an instant is no earlier than another one in the same writing."""
    if not isinstance(text, str) or not isinstance(before, str):
        return False
    return text >= before and len(text) == len(before) and text[-1:] == before[-1:] == "Z"


def _figures(usage: Json) -> tuple[int, int, int, int, int, int]:
    """Fresh input, cache reads, writes of 5 minutes and of an hour, output, web searches."""
    flat, split = usage.get("cache_creation_input_tokens"), usage.get("cache_creation")
    five = hour = searches = 0
    if isinstance(split, dict):
        five = count(split.get("ephemeral_5m_input_tokens"))
        hour = count(split.get("ephemeral_1h_input_tokens"))
    if flat is not None and flat != five + hour:
        hour = min(hour, count(flat))
        five = count(flat) - hour
    tools = usage.get("server_tool_use")
    if isinstance(tools, dict):
        searches = count(tools.get("web_search_requests"))
    return (
        count(usage.get("input_tokens")),
        count(usage.get("cache_read_input_tokens")),
        five,
        hour,
        count(usage.get("output_tokens")),
        searches,
    )


def _call(
    key: int,
    at: int,
    origin: Origin,
    service: Service,
    figures: tuple[int, int, int, int, int, int],
    *,
    main: bool,
) -> Call | None:
    """A call of these figures; None where there are none (C6)."""
    *classes, searches = figures
    total = sum(classes)
    if not total and not searches:
        return None
    units = (("searches", searches),) if searches else ()
    fresh, read, five, hour, output = classes
    rank = rank_of(output=output, total=total, main=main)
    return Call(key, at, rank, origin, service, fresh, read, five, hour, output, units=units)


AGENT = Agent(
    name=NAME,
    title="Claude Code",
    roots=_roots,
    files=(Lines("**/*.jsonl", _Transcript),),
    missing=say(
        "Compaction requests, the side calls of web searches and the calls that "
        "make titles are not in its logs."
    ),
)
