"""The demo's Volcengine: one story in bill, tokens and balance, by the days of Beijing."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from plimsoll.demo.ark_bill import VolcengineApi
from plimsoll.domain.calendar import Period
from plimsoll.domain.money import NANO

FIRST = date(2025, 10, 27)
NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))


def ark(now: datetime = NOW, *, seed: int = 7) -> VolcengineApi:
    return VolcengineApi(seed=seed, first_day=FIRST, key="AKLTdemo:secret", now=lambda: now)


def ask(
    api: VolcengineApi, action: str, asked: Any = None, *, at: str = "/", key: str = "AKLTdemo"
) -> tuple[int, Any]:
    body = json.dumps(asked or {}).encode()
    headers = {
        "authorization": f"HMAC-SHA256 Credential={key}/20261123/cn-beijing/ark/request, …",
        "x-content-sha256": hashlib.sha256(body).hexdigest(),
    }
    reply = api.question(at, f"Action={action}&Version=x", headers, body)
    return reply.status, json.loads(reply.body)


def bill(api: VolcengineApi, *, size: int = 300) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    while True:
        asked = {"BillPeriod": "2026-11", "Limit": size, "Offset": len(rows)}
        _, body = ask(api, "ListBillDetail", asked, at="/billing/")
        rows += body["Result"]["List"] or []
        if len(rows) >= body["Result"]["Total"]:
            return rows


@pytest.mark.parametrize("size", [7, 300])
def test_the_bill_adds_up_to_the_truth_and_holds_more_than_ark(size: int) -> None:
    rows = bill(ark(), size=size)
    ours = [row for row in rows if row["Product"] == "ark"]
    assert len(ours) == len(rows) - 1
    paid = sum(Decimal(row["PayableAmount"]) for row in ours) * NANO
    assert paid == sum(line.nanos for line in ark().lines(NOVEMBER)) > 0
    assert {row["Currency"] for row in rows} == {"CNY"}


def test_tokens_are_those_that_the_bill_charges() -> None:
    asked = {"StartTime": "2026-11-01", "EndTime": "2026-11-28"}
    _, body = ask(ark(), "GetInferenceUsage", asked)
    columns = {field["Metric"]: field["Values"] for field in body["Result"]["Fields"]}
    read, written = (sum(map(int, columns[n])) for n in ("InputTokens", "OutputTokens"))
    lines = list(ark().lines(NOVEMBER))
    assert (read, written) == (sum(x.read for x in lines), sum(x.written for x in lines))
    counted = sum(Decimal(row["Count"]) for row in bill(ark()) if row["Product"] == "ark")
    assert counted * 1000 == read + written


def test_days_are_those_of_beijing_and_go_on_by_the_hour() -> None:
    midnight = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
    assert ark(midnight - timedelta(minutes=1)).today == date(2026, 11, 23)
    assert ark(midnight).today == date(2026, 11, 24)
    assert list(ark(midnight).lines(Period(date(2026, 11, 24), date(2026, 11, 24)))) == []
    today = Period(date(2026, 11, 23), date(2026, 11, 23))
    morning, evening = (
        sum(line.nanos for line in ark(at).lines(today))
        for at in (datetime(2026, 11, 23, 1, tzinfo=UTC), midnight)
    )
    assert 0 < morning < evening


def test_the_balance_falls_by_the_bill_and_is_topped_up_before_it_is_gone() -> None:
    balances = [ark(NOW - timedelta(days=back)).balance for back in range(120, -1, -1)]
    assert min(balances) > 0
    changes = [new - old for old, new in pairwise(balances)]
    assert any(change > 0 for change in changes)
    assert sum(change < 0 for change in changes) > 100
    _, body = ask(ark(), "QueryBalanceAcct", at="/billing/")
    assert Decimal(body["Result"]["AvailableBalance"]) * NANO == ark().balance
    assert ark(seed=8).balance != ark().balance == ark().balance


def test_a_wrong_key_a_changed_body_and_a_wrong_place_open_nothing() -> None:
    assert ask(ark(), "QueryBalanceAcct", at="/billing/", key="AKLTother")[0] == 401
    assert ask(ark(), "QueryBalanceAcct")[0] == 404
    assert ask(ark(), "DeleteEverything")[0] == 404
    headers = {"authorization": "HMAC-SHA256 Credential=AKLTdemo/x", "x-content-sha256": "0"}
    assert ark().question("/", "Action=GetInferenceUsage", headers, b"{}").status == 403
    assert ark().answer("/", "", {}).status == 405
