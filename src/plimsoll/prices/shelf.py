"""Shelf: price rows by provider and model, the account's own before everybody's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from plimsoll.domain.said import say
from plimsoll.domain.tariff import PriceRow
from plimsoll.prices.rates import Circumstances, NotPriced

_DAY = r"(0[1-9]|[12]\d|3[01])"
_MONTH = r"(0[1-9]|1[0-2])"
_DATED = re.compile(rf"(.+)-(20\d{{2}}(-?){_MONTH}\3{_DAY}|2\d{_MONTH}{_DAY})", re.ASCII)
"""A model's name with a date behind it: `-2026-11-01`, `-20261101` or, as Ark has it, `-261101`."""


@dataclass(frozen=True, slots=True)
class Rank:
    """Rows that name a model and are asked together; `own` are the user's.

    `choices` are the currencies among which nobody has chosen.
    """

    rows: tuple[PriceRow, ...]
    own: bool
    choices: tuple[str, ...]

    def row_at(self, instant: datetime) -> PriceRow | None:
        """The row that holds at an instant, if any.

        Raises `NotPriced` where the price is another in another currency, and nobody said which
        currency it is.
        """
        live = [row for row in self.rows if row.holds_at(instant)]
        if not live:
            return None
        currencies = sorted({*self.choices, *(row.currency for row in live)})
        if len(currencies) > 1:
            raise NotPriced(
                say(
                    "{provider} bills in {names}, at prices of their own, and it is not "
                    "known which of them this account pays.",
                    provider=live[0].provider,
                    names=" or ".join(currencies),
                )
            )
        return live[0]


class Shelf:
    """Rows by provider and model; `choices` are the currencies of providers with several lists."""

    def __init__(
        self,
        rows: Sequence[PriceRow],
        *,
        own: bool,
        choices: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        self._own = own
        self._choices = choices or {}
        self._rows: dict[tuple[str, str], list[PriceRow]] = {}
        for row in rows:
            for name in row.models:
                self._rows.setdefault((row.provider, name.casefold()), []).append(row)

    def ranks(self, circumstances: Circumstances) -> Iterator[Rank]:
        """The rows that may price these circumstances, the account's own before everybody's.

        An account's own price is in the currency that it was written in, whatever the account is
        said to be billed in.
        """
        rows = tuple(self._named(circumstances.provider, circumstances.model))
        source, currency = circumstances.source, circumstances.currency
        account = tuple(row for row in rows if row.source is not None and row.source == source)
        if account:
            yield Rank(account, self._own, ())
        everyone = tuple(
            row for row in rows if row.source is None and currency in ("", row.currency)
        )
        if everyone:
            choices = () if currency else self._choices.get(circumstances.provider, ())
            yield Rank(everyone, self._own, choices)

    def _named(self, provider: str, model: str) -> Iterator[PriceRow]:
        for name in names_for(model):
            yield from self._rows.get((provider, name), ())


def name_in(row: PriceRow, model: str) -> str:
    """By which of its names a row prices a model."""
    named = {name.casefold(): name for name in row.models}
    return next(named[name] for name in names_for(model) if name in named)


def names_for(model: str) -> Iterator[str]:
    """The names that price a model: its own, then its own without the date behind it."""
    name = model.casefold()
    yield name
    dated = _DATED.fullmatch(name)
    if dated is not None:
        yield dated[1]


__all__ = ["Rank", "Shelf", "name_in", "names_for"]
