"""Pages are followed to their end, a server that misleads is refused, days are given whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from fake_door import NOW, Call, FakeDoor, came_before, paged, refused

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import (
    Cancelled,
    NoAnswer,
    NotOffered,
    PageLoop,
    PlimsollError,
    ProviderDown,
    RateLimited,
    SurprisingAnswer,
)
from plimsoll.sources.fields import Row, counter, unix_instant
from plimsoll.sources.paging import (
    MOST_EMPTY_PAGES,
    Bucket,
    Pager,
    Report,
    Request,
    Style,
    stretches,
    until_today,
    whole_days,
)

DAYS = Period(date(2026, 11, 1), date(2026, 11, 5))
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def bucket(start: datetime, *counts: int, width: timedelta = DAY) -> dict[str, Any]:
    first = int(start.timestamp())
    rows = [{"n": count} for count in counts]
    return {"start": first, "end": first + int(width.total_seconds()), "rows": rows}


def read_bucket(raw: Row) -> Bucket:
    return Bucket(unix_instant(raw, "start"), unix_instant(raw, "end"), raw["rows"])


def read_row(row: Row, start: datetime, end: datetime) -> int:
    return counter(row, "n")


STYLE = Style(lambda _: (), read_bucket, group_by="by", envelope="page")
DAILY = Report("/daily", (("a", "b"), ("a",)), read_row)
HOURLY = Report("/hourly", ((),), read_row, HOUR, limit=168)


def days_of(
    answer: Callable[[Call], dict[str, Any]], *, report: Report[int] = DAILY, period: Period = DAYS
) -> Iterator[tuple[date, list[int]]]:
    pager = Pager(FakeDoor(answer), "Provider", STYLE)  # type: ignore[arg-type]
    return whole_days(period, lambda: pager.buckets(report, period)[1])


def page(*buckets: dict[str, Any], next_page: str | None = None) -> dict[str, Any]:
    more = next_page is not None
    return {"object": "page", "data": list(buckets), "has_more": more, "next_page": next_page}


def given(days: Iterator[tuple[date, list[int]]]) -> tuple[dict[int, list[int]], PlimsollError]:
    """The days that came before the error, by day of the month, and the error."""
    came, error = came_before(days)
    return {day.day: items for day, items in came}, error


# --- the way to the end ---


def test_every_day_comes_once_in_order_also_days_without_a_bucket() -> None:
    found = list(days_of(lambda _: page(bucket(at(2), 4, 5), bucket(at(4), 7))))
    assert found == [
        (date(2026, 11, 1), []),
        (date(2026, 11, 2), [4, 5]),
        (date(2026, 11, 3), []),
        (date(2026, 11, 4), [7]),
        (date(2026, 11, 5), []),
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 9])
def test_the_size_of_pages_changes_nothing(size: int) -> None:
    buckets = [bucket(at(day), day) for day in range(1, 6)]
    found = list(days_of(lambda call: paged(buckets, call, size=size)))
    assert [items for _, items in found] == [[1], [2], [3], [4], [5]]


def test_the_cursor_is_followed_not_the_number_of_rows() -> None:
    pages = {
        None: page(bucket(at(1)), next_page="x"),
        "x": page(next_page="y"),
        "y": page(bucket(at(2), 8)),
    }
    found = list(days_of(lambda call: pages[call.get("page")]))
    assert sum(sum(items) for _, items in found) == 8


def test_a_page_is_asked_with_the_same_parameters_and_its_cursor_alone() -> None:
    buckets = [bucket(at(day)) for day in range(1, 4)]
    door = FakeDoor(lambda call: paged(buckets, call, size=1))
    pager = Pager(door, "Provider", STYLE)  # type: ignore[arg-type]
    list(pager.buckets(DAILY, DAYS)[1])
    first, *rest = door.calls
    assert first.get("page") is None
    assert [call.params for call in rest] == [
        (*first.params, ("page", "page_1")),
        (*first.params, ("page", "page_2")),
    ]


def test_a_cursor_after_the_last_page_is_not_followed() -> None:
    door = FakeDoor(lambda _: {**page(bucket(at(1))), "next_page": "left over"})
    pager = Pager(door, "Provider", STYLE)  # type: ignore[arg-type]
    list(pager.buckets(DAILY, DAYS)[1])
    assert len(door.calls) == 1


# --- servers that mislead ---


def test_the_same_cursor_for_ever_is_a_loop() -> None:
    came, error = given(days_of(lambda _: page(next_page="again")))
    assert isinstance(error, PageLoop)
    assert came == {}


def test_two_cursors_in_turn_are_a_loop() -> None:
    turn = {None: "a", "a": "b", "b": "a"}
    days = {None: 1, "a": 2, "b": 3}
    answers = lambda call: page(  # noqa: E731 - a table in one line
        bucket(at(days[call.get("page")])), next_page=turn[call.get("page")]
    )
    came, error = given(days_of(answers))
    assert isinstance(error, PageLoop)
    assert came == {}


def test_pages_without_end_stop_soon() -> None:
    asked = 0

    def endless(_: Call) -> dict[str, Any]:
        nonlocal asked
        asked += 1
        return page(next_page=f"c{asked}")

    came, error = given(days_of(endless))
    assert isinstance(error, PageLoop)
    assert came == {}
    assert asked == MOST_EMPTY_PAGES + 1


def test_more_pages_than_the_days_can_fill_are_refused() -> None:
    asked = 0

    def endless(_: Call) -> dict[str, Any]:
        nonlocal asked
        asked += 1
        data = [bucket(at(1 + asked // 4))] if asked % 4 == 0 else []
        return page(*data, next_page=f"c{asked}")

    _, error = given(days_of(endless))
    assert isinstance(error, SurprisingAnswer)
    assert asked < 30


@pytest.mark.parametrize("cursor", [None, ""], ids=["null", "empty"])
def test_more_without_a_cursor_is_refused(cursor: str | None) -> None:
    body = {**page(bucket(at(1), 1)), "has_more": True, "next_page": cursor}
    came, error = given(days_of(lambda _: body))
    assert isinstance(error, PageLoop)
    assert came == {}


@pytest.mark.parametrize(
    "change",
    [
        {"object": None},
        {"object": "list"},
        {"data": None},
        {"data": {}},
        {"has_more": None},
        {"has_more": "false"},
        {"has_more": 0},
        {"next_page": 7},
    ],
    ids=str,
)
def test_a_page_without_its_envelope_is_refused(change: dict[str, Any]) -> None:
    came, error = given(days_of(lambda _: {**page(bucket(at(1), 1)), **change}))
    assert isinstance(error, SurprisingAnswer)
    assert came == {}


@pytest.mark.parametrize("missing", ["object", "data", "has_more"])
def test_a_page_that_lacks_a_part_is_refused(missing: str) -> None:
    body = page(bucket(at(1), 1))
    del body[missing]
    came, error = given(days_of(lambda _: body))
    assert isinstance(error, SurprisingAnswer)
    assert came == {}


def test_an_error_that_came_as_success_is_refused() -> None:
    came, error = given(days_of(lambda _: {"error": {"message": "Internal error"}}))
    assert isinstance(error, SurprisingAnswer)
    assert came == {}


@pytest.mark.parametrize(
    "buckets",
    [
        [bucket(at(2)), bucket(at(1))],
        [bucket(at(2)), bucket(at(2))],
        [bucket(datetime(2026, 10, 31, tzinfo=UTC))],
        [bucket(at(6))],
        [bucket(at(2, 3))],
        [{**bucket(at(2)), "end": int(at(2).timestamp())}],
        [{**bucket(at(2)), "end": int(at(4).timestamp())}],
        [{**bucket(at(2)), "end": int(at(2, 7).timestamp())}],
        [{**bucket(at(2)), "start": "2026-11-02"}],
        [{**bucket(at(2)), "start": -5}],
        [{**bucket(at(2)), "start": True}],
        [{**bucket(at(2)), "rows": ["row"]}],
        [[]],
    ],
    ids=[
        *("backwards", "twice", "before", "after", "off the grid", "empty", "too long"),
        *("cut short", "a date", "negative", "a boolean", "no row", "no bucket"),
    ],
)
def test_a_bucket_that_cannot_be_is_refused(buckets: list[Any]) -> None:
    came, error = given(days_of(lambda _: page(*buckets)))
    assert isinstance(error, SurprisingAnswer)
    assert came == {}


def test_a_bucket_that_comes_again_on_another_page_is_refused() -> None:
    pages = {None: page(bucket(at(1), 5), next_page="x"), "x": page(bucket(at(1), 5))}
    came, error = given(days_of(lambda call: pages[call.get("page")]))
    assert isinstance(error, SurprisingAnswer)
    assert came == {}


def test_a_refusal_says_where_in_the_answer_the_fault_is() -> None:
    _, error = given(days_of(lambda _: page(bucket(at(1)), bucket(at(2), 1, -7))))
    assert "data[1].results[1].n" in str(error)
    assert isinstance(error, SurprisingAnswer)
    assert error.answer == "data[1].results[1].n = -7"


def test_only_the_bucket_that_is_open_may_end_early() -> None:
    today = Period(NOW.date(), NOW.date())
    start = datetime(2026, 11, 24, tzinfo=UTC)
    cut = {**bucket(start, 3), "end": int(NOW.timestamp())}
    assert list(days_of(lambda _: page(cut), period=today)) == [(NOW.date(), [3])]


def test_a_whole_day_is_taken_where_hours_were_asked_for_but_no_hour_beside_it() -> None:
    day = bucket(at(1), 5)
    assert next(days_of(lambda _: page(day, bucket(at(2), 6)), report=HOURLY))[1] == [5]
    hour = bucket(at(1, 7), 1, width=HOUR)
    _, error = given(days_of(lambda _: page(day, hour), report=HOURLY))
    assert isinstance(error, SurprisingAnswer)
    _, error = given(days_of(lambda _: page(bucket(at(1, 7), 1)), report=HOURLY))
    assert isinstance(error, SurprisingAnswer)


# --- what came before an error ---

ERRORS = [
    RateLimited("Wait.", until=NOW),
    NoAnswer("Nobody there."),
    ProviderDown("Server error."),
    Cancelled("Stopped."),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_after_a_passing_error_the_whole_days_come_first(error: PlimsollError) -> None:
    hours = [bucket(at(1) + HOUR * n, n, width=HOUR) for n in range(48 + 5)]

    def answer(call: Call) -> dict[str, Any]:
        if call.get("page"):
            raise error
        return page(*hours, next_page="x")

    came, raised = given(days_of(answer, report=HOURLY))
    assert raised is error
    assert came == {1: list(range(24)), 2: list(range(24, 48))}


def test_a_page_that_ends_with_its_day_gives_that_day_whole() -> None:
    hours = [bucket(at(1) + HOUR * n, n, width=HOUR) for n in range(24)]

    def answer(call: Call) -> dict[str, Any]:
        if call.get("page"):
            raise ERRORS[0]
        return page(*hours, next_page="x")

    came, _ = given(days_of(answer, report=HOURLY))
    assert came == {1: list(range(24))}


def test_after_an_answer_that_cannot_be_trusted_no_day_comes() -> None:
    def answer(call: Call) -> dict[str, Any]:
        if call.get("page"):
            return page(bucket(at(4), -1))
        return page(bucket(at(1), 1), bucket(at(2), 2), next_page="x")

    came, error = given(days_of(answer))
    assert isinstance(error, SurprisingAnswer)
    assert came == {}


# --- humbler questions ---


def test_a_grouping_that_is_refused_gives_way_to_the_next() -> None:
    def answer(call: Call) -> dict[str, Any]:
        if call.every("by") == ("a", "b"):
            raise refused(400)
        return page(bucket(at(1), 6))

    door = FakeDoor(answer)
    pager = Pager(door, "Provider", STYLE)  # type: ignore[arg-type]
    taken, batches = pager.buckets(DAILY, DAYS)
    assert taken == 1
    assert [item for batch in batches for _, item in batch.found] == [6]
    pager.buckets(DAILY, DAYS, known=taken)
    assert [call.every("by") for call in door.calls] == [("a", "b"), ("a",), ("a",)]


def test_a_refusal_of_another_kind_gives_way_to_nothing() -> None:
    def answer(call: Call) -> dict[str, Any]:
        raise refused(404)

    door = FakeDoor(answer)
    with pytest.raises(NotOffered):
        Pager(door, "Provider", STYLE).buckets(DAILY, DAYS)  # type: ignore[arg-type]
    assert len(door.calls) == 1


def test_when_every_grouping_is_refused_the_first_refusal_is_told() -> None:
    errors = [refused(400), refused(400)]
    left = iter(errors)

    def answer(call: Call) -> dict[str, Any]:
        raise next(left)

    with pytest.raises(NotOffered) as caught:
        Pager(FakeDoor(answer), "Provider", STYLE).buckets(DAILY, DAYS)  # type: ignore[arg-type]
    assert caught.value is errors[0]


# --- rows ---


def row(start: datetime, who: str, count: int) -> dict[str, Any]:
    return {"at": int(start.timestamp()), "who": who, "n": count}


def rows_of(
    answer: Callable[[Call], dict[str, Any]],
) -> Iterator[tuple[date, list[int]]]:
    pager = Pager(FakeDoor(answer), "Provider", STYLE)  # type: ignore[arg-type]

    def read(row: Row) -> tuple[datetime, datetime, object, int]:
        start = unix_instant(row, "at")
        return start, start + DAY, row["who"], counter(row, "n")

    return whole_days(DAYS, lambda: pager.rows(Request("/rows", ()), DAYS, width=DAY, read=read))


def test_a_day_may_be_spread_over_pages_of_rows() -> None:
    pages = {
        None: page(row(at(1), "a", 1), row(at(2), "a", 2), next_page="x"),
        "x": page(row(at(2), "b", 3)),
    }
    found = dict(rows_of(lambda call: pages[call.get("page")]))
    assert found[date(2026, 11, 2)] == [2, 3]


def test_a_row_of_an_earlier_page_is_never_counted_again() -> None:
    pages = {
        None: page(row(at(1), "a", 1), next_page="x"),
        "x": page(row(at(1), "a", 1), row(at(2), "b", 3)),
    }
    came, error = given(rows_of(lambda call: pages[call.get("page")]))
    assert isinstance(error, PageLoop)
    assert came == {}


def test_of_rows_only_days_before_the_newest_are_certain() -> None:
    def answer(call: Call) -> dict[str, Any]:
        if call.get("page"):
            raise ERRORS[0]
        return page(row(at(1), "a", 1), row(at(3), "a", 3), next_page="x")

    came, _ = given(rows_of(answer))
    assert came == {1: [1], 2: []}


def test_of_rows_in_no_order_no_day_is_certain_before_the_end() -> None:
    def answer(call: Call) -> dict[str, Any]:
        if call.get("page"):
            raise ERRORS[0]
        return page(row(at(3), "a", 3), row(at(1), "a", 1), next_page="x")

    came, _ = given(rows_of(answer))
    assert came == {}


def test_a_cursor_that_expired_starts_the_days_again_once() -> None:
    tries = 0

    def answer(call: Call) -> dict[str, Any]:
        nonlocal tries
        if call.get("page") is None:
            tries += 1
            return page(row(at(1), "a", tries), next_page="x")
        if tries == 1:
            raise refused(410)
        return page(row(at(2), "a", 9))

    found = dict(rows_of(answer))
    assert (found[date(2026, 11, 1)], found[date(2026, 11, 2)]) == ([2], [9])


def test_a_cursor_that_keeps_expiring_is_told() -> None:
    def answer(call: Call) -> dict[str, Any]:
        if call.get("page"):
            raise refused(410)
        return page(row(at(1), "a", 1), next_page="x")

    came, error = given(rows_of(answer))
    assert isinstance(error, NotOffered)
    assert came == {}


# --- lists of names ---


def listed(answer: Callable[[Call], dict[str, Any]]) -> list[str]:
    pager = Pager(FakeDoor(answer), "Provider", STYLE)  # type: ignore[arg-type]
    return [entry["id"] for entry in pager.listed(Request("/names", ()), after="after")]


def test_a_list_goes_on_after_its_last_id() -> None:
    pages = {
        None: {"data": [{"id": "a"}, {"id": "b"}], "has_more": True, "last_id": "b"},
        "b": {"data": [{"id": "c"}], "has_more": True},
        "c": {"data": [], "has_more": False},
    }
    assert listed(lambda call: pages[call.get("after")]) == ["a", "b", "c"]


def test_a_list_that_comes_back_is_a_loop() -> None:
    with pytest.raises(PageLoop):
        listed(lambda _: {"data": [{"id": "a"}], "has_more": True, "last_id": "a"})


@pytest.mark.parametrize("data", [None, "names", [{}], [{"id": 5}], ["a"]], ids=str)
def test_a_list_that_is_none_is_refused(data: object) -> None:
    with pytest.raises(SurprisingAnswer):
        listed(lambda _: {"data": data, "has_more": False})


# --- ranges ---


def test_a_long_period_is_cut_into_ranges_that_join() -> None:
    period = Period(date(2026, 1, 1), date(2026, 3, 15))
    parts = list(stretches(period, 31))
    assert [len(part) for part in parts] == [31, 31, 12]
    assert [day for part in parts for day in part.days()] == list(period.days())


def test_days_to_come_are_not_asked_for() -> None:
    today = NOW.date()
    assert until_today(Period(date(2026, 11, 1), date(2026, 11, 30)), NOW) == Period(
        date(2026, 11, 1), today
    )
    assert until_today(Period(today + DAY, today + DAY), NOW) is None
