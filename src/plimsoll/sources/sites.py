"""Sites: a provider with separate accounts on the mainland and abroad, each with its own keys.

A key belongs to one site and is never tried on another: which one it is must be said by the setting
`region`, or by the address itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from plimsoll.domain.errors import KeyRejected, WrongUse
from plimsoll.domain.said import say, together
from plimsoll.sources.about import Option, Setting

REGION = "region"


@dataclass(frozen=True, slots=True)
class Site:
    """One site: its word (`cn`, `intl`), its base address, and the currency of its accounts."""

    word: str
    address: str
    currency: str

    @property
    def host(self) -> str:
        """The host of its base address."""
        return urlsplit(self.address).hostname or ""


@dataclass(frozen=True, slots=True)
class Sites:
    """All sites of the provider `title`, the usual one first."""

    title: str
    sites: tuple[Site, ...]

    @property
    def setting(self) -> Setting:
        """The setting `region`, with every site as a choice."""
        choices = tuple(
            Option(
                site.word,
                say(
                    "{host} ({money})",
                    host=site.host,
                    money=_MONEY.get(site.currency, site.currency),
                ),
            )
            for site in self.sites
        )
        return Setting(
            name=REGION,
            title="Site",
            sentence=say(
                "which of its sites the account is on. They have separate "
                "accounts, keys and balances."
            ),
            choices=choices,
            required=True,
            is_site=True,
        )

    def address(self, settings: Mapping[str, str], given: str | None) -> str:
        """The region's address, or the given one, which must not be another region's.

        Raises `WrongUse` for a region that there is not, and without a region where no address of
        another server was given.
        """
        region = settings.get(REGION)
        if region is None:
            if given is None:
                raise WrongUse(
                    say(
                        "{title} has {counted} sites with separate accounts, keys and currencies.",
                        title=self.title,
                        counted=_counted(len(self.sites)),
                    ),
                    remedy=self.say_which,
                )
            return given
        site = self._of(region)
        if site is None:
            raise WrongUse(
                say("There is no such region of {title}.", title=self.title), remedy=self.say_which
            )
        home = self.at(given)
        if home not in (None, site):
            raise WrongUse(
                say(
                    "That address is not the one of {region}={region2}.",
                    region=REGION,
                    region2=region,
                ),
                remedy=say("A key is not tried on the other site. Leave the address out."),
            )
        return given or site.address

    def currency(self, settings: Mapping[str, str], address: str | None) -> str | None:
        """The currency of an account's region, or of the site at an address or host; None where
        neither tells.
        """
        region = settings.get(REGION)
        site = self._of(region) if region else self.at(address)
        return site.currency if site else None

    def at(self, address: str | None) -> Site | None:
        """The site whose host an address names, or that a bare host is; None for another server."""
        host = urlsplit(address or "").hostname or address
        return next((site for site in self.sites if site.host == host), None)

    def known(self, currency: str | None) -> str:
        """The currency of an account; raises `WrongUse` where nothing told which it is."""
        if currency is None:
            words = together(
                (_MONEY.get(site.currency, site.currency) for site in self.sites), " or in "
            )
            raise WrongUse(
                say(
                    "It is not known whether this {title} account counts in {words}.",
                    title=self.title,
                    words=words,
                ),
                remedy=say("{say_which} Use `plimsoll source edit`.", say_which=self.say_which),
            )
        return currency

    @contextmanager
    def one_key_each(self) -> Iterator[None]:
        """Ask inside this block: a refused key is told that it may be the other site's."""
        try:
            yield
        except KeyRejected as refusal:
            first, second = (site.host for site in self.sites)
            other = say(
                "A key of {first} is refused at {second}, and the other way round.",
                first=first,
                second=second,
            )
            remedy = together([refusal.remedy, other])
            raise KeyRejected(refusal.sentence, remedy=remedy) from None

    @property
    def say_which(self) -> str:
        """What to say, for a remedy."""
        words = together(
            (
                say(
                    "--set {region}={word} ({host}, in {money})",
                    region=REGION,
                    word=site.word,
                    host=site.host,
                    money=_MONEY.get(site.currency, site.currency),
                )
                for site in self.sites
            ),
            " or ",
        )
        return say("Say {words}, or give the address of one of them.", words=words)

    def _of(self, word: str) -> Site | None:
        return next((site for site in self.sites if site.word == word), None)


_MONEY = {"CNY": say("yuan"), "USD": say("dollars")}


def _counted(number: int) -> str:
    return {2: say("two"), 3: say("three")}.get(number, str(number))
