"""`plimsoll source`: add, list, test, edit and remove the places that figures come from."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from plimsoll.cli.credit import command as top_up
from plimsoll.cli.overlaps import overlap_document, overlap_remedy
from plimsoll.cli.session import common, print_out, session_of, tell
from plimsoll.domain.errors import NoKey, WrongUse
from plimsoll.domain.money import decimal_text, shown
from plimsoll.domain.secret import Secret
from plimsoll.services.answers import SourceCard
from plimsoll.services.environment_keys import variable_of

if TYPE_CHECKING:
    from plimsoll.domain.quota import QuotaReading
    from plimsoll.services.overlaps import Overlap

KEY_LIMIT = 16384

_SETTINGS_HELP = (
    "A setting of this provider; or explains=OTHER, of any source: it sees the same traffic as "
    "OTHER, which pays, and is left out of totals. explains= (nothing) lets it count by itself. Of "
    "any account: low_balance=20 (or 15%, or CNY 50) and run_out_days=7 say when to warn."
)


@click.group("source")
@common
def command() -> None:
    """Add, list, test, edit and remove sources."""


@command.command("add")
@click.argument("provider")
@click.option("--name", required=True, help="Your own name for this source.")
@click.option("--base-url", help="Instead of the provider's usual address.")
@click.option("--set", "settings", multiple=True, metavar="K=V", help=_SETTINGS_HELP)
@click.option("--key-stdin", is_flag=True, help="Read the key from standard input.")
@common
@click.pass_context
def add_source(
    context: click.Context,
    provider: str,
    name: str,
    base_url: str | None,
    settings: tuple[str, ...],
    key_stdin: bool,
) -> None:
    """Add an account of PROVIDER, whose key is asked for or read from standard input, or a coding
    agent, whose logs need none.
    """
    from plimsoll.sources.about import about_of
    from plimsoll.sources.base import provider as connector_of
    from plimsoll.sources.logs.agent import agent_names

    session = session_of(context)
    name = name.strip()
    key = None
    if provider not in agent_names():
        about = about_of(connector_of(provider))
        for warning in (about.costs_money, about.undocumented):
            if warning:
                tell(f"{name}: {warning}")
        key = None if _is_in_environment(name) else _read_key(name, from_stdin=key_stdin)
    with session.program(who="source") as program:
        program.add_source(
            provider, name=name, key=key, base_url=base_url, settings=read_settings(settings)
        )
        card = next(card for card in program.source_cards() if card.name == name)
    if card.note:
        tell(f"{name}: {card.note}")
    if session.as_json:
        session.answer({"schema": 1, "added": name})
    else:
        print_out(f"Added {name}. Fetch its figures with `plimsoll sync`.")


def _is_in_environment(name: str) -> bool:
    """Whether a variable holds a key for this source; a blank one counts as not set."""
    return bool(os.environ.get(variable_of(name), "").strip())


def _read_key(name: str, *, from_stdin: bool) -> Secret:
    """The key from standard input or the prompt; never from an argument. Raises `NoKey`."""
    if from_stdin:
        text = sys.stdin.readline(KEY_LIMIT)
        if text.lstrip().startswith("{"):  # a service account's file, as it is
            text += sys.stdin.read(KEY_LIMIT)
    elif sys.stdin is not None and sys.stdin.isatty():
        text = click.prompt(f"Key of {name}", hide_input=True, err=True)
    else:
        raise NoKey(
            f"{name} needs a key, and there is no terminal to ask at.",
            remedy=f"Use --key-stdin, or set {variable_of(name)}.",
        )
    try:
        return Secret(text)
    except ValueError as error:
        raise WrongUse(f"That is not a key: {error}.", remedy="Nothing was sent.") from None


def read_settings(words: Sequence[str]) -> dict[str, str]:
    """Settings from `K=V` words; raises `WrongUse`."""
    settings = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name.strip():
            raise WrongUse(f"A setting is written K=V, not {word}.")
        settings[name.strip()] = value.strip()
    return settings


@command.command("list")
@common
@click.pass_context
def list_sources(context: click.Context) -> None:
    """List sources, how they are doing, and the balances they reported."""
    session = session_of(context)
    with session.program(who="source") as program:
        cards, overlaps = program.source_cards(), program.overlaps()
    if session.as_json:
        session.answer(_document(cards, overlaps))
        return
    for card in cards:
        print_out(_line(card))
    for overlap in overlaps:
        if overlap.is_open:
            tell(f"{overlap.sentence} {overlap.evidence} {overlap_remedy(overlap)}")
    if not cards:
        tell("There is no source yet. Add one with `plimsoll source add`.")


def _document(cards: Sequence[SourceCard], overlaps: Sequence[Overlap]) -> dict[str, object]:
    return {
        "schema": 1,
        "sources": [
            {
                "name": card.name,
                "provider": card.provider,
                "base_url": card.base_url,
                "state": card.state.value,
                "key": card.key_place,
                "first_day": card.first_day.isoformat() if card.first_day else None,
                "last_sync": card.last_sync.isoformat() if card.last_sync else None,
                "failure": card.failure or None,
                "note": card.note or None,
                "not_before": card.not_before.isoformat() if card.not_before else None,
                "money": card.money or None,
                "explains": list(card.explains),
            }
            for card in cards
        ],
        "overlaps": [overlap_document(overlap) for overlap in overlaps],
        "balances": [
            {"source": card.name, "currency": currency, "amount": decimal_text(nanos)}
            for card in cards
            for currency, nanos in card.balances
        ],
        "quotas": [_quota(card.name, reading) for card in cards for reading in card.quotas],
    }


def _quota(name: str, reading: QuotaReading) -> dict[str, object]:
    numbers = {
        "used_percent": reading.share,
        "used": reading.used,
        "limit": reading.limit,
    }
    return {
        "source": name,
        "name": reading.name,
        "window": reading.window,
        **{word: None if number is None else f"{number:f}" for word, number in numbers.items()},
        "resets_at": reading.resets_at.isoformat() if reading.resets_at else None,
        "at": reading.at.isoformat(),
    }


def _line(card: SourceCard) -> str:
    synced = f"synced {card.last_sync:%Y-%m-%d %H:%M} UTC" if card.last_sync else "never synced"
    if card.key_place == "file":
        synced = synced.replace("synced", "imported")
    balances = "".join(f", {shown(nanos, code)} left" for code, nanos in card.balances)
    quotas = "".join(f", {q.name} ({q.window}) {q.share}% used" for q in card.quotas)
    explains = f"; explains what {' and '.join(card.explains)} pays" if card.explains else ""
    failure = f"; {card.failure}" if card.failure else ""
    first = f", from {card.first_day} on" if card.first_day and card.key_place == "logs" else ""
    told = f"{card.name} ({card.title}): {card.state.value}, {synced}{first}"
    return f"{told}{balances}{quotas}{explains}{failure}"


@command.command("test")
@click.argument("name")
@common
@click.pass_context
def check_source(context: click.Context, name: str) -> None:
    """Ask a source's account what its key can read."""
    session = session_of(context)
    with session.program(who="source") as program:
        price = next((c.costs_money for c in program.source_cards() if c.name == name), "")
        if price:
            tell(price)
        lines = program.test_source(name)
    failed = any(line.essential and not line.ok for line in lines)
    if session.as_json:
        findings = [{"ok": x.ok, "what": x.what, "remedy": x.remedy or None} for x in lines]
        session.answer({"schema": 1, "source": name, "ok": not failed, "findings": findings})
    else:
        for line in lines:
            print_out(f"{'ok  ' if line.ok else 'no  '} {line.what} {line.remedy}".rstrip())
    context.exit(1 if failed else 0)


@command.command("edit")
@click.argument("name")
@click.option("--rename", "new_name", help="A new name.")
@click.option("--base-url", help="A new address; it needs the key again.")
@click.option("--key-stdin", is_flag=True, help="Read a new key from standard input.")
@click.option("--key", "new_key", is_flag=True, help="Ask for a new key.")
@click.option("--set", "settings", multiple=True, metavar="K=V", help=_SETTINGS_HELP)
@common
@click.pass_context
def edit_source(
    context: click.Context,
    name: str,
    new_name: str | None,
    base_url: str | None,
    key_stdin: bool,
    new_key: bool,
    settings: tuple[str, ...],
) -> None:
    """Change a source's key, name, address or settings.

    Two sources that see the same traffic (a gateway and its provider, one organisation under two
    keys) are counted once: `--set explains=OTHER` says that OTHER pays and NAME only explains,
    `--set explains=` that both are owed. `plimsoll source list` says what was found.
    """
    session = session_of(context)
    key = _read_key(name, from_stdin=key_stdin) if key_stdin or new_key else None
    if not (key or new_name or base_url or settings):
        raise WrongUse("Nothing to change was named.", remedy="See `plimsoll source edit --help`.")
    with session.program(who="source") as program:
        program.edit_source(
            name,
            new_name=new_name,
            key=key,
            base_url=base_url,
            settings=read_settings(settings),
        )
    if session.as_json:
        session.answer({"schema": 1, "changed": new_name or name})
    else:
        print_out(f"Changed {new_name or name}.")


@command.command("remove")
@click.argument("name")
@click.option("--forget", is_flag=True, help="Delete its figures too.")
@common
@click.pass_context
def remove_source(
    context: click.Context,
    name: str,
    forget: bool,
) -> None:
    """Remove a source and its key; its figures stay unless --forget."""
    session = session_of(context)
    with session.program(who="source") as program:
        note = program.remove_source(name, forget=forget)
    if note:
        tell(note)
    if session.as_json:
        session.answer({"schema": 1, "removed": name, "forgotten": forget, "note": note or None})
    else:
        print_out(f"Removed {name}{' and its figures' if forget else '; its figures stay'}.")


command.add_command(top_up)
