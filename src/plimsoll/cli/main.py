"""The command line's entry: loads only the command that is named, and turns errors into sentences.

Exit codes: 0 done, 1 failed, 2 wrong use, 3 a budget threshold is crossed, 4 done in part.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

import click

from plimsoll import __version__
from plimsoll.cli.session import Hooks, Session, common, session_of, tell, tell_where
from plimsoll.domain.errors import PlimsollError, WrongUse

COMMANDS = {
    "demo": "demo",
    "source": "source",
    "import": "import_file",
    "sync": "sync",
    "spend": "spend",
    "change": "change",
    "check": "check",
    "forecast": "forecast",
    "budget": "budget",
    "alert": "alert",
    "prices": "prices",
    "reprice": "reprice",
    "estimate": "estimate",
    "efficiency": "efficiency",
    "growth": "growth",
    "report": "report",
    "doctor": "doctor",
}
"""Every command, and the module of this folder that holds it."""


class _Commands(click.Group):
    """A group that imports a command's module only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"plimsoll.cli.{COMMANDS[cmd_name]}")
        command: click.Command = module.command
        return command


@click.command(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="plimsoll", message="%(prog)s %(version)s")
@click.option(
    "--background",
    is_flag=True,
    help="Start the window hidden, where the desktop has a tray to bring it back.",
)
@common
@click.pass_context
def plimsoll(context: click.Context, background: bool) -> None:
    """The load line for AI token spend. Without a command it opens the window."""
    if context.invoked_subcommand is None:
        session = session_of(context)
        begin = session.hooks.start_hidden if background else session.hooks.open_window
        with session.program(who="window") as program:
            context.exit(begin(program))
    elif background:
        raise click.UsageError("--background is for the window, and goes with no command.")


def run(hooks: Hooks, arguments: Sequence[str] | None = None) -> int:
    """Run one command; every error becomes one sentence and an exit code."""
    try:
        code = plimsoll.main(
            args=list(arguments) if arguments is not None else None,
            prog_name="plimsoll",
            standalone_mode=False,
            obj=Session(hooks),
        )
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        tell("Stopped.")
        return 1
    except PlimsollError as error:
        tell(str(error))
        return 2 if isinstance(error, WrongUse) else 1
    except BrokenPipeError:
        # Whoever read us has gone; there is nobody left to tell.
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - stays open to the end
        return 1
    except Exception as error:  # noqa: BLE001 - the edge: it is told, and nothing is left to go on
        _tell_bug(error)
        return 1
    return code if isinstance(code, int) else 0


def _tell_bug(error: Exception) -> None:
    from plimsoll.services.outcomes import REPORT_IT
    from plimsoll.services.redaction import redact

    what = redact(f"{type(error).__name__}: {error}")[:300]
    tell(f"Something in Plimsoll itself broke ({what}). What was stored is untouched. {REPORT_IT}")
    tell_where(error)
