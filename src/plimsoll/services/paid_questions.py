"""Paid questions: accounts that charge for being asked are asked once a day, unless named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from plimsoll.domain.calendar import utc_day
from plimsoll.ledger.accounts import AGENT, FILE, Source
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.runs import last_success
from plimsoll.sources.about import about_of
from plimsoll.sources.base import provider


def costs_money(source: Source) -> bool:
    """Whether asking this source costs money."""
    if source.kind in {AGENT, FILE}:
        return False
    return bool(about_of(provider(source.connector)).costs_money)


def asked_today(ledger: Ledger, sources: Sequence[Source], *, now: datetime) -> tuple[Source, ...]:
    """The sources that charge for each question and were asked with success on this UTC day: who
    asks for all sources need not pay for them again.
    """
    today = utc_day(now)
    paid = (source for source in sources if costs_money(source))
    answered = ((source, last_success(ledger, source.id)) for source in paid)
    return tuple(source for source, last in answered if last and utc_day(last) == today)
