"""The network door: the key goes to one host only, and nothing else goes along."""

from __future__ import annotations

import logging
import socket
import threading
import time

import pytest
from door_kit import KEY, FakeClock, ask, open_door, refused
from fault_server import FaultServer, answer, drip, raw, response, silence

from plimsoll import __version__
from plimsoll.domain.errors import (
    Cancelled,
    PlimsollError,
    SurprisingAnswer,
    UnexpectedRedirect,
)
from plimsoll.sources import http, sockets, wire
from plimsoll.sources.address import bind
from plimsoll.sources.base import KeyHeader

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
    with (
        FaultServer(answer()) as server,
        FaultServer(answer(), host="127.0.0.2") as elsewhere,
        open_door(server, clock) as door,
    ):
        strange = wire.Wire(bind(f"{elsewhere.url}/v1"))
        door._places[""]._wire = strange
        with pytest.raises(AssertionError, match="another host"):
            door.get("/costs")
        assert server.connections == elsewhere.connections == 0
        strange.close()


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


def test_only_one_request_runs_at_a_time(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    running, most = 0, 0
    real = wire.Wire.exchange

    def watched(self: wire.Wire, *rest: object) -> object:
        nonlocal running, most
        running += 1
        most = max(most, running)
        time.sleep(0.01)
        reply = real(self, *rest)  # type: ignore[arg-type]
        running -= 1
        return reply

    monkeypatch.setattr(wire.Wire, "exchange", watched)
    with FaultServer(answer()) as server, open_door(server, clock) as door:
        threads = [threading.Thread(target=door.get, args=("/costs",)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(server.requests) == 4
    assert most == 1


def test_a_closed_door_stays_closed(clock: FakeClock) -> None:
    with FaultServer(answer()) as server:
        with open_door(server, clock) as door:
            door.get("/costs")
        with pytest.raises(ValueError, match="closed"):
            door.get("/costs")
        assert len(server.requests) == 1


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
