"""The wire: one request over HTTP/1.1, its answer whole and bounded, or one plain reason why not.

It stands on httpcore2, the engine of httpx2, through its public interface and without httpx2's
client: a client keeps cookies, logs whole addresses, and cannot be given the sockets that keep a
deadline (see `sockets`). The body is decoded in small steps under a limit.
"""

from __future__ import annotations

import contextlib
import logging
import ssl
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpcore2

from plimsoll.sources.address import Binding
from plimsoll.sources.sockets import (
    BadEncoding,
    BrokenOff,
    Deadline,
    NotHttp,
    PatientBackend,
    Stopped,
    TimeUp,
    TooMuch,
    Trouble,
)

LARGEST_BODY = 32 * 1024 * 1024
LARGEST_ERROR_BODY = 64 * 1024

_MOST_BYTES_ON_THE_WIRE = 2 * LARGEST_BODY
"""Chunked transfer may wrap each byte in six, so that the body's own limit is not enough."""

_DECODE_STEP = 64 * 1024
_KEEP_ALIVE_SECONDS = 15.0


class _Stale(BrokenOff):
    """Nothing came over a connection that had been kept open from an earlier exchange."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came: status, headers by their names in small letters, decoded body.

    The body of an answer other than 200 may be cut short. Only the status shows itself: a server
    can echo the key.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class Wire:
    """A connection to the one host of a binding; one exchange at a time."""

    def __init__(self, binding: Binding) -> None:
        _quieten_loggers()
        self._binding = binding
        self._backend = PatientBackend(
            only_loopback=binding.scheme == "http", most_bytes=_MOST_BYTES_ON_THE_WIRE
        )
        self._pool = httpcore2.ConnectionPool(
            ssl_context=_tls() if binding.scheme == "https" else None,
            max_connections=1,
            keepalive_expiry=_KEEP_ALIVE_SECONDS,
            http1=True,
            http2=False,
            retries=0,
            network_backend=self._backend,
        )

    def request(
        self,
        target: str,
        headers: Iterable[tuple[str, str]],
        *,
        method: str = "GET",
        body: bytes = b"",
    ) -> httpcore2.Request:
        """A request to the bound host; `headers` without `Host` and `Content-Length`."""
        binding = self._binding
        length = [("Content-Length", str(len(body)))] if body or method != "GET" else []
        url = httpcore2.URL(
            scheme=binding.scheme, host=binding.host, port=binding.port, target=target
        )
        return httpcore2.Request(
            method,
            url,
            headers=[("Host", binding.authority), *length, *headers],
            content=body or None,
            # A connection that was never given back would otherwise be waited for without end.
            extensions={"timeout": {"pool": 1.0}},
        )

    def exchange(self, request: httpcore2.Request, deadline: Deadline) -> Reply:
        """Send the request and read the answer; raises `Trouble`, with no past hanging on it.

        A connection that the server closed while it was idle is replaced at once: that is no
        failure of anything.
        """
        with contextlib.suppress(_Stale):
            return self._attempt(request, deadline)
        return self._attempt(request, deadline)

    def _attempt(self, request: httpcore2.Request, deadline: Deadline) -> Reply:
        """One try. Exceptions of the libraries can hold the request's headers: they end here."""
        trouble: Trouble
        self._backend.start(deadline)
        try:
            return self._exchange(request, deadline)
        except Trouble as known:
            trouble = type(known)(known.detail)
        except httpcore2.TimeoutException:
            trouble = TimeUp()
        except httpcore2.RemoteProtocolError:
            trouble = BrokenOff() if self._backend.ended else NotHttp()
        except (httpcore2.NetworkError, OSError):
            trouble = BrokenOff()
        except httpcore2.ProtocolError:
            trouble = NotHttp()
        if isinstance(trouble, BrokenOff) and self._backend.was_stale:
            raise _Stale
        raise trouble

    def close(self) -> None:
        """End the connection."""
        self._pool.close()

    def _exchange(self, request: httpcore2.Request, deadline: Deadline) -> Reply:
        response = self._pool.handle_request(request)
        try:
            headers = _headers(response.headers)
            if response.status == 200:
                body = b"".join(_decoded(response, headers, LARGEST_BODY, deadline))
            else:
                body = _beginning(response, headers, deadline)
        finally:
            # Closing only gives back what an ended or broken exchange still holds.
            with contextlib.suppress(httpcore2.ProtocolError, httpcore2.NetworkError):
                response.close()
        return Reply(response.status, headers, body)


def _headers(pairs: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """The first of each name wins: a repeated Retry-After or Content-Type is never joined."""
    headers: dict[str, str] = {}
    for name, value in pairs:
        headers.setdefault(name.decode("latin-1").lower(), value.decode("latin-1").strip())
    return headers


def _decoded(
    response: httpcore2.Response, headers: Mapping[str, str], limit: int, deadline: Deadline
) -> Iterator[bytes]:
    """The body in small steps; raises `TooMuch` as soon as it is larger than `limit`."""
    declared = headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > limit:
        raise TooMuch
    total = 0
    for step in _steps(response, headers.get("content-encoding", "").strip().lower()):
        deadline.left()
        total += len(step)
        if total > limit:
            raise TooMuch
        yield step


def _steps(response: httpcore2.Response, encoding: str) -> Iterator[bytes]:
    if encoding in {"", "identity"}:
        yield from response.iter_stream()
        return
    if encoding not in {"gzip", "x-gzip"}:
        raise BadEncoding
    gunzip = zlib.decompressobj(wbits=31)
    for chunk in response.iter_stream():
        waiting = chunk
        while waiting and not gunzip.eof:
            step = _gunzip_step(gunzip, waiting)
            waiting = gunzip.unconsumed_tail
            yield step
        if gunzip.eof and (waiting or gunzip.unused_data):
            raise BadEncoding
    if not gunzip.eof:
        raise BadEncoding


def _gunzip_step(gunzip: Any, data: bytes) -> bytes:
    try:
        step: bytes = gunzip.decompress(data, _DECODE_STEP)
    except zlib.error:
        raise BadEncoding from None
    return step


def _beginning(
    response: httpcore2.Response, headers: Mapping[str, str], deadline: Deadline
) -> bytes:
    """As much of an error's body as comes: the status says enough, the text only helps."""
    parts = bytearray()
    try:
        for step in _decoded(
            response, {**headers, "content-length": ""}, LARGEST_ERROR_BODY, deadline
        ):
            parts += step
    except Stopped:
        raise
    except (Trouble, httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.TimeoutException):
        pass
    return bytes(parts)


def _tls() -> ssl.SSLContext:
    """The machine's own trusted certificates; no environment variable can add to them."""
    from httpx2 import create_ssl_context

    context = create_ssl_context(verify=True, trust_env=False)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _quieten_loggers() -> None:
    """The libraries' debug lines show headers: whatever the program's log level, they stay out."""
    for name in ("httpx2", "httpcore2", "httpcore2.connection", "httpcore2.http11"):
        logger = logging.getLogger(name)
        if logger.level < logging.WARNING:
            logger.setLevel(logging.WARNING)
