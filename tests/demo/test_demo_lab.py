"""The lab's bill differs from its tokens by five causes, and the truth knows how much each is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

from demo_askers import NOW, OPENAI_KEY, Asker, World, nanos, openai_span

from plimsoll.demo import lab
from plimsoll.demo.openai_api import OpenAIApi
from plimsoll.demo.prices import FINE_TUNED
from plimsoll.domain.calendar import ONE_DAY

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
CAUSES = {"not_tokens", "price_unknown", "tier", "free_tier", "price_differs"}
BY = [("group_by", "line_item")]


def asker(world: World, now: datetime = NOW) -> Asker:
    api = OpenAIApi(world.story, key=OPENAI_KEY, now=lambda: now, organisation=lab.ORGANISATION)
    return Asker(api, {"authorization": f"Bearer {OPENAI_KEY}"})


def test_a_whole_month_has_five_causes_and_they_are_all_of_the_difference(world: World) -> None:
    causes = world.truth.causes(FIRST, LAST)
    assert causes.keys() == CAUSES
    assert {cause for cause, amount in causes.items() if amount < 0} == {"tier", "free_tier"}
    billed = world.truth.billed("lab", FIRST, LAST)[()]
    known = billed - sum(causes.values())
    assert 0 < known < billed


def test_no_cause_is_too_small_to_be_seen(world: World) -> None:
    billed = world.truth.billed("lab", FIRST, LAST)[()]
    assert all(abs(amount) * 100 > billed for amount in world.truth.causes(FIRST, LAST).values())


def test_what_is_served_is_the_truth(world: World) -> None:
    rows = asker(world).rows("/organization/costs", [*openai_span(FIRST, LAST), *BY])
    served: dict[str, int] = {}
    for _, row in rows:
        amount = nanos(row["amount"]["value"])
        served[row["line_item"]] = served.get(row["line_item"], 0) + amount
    told = world.truth.billed("lab", FIRST, LAST, by=("line_item",))
    assert {item: amount for item, amount in served.items() if amount} == {
        item: amount for (item,), amount in told.items()
    }
    free = {item for item, amount in served.items() if not amount}
    assert free == {"gpt-5.4-nano, input", "gpt-5.4-nano, output"}
    assert {item.partition(",")[0] for item in served if item.startswith("ft:")} == {FINE_TUNED}


def test_usage_tells_no_batch_and_the_bill_does(world: World) -> None:
    span = openai_span(LAST, LAST)
    by = [("group_by", "batch"), ("group_by", "service_tier"), ("group_by", "model")]
    rows = asker(world).rows("/organization/usage/completions", [*span, *by])
    assert {(row["batch"], row["service_tier"]) for _, row in rows} == {(False, "default")}
    items = {row["line_item"] for _, row in asker(world).rows("/organization/costs", [*span, *BY])}
    assert "gpt-5.4-mini, input, batch" in items


def test_a_regional_price_is_a_tenth_more(world: World) -> None:
    rows = asker(world).rows("/organization/costs", [*openai_span(FIRST, LAST), *BY])
    prices = {
        Decimal(row["amount"]["value"]) * 1_000_000 / row["quantity"]
        for _, row in rows
        if row["line_item"] == "gpt-5.4, output"
    }
    assert prices == {Decimal("16.5")}


def test_what_is_not_billed_yet_is_a_cause_of_its_own(
    world_at: Callable[..., World],
) -> None:
    """OpenAI's costs of the day before are there at noon, those of the day not at all."""
    early = world_at(datetime(2026, 11, 23, 9, tzinfo=UTC)).truth
    today = NOW.date()
    assert early.causes(today, today).keys() == {"not_final"}
    yesterday = today - ONE_DAY
    late = world_at(NOW).truth.causes(yesterday, yesterday)
    # the lab's evening is its own model's, and storage is charged when the day is over
    assert early.causes(yesterday, yesterday)["price_unknown"] < late["price_unknown"]
    assert "not_tokens" not in early.causes(yesterday, yesterday)
    assert "not_tokens" in late
