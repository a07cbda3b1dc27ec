"""The demo's providers on loopback: an HTTP server, its accounts, and what they truly spent.

To try things by hand: `python -m plimsoll.demo.server --port 8901 --seed 7` prints the accounts as
JSON (addresses and made-up keys) and serves until it is interrupted. `--now 2026-11-23T12:00Z`
fixes the clock, `--no-analytics` lets Anthropic's newer endpoints answer 403, and
`--throttle 50` answers every fiftieth request with 429 and `Retry-After: 1`.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Protocol, Self, runtime_checkable

from plimsoll.demo import lab
from plimsoll.demo.anthropic_api import AnthropicApi
from plimsoll.demo.ark_bill import VolcengineApi
from plimsoll.demo.asking import Reply
from plimsoll.demo.gateway import OpenRouterApi
from plimsoll.demo.github_bill import ORGANISATION, GitHubApi
from plimsoll.demo.openai_api import OpenAIApi
from plimsoll.demo.story import LAB, Story
from plimsoll.demo.truth import Truth
from plimsoll.demo.wallets import DeepSeekApi, MoonshotApi, SiliconFlowApi

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


class _Api(Protocol):
    """One simulated provider, below its base address."""

    def answer(self, path: str, query: str, headers: dict[str, str], /) -> Reply: ...


@runtime_checkable
class _Questioned(Protocol):
    """A simulated provider whose questions have a body."""

    def question(self, path: str, query: str, headers: dict[str, str], body: bytes, /) -> Reply: ...


@dataclass(frozen=True, slots=True)
class _Provider:
    """Where a simulated account lives, whose it is, and how its keys begin.

    `account` tells two accounts at one provider apart; usually it is the provider's word.
    `has_pair` says that its keys have two halves.
    """

    word: str
    title: str
    base: str
    key_prefix: str
    settings: Mapping[str, str] = field(default_factory=dict)
    company: str = "Northwind"
    account: str = ""
    has_pair: bool = False

    @property
    def id(self) -> str:
        """The account's own word."""
        return self.account or self.word


_PROVIDERS = (
    _Provider("openai", "OpenAI", "/openai/v1", "sk-admin-demo"),
    _Provider("anthropic", "Anthropic", "/anthropic", "sk-ant-admin01-demo"),
    _Provider("openrouter", "OpenRouter", "/openrouter/api/v1", "sk-or-v1-demo"),
    _Provider("deepseek", "DeepSeek", "/deepseek", "sk-demo"),
    _Provider("moonshot", "Moonshot", "/moonshot/v1", "sk-demo", {"region": "cn"}),
    _Provider("siliconflow", "SiliconFlow", "/siliconflow/v1", "sk-demo", {"region": "cn"}),
    _Provider("volcengine", "Volcengine", "/volcengine", "AKLTdemo", has_pair=True),
    _Provider("github", "GitHub", "/github", "github_pat_demo", {"org": ORGANISATION}),
    _Provider("openai", "OpenAI", "/lab/v1", "sk-admin-demo", company="Harbour Lab", account=LAB),
)


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One simulated provider account: `provider` is the word for `source add`, `id` the account's
    own, which is the same but for a second account at one provider.

    `key` is a made-up key that the server demands; it opens nothing anywhere else. `settings` are
    what `source add` takes with --set.
    """

    provider: str
    name: str
    base_url: str
    key: str
    settings: Mapping[str, str] = field(default_factory=dict)
    id: str = ""


class DemoWorld:
    """The simulated organisations, served on 127.0.0.1 while the `with` block runs.

    `now` is the demo's present: an instant, or a function that tells it. What happened on a day
    depends on `seed` alone. `throttle` n answers every n-th request with 429 and `Retry-After`.
    """

    def __init__(
        self,
        *,
        seed: int = 7,
        now: datetime | Callable[[], datetime],
        analytics: bool = True,
        throttle: int = 0,
        retry_after: int = 1,
        port: int = 0,
    ) -> None:
        if callable(now):
            clock = now
        else:
            fixed = now.astimezone(UTC)

            def clock() -> datetime:
                return fixed

        self.story = Story(seed=seed, now=clock())
        self.truth = Truth(self.story, now=clock, analytics=analytics)
        keys = {one.id: _key_of(one, seed) for one in _PROVIDERS}
        first = self.story.first_day
        openrouter, deepseek, moonshot = (keys[w] for w in ("openrouter", "deepseek", "moonshot"))
        self.openrouter = OpenRouterApi(seed=seed, first_day=first, key=openrouter, now=clock)
        self.deepseek = DeepSeekApi(seed=seed, first_day=first, key=deepseek, now=clock)
        self.moonshot = MoonshotApi(seed=seed, first_day=first, key=moonshot, now=clock)
        silicon, volcengine = keys["siliconflow"], keys["volcengine"]
        self.siliconflow = SiliconFlowApi(seed=seed, first_day=first, key=silicon, now=clock)
        self.volcengine = VolcengineApi(seed=seed, first_day=first, key=volcengine, now=clock)
        self.github = GitHubApi(seed=seed, first_day=first, key=keys["github"], now=clock)
        apis: dict[str, _Api] = {
            "openai": OpenAIApi(self.story, key=keys["openai"], now=clock),
            "anthropic": AnthropicApi(
                self.story, key=keys["anthropic"], now=clock, analytics=analytics
            ),
            "openrouter": self.openrouter,
            "deepseek": self.deepseek,
            "moonshot": self.moonshot,
            "siliconflow": self.siliconflow,
            "volcengine": self.volcengine,
            "github": self.github,
            LAB: OpenAIApi(self.story, key=keys[LAB], now=clock, organisation=lab.ORGANISATION),
        }
        self._server = _Server(
            {one.base: apis[one.id] for one in _PROVIDERS},
            port=port,
            throttle=throttle,
            retry_after=retry_after,
        )
        host = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.accounts: tuple[DemoAccount, ...] = tuple(
            DemoAccount(
                one.word,
                f"{one.company} {one.title}",
                host + one.base,
                keys[one.id],
                one.settings,
                one.id,
            )
            for one in _PROVIDERS
        )
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="demo-providers", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving and close every connection; closing twice does nothing more."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    @property
    def requests_answered(self) -> int:
        """How many requests were answered so far, throttled ones included."""
        return self._server.answered


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for them
    request_queue_size = 64

    def __init__(
        self,
        apis: Mapping[str, _Api],
        *,
        port: int,
        throttle: int,
        retry_after: int,
    ) -> None:
        self._apis = apis
        self._throttle = throttle
        self._retry_after = retry_after
        self._count = itertools.count(1)
        self.answered = 0
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)

    def answer(self, path: str, query: str, headers: dict[str, str], body: bytes | None) -> Reply:
        """The answer to a GET, or to a POST where there is a `body`."""
        self.answered = number = next(self._count)
        if self._throttle and number % self._throttle == 0:
            error = {"error": {"message": "Rate limit reached.", "type": "rate_limit_error"}}
            wait = {"retry-after": str(self._retry_after)}
            return Reply(429, json.dumps(error).encode(), wait)
        for base, api in self._apis.items():
            if path.startswith(f"{base}/"):
                below = path.removeprefix(base)
                if body is None:
                    return api.answer(below, query, headers)
                if isinstance(api, _Questioned):
                    return api.question(below, query, headers, body)
                return Reply(405, b'{"error":"method not allowed"}')
        return Reply(404, b'{"error":"not found"}')

    def process_request(self, request: object, client_address: object) -> None:
        if isinstance(request, socket.socket):
            with self._lock:
                self._open.add(request)
        super().process_request(request, client_address)  # type: ignore[arg-type]

    def shutdown_request(self, request: object) -> None:
        if isinstance(request, socket.socket):
            with self._lock:
                self._open.discard(request)
        super().shutdown_request(request)  # type: ignore[arg-type]

    def server_close(self) -> None:
        """Wake the threads that wait for a next request on a kept connection, then join them."""
        with self._lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # it was gone already
        super().server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave together
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        self._reply(None)

    def do_POST(self) -> None:
        self._reply(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

    def _reply(self, body: bytes | None) -> None:
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.server.answer(path, query, headers, body)
        self.send_response(reply.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing is logged: addresses would only disturb the progress line."""


def _key_of(one: _Provider, seed: int) -> str:
    first = _made_up_key(one.key_prefix, seed, one.id)
    return f"{first}:{_made_up_key('demo', seed, f'{one.id}/secret')}" if one.has_pair else first


def _made_up_key(prefix: str, seed: int, name: str) -> str:
    dice = random.Random(f"plimsoll/key/{name}/{seed}")  # noqa: S311 - it opens nothing
    return f"{prefix}-{''.join(dice.choice(_LETTERS) for _ in range(32))}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the demo's providers by hand until interrupted; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m plimsoll.demo.server")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--now", type=datetime.fromisoformat)
    parser.add_argument("--no-analytics", action="store_true")
    parser.add_argument("--throttle", type=int, default=0)
    asked = parser.parse_args(arguments)
    world = DemoWorld(
        seed=asked.seed,
        now=asked.now or (lambda: datetime.now(UTC)),
        analytics=not asked.no_analytics,
        throttle=asked.throttle,
        port=asked.port,
    )
    with world:
        accounts = [
            {
                "provider": one.provider,
                "name": one.name,
                "base_url": one.base_url,
                "key": one.key,
                "settings": dict(one.settings),
            }
            for one in world.accounts
        ]
        print(json.dumps({"accounts": accounts}, indent=2), flush=True)  # noqa: T201 - by hand
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
