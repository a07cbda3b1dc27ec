"""A small OpenAI on loopback, with figures and faults of one's own, for end-to-end tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from loopback import Reply, served

KEY = "sk-admin-loopback-0123456789abcdef"
DAY = 86_400
HOUR = 3_600

Fault = Callable[[str, dict[str, list[str]]], "tuple[int, dict[str, str], bytes] | None"]


@dataclass
class LoopbackOpenAI:
    """What the account holds: costs by day, and usage rows by (endpoint, hour or day start)."""

    costs: dict[date, list[dict[str, object]]] = field(default_factory=dict)
    usage: dict[str, dict[int, list[dict[str, object]]]] = field(default_factory=dict)
    projects: list[dict[str, object]] = field(default_factory=list)
    limits: dict[str, int] = field(default_factory=dict)
    """Monthly spend limits in cents, by the path behind `/v1/organization`."""
    fault: Fault = lambda _path, _query: None
    requests: list[str] = field(default_factory=list)
    base_url: str = ""
    organisation: str | None = None
    """The id that costs rows bear, where they bear one."""

    def cost(
        self, day: date, value: object, *, line_item: str | None, project: str = "proj_1"
    ) -> None:
        """One cost row of a day."""
        row = {
            "object": "organization.costs.result",
            "amount": {"value": value, "currency": "usd"},
            "line_item": line_item,
            "project_id": project,
            "api_key_id": "key_1",
        }
        if self.organisation is not None:
            row["organization_id"] = self.organisation
        self.costs.setdefault(day, []).append(row)

    def tokens(
        self, at: datetime, *, model: str, input_tokens: int, output_tokens: int, **more: object
    ) -> None:
        """One row of completions usage in the hour that begins at `at`."""
        row: dict[str, object] = {
            "object": "organization.usage.completions.result",
            "input_tokens": input_tokens,
            "output_tokens": output_tokens,
            "num_model_requests": 1,
            "model": model,
            "project_id": "proj_1",
            "user_id": None,
            "api_key_id": "key_1",
            "batch": False,
            "service_tier": None,
        }
        row.update(more)
        start = int(at.timestamp())
        self.usage.setdefault("completions", {}).setdefault(start, []).append(row)

    def answer(self, path: str, query: dict[str, list[str]]) -> tuple[int, dict[str, str], bytes]:
        """The answer to one request."""
        fault = self.fault(path, query)
        if fault is not None:
            return fault
        if path == "/v1/organization/costs":
            rows = {_start(day): rows for day, rows in self.costs.items()}
            return _page(query, DAY, rows)
        if path.startswith("/v1/organization/usage/"):
            width = HOUR if query.get("bucket_width") == ["1h"] else DAY
            return _page(query, width, self._rows(path.rsplit("/", 1)[1], width))
        if path.endswith("/spend_limit"):
            return _limit(self.limits.get(path.removeprefix("/v1/organization")))
        if path == "/v1/organization/projects":
            return _json({"object": "list", "data": self.projects, "has_more": False})
        return _json({"object": "list", "data": [], "has_more": False})

    def _rows(self, endpoint: str, width: int) -> dict[int, list[dict[str, object]]]:
        rows: dict[int, list[dict[str, object]]] = {}
        for start, found in self.usage.get(endpoint, {}).items():
            rows.setdefault(start - start % width, []).extend(found)
        return rows


def _limit(cents: int | None) -> tuple[int, dict[str, str], bytes]:
    if cents is None:
        return 404, {}, b'{"error": {"message": "No spend limit is set.", "code": "not_found"}}'
    return _json({"threshold_amount": cents, "currency": "USD", "interval": "month"})


def _start(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _page(
    query: dict[str, list[str]], width: int, rows: dict[int, list[dict[str, object]]]
) -> tuple[int, dict[str, str], bytes]:
    start, limit = int(query["start_time"][0]), int(query.get("limit", ["7"])[0])
    end = int(query.get("end_time", [str(start + limit * width)])[0])
    if "page" in query:
        start = int(query["page"][0].removeprefix("page_"))
    stop = min(start + limit * width, end)
    buckets = [
        {
            "object": "bucket",
            "start_time": at,
            "end_time": at + width,
            "results": rows.get(at, []),
        }
        for at in range(start, stop, width)
    ]
    more = stop < end
    return _json(
        {
            "object": "page",
            "data": buckets,
            "has_more": more,
            "next_page": f"page_{stop}" if more else None,
        }
    )


def _json(document: object, status: int = 200) -> tuple[int, dict[str, str], bytes]:
    return status, {"Content-Type": "application/json"}, json.dumps(document).encode()


@contextmanager
def openai_on_loopback() -> Iterator[LoopbackOpenAI]:
    """Serve an account until the test ends."""
    account = LoopbackOpenAI()

    def answer(path: str, query: dict[str, list[str]], headers: Mapping[str, str]) -> Reply:
        if headers.get("Authorization") != f"Bearer {KEY}":
            error = {"error": {"message": "Incorrect API key provided", "type": "invalid"}}
            return _json(error, 401)
        return account.answer(path, query)

    with served(answer, requests=account.requests) as address:
        account.base_url = f"{address}/v1"
        yield account
