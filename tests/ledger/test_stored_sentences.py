"""Sentences come out of the archive as they were made, so that they can be said in any language."""

from __future__ import annotations

from decimal import Decimal

from ledger_kit import FakeClock, november

from plimsoll.domain.alerting import Decision, Firing, Look
from plimsoll.domain.budget import Budget, Threshold, ThresholdKind
from plimsoll.domain.delivery import Channel
from plimsoll.domain.effect import Effect
from plimsoll.domain.prepaid import Warned, WarningKind
from plimsoll.domain.said import Said, say
from plimsoll.ledger import budgets, catalog, deliveries, prepaid, price_log
from plimsoll.ledger.catalog import Source
from plimsoll.ledger.database import Ledger

SENTENCE = say("{what} is over {amount:,}.", what=say("It"), amount=1200)


def check(found: str) -> None:
    """Not the text alone: what it was made of, too."""
    assert isinstance(found, Said)
    assert found == "It is over 1,200."
    assert (found.template, found.values) == (SENTENCE.template, SENTENCE.values)
    assert isinstance(found.values["what"], Said)


def test_why_a_sync_failed(ledger: Ledger, source: Source) -> None:
    run = catalog.start_run(ledger, source.id)
    catalog.finish_run(ledger, run, ok=False, title="Failed", sentence=SENTENCE)
    last = catalog.last_run(ledger, source.id)
    assert last is not None
    check(last.sentence)


def test_what_an_alert_said_and_why_it_was_not_delivered(ledger: Ledger, clock: FakeClock) -> None:
    budget = Budget("Team", 1, "USD")
    catalog.save_budget(ledger, budget)
    threshold = Threshold(ThresholdKind.ACTUAL, Decimal(50))
    firing = Firing(Look(november(), spent=1, limit=1), threshold, (threshold,), told=True)
    budgets.settle(
        ledger,
        budget,
        lambda _: Decision((firing,)),
        now=clock.wall,
        sentence_of=lambda _: SENTENCE,
        channels=[Channel.WEBHOOK],
    )
    (alert,) = catalog.alerts(ledger)
    check(alert.sentence)
    claimed = deliveries.claim(ledger, Channel.WEBHOOK, now=clock.wall)
    assert claimed is not None
    deliveries.say_failed(ledger, claimed, trouble=SENTENCE, next_at=None)
    failed = deliveries.latest(ledger, Channel.WEBHOOK)
    assert failed is not None
    check(failed.trouble)
    (same,) = deliveries.deliveries_of(ledger, budgets.FIRING)[alert.number]
    check(same.trouble)


def test_what_was_warned_of(ledger: Ledger, source: Source, clock: FakeClock) -> None:
    one = Warned(source.name, "USD", WarningKind.BALANCE, "20", 4, clock.wall, SENTENCE)
    prepaid.settle(ledger, source.name, "USD", lambda _: (one,), now=clock.wall)
    (warned,) = prepaid.warned(ledger)
    check(warned.sentence)


def test_what_changed_of_the_prices(ledger: Ledger, clock: FakeClock) -> None:
    with ledger.writing() as connection:
        price_log.add_entry(connection, clock.wall, SENTENCE, "1", Effect())
    (change,) = price_log.price_changes(ledger)
    check(change.sentence)
