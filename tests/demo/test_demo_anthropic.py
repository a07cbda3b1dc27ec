"""The simulated Anthropic: both generations say the same, and it is the truth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from demo_askers import BETA, NOW, Params, World, anthropic_span, nanos, rfc3339

from plimsoll.demo import company
from plimsoll.domain.calendar import ONE_DAY
from plimsoll.domain.usage import Tokens

FIRST, LAST = date(2026, 10, 10), date(2026, 10, 19)
USAGE = "/v1/organizations/usage_report/messages"
COSTS = "/v1/organizations/cost_report"
NEW_USAGE = "/v1/organizations/analytics/usage"
NEW_COSTS = "/v1/organizations/analytics/cost"
CENT = Decimal("0.01")
BY_ALL = ("api_key_id", "workspace_id", "model", "service_tier")


def groups(*names: str) -> Params:
    return [("group_by[]", name) for name in names]


def analysed(world: World, path: str, params: Params) -> list[dict[str, Any]]:
    pages = world.anthropic.pages(path, [*anthropic_span(FIRST, LAST), *params], **BETA)
    return [row for page in pages for row in page["data"]]


def classes(counts: dict[str, Any]) -> Tokens:
    written = counts["cache_creation"]
    return Tokens(
        counts["uncached_input_tokens"],
        counts["cache_read_input_tokens"],
        written["ephemeral_5m_input_tokens"],
        written["ephemeral_1h_input_tokens"],
        counts["output_tokens"],
    )


def hourly_truth(world: World) -> dict[Any, Tokens]:
    by = ("hour", "key", "project", "model", "tier")
    truth = world.truth.tokens("anthropic", FIRST, LAST, by=by)
    return {(f"{hour:%Y-%m-%dT%H:%M:%SZ}", *rest): t for (hour, *rest), t in truth.items()}


def without_default(workspace: str | None) -> str | None:
    return None if workspace == company.DEFAULT_WORKSPACE.id else workspace


# --- usage ---


@pytest.mark.parametrize("limit", [24, 168])
def test_the_older_usage_is_the_truth_by_the_hour(world: World, limit: int) -> None:
    params = [("bucket_width", "1h"), ("limit", limit), *groups(*BY_ALL)]
    sums: dict[Any, Tokens] = {}
    for start, row in world.anthropic.rows(USAGE, [*anthropic_span(FIRST, LAST), *params]):
        assert not any("request" in name for name in row if name != "server_tool_use")
        sums[start, *(row[name] for name in BY_ALL)] = classes(row)
    assert sums == hourly_truth(world)


@pytest.mark.parametrize(("limit", "order"), [(500, "asc"), (1000, "desc")])
def test_the_newer_usage_is_the_truth_by_the_hour(world: World, limit: int, order: str) -> None:
    params = [
        ("time_bucket_width", "1h"),
        ("order_by", "time"),
        ("order", order),
        ("limit", limit),
        *groups(*BY_ALL),
    ]
    rows = analysed(world, NEW_USAGE, params)
    starts = [row["starting_at"] for row in rows]
    assert starts == sorted(starts, reverse=order == "desc")
    sums, requests = {}, 0
    for row in rows:
        group, usage = row["group"], row["usage"]
        key, workspace, *rest = (group[name] for name in BY_ALL)
        sums[row["starting_at"], key, without_default(workspace), *rest] = classes(usage)
        assert classes(usage).total == usage["total_tokens"]
        requests += usage["requests"]
    assert sums == hourly_truth(world)
    assert requests == world.truth.requests("anthropic", FIRST, LAST)[()]


def test_any_grouping_of_usage_adds_up_to_the_same(world: World) -> None:
    expected = world.truth.tokens("anthropic", FIRST, LAST)[()]
    searches = world.truth.units("anthropic", FIRST, LAST)["searches",]
    for by in [(), ("model",), ("workspace_id", "account_id"), ("context_window", "inference_geo")]:
        rows = world.anthropic.rows(USAGE, [*anthropic_span(FIRST, LAST), *groups(*by)])
        assert sum((classes(row) for _, row in rows), Tokens()) == expected
        assert searches == sum(r["server_tool_use"]["web_search_requests"] for _, r in rows)
    for by in [(), ("model",), ("actor", "speed"), ("product",)]:
        newer = analysed(world, NEW_USAGE, groups(*by))
        assert sum((classes(row["usage"]) for row in newer), Tokens()) == expected


# --- costs ---


def test_the_older_costs_are_the_truth_to_the_nano_dollar(
    world_at: Callable[..., World],
) -> None:
    world = world_at(analytics=False)
    first, last = world.truth.first_day, NOW.date()
    params = [*anthropic_span(first, last), ("limit", 31), *groups("workspace_id", "description")]
    sums: dict[Any, int] = defaultdict(int)
    for start, row in world.anthropic.rows(COSTS, params):
        assert isinstance(row["amount"], str)
        at = (start, row["workspace_id"], row["model"], row["service_tier"])
        sums[at] += nanos(row["amount"], CENT)
    truth = world.truth.billed("anthropic", first, last, by=("day", "project", "model", "tier"))
    assert dict(sums) == {(rfc3339(day), *r): amount for (day, *r), amount in truth.items()}  # type: ignore[arg-type]


@pytest.mark.parametrize("limit", [7, 1000])
def test_the_newer_costs_are_the_truth_to_the_nano_dollar(world: World, limit: int) -> None:
    params = [("time_bucket_width", "1d"), ("limit", limit)]
    rows = analysed(world, NEW_COSTS, [*params, *groups(*BY_ALL, "cost_type", "token_type")])
    sums: dict[Any, int] = defaultdict(int)
    for row in rows:
        group, cost = row["group"], row["cost"]
        key, workspace, *rest = (group[name] for name in BY_ALL)
        item = ": ".join(filter(None, (group["cost_type"], group["token_type"])))
        at = (row["starting_at"], key, without_default(workspace), *rest, item)
        sums[at] += nanos(cost["amount"], CENT)
        assert cost["requests"] is None
    by = ("day", "key", "project", "model", "tier", "line_item")
    truth = world.truth.billed("anthropic", FIRST, LAST, by=by)
    assert dict(sums) == {(rfc3339(day), *r): amount for (day, *r), amount in truth.items()}  # type: ignore[arg-type]


def test_both_generations_bill_the_same_under_any_grouping(world: World) -> None:
    expected = world.truth.billed("anthropic", FIRST, LAST)[()]
    for by in [(), ("workspace_id",), ("description",)]:
        rows = world.anthropic.rows(COSTS, [*anthropic_span(FIRST, LAST), *groups(*by)])
        assert sum(nanos(row["amount"], CENT) for _, row in rows) == expected
    for by in [(), ("model",), ("cost_type",), ("actor", "cost_type", "token_type")]:
        newer = analysed(world, NEW_COSTS, groups(*by))
        assert sum(nanos(row["cost"]["amount"], CENT) for row in newer) == expected


def test_by_token_type_alone_searches_and_code_execution_drop_out(world: World) -> None:
    expected = world.truth.billed("anthropic", FIRST, LAST, by=("line_item",))
    tokens = sum(n for (item,), n in expected.items() if str(item).startswith("tokens"))
    rows = analysed(world, NEW_COSTS, groups("token_type"))
    assert sum(nanos(row["cost"]["amount"], CENT) for row in rows) == tokens
    assert tokens < sum(expected.values())
    assert {row["group"]["cost_type"] for row in rows} == {"tokens"}


def test_there_is_a_discount_from_a_day_on(world: World) -> None:
    for day, share in ((date(2026, 6, 30), Decimal(1)), (date(2026, 7, 1), Decimal("0.96"))):
        page = world.anthropic.get(NEW_COSTS, anthropic_span(day, day), **BETA)
        [row] = page["data"]
        assert Decimal(row["cost"]["amount"]) == Decimal(row["cost"]["list_amount"]) * share


def test_the_priority_tier_has_tokens_and_no_costs(world: World) -> None:
    by_tier = world.truth.tokens("anthropic", FIRST, LAST, by=("tier",))
    assert by_tier["priority",].total > 0
    rows = analysed(world, NEW_COSTS, groups("service_tier", "api_key_id"))
    assert "priority" not in {row["group"]["service_tier"] for row in rows}
    assert company.CHAT_PRIORITY.id not in {row["group"]["api_key_id"] for row in rows}


def test_the_default_workspace_is_null_here_and_an_id_there(world: World) -> None:
    rows = world.anthropic.rows(COSTS, [*anthropic_span(FIRST, LAST), *groups("workspace_id")])
    old = {row["workspace_id"] for _, row in rows}
    new = {
        row["group"]["workspace_id"] for row in analysed(world, NEW_COSTS, groups("workspace_id"))
    }
    assert old - new == {None}
    assert new - old == {company.DEFAULT_WORKSPACE.id}


def test_the_newer_answer_says_how_fresh_it_is_and_has_no_empty_buckets(world: World) -> None:
    params = [*anthropic_span(NOW.date(), NOW.date()), ("time_bucket_width", "1h")]
    page = world.anthropic.get(NEW_USAGE, [*params, ("limit", 1000)], **BETA)
    assert page["data_refreshed_at"] == "2026-11-23T19:00:00Z"
    assert len(page["data"]) <= 19
    assert all(row["usage"]["total_tokens"] for row in page["data"])
    older = world.anthropic.get(USAGE, [*params[:2], ("bucket_width", "1h")])
    assert len(older["data"]) == 24


# --- refusals ---


@pytest.mark.parametrize(
    ("path", "params"),
    [
        (USAGE, []),
        (USAGE, [("starting_at", "2026-10-01")]),
        (USAGE, [("starting_at", "2026-10-01T00:00:00")]),
        (USAGE, [("starting_at", rfc3339(LAST)), ("ending_at", rfc3339(FIRST))]),
        (USAGE, [("starting_at", rfc3339(FIRST)), ("limit", 32)]),
        (USAGE, [("starting_at", rfc3339(FIRST)), ("limit", 169), ("bucket_width", "1h")]),
        (USAGE, [("starting_at", rfc3339(FIRST)), ("group_by", "model")]),
        (USAGE, [("starting_at", rfc3339(FIRST)), ("group_by[]", "description")]),
        (USAGE, [("starting_at", rfc3339(FIRST)), ("page", "page_nonsense")]),
        (COSTS, [("starting_at", rfc3339(FIRST)), ("bucket_width", "1h")]),
        (COSTS, [("starting_at", rfc3339(FIRST)), ("limit", 32)]),
        (COSTS, [("starting_at", rfc3339(FIRST)), ("group_by[]", "model")]),
        (NEW_USAGE, [("starting_at", rfc3339(date(2025, 12, 31)))]),
        (NEW_USAGE, [("starting_at", rfc3339(FIRST)), ("time_bucket_width", "1d")]),
        (NEW_USAGE, anthropic_span(date(2026, 9, 1), date(2026, 10, 2))),
        (NEW_USAGE, [*anthropic_span(FIRST, LAST), ("limit", 1001)]),
        (NEW_USAGE, [*anthropic_span(FIRST, LAST), ("group_by[]", "cost_type")]),
        (NEW_COSTS, [*anthropic_span(FIRST, LAST), *groups(*BY_ALL, "speed", "product")]),
    ],
)
def test_a_question_beyond_the_rules_is_answered_with_400(
    world: World, path: str, params: Params
) -> None:
    status, body = world.anthropic.raw(path, params, **BETA)
    assert status == 400, body
    assert body["type"] == "error"
    assert body["error"]["type"] == "invalid_request_error"
    assert body["request_id"].startswith("req_")


def test_the_newer_api_reaches_back_365_days(world_at: Callable[..., World]) -> None:
    world = world_at(NOW + timedelta(days=90))
    day = NOW.date() + timedelta(days=90 - 364)
    assert world.truth.analytics_first == day
    assert world.anthropic.raw(NEW_USAGE, anthropic_span(day, day), **BETA)[0] == 200
    before = day - ONE_DAY
    assert world.anthropic.raw(NEW_USAGE, anthropic_span(before, before), **BETA)[0] == 400


def test_a_cursor_belongs_to_one_question(world: World) -> None:
    for path, limit in ((USAGE, 2), (COSTS, 2), (NEW_USAGE, 2)):
        params = [*anthropic_span(FIRST, LAST), *groups("workspace_id"), ("limit", limit)]
        cursor = world.anthropic.get(path, params, **BETA)["next_page"]
        same = [*params, ("page", cursor)]
        assert world.anthropic.raw(path, same, **BETA)[0] == 200
        other = [*params[:-1], ("limit", 3), ("page", cursor)]
        assert world.anthropic.raw(path, other, **BETA)[0] == 400


@pytest.mark.parametrize("key", ["", "sk-ant-api03-ordinary", "sk-ant-admin01-another"])
def test_every_wrong_key_is_the_same_401(world: World, key: str) -> None:
    status, body = world.anthropic.raw("/v1/organizations/me", [], x_api_key=key)
    assert status == 401
    assert body["error"]["type"] == "authentication_error"


def test_headers_are_demanded(world: World, world_at: Callable[..., World]) -> None:
    me = "/v1/organizations/me"
    assert world.anthropic.raw(me, [], anthropic_version="")[0] == 400
    span = anthropic_span(FIRST, LAST)
    assert world.anthropic.raw(NEW_USAGE, span)[0] == 400
    closed = world_at(analytics=False)
    status, body = closed.anthropic.raw(NEW_USAGE, span, **BETA)
    assert (status, body["error"]["type"]) == (403, "permission_error")
    assert closed.truth.analytics_first is None


# --- names ---


def test_lists_name_every_workspace_key_and_person_page_by_page(world: World) -> None:
    def listed(what: str, *params: tuple[str, object]) -> dict[str, str]:
        rows: dict[str, str] = {}
        more: Params = []
        while True:
            page = world.anthropic.get(f"/v1/organizations/{what}", [("limit", 3), *params, *more])
            rows |= {row["id"]: row["name"] for row in page["data"]}
            if not page["has_more"]:
                return rows
            more = [("after_id", page["last_id"])]

    workspaces = listed("workspaces", ("include_archived", "true"))
    assert set(workspaces.values()) - set(listed("workspaces").values()) == {"Prototype"}
    with_default = listed("workspaces", ("include_archived", "true"), ("include_default", "true"))
    assert set(with_default) - set(workspaces) == {company.DEFAULT_WORKSPACE.id}
    names = workspaces | listed("api_keys") | listed("users")
    assert names == world.truth.names("anthropic")
    assert world.anthropic.get("/v1/organizations/me")["type"] == "organization"
    assert world.anthropic.raw("/v1/organizations/invites")[0] == 404


# --- Claude Code ---

CLAUDE_CODE = "/v1/organizations/usage_report/claude_code"


def done_on(world: World, day: date, **params: object) -> list[dict[str, Any]]:
    asked: Params = [("starting_at", day.isoformat()), *params.items()]
    return [row for page in world.anthropic.pages(CLAUDE_CODE, asked) for row in page["data"]]


def test_what_claude_code_did_costs_what_its_keys_were_billed(world: World) -> None:
    """Cents, as numbers, sum to the truth of each key to the last nano-dollar."""
    estimated: dict[str, int] = defaultdict(int)
    tokens: dict[str, int] = defaultdict(int)
    for back in range((LAST - FIRST).days + 1):
        for row in done_on(world, FIRST + timedelta(days=back), limit=2):
            assert row["customer_type"] == "api"
            for model in row["model_breakdown"]:
                name = row["actor"]["api_key_name"]
                estimated[name] += nanos(model["estimated_cost"]["amount"], CENT)
                tokens[name] += sum(model["tokens"].values())
    names = {key.id: key.name for key in company.AGENT_KEYS}
    billed = world.truth.billed("anthropic", FIRST, LAST, by=("key",))
    assert estimated == {names[k]: total for (k,), total in billed.items() if k in names}
    counted = world.truth.tokens("anthropic", FIRST, LAST, by=("key",))
    assert tokens == {names[k]: c.total for (k,), c in counted.items() if k in names}


def test_its_work_follows_its_calls_and_is_the_same_whenever_it_is_asked(world: World) -> None:
    rows = done_on(world, FIRST + timedelta(days=3))
    assert rows == done_on(world, FIRST + timedelta(days=3), limit=1)
    core = [row["core_metrics"] for row in rows]
    assert sum(one["commits_by_claude_code"] for one in core) > 0
    for one in core:
        assert one["commits_by_claude_code"] >= one["pull_requests_by_claude_code"]
        assert bool(one["lines_of_code"]["added"]) is bool(one["commits_by_claude_code"])
    assert done_on(world, date(2027, 1, 1)) == []


def test_a_question_about_no_day_is_refused(world: World) -> None:
    for params in ([], [("starting_at", "yesterday")], [("starting_at", "2026-10-10"), ("x", 1)]):
        assert world.anthropic.raw(CLAUDE_CODE, params)[0] == 400


# --- who asked ---


def test_who_asked_is_told_of_every_token(world: World) -> None:
    by = ("actor_type", "agent_id", "claude_tag_category", "product")
    rows = analysed(world, NEW_USAGE, [("time_bucket_width", "1d"), *groups(*by)])
    found: dict[Any, int] = defaultdict(int)
    for row in rows:
        group = row["group"]
        who = group["product"] if group["agent_id"] else group["actor_type"]
        found[who] += classes(row["usage"]).total
    truth = world.truth.tokens("anthropic", FIRST, LAST, by=("key", "model"))
    expected: dict[Any, int] = defaultdict(int)
    for (key, model), tokens in truth.items():
        who = "user_actor"
        if key == company.CHAT_PROD.id:
            who = "api_actor"
        elif key == company.CHAT_PRIORITY.id:
            who = "service_account_actor"
        elif (key, model) in company.MANAGED_AGENTS:
            who = "managed_agents_api"
        expected[who] += tokens.total
    assert found == expected
    assert all(found[who] for who in expected)
    assert len(found) == 4


def test_every_actor_is_of_the_kind_that_its_row_says(world: World) -> None:
    rows = analysed(world, NEW_USAGE, groups("actor", "actor_type"))
    assert {row["group"]["actor"]["type"] for row in rows} == {
        "user_actor",
        "service_account_actor",
        "api_actor",
    }
    assert all(row["group"]["actor"]["type"] == row["group"]["actor_type"] for row in rows)
