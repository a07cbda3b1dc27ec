"""The simulated OpenAI: usage, costs and names of one organisation, answered as the real one does.

Parameters, limits and shapes follow OpenAI's published API description; where live answers differ
from it (decimal text in `amount.value`, a plain string as `error`), the live form is served.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from operator import add

from plimsoll.demo import company
from plimsoll.demo.asking import Asked, RefusedError, Reply, open_cursor, read_question, seal_cursor
from plimsoll.demo.bills import Line, openai_lines, sum_cells
from plimsoll.demo.company import OpenAIOrganisation
from plimsoll.demo.openai_names import answer_names
from plimsoll.demo.openai_shapes import COSTS_GROUPS, USAGE, Usage
from plimsoll.demo.story import Cell, Story, hours_billed, hours_over
from plimsoll.demo.workloads import Series
from plimsoll.domain.calendar import ONE_DAY, day_start, utc_day

_HOUR = 3600
_DAY = 86400
_WIDTHS = {"1d": _DAY, "1h": _HOUR}
_LIMITS = {"1d": (7, 31), "1h": (24, 168)}
_FIELDS = {
    "project_id": "project",
    "api_key_id": "key",
    "user_id": "user",
    "model": "model",
    "batch": "batch",
    "service_tier": "tier",
}
_FILTERS = {
    "project_ids": "project_id",
    "api_key_ids": "api_key_id",
    "user_ids": "user_id",
    "models": "model",
    "sources": "source",
    "sizes": "size",
    "context_levels": "context_level",
    "vector_store_ids": "vector_store_id",
}
_COST_FILTERS = {
    "project_ids": "project_id",
    "api_key_ids": "api_key_id",
    "line_items": "line_item",
}


class OpenAIApi:
    """One simulated organisation. `key` is the admin key that it demands."""

    def __init__(
        self,
        story: Story,
        *,
        key: str,
        now: Callable[[], datetime],
        organisation: OpenAIOrganisation = company.NORTHWIND,
    ) -> None:
        self._story = story
        self._organisation = organisation
        self._key = key
        self._now = now
        self._plans = lru_cache(maxsize=256)(self._make_plan)
        self._bills = lru_cache(maxsize=2048)(self._make_bill)

    def answer(self, path: str, query: str, headers: Mapping[str, str]) -> Reply:
        """Answer one GET; `path` begins behind the base address, as in `/organization/costs`."""
        try:
            self._check_key(path, headers)
            return Reply(200, self._route(path, query))
        except RefusedError as refused:
            return Reply(refused.status, _error_body(refused))

    def _check_key(self, path: str, headers: Mapping[str, str]) -> None:
        scheme, _, key = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key:
            raise RefusedError(401, "You didn't provide an API key.", code="missing")
        if key.startswith(("sk-proj-", "sk-svcacct-", "sk-None-")):
            usage = path.startswith(("/organization/usage/", "/organization/costs"))
            scope = "api.usage.read" if usage else "api.management.read"
            raise RefusedError(
                403,
                "You have insufficient permissions for this operation. "
                f"Missing scopes: {scope}. Check that you have the correct role in your "
                "organization, and if you're using a restricted API key, that it has the "
                "necessary scopes.",
                code="plain",
            )
        if key != self._key:
            shown = f"{key[:8]}{'*' * 16}{key[-4:]}"
            raise RefusedError(401, f"Incorrect API key provided: {shown}.", code="invalid_api_key")

    def _route(self, path: str, query: str) -> bytes:
        if path == "/organization/costs":
            return self._costs(path, query)
        usage = USAGE.get(path.removeprefix("/organization/usage/"))
        if usage is not None and path.startswith("/organization/usage/"):
            return self._usage(path, query, usage)
        named = answer_names(path, query, self._organisation)
        if named is None:
            raise RefusedError(404, f"Unknown request URL: GET /v1{path}.", code="unknown_url")
        return json.dumps(named, ensure_ascii=False).encode()

    # --- usage ---------------------------------------------------------------------------------

    def _usage(self, path: str, query: str, usage: Usage) -> bytes:
        asked = read_question(
            path,
            query,
            single={"start_time", "end_time", "bucket_width", "limit", "page", *usage.switches},
            arrays={"group_by", *usage.filters},
            brackets_only=False,
        )
        width = asked.choice("bucket_width", _WIDTHS, "1d")
        default, most = _LIMITS[width]
        limit = asked.number("limit", least=1, most=most, default=default)
        groups = asked.group_by(usage.groups)
        plan = self._plans(usage, groups, _filters_of(asked, usage))
        now = self._now()
        buckets = _Buckets(asked, now, step=_WIDTHS[width], limit=limit)
        texts = []
        for start, end in buckets.page:
            rows = self._usage_rows(usage, plan, start, end, now)
            texts.append(_bucket_text(start, end, rows))
        return _page_text(texts, buckets.next_page)

    def _usage_rows(
        self, usage: Usage, plan: _Plan, start: int, end: int, now: datetime
    ) -> Iterator[str]:
        day = _date_of(start)
        first = -(-(start % _DAY) // _HOUR)
        last = min(-(-(end - start + start % _DAY) // _HOUR), hours_over(day, now))
        hours = self._story.day(self._organisation.word, day).hours(usage.name)[first:last]
        if usage.level:  # what is stored does not add up over hours
            hours = hours[-1:]
        sums: dict[int, tuple[int, ...]] = {}
        for cells in hours:
            _add_cells(cells, plan.group_of, sums)
        for group in sorted(sums):
            yield usage.row(sums[group], plan.texts[group])

    def _make_plan(
        self, usage: Usage, groups: tuple[str, ...], filters: tuple[_Filter, ...]
    ) -> _Plan:
        """Which group each series of an endpoint falls into, and what the rows say of it."""
        numbers: dict[tuple[object, ...], int] = {}
        group_of: dict[int, int] = {}
        texts: list[str] = []
        for series in self._story.series[self._organisation.word]:
            if series.endpoint != usage.name or not _passes(series, filters):
                continue
            values = tuple(_field_of(series, name) for name in groups)
            if values not in numbers:
                numbers[values] = len(texts)
                asked = dict(zip(groups, values, strict=True))
                texts.append(json.dumps({name: asked.get(name) for name in usage.groups})[1:])
            group_of[series.number] = numbers[values]
        return _Plan(group_of, texts)

    # --- costs ---------------------------------------------------------------------------------

    def _costs(self, path: str, query: str) -> bytes:
        asked = read_question(
            path,
            query,
            single={"start_time", "end_time", "bucket_width", "limit", "page"},
            arrays={"group_by", "project_ids", "api_key_ids", "line_items"},
            brackets_only=False,
        )
        asked.choice("bucket_width", {"1d"}, "1d")
        limit = asked.number("limit", least=1, most=180, default=7)
        groups = asked.group_by(COSTS_GROUPS)
        if "user_id" in groups and ("project_id" in groups or asked.many("project_ids")):
            raise RefusedError(
                400, "user_id cannot be combined with project_id here.", param="group_by"
            )
        now = self._now()
        buckets = _Buckets(asked, now, step=_DAY, limit=limit)
        texts = []
        for start, end in buckets.page:
            texts.append(_bucket_text(start, end, self._cost_rows(asked, groups, start, now)))
        return _page_text(texts, buckets.next_page)

    def _cost_rows(
        self, asked: Asked, groups: tuple[str, ...], start: int, now: datetime
    ) -> Iterator[str]:
        if start % _DAY:
            return  # a day that is cut off at its beginning has no costs of its own
        day = _date_of(start)
        wanted = [
            (field, asked.many(name)) for name, field in _COST_FILTERS.items() if asked.many(name)
        ]
        sums: dict[tuple[object, ...], tuple[int, Decimal, str | None]] = {}
        for line in self._bills(day, hours_billed(self._organisation.word, day, now)):
            if not all(_cost_field(line, field) in allowed for field, allowed in wanted):
                continue
            values = tuple(_cost_field(line, name) for name in groups)
            nanos, quantity, unit = sums.get(values, (0, Decimal(0), line.unit))
            sums[values] = nanos + line.nanos, quantity + line.quantity, unit
        for values, (nanos, quantity, unit) in sums.items():
            fields = dict(zip(groups, values, strict=True))
            yield _cost_row(self._organisation.id, fields, nanos, quantity, unit)

    def _make_bill(self, day: date, hours: int) -> tuple[Line, ...]:
        """Every line of a day's costs, one a series and line item."""
        if not hours:
            return ()
        told = self._story.day(self._organisation.word, day)
        by_number = self._story.series[self._organisation.word]
        story_day = self._story.story_day(day)
        lines: list[Line] = []
        for name, usage in USAGE.items():
            cells = told.hours(name)[:hours]
            counted = sum_cells(cells[-1:] if usage.level else cells)
            for number, counts in sorted(counted.items()):
                lines.extend(
                    openai_lines(by_number[number], story_day, counts, whole_day=hours == 24)
                )
        return tuple(lines)


class _Plan:
    """How the series of an endpoint fall into the rows of one question."""

    __slots__ = ("group_of", "texts")

    def __init__(self, group_of: dict[int, int], texts: list[str]) -> None:
        self.group_of = group_of
        self.texts = texts


class _Buckets:
    """The time buckets of one page: none begins after the current day (UTC)."""

    def __init__(self, asked: Asked, now: datetime, *, step: int, limit: int) -> None:
        horizon = int(day_start(utc_day(now) + ONE_DAY).timestamp())
        if asked.one("start_time") is None:
            raise RefusedError(400, "Missing required parameter: 'start_time'.", param="start_time")
        most = 10**11
        start = asked.number("start_time", least=0, most=most, default=0)
        until = int(now.astimezone(UTC).timestamp()) + 1
        end = asked.number("end_time", least=0, most=most, default=max(until, start + 1))
        if end <= start:
            raise RefusedError(400, "'end_time' must be after 'start_time'.", param="end_time")
        open_ended = asked.one("end_time") is None
        position = open_cursor(asked, 1)
        at, end = position[0] if position else start, min(end, horizon)
        self.page: list[tuple[int, int]] = []
        while at < end and len(self.page) < limit:
            edge = (at // step + 1) * step
            self.page.append((at, edge if open_ended else min(edge, end)))
            at = edge
        self.next_page = seal_cursor(asked, at) if at < end else None


_Filter = tuple[str, frozenset[object]]


def _filters_of(asked: Asked, usage: Usage) -> tuple[_Filter, ...]:
    found: list[_Filter] = [
        (_FILTERS[name], frozenset(asked.many(name))) for name in usage.filters if asked.many(name)
    ]
    if "batch" in usage.switches and asked.one("batch") is not None:
        found.append(("batch", frozenset({asked.choice("batch", {"true", "false"}, "") == "true"})))
    return tuple(found)


def _passes(series: Series, filters: Sequence[_Filter]) -> bool:
    return all(_field_of(series, name) in values for name, values in filters)


def _field_of(series: Series, name: str) -> object:
    if name == "api_source":
        return "unlabeled"
    if name in _FIELDS:
        return getattr(series, _FIELDS[name])
    return series.details.get(name)


def _cost_field(line: Line, name: str) -> object:
    return line.item if name == "line_item" else _field_of(line.series, name)


def _add_cells(
    cells: Sequence[Cell], group_of: Mapping[int, int], sums: dict[int, tuple[int, ...]]
) -> None:
    for number, counts in cells:
        group = group_of.get(number)
        if group is not None:
            have = sums.get(group)
            sums[group] = counts if have is None else tuple(map(add, have, counts))


def _date_of(seconds: int) -> date:
    return date(1970, 1, 1) + timedelta(days=seconds // _DAY)


def _bucket_text(start: int, end: int, rows: Iterable[str]) -> str:
    return (
        f'{{"object":"bucket","start_time":{start},"end_time":{end},"results":[{",".join(rows)}]}}'
    )


def _page_text(buckets: Sequence[str], next_page: str | None) -> bytes:
    more = "true" if next_page else "false"
    cursor = json.dumps(next_page)
    text = (
        f'{{"object":"page","data":[{",".join(buckets)}],"has_more":{more},"next_page":{cursor}}}'
    )
    return text.encode()


def _cost_row(
    organisation: str,
    fields: Mapping[str, object],
    nanos: int,
    quantity: Decimal,
    unit: str | None,
) -> str:
    row = {name: fields.get(name) for name in COSTS_GROUPS}
    row["organization_id"] = organisation
    amount = Decimal(nanos).scaleb(-9)
    if nanos % 7 == 0:  # some live amounts are numbers, small ones with an exponent
        value = str(amount.normalize()) if abs(amount) < 1 else f"{amount:f}"
    else:
        value = f'"{amount:f}{"0" * (nanos % 5 * 2)}"'
    text = json.dumps(row)[1:-1]
    counted = ""
    if "line_item" in fields:
        whole = quantity.normalize()
        counted = f',"quantity":{whole:f},"quantity_unit":{json.dumps(unit)}'
    return (
        '{"object":"organization.costs.result",'
        f'"amount":{{"value":{value},"currency":"usd"}},{text}{counted}}}'
    )


def _error_body(refused: RefusedError) -> bytes:
    if refused.code == "plain":
        return json.dumps({"error": refused.message}).encode()
    error = {
        "message": refused.message,
        "type": "invalid_request_error",
        "param": refused.param,
        "code": None if refused.code == "missing" else refused.code or None,
    }
    return json.dumps({"error": error}).encode()
