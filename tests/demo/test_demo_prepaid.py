"""The demo's gateway and prepaid accounts: the same for a seed, falling with use, topped up."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from plimsoll.demo.gateway import KEYS, OpenRouterApi
from plimsoll.demo.wallets import DeepSeekApi, MoonshotApi, SiliconFlowApi
from plimsoll.domain.calendar import Period

FIRST = date(2025, 10, 27)
NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
WORKING_MORNING = datetime(2026, 11, 23, 7, 5, tzinfo=UTC)


def wallet(now: datetime, *, seed: int = 7) -> DeepSeekApi:
    return DeepSeekApi(seed=seed, first_day=FIRST, key="k", now=lambda: now)


def gateway(now: datetime = NOW, *, seed: int = 7) -> OpenRouterApi:
    return OpenRouterApi(seed=seed, first_day=FIRST, key="k", now=lambda: now)


def ask(api: Any, path: str, query: str = "", key: str = "k") -> tuple[int, Any]:
    reply = api.answer(path, query, {"authorization": f"Bearer {key}"})
    return reply.status, json.loads(reply.body)


def test_balances_fall_by_the_hour_and_are_topped_up_before_they_are_gone() -> None:
    assert wallet(NOW).balances[0].nanos < wallet(WORKING_MORNING).balances[0].nanos
    days = [NOW - timedelta(days=back) for back in range(90, -1, -1)]
    for balances in ([wallet(day).balances[at].nanos for day in days] for at in (0, 1)):
        assert min(balances) > 0
        changes = [new - old for old, new in pairwise(balances)]
        assert any(change > 0 for change in changes)
        assert sum(change < 0 for change in changes) > 80
    assert wallet(NOW).balances == wallet(NOW).balances != wallet(NOW, seed=8).balances


def test_what_is_served_adds_up_to_the_truth() -> None:
    status, body = ask(wallet(NOW), "/user/balance")
    assert status == 200
    for info, money in zip(body["balance_infos"], wallet(NOW).balances, strict=True):
        assert info["currency"] == money.currency
        assert info["total_balance"] == f"{money.amount:.2f}"
        parts = [float(info[name]) for name in ("granted_balance", "topped_up_balance")]
        assert sum(parts) == pytest.approx(float(info["total_balance"]))
    kimi = MoonshotApi(seed=7, first_day=FIRST, key="k", now=lambda: NOW)
    _, body = ask(kimi, "/users/me/balance")
    assert (body["code"], body["status"]) == (0, True)
    assert body["data"]["available_balance"] == float(kimi.balances[0].amount)
    assert {money.currency for money in kimi.balances} == {"CNY"}
    silicon = SiliconFlowApi(seed=7, first_day=FIRST, key="k", now=lambda: NOW)
    _, body = ask(silicon, "/user/info")
    data = body["data"]
    assert (body["code"], body["status"], data["status"]) == (20000, True, "normal")
    assert data["totalBalance"] == f"{silicon.balances[0].amount:.2f}"
    parts = [float(data[name]) for name in ("balance", "chargeBalance")]
    assert sum(parts) == pytest.approx(float(data["totalBalance"]))


def test_a_wrong_key_opens_nothing() -> None:
    kimi = MoonshotApi(seed=7, first_day=FIRST, key="k", now=lambda: NOW)
    silicon = SiliconFlowApi(seed=7, first_day=FIRST, key="k", now=lambda: NOW)
    asked = [
        (wallet(NOW), "/user/balance"),
        (kimi, "/users/me/balance"),
        (silicon, "/user/info"),
        (gateway(), "/key"),
    ]
    for api, path in asked:
        assert ask(api, path, key="wrong")[0] == 401
        assert ask(api, "/elsewhere")[0] == 404


def test_activity_is_thirty_days_that_are_over_and_sums_to_the_truth() -> None:
    api = gateway()
    _, body = ask(api, "/activity")
    days = {row["date"] for row in body["data"]}
    assert days == {
        day.isoformat() for day in Period(date(2026, 10, 24), date(2026, 11, 22)).days()
    }
    served = sum(round(row["usage"] * 10**9) for row in body["data"])
    assert served == sum(used.nanos for used in api.used(api.told))
    assert ask(api, "/activity", "date=2026-11-23")[0] == 400
    _, one = ask(api, "/activity", "date=2026-11-20")
    assert {row["date"] for row in one["data"]} == {"2026-11-20"}
    assert all("workspace_id" not in row for row in body["data"])
    assert gateway(seed=8).balance != api.balance == gateway().balance


def test_keys_are_listed_by_workspace_and_deleted_ones_not_at_all() -> None:
    api = gateway()
    _, body = ask(api, "/keys", "include_disabled=true")
    listed = {entry["name"] for entry in body["data"]}
    home = next(key.workspace for key in KEYS if key.name == "Model bench")
    assert listed == {key.name for key in KEYS if key.workspace == home and not key.deleted}
    assert ask(api, "/keys")[1]["data"] != body["data"]
    mine = sum(
        row["usage"]
        for key in KEYS
        for row in ask(api, "/activity", f"api_key_hash={key.hash}")[1]["data"]
    )
    whole = sum(row["usage"] for row in ask(api, "/activity")[1]["data"])
    assert mine == pytest.approx(whole)


def test_credits_are_bought_before_they_are_gone() -> None:
    for back in range(60):
        assert gateway(NOW - timedelta(days=back)).balance > 0
    _, body = ask(gateway(), "/credits")
    left = body["data"]["total_credits"] - body["data"]["total_usage"]
    assert round(left * 10**9) == gateway().balance
