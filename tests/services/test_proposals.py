"""Budgets are proposed from last month and from providers' limits, and never what there is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from made_up import NOW, Bench, MadeUpAccount, spread

from plimsoll.domain.budget import Budget, SpendLimit
from plimsoll.domain.calendar import Span
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.question import Dimension, Scope
from plimsoll.domain.usage import Name, NameKind
from plimsoll.ledger import budgets as stored
from plimsoll.ledger import catalog
from plimsoll.ledger.spend_limits import save_limits
from plimsoll.services import budgets
from plimsoll.services.forecasts import forecast_table
from plimsoll.services.proposals import LONGEST_NAME, Proposal, propose

WHOLE = SpendLimit(Money("USD", 2_500 * NANO), Span.MONTH)
OF_SHOP = SpendLimit(Money("USD", 40 * NANO), Span.WEEK, (Dimension.PROJECT, "proj_shop"))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "archive")
    yield made
    made.close()


def proposed(bench: Bench) -> tuple[Proposal, ...]:
    return propose(bench.ledger, now=NOW, currencies=("USD", "CNY"))


def test_a_limit_is_proposed_on_what_it_limits_in_its_own_span(bench: Bench) -> None:
    save_limits(bench.ledger, bench.source.id, [WHOLE, OF_SHOP])
    catalog.save_names(bench.ledger, bench.source.id, [Name(NameKind.PROJECT, "proj_shop", "Shop")])
    whole, shop = proposed(bench)
    assert whole.sentence == "$2,500.00 a month: the limit that is set at Made up"
    assert whole.budget == Budget(
        "Made up limit",
        2_500 * NANO,
        "USD",
        scope=Scope(((Dimension.SOURCE, ("Made up",)),)),
    )
    assert shop.is_limit
    assert shop.sentence == "$40.00 a week: the limit of project Shop that is set at Made up"
    assert shop.budget.span is Span.WEEK
    assert shop.budget.scope.conditions[1] == (Dimension.PROJECT, ("Shop",))


def test_what_is_a_budget_already_is_not_proposed_again(bench: Bench) -> None:
    bench.sync(MadeUpAccount(spread(60)))
    save_limits(bench.ledger, bench.source.id, [WHOLE])
    month, limit = proposed(bench)
    assert (month.is_limit, limit.is_limit) == (False, True)
    stored.save_budget(bench.ledger, Budget("Mine", 9 * NANO, "USD", scope=limit.budget.scope))
    assert [p.is_limit for p in proposed(bench)] == [False], "a limit of one's own is kept"
    stored.save_budget(bench.ledger, Budget("All", 9 * NANO, "USD"))
    assert proposed(bench) == ()


def test_a_proposal_never_takes_the_name_of_a_budget(bench: Bench) -> None:
    bench.sync(MadeUpAccount(spread(60)))
    keys = [(Dimension.KEY, "k" * 80 + str(n)) for n in range(12)]
    limits = [SpendLimit(Money("USD", NANO), Span.MONTH, key) for key in keys]
    save_limits(bench.ledger, bench.source.id, limits)
    stored.save_budget(bench.ledger, Budget("Month", NANO, "USD", span=Span.DAY))
    names = [proposal.budget.name for proposal in proposed(bench)]
    assert names[0] == "Month 2"
    assert len(set(names)) == len(names) == 13
    assert "Month" not in names
    assert max(map(len, names)) <= LONGEST_NAME


def test_a_proposed_limit_counts_what_it_limits(bench: Bench) -> None:
    bench.sync(MadeUpAccount(spread(60)))
    save_limits(bench.ledger, bench.source.id, [WHOLE])
    budget = next(p.budget for p in proposed(bench) if p.is_limit)
    stored.save_budget(bench.ledger, budget)
    status = budgets.standing(bench.ledger, budget, now=NOW, table=forecast_table())
    assert 17 * NANO < status.spent < 18 * NANO
