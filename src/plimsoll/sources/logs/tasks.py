"""Tasks: what Cline, Roo and Kilo write of each task inside an editor, in the format they share.

`ui_messages.json` holds what the extension showed, oldest first; the file is written anew with
every message. A request is one message whose text is JSON of its own: the tokens, once it has
ended. A request that was cancelled is billed all the same, if it has tokens. Where a person went
back to an earlier point, what was deleted is told as one sum; so are the requests of a subagent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, NamedTuple, cast

import orjson

from plimsoll.domain.calls import MOST_TOKENS, Call, CallClass, Service, key_of, rank_of
from plimsoll.domain.money import NotAnAmount, nanos_of, read_amount
from plimsoll.domain.said import say
from plimsoll.sources.logs.agent import LogFile, Memory
from plimsoll.sources.logs.notes import Impossible, Notes, count, from_millis, parsed, table, word

MESSAGES = "tasks/*/ui_messages.json"
"""The files, below an extension's storage."""

_REQUEST = "api_req_started"
_DELETED = frozenset({"deleted_api_reqs", "api_req_deleted"})
_SUBAGENT = "subagent_usage"
_CONDENSED = "condense_context"
_SAID = frozenset({"task", "user_feedback", "user_feedback_diff"})
_ASKED = frozenset(
    {
        "followup",
        "plan_mode_respond",
        "resume_task",
        "resume_completed_task",
        "mistake_limit_reached",
        "auto_approval_max_req_reached",
    }
)
"""Questions after which nothing goes on until a person has answered."""

_MOST_SUMMED = 10**12
_FOLDERS = (
    re.compile(r"# Current (?:Working|Workspace) Directory \((?!Primary: )(.+?)\) Files"),
    re.compile(r'# Workspace Configuration\s*\{\s*"workspaces":\s*\{\s*"([^"\\]+)"'),
)
"""How the environment that a model is told names the folder, or the first of several."""

Json = Mapping[str, Any]
Figures = tuple[int, int, int, int]
"""Fresh input, cache reads, cache writes, output."""

_NOTHING: Figures = (0, 0, 0, 0)


class Answering(NamedTuple):
    """The service and the model that answered from an instant on; None where it is not told."""

    since: int
    service: str | None
    model: str | None


class Request(NamedTuple):
    """A request as it was told: what its text holds, when it was made, and of which service."""

    info: Json
    at: int
    service: str | None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What lies beside a task's messages: its folder, the task that started it, who answered when
    (the earliest first).
    """

    project: str | None = None
    parent: str | None = None
    answering: Sequence[Answering] = ()


@dataclass(frozen=True, slots=True)
class Dialect:
    """What tells one of these extensions from another.

    `look` reads what lies beside a task; `holds_cache` tells whether a request's `tokensIn`
    includes what was read from the cache and written to it; `prices` is the provider whose list
    counts for a service and a model.
    """

    name: str
    look: Callable[[LogFile], Surroundings]
    holds_cache: Callable[[Request], bool]
    prices: Callable[[str | None, str | None], str]

    def read(self, content: bytes, file: LogFile, notes: Notes, memory: Memory) -> Iterator[Call]:
        """The calls of one task."""
        messages = list_of(content)
        if messages is None:
            notes.bad_line()
            return
        yield from _Task(self, file, notes).calls([table(m) for m in messages], memory)


class _Task:
    """Reads one task's messages in their order."""

    def __init__(self, dialect: Dialect, file: LogFile, notes: Notes) -> None:
        self._dialect = dialect
        self._notes = notes
        self._id = PurePosixPath(file.below).parent.name
        self._around = dialect.look(file)
        self._project = self._around.project
        self._loop: CallClass = "subagent" if self._around.parent else "tool_loop"
        self._next: CallClass = "subagent" if self._around.parent else "human"
        self._counted: list[tuple[int, Sequence[int]]] = []
        """When each request was, and its figures."""
        self._gone: Sequence[int] = _NOTHING
        """The figures of the requests that were deleted, as their sum tells them."""
        self._since: int | None = None
        """When something was first deleted."""

    def calls(self, messages: Sequence[Json], memory: Memory) -> Iterator[Call]:
        """The calls of these messages."""
        self._project = self._project or _folder_of(messages)
        for message in messages:
            at = from_millis(message.get("ts"))
            if message.get("type") == "ask":
                self._asked(message)
            elif message.get("type") == "say" and at is not None:
                yield from self._said(message, at)
        yield from self._deleted(memory)

    def _said(self, message: Json, at: int) -> Iterable[Call]:
        said = word(message.get("say"))
        if said == _REQUEST:
            return self._request(message, at)
        if said == _CONDENSED:
            return self._condensed(message, at)
        if said == _SUBAGENT:
            return self._sum(at, f"{at} subagent", self._summed(message, at), "subagent")
        if said in _DELETED:
            self._since = at if self._since is None else self._since
            self._gone = _plus(self._gone, self._summed(message, at))
        elif said in _SAID:
            self._next = "human"
        return ()

    def _deleted(self, memory: Memory) -> Iterator[Call]:
        """What was deleted before it was ever read.

        The sum that tells of deleted requests holds those, too, that were read in their time: as
        much as all that was ever read is more than what is still there.
        """
        known = cast("Sequence[int]", memory.get("sum", _NOTHING))
        until = cast("int", memory.get("until", -1))
        here: Sequence[int] = _NOTHING
        for at, figures in self._counted:
            here = _plus(here, figures)
            if at > until:
                known, until = _plus(known, figures), at
        memory.update(sum=list(known), until=until)
        if self._since is not None:
            rest = _more(self._gone, _more(known, here))
            yield from self._sum(self._since, "deleted", rest, self._loop)

    def _asked(self, message: Json) -> None:
        if word(message.get("ask")) in _ASKED and message.get("partial") is not True:
            self._next = "human"

    def _request(self, message: Json, at: int) -> Iterator[Call]:
        """One request, once it has ended."""
        request = self._read(message, at)
        if request is None:
            return
        try:
            figures = self._figures(request)
            cost = 0 if any(figures) else _nanos(request.info.get("cost"))
        except Impossible:
            self._notes.bad_call()
            return
        if any(figures) or cost:
            answered, self._next = self._next, self._loop
            self._counted.append((at, figures))
            estimated = request.info.get("usageMissing") is True
            service = self._service(message, at, estimated=estimated)
            yield self._call(str(at), at, answered, service, figures, cost=cost)

    def _condensed(self, message: Json, at: int) -> Iterator[Call]:
        """What condensing the conversation cost: its tokens are not told."""
        try:
            cost = _nanos(table(message.get("contextCondense")).get("cost"))
        except Impossible:
            self._notes.bad_call()
            return
        if cost:
            service = self._service(message, at, estimated=False)
            yield self._call(f"{at} condensed", at, "auto", service, _NOTHING, cost=cost)

    def _summed(self, message: Json, at: int) -> Figures:
        """The tokens of several requests, told as one."""
        request = self._read(message, at)
        if request is not None:
            try:
                return self._figures(request, _MOST_SUMMED)
            except Impossible:
                self._notes.bad_call()
        return _NOTHING

    def _sum(self, at: int, name: str, figures: Figures, answered: CallClass) -> Iterator[Call]:
        """Several requests as one: nobody knows how many they were."""
        if any(figures):
            service = self._service({}, at, estimated=False)
            yield self._call(name, at, answered, service, figures)._replace(requests=None)

    def _read(self, message: Json, at: int) -> Request | None:
        text = message.get("text")
        if not isinstance(text, str) or not text:
            return None
        info = parsed(text.encode("utf-8", "replace"))
        if info is None:
            self._notes.bad_line()
            return None
        return Request(info, at, self._answering(message, at).service)

    def _figures(self, request: Request, most: int = MOST_TOKENS) -> Figures:
        names = ("tokensIn", "cacheReads", "cacheWrites", "tokensOut")
        sent, read, written, output = (count(request.info.get(name), most) for name in names)
        if sent >= read + written and self._dialect.holds_cache(request):
            sent -= read + written
        return sent, read, written, output

    def _call(
        self,
        name: str,
        at: int,
        answered: CallClass,
        service: Service,
        figures: Figures,
        *,
        cost: int = 0,
    ) -> Call:
        fresh, read, written, output = figures
        key = key_of(self._dialect.name, self._id, name)
        rank = cost or rank_of(output=output, total=sum(figures))
        origin = self._notes.origin(self._id, self._around.parent, self._project, None, answered)
        return Call(
            key,
            at,
            rank,
            origin,
            service,
            fresh,
            read,
            written,
            output=output,
            cost=cost or None,
        )

    def _service(self, message: Json, at: int, *, estimated: bool) -> Service:
        who = self._answering(message, at)
        flags = (("flag", "estimated"),) if estimated else ()
        prices = self._dialect.prices(who.service, who.model)
        return self._notes.service(prices, who.model, None, flags)

    def _answering(self, message: Json, at: int) -> Answering:
        """Who answered a request: what the message says itself, or what lies beside it."""
        info = table(message.get("modelInfo"))
        model = word(info.get("modelId"))
        if model is not None:
            return Answering(at, word(info.get("providerId")), model)
        found = Answering(at, None, None)
        for number, one in enumerate(self._around.answering):
            if number == 0 or one.since <= at:
                found = one
        return found


def _plus(these: Sequence[int], others: Sequence[int]) -> Figures:
    a, b, c, d = (one + other for one, other in zip(these, others, strict=True))
    return a, b, c, d


def _more(these: Sequence[int], others: Sequence[int]) -> Figures:
    """How much more these are, each at least nothing."""
    a, b, c, d = (max(one - other, 0) for one, other in zip(these, others, strict=True))
    return a, b, c, d


def _nanos(cost: object) -> int:
    """A cost in dollars, as the extension wrote it, in nano-dollars. Raises `Impossible`."""
    if cost is None:
        return 0
    try:
        nanos = nanos_of(read_amount(cost))
    except NotAnAmount as error:
        raise Impossible(str(error)) from None
    if nanos < 0:
        raise Impossible(say("a negative cost"))
    return nanos


def _folder_of(messages: Iterable[Json]) -> str | None:
    """The folder that the extension tells the model it works in."""
    for message in messages:
        text = message.get("text")
        if message.get("say") == _REQUEST and isinstance(text, str):
            found = folder_in(str((parsed(text.encode("utf-8", "replace")) or {}).get("request")))
            if found is not None:
                return found
    return None


def folder_in(text: str) -> str | None:
    """The folder that a prompt's environment names."""
    found = next((match for pattern in _FOLDERS if (match := pattern.search(text))), None)
    return word(found[1]) if found else None


def list_of(content: bytes) -> list[Any] | None:
    """The list that a file of JSON is, whatever bytes are in its texts; None for anything else."""
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        value = (parsed(b'{"list":' + content + b"}") or {}).get("list")
    return value if isinstance(value, list) else None
