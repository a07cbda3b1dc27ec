"""Calls: one model call each, as an agent's log tells it; whole numbers and short words only, and
never a word of what was asked or answered.
"""

from __future__ import annotations

from datetime import date, timedelta
from hashlib import blake2b
from typing import Literal, NamedTuple

from plimsoll.domain.said import say
from plimsoll.domain.tokens import Tokens

CallClass = Literal["human", "tool_loop", "subagent", "headless", "auto"]
"""Who or what a call answered: a person; the agent's own loop (a tool's result, its own going on);
the agent that started this one; a program that started the agent; the agent's own upkeep
(compaction, titles)."""

REPORTED = say("as the agent itself reported it")
"""The basis of a call's worth where that is the cost which the agent wrote."""

FIRST_DAY = date(2023, 1, 1)
"""No coding agent wrote a log before; what says so is kept on its day, but begins no history."""

MOST_AHEAD = timedelta(days=1)
"""How far from now a clock can have been; what is dated later is kept on its day, and counted."""

PRICED_AS = "priced_as"
"""The detail that names the model whose price counts, where the log's own word has none."""

UNKNOWN_CLASSES = (("flag", "no_split"), ("classes", "unknown"))
"""Details of tokens whose classes are not told: they stand as input, and nothing prices them."""

MOST_TOKENS = 10**9
"""A counter above this is no count of one call's tokens."""

_KEY_BITS = 63
_TOTAL_BITS = 32


class Origin(NamedTuple):
    """Where a call came from: shared by a session's calls, and made once for them.

    `project` is the folder that the agent worked in, `parent` the session that started this one;
    `answered` is None where the log does not tell.
    """

    session: str
    parent: str | None
    project: str | None
    branch: str | None
    answered: CallClass | None


class Service(NamedTuple):
    """What answered a call, and all that its list price depends on beside its size.

    `provider` is the word of the provider whose price list counts; `model` and `tier` are the
    log's own words. `details` are as in `UsageRecord` (`speed`, `inference_geo`, …); a flag is a
    detail `flag` (`model_assumed`, `estimated`, `no_split`).
    """

    provider: str
    model: str | None
    tier: str | None = None
    details: tuple[tuple[str, str], ...] = ()


class Call(NamedTuple):
    """One model call, as one line of a log tells it; lines of one `key` tell of the same call.

    `key` is made by `key_of`; `at` is the line's instant, in milliseconds since 1970-01-01 UTC.
    Of several lines of a key the one with the highest `rank` (`rank_of`) counts, whole; the call
    belongs where and when it was first seen. Token classes are disjoint, as in `Tokens`.
    `requests` is 0 for what is charged beside a call (a web search). It is None for a running
    total, of agents that keep no more than a sum: the figures are those of all calls of a session
    so far, and the archive keeps what they rose by since it was last read, at this line's instant.
    `units` are as in `UsageRecord`, whole numbers. `cost` are the nano-dollars that the agent
    itself wrote, for agents that do not tell tokens; it is then the `rank`.
    """

    key: int
    at: int
    rank: int
    origin: Origin
    service: Service
    input: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0
    reasoning: int = 0
    requests: int | None = 1
    units: tuple[tuple[str, int], ...] = ()
    cost: int | None = None

    @property
    def tokens(self) -> Tokens:
        """The counts as the rest of the program knows them."""
        return Tokens(*self[5:11])


Priced = tuple[str, int | None, str, int]
"""What a call is worth: currency, nano-units (None where no price is known), which price it was,
and the nano-units that the account's contract takes off.
"""


class ReadState(NamedTuple):
    """How far one file has been read: all that reading on needs, and how to know it again (D8).

    `modified` is in nanoseconds; `mark` is a hash of the beginning and of what stands before
    `offset`, the end of the last whole line. `memory` is the reader's own, as JSON. `bad_lines` and
    `bad_calls` count what was passed over; `problem` says why the file could not be read, or is
    empty.
    """

    path: str
    device: int
    inode: int
    size: int
    modified: int
    mark: bytes = b""
    offset: int = 0
    memory: str = "{}"
    bad_lines: int = 0
    bad_calls: int = 0
    problem: str = ""


class Harvest(NamedTuple):
    """What came of reading on in one file: its calls, one a key, titles of sessions, and the state
    that must be stored together with them.

    `floors` are for agents that keep several records of the same session, one better than the
    other: calls of these sessions with a lower rank give way, whenever and wherever they are read.
    `broke` says where in its code a reader broke on the file, without a value of it.
    """

    state: ReadState
    calls: tuple[Call, ...] = ()
    titles: tuple[tuple[str, str], ...] = ()
    floors: tuple[tuple[str, int], ...] = ()
    broke: str = ""


def key_of(agent: str, *parts: str) -> int:
    """The key of a call all over the archive: 63 bits over the agent's word and what tells its
    calls apart. Two of ten million calls meet with a chance of one in a hundred thousand.
    """
    text = "\0".join((agent, *parts)).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big") >> (64 - _KEY_BITS)


def rank_of(*, output: int, total: int, main: bool = True) -> int:
    """How much a line's figures are to be believed: the main chain before a side chain, then the
    more output (a stream's last line has it all), then the larger total.
    """
    low = min(total, (1 << _TOTAL_BITS) - 1)
    return int(main) << (_KEY_BITS - 1) | output << _TOTAL_BITS | low


def merged(known: Call, other: Call) -> Call:
    """One call of two lines that tell of it. The figures are one line's, whole; the origin is that
    of the earlier line. Where both are of one instant (a resumed session's copy) it is that of the
    better line, and where nothing tells them apart it stays as it is known.
    """
    if known.rank != other.rank:
        better = known if known.rank > other.rank else other
    else:
        better = other if _figures(other) > _figures(known) else known
    if better.requests is None:
        return better
    if other.at < known.at or (other.at == known.at and other.rank > known.rank):
        first = other
    else:
        first = known
    if better is first:
        return better
    return Call(known.key, first.at, better.rank, first.origin, *better[4:])


def _figures(call: Call) -> tuple[object, ...]:
    """A fixed order of lines of one key and rank: the order they are read in does not matter."""
    provider, model, tier, details = call.service
    return (
        call[5:12],
        call.units,
        provider,
        model or "",
        tier or "",
        details,
    )
