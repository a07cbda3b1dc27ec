"""Rows of OpenAI: what a line of its costs and of its completions usage means, whether the API or
an export of its console says it.

A row here has the API's field names and the API's types.
"""

from __future__ import annotations

from datetime import datetime

from plimsoll.domain.money import Money
from plimsoll.domain.said import say
from plimsoll.domain.usage import Attribution, Charge, Tokens, UsageRecord
from plimsoll.sources.fields import (
    FieldError,
    Row,
    counter,
    flag,
    optional_counter,
    quantity,
    word,
)

_PARTS = (
    "input_audio_tokens",
    "input_cached_audio_tokens",
    "output_audio_tokens",
    "input_image_tokens",
    "input_cached_image_tokens",
    "output_image_tokens",
)
"""Parts of `input_tokens` and `output_tokens` that are priced apart; never added to them."""


def completions(row: Row, start: datetime, end: datetime) -> UsageRecord:
    """A completions row. `input_tokens` holds everything: cached, written to cache, audio, image.

    So fresh input is `input_tokens` less cached less cache writes, and the classes sum to
    `input_tokens` + `output_tokens` whatever the row's optional parts say.
    """
    whole, output = counter(row, "input_tokens"), counter(row, "output_tokens")
    cached = optional_counter(row, "input_cached_tokens") or 0
    short, long = _cache_writes(row)
    fresh = whole - cached - short - long
    if fresh < 0:
        raise FieldError("input_tokens", say("is less than its cached and written parts"), whole)
    reasoning = optional_counter(row, "output_reasoning_tokens") or 0
    if reasoning > output:
        raise FieldError("output_reasoning_tokens", say("is more than all output"), reasoning)
    parts = [(name, optional_counter(row, name)) for name in _PARTS]
    uncached = optional_counter(row, "input_uncached_tokens")
    batch, tier = flag(row, "batch"), word(row, "service_tier")
    return UsageRecord(
        start,
        end,
        attribution(row, tier="batch" if batch else tier),
        Tokens(fresh, cached, short, long, output, reasoning),
        requests=counter(row, "num_model_requests"),
        details=details(
            *((name, str(count)) for name, count in parts if count),
            ("cache_write_30m", _known(optional_counter(row, "input_cache_write_30m_tokens"))),
            ("cache_write_12h", _known(optional_counter(row, "input_cache_write_12h_tokens"))),
            ("service_tier", tier if batch else None),
            # kept where the provider's own figures disagree, for whoever asks why
            ("input_uncached_tokens", None if uncached in (None, fresh) else str(uncached)),
        ),
    )


def _cache_writes(row: Row) -> tuple[int, int]:
    """Cache writes that live under an hour (or for an unknown time), and longer ones."""
    half_hour = optional_counter(row, "input_cache_write_30m_tokens") or 0
    half_day = optional_counter(row, "input_cache_write_12h_tokens") or 0
    written = optional_counter(row, "input_cache_write_tokens")
    if written is None:
        return half_hour, half_day
    if half_hour + half_day > written:
        raise FieldError("input_cache_write_tokens", say("is less than its parts"), written)
    return written - half_day, half_day


def charge(row: Row, billed: Money, text: str) -> Charge:
    """A line of costs. The model is the front of `line_item` before its first comma, if it has one.

    `text` is OpenAI's own writing of what was `billed`.
    """
    line_item = word(row, "line_item")
    model, comma, _ = (line_item or "").partition(",")
    sold, unit = quantity(row, "quantity"), word(row, "quantity_unit")
    return Charge(
        Attribution(
            model=model.strip() or None if comma else None,
            project=word(row, "project_id"),
            key=word(row, "api_key_id"),
            line_item=line_item,
        ),
        billed,
        text,
        details(("quantity", sold), ("quantity_unit", unit)),
    )


def attribution(row: Row, *, tier: str | None = None) -> Attribution:
    """Whom a row of usage names."""
    return Attribution(
        model=word(row, "model"),
        project=word(row, "project_id"),
        key=word(row, "api_key_id"),
        user=word(row, "user_id"),
        tier=tier,
    )


def details(*pairs: tuple[str, str | None]) -> tuple[tuple[str, str], ...]:
    """Those of the pairs that say something."""
    return tuple((name, text) for name, text in pairs if text is not None)


def _known(count: int | None) -> str | None:
    return str(count) if count else None
