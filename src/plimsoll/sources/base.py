"""What every connector is: its key's shape, what it gives, its endpoints, and the registry.

A provider is one file in `sources/providers/` that defines `CONNECTOR`; the registry lists the
folder by file name and imports only what is named.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import WrongKeyKind, WrongUse
from plimsoll.domain.quota import QuotaReading
from plimsoll.domain.said import say, together
from plimsoll.domain.secret import Secret
from plimsoll.domain.usage import BalanceReading, Name, Slice
from plimsoll.sources.about import about_of
from plimsoll.sources.signing.signer import Signature, Signer, Unsigned

if TYPE_CHECKING:
    from plimsoll.domain.budget import SpendLimit
    from plimsoll.domain.work import WorkDay
    from plimsoll.sources.http import Door


@dataclass(frozen=True, slots=True)
class KeyShape:
    """How a right key looks, and which wrong ones are known by their looks.

    `wrong` are (prefix, sentence) pairs, the longest prefix first. The longest beginning that fits
    decides, so `sk-` can be right while `sk-ant-` is wrong. `needs` is the permission the key must
    have, `help_url` the page of the provider's console where it is made. `pair` are the names of
    the two halves of a key that is given as one, `ID:SECRET`; `prefixes` then begin the first.
    Where keys have no beginning of their own, `prefixes` holds the empty text.
    """

    label: str
    prefixes: tuple[str, ...]
    wrong: tuple[tuple[str, str], ...] = ()
    needs: str = ""
    help_url: str = ""
    pair: tuple[str, str] | None = None

    def check(self, key: Secret) -> None:
        """Raise `WrongKeyKind` for a key that is not of this shape; nothing has been sent yet."""
        self._check_beginning(key)
        if self.pair and not key.is_pair:
            first, second = self.pair
            raise WrongKeyKind(
                say(
                    "The {label} has two halves, which are given as one: {first}:{second}.",
                    label=self.label,
                    first=first,
                    second=second,
                ),
                remedy=say("Nothing was sent. {needs}", needs=self.needs),
            )

    def _check_beginning(self, key: Secret) -> None:
        right = max(
            (len(prefix) for prefix in self.prefixes if key.starts_with(prefix)), default=-1
        )
        for prefix, sentence in self.wrong:
            if len(prefix) > right and key.starts_with(prefix):
                raise WrongKeyKind(
                    sentence, remedy=say("Nothing was sent. {needs}", needs=self.needs)
                )
        if right >= 0:
            return
        expected = together((f"{prefix}…" for prefix in self.prefixes), " or ")
        raise WrongKeyKind(
            say(
                "This does not look like the {label}, which starts with {expected}.",
                label=self.label,
                expected=expected,
            ),
            remedy=say("Nothing was sent. {needs}", needs=self.needs),
        )


@dataclass(frozen=True, slots=True)
class KeyHeader:
    """The request header that carries the key as it is, behind a word like Bearer or by itself."""

    name: str
    scheme: str = ""

    @property
    def own_headers(self) -> frozenset[str]:
        """The one header."""
        return frozenset({self.name.lower()})

    def sign(self, _request: Unsigned, secret: Secret, _now: datetime) -> Signature:
        """The header with the key."""
        scheme = f"{self.scheme} " if self.scheme else ""
        return Signature(((self.name, scheme + secret.reveal()),))


@dataclass(frozen=True, slots=True)
class Gives:
    """What a connector can give, declared once: the README's table is made from it."""

    tokens: bool = False
    units: bool = False
    """Requests, credits, characters or seconds, where it tells no tokens."""
    money: bool = False
    balance: bool = False
    quota: bool = False
    """What is used of a flat plan's allowance, window by window; never money."""
    per_model: bool = False
    per_project: bool = False
    per_key: bool = False
    per_user: bool = False
    hourly: bool = False
    gateway: bool = False
    """It passes calls on to other providers, whose own accounts may see the same traffic."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One thing that can be asked of an account, fetched and replaced provider day by day.

    `reach` is the first day the API itself answers for, or None where none is known.
    """

    name: str
    title: str
    reach: date | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of *Test*: what the key can (`ok`) or cannot read, and what to do about it."""

    ok: bool
    what: str
    remedy: str = ""
    essential: bool = True


class Account(Protocol):
    """One provider account, opened with its key for one sync or one test."""

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """What can be asked, the most useful first."""
        ...

    def test(self) -> tuple[Finding, ...]:
        """Ask cheaply what the key can read; raises a typed error if it can read nothing."""
        ...

    def names(self) -> tuple[Name, ...]:
        """Names of projects, keys and users; a refused list is left out, never an error."""
        ...

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        """Whole days of one endpoint, every day of `period` exactly once, in order.

        Days that the API does not answer for (to come, too long ago) are left out, never empty.
        A day is given only when it is complete. When the wait is over or the network is gone, the
        complete days come first, then the error; after an answer that cannot be trusted only the
        error comes.
        """
        ...

    def balances(self) -> tuple[BalanceReading, ...]:
        """Prepaid credit, one reading a currency; empty where the provider shows none."""
        ...

    def organisation(self) -> str | None:
        """The provider's own id of this account, the same whichever of its keys asks.

        It costs one cheap request at most, and only the first time; None where the provider does
        not tell it, or has not told it yet.
        """
        ...


@runtime_checkable
class Limits(Protocol):
    """An account of a provider that lets its key read the spend limits that were set there."""

    def limits(self) -> tuple[SpendLimit, ...]:
        """Limits of more than zero that come round by the calendar, the account's own first.

        A limit that is not set, or that this key may not read (403, 404), is none and no failure.
        """
        ...


def limits_of(account: Account) -> tuple[SpendLimit, ...]:
    """The spend limits of an account; none where its provider shows none."""
    return account.limits() if isinstance(account, Limits) else ()


@runtime_checkable
class Quotas(Protocol):
    """An account of a flat plan that tells how much of its allowance is used."""

    def quotas(self) -> Iterable[QuotaReading]:
        """What is used of each allowance and window, all as of one instant; empty for no plan.

        Where one of them cannot be right, the others are given first, then the error is raised.
        """
        ...


def quotas_of(account: Account) -> Iterable[QuotaReading]:
    """What is used of an account's plan; nothing where there is none, or it is not told."""
    return account.quotas() if isinstance(account, Quotas) else ()


@runtime_checkable
class Works(Protocol):
    """An account of a provider that counts what was made with its tokens."""

    def work(self, period: Period) -> Iterator[WorkDay]:
        """Whole UTC days of a period that is over, each exactly once, in order, with the days that
        came first before an error that says nothing against them.

        Raises `MissingScope` or `NotOffered` where this account or key has no such report.
        """
        ...


class Connector(Protocol):
    """The code that turns one provider's answers into records.

    What is optional stands in protocols of its own: `about.Told` (settings, what asking costs),
    `Hosts`, `Signs`, `TwoLists`; and of an account `Limits`, `Quotas` and `Works`.
    """

    @property
    def name(self) -> str:
        """The word for `source add`."""
        ...

    @property
    def title(self) -> str:
        """The provider's name as it writes it."""
        ...

    @property
    def base_url(self) -> str:
        """The provider's usual base address, without a slash at the end, before anything is set."""
        ...

    @property
    def key_shape(self) -> KeyShape:
        """How its key looks."""
        ...

    @property
    def key_header(self) -> Signer:
        """How its key is put on a request: `KeyHeader`, `signing.basic.Basic`, or a signature."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Fixed headers of every request (API version)."""
        ...

    @property
    def gives(self) -> Gives:
        """What it can give."""
        ...

    @property
    def revision_days(self) -> int:
        """Provider days that may still change before today."""
        ...

    @property
    def setting_names(self) -> tuple[str, ...]:
        """The settings that it knows, by their words for `--set`."""
        ...

    def address(self, settings: Mapping[str, str], given: str | None) -> str:
        """The base address of an account: the `given` one, else what its settings say.

        Raises `WrongUse` for settings that are wrong, or that are missing and without which the
        address would be a guess.
        """
        ...

    def open(self, door: Door, settings: Mapping[str, str]) -> Account:
        """An account behind a door that is bound to its host and key."""
        ...


@runtime_checkable
class Hosts(Protocol):
    """A connector whose accounts have more than one address (a host for bills, one for usage)."""

    def more_addresses(self, settings: Mapping[str, str]) -> Mapping[str, str]:
        """Further base addresses by a word each, which the door's `at` names; no other is asked."""
        ...


@runtime_checkable
class Signs(Protocol):
    """A connector whose signatures depend on an account's settings (a region)."""

    def signer(self, settings: Mapping[str, str]) -> Signer:
        """What signs the requests of an account, instead of `key_header`."""
        ...


def more_addresses(
    connector: object, settings: Mapping[str, str], given: str | None
) -> dict[str, str]:
    """The further addresses of an account. Where its base address was `given`, they lie below that
    one, each under its word: a key goes to no other host than the user named.
    """
    if not isinstance(connector, Hosts):
        return {}
    usual = connector.more_addresses(settings)
    return {word: f"{given}/{word}" if given else address for word, address in usual.items()}


def signer_of(connector: Connector, settings: Mapping[str, str]) -> Signer:
    """What puts an account's key on its requests."""
    return connector.signer(settings) if isinstance(connector, Signs) else connector.key_header


@runtime_checkable
class Keeps(Protocol):
    """A connector some of whose settings are given in one way and kept in another (a file, whose
    text is kept).
    """

    def kept(self, settings: Mapping[str, str]) -> dict[str, str]:
        """The settings as they are kept; raises `WrongUse` for what cannot be."""
        ...


def kept_settings(connector: object, settings: Mapping[str, str]) -> dict[str, str]:
    """Settings as they are kept."""
    return connector.kept(settings) if isinstance(connector, Keeps) else dict(settings)


@dataclass(frozen=True, slots=True)
class Tried:
    """One answer, as it came, beside what it means by an account's settings: `asked` is the path,
    `trouble` why it means nothing.
    """

    asked: str
    answer: str
    lines: tuple[str, ...] = ()
    trouble: str = ""


@runtime_checkable
class CanBeTried(Protocol):
    """An account whose settings say what its answers mean, so that they are tried before kept."""

    def trial(self) -> Tried:
        """Ask once, and read the answer."""
        ...


@runtime_checkable
class TwoLists(Protocol):
    """A connector of a provider with two price lists, one a currency."""

    def currency(self, settings: Mapping[str, str], address: str | None) -> str | None:
        """What an account is billed in, None where nothing tells.

        `address` is its own base address, if one was given.
        """
        ...


def billed_in(connector: object, settings: Mapping[str, str], address: str | None) -> str | None:
    """The currency that decides which price list holds for an account, None where there is one."""
    return connector.currency(settings, address) if isinstance(connector, TwoLists) else None


def rhythm_of(connector: Connector) -> timedelta:
    """How often an account is asked by itself: as its connector says, once a day where asking costs
    money, every fifteen minutes where a balance or a quota is all there is (each reading counts),
    and else every hour, for providers' figures lag by more than that.
    """
    about, gives = about_of(connector), connector.gives
    if about.rhythm is not None:
        return about.rhythm
    if about.costs_money:
        return timedelta(days=1)
    if gives.tokens or gives.units or gives.money:
        return timedelta(hours=1)
    return timedelta(minutes=15)


@cache
def provider_names() -> tuple[str, ...]:
    """Every provider there is, by its word for `source add`; imports none of them. The folder is
    walked once: it is asked for with every record that is priced.
    """
    from plimsoll.sources import providers

    modules = pkgutil.iter_modules(providers.__path__)
    return tuple(sorted(module.name.replace("_", "-") for module in modules))


def provider(name: str) -> Connector:
    """The connector of one provider; raises `WrongUse` for an unknown word, and says what to do
    instead where the provider tells nothing to any key.
    """
    if name not in provider_names():
        from plimsoll.sources.without_api import WITHOUT_API

        first_word = {one.title.casefold().partition(" ")[0]: one for one in WITHOUT_API}
        if (mute := first_word.get(name.casefold())) is not None:
            raise WrongUse(
                say("{title} cannot be asked. {why}", title=mute.title, why=mute.why),
                remedy=say("What can be done instead: {names}.", names="; ".join(mute.instead)),
            )
        known = ", ".join(provider_names())
        raise WrongUse(
            say("There is no provider called {name}.", name=name),
            remedy=say("Known: {names}.", names=known),
        )
    module = importlib.import_module(f"plimsoll.sources.providers.{name.replace('-', '_')}")
    connector: Connector = module.CONNECTOR
    return connector
