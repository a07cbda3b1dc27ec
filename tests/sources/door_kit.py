"""What the tests of the network door share: a clock, a door, and a look for traces of the key."""

from __future__ import annotations

import time
import traceback
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from fault_server import FaultServer

from plimsoll.domain.errors import (
    PlimsollError,
)
from plimsoll.domain.secret import Secret
from plimsoll.sources.base import KeyHeader
from plimsoll.sources.http import Door

KEY = "sk-admin-Q7vX2mPz9LkRt4WbNcYd8Hf3Js6Ga1Ue-5Tq"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class FakeClock:
    """Real time, but for the sleeps, which pass at once and are written down."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self.slept = 0.0
        self.longest_sleep = 0.0
        self.on_sleep: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.ahead)

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead

    def sleep(self, seconds: float) -> None:
        self.on_sleep()
        self.ahead += seconds
        self.slept += seconds
        self.longest_sleep = max(self.longest_sleep, seconds)


def open_door(server: FaultServer | str, clock: FakeClock, **more: object) -> Door:
    wanted: dict[str, object] = {
        "base_url": server if isinstance(server, str) else f"{server.url}/v1",
        "key": Secret(KEY),
        "key_header": KeyHeader("Authorization", "Bearer"),
        "headers": {},
        "title": "OpenAI",
        "clock": clock,
    }
    return Door(**(wanted | more))  # type: ignore[arg-type]


def ask(server: FaultServer | str, clock: FakeClock, **more: object) -> dict[str, object]:
    with open_door(server, clock, **more) as door:
        return door.get("/costs")


def refused(
    *scripts: object, clock: FakeClock, kind: type[PlimsollError] = PlimsollError, **more: object
) -> PlimsollError:
    """The error that a server with these scripts brings about; it never shows the key."""
    with FaultServer(*scripts) as server, pytest.raises(kind) as caught:  # type: ignore[arg-type]
        ask(server, clock, **more)
    assert_shows_no_key(caught.value)
    return caught.value


def key_forms() -> Iterator[str]:
    yield KEY
    yield from (KEY[-size:] for size in (4, 6, 12))
    yield from (KEY[len("sk-admin-") :][:size] for size in (5, 8, 12))
    yield KEY[:13]
    yield KEY.encode().hex()
    yield b64encode(KEY.encode()).decode().rstrip("=")
    yield b64encode(f"x{KEY}".encode()).decode().rstrip("=")[4:-4]
    yield KEY.swapcase()


def assert_shows_no_key(error: BaseException) -> None:
    assert error.__cause__ is None
    assert error.__context__ is None
    texts = [str(error), repr(error), repr(error.args), repr(vars(error))]
    # With the local values of every frame of the program itself; the test's own hold the key.
    for frame in traceback.TracebackException.from_exception(error, capture_locals=True).stack:
        if "plimsoll/" in frame.filename.replace("\\", "/").split("/src/")[-1]:
            texts += [f"{name}={value}" for name, value in (frame.locals or {}).items()]
    for text in texts:
        for form in key_forms():
            assert form not in text
