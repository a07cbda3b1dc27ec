"""OpenAI's completions usage export: tokens and requests, by day or by hour (UTC).

The header is that of a file in notes of October 2025 (xavierjflanagan/Guardian): counts are written
`59200.0`, and a day without use is a row of empty cells. Columns that the API has since got (cache
writes, reasoning) are read where they are there. Rows mean what those of the usage API mean.
"""

from __future__ import annotations

from collections.abc import Iterable

from plimsoll.domain.calendar import utc_day
from plimsoll.domain.said import say
from plimsoll.sources import cells as cell
from plimsoll.sources.cells import Cells
from plimsoll.sources.fields import FieldError
from plimsoll.sources.imports import Entry, FileFormat, Given
from plimsoll.sources.rows.openai import completions

_COUNTS = frozenset(
    {
        *("input_tokens", "output_tokens", "num_model_requests", "input_cached_tokens"),
        *("input_uncached_tokens", "input_text_tokens", "output_text_tokens"),
        *("input_cached_text_tokens", "input_audio_tokens", "input_cached_audio_tokens"),
        *("output_audio_tokens", "input_image_tokens", "input_cached_image_tokens"),
        *("output_image_tokens", "input_cache_write_tokens", "output_reasoning_tokens"),
        *("input_cache_write_30m_tokens", "input_cache_write_12h_tokens"),
    }
)
_WORDS = ("project_id", "user_id", "api_key_id", "model", "service_tier")
_FLAGS = {"true": True, "false": False, "1": True, "0": False, "": None}


def _read(cells: Cells, given: Given) -> Iterable[Entry]:
    start, end = cell.instant(cells, "start_time"), cell.instant(cells, "end_time")
    day = utc_day(start)
    if not start < end or (end - start).total_seconds() > 86_400 or utc_day(end) < day:
        raise FieldError("end_time", say("does not end an hour or a day"), cells["end_time"])
    counts = {name: cell.maybe_count(cells, name) for name in _COUNTS}
    if all(count is None for count in counts.values()) and not cells["model"]:
        return (Entry(day, None),)
    batch = cells.get("batch", "").lower()
    if batch not in _FLAGS:
        raise FieldError("batch", say("is neither true nor false"), batch)
    if account := cells.get("organization_id"):
        given.accounts.add(account)
    words = {name: cells[name] for name in _WORDS if cells.get(name)}
    told = {name: count for name, count in counts.items() if count is not None}
    return (Entry(day, completions({**words, **told, "batch": _FLAGS[batch]}, start, end)),)


FORMAT = FileFormat(
    name="openai_usage_csv",
    title="OpenAI completions usage",
    provider="openai",
    provider_title="OpenAI",
    endpoint="completions",
    columns=frozenset(
        {
            *("start_time", "end_time", "num_model_requests", "model"),
            *("input_tokens", "output_tokens"),
        }
    ),
    others=_COUNTS
    | {
        *_WORDS,
        *("start_time_iso", "end_time_iso", "batch", "project_name", "api_key_name"),
        *("organization_id", "organization_name", "user_email", "api_source"),
    },
    guarded=("tokens",),
    read=_read,
)
