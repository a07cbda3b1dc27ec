"""What a signer is: a request about to leave goes in, what proves the key comes out.

A key's text passes through one function only, `Signer.sign`, which the network door calls with the
request at the last moment before it leaves. A signature is made anew for each try: most hold the
time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from plimsoll.domain.secret import Secret


@dataclass(frozen=True, slots=True)
class Unsigned:
    """A request that is ready but for its key.

    `place` is the word of the address that it goes to, empty for the account's base address;
    `host` is what the `Host` header will say; `path` is the whole path of the request line;
    `params` are not encoded yet. `headers` are the connector's and the body's content type.
    """

    method: str
    place: str
    host: str
    path: str
    params: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True, repr=False)
class Signature:
    """What proves the key: headers and parameters to add, and the body where that carries it."""

    headers: tuple[tuple[str, str], ...] = ()
    params: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None


class Signer(Protocol):
    """Puts a key on requests."""

    @property
    def own_headers(self) -> frozenset[str]:
        """The headers that are its own, in small letters: no connector sets them."""
        ...

    def sign(self, request: Unsigned, secret: Secret, now: datetime) -> Signature:
        """What to add to a request, at the instant `now` (UTC)."""
        ...


@runtime_checkable
class Exchange(Signer, Protocol):
    """A signer whose key is first exchanged for a token of short life, as OAuth does (RFC 6749).

    `sign` signs the request for the token alone, a POST of `path` at the address `place`; the door
    reads `access_token` and `expires_in` out of the answer, keeps them while it is open, and sends
    the token with every other request as `Authorization: Bearer`.
    """

    @property
    def place(self) -> str:
        """The word of the address that hands out tokens (`Hosts.more_addresses`)."""
        ...

    @property
    def path(self) -> str:
        """The path below that address; it starts with a slash."""
        ...
