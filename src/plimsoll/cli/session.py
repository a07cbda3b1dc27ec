"""Session: what every command has: where the data are, how to answer, and what `app` hands in."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from plimsoll.domain.clock import Clock
from plimsoll.services.clock import SystemClock
from plimsoll.services.settings import default_data_dir

if TYPE_CHECKING:
    from plimsoll.services.program import Program

_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the command line may not import itself: the window and the painter of pictures."""

    open_window: Callable[[Program], int]
    start_hidden: Callable[[Program], int]
    save_pictures: Callable[[Program, Path], tuple[Path, ...]]
    has_display: Callable[[], bool]


@dataclass
class Session:
    """One run of the command line."""

    hooks: Hooks
    data_dir: Path | None = None
    as_json: bool = False

    @property
    def folder(self) -> Path:
        """The data directory of this run."""
        return self.data_dir or default_data_dir()

    @cached_property
    def clock(self) -> Clock:
        """The clock, which `PLIMSOLL_NOW` may set."""
        return SystemClock()

    @contextmanager
    def program(self, *, who: str) -> Iterator[Program]:
        """The data directory, opened for one command."""
        from plimsoll.services.program import Program

        program = Program(self.folder, clock=self.clock, who=f"plimsoll {who}")
        try:
            yield program
        finally:
            program.close()

    def answer(self, document: dict[str, object]) -> None:
        """Print the one JSON document of this command."""
        print_out(json.dumps(document, indent=1, ensure_ascii=False))


def common(command: _Command) -> _Command:
    """`--data-dir` and `--json`, which may stand after any command as well as before it."""
    command = click.option(
        "--json",
        "as_json",
        is_flag=True,
        expose_value=False,
        callback=_take_json,
        help="Print one JSON document on standard output.",
    )(command)
    return click.option(
        "--data-dir",
        type=click.Path(path_type=Path, file_okay=True),
        expose_value=False,
        callback=_take_data_dir,
        help="Where the archive is, instead of the usual place.",
    )(command)


def _take_json(context: click.Context, _option: click.Parameter, value: bool) -> None:
    if value:
        session_of(context).as_json = True


def _take_data_dir(context: click.Context, _option: click.Parameter, value: Path | None) -> None:
    if value is not None:
        session_of(context).data_dir = value.expanduser()


def session_of(context: click.Context) -> Session:
    """The session of the run that `context` belongs to."""
    return cast("Session", context.find_root().obj)


def print_out(text: str) -> None:
    """Write an answer to standard output; raises `KnownError` where it cannot take it."""
    with writing_out():
        click.echo(text)


@contextmanager
def writing_out() -> Iterator[None]:
    """Say it plainly when what we were told to write to is full or broken."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        from plimsoll.domain.errors import KnownError

        raise KnownError(
            f"The answer could not be written to standard output ({error.strerror})."
        ) from error


def tell(text: str) -> None:
    """Write a message for the person to standard error."""
    click.echo(text, err=True)


class Tenths:
    """Tells every tenth of a long work, in its own word: `40% counted`."""

    def __init__(self, word: str) -> None:
        self._word = word
        self._told = 0

    def hear(self, share: float) -> None:
        """That this share is done."""
        if share * 10 >= self._told + 1:
            self._told = int(share * 10)
            tell(f"{self._told * 10}% {self._word}")


def tell_where(bug: BaseException) -> None:
    """Show where a bug of ours happened to whoever asks for it, or say how to ask."""
    if os.environ.get("PLIMSOLL_DEBUG"):
        from plimsoll.services.redaction import trace_of

        tell(trace_of(bug, bug.__traceback__))
    else:
        tell("PLIMSOLL_DEBUG=1 shows where it happened, for the report.")


def on_terminal() -> bool:
    """Whether a person sees standard error as it is written."""
    return sys.stderr is not None and sys.stderr.isatty()
