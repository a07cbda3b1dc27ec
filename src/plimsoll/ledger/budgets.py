"""Budgets as they are kept, and their alerts: one for each threshold and period."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from plimsoll.domain.alerting import Decision, Firing, Kept
from plimsoll.domain.budget import Alert, Budget, Threshold, ThresholdKind
from plimsoll.domain.cadence import cadence_text, read_cadence
from plimsoll.domain.calendar import Period
from plimsoll.domain.delivery import Channel
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.question import Dimension, Scope
from plimsoll.domain.said import again, kept, say
from plimsoll.ledger import deliveries
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.instants import day_of, instant_of, maybe_instant, micros_of, number_of
from plimsoll.ledger.zones import zone_named

FIRING = "alert"
"""What firings of budgets are called among the deliveries."""


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
            raise WrongUse(say("There is no budget called {name}.", name=name))


def snooze_budget(ledger: Ledger, name: str, *, until: datetime | None) -> None:
    """Let a budget fire nothing until an instant, or from now on again; raises `WrongUse` for an
    unknown name.
    """
    instant = None if until is None else micros_of(until)
    with ledger.writing() as connection:
        done = connection.execute(
            "UPDATE budget SET snoozed_until = ? WHERE name = ?", (instant, name)
        )
        if not done.rowcount:
            raise WrongUse(say("There is no budget called {name}.", name=name))


def snoozed(ledger: Ledger) -> dict[str, datetime]:
    """Until when budgets are snoozed, by name; instants that have passed included."""
    query = "SELECT name, snoozed_until FROM budget WHERE snoozed_until IS NOT NULL ORDER BY name"
    with ledger.reading() as connection:
        return {name: instant_of(until) for name, until in connection.execute(query)}


def watched_from(ledger: Ledger, name: str) -> date | None:
    """The day from which a budget, as it stands, is looked at."""
    with ledger.reading() as connection:
        row = connection.execute(
            "SELECT watched_from FROM budget WHERE name = ?", (name,)
        ).fetchone()
    return None if row is None or row[0] is None else day_of(row[0])


def settle(
    ledger: Ledger,
    budget: Budget,
    decide: Callable[[Kept], Decision],
    *,
    now: datetime,
    sentence_of: Callable[[Firing], str],
    channels: Collection[Channel] = (),
    document_of: Callable[[Alert], str] = lambda alert: alert.sentence,
) -> tuple[Alert, ...]:
    """Decide and keep what becomes of a budget's alerts, in one transaction; what is to be told.

    Of several processes that come to the same decision only one keeps it, and only that one tells.
    What is told is put on its way through the `channels` in the same transaction, as its document.
    Nothing happens to a budget that is not, or not any more, the given one.
    """
    with ledger.reading():
        if budget not in budgets(ledger) or not decide(_kept(ledger, budget.name)):
            return ()
    with ledger.writing() as connection:
        if budget not in budgets(ledger):
            return ()
        kept = _kept(ledger, budget.name)
        heard = {(a.threshold, a.period) for a in kept.fired if a.told_at is not None}
        decision = decide(kept)
        for alert in decision.changed:
            _keep_changed(connection, alert)
        fired = [
            Alert(
                budget.name,
                firing.threshold,
                firing.look.period,
                now,
                sentence_of(firing),
                told_at=now if firing.told else None,
                waiting=firing.waiting,
            )
            for firing in decision.firings
        ]
        fired = [replace(alert, number=_keep_new(connection, alert)) for alert in fired]
        told = tuple(
            alert
            for alert in (*decision.changed, *fired)
            if alert.told_at is not None and (alert.threshold, alert.period) not in heard
        )
        if channels:
            for alert in told:
                deliveries.queue(
                    connection,
                    f"{FIRING}:{alert.number}",
                    channels=channels,
                    document=document_of(alert),
                    now=now,
                )
    return told


def alerts(
    ledger: Ledger, *, budget: str | None = None, every_edition: bool = False
) -> tuple[Alert, ...]:
    """What the budgets have fired, the newest first: as they stand, or in `every_edition`, before
    their limits were changed too.
    """
    query = """
        SELECT a.budget, a.kind, a.percent, a.probability, a.first, a.last, a.fired_at, a.sentence,
            a.said, a.told_at, a.waiting, a.calm_since, a.recovered_at, a.id
        FROM alert a JOIN budget b ON b.name = a.budget
        WHERE (:budget IS NULL OR a.budget = :budget) AND (:every OR b.edition = a.edition)
        ORDER BY a.id DESC
    """
    with ledger.reading() as connection:
        rows = connection.execute(query, {"budget": budget, "every": every_edition}).fetchall()
    return tuple(
        Alert(
            budget=name,
            threshold=Threshold(ThresholdKind(kind), Decimal(percent), Decimal(probability)),
            period=Period(day_of(first), day_of(last)),
            fired_at=instant_of(fired_at),
            sentence=again(sentence, said),
            told_at=maybe_instant(told_at),
            waiting=bool(waiting),
            calm_since=maybe_instant(calm_since),
            recovered_at=maybe_instant(recovered_at),
            number=number,
        )
        for (
            name,
            kind,
            percent,
            probability,
            first,
            last,
            fired_at,
            sentence,
            said,
            told_at,
            waiting,
            calm_since,
            recovered_at,
            number,
        ) in rows
    )


def _kept(ledger: Ledger, name: str) -> Kept:
    with ledger.reading() as connection:
        told = connection.execute(
            "SELECT told_at FROM alert WHERE told_at IS NOT NULL UNION ALL "
            "SELECT told_at FROM warned WHERE told_at IS NOT NULL ORDER BY told_at DESC LIMIT 100"
        ).fetchall()
    return Kept(
        fired=tuple(reversed(alerts(ledger, budget=name))),
        told=tuple(instant_of(at) for (at,) in told),
        snoozed_until=snoozed(ledger).get(name),
    )


def _keep_new(connection: sqlite3.Connection, alert: Alert) -> int:
    """Keep an alert; its number."""
    threshold = alert.threshold
    done = connection.execute(
        """
        INSERT INTO alert (budget, edition, kind, percent, probability, first, last, fired_at,
            sentence, said, notified, told_at, waiting)
        SELECT name, edition, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM budget WHERE name = ?
        """,
        (
            threshold.kind.value,
            str(threshold.percent),
            str(threshold.probability),
            number_of(alert.period.first),
            number_of(alert.period.last),
            micros_of(alert.fired_at),
            alert.sentence,
            kept(alert.sentence),
            int(alert.told_at is not None),
            _maybe_micros(alert.told_at),
            int(alert.waiting),
            alert.budget,
        ),
    )
    return done.lastrowid or 0


def _keep_changed(connection: sqlite3.Connection, alert: Alert) -> None:
    threshold = alert.threshold
    connection.execute(
        """
        UPDATE alert SET notified = ?, told_at = ?, waiting = ?, calm_since = ?, recovered_at = ?
        WHERE (budget, edition) IN (SELECT name, edition FROM budget WHERE name = ?)
            AND (kind, percent, probability, first, last) = (?, ?, ?, ?, ?)
        """,
        (
            int(alert.told_at is not None),
            _maybe_micros(alert.told_at),
            int(alert.waiting),
            _maybe_micros(alert.calm_since),
            _maybe_micros(alert.recovered_at),
            alert.budget,
            threshold.kind.value,
            str(threshold.percent),
            str(threshold.probability),
            number_of(alert.period.first),
            number_of(alert.period.last),
        ),
    )


def _maybe_micros(instant: datetime | None) -> int | None:
    return None if instant is None else micros_of(instant)


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
