"""Tokens by the price that their rows keep: all of them once, and what nobody can price apart."""

from __future__ import annotations

from ledger_kit import charge, nov, november, priced, record, rows_by, store, usd

from plimsoll.domain.calendar import Period
from plimsoll.domain.question import Dimension, Scope
from plimsoll.domain.usage import Tokens
from plimsoll.ledger import catalog
from plimsoll.ledger.catalog import Source
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.priced import priced_tokens


def fill(ledger: Ledger, source: Source) -> None:
    a = record(nov(1), tokens=Tokens(input=10, output=2, reasoning=1), model="a", project="p")
    b = record(nov(1), tokens=Tokens(input=5), model="b", tier="batch")
    late = record(nov(2), tokens=Tokens(cache_read=7), model="a", project="p")
    prior = record(nov(2), tokens=Tokens(input=3), model="a", tier="priority", elsewhere=True)
    store(
        ledger,
        source.id,
        priced("usage", nov(1), (a, usd(120)), b),
        priced("usage", nov(2), (late, usd(7)), (prior, usd(3))),
        priced("costs", nov(2), charges=(charge(9, model="a"),), bills_by=("model",)),
    )


def test_every_token_is_there_once_by_model(ledger: Ledger, source: Source) -> None:
    fill(ledger, source)
    groups = priced_tokens(ledger, november())
    for (model,), row in rows_by(ledger, Dimension.MODEL).items():
        mine = [group for group in groups if group.model == model]
        assert sum((group.tokens for group in mine), Tokens()) == row.tokens
        assert sum(group.worth or 0 for group in mine) == sum(a.worth for a in row.amounts)
        unpriced = [group.tokens.total for group in mine if not group.priced]
        assert sum(unpriced) == row.not_priced_tokens


def test_a_group_says_what_its_money_is(ledger: Ledger, source: Source) -> None:
    fill(ledger, source)
    found = {
        (g.model, g.tier, g.charged): (g.priced, g.worth, g.basis, g.currency)
        for g in priced_tokens(ledger, november())
    }
    assert found == {
        ("a", None, False): (True, 120, "listed", "USD"),
        ("b", "batch", False): (False, None, "", ""),
        ("a", None, True): (True, 7, "listed", "USD"),
        ("a", "priority", True): (False, 3, "listed", "USD"),
    }


def test_only_the_days_of_the_period_are_looked_at(ledger: Ledger, source: Source) -> None:
    fill(ledger, source)
    groups = priced_tokens(ledger, Period(nov(2), nov(2)))
    assert sum(group.tokens.total for group in groups) == 10
    assert priced_tokens(ledger, Period(nov(3), nov(9))) == ()


def test_what_a_subscription_pays_is_left_out_and_what_was_billed_is_not(ledger: Ledger) -> None:
    plan = catalog.add_source(
        ledger, name="plan", connector="openai", settings=(("money", "plan"),)
    )
    fill(ledger, plan)
    groups = priced_tokens(ledger, november())
    assert {(group.charged, group.tier) for group in groups} == {(True, None), (True, "priority")}
    assert sum(group.tokens.total for group in groups) == 10


def test_within_a_scope_there_are_its_own_tokens_and_none_whose_money_stands_elsewhere(
    ledger: Ledger, source: Source
) -> None:
    fill(ledger, source)
    a = Scope(((Dimension.MODEL, ("a",)),))
    groups = priced_tokens(ledger, november(), a)
    assert sum(group.tokens.total for group in groups) == 12 + 7 + 3
    assert {group.model for group in groups} == {"a"}
    project = Scope(((Dimension.PROJECT, ("p",)),))
    assert priced_tokens(ledger, november(), project) == (), "the bill is not cut by projects"
