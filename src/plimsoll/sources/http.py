"""The one network door: bound to one account's hosts and key, bounded in size and time, in plain
errors.

How hosts are asked stands in `doorway`; here the key is put on, and JSON is read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from plimsoll.domain.clock import Clock
from plimsoll.domain.redaction import Redactor
from plimsoll.domain.secret import Secret
from plimsoll.sources.address import bind, check_base_url
from plimsoll.sources.base import KeyHeader
from plimsoll.sources.doorway import Doorway, Place
from plimsoll.sources.signing.signer import Exchange, Signature, Signer, Unsigned
from plimsoll.sources.verdicts import Verdicts

PATIENCE = 30.0
"""Seconds that one sync may wait for one account, in all."""

_BEARER = KeyHeader("Authorization", "Bearer")

_TOKEN_BEFORE_ITS_END = timedelta(seconds=60)
_TOKEN_LIFE = 300
"""Seconds, where the answer does not say (RFC 6749, 5.1, only recommends that it does)."""

_TOKEN_VERDICTS = Verdicts(
    code=("error",),
    message=("error_description",),
    fine=frozenset({""}),
    stands_for={"invalid_client": 401, "invalid_grant": 401, "unauthorized_client": 401},
)

_NOT_FOR_CONNECTORS = frozenset(
    {
        "accept",
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "cookie",
        "host",
        "proxy-authorization",
        "transfer-encoding",
        "user-agent",
    }
)
"""Headers that belong to the door, or to nobody."""


class Door(Doorway):
    """Asks one account for JSON objects with one key, one request at a time.

    `base_url` is checked as `check_base_url` does; `more` are further base addresses of the same
    account by a word each, declared before anything is asked, and checked in the same way.
    `key_header` puts the key on each request, be it a plain header or a signature. `headers` go
    with every request; `title` is the provider's name in sentences; `cancelled` is asked before
    each request and at least every 0.2 seconds of waiting; `patience` is in seconds of
    `clock.monotonic()`.
    """

    def __init__(
        self,
        *,
        base_url: str,
        key: Secret,
        key_header: Signer,
        headers: Mapping[str, str],
        title: str,
        clock: Clock,
        more: Mapping[str, str] | None = None,
        cancelled: Callable[[], bool] = lambda: False,
        patience: float = PATIENCE,
    ) -> None:
        # Imported here, so that checking an address does not load the network's libraries.
        from plimsoll.sources.refusals import Refusals

        binding = bind(base_url)
        self._redactor = Redactor([key])
        refusals = Refusals(
            title=title,
            host=binding.host,
            redactor=self._redactor,
            clock=clock,
            patience=patience,
        )
        super().__init__(
            binding,
            headers=_plain_headers(headers, key_header),
            refusals=refusals,
            clock=clock,
            cancelled=cancelled,
            patience=patience,
        )
        for word, address in (more or {}).items():
            further = bind(address)
            self._places[word] = Place(word, further, refusals.at(further.host))
        self._key = key
        self._signer = key_header
        self._exchange = key_header if isinstance(key_header, Exchange) else None
        self._token: tuple[Secret, datetime] | None = None

    def get(
        self,
        path: str,
        params: Iterable[tuple[str, str]] = (),
        *,
        headers: Mapping[str, str] | None = None,
        at: str = "",
        verdicts: Verdicts | None = None,
    ) -> dict[str, object]:
        """The JSON object at `path` (which starts with a slash) below the base address.

        `at` is the word of a further address to ask instead; `verdicts` say what the provider's
        own error codes mean. Figures with a point are `Decimal`, whole ones `int`; no float ever.
        Raises `KeyRejected` (401), `MissingScope` (403), `NotOffered` (400, 404, 405, 410, 422),
        `RateLimited` (429), `ProviderDown` (5xx), `NoAnswer`, `Cancelled`, and `SurprisingAnswer`
        with its kinds `NotJson` and `UnexpectedRedirect` (any 3xx).
        """
        place = self._places[at]
        extra = _plain_headers(headers or {}, self._signer)
        asked = self._unsigned(place, path, params=params, headers=extra)
        return place.refusals.read(self._answer(place, asked, verdicts))

    def query(
        self,
        path: str,
        body: Mapping[str, object] | None = None,
        params: Iterable[tuple[str, str]] = (),
        *,
        headers: Mapping[str, str] | None = None,
        at: str = "",
        verdicts: Verdicts | None = None,
    ) -> dict[str, object]:
        """The JSON object that answers a question with a body: a POST that changes nothing there.

        It is asked again as a GET is, so it is only for questions that may be asked twice. `body`
        is sent as JSON; None sends an empty one. Raises as `get` does.
        """
        place = self._places[at]
        extra = _plain_headers(headers or {}, self._signer)
        if not any(name.lower() == "content-type" for name, _ in extra):
            extra.append(("Content-Type", "application/json"))
        content = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
        asked = self._unsigned(
            place, path, params=params, headers=extra, method="POST", body=content
        )
        return place.refusals.read(self._answer(place, asked, verdicts))

    def without_key(self, text: str) -> str:
        """A text in which the key is hidden, in every form, and all that looks like one."""
        return self._redactor.redact(text)

    def _signed(self, asked: Unsigned) -> Signature:
        """What proves the key for one request: the only place from which it is handed on."""
        now = self.clock.now()
        if self._exchange and self._token and asked.place != self._exchange.place:
            return _BEARER.sign(asked, self._token[0], now)
        return self._signer.sign(asked, self._key, now)

    def _get_ready(self) -> None:
        """Exchange the key for a token, where it is one to be exchanged and none is good still."""
        exchange = self._exchange
        if exchange is None or (self._token and self.clock.now() < self._token[1]):
            return
        self._token = None
        place = self._places[exchange.place]
        asked = self._unsigned(place, exchange.path, method="POST")
        asked = replace(asked, headers=(("Content-Type", "application/x-www-form-urlencoded"),))
        answer = place.refusals.read(self._insist(place, asked, _TOKEN_VERDICTS))
        self._token = self._token_in(answer, place)

    def _token_in(self, answer: Mapping[str, object], place: Place) -> tuple[Secret, datetime]:
        """The token of an answer, hidden from every text from now on, and until when it is good."""
        text, life = answer.get("access_token"), answer.get("expires_in")
        try:
            token = Secret(text if isinstance(text, str) else "")
        except ValueError:
            token = None
        if token is None:
            raise place.refusals.without_token()
        self._redactor.learn(token)
        seconds = life if type(life) is int and 0 < life <= 86400 else _TOKEN_LIFE
        return token, self.clock.now() + timedelta(seconds=seconds) - _TOKEN_BEFORE_ITS_END


def _plain_headers(headers: Mapping[str, str], signer: Signer) -> list[tuple[str, str]]:
    """Headers of a connector, checked; a wrong one is our own mistake: `ValueError`."""
    for name, value in headers.items():
        if name.lower() in _NOT_FOR_CONNECTORS or name.lower() in signer.own_headers:
            raise ValueError(f"the header {name} belongs to the door")
        if not (value.isascii() and value.isprintable() and name.replace("-", "").isalnum()):
            raise ValueError("a header is not plain ASCII")
    return list(headers.items())


__all__ = ["PATIENCE", "Door", "Doorway", "check_base_url"]
