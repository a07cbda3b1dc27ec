"""Reporting: the figures of a period, cut finely, handed to the format that the ending names."""

from __future__ import annotations

from pathlib import Path

from plimsoll.domain.calendar import Period, utc_day
from plimsoll.domain.clock import Clock
from plimsoll.domain.question import Dimension, Question
from plimsoll.ledger import answers
from plimsoll.ledger.database import Ledger
from plimsoll.reports.base import Report, write_report

CUT = (
    Dimension.DAY,
    Dimension.PROVIDER,
    Dimension.SOURCE,
    Dimension.PROJECT,
    Dimension.KEY,
    Dimension.MODEL,
    Dimension.TIER,
)


def save_report(ledger: Ledger, path: Path, *, period: Period, clock: Clock) -> None:
    """Write the report of `period` to `path`; works while sources are failing."""
    now = clock.now()
    table = answers.answer(ledger, Question(period, by=CUT), today=utc_day(now))
    write_report(path, Report(table=table, made_at=now))
