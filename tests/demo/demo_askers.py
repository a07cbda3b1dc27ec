"""Asking the simulated providers without a socket, at a fixed present: what the tests share."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from plimsoll.demo.anthropic_api import AnthropicApi
from plimsoll.demo.openai_api import OpenAIApi
from plimsoll.demo.story import Story
from plimsoll.demo.truth import Truth
from plimsoll.domain.calendar import ONE_DAY, day_start

NOW = datetime(2026, 11, 23, 19, 43, tzinfo=UTC)
OPENAI_KEY = "sk-admin-demo-0000"
ANTHROPIC_KEY = "sk-ant-admin01-demo-0000"
BETA = {"anthropic-beta": "analytics-usage-cost-2026-08-24"}

Params = list[tuple[str, object]]


@dataclass
class Asker:
    """One simulated provider, asked with the right key unless told otherwise."""

    api: OpenAIApi | AnthropicApi
    headers: dict[str, str]

    def raw(self, path: str, params: Params = [], **headers: str) -> tuple[int, Any]:  # noqa: B006 - read only
        sent = self.headers | {name.replace("_", "-"): text for name, text in headers.items()}
        reply = self.api.answer(path, urlencode(params), {k: v for k, v in sent.items() if v})
        return reply.status, json.loads(reply.body, parse_float=Decimal)

    def get(self, path: str, params: Params = [], **headers: str) -> Any:  # noqa: B006 - read only
        status, body = self.raw(path, params, **headers)
        assert status == 200, body
        return body

    def pages(self, path: str, params: Params, **headers: str) -> Iterator[Any]:
        """Every page of an answer, by its cursor."""
        seen: set[str] = set()
        page = self.get(path, params, **headers)
        while True:
            yield page
            cursor = page["next_page"]
            assert page["has_more"] is (cursor is not None)
            if cursor is None:
                return
            assert cursor not in seen, "a cursor came twice"
            seen.add(cursor)
            page = self.get(path, [*params, ("page", cursor)], **headers)

    def rows(self, path: str, params: Params, **headers: str) -> list[tuple[Any, dict[str, Any]]]:
        """The start of its bucket and every row of a bucketed answer."""
        return [
            (bucket.get("start_time", bucket.get("starting_at")), row)
            for page in self.pages(path, params, **headers)
            for bucket in page["data"]
            for row in bucket["results"]
        ]


@dataclass
class World:
    """A story with both its providers and its truth, as of `now`."""

    story: Story
    openai: Asker
    anthropic: Asker
    truth: Truth


def unix(day: date) -> int:
    return int(day_start(day).timestamp())


def rfc3339(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def openai_span(first: date, last: date) -> Params:
    return [("start_time", unix(first)), ("end_time", unix(last + ONE_DAY))]


def anthropic_span(first: date, last: date) -> Params:
    return [("starting_at", rfc3339(first)), ("ending_at", rfc3339(last + ONE_DAY))]


def nanos(value: Decimal | str | int, unit: Decimal = Decimal(1)) -> int:
    """An amount as nano-dollars; it must be a whole number of them."""
    exact = Decimal(value) * unit * 1_000_000_000
    assert exact == int(exact), value
    return int(exact)
