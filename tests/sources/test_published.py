"""A published file comes through the door as it is: without a key, bounded, and from one host."""

from __future__ import annotations

import gzip
import socket

import pytest
from door_kit import FakeClock
from fault_server import FaultServer, Script, answer, drip, raw, response, silence

from plimsoll.domain.errors import (
    Cancelled,
    NoAnswer,
    NotJson,
    NotOffered,
    PlimsollError,
    ProviderDown,
    RateLimited,
    SurprisingAnswer,
    UnexpectedRedirect,
    WrongUse,
)
from plimsoll.sources.published import check_address, fetch
from plimsoll.sources.wire import LARGEST_BODY


def fetched(*scripts: Script, patience: float = 30.0, cancelled: bool = False) -> bytes:
    with FaultServer(*scripts) as server:
        return fetch(
            f"{server.url}/prices/data.json",
            title="the price list",
            clock=FakeClock(),
            cancelled=lambda: cancelled,
            patience=patience,
        )


def test_the_file_comes_as_it_is_whatever_it_is_called() -> None:
    body = b'[{"id": "openai"}]'
    assert fetched(answer(200, body)) == body
    assert fetched(answer(200, body, content_type="text/plain; charset=utf-8")) == body
    packed = answer(200, gzip.compress(body), headers=[("Content-Encoding", "gzip")])
    assert fetched(packed) == body


def test_nothing_but_the_address_is_sent() -> None:
    with FaultServer(answer(200, b"[]")) as server:
        fetch(
            f"{server.url}/prices/data.json",
            title="the price list",
            clock=FakeClock(),
            cancelled=lambda: False,
        )
        (request,) = server.requests
    line, *headers = request.decode().rstrip().split("\r\n")
    assert line == "GET /prices/data.json HTTP/1.1"
    names = {header.partition(":")[0].lower() for header in headers}
    assert names == {"host", "user-agent", "accept", "accept-encoding"}


def ssh(connection: socket.socket) -> None:
    connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    silence(connection)


TOO_MUCH = raw(response(200, b"", length=LARGEST_BODY + 1))


@pytest.mark.parametrize(
    ("script", "kind", "words"),
    [
        (answer(404), NotOffered, "does not have the price list at this address"),
        (answer(401), NotOffered, "status 401"),
        (answer(403, "<html>no</html>"), NotOffered, "status 403"),
        (answer(200, "<html>log in</html>"), NotJson, "web page"),
        (answer(200, b" "), NotJson, "is empty"),
        (answer(511), NotJson, "asks to log in"),
        (answer(503), ProviderDown, "server error 503"),
        (answer(429, headers=[("Retry-After", "3600")]), RateLimited, "rate limited until"),
        (TOO_MUCH, SurprisingAnswer, "larger than 32 MB"),
        (ssh, SurprisingAnswer, "does not speak HTTP"),
        (raw(b""), NoAnswer, "broke off"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_file_is_told_in_plain_words(
    script: Script, kind: type[PlimsollError], words: str
) -> None:
    with pytest.raises(kind) as caught:
        fetched(script)
    told = str(caught.value)
    assert words in told
    assert not {"key", "account", "source"} & set(told.lower().replace("’s", " ").split())


def test_a_redirect_is_not_followed() -> None:
    with FaultServer(answer(200, b"[]")) as elsewhere:
        location = ("Location", f"{elsewhere.url}/prices/data.json")
        with pytest.raises(UnexpectedRedirect, match=r"on to 127\.0\.0\.1, which was not asked"):
            fetched(answer(302, headers=[location]))
        assert elsewhere.requests == []


@pytest.mark.parametrize("script", [silence, drip(response(200, b"", length=1000))])
def test_a_server_that_keeps_us_waiting_is_given_up(script: Script) -> None:
    with pytest.raises(NoAnswer, match=r"No answer from 127\.0\.0\.1 within 0\.3 s"):
        fetched(script, patience=0.3)


def test_it_can_be_stopped() -> None:
    with pytest.raises(Cancelled):
        fetched(answer(200, b"[]"), cancelled=True)


def test_an_address_is_https_and_names_a_file() -> None:
    assert check_address(" https://Example.com/a/data.json ") == "https://example.com/a/data.json"
    assert check_address("http://127.0.0.1:8000/data.json") == "http://127.0.0.1:8000/data.json"
    for wrong in (
        "http://example.com/data.json",
        "https://example.com",
        "https://example.com/data.json?token=x",
        "https://me:secret@example.com/data.json",
        "ftp://example.com/data.json",
        "https://example.com/../data.json",
        "",
    ):
        with pytest.raises(WrongUse) as caught:
            check_address(wrong)
        assert "base address" not in str(caught.value)
