"""Words that a user gives to a source, checked: its name and its settings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from plimsoll.domain.errors import WrongUse
from plimsoll.domain.said import say, together
from plimsoll.ledger import catalog
from plimsoll.ledger.database import Ledger
from plimsoll.services.environment_keys import variable_of
from plimsoll.sources.about import about_of
from plimsoll.sources.base import Connector

MONEY = "money"
MONEY_WORDS = ("plan", "api")
"""What a source's tokens cost: *plan*, their worth at list price, which is not owed because a
subscription pays for them; or *api*, *estimated* where no bill has come. What was billed stays
billed either way.
"""

CURRENCY = "currency"
"""The setting of an agent or an imported source that says which of a maker's price lists holds."""

_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,60}")


def checked_name(ledger: Ledger, name: str, *, instead_of: str | None = None) -> str:
    """A name that a source can have; raises `WrongUse` for one that cannot be or is taken."""
    name = name.strip()
    if not _NAME.fullmatch(name):
        raise WrongUse(say("A source's name is one line of 1 to 60 characters."))
    taken = {variable_of(s.name): s.name for s in catalog.sources(ledger) if s.name != instead_of}
    other = taken.get(variable_of(name))
    if other is not None:
        raise WrongUse(
            say("There is already a source called {other}.", other=other),
            remedy=say("Choose a name that differs in its letters and digits."),
        )
    return name


def checked_new_name(ledger: Ledger, name: str, new_name: str | None) -> str:
    """What a source is called from now on: as before, or by another name that is checked."""
    if new_name is None or new_name == name:
        return name
    return checked_name(ledger, new_name, instead_of=name)


def setting_names(connector: Connector) -> tuple[str, ...]:
    """The settings that a source of this connector knows: its own, and what its tokens cost."""
    return (*connector.setting_names, *([MONEY] if connector.gives.tokens else []))


def check_settings(title: str, settings: Mapping[str, str], *, known: Sequence[str]) -> None:
    """Raise `WrongUse` for a setting that a provider or an agent does not have, or a value that
    means nothing: it would do nothing, or something that nobody meant.
    """
    for name, value in settings.items():
        if name not in known:
            raise WrongUse(
                say("{title} has no setting called {name}.", title=title, name=name),
                remedy=say("It has: {names}.", names=", ".join(known) or say("none")),
            )
        if name == MONEY and value not in MONEY_WORDS:
            raise WrongUse(
                say(
                    "{setting} is {names}, not {value}.",
                    setting=MONEY,
                    names=together(MONEY_WORDS, " or "),
                    value=value or say("nothing"),
                ),
                remedy=say("plan: a flat subscription pays for the tokens; api: each is paid for."),
            )


def check_values(connector: Connector, settings: Mapping[str, str], address: str | None) -> None:
    """Raise `WrongUse` where a setting or an address of a connector is missing, or cannot be."""
    about_of(connector).check(connector.title, settings, address)
