"""Balance marks: what a user wants to be warned of at an account, read from words and kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from plimsoll.domain.errors import WrongUse
from plimsoll.domain.money import NotAnAmount
from plimsoll.domain.prepaid import Watch, read_marks
from plimsoll.domain.said import say
from plimsoll.ledger import prepaid as stored
from plimsoll.ledger.database import Ledger

LOW_BALANCE, RUN_OUT_DAYS = "low_balance", "run_out_days"
"""The settings that every account has, kept beside the sources: below what its balance is low, and
how many days ahead running out is told of."""

MOST_DAYS = 90


def take_watch(settings: Mapping[str, str] | None) -> tuple[dict[str, str], dict[str, str]]:
    """Settings without what is to be warned of, and that."""
    rest = dict(settings or {})
    return rest, {name: rest.pop(name) for name in (LOW_BALANCE, RUN_OUT_DAYS) if name in rest}


def read_watch(said: Mapping[str, str], known: Watch) -> Watch:
    """A watch with what was said of it; raises `WrongUse` for what means nothing."""
    low, days = known.low, known.run_out_days
    if LOW_BALANCE in said:
        try:
            low = read_marks(said[LOW_BALANCE])
        except NotAnAmount as problem:
            raise WrongUse(
                say(
                    "{low_balance} is {problem}.", low_balance=LOW_BALANCE, problem=problem.args[0]
                ),
                remedy=say(
                    "Say an amount (20), one of a currency (CNY 50), a share of the "
                    "last top-up (15%), several with commas between, or nothing for "
                    "no warning."
                ),
            ) from None
    if RUN_OUT_DAYS in said:
        text = said[RUN_OUT_DAYS].strip()
        if not (text.isascii() and text.isdigit()) or int(text) > MOST_DAYS:
            raise WrongUse(
                say(
                    "{run_out_days} is a number of days from 0 to {most_days}.",
                    run_out_days=RUN_OUT_DAYS,
                    most_days=MOST_DAYS,
                ),
                remedy=say("0 warns of no running out."),
            )
        days = int(text)
    return Watch(low, days, known.snoozed_until)


def refuse_watch(name: str, said: Mapping[str, str]) -> None:
    """Raise `WrongUse` where something of a balance is said of an agent, which has none."""
    for setting in said:
        raise WrongUse(
            say(
                "{name} is an agent's logs, and has no balance: {setting} means nothing.",
                name=name,
                setting=setting,
            )
        )


def set_watch(ledger: Ledger, name: str, said: Mapping[str, str]) -> None:
    """Keep what is to be warned of at a source; raises `WrongUse` for what means nothing."""
    known = stored.watches(ledger).get(name, Watch())
    changed = read_watch(said, known)
    if changed != known:
        stored.save_watch(ledger, name, changed)


def snooze(ledger: Ledger, name: str, *, until: datetime | None) -> None:
    """Let a source warn of nothing until an instant, or from now on again."""
    known = stored.watches(ledger).get(name, Watch())
    stored.save_watch(ledger, name, replace(known, snoozed_until=until))
