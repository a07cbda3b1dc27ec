"""A server on loopback that misbehaves exactly as its script says, byte by byte."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable
from typing import Self

Script = Callable[[socket.socket], None]


def raw(data: bytes) -> Script:
    """Send these bytes and hang up."""

    def run(connection: socket.socket) -> None:
        connection.sendall(data)

    return run


def response(
    status: int = 200,
    body: bytes | str | dict[str, object] = b"{}",
    *,
    headers: Iterable[tuple[str, str]] = (),
    content_type: str | None = "application/json",
    length: int | None = None,
) -> bytes:
    """A whole HTTP answer."""
    if isinstance(body, dict):
        body = json.dumps(body)
    if isinstance(body, str):
        body = body.encode()
    lines = [
        f"HTTP/1.1 {status} Told",
        f"Content-Length: {len(body) if length is None else length}",
    ]
    if content_type is not None:
        lines.append(f"Content-Type: {content_type}")
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def answer(
    status: int = 200, body: bytes | str | dict[str, object] = b"{}", **more: object
) -> Script:
    """Answer properly and keep the connection open for the next request."""
    data = response(status, body, **more)  # type: ignore[arg-type]

    def run(connection: socket.socket) -> None:
        connection.sendall(data)

    run.keeps_open = True  # type: ignore[attr-defined]
    return run


def drip(beginning: bytes, *, every: float = 0.02) -> Script:
    """Send the beginning, then one byte after the other without end."""

    def run(connection: socket.socket) -> None:
        connection.sendall(beginning)
        while True:
            connection.sendall(b"x")
            time.sleep(every)

    return run


def silence(connection: socket.socket) -> None:
    """Say nothing until the other side hangs up."""
    connection.recv(1)


def reset_after(data: bytes) -> Script:
    """Send these bytes, then reset the connection."""

    def run(connection: socket.socket) -> None:
        connection.sendall(data)
        # Linger 0: closing sends RST instead of FIN.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return run


class FaultServer:
    """Plays its scripts one a request; the last one for every request after it.

    `requests` holds what came, as raw bytes; `connections` counts them.
    """

    def __init__(self, *scripts: Script, host: str = "127.0.0.1") -> None:
        self.scripts = list(scripts)
        self.requests: list[bytes] = []
        self.connections = 0
        self._host = host
        self._socket = socket.create_server((host, 0))
        self.port = int(self._socket.getsockname()[1])
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._closing = False
        self._acceptor = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        self._acceptor.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._acceptor.join(5)
        for thread in self._threads:
            thread.join(5)

    @property
    def url(self) -> str:
        return f"http://{self._host}:{self.port}"

    def wrap(self, connection: socket.socket) -> socket.socket:
        """What a server with TLS puts around a connection."""
        return connection

    def _accept(self) -> None:
        while not self._closing:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, plain: socket.socket) -> None:
        connection = plain
        with contextlib.suppress(OSError):
            connection = self.wrap(plain)
            while request := self._read_request(connection):
                self.requests.append(request)
                script = self.scripts[min(len(self.requests), len(self.scripts)) - 1]
                script(connection)
                if not getattr(script, "keeps_open", False):
                    break
        with contextlib.suppress(OSError):
            connection.close()
        plain.close()

    @staticmethod
    def _read_request(connection: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            chunk = connection.recv(4096)
            if not chunk:
                return b""
            data += chunk
        head, _, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
        while length and len(body) < int(length[1]):
            body += connection.recv(4096)
        return head + b"\r\n\r\n" + body
