"""The simulated OpenAI answers in the real one's form, and what it answers is the truth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from demo_askers import NOW, Params, World, nanos, openai_span, unix

from plimsoll.demo import company
from plimsoll.demo.openai_shapes import COSTS_GROUPS, USAGE
from plimsoll.domain.calendar import ONE_DAY
from plimsoll.domain.usage import Tokens

FIRST, LAST = date(2026, 10, 10), date(2026, 10, 19)
COSTS = "/organization/costs"
COMPLETIONS = "/organization/usage/completions"


def groups(*names: str) -> Params:
    return [("group_by", name) for name in names]


def billed(world: World, params: Params, *by: str, span: Params | None = None) -> dict[Any, int]:
    sums: dict[Any, int] = defaultdict(int)
    for _, row in world.openai.rows(COSTS, [*(span or openai_span(FIRST, LAST)), *params]):
        sums[tuple(row[name] for name in by)] += nanos(row["amount"]["value"])
    return dict(sums)


# --- costs ---


@pytest.mark.parametrize("limit", [1, 3, 180])
def test_costs_are_the_truth_to_the_nano_dollar_however_they_are_paged(
    world: World, limit: int
) -> None:
    by = ("project_id", "line_item", "api_key_id")
    answered = billed(world, [("limit", limit), *groups(*by)], *by)
    assert answered == world.truth.billed("openai", FIRST, LAST, by=("project", "line_item", "key"))
    assert len(answered) > 40


def test_costs_of_the_whole_year_are_the_truth_day_by_day(world: World) -> None:
    first = world.truth.first_day
    rows = world.openai.rows(COSTS, [*openai_span(first, NOW.date()), ("limit", 180)])
    answered = {start: nanos(row["amount"]["value"]) for start, row in rows}
    truth = world.truth.billed("openai", first, NOW.date(), by=("day",))
    assert answered == {unix(day): amount for (day,), amount in truth.items()}  # type: ignore[arg-type]
    assert len(answered) > 380


@pytest.mark.parametrize(
    "by",
    [(), ("project_id",), ("line_item",), ("api_key_id",), ("user_id",), ("line_item", "user_id")],
    ids=",".join,
)
def test_any_grouping_of_costs_adds_up_to_the_same_total(world: World, by: tuple[str, ...]) -> None:
    answered = billed(world, groups(*by), *COSTS_GROUPS)
    assert sum(answered.values()) == world.truth.billed("openai", FIRST, LAST)[()]
    places = [COSTS_GROUPS.index(name) for name in by]
    for values in answered:
        assert all(v is None for i, v in enumerate(values) if i not in places)
    assert len({tuple(values[i] for i in places) for values in answered}) == len(answered)


def test_filters_of_costs_keep_what_they_name(world: World) -> None:
    whole = billed(world, groups("line_item"), "line_item")
    item = "gpt-5.6-sol, output, batch"
    assert billed(world, [("line_items", item), *groups("line_item")], "line_item") == {
        (item,): whole[item,]
    }


def test_amounts_come_as_text_and_as_numbers_with_quantities_only_by_line_item(
    world: World,
) -> None:
    rows = world.openai.rows(COSTS, [*openai_span(FIRST, LAST), *groups("line_item")])
    kinds = {type(row["amount"]["value"]).__name__ for _, row in rows}
    assert "str" in kinds
    assert kinds & {"Decimal", "int"}
    assert {row["amount"]["currency"] for _, row in rows} == {"usd"}
    assert all(row["quantity"] > 0 for _, row in rows)
    ungrouped = world.openai.rows(COSTS, openai_span(FIRST, LAST))
    assert all("quantity" not in row for _, row in ungrouped)


def test_todays_costs_are_not_there_yet_and_yesterdays_are_not_final(
    world_at: Callable[..., World],
) -> None:
    yesterday, today = date(2026, 11, 19), date(2026, 11, 20)

    def seen(day: date, hour: int) -> int:
        here = world_at(datetime(2026, 11, 20, hour, 30, tzinfo=UTC))
        found = billed(here, [], span=openai_span(day, day))
        assert found == here.truth.billed("openai", day, day)
        return found.get((), 0)

    assert seen(today, 15) == 0
    assert 0 < seen(yesterday, 11) < seen(yesterday, 12)


# --- usage ---


def classes(row: dict[str, Any]) -> Tokens:
    cached, written = row["input_cached_tokens"], row["input_cache_write_tokens"]
    fresh = row["input_tokens"] - cached - written
    assert row["input_uncached_tokens"] == fresh
    assert row["input_text_tokens"] + row["input_audio_tokens"] == fresh
    assert row["output_text_tokens"] + row["output_audio_tokens"] == row["output_tokens"]
    return Tokens(fresh, cached, written, 0, row["output_tokens"])


@pytest.mark.parametrize(("width", "limit"), [("1h", 24), ("1h", 168), ("1d", 2), ("1d", 31)])
def test_tokens_are_the_truth_by_the_hour_and_by_the_day(
    world: World, width: str, limit: int
) -> None:
    by = ("project_id", "api_key_id", "user_id", "model", "batch", "service_tier")
    params: Params = [("bucket_width", width), ("limit", limit), *groups(*by)]
    sums: dict[Any, Tokens] = {}
    requests = 0
    for start, row in world.openai.rows(COMPLETIONS, [*openai_span(FIRST, LAST), *params]):
        tier = "batch" if row["batch"] else row["service_tier"]
        key = (start, row["project_id"], row["api_key_id"], row["user_id"], row["model"], tier)
        assert key not in sums
        sums[key] = classes(row)
        requests += row["num_model_requests"]
    when = "hour" if width == "1h" else "day"
    truth = world.truth.tokens(
        "openai",
        FIRST,
        LAST,
        by=("endpoint", when, "project", "key", "user", "model", "tier"),
    )

    def start_of(moment: object) -> int:
        if isinstance(moment, datetime):
            return int(moment.timestamp())
        assert isinstance(moment, date)
        return unix(moment)

    assert sums == {
        (start_of(moment), *rest): tokens
        for (endpoint, moment, *rest), tokens in truth.items()
        if endpoint == "completions"
    }
    counted = world.truth.requests("openai", FIRST, LAST, by=("endpoint",))
    assert requests == counted["completions",]


@pytest.mark.parametrize("name", sorted(USAGE))
def test_every_endpoint_adds_up_to_the_same_under_every_grouping(world: World, name: str) -> None:
    path = f"/organization/usage/{name}"
    totals = []
    for by in [(), *((one,) for one in USAGE[name].groups), USAGE[name].groups]:
        rows = world.openai.rows(path, [*openai_span(FIRST, LAST), *groups(*by)])
        sums: dict[str, int] = defaultdict(int)
        for _, row in rows:
            assert row["object"] == USAGE[name].object
            for field, value in row.items():
                if field in USAGE[name].groups:
                    assert value is None or field in by
                elif field != "object":
                    sums[field] += value
        totals.append(sums)
    assert totals[0]
    assert all(sums == totals[0] for sums in totals)


@pytest.mark.parametrize(
    ("name", "field", "unit"),
    [
        ("images", "images", "images"),
        ("audio_speeches", "characters", "characters"),
        ("audio_transcriptions", "seconds", "seconds"),
        ("vector_stores", "usage_bytes", "bytes"),
        ("code_interpreter_sessions", "num_sessions", "sessions"),
        ("file_search_calls", "num_requests", "searches"),
        ("web_search_calls", "num_requests", "searches"),
    ],
)
def test_units_are_the_truth(world: World, name: str, field: str, unit: str) -> None:
    rows = world.openai.rows(
        f"/organization/usage/{name}", [*openai_span(FIRST, LAST), *groups("project_id")]
    )
    answered: dict[Any, int] = {}
    for start, row in rows:
        answered[name, start, row["project_id"], unit] = row[field]
    truth = world.truth.units("openai", FIRST, LAST, by=("endpoint", "day", "project", "unit"))
    assert answered == {
        (endpoint, unix(day), project, kind): count  # type: ignore[arg-type]
        for (endpoint, day, project, kind), count in truth.items()
        if endpoint == name
    }


def test_buckets_without_use_are_there_and_the_same_question_has_the_same_bytes(
    world: World,
) -> None:
    before = world.truth.first_day - 5 * ONE_DAY
    page = world.openai.get(COMPLETIONS, openai_span(before, before + ONE_DAY))
    assert page == {
        "object": "page",
        "data": [
            {
                "object": "bucket",
                "start_time": unix(before + n * ONE_DAY),
                "end_time": unix(before + (n + 1) * ONE_DAY),
                "results": [],
            }
            for n in (0, 1)
        ],
        "has_more": False,
        "next_page": None,
    }
    query = f"start_time={unix(FIRST)}&bucket_width=1h&group_by=model"
    headers = world.openai.headers
    once, again = (world.openai.api.answer(COMPLETIONS, query, headers) for _ in range(2))
    assert once.body == again.body


def test_both_ways_of_writing_an_array_are_understood(world: World) -> None:
    bare = world.openai.get(COMPLETIONS, [*openai_span(FIRST, LAST), ("group_by", "model")])
    with_brackets = world.openai.get(
        COMPLETIONS, [*openai_span(FIRST, LAST), ("group_by[]", "model")]
    )
    assert bare["data"] == with_brackets["data"]


def test_an_unaligned_start_shortens_the_first_bucket(world: World) -> None:
    start = unix(FIRST) + 9 * 3600
    page = world.openai.get(COMPLETIONS, [("start_time", start), ("limit", 2)])
    first, second = page["data"]
    assert (first["start_time"], first["end_time"]) == (start, unix(FIRST + ONE_DAY))
    assert second["start_time"] == unix(FIRST + ONE_DAY)
    whole = world.openai.get(COMPLETIONS, openai_span(FIRST, FIRST))["data"][0]["results"][0]
    assert 0 < first["results"][0]["input_tokens"] < whole["input_tokens"]


def test_without_an_end_the_answer_goes_up_to_now(world: World) -> None:
    params: Params = [("start_time", unix(NOW.date() - 2 * ONE_DAY)), ("limit", 31)]
    buckets = world.openai.get(COMPLETIONS, params)["data"]
    assert [bucket["start_time"] for bucket in buckets] == [
        unix(NOW.date() - n * ONE_DAY) for n in (2, 1, 0)
    ]


# --- refusals ---


@pytest.mark.parametrize(
    ("path", "params"),
    [
        (COMPLETIONS, []),
        (COMPLETIONS, [("start_time", "yesterday")]),
        (COMPLETIONS, [("start_time", 0), ("end_time", 0)]),
        (COMPLETIONS, [("start_time", 0), ("limit", 32)]),
        (COMPLETIONS, [("start_time", 0), ("limit", 0)]),
        (COMPLETIONS, [("start_time", 0), ("limit", 169), ("bucket_width", "1h")]),
        (COMPLETIONS, [("start_time", 0), ("bucket_width", "1w")]),
        (COMPLETIONS, [("start_time", 0), ("group_by", "line_item")]),
        (COMPLETIONS, [("start_time", 0), ("group_by", "model"), ("group_by", "model")]),
        (COMPLETIONS, [("start_time", 0), ("start_time", 1)]),
        (COMPLETIONS, [("start_time", 0), ("colour", "blue")]),
        (COMPLETIONS, [("start_time", 0), ("page", "page_nonsense")]),
        (COSTS, [("start_time", 0), ("limit", 181)]),
        (COSTS, [("start_time", 0), ("bucket_width", "1h")]),
        (COSTS, [("start_time", 0), ("group_by", "model")]),
        (COSTS, [("start_time", 0), ("group_by", "user_id"), ("group_by", "project_id")]),
        ("/organization/projects", [("limit", 101)]),
        ("/organization/projects", [("after", "proj_unknown")]),
    ],
)
def test_a_question_beyond_the_rules_is_answered_with_400(
    world: World, path: str, params: Params
) -> None:
    status, body = world.openai.raw(path, params)
    assert status == 400
    assert set(body["error"]) == {"message", "type", "param", "code"}


def test_defaults_of_limit_are_the_documented_ones(world: World) -> None:
    start: Params = [("start_time", unix(date(2026, 1, 1)))]
    assert len(world.openai.get(COMPLETIONS, start)["data"]) == 7
    assert len(world.openai.get(COMPLETIONS, [*start, ("bucket_width", "1h")])["data"]) == 24
    assert len(world.openai.get(COSTS, start)["data"]) == 7


def test_a_cursor_belongs_to_one_question(world: World) -> None:
    span = openai_span(FIRST, LAST)
    cursor = world.openai.get(COMPLETIONS, [*span, ("limit", 2)])["next_page"]
    assert world.openai.raw(COMPLETIONS, [*span, ("limit", 2), ("page", cursor)])[0] == 200
    for path, params in (
        (COMPLETIONS, [*span, ("limit", 3)]),
        (COMPLETIONS, [*span, ("limit", 2), ("group_by", "model")]),
        ("/organization/usage/embeddings", [*span, ("limit", 2)]),
    ):
        assert world.openai.raw(path, [*params, ("page", cursor)])[0] == 400


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("", 401),
        ("Bearer sk-admin-another", 401),
        ("Bearer sk-ordinary-looking", 401),
        ("Bearer sk-proj-something", 403),
        ("Bearer sk-svcacct-something", 403),
        ("Basic abc", 401),
    ],
)
def test_wrong_keys_are_refused_as_the_real_one_does(
    world: World, header: str, status: int
) -> None:
    for path, scope in (
        (COSTS, "api.usage.read"),
        ("/organization/projects", "api.management.read"),
    ):
        answered, body = world.openai.raw(path, [], authorization=header)
        assert answered == status
        if status == 403:
            assert scope in body["error"]
        else:
            assert body["error"]["type"] == "invalid_request_error"


def test_what_this_organisation_has_not_is_404(world: World) -> None:
    unlimited = f"/organization/projects/{company.DOCUMENTS.id}/spend_limit"
    for path in ("/organization/usage/decisions", "/models", unlimited):
        assert world.openai.raw(path, [])[0] == 404


def test_limits_are_told_in_cents(world: World) -> None:
    whole = world.openai.get("/organization/spend_limit", [])
    assert (whole["threshold_amount"], whole["currency"]) == (250_000, "USD")
    support = world.openai.get(f"/organization/projects/{company.SUPPORT.id}/spend_limit", [])
    assert support["threshold_amount"] == 24_000


# --- names ---


def test_lists_name_every_project_key_and_person_page_by_page(world: World) -> None:
    def listed(path: str, *params: tuple[str, object]) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        more: Params = []
        while True:
            page = world.openai.get(path, [("limit", 2), *params, *more])
            rows.extend(page["data"])
            if not page["has_more"]:
                return rows
            more = [("after", page["last_id"])]

    projects = listed("/organization/projects", ("include_archived", "true"))
    active = listed("/organization/projects")
    assert {p["name"] for p in projects} - {p["name"] for p in active} == {"Voice pilot"}
    names = {row["id"]: row["name"] for row in [*projects, *listed("/organization/users")]}
    for project in projects:
        path = f"/organization/projects/{project['id']}/api_keys"
        keys = listed(path, ("owner_project_access", "any"))
        assert len(listed(path)) <= len(keys)
        names |= {key["id"]: key["name"] for key in keys}
        if project["status"] == "archived":
            assert world.openai.raw(path.replace("api_keys", "users"), [])[0] == 400
    assert names == world.truth.names("openai")
    assert world.openai.raw("/organization/projects/proj_unknown/api_keys", [])[0] == 404


def test_one_key_shows_only_when_asked_for_any_access(world: World) -> None:
    studio = next(
        row["id"]
        for row in world.openai.get("/organization/projects", [("limit", 100)])["data"]
        if row["name"] == "Marketing studio"
    )
    path = f"/organization/projects/{studio}/api_keys"
    assert world.openai.get(path, [])["data"] == []
    assert len(world.openai.get(path, [("owner_project_access", "any")])["data"]) == 1
