"""Agents: set up, changed and tested as sources, without a key."""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.domain.errors import WrongUse
from plimsoll.domain.said import say, together
from plimsoll.ledger import catalog
from plimsoll.ledger.accounts import AGENT
from plimsoll.ledger.catalog import Source
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.repricing import make_stale
from plimsoll.services.account_words import (
    CURRENCY,
    MONEY,
    check_settings,
    checked_name,
    checked_new_name,
)
from plimsoll.services.answers import AgentCard, SettingField
from plimsoll.services.logs import folders, look, missing
from plimsoll.services.outcomes import TestLine
from plimsoll.sources.logs.agent import Agent, Place, agent_named, agent_names
from plimsoll.sources.logs.find import search

KIND = AGENT
"""The kind of a source that is an agent's logs."""

SETTINGS = (CURRENCY, MONEY, "root")

_LISTS = ("CNY", "USD")
"""The currencies of makers with a list on the mainland and one abroad."""

FIELDS = (
    SettingField(
        name=CURRENCY,
        title=say("Makers with two price lists"),
        sentence=say(
            "in which currency DeepSeek, Kimi, MiniMax, Qwen and MiMo are paid: CNY on the"
            " mainland, USD abroad. Without it their tokens are not priced."
        ),
        choices=tuple((currency, currency) for currency in _LISTS),
    ),
)
"""What can be chosen for an agent, beside what pays for its tokens."""

UNKNOWN_MONEY = say(
    "Counted as estimated, because nobody said whether a plan pays for it: set "
    "money=plan or money=api."
)


def add_agent(
    ledger: Ledger, word: str, *, name: str, base_url: str | None, settings: Mapping[str, str]
) -> Source:
    """Set up an agent's logs as a source, without a key; raises `WrongUse`."""
    agent = agent_named(word)
    if base_url is not None:
        raise WrongUse(
            say("{title} has no address.", title=agent.title),
            remedy=say("Say where its logs are with --set root=FOLDER."),
        )
    _check(agent, settings)
    return catalog.add_source(
        ledger,
        name=checked_name(ledger, name),
        connector=word,
        kind=KIND,
        settings=tuple(sorted(settings.items())),
    )


def edit_agent(
    ledger: Ledger,
    source: Source,
    *,
    new_name: str | None,
    settings: Mapping[str, str],
    keyed: bool,
) -> Source:
    """Change an agent's name or settings; raises `WrongUse`, and where it is `keyed`."""
    agent = agent_named(source.connector)
    if keyed:
        raise WrongUse(
            say("{title} is read from its logs: it has neither key nor address.", title=agent.title)
        )
    _check(agent, settings)
    renamed = checked_new_name(ledger, source.name, new_name)
    before, after = dict(source.settings), {**dict(source.settings), **settings}
    changed = catalog.change_source(
        ledger,
        source.id,
        name=renamed,
        base_url=None,
        settings=tuple(sorted((name, value) for name, value in after.items() if value)),
        key_tail="",
    )
    if before.get(CURRENCY, "") != after.get(CURRENCY, ""):
        make_stale(ledger, source.id)  # another price list holds for what is stored
    return changed


def _check(agent: Agent, settings: Mapping[str, str]) -> None:
    check_settings(agent.title, settings, known=SETTINGS)
    if "root" in settings and not folders(settings["root"]):
        raise WrongUse(say("root= names the folder that the logs are in."))
    currency = settings.get(CURRENCY)
    if currency and currency not in _LISTS:
        raise WrongUse(
            say(
                "{setting} is {names}, not {value}.",
                setting=CURRENCY,
                names=together(_LISTS, " or "),
                value=currency,
            ),
            remedy=say(
                "CNY: makers with two price lists are paid on the mainland, in yuan; USD: abroad,"
                " in dollars."
            ),
        )


def examine(source: Source, place: Place) -> tuple[TestLine, ...]:
    """*Test* of an agent: which folders there are, and how much is in them."""
    found = look(source, place)
    agent = agent_named(source.connector)
    if not found.roots:
        return (missing(agent, found),)
    megabytes = sum(file.size for file in found.files) / 1e6
    lines = [
        TestLine(
            True,
            say(
                "{count} files, {size} MB, in {names}.",
                count=len(found.files),
                size=f"{megabytes:.1f}",
                names=", ".join(found.roots),
            ),
        ),
        *(
            TestLine(False, say("Not readable: {text}.", text=text), essential=False)
            for text in found.problems
        ),
    ]
    return tuple(lines)


def agents_here(place: Place) -> tuple[AgentCard, ...]:
    """Every agent that can be added, those first whose logs are on this machine; only folders are
    looked into, and no file is opened.
    """
    cards = [_agent_card(agent_named(word), place) for word in agent_names()]
    return tuple(sorted(cards, key=lambda card: (not card.files, card.title.casefold())))


def _agent_card(agent: Agent, place: Place) -> AgentCard:
    found = search(agent, place)
    return AgentCard(agent.name, agent.title, found.roots, len(found.files))
