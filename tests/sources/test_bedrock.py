"""Bedrock: all of its money and nobody else's, by model where the models add up, tokens by hour."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from fake_door import NOW, Call, FakeDoor, refused
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import PageLoop, SurprisingAnswer, WrongKeyKind, WrongUse
from plimsoll.domain.money import Money
from plimsoll.domain.secret import Secret
from plimsoll.domain.usage import Slice, Tokens
from plimsoll.sources.base import more_addresses, signer_of
from plimsoll.sources.providers.bedrock import CONNECTOR, Account
from plimsoll.sources.signing.signer import Unsigned

DAY = date(2026, 11, 16)
OLD = date(2026, 8, 31)
CLAUDE = "Claude Sonnet 5 (Amazon Bedrock Edition)"
MODEL = "us.anthropic.claude-sonnet-5-v1:0"


def result(day: date, *groups: tuple[list[str], Any]) -> dict[str, Any]:
    return {
        "TimePeriod": {"Start": day.isoformat(), "End": (day + timedelta(days=1)).isoformat()},
        "Groups": [
            {"Keys": keys, "Metrics": {"UnblendedCost": {"Amount": amount, "Unit": "USD"}}}
            for keys, amount in groups
        ],
        "Estimated": True,
    }


def hours(metric: str, *counts: Any, model: str = MODEL, day: date = DAY) -> dict[str, Any]:
    start = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    times = [start + 3600 * number for number in range(len(counts))]
    return {"Id": metric.lower(), "Label": model, "Timestamps": times, "Values": list(counts)}


class Server:
    """Answers as the documents say; `services` and `models` are the groups of the one day."""

    def __init__(
        self,
        services: list[tuple[list[str], Any]] | None = None,
        models: list[tuple[list[str], Any]] | None = None,
        series: list[dict[str, Any]] | None = None,
        *,
        day: date = DAY,
    ) -> None:
        self.services, self.models, self.series = services or [], models, series or []
        self.day = day
        self.door = FakeDoor(self.answer)

    def answer(self, call: Call) -> dict[str, Any]:
        body = call.body or {}
        if call.at:
            return {"MetricDataResults": self.series, "Messages": []}
        by_model = body["GroupBy"][0]["Type"] == "PRODUCT_ATTRIBUTE"
        if by_model and self.models is None:
            raise refused(404)
        first = date.fromisoformat(body["TimePeriod"]["Start"])
        end = date.fromisoformat(body["TimePeriod"]["End"])
        groups = self.models if by_model else self.services
        days = Period(first, end - timedelta(days=1)).days()
        return {"ResultsByTime": [result(d, *(groups or [])) for d in days if d == self.day]}

    def account(self, **settings: str) -> Account:
        self.door.places = {"", *more_addresses(CONNECTOR, settings, None)}
        return CONNECTOR.open(self.door, settings)  # type: ignore[arg-type]


def the_day(server: Server, endpoint: str = "costs") -> Slice:
    (found,) = server.account().pull(endpoint, Period(server.day, server.day))
    return found


def amounts(found: Slice) -> dict[tuple[str | None, str | None], int]:
    return {(c.attribution.model, c.attribution.line_item): c.amount.nanos for c in found.charges}


def test_every_service_with_bedrock_in_its_name_is_its_own_and_no_other_is() -> None:
    services = [([CLAUDE, "USE1-input"], "1.25"), (["amazon bedrock", "x"], 0.5), (["EC2", ""], 9)]
    found = the_day(Server(services))
    assert amounts(found) == {
        (None, f"{CLAUDE} · USE1-input"): 1_250_000_000,
        (None, "amazon bedrock · x"): 500_000_000,
    }
    assert found.charges[0].amount == Money("USD", 1_250_000_000)


def test_money_is_told_by_model_and_what_the_models_leave_stays_without_one() -> None:
    models = [(["model$Claude Sonnet 5", "inferenceType$On-demand"], "1.2"), (["model$", ""], "9")]
    found = the_day(Server([([CLAUDE, "input"], "1.25")], models))
    assert amounts(found) == {
        ("Claude Sonnet 5", "On-demand"): 1_200_000_000,
        (None, None): 5 * 10**7,
    }


def test_models_that_claim_more_than_there_is_are_not_believed() -> None:
    found = the_day(Server([([CLAUDE, "input"], "1.25")], [(["model$A", "b$c"], "1.26")]))
    assert amounts(found) == {(None, f"{CLAUDE} · input"): 1_250_000_000}


@given(st.lists(st.decimals(0, 2, places=6), max_size=4), st.decimals(0, 5, places=6))
def test_however_the_day_is_cut_it_sums_to_the_services(
    parts: list[Decimal], whole: Decimal
) -> None:
    models = [([f"model${n}", "inferenceType$x"], str(part)) for n, part in enumerate(parts)]
    found = the_day(Server([([CLAUDE, "input"], str(whole))], models))
    assert sum(charge.amount.nanos for charge in found.charges) == int(whole * 10**9)


def test_models_are_not_asked_for_before_aws_tells_them_nor_again_when_refused() -> None:
    early = Server([([CLAUDE, "input"], 1)], [], day=OLD)
    the_day(early)
    assert len(early.door.calls) == 1
    server = Server([([CLAUDE, "input"], 1)])
    account = server.account()
    for _ in range(2):
        list(account.pull("costs", Period(DAY, DAY)))
    kinds = [(call.body or {})["GroupBy"][0]["Type"] for call in server.door.calls]
    assert kinds == ["DIMENSION", "PRODUCT_ATTRIBUTE", "DIMENSION"]


def test_a_day_that_aws_does_not_answer_for_is_left_out() -> None:
    server = Server([([CLAUDE, "input"], 1)])
    days = list(server.account().pull("costs", Period(DAY, DAY + timedelta(days=3))))
    assert [day.day for day in days] == [DAY]


def test_tokens_are_disjoint_by_the_hour_and_region() -> None:
    server = Server(
        series=[
            hours("InputTokenCount", 100, 7.0),
            hours("CacheReadInputTokenCount", 40.0),
            hours("CacheWriteInputTokenCount", 3),
            hours("OutputTokenCount", 20, 0),
            hours("Invocations", 2, 1),
        ]
    )
    first, second = the_day(server, "tokens").records
    assert first.tokens == Tokens(input=100, cache_read=40, cache_write_5m=3, output=20)
    assert (first.requests, first.attribution.model, first.start.hour) == (2, MODEL, 0)
    assert dict(first.details) == {"region": "us-east-1"}
    assert (second.tokens.input, second.start.hour) == (7, 1)


def test_a_series_that_comes_in_pieces_is_put_together() -> None:
    server = Server(series=[hours("InputTokenCount", 5)])
    answers = iter([{"NextToken": "a"}, {}])
    whole = server.answer

    def in_pieces(call: Call) -> dict[str, Any]:
        return {**whole(call), **next(answers)}

    server.door.answer = in_pieces
    (record,) = the_day(server, "tokens").records
    assert record.tokens.input == 10


def test_every_region_is_asked_at_its_own_address_with_its_own_signature() -> None:
    settings = {"regions": "us-east-1, eu-central-1"}
    assert more_addresses(CONNECTOR, settings, None) == {
        "inuseast1": "https://monitoring.us-east-1.amazonaws.com",
        "ineucentral1": "https://monitoring.eu-central-1.amazonaws.com",
    }
    server = Server(series=[hours("InputTokenCount", 5)])
    account = server.account(**settings)
    (day,) = account.pull("tokens", Period(DAY, DAY))
    assert len(day.records) == 2
    request = Unsigned("POST", "ineucentral1", "monitoring.eu-central-1.amazonaws.com", "/")
    signed = signer_of(CONNECTOR, settings).sign(request, Secret("AKIAX:secret"), NOW)
    assert "/eu-central-1/monitoring/aws4_request" in dict(signed.headers)["Authorization"]
    with pytest.raises(WrongUse, match="region"):
        CONNECTOR.address({"regions": "us-east-1.evil.example/"}, None)


@pytest.mark.parametrize(
    "odd",
    [
        hours("InputTokenCount", -1),
        hours("InputTokenCount", 1.5),
        hours("SomethingElse", 1),
        {**hours("InputTokenCount", 1), "Values": []},
        {**hours("InputTokenCount", 1), "Timestamps": [1]},
        {**hours("InputTokenCount", 1), "Label": ""},
        hours("InputTokenCount", 1, day=DAY - timedelta(days=1)),
    ],
)
def test_a_series_that_cannot_be_right_stores_nothing(odd: dict[str, Any]) -> None:
    with pytest.raises(SurprisingAnswer):
        the_day(Server(series=[odd]), "tokens")


@pytest.mark.parametrize("amount", [None, "NaN", "1e99", "a"])
def test_an_amount_that_cannot_be_right_stores_nothing(amount: Any) -> None:
    with pytest.raises(SurprisingAnswer):
        the_day(Server([([CLAUDE, "input"], amount)]))


def test_pages_that_come_again_are_a_loop() -> None:
    server = Server()
    server.door.answer = lambda _call: {"ResultsByTime": [], "NextPageToken": "again"}
    with pytest.raises(PageLoop):
        list(server.account().pull("costs", Period(DAY, DAY)))


def test_a_bedrock_key_and_half_a_pair_are_known_by_their_looks() -> None:
    for text in (
        "ABSKQmVkcm9ja0FQSUtleS0x",
        "bedrock-api-key-YmVkcm9jay5h",
        "AKIAIOSFODNN7EXAMPLE",
    ):
        with pytest.raises(WrongKeyKind):
            CONNECTOR.key_shape.check(Secret(text))
