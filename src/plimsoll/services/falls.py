"""Falls: what a prepaid balance lost, kept as estimated spend where its provider tells no more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from plimsoll.analysis.prepaid import Fall, between, falls
from plimsoll.domain.calendar import ONE_DAY, Period, day_start, utc_day
from plimsoll.domain.money import Money
from plimsoll.domain.said import say
from plimsoll.domain.usage import Attribution, Computed, PricedSlice, Slice, UsageRecord
from plimsoll.ledger import runs, usage
from plimsoll.ledger.accounts import FALLS, Source
from plimsoll.ledger.database import Ledger

BASIS = say("fall of the prepaid balance")
SPREAD = say("fall of the prepaid balance, spread evenly over the days between two readings")


def book_falls(ledger: Ledger, source: Source, *, tells_itself: bool = False) -> None:
    """Keep what a source's balance lost to use, on every day whose readings have changed: estimated
    spend without tokens, which are unknown.

    A source with usage or cost of its own has none of it, nor one that `tells_itself` of them and
    only could not yet: there a balance is a check, and may be a whole cloud's.
    """
    covered = usage.coverage(ledger, source.id)
    if own := [runs_of for endpoint, runs_of in covered.items() if endpoint != FALLS and runs_of]:
        _take_back(ledger, source, since=min(periods[0].first for periods in own))
    if own or tells_itself:
        return
    kept = covered.get(FALLS, ())
    open_days = usage.not_final_days(ledger, source.id).get(FALLS, ())
    since = min(open_days, default=kept[-1].last + ONE_DAY) if kept else None
    readings = runs.readings_of(ledger, source.id, since=day_start(since) if since else None)
    if not readings:
        return
    days = Period(since or utc_day(readings[0].at), utc_day(readings[-1].at)).days()
    _keep(ledger, source, _slices(list(days), falls(between(readings))))


def _take_back(ledger: Ledger, source: Source, *, since: date) -> None:
    """Let the days go that a source's own usage or cost tells."""
    told = usage.days_with_content(ledger, source.id).get(FALLS)
    if told is not None and told.last >= since:
        _keep(ledger, source, _slices(list(Period(max(told.first, since), told.last).days()), ()))


def _keep(ledger: Ledger, source: Source, slices: Iterator[PricedSlice]) -> None:
    usage.replace_slices(ledger, source.id, list(slices), revision_days=0)


def _slices(days: list[date], found: tuple[Fall, ...]) -> Iterator[PricedSlice]:
    """A slice for each of the days, empty where nothing was spent."""
    of_day: dict[date, list[Fall]] = defaultdict(list)
    for fall in found:
        of_day[fall.day].append(fall)
    for day in days:
        whole = UsageRecord(day_start(day), day_start(day + ONE_DAY), Attribution())
        computed = tuple(
            Computed(Money(fall.currency, fall.nanos), SPREAD if fall.spread else BASIS)
            for fall in of_day[day]
        )
        yield PricedSlice(Slice(FALLS, day, (whole,) * len(computed)), computed)
