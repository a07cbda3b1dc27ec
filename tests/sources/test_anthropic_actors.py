"""Who asked at Anthropic: every token once, nothing guessed, and a refusal is no failure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from fake_door import NOW, Call, FakeDoor, came_before, paged, refused
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.actors import ActorDay, Actors, Who
from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import MissingScope, NotOffered, OddValue, RateLimited
from plimsoll.sources.providers.anthropic import CONNECTOR, Organisation
from plimsoll.sources.rows.anthropic_actors import GROUPS, who_asked

USAGE = "/v1/organizations/analytics/usage"
TODAY = NOW.date()
ONE = Period(date(2026, 11, 10), date(2026, 11, 10))
YEAR = Period(TODAY - timedelta(days=364), TODAY)
ONE_DAY = timedelta(days=1)

Answer = Callable[[Call], dict[str, Any]]


def row(day: date, tokens: int, **group: str) -> dict[str, Any]:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return {
        "starting_at": start.isoformat(),
        "ending_at": (start + ONE_DAY).isoformat(),
        "group": {**dict.fromkeys((*GROUPS, "model")), **group},
        "usage": {
            "uncached_input_tokens": tokens,
            "cache_read_input_tokens": 0,
            "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
            "output_tokens": 0,
            "total_tokens": tokens,
            "requests": 1,
            "server_tool_use": {"web_search_requests": 0},
        },
    }


def told(*rows: dict[str, Any], size: int = 1000, refreshed: datetime = NOW) -> Answer:
    """A server that has these rows, in order of time."""

    def answer(call: Call) -> dict[str, Any]:
        first, last = call["starting_at"][:10], call["ending_at"][:10]
        mine = [one for one in rows if first <= one["starting_at"][:10] < last]
        page = paged(mine, call, size=size, envelope=None)
        return {**page, "data_refreshed_at": refreshed.isoformat()}

    return answer


def account(answer: Answer) -> tuple[Organisation, FakeDoor]:
    def by_path(call: Call) -> dict[str, Any]:
        if call.path != USAGE:
            raise refused(404)
        return answer(call)

    door = FakeDoor(by_path)
    return CONNECTOR.open(door, {}), door  # type: ignore[arg-type]


def actors(answer: Answer, *periods: Period) -> list[ActorDay]:
    return list(account(answer)[0].actors(periods))


# --- who ---


@pytest.mark.parametrize(
    ("group", "who"),
    [
        ({"actor_type": "user_actor"}, Who.PERSON),
        ({"actor_type": "user_actor", "product": "claude_code"}, Who.PERSON),
        ({"actor_type": "service_account_actor"}, Who.PROGRAM),
        ({"actor_type": "api_actor", "product": "messages_api"}, Who.NOT_TOLD),
        ({"actor_type": "federated_actor"}, Who.NOT_TOLD),
        ({"actor_type": "a_new_actor"}, Who.NOT_TOLD),
        ({}, Who.NOT_TOLD),
        ({"actor_type": "user_actor", "agent_id": "agent_1"}, Who.AGENT),
        ({"actor_type": "api_actor", "product": "managed_agents_api"}, Who.AGENT),
        ({"actor_type": "user_actor", "product": "cc_security_autopatch"}, Who.AGENT),
        ({"actor_type": "api_actor", "product": "message_batches_api"}, Who.PROGRAM),
        ({"claude_tag_category": "engaged"}, Who.PERSON),
        ({"claude_tag_category": "dm"}, Who.PERSON),
        ({"claude_tag_category": "proactive", "actor_type": "user_actor"}, Who.AGENT),
        ({"claude_tag_category": "scheduled"}, Who.AGENT),
        ({"claude_tag_category": "monitoring"}, Who.AGENT),
        ({"claude_tag_category": "a_new_one", "actor_type": "user_actor"}, Who.NOT_TOLD),
    ],
    ids=str,
)
def test_who_asked_is_what_the_provider_says_and_never_a_guess(
    group: dict[str, Any], who: Who
) -> None:
    assert who_asked(group) is who


def test_a_day_is_the_sum_of_its_rows_and_a_day_without_any_is_nothing() -> None:
    first = ONE.first
    found = actors(
        told(
            row(first, 100, actor_type="user_actor"),
            row(first, 30, actor_type="api_actor"),
            row(first, 7, actor_type="user_actor", agent_id="agent_1"),
            row(first, 2, actor_type="service_account_actor"),
            row(first, 5, actor_type="user_actor", product="chat"),
        ),
        Period(first, first + ONE_DAY),
    )
    assert found == [
        ActorDay(first, Actors(person=105, agent=7, program=2, not_told=30)),
        ActorDay(first + ONE_DAY, Actors()),
    ]


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 10**9), st.sampled_from(list(Who)))),
    st.integers(1, 5),
    st.randoms(use_true_random=False),
)
def test_however_rows_are_ordered_and_paged_every_token_is_counted_once(
    parts: list[tuple[int, int, Who]], size: int, dice: Any
) -> None:
    words: dict[Who, dict[str, str]] = {
        Who.PERSON: {"actor_type": "user_actor"},
        Who.AGENT: {"agent_id": "agent_1"},
        Who.PROGRAM: {"actor_type": "service_account_actor"},
        Who.NOT_TOLD: {"actor_type": "api_actor"},
    }
    week = Period(date(2026, 11, 9), date(2026, 11, 15))
    rows = [
        row(week.first + timedelta(days=day), tokens, product=f"product {place}", **words[who])
        for place, (day, tokens, who) in enumerate(parts)
    ]
    expected = {day: Actors() for day in week.days()}
    for day, tokens, who in parts:
        expected[week.first + timedelta(days=day)] += Actors.of(who, tokens)
    shuffled = sorted(dice.sample(rows, len(rows)), key=lambda one: one["starting_at"])
    found = actors(told(*shuffled, size=size), week)
    assert {one.day: one.actors for one in found} == expected


# --- what is asked ---


def test_a_year_is_twelve_questions_the_newest_first_and_five_dimensions_are_not_passed() -> None:
    opened, door = account(told())
    days = [one.day for one in opened.actors([YEAR])]
    questions = [call for call in door.calls if "agent_id" in call.every("group_by[]")]
    assert len(questions) <= 12
    assert questions[0]["ending_at"] == "2026-11-25T00:00:00Z"
    assert all(call.every("group_by[]") == GROUPS for call in questions)
    assert len(GROUPS) <= 5
    assert sorted(days) == list(Period(date(2026, 1, 1), TODAY).days())


def test_days_that_the_api_has_not_whole_are_left_out_not_empty() -> None:
    stale = datetime(2026, 11, 22, 20, tzinfo=UTC)
    found = actors(told(refreshed=stale), Period(date(2026, 11, 20), TODAY))
    assert [one.day.day for one in found] == [20, 21]


def test_nothing_is_asked_where_no_day_is_wanted_or_none_can_be_answered() -> None:
    opened, door = account(told())
    assert list(opened.actors([Period(date(2025, 12, 1), date(2025, 12, 31))])) == []
    assert not [call for call in door.calls if "agent_id" in call.every("group_by[]")]


# --- refusals ---


@pytest.mark.parametrize(
    "refusal",
    [refused(400), refused(404), refused(410), MissingScope("may not")],
    ids=["400", "404", "410", "403"],
)
def test_a_refusal_tells_nothing_and_fails_nothing(refusal: Exception) -> None:
    def answer(call: Call) -> dict[str, Any]:
        if "actor_type" in call.every("group_by[]"):
            raise refusal
        return told()(call)

    assert actors(answer, ONE) == []
    opened, _ = account(answer)
    notes = [one for one in opened._who_asked() if not one.ok]
    assert [note.essential for note in notes] == [False]
    assert "Who asked" in notes[0].what


def test_a_key_without_the_newer_api_is_asked_once_and_told_nothing_more() -> None:
    def answer(_call: Call) -> dict[str, Any]:
        raise NotOffered("not open", status=404)

    opened, door = account(answer)
    assert list(opened.actors([YEAR])) == []
    assert list(opened._who_asked()) == []
    assert len(door.calls) == 1


def test_a_key_that_may_ask_is_told_so_in_one_line() -> None:
    opened, _ = account(told())
    assert [(one.ok, one.essential) for one in opened._who_asked()] == [(True, False)]


def test_what_came_before_a_limit_is_good() -> None:
    asked = 0

    def answer(call: Call) -> dict[str, Any]:
        nonlocal asked
        if "actor_type" in call.every("group_by[]"):
            asked += 1
            if asked == 3:
                raise RateLimited("wait", until=NOW)
        return told(row(ONE.first, 5, actor_type="user_actor"))(call)

    days, error = came_before(account(answer)[0].actors([YEAR]))
    assert isinstance(error, RateLimited)
    assert len(days) == 18 + 31
    assert ActorDay(ONE.first, Actors(person=5)) in days


@pytest.mark.parametrize(
    "wrong",
    [
        {"uncached_input_tokens": -1},
        {"uncached_input_tokens": None},
        {"uncached_input_tokens": 10**16},
        {"output_tokens": "many"},
    ],
    ids=str,
)
def test_an_impossible_counter_is_refused_and_never_zero(wrong: dict[str, Any]) -> None:
    odd = row(ONE.first, 5, actor_type="user_actor")
    odd["usage"].update(wrong)
    days, error = came_before(account(told(odd))[0].actors([ONE]))
    assert (days, type(error)) == ([], OddValue)


def test_more_tokens_than_can_be_true_are_refused() -> None:
    rows = [row(ONE.first, 10**15, product=f"product {n}") for n in range(3)]
    days, error = came_before(account(told(*rows))[0].actors([ONE]))
    assert (days, type(error)) == ([], OddValue)


def test_a_row_that_comes_twice_is_refused() -> None:
    one = row(ONE.first, 5, actor_type="user_actor")
    days, error = came_before(account(told(one, one, size=1))[0].actors([ONE]))
    assert days == []
    assert "again" in str(error)
