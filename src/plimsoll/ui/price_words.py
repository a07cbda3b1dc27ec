"""Prices and what changing them does, as people say them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from plimsoll.domain.calendar import ONE_DAY
from plimsoll.domain.money import shown
from plimsoll.domain.tariff import Discount, Kind, PriceRow
from plimsoll.services.price_answers import Effect, MonthEffect
from plimsoll.ui.moments import brief, grouped, period_words
from plimsoll.ui.words import full_day, full_month, month_and_year, tr

SHORT = (Kind.INPUT, Kind.CACHE_READ, Kind.OUTPUT)
"""The prices that stand in a table; all of them are in the dialog."""


def price_text(price: Decimal | None, currency: str) -> str:
    """A price: at least two decimals, and no digit lost; a dash where it is not known."""
    if price is None:
        return "–"
    sign = shown(0, currency).rstrip("0.")
    places = max(2, -int(price.normalize().as_tuple().exponent))
    return f"{sign}{price:,.{places}f}"


def signed(nanos: int, currency: str) -> str:
    """A difference: `+$1.20`, `−$1.20`, `$0.00`."""
    return f"+{shown(nanos, currency)}" if nanos > 0 else shown(nanos, currency)


def kind_words(kind: Kind) -> str:
    """A kind of price by its name on the screen."""
    return {
        Kind.INPUT: tr("Input"),
        Kind.CACHE_READ: tr("Cache read"),
        Kind.CACHE_WRITE_5M: tr("Cache write, 5 min"),
        Kind.CACHE_WRITE_1H: tr("Cache write, 1 h"),
        Kind.OUTPUT: tr("Output"),
        Kind.SEARCHES: tr("Web search"),
    }.get(kind, kind.value.replace("_", " "))


def tier_words(tier: str) -> str:
    """A tier, or a speed, by its name on the screen."""
    return {
        "batch": tr("Batch"),
        "flex": tr("Flex"),
        "priority": tr("Priority"),
        "fast": tr("Fast"),
    }.get(tier, tier)


def models_words(row: PriceRow) -> str:
    """The models that a price is for."""
    return tr(", ").join(row.models)


def rate_text(row: PriceRow, kind: Kind) -> str:
    """One price of a row: `$1.25`, `free`, or a dash where it is not known."""
    price = dict(row.rates).get(kind)
    return tr("free") if price == 0 else price_text(price, row.currency)


def has_more(row: PriceRow) -> bool:
    """Whether a price has parts that the dialog does not show: steps, hours, other kinds."""
    known = {*SHORT, Kind.CACHE_WRITE_5M, Kind.CACHE_WRITE_1H, Kind.SEARCHES}
    extra = any(kind not in known for kind, _ in row.rates)
    return bool(extra or row.steps or row.schedule)


def holds_words(row: PriceRow) -> str:
    """When a price holds: `always`, `from 1 Sep 2026`, `1 Sep 2026 to 3 Oct 2026`."""
    return span_words(
        instant_text(row.effective_from, first=True), instant_text(row.effective_to, first=False)
    )


def discount_days(discount: Discount) -> str:
    """When a discount holds."""
    first, last = discount.first, discount.last
    return span_words(full_day(first) if first else "", full_day(last) if last else "")


def span_words(first: str, last: str) -> str:
    """Two days, either of which may be open."""
    if first and last:
        return tr("{first} to {last}", first=first, last=last)
    if first:
        return tr("from {first}", first=first)
    return tr("to {last}", last=last) if last else tr("always")


def instant_text(instant: datetime | None, *, first: bool) -> str:
    """The first or the last day (UTC) of a price; its hour too where that is not midnight."""
    if instant is None:
        return ""
    day = instant.astimezone(UTC)
    if (day.hour, day.minute, day.second) == (0, 0, 0):
        return full_day((day if first else day - timedelta(microseconds=1)).date())
    return tr("{day}, {time}", day=full_day(day.date()), time=f"{day:%H:%M}")


def percent_text(percent: Decimal) -> str:
    """A discount: `12.5%`, to two decimals at most."""
    return f"{round(percent, 2).normalize():f}%"


def quantity_words(quantity: Decimal | None) -> str:
    """How many tokens or units: `1 204 000`, `2.5`."""
    if quantity is None:
        return "–"
    return grouped(int(quantity)) if quantity == quantity.to_integral_value() else f"{quantity:f}"


def units_words(units: Sequence[tuple[str, Decimal]]) -> str:
    """The first of some units that are no tokens: `6 976 images`, `2.75 M bytes and 2 more`."""
    if not units:
        return ""
    unit, quantity = units[0]
    whole = quantity == quantity.to_integral_value()
    told = f"{brief(int(quantity)) if whole else quantity_words(quantity)} {unit}"
    if len(units) > 1:
        return tr("{names} and {count} more", names=told, count=len(units) - 1)
    return told


# --- what is typed ---------------------------------------------------------------------------


def typed(instant: datetime | None, *, first: bool) -> str:
    """An instant as it can be typed: `2026-09-01`, or with its hour `2026-09-01T16:00`."""
    if instant is None:
        return ""
    at = instant.astimezone(UTC)
    if (at.hour, at.minute, at.second) == (0, 0, 0):
        return (at.date() if first else at.date() - ONE_DAY).isoformat()
    return f"{at:%Y-%m-%dT%H:%M}"


def read_day(text: str) -> date | None:
    """A day that was typed, None where nothing was; raises `ValueError`."""
    return date.fromisoformat(text.strip()) if text.strip() else None


def read_instant(text: str, *, first: bool) -> datetime | None:
    """The instant (UTC) from which on, or until which, something holds; raises `ValueError`.

    A last day is wholly in, so that it ends with the day after.
    """
    text = text.strip()
    if not text:
        return None
    if "T" in text or " " in text:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    day = date.fromisoformat(text)
    day = day if first else day + ONE_DAY
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


# --- what it does ----------------------------------------------------------------------------


def month_words(month: date, *, today: date) -> str:
    """A month, with its year where that is another: `September`, `November 2025`."""
    return full_month(month) if month.year == today.year else month_and_year(month)


def effect_headline(effect: Effect, *, today: date) -> str:
    """What a change does to the newest month that it changes: `Your September: −$1.20`."""
    owed = [month for month in effect.months if month.estimated]
    if not owed:
        if effect:
            return tr("What you spent stays as it is")
        return tr("No stored figure changes")
    newest = max(month.month for month in owed)
    sums = tr(", ").join(
        signed(month.estimated, month.currency) for month in owed if month.month == newest
    )
    month = month_words(newest, today=today)
    return tr("Your {month}: {sums}", month=month, sums=sums)


def effect_notes(effect: Effect) -> str:
    """What else changes, in a sentence or two."""
    told = []
    if effect.not_priced < 0:
        count = grouped(-effect.not_priced)
        told.append(tr("{count} tokens that had no price get one.", count=count))
    elif effect.not_priced > 0:
        count = grouped(effect.not_priced)
        told.append(tr("{count} tokens lose their price.", count=count))
    if effect.period is not None:
        days = period_words(effect.period)
        told.append(tr("{days} are computed anew; what was billed stays as it is.", days=days))
    return tr(" ").join(told)


def effect_columns(months: Sequence[MonthEffect]) -> tuple[str, ...]:
    """Which figures change: `estimated`, `plan`, `worth`; those that do in no month are left out.

    The list price alone is told only where nothing that counts changes.
    """
    names = tuple(
        name for name in ("estimated", "plan") if any(getattr(month, name) for month in months)
    )
    return names or ("worth",)


def column_words(name: str) -> str:
    """The title of a figure that changes."""
    return {
        "estimated": tr("Estimated"),
        "plan": tr("Plan"),
    }.get(name, tr("List price, beside the bill"))
