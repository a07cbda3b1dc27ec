"""What to try for each measure: where, and exactly what it would have saved in that week."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import NOW, SetClock

from plimsoll.analysis.efficiency import Kind, beyond_usual, whole_weeks
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.question import Amounts, Dimension, Row, Scope
from plimsoll.domain.said import Said
from plimsoll.domain.usage import (
    Attribution,
    Charge,
    Computed,
    PricedSlice,
    Slice,
    Tokens,
    UsageRecord,
)
from plimsoll.domain.work import Done, WorkDay
from plimsoll.ledger import catalog, usage
from plimsoll.ledger.reported_work import save_work
from plimsoll.services import overlaps
from plimsoll.services.efficiency import efficiency
from plimsoll.services.efficiency_answers import Action, Basis, Finding, LeftOut, Quiet, Share
from plimsoll.services.efficiency_tallies import Tallies
from plimsoll.services.pricing import Pricing
from plimsoll.services.program import Program
from plimsoll.services.vault import MemoryVault

WEEKS = whole_weeks(NOW.date())
LAST = len(WEEKS) - 1
BY_ALL = frozenset({"model", "project"})


@dataclass(frozen=True)
class Cell:
    """One model and project on one day: `nanos` are what it cost."""

    model: str
    output: int
    nanos: int
    project: str | None = None
    requests: int | None = 10
    currency: str = "USD"
    tokens: Tokens | None = None
    answered: str | None = None
    priced: bool = True
    tier: str | None = None


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    opened = Program(tmp_path, clock=SetClock(NOW), vault=MemoryVault())
    yield opened
    opened.close()


def fill(
    program: Program,
    weeks: Sequence[Sequence[Cell]],
    *,
    name: str = "Acme",
    connector: str = "openai",
    bills_by: frozenset[str] | None = BY_ALL,
    kind: str = "provider",
    settings: tuple[tuple[str, str], ...] = (),
    leave: frozenset[date] = frozenset(),
    start: int | None = None,
) -> None:
    """Each week's cells on each of its days: billed by what `bills_by` says, else priced only. The
    last of them is the latest week, unless they `start` with another one.
    """
    known = {source.name: source for source in catalog.sources(program.ledger)}
    source = known.get(name) or catalog.add_source(
        program.ledger,
        name=name,
        connector=connector,
        base_url=None,
        settings=settings,
        key_tail="",
        kind=kind,
    )
    made = []
    first = len(WEEKS) - len(weeks) if start is None else start
    for week, cells in zip(WEEKS[first : first + len(weeks)], weeks, strict=True):
        for day in week.days():
            if day in leave:
                continue
            start = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
            records, computed, charges = [], [], []
            for cell in cells:
                who = Attribution(
                    model=cell.model,
                    project=cell.project,
                    tier=cell.tier,
                    call_class=cell.answered,
                )
                tokens = cell.tokens or Tokens(input=cell.output, output=cell.output)
                records.append(
                    UsageRecord(start, start + timedelta(hours=1), who, tokens, cell.requests)
                )
                worth = Money(cell.currency, cell.nanos) if cell.priced else None
                computed.append(Computed(worth, "made up"))
                money = Money(cell.currency, cell.nanos)
                charges.append(Charge(who if bills_by else Attribution(), money, "1"))
            made.append(PricedSlice(Slice("usage", day, tuple(records)), tuple(computed)))
            if bills_by is not None:
                bill = Slice("costs", day, charges=tuple(charges), bills_by=bills_by)
                made.append(PricedSlice(bill))
    usage.replace_slices(program.ledger, source.id, made, revision_days=0)


def finding(program: Program, kind: Kind, currency: str = "", name: str = "") -> Finding:
    (found,) = (
        f
        for f in program.efficiency().findings
        if f.measure.kind is kind
        and f.measure.name == name
        and (not currency or f.measure.currency == currency)
    )
    return found


def action(program: Program, kind: Kind, currency: str = "", name: str = "") -> Action:
    found = finding(program, kind, currency, name)
    assert found.action is not None, found.quiet
    return found.action


def rows_behind(program: Program, found: Action) -> Row:
    return program.spend(found.question).total


# --- output for money, and requests ----------------------------------------------------------


def test_the_model_whose_output_cost_most_more_than_its_own_usual_is_named(
    program: Program,
) -> None:
    """Big: 100 for $1 a day, in the last week 100 for $3: $2 a day more. Small: 40 cents more."""
    usual = [Cell("big", 100, NANO), Cell("small", 100, NANO // 10)]
    last = [Cell("big", 100, 3 * NANO), Cell("small", 100, NANO // 2)]
    fill(program, [usual] * 8 + [last])
    found = action(program, Kind.OUTPUT_PER_MONEY, "USD")
    assert (found.source, found.part, found.value) == ("Acme", Dimension.MODEL, "big")
    assert found.model == "big"
    assert found.saving == Money("USD", 7 * 2 * NANO)
    assert found.basis is Basis.BILLED
    assert (found.now, found.usual) == (Fraction(3 * NANO, 100), Fraction(NANO, 100))
    rows = rows_behind(program, found)
    assert rows.spent("USD") == 7 * 3 * NANO, "the rows behind it are the model's week"


def test_a_project_is_named_where_more_of_it_lies_there(program: Program) -> None:
    """Two models of one project cost a dollar a day more each."""
    usual = [Cell("a", 100, NANO, "Shop"), Cell("b", 100, NANO, "Shop"), Cell("a", 9, NANO, "Lab")]
    last = [
        Cell("a", 100, 2 * NANO, "Shop"),
        Cell("b", 100, 2 * NANO, "Shop"),
        Cell("a", 9, NANO, "Lab"),
    ]
    fill(program, [usual] * 8 + [last])
    found = action(program, Kind.OUTPUT_PER_MONEY, "USD")
    assert (found.part, found.value, found.model) == (Dimension.PROJECT, "Shop", None)
    assert found.saving == Money("USD", 7 * 2 * NANO)
    assert rows_behind(program, found).spent("USD") == 7 * 4 * NANO


def test_where_no_bill_tells_models_it_is_the_source(program: Program) -> None:
    usual, last = [Cell("a", 100, NANO)], [Cell("a", 100, 2 * NANO)]
    fill(program, [usual] * 8 + [last], bills_by=frozenset())
    found = action(program, Kind.OUTPUT_PER_MONEY, "USD")
    assert (found.part, found.value) == (Dimension.SOURCE, "Acme")
    assert found.saving == Money("USD", 7 * NANO)


def test_a_request_that_costs_more_says_what_the_week_would_have_cost_less(
    program: Program,
) -> None:
    usual = [Cell("a", 100, NANO, requests=10)]
    fill(program, [usual] * 8 + [[Cell("a", 100, NANO, requests=5)]])
    found = action(program, Kind.COST_PER_REQUEST, "USD")
    assert found.saving == Money("USD", 7 * NANO // 2), "half of the money is beyond its usual"
    assert (found.now, found.usual) == (Fraction(NANO, 5), Fraction(NANO, 10))


def test_estimated_money_says_that_it_is(program: Program) -> None:
    usual, last = [Cell("a", 100, NANO)], [Cell("a", 100, 2 * NANO)]
    fill(program, [usual] * 8 + [last], bills_by=None)
    assert action(program, Kind.OUTPUT_PER_MONEY, "USD").basis is Basis.ESTIMATED


def test_two_currencies_have_an_action_each_and_are_never_added(program: Program) -> None:
    usual = [Cell("a", 100, NANO)]
    fill(program, [usual] * 8 + [[Cell("a", 100, 2 * NANO)]])
    yuan = [Cell("a", 100, 7 * NANO, currency="CNY")]
    fill(
        program,
        [yuan] * 8 + [[Cell("a", 100, 10 * NANO, currency="CNY")]],
        name="Kimi",
        connector="moonshot",
    )
    dollars = action(program, Kind.OUTPUT_PER_MONEY, "USD")
    assert (dollars.source, dollars.saving) == ("Acme", Money("USD", 7 * NANO))
    other = action(program, Kind.OUTPUT_PER_MONEY, "CNY")
    assert (other.source, other.saving) == ("Kimi", Money("CNY", 7 * 3 * NANO))
    answer = program.efficiency()
    assert answer.action in answer.actions
    assert answer.actions[0] == answer.action
    assert answer.action is not None
    assert answer.action.saving.currency == "CNY", "most was spent in yuan"


def test_where_only_the_mix_changed_nobody_is_blamed(program: Program) -> None:
    """Both cost what they always did; the dear one was used more."""
    usual = [Cell("dear", 10, NANO), Cell("cheap", 1000, NANO)]
    last = [Cell("dear", 100, 10 * NANO), Cell("cheap", 100, NANO // 10)]
    fill(program, [usual] * 8 + [last])
    assert finding(program, Kind.OUTPUT_PER_MONEY, "USD").quiet is Quiet.NO_PART


def test_a_new_model_has_no_usual_of_its_own(program: Program) -> None:
    fill(program, [[Cell("old", 100, NANO)]] * 8 + [[Cell("new", 100, 9 * NANO)]])
    found = finding(program, Kind.OUTPUT_PER_MONEY, "USD")
    assert found.action is not None
    assert found.action.part is Dimension.SOURCE, "what is known is the source's own past"


def test_tokens_without_a_price_are_not_in_a_saving(program: Program) -> None:
    """Of the last week one model has no price on any day: only the other one's excess is told."""
    usual = [Cell("a", 100, NANO), Cell("b", 100, NANO)]
    last = [Cell("a", 100, 2 * NANO), Cell("b", 900, 9 * NANO, priced=False)]
    fill(program, [usual] * 8 + [last], bills_by=None)
    found = finding(program, Kind.OUTPUT_PER_MONEY, "USD")
    assert found.measure.divided[-1] == (700, 14 * NANO), "the money is for the others"
    assert found.left_out == (("Acme", LeftOut.PART_NOT_PRICED, 7),)
    assert found.action is not None
    assert (found.action.value, found.action.saving) == ("a", Money("USD", 7 * NANO))


@pytest.mark.parametrize(("times", "quiet"), [(1, Quiet.USUAL), (3, Quiet.COSTS_NOTHING)])
def test_within_what_is_usual_and_on_the_other_side_of_it_there_is_nothing_to_try(
    program: Program, times: int, quiet: Quiet
) -> None:
    fill(program, [[Cell("a", 100, NANO)]] * 8 + [[Cell("a", 100 * times, NANO)]])
    found = finding(program, Kind.OUTPUT_PER_MONEY, "USD")
    assert (found.action, found.quiet) == (None, quiet)


def test_too_few_weeks_say_so(program: Program) -> None:
    fill(program, [[Cell("a", 100, NANO)]] * 3 + [[Cell("a", 100, 9 * NANO)]])
    assert finding(program, Kind.OUTPUT_PER_MONEY, "USD").quiet is Quiet.TOO_SHORT


def test_a_bill_without_models_in_some_weeks_leaves_the_other_weeks_their_models(
    program: Program,
) -> None:
    """Eight and seven weeks ago it named none: six weeks with them are enough, the oldest too."""
    usual, last = [Cell("a", 100, NANO)], [Cell("a", 100, 2 * NANO)]
    fill(program, [usual] * 6, name="Old", bills_by=frozenset(), start=0)
    fill(program, [usual] * 6, name="Acme", start=0)
    fill(program, [last], name="Acme", start=8)
    found = action(program, Kind.OUTPUT_PER_MONEY, "USD")
    assert (found.source, found.part, found.value) == ("Acme", Dimension.MODEL, "a")
    assert found.saving == Money("USD", 7 * NANO)


# --- units of work ---------------------------------------------------------------------------


def test_the_model_that_cost_most_more_for_a_unit_of_work_is_named(program: Program) -> None:
    """Fourteen tickets a week: $7 and $7, in the last week $21 and $8.40."""
    usual = [Cell("a", 100, NANO), Cell("b", 100, NANO)]
    last = [Cell("a", 100, 3 * NANO), Cell("b", 100, NANO * 12 // 10)]
    fill(program, [usual] * 8 + [last])
    for week in WEEKS:
        program.add_work("tickets", 14, day=week.first)
    found = action(program, Kind.COST_PER_UNIT, "USD", "tickets")
    assert (found.value, found.name) == ("a", "tickets")
    assert found.saving == Money("USD", 14 * NANO)
    assert (found.now, found.usual) == (Fraction(21 * NANO, 14), Fraction(7 * NANO, 14))


def test_weeks_with_missing_days_are_no_usual_for_what_work_costs(program: Program) -> None:
    """Three of the eight weeks lack days: five are too few to say what is usual."""
    usual, last = [Cell("a", 100, NANO)], [Cell("a", 100, 3 * NANO)]
    lacking = frozenset(week.first for week in WEEKS[1:4])
    fill(program, [usual] * 8 + [last], leave=lacking)
    source = catalog.sources(program.ledger)[0]
    catalog.set_endpoints(program.ledger, source.id, ["usage", "costs"])
    for week in WEEKS:
        program.add_work("tickets", 14, day=week.first)
    assert finding(program, Kind.COST_PER_UNIT, "USD", "tickets").action is None
    assert finding(program, Kind.OUTPUT_PER_MONEY, "USD").action is not None


@pytest.mark.parametrize(
    ("is_plan", "basis"), [(False, Basis.ESTIMATED), (True, Basis.PLAN)], ids=["use", "plan"]
)
def test_work_whose_cost_its_provider_estimates_is_told_by_that_estimate(
    program: Program, is_plan: bool, basis: Basis
) -> None:
    """Four commits a day for a dollar, in the last week for three."""
    claude = catalog.add_source(program.ledger, name="Claude", connector="anthropic")
    for week in WEEKS:
        cost = Money("USD", 3 * NANO if week == WEEKS[-1] else NANO)
        part = Done((("commits", 4),), cost, is_plan=is_plan)
        told = [WorkDay(day, (part,)) for day in week.days()]
        save_work(program.ledger, claude.id, told, asked_on=NOW.date())
    found = action(program, Kind.COST_PER_UNIT, "USD", "commits")
    assert (found.source, found.part) == ("Claude", Dimension.SOURCE)
    assert found.saving == Money("USD", 14 * NANO)
    assert found.basis is basis
    assert found.question.scope == Scope(((Dimension.SOURCE, ("Claude",)),))
    assert isinstance(found.name, Said), "the window says it in the reader's language"


# --- caches, by list price -------------------------------------------------------------------


def test_a_cache_that_saved_less_than_usual_is_told_in_list_prices(program: Program) -> None:
    """Of 10 M a day 8 M, then 4 M were read from it: $3 and $0.30 by list."""
    model = "claude-sonnet-4-5"
    many, few = (
        Cell(model, 0, NANO, tokens=Tokens(input=10**7 - n, cache_read=n, output=10))
        for n in (8 * 10**6, 4 * 10**6)
    )
    fill(program, [[many]] * 8 + [[few]], connector="anthropic")
    found = action(program, Kind.CACHE_SAVED, "USD")
    assert (found.value, found.basis) == (model, Basis.LIST)
    assert found.saving == Money("USD", 7 * 4 * 2_700_000_000)
    hits = action(program, Kind.CACHE_HITS)
    assert hits.saving == found.saving, "the same thing, told in tokens"


def test_of_several_tiers_the_one_that_saves_least_is_told(program: Program) -> None:
    """Ten nano-dollars for a fresh token and one for a cached one, half of both in the batch."""

    class Tiers:
        def compute(
            self, record: UsageRecord, source: object, *, provider: str | None = None
        ) -> Computed:
            worth = 10 * record.tokens.input + record.tokens.cache_read
            share = 2 if record.attribution.tier == "batch" else 1
            return Computed(Money("USD", worth // share), "tiers")

    many, few = Tokens(input=200, cache_read=800), Tokens(input=600, cache_read=400)
    for tier in ("batch", None):
        usual, last = (Cell("m", 0, 100, tokens=t, tier=tier) for t in (many, few))
        fill(program, [[usual]] * 8 + [[last]], name=tier or "usual")
    fill(program, [[Cell("m", 0, 100, tokens=many)] * 2] * 8, name="both", start=0)
    mixed = [Cell("m", 0, 100, tokens=few, tier=tier) for tier in ("batch", None)]
    fill(program, [mixed], name="both", start=8)
    found = efficiency(program.ledger, cast("Pricing", Tiers()), now=NOW)
    (hits,) = (f.action for f in found.findings if f.measure.kind is Kind.CACHE_HITS)
    assert hits is not None
    assert hits.source == "usual", "400 tokens a day at nine; both: 800 at four and a half"
    assert hits.saving == Money("USD", 7 * 400 * 9)


# --- own loop --------------------------------------------------------------------------------


def loops(own: int, *, project: str = "app", model: str = "m") -> list[Cell]:
    """A thousand tokens a day, `own` of them the agent's own, a dollar for each hundred."""
    return [
        Cell(
            model,
            0,
            tokens * NANO // 100,
            project,
            tokens=Tokens(output=tokens),
            answered=answered,
        )
        for answered, tokens in (("human", 1000 - own), ("tool_loop", own))
    ]


@pytest.mark.parametrize(
    ("settings", "basis"),
    [((("money", "api"),), Basis.LIST), ((("money", "plan"),), Basis.PLAN)],
)
def test_the_project_with_most_own_loop_beyond_its_own_usual_is_named(
    program: Program, settings: tuple[tuple[str, str], ...], basis: Basis
) -> None:
    weeks = [[*loops(200), *loops(500, project="site")]] * 8
    weeks += [[*loops(600), *loops(510, project="site")]]
    fill(
        program,
        weeks,
        name="Laptop",
        connector="claude-code",
        kind="agent",
        bills_by=None,
        settings=settings,
    )
    found = action(program, Kind.OWN_LOOP)
    assert (found.part, found.value, found.source) == (Dimension.PROJECT, "app", "Laptop")
    assert found.tokens == 7 * 400
    assert found.saving == Money("USD", 7 * 4 * NANO)
    assert found.basis is basis
    assert (found.now, found.usual) == (Fraction(6, 10), Fraction(2, 10))
    assert rows_behind(program, found).tokens.total == 7 * 600, "the rows are the own loop's"


def test_what_a_plan_pays_for_is_told_after_what_is_owed(program: Program) -> None:
    """The loop under a plan is worth far more than what the dearer output cost."""
    fill(program, [[Cell("a", 100, NANO)]] * 8 + [[Cell("a", 100, 2 * NANO)]])
    weeks = [[*loops(200)]] * 8 + [[*loops(900)]]
    plan = (("money", "plan"),)
    fill(
        program,
        [[replace(cell, nanos=9 * cell.nanos) for cell in cells] for cells in weeks],
        name="Laptop",
        connector="claude-code",
        kind="agent",
        bills_by=None,
        settings=plan,
    )
    answer = program.efficiency()
    kinds = [found.kind for found in answer.actions]
    assert Kind.OWN_LOOP in kinds
    assert answer.action is not None
    assert answer.action.basis is Basis.BILLED
    assert answer.action.saving < action(program, Kind.OWN_LOOP).saving


@pytest.mark.parametrize("kind", [Kind.CACHE_HITS, Kind.WRITES_UNREAD])
def test_where_no_price_is_known_nothing_is_said_to_be_the_mix_or_to_cost_nothing(
    program: Program, kind: Kind
) -> None:
    """A model of no list: fewer tokens from the cache, and more writes that nobody read."""
    many, few = (
        Cell("nobody-lists-it", 0, NANO, tokens=Tokens(input=n, cache_read=r, cache_write_5m=w))
        for n, r, w in ((200, 800, 100), (500, 100, 400))
    )
    fill(program, [[many]] * 8 + [[few]])
    found = finding(program, kind)
    assert found.measure.costs_more
    assert (found.action, found.quiet) == (None, Quiet.PARTS_NOT_KNOWN)


# --- what is in a figure, and what is not ----------------------------------------------------


def test_the_sources_of_a_figure_are_told_and_those_that_are_left_out_with_the_reason(
    program: Program,
) -> None:
    cells = [Cell("a", 100, NANO)]
    fill(program, [cells] * 9)
    fill(program, [cells] * 9, name="Flat", bills_by=None, settings=(("money", "plan"),))
    fill(program, [[Cell("a", 7, NANO, priced=False)]] * 9, name="Odd", bills_by=None)
    fill(
        program,
        [loops(200)] * 9,
        name="Laptop",
        connector="claude-code",
        kind="agent",
        bills_by=None,
        settings=(("money", "api"),),
    )
    overlaps.explain(program.ledger, "Laptop", "Acme")
    output = finding(program, Kind.OUTPUT_PER_MONEY, "USD")
    assert output.shares == (Share("Acme", 700, 7 * NANO, 7),)
    assert output.left_out == (
        ("Flat", LeftOut.PLAN, 7),
        ("Odd", LeftOut.NOT_PRICED, 7),
        ("Laptop", LeftOut.PAID_ELSEWHERE, 7),
    )
    own = finding(program, Kind.OWN_LOOP)
    assert own.shares == (Share("Laptop", 1400, 7000, 7),), "whom a call answered only it knows"
    assert own.left_out == ()


def test_all_sources_pay_together_for_a_unit_of_work(program: Program) -> None:
    for name, nanos in (("Acme", NANO), ("Other", 2 * NANO)):
        fill(program, [[Cell("a", 100, nanos)]] * 9, name=name)
    program.add_work("tickets", 14, day=WEEKS[-1].first)
    found = finding(program, Kind.COST_PER_UNIT, "USD", "tickets")
    assert found.measure.divided[-1] == (21 * NANO, 14)
    assert found.shares == (Share("Other", 14 * NANO, 14, 7), Share("Acme", 7 * NANO, 14, 7))


# --- the arithmetic --------------------------------------------------------------------------

MONEY = st.integers(min_value=1, max_value=10**13)
COUNT = st.integers(min_value=1, max_value=10**9)
WEEK_OF_ONE = st.tuples(MONEY, COUNT)


def by_hand(weeks: Sequence[tuple[int, int]]) -> int:
    """What the last week's money was above its output at the median price of the weeks before, by
    decimals of a hundred digits.
    """
    with localcontext() as context:
        context.prec = 100
        prices = sorted(Decimal(money) / Decimal(output) for money, output in weeks[:-1])
        middle = len(prices) // 2
        usual = (prices[middle] + prices[~middle]) / 2
        money, output = weeks[-1]
        return int((money - usual * output).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


@given(
    st.lists(WEEK_OF_ONE, min_size=9, max_size=9),
    st.lists(WEEK_OF_ONE, min_size=9, max_size=9),
)
def test_a_saving_is_what_arithmetic_by_hand_gives(
    dollars: list[tuple[int, int]], yuan: list[tuple[int, int]]
) -> None:
    """Two currencies on days of their own, and one day in both, which is in neither."""
    tallies = Tallies(WEEKS)
    for week, one, other in zip(WEEKS, dollars, yuan, strict=True):
        days = [day.isoformat() for day in week.days()]
        for currency, (money, output), day in (("USD", one, days[0]), ("CNY", other, days[1])):
            paid = (Amounts(currency, billed=money),)
            tallies.add_money(Row((), Tokens(output=output), 1, paid), ("S", "m"), day)
        both = (Amounts("CNY", billed=5), Amounts("USD", billed=7))
        tallies.add_money(Row((), Tokens(output=10**12), 1, both), ("S", "m"), days[2])
        part = (Amounts("USD", estimated=9),)
        unpriced = Row((), Tokens(output=10**12), 1, part, not_priced_tokens=1)
        tallies.add_money(unpriced, ("S", "m"), days[3])
    for currency, weeks in (("USD", dollars), ("CNY", yuan)):
        tally = tallies.of(Kind.OUTPUT_PER_MONEY, currency)["S", "m"]
        found = beyond_usual([(money, output) for output, money in tally.weeks])
        assert found is not None
        assert round(found.amount) == by_hand(weeks)
        assert found.amount <= weeks[-1][0], "never more than was paid"
