"""A bill against its tokens: the causes sum exactly to the difference, whatever the sides say."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.analysis.bill import CLASSES, STANDARD, TOKENS, BillLine, DayState, Statement, Used
from plimsoll.analysis.reconcile import reconcile
from plimsoll.domain.tokens import Tokens

FIRST = date(2026, 11, 1)

days = st.integers(0, 3).map(lambda n: FIRST + timedelta(days=n))
models = st.sampled_from(("small", "large", None))
tiers = st.sampled_from((STANDARD, "batch", None))
kinds = st.sampled_from((*CLASSES, TOKENS, "searches", "images", ""))
nanos = st.integers(-(10**6), 10**12)
counts = st.integers(0, 10**7)
lines = st.builds(
    BillLine,
    day=days,
    nanos=nanos,
    words=st.sampled_from(("", "storage", "a, b")),
    model=models,
    kind=kinds,
    tier=tiers,
    quantity=st.none() | counts.map(Fraction),
    listed=st.none() | nanos,
)
rates = st.dictionaries(
    st.sampled_from((*CLASSES, "searches")), st.integers(0, 10**5).map(Fraction), max_size=6
)
used = st.builds(
    Used,
    day=days,
    tokens=st.builds(Tokens, counts, counts, counts, counts, counts),
    model=models,
    tier=st.sampled_from((STANDARD, "batch", "priority")),
    worth=st.none() | st.integers(0, 10**12),
    off=st.integers(0, 10**6),
    rates=rates,
    units=st.sampled_from(((), (("searches", Fraction(3)),))),
    elsewhere=st.booleans(),
)
statements = st.builds(
    Statement,
    lines=st.lists(lines, max_size=8),
    used=st.lists(used, max_size=8),
    days=st.dictionaries(days, st.sampled_from(DayState), max_size=4),
)


@settings(max_examples=200, deadline=None)
@given(statements)
def test_the_causes_sum_exactly_to_the_difference(statement: Statement) -> None:
    found = reconcile(statement)
    assert found.billed == sum(line.nanos for line in statement.lines)
    assert found.computed == sum(row.worth or 0 for row in statement.used)
    assert sum(part.amount for part in found.parts) == found.difference
    for part in found.parts:
        assert sum(thing.amount for thing in part.things) == part.amount
