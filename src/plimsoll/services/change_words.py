"""Words for a change: two periods, what differs, and why, in one or two plain sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from plimsoll.analysis.change import REASONING, Cause, Explained, Part, Thing
from plimsoll.domain.calendar import Period, month_name, month_of
from plimsoll.domain.currencies import decimals_of
from plimsoll.domain.money import NANO, shown
from plimsoll.domain.said import Value, say, together

if TYPE_CHECKING:
    from plimsoll.services.change import Change, CurrencyChange

ROUND_FROM = 100 * NANO
"""Differences from a hundred units on are told without decimals."""

_LEAST_SHARE = 200
"""A part below this share (1 / 200) of the largest one is not told in the sentence."""

_NAMED = 2


def sentence_of(answer: Change) -> str:
    """What differs and why, and what the figures are not."""
    return together([told_of(answer), *cautions_of(answer)])


def told_of(answer: Change) -> str:
    """What differs and why; or what is not known, which is not zero."""
    now = period_words(answer.period, beside=answer.against, today=answer.today)
    before = period_words(answer.against, beside=answer.period, today=answer.today)
    if answer.unknown:
        periods = dict.fromkeys(answer.unknown)
        missing = together((now if p == answer.period else before for p in periods), " and ")
        if all(p.first > answer.today for p in periods):
            return say(
                "Nothing is known of {periods} yet: those days are still to come.", periods=missing
            )
        return say(
            "There is nothing to compare: the archive has no data of {periods}.", periods=missing
        )
    if not answer.changes:
        return say("Nothing was spent in {now}, and nothing in {before}.", now=now, before=before)
    return together(
        _difference(now, before, change, also=place > 0)
        for place, change in enumerate(answer.changes)
    )


def _difference(now: str, before: str, change: CurrencyChange, *, also: bool) -> str:
    currency, explained = change.currency, change.explained
    difference = explained.difference
    places = 0 if abs(difference) >= ROUND_FROM else decimals_of(currency)
    named = {
        "now": now,
        "before": before,
        "amount": shown(abs(difference), currency, places=places),
    }
    if difference > 0:
        what = say("{now} cost {amount} more than {before}", **named)
    elif difference < 0:
        what = say("{now} cost {amount} less than {before}", **named)
    else:
        what = say("{now} cost as much as {before}", **named)
    if also:
        what = say("In {currency}, {told}", currency=currency, told=what)
    why = [
        say(
            "{cause} ({amount})",
            cause=part_words(part),
            amount=signed(part.amount, currency, places=places),
        )
        for part in told_parts(explained, places=places)
    ]
    if not why:
        return say("{what}.", what=what)
    return say("{what}: {why}.", what=what, why=together(why, ", "))


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
    words = cause_words(part)
    if part.cause is Cause.RESIDUAL and any(t.dimension == "source" for t in part.things[:1]):
        name = part.things[0].name or say("not attributed")
        if len(part.things) == 1:
            return say("unknown in one of the periods: {name}", name=name)
        return say("{cause}, most of it {name}", cause=words, name=name)
    if part.cause not in {Cause.NEW, Cause.ENDED} or not part.things:
        return words
    names = [thing.name or say("not attributed") for thing in part.things]
    if len(names) > _NAMED:
        rest = len(names) - _NAMED + 1
        told = say("{name} and {count} more", name=names[0], count=rest)
    else:
        told = together(names, " and ")
    return say("{cause}: {names}", cause=words, names=told)


def cause_words(part: Part) -> str:
    """A cause in words, by its direction alone."""
    tiers = any(thing.dimension == "tier" for thing in part.things)
    more, less = {
        Cause.VOLUME: (say("more tokens"), say("fewer tokens")),
        Cause.PRICE: (say("higher prices"), say("lower prices")),
        Cause.MODEL_MIX: (say("a dearer mix of models"), say("a cheaper mix of models")),
        Cause.CLASS_MIX: (
            (
                say("a dearer mix of token classes and tiers"),
                say("a cheaper mix of token classes and tiers"),
            )
            if tiers
            else (say("a dearer mix of token classes"), say("a cheaper mix of token classes"))
        ),
        Cause.NEW: (say("new"), say("new")),
        Cause.ENDED: (say("ended"), say("ended")),
        Cause.RESIDUAL: (say("more that no tokens explain"), say("less that no tokens explain")),
    }[part.cause]
    return more if part.amount >= 0 else less


def thing_words(thing: Thing, part: Part) -> str:
    """What a part is made of, by its name; token classes and tiers by what they are."""
    if thing.dimension == "tier":
        return say("tier {name}", name=thing.name or say("unnamed"))
    if thing.dimension != "token_class":
        return thing.name or say("not attributed")
    names = {
        "input": say("fresh input"),
        "cache_read": say("cache reads"),
        "cache_write_5m": say("cache writes"),
        "cache_write_1h": say("longer cache writes"),
        "output": say("output"),
        REASONING: say("reasoning"),
    }
    if thing.name == "output" and any(other.name == REASONING for other in part.things):
        return say("output but reasoning")
    return names.get(thing.name or "", thing.name or "")


def signed(nanos: int, currency: str, *, places: int | None = None) -> str:
    """An amount with its sign, `+$180` or `−$28`; nothing at all is `$0.00`."""
    text = shown(nanos, currency, places=places)
    return f"+{text}" if nanos > 0 else text


def period_words(
    period: Period,
    *,
    beside: Period | None = None,
    today: date | None = None,
) -> str:
    """A period as it is spoken of: `November`, `November 1–20`, `October 25 – November 3`.

    With its year where it is not in the same one as the period beside it, and today.
    """
    first, last = period.first, period.last
    years = {day.year for p in (period, beside) if p for day in (p.first, p.last)}
    if today is not None:
        years.add(today.year)
    dated = len(years) > 1
    if period == month_of(first):
        month = month_name(first)
        return say("{month} {year}", **_named(first)) if dated else month
    if first == last:
        return _day_words(first, dated=dated)
    if (first.year, first.month) == (last.year, last.month):
        values = {**_named(first), "first": first.day, "last": last.day}
        if dated:
            return say("{month} {first}–{last}, {year}", **values)
        return say("{month} {first}–{last}", **values)
    begun = _day_words(first, dated=first.year != last.year)
    return say("{first} – {last}", first=begun, last=_day_words(last, dated=dated))


def _day_words(day: date, *, dated: bool) -> str:
    if dated:
        return say("{month} {day}, {year}", **_named(day))
    return say("{month} {day}", **_named(day))


def _named(day: date) -> dict[str, Value]:
    """A day for any language: its month by name and by number."""
    return {"month": month_name(day), "day": day.day, "year": day.year, "number": day.month}


def cautions_of(answer: Change) -> tuple[str, ...]:
    """What the figures are not: of one kind, whole, or over. Nothing where nothing is known."""
    return () if answer.unknown else tuple(_cautions(answer))


def _cautions(answer: Change) -> Iterator[str]:
    now = period_words(answer.period, beside=answer.against, today=answer.today)
    before = period_words(answer.against, beside=answer.period, today=answer.today)
    for change in answer.changes:
        for amounts, words in ((change.after, now), (change.before, before)):
            if amounts.estimated and (change.before.billed or change.after.billed):
                yield say(
                    "{amount} of {period} is estimated, not billed.",
                    amount=shown(amounts.estimated, amounts.currency),
                    period=words,
                )
    if answer.gaps:
        yield _gap_words([gap.source for gap in answer.gaps])
    for period, words in ((answer.period, now), (answer.against, before)):
        if period.last > answer.today:
            yield say("Days of {period} are still to come.", period=words)


def _gap_words(sources: Sequence[str]) -> str:
    names = list(dict.fromkeys(sources))
    if names[1:]:
        return say(
            "Some days are unknown, not zero: {name} and {count} more have gaps.",
            name=names[0],
            count=len(names) - 1,
        )
    return say("Some days are unknown, not zero: {name} has gaps.", name=names[0])
