"""The one network door: bound to one host and one key, bounded in size and time, in plain errors.

A door lives for one sync or one test of one account. All its waiting (pauses that a provider asks
for, servers that say nothing or fail) comes out of one patience; a server that answers within five
seconds costs nothing, however often it is asked.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from plimsoll import __version__
from plimsoll.domain.clock import Clock
from plimsoll.domain.errors import RateLimited
from plimsoll.domain.redaction import Redactor
from plimsoll.domain.secret import Secret
from plimsoll.sources.address import Binding, bind, check_base_url
from plimsoll.sources.base import KeyHeader

if TYPE_CHECKING:
    import httpcore2

    from plimsoll.sources.refusals import Refusals
    from plimsoll.sources.sockets import BrokenOff
    from plimsoll.sources.wire import Reply

PATIENCE = 30.0
"""Seconds that one sync may wait for one account, in all."""

_TRIES_OF_A_FAILING_SERVER = 3
_TRIES_OF_A_BREAKING_CONNECTION = 3

_NOT_FOR_CONNECTORS = frozenset(
    {
        "accept",
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "cookie",
        "host",
        "proxy-authorization",
        "transfer-encoding",
        "user-agent",
    }
)
"""Headers that belong to the door, or to nobody."""


class Doorway:
    """Asks one host, one request at a time, within the door's bounds, and sends no key.

    What is published for everybody is fetched through it as it is; `Door` puts an account's key on.
    `refusals` turn what is no answer into errors; `cancelled` is asked before each request and at
    least every 0.2 seconds of waiting; `patience` is in seconds of `clock.monotonic()`.
    """

    def __init__(
        self,
        binding: Binding,
        *,
        headers: Sequence[tuple[str, str]],
        refusals: Refusals,
        clock: Clock,
        cancelled: Callable[[], bool],
        patience: float,
    ) -> None:
        # Imported here, so that checking an address does not load the network's libraries.
        from plimsoll.sources.patience import Patience
        from plimsoll.sources.wire import Wire

        self.clock = clock
        self._binding = binding
        self._headers = headers
        self._patience = Patience(patience, clock=clock, cancelled=cancelled)
        self._refusals = refusals
        self._limited: RateLimited | None = None
        self._closed = False
        self._one_at_a_time = threading.Lock()
        self._wire = Wire(binding)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} to {self._binding.host}>"

    @property
    def host(self) -> str:
        """The host that is asked, and no other."""
        return self._binding.host

    def close(self) -> None:
        """End the connection; after that the door stays closed."""
        self._closed = True
        self._wire.close()

    def content(self, path: str) -> bytes:
        """The body at `path` (which starts with a slash) below the base address, as it came.

        Raises as `Door.get` does, and `SurprisingAnswer` for a body that is empty or a web page.
        """
        return self._refusals.content(self._answer(path, (), {}))

    def _answer(
        self, path: str, params: Iterable[tuple[str, str]], headers: Mapping[str, str]
    ) -> Reply:
        """The answer with status 200 to one question, asked until there is one."""
        target = self._binding.target(path, params)
        with self._one_at_a_time:
            if self._closed:
                raise ValueError("the door is closed")
            return self._insist(target, [*self._headers, *headers.items()])

    def _insist(self, target: str, headers: list[tuple[str, str]]) -> Reply:
        """Ask until there is an answer, or a reason not to ask again."""
        from plimsoll.sources.wire import Reply

        failing = breaking = limited = 0
        while True:
            reply = self._ask(target, headers)
            if not isinstance(reply, Reply):
                breaking += 1
                if breaking == _TRIES_OF_A_BREAKING_CONNECTION or not self._pause(breaking):
                    raise self._refusals.trouble(reply)
            elif reply.status == 200:
                return reply
            elif reply.status == 429:
                limited += 1
                self._wait_as_asked(reply, limited)
            elif reply.status >= 500 and reply.status != 511:
                failing += 1
                if failing == _TRIES_OF_A_FAILING_SERVER or not self._pause(failing, reply):
                    raise self._refusals.refusal(reply)
            else:
                raise self._refusals.refusal(reply)

    def _ask(self, target: str, headers: list[tuple[str, str]]) -> Reply | BrokenOff:
        """One request; `BrokenOff` is given back, because that is worth another try."""
        from plimsoll.sources.sockets import BrokenOff, Trouble

        self._check_still_welcome()
        deadline = self._patience.deadline()
        in_vain = True
        trouble: Trouble
        try:
            deadline.left()
            request = self._wire.request(target, _all_headers(headers))
            reply = self._wire.exchange(self._ready(request), deadline)
        except Trouble as known:
            trouble = known.with_traceback(None)
        else:
            in_vain = reply.status == 429 or reply.status >= 500
            return reply
        finally:
            self._patience.charge(deadline, in_vain=in_vain)
        if isinstance(trouble, BrokenOff):
            return trouble
        raise self._refusals.trouble(trouble)

    def _ready(self, request: httpcore2.Request) -> httpcore2.Request:
        """A request about to leave, after a last look at where it goes."""
        url, binding = request.url, self._binding
        bound_to = (binding.scheme.encode(), binding.host.encode(), binding.port)
        if (url.scheme, url.host, url.port) != bound_to:
            raise AssertionError("a request was about to leave for another host than the key's")
        return request

    def _check_still_welcome(self) -> None:
        """Ask nothing before the instant that the provider named, whoever calls."""
        error = self._limited
        if error is not None and self.clock.now() < error.until:
            raise RateLimited(error.sentence, until=error.until, remedy=error.remedy)

    def _wait_as_asked(self, reply: Reply, times: int) -> None:
        """Wait as a 429 asks; raises `RateLimited` at once where the patience is too short."""
        from plimsoll.sources.patience import back_off

        if self._refusals.is_about_money(reply):
            self._limited = self._refusals.out_of_money(reply)
        else:
            asked = self._refusals.asked_to_wait(reply)
            wait = back_off(times) if asked is None else asked
            if self._patience.sleep(wait):
                return
            self._limited = self._refusals.rate_limited(wait=wait)
        self._check_still_welcome()

    def _pause(self, times: int, reply: Reply | None = None) -> bool:
        """Back off before another try, or longer where a 503 says so; False if that is too long."""
        from plimsoll.sources.patience import back_off

        asked = self._refusals.asked_to_wait(reply) if reply is not None else None
        return self._patience.sleep(max(back_off(times), asked or 0.0))


class Door(Doorway):
    """GETs JSON objects from one host with one key, one request at a time.

    `base_url` is checked as `check_base_url` does; `headers` go with every request; `title` is the
    provider's name in sentences; `cancelled` is asked before each request and at least every 0.2
    seconds of waiting; `patience` is in seconds of `clock.monotonic()`.
    """

    def __init__(
        self,
        *,
        base_url: str,
        key: Secret,
        key_header: KeyHeader,
        headers: Mapping[str, str],
        title: str,
        clock: Clock,
        cancelled: Callable[[], bool] = lambda: False,
        patience: float = PATIENCE,
    ) -> None:
        # Imported here, so that checking an address does not load the network's libraries.
        from plimsoll.sources.refusals import Refusals

        binding = bind(base_url)
        super().__init__(
            binding,
            headers=_plain_headers(headers, key_header),
            refusals=Refusals(
                title=title,
                host=binding.host,
                redactor=Redactor([key]),
                clock=clock,
                patience=patience,
            ),
            clock=clock,
            cancelled=cancelled,
            patience=patience,
        )
        self._key = key
        self._key_header = key_header

    def get(
        self,
        path: str,
        params: Iterable[tuple[str, str]] = (),
        *,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, object]:
        """The JSON object at `path` (which starts with a slash) below the base address.

        Figures with a point are `Decimal`, whole ones `int`; no float ever. Raises `KeyRejected`
        (401), `MissingScope` (403), `NotOffered` (400, 404, 405, 410, 422), `RateLimited` (429),
        `ProviderDown` (5xx), `NoAnswer`, `Cancelled`, and `SurprisingAnswer` with its kinds
        `NotJson` and `UnexpectedRedirect` (any 3xx).
        """
        extra = dict(_plain_headers(headers or {}, self._key_header))
        return self._refusals.read(self._answer(path, params, extra))

    def _ready(self, request: httpcore2.Request) -> httpcore2.Request:
        """Put the key on a request, after a last look at where it goes: the only place for it."""
        request = super()._ready(request)
        scheme = f"{self._key_header.scheme} " if self._key_header.scheme else ""
        request.headers.append(
            (self._key_header.name.encode(), (scheme + self._key.reveal()).encode())
        )
        return request


def _all_headers(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [
        ("User-Agent", f"Plimsoll/{__version__}"),
        ("Accept", "application/json"),
        ("Accept-Encoding", "gzip"),
        *headers,
    ]


def _plain_headers(headers: Mapping[str, str], key_header: KeyHeader) -> list[tuple[str, str]]:
    """Headers of a connector, checked; a wrong one is our own mistake: `ValueError`."""
    for name, value in headers.items():
        if name.lower() in _NOT_FOR_CONNECTORS or name.lower() == key_header.name.lower():
            raise ValueError(f"the header {name} belongs to the door")
        if not (value.isascii() and value.isprintable() and name.replace("-", "").isalnum()):
            raise ValueError("a header is not plain ASCII")
    return list(headers.items())


__all__ = ["PATIENCE", "Door", "Doorway", "check_base_url"]
