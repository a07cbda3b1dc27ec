"""Reports of work: what an account's provider counted, asked day by day beside its money.

Only whole days are asked for that a week's efficiency looks at: those that are not known, and, once
a day, those that could still change when they were asked last. A report that cannot be read leaves
a note, and the days that it would have told stay unknown; it fails no sync, unless the account asks
to wait or does not answer. One day that cannot be right costs itself only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta

from plimsoll.analysis.efficiency import whole_weeks
from plimsoll.domain.calendar import ONE_DAY, Period
from plimsoll.domain.errors import (
    Cancelled,
    LedgerProblem,
    MissingScope,
    NoAnswer,
    NotOffered,
    OddValue,
    PlimsollError,
    RateLimited,
)
from plimsoll.domain.said import say
from plimsoll.domain.work import WorkDay
from plimsoll.ledger import reported_work as kept
from plimsoll.ledger.accounts import Source
from plimsoll.ledger.database import Ledger
from plimsoll.sources.base import Works

_AT_ONCE = 7
"""Days that are kept in one transaction."""

_MANY_ODD_DAYS = 3
"""So many days that cannot be right are no accident: the report is read no further."""


def ask_for_work(
    ledger: Ledger,
    source: Source,
    account: Works,
    *,
    revision_days: int,
    today: date,
    cancelled: Callable[[], bool],
) -> None:
    """Ask for the days that are wanted and keep them; raises `Cancelled`, a `LedgerProblem`, and
    what a whole account is waited for: `RateLimited` and `NoAnswer`.

    An account that has no such report is asked again on another day.
    """
    known = {trouble.source: trouble for trouble in kept.work_troubles(ledger)}.get(source.name)
    if known is not None and not known.is_offered and known.asked_on == today:
        return
    whole = Period(whole_weeks(today)[0].first, today - ONE_DAY)
    asked = kept.days_asked(ledger, source.id, whole)
    wanted = days_wanted(whole, asked, revision_days=revision_days, today=today)
    if not wanted:
        return
    trouble: PlimsollError | None
    try:
        trouble = _read(ledger, source, account, wanted, today=today, cancelled=cancelled)
    except (Cancelled, LedgerProblem):
        raise
    except PlimsollError as error:
        trouble = error
    if trouble is None:
        kept.forget_trouble(ledger, source.id)
        return
    is_offered = not isinstance(trouble, MissingScope | NotOffered)
    kept.note_trouble(
        ledger, source.id, asked_on=today, is_offered=is_offered, sentence=str(trouble)
    )
    if isinstance(trouble, RateLimited | NoAnswer):
        raise trouble


def days_wanted(
    whole: Period, asked: Mapping[date, date], *, revision_days: int, today: date
) -> list[Period]:
    """The days of `whole` to ask for, as periods in order. `asked` says when each known day was
    asked last: one that was asked before its revision window was over is asked again, once a day.
    """
    window = timedelta(days=revision_days)
    wanted: list[Period] = []
    for day in whole.days():
        last = asked.get(day)
        if last is not None and (last >= today or last > day + window):
            continue
        if wanted and wanted[-1].last + ONE_DAY == day:
            wanted.append(Period(wanted.pop().first, day))
        else:
            wanted.append(Period(day, day))
    return wanted


def _read(
    ledger: Ledger,
    source: Source,
    account: Works,
    wanted: Iterable[Period],
    *,
    today: date,
    cancelled: Callable[[], bool],
) -> OddValue | None:
    """Keep what is told of these periods, around single days that cannot be right: the first of
    those is told.
    """
    odd: list[OddValue] = []
    for period in wanted:
        left = list(period.days())
        while left:
            asked = Period(left[0], left[-1])
            try:
                _keep(ledger, source, _until(account.work(asked), cancelled), today)
            except OddValue as error:
                odd.append(error)
                if len(odd) == _MANY_ODD_DAYS:
                    return odd[0]
                came = kept.days_asked(ledger, source.id, asked)
                left = [day for day in left if came.get(day) != today][1:]
            else:
                break
    return odd[0] if odd else None


def _keep(ledger: Ledger, source: Source, days: Iterable[WorkDay], today: date) -> None:
    """Keep days as they come; those that came before an error are kept, too."""
    batch: list[WorkDay] = []
    try:
        for day in days:
            batch.append(day)
            if len(batch) == _AT_ONCE:
                kept.save_work(ledger, source.id, batch, asked_on=today)
                batch = []
    finally:
        if batch:
            kept.save_work(ledger, source.id, batch, asked_on=today)


def _until(days: Iterator[WorkDay], cancelled: Callable[[], bool]) -> Iterator[WorkDay]:
    for day in days:
        yield day
        if cancelled():
            raise Cancelled(say("The sync was stopped; what had come is kept."))
