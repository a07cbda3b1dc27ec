"""Efficiency on a real archive: only what is known is divided, and savings are list prices."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import cast

import pytest
from made_up import NOW, SetClock

from plimsoll.analysis.efficiency import Kind, Measure, Standing
from plimsoll.domain.actors import ActorDay, Actors
from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.question import Dimension, Scope
from plimsoll.domain.usage import (
    Attribution,
    Charge,
    Computed,
    PricedSlice,
    Slice,
    Tokens,
    UsageRecord,
)
from plimsoll.ledger import catalog, usage
from plimsoll.ledger.actors import save_actors
from plimsoll.services.efficiency import efficiency
from plimsoll.services.efficiency_answers import Efficiency, LeftOut, Quiet, Share
from plimsoll.services.pricing import Pricing
from plimsoll.services.program import Program
from plimsoll.services.vault import MemoryVault

MODEL = "claude-sonnet-4-5"
"""By list: $3 input, $0.30 read, $3.75 written for five minutes, $15 output per million."""

WEEK = Period(date(2026, 11, 9), date(2026, 11, 15))
"""The latest whole week on Friday, 20 November 2026."""

FIRST = date(2026, 9, 14)
F = Fraction


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    opened = Program(tmp_path, clock=SetClock(NOW), vault=MemoryVault())
    yield opened
    opened.close()


def fill(
    program: Program,
    tokens: dict[date, list[tuple[int, Tokens]]],
    *,
    name: str = "Claude",
    connector: str = "anthropic",
    bill: dict[date, tuple[tuple[str, int], ...]] | None = None,
    requests: int | None = 10,
    unpriced_hour: int | None = None,
    settings: tuple[tuple[str, str], ...] = (),
    hours: int = 1,
    revision_days: int = 0,
) -> None:
    """Tokens of so many `hours` each, and a dollar a day unless another `bill` is given."""
    source = catalog.add_source(
        program.ledger,
        name=name,
        connector=connector,
        base_url=None,
        settings=settings,
        key_tail="",
    )
    made = []
    for day, cells in tokens.items():
        records, computed = [], []
        for hour, counts in cells:
            start = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
            who = Attribution(model=MODEL)
            records.append(
                UsageRecord(start, start + timedelta(hours=hours), who, counts, requests)
            )
            worth = None if hour == unpriced_hour else Money("USD", NANO)
            computed.append(Computed(worth, "made up"))
        made.append(PricedSlice(Slice("usage", day, tuple(records)), tuple(computed)))
        owed = bill.get(day, ()) if bill is not None else (("USD", NANO),)
        charges = tuple(Charge(Attribution(), Money(c, n), "1") for c, n in owed)
        made.append(PricedSlice(Slice("costs", day, charges=charges)))
    usage.replace_slices(program.ledger, source.id, made, revision_days=revision_days)


def days(last: Tokens, usual: Tokens, *, hour: int = 10) -> dict[date, list[tuple[int, Tokens]]]:
    """The eight weeks of `usual`, and `last` on every day of the latest one."""
    whole = Period(FIRST, WEEK.last)
    return {day: [(hour, last if day in WEEK else usual)] for day in whole.days()}


def measure(answer: Efficiency, kind: Kind, currency: str = "", name: str = "") -> Measure:
    (found,) = (
        m
        for m in answer.measures
        if m.kind is kind and m.name == name and (not currency or m.currency == currency)
    )
    return found


def test_output_and_cost_are_divided_exactly(program: Program) -> None:
    usual = Tokens(input=900, output=100)
    fill(program, days(Tokens(input=900, output=300), usual))
    answer = program.efficiency()
    assert answer.latest == WEEK
    per_dollar = measure(answer, Kind.OUTPUT_PER_MONEY, "USD")
    assert per_dollar.values == (*[F(100)] * 8, F(300))
    assert per_dollar.standing is Standing.ABOVE
    cost = measure(answer, Kind.COST_PER_REQUEST, "USD")
    assert cost.values == (F(NANO, 10),) * 9
    assert cost.standing is Standing.USUAL


def test_without_enough_weeks_nothing_is_marked(program: Program) -> None:
    whole = days(Tokens(input=1, output=300), Tokens(input=1, output=1))
    fill(program, {day: cells for day, cells in whole.items() if day >= date(2026, 10, 12)})
    found = measure(program.efficiency(), Kind.OUTPUT_PER_MONEY, "USD")
    assert found.values[:4] == (None,) * 4
    assert found.standing is Standing.TOO_SHORT


def test_what_the_cache_saved_is_the_full_price_less_the_price_as_it_was(program: Program) -> None:
    """Of 1 M fresh, 8 M read and 1 M written a day, at full price $30, as it was $9.15."""
    day = Tokens(input=10**6, cache_read=8 * 10**6, cache_write_5m=10**6, output=10)
    fill(program, days(day, day))
    answer = program.efficiency()
    saved = measure(answer, Kind.CACHE_SAVED, "USD")
    assert saved.amount == Money("USD", 7 * 20_850_000_000)
    assert saved.latest == F(2085, 3000)
    assert measure(answer, Kind.CACHE_HITS).latest == F(8, 10)


def test_where_the_price_changes_within_a_day_it_is_the_hours_that_count(
    program: Program,
) -> None:
    """A list that costs twice as much from noon on: ten read at one and five at the other."""

    class Peaks:
        """Nano-dollars for a token: ten or twenty fresh, one or two from the cache."""

        def compute(
            self, record: UsageRecord, source: object, *, provider: str | None = None
        ) -> Computed:
            if record.end - record.start > timedelta(hours=1):
                return Computed(None, "The price changes within the time of this record.")
            times = 2 if record.start.hour >= 12 else 1
            worth = times * (10 * record.tokens.input + record.tokens.cache_read)
            return Computed(Money("USD", worth), "peaks")

    usual = Tokens(input=1, output=10)
    tokens = days(usual, usual)
    tokens[WEEK.first] = [(9, Tokens(cache_read=10)), (13, Tokens(cache_read=5))]
    fill(program, tokens)
    book = cast("Pricing", Peaks())
    answer = efficiency(program.ledger, book, now=NOW)
    saved = measure(answer, Kind.CACHE_SAVED, "USD")
    assert saved.amount == Money("USD", 10 * 9 + 5 * 18)
    assert saved.latest == F(180, 200)


def test_a_cache_that_is_hit_less_than_usual_says_what_it_would_have_saved(
    program: Program,
) -> None:
    usual = Tokens(input=2 * 10**6, cache_read=8 * 10**6, output=10)
    fill(program, days(Tokens(input=6 * 10**6, cache_read=4 * 10**6, output=10), usual))
    action = program.efficiency().action
    assert action is not None
    assert (action.kind, action.source, action.model) == (Kind.CACHE_HITS, "Claude", MODEL)
    assert action.tokens == 7 * 4 * 10**6
    assert action.saving == Money("USD", 28 * 2_700_000_000), "28 M tokens, $2.70 a million less"
    assert action.question.period == WEEK
    assert action.question.scope == Scope(
        ((Dimension.SOURCE, ("Claude",)), (Dimension.MODEL, (MODEL,)))
    )
    rows = program.spend(action.question).total
    assert rows.tokens.total == 7 * 10**7 + 70, "the rows behind it are the model's week"


def test_writes_that_nobody_read_cost_what_they_are_above_plain_input(program: Program) -> None:
    usual = Tokens(input=10**6, output=10)
    tokens = days(usual, usual)
    for day in WEEK.days():
        tokens[day] = [(3, Tokens(cache_write_5m=4 * 10**6)), (9, usual)]
    fill(program, tokens)
    answer = program.efficiency()
    unread = measure(answer, Kind.WRITES_UNREAD)
    assert unread.latest == F(1)
    assert unread.amount == Money("USD", 7 * 4 * 750_000_000)
    assert answer.action is not None
    assert answer.action.kind is Kind.WRITES_UNREAD


def test_writes_of_sunday_evening_that_are_read_on_monday_were_read(program: Program) -> None:
    usual = Tokens(input=10, output=10)
    tokens = days(usual, usual)
    tokens[WEEK.last] = [(23, Tokens(cache_write_5m=10**6))]
    tokens[WEEK.last + timedelta(days=1)] = [(0, Tokens(cache_read=10**6))]
    fill(program, tokens)
    assert measure(program.efficiency(), Kind.WRITES_UNREAD).latest == F(0)


def test_a_day_in_two_currencies_is_not_divided_and_is_named(program: Program) -> None:
    cells = days(Tokens(output=100), Tokens(output=100))
    mixed = (("USD", NANO), ("CNY", NANO))
    bill = {day: mixed if day == WEEK.first else (("USD", NANO),) for day in cells}
    fill(program, cells, bill=bill)
    answer = program.efficiency()
    assert answer.left_out == ("Claude",)
    assert measure(answer, Kind.OUTPUT_PER_MONEY, "USD").latest == F(100)
    assert measure(answer, Kind.OUTPUT_PER_MONEY, "CNY").latest is None


def test_requests_that_nobody_counted_have_no_cost_each(program: Program) -> None:
    cells = days(Tokens(output=100), Tokens(output=100))
    fill(program, cells, requests=None)
    assert measure(program.efficiency(), Kind.COST_PER_REQUEST, "USD").latest is None


def test_reasoning_is_a_share_of_those_that_tell_of_it(program: Program) -> None:
    fill(program, days(Tokens(output=100, reasoning=40), Tokens(output=100, reasoning=40)))
    silent = days(Tokens(output=900), Tokens(output=900))
    fill(program, silent, name="Silent", connector="openai")
    assert measure(program.efficiency(), Kind.REASONING).values == (F(40, 100),) * 9


def test_units_of_work_have_their_price_and_can_be_taken_back(program: Program) -> None:
    fill(program, days(Tokens(output=100), Tokens(output=100)))
    first = program.add_work("tickets", 3, day=WEEK.first)
    program.add_work(" tickets ", 11, day=WEEK.last)
    program.add_work("tickets", 5, day=WEEK.last + timedelta(days=1))
    found = measure(program.efficiency(), Kind.COST_PER_UNIT, "USD", "tickets")
    assert found.latest == F(7 * NANO, 14)
    assert found.standing is Standing.TOO_SHORT
    program.remove_work(first.id)
    assert measure(program.efficiency(), Kind.COST_PER_UNIT, "USD", "tickets").latest == F(
        7 * NANO, 11
    )
    with pytest.raises(WrongUse, match="no entry of work with the number"):
        program.remove_work(first.id)


@pytest.mark.parametrize(("name", "count"), [("", 1), ("a\nb", 1), ("x" * 61, 1), ("ok", 0)])
def test_work_that_is_none_gets_one_sentence(program: Program, name: str, count: int) -> None:
    with pytest.raises(WrongUse):
        program.add_work(name, count, day=WEEK.first)
    assert program.work() == ()


def test_an_empty_archive_has_measures_without_values(program: Program) -> None:
    answer = program.efficiency()
    assert all(m.latest is None for m in answer.measures)
    assert answer.action is None


def test_tokens_without_a_price_are_not_divided_and_cost_the_others_nothing(
    program: Program,
) -> None:
    cells = days(Tokens(output=100), Tokens(output=100))
    cells[WEEK.last].append((5, Tokens(output=900)))
    fill(program, cells, bill={}, unpriced_hour=5)
    answer = program.efficiency()
    assert measure(answer, Kind.OUTPUT_PER_MONEY, "USD").divided[-1] == (700, 7 * NANO)
    assert measure(answer, Kind.COST_PER_REQUEST, "USD").divided[-1] == (7 * NANO, 70)
    assert answer.left_out == ()
    (found,) = (f for f in answer.findings if f.measure.kind is Kind.OUTPUT_PER_MONEY)
    assert found.left_out == (("Claude", LeftOut.PART_NOT_PRICED, 1),)


def test_what_a_bill_leaves_out_by_rule_is_not_divided_by_it(program: Program) -> None:
    """Priority tokens of every day: the bill is for the others."""
    source = catalog.add_source(
        program.ledger,
        name="Claude",
        connector="anthropic",
        base_url=None,
        settings=(),
        key_tail="",
    )
    made = []
    for day in Period(FIRST, WEEK.last).days():
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        records = [
            UsageRecord(
                start,
                start + timedelta(hours=1),
                Attribution(model=MODEL, tier=tier),
                Tokens(output=output),
                requests,
                billed_elsewhere=tier == "priority",
            )
            for tier, output, requests in (("standard", 100, 4), ("priority", 5000, 50))
        ]
        computed = (Computed(Money("USD", NANO), "made up"), Computed(None))
        charges = (Charge(Attribution(), Money("USD", NANO), "1"),)
        made += [
            PricedSlice(Slice("usage", day, tuple(records)), computed),
            PricedSlice(Slice("costs", day, charges=charges)),
        ]
    usage.replace_slices(program.ledger, source.id, made, revision_days=0)
    answer = program.efficiency()
    assert measure(answer, Kind.OUTPUT_PER_MONEY, "USD").divided[-1] == (700, 7 * NANO)
    assert measure(answer, Kind.COST_PER_REQUEST, "USD").divided[-1] == (7 * NANO, 28)
    assert answer.left_out == ()


def test_where_nobody_can_tell_the_tokens_with_a_price_from_the_others_none_are_divided(
    program: Program,
) -> None:
    """One hour of one model and tier holds both."""
    cells = days(Tokens(output=100), Tokens(output=100))
    cells[WEEK.last].append((5, Tokens(output=900)))
    fill(program, cells, bill={}, unpriced_hour=5, hours=6)
    start = datetime(WEEK.last.year, WEEK.last.month, WEEK.last.day, 5, tzinfo=UTC)
    record = UsageRecord(start, start + timedelta(hours=6), Attribution(model=MODEL), Tokens(1), 1)
    more = PricedSlice(Slice("more", WEEK.last, (record,)), (Computed(Money("USD", 5), "made up"),))
    source = catalog.sources(program.ledger)[0]
    usage.replace_slices(program.ledger, source.id, [more], revision_days=0)
    answer = program.efficiency()
    assert measure(answer, Kind.OUTPUT_PER_MONEY, "USD").divided[-1] == (600, 6 * NANO)
    assert answer.left_out == ("Claude",)


def test_under_a_plan_nothing_was_saved_or_is_to_be_saved(program: Program) -> None:
    usual = Tokens(input=2 * 10**6, cache_read=8 * 10**6, output=10)
    tokens = days(Tokens(input=6 * 10**6, cache_read=4 * 10**6, output=10), usual)
    tokens[WEEK.first].append((3, Tokens(cache_write_5m=10**6)))
    fill(program, tokens, bill={}, settings=(("money", "plan"),))
    answer = program.efficiency()
    assert measure(answer, Kind.CACHE_HITS).standing is Standing.BELOW
    assert all(m.amount is None for m in answer.measures)
    assert answer.action is None


@pytest.mark.parametrize(("a_day", "is_told"), [(11, False), (10, True)])
def test_less_than_a_hundredth_of_the_spend_is_not_worth_a_word(
    program: Program, a_day: int, is_told: bool
) -> None:
    """Forty thousand tokens a day more in full: $0.108."""
    usual = Tokens(input=2 * 10**4, cache_read=8 * 10**4, output=10)
    last = Tokens(input=6 * 10**4, cache_read=4 * 10**4, output=10)
    cells = days(last, usual)
    fill(program, cells, bill=dict.fromkeys(cells, (("USD", a_day * NANO),)))
    assert (program.efficiency().action is not None) is is_told


def test_where_only_days_are_known_a_write_may_be_read_on_the_day_after(
    program: Program,
) -> None:
    usual = Tokens(input=10, output=10)
    tokens = days(usual, usual, hour=0)
    tokens[WEEK.first] = [(0, Tokens(cache_write_5m=300))]
    tokens[WEEK.first + timedelta(days=1)] = [(0, Tokens(cache_read=200))]
    tokens[WEEK.first + timedelta(days=2)] = [(0, Tokens(cache_read=100))]
    fill(program, tokens, hours=24)
    assert measure(program.efficiency(), Kind.WRITES_UNREAD).latest == F(100, 300)


def test_a_week_that_can_change_or_lacks_days_says_so(program: Program) -> None:
    cells = days(Tokens(output=100), Tokens(output=100))
    fill(program, cells)
    assert not program.efficiency().not_final
    assert not program.efficiency().missing
    del cells[WEEK.last]
    fill(program, cells, name="Late", revision_days=30)
    late = next(s for s in catalog.sources(program.ledger) if s.name == "Late")
    catalog.set_endpoints(program.ledger, late.id, ["usage", "costs"])
    answer = program.efficiency()
    assert answer.not_final
    assert answer.missing


def test_what_a_provider_tells_is_a_measure_of_its_own_with_what_it_does_not_tell(
    program: Program,
) -> None:
    fill(program, days(Tokens(input=900, output=100), Tokens(input=900, output=100)))
    (source,) = catalog.sources(program.ledger)
    usual = Actors(person=800, agent=50, program=50, not_told=100)
    last = Actors(person=500, agent=300, program=100, not_told=100)
    told = [
        ActorDay(day, last if day in WEEK else usual) for day in Period(FIRST, WEEK.last).days()
    ]
    before = program.efficiency()
    save_actors(program.ledger, source.id, told, revision_days=0)
    answer = program.efficiency()
    found = measure(answer, Kind.AGENTS_AND_PROGRAMS, name="Claude")
    assert found.values == (*[F(1, 10)] * 8, F(2, 5))
    assert (found.not_told, found.standing) == (F(1, 10), Standing.ABOVE)
    assert measure(answer, Kind.OWN_LOOP).latest is None, "never mixed with what logs tell"
    (finding,) = (f for f in answer.findings if f.measure == found)
    assert (finding.action, finding.quiet) == (None, Quiet.INDICATOR)
    assert finding.shares == (Share("Claude", 2800, 7000, 7),)
    others = [m for m in answer.measures if m.kind is not Kind.AGENTS_AND_PROGRAMS]
    assert others == list(before.measures), "no other figure moves"


def test_a_week_with_an_unknown_day_is_not_known_of_who_asked(program: Program) -> None:
    fill(program, days(Tokens(input=900, output=100), Tokens(input=900, output=100)))
    (source,) = catalog.sources(program.ledger)
    told = [ActorDay(day, Actors(person=1, agent=1)) for day in list(WEEK.days())[:-1]]
    told += [ActorDay(FIRST + timedelta(days=n), Actors(person=1)) for n in range(7)]
    save_actors(program.ledger, source.id, told, revision_days=0)
    found = measure(program.efficiency(), Kind.AGENTS_AND_PROGRAMS, name="Claude")
    assert found.values == (F(0), *[None] * 8)
    assert (found.not_told, found.standing) == (None, Standing.NOT_KNOWN)
