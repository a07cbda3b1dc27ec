"""A small Anthropic on loopback, both generations, with figures and faults of one's own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from loopback import Reply, served

KEY = "sk-ant-admin01-loopback-0123456789abcdef"
Query = dict[str, list[str]]
Fault = Callable[[str, Query], "tuple[int, dict[str, str], bytes] | None"]
Answer = tuple[int, dict[str, str], bytes]

_DIMS = ("api_key_id", "workspace_id", "model", "service_tier", "context_window", "inference_geo")


@dataclass
class LoopbackAnthropic:
    """What the organisation holds: rows of each generation by the instant their bucket begins.

    `newer` None means that the newer API is refused with `newer_status`.
    """

    costs: dict[date, list[dict[str, object]]] = field(default_factory=dict)
    messages: dict[datetime, list[dict[str, object]]] = field(default_factory=dict)
    newer_costs: dict[date, list[dict[str, object]]] | None = None
    newer_usage: dict[datetime, list[dict[str, object]]] | None = None
    newer_status: int = 404
    workspaces: list[dict[str, object]] = field(default_factory=list)
    default_workspace: str | None = None
    keys: list[dict[str, object]] = field(default_factory=list)
    worked: dict[date, list[dict[str, object]]] = field(default_factory=dict)
    fault: Fault = lambda _path, _query: None
    requests: list[str] = field(default_factory=list)
    base_url: str = ""

    def cost(self, day: date, cents: object, **more: object) -> None:
        """One row of the older cost report; `cents` as the report writes them."""
        row: dict[str, object] = {
            "amount": cents,
            "currency": "USD",
            "cost_type": "tokens",
            "description": "Claude Sonnet 4.5 Usage - Input Tokens",
            "model": "claude-sonnet-4-5",
            "service_tier": "standard",
            "token_type": "uncached_input_tokens",
            "context_window": "0-200k",
            "inference_geo": "not_available",
            "workspace_id": None,
        }
        self.costs.setdefault(day, []).append({**row, **more})

    def tokens(self, at: datetime, *, fresh: object, output: object = 0, **more: object) -> None:
        """One row of the older messages report in the hour that begins at `at`."""
        self.messages.setdefault(at, []).append({**_counts(fresh, output), **_dims(more)})

    def newer_tokens(
        self, at: datetime, *, fresh: int, output: int = 0, requests: int | None = 1, **more: object
    ) -> None:
        """One row of the analytics' usage."""
        if self.newer_usage is None:
            self.newer_usage = {}
        usage = {
            **_counts(fresh, output),
            "total_tokens": fresh + output,
            "requests": requests,
        }
        self.newer_usage.setdefault(at, []).append({"group": _dims(more), "usage": usage})

    def newer_cost(
        self, day: date, cents: object, *, listed: object = None, **more: object
    ) -> None:
        """One row of the analytics' cost; at list price, unless `listed` cents are told."""
        if self.newer_costs is None:
            self.newer_costs = {}
        group = {"cost_type": "tokens", "token_type": "uncached_input_tokens", **_dims(more)}
        cost = {
            "amount": cents,
            "list_amount": listed or cents,
            "currency": "USD",
            "requests": None,
        }
        self.newer_costs.setdefault(day, []).append({"group": group, "cost": cost})

    def work(
        self,
        day: date,
        *,
        commits: int,
        cents: float,
        pulls: int = 0,
        added: int = 0,
        kind: str = "api",
    ) -> None:
        """One row of the Claude Code report."""
        estimate = {"currency": "USD", "amount": cents}
        self.worked.setdefault(day, []).append(
            {
                "date": f"{day}T00:00:00Z",
                "actor": {"type": "user_actor", "email_address": f"{kind}@acme.example"},
                "customer_type": kind,
                "terminal_type": "vscode",
                "core_metrics": {
                    "num_sessions": 1,
                    "lines_of_code": {"added": added, "removed": 0},
                    "commits_by_claude_code": commits,
                    "pull_requests_by_claude_code": pulls,
                },
                "model_breakdown": [{"model": "claude-sonnet-5", "estimated_cost": estimate}],
            }
        )

    def answer(self, path: str, query: Query) -> Answer:
        """The answer to one request."""
        fault = self.fault(path, query)
        if fault is not None:
            return fault
        what = path.removeprefix("/v1/organizations/")
        if what == "cost_report":
            return _report(query, {_start(day): rows for day, rows in self.costs.items()})
        if what == "usage_report/messages":
            return _report(query, self.messages)
        if what == "usage_report/claude_code":
            rows = self.worked.get(date.fromisoformat(query["starting_at"][0]), [])
            return _json({"data": rows, "has_more": False, "next_page": None})
        if what == "analytics/cost":
            daily = self.newer_costs
            rows = None if daily is None else {_start(day): r for day, r in daily.items()}
            return self._newer(query, rows)
        if what == "analytics/usage":
            return self._newer(query, self.newer_usage)
        if what == "me":
            return _json({"id": "org_1", "name": "Loopback", "type": "organization"})
        if what == "workspaces":
            more = [{"id": self.default_workspace, "name": "Default"}]
            with_default = self.default_workspace and query.get("include_default") == ["true"]
            return _list([*self.workspaces, *(more if with_default else [])])
        return _list(self.keys if what == "api_keys" else [])

    def _newer(self, query: Query, rows: dict[datetime, list[dict[str, object]]] | None) -> Answer:
        if rows is None:
            return error(self.newer_status, "the analytics is not for you")
        first, last = _span(query)
        hourly = query["time_bucket_width"] == ["1h"]
        width = timedelta(hours=1) if hourly else timedelta(days=1)
        if not hourly:
            days: dict[datetime, list[dict[str, object]]] = {}
            for at in sorted(rows):
                days.setdefault(_start(at.date()), []).extend(rows[at])
            rows = days
        cut: list[dict[str, object]] = []
        for at in sorted(rows):
            if first <= at < last:
                edges = {"starting_at": _text(at), "ending_at": _text(at + width)}
                cut.extend({**edges, **row} for row in rows[at])
        limit, skip = int(query["limit"][0]), int(query.get("page", ["page_0"])[0][5:])
        more = len(cut) > skip + limit
        page = cut[skip : skip + limit]
        return _json(
            {
                "data": page,
                "has_more": more,
                "next_page": f"page_{skip + limit}" if more else None,
                "data_refreshed_at": "2026-11-20T09:00:00Z",
            }
        )


def _counts(fresh: object, output: object) -> dict[str, object]:
    return {
        "uncached_input_tokens": fresh,
        "cache_read_input_tokens": 0,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "output_tokens": output,
        "server_tool_use": {"web_search_requests": 0},
    }


def _dims(more: dict[str, object]) -> dict[str, object]:
    usual: dict[str, object] = dict.fromkeys(_DIMS)
    usual.update({"model": "claude-sonnet-4-5", "service_tier": "standard"})
    return {**usual, **more}


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _span(query: Query) -> tuple[datetime, datetime]:
    first, last = query["starting_at"][0], query["ending_at"][0]
    return datetime.fromisoformat(first), datetime.fromisoformat(last)


def _report(query: Query, rows: dict[datetime, list[dict[str, object]]]) -> Answer:
    first, last = _span(query)
    width = timedelta(hours=1) if query.get("bucket_width") == ["1h"] else timedelta(days=1)
    if "page" in query:
        first = datetime.fromisoformat(query["page"][0])
    stop = min(first + int(query["limit"][0]) * width, last)
    buckets = []
    at = first
    while at < stop:
        inside = [row for start in sorted(rows) if at <= start < at + width for row in rows[start]]
        buckets.append(
            {"starting_at": _text(at), "ending_at": _text(at + width), "results": inside}
        )
        at += width
    more = stop < last
    return _json({"data": buckets, "has_more": more, "next_page": _text(stop) if more else None})


def _list(entries: list[dict[str, object]]) -> Answer:
    return _json({"data": entries, "has_more": False, "first_id": None, "last_id": None})


def error(status: int, message: str) -> Answer:
    """A refusal as Anthropic writes it."""
    body = {"type": "error", "error": {"type": "some_error", "message": message}}
    return _json({**body, "request_id": "req_1"}, status)


def _json(document: object, status: int = 200) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(document).encode()


@contextmanager
def anthropic_on_loopback() -> Iterator[LoopbackAnthropic]:
    """Serve an organisation until the test ends."""
    account = LoopbackAnthropic()

    def answer(path: str, query: dict[str, list[str]], headers: Mapping[str, str]) -> Reply:
        if headers.get("x-api-key") != KEY:
            return error(401, "invalid x-api-key")
        return account.answer(path, query)

    with served(answer, requests=account.requests) as address:
        account.base_url = address
        yield account
