"""Budgets as they are kept, and their alerts: one for each threshold and period."""

from __future__ import annotations

import json
from decimal import Decimal

from plimsoll.domain.budget import Alert, Budget, Threshold, ThresholdKind
from plimsoll.domain.cadence import cadence_text, read_cadence
from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.question import Dimension, Scope
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.instants import day_of, instant_of, micros_of, number_of
from plimsoll.ledger.zones import zone_named


def save_budget(ledger: Ledger, budget: Budget) -> None:
    """Add a budget, or replace the one of its name.

    A changed limit, scope or span is a new edition: its thresholds may fire again, and periods that
    ended before today are not looked at. Thresholds, zone and what is carried over change without
    that, so that a traveller is not told twice.
    """
    scope = _scope_text(budget.scope)
    limit = (budget.nanos, budget.currency, cadence_text(budget.span), budget.zone, scope)
    today = ledger.clock.now().astimezone(zone_named(budget.zone)).date()
    carries = None if budget.carries_from is None else number_of(budget.carries_from)
    with ledger.writing() as connection:
        connection.execute(
            """
            INSERT INTO budget (name, edition, nanos, currency, span, zone, scope, thresholds,
                carries_from, watched_from)
            VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET
                edition = edition + ((nanos, currency, span, scope) IS NOT
                    (excluded.nanos, excluded.currency, excluded.span, excluded.scope)),
                watched_from = iif((nanos, currency, span, scope) IS NOT
                    (excluded.nanos, excluded.currency, excluded.span, excluded.scope),
                    excluded.watched_from, watched_from),
                nanos = excluded.nanos, currency = excluded.currency, span = excluded.span,
                zone = excluded.zone, scope = excluded.scope, thresholds = excluded.thresholds,
                carries_from = excluded.carries_from
            """,
            (
                budget.name,
                *limit,
                _thresholds_text(budget.thresholds),
                carries,
                number_of(today),
            ),
        )


def budgets(ledger: Ledger) -> tuple[Budget, ...]:
    """Every budget, by name."""
    query = """
        SELECT name, nanos, currency, span, zone, scope, thresholds, carries_from FROM budget
        ORDER BY name
    """
    with ledger.reading() as connection:
        rows = connection.execute(query).fetchall()
    return tuple(
        Budget(
            name=name,
            nanos=nanos,
            currency=currency,
            span=read_cadence(span),
            scope=_read_scope(scope),
            thresholds=_read_thresholds(thresholds),
            zone=zone,
            carries_from=None if carries is None else day_of(carries),
        )
        for name, nanos, currency, span, zone, scope, thresholds, carries in rows
    )


def remove_budget(ledger: Ledger, name: str) -> None:
    """Remove a budget and what it fired; raises `WrongUse` for an unknown name."""
    with ledger.writing() as connection:
        if not connection.execute("DELETE FROM budget WHERE name = ?", (name,)).rowcount:
            raise WrongUse(f"There is no budget called {name}.")


def fire_alert(ledger: Ledger, alert: Alert) -> bool:
    """Keep an alert. False if its budget, as it stands, fired that threshold in that period
    already, or is gone.
    """
    threshold = alert.threshold
    with ledger.writing() as connection:
        done = connection.execute(
            """
            INSERT OR IGNORE INTO alert (budget, edition, kind, percent, probability, first, last,
                fired_at, sentence, notified)
            SELECT name, edition, ?, ?, ?, ?, ?, ?, ?, ? FROM budget WHERE name = ?
            """,
            (
                threshold.kind.value,
                str(threshold.percent),
                str(threshold.probability),
                number_of(alert.period.first),
                number_of(alert.period.last),
                micros_of(alert.fired_at),
                alert.sentence,
                int(alert.notified),
                alert.budget,
            ),
        )
        return done.rowcount == 1


def alerts(ledger: Ledger, *, budget: str | None = None) -> tuple[Alert, ...]:
    """What the budgets, as they stand, have fired, the newest first."""
    query = """
        SELECT a.budget, a.kind, a.percent, a.probability, a.first, a.last, a.fired_at, a.sentence,
            a.notified
        FROM alert a JOIN budget b ON b.name = a.budget AND b.edition = a.edition
        WHERE :budget IS NULL OR a.budget = :budget ORDER BY a.id DESC
    """
    with ledger.reading() as connection:
        rows = connection.execute(query, {"budget": budget}).fetchall()
    return tuple(
        Alert(
            budget=name,
            threshold=Threshold(ThresholdKind(kind), Decimal(percent), Decimal(probability)),
            period=Period(day_of(first), day_of(last)),
            fired_at=instant_of(fired_at),
            sentence=sentence,
            notified=bool(notified),
        )
        for name, kind, percent, probability, first, last, fired_at, sentence, notified in rows
    )


def _scope_text(scope: Scope) -> str:
    return json.dumps([[dimension.value, list(values)] for dimension, values in scope.conditions])


def _read_scope(text: str) -> Scope:
    return Scope(tuple((Dimension(word), tuple(values)) for word, values in json.loads(text)))


def _thresholds_text(thresholds: tuple[Threshold, ...]) -> str:
    return json.dumps([[t.kind.value, str(t.percent), str(t.probability)] for t in thresholds])


def _read_thresholds(text: str) -> tuple[Threshold, ...]:
    return tuple(
        Threshold(ThresholdKind(kind), Decimal(percent), Decimal(probability))
        for kind, percent, probability in json.loads(text)
    )
