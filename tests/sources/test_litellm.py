"""LiteLLM: days that go on on the next page, totals of pages that are ignored, and no bill."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from fake_door import NOW, Call, FakeDoor, refused

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import MissingScope, NotOffered, PageLoop, SurprisingAnswer, WrongUse
from plimsoll.domain.tokens import Tokens
from plimsoll.domain.usage import REPORTED_USD, Slice
from plimsoll.sources.providers.litellm import CONNECTOR, Proxy

DAY = date(2026, 11, 16)
WHOLE = "/user/daily/activity/aggregated"
PAGED = "/user/daily/activity"


def metrics(prompt: Any = 2000, *, spend: Any = 0.03, **more: Any) -> dict[str, Any]:
    counts = {"completion_tokens": 500, "cache_read_input_tokens": 400, "api_requests": 8}
    return {
        "prompt_tokens": prompt,
        "cache_creation_input_tokens": 100,
        "spend": spend,
        **counts,
        **more,
    }


def day(
    *, model: str = "gpt-5.4-mini", keys: Any = None, on: str = "2026-11-16", **more: Any
) -> dict[str, Any]:
    told = {"metrics": metrics(**more), "metadata": {}, "api_key_breakdown": keys or {}}
    return {"date": on, "metrics": {}, "breakdown": {"models": {model: told}}}


def key(alias: str | None = "Kiosk", **counts: Any) -> dict[str, Any]:
    return {"metrics": metrics(**counts), "metadata": {"key_alias": alias}}


class Server:
    def __init__(self, *pages: list[Any], aggregated: bool = True) -> None:
        self.pages, self.aggregated = list(pages) or [[]], aggregated
        self.everybody = True
        self.door = FakeDoor(self.answer)
        self.account: Proxy = CONNECTOR.open(self.door, {})  # type: ignore[arg-type]

    def answer(self, call: Call) -> dict[str, Any]:
        if call.path == "/key/info":
            return {"info": {"user_id": "me"}}
        if not self.everybody and call.get("user_id") != "me":
            raise MissingScope("Admins only.")
        if call.path == WHOLE:
            if not self.aggregated:
                raise refused(404)
            return {"results": self.pages[0], "metadata": {"total_spend": 99, "has_more": True}}
        page = int(call["page"])
        more = page < len(self.pages)
        metadata = {"total_spend": 99, "page": page, "total_pages": len(self.pages)}
        return {"results": self.pages[page - 1], "metadata": {**metadata, "has_more": more}}


def the_day(server: Server) -> Slice:
    (found,) = server.account.pull("activity", Period(DAY, DAY))
    return found


def test_prompt_tokens_hold_the_cached_ones_and_the_estimate_is_no_charge() -> None:
    found = the_day(Server([day()]))
    (record,) = found.records
    assert record.tokens == Tokens(1500, 400, 100, 0, 500)
    assert record.requests == 8
    assert dict(record.details) == {"provider": "openai", REPORTED_USD: "0.03"}
    assert found.charges == ()


def test_models_are_cut_by_key_and_what_the_keys_leave_stays_without_one() -> None:
    small = key(prompt=500, spend=0.01, completion_tokens=100, api_requests=2)
    server = Server([day(prompt=2500, cache_read_input_tokens=900, keys={"h1": small})])
    mine, rest = the_day(server).records
    assert (mine.attribution.key, rest.attribution.key) == ("h1", None)
    assert mine.tokens == Tokens(0, 400, 100, 0, 100)
    assert rest.tokens == Tokens(1500, 500, 0, 0, 400)
    assert dict(rest.details)[REPORTED_USD] == "0.02"
    assert [(name.id, name.name) for name in server.account.names()] == [("h1", "Kiosk")]


def test_keys_that_claim_more_than_the_model_are_not_believed() -> None:
    (record,) = the_day(Server([day(keys={"h1": key(prompt=2001)})])).records
    assert record.attribution.key is None
    assert record.tokens.total == 2500


def test_an_older_proxy_is_asked_by_pages_and_a_day_goes_on_on_the_next() -> None:
    first, second = day(), day(prompt=1000, spend="0.01", api_requests=1)
    server = Server([first, day(model="other")], [second], aggregated=False)
    found = the_day(server)
    by_model = {record.attribution.model: record for record in found.records}
    assert by_model["gpt-5.4-mini"].tokens.total == 2500 + 1500
    assert by_model["gpt-5.4-mini"].requests == 9
    assert dict(by_model["gpt-5.4-mini"].details)[REPORTED_USD] == "0.04"
    the_day(server)
    assert [call.path for call in server.door.calls] == [WHOLE, PAGED, PAGED, PAGED, PAGED]


def test_without_has_more_the_number_of_pages_counts_and_it_ends() -> None:
    pages = {"results": [], "metadata": {"page": 1, "total_pages": 1}}
    door = FakeDoor(lambda call: pages if call.path == PAGED else _not_here())
    list(CONNECTOR.open(door, {}).pull("activity", Period(DAY, DAY)))  # type: ignore[arg-type]
    assert len(door.asked(PAGED)) == 1
    always = {"results": [], "metadata": {"has_more": True}}
    door = FakeDoor(lambda call: always if call.path == PAGED else _not_here())
    with pytest.raises(PageLoop):
        list(CONNECTOR.open(door, {}).pull("activity", Period(DAY, DAY)))  # type: ignore[arg-type]


def _not_here() -> dict[str, Any]:
    raise refused(404)


def test_a_key_that_may_not_see_everybody_sees_its_own_user_and_test_says_so() -> None:
    server = Server([day()])
    server.everybody = False
    assert len(the_day(server).records) == 1
    assert {call.get("user_id") for call in server.door.asked(WHOLE)} == {None, "me"}
    server.pages = [[]]
    _, whose = server.account.test()
    assert not whose.ok
    assert "own user only" in whose.what
    assert not whose.essential


def test_other_refusals_are_not_taken_for_an_older_proxy() -> None:
    def refuse(_: Call) -> dict[str, Any]:
        raise refused(400)

    account = CONNECTOR.open(FakeDoor(refuse), {})  # type: ignore[arg-type]
    with pytest.raises(NotOffered):
        list(account.pull("activity", Period(DAY, DAY)))


def test_days_are_utc_days_up_to_today() -> None:
    server = Server([])
    found = list(server.account.pull("activity", Period(date(2026, 11, 20), date(2026, 12, 31))))
    assert [one.day for one in found] == list(Period(date(2026, 11, 20), NOW.date()).days())
    (asked,) = server.door.calls
    assert dict(asked.params) == {"start_date": "2026-11-20", "end_date": "2026-11-24"}


def test_a_model_that_the_proxy_has_no_price_for_has_no_estimate() -> None:
    (record,) = the_day(Server([day(spend=0, model="our-own-llama")])).records
    assert REPORTED_USD not in dict(record.details)


@pytest.mark.parametrize(
    "odd",
    [
        day(prompt=-1),
        day(prompt=None),
        day(prompt="2000"),
        day(spend="NaN"),
        day(spend=-1),
        day(on="2026-11-15"),
        {"date": "2026-11-16", "breakdown": None},
        {"date": "2026-11-16", "breakdown": {"models": []}},
        7,
    ],
    ids=range(9),
)
def test_a_row_that_cannot_be_right_stores_nothing(odd: Any) -> None:
    with pytest.raises(SurprisingAnswer, match="LiteLLM"):
        the_day(Server([odd]))


def test_the_address_is_the_proxys_own() -> None:
    assert CONNECTOR.address({}, "https://llm.acme.example/v1") == "https://llm.acme.example"
    assert CONNECTOR.address({}, "http://127.0.0.1:4000") == "http://127.0.0.1:4000"
    with pytest.raises(WrongUse, match="the address of your LiteLLM proxy"):
        CONNECTOR.address({}, None)


def test_dollars_are_added_as_decimals() -> None:
    pages = [[day(spend=0.1)], [day(spend=0.2)]]
    (record,) = the_day(Server(*pages, aggregated=False)).records
    assert Decimal(dict(record.details)[REPORTED_USD]) == Decimal("0.3")
