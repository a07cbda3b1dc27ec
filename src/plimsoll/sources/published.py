"""Published: a file that is there for everybody, fetched through the door without any key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from plimsoll.domain.clock import Clock
from plimsoll.domain.errors import (
    NoAnswer,
    NotOffered,
    PlimsollError,
    SurprisingAnswer,
    UnexpectedRedirect,
    WrongUse,
)
from plimsoll.domain.redaction import Redactor
from plimsoll.domain.said import say
from plimsoll.sources import sockets
from plimsoll.sources.address import bind, host_named_in
from plimsoll.sources.http import PATIENCE, Doorway
from plimsoll.sources.refusals import Refusals
from plimsoll.sources.sockets import Trouble
from plimsoll.sources.wire import Reply

_NETWORK_LOGIN = 407


def check_address(url: str) -> str:
    """A file's address, normalised; raises `WrongUse` for one that is not fetched.

    https is asked unless the host is this machine; there is no user name and no question mark.
    """
    try:
        binding = bind(url)
    except WrongUse as wrong:
        raise WrongUse(
            wrong.sentence.replace("base address", "address"),
            remedy=say("Write it like https://example.com/prices/data.json."),
        ) from None
    if not binding.path:
        raise WrongUse(say("This address names no file."))
    return binding.url


def fetch(
    url: str,
    *,
    title: str,
    clock: Clock,
    cancelled: Callable[[], bool],
    patience: float = PATIENCE,
) -> bytes:
    """The file at `url`, at most 32 MB; `title` is what it is called in sentences.

    Nothing but its address is sent, and no redirect is followed. Raises `WrongUse` for an address
    that is not fetched, `NotOffered`, `RateLimited`, `ProviderDown`, `NoAnswer`, `Cancelled`, or
    `SurprisingAnswer` with its kinds.
    """
    binding = bind(check_address(url))
    doorway = Doorway(
        replace(binding, path=""),
        headers=(),
        refusals=_Refusals(
            title=title, host=binding.host, redactor=Redactor(), clock=clock, patience=patience
        ),
        clock=clock,
        cancelled=cancelled,
        patience=patience,
    )
    with doorway:
        return doorway.content(binding.path)


class _Refusals(Refusals):
    """What is no answer, in words without a key and without an account."""

    __slots__ = ()

    def refusal(self, reply: Reply) -> PlimsollError:
        status = reply.status
        if 300 <= status < 400:
            host = host_named_in(reply.headers.get("location", ""))
            return UnexpectedRedirect(
                say(
                    "{host} sends the request for {title} on to {where}, which was not asked.",
                    host=self._host,
                    title=self._title,
                    where=host or say("another address"),
                ),
                remedy=say("Set the address that it is sent on to, if you trust it."),
            )
        if 400 <= status < 500 and status != _NETWORK_LOGIN:
            return NotOffered(
                say(
                    "{host} does not have {title} at this address (status {status}).",
                    host=self._host,
                    title=self._title,
                    status=status,
                ),
                status=status,
                remedy=say("Check the address."),
            )
        return super().refusal(reply)

    def trouble(self, trouble: Trouble) -> PlimsollError:
        if isinstance(trouble, sockets.TimeUp):
            return NoAnswer(
                say(
                    "No answer from {host} within {patience} s.",
                    host=self._host,
                    patience=f"{self._patience:g}",
                ),
                remedy=say("Try again later, or set the address of a mirror that is nearer."),
            )
        if isinstance(trouble, sockets.NotTrusted):
            why = f" ({trouble.detail})" if trouble.detail else ""
            return NoAnswer(
                say(
                    "The certificate that {host} shows cannot be trusted{why}.",
                    host=self._host,
                    why=why,
                ),
                remedy=say(
                    "Check this computer's date, and whether a proxy or a network's "
                    "login page stands between."
                ),
            )
        if isinstance(trouble, sockets.NotHttp):
            return SurprisingAnswer(
                say("What answers at {host} does not speak HTTP.", host=self._host),
                remedy=say("Check the address."),
            )
        return super().trouble(trouble)
