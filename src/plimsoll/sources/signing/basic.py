"""HTTP Basic: the key is a user name and a password (RFC 7617)."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime

from plimsoll.domain.secret import Secret
from plimsoll.sources.signing.signer import Signature, Unsigned


@dataclass(frozen=True, slots=True)
class Basic:
    """The key is `user:password`, or a user name alone, whose password is empty."""

    @property
    def own_headers(self) -> frozenset[str]:
        """Authorization."""
        return frozenset({"authorization"})

    def sign(self, _request: Unsigned, secret: Secret, _now: datetime) -> Signature:
        """The header that holds both."""
        text = secret.reveal()
        pair = text if ":" in text else f"{text}:"
        return Signature((("Authorization", f"Basic {b64encode(pair.encode()).decode()}"),))
