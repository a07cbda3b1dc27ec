"""OpenAI's answers become what they mean: dollars, disjoint tokens, units, names; or nothing."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from fake_door import Call, FakeDoor, came_before, paged, refused
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import (
    KeyRejected,
    MissingScope,
    PlimsollError,
    RateLimited,
    SurprisingAnswer,
)
from plimsoll.domain.money import Money
from plimsoll.domain.usage import Charge, Name, NameKind, Slice, UsageRecord
from plimsoll.sources.providers.openai import CONNECTOR, Organisation

NOVEMBER_1 = date(2026, 11, 1)
ONE = Period(NOVEMBER_1, NOVEMBER_1)
WEEK = Period(NOVEMBER_1, date(2026, 11, 7))
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def bucket(start: datetime, *rows: dict[str, Any], width: timedelta = DAY) -> dict[str, Any]:
    return {
        "object": "bucket",
        "start_time": int(start.timestamp()),
        "end_time": int((start + width).timestamp()),
        "results": list(rows),
    }


def page(*buckets: dict[str, Any], next_page: str | None = None) -> dict[str, Any]:
    more = next_page is not None
    return {"object": "page", "data": list(buckets), "has_more": more, "next_page": next_page}


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def account(answer: Callable[[Call], dict[str, Any]]) -> tuple[Organisation, FakeDoor]:
    door = FakeDoor(answer)
    return CONNECTOR.open(door, {}), door  # type: ignore[arg-type]


def pulled(endpoint: str, *rows: dict[str, Any], width: timedelta = DAY) -> Slice:
    """The one day's slice of these rows."""
    organisation, _ = account(lambda _: page(bucket(at(1), *rows, width=width)))
    (day,) = organisation.pull(endpoint, ONE)
    return day


def cost(value: object, **more: Any) -> dict[str, Any]:
    return {
        "object": "organization.costs.result",
        "amount": {"value": value, "currency": "usd"},
        "line_item": None,
        "project_id": None,
        "api_key_id": None,
        **more,
    }


def completion(input_tokens: int = 100, output_tokens: int = 10, **more: Any) -> dict[str, Any]:
    return {
        "object": "organization.usage.completions.result",
        "input_tokens": input_tokens,
        "output_tokens": output_tokens,
        "num_model_requests": 3,
        "project_id": None,
        "user_id": None,
        "api_key_id": None,
        "model": None,
        "batch": None,
        "service_tier": None,
        **more,
    }


def charge_of(row: dict[str, Any]) -> Charge:
    (charge,) = pulled("costs", row).charges
    return charge


def record_of(row: dict[str, Any], endpoint: str = "completions") -> UsageRecord:
    width = HOUR if endpoint in {"completions", "embeddings", "moderations"} else DAY
    (record,) = pulled(endpoint, row, width=width).records
    return record


def refusal_of(endpoint: str, *rows: dict[str, Any]) -> str:
    """The sentence by which these rows are refused; nothing of the range is given."""
    width = HOUR if endpoint == "completions" else DAY
    organisation, _ = account(lambda _: page(bucket(at(1), *rows, width=width)))
    days, error = came_before(organisation.pull(endpoint, ONE))
    assert isinstance(error, SurprisingAnswer)
    assert days == []
    return str(error)


# --- money ---


@pytest.mark.parametrize(
    ("value", "nanos", "text"),
    [
        ("0.0042", 4_200_000, "0.0042"),
        (Decimal("1.50"), 1_500_000_000, "1.50"),
        (2, 2_000_000_000, "2"),
        ("1e-7", 100, "1e-7"),
        ("0E-10", 0, "0E-10"),
        ("-3.25", -3_250_000_000, "-3.25"),
        ("123.45", 123_450_000_000, "123.45"),
        ("0.0000000005", 0, "0.0000000005"),
        ("0.0000000015", 2, "0.0000000015"),
    ],
)
def test_amounts_are_dollars_read_exactly_with_their_own_text(
    value: object, nanos: int, text: str
) -> None:
    row = cost(float(value) if isinstance(value, Decimal) else value)
    row["amount"]["value"] = value if isinstance(value, int) else str(value)
    charge = charge_of(row)
    assert charge.amount == Money("USD", nanos)
    assert charge.text == text


def test_a_number_is_read_as_exactly_as_a_text() -> None:
    assert charge_of(cost(0.1)).amount == Money("USD", 100_000_000)


@pytest.mark.parametrize(
    "amount",
    [
        None,
        {},
        "1.00",
        {"value": "1.00"},
        {"currency": "usd"},
        {"value": None, "currency": "usd"},
        {"value": "NaN", "currency": "usd"},
        {"value": "Infinity", "currency": "usd"},
        {"value": "12,5", "currency": "usd"},
        {"value": "1_000", "currency": "usd"},
        {"value": "١٢٣", "currency": "usd"},
        {"value": " 1", "currency": "usd"},
        {"value": True, "currency": "usd"},
        {"value": "1e60", "currency": "usd"},
        {"value": 10**30, "currency": "usd"},
        {"value": "2000000000", "currency": "usd"},
        {"value": "1", "currency": None},
        {"value": "1", "currency": "dollars"},
        {"value": [], "currency": "usd"},
    ],
    ids=str,
)
def test_an_amount_that_is_none_is_never_zero(amount: object) -> None:
    row = cost(0)
    row["amount"] = amount
    assert "amount" in refusal_of("costs", row)


def test_a_missing_amount_is_never_zero() -> None:
    row = cost(0)
    del row["amount"]
    assert "data[0].results[0].amount is missing" in refusal_of("costs", row)


@pytest.mark.parametrize(
    ("line_item", "model"),
    [
        ("gpt-5-2026, input", "gpt-5-2026"),
        ("gpt-5-2026, cached input, long context", "gpt-5-2026"),
        ("gpt-5 ,output", "gpt-5"),
        ("Web search calls", None),
        (", input", None),
        (None, None),
    ],
)
def test_the_model_is_the_front_of_the_line_item(line_item: str | None, model: str | None) -> None:
    attribution = charge_of(cost(1, line_item=line_item)).attribution
    assert (attribution.model, attribution.line_item) == (model, line_item)


def test_a_charge_keeps_whom_it_was_for_and_what_was_sold() -> None:
    charge = charge_of(
        cost(
            "0.5", project_id="proj_a", api_key_id="key_b", quantity=1200.5, quantity_unit="tokens"
        )
    )
    assert (charge.attribution.project, charge.attribution.key) == ("proj_a", "key_b")
    assert charge.details == (("quantity", "1200.5"), ("quantity_unit", "tokens"))


def test_two_currencies_stay_two() -> None:
    rows = [cost("1"), {**cost(1), "amount": {"value": "2", "currency": "EUR"}}]
    assert [c.amount for c in pulled("costs", *rows).charges] == [
        Money("USD", 10**9),
        Money("EUR", 2 * 10**9),
    ]


def test_costs_are_cut_by_key_where_that_is_offered() -> None:
    organisation, door = account(lambda _: page(bucket(at(1), cost("1"))))
    (day,) = organisation.pull("costs", ONE)
    assert door.calls[0].every("group_by") == ("project_id", "line_item", "api_key_id")
    assert day.bills_by == {"model", "project", "key", "line_item"}


def test_costs_without_keys_are_asked_for_where_keys_are_refused_and_never_again_with() -> None:
    def answer(call: Call) -> dict[str, Any]:
        if "api_key_id" in call.every("group_by"):
            raise refused(400)
        return page(bucket(at(1), cost("1")))

    organisation, door = account(answer)
    for _ in range(2):
        (day,) = organisation.pull("costs", ONE)
        assert day.bills_by == {"model", "project", "line_item"}
    assert [len(call.every("group_by")) for call in door.calls] == [3, 2, 2]


# --- tokens ---


def test_fresh_input_is_input_less_cached_less_written() -> None:
    tokens = record_of(
        completion(1000, 200, input_cached_tokens=300, input_cache_write_tokens=50)
    ).tokens
    assert (tokens.input, tokens.cache_read, tokens.cache_write_5m) == (650, 300, 50)
    assert tokens.total == 1200


def test_audio_and_images_are_inside_and_kept_beside() -> None:
    record = record_of(
        completion(
            1000,
            200,
            input_cached_tokens=100,
            input_uncached_tokens=900,
            input_text_tokens=600,
            input_audio_tokens=200,
            input_image_tokens=100,
            input_cached_audio_tokens=40,
            output_audio_tokens=30,
            output_image_tokens=0,
        )
    )
    assert record.tokens.total == 1200
    assert dict(record.details) == {
        "input_audio_tokens": "200",
        "input_image_tokens": "100",
        "input_cached_audio_tokens": "40",
        "output_audio_tokens": "30",
    }


def test_long_lived_cache_writes_stand_apart_with_their_lifetime() -> None:
    record = record_of(
        completion(
            1000,
            input_cache_write_tokens=100,
            input_cache_write_30m_tokens=60,
            input_cache_write_12h_tokens=30,
        )
    )
    assert (record.tokens.cache_write_5m, record.tokens.cache_write_1h) == (70, 30)
    assert record.tokens.input == 900
    assert dict(record.details) == {"cache_write_30m": "60", "cache_write_12h": "30"}


def test_optional_parts_that_are_null_or_absent_are_unknown_and_take_nothing_away() -> None:
    record = record_of(completion(70, 5, input_cached_tokens=None))
    assert (record.tokens.input, record.tokens.output, record.details) == (70, 5, ())


def test_reasoning_is_a_part_of_output() -> None:
    tokens = record_of(completion(1, 50, output_reasoning_tokens=20)).tokens
    assert (tokens.reasoning, tokens.output, tokens.total) == (20, 50, 51)


@pytest.mark.parametrize(
    "change",
    [
        {"input_tokens": -1},
        {"input_tokens": True},
        {"input_tokens": 1.5},
        {"input_tokens": "100"},
        {"input_tokens": None},
        {"input_tokens": 10**40},
        {"output_tokens": [1]},
        {"num_model_requests": -3},
        {"num_model_requests": "3"},
        {"input_cached_tokens": "40"},
        {"input_cached_tokens": 101},
        {"input_cache_write_tokens": 5, "input_cache_write_12h_tokens": 6},
        {"output_reasoning_tokens": 11},
        {"input_audio_tokens": False},
        {"batch": "yes"},
        {"model": 5},
        {"project_id": {"id": "proj"}},
    ],
    ids=str,
)
def test_a_counter_that_is_none_is_never_stored(change: dict[str, Any]) -> None:
    assert "data[0].results[1]" in refusal_of("completions", completion(), completion(**change))


@pytest.mark.parametrize("name", ["input_tokens", "output_tokens", "num_model_requests"])
def test_a_counter_that_is_missing_is_never_zero(name: str) -> None:
    row = completion()
    del row[name]
    assert f"{name} is missing" in refusal_of("completions", row)


def test_a_whole_number_may_be_written_with_a_point() -> None:
    assert record_of(completion(12.0)).tokens.input == 12  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("batch", "service_tier", "tier", "details"),
    [
        (True, None, "batch", ()),
        (True, "default", "batch", (("service_tier", "default"),)),
        (False, "flex", "flex", ()),
        (None, "fast", "fast", ()),
        (None, None, None, ()),
    ],
)
def test_batch_is_a_tier(
    batch: bool | None, service_tier: str | None, tier: str | None, details: object
) -> None:
    record = record_of(completion(batch=batch, service_tier=service_tier))
    assert (record.attribution.tier, record.details) == (tier, details)


def test_a_record_says_who_when_and_how_often() -> None:
    row = completion(
        project_id="proj_a", user_id="user_b", api_key_id="key_c", model="gpt-5-2026-08-07"
    )
    record = record_of(row)
    who = record.attribution
    assert (who.project, who.user, who.key, who.model) == (
        *("proj_a", "user_b", "key_c"),
        "gpt-5-2026-08-07",
    )
    assert (record.start, record.end, record.requests) == (at(1), at(1, 1), 3)


def test_rows_without_attribution_are_kept() -> None:
    records = pulled("completions", completion(), completion(model="m"), width=HOUR).records
    assert [r.attribution.model for r in records] == [None, "m"]


def test_names_that_no_screen_can_show_are_cleaned_and_stay_apart() -> None:
    bad = [completion(model="m\x00"), completion(model="m\u202e"), completion(model="m" * 5000)]
    models = [r.attribution.model for r in pulled("completions", *bad, width=HOUR).records]
    assert len({*models, "m"}) == 4
    assert all(model and model.isprintable() and len(model) <= 256 for model in models)


@pytest.mark.parametrize("endpoint", ["embeddings", "moderations"])
def test_embeddings_and_moderations_are_input(endpoint: str) -> None:
    record = record_of({"input_tokens": 500, "num_model_requests": 5, "model": "e"}, endpoint)
    assert (record.tokens.input, record.tokens.total, record.requests) == (500, 500, 5)


# --- other units ---

UNITS = [
    ("images", {"images": 3, "num_model_requests": 2}, "images", 3, 2),
    ("audio_speeches", {"characters": 900, "num_model_requests": 4}, "characters", 900, 4),
    ("audio_transcriptions", {"seconds": 77, "num_model_requests": 2}, "seconds", 77, 2),
    ("vector_stores", {"usage_bytes": 1048576}, "bytes", 1048576, None),
    ("code_interpreter_sessions", {"num_sessions": 3}, "sessions", 3, None),
    ("file_search_calls", {"num_requests": 6}, "searches", 6, None),
    ("web_search_calls", {"num_model_requests": 4, "num_requests": 9}, "searches", 9, 4),
]


@pytest.mark.parametrize(
    ("endpoint", "row", "unit", "quantity", "requests"), UNITS, ids=[u[0] for u in UNITS]
)
def test_units_that_are_no_tokens_are_kept_as_units(
    endpoint: str, row: dict[str, Any], unit: str, quantity: int, requests: int | None
) -> None:
    record = record_of({**row, "project_id": "proj"}, endpoint)
    assert record.units == ((unit, Decimal(quantity)),)
    assert (record.tokens.total, record.requests) == (0, requests)
    assert record.attribution.project == "proj"


@pytest.mark.parametrize("endpoint", [u[0] for u in UNITS])
def test_units_of_another_endpoint_are_refused(endpoint: str) -> None:
    assert "is missing" in refusal_of(endpoint, completion())


def test_what_sets_a_unit_s_price_is_kept_beside_it() -> None:
    image = {"images": 1, "num_model_requests": 1, "size": "1024x1024", "source": "image.edit"}
    assert dict(record_of(image, "images").details) == {
        "size": "1024x1024",
        "source": "image.edit",
    }
    search = {"num_model_requests": 1, "num_requests": 1, "context_level": "high"}
    assert dict(record_of(search, "web_search_calls").details) == {"context_level": "high"}


# --- what is asked ---


def test_a_day_is_asked_from_midnight_to_midnight_utc() -> None:
    organisation, door = account(lambda _: page())
    list(organisation.pull("completions", WEEK))
    (call,) = door.calls
    assert (call["start_time"], call["end_time"]) == ("1793491200", "1794096000")
    assert (call["bucket_width"], call["limit"]) == ("1h", "168")


def test_today_is_asked_whole_and_tomorrow_not() -> None:
    organisation, door = account(lambda _: page())
    days = list(organisation.pull("costs", Period(date(2026, 11, 23), date(2026, 11, 30))))
    assert [d.day.day for d in days] == [23, 24]
    assert door.calls[0]["end_time"] == str(int(at(25).timestamp()))


def test_a_year_of_costs_takes_three_requests_of_at_most_180_days() -> None:
    organisation, door = account(lambda _: page())
    year = Period(date(2025, 11, 1), date(2026, 10, 31))
    assert [d.day for d in organisation.pull("costs", year)] == list(year.days())
    spans = [int(c["end_time"]) - int(c["start_time"]) for c in door.calls]
    assert [span // 86400 for span in spans] == [180, 180, 5]


def test_old_answers_call_the_rows_result() -> None:
    old = bucket(at(1), cost("1"))
    old["result"] = old.pop("results")
    organisation, _ = account(lambda _: page(old))
    (day,) = organisation.pull("costs", ONE)
    assert len(day.charges) == 1


@pytest.mark.parametrize("rows", [None, {}, "none"], ids=str)
def test_a_bucket_without_its_rows_is_refused(rows: object) -> None:
    broken = {**bucket(at(1)), "results": rows}
    organisation, _ = account(lambda _: page(broken))
    with pytest.raises(SurprisingAnswer):
        list(organisation.pull("costs", ONE))


def test_days_before_the_wait_was_over_are_kept() -> None:
    days = [bucket(at(day), cost(day)) for day in range(1, 6)]

    def answer(call: Call) -> dict[str, Any]:
        if call.get("page") == "page_4":
            raise RateLimited("Wait.", until=at(25))
        return paged(days, call, size=2)

    organisation, _ = account(answer)
    kept, error = came_before(organisation.pull("costs", WEEK))
    assert isinstance(error, RateLimited)
    assert [(d.day.day, d.charges[0].text) for d in kept] == [
        (1, "1"),
        (2, "2"),
        (3, "3"),
        (4, "4"),
    ]


# --- names ---


def names_answer(call: Call) -> dict[str, Any]:
    lists: dict[str, list[dict[str, Any]]] = {
        "/organization/projects": [
            {"id": "proj_a", "name": "Web"},
            {"id": "proj_old", "name": None, "status": "archived"},
        ],
        "/organization/projects/proj_a/api_keys": [
            {"id": "key_1", "name": "backend", "redacted_value": "sk-...1"},
            {"id": "key_2", "name": "", "redacted_value": "sk-...2"},
        ],
        "/organization/projects/proj_old/api_keys": [{"id": "key_3"}],
        "/organization/users": [
            {"id": "user_1", "name": "Ada", "email": "ada@example.org"},
            {"id": "user_2", "name": None, "email": "bo@example.org"},
        ],
    }
    data, after = lists[call.path], call.get("after")
    first = next((n + 1 for n, e in enumerate(data) if e["id"] == after), 0)
    return {
        "object": "list",
        "data": data[first : first + 1],
        "has_more": first + 1 < len(data),
        "last_id": data[first]["id"],
    }


def test_projects_keys_and_users_get_their_names() -> None:
    organisation, door = account(names_answer)
    assert set(organisation.names()) == {
        Name(NameKind.PROJECT, "proj_a", "Web"),
        Name(NameKind.PROJECT, "proj_old", "proj_old"),
        Name(NameKind.KEY, "key_1", "backend"),
        Name(NameKind.KEY, "key_2", "sk-...2"),
        Name(NameKind.KEY, "key_3", "key_3"),
        Name(NameKind.USER, "user_1", "Ada"),
        Name(NameKind.USER, "user_2", "bo@example.org"),
    }
    assert all(c["include_archived"] == "true" for c in door.asked("/organization/projects"))
    keys = door.asked("/organization/projects/proj_a/api_keys")
    assert {c["owner_project_access"] for c in keys} == {"any"}


def test_a_list_that_is_refused_is_left_out() -> None:
    def answer(call: Call) -> dict[str, Any]:
        if call.path == "/organization/users":
            raise MissingScope("No.")
        if call.get("owner_project_access") or "proj_old" in call.path:
            raise refused(400)
        return names_answer(call)

    organisation, _ = account(answer)
    assert {n.id for n in organisation.names()} == {"proj_a", "proj_old", "key_1", "key_2"}


def test_a_key_without_the_names_scope_has_no_names() -> None:
    def answer(call: Call) -> dict[str, Any]:
        raise MissingScope("No.")

    organisation, _ = account(answer)
    assert organisation.names() == ()


# --- test ---


def told(answer: Callable[[Call], dict[str, Any]]) -> list[tuple[bool, bool]]:
    organisation, _ = account(answer)
    return [(finding.ok, finding.essential) for finding in organisation.test()]


def scoped(*, costs: bool, names: bool) -> Callable[[Call], dict[str, Any]]:
    def answer(call: Call) -> dict[str, Any]:
        if not (costs if call.path == "/organization/costs" else names):
            raise MissingScope("Missing scopes: api.usage.read.")
        if call.path == "/organization/costs":
            return page()
        return {"object": "list", "data": [], "has_more": False}

    return answer


def test_a_good_key_reads_costs_and_names() -> None:
    assert told(scoped(costs=True, names=True)) == [(True, True), (True, False)]


def test_missing_names_are_a_note_and_missing_costs_are_not() -> None:
    assert told(scoped(costs=True, names=False)) == [(True, True), (False, False)]
    assert told(scoped(costs=False, names=True)) == [(False, True), (True, False)]


def test_a_key_that_can_read_nothing_is_an_error_that_names_the_scope() -> None:
    with pytest.raises(MissingScope, match=r"api\.usage\.read"):
        told(scoped(costs=False, names=False))


def test_a_refused_key_and_a_foreign_answer_are_errors() -> None:
    def wrong_key(_: Call) -> dict[str, Any]:
        raise KeyRejected("No.")

    with pytest.raises(KeyRejected):
        told(wrong_key)
    with pytest.raises(SurprisingAnswer):
        told(lambda _: {"status": "ok"})


def test_test_is_cheap() -> None:
    organisation, door = account(scoped(costs=True, names=True))
    organisation.test()
    assert [c["limit"] for c in door.calls] == ["1", "1"]


# --- whatever the pages ---

IDS = st.sampled_from([None, "a", "b"])
ROWS = st.lists(
    st.builds(
        lambda n, out, cached, project, model: completion(
            n, out, input_cached_tokens=min(n, cached), project_id=project, model=model
        ),
        st.integers(0, 10**9),
        st.integers(0, 10**9),
        st.integers(0, 10**9),
        IDS,
        IDS,
    ),
    max_size=2,
)


@settings(max_examples=40)
@given(
    hours=st.dictionaries(st.integers(0, 24 * 7 - 1), ROWS, max_size=20), size=st.integers(1, 60)
)
def test_any_division_into_pages_gives_the_same_days(
    hours: dict[int, list[dict[str, Any]]], size: int
) -> None:
    buckets = [bucket(at(1) + HOUR * n, *rows, width=HOUR) for n, rows in sorted(hours.items())]
    whole, _ = account(lambda _: page(*buckets))
    cut, _ = account(lambda call: paged(buckets, call, size=size))
    days = list(whole.pull("completions", WEEK))
    assert list(cut.pull("completions", WEEK)) == days
    assert [d.day for d in days] == list(WEEK.days())
    sent = sum(r["input_tokens"] + r["output_tokens"] for rows in hours.values() for r in rows)
    assert sum(r.tokens.total for d in days for r in d.records) == sent


VALID = page(
    bucket(
        at(1),
        completion(1000, 100, input_cached_tokens=200, model="m", project_id="p"),
        width=HOUR,
    ),
    bucket(at(1, 1), width=HOUR),
    bucket(at(2), completion(500, 50), width=HOUR),
)
GARBAGE = st.sampled_from(
    [None, True, False, -1, 0.5, "", "0", "12", [], {}, "null", 10**40, [0], {"value": 0}]
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a body that can be spoilt."""
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value)
    if isinstance(value, dict | list):
        for key, inner in items:
            found += (
                places(inner, (*path, key)) if isinstance(inner, dict | list) else [(*path, key)]
            )
    return found


@settings(max_examples=300)
@given(data=st.data())
def test_a_spoilt_page_never_becomes_figures_that_it_does_not_hold(data: st.DataObject) -> None:
    body = copy.deepcopy(VALID)
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(places(body)))
        *way, last = path
        inner = body
        for step in way:
            inner = inner[step]
        if data.draw(st.booleans()) and isinstance(inner, dict):
            del inner[last]
        else:
            inner[last] = copy.deepcopy(data.draw(GARBAGE))
    organisation, _ = account(lambda _: body)
    days: list[Slice] = []
    try:
        days.extend(organisation.pull("completions", WEEK))
    except PlimsollError:
        assert days == []
        return
    counted = [row for b in body["data"] for row in b["results"]]
    records = [record for day in days for record in day.records]
    assert len(records) == len(counted)
    for record, row in zip(records, counted, strict=True):
        assert record.tokens.total == row["input_tokens"] + row["output_tokens"]
        assert record.requests == row["num_model_requests"]
