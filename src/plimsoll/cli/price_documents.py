"""The JSON documents of `plimsoll prices`, schema 1: amounts and prices are decimal text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from plimsoll.domain.effect import Effect, PriceChange
from plimsoll.domain.money import decimal_text
from plimsoll.domain.tariff import Discount, PriceRow, Rates
from plimsoll.services.price_answers import (
    KnownPrice,
    ModelInUse,
    NotPricedLine,
    PricePreview,
    PricesPage,
)


def page_document(page: PricesPage) -> dict[str, object]:
    """What is in use, what is not priced, and the user's own."""
    updates = page.updates
    return {
        "schema": 1,
        "edition": page.edition,
        "in_use": [_used_document(used) for used in page.in_use],
        "not_priced": [_line_document(line) for line in page.not_priced],
        "own": [row_document(row) for row in page.own],
        "discounts": [discount_document(discount) for discount in page.discounts],
        "updates": {
            "allowed": updates.allowed,
            "address": updates.address,
            "in_use": updates.in_use,
            "fetched_at": _instant(updates.fetched_at),
            "problem": updates.problem or None,
        },
    }


def known_document(model: str, prices: Sequence[KnownPrice]) -> dict[str, object]:
    """Every price that is known of a model."""
    return {
        "schema": 1,
        "model": model,
        "prices": [
            {
                "layer": price.layer,
                "provider": price.provider,
                "currency": price.currency,
                "words": list(price.words),
                "from": _instant(price.begins),
                "to": _instant(price.ends),
                "holds": price.holds,
                "peak": price.hours.peak if price.hours else None,
                "peak_changes": _instant(price.hours.until) if price.hours else None,
                "peak_hours": price.peak_hours or None,
                "source": price.source,
                "link": price.link or None,
                "checked": _day(price.checked),
                "note": price.note or None,
            }
            for price in prices
        ],
    }


def change_document(preview: PricePreview, *, taken: bool) -> dict[str, object]:
    """What a change did, or would do."""
    return {
        "schema": 1,
        "sentence": preview.sentence,
        "taken": taken,
        "effect": effect_document(preview.effect),
    }


def log_document(log: Sequence[PriceChange]) -> dict[str, object]:
    """The log of changed prices, the newest first."""
    return {
        "schema": 1,
        "changes": [
            {
                "at": _instant(change.at),
                "sentence": change.sentence,
                "edition": change.edition,
                "effect": effect_document(change.effect),
            }
            for change in log
        ],
    }


def effect_document(effect: Effect) -> dict[str, object]:
    """What stored figures change by; `from` and `to` are the first and last day, both included."""
    period = effect.period
    return {
        "records": effect.records,
        "slices": effect.slices,
        "from": _day(period.first) if period else None,
        "to": _day(period.last) if period else None,
        "not_priced_tokens": effect.not_priced,
        "months": [
            {
                "month": month.month.isoformat()[:7],
                "currency": month.currency,
                "estimated": decimal_text(month.estimated),
                "plan": decimal_text(month.plan),
                "worth": decimal_text(month.worth),
            }
            for month in effect.months
        ],
    }


def row_document(row: PriceRow) -> dict[str, object]:
    """An own price, with the words of price files."""
    schedule = row.schedule
    return {
        "provider": row.provider,
        "models": list(row.models),
        "currency": row.currency,
        "source": row.source,
        "from": _instant(row.effective_from),
        "to": _instant(row.effective_to),
        "prices": _rates_document(row.rates),
        "steps": [{"above": s.above, "prices": _rates_document(s.rates)} for s in row.steps],
        "multipliers": {tier: f"{share:f}" for tier, share in row.multipliers},
        "schedule": schedule
        and {
            "zone": schedule.zone,
            "peak": [f"{_clock(start)}-{_clock(end)}" for start, end in schedule.peak],
            "weekdays": list(schedule.weekdays),
            "holidays": schedule.holidays or None,
            "off_peak_multiplier": None
            if row.off_peak_multiplier is None
            else f"{row.off_peak_multiplier:f}",
            "off_peak": _rates_document(row.off_peak),
        },
        "link": row.link or None,
        "checked": _day(row.checked),
        "note": row.note or None,
    }


def discount_document(discount: Discount) -> dict[str, object]:
    """What a contract takes off; both days are included."""
    return {
        "source": discount.source,
        "percent": f"{discount.percent:f}",
        "from": _day(discount.first),
        "to": _day(discount.last),
    }


def _used_document(used: ModelInUse) -> dict[str, object]:
    return {
        "provider": used.provider,
        "source": used.source,
        "model": used.model,
        "tokens": used.tokens,
        "priced": used.priced,
        "words": used.words,
    }


def _line_document(line: NotPricedLine) -> dict[str, object]:
    return {
        "provider": line.provider,
        "source": line.source,
        "model": line.model,
        "tier": line.tier,
        "reason": line.reason,
        "tokens": line.tokens,
        "missing_tokens": line.missing,
        "units": {unit: f"{quantity:f}" for unit, quantity in line.units},
        "days": line.days,
        "from": _day(line.period.first),
        "to": _day(line.period.last),
        "can_be_priced": line.can_be_priced,
    }


def _rates_document(rates: Rates) -> dict[str, str]:
    return {kind.value: f"{price:f}" for kind, price in rates}


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _instant(instant: datetime | None) -> str | None:
    return instant.isoformat().replace("+00:00", "Z") if instant else None


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
