"""BCE authentication, version 1: how requests to Baidu's cloud are signed.

Source: Baidu AI Cloud, "Generate authentication string"
(https://cloud.baidu.com/doc/Reference/s/njwvz1yfu), whose sample request the tests repeat. The key
is `ACCESS KEY ID:SECRET ACCESS KEY`.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from plimsoll.domain.secret import Secret
from plimsoll.sources.signing.signer import Signature, Unsigned

_DATE = "x-bce-date"
_GOOD_FOR = 1800
"""Seconds that a signature is good for, as Baidu's own samples have it."""


@dataclass(frozen=True, slots=True)
class SignatureBce:
    """Signs requests; host, time and Baidu's own headers (`x-bce-…`) are signed, no body is."""

    @property
    def own_headers(self) -> frozenset[str]:
        """Authorization and the time that it was signed at."""
        return frozenset({"authorization", _DATE})

    def sign(self, request: Unsigned, secret: Secret, now: datetime) -> Signature:
        """The headers that carry the signature."""
        identity, _, key = secret.reveal().partition(":")
        instant = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        signed = {"host": request.host, _DATE: instant}
        for name, value in request.headers:
            if name.lower().startswith("x-bce-"):
                signed[name.lower()] = value.strip()
        canonical = "\n".join(
            (
                request.method,
                quote(request.path, safe="/-_.~%"),
                "&".join(sorted(f"{_coded(name)}={_coded(v)}" for name, v in request.params)),
                *sorted(f"{_coded(name)}:{_coded(value)}" for name, value in signed.items()),
            )
        )
        prefix = f"bce-auth-v1/{identity}/{instant}/{_GOOD_FOR}"
        proof = _hmac(_hmac(key, prefix), canonical)
        words = f"{prefix}/{';'.join(sorted(signed))}/{proof}"
        return Signature(((_DATE, instant), ("Authorization", words)))


def _coded(text: str) -> str:
    return quote(text, safe="-_.~")


def _hmac(key: str, text: str) -> str:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()
