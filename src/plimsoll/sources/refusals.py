"""Refusals: what a provider's status and error text mean, as one typed error with a sentence.

401 KeyRejected      403 MissingScope     400 404 405 410 422 and their like NotOffered
429 RateLimited      5xx ProviderDown     3xx UnexpectedRedirect     the rest SurprisingAnswer

A provider's own code can stand for another status than the one it came with (`verdicts`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from plimsoll.domain.clock import Clock
from plimsoll.domain.errors import (
    KeyRejected,
    MissingScope,
    NoAnswer,
    NotJson,
    NotOffered,
    PlimsollError,
    ProviderDown,
    RateLimited,
    SurprisingAnswer,
    UnexpectedRedirect,
)
from plimsoll.domain.redaction import Redactor
from plimsoll.sources import sockets
from plimsoll.sources.address import host_named_in
from plimsoll.sources.json_strict import Unreadable, read_object
from plimsoll.sources.patience import stopped
from plimsoll.sources.sockets import Trouble
from plimsoll.sources.verdicts import OWN_ERROR
from plimsoll.sources.wire import Reply

MESSAGE_LENGTH = 200
EXCERPT_LENGTH = 400

_SHORTEST_WAIT = 1.0
_LONGEST_WAIT = 24 * 3600.0
_WAIT_FOR_MONEY = 3600.0
"""After "no credit left", when the provider names no time: asking sooner changes nothing."""

_NOT_OFFERED = frozenset({400, 402, 404, 405, 406, 409, 410, 412, 422, 451})

_TROUBLES: dict[type[Trouble], tuple[type[NoAnswer | SurprisingAnswer], str, str]] = {
    sockets.TimeUp: (
        NoAnswer,
        "No answer from {title} within the {patience} s that a sync waits for one account.",
        "Try again later.",
    ),
    sockets.NotFound: (
        NoAnswer,
        "No answer from {title}: the name {host} could not be found.",
        "Is this computer online?",
    ),
    sockets.Unreachable: (
        NoAnswer,
        "No answer from {title}: {host} cannot be reached; {detail}.",
        "Is this computer online, and does a firewall allow the connection?",
    ),
    sockets.BrokenOff: (
        NoAnswer,
        "No answer from {title}: the connection broke off before the answer was complete.",
        "Try again later.",
    ),
    sockets.TooMuch: (
        SurprisingAnswer,
        "The answer of {title} is larger than 32 MB; nothing of it was used.",
        "",
    ),
    sockets.BadEncoding: (
        SurprisingAnswer,
        "The answer of {title} is damaged, or compressed in a way that was not asked for.",
        "",
    ),
    sockets.NotHttp: (
        SurprisingAnswer,
        "What answers at {host} does not speak HTTP as {title} should.",
        "Check this source's base address.",
    ),
}

_SECONDS = re.compile(r"(\d{1,15})(?:\.(\d{1,9}))?", re.ASCII)
_SCOPE = re.compile(r"\b[a-z][a-z_]*(?:[.:][a-z_]+)*[.:](?:read|write|admin|list)\b")
_ADDRESS = re.compile(r"\S*://\S+|\S+\.\S+/\S+")
_MESSAGE_NAMES = (
    *("error", "message", "detail", "error_description", "msg"),
    *("Error", "Message", "ResponseMetadata", "Response"),  # as clouds write them
)
_MONEY_CODE = re.compile(
    r"insufficient[_ ](?:quota|balance|credit|funds)|billing[_ ](?:hard[_ ]limit|not[_ ]active)"
    r"|credit balance|(?:exceeded|out of|no) (?:\w+ ){0,2}(?:quota|credits?)\b"
    r"|\bbilling\b.{0,40}\bplan\b|\bplan\b.{0,40}\bbilling\b",
    re.IGNORECASE,
)
_MONEY_WORD = re.compile(r"quota|credit|billing|balance|payment", re.IGNORECASE)


def retry_after(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Seconds that a `Retry-After` header asks to wait, at least 1 and at most a day; or None.

    Whole or decimal seconds, or an HTTP date (RFC 9110, 10.2.3), which is read against the
    answer's own `Date`, so that a wrong clock here does no harm. Anything else counts as absent.
    Where several limits have a header each (Azure's `x-ms-ratelimit-…-retry-after`), the longest
    wait holds.
    """
    told = [text for name, text in headers.items() if name.endswith("retry-after")]
    waits = [_wait_told(text.strip(), headers.get("date", ""), now=now) for text in told]
    return max((wait for wait in waits if wait is not None), default=None)


def _wait_told(text: str, date: str, *, now: datetime) -> float | None:
    if match := _SECONDS.fullmatch(text):
        seconds = float(match.group())
    else:
        until = _http_date(text)
        if until is None:
            return None
        seconds = (until - (_http_date(date) or now)).total_seconds()
        if seconds <= 0:  # over by the server's clock: then it may have been meant by ours
            seconds = (until - now).total_seconds()
    return min(max(seconds, _SHORTEST_WAIT), _LONGEST_WAIT)


class Refusals:
    """Reads one provider's answers, and turns what is no answer into errors in plain words.

    `patience` is only told in a sentence, in seconds.
    """

    __slots__ = ("_clock", "_host", "_patience", "_redactor", "_title")

    def __init__(
        self, *, title: str, host: str, redactor: Redactor, clock: Clock, patience: float
    ) -> None:
        self._title = title
        self._host = host
        self._redactor = redactor
        self._clock = clock
        self._patience = patience

    def read(self, reply: Reply) -> dict[str, object]:
        """The JSON object of an answer with status 200; raises `NotJson`, `SurprisingAnswer`."""
        problem, is_json = _content_problem(reply), False
        if not problem:
            try:
                return read_object(reply.body)
            except Unreadable as unreadable:
                problem, is_json = str(unreadable), unreadable.is_json
        raise self._unreadable(problem, reply, is_json=is_json)

    def content(self, reply: Reply) -> bytes:
        """The body of an answer with status 200; raises `NotJson` for none, or for a web page."""
        problem = _no_data(reply)
        if problem:
            raise self._unreadable(problem, reply, is_json=False)
        return reply.body

    def without_token(self) -> SurprisingAnswer:
        """An answer with status 200 that should hold a token, and does not."""
        return SurprisingAnswer(
            f"The answer of {self._title} holds no token; nothing of it was used."
        )

    def asked_to_wait(self, reply: Reply) -> float | None:
        """Seconds that the answer asks to wait, or None."""
        return retry_after(reply.headers, now=self._clock.now())

    def is_about_money(self, reply: Reply) -> bool:
        """Whether a 429 says that credit or quota is used up, so that waiting does not help.

        Ordinary rate limits may mention billing pages, and tell how long to wait; so the looser
        words count only where no time is told.
        """
        text = _ADDRESS.sub(" ", reply.body.decode("utf-8", "replace"))
        if _MONEY_CODE.search(text):
            return True
        return self.asked_to_wait(reply) is None and bool(_MONEY_WORD.search(text))

    def rate_limited(self, *, wait: float) -> RateLimited:
        """Not before `wait` seconds from now."""
        until = self._clock.now() + timedelta(seconds=wait)
        return RateLimited(
            f"{self._title} asks to wait: rate limited until {_told(until)}.", until=until
        )

    def out_of_money(self, reply: Reply) -> RateLimited:
        """Credit or quota is used up; asked again in an hour, or when the provider says."""
        wait = self.asked_to_wait(reply) or _WAIT_FOR_MONEY
        until = self._clock.now() + timedelta(seconds=wait)
        return RateLimited(
            f"{self._title} refuses because the account's quota or credit is used up"
            f"{self._said(reply)} Rate limited until {_told(until)}.",
            until=until,
            remedy=f"Look at billing in the console of {self._title}; waiting alone may not help.",
        )

    def refusal(self, reply: Reply) -> PlimsollError:
        """The error that the status of an answer other than 200 and 429 stands for."""
        status = reply.status
        if 300 <= status < 400:
            return self._redirect(reply)
        if status == OWN_ERROR:
            return self._own_error(reply)
        special = {
            401: self._key_rejected,
            403: self._missing_scope,
            407: self._network_login,
            511: self._network_login,
        }
        if status in special:
            return special[status](reply)
        if status in _NOT_OFFERED:
            return self._not_offered(reply)
        said = self._said(reply)
        if status >= 500:
            return ProviderDown(
                f"{self._title} is not working at the moment: it answered with the server error "
                f"{status}{said}",
                remedy="Try again later.",
            )
        return SurprisingAnswer(
            f"{self._title} answered with the unexpected status {status}{said}",
            answer=self.excerpt(reply.body),
        )

    def at(self, host: str) -> Refusals:
        """The same for another host of the same account."""
        return Refusals(
            title=self._title,
            host=host,
            redactor=self._redactor,
            clock=self._clock,
            patience=self._patience,
        )

    def trouble(self, trouble: Trouble) -> PlimsollError:
        """The error for an exchange that came to no answer."""
        if isinstance(trouble, sockets.Stopped):
            return stopped()
        if isinstance(trouble, sockets.NotTrusted):
            return self._not_trusted(trouble.detail)
        kind, sentence, remedy = next(
            meaning for known, meaning in _TROUBLES.items() if isinstance(trouble, known)
        )
        words = {
            "title": self._title,
            "host": self._host,
            "detail": trouble.detail,
            "patience": f"{self._patience:g}",
        }
        return kind(sentence.format_map(words), remedy=remedy)

    def excerpt(self, body: bytes) -> str:
        """The redacted beginning of an answer, for the user to copy."""
        beginning = body[: 8 * EXCERPT_LENGTH + 4096]
        wide = beginning[:2] in {b"\xff\xfe", b"\xfe\xff"}
        text = beginning.decode("utf-16" if wide else "utf-8", "replace")
        return self._redactor.excerpt(text, length=EXCERPT_LENGTH)

    def _unreadable(self, problem: str, reply: Reply, *, is_json: bool) -> SurprisingAnswer:
        answer = self.excerpt(reply.body)
        if is_json:
            return SurprisingAnswer(
                f"The answer of {self._title} {problem}; nothing of it was used.", answer=answer
            )
        return NotJson(
            f"The answer that came in the name of {self._title} {problem}.",
            remedy="A proxy or a network's login page may stand between. Nothing of it was used.",
            answer=answer,
        )

    def _network_login(self, reply: Reply) -> NotJson:
        return NotJson(
            "The network, or a proxy on the way, asks to log in before it lets the request "
            f"through to {self._title}.",
            remedy="Log in to the network in a browser, or use another one, then try again.",
            answer=self.excerpt(reply.body),
        )

    def _not_trusted(self, why: str) -> NoAnswer:
        if why:
            sentence = f"the certificate that {self._host} shows cannot be trusted ({why})"
        else:
            sentence = f"no secure connection to {self._host} could be made"
        return NoAnswer(
            f"No answer from {self._title}: {sentence}.",
            remedy="The key was not sent. Check this computer's date, and whether a proxy or a "
            "network's login page stands between.",
        )

    def _redirect(self, reply: Reply) -> UnexpectedRedirect:
        host = host_named_in(reply.headers.get("location", ""))
        host = self._redactor.excerpt(host, length=MESSAGE_LENGTH)
        where = f"to {host}" if host else "to another address"
        return UnexpectedRedirect(
            f"{self._title} sent the request on {where}; the key was not sent there.",
            remedy="Check this source's base address, and whether this network asks to log in.",
        )

    def _key_rejected(self, reply: Reply) -> KeyRejected:
        return KeyRejected(
            f"{self._title} does not accept this key{self._said(reply)}",
            remedy="Make a new key in the provider's console and give it to this source.",
        )

    def _missing_scope(self, reply: Reply) -> MissingScope:
        text = self._redactor.excerpt(_message(reply.body), length=2 * MESSAGE_LENGTH)
        scopes = ", ".join(dict.fromkeys(_SCOPE.findall(text)))
        if scopes:
            return MissingScope(
                f"This key of {self._title} lacks the permission {scopes}.",
                remedy=f"Give the key {scopes}, or make one that has it.",
            )
        remedy = "Check the key's permissions in the provider's console."
        if reply.body.lstrip()[:1] == b"<":
            remedy += " The refusal is a web page: a proxy or a firewall may have written it."
        return MissingScope(
            f"{self._title} does not let this key read that{self._said(reply)}", remedy=remedy
        )

    def _not_offered(self, reply: Reply) -> NotOffered:
        remedy = ""
        if reply.status == 404 and not _message(reply.body):
            remedy = "If this source has a base address of its own, check it."
        return NotOffered(
            f"{self._title} does not offer this to this account "
            f"(status {reply.status}){self._said(reply)}",
            status=reply.status,
            remedy=remedy,
        )

    def _own_error(self, reply: Reply) -> SurprisingAnswer:
        """A refusal inside HTTP 200 with a code that the connector does not know."""
        code = str(json.loads(reply.body)["code"])
        shown = self._redactor.excerpt(code, length=60) if code else "without a code"
        return SurprisingAnswer(
            f"{self._title} refused the question with its own error {shown}{self._said(reply)}",
            remedy="Nothing of it was used.",
            answer=self.excerpt(reply.body),
        )

    def _said(self, reply: Reply) -> str:
        """The end of a sentence: what the provider itself says, where it says anything."""
        message = self._redactor.excerpt(_message(reply.body), length=MESSAGE_LENGTH)
        if not message:
            return "."
        return f": “{message}”" + ("" if message[-1] in ".!?…" else ".")


def _content_problem(reply: Reply) -> str:
    """What is wrong with an answer by its content type and first letter; empty if nothing is."""
    kind = _kind(reply)
    problem = _no_data(reply)
    if not problem and kind and not re.fullmatch(r"application/(?:\S+\+)?json", kind):
        return "is of another kind than JSON"
    return problem


def _no_data(reply: Reply) -> str:
    """What tells that an answer is no data at all; empty if nothing does."""
    if _kind(reply) in {"text/html", "application/xhtml+xml"} or reply.body.lstrip()[:1] == b"<":
        return "is a web page, not data"
    return "" if reply.body.strip() else "is empty"


def _kind(reply: Reply) -> str:
    return reply.headers.get("content-type", "").partition(";")[0].strip().lower()


def _told(until: datetime) -> str:
    # rounded up: told a minute too early, somebody would ask in vain
    minute = until.replace(second=0, microsecond=0)
    until = minute if minute == until else minute + timedelta(minutes=1)
    return f"{until:%H:%M} UTC on {until.date().isoformat()}"


def _http_date(text: str) -> datetime | None:
    """An HTTP date, or None. Without a zone it is UTC, as the grammar means it."""
    if not text or len(text) > 60 or not text.isascii() or text.strip().isdecimal():
        return None
    try:
        instant = parsedate_to_datetime(text)
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=UTC)
        return instant.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _message(body: bytes) -> str:
    """What an error's body says to a person: `error.message`, `error`, `message` or `detail`."""
    try:
        value = json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return ""
    for _ in range(4):
        if isinstance(value, str):
            return value
        if not isinstance(value, dict):
            return ""
        value = next((value[name] for name in _MESSAGE_NAMES if value.get(name)), None)
    return value if isinstance(value, str) else ""
