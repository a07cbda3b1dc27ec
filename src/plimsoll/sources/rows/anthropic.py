"""Anthropic's rows of both generations of its API: tokens and money, read strictly."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from plimsoll.domain.usage import Attribution, Charge, Tokens, UsageRecord
from plimsoll.sources import fields
from plimsoll.sources.fields import Row, counter, optional_counter, row_of, word

CENTS = Decimal("0.01")
"""The unit of every amount of both generations: `"123.45"` is one dollar and 23.45 cents."""

_PRIORITY = frozenset({"priority", "priority_on_demand"})
"""Service tiers that the cost report never shows: it documents only `standard` and `batch`, and
that Priority Tier is billed in another way."""

Item = UsageRecord | Charge


def _usage(
    start: datetime, end: datetime, counts: Row, dims: Row, *, requests: int | None
) -> UsageRecord:
    """Token counts. Input here is what is neither read from nor written to the cache."""
    writes = row_of(counts.get("cache_creation"), "cache_creation")
    tools = counts.get("server_tool_use")
    searches = None
    if tools is not None:
        searches = optional_counter(row_of(tools, "server_tool_use"), "web_search_requests")
    return UsageRecord(
        start,
        end,
        _attribution(dims),
        Tokens(
            input=counter(counts, "uncached_input_tokens"),
            cache_read=counter(counts, "cache_read_input_tokens"),
            cache_write_5m=counter(writes, "ephemeral_5m_input_tokens"),
            cache_write_1h=counter(writes, "ephemeral_1h_input_tokens"),
            output=counter(counts, "output_tokens"),
        ),
        requests=requests,
        units=(("searches", Decimal(searches)),) if searches else (),
        details=_details(dims, "context_window", "inference_geo", "speed"),
        billed_elsewhere=word(dims, "service_tier") in _PRIORITY,
    )


def _attribution(row: Row, *, line_item: str | None = None) -> Attribution:
    """Who and what; the older cost report names no key."""
    return Attribution(
        model=word(row, "model"),
        project=word(row, "workspace_id"),
        key=word(row, "api_key_id"),
        tier=word(row, "service_tier"),
        line_item=line_item,
    )


def _details(row: Row, *names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, text) for name in names if (text := word(row, name)) is not None)


def older_usage(row: Row, start: datetime, end: datetime) -> Item:
    """A row of the messages usage report, which counts no requests."""
    return _usage(start, end, row, row, requests=None)


def older_charge(row: Row, _start: datetime, _end: datetime) -> Item:
    """A row of the cost report; its description is the line item."""
    billed, text = fields.money(row, "amount", row.get("currency"), unit=CENTS)
    details = _details(row, "cost_type", "token_type", "context_window", "inference_geo")
    return Charge(_attribution(row, line_item=word(row, "description")), billed, text, details)


def newer_usage(start: datetime, end: datetime, row: Row, group: Row) -> UsageRecord:
    """A usage row of the newer API, which counts requests."""
    counts = row_of(row.get("usage"), "usage")
    return _usage(start, end, counts, group, requests=optional_counter(counts, "requests"))


def newer_charge(_start: datetime, _end: datetime, row: Row, group: Row) -> Item:
    """A cost row: `amount` is after discounts, which is what is billed; list price kept beside."""
    cost = row_of(row.get("cost"), "cost")
    billed, text = fields.money(cost, "amount", cost.get("currency"), unit=CENTS)
    parts = [part for name in ("cost_type", "token_type") if (part := word(group, name))]
    listed = fields.quantity(cost, "list_amount")
    details = () if listed is None else (("list_amount", str(cost["list_amount"])),)
    return Charge(_attribution(group, line_item=": ".join(parts) or None), billed, text, details)
