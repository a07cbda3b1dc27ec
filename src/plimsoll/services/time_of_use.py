"""Time of use: the share of spend in peak hours, and what off-peak hours would have saved.

Exact from hourly or per-call records; where a source tells only days, the answer says how many
tokens that are and nothing more about them. Amounts are worth at list price, beside the bill.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from plimsoll.analysis.time_of_use import Timed, TimeOfUse, time_of_use
from plimsoll.domain.calendar import Period, utc_day
from plimsoll.domain.question import EVERYTHING, Gap, Question, Scope
from plimsoll.ledger import answers
from plimsoll.ledger.accounts import sources
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.moving import held_records
from plimsoll.services.pricing import Pricing


@dataclass(frozen=True, slots=True)
class PeakHours:
    """Use in and out of peak hours within a slice (provider days, UTC), by model and currency.

    `uses` has only models whose price depends on the hour; `used` says whether anything else was
    used at all.
    """

    period: Period
    scope: Scope
    uses: tuple[TimeOfUse, ...]
    used: bool
    gaps: tuple[Gap, ...]
    not_final_from: date | None


def peak_hours(
    ledger: Ledger,
    book: Pricing,
    *,
    period: Period,
    scope: Scope = EVERYTHING,
    now: datetime,
) -> PeakHours:
    """How much of a slice was used in peak hours, and what it would have saved off-peak."""
    table = answers.answer(ledger, Question(period, scope=scope), today=utc_day(now))
    return PeakHours(
        period=period,
        scope=scope,
        uses=time_of_use(_timed(ledger, book, period, scope)),
        used=bool(table.total.tokens.total),
        gaps=table.gaps,
        not_final_from=table.not_final_from,
    )


def _timed(ledger: Ledger, book: Pricing, period: Period, scope: Scope) -> Iterator[Timed]:
    known = {source.id: source for source in sources(ledger, removed=True)}
    for held in held_records(ledger, period, scope):
        hours = book.hours_of(held.record, known[held.source])
        if hours is None:
            continue
        same = held.currency in ("", hours.currency)
        details = dict(held.record.details)
        yield Timed(
            provider=details.get("provider", known[held.source].connector),
            model=held.record.attribution.model or "",
            currency=hours.currency,
            peak=hours.peak,
            tokens=held.record.tokens.total,
            worth=held.worth if same else None,
            off_peak=hours.off_peak,
        )
