"""The rows of the simulated OpenAI: fields, groups and filters of each usage endpoint."""

from __future__ import annotations

from dataclasses import dataclass

_COMMON = ("project_id", "user_id", "api_key_id", "model")
_COMMON_FILTERS = ("project_ids", "user_ids", "api_key_ids", "models")

COSTS_GROUPS = ("project_id", "line_item", "api_key_id", "user_id", "api_source")


@dataclass(frozen=True, slots=True)
class Usage:
    """One usage endpoint: its name in the story, its row and what it can be split by.

    `level` endpoints count what is there, not what happened: hours do not add up to a day.
    """

    name: str
    object: str
    counters: str
    groups: tuple[str, ...] = _COMMON
    filters: tuple[str, ...] = _COMMON_FILTERS
    switches: tuple[str, ...] = ()
    level: bool = False

    def row(self, counts: tuple[int, ...], dimensions: str) -> str:
        """A row as JSON text; `dimensions` is the rest of the object, with its closing brace."""
        values = _completions(counts) if self.name == "completions" else counts
        return f'{{"object":"{self.object}",{self.counters % values},{dimensions}'


def _completions(counts: tuple[int, ...]) -> tuple[int, ...]:
    calls, fresh, cached, written, output, audio_in, audio_cached, audio_out = counts
    return (
        fresh + cached + written + audio_in + audio_cached,
        output + audio_out,
        cached + audio_cached,
        written,
        written,
        fresh + audio_in,
        fresh,
        output,
        cached,
        audio_in,
        audio_cached,
        audio_out,
        calls,
    )


_COMPLETIONS = (
    '"input_tokens":%d,"output_tokens":%d,"input_cached_tokens":%d,"input_cache_write_tokens":%d,'
    '"input_cache_write_30m_tokens":%d,"input_cache_write_12h_tokens":0,'
    '"input_uncached_tokens":%d,"input_text_tokens":%d,"output_text_tokens":%d,'
    '"input_cached_text_tokens":%d,"input_audio_tokens":%d,"input_cached_audio_tokens":%d,'
    '"output_audio_tokens":%d,"input_image_tokens":0,"input_cached_image_tokens":0,'
    '"output_image_tokens":0,"num_model_requests":%d'
)

_ENDPOINTS = (
    Usage(
        "completions",
        "organization.usage.completions.result",
        _COMPLETIONS,
        groups=(*_COMMON, "batch", "service_tier", "api_source"),
        switches=("batch",),
    ),
    Usage(
        "embeddings",
        "organization.usage.embeddings.result",
        '"num_model_requests":%d,"input_tokens":%d',
    ),
    Usage(
        "moderations",
        "organization.usage.moderations.result",
        '"num_model_requests":%d,"input_tokens":%d',
    ),
    Usage(
        "images",
        "organization.usage.images.result",
        '"num_model_requests":%d,"images":%d',
        groups=(*_COMMON, "size", "source"),
        filters=(*_COMMON_FILTERS, "sources", "sizes"),
    ),
    Usage(
        "audio_speeches",
        "organization.usage.audio_speeches.result",
        '"num_model_requests":%d,"characters":%d',
    ),
    Usage(
        "audio_transcriptions",
        "organization.usage.audio_transcriptions.result",
        '"num_model_requests":%d,"seconds":%d',
    ),
    Usage(
        "vector_stores",
        "organization.usage.vector_stores.result",
        '"usage_bytes":%d',
        groups=("project_id",),
        filters=("project_ids",),
        level=True,
    ),
    Usage(
        "code_interpreter_sessions",
        "organization.usage.code_interpreter_sessions.result",
        '"num_sessions":%d',
        groups=("project_id",),
        filters=("project_ids",),
    ),
    Usage(
        "file_search_calls",
        "organization.usage.file_searches.result",
        '"num_requests":%d',
        groups=("project_id", "user_id", "api_key_id", "vector_store_id"),
        filters=("project_ids", "user_ids", "api_key_ids", "vector_store_ids"),
    ),
    Usage(
        "web_search_calls",
        "organization.usage.web_searches.result",
        '"num_model_requests":%d,"num_requests":%d',
        groups=(*_COMMON, "context_level", "api_source"),
        filters=(*_COMMON_FILTERS, "context_levels"),
    ),
)

USAGE: dict[str, Usage] = {usage.name: usage for usage in _ENDPOINTS}
"""Every usage endpoint by the end of its path; `decisions` is not offered to this organisation."""
