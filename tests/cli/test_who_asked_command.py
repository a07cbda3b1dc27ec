"""Efficiency and growth with what Anthropic tells of who asked, over real HTTP."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from anthropic_on_loopback import LoopbackAnthropic, Query, error

FIRST, LAST = date(2026, 9, 14), date(2026, 11, 15)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]


@pytest.fixture
def asked(claude: LoopbackAnthropic) -> LoopbackAnthropic:
    """Nine weeks of a hundred tokens a day: agents took over half of a person's in the last one."""
    for day in DAYS:
        at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        agents = 40 if day >= date(2026, 11, 9) else 10
        claude.newer_tokens(at, fresh=80 - agents, actor_type="user_actor")
        claude.newer_tokens(at, fresh=agents, actor_type="user_actor", agent_id="agent_1")
        claude.newer_tokens(at, fresh=20, actor_type="api_actor")
    claude.newer_costs = {}
    return claude


def test_the_measure_stands_beside_the_own_loop_with_what_is_not_told(
    cli: Any, asked: LoopbackAnthropic
) -> None:
    assert cli("sync").code == 0
    measures = {one["measure"]: one for one in cli("efficiency", "--json").json["measures"]}
    told = measures["agents_and_programs"]
    assert (told["source"], told["unit"]) == ("Claude", None)
    assert (told["value"], told["not_told"]) == ("0.400000", "0.200000")
    assert (told["standing"], told["usual"]["median"]) == ("above", "0.100000")
    assert measures["own_loop"]["value"] is None
    said = cli("efficiency").out
    assert (
        "By agents and programs, as Claude tells (an indicator): 40.0% (not told of 20.0%)" in said
    )


def test_the_weeks_are_told_from_the_first_that_is_known(
    cli: Any, asked: LoopbackAnthropic
) -> None:
    assert cli("sync").code == 0
    weeks = cli("growth", "--json").json["dialogue"]
    last, first = weeks[-1], weeks[0]
    assert (last["from"], last["to"], last["not_final"]) == ("2026-11-09", "2026-11-15", False)
    assert last["own_loop"] is None
    assert last["told"] == [
        {
            "source": "Claude",
            "actors": {
                "person": 280,
                "agent": 280,
                "program": 0,
                "not_told": 140,
                "total": 700,
                "share": "0.400000",
                "not_told_share": "0.200000",
            },
        }
    ]
    assert first["from"] == "2026-01-05", "the first whole week that the API answers for"
    assert first["told"][0]["actors"]["share"] is None, "a week without tokens has no share"
    ran = cli("growth")
    assert "2026-11-09  Claude: agents and programs 40.0%, not told 20.0%" in ran.out
    assert "indicator" in ran.err


def test_syncing_again_asks_one_question_more_and_changes_nothing(
    cli: Any, asked: LoopbackAnthropic
) -> None:
    assert cli("sync").code == 0
    first = cli("growth", "--json").json["dialogue"]
    asked.requests.clear()
    assert cli("sync").code == 0
    assert sum("agent_id" in request for request in asked.requests) == 1
    assert cli("growth", "--json").json["dialogue"] == first


@pytest.mark.parametrize("status", [200, 400, 403, 404, 410])
def test_a_question_that_is_refused_or_answered_oddly_fails_no_sync_and_no_total_lacks_it(
    cli: Any, asked: LoopbackAnthropic, status: int
) -> None:
    def refuse(path: str, query: Query) -> Any:
        who = "agent_id" in query.get("group_by[]", [])
        return error(status, "not for you") if who else None

    asked.fault = refuse
    ran = cli("sync")
    assert (ran.code, ran.err.count("not for you")) == (0, 0)
    spent = cli("spend", "--from", "2026-11-09", "--to", "2026-11-15", "--json").json
    assert spent["total"]["tokens"]["total"] == 700
    measures = [one["measure"] for one in cli("efficiency", "--json").json["measures"]]
    assert "agents_and_programs" not in measures
    if status != 200:
        tested = cli("source", "test", "Claude")
        assert tested.code == 0
        assert "Who asked (people, agents or programs; an indicator) cannot be read." in tested.out


def test_where_nothing_is_known_there_are_no_weeks(cli: Any) -> None:
    assert cli("growth", "--json").json["dialogue"] == []
    assert "answered no person" not in cli("growth").out
