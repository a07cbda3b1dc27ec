"""The simulated Anthropic's newer analytics: usage and cost by any dimension, rows as pages.

Meanings and limits follow the official Python client (anthropic 2.12.0, organization.analytics).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from operator import add

from plimsoll.demo import company
from plimsoll.demo.anthropic_words import cents, instant, new_field_of, read_instant
from plimsoll.demo.asking import Asked, RefusedError, open_cursor, read_question, seal_cursor
from plimsoll.demo.bills import anthropic_lines
from plimsoll.demo.story import Story, hours_over
from plimsoll.demo.workloads import Series
from plimsoll.domain.calendar import ONE_DAY, day_start, utc_day

BETA = "analytics-usage-cost-2026-08-24"
"""What the `anthropic-beta` header must hold."""

FIRST_DAY = date(2026, 1, 1)
REACH = timedelta(days=365)
"""The analytics answer for the last 365 days, and for nothing before 2026."""

_HOUR = 3600
_WIDTHS = {"1d": 24 * _HOUR, "1h": _HOUR}
_LONGEST = 31 * 24 * _HOUR

_USAGE_GROUPS = (
    "actor",
    "actor_type",
    "agent_id",
    "api_key_id",
    "claude_tag_category",
    "claude_tag_user_id",
    "context_window",
    "deployment_id",
    "environment_id",
    "inference_geo",
    "model",
    "organization_id",
    "product",
    "rbac_group_id",
    "service_tier",
    "session_id",
    "slack_channel_id",
    "speed",
    "user_profile_id",
    "workspace_id",
)
_ONLY_WHEN_ASKED = frozenset(
    {
        "claude_tag_category",
        "claude_tag_user_id",
        "deployment_id",
        "environment_id",
        "organization_id",
        "rbac_group_id",
        "session_id",
        "slack_channel_id",
        "user_profile_id",
    }
)
"""Dimensions that this organisation has nothing of: left out of a row that is not split by them."""

_COST_GROUPS = (*_USAGE_GROUPS, "cost_type", "token_type")
_FILTERS = {
    "api_key_ids": "api_key_id",
    "workspace_ids": "workspace_id",
    "models": "model",
    "service_tiers": "service_tier",
    "context_windows": "context_window",
    "inference_geos": "inference_geo",
    "speeds": "speed",
}


def reaches_to(now: datetime) -> date:
    """The first whole provider day that the analytics answer for at `now`."""
    return max(FIRST_DAY, utc_day(now - REACH) + ONE_DAY)


@dataclass(frozen=True, slots=True)
class _Found:
    """The counts of one group in one bucket; costs are components (type, token type) of amounts."""

    start: int
    end: int
    group: tuple[str | None, ...]
    counts: tuple[int, ...] = ()
    costs: tuple[tuple[str, str | None, int, int], ...] = ()
    calls: int = 0


_Filter = tuple[str, frozenset[str | None]]


@dataclass(frozen=True, slots=True)
class _Question:
    """What one question asks for, whichever of its pages: `span` is start, end, bucket width."""

    kind: str
    groups: tuple[str, ...]
    filters: tuple[_Filter, ...]
    span: tuple[int, int, int]
    order: str
    order_by: str
    refreshed: int


class Analytics:
    """The analytics endpoints of one organisation, up to the last full hour."""

    def __init__(self, story: Story, *, now: Callable[[], datetime]) -> None:
        self._story = story
        self._now = now
        self._remembered = lru_cache(maxsize=8)(self._find)

    def answer(self, path: str, query: str, headers: Mapping[str, str]) -> bytes:
        """The JSON body of one page; `RefusedError` where the real one refuses."""
        betas = [word.strip() for word in headers.get("anthropic-beta", "").split(",")]
        if BETA not in betas:
            raise RefusedError(400, f"anthropic-beta: this endpoint needs {BETA}")
        kinds = {"usage": _USAGE_GROUPS, "cost": _COST_GROUPS}
        kind = path.removeprefix("/v1/organizations/analytics/")
        if kind not in kinds:
            raise RefusedError(404, f"Not found: {path}")
        asked = read_question(
            path,
            query,
            single={
                "starting_at",
                "ending_at",
                "time_bucket_width",
                "limit",
                "order",
                "order_by",
                "page",
            },
            arrays={"group_by", *_FILTERS},
            brackets_only=True,
        )
        return self._page(asked, kind, _asked_groups(asked, kinds[kind]))

    def _page(self, asked: Asked, kind: str, groups: tuple[str, ...]) -> bytes:
        limit = asked.number("limit", least=1, most=1000, default=20)
        position = open_cursor(asked, 2)
        at, refreshed = position or (0, int(self._now().timestamp()) // _HOUR * _HOUR)
        order = asked.choice("order", {"asc", "desc"}, "desc")
        metrics = (
            ("total_tokens", "output_tokens", "requests", "uncached_input_tokens")
            if kind == "usage"
            else ("amount", "list_amount")
        )
        order_by = asked.choice("order_by", {*metrics, "time"}, metrics[0])
        filters = tuple(
            (field, frozenset(value or None for value in asked.many(name)))
            for name, field in _FILTERS.items()
            if asked.many(name)
        )
        plain = tuple(name for name in groups if name not in ("cost_type", "token_type"))
        span = self._span(asked, refreshed)
        found = self._remembered(_Question(kind, plain, filters, span, order, order_by, refreshed))
        rows: list[str] = []
        for one in found[at : at + limit]:
            rows.extend(_usage_text(one, plain) if kind == "usage" else _cost_texts(one, groups))
        more = at + limit < len(found)
        cursor = seal_cursor(asked, at + limit, refreshed) if more else None
        return (
            f'{{"data":[{",".join(rows)}],"has_more":{"true" if more else "false"},'
            f'"next_page":{json.dumps(cursor)},"data_refreshed_at":"{instant(refreshed)}"}}'
        ).encode()

    def _span(self, asked: Asked, refreshed: int) -> tuple[int, int, int]:
        """The asked range and the bucket width in seconds, 0 for the whole range as one."""
        width = asked.choice("time_bucket_width", _WIDTHS, "")
        start, end = read_instant(asked, "starting_at"), read_instant(asked, "ending_at")
        if start is None:
            raise RefusedError(400, "starting_at: Field required", param="starting_at")
        now = self._now().astimezone(UTC)
        earliest = max(day_start(FIRST_DAY), now - REACH)
        if start < int(earliest.timestamp()):
            raise RefusedError(
                400,
                "starting_at must be within the last 365 days and not before 2026-01-01",
                param="starting_at",
            )
        if end is None:
            if width:
                raise RefusedError(
                    400, "ending_at is required with time_bucket_width", param="ending_at"
                )
            end = min(refreshed, start + _LONGEST)
        if end <= start and not (width == "" and end == start):
            raise RefusedError(400, "ending_at must be after starting_at", param="ending_at")
        if end - start > _LONGEST:
            raise RefusedError(400, "The range may span at most 31 days", param="ending_at")
        return start // _HOUR * _HOUR, end // _HOUR * _HOUR, _WIDTHS.get(width, 0)

    def _find(self, question: _Question) -> list[_Found]:
        """Every group with use in the span, in order; the same for every page of a question."""
        chosen = {
            series.number: tuple(new_field_of(series, name) for name in question.groups)
            for series in self._story.series["anthropic"]
            if _passes(series, question.filters)
        }
        start, end, step = question.span
        refreshed = question.refreshed
        found: list[_Found] = []
        at = start
        while at < min(end, refreshed):
            edge = min(end, (at // step + 1) * step) if step else end
            shown = (at // step * step, (at // step + 1) * step) if step else (start, end)
            if question.kind == "usage":
                found.extend(self._usage(at, min(edge, refreshed), shown, chosen))
            else:
                found.extend(self._cost(at, min(edge, refreshed), shown, chosen))
            at = edge
        return _ordered(found, question.order, question.order_by)

    def _counted(
        self, start: int, end: int, endpoint: str
    ) -> list[tuple[date, int, tuple[int, ...]]]:
        """Day, series and counts of every cell of some hours, summed by day and series."""
        moment, last = datetime.fromtimestamp(start, tz=UTC), datetime.fromtimestamp(end, tz=UTC)
        rows: list[tuple[date, int, tuple[int, ...]]] = []
        while moment < last:
            day = moment.date()
            until = min(last, day_start(day + ONE_DAY))
            first = moment.hour
            count = first + int((until - moment).total_seconds()) // _HOUR
            visible = min(count, hours_over(day, last))
            sums: dict[int, tuple[int, ...]] = {}
            for cells in self._story.day("anthropic", day).hours(endpoint)[first:visible]:
                for number, counts in cells:
                    have = sums.get(number)
                    sums[number] = counts if have is None else tuple(map(add, have, counts))
            rows.extend((day, number, counts) for number, counts in sums.items())
            moment = until
        return rows

    def _usage(
        self,
        start: int,
        end: int,
        shown: tuple[int, int],
        chosen: Mapping[int, tuple[str | None, ...]],
    ) -> list[_Found]:
        sums: dict[tuple[str | None, ...], tuple[int, ...]] = {}
        for _day, number, counts in self._counted(start, end, "messages"):
            group = chosen.get(number)
            if group is not None:
                have = sums.get(group)
                sums[group] = counts if have is None else tuple(map(add, have, counts))
        return [_Found(*shown, group, counts) for group, counts in sums.items()]

    def _cost(
        self,
        start: int,
        end: int,
        shown: tuple[int, int],
        chosen: Mapping[int, tuple[str | None, ...]],
    ) -> list[_Found]:
        by_number = self._story.series["anthropic"]
        costs: dict[tuple[str | None, ...], dict[tuple[str, str | None], tuple[int, int]]] = {}
        calls: dict[tuple[str | None, ...], int] = {}
        for endpoint in ("messages", "code_execution"):
            for day, number, counts in self._counted(start, end, endpoint):
                group = chosen.get(number)
                lines = anthropic_lines(by_number[number], self._story.story_day(day), counts)
                if group is None or not lines:
                    continue
                parts = costs.setdefault(group, {})
                calls[group] = calls.get(group, 0) + counts[0]
                for line in lines:
                    part = (line.item, line.token_type)
                    amount, listed = parts.get(part, (0, 0))
                    parts[part] = amount + line.nanos, listed + line.listed
        return [
            _Found(
                *shown,
                group,
                costs=tuple((*part, *amounts) for part, amounts in parts.items()),
                calls=calls[group],
            )
            for group, parts in costs.items()
        ]


def _asked_groups(asked: Asked, allowed: Sequence[str]) -> tuple[str, ...]:
    groups = asked.group_by(allowed)
    if len([name for name in groups if name not in ("cost_type", "token_type")]) > 5:
        raise RefusedError(400, "group_by: at most 5 dimensions", param="group_by")
    return groups


def _passes(series: Series, filters: tuple[_Filter, ...]) -> bool:
    for name, values in filters:
        value = new_field_of(series, name)
        if name == "inference_geo" and value is None:
            value = "not_available"
        if value not in values:
            return False
    return True


def _ordered(found: list[_Found], order: str, order_by: str) -> list[_Found]:
    """By a metric or by time; within a bucket the largest first, ties in the story's order."""
    descending = order == "desc"
    if order_by != "time":
        return sorted(found, key=lambda one: _metric(one, order_by), reverse=descending)
    inner = "amount" if found and found[0].costs else "total_tokens"
    largest = sorted(found, key=lambda one: _metric(one, inner), reverse=True)
    return sorted(largest, key=lambda one: one.start, reverse=descending)


def _metric(one: _Found, name: str) -> int:
    match name:
        case "amount":
            return sum(amount for *_, amount, _ in one.costs)
        case "list_amount":
            return sum(listed for *_, listed in one.costs)
        case "output_tokens":
            return one.counts[5]
        case "requests":
            return one.counts[0]
        case "uncached_input_tokens":
            return one.counts[1]
    return sum(one.counts[1:6])


@lru_cache(maxsize=4096)
def _group_text(
    groups: tuple[str, ...], values: tuple[str | None, ...], names: Sequence[str]
) -> str:
    """Every dimension that means something here, null where it was not asked for."""
    asked: dict[str, object] = dict(zip(groups, values, strict=True))
    if isinstance(asked.get("actor"), str):
        asked["actor"] = _actor(str(asked["actor"]))
    shown = [name for name in names if name in asked or name not in _ONLY_WHEN_ASKED]
    return json.dumps({name: asked.get(name) for name in shown}, ensure_ascii=False)


def _actor(identity: str) -> dict[str, object]:
    """A person, the service account, or a key that is nobody's."""
    person = next((one for one in company.PEOPLE if one.anthropic_id == identity), None)
    if person is not None:
        return {
            "type": "user_actor",
            "user_id": identity,
            "name": person.name,
            "email_address": person.email,
            "deleted": False,
        }
    if identity == company.CHAT_SERVICE:
        return {"type": "service_account_actor", "service_account_id": identity}
    return {"type": "api_actor", "api_key_id": identity}


def _usage_text(one: _Found, groups: tuple[str, ...]) -> list[str]:
    calls, fresh, cached, write_5m, write_1h, output, searches = one.counts
    row = (
        f'{{"starting_at":"{instant(one.start)}","ending_at":"{instant(one.end)}",'
        f'"group":{_group_text(groups, one.group, _USAGE_GROUPS)},"usage":'
        f'{{"uncached_input_tokens":{fresh},"cache_creation":'
        f'{{"ephemeral_5m_input_tokens":{write_5m},"ephemeral_1h_input_tokens":{write_1h}}},'
        f'"cache_read_input_tokens":{cached},"output_tokens":{output},'
        f'"total_tokens":{sum(one.counts[1:6])},"requests":{calls},'
        f'"server_tool_use":{{"web_search_requests":{searches}}}}}}}'
    )
    return [row]


def _cost_texts(one: _Found, groups: tuple[str, ...]) -> list[str]:
    """One row, or one for each component that was asked for.

    By `token_type` alone only tokens come back; with `cost_type` the other components do, too.
    """
    plain = tuple(name for name in groups if name not in ("cost_type", "token_type"))
    by_type, by_token = "cost_type" in groups, "token_type" in groups
    parts: dict[tuple[str | None, str | None], tuple[int, int]] = {}
    for component, kind, amount, listed in one.costs:
        if by_token and not by_type and component != "tokens":
            continue
        part = (component if by_type or by_token else None, kind if by_token else None)
        have = parts.get(part, (0, 0))
        parts[part] = have[0] + amount, have[1] + listed
    calls = "null" if by_type or by_token else str(one.calls)
    rows = []
    for (cost_type, token_type), (amount, listed) in parts.items():
        names = (*plain, "cost_type", "token_type")
        group = _group_text(names, (*one.group, cost_type, token_type), _COST_GROUPS)
        rows.append(
            f'{{"starting_at":"{instant(one.start)}","ending_at":"{instant(one.end)}",'
            f'"group":{group},"cost":{{"amount":"{cents(amount)}",'
            f'"list_amount":"{cents(listed)}","currency":"USD","requests":{calls}}}}}'
        )
    return rows
