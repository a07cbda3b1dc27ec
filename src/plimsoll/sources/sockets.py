"""Sockets that keep a deadline which no server can stretch.

A time-out for each read never ends a server that drips one byte a second, in the headers even.
Here every name look-up, connection, handshake and read is cut into short steps, or bounded as a
whole, by the one deadline of the exchange, and looks at the user's wish to stop.

    Trouble               what can go wrong below HTTP's statuses, without any text of the request
      Stopped  TimeUp  NotFound  Unreachable  NotTrusted  BrokenOff  NotHttp  TooMuch  BadEncoding
"""

from __future__ import annotations

import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpcore2

from plimsoll.domain.clock import Clock
from plimsoll.domain.said import say

_STEP = 0.2
_CONNECT_SECONDS = 5.0
"""For each address: a broken IPv6 must leave time for IPv4."""

_QUICK: int | None = getattr(socket, "TCP_QUICKACK", None)

_HANDSHAKE_SECONDS = 10.0
_LOOK_UP_SECONDS = 15.0


class Trouble(Exception):
    """The exchange did not come to an end; `detail` is a few words for a sentence."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


class Stopped(Trouble):
    """The user stopped the work."""


class TimeUp(Trouble):
    """The deadline passed."""


class NotFound(Trouble):
    """The host's name has no address, or no name server answers."""


class Unreachable(Trouble):
    """No connection could be made."""


class NotTrusted(Trouble):
    """The secure connection could not be made."""


class BrokenOff(Trouble):
    """The connection ended before the answer was complete."""


class NotHttp(Trouble):
    """What came is not HTTP/1.1, or its headers are too large."""


class TooMuch(Trouble):
    """The answer is larger than any answer here may be."""


class BadEncoding(Trouble):
    """The body is compressed in a way that was not asked for, or is damaged."""


class Deadline:
    """How long one exchange may still last, and whether the user still wants it."""

    __slots__ = ("_cancelled", "_clock", "_real_start", "_seconds", "_start")

    def __init__(self, clock: Clock, *, seconds: float, cancelled: Callable[[], bool]) -> None:
        self._clock = clock
        self._seconds = seconds
        self._cancelled = cancelled
        self._start = clock.monotonic()
        self._real_start = time.monotonic()

    def elapsed(self) -> float:
        """Seconds since the start, by whichever clock ran further.

        The clock that was handed in may stand still in a test while a real socket is silent.
        """
        return max(self._clock.monotonic() - self._start, time.monotonic() - self._real_start, 0.0)

    def left(self) -> float:
        """Seconds left, more than nought; raises `Stopped` or `TimeUp` instead."""
        if self._cancelled():
            raise Stopped
        left = self._seconds - self.elapsed()
        if left <= 0:
            raise TimeUp
        return left


class PatientBackend(httpcore2.NetworkBackend):
    """Makes connections whose every wait is cut into steps that look at the current deadline."""

    def __init__(self, *, only_loopback: bool, most_bytes: int) -> None:
        self._only_loopback = only_loopback
        self._most_bytes = most_bytes
        self._sockets = httpcore2.SyncBackend()
        self._deadline: Deadline | None = None
        self._received = 0
        self._connected = False
        self.ended = False
        """Whether the server has closed its side."""

    def start(self, deadline: Deadline) -> None:
        """A new exchange begins."""
        self._deadline, self._received = deadline, 0
        self._connected = self.ended = False

    @property
    def was_stale(self) -> bool:
        """Whether an older connection was used, and nothing at all came over it."""
        return not self._connected and not self._received

    def left(self) -> float:
        """Seconds left of this exchange; raises `Stopped` or `TimeUp`."""
        if self._deadline is None:  # nothing is read or written outside an exchange
            raise TimeUp
        return self._deadline.left()

    def count(self, data: bytes) -> None:
        """Take note of what was read; raises `TooMuch`."""
        self._received += len(data)
        self.ended = not data
        if self._received > self._most_bytes:
            raise TooMuch

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline rules
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first of the host's addresses that answers."""
        self._connected = True
        failure: Trouble = NotFound()
        for address in self._addresses(host, port):
            seconds = min(self.left(), _CONNECT_SECONDS)
            try:
                stream = self._sockets.connect_tcp(
                    address,
                    port,
                    timeout=seconds,
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except httpcore2.ConnectTimeout:
                failure = Unreachable(say("it does not answer"))
            except httpcore2.ConnectError as error:
                failure = Unreachable(_reason(error))
            else:
                return _PatientStream(stream, self)
        self.left()  # a deadline that ran out meanwhile is the truer reason
        raise failure

    def _addresses(self, host: str, port: int) -> list[str]:
        try:
            found = [str(ipaddress.ip_address(host))]
        except ValueError:
            found = self._look_up(host, port)
        if self._only_loopback and not all(ipaddress.ip_address(a).is_loopback for a in found):
            raise Unreachable(say("its name leads away from this machine"))
        return found

    def _look_up(self, host: str, port: int) -> list[str]:
        """Ask the system's resolver, in a thread that can be left behind: it knows no time-out."""
        answers: queue.SimpleQueue[list[str]] = queue.SimpleQueue()

        def ask() -> None:
            try:
                found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            except (OSError, UnicodeError):
                found = []
            answers.put(list(dict.fromkeys(str(entry[4][0]) for entry in found)))

        threading.Thread(target=ask, name="name look-up", daemon=True).start()
        waited = 0.0
        while waited < _LOOK_UP_SECONDS:
            step = min(self.left(), _STEP)
            try:
                return answers.get(timeout=step)
            except queue.Empty:
                waited += step
        return []


class _PatientStream(httpcore2.NetworkStream):
    """A connection whose reads end at the exchange's deadline, whatever the server drips."""

    def __init__(self, stream: httpcore2.NetworkStream, backend: PatientBackend) -> None:
        self._stream = stream
        self._backend = backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        """What is there; waits in steps."""
        while True:
            step = min(self._backend.left(), _STEP)
            self._acknowledge_at_once()
            try:
                data = self._stream.read(max_bytes, timeout=step)
            except httpcore2.ReadTimeout:
                continue
            self._backend.count(data)
            return data

    def _acknowledge_at_once(self) -> None:
        """Where the system can: a server that sends headers and body apart waits for the first
        acknowledgement, 40 ms a page. The system forgets the wish, so it is told for each read.
        """
        if _QUICK is not None:
            self._stream.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, _QUICK, 1)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        """Send a request, which fits a socket's buffer: it is no long wait."""
        self._stream.write(buffer, timeout=self._backend.left())

    def close(self) -> None:
        """End the connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - the deadline rules
    ) -> httpcore2.NetworkStream:
        """Go over to TLS; Python's time-out bounds the handshake as a whole."""
        seconds = min(self._backend.left(), _HANDSHAKE_SECONDS)
        try:
            stream = self._stream.start_tls(ssl_context, server_hostname, timeout=seconds)
        except httpcore2.ConnectTimeout:
            self._backend.left()
            failure: Trouble = Unreachable(say("it does not answer"))
        except httpcore2.ConnectError as error:
            failure = _handshake_failure(error)
        else:
            return _PatientStream(stream, self._backend)
        raise failure

    def get_extra_info(self, info: str) -> Any:
        """What the engine asks of its connection."""
        return self._stream.get_extra_info(info)


def _handshake_failure(error: BaseException) -> Trouble:
    cause = error.__cause__ or error.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return NotTrusted(str(cause.verify_message or say("it cannot be verified")).rstrip("."))
    if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError):
        return NotTrusted("")
    return Unreachable(say("it hung up while the secure connection was being made"))


def _reason(error: BaseException) -> str:
    cause = error.__cause__ or error.__context__
    if isinstance(cause, ConnectionRefusedError):
        return say("the connection was refused")
    return say("there is no way to it")
