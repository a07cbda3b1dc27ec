"""The network door reads exactly, or not at all: whatever comes, it ends in plain words."""

from __future__ import annotations

import gzip
import json
import socket
from base64 import b64encode
from decimal import Decimal

import pytest
from door_kit import KEY, FakeClock, ask, assert_shows_no_key, refused
from fault_server import FaultServer, answer, drip, raw, response, silence

from plimsoll.domain.errors import (
    KeyRejected,
    MissingScope,
    NoAnswer,
    NotJson,
    NotOffered,
    SurprisingAnswer,
)
from plimsoll.sources import wire

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


SMALL = gzip.compress(b"{}", mtime=0)


@pytest.mark.parametrize("body", [b"no gzip", SMALL[:-4], SMALL * 2], ids=["none", "cut", "twice"])
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
    page = answer(status, "<html>", content_type="text/html")
    with FaultServer(page) as server:
        with pytest.raises(NotJson, match="log in") as caught:
            ask(server, clock)
        assert len(server.requests) == 1
    assert_shows_no_key(caught.value)


def test_a_refusal_that_is_a_web_page_may_be_a_firewalls(clock: FakeClock) -> None:
    page = answer(403, "<html>Blocked</html>", content_type="text/html")
    assert "firewall" in refused(page, clock=clock, kind=MissingScope).remedy
    assert "firewall" not in refused(answer(403), clock=clock, kind=MissingScope).remedy
