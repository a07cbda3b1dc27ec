"""A webhook on loopback: it keeps what is posted to it, and answers as it is told."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

TOKEN = "T0AB12CD3/B9XY8ZW7/kQ3vN8rT2mLp6Hs4"
"""The secret part of its address."""

Answer = tuple[int, dict[str, str]]


class Webhook:
    """What came, as JSON, and where it is; `answers` are given in turn, the last one for ever."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self.came: list[dict[str, Any]] = []
        self.answers = list(answers)
        webhook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                assert self.path == f"/services/{TOKEN}?a=b", "the whole address is asked"
                webhook.came.append(json.loads(self.rfile.read(length)))
                first, *rest = webhook.answers
                webhook.answers = rest or [first]
                status, headers = first
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"
        self.address = f"http://{self.host}/services/{TOKEN}?a=b"


@contextmanager
def webhook_on_loopback(*statuses: int, **headers: str) -> Iterator[Webhook]:
    """One that answers with these statuses in turn."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    webhook = Webhook([(status, names) for status in statuses or (200,)])
    thread = Thread(target=webhook.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield webhook
    finally:
        webhook.server.shutdown()
        webhook.server.server_close()
        thread.join()
