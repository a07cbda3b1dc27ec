"""A Google service account's key: a statement signed by it (JWT, RFC 7519), exchanged for a token.

Source: Google Cloud, "Using OAuth 2.0 for server to server applications" (RFC 7523). The key is the
JSON file that the console hands out. RSA is done by the package `cryptography`; where that is
missing, it is said how to get it.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from plimsoll.domain.errors import WrongKeyKind, WrongUse
from plimsoll.domain.said import say
from plimsoll.domain.secret import Secret
from plimsoll.sources.signing.signer import Signature, Unsigned

_LIFE = 3600
_AUDIENCE = "https://oauth2.googleapis.com/token"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """Asks for a token that is good for `scope`."""

    scope: str
    place: str = "login"
    path: str = "/token"

    @property
    def own_headers(self) -> frozenset[str]:
        """Authorization."""
        return frozenset({"authorization"})

    def sign(self, _request: Unsigned, secret: Secret, now: datetime) -> Signature:
        """The form that asks for a token. Raises `WrongKeyKind` for a file of another kind."""
        key = _read(secret)
        issued = int(now.timestamp())
        claims = {
            "iss": key["client_email"],
            "scope": self.scope,
            "aud": _AUDIENCE,
            "iat": issued,
            "exp": issued + _LIFE,
        }
        header = {"alg": "RS256", "typ": "JWT", "kid": key["private_key_id"]}
        said = f"{_encoded(header)}.{_encoded(claims)}"
        proof = urlsafe_b64encode(_signed(key["private_key"], said)).rstrip(b"=").decode()
        form = {"grant_type": _GRANT, "assertion": f"{said}.{proof}"}
        return Signature(body=urlencode(form).encode())


def _read(secret: Secret) -> dict[str, str]:
    """The parts of the file that are needed; no error shows any of it."""
    try:
        told = json.loads(secret.reveal())
    except ValueError:
        told = None
    found = told if isinstance(told, dict) else {}
    needed = ("client_email", "private_key", "private_key_id")
    if found.get("type") != "service_account" or not all(
        isinstance(found.get(name), str) for name in needed
    ):
        raise WrongKeyKind(
            say("This is not the key file of a Google service account."),
            remedy=say("Nothing was sent. Make a JSON key of a service account in the console."),
        )
    return {name: found[name] for name in needed}


def _encoded(part: Mapping[str, object]) -> str:
    text = json.dumps(part, separators=(",", ":")).encode()
    return urlsafe_b64encode(text).rstrip(b"=").decode()


def _signed(private_key: str, text: str) -> bytes:
    try:
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError:
        raise WrongUse(
            say("To sign for Google, the package cryptography is needed, which is not installed."),
            remedy=say("Install Plimsoll with its extra for Google: pip install plimsoll[google]."),
        ) from None
    try:
        key = load_pem_private_key(private_key.encode(), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise WrongKeyKind(
            say("The private key in this service account's file cannot be read."),
            remedy=say("Nothing was sent. Make a new JSON key of the service account."),
        )
    return key.sign(text.encode(), PKCS1v15(), SHA256())
