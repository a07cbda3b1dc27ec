"""Microsoft Entra's client credentials: an application's id and secret, exchanged for a token.

Source: Microsoft identity platform, "OAuth 2.0 client credentials flow" (RFC 6749, 4.4). The key is
`APPLICATION ID:SECRET`; the directory (tenant) is no secret and stands in the address.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from plimsoll.domain.secret import Secret
from plimsoll.sources.signing.signer import Signature, Unsigned


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """Asks for a token that is good for `resource`, in the directory `tenant`."""

    tenant: str
    resource: str
    place: str = "login"

    @property
    def path(self) -> str:
        """Where the directory hands out tokens."""
        return f"/{self.tenant}/oauth2/v2.0/token"

    @property
    def own_headers(self) -> frozenset[str]:
        """Authorization."""
        return frozenset({"authorization"})

    def sign(self, _request: Unsigned, secret: Secret, _now: datetime) -> Signature:
        """The form that asks for a token."""
        identity, _, password = secret.reveal().partition(":")
        form = {
            "grant_type": "client_credentials",
            "client_id": identity,
            "client_secret": password,
            "scope": f"{self.resource}/.default",
        }
        return Signature(body=urlencode(form).encode())
