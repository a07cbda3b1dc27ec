"""Addresses: which base addresses a key may be bound to, and what may be asked below them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

from plimsoll.domain.errors import SurprisingAnswer, WrongUse
from plimsoll.domain.said import say

_USUAL_PORT = {"https": 443, "http": 80}

_HOST_NAME = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*",
    re.ASCII,
)
_LOOKS_LIKE_A_NUMBER = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)", re.ASCII)
_PATH = re.compile(r"(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+)*", re.ASCII)
_CLIMBS = re.compile(r"/(?:\.|%2e){1,2}(?:/|\Z)|%2f|%5c", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Binding:
    """The one place that a key belongs to: scheme, host and port, and the path all requests share.

    `host` is a name or an address without brackets; `port` is always a number; `path` is empty or
    starts with a slash and ends without one.
    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def is_loopback(self) -> bool:
        """Whether the host is this machine by its very name: 127.0.0.0/8, ::1 or localhost."""
        if self.host == "localhost":
            return True
        try:
            address = ipaddress.ip_address(self.host)
        except ValueError:
            return False
        return address.is_loopback and getattr(address, "ipv4_mapped", None) is None

    @property
    def authority(self) -> str:
        """Host and port as the `Host` header has them: without the scheme's usual port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _USUAL_PORT[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The base address, normalised, without a slash at the end."""
        return f"{self.scheme}://{self.authority}{self.path}"

    def target(self, path: str, params: Iterable[tuple[str, str]] = ()) -> str:
        """What stands in the request line for `path` below this address; raises as `below`."""
        return with_query(self.below(path), params)

    def below(self, path: str) -> str:
        """The whole path of `path` below this address.

        A path may hold an id out of a provider's answer, so whatever could lead elsewhere (an
        address, `//`, `..` in any dress) raises `SurprisingAnswer`, and nothing is asked.
        """
        if not path or (path != "/" and not _PATH.fullmatch(path)) or _CLIMBS.search(path):
            raise SurprisingAnswer(
                say("The next request would go to an address that Plimsoll does not ask."),
                remedy=say("Nothing was sent."),
            )
        return f"{self.path}{path}"


def bind(base_url: str) -> Binding:
    """Read a base address; raises `WrongUse` for one that no key may be bound to.

    https is asked unless the host is this machine; user names, queries and fragments have no place
    in it, and a host must be written plainly (no look-alike letters, no `127.1`, no final dot).
    """
    text = base_url.strip()
    if not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        raise _wrong(say("holds a character that has no place in an address"))
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _wrong(say("is not a web address")) from None
    if parts.scheme not in _USUAL_PORT or not host:
        raise _wrong(say("is not a web address that starts with https://"))
    if "@" in parts.netloc:
        raise _wrong(say("holds a user name or a password; a key is given apart from the address"))
    if "?" in text or "#" in text:
        raise _wrong(
            say("holds a question mark or a number sign; only scheme, host and path belong")
        )
    if not _is_plain_host(host, bracketed="[" in parts.netloc) or port == 0:
        raise _wrong(say("names its host or port in an unusual way"))
    path = parts.path.rstrip("/")
    if not _PATH.fullmatch(path) or _CLIMBS.search(path):
        raise _wrong(say("has a path with an unusual character or an empty or upward step"))
    binding = Binding(parts.scheme, host, port or _USUAL_PORT[parts.scheme], path)
    if binding.scheme == "http" and not binding.is_loopback:
        raise _wrong("starts with http://, where anyone on the way could read the key")
    return binding


def with_query(path: str, params: Iterable[tuple[str, str]]) -> str:
    """A path with its parameters, encoded, behind it."""
    query = urlencode(list(params), quote_via=quote, errors="replace")
    return f"{path}?{query}" if query else path


def check_base_url(url: str) -> str:
    """The base address normalised, without a slash at the end; raises `WrongUse` as `bind` does."""
    return bind(url).url


def host_named_in(location: str) -> str:
    """The host that a `Location` header names, for a sentence; empty where it names none."""
    try:
        host = urlsplit(location.strip()).hostname or ""
    except ValueError:
        return ""
    return host[:100] if _is_plain_host(host, bracketed=":" in host) else ""


def _is_plain_host(host: str, *, bracketed: bool) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return bool(_HOST_NAME.fullmatch(host)) and not _LOOKS_LIKE_A_NUMBER.fullmatch(host)
    return (address.version == 6) == bracketed and "%" not in host


def _wrong(why: str) -> WrongUse:
    # The text itself stays out of the sentence: a key pasted into the wrong field would show.
    return WrongUse(
        say("This base address {why}.", why=why),
        remedy=say(
            "Write it like https://api.example.com/v1; http:// is only for this machine itself."
        ),
    )
