"""The documents of `reprice --json`, schema 1: amounts as decimal text, in native currencies."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from plimsoll.analysis.reprice import Stay
from plimsoll.analysis.time_of_use import TimeOfUse
from plimsoll.domain.calendar import Period
from plimsoll.domain.money import decimal_text
from plimsoll.domain.question import Gap
from plimsoll.reports.document import amounts_document, quantity_value, tokens_document
from plimsoll.services.reprice import Repricings, Scenario
from plimsoll.services.reprice_words import about_quality, missing_words, note_words, stay_words
from plimsoll.services.time_of_use import PeakHours


def reprice_document(answer: Repricings) -> dict[str, object]:
    """What a slice would cost at several offers. `spent` is the whole slice, by evidence; `low` and
    `high` are for the asked share of what can move, and `cannot_move` is of the whole slice.
    """
    return {
        **_head(answer.period),
        "share": answer.share,
        "tokens": tokens_document(answer.tokens),
        "spent": [amounts_document(amounts) for amounts in answer.spent],
        "spent_share": [amounts_document(amounts) for amounts in answer.spent_share],
        "scenarios": [_scenario(scenario) for scenario in answer.scenarios],
        "missing": [missing_words(missing) for missing in answer.missing],
        "about_quality": about_quality(),
        **_tail(answer.gaps, answer.not_final_from),
    }


def hours_document(hours: PeakHours) -> dict[str, object]:
    """Use in and out of peak hours, by model and currency; shares are null where none is known."""
    return {
        **_head(hours.period),
        "off_peak": [_use(use) for use in hours.uses],
        **_tail(hours.gaps, hours.not_final_from),
    }


def _head(period: Period) -> dict[str, object]:
    return {"schema": 1, "from": period.first.isoformat(), "to": period.last.isoformat()}


def _tail(gaps: tuple[Gap, ...], not_final_from: date | None) -> dict[str, object]:
    return {
        "gaps": [
            {
                "source": gap.source,
                "from": gap.period.first.isoformat(),
                "to": gap.period.last.isoformat(),
                "reason": gap.reason,
            }
            for gap in gaps
        ],
        "not_final_from": not_final_from.isoformat() if not_final_from else None,
    }


def _scenario(scenario: Scenario) -> dict[str, object]:
    beside = scenario.beside
    return {
        "model": scenario.offer.model,
        "provider": scenario.offer.provider,
        "currency": scenario.offer.currency,
        "tier": scenario.tier or None,
        "low": decimal_text(scenario.low),
        "high": decimal_text(scenario.high),
        "kinds": {
            kind.kind.value: {"low": decimal_text(kind.low), "high": decimal_text(kind.high)}
            for kind in scenario.kinds
        },
        "moved_tokens": scenario.moved,
        "moved_worth": [
            {"currency": currency, "amount": decimal_text(nanos)}
            for currency, nanos in scenario.worths
        ],
        "moved_without_worth": scenario.unpriced,
        "by_your_rate": beside
        and {
            "currency": beside[0],
            "low": decimal_text(beside[1]),
            "high": decimal_text(beside[2]),
        },
        "cannot_move": [_stay(stay) for stay in scenario.stays],
        "notes": [note_words(note) for note in scenario.notes],
    }


def _stay(stay: Stay) -> dict[str, object]:
    return {
        "reason": stay.reason.value,
        "what": stay.what,
        "words": stay_words(stay),
        "tokens": stay.tokens,
        "quantity": quantity_value(stay.quantity),
        "currency": stay.currency or None,
        "amount": None if stay.nanos is None else decimal_text(stay.nanos),
    }


def _use(use: TimeOfUse) -> dict[str, object]:
    return {
        "provider": use.provider,
        "model": use.model,
        "currency": use.currency,
        "peak_share": _share(use.peak_share),
        "peak_share_of_tokens": _share(use.peak_share_of_tokens),
        "peak": decimal_text(use.peak_worth),
        "off_peak": decimal_text(use.off_peak_worth),
        "saving": decimal_text(use.saving),
        "peak_tokens": use.peak_tokens,
        "off_peak_tokens": use.off_peak_tokens,
        "tokens_of_unknown_hour": use.unknown_tokens,
        "tokens_not_priced": use.unpriced,
    }


def _share(share: Fraction | None) -> str | None:
    return None if share is None else f"{float(share):.4f}"
