"""What an agent is to the readers of logs: where its files are, and how a file becomes calls.

How to add an agent
===================

One file, `sources/agents/<word>.py`, defines one `AGENT`; the registry finds it by its name
(`gemini_cli.py` is `gemini-cli` on the command line). It says

* where the logs are: `roots(place, given)` gives folders, from `place.environ`, `place.home` and
  `place.platform` only. `given` are the folders of `--set root=DIR,…`; where there are any, they
  stand for the usual ones (`find.first_below` takes the folder above as well as the one that holds
  the logs). A root may be a single file. What does not exist, or is the same as another, needs no
  care.
* which files: `files` are `Lines`, `Documents` or `Databases`, each with a pattern below a root
  (`*` within a name, `**` for any number of folders). The first that fits a file reads it.
* how a file is read.

`Lines` are for files that grow by lines. `open(file, notes, memory)` makes a `LineReader`; its
`read` is given whole lines as bytes, their ends included, and gives calls as it finds them; it is
never given the same line twice as long as the file only grows, so that what it must know of earlier
lines (the model, running totals) goes into `memory` when `keep` is called: a dict that JSON can
hold, small, and without a word of anybody's content. A line that ends with the file and not with a
newline is shown to a reader whose memory is then thrown away: it will come again when it is whole.

`Documents` are for files that are written anew as a whole: `read(content, file, notes, memory)`.
`Databases` are for SQLite files: `read(copy, file, notes, memory)` is given the path of a private
copy, made with its write-ahead log; the agent's own file is never opened by SQLite. Both give all
calls of the file again, whenever it has changed: what is known already changes nothing.

A reader is pure: same bytes, same calls. It runs in a worker process, which must stay small and
quick to start: import nothing of Qt, SQLite (but in a `Databases` reader), pydantic or prices.

What a reader owes
------------------

* *Keys.* `key_of(AGENT word, …)` of what names the call for good, over all files, copies, forks
  and resumed sessions: a message id, a response id, a row's id. Calls of one key are merged by
  `domain.calls.merged`, whatever file or sync they come from, so that a reader need not remember
  what it has given. Two lines of one call that differ need the right `rank` (`rank_of`).
* *Running totals.* An agent that keeps no more than a sum of each session gives a call of that sum
  with `requests=None`, under the session's key; the archive keeps what it rose by.
* *Disjoint classes.* `input` is fresh input only, `output` holds `reasoning`. The agent's docstring
  says what its log includes in what, and a test would catch the mistake.
* *Counters.* `count(value)` reads one: absent and null are 0, anything that is no count of tokens
  raises `Impossible`. A call with an impossible counter is dropped and noted (`notes.bad_call()`);
  the rest of the file is read on.
* *Instants.* `millis(text)` reads the line's time. Never date from a file's name.
* *Parsing.* Most bytes are content: pass over what is proven to bear nothing without decoding it,
  and parse the rest with `parsed(line)`, which never raises for bad text; then look at the parsed
  structure, because prompts quote transcripts. `notes.bad_line()` counts what is not JSON.
* *Circumstances.* One `Origin` and one `Service` for the calls that share them (`notes.origin(…)`,
  `notes.service(…)` keep them), never one for each call: it is what makes storing quick.
* *Class.* `human` for the first call after a person's prompt, `tool_loop` for those that follow,
  `subagent`, `headless`, `auto`: see `CallClass`. A session's title goes to `notes.title`, unless
  it is the beginning of a prompt: then it is content, and nobody's business.
* *Several records of one session* (a database, telemetry, sums at its end) are never added. Each
  has a rank of its own height, and says with `notes.outrank(session, rank)` which are too low.

What readers share stands beside this module: `tables` opens the copy of a database, `beside` reads
the agent's small files that say what its log does not (a folder's name), `makers` knows whose price
list counts where a model was reached through a reseller. A path that only says where something is
is never needed to count: a reader gives the same calls without it.

The test of an agent names the rules of its log that it holds (C3, X1, …).
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple, Protocol

from plimsoll.domain.calls import Call
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.said import say
from plimsoll.sources.logs.notes import Notes

Memory = dict[str, object]
"""What a reader keeps of one file between two syncs; JSON can hold it."""


class Place(NamedTuple):
    """The machine as an agent's `roots` may see it; `platform` is as in `sys.platform`."""

    environ: Mapping[str, str]
    home: Path
    platform: str


class LogFile(NamedTuple):
    """One file of an agent: its path, and the same below its root, with slashes."""

    path: str
    below: str


class LineReader(Protocol):
    """Reads one file line by line."""

    def read(self, lines: Iterable[bytes]) -> Iterator[Call]:
        """The calls of these lines, which follow on those that were read before."""
        ...

    def keep(self) -> None:
        """Put into the memory all that reading on will need."""
        ...


@dataclass(frozen=True, slots=True)
class Lines:
    """Files that grow by lines."""

    pattern: str
    open: Callable[[LogFile, Notes, Memory], LineReader]


@dataclass(frozen=True, slots=True)
class Documents:
    """Files that are read as a whole."""

    pattern: str
    read: Callable[[bytes, LogFile, Notes, Memory], Iterable[Call]]


@dataclass(frozen=True, slots=True)
class Databases:
    """SQLite files, of which a copy is read."""

    pattern: str
    read: Callable[[Path, LogFile, Notes, Memory], Iterable[Call]]


@dataclass(frozen=True, slots=True)
class Agent:
    """One coding agent. `name` is the word for `source add`, `title` as its makers write it.

    `missing` says in a sentence what its logs do not hold, for whoever compares with a bill, and
    `advice` what to do where there are none, if not just to use the agent. Where files of several
    kinds tell of the same calls, `either` lets only those of the first kind that is there count.
    """

    name: str
    title: str
    roots: Callable[[Place, Sequence[Path]], Sequence[Path]]
    files: tuple[Lines | Documents | Databases, ...]
    missing: str = ""
    advice: str = ""
    either: bool = False


@cache
def agent_names() -> tuple[str, ...]:
    """Every agent there is, by its word for `source add`; imports none of them."""
    from plimsoll.sources import agents

    modules = pkgutil.iter_modules(agents.__path__)
    return tuple(sorted(module.name.replace("_", "-") for module in modules))


def agent_named(name: str) -> Agent:
    """One agent; raises `WrongUse` for an unknown word."""
    if name not in agent_names():
        known = ", ".join(agent_names())
        raise WrongUse(
            say("There is no agent called {name}.", name=name),
            remedy=say("Known: {names}.", names=known),
        )
    module = importlib.import_module(f"plimsoll.sources.agents.{name.replace('-', '_')}")
    agent: Agent = module.AGENT
    return agent
