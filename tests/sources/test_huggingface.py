"""Hugging Face: what is owed beyond the plan, day by day, whichever way the plan's part is told."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from fake_door import NOW, Call, FakeDoor
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.calendar import Period, day_start
from plimsoll.domain.errors import MissingScope, SurprisingAnswer
from plimsoll.domain.money import Money
from plimsoll.domain.usage import Slice
from plimsoll.sources.providers.huggingface import CONNECTOR, Billing

FIRST = date(2026, 11, 1)
DAY = date(2026, 11, 16)
DOLLAR = 10**9


class Hub:
    """Sums what each day used; the plan's credit is told whole, or as the part that was used."""

    def __init__(self, used: dict[date, int], *, credit: int = 0, whole: bool = True) -> None:
        self.used, self.credit, self.whole = used, credit, whole
        self.door = FakeDoor(self.answer)
        self.account: Billing = CONNECTOR.open(self.door, {})  # type: ignore[arg-type]

    def answer(self, call: Call) -> dict[str, Any]:
        if call.path == "/api/whoami-v2":
            return {"id": "abc", "name": "nobody"}
        start, end = int(call["startDate"]), int(call["endDate"])
        mine = [n for day, n in self.used.items() if start <= day_start(day).timestamp() < end]
        used = sum(mine)
        included = self.credit if self.whole else min(self.credit, used)
        sums = {"usedNanoUsd": used, "includedNanoUsd": included, "numRequests": len(mine) * 10}
        return {"usage": {"inferenceProviders": {**sums, "limitNanoUsd": None}}}

    def days(self, first: date, last: date) -> dict[date, Slice]:
        return {day.day: day for day in self.account.pull("inference", Period(first, last))}


def billed(found: dict[date, Slice]) -> dict[date, int]:
    return {day: c.amount.nanos for day, slice_ in found.items() for c in slice_.charges}


def test_a_nano_dollar_is_a_nano_dollar() -> None:
    found = Hub({DAY: 1_234_567_891}).days(DAY, DAY)
    (charge,) = found[DAY].charges
    assert charge.amount == Money("USD", 1_234_567_891)
    assert found[DAY].records[0].requests == 10


@pytest.mark.parametrize("whole", [True, False])
def test_the_plans_credit_is_used_up_first_however_it_is_told(whole: bool) -> None:
    used = {DAY: DOLLAR, DAY + timedelta(days=1): 3 * DOLLAR, DAY + timedelta(days=4): DOLLAR}
    found = Hub(used, credit=2 * DOLLAR, whole=whole).days(FIRST, date(2026, 11, 20))
    assert billed(found) == {
        DAY: 0,
        DAY + timedelta(days=1): 2 * DOLLAR,
        DAY + timedelta(days=4): DOLLAR,
    }


@given(
    used=st.dictionaries(st.dates(FIRST, NOW.date()), st.integers(1, 10**10), max_size=12),
    credit=st.integers(0, 10**10),
    whole=st.booleans(),
    first=st.dates(FIRST, NOW.date()),
)
def test_days_sum_to_what_the_month_owes(
    used: dict[date, int], credit: int, whole: bool, first: date
) -> None:
    hub = Hub(used, credit=credit, whole=whole)
    early = {} if first == FIRST else hub.days(FIRST, first - timedelta(days=1))
    found = early | hub.days(first, NOW.date())
    assert list(found) == list(Period(FIRST, NOW.date()).days())
    assert sum(billed(found).values()) == max(0, sum(used.values()) - credit)


def test_a_month_without_anything_is_one_question() -> None:
    hub = Hub({})
    assert billed(hub.days(FIRST, date(2026, 11, 23))) == {}
    assert len(hub.door.calls) == 1


def test_months_begin_anew_and_days_to_come_are_left_out() -> None:
    october = date(2026, 10, 31)
    hub = Hub({october: DOLLAR, FIRST: DOLLAR}, credit=DOLLAR)
    found = hub.days(october, date(2026, 12, 31))
    assert billed(found) == {october: 0, FIRST: 0}
    assert max(found) == NOW.date()


def test_seconds_are_sent_and_never_the_future() -> None:
    hub = Hub({DAY: 1})
    hub.days(NOW.date(), NOW.date())
    ends = {int(call["endDate"]) for call in hub.door.calls}
    assert max(ends) == int(NOW.timestamp())


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"usage": None},
        {"usage": {"inferenceProviders": {"usedNanoUsd": 1}}},
        {"usage": {"inferenceProviders": {"usedNanoUsd": "x", "includedNanoUsd": 0}}},
    ],
    ids=str,
)
def test_an_answer_without_its_sums_is_no_zero(odd: dict[str, Any]) -> None:
    account = CONNECTOR.open(FakeDoor(lambda _: odd), {})  # type: ignore[arg-type]
    with pytest.raises(SurprisingAnswer, match="Hugging Face"):
        list(account.pull("inference", Period(DAY, DAY)))


def test_a_sum_that_falls_within_a_month_is_refused() -> None:
    hub = Hub({DAY: DOLLAR, DAY + timedelta(days=1): -2 * DOLLAR, FIRST: 2 * DOLLAR})
    with pytest.raises(SurprisingAnswer, match="falls within a month"):
        hub.days(DAY, DAY + timedelta(days=1))


def test_a_token_without_the_right_is_told_which() -> None:
    def refuse(_: Call) -> dict[str, Any]:
        raise MissingScope("Hugging Face does not let this key read that.")

    account = CONNECTOR.open(FakeDoor(refuse), {})  # type: ignore[arg-type]
    with pytest.raises(MissingScope, match="Billing: read"):
        account.test()


def test_before_there_were_providers_nothing_is_asked() -> None:
    hub = Hub({})
    assert hub.days(date(2020, 1, 1), date(2020, 12, 31)) == {}
    assert hub.door.calls == []
    assert hub.account.endpoints[0].reach == date(2025, 1, 1)
