"""ACS3-HMAC-SHA256: how requests to Alibaba Cloud's OpenAPI are signed.

Source: Alibaba Cloud, "Request syntax and signature method V3"
(https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature),
whose example the tests repeat. The key is `AccessKey ID:AccessKey Secret`.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex
from urllib.parse import quote

from plimsoll.domain.secret import Secret
from plimsoll.sources.signing.signer import Signature, Unsigned

_ALGORITHM = "ACS3-HMAC-SHA256"
_DATE, _CONTENT, _NONCE = "x-acs-date", "x-acs-content-sha256", "x-acs-signature-nonce"


def _new_nonce() -> str:
    return token_hex(16)


@dataclass(frozen=True, slots=True)
class SignatureAcs3:
    """Signs requests; `nonce` makes the word that no two requests share."""

    nonce: Callable[[], str] = _new_nonce

    @property
    def own_headers(self) -> frozenset[str]:
        """Authorization, the time, the body's hash and the nonce."""
        return frozenset({"authorization", _DATE, _CONTENT, _NONCE})

    def sign(self, request: Unsigned, secret: Secret, now: datetime) -> Signature:
        """The headers that carry the signature; host, content type and all of Alibaba Cloud's own
        headers (`x-acs-…`) are signed.
        """
        identity, _, key = secret.reveal().partition(":")
        content = hashlib.sha256(request.body).hexdigest()
        added = {
            _DATE: now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            _CONTENT: content,
            _NONCE: self.nonce(),
        }
        signed = _signed_headers(request, added)
        names = ";".join(signed)
        canonical = "\n".join(
            (
                request.method,
                quote(request.path, safe="/-_.~%"),
                _query(request),
                *(f"{name}:{value}" for name, value in signed.items()),
                "",
                names,
                content,
            )
        )
        to_sign = f"{_ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        proof = hmac.new(key.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
        words = f"{_ALGORITHM} Credential={identity},SignedHeaders={names},Signature={proof}"
        return Signature((*added.items(), ("Authorization", words)))


def _signed_headers(request: Unsigned, added: Mapping[str, str]) -> dict[str, str]:
    """The headers that are signed, by name in small letters, sorted."""
    found = {"host": request.host}
    for name, value in (*request.headers, *added.items()):
        if name.lower() == "content-type" or name.lower().startswith("x-acs-"):
            found[name.lower()] = value.strip()
    return dict(sorted(found.items()))


def _query(request: Unsigned) -> str:
    pairs = sorted((quote(k, safe="-_.~"), quote(v, safe="-_.~")) for k, v in request.params)
    return "&".join(f"{name}={value}" for name, value in pairs)
