"""Agents: set up, changed and tested as sources, without a key."""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.domain.errors import WrongUse
from plimsoll.domain.said import say
from plimsoll.ledger import catalog
from plimsoll.ledger.accounts import AGENT
from plimsoll.ledger.catalog import Source
from plimsoll.ledger.database import Ledger
from plimsoll.services.account_words import check_settings, checked_name
from plimsoll.services.answers import AgentCard
from plimsoll.services.logs import folders, look, missing
from plimsoll.services.outcomes import TestLine
from plimsoll.sources.logs.agent import Agent, Place, agent_named, agent_names
from plimsoll.sources.logs.find import search

KIND = AGENT
"""The kind of a source that is an agent's logs."""

SETTINGS = ("money", "root")

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
    check_settings(agent.title, settings, known=SETTINGS)
    _check_root(settings)
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
    check_settings(agent.title, settings, known=SETTINGS)
    _check_root(settings)
    renamed = source.name
    if new_name is not None and new_name != source.name:
        renamed = checked_name(ledger, new_name, instead_of=source.name)
    return catalog.change_source(
        ledger,
        source.id,
        name=renamed,
        base_url=None,
        settings=tuple(sorted({**dict(source.settings), **settings}.items())),
        key_tail="",
    )


def _check_root(settings: Mapping[str, str]) -> None:
    if "root" in settings and not folders(settings["root"]):
        raise WrongUse(say("root= names the folder that the logs are in."))


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
