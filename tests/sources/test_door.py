"""The network door: the key goes to one host only, and nothing a server does can hurt."""

from __future__ import annotations

import gzip
import json
import logging
import socket
import threading
import time
import traceback
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime

import pytest
from fault_server import FaultServer, answer, drip, raw, reset_after, response, silence

from plimsoll import __version__
from plimsoll.domain.errors import (
    Cancelled,
    KeyRejected,
    MissingScope,
    NoAnswer,
    NotJson,
    NotOffered,
    PlimsollError,
    ProviderDown,
    RateLimited,
    SurprisingAnswer,
    UnexpectedRedirect,
)
from plimsoll.domain.secret import Secret
from plimsoll.sources import http, sockets, wire
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


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def full_back_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jitter at its longest, so that waits can be told."""
    monkeypatch.setattr("random.uniform", lambda _low, high: high)


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


# What is sent, and to whom


def test_the_request_carries_the_key_the_headers_and_nothing_odd(clock: FakeClock) -> None:
    with (
        FaultServer(answer(body={"data": []})) as server,
        open_door(server, clock, headers={"anthropic-version": "2023-06-01"}) as door,
    ):
        got = door.get("/costs", [("a", "1"), ("a", "x y&z"), ("b[]", "é")], headers={"X-B": "2"})
    assert got == {"data": []}
    lines = server.requests[0].decode().split("\r\n")
    assert lines[0] == "GET /v1/costs?a=1&a=x%20y%26z&b%5B%5D=%C3%A9 HTTP/1.1"
    assert sorted(lines[1:-2]) == sorted(
        [
            f"Host: 127.0.0.1:{server.port}",
            f"User-Agent: Plimsoll/{__version__}",
            "Accept: application/json",
            "Accept-Encoding: gzip",
            "anthropic-version: 2023-06-01",
            "X-B: 2",
            f"Authorization: Bearer {KEY}",
        ]
    )


def test_a_key_header_without_a_scheme_holds_the_bare_key(clock: FakeClock) -> None:
    with FaultServer(answer()) as server:
        ask(server, clock, key_header=KeyHeader("x-api-key"))
    assert f"\r\nx-api-key: {KEY}\r\n".encode() in server.requests[0]


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
def test_no_redirect_is_followed_and_only_its_host_is_named(status: int, clock: FakeClock) -> None:
    with FaultServer(answer(), host="127.0.0.2") as elsewhere:
        target = f"{elsewhere.url}/steal?key={KEY}"
        error = refused(
            answer(status, headers=[("Location", target)]), clock=clock, kind=UnexpectedRedirect
        )
    assert elsewhere.connections == 0
    assert "127.0.0.2" in str(error)
    assert "steal" not in str(error)


def test_a_redirect_to_the_same_host_is_refused_as_well(clock: FakeClock) -> None:
    with FaultServer(answer(308, headers=[("Location", "/v1/costs/")]), answer()) as server:
        with pytest.raises(UnexpectedRedirect):
            ask(server, clock)
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "path",
    [
        "",
        "costs",
        "//evil.example/costs",
        "https://evil.example/costs",
        "/../admin",
        "/a/../../b",
        "/a/%2e%2E/b",
        "/a/./b",
        "/a%2f..%2fb",
        "/a\\b",
        "/a?b=c",
        "/a#b",
        "/a b",
        "/a\r\nX: y",
        "/a//b",
        "/a@evil.example\n",
        "/é",
    ],
)
def test_a_path_that_could_lead_elsewhere_sends_nothing(path: str, clock: FakeClock) -> None:
    with (
        FaultServer(answer()) as server,
        open_door(server, clock) as door,
        pytest.raises(SurprisingAnswer),
    ):
        door.get(path)
    assert server.connections == 0


def test_a_request_for_another_host_never_gets_the_key(clock: FakeClock) -> None:
    with FaultServer(answer()) as server, open_door(server, clock) as door:
        strange = door._wire.request("/v1/costs", [])
        strange.url.host = b"127.0.0.2"
        with pytest.raises(AssertionError):
            door._with_key(strange)
        assert KEY.encode() not in b"".join(value for _, value in strange.headers)


@pytest.mark.parametrize("name", ["Host", "authorization", "Cookie", "Accept-Encoding", "X-Key"])
def test_a_connector_cannot_set_the_doors_own_headers(name: str, clock: FakeClock) -> None:
    with pytest.raises(ValueError, match="belongs to the door"):
        open_door("http://127.0.0.1:1", clock, headers={name: "x"}, key_header=KeyHeader("x-key"))


def test_cookies_are_not_kept(clock: FakeClock) -> None:
    script = answer(headers=[("Set-Cookie", "a=b")])
    with FaultServer(script) as server, open_door(server, clock) as door:
        door.get("/costs")
        door.get("/costs")
    assert b"ookie" not in server.requests[1]


def test_the_environment_changes_nothing(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultServer(answer()) as proxy, FaultServer(answer(body={"own": 1})) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        assert ask(server, clock) == {"own": 1}
    assert proxy.connections == 0


def test_one_connection_serves_many_requests(clock: FakeClock) -> None:
    with FaultServer(answer()) as server, open_door(server, clock) as door:
        for _ in range(5):
            door.get("/costs")
        assert server.connections == 1


def test_only_one_request_runs_at_a_time(clock: FakeClock) -> None:
    running, most = 0, 0

    def slow(connection: socket.socket) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        time.sleep(0.02)
        running -= 1
        connection.sendall(response())

    slow.keeps_open = True  # type: ignore[attr-defined]
    with FaultServer(slow) as server, open_door(server, clock) as door:
        threads = [threading.Thread(target=door.get, args=("/costs",)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(server.requests) == 4
    assert most == 1


def test_the_libraries_log_nothing_even_at_debug(
    clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("httpx2", "httpcore2", "httpcore2.http11"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    with caplog.at_level(logging.DEBUG), FaultServer(answer()) as server:
        ask(server, clock)
    assert caplog.records == []


def test_checking_an_address_loads_no_network_library() -> None:
    import subprocess
    import sys

    code = (
        "import sys, plimsoll.sources.http as h; h.check_base_url('https://a.example');"
        "sys.exit(any(m.startswith(('httpx', 'httpcore', 'ssl')) for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# Figures


def test_numbers_are_exact_and_never_floats(clock: FakeClock) -> None:
    with FaultServer(answer(body='{"a": 0.1, "b": 3, "c": [1e-7, {"d": -2.50}]}')) as server:
        got = ask(server, clock)
    assert got == {"a": Decimal("0.1"), "b": 3, "c": [Decimal("1e-7"), {"d": Decimal("-2.50")}]}
    assert str(got["c"][1]["d"]) == "-2.50"  # type: ignore[index]


def test_a_gzipped_answer_is_read(clock: FakeClock) -> None:
    body = gzip.compress(json.dumps({"data": ["x" * 300_000]}).encode())
    with FaultServer(answer(body=body, headers=[("Content-Encoding", "gzip")])) as server:
        assert len(ask(server, clock)["data"][0]) == 300_000  # type: ignore[index]


def test_half_a_surrogate_pair_is_made_storable(clock: FakeClock) -> None:
    with FaultServer(
        answer(body=r'{"a": ["x\ud800y", ["\udfff"]], "b": "\ud83d\ude00"}')
    ) as server:
        assert ask(server, clock) == {"a": ["x\ufffdy", ["\ufffd"]], "b": "\N{GRINNING FACE}"}


# Answers that are not what was asked for


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<html>Log in to the café</html>", "text/html; charset=utf-8"),
        ("<!doctype html><p>proxy</p>", "application/json"),
        ('{"a": 1}', "text/html"),
        ('{"a": 1}', "text/plain"),
        ("a: 1", "application/yaml"),
        ("a: 1", "application/json"),
        ("", "application/json"),
        (b" \r\n ", "application/json"),
        (b'\xef\xbb\xbf{"a": 1}', "application/json"),
        ('{"a": 1}'.encode("utf-16"), "application/json"),
        ('{"a": 1}'.encode("utf-16-le"), "application/json"),
        ('{"a": 1}'.encode("utf-16-be"), "application/json"),
        (b'{"a": "\xff\xfe"}', "application/json"),
        ('{"a": 1', "application/json"),
        ('{"a": 1} {"b": 2}', "application/json"),
    ],
)
def test_what_is_not_json_is_not_read(
    body: bytes | str, content_type: str, clock: FakeClock
) -> None:
    error = refused(answer(body=body, content_type=content_type), clock=clock, kind=NotJson)
    assert "OpenAI" in str(error)


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        '"text"',
        "null",
        "1.5",
        '{"a": 1, "a": 1}',
        '{"a": {"b": 1, "b": 2}}',
        '{"a": NaN}',
        '{"a": -Infinity}',
        '{"a": ' + "9" * 5000 + "}",
        '{"a": 1.' + "9" * 5000 + "}",
        '{"a": 1e999999999999999999999}',
        '{"a": 1E+3000000}',
        '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"a":' * 100_000 + "1" + "}" * 100_000,
    ],
)
def test_json_of_the_wrong_kind_is_a_surprise(body: str, clock: FakeClock) -> None:
    error = refused(answer(body=body), clock=clock, kind=SurprisingAnswer)
    assert not isinstance(error, NotJson)


@pytest.mark.parametrize(
    "content_type", [None, "application/json;charset=UTF-8", "application/x+json"]
)
def test_json_by_any_of_its_names_is_read(content_type: str | None, clock: FakeClock) -> None:
    with FaultServer(answer(body={"a": 1}, content_type=content_type)) as server:
        assert ask(server, clock) == {"a": 1}


@pytest.mark.parametrize("status", [201, 202, 204, 206])
def test_another_success_than_200_is_a_surprise(status: int, clock: FakeClock) -> None:
    script = raw(f"HTTP/1.1 {status} Fine\r\n\r\n".encode())
    refused(script, clock=clock, kind=SurprisingAnswer)


def test_the_excerpt_is_short_plain_and_without_key_or_mail_address(clock: FakeClock) -> None:
    page = f"<html>\x1b[31m\u202e{KEY} ann@example.com\n{'long ' * 5000}</html>"
    error = refused(answer(body=page, content_type="text/html"), clock=clock, kind=NotJson)
    assert isinstance(error, SurprisingAnswer)
    assert error.answer.startswith("<html>")
    assert error.answer.isprintable()
    assert len(error.answer) <= 400
    assert "ann@" not in error.answer


def test_a_gzip_bomb_is_stopped_early(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded = 0
    real = wire._gunzip_step

    def counted(gunzip: object, data: bytes) -> bytes:
        nonlocal decoded
        step = real(gunzip, data)
        decoded += len(step)
        return step

    monkeypatch.setattr(wire, "_gunzip_step", counted)
    bomb = gzip.compress(b"{" + b" " * (200 * 1024 * 1024), compresslevel=1)
    error = refused(answer(body=bomb, headers=[("Content-Encoding", "gzip")]), clock=clock)
    assert isinstance(error, SurprisingAnswer)
    assert "32 MB" in str(error)
    assert decoded <= wire.LARGEST_BODY + 64 * 1024


def test_an_answer_that_says_it_is_too_large_is_not_read(clock: FakeClock) -> None:
    error = refused(raw(response(length=10**12)), clock=clock)
    assert isinstance(error, SurprisingAnswer)


def test_an_endless_answer_is_stopped(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "LARGEST_BODY", 100_000)

    def endless(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        while True:
            connection.sendall(b" " * 10_000)

    assert isinstance(refused(endless, clock=clock), SurprisingAnswer)


def test_bytes_are_counted_on_the_wire_as_well(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Endless interim answers never become a body."""
    monkeypatch.setattr(wire, "_MOST_BYTES_ON_THE_WIRE", 100_000)

    def endless(connection: socket.socket) -> None:
        while True:
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)

    assert isinstance(refused(endless, clock=clock), SurprisingAnswer)


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip"])
def test_an_encoding_that_was_not_asked_for_is_refused(encoding: str, clock: FakeClock) -> None:
    error = refused(answer(headers=[("Content-Encoding", encoding)]), clock=clock)
    assert isinstance(error, SurprisingAnswer)


@pytest.mark.parametrize("body", [b"no gzip", gzip.compress(b"{}")[:-4], gzip.compress(b"{}") * 2])
def test_damaged_gzip_is_refused(body: bytes, clock: FakeClock) -> None:
    error = refused(answer(body=body, headers=[("Content-Encoding", "gzip")]), clock=clock)
    assert isinstance(error, SurprisingAnswer)


def test_headers_without_end_are_refused(clock: FakeClock) -> None:
    huge = b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 300_000
    assert isinstance(refused(raw(huge), clock=clock), (SurprisingAnswer, NoAnswer))


def test_a_server_of_another_protocol_is_a_surprise(clock: FakeClock) -> None:
    def ssh(connection: socket.socket) -> None:
        connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
        silence(connection)

    error = refused(ssh, clock=clock, kind=SurprisingAnswer)
    assert "does not speak HTTP" in str(error)


# Statuses


def test_401_is_a_refused_key_and_its_echo_is_scrubbed(clock: FakeClock) -> None:
    masked = f"Incorrect API key provided: {KEY[:8]}{'*' * 20}{KEY[-4:]}. Find it at openai.com."
    error = refused(
        answer(401, {"error": {"message": masked}}), answer(), clock=clock, kind=KeyRejected
    )
    assert "Incorrect API key provided" in str(error)


@pytest.mark.parametrize(
    "echo",
    [
        KEY,
        f"Bearer {KEY}",
        f"{KEY[:13]}…{KEY[-4:]}",
        f"{KEY[:13]}...{KEY[-6:]}",
        f"key ending in {KEY[-4:]}",
        f"key '{KEY[-4:]}'",
        KEY.lower(),
        KEY.encode().hex(),
        b64encode(KEY.encode()).decode(),
        b64encode(f"x{KEY}".encode()).decode(),
        KEY[9:17],
        "x" * 195 + KEY,
    ],
)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 418, 429, 500])
def test_no_echo_of_the_key_gets_into_an_error(
    echo: str, status: int, clock: FakeClock, full_back_off: None
) -> None:
    body = {"error": {"message": f"No quota for {echo} here", "code": "insufficient_quota"}}
    error = refused(answer(status, body, headers=[("X-Echo", echo)]), clock=clock)
    for form in (KEY[-4:], KEY[9:14], KEY.lower()[9:17]):
        assert form not in str(error)


def test_401_is_not_tried_again(clock: FakeClock) -> None:
    with FaultServer(answer(401)) as server:
        with pytest.raises(KeyRejected):
            ask(server, clock)
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "Insufficient permissions. Missing scopes: api.usage.read."}},
        {"error": "You have insufficient permissions: api.usage.read is missing"},
    ],
)
def test_403_names_the_missing_scope(body: dict[str, object], clock: FakeClock) -> None:
    error = refused(answer(403, body), clock=clock, kind=MissingScope)
    assert "lacks the permission api.usage.read." in str(error)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"\xff", b'{"error": null}', b'[["x"]]', b"[" * 9999]
)
def test_403_without_a_readable_text_is_still_a_missing_permission(
    body: bytes, clock: FakeClock
) -> None:
    assert "does not let this key read that." in str(refused(answer(403, body), clock=clock))


@pytest.mark.parametrize("status", [400, 404, 405, 410, 422])
def test_what_a_provider_does_not_offer_keeps_its_status(status: int, clock: FakeClock) -> None:
    long = "Unknown parameter: group_by. " + "More. " * 200
    error = refused(answer(status, {"error": {"message": long}}), clock=clock, kind=NotOffered)
    assert isinstance(error, NotOffered)
    assert error.status == status
    assert "Unknown parameter: group_by." in str(error)
    assert len(str(error)) < 330


def test_an_error_whose_text_never_ends_still_tells_its_status(clock: FakeClock) -> None:
    head = b"HTTP/1.1 401 No\r\nContent-Length: 1000000\r\n\r\n"
    refused(drip(head, every=0.01), clock=clock, kind=KeyRejected, patience=0.6)


@pytest.mark.parametrize("status", [407, 511])
def test_a_network_that_asks_to_log_in_says_so(status: int, clock: FakeClock) -> None:
    error = refused(answer(status, "<html>", content_type="text/html"), clock=clock, kind=NotJson)
    assert "log in" in str(error)


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


def test_retry_after_nought_does_not_hammer(clock: FakeClock) -> None:
    with FaultServer(answer(429, headers=[("Retry-After", "0")])) as server:
        with pytest.raises(RateLimited):
            ask(server, clock)
        assert len(server.requests) <= 31


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


# Stopping


def test_a_stopped_door_asks_nothing(clock: FakeClock) -> None:
    with FaultServer(answer()) as server:
        with pytest.raises(Cancelled):
            ask(server, clock, cancelled=lambda: True)
        assert server.requests == []


def test_stopping_ends_a_wait_within_a_fifth_of_a_second(clock: FakeClock) -> None:
    error = refused(
        answer(429, headers=[("Retry-After", "20")]),
        clock=clock,
        kind=Cancelled,
        cancelled=lambda: clock.slept > 3,
    )
    assert isinstance(error, Cancelled)
    assert clock.slept < 3.5


@pytest.mark.parametrize(
    "script", [silence, drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")]
)
def test_stopping_ends_a_request_that_says_nothing(script: object, clock: FakeClock) -> None:
    stop = threading.Event()

    def stopping(connection: socket.socket) -> None:
        stop.set()
        script(connection)  # type: ignore[operator]

    refused(stopping, clock=clock, kind=Cancelled, cancelled=stop.is_set)


def test_a_door_can_be_used_again_after_any_failure(clock: FakeClock) -> None:
    scripts = [
        raw(b"bad\r\n\r\n"),
        answer(500),
        answer(401),
        answer(body=b"<"),
        raw(response(length=10**12)),
    ]
    failing = [scripts[0], scripts[1], scripts[1], scripts[1], *scripts[2:]]
    with FaultServer(*failing, answer(body={"a": 1})) as server, open_door(server, clock) as door:
        for _ in range(5):
            with pytest.raises(PlimsollError):
                door.get("/costs")
        assert door.get("/costs") == {"a": 1}


def test_the_door_itself_does_not_show_the_key(clock: FakeClock) -> None:
    with open_door("http://127.0.0.1:1", clock) as door:
        assert KEY not in repr(door) + repr(vars(door))


def test_usual_patience_is_thirty_seconds() -> None:
    assert http.PATIENCE == 30
    assert sockets._STEP <= 0.2
