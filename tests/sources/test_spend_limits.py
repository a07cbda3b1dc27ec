"""Limits that providers keep: cents are not dollars, a refusal is no limit, nonsense is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fake_door import Call, FakeDoor, refused

from plimsoll.domain.budget import SpendLimit
from plimsoll.domain.calendar import Span
from plimsoll.domain.errors import KeyRejected, MissingScope, SurprisingAnswer
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.question import Dimension
from plimsoll.sources.base import limits_of, provider

WHOLE = "/organization/spend_limit"
OF_SHOP = "/organization/projects/proj_shop/spend_limit"


def dollars(amount: int) -> Money:
    return Money("USD", amount * NANO)


def openai(answers: dict[str, Any]) -> tuple[SpendLimit, ...]:
    """The limits of an organisation with one project; a path without an answer is a 404."""
    shop = {"id": "proj_shop", "name": "Shop"}
    projects = {"object": "list", "data": [shop], "has_more": False}

    def answer(call: Call) -> dict[str, Any]:
        found = {"/organization/projects": projects, **answers}.get(call.path)
        if isinstance(found, Exception):
            raise found
        if found is None:
            raise refused(404)
        return found

    return limits_of(provider("openai").open(FakeDoor(answer), {}))  # type: ignore[arg-type]


def cents(amount: object, **more: Any) -> dict[str, Any]:
    return {
        "object": "organization.spend_limit",
        "threshold_amount": amount,
        "currency": "USD",
        "interval": "month",
        "enforcement": {"status": "enforcing"},
        **more,
    }


def test_openai_counts_its_limits_in_cents() -> None:
    whole, shop = openai({WHOLE: cents(250_000), OF_SHOP: cents(12_345)})
    assert whole == SpendLimit(dollars(2_500), Span.MONTH)
    assert shop.amount == Money("USD", 123_450_000_000)
    assert shop.of == (Dimension.PROJECT, "proj_shop")


@pytest.mark.parametrize(
    "nothing",
    [refused(404), refused(400), MissingScope("may not"), cents(0), cents(5, interval="fortnight")],
    ids=["none set", "not offered", "not allowed", "zero", "unknown interval"],
)
def test_what_is_not_set_or_may_not_be_read_is_no_limit(nothing: object) -> None:
    assert openai({WHOLE: nothing}) == ()
    assert [limit.of for limit in openai({WHOLE: nothing, OF_SHOP: cents(100)})] == [
        (Dimension.PROJECT, "proj_shop")
    ]


def test_a_key_that_may_not_list_projects_still_reads_the_limit_of_the_whole() -> None:
    answers = {WHOLE: cents(100), "/organization/projects": MissingScope("names")}
    assert openai(answers) == (SpendLimit(dollars(1), Span.MONTH),)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"error": {"message": "Something went wrong."}},
        cents(None),
        cents("a lot"),
        cents("NaN"),
        cents(100, currency=None),
        cents(100, interval=7),
    ],
)
def test_an_answer_that_is_no_limit_is_refused(answer: dict[str, Any]) -> None:
    with pytest.raises(SurprisingAnswer, match="OpenAI"):
        openai({WHOLE: answer})


def test_a_refused_key_is_still_an_error() -> None:
    with pytest.raises(KeyRejected):
        openai({WHOLE: KeyRejected("no")})


def openrouter(*keys: dict[str, Any]) -> tuple[SpendLimit, ...]:
    def answer(call: Call) -> dict[str, Any]:
        if call.path == "/keys":
            return {"data": [{"name": "Shop", "usage": 1, **key} for key in keys]}
        raise refused(404)

    return limits_of(provider("openrouter").open(FakeDoor(answer), {}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("word", "span"), [("daily", Span.DAY), ("weekly", Span.WEEK), ("monthly", Span.MONTH)]
)
def test_openrouter_counts_the_limits_of_keys_in_dollars(word: str, span: Span) -> None:
    (limit,) = openrouter({"hash": "k1", "limit": "12.50", "limit_reset": word})
    assert limit == SpendLimit(Money("USD", 12_500_000_000), span, (Dimension.KEY, "k1"))


@pytest.mark.parametrize(
    "more",
    [
        {"limit": None, "limit_reset": "monthly"},
        {"limit": 10, "limit_reset": None},
        {"limit": 10},
        {"limit": 0, "limit_reset": "monthly"},
        {"limit": 10, "limit_reset": "monthly", "disabled": True},
        {"limit": 10, "limit_reset": "monthly", "include_byok_in_limit": True},
    ],
    ids=["none", "a purse", "a purse, older", "zero", "disabled", "counts other money"],
)
def test_a_key_without_a_limit_that_comes_round_has_none(more: dict[str, Any]) -> None:
    assert openrouter({"hash": "k1", **more}) == ()


def test_a_limit_that_is_no_amount_is_refused() -> None:
    with pytest.raises(SurprisingAnswer, match="limit"):
        openrouter({"hash": "k1", "limit": "plenty", "limit_reset": "daily"})


def test_a_provider_that_shows_no_limits_has_none() -> None:
    nobody: Callable[[Call], dict[str, Any]] = lambda _: {}  # noqa: E731 - is never asked
    assert limits_of(provider("deepseek").open(FakeDoor(nobody), {})) == ()  # type: ignore[arg-type]


# --- Anthropic ---


def anthropic(*pages: Any) -> tuple[SpendLimit, ...]:
    """The limits of an organisation; a path without an answer is a 404."""
    left = list(pages)

    def answer(call: Call) -> dict[str, Any]:
        if call.path != "/v1/organizations/spend_limits":
            raise refused(404)
        assert "spend-limit-reads" in (call.headers or {})["anthropic-beta"]
        found = left.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    return limits_of(provider("anthropic").open(FakeDoor(answer), {}))  # type: ignore[arg-type]


def listed(*limits: dict[str, Any], more: str | None = None) -> dict[str, Any]:
    return {"data": list(limits), "next_page": more}


def minor(amount: object, kind: str = "organization", **more: Any) -> dict[str, Any]:
    whose = {"workspace": {"workspace_id": "wrkspc_1"}, "user": {"user_id": "user_1"}}
    return {
        "type": "spend_limit",
        "id": "spl_1",
        "amount": amount,
        "currency": "USD",
        "is_enabled": True,
        "period": "monthly",
        "scope": {"type": kind, **whose.get(kind, {})},
        **more,
    }


def test_anthropic_counts_its_limits_in_cents_page_by_page() -> None:
    pages = (
        listed(minor("12345", "workspace"), more="p2"),
        listed(minor("100", "user", period="weekly"), minor("50000")),
    )
    whole, shop, user = anthropic(*pages)
    assert whole == SpendLimit(dollars(500), Span.MONTH)
    assert shop == SpendLimit(
        Money("USD", 123_450_000_000), Span.MONTH, (Dimension.PROJECT, "wrkspc_1")
    )
    assert user == SpendLimit(dollars(1), Span.WEEK, (Dimension.USER, "user_1"))


@pytest.mark.parametrize(
    "nothing",
    [
        refused(404),
        MissingScope("may not"),
        listed(),
        listed(minor(None)),
        listed(minor("0")),
        listed(minor("5", is_enabled=False)),
        listed(minor("5", "seat_tier")),
        listed(minor("5", period="fortnightly")),
    ],
)
def test_what_does_not_hold_at_anthropic_is_no_limit(nothing: Any) -> None:
    assert anthropic(nothing) == ()


@pytest.mark.parametrize(
    "odd", [{}, listed(minor("NaN")), listed(minor("5", scope={})), listed(minor("5", period=None))]
)
def test_nonsense_of_anthropic_is_refused(odd: Any) -> None:
    with pytest.raises(SurprisingAnswer):
        anthropic(odd)


def test_a_page_that_comes_again_ends() -> None:
    again = listed(minor("100"), more="p")
    assert len(anthropic(again, again, again)) == 2
