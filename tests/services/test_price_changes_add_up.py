"""However own prices and discounts are changed, the archive is as if the last had always held."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_up import SetClock

from plimsoll.domain.calendar import Period, day_start
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.question import Dimension, Question, Row
from plimsoll.domain.tariff import BadPrice, Discount, Kind, PriceRow, Schedule
from plimsoll.domain.usage import Attribution, PricedSlice, Slice, Tokens, UsageRecord
from plimsoll.ledger import catalog, usage
from plimsoll.services.program import Program

DAYS = [date(2026, 9, 28) + timedelta(days=n) for n in range(6)]
MODELS = ("gpt-4.1", "gpt-4.1-2025-04-14", "GPT-4.1", "in-house", "kimi-k3")
SOURCES = (
    ("Work", "openai", ()),
    ("Other", "openai", ()),
    ("Kimi", "moonshot", (("region", "cn"),)),
)
WHOLE = Period(date(2026, 9, 1), date(2026, 10, 31))

instants = st.sampled_from(
    [None, *(datetime(2026, 9, day, hour, tzinfo=UTC) for day in (29, 30) for hour in (0, 9))]
)
peak = Schedule("Asia/Shanghai", ((9 * 60, 18 * 60),))


@st.composite
def prices(draw: st.DrawFn) -> PriceRow:
    scheduled = draw(st.booleans())
    try:
        return PriceRow(
            provider=draw(st.sampled_from(["openai", "moonshot"])),
            models=(draw(st.sampled_from([m.lower() for m in MODELS])),),
            currency=draw(st.sampled_from(["USD", "CNY"])),
            rates=((Kind.INPUT, draw(st.sampled_from([Decimal(0), Decimal("2.5"), Decimal(7)]))),),
            effective_from=draw(instants),
            effective_to=draw(instants),
            schedule=peak if scheduled else None,
            off_peak_multiplier=Decimal("0.5") if scheduled else None,
            source=draw(st.sampled_from([None, "Work", "Kimi"])),
        )
    except BadPrice:
        return draw(prices())


@st.composite
def discounts(draw: st.DrawFn) -> Discount:
    first, last = draw(st.sampled_from([(None, None), (DAYS[2], None), (DAYS[1], DAYS[4])]))
    percent = draw(st.sampled_from([Decimal("12.5"), Decimal(100)]))
    return Discount(draw(st.sampled_from(["Work", "Kimi"])), percent, first, last)


changes = st.tuples(
    st.lists(prices(), max_size=4), st.lists(discounts(), max_size=2, unique_by=lambda d: d.source)
)


def records(day: date) -> Iterator[UsageRecord]:
    """Two hours of every model, one of them in peak hours of China, and a day as a whole."""
    for number, model in enumerate(MODELS):
        who = Attribution(model=model)
        for hour in (2, 20):
            start = day_start(day) + timedelta(hours=hour)
            tokens = Tokens(input=1_000 * (number + 1) + hour)
            yield UsageRecord(start, start + timedelta(hours=1), who, tokens, 1)
        yield UsageRecord(
            day_start(day), day_start(day) + timedelta(days=1), who, Tokens(input=77), None
        )


def fill(program: Program) -> None:
    """Store every day of every source, as a sync does."""
    book = program.prices.book()
    for source in catalog.sources(program.ledger):
        slices = [Slice("usage", day, tuple(records(day))) for day in DAYS]
        usage.replace_slices(
            program.ledger,
            source.id,
            [PricedSlice(s, tuple(book.compute(r, source) for r in s.records)) for s in slices],
            revision_days=3,
            edition=book.edition,
        )


def told(program: Program) -> tuple[Row, ...]:
    by = (Dimension.DAY, Dimension.SOURCE, Dimension.MODEL)
    return program.spend(Question(WHOLE, by=by)).rows


def spent(program: Program) -> dict[tuple[str, str], int]:
    rows = program.spend(Question(WHOLE, by=(Dimension.MONTH,))).rows
    return {(r.key[0] or "", a.currency): a.estimated for r in rows for a in r.amounts}


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(changes, min_size=1, max_size=4))
def test_any_changes_end_as_the_last_of_them(
    tmp_path_factory: pytest.TempPathFactory,
    steps: Sequence[tuple[list[PriceRow], list[Discount]]],
) -> None:
    folder = tmp_path_factory.mktemp("archives")
    changed, afresh = (Program(folder / name, clock=SetClock()) for name in ("a", "b"))
    try:
        for program in (changed, afresh):
            for name, connector, set_to in SOURCES:
                catalog.add_source(program.ledger, name=name, connector=connector, settings=set_to)
        fill(changed)
        kept: tuple[list[PriceRow], list[Discount]] = ([], [])
        for own, off in steps:
            before = spent(changed)
            try:
                seen = changed.prices.preview(own, off)
            except WrongUse:  # two of them are for the same
                continue
            assert spent(changed) == before
            assert changed.prices.change(own, off) == seen
            kept = own, off
            after = spent(changed)
            months = {
                (m.month.isoformat()[:7], m.currency): m.estimated for m in seen.effect.months
            }
            for place in {*before, *after, *months}:
                assert after.get(place, 0) - before.get(place, 0) == months.get(place, 0)
        afresh.prices.change(*kept)
        fill(afresh)
        assert told(changed) == told(afresh)
        assert changed.ledger.check() == ()
    finally:
        changed.close()
        afresh.close()
