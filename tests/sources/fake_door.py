"""A door that asks nobody: it records what is asked and answers from a function."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from plimsoll.domain.errors import NotOffered, PlimsollError
from plimsoll.domain.redaction import Redactor
from plimsoll.sources.refusals import Refusals
from plimsoll.sources.verdicts import Verdicts
from plimsoll.sources.wire import Reply

T = TypeVar("T")

NOW = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)


@dataclass
class StillClock:
    """A clock that stands, and counts its sleeps."""

    instant: datetime = NOW
    slept: float = 0.0

    def now(self) -> datetime:
        return self.instant

    def monotonic(self) -> float:
        return self.slept

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.instant += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Call:
    """One request, as the connector made it; `body` is that of a query, `at` the address asked."""

    path: str
    params: tuple[tuple[str, str], ...]
    headers: Mapping[str, str] | None = None
    method: str = "GET"
    at: str = ""
    body: Mapping[str, Any] | None = None

    def __getitem__(self, name: str) -> str:
        return dict(self.params)[name]

    def get(self, name: str) -> str | None:
        return dict(self.params).get(name)

    def every(self, name: str) -> tuple[str, ...]:
        return tuple(value for key, value in self.params if key == name)


Answer = Callable[[Call], dict[str, Any]]


@dataclass
class FakeDoor:
    """Stands where the one network door stands; an answer is a JSON object, or an error raised."""

    answer: Answer
    clock: StillClock = field(default_factory=StillClock)
    calls: list[Call] = field(default_factory=list)
    host: str = "provider.example"
    places: set[str] | None = None
    """The words of the addresses that were declared; None where any will do."""

    def get(
        self,
        path: str,
        params: Iterable[tuple[str, str]] = (),
        *,
        headers: Mapping[str, str] | None = None,
        at: str = "",
        verdicts: Verdicts | None = None,
    ) -> dict[str, object]:
        return self._answered(Call(path, tuple(params), headers, at=at), verdicts)

    def query(
        self,
        path: str,
        body: Mapping[str, object] | None = None,
        params: Iterable[tuple[str, str]] = (),
        *,
        headers: Mapping[str, str] | None = None,
        at: str = "",
        verdicts: Verdicts | None = None,
    ) -> dict[str, object]:
        sent = None if body is None else json.loads(json.dumps(body))
        return self._answered(Call(path, tuple(params), headers, "POST", at, sent), verdicts)

    def _answered(self, call: Call, verdicts: Verdicts | None) -> dict[str, object]:
        assert self.places is None or call.at in self.places, f"{call.at} was not declared"
        self.calls.append(call)
        body = as_read(self.answer(call))
        if verdicts is not None:
            judge(body, verdicts, self.clock)
        return body

    def asked(self, path: str) -> list[Call]:
        return [call for call in self.calls if call.path == path]


def judge(body: dict[str, object], verdicts: Verdicts, clock: StillClock) -> None:
    """Raise what the real door raises for a refusal inside HTTP 200, without waiting."""
    refusals = Refusals(
        title="Provider", host="provider.example", redactor=Redactor(), clock=clock, patience=30
    )
    judged = verdicts.judge(Reply(200, {}, json.dumps(body, default=str).encode()))
    if judged.status == 429:
        about_money = refusals.is_about_money(judged)
        raise refusals.out_of_money(judged) if about_money else refusals.rate_limited(wait=60)
    if judged.status != 200:
        raise refusals.refusal(judged)


def as_read(body: dict[str, Any]) -> dict[str, object]:
    """A body as the door reads it: figures with a point are decimals, nothing is shared."""
    return json.loads(json.dumps(body, default=str), parse_float=Decimal)


def refused(status: int = 404) -> NotOffered:
    return NotOffered(f"does not offer this (status {status}).", status=status)


def paged(
    buckets: list[dict[str, Any]], call: Call, *, size: int, envelope: str | None = "page"
) -> dict[str, Any]:
    """A page of `buckets`, `size` on it; the cursor says where the next one begins."""
    cursor = call.get("page")
    first = int(cursor.removeprefix("page_")) if cursor else 0
    more = first + size < len(buckets)
    page: dict[str, Any] = {
        "data": buckets[first : first + size],
        "has_more": more,
        "next_page": f"page_{first + size}" if more else None,
    }
    return {"object": envelope, **page} if envelope else page


def came_before(items: Iterator[T]) -> tuple[list[T], PlimsollError]:
    """What came before the error, and the error; there must be one."""
    came: list[T] = []
    try:
        for item in items:
            came.append(item)  # noqa: PERF402 - each is kept before the next is asked for
    except PlimsollError as error:
        return came, error
    raise AssertionError(f"no error came, but {came}")
