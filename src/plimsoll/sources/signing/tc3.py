"""TC3-HMAC-SHA256: how requests to Tencent Cloud's API 3.0 are signed.

Source: Tencent Cloud, "Signature v3" (https://www.tencentcloud.com/document/product/845/32207),
whose example the tests repeat. The key is `SecretId:SecretKey`.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from plimsoll.domain.secret import Secret
from plimsoll.sources.signing.signer import Signature, Unsigned

_ALGORITHM = "TC3-HMAC-SHA256"
_ENDING = "tc3_request"
_SIGNED = "content-type;host"


@dataclass(frozen=True, slots=True)
class SignatureTc3:
    """Signs POST requests to the places of one account, each of which is one service."""

    services: Mapping[str, str]
    """By the word of the address; the empty word is the base address."""

    @property
    def own_headers(self) -> frozenset[str]:
        """Authorization and the time that it was signed at."""
        return frozenset({"authorization", "x-tc-timestamp"})

    def sign(self, request: Unsigned, secret: Secret, now: datetime) -> Signature:
        """The headers that carry the signature; host, content type and body are signed."""
        identity, _, key = secret.reveal().partition(":")
        seconds = str(int(now.timestamp()))
        day = f"{now.astimezone(UTC):%Y-%m-%d}"
        service = self.services[request.place]
        content_type = next(v for name, v in request.headers if name.lower() == "content-type")
        canonical = "\n".join(
            (
                request.method,
                "/",
                "",
                f"content-type:{content_type}",
                f"host:{request.host}",
                "",
                _SIGNED,
                hashlib.sha256(request.body).hexdigest(),
            )
        )
        scope = f"{day}/{service}/{_ENDING}"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        derived = f"TC3{key}".encode()
        for step in (day, service, _ENDING):
            derived = _hmac(derived, step)
        proof = _hmac(derived, "\n".join((_ALGORITHM, seconds, scope, digest))).hex()
        credential = f"Credential={identity}/{scope}, SignedHeaders={_SIGNED}, Signature={proof}"
        return Signature(
            (("X-TC-Timestamp", seconds), ("Authorization", f"{_ALGORITHM} {credential}"))
        )


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
