"""What the simulated providers charge: usage and dated list prices to exact nano-dollars."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from plimsoll.demo import prices
from plimsoll.demo.prices import micro_nanos, nanos_for
from plimsoll.demo.story import Cell
from plimsoll.demo.workloads import Series

GIB = 1024**3


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of charge of one series on one day, in nano-dollars.

    At OpenAI `item` is the `line_item`, with its quantity and unit. At Anthropic `item` is the
    cost type, `token_type` what kind of token it is for, and `listed` the price before discount.
    """

    series: Series
    item: str
    nanos: int
    quantity: Decimal = Decimal(0)
    unit: str | None = None
    token_type: str | None = None
    listed: int = 0


def sum_cells(hours: Iterable[Sequence[Cell]]) -> dict[int, tuple[int, ...]]:
    """The counts of each series over some hours."""
    sums: dict[int, list[int]] = {}
    for cells in hours:
        for number, counts in cells:
            have = sums.get(number)
            if have is None:
                sums[number] = list(counts)
            else:
                for index, count in enumerate(counts):
                    have[index] += count
    return {number: tuple(counts) for number, counts in sums.items()}


@lru_cache(maxsize=4096)
def _openai_prices(model: str, mode: str, rates: prices.Rates) -> tuple[tuple[str, int], ...]:
    """For each counter of `completions` after the calls: the line item and its price."""
    told = {"batch": prices.BATCH, "flex": prices.FLEX, "priority": prices.PRIORITY}
    untold = {"regional": prices.REGIONAL, "free": prices.FREE}
    times = (told | untold).get(mode, Decimal(1))
    ending = f", {mode}" if mode in told else ""
    kinds = (
        ("input", rates.input),
        ("cached input", rates.cache_read),
        ("cache write", rates.cache_write_5m),
        ("output", rates.output),
        ("audio input", rates.audio_input),
        ("cached audio input", rates.audio_cache_read),
        ("audio output", rates.audio_output),
    )
    return tuple((f"{model}, {kind}{ending}", micro_nanos(rate, times)) for kind, rate in kinds)


def openai_lines(
    series: Series, story_day: date, counts: Sequence[int], *, whole_day: bool
) -> list[Line]:
    """The line items of one series for one day's counts; storage is charged when the day is over.

    OpenAI's line items read like `gpt-5.4-mini, cached input, batch`; tools have no comma.
    """
    model = series.model or ""
    match series.endpoint:
        case "completions":
            mode = series.bill or ("batch" if series.batch else series.tier)
            table = _openai_prices(model, mode, prices.rates_on(model, story_day))
            return [
                Line(series, item, nanos_for(count, price), Decimal(count), "tokens")
                for count, (item, price) in zip(counts[1:], table, strict=True)
                if count
            ]
        case "embeddings":
            price = micro_nanos(prices.rates_on(model, story_day).input)
            count = counts[1]
            return [
                Line(series, f"{model}, input", nanos_for(count, price), Decimal(count), "tokens")
            ]
        case "vector_stores":
            return _storage(series, counts[0]) if whole_day else []
    priced = _unit_of(series)
    if priced is None:
        return []
    item, dollars, unit = priced
    count = counts[-1]
    return [Line(series, item, _nanos(dollars) * count, Decimal(count), unit)]


def _unit_of(series: Series) -> tuple[str, Decimal, str | None] | None:
    """What a unit of this endpoint is called on the bill, and its price; moderation is free."""
    image = prices.IMAGE.get(series.details.get("size", ""), Decimal(0))
    units = {
        "images": (f"{series.model}, image output", image, "images"),
        "audio_speeches": (f"{series.model}, input", prices.SPEECH_CHARACTER, "characters"),
        "audio_transcriptions": (
            f"{series.model}, audio",
            prices.TRANSCRIBED_SECOND,
            "duration_seconds",
        ),
        "code_interpreter_sessions": (
            "code interpreter sessions",
            prices.INTERPRETER_SESSION,
            None,
        ),
        "file_search_calls": ("file search tool calls", prices.FILE_SEARCH, None),
        "web_search_calls": ("web search tool calls", prices.WEB_SEARCH, None),
    }
    return units.get(series.endpoint)


def _storage(series: Series, stored: int) -> list[Line]:
    hours = Decimal(stored) / GIB * 24
    nanos, rest = divmod(stored * _nanos(prices.STORED_GIB_DAY), GIB)
    if rest:
        raise ValueError(f"{stored} bytes cost no whole number of nano-dollars")
    return [Line(series, "file search storage", nanos, hours, "gibibyte_hours")]


def _nanos(dollars: Decimal) -> int:
    return int(dollars * 1_000_000_000)


_TOKEN_TYPES = (
    "uncached_input_tokens",
    "cache_read_input_tokens",
    "cache_creation.ephemeral_5m_input_tokens",
    "cache_creation.ephemeral_1h_input_tokens",
    "output_tokens",
)


@lru_cache(maxsize=4096)
def _anthropic_prices(rates: prices.Rates, tier: str) -> tuple[int, ...]:
    times = prices.BATCH if tier == "batch" else Decimal(1)
    return tuple(
        micro_nanos(rate, times)
        for rate in (
            rates.input,
            rates.cache_read,
            rates.cache_write_5m,
            rates.cache_write_1h,
            rates.output,
        )
    )


def anthropic_lines(series: Series, story_day: date, counts: Sequence[int]) -> list[Line]:
    """The cost components of one series for some counts; the Priority Tier has none by rule."""
    if series.tier == "priority":
        return []
    found: list[tuple[str, str | None, int]] = []
    if series.endpoint == "code_execution":
        found.append(("code_execution", None, counts[0] * _nanos(prices.CODE_EXECUTION_SPAN)))
    else:
        rates = prices.rates_on(series.model or "", story_day)
        table = zip(counts[1:6], _anthropic_prices(rates, series.tier), _TOKEN_TYPES, strict=True)
        found.extend(
            ("tokens", kind, nanos_for(count, price)) for count, price, kind in table if count
        )
        if counts[6]:
            found.append(("web_search", None, counts[6] * _nanos(prices.WEB_SEARCH)))
    return [
        Line(series, cost_type, _net(listed, story_day), token_type=kind, listed=listed)
        for cost_type, kind, listed in found
    ]


def _net(listed: int, story_day: date) -> int:
    """The amount after the organisation's discount: 24/25 of the list price, exactly."""
    if story_day < prices.DISCOUNT_FROM:
        return listed
    nanos, rest = divmod(listed * int(prices.NET_OF_DISCOUNT * 100), 100)
    if rest:
        raise ValueError(f"the discount on {listed} nano-dollars is no whole number of them")
    return nanos
