"""Time of use: how much was used in peak hours, and what the same hours later would have saved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Timed:
    """One record of a model whose price depends on the hour.

    `worth` is what it is worth at list price, in nano-units of `currency`, and `off_peak` what it
    would have been off-peak. `peak` is None where it is not known when in its time it was used:
    then neither amount need be known.
    """

    provider: str
    model: str
    currency: str
    peak: bool | None
    tokens: int
    worth: int | None = None
    off_peak: int | None = None


@dataclass(frozen=True, slots=True)
class TimeOfUse:
    """One model's use in one currency: tokens and worth at list price in peak hours, at all others,
    and at hours that are not known, which say nothing of either.

    `saving` is what its peak use would have cost less off-peak; exact, and of all of that use.
    `unpriced` tokens of known hours have no price.
    """

    provider: str
    model: str
    currency: str
    peak_tokens: int = 0
    off_peak_tokens: int = 0
    unknown_tokens: int = 0
    unpriced: int = 0
    peak_worth: int = 0
    off_peak_worth: int = 0
    saving: int = 0

    @property
    def peak_share(self) -> Fraction | None:
        """The share of worth in peak hours, of all of known hours; None without any."""
        known = self.peak_worth + self.off_peak_worth
        return Fraction(self.peak_worth, known) if known else None

    @property
    def peak_share_of_tokens(self) -> Fraction | None:
        """The same of tokens."""
        known = self.peak_tokens + self.off_peak_tokens
        return Fraction(self.peak_tokens, known) if known else None


def time_of_use(records: Iterable[Timed]) -> tuple[TimeOfUse, ...]:
    """Records by provider, model and currency, those with the most peak use first."""
    sums: dict[tuple[str, str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for record in records:
        figures = sums[record.provider, record.model, record.currency]
        if record.peak is None:
            figures["unknown_tokens"] += record.tokens
        elif record.worth is None or record.off_peak is None:
            figures["unpriced"] += record.tokens
        elif record.peak:
            figures["peak_tokens"] += record.tokens
            figures["peak_worth"] += record.worth
            figures["saving"] += record.worth - record.off_peak
        else:
            figures["off_peak_tokens"] += record.tokens
            figures["off_peak_worth"] += record.worth
    found = [
        TimeOfUse(provider, model, currency, **figures)
        for (provider, model, currency), figures in sums.items()
    ]
    return tuple(
        sorted(
            found, key=lambda use: (-use.peak_worth, -use.unknown_tokens, use.provider, use.model)
        )
    )
