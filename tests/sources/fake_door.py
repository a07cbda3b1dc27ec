"""A door that asks nobody: it records what is asked and answers from a function."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from plimsoll.domain.errors import NotOffered, PlimsollError

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
    """One request, as the connector made it."""

    path: str
    params: tuple[tuple[str, str], ...]
    headers: Mapping[str, str] | None = None

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

    def get(
        self,
        path: str,
        params: Iterable[tuple[str, str]] = (),
        *,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, object]:
        call = Call(path, tuple(params), headers)
        self.calls.append(call)
        return as_read(self.answer(call))

    def asked(self, path: str) -> list[Call]:
        return [call for call in self.calls if call.path == path]


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
