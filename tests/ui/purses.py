"""Made-up balances for the window: one that runs out, one that lasts, one of the account book."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from plimsoll.analysis.account_book import AccountBook
from plimsoll.analysis.runout import Lasts, RunOut
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.prepaid import Credit, CreditKind, Watch
from plimsoll.services.prepaid import Prepaid

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def purse(
    source: str = "Moonshot",
    currency: str = "CNY",
    left: float = 212.4,
    *,
    days: tuple[int, int, int | None] = (5, 9, 16),
    watch: Watch | None = None,
    now: datetime = NOW,
    likely: float = 0.4,
) -> Prepaid:
    """A balance that runs out in so many days: earliest, likeliest, latest."""
    earliest, likeliest, latest = (
        None if ahead is None else now.date() + timedelta(days=ahead) for ahead in days
    )
    return Prepaid(
        source=source,
        currency=currency,
        left=round(left * NANO),
        read_at=now - timedelta(minutes=20),
        derived=False,
        full=300 * NANO,
        risen_at=now - timedelta(days=9),
        burn=round(23.1 * NANO),
        run_out=RunOut(Lasts.DATES, day=likeliest, earliest=earliest, latest=latest, likely=likely),
        watch=watch or Watch(),
    )


def lasting(source: str = "OpenRouter", now: datetime = NOW) -> Prepaid:
    """A balance that lasts longer than three months."""
    found = RunOut(Lasts.LONGER, likely=0.02)
    return replace(purse(source, "USD", 74.75, now=now), run_out=found)


def booked(source: str = "OpenAI", now: datetime = NOW) -> Prepaid:
    """A balance of the account book, of which nobody can say yet how long it lasts."""
    entries = (
        Credit(CreditKind.START, Money("USD", 500 * NANO), date(2026, 11, 1), id=1),
        Credit(CreditKind.GRANT, Money("USD", 50 * NANO), date(2026, 11, 9), date(2027, 2, 1), 2),
    )
    return replace(
        purse(source, "USD", 318.2, now=now),
        derived=True,
        run_out=RunOut(Lasts.UNKNOWN, reason="Not enough days yet: 3 of 5 complete days."),
        book=AccountBook(
            since=date(2026, 11, 1),
            left=round(318.2 * NANO),
            entered=550 * NANO,
            spent=round(231.8 * NANO),
            lapsed=0,
            full=412 * NANO,
            risen_on=date(2026, 11, 9),
        ),
        entries=entries,
    )
