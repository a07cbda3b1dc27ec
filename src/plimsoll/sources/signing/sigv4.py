"""Signature version 4, of AWS and in the near-twin of Volcengine: the request signed by HMAC.

Sources: AWS, "Create a signed AWS API request" (IAM User Guide), whose published test suite the
tests repeat; Volcengine, "Signature method" of its API gateway (the algorithm's name, the two
headers and the scope's last word differ, and the secret has no prefix).

The key is `ID:SECRET`, or `ID:SECRET:SESSION TOKEN` for AWS keys that were lent for a while.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from plimsoll.domain.secret import Secret
from plimsoll.sources.signing.signer import Signature, Unsigned


@dataclass(frozen=True, slots=True)
class Dialect:
    """The words in which the two differ.

    `content_header` carries the body's hash, empty where that is not sent; `encodes_path_again`
    says that a path already encoded is encoded once more for the signature.
    """

    algorithm: str
    secret_prefix: str
    ending: str
    date_header: str
    content_header: str
    token_header: str
    encodes_path_again: bool


AWS = Dialect(
    "AWS4-HMAC-SHA256", "AWS4", "aws4_request", "X-Amz-Date", "", "X-Amz-Security-Token", True
)
VOLCENGINE = Dialect(
    "HMAC-SHA256", "", "request", "X-Date", "X-Content-Sha256", "X-Security-Token", False
)


@dataclass(frozen=True, slots=True)
class Scope:
    """The service and the region that a signature is good for."""

    service: str
    region: str


@dataclass(frozen=True, slots=True)
class SignatureV4:
    """Signs requests to the places of one account, each with its own scope."""

    scopes: Mapping[str, Scope]
    """By the word of the address; the empty word is the base address."""
    dialect: Dialect = AWS

    @property
    def own_headers(self) -> frozenset[str]:
        """Authorization, the date, the content's hash and the session token."""
        dialect = self.dialect
        named = (dialect.date_header, dialect.content_header, dialect.token_header)
        return frozenset({"authorization", *(name.lower() for name in named if name)})

    def sign(self, request: Unsigned, secret: Secret, now: datetime) -> Signature:
        """The headers that carry the signature; host, content type, dates and the service's own
        headers (`x-amz-…`) are signed.
        """
        dialect, scope = self.dialect, self.scopes[request.place]
        identity, _, rest = secret.reveal().partition(":")
        key, _, token = rest.partition(":")
        instant = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        content = hashlib.sha256(request.body).hexdigest()
        added = {dialect.date_header: instant}
        if dialect.content_header:
            added[dialect.content_header] = content
        if token:
            added[dialect.token_header] = token
        signed = _signed_headers(request, added)
        names = ";".join(signed)
        canonical = "\n".join(
            (
                request.method,
                _path(request.path, again=dialect.encodes_path_again),
                _query(request),
                *(f"{name}:{value}" for name, value in signed.items()),
                "",
                names,
                content,
            )
        )
        steps = (instant[:8], scope.region, scope.service, dialect.ending)
        credential = "/".join(steps)
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        to_sign = "\n".join((dialect.algorithm, instant, credential, digest))
        derived = (dialect.secret_prefix + key).encode()
        for step in steps:
            derived = _hmac(derived, step)
        proof = (
            f"{dialect.algorithm} Credential={identity}/{credential}, SignedHeaders={names}, "
            f"Signature={_hmac(derived, to_sign).hex()}"
        )
        return Signature((*added.items(), ("Authorization", proof)))


def _signed_headers(request: Unsigned, added: Mapping[str, str]) -> dict[str, str]:
    """The headers that are signed, by name in small letters, sorted; spaces drawn together."""
    found = {"host": request.host}
    for name, value in (*request.headers, *added.items()):
        if name.lower() == "content-type" or name.lower().startswith("x-"):
            found[name.lower()] = " ".join(value.split())
    return dict(sorted(found.items()))


def _path(path: str, *, again: bool) -> str:
    return quote(path, safe="/-_.~") if again else path


def _query(request: Unsigned) -> str:
    pairs = sorted((quote(k, safe="-_.~"), quote(v, safe="-_.~")) for k, v in request.params)
    return "&".join(f"{name}={value}" for name, value in pairs)


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
