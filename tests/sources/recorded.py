"""Recorded accounts: made-up answers of each provider, told by a door that asks nobody or by HTTP.

A file is `recordings/<word of the provider>/<anything>.json`:

    about      a sentence: whose shapes these are
    day        the one day that has content
    good_key   a key that looks right; "A PRIVATE KEY" in it is made anew for each run of the tests
    settings   the account's settings, where it has any
    answers    what is answered, by question
    endless    answers that always say that there is more, put in the place of others; one of them
               must be refused
    unpaged    true where no answer has a next page: then an empty list is a whole answer
    lacks      what this account cannot give although its provider can ("tokens", "balance" …)

A question is written `/path`, `POST /path` or, at a further address of the account, `@word /path`
and `POST @word /path`. Its answer is the body; or a list of `{"when": {…}, "answer": body}`, of
which the first fits whose `when` agrees with the question's parameters, body and headers, and one
without `when` fits always. What is not recorded is answered with 404.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from fake_door import Call, FakeDoor, StillClock, refused

from plimsoll.domain.calendar import Period
from plimsoll.domain.secret import Secret
from plimsoll.sources.actors import TellsActors
from plimsoll.sources.base import (
    Account,
    Connector,
    Works,
    more_addresses,
    provider,
    quotas_of,
    signer_of,
)
from plimsoll.sources.http import Door

FOLDER = Path(__file__).parent / "recordings"
MOST_CALLS = 5000
"""More questions than any recorded week needs: a connector that asks on is in a loop."""

Answers = Mapping[str, Any]


@dataclass(frozen=True)
class Recording:
    """One recorded account."""

    path: Path
    told: Mapping[str, Any]
    connector: Connector

    @property
    def period(self) -> Period:
        day = date.fromisoformat(self.told["day"])
        return Period(day, day)

    @property
    def key(self) -> Secret:
        return Secret(self.told["good_key"].replace("A PRIVATE KEY", private_key()))

    @property
    def settings(self) -> dict[str, str]:
        return dict(self.told.get("settings", {}))

    @property
    def answers(self) -> Answers:
        return self.told["answers"]  # type: ignore[no-any-return]

    @property
    def endless(self) -> Answers | None:
        return {**self.answers, **self.told["endless"]} if "endless" in self.told else None

    @property
    def is_unpaged(self) -> bool:
        return bool(self.told.get("unpaged"))

    def gives(self, word: str) -> bool:
        return getattr(self.connector.gives, word) and word not in self.told.get("lacks", ())

    def open(self, answer: Callable[[Call], Any] | None = None) -> Account:
        """Behind a door that asks nobody; it knows the declared addresses only."""
        door = FakeDoor(answer or (lambda call: answered(self.answers, call)))
        door.places = {"", *more_addresses(self.connector, self.settings, None)}
        return self.connector.open(door, self.settings)  # type: ignore[arg-type]

    @contextmanager
    def open_over_http(self, address: str) -> Iterator[Account]:
        """Behind the real door, at an address on loopback."""
        with Door(
            base_url=address,
            more=more_addresses(self.connector, self.settings, address),
            key=self.key,
            key_header=signer_of(self.connector, self.settings),
            headers=self.connector.headers,
            title=self.connector.title,
            clock=StillClock(datetime(2026, 11, 24, 15, 30, tzinfo=UTC)),
        ) as door:
            yield self.connector.open(door, self.settings)


@cache
def private_key() -> str:
    """A key of RSA as it stands in a JSON text: none is kept in the repository."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return pem.decode().replace("\n", "\\n")


def every_recording() -> list[Recording]:
    return [
        Recording(path, json.loads(path.read_text("utf-8")), provider(path.parent.name))
        for path in sorted(FOLDER.glob("*/*.json"))
    ]


def answered(answers: Answers, call: Call) -> Any:
    """The recorded answer to a question; raises what the door raises for a 404."""
    found = _found(answers, call)
    if found is None:
        raise refused(404)
    return found


def _found(answers: Answers, call: Call) -> Any:
    place = f"@{call.at} " if call.at else ""
    method = "" if call.method == "GET" else f"{call.method} "
    told = answers.get(f"{method}{place}{call.path}")
    if not isinstance(told, list):
        return told
    asked = {**dict(call.params), **(call.body or {})}
    asked |= {name.lower(): value for name, value in (call.headers or {}).items()}
    for one in told:
        if all(asked.get(name) == value for name, value in one.get("when", {}).items()):
            return one["answer"]
    return None


# --- over real HTTP ---


@dataclass
class Seen:
    """What a server on loopback was sent."""

    heads: list[dict[str, str]] = field(default_factory=list)
    text: str = ""


Respond = Callable[[Call], tuple[int, Any, Mapping[str, str]]]


def told_by(answers: Answers) -> Respond:
    """A server that knows recorded answers."""

    def respond(call: Call) -> tuple[int, Any, Mapping[str, str]]:
        found = _found(answers, call)
        return (404, {"error": "not here"}, {}) if found is None else (200, found, {})

    return respond


@contextmanager
def served(recording: Recording, respond: Respond) -> Iterator[tuple[str, Seen]]:
    """A server on loopback below the path of the provider's base address."""
    seen = Seen()
    base = urlsplit(recording.connector.base_url).path
    words = set(more_addresses(recording.connector, recording.settings, None))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            seen.heads.append(headers)
            seen.text += f"{self.path}\n{headers}\n{body.decode()}\n"
            parts = urlsplit(self.path)
            path, at = parts.path.removeprefix(base), ""
            first = path.split("/")[1]
            if first in words:
                at, path = first, path.removeprefix(f"/{first}")
            sent = json.loads(body) if body.startswith(b"{") else None
            call = Call(path, tuple(parse_qsl(parts.query)), headers, self.command, at, sent)
            status, answer, more = respond(call)
            data = json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **more}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_POST = do_GET  # noqa: N815 - the server's own name

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{base}", seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def everything_of(account: Account, period: Period) -> Iterable[Any]:
    """All that a sync asks an account for, one question at a time, each not asked before it is
    looked at: slices of every endpoint, names, balances, quotas, work, who asked.
    """
    for endpoint in account.endpoints:
        yield lambda name=endpoint.name: list(account.pull(name, period))
    yield account.names
    yield account.balances
    yield lambda: list(quotas_of(account))
    if isinstance(account, Works):
        yield lambda: list(account.work(period))
    if isinstance(account, TellsActors):
        yield lambda told=account: list(told.actors([period]))
