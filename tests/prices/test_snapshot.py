"""A newer edition of the package's prices: read from its bytes, or refused as a whole."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from price_kit import at, usage, worth

from plimsoll.prices.book import PriceBook
from plimsoll.prices.listed import LISTS
from plimsoll.prices.snapshot import read_snapshot


def model(name: str, **prices: Any) -> dict[str, Any]:
    return {"id": name, "match": {"equals": name}, "prices": prices}


def provider(name: str, *models: dict[str, Any]) -> dict[str, Any]:
    return {"id": name, "name": name, "api_pattern": name, "models": list(models)}


PUBLISHED = [
    provider("anthropic", model("claude-new", input_mtok=3, output_mtok=15)),
    *(
        provider(name, model("other", input_mtok=1, output_mtok=5))
        for name in sorted(set(LISTS.values()) - {"anthropic", "openai"})
    ),
    provider(
        "openai",
        model("gpt-4.1", input_mtok=1.9, output_mtok=8, something_new_mtok=4),
        {
            "id": "gpt-new",
            "match": {"starts_with": "gpt-new"},
            "prices": [
                {"prices": {"input_mtok": 5}},
                {"constraint": {"start_date": "2026-12-01"}, "prices": {"input_mtok": 4}},
            ],
        },
        {
            "id": "gpt-long",
            "match": {"equals": "gpt-long"},
            "prices": {"input_mtok": {"base": 1, "tiers": [{"start": 1000, "price": 2}]}},
        },
    ),
]


def published(change: Any = None) -> bytes:
    data = copy.deepcopy(PUBLISHED)
    if change:
        change(data)
    return json.dumps(data).encode()


def test_its_prices_are_used_in_place_of_those_that_came_with_the_package():
    book = PriceBook(snapshot=read_snapshot(published(), label="of today"))
    assert worth(book, usage("gpt-4.1")) == "USD 1.9"
    assert worth(book, usage("gpt-new-2026-11-20")) == "USD 5"
    assert worth(book, usage("gpt-new", start=at("2026-12-01 00:00"))) == "USD 4"
    assert worth(book, usage("gpt-long", tokens="2000/0/0/0/0")) == "USD 0.004"
    assert worth(book, usage("claude-new"), "anthropic") == "USD 3"
    assert worth(book, usage("o3")) is None  # no longer listed
    assert worth(book, usage("grok-4.7"), "xai") is None
    assert worth(book, usage("glm-5.3"), "zhipu") == "CNY 8"  # our own list stays
    assert worth(PriceBook(), usage("gpt-4.1")) == "USD 2"  # other books stay as they are


def test_its_label_is_the_edition():
    edition = PriceBook(snapshot=read_snapshot(published(), label="of today")).edition
    assert edition == "of today; Plimsoll's list of 2026-11-27"


def first_price(value: Any) -> Any:
    def change(data: list[Any]) -> None:
        data[-1]["models"][0]["prices"]["input_mtok"] = value

    return change


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>Not Found</html>",
        b"{}",
        b"[]",
        b"null",
        b"[1, 2]",
        b"[" * 100_000,
        b"\xff\xfe",
        published()[:-40],
        published(lambda d: d.pop()),
        published(lambda d: d[-1]["models"].clear()),
        published(lambda d: d[-1]["models"][0].pop("match")),
        published(lambda d: d[-1]["models"][0]["match"].update(equals=3)),
        published(first_price(-1)),
        published(first_price("free")),
        published(first_price(float("nan"))),
        published(first_price(float("inf"))),
        published(first_price(1e300)),
        published(first_price({"base": 1, "tiers": [{"start": 10, "price": -1}]})),
        published(first_price([1])),
    ],
)
def test_anything_else_is_refused_and_nothing_of_it_used(data):
    with pytest.raises(ValueError, match=r"."):
        read_snapshot(data, label="of today")


def test_prices_that_contradict_each_other_are_not_priced():
    # a price of cached audio without one of audio, which the package itself will not reckon with
    def change(data: list[Any]) -> None:
        data[-1]["models"][0]["prices"] = {"input_mtok": 1, "cache_audio_read_mtok": 1}

    book = PriceBook(snapshot=read_snapshot(published(change), label="of today"))
    assert worth(book, usage("gpt-4.1")) is None
    assert worth(book, usage("gpt-long", tokens="1/0/0/0/0")) == "USD 0.000001"
