"""The doorway: how a host is asked, one request at a time, within bounds of size and time.

A doorway lives for one sync or one test of one account. All its waiting (pauses that a provider
asks for, servers that say nothing or fail) comes out of one patience; a server that answers within
five seconds costs nothing, however often it is asked.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Self

from plimsoll import __version__
from plimsoll.domain.clock import Clock
from plimsoll.domain.errors import RateLimited
from plimsoll.sources.address import Binding, with_query
from plimsoll.sources.signing.signer import Signature, Unsigned

if TYPE_CHECKING:
    import httpcore2

    from plimsoll.sources.refusals import Refusals
    from plimsoll.sources.sockets import BrokenOff
    from plimsoll.sources.verdicts import Verdicts
    from plimsoll.sources.wire import Reply, Wire

_TRIES_OF_A_FAILING_SERVER = 3
_TRIES_OF_A_BREAKING_CONNECTION = 3


@dataclass(slots=True)
class Place:
    """One address that is asked; its connection is made when it is first needed."""

    word: str
    binding: Binding
    refusals: Refusals
    _wire: Wire | None = field(default=None, init=False)

    @property
    def wire(self) -> Wire:
        """The connection to it."""
        from plimsoll.sources.wire import Wire

        if self._wire is None:
            self._wire = Wire(self.binding)
        return self._wire

    def close(self) -> None:
        """End the connection, if there is one."""
        if self._wire is not None:
            self._wire.close()


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

        self.clock = clock
        self._places = {"": Place("", binding, refusals)}
        self._headers = tuple(headers)
        self._patience = Patience(patience, clock=clock, cancelled=cancelled)
        self._limited: RateLimited | None = None
        self._closed = False
        self._one_at_a_time = threading.Lock()

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
        return f"<{type(self).__name__} to {self.host}>"

    @property
    def host(self) -> str:
        """The host of the base address; without further addresses no other is asked."""
        return self._places[""].binding.host

    def close(self) -> None:
        """End the connections; after that the door stays closed."""
        self._closed = True
        for place in self._places.values():
            place.close()

    def content(self, path: str) -> bytes:
        """The body at `path` (which starts with a slash) below the base address, as it came.

        Raises as `Door.get` does, and `SurprisingAnswer` for a body that is empty or a web page.
        """
        place = self._places[""]
        return place.refusals.content(self._answer(place, self._unsigned(place, path)))

    def _unsigned(
        self,
        place: Place,
        path: str,
        *,
        params: Iterable[tuple[str, str]] = (),
        headers: Iterable[tuple[str, str]] = (),
        method: str = "GET",
        body: bytes = b"",
    ) -> Unsigned:
        """A request to a place below its address; raises `SurprisingAnswer` for another one."""
        return Unsigned(
            method=method,
            place=place.word,
            host=place.binding.authority,
            path=place.binding.below(path),
            params=tuple(params),
            headers=(*self._headers, *headers),
            body=body,
        )

    def _answer(self, place: Place, asked: Unsigned, verdicts: Verdicts | None = None) -> Reply:
        """The answer with status 200 to one question, asked until there is one."""
        with self._one_at_a_time:
            if self._closed:
                raise ValueError("the door is closed")
            self._get_ready()
            return self._insist(place, asked, verdicts)

    def _get_ready(self) -> None:
        """What there is to do before a question; nothing without a key."""

    def _insist(self, place: Place, asked: Unsigned, verdicts: Verdicts | None) -> Reply:
        """Ask until there is an answer, or a reason not to ask again."""
        from plimsoll.sources.wire import Reply

        failing = breaking = limited = 0
        while True:
            reply = self._ask(place, asked)
            if isinstance(reply, Reply) and verdicts is not None:
                reply = verdicts.judge(reply)
            if not isinstance(reply, Reply):
                breaking += 1
                if breaking == _TRIES_OF_A_BREAKING_CONNECTION or not self._pause(place, breaking):
                    raise place.refusals.trouble(reply)
            elif reply.status == 200:
                return reply
            elif reply.status == 429:
                limited += 1
                self._wait_as_asked(place, reply, limited)
            elif reply.status >= 500 and reply.status != 511:
                failing += 1
                if failing == _TRIES_OF_A_FAILING_SERVER or not self._pause(place, failing, reply):
                    raise place.refusals.refusal(reply)
            else:
                raise place.refusals.refusal(reply)

    def _ask(self, place: Place, asked: Unsigned) -> Reply | BrokenOff:
        """One request; `BrokenOff` is given back, because that is worth another try."""
        from plimsoll.sources.sockets import BrokenOff, Trouble

        self._check_still_welcome()
        deadline = self._patience.deadline()
        in_vain = True
        trouble: Trouble
        try:
            deadline.left()
            reply = place.wire.exchange(self._ready(place, asked), deadline)
        except Trouble as known:
            trouble = known.with_traceback(None)
        else:
            in_vain = reply.status == 429 or reply.status >= 500
            return reply
        finally:
            self._patience.charge(deadline, in_vain=in_vain)
        if isinstance(trouble, BrokenOff):
            return trouble
        raise place.refusals.trouble(trouble)

    def _ready(self, place: Place, asked: Unsigned) -> httpcore2.Request:
        """A request about to leave, with its proof, after a last look at where it goes."""
        binding, proof = place.binding, self._signed(asked)
        request = place.wire.request(
            with_query(asked.path, (*asked.params, *proof.params)),
            (*_all_headers(asked.headers), *proof.headers),
            method=asked.method,
            body=asked.body if proof.body is None else proof.body,
        )
        url = request.url
        bound_to = (binding.scheme.encode(), binding.host.encode(), binding.port)
        if (url.scheme, url.host, url.port) != bound_to:
            raise AssertionError("a request was about to leave for another host than the key's")
        return request

    def _signed(self, asked: Unsigned) -> Signature:  # noqa: ARG002 - a door with a key looks at it
        """Nothing: no key is sent."""
        return Signature()

    def _check_still_welcome(self) -> None:
        """Ask nothing before the instant that the provider named, whoever calls."""
        error = self._limited
        if error is not None and self.clock.now() < error.until:
            raise RateLimited(error.sentence, until=error.until, remedy=error.remedy)

    def _wait_as_asked(self, place: Place, reply: Reply, times: int) -> None:
        """Wait as a 429 asks, and longer where it asks again and again for next to nothing; raises
        `RateLimited` at once where the patience is too short.
        """
        from plimsoll.sources.patience import back_off

        if place.refusals.is_about_money(reply):
            self._limited = place.refusals.out_of_money(reply)
        else:
            wait = max(back_off(times), place.refusals.asked_to_wait(reply) or 0.0)
            if self._patience.sleep(wait):
                return
            self._limited = place.refusals.rate_limited(wait=wait)
        self._check_still_welcome()

    def _pause(self, place: Place, times: int, reply: Reply | None = None) -> bool:
        """Back off before another try, or longer where a 503 says so; False if that is too long."""
        from plimsoll.sources.patience import back_off

        asked = place.refusals.asked_to_wait(reply) if reply is not None else None
        return self._patience.sleep(max(back_off(times), asked or 0.0))


def _all_headers(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [
        ("User-Agent", f"Plimsoll/{__version__}"),
        ("Accept", "application/json"),
        ("Accept-Encoding", "gzip"),
        *headers,
    ]
