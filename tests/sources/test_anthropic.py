"""Anthropic's two generations are one ledger: cents, disjoint tokens, one default workspace."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from fake_door import NOW, Call, FakeDoor, came_before, paged, refused
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import (
    KeyRejected,
    MissingScope,
    NotOffered,
    PageLoop,
    PlimsollError,
    ProviderDown,
    RateLimited,
    SurprisingAnswer,
)
from plimsoll.domain.money import Money
from plimsoll.domain.usage import Charge, Name, NameKind, Slice, UsageRecord
from plimsoll.sources.providers.anthropic import CONNECTOR, Organisation

OLD_COST, OLD_USAGE = "/v1/organizations/cost_report", "/v1/organizations/usage_report/messages"
NEW_COST, NEW_USAGE = "/v1/organizations/analytics/cost", "/v1/organizations/analytics/usage"
WORKSPACES = "/v1/organizations/workspaces"
ONE = Period(date(2026, 11, 1), date(2026, 11, 1))
WEEK = Period(date(2026, 11, 1), date(2026, 11, 7))
DAY, HOUR = timedelta(days=1), timedelta(hours=1)

Table = dict[str, Callable[[Call], dict[str, Any]]]


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def told(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def account(table: Table, *, now: datetime = NOW) -> tuple[Organisation, FakeDoor]:
    """An organisation whose paths answer as the table says; the rest is not there."""

    def answer(call: Call) -> dict[str, Any]:
        if call.path not in table:
            raise refused(404)
        return table[call.path](call)

    door = FakeDoor(answer)
    door.clock.instant = now
    return CONNECTOR.open(door, {}), door  # type: ignore[arg-type]


def page(*data: dict[str, Any], next_page: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "data": list(data),
        "has_more": next_page is not None,
        "next_page": next_page,
        **more,
    }


def bucket(start: datetime, *rows: dict[str, Any], width: timedelta = DAY) -> dict[str, Any]:
    return {"starting_at": told(start), "ending_at": told(start + width), "results": list(rows)}


def cost(amount: object, **more: Any) -> dict[str, Any]:
    return {
        "amount": amount,
        "currency": "USD",
        "workspace_id": None,
        "description": None,
        "cost_type": None,
        "model": None,
        "token_type": None,
        "service_tier": None,
        "context_window": None,
        "inference_geo": None,
        **more,
    }


def counts(fresh: int = 100, read: int = 0, output: int = 10, **more: Any) -> dict[str, Any]:
    return {
        "uncached_input_tokens": fresh,
        "cache_read_input_tokens": read,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "output_tokens": output,
        "server_tool_use": {"web_search_requests": 0},
        **more,
    }


DIMENSIONS = ("api_key_id", "workspace_id", "model", "service_tier", "context_window")


def usage(*args: int, **more: Any) -> dict[str, Any]:
    return {**dict.fromkeys(DIMENSIONS), **counts(*args), **more}


def analytics(
    start: datetime, *, width: timedelta, group: dict[str, Any], **metrics: Any
) -> dict[str, Any]:
    return {
        "starting_at": told(start),
        "ending_at": told(start + width),
        "group": {**dict.fromkeys(DIMENSIONS), "product": None, **group},
        **metrics,
    }


def spent(start: datetime, amount: object, **group: Any) -> dict[str, Any]:
    metrics = {"amount": amount, "list_amount": amount, "currency": "USD", "requests": None}
    return analytics(start, width=DAY, group=group, cost=metrics)


def used(start: datetime, *args: int, requests: int | None = 2, **group: Any) -> dict[str, Any]:
    metrics = {**counts(*args), "requests": requests, "total_tokens": sum(args)}
    return analytics(start, width=HOUR, group=group, usage=metrics)


def older(*rows: dict[str, Any], path: str = OLD_COST) -> Table:
    width = DAY if path == OLD_COST else HOUR
    return {path: lambda _: page(bucket(at(1), *rows, width=width))}


def charge_of(row: dict[str, Any]) -> Charge:
    (day,) = account(older(row))[0].pull("cost", ONE)
    (charge,) = day.charges
    return charge


def record_of(row: dict[str, Any]) -> UsageRecord:
    (day,) = account(older(row, path=OLD_USAGE))[0].pull("messages", ONE)
    (record,) = day.records
    return record


def refusal_of(table: Table, endpoint: str) -> PlimsollError:
    days, error = came_before(account(table)[0].pull(endpoint, ONE))
    assert days == []
    return error


# --- cents ---


@pytest.mark.parametrize(
    ("amount", "nanos"),
    [
        ("123.45", 1_234_500_000),
        ("100", 1_000_000_000),
        ("0.01", 100_000),
        ("1", 10_000_000),
        ("-50", -500_000_000),
        ("0", 0),
        ("0.00000005", 0),
        ("0.00000015", 2),
        ("1.5E+2", 1_500_000_000),
        (250, 2_500_000_000),
    ],
)
def test_amounts_are_cents(amount: object, nanos: int) -> None:
    charge = charge_of(cost(amount))
    assert charge.amount == Money("USD", nanos)
    assert charge.text == str(amount)
    (day,) = account(newer_only(cost=[spent(at(1), amount)]))[0].pull("cost", ONE)
    assert day.charges[0].amount == Money("USD", nanos)
    assert day.charges[0].text == str(amount)


@pytest.mark.parametrize(
    "change",
    [
        {"amount": None},
        {"amount": ""},
        {"amount": "NaN"},
        {"amount": "1,5"},
        {"amount": True},
        {"amount": {"value": "1"}},
        {"amount": "1e99"},
        {"amount": "200000000000"},
        {"currency": None},
        {"currency": "US"},
    ],
    ids=str,
)
def test_an_amount_that_is_none_is_never_zero(change: dict[str, Any]) -> None:
    assert isinstance(refusal_of(older({**cost("1"), **change}), "cost"), SurprisingAnswer)
    row = spent(at(1), "1")
    row["cost"].update(change)
    assert isinstance(refusal_of(newer_only(cost=[row]), "cost"), SurprisingAnswer)


def test_the_newer_amount_is_after_discounts_with_the_list_price_beside() -> None:
    row = spent(at(1), "80.5", cost_type="tokens", token_type="output_tokens", model="claude")
    row["cost"]["list_amount"] = "100"
    (day,) = account(newer_only(cost=[row]))[0].pull("cost", ONE)
    (charge,) = day.charges
    assert charge.amount == Money("USD", 805_000_000)
    assert charge.details == (("list_amount", "100"),)
    assert charge.attribution.line_item == "tokens: output_tokens"


def test_a_charge_keeps_its_description_and_whom_it_was_for() -> None:
    charge = charge_of(
        cost(
            "10",
            workspace_id="wrkspc_a",
            description="Claude Opus 5 Usage - Output Tokens",
            cost_type="tokens",
            model="claude-opus-5",
            token_type="output_tokens",
            service_tier="batch",
            context_window="0-200k",
        )
    )
    who = charge.attribution
    assert (who.project, who.model, who.tier) == ("wrkspc_a", "claude-opus-5", "batch")
    assert who.line_item == "Claude Opus 5 Usage - Output Tokens"
    assert dict(charge.details) == {
        "cost_type": "tokens",
        "token_type": "output_tokens",
        "context_window": "0-200k",
    }


def test_what_is_no_model_s_work_has_no_model() -> None:
    row = cost("10", description="Code Execution Usage", cost_type="code_execution")
    assert charge_of(row).attribution.model is None


# --- tokens ---


def test_the_classes_are_disjoint_as_the_provider_gives_them() -> None:
    row = usage(100, 2000, 30)
    row["cache_creation"] = {"ephemeral_5m_input_tokens": 7, "ephemeral_1h_input_tokens": 9}
    tokens = record_of(row).tokens
    assert (tokens.input, tokens.cache_read, tokens.output) == (100, 2000, 30)
    assert (tokens.cache_write_5m, tokens.cache_write_1h) == (7, 9)
    assert tokens.total == 2146


def test_the_older_report_counts_no_requests_and_the_newer_does() -> None:
    assert record_of(usage()).requests is None
    rows = [used(at(1), 1, 2, 3, requests=5), used(at(1, 1), 1, requests=None)]
    (day,) = account(newer_only(usage=rows))[0].pull("messages", ONE)
    assert [r.requests for r in day.records] == [5, None]


def test_web_searches_are_units() -> None:
    row = usage(server_tool_use={"web_search_requests": 4})
    assert record_of(row).units == (("searches", Decimal(4)),)
    assert record_of(usage()).units == ()


@pytest.mark.parametrize(
    ("tier", "elsewhere"),
    [("priority", True), ("priority_on_demand", True), ("standard", False), (None, False)],
)
def test_priority_tokens_are_billed_elsewhere(tier: str | None, elsewhere: bool) -> None:
    record = record_of(usage(service_tier=tier))
    assert (record.billed_elsewhere, record.attribution.tier) == (elsewhere, tier)


def test_what_prices_a_record_is_kept_beside_it() -> None:
    row = usage(context_window="200k-1M", inference_geo="us")
    assert dict(record_of(row).details) == {"context_window": "200k-1M", "inference_geo": "us"}


@pytest.mark.parametrize(
    "change",
    [
        {"uncached_input_tokens": -1},
        {"uncached_input_tokens": None},
        {"cache_read_input_tokens": True},
        {"cache_read_input_tokens": "5"},
        {"output_tokens": 1.5},
        {"cache_creation": None},
        {"cache_creation": 5},
        {"cache_creation": {}},
        {"cache_creation": {"ephemeral_5m_input_tokens": 1}},
        {"server_tool_use": 3},
        {"server_tool_use": {"web_search_requests": -1}},
        {"model": ["claude"]},
    ],
    ids=str,
)
def test_a_counter_that_is_none_is_never_stored(change: dict[str, Any]) -> None:
    broken = older(usage(), {**usage(), **change}, path=OLD_USAGE)
    assert "results[1]" in str(refusal_of(broken, "messages"))
    row = used(at(1), 1, 2, 3)
    target = "group" if "model" in change else "usage"
    row[target].update(change)
    error = refusal_of(newer_only(usage=[used(at(1)), row]), "messages")
    assert isinstance(error, SurprisingAnswer)
    assert "data[1]" in str(error)


# --- which generation answers ---


def newer_only(
    *,
    cost: list[dict[str, Any]] | None = None,
    usage: list[dict[str, Any]] | None = None,
    **more: Any,
) -> Table:
    """The analytics with these rows, cut to the asked days and the asked limit."""

    def rows(data: list[dict[str, Any]]) -> Callable[[Call], dict[str, Any]]:
        def answer(call: Call) -> dict[str, Any]:
            assert call.headers == {"anthropic-beta": "analytics-usage-cost-2026-08-24"}
            first, last = call["starting_at"], call["ending_at"]
            kept = [row for row in data if first <= row["starting_at"] < last]
            body = paged(kept, call, size=int(call["limit"]), envelope=None)
            return {**body, **more}

        return answer

    table: Table = {}
    if cost is not None:
        table[NEW_COST] = rows(cost)
    if usage is not None:
        table[NEW_USAGE] = rows(usage)
    return table


def daily(*days: int) -> Table:
    """The older cost report: a dollar a day, all in one page."""

    def answer(call: Call) -> dict[str, Any]:
        return page(
            *(
                bucket(start, cost("100", description="older"))
                for day in days
                if call["starting_at"] <= told(start := at(day)) < call["ending_at"]
            )
        )

    return {OLD_COST: answer}


def lines(days: list[Slice]) -> list[tuple[int, list[str | None]]]:
    return [(d.day.day, [c.attribution.line_item for c in d.charges]) for d in days]


def test_where_the_newer_api_may_be_read_no_day_comes_from_the_reports() -> None:
    table = newer_only(cost=[spent(at(2), "300", cost_type="tokens", api_key_id="key")])
    organisation, door = account(table | daily(1, 2, 3))
    days = list(organisation.pull("cost", WEEK))
    assert lines(days) == [(n, ["tokens"] if n == 2 else []) for n in range(1, 8)]
    assert days[0].bills_by == {"model", "project", "key", "tier", "line_item"}
    assert door.asked(OLD_COST) == []


@pytest.mark.parametrize(
    "refusal",
    [refused(400), refused(403), refused(404), MissingScope("No.")],
    ids=["400", "403 as not offered", "404", "403"],
)
def test_where_the_newer_api_is_refused_the_reports_are_asked_and_nothing_fails(
    refusal: PlimsollError,
) -> None:
    def no(_: Call) -> dict[str, Any]:
        raise refusal

    organisation, door = account({NEW_COST: no} | daily(1, 2, 3))
    for _ in range(2):
        days = list(organisation.pull("cost", WEEK))
        assert lines(days)[:4] == [(1, ["older"]), (2, ["older"]), (3, ["older"]), (4, [])]
        assert days[0].bills_by == {"model", "project", "tier", "line_item"}
    assert len(door.asked(NEW_COST)) == 1


def test_usage_and_costs_are_asked_apart_whether_the_newer_api_answers() -> None:
    table = newer_only(usage=[used(at(1), 1, 2, 3, model="new")])
    organisation, _ = account(table | daily(1))
    (costs,) = organisation.pull("cost", ONE)
    (tokens,) = organisation.pull("messages", ONE)
    assert costs.charges[0].attribution.line_item == "older"
    assert tokens.records[0].attribution.model == "new"


def test_days_that_the_newer_api_is_too_young_or_too_old_for_come_from_the_reports() -> None:
    table = newer_only(cost=[])
    organisation, door = account(table | daily(), now=datetime(2027, 3, 1, 12, tzinfo=UTC))
    long = Period(date(2025, 12, 1), date(2027, 3, 1))
    assert [d.day for d in organisation.pull("cost", long)] == list(long.days())
    asked = [(c["starting_at"][:10], c["ending_at"][:10]) for c in door.asked(NEW_COST)[1:]]
    assert min(first for first, _ in asked) == "2026-03-02"
    assert max(c["ending_at"] for c in door.asked(OLD_COST))[:10] == "2026-03-02"
    lengths = [date.fromisoformat(end) - date.fromisoformat(first) for first, end in asked]
    assert max(lengths) == timedelta(days=31)


def test_nothing_before_2026_is_asked_of_the_newer_api() -> None:
    organisation, door = account(newer_only(cost=[]) | daily())
    list(organisation.pull("cost", Period(date(2025, 12, 1), date(2026, 1, 31))))
    assert min(c["starting_at"] for c in door.asked(NEW_COST)) == "2026-01-01T00:00:00Z"
    assert max(c["ending_at"] for c in door.asked(OLD_COST)) == "2026-01-01T00:00:00Z"


def test_days_that_the_newer_api_has_not_whole_yet_come_from_the_reports() -> None:
    rows = [spent(at(day), "1", cost_type="newer") for day in range(20, 25)]
    table = newer_only(cost=rows, data_refreshed_at="2026-11-22T08:00:00Z") | daily(21, 22, 23, 24)
    days = list(account(table)[0].pull("cost", Period(date(2026, 11, 20), date(2026, 11, 24))))
    assert lines(days) == [
        (20, ["newer"]),
        (21, ["newer"]),
        (22, ["older"]),
        (23, ["older"]),
        (24, ["older"]),
    ]


def test_today_comes_from_the_newer_api_when_that_has_read_some_of_it() -> None:
    rows = [spent(at(24), "1", cost_type="newer")]
    table = newer_only(cost=rows, data_refreshed_at="2026-11-24T15:25:00Z")
    (day,) = account(table)[0].pull("cost", Period(date(2026, 11, 24), date(2026, 11, 24)))
    assert lines([day]) == [(24, ["newer"])]


def test_an_answer_of_the_newer_api_that_cannot_be_trusted_is_an_error_not_a_way_round() -> None:
    broken = spent(at(1), "NaN")
    error = refusal_of(newer_only(cost=[broken]) | daily(1), "cost")
    assert isinstance(error, SurprisingAnswer)


@pytest.mark.parametrize(
    "error", [ProviderDown("500"), RateLimited("Wait.", until=NOW), KeyRejected("No.")], ids=repr
)
def test_other_errors_of_the_newer_api_are_errors(error: PlimsollError) -> None:
    def fails(_: Call) -> dict[str, Any]:
        raise error

    assert refusal_of({NEW_COST: fails} | daily(1), "cost") is error


def test_an_organisation_with_the_newer_api_alone_gets_its_year() -> None:
    def no(_: Call) -> dict[str, Any]:
        raise MissingScope("No.")

    organisation, _ = account(newer_only(cost=[spent(at(1), "5")]) | {OLD_COST: no})
    long = Period(date(2025, 12, 30), date(2026, 1, 2))
    assert [d.day for d in organisation.pull("cost", long)] == [
        date(2026, 1, 1),
        date(2026, 1, 2),
    ]
    reach = {e.name: e.reach for e in organisation.endpoints}
    assert reach == {"cost": date(2026, 1, 1), "messages": None}


def test_where_both_are_refused_the_refusal_is_told() -> None:
    assert isinstance(refusal_of({}, "cost"), NotOffered)


def test_an_expired_cursor_starts_the_range_again() -> None:
    tries = 0

    def answer(call: Call) -> dict[str, Any]:
        nonlocal tries
        if call["limit"] == "1":
            return page()
        if call.get("page"):
            if tries == 1:
                raise refused(410)
            return page(spent(at(2), "200"))
        tries += 1
        return page(spent(at(1), str(tries)), next_page="x")

    days = list(account({NEW_COST: answer})[0].pull("cost", WEEK))
    assert [d.charges[0].text for d in days[:2]] == ["2", "200"]


def test_a_row_that_comes_again_on_a_later_page_is_refused() -> None:
    def answer(call: Call) -> dict[str, Any]:
        if call.get("page"):
            return page(spent(at(1), "100"))
        return page(spent(at(1), "100"), next_page="x")

    assert isinstance(refusal_of({NEW_COST: answer}, "cost"), PageLoop)


def test_cost_and_token_types_make_rows_of_their_own() -> None:
    rows = [
        spent(at(1), "1", cost_type="tokens", token_type="output_tokens"),
        spent(at(1), "2", cost_type="tokens", token_type="uncached_input_tokens"),
        spent(at(1), "3", cost_type="web_search"),
        spent(at(1), "4", cost_type="session_usage"),
    ]
    (day,) = account(newer_only(cost=rows))[0].pull("cost", ONE)
    assert [c.attribution.line_item for c in day.charges] == [
        "tokens: output_tokens",
        "tokens: uncached_input_tokens",
        "web_search",
        "session_usage",
    ]


# --- what is asked ---


def test_the_reports_are_asked_with_brackets_and_their_own_limits() -> None:
    organisation, door = account({OLD_COST: lambda _: page(), OLD_USAGE: lambda _: page()})
    list(organisation.pull("cost", WEEK))
    list(organisation.pull("messages", WEEK))
    (costs,), (tokens,) = door.asked(OLD_COST), door.asked(OLD_USAGE)
    assert costs.params == (
        ("starting_at", "2026-11-01T00:00:00Z"),
        ("ending_at", "2026-11-08T00:00:00Z"),
        ("bucket_width", "1d"),
        ("limit", "31"),
        ("group_by[]", "workspace_id"),
        ("group_by[]", "description"),
    )
    assert (tokens["bucket_width"], tokens["limit"]) == ("1h", "168")
    assert tokens.every("group_by[]") == (*DIMENSIONS, "inference_geo")


def test_the_analytics_is_asked_in_order_of_time_by_at_most_five_groupings() -> None:
    organisation, door = account(newer_only(cost=[], usage=[]))
    list(organisation.pull("cost", WEEK))
    list(organisation.pull("messages", WEEK))
    for path, width in ((NEW_COST, "1d"), (NEW_USAGE, "1h")):
        probe, call = door.asked(path)
        assert probe["limit"] == "1"
        assert (call["time_bucket_width"], call["limit"]) == (width, "1000")
        assert (call["order_by"], call["order"]) == ("time", "asc")
        by = call.every("group_by[]")
        assert len([name for name in by if not name.endswith("_type")]) <= 5
        assert (("cost_type" in by), ("token_type" in by)) == ((path == NEW_COST),) * 2


def test_groupings_that_are_refused_give_way_to_fewer() -> None:
    def answer(call: Call) -> dict[str, Any]:
        if "inference_geo" in call.every("group_by[]"):
            raise refused(400)
        return page(bucket(at(1), usage(), width=HOUR))

    organisation, door = account({OLD_USAGE: answer})
    for _ in range(2):
        (day,) = organisation.pull("messages", ONE)
        assert len(day.records) == 1
    assert [len(c.every("group_by[]")) for c in door.asked(OLD_USAGE)] == [6, 5, 5]


# --- the default workspace ---


def listing(*plain: str, default: str | None = None, known: bool = True) -> Table:
    """The workspace list; with `known`, the server knows `include_default`."""

    def answer(call: Call) -> dict[str, Any]:
        assert call["include_archived"] == "true"
        ids = list(plain)
        if default and known and call.get("include_default") == "true":
            ids.append(default)
        return {
            "data": [{"id": i, "name": i.upper()} for i in ids],
            "has_more": False,
            "first_id": None,
            "last_id": ids[-1] if ids else None,
        }

    return {WORKSPACES: answer}


ROWS = [
    spent(at(1), "100", workspace_id="wrkspc_a"),
    spent(at(1), "200", workspace_id="wrkspc_home"),
]


def projects(table: Table) -> list[str | None]:
    (day,) = account(table)[0].pull("cost", ONE)
    return [charge.attribution.project for charge in day.charges]


def test_the_default_workspace_is_the_one_that_is_listed_only_when_asked_for() -> None:
    table = newer_only(cost=ROWS, usage=[used(at(1), 1, workspace_id="wrkspc_home")])
    table |= listing("wrkspc_a", default="wrkspc_home")
    assert projects(table) == ["wrkspc_a", None]
    organisation, door = account(table)
    (day,) = organisation.pull("messages", ONE)
    assert day.records[0].attribution.project is None
    list(organisation.pull("cost", WEEK))
    assert len(door.asked(WORKSPACES)) == 2


def test_with_the_lists_settled_an_unknown_workspace_stays_what_it_is() -> None:
    rows = [*ROWS, spent(at(1), "300", workspace_id="wrkspc_lost")]
    table = newer_only(cost=rows) | listing("wrkspc_a", default="wrkspc_home")
    assert projects(table) == ["wrkspc_a", None, "wrkspc_lost"]


def test_else_it_is_the_one_for_which_the_older_report_has_null() -> None:
    old = older(cost("100", workspace_id="wrkspc_a"), cost("200"))
    listed = listing("wrkspc_a", "wrkspc_home")
    assert projects(newer_only(cost=ROWS) | old | listed) == ["wrkspc_a", None]
    assert projects(newer_only(cost=ROWS) | old) == ["wrkspc_a", None]


def test_else_it_is_the_one_that_the_whole_list_has_not() -> None:
    listed = listing("wrkspc_a", default="wrkspc_home", known=False)
    assert projects(newer_only(cost=ROWS) | listed) == ["wrkspc_a", None]


def test_where_nothing_tells_ids_stay_as_they_are() -> None:
    assert projects(newer_only(cost=ROWS)) == ["wrkspc_a", "wrkspc_home"]
    assert projects(newer_only(cost=ROWS) | listing()) == ["wrkspc_a", "wrkspc_home"]
    both = older(
        cost("1", workspace_id="wrkspc_a"), cost("2", workspace_id="wrkspc_home"), cost("3")
    )
    assert projects(newer_only(cost=ROWS) | both | listing("wrkspc_a", "wrkspc_home")) == [
        "wrkspc_a",
        "wrkspc_home",
    ]


def test_the_older_report_s_null_stays_null() -> None:
    assert charge_of(cost("1")).attribution.project is None


# --- names ---


def names_table() -> Table:
    keys = [
        {"id": "apikey_1", "name": "backend", "partial_key_hint": "sk-ant-api03-R2D...igAA"},
        {"id": "apikey_2", "name": "", "partial_key_hint": "sk-ant-api03-R2D...igAB"},
        {"id": "apikey_3", "name": None},
    ]

    def list_keys(call: Call) -> dict[str, Any]:
        assert call["limit"] == "1000"
        first = next((n + 1 for n, k in enumerate(keys) if k["id"] == call.get("after_id")), 0)
        return {
            "data": keys[first : first + 2],
            "has_more": first + 2 < len(keys),
            "last_id": keys[min(first + 1, len(keys) - 1)]["id"],
        }

    users = [{"id": "user_1", "name": "Ada"}, {"id": "user_2", "email": "bo@example.org"}]
    return listing("wrkspc_a", default="wrkspc_home") | {
        "/v1/organizations/api_keys": list_keys,
        "/v1/organizations/users": lambda _: {"data": users, "has_more": False},
    }


def test_workspaces_keys_and_users_get_their_names() -> None:
    assert set(account(names_table())[0].names()) == {
        Name(NameKind.PROJECT, "wrkspc_a", "WRKSPC_A"),
        Name(NameKind.KEY, "apikey_1", "backend"),
        Name(NameKind.KEY, "apikey_2", "sk-ant-api03-R2D...igAB"),
        Name(NameKind.KEY, "apikey_3", "apikey_3"),
        Name(NameKind.USER, "user_1", "Ada"),
        Name(NameKind.USER, "user_2", "bo@example.org"),
    }


def test_lists_that_are_refused_are_left_out() -> None:
    assert account({})[0].names() == ()


# --- test ---


def whose(_: Call) -> dict[str, Any]:
    return {"id": "org", "name": "Acme", "type": "organization"}


def test_a_key_without_the_newer_api_is_a_good_key_with_a_note() -> None:
    table = {
        "/v1/organizations/me": whose,
        OLD_COST: lambda _: page(),
        OLD_USAGE: lambda _: page(),
    }
    findings = account(table | listing("wrkspc_a"))[0].test()
    assert "Acme" in findings[0].what
    assert all(f.ok for f in findings if f.essential)
    notes = [f for f in findings if not f.ok]
    assert len(notes) == 3
    assert ["newer API" in f.what for f in notes] == [True, True, False]
    assert "Claude Code" in notes[-1].what
    assert all("Nothing is missing" in f.remedy for f in notes)


def test_a_key_with_the_newer_api_alone_is_a_good_key() -> None:
    findings = account({"/v1/organizations/me": whose} | newer_only(cost=[], usage=[]))[0].test()
    assert all(f.ok for f in findings if f.essential)


def test_a_key_that_reads_one_report_only_is_told_which() -> None:
    findings = account({"/v1/organizations/me": whose, OLD_COST: lambda _: page()})[0].test()
    assert [f.what for f in findings if f.essential and not f.ok] == [
        "Messages usage by the reports cannot be read."
    ]


def test_a_key_that_can_read_nothing_is_an_error() -> None:
    with pytest.raises(NotOffered):
        account({"/v1/organizations/me": whose})[0].test()


# --- whatever the pages ---


@settings(max_examples=40)
@given(
    hours=st.sets(st.tuples(st.integers(0, 24 * 7 - 1), st.sampled_from("abc")), max_size=30),
    size=st.integers(1, 40),
)
def test_any_division_into_pages_gives_the_same_days(
    hours: set[tuple[int, str]], size: int
) -> None:
    rows = [used(at(1) + HOUR * n, n, model=m) for n, m in sorted(hours)]

    def answer(call: Call) -> dict[str, Any]:
        return page() if call["limit"] == "1" else paged(rows, call, size=size, envelope=None)

    days = list(account({NEW_USAGE: answer})[0].pull("messages", WEEK))
    assert [d.day for d in days] == list(WEEK.days())
    assert sum(r.tokens.input for d in days for r in d.records) == sum(n for n, _ in hours)
    buckets = [
        bucket(
            at(1) + HOUR * n, *(usage(n, model=m) for k, m in sorted(hours) if k == n), width=HOUR
        )
        for n in sorted({n for n, _ in hours})
    ]
    old = account({OLD_USAGE: lambda call: paged(buckets, call, size=size, envelope=None)})[0]
    for newer_day, older_day in zip(days, old.pull("messages", WEEK), strict=True):
        assert [(r.start, r.tokens.input) for r in newer_day.records] == [
            (r.start, r.tokens.input) for r in older_day.records
        ]
