"""One small HTTP server on loopback for every made-up provider of the end-to-end tests."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

Reply = tuple[int, dict[str, str], bytes]
Answer = Callable[[str, dict[str, list[str]], Mapping[str, str]], Reply]


@contextmanager
def served(answer: Answer, *, requests: list[str]) -> Iterator[str]:
    """The address of a server that answers each GET with `answer(path, query, headers)`, and
    writes down in `requests` what was asked.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # headers and body in one packet: no waiting for a late acknowledgement

        def do_GET(self) -> None:
            requests.append(self.path)
            parts = urlsplit(self.path)
            status, headers, body = answer(parts.path, parse_qs(parts.query), self.headers)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
