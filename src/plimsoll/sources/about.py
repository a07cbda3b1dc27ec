"""About: what a connector tells people of itself: its settings, its set-up, what asking costs.

A connector has an `about` where the usual is not enough; without one everything here is empty. The
window's pickers and fields, the gallery, *Test* and the README's table are made from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, runtime_checkable

from plimsoll.domain.errors import WrongUse
from plimsoll.domain.said import say, together


@dataclass(frozen=True, slots=True)
class Option:
    """One value that a setting can have, and what it means: `cn`, "api.moonshot.cn, in yuan"."""

    value: str
    title: str


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of an account: `--set name=value`, or a field in the window.

    `title` is the field's short label, `sentence` says what it is and where it is found;
    `choices` are all values that it can have, none where it is free text, such as `example`.
    `is_site` marks the one that an address can stand for, because it chooses among addresses.
    """

    name: str
    title: str
    sentence: str
    choices: tuple[Option, ...] = ()
    required: bool = False
    is_site: bool = False
    example: str = ""
    is_text: bool = False
    """It is a text of several lines, given as one or as the name of a file that holds it."""

    def check(self, title: str, settings: Mapping[str, str], address: str | None) -> None:
        """Raise `WrongUse` where it is missing and required, or has a value that it cannot have.

        `title` is the provider's; `address` is the base address that was given, if one was.
        """
        value = settings.get(self.name, "")
        values = [choice.value for choice in self.choices] or [self.example or "…"]
        words = together((f"{self.name}={one}" for one in values), " or ")
        if not value:
            if self.required and not (self.is_site and address):
                raise WrongUse(
                    say("{title} needs to know: {sentence}", title=title, sentence=self.sentence),
                    remedy=say("Say --set {words}.", words=words),
                )
            return
        if self.choices and value not in values:
            raise WrongUse(
                say(
                    "{title} has no {name} called {value}.",
                    title=title,
                    name=self.name,
                    value=value,
                ),
                remedy=say("Say {words}.", words=words),
            )


@dataclass(frozen=True, slots=True)
class About:
    """What there is to know of a provider's connector before it is used."""

    settings: tuple[Setting, ...] = ()
    setup: tuple[str, ...] = ()
    """The steps in the provider's console in the connector's own words, where its key's shape does
    not say enough.
    """
    figures: str = ""
    """What its figures are, how far they reach back and what they leave out."""
    own_server: str = ""
    """For what everybody runs at an address of their own: whose address is wanted ("the address of
    your LiteLLM proxy"). The connector's `base_url` is then an example.
    """
    costs_money: str = ""
    """What asking costs ("AWS charges $0.01 for each request."): it is said before the first call,
    and such an account is asked once a day at most unless it is named.
    """
    undocumented: str = ""
    """Which route is no documented one and can change any day."""
    rhythm: timedelta | None = None
    """How often an account is asked by itself, where the usual is not right: once a day for figures
    that come by the month.
    """

    def check(self, title: str, settings: Mapping[str, str], address: str | None) -> None:
        """Raise `WrongUse` where what the provider `title` needs to know is missing or wrong.

        `address` is the base address that was given, if one was.
        """
        if self.own_server and address is None:
            raise WrongUse(
                say("{title} needs to know {own_server}.", title=title, own_server=self.own_server),
                remedy=say("Say it with --base-url."),
            )
        for setting in self.settings:
            setting.check(title, settings, address)

    @property
    def setting_names(self) -> tuple[str, ...]:
        """The words of its settings."""
        return tuple(setting.name for setting in self.settings)


@runtime_checkable
class Told(Protocol):
    """A connector that tells more of itself than its key's shape does."""

    @property
    def about(self) -> About:
        """What there is to know before it is used."""
        ...


NOTHING_MORE = About()


def about_of(connector: object) -> About:
    """What a connector tells of itself."""
    return connector.about if isinstance(connector, Told) else NOTHING_MORE
