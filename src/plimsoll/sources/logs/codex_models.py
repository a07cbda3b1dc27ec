"""Codex's models by the day: what its reviewer costs, whose label no price list has (X6).

The label stands for whichever model reviews at the time; that it is the newest one of Codex is an
assumption, which ccusage makes too, with the days on which models.dev says that they came out.
"""

from __future__ import annotations

from datetime import date

from plimsoll.domain.calls import PRICED_AS

REVIEWER = "codex-auto-review"
"""The label in the log, which stays the call's model."""

_NEWEST = (
    (date(2026, 4, 23), "gpt-5.5"),
    (date(2026, 3, 5), "gpt-5.4"),
    (date(2026, 2, 5), "gpt-5.3-codex"),
    (date(2025, 12, 11), "gpt-5.2-codex"),
    (date(2025, 11, 13), "gpt-5.1-codex"),
    (date(2025, 9, 15), "gpt-5-codex"),
    (date(2025, 8, 7), "gpt-5"),
)
"""From which day on a model is the newest."""

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_MS_PER_DAY = 86_400_000


def priced_as(at: int | None) -> tuple[tuple[str, str], ...]:
    """The detail that says whose price a review at an instant has; none before there was one."""
    day = _EPOCH_DAY + (at or 0) // _MS_PER_DAY
    name = next((name for since, name in _NEWEST if day >= since.toordinal()), None)
    return () if name is None else ((PRICED_AS, name),)
