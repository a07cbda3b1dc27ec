"""What is kept beside figures: sources, runs, names, balances, budgets, alerts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from ledger_kit import (
    HOUR,
    TODAY,
    FakeClock,
    charge,
    content,
    nov,
    november,
    priced,
    record,
    rows_by,
    store,
    usd,
)

from plimsoll.domain.alerting import Decision, Firing, Kept, Look
from plimsoll.domain.budget import DEFAULT_THRESHOLDS, Alert, Budget, Threshold, ThresholdKind
from plimsoll.domain.calendar import Span
from plimsoll.domain.delivery import Channel
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.money import Money
from plimsoll.domain.prepaid import (
    Credit,
    CreditKind,
    Warned,
    WarningKind,
    Watch,
    read_marks,
)
from plimsoll.domain.question import Dimension, Scope
from plimsoll.domain.usage import BalanceReading, Expiring, Tokens
from plimsoll.ledger import budgets, catalog, deliveries, prepaid, runs, usage
from plimsoll.ledger.budgets import settle, snooze_budget, snoozed
from plimsoll.ledger.catalog import Source
from plimsoll.ledger.database import Ledger

# --- sources ---


def test_a_source_is_found_again_as_it_was_added(ledger: Ledger, clock: FakeClock) -> None:
    added = catalog.add_source(
        ledger,
        name="Team ☂",
        connector="moonshot",
        base_url="https://example.com/v1",
        settings=(("region", "cn"),),
        key_tail="wxyz",
    )
    assert catalog.source_named(ledger, "Team ☂") == added
    assert added == Source(
        id=added.id,
        uid=added.uid,
        name="Team ☂",
        kind="provider",
        connector="moonshot",
        base_url="https://example.com/v1",
        settings=(("region", "cn"),),
        created_at=clock.wall,
        removed_at=None,
        key_tail="wxyz",
    )


def test_two_sources_have_their_own_names_and_ids(ledger: Ledger, source: Source) -> None:
    other = catalog.add_source(ledger, name="other", connector="openai")
    assert catalog.sources(ledger) == (source, other)
    assert source.uid != other.uid
    with pytest.raises(WrongUse, match="already"):
        catalog.add_source(ledger, name="acme", connector="anthropic")


def test_an_unknown_name_tells_the_known_ones(ledger: Ledger) -> None:
    with pytest.raises(WrongUse, match="None has been added yet"):
        catalog.source_named(ledger, "acme")
    for name in ("a", "b"):
        catalog.add_source(ledger, name=name, connector="openai")
    with pytest.raises(WrongUse, match="Known: a, b"):
        catalog.source_named(ledger, "acme")


def changed(ledger: Ledger, source: Source, **values: object) -> Source:
    new = replace(source, **values)  # type: ignore[arg-type]
    return catalog.change_source(
        ledger,
        source.id,
        name=new.name,
        base_url=new.base_url,
        settings=new.settings,
        key_tail=new.key_tail,
    )


def test_a_source_can_be_changed_but_not_into_another(ledger: Ledger, source: Source) -> None:
    new = changed(ledger, source, name="new", base_url="https://x.test", key_tail="1234")
    assert new == replace(source, name="new", base_url="https://x.test", key_tail="1234")
    assert changed(ledger, new, base_url=None).base_url is None
    other = catalog.add_source(ledger, name="other", connector="openai")
    with pytest.raises(WrongUse, match="already"):
        changed(ledger, other, name="new")
    with pytest.raises(WrongUse, match="no longer there"):
        changed(ledger, replace(source, id=99))


def test_a_removed_source_is_gone_from_the_list_and_its_name_is_free(
    ledger: Ledger, source: Source, clock: FakeClock
) -> None:
    catalog.remove_source(ledger, source.id, forget=False)
    assert catalog.sources(ledger) == ()
    (kept,) = catalog.sources(ledger, removed=True)
    assert (kept.removed_at, kept.key_tail) == (clock.wall, "")
    with pytest.raises(WrongUse):
        catalog.source_named(ledger, "acme")
    catalog.add_source(ledger, name="acme", connector="anthropic")


# --- adding again what was removed ---


def a_day(nanos: int = 5) -> object:
    return priced(
        "tokens",
        nov(1),
        (record(nov(1), tokens=Tokens(10), model="m"), usd(nanos)),
        charges=[charge(nanos, model="m")],
        bills_by={"model"},
    )


def test_an_account_added_again_takes_over_its_figures_and_counts_them_once(
    ledger: Ledger, source: Source
) -> None:
    store(ledger, source.id, a_day())  # type: ignore[arg-type]
    before = rows_by(ledger, Dimension.SOURCE, Dimension.MODEL)
    catalog.remove_source(ledger, source.id, forget=False)
    again = catalog.add_source(ledger, name="acme", connector="openai")
    assert rows_by(ledger, Dimension.SOURCE, Dimension.MODEL) == before
    catalog.start_run(ledger, again.id)
    assert usage.coverage(ledger, again.id) == {"tokens": (november(1, 1),)}
    store(ledger, again.id, a_day())  # type: ignore[arg-type]
    assert rows_by(ledger, Dimension.SOURCE, Dimension.MODEL) == before
    assert catalog.sources(ledger, removed=True) == (again,)
    assert ledger.check() == ()


def test_a_prepaid_account_added_again_keeps_its_book_its_marks_and_what_was_warned_of(
    ledger: Ledger, source: Source, clock: FakeClock
) -> None:
    store(ledger, source.id, a_day())  # type: ignore[arg-type]
    credit = prepaid.add_credit(
        ledger, source.id, Credit(CreditKind.TOP_UP, Money("USD", 5), date(2026, 11, 1))
    )
    watch = Watch(low=read_marks("20"), run_out_days=3)
    prepaid.save_watch(ledger, "acme", watch)
    fired = Warned("acme", "USD", WarningKind.BALANCE, "20.00", 4, clock.wall, "Low.", clock.wall)
    (told,) = prepaid.settle(ledger, "acme", "USD", lambda _before: (fired,), now=clock.wall)
    catalog.remove_source(ledger, source.id, forget=False)
    assert prepaid.warned(ledger) == ()
    again = catalog.add_source(ledger, name="acme", connector="openai")
    catalog.start_run(ledger, again.id)
    assert prepaid.credits_of(ledger, again.id) == (credit,)
    assert prepaid.watches(ledger) == {"acme": watch}
    assert prepaid.warned(ledger) == (told,)
    catalog.remove_source(ledger, again.id, forget=True)
    with ledger.reading() as connection:
        for table in ("credit", "watch", "warned"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_what_is_told_of_a_balance_goes_to_the_channels_once(
    ledger: Ledger, source: Source, clock: FakeClock
) -> None:
    fired = Warned(source.name, "USD", WarningKind.RUN_OUT, "7", 4, clock.wall, "Soon.", clock.wall)

    def settle() -> tuple[Warned, ...]:
        return prepaid.settle(
            ledger,
            source.name,
            "USD",
            lambda before: () if before.warned else (fired,),
            now=clock.wall,
            channels=(Channel.COMMAND,),
            document_of=lambda one: f"about {one.number}",
        )

    (told,) = settle()
    assert settle() == ()
    claimed = deliveries.claim(ledger, Channel.COMMAND, now=clock.wall)
    assert claimed is not None
    assert claimed.document == f"about {told.number}"
    assert deliveries.claim(ledger, Channel.COMMAND, now=clock.wall) is None
    ways = deliveries.deliveries_of(ledger, prepaid.FIRING)
    assert [way.channel for way in ways[told.number]] == [Channel.COMMAND]
    # Telling of a balance counts against what budgets may tell, and the other way round.
    budget = Budget("Team", 10, "USD")
    budgets.save_budget(ledger, budget)
    heard: list[Kept] = []
    budgets.settle(
        ledger,
        budget,
        lambda kept: heard.append(kept) or Decision(),  # type: ignore[func-returns-value]
        now=clock.wall,
        sentence_of=lambda _firing: "",
    )
    assert heard[0].told == (clock.wall,)


def test_giving_up_adding_it_again_keeps_the_old_figures(ledger: Ledger, source: Source) -> None:
    store(ledger, source.id, a_day())  # type: ignore[arg-type]
    before = content(ledger)
    catalog.remove_source(ledger, source.id, forget=False)
    again = catalog.add_source(ledger, name="acme", connector="openai")
    catalog.remove_source(ledger, again.id, forget=True)
    assert content(ledger) == before


def test_another_provider_name_or_address_is_another_account(
    ledger: Ledger, source: Source
) -> None:
    store(ledger, source.id, a_day())  # type: ignore[arg-type]
    catalog.remove_source(ledger, source.id, forget=False)
    others = [
        catalog.add_source(ledger, name="acme", connector="anthropic"),
        catalog.add_source(ledger, name="acme 2", connector="openai"),
    ]
    catalog.remove_source(ledger, others[0].id, forget=False)
    others.append(
        catalog.add_source(ledger, name="acme", connector="openai", base_url="https://x.test")
    )
    for other in others:
        catalog.start_run(ledger, other.id)
        assert usage.coverage(ledger, other.id) == {}
    assert usage.coverage(ledger, source.id) != {}


# --- runs ---


def test_the_last_run_is_the_last_that_ended(
    ledger: Ledger, source: Source, clock: FakeClock
) -> None:
    assert catalog.last_run(ledger, source.id) is None
    assert catalog.last_success(ledger, source.id) is None
    good = catalog.start_run(ledger, source.id)
    clock.wall += timedelta(minutes=1)
    catalog.finish_run(ledger, good, ok=True, slices=3)
    first_success = clock.wall
    clock.wall -= timedelta(days=2)  # a clock that goes back changes no order
    bad = catalog.start_run(ledger, source.id)
    wait = clock.wall + timedelta(hours=1)
    catalog.finish_run(
        ledger, bad, ok=False, title="Rate limited", sentence="Wait.", not_before=wait
    )
    catalog.start_run(ledger, source.id)  # runs still, or was cut off
    last = catalog.last_run(ledger, source.id)
    assert last == catalog.Run(
        id=bad,
        source_id=source.id,
        started_at=clock.wall,
        ended_at=clock.wall,
        ok=False,
        title="Rate limited",
        sentence="Wait.",
        slices=0,
        not_before=wait,
    )
    assert catalog.last_success(ledger, source.id) == first_success


def test_a_run_of_a_forgotten_source_ends_quietly(ledger: Ledger, source: Source) -> None:
    run = catalog.start_run(ledger, source.id)
    catalog.remove_source(ledger, source.id, forget=True)
    catalog.finish_run(ledger, run, ok=True)
    with pytest.raises(WrongUse, match="no longer there"):
        catalog.start_run(ledger, source.id)


def test_old_runs_are_let_go(ledger: Ledger, source: Source) -> None:
    with ledger.writing() as connection:
        connection.executemany(
            "INSERT INTO run (source, started_at) VALUES (?, 0)", [(source.id,)] * 500
        )
    catalog.start_run(ledger, source.id)
    with ledger.reading() as connection:
        (kept,) = connection.execute("SELECT count(*) FROM run").fetchone()
    assert kept == 201


# --- balances ---


def test_the_latest_reading_has_one_amount_for_each_currency(
    ledger: Ledger, source: Source, clock: FakeClock
) -> None:
    def read(*amounts: Money) -> None:
        catalog.save_balances(ledger, source.id, [BalanceReading(clock.wall, a) for a in amounts])

    read(Money("USD", 5), Money("CNY", 7))
    assert catalog.latest_balances(ledger) == (
        catalog.Balance("acme", clock.wall, Money("CNY", 7)),
        catalog.Balance("acme", clock.wall, Money("USD", 5)),
    )
    clock.wall -= timedelta(days=1)
    read(Money("USD", -3))
    assert catalog.latest_balances(ledger) == (
        catalog.Balance("acme", clock.wall, Money("USD", -3)),
    )
    catalog.remove_source(ledger, source.id, forget=False)
    assert catalog.latest_balances(ledger) == ()


def test_a_reading_comes_back_with_all_that_was_told_of_it(
    ledger: Ledger, source: Source, clock: FakeClock
) -> None:
    lapsing = (Expiring(date(2026, 12, 31), 5), Expiring(date(2027, 1, 31), 7))
    told = BalanceReading(
        clock.wall,
        Money("CNY", -7),
        granted=12,
        topped_up=-19,
        ever_added=100,
        ever_spent=107,
        expiring=lapsing,
    )
    bare = BalanceReading(clock.wall, Money("USD", 5))
    catalog.save_balances(ledger, source.id, [told, bare])
    assert runs.readings_of(ledger, source.id) == (told, bare)


# --- budgets and alerts ---

BUDGET = Budget(
    name="Team",
    nanos=200 * 10**9,
    currency="USD",
    span=Span.WEEK,
    scope=Scope(((Dimension.PROJECT, ("p1", None)), (Dimension.MODEL, ("m",)))),
    thresholds=(*DEFAULT_THRESHOLDS, Threshold(ThresholdKind.ACTUAL, Decimal("12.5"))),
    zone="Asia/Shanghai",
)
WARNING = Alert(
    budget="Team",
    threshold=DEFAULT_THRESHOLDS[3],
    period=november(),
    fired_at=FakeClock().wall,
    sentence="Likely to be passed.",
)


def test_budgets_are_kept_as_they_were_set(ledger: Ledger) -> None:
    small = Budget("A small one", 1, "CNY")
    for budget in (BUDGET, small):
        catalog.save_budget(ledger, budget)
    assert catalog.budgets(ledger) == (small, BUDGET)
    richer = replace(BUDGET, nanos=BUDGET.nanos * 2)
    catalog.save_budget(ledger, richer)
    assert catalog.budgets(ledger) == (small, richer)
    catalog.remove_budget(ledger, "A small one")
    assert catalog.budgets(ledger) == (richer,)
    with pytest.raises(WrongUse, match="no budget called"):
        catalog.remove_budget(ledger, "A small one")


def fire(ledger: Ledger, alert: Alert, budget: Budget = BUDGET) -> bool:
    """Keep an alert as a decision to fire it would; whether it was kept and told."""

    def decision(kept: Kept) -> Decision:
        if any((a.threshold, a.period) == (alert.threshold, alert.period) for a in kept.fired):
            return Decision()
        look = Look(alert.period, spent=0, limit=1)
        return Decision((Firing(look, alert.threshold, (alert.threshold,), told=True),))

    told = settle(
        ledger, budget, decision, now=alert.fired_at, sentence_of=lambda _: alert.sentence
    )
    return len(told) == 1


def test_an_alert_fires_once_for_each_threshold_and_period(ledger: Ledger) -> None:
    catalog.save_budget(ledger, BUDGET)
    assert fire(ledger, WARNING)
    assert not fire(ledger, replace(WARNING, sentence="Again."))
    half = replace(WARNING, threshold=DEFAULT_THRESHOLDS[0])
    other_week = replace(WARNING, period=november(2, 8))
    assert fire(ledger, half)
    assert fire(ledger, other_week)
    kept = tuple(replace(a, told_at=a.fired_at) for a in (other_week, half, WARNING))
    assert catalog.alerts(ledger) == kept
    assert catalog.alerts(ledger, budget="Team") == kept
    assert catalog.alerts(ledger, budget="other") == ()


def test_what_became_of_an_alert_is_kept(ledger: Ledger) -> None:
    catalog.save_budget(ledger, BUDGET)
    fire(ledger, WARNING)
    (fired,) = catalog.alerts(ledger)
    later = WARNING.fired_at + HOUR
    calm = replace(fired, calm_since=later, recovered_at=later + HOUR)
    settle(ledger, BUDGET, lambda _: Decision(changed=(calm,)), now=later, sentence_of=str)
    assert catalog.alerts(ledger) == (calm,)


def test_an_alert_of_no_budget_does_not_fire(ledger: Ledger) -> None:
    assert not fire(ledger, WARNING)
    assert catalog.alerts(ledger) == ()


def test_nothing_fires_for_a_budget_that_was_changed_since_it_was_looked_at(
    ledger: Ledger,
) -> None:
    catalog.save_budget(ledger, replace(BUDGET, nanos=BUDGET.nanos * 2))
    assert not fire(ledger, WARNING)


def test_a_changed_limit_may_fire_again_and_other_changes_do_not(ledger: Ledger) -> None:
    catalog.save_budget(ledger, BUDGET)
    fire(ledger, WARNING)
    for other in (
        replace(BUDGET, thresholds=DEFAULT_THRESHOLDS),
        replace(BUDGET, zone="Europe/Berlin"),
        replace(BUDGET, carries_from=TODAY),
    ):
        catalog.save_budget(ledger, other)
        assert catalog.budgets(ledger) == (other,)
        assert not fire(ledger, WARNING, other)
    smaller = replace(BUDGET, nanos=1)
    catalog.save_budget(ledger, smaller)
    assert catalog.alerts(ledger) == ()
    assert len(catalog.alerts(ledger, every_edition=True)) == 1
    assert fire(ledger, WARNING, smaller)


def test_a_budget_that_was_removed_and_set_again_starts_afresh(ledger: Ledger) -> None:
    catalog.save_budget(ledger, BUDGET)
    fire(ledger, WARNING)
    catalog.remove_budget(ledger, "Team")
    assert catalog.alerts(ledger) == ()
    catalog.save_budget(ledger, BUDGET)
    assert fire(ledger, WARNING)


def test_a_snooze_is_kept_and_ended(ledger: Ledger) -> None:
    catalog.save_budget(ledger, BUDGET)
    until = WARNING.fired_at + HOUR
    snooze_budget(ledger, "Team", until=until)
    assert snoozed(ledger) == {"Team": until}
    snooze_budget(ledger, "Team", until=None)
    assert snoozed(ledger) == {}
    with pytest.raises(WrongUse, match="no budget called"):
        snooze_budget(ledger, "Other", until=until)
