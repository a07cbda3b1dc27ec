"""The simulated Anthropic: older reports, newer analytics, Claude Code, names; one organisation.

Parameters, limits and shapes follow Anthropic's Admin API and its official Python client (2.12.0).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from operator import add

from plimsoll.demo.anthropic_analytics import Analytics
from plimsoll.demo.anthropic_claude_code import ClaudeCode
from plimsoll.demo.anthropic_names import answer_names
from plimsoll.demo.anthropic_words import (
    cents,
    description_of,
    instant,
    old_field_of,
    read_instant,
)
from plimsoll.demo.asking import Asked, RefusedError, Reply, open_cursor, read_question, seal_cursor
from plimsoll.demo.bills import Line, anthropic_lines, sum_cells
from plimsoll.demo.story import Story, hours_billed, hours_over
from plimsoll.domain.calendar import ONE_DAY, day_start, utc_day

_HOUR = 3600
_DAY = 86400
_LIMITS = {"1d": (7, 31), "1h": (24, 168)}
_WIDTHS = {"1d": _DAY, "1h": _HOUR}

_USAGE_GROUPS = (
    "api_key_id",
    "workspace_id",
    "model",
    "service_tier",
    "context_window",
    "inference_geo",
    "speed",
    "account_id",
    "service_account_id",
)
_USAGE_FILTERS = {
    "api_key_ids": "api_key_id",
    "workspace_ids": "workspace_id",
    "models": "model",
    "service_tiers": "service_tier",
    "context_window": "context_window",
    "inference_geos": "inference_geo",
    "speeds": "speed",
    "account_ids": "account_id",
    "service_account_ids": "service_account_id",
}
_COST_FIELDS = (
    "workspace_id",
    "description",
    "cost_type",
    "model",
    "token_type",
    "service_tier",
    "context_window",
    "inference_geo",
)


class AnthropicApi:
    """One simulated organisation. `key` is the admin key that it demands.

    Without `analytics` the newer endpoints answer 403, as for a key that may not read them.
    """

    def __init__(
        self, story: Story, *, key: str, now: Callable[[], datetime], analytics: bool = True
    ) -> None:
        self._story = story
        self._key = key
        self._now = now
        self._analytics = Analytics(story, now=now) if analytics else None
        self._claude_code = ClaudeCode(story, now=now)
        self._bills = lru_cache(maxsize=2048)(self._make_bill)
        self._asked = 0

    def answer(self, path: str, query: str, headers: Mapping[str, str]) -> Reply:
        """Answer one GET; `path` begins behind the base address, as in `/v1/organizations/me`."""
        self._asked += 1
        request_id = f"req_demo{self._asked:012d}"
        try:
            self._check_headers(headers)
            return Reply(200, self._route(path, query, headers), {"request-id": request_id})
        except RefusedError as refused:
            body = {
                "type": "error",
                "error": {"type": _error_type(refused), "message": refused.message},
                "request_id": request_id,
            }
            return Reply(refused.status, json.dumps(body).encode(), {"request-id": request_id})

    def _check_headers(self, headers: Mapping[str, str]) -> None:
        if not headers.get("x-api-key"):
            raise RefusedError(401, "x-api-key header is required")
        if headers["x-api-key"] != self._key:
            raise RefusedError(401, "invalid x-api-key")
        if not headers.get("anthropic-version"):
            raise RefusedError(400, "anthropic-version: header is required")

    def _route(self, path: str, query: str, headers: Mapping[str, str]) -> bytes:
        if path.startswith("/v1/organizations/analytics/"):
            if self._analytics is None:
                raise RefusedError(403, "This API key does not have the read:analytics scope.")
            return self._analytics.answer(path, query, headers)
        if path == "/v1/organizations/usage_report/messages":
            return self._usage(path, query)
        if path == "/v1/organizations/cost_report":
            return self._costs(path, query)
        if path == "/v1/organizations/usage_report/claude_code":
            return self._claude_code.answer(path, query)
        named = answer_names(path, query)
        if named is None:
            raise RefusedError(404, f"Not found: {path}")
        return json.dumps(named, ensure_ascii=False).encode()

    # --- the older usage report ------------------------------------------------------------------

    def _usage(self, path: str, query: str) -> bytes:
        asked = read_question(
            path,
            query,
            single={"starting_at", "ending_at", "bucket_width", "limit", "page"},
            arrays={"group_by", *_USAGE_FILTERS},
            brackets_only=True,
        )
        width = asked.choice("bucket_width", _WIDTHS, "1d")
        default, most = _LIMITS[width]
        limit = asked.number("limit", least=1, most=most, default=default)
        groups = asked.group_by(_USAGE_GROUPS)
        chosen = self._grouped_series(asked, groups)
        now = self._now()
        buckets = _Buckets(asked, now, step=_WIDTHS[width], limit=limit)
        texts = []
        for start, end in buckets.page:
            rows = self._usage_rows(groups, chosen, start, end, now)
            texts.append(_bucket_text(start, end, rows))
        return _page_text(texts, buckets.next_page)

    def _grouped_series(
        self, asked: Asked, groups: tuple[str, ...]
    ) -> dict[int, tuple[str | None, ...]]:
        filters = [
            (field, frozenset(asked.many(name)))
            for name, field in _USAGE_FILTERS.items()
            if asked.many(name)
        ]
        return {
            series.number: tuple(old_field_of(series, name) for name in groups)
            for series in self._story.series["anthropic"]
            if series.endpoint == "messages"
            and all(old_field_of(series, field) in values for field, values in filters)
        }

    def _usage_rows(
        self,
        groups: tuple[str, ...],
        chosen: Mapping[int, tuple[str | None, ...]],
        start: int,
        end: int,
        now: datetime,
    ) -> Iterator[str]:
        moment = datetime.fromtimestamp(start, tz=UTC)
        day = moment.date()
        last = min(moment.hour + (end - start) // _HOUR, hours_over(day, now))
        sums: dict[tuple[str | None, ...], tuple[int, ...]] = {}
        for cells in self._story.day("anthropic", day).hours("messages")[moment.hour : last]:
            for number, counts in cells:
                values = chosen.get(number)
                if values is not None:
                    have = sums.get(values)
                    sums[values] = counts if have is None else tuple(map(add, have, counts))
        for values, counts in sums.items():
            yield _usage_row(dict(zip(groups, values, strict=True)), counts)

    # --- the older cost report -------------------------------------------------------------------

    def _costs(self, path: str, query: str) -> bytes:
        asked = read_question(
            path,
            query,
            single={"starting_at", "ending_at", "bucket_width", "limit", "page"},
            arrays={"group_by"},
            brackets_only=True,
        )
        asked.choice("bucket_width", {"1d"}, "1d")
        limit = asked.number("limit", least=1, most=31, default=7)
        groups = asked.group_by({"workspace_id", "description"})
        now = self._now()
        buckets = _Buckets(asked, now, step=_DAY, limit=limit)
        texts = []
        for start, end in buckets.page:
            texts.append(_bucket_text(start, end, self._cost_rows(groups, start, now)))
        return _page_text(texts, buckets.next_page)

    def _cost_rows(self, groups: tuple[str, ...], start: int, now: datetime) -> Iterator[str]:
        day = datetime.fromtimestamp(start, tz=UTC).date()
        sums: dict[tuple[str | None, ...], int] = {}
        for line in self._bills(day, hours_billed("anthropic", day, now)):
            fields = _cost_fields(line, groups)
            sums[fields] = sums.get(fields, 0) + line.nanos
        for fields, nanos in sums.items():
            row = dict(zip(_COST_FIELDS, fields, strict=True))
            yield json.dumps({"currency": "USD", "amount": cents(nanos), **row})

    def _make_bill(self, day: date, hours: int) -> tuple[Line, ...]:
        """Every charge of the first `hours` of a day, one a series and component."""
        told, story_day = self._story.day("anthropic", day), self._story.story_day(day)
        by_number = self._story.series["anthropic"]
        lines: list[Line] = []
        for endpoint in ("messages", "code_execution"):
            counted = sum_cells(told.hours(endpoint)[:hours])
            for number, counts in sorted(counted.items()):
                lines.extend(anthropic_lines(by_number[number], story_day, counts))
        return tuple(lines)


class _Buckets:
    """The time buckets of one page, snapped to bucket edges; none begins after the current day."""

    def __init__(self, asked: Asked, now: datetime, *, step: int, limit: int) -> None:
        start = read_instant(asked, "starting_at")
        if start is None:
            raise RefusedError(400, "starting_at: Field required", param="starting_at")
        end = read_instant(asked, "ending_at")
        if end is None:
            end = int(now.timestamp()) + 1
        elif end <= start:
            raise RefusedError(400, "ending_at must be after starting_at", param="ending_at")
        horizon = int(day_start(utc_day(now) + ONE_DAY).timestamp())
        position = open_cursor(asked, 1)
        at, end = position[0] if position else start // step * step, min(end, horizon)
        self.page: list[tuple[int, int]] = []
        while at < end and len(self.page) < limit:
            self.page.append((at, at + step))
            at += step
        self.next_page = seal_cursor(asked, at) if at < end else None


def _usage_row(fields: Mapping[str, object], counts: tuple[int, ...]) -> str:
    _calls, fresh, cached, write_5m, write_1h, output, searches = counts
    named = json.dumps({name: fields.get(name) for name in _USAGE_GROUPS if name != "speed"})
    return (
        f'{{"uncached_input_tokens":{fresh},"cache_read_input_tokens":{cached},'
        f'"cache_creation":{{"ephemeral_5m_input_tokens":{write_5m},'
        f'"ephemeral_1h_input_tokens":{write_1h}}},"output_tokens":{output},'
        f'"server_tool_use":{{"web_search_requests":{searches}}},{named[1:]}'
    )


def _cost_fields(line: Line, groups: tuple[str, ...]) -> tuple[str | None, ...]:
    """The fields of a cost row in the order of `_COST_FIELDS`, null where not grouped."""
    series, described = line.series, "description" in groups
    workspace = old_field_of(series, "workspace_id") if "workspace_id" in groups else None
    if not described:
        return (workspace, *[None] * 7)
    if line.token_type is None:
        return (workspace, description_of(line), line.item, *[None] * 5)
    return (
        workspace,
        description_of(line),
        line.item,
        series.model,
        line.token_type,
        series.tier,
        series.context,
        series.geo or "not_available",
    )


def _bucket_text(start: int, end: int, rows: Iterable[str]) -> str:
    return (
        f'{{"starting_at":"{instant(start)}","ending_at":"{instant(end)}",'
        f'"results":[{",".join(rows)}]}}'
    )


def _page_text(buckets: Iterable[str], next_page: str | None) -> bytes:
    more = "true" if next_page else "false"
    text = f'{{"data":[{",".join(buckets)}],"has_more":{more},"next_page":{json.dumps(next_page)}}}'
    return text.encode()


def _error_type(refused: RefusedError) -> str:
    return {
        401: "authentication_error",
        403: "permission_error",
        404: "not_found_error",
    }.get(refused.status, "invalid_request_error")
