"""Anthropic's usage export (Console, Usage page): tokens and web searches, by UTC day.

The header is that of test files and readers of public tools of 2026 (an import test of March, the
importer of aiusage, a priced row of July). `usage_type` is the service tier. That the day's cell
can hold an hour is said by one reader and could not be seen: an hour is read where it is written as
a full one. An older export had one column for all cache writes; they are of unknown life.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from plimsoll.domain.usage import Attribution, Tokens, UsageRecord
from plimsoll.sources import cells as cell
from plimsoll.sources.cells import Cells
from plimsoll.sources.imports import Entry, FileFormat, Given

DEFAULT_WORKSPACE = "Default"
_PRIORITY = frozenset({"priority", "priority_on_demand"})
"""Tiers that Anthropic's costs leave out by rule."""


def _read(cells: Cells, _given: Given) -> Iterable[Entry]:
    day, start, end = cell.day_and_hour(cells, "usage_date_utc")
    workspace, tier = cells.get("workspace"), cells.get("usage_type") or None
    short = cell.maybe_count(cells, "usage_input_tokens_cache_write_5m") or 0
    unknown = cell.maybe_count(cells, "usage_input_tokens_cache_write") or 0
    searches = cell.maybe_count(cells, "web_search_count")
    kept = ("context_window", "inference_geo", "speed")
    record = UsageRecord(
        start,
        end,
        Attribution(
            model=cells["model_version"] or None,
            project=None if workspace == DEFAULT_WORKSPACE else workspace or None,
            key=cells.get("api_key_id") or cells.get("api_key") or None,
            tier=tier,
        ),
        Tokens(
            input=cell.count(cells, "usage_input_tokens_no_cache"),
            cache_read=cell.count(cells, "usage_input_tokens_cache_read"),
            cache_write_5m=short + unknown,
            cache_write_1h=cell.maybe_count(cells, "usage_input_tokens_cache_write_1h") or 0,
            output=cell.count(cells, "usage_output_tokens"),
        ),
        units=(("searches", Decimal(searches)),) if searches else (),
        details=tuple((name, cells[name]) for name in kept if cells.get(name)),
        billed_elsewhere=tier in _PRIORITY,
    )
    return (Entry(day, record),)


FORMAT = FileFormat(
    name="anthropic_usage_csv",
    title="Anthropic usage",
    provider="anthropic",
    provider_title="Anthropic",
    endpoint="messages",
    columns=frozenset(
        {
            *("usage_date_utc", "model_version", "usage_input_tokens_no_cache"),
            *("usage_input_tokens_cache_read", "usage_output_tokens"),
        }
    ),
    others=frozenset(
        {
            *("usage_input_tokens_cache_write_5m", "usage_input_tokens_cache_write_1h"),
            *("usage_input_tokens_cache_write", "web_search_count", "api_key", "workspace"),
            *("usage_type", "context_window", "inference_geo", "speed"),
            *("api_key_id", "api_key_status"),
        }
    ),
    guarded=("tokens", "count"),
    revision_days=2,
    read=_read,
)
