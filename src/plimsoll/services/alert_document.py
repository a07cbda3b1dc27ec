"""The alert document: what a command or a webhook is given of an alert; no key, and no content."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import NAMESPACE_URL, uuid5

from plimsoll.domain.alerting import Look
from plimsoll.domain.budget import Alert, BudgetStatus
from plimsoll.domain.cadence import cadence_text
from plimsoll.domain.money import decimal_text
from plimsoll.domain.prepaid import Warned
from plimsoll.domain.said import say


def document_of(
    alert: Alert,
    status: BudgetStatus,
    look: Look,
    *,
    ledger_id: str,
    not_final_from: date | None,
    now: datetime,
) -> dict[str, object]:
    """One alert as JSON, by the figures as they are when it is told.

    Amounts are decimal text in units of `currency`. `id` is the same at each try, so that who gets
    it twice can tell. What is forecast is null of a period that has ended, and without a forecast.
    """
    budget, threshold = status.budget, alert.threshold
    ended = look.ended_at is not None
    name = f"plimsoll/{ledger_id}/{alert.number}/{alert.fired_at.isoformat()}"

    def text(amount: int | None) -> str | None:
        return None if amount is None or ended else budget.text(amount)

    return {
        "schema": 1,
        "id": str(uuid5(NAMESPACE_URL, name)),
        "test": False,
        "at": _utc(now),
        "fired_at": _utc(alert.fired_at),
        "budget": budget.name,
        "where": {dimension.value: list(values) for dimension, values in budget.scope.conditions},
        "period": cadence_text(budget.span),
        "zone": budget.zone,
        "from": alert.period.first.isoformat(),
        "to": alert.period.last.isoformat(),
        "ended": ended,
        "threshold": threshold.id,
        "kind": threshold.kind.value,
        "currency": budget.currency,
        "spent": budget.text(look.spent),
        "amount": budget.text(look.limit),
        "probability": None if ended else dict(status.odds).get(threshold, status.likely),
        "median": text(status.median),
        "low80": text(status.low80),
        "high80": text(status.high80),
        "pace": None if ended or status.pace is None else f"{status.pace:.2f}",
        "passes_on": None if ended or status.passes_on is None else status.passes_on.isoformat(),
        "not_final_from": None if not_final_from is None else not_final_from.isoformat(),
        "sentence": alert.sentence,
    }


def warning_document(
    warned: Warned,
    *,
    left: int,
    likely: float | None,
    days: tuple[date | None, date | None, date | None],
    ledger_id: str,
    now: datetime,
) -> dict[str, object]:
    """One warning of a balance as JSON; what a budget's document has and this has not is null.

    `days` are the earliest, the likeliest and the latest on which the balance runs out.
    """
    name = f"plimsoll/{ledger_id}/warned/{warned.number}/{warned.fired_at.isoformat()}"
    earliest, likeliest, latest = (None if day is None else day.isoformat() for day in days)
    return {
        "schema": 1,
        "id": str(uuid5(NAMESPACE_URL, name)),
        "test": False,
        "at": _utc(now),
        "fired_at": _utc(warned.fired_at),
        "budget": None,
        "source": warned.source,
        "threshold": f"{warned.kind}:{warned.mark}",
        "kind": warned.kind.value,
        "currency": warned.currency,
        "left": decimal_text(left),
        "probability": likely,
        "runs_out": likeliest,
        "runs_out_earliest": earliest,
        "runs_out_latest": latest,
        "sentence": warned.sentence,
    }


def made_up_document(now: datetime) -> dict[str, object]:
    """A document with everything in it that says of itself that it is a test."""
    return {
        "schema": 1,
        "id": str(uuid5(NAMESPACE_URL, f"plimsoll/test/{now.isoformat()}")),
        "test": True,
        "at": _utc(now),
        "fired_at": _utc(now),
        "budget": "Test",
        "where": {},
        "period": "month",
        "zone": "UTC",
        "from": now.date().replace(day=1).isoformat(),
        "to": now.date().isoformat(),
        "ended": False,
        "threshold": "actual:80",
        "kind": "actual",
        "currency": "USD",
        "spent": "80.00",
        "amount": "100.00",
        "probability": 0.5,
        "median": "100.00",
        "low80": "90.00",
        "high80": "120.00",
        "pace": None,
        "passes_on": None,
        "not_final_from": None,
        "sentence": say("This is a test: alerts of budgets arrive here."),
    }


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
