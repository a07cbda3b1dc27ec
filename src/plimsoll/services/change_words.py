"""Words for a change: two periods, what differs, and why, in one or two plain sentences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from plimsoll.analysis.change import Cause, Explained, Part
from plimsoll.domain.calendar import Period, month_of, spoken
from plimsoll.domain.currencies import decimals_of
from plimsoll.domain.money import NANO, shown
from plimsoll.domain.question import Gap

ROUND_FROM = 100 * NANO
"""Differences from a hundred units on are told without decimals."""

_LEAST_SHARE = 200
"""A part below this share (1 / 200) of the largest one is not told in the sentence."""

_NAMED = 2

_WORDS = {
    Cause.VOLUME: ("more tokens", "fewer tokens"),
    Cause.PRICE: ("higher prices", "lower prices"),
    Cause.MODEL_MIX: ("a dearer mix of models", "a cheaper mix of models"),
    Cause.CLASS_MIX: ("a dearer mix of token classes", "a cheaper mix of token classes"),
    Cause.NEW: ("new", "new"),
    Cause.ENDED: ("ended", "ended"),
    Cause.RESIDUAL: ("more that no tokens explain", "less that no tokens explain"),
}


def sentence_of(
    period: Period,
    against: Period,
    changes: Sequence[tuple[str, Explained]],
    *,
    unknown: Sequence[Period],
    gaps: Sequence[Gap],
    today: date,
) -> str:
    """What differs and why; or what is not known, which is not zero."""
    now = period_words(period, beside=against, today=today)
    before = period_words(against, beside=period, today=today)
    if unknown:
        missing = " and ".join(now if p == period else before for p in dict.fromkeys(unknown))
        if all(p.first > today for p in unknown):
            return f"Nothing is known of {missing} yet: those days are still to come."
        return f"There is nothing to compare: the archive has no data of {missing}."
    if not changes:
        told = f"Nothing was spent in {now}, and nothing in {before}."
    else:
        told = " ".join(
            _difference(now, before, currency, explained, also=place > 0)
            for place, (currency, explained) in enumerate(changes)
        )
    return " ".join([told, *_cautions([(period, now), (against, before)], gaps, today)])


def _difference(now: str, before: str, currency: str, explained: Explained, *, also: bool) -> str:
    difference = explained.difference
    places = 0 if abs(difference) >= ROUND_FROM else decimals_of(currency)
    start = f"In {currency}, {now} cost" if also else f"{now} cost"
    if difference:
        amount = shown(abs(difference), currency, places=places)
        what = f"{start} {amount} {'more' if difference > 0 else 'less'} than {before}"
    else:
        what = f"{start} as much as {before}"
    why = [
        f"{part_words(part)} ({signed(part.amount, currency, places=places)})"
        for part in told_parts(explained, places=places)
    ]
    return f"{what}: {', '.join(why)}." if why else f"{what}."


def told_parts(explained: Explained, *, places: int = 2) -> tuple[Part, ...]:
    """The parts that matter, the largest first: none that would read as nothing."""
    largest = max(abs(part.amount) for part in explained.parts)
    visible = NANO // 10**places
    told = [
        part
        for part in explained.parts
        if abs(part.amount) * _LEAST_SHARE >= largest and 2 * abs(part.amount) > visible
    ]
    return tuple(sorted(told, key=lambda part: -abs(part.amount)))


def part_words(part: Part) -> str:
    """A cause in words, by its direction; what is new or has ended by its name."""
    words = _WORDS[part.cause][0 if part.amount >= 0 else 1]
    if part.cause is Cause.CLASS_MIX and any(thing.dimension == "tier" for thing in part.things):
        return f"{words} and tiers"
    if part.cause is Cause.RESIDUAL and any(t.dimension == "source" for t in part.things[:1]):
        return f"unknown in one of the periods: {part.things[0].name}"
    if part.cause not in {Cause.NEW, Cause.ENDED}:
        return words
    names = [thing.name or "not attributed" for thing in part.things]
    more = f" and {len(names) - _NAMED + 1} more" if len(names) > _NAMED else ""
    named = names[: _NAMED - 1] if more else names
    return f"{words}: {' and '.join(named)}{more}" if names else words


def signed(nanos: int, currency: str, *, places: int | None = None) -> str:
    """An amount with its sign, `+$180` or `−$28`; nothing at all is `$0.00`."""
    text = shown(nanos, currency, places=places)
    return f"+{text}" if nanos > 0 else text


def period_words(period: Period, *, beside: Period | None = None, today: date | None = None) -> str:
    """A period as it is spoken of: `November`, `November 1–20`, `October 25 – November 3`.

    With its year where it is not in the same one as the period beside it, and today.
    """
    first, last = period.first, period.last
    years = {day.year for p in (period, beside) if p for day in (p.first, p.last)}
    if today is not None:
        years.add(today.year)
    year = f", {last.year}" if len(years) > 1 else ""
    if period == month_of(first):
        return f"{_month(first)}{year.replace(',', '')}"
    if first == last:
        return f"{_month(first)} {first.day}{year}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{_month(first)} {first.day}–{last.day}{year}"
    begun = f", {first.year}" if first.year != last.year else ""
    return f"{_month(first)} {first.day}{begun} – {_month(last)} {last.day}{year}"


def _month(day: date) -> str:
    return spoken(day).split(" ")[1]


def _cautions(periods: Sequence[tuple[Period, str]], gaps: Sequence[Gap], today: date) -> list[str]:
    cautions = []
    if gaps:
        names = list(dict.fromkeys(gap.source for gap in gaps))
        who = f"{names[0]} and {len(names) - 1} more have" if names[1:] else f"{names[0]} has"
        cautions.append(f"Some days are unknown, not zero: {who} gaps.")
    cautions.extend(f"Days of {words} are still to come." for p, words in periods if p.last > today)
    return cautions
