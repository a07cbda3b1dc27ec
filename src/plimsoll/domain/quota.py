"""Quotas: how much of a plan's allowance is used up, as its provider tells; never money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal


@dataclass(frozen=True, slots=True)
class QuotaReading:
    """What a plan's allowance looked like at an instant (UTC), for one of its windows.

    `name` is what the allowance is of, `window` how long it lasts, in plain words ("5 hours",
    "week"). What is used comes as `used_percent` (0 to 100, beyond it where a plan lets that
    happen), or as counts `used` of `limit` in the plan's own unit; at least one of the two is
    known. `resets_at` is None where the window is idle or the provider does not say.
    """

    at: datetime
    name: str
    window: str
    used_percent: Decimal | None = None
    used: Decimal | None = None
    limit: Decimal | None = None
    resets_at: datetime | None = None

    def __post_init__(self) -> None:
        """Nothing known would be a reading of nothing: our own mistake."""
        if self.share is None:
            raise ValueError("a quota needs a percentage, or what is used of how much")

    @property
    def share(self) -> Decimal | None:
        """What is used in percent, to a tenth: as it was told, else from the counts."""
        percent = self.used_percent
        if percent is None:
            if self.used is None or not self.limit:
                return None
            percent = self.used * 100 / self.limit
        return percent.quantize(Decimal("0.1"), ROUND_HALF_EVEN)
