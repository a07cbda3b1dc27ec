"""What providers count: strictly read, by whole days, money of plans apart from money owed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from fake_door import Call, FakeDoor, came_before, refused
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import (
    MissingScope,
    NotOffered,
    OddValue,
    PageLoop,
    RateLimited,
    SurprisingAnswer,
)
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.work import Done, WorkDay
from plimsoll.sources.providers import anthropic, cursor
from plimsoll.sources.rows.anthropic_work import PATH as CLAUDE_CODE
from plimsoll.sources.rows.cursor_work import PATH as DAILY

DAY = date(2026, 11, 16)
NEXT = date(2026, 11, 17)


def claude_row(day: date = DAY, *, who: str = "ada", kind: Any = "api", **more: Any) -> Any:
    core = {
        "num_sessions": 2,
        "lines_of_code": {"added": more.pop("added", 0), "removed": 5},
        "commits_by_claude_code": more.pop("commits", 0),
        "pull_requests_by_claude_code": more.pop("pulls", 0),
    }
    cents = more.pop("cents", (0,))
    return {
        "date": f"{day}T00:00:00Z",
        "actor": {"type": "user_actor", "email_address": f"{who}@acme.example"},
        "customer_type": kind,
        "terminal_type": "vscode",
        "core_metrics": core,
        "model_breakdown": [
            {"model": "claude-sonnet-5", "estimated_cost": {"currency": "USD", "amount": amount}}
            for amount in cents
        ],
        **more,
    }


def claude_door(*rows: Any, size: int = 1000) -> FakeDoor:
    """A report whose pages hold `size` rows."""

    def answer(call: Call) -> dict[str, Any]:
        assert call.path == CLAUDE_CODE
        mine = [row for row in rows if str(row["date"]).startswith(call["starting_at"])]
        first = int(call.get("page") or 0)
        more = first + size < len(mine)
        page = mine[first : first + size]
        return {"data": page, "has_more": more, "next_page": str(first + size) if more else None}

    return FakeDoor(answer)


def claude_days(door: FakeDoor, last: date = DAY) -> list[WorkDay]:
    account = anthropic.CONNECTOR.open(door, {})  # type: ignore[arg-type]
    return list(account.work(Period(DAY, last)))


def claude_refusal(row: Any) -> SurprisingAnswer:
    account = anthropic.CONNECTOR.open(claude_door(row), {})  # type: ignore[arg-type]
    days, error = came_before(account.work(Period(DAY, DAY)))
    assert days == []
    assert isinstance(error, SurprisingAnswer)
    return error


# --- Anthropic ---


def test_a_day_is_summed_over_actors_and_cents_are_cents() -> None:
    door = claude_door(
        claude_row(commits=3, pulls=1, added=420, cents=(142.5, 3)),
        claude_row(who="lin", commits=2, added=10, cents=(Decimal("0.25"),)),
    )
    (day,) = claude_days(door)
    assert day.day == DAY
    (part,) = day.parts
    assert dict(part.counts) == {"commits": 5, "pull requests": 1, "lines added": 430}
    assert part.cost == Money("USD", 1_457_500_000), "145.75 cents are 1.4575 dollars"
    assert not part.is_plan


def test_what_a_flat_plan_covers_is_kept_apart_from_what_is_owed() -> None:
    door = claude_door(
        claude_row(commits=3, cents=(100,)),
        claude_row(who="lin", kind="subscription", commits=40, cents=(900,)),
    )
    (day,) = claude_days(door)
    owed, plan = day.parts
    assert (owed.is_plan, dict(owed.counts)["commits"], owed.cost) == (False, 3, Money("USD", NANO))
    assert (plan.is_plan, dict(plan.counts)["commits"]) == (True, 40)
    assert plan.cost == Money("USD", 9 * NANO)


def test_each_day_is_one_question_and_a_day_without_rows_is_a_day_without_work() -> None:
    door = claude_door(claude_row(commits=3))
    days = claude_days(door, date(2026, 11, 18))
    assert [day.day.day for day in days] == [16, 17, 18]
    assert [day.parts for day in days[1:]] == [(), ()]
    asked = [call["starting_at"] for call in door.calls]
    assert asked == ["2026-11-16", "2026-11-17", "2026-11-18"]


def test_a_cost_that_is_not_told_is_unknown_and_not_zero() -> None:
    (day,) = claude_days(claude_door(claude_row(commits=3, model_breakdown=None)))
    assert day.parts[0].cost is None
    rows = claude_row(commits=3, cents=(5,)), claude_row(who="lin", model_breakdown=None)
    (day,) = claude_days(claude_door(*rows))
    assert day.parts[0].cost is None, "one unknown makes the sum unknown"


@given(size=st.integers(1, 6), commits=st.lists(st.integers(0, 50), max_size=6))
def test_any_division_into_pages_gives_the_same_day(size: int, commits: list[int]) -> None:
    rows = [claude_row(who=f"p{n}", commits=count) for n, count in enumerate(commits)]
    (day,) = claude_days(claude_door(*rows, size=size))
    (whole,) = claude_days(claude_door(*rows))
    assert day == whole
    assert sum(dict(part.counts)["commits"] for part in day.parts) == sum(commits)


@pytest.mark.parametrize("count", [-1, 1.5, "3", None, True, 10**16], ids=str)
def test_a_counter_that_cannot_be_refuses_the_day(count: Any) -> None:
    assert "commits_by_claude_code" in claude_refusal(claude_row(commits=count)).sentence


@pytest.mark.parametrize("cents", [-1, "NaN", None, "1,5", 10**30], ids=str)
def test_an_estimate_that_cannot_be_refuses_the_day(cents: Any) -> None:
    assert "amount" in claude_refusal(claude_row(cents=(cents,))).sentence


def test_rows_whose_sum_no_archive_can_hold_refuse_the_day() -> None:
    rows = [claude_row(who=f"p{n}", cents=(9 * 10**10,)) for n in range(20)]
    account = anthropic.CONNECTOR.open(claude_door(*rows), {})  # type: ignore[arg-type]
    days, error = came_before(account.work(Period(DAY, DAY)))
    assert days == []
    assert isinstance(error, OddValue)
    assert "out of range" in error.sentence


def test_other_customers_other_currencies_and_other_days_are_refused() -> None:
    assert "customer_type" in claude_refusal(claude_row(kind="partner")).sentence
    assert "customer_type" in claude_refusal(claude_row(kind=["api"])).sentence
    yen = [{"estimated_cost": {"currency": "JPY", "amount": 5}}]
    assert "currency" in claude_refusal(claude_row(model_breakdown=yen)).sentence
    stray = claude_row(NEXT)
    door = FakeDoor(lambda _: {"data": [stray], "has_more": False, "next_page": None})
    account = anthropic.CONNECTOR.open(door, {})  # type: ignore[arg-type]
    with pytest.raises(SurprisingAnswer, match="outside the days"):
        list(account.work(Period(DAY, DAY)))


def test_a_row_that_comes_again_on_a_later_page_is_refused() -> None:
    row = claude_row(commits=3)
    with pytest.raises(PageLoop):
        claude_days(claude_door(row, row, size=1))


def test_days_that_came_before_a_limit_are_kept() -> None:
    def answer(call: Call) -> dict[str, Any]:
        if call["starting_at"] != DAY.isoformat():
            raise RateLimited("Wait.", until=datetime(2026, 11, 25, tzinfo=UTC))
        return {"data": [], "has_more": False, "next_page": None}

    account = anthropic.CONNECTOR.open(FakeDoor(answer), {})  # type: ignore[arg-type]
    days, error = came_before(account.work(Period(DAY, NEXT)))
    assert [day.day for day in days] == [DAY]
    assert isinstance(error, RateLimited)


@pytest.mark.parametrize("error", [refused(400), refused(404), MissingScope("No.")], ids=repr)
def test_a_key_that_may_not_ask_gets_a_line_of_test_and_no_failure(error: Exception) -> None:
    def answer(call: Call) -> dict[str, Any]:
        if call.path == CLAUDE_CODE:
            raise error
        return {"data": [], "has_more": False, "next_page": None}

    account = anthropic.CONNECTOR.open(FakeDoor(answer), {})  # type: ignore[arg-type]
    findings = account.test()
    assert all(finding.ok for finding in findings if finding.essential)
    (line,) = (finding for finding in findings if "Claude Code" in finding.what)
    assert (line.ok, line.essential) == (False, False)
    assert "Nothing is missing from the totals" in line.remedy
    with pytest.raises(type(error)):
        list(account.work(Period(DAY, DAY)))


# --- Cursor ---


def millis(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def line_row(on: date = DAY, accepted: Any = 10, *, who: str = "ada", **more: Any) -> Any:
    return {
        "date": millis(on),
        "isActive": True,
        "totalLinesAdded": 999,
        "acceptedLinesAdded": accepted,
        "acceptedLinesDeleted": 77,
        "email": f"{who}@acme.example",
        **more,
    }


def cursor_days(*rows: Any, last: date = DAY) -> list[WorkDay]:
    door = FakeDoor(lambda _: {"data": list(rows), "period": {}})
    return list(cursor.CONNECTOR.open(door, {}).work(Period(DAY, last)))  # type: ignore[arg-type]


def lines(day: WorkDay) -> int | None:
    return dict(day.parts[0].counts)["lines accepted"] if day.parts else None


def test_accepted_lines_are_summed_by_day_and_typed_ones_are_not_among_them() -> None:
    days = cursor_days(
        line_row(accepted=120), line_row(who="lin", accepted=33), line_row(NEXT, 5), last=NEXT
    )
    assert [lines(day) for day in days] == [153, 5]
    assert all(part == Done(part.counts) for day in days for part in day.parts), "it tells no cost"


def test_a_day_may_be_named_as_text_and_idle_members_have_nothing() -> None:
    idle = {"day": "2026-11-16", "userId": 7, "isActive": False}
    (day,) = cursor_days(idle, line_row(accepted=4, day="2026-11-16", date=None))
    assert lines(day) == 4
    (day,) = cursor_days()
    assert day == WorkDay(DAY)


@pytest.mark.parametrize(
    "row",
    [
        line_row(accepted=None),
        line_row(accepted=-4),
        line_row(accepted=1.5),
        line_row(accepted="4"),
        line_row(date(2026, 11, 20)),
        line_row(date=millis(DAY) + 3_600_000),
        line_row(date=None),
        line_row(date=10**15),
        line_row(day="16 November"),
    ],
    ids=["missing", "below", "part", "text", "other day", "hour", "no day", "far", "words"],
)
def test_a_row_that_cannot_be_refuses_the_answer(row: Any) -> None:
    with pytest.raises(SurprisingAnswer):
        cursor_days(row)


def test_a_member_who_comes_twice_for_a_day_is_refused() -> None:
    with pytest.raises(SurprisingAnswer, match="twice"):
        cursor_days(line_row(), line_row())


def test_thirty_days_are_one_question_and_pages_are_followed_where_there_are_any() -> None:
    def answer(call: Call) -> dict[str, Any]:
        body = call.body or {}
        first = datetime.fromtimestamp(body["startDate"] / 1000, UTC).date()
        number = body.get("page", 1)
        row = line_row(first, number, who=f"p{number}")
        return {"data": [row], "pagination": {"hasNextPage": number < 3}}

    door = FakeDoor(answer)
    period = Period(DAY, DAY + timedelta(days=59))
    days = list(cursor.CONNECTOR.open(door, {}).work(period))  # type: ignore[arg-type]
    assert [day.day for day in days] == list(period.days())
    assert lines(days[0]) == lines(days[30]) == 1 + 2 + 3
    assert len(door.asked(DAILY)) == 2 * 3
    spans = {(c.body or {})["endDate"] - (c.body or {})["startDate"] for c in door.calls}
    assert spans == {30 * 86_400_000 - 1}


def test_pages_without_an_end_are_refused_and_a_refusal_is_a_line_of_test() -> None:
    door = FakeDoor(lambda _: {"data": [], "pagination": {"hasNextPage": True}})
    with pytest.raises(PageLoop):
        list(cursor.CONNECTOR.open(door, {}).work(Period(DAY, DAY)))  # type: ignore[arg-type]

    def answer(call: Call) -> dict[str, Any]:
        raise refused(404)

    team = cursor.CONNECTOR.open(FakeDoor(answer), {})  # type: ignore[arg-type]
    with pytest.raises(NotOffered):
        list(team.work(Period(DAY, DAY)))
