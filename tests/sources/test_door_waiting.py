"""The network door waits as it is asked, within one patience that no server can stretch."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime

import pytest
from door_kit import NOW, FakeClock, ask, assert_shows_no_key, open_door, refused
from fault_server import FaultServer, answer, drip, raw, reset_after, response, silence

from plimsoll.domain.errors import (
    NoAnswer,
    ProviderDown,
    RateLimited,
)

# Waiting


def test_429_is_waited_out_as_long_as_it_asks(clock: FakeClock) -> None:
    with FaultServer(
        answer(429, headers=[("Retry-After", "7.5")]), answer(body={"a": 1})
    ) as server:
        assert ask(server, clock) == {"a": 1}
    assert clock.slept == pytest.approx(7.5)
    assert clock.longest_sleep <= 0.2


def test_429_with_a_date_counts_from_the_answers_own_date(clock: FakeClock) -> None:
    theirs = NOW - timedelta(days=3)
    headers = [
        ("Date", format_datetime(theirs, usegmt=True)),
        ("Retry-After", format_datetime(theirs + timedelta(seconds=9), usegmt=True)),
    ]
    with FaultServer(answer(429, headers=headers), answer()) as server:
        ask(server, clock)
    assert clock.slept == pytest.approx(9)


def test_a_wait_longer_than_the_patience_is_told_at_once(clock: FakeClock) -> None:
    error = refused(answer(429, headers=[("Retry-After", "120")]), clock=clock, kind=RateLimited)
    assert isinstance(error, RateLimited)
    assert error.until == NOW + timedelta(seconds=120)
    assert "until 12:02 UTC on 2026-11-23" in str(error)
    assert clock.slept == 0


def test_patience_is_one_for_all_requests_of_a_door(clock: FakeClock) -> None:
    limited = answer(429, headers=[("Retry-After", "12")])
    with (
        FaultServer(limited, answer(), limited, answer(), limited) as server,
        open_door(server, clock) as door,
    ):
        door.get("/costs")
        door.get("/costs")
        with pytest.raises(RateLimited):
            door.get("/costs")
    assert clock.slept == pytest.approx(24)


def test_nothing_is_asked_before_the_time_that_the_provider_named(clock: FakeClock) -> None:
    with (
        FaultServer(answer(429, headers=[("Retry-After", "60")]), answer(body={"a": 1})) as server,
        open_door(server, clock) as door,
    ):
        for _ in range(2):
            with pytest.raises(RateLimited) as caught:
                door.get("/costs")
            assert_shows_no_key(caught.value)
        assert len(server.requests) == 1
        clock.ahead += 60
        assert door.get("/costs") == {"a": 1}


@pytest.mark.parametrize(
    "value", ["soon", "", "-5", "1e3", "٣", "Mon, 99 Foo 2026", "5, 10", "nan"]
)
@pytest.mark.usefixtures("full_back_off")
def test_a_retry_after_that_is_garbage_becomes_a_growing_back_off(
    value: str, clock: FakeClock
) -> None:
    limited = raw(
        b"HTTP/1.1 429 No\r\nContent-Length: 0\r\nRetry-After: " + value.encode() + b"\r\n\r\n"
    )
    with FaultServer(limited, limited, limited, answer(body={"a": 1})) as server:
        assert ask(server, clock) == {"a": 1}
    assert clock.slept == pytest.approx(1 + 2 + 4)


@pytest.mark.usefixtures("full_back_off")
def test_429_for_ever_ends_as_rate_limited_within_the_patience(clock: FakeClock) -> None:
    error = refused(answer(429), clock=clock, kind=RateLimited)
    assert isinstance(error, RateLimited)
    assert clock.slept == pytest.approx(1 + 2 + 4 + 8)
    assert error.until == clock.now() + timedelta(seconds=16)


@pytest.mark.parametrize("value", ["0", "1", "Mon, 01 Jan 2024 00:00:00 GMT"])
@pytest.mark.usefixtures("full_back_off")
def test_a_retry_after_of_next_to_nothing_does_not_hammer(value: str, clock: FakeClock) -> None:
    with FaultServer(answer(429, headers=[("Retry-After", value)])) as server:
        with pytest.raises(RateLimited):
            ask(server, clock)
        assert len(server.requests) == 5
    assert clock.slept == pytest.approx(1 + 2 + 4 + 8)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({"error": {"code": "insufficient_quota", "message": "Check your plan and billing."}}, []),
        ({"error": {"code": "insufficient_quota"}}, [("Retry-After", "1")]),
        ({"error": {"message": "Your credit balance is too low"}}, []),
        ({"error": {"message": "Please add a payment method"}}, []),
    ],
)  # fmt: skip
def test_used_up_credit_is_said_and_not_tried_again(
    body: dict[str, object], headers: list[tuple[str, str]], clock: FakeClock
) -> None:
    error = refused(answer(429, body, headers=headers), clock=clock, kind=RateLimited)
    assert isinstance(error, RateLimited)
    assert "quota or credit is used up" in str(error)
    assert error.until > clock.now()
    assert clock.slept == 0


def test_a_mere_rate_limit_that_mentions_billing_is_waited_out(clock: FakeClock) -> None:
    text = "Rate limit reached. Add a payment method at https://platform.openai.com/account/billing"
    limited = answer(429, {"error": {"message": text}}, headers=[("Retry-After", "2")])
    with FaultServer(limited, answer(body={"a": 1})) as server:
        assert ask(server, clock) == {"a": 1}


@pytest.mark.parametrize("status", [500, 502, 503, 504, 529])
def test_a_server_error_is_tried_three_times_in_all(status: int, clock: FakeClock) -> None:
    with FaultServer(answer(status)) as server:
        with pytest.raises(ProviderDown) as caught:
            ask(server, clock)
        assert len(server.requests) == 3
    assert_shows_no_key(caught.value)
    assert str(status) in str(caught.value)


def test_a_server_that_recovers_is_read(clock: FakeClock) -> None:
    with FaultServer(answer(503), answer(502), answer(body={"a": 1})) as server:
        assert ask(server, clock) == {"a": 1}


def test_a_server_error_with_a_long_retry_after_is_told_at_once(clock: FakeClock) -> None:
    with FaultServer(answer(503, headers=[("Retry-After", "600")])) as server:
        with pytest.raises(ProviderDown):
            ask(server, clock)
        assert len(server.requests) == 1
    assert clock.slept == 0


def slow_answer(clock: FakeClock, seconds: float) -> Callable[[socket.socket], None]:
    """An answer that takes its time, without anyone waiting for it."""

    def run(connection: socket.socket) -> None:
        clock.ahead += seconds
        connection.sendall(response())

    run.keeps_open = True  # type: ignore[attr-defined]
    return run


def test_prompt_answers_cost_nothing_however_many(clock: FakeClock) -> None:
    with FaultServer(slow_answer(clock, 4.0)) as server, open_door(server, clock) as door:
        for _ in range(20):
            door.get("/costs")


def test_slow_answers_use_up_the_patience(clock: FakeClock) -> None:
    with FaultServer(slow_answer(clock, 8.0)) as server, open_door(server, clock) as door:
        for _ in range(3):
            door.get("/costs")
        with pytest.raises(NoAnswer, match="within the 30 s") as caught:
            door.get("/costs")
    assert_shows_no_key(caught.value)


@pytest.mark.parametrize(
    "script",
    [
        silence,
        drip(b""),
        drip(b"HTTP/1.1 200 OK\r\nX-Slow: "),
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n"),
        drip(b"HTTP/1.1 200 OK\r\n\r\n"),
        raw(response(length=None)[:-2]),
    ],
)
def test_a_silent_or_dripping_server_ends_with_the_patience(
    script: object, clock: FakeClock
) -> None:
    refused(script, clock=clock, kind=NoAnswer, patience=0.3)


def test_a_truncated_answer_on_an_open_connection_ends_too(clock: FakeClock) -> None:
    refused(answer(body=b'{"a"', length=10), clock=clock, kind=NoAnswer, patience=0.3)


def test_a_clock_that_stands_still_does_not_make_silence_endless() -> None:
    class StoppedClock(FakeClock):
        def monotonic(self) -> float:
            return 0.0

    refused(silence, clock=StoppedClock(), kind=NoAnswer, patience=0.3)


# Broken connections


@pytest.mark.parametrize(
    "script",
    [
        raw(b""),
        raw(b"HTTP/1.1 200 OK\r\nContent-"),
        raw(response(length=100)),
        reset_after(b""),
        reset_after(response(length=100)),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"),
    ],
)
def test_a_connection_that_breaks_is_tried_again_and_then_told(
    script: object, clock: FakeClock
) -> None:
    with FaultServer(script, script, answer(body={"a": 1})) as server:  # type: ignore[arg-type]
        assert ask(server, clock) == {"a": 1}
    error = refused(script, clock=clock, kind=NoAnswer)
    assert "broke off" in str(error)


def test_a_connection_that_the_server_closed_meanwhile_is_made_anew(clock: FakeClock) -> None:
    scripts = [raw(response()), answer(body={"a": 1})]
    with FaultServer(*scripts) as server, open_door(server, clock) as door:
        door.get("/costs")
        assert door.get("/costs") == {"a": 1}
    assert clock.slept == 0


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_a_refused_connection_is_told_as_that(clock: FakeClock) -> None:
    with pytest.raises(NoAnswer, match="refused") as caught:
        ask(f"http://127.0.0.1:{closed_port()}", clock)
    assert_shows_no_key(caught.value)


def test_an_unknown_name_is_told_as_that(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NoAnswer, match=r"api\.openai\.com could not be found") as caught:
        ask("https://api.openai.com/v1", clock)
    assert "online" in caught.value.remedy
    assert_shows_no_key(caught.value)


def test_a_name_server_that_never_answers_ends_with_the_patience(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: done.wait(10) and [])
    try:
        with pytest.raises(NoAnswer, match="within the"):
            ask("https://api.openai.com/v1", clock, patience=0.3)
    finally:
        done.set()


def test_plain_http_stays_on_this_machine_even_if_localhost_does_not(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: away)
    with pytest.raises(NoAnswer, match="leads away from this machine"):
        ask("http://localhost:8080", clock)


def test_the_next_address_is_tried_when_the_first_is_dead(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = socket.getaddrinfo

    def two(host: str, port: int, *rest: object, **more: object) -> object:
        if host != "localhost":
            return real(host, port, *rest, **more)  # type: ignore[arg-type]
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port))
            for a in ("127.0.0.2", "127.0.0.1")
        ]

    with FaultServer(answer(body={"a": 1})) as server:
        monkeypatch.setattr(socket, "getaddrinfo", two)
        assert ask(f"http://localhost:{server.port}", clock) == {"a": 1}
