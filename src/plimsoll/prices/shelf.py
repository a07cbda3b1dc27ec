"""Shelf: price rows in the order in which they are asked, the user's own before the overlay's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from plimsoll.domain.tariff import PriceRow
from plimsoll.prices.rates import Circumstances, NotPriced

_DATED = re.compile(r"(.+)-20\d{2}(-?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])", re.ASCII)
"""A model's name with a date behind it: `-2026-11-01` or `-20261101`."""


@dataclass(frozen=True, slots=True)
class Rank:
    """The rows of one rank that name a model; `own` are the user's."""

    rows: tuple[PriceRow, ...]
    own: bool

    def row_at(self, instant: datetime) -> PriceRow | None:
        """The row that holds at an instant, if any.

        Raises `NotPriced` where rows in several currencies hold and nobody said which it is.
        """
        live = [row for row in self.rows if row.holds_at(instant)]
        currencies = sorted({row.currency for row in live})
        if len(currencies) > 1:
            raise NotPriced(
                f"{live[0].models[0]} has prices in {' and '.join(currencies)}, and it is not "
                "known which of them this account pays."
            )
        return live[0] if live else None


class Shelf:
    """Rows by provider and model."""

    def __init__(self, rows: Sequence[PriceRow], *, own: bool) -> None:
        self._own = own
        self._rows: dict[tuple[str, str], list[PriceRow]] = {}
        self._currencies: dict[str, set[str]] = {}
        for row in rows:
            self._currencies.setdefault(row.provider, set()).add(row.currency)
            for name in row.models:
                self._rows.setdefault((row.provider, name.casefold()), []).append(row)

    def ranks(self, circumstances: Circumstances) -> Iterator[Rank]:
        """The rows that may price these circumstances, the account's own before everybody's."""
        rows = tuple(self._named(circumstances.provider, circumstances.model))
        account = tuple(row for row in rows if row.source == circumstances.source)
        if account and circumstances.source:
            yield Rank(account, self._own)
        everyone = tuple(
            row
            for row in rows
            if row.source is None and circumstances.currency in ("", row.currency)
        )
        if everyone:
            yield Rank(everyone, self._own)

    def currencies(self, provider: str) -> frozenset[str]:
        """The currencies in which a provider's prices are listed here."""
        return frozenset(self._currencies.get(provider, ()))

    def _named(self, provider: str, model: str) -> Iterator[PriceRow]:
        """The rows with a model's name, then those with its name without the date behind it."""
        name = model.casefold()
        yield from self._rows.get((provider, name), ())
        dated = _DATED.fullmatch(name)
        if dated is not None:
            yield from self._rows.get((provider, dated[1]), ())


__all__ = ["Rank", "Shelf"]
