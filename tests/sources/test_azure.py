"""Azure: rows read by their columns' names, every day checked, no link followed blindly."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import parse_qs

import pytest
from fake_door import NOW, FakeDoor

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import PageLoop, SurprisingAnswer, WrongKeyKind, WrongUse
from plimsoll.domain.money import Money
from plimsoll.domain.secret import Secret
from plimsoll.domain.usage import Slice
from plimsoll.sources.base import more_addresses, signer_of
from plimsoll.sources.providers.azure import CONNECTOR, Bill
from plimsoll.sources.signing.signer import Unsigned

DAY = date(2026, 11, 16)
SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
TENANT = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
SETTINGS = {"tenant": TENANT, "scope": SUBSCRIPTION}
COLUMNS = ("Cost", "UsageDate", "ServiceName", "Meter", "Currency")
ROW = (1.25, 20261116, "Azure OpenAI", "gpt-5.6-sol Inp Tokens", "EUR")
LINK = "https://management.azure.com/x?api-version=1&$skiptoken="


def answer(*rows: tuple[Any, ...], link: str | None = None, columns: Any = COLUMNS) -> Any:
    told = [{"name": name, "type": "String"} for name in columns]
    return {"properties": {"nextLink": link, "columns": told, "rows": [list(row) for row in rows]}}


def bill(*answers: Any) -> tuple[Bill, FakeDoor]:
    left = list(answers)
    door = FakeDoor(lambda _call: left.pop(0) if len(left) > 1 else left[0])
    return CONNECTOR.open(door, SETTINGS), door  # type: ignore[arg-type]


def pulled(*answers: Any, period: Period | None = None) -> list[Slice]:
    return list(bill(*answers)[0].pull("costs", period or Period(DAY, DAY)))


def test_columns_are_found_by_their_names_wherever_they_stand() -> None:
    backwards = answer(tuple(reversed(ROW)), columns=tuple(reversed(COLUMNS)))
    for told in (answer(ROW), backwards, answer(ROW, columns=("PreTaxCost", *COLUMNS[1:]))):
        (day,) = pulled(told)
        assert [charge.amount for charge in day.charges] == [Money("EUR", 1_250_000_000)]
        assert day.charges[0].attribution.line_item == "Azure OpenAI · gpt-5.6-sol Inp Tokens"


def test_only_services_of_ai_are_of_interest() -> None:
    names = ("Foundry Models", "Cognitive Services", "Virtual Machines", "Storage", "")
    rows = [(1, 20261116, name, "m", "USD") for name in names]
    (day,) = pulled(answer(*rows))
    lines = [charge.attribution.line_item for charge in day.charges]
    assert lines == ["Foundry Models · m", "Cognitive Services · m"]


def test_a_month_is_asked_at_most_and_days_to_come_are_left_out() -> None:
    account, door = bill(answer())
    days = list(account.pull("costs", Period(date(2026, 9, 29), date(2027, 1, 31))))
    assert [day.day for day in days] == list(Period(date(2026, 9, 29), NOW.date()).days())
    asked = [(call.body or {})["timePeriod"]["from"][:10] for call in door.calls]
    assert asked == ["2026-09-29", "2026-10-01", "2026-11-01"]


def test_a_day_that_was_not_asked_for_is_a_surprise() -> None:
    for value in (20251116, 20261117, "2026-11-15T00:00:00", "16.11.2026", True, None):
        with pytest.raises(SurprisingAnswer, match="UsageDate"):
            pulled(answer((1.25, value, *ROW[2:])))


def test_a_next_page_is_asked_at_the_same_address_whatever_its_link_says() -> None:
    account, door = bill(answer(ROW, link="https://evil.example/?$skiptoken=a%2Bb"), answer(ROW))
    (day,) = account.pull("costs", Period(DAY, DAY))
    assert len(day.charges) == 2
    first, second = door.calls
    assert first.path == second.path
    assert first.body == second.body
    assert second["$skiptoken"] == "a+b"
    assert first["api-version"] == second["api-version"]


def test_pages_that_come_again_are_a_loop_and_a_link_without_a_token_a_surprise() -> None:
    with pytest.raises(PageLoop):
        pulled(answer(link=f"{LINK}again"))
    with pytest.raises(SurprisingAnswer, match="nextLink"):
        pulled(answer(link="https://management.azure.com/x"))


@pytest.mark.parametrize(
    "odd",
    [
        answer(ROW[:-1]),
        answer(("NaN", *ROW[1:])),
        answer((None, *ROW[1:])),
        answer((*ROW[:-1], "euro")),
        answer((*ROW, 1), columns=(*COLUMNS, "PreTaxCost")),
        answer(ROW, columns=("Price", *COLUMNS[1:])),
        {"properties": {"columns": [], "rows": {}}},
        {"error": {"code": "x"}},
    ],
)
def test_what_cannot_be_right_stores_nothing(odd: Any) -> None:
    with pytest.raises(SurprisingAnswer):
        pulled(odd)


def test_an_answer_that_is_no_bill_proves_nothing() -> None:
    (finding,) = bill(answer())[0].test()
    assert finding.ok
    for odd in ({}, {"error": {"code": "x"}}, {"properties": {"rows": []}}):
        with pytest.raises(SurprisingAnswer):
            bill(odd)[0].test()


def test_the_secret_goes_to_the_directory_of_the_settings_cloud_only() -> None:
    china = {**SETTINGS, "cloud": "china"}
    assert CONNECTOR.address(china, None) == "https://management.chinacloudapi.cn"
    login = {"login": "https://login.partner.microsoftonline.cn"}
    assert more_addresses(CONNECTOR, china, None) == login
    request = Unsigned("POST", "login", "login.example", f"/{TENANT}/oauth2/v2.0/token")
    signed = signer_of(CONNECTOR, china).sign(request, Secret("app-id:s3cr3t~0123456789"), NOW)
    form = parse_qs((signed.body or b"").decode())
    assert form["client_id"] == ["app-id"]
    assert form["client_secret"] == ["s3cr3t~0123456789"]
    assert form["scope"] == ["https://management.chinacloudapi.cn/.default"]
    assert signed.headers == ()


@pytest.mark.parametrize(
    "odd", [{"tenant": "contoso"}, {"scope": "a b"}, {"scope": "subscriptions/../x"}]
)
def test_odd_settings_are_refused_before_anything_is_asked(odd: dict[str, str]) -> None:
    with pytest.raises(WrongUse):
        CONNECTOR.address({**SETTINGS, **odd}, None)


def test_half_a_pair_and_a_resources_key_are_known_by_their_looks() -> None:
    for text in ("0123456789abcdef0123456789abcdef", "sk-0123456789abcdefghij"):
        with pytest.raises(WrongKeyKind):
            CONNECTOR.key_shape.check(Secret(text))
