"""Refusals: what a provider's status and error text mean, as one typed error with a sentence.

401 KeyRejected      403 MissingScope     400 404 405 410 422 and their like NotOffered
429 RateLimited      5xx ProviderDown     3xx UnexpectedRedirect     the rest SurprisingAnswer

A provider's own code can stand for another status than the one it came with (`verdicts`).
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta

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
from plimsoll.domain.said import say, together
from plimsoll.sources import sockets
from plimsoll.sources.address import host_named_in
from plimsoll.sources.asked_to_wait import retry_after
from plimsoll.sources.json_strict import Unreadable, read_object
from plimsoll.sources.patience import stopped
from plimsoll.sources.sockets import Trouble
from plimsoll.sources.verdicts import OWN_ERROR
from plimsoll.sources.wire import Reply

MESSAGE_LENGTH = 200
EXCERPT_LENGTH = 400

_WAIT_FOR_MONEY = 3600.0
"""After "no credit left", when the provider names no time: asking sooner changes nothing."""

_NOT_OFFERED = frozenset({400, 402, 404, 405, 406, 409, 410, 412, 422, 451})

_TROUBLES: dict[type[Trouble], tuple[type[NoAnswer | SurprisingAnswer], str, str]] = {
    sockets.TimeUp: (
        NoAnswer,
        say("No answer from {title} within the {patience} s that a sync waits for one account."),
        say("Try again later."),
    ),
    sockets.NotFound: (
        NoAnswer,
        say("No answer from {title}: the name {host} could not be found."),
        say("Is this computer online?"),
    ),
    sockets.Unreachable: (
        NoAnswer,
        say("No answer from {title}: {host} cannot be reached; {detail}."),
        say("Is this computer online, and does a firewall allow the connection?"),
    ),
    sockets.BrokenOff: (
        NoAnswer,
        say("No answer from {title}: the connection broke off before the answer was complete."),
        say("Try again later."),
    ),
    sockets.TooMuch: (
        SurprisingAnswer,
        say("The answer of {title} is larger than 32 MB; nothing of it was used."),
        "",
    ),
    sockets.BadEncoding: (
        SurprisingAnswer,
        say("The answer of {title} is damaged, or compressed in a way that was not asked for."),
        "",
    ),
    sockets.NotHttp: (
        SurprisingAnswer,
        say("What answers at {host} does not speak HTTP as {title} should."),
        say("Check this source's base address."),
    ),
}

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
            say("The answer of {title} holds no token; nothing of it was used.", title=self._title)
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
            say(
                "{title} asks to wait: rate limited until {told}.",
                title=self._title,
                told=_told(until),
            ),
            until=until,
        )

    def out_of_money(self, reply: Reply) -> RateLimited:
        """Credit or quota is used up; asked again in an hour, or when the provider says."""
        wait = self.asked_to_wait(reply) or _WAIT_FOR_MONEY
        until = self._clock.now() + timedelta(seconds=wait)
        return RateLimited(
            say(
                "{title} refuses because the account's quota or credit is used up{said} "
                "Rate limited until {told}.",
                title=self._title,
                said=self._said(reply),
                told=_told(until),
            ),
            until=until,
            remedy=say(
                "Look at billing in the console of {title}; waiting alone may not help.",
                title=self._title,
            ),
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
                say(
                    "{title} is not working at the moment: it answered with the server "
                    "error {status}{said}",
                    title=self._title,
                    status=status,
                    said=said,
                ),
                remedy=say("Try again later."),
            )
        return SurprisingAnswer(
            say(
                "{title} answered with the unexpected status {status}{said}",
                title=self._title,
                status=status,
                said=said,
            ),
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
        return kind(say(sentence, **words), remedy=remedy)

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
                say(
                    "The answer of {title} {problem}; nothing of it was used.",
                    title=self._title,
                    problem=problem,
                ),
                answer=answer,
            )
        return NotJson(
            say(
                "The answer that came in the name of {title} {problem}.",
                title=self._title,
                problem=problem,
            ),
            remedy=say(
                "A proxy or a network's login page may stand between. Nothing of it was used."
            ),
            answer=answer,
        )

    def _network_login(self, reply: Reply) -> NotJson:
        return NotJson(
            say(
                "The network, or a proxy on the way, asks to log in before it lets the "
                "request through to {title}.",
                title=self._title,
            ),
            remedy=say("Log in to the network in a browser, or use another one, then try again."),
            answer=self.excerpt(reply.body),
        )

    def _not_trusted(self, why: str) -> NoAnswer:
        if why:
            sentence = say(
                "the certificate that {host} shows cannot be trusted ({why})",
                host=self._host,
                why=why,
            )
        else:
            sentence = say("no secure connection to {host} could be made", host=self._host)
        return NoAnswer(
            say("No answer from {title}: {sentence}.", title=self._title, sentence=sentence),
            remedy=say(
                "The key was not sent. Check this computer's date, and whether a "
                "proxy or a network's login page stands between."
            ),
        )

    def _redirect(self, reply: Reply) -> UnexpectedRedirect:
        host = host_named_in(reply.headers.get("location", ""))
        host = self._redactor.excerpt(host, length=MESSAGE_LENGTH)
        where = say("to {host}", host=host) if host else say("to another address")
        return UnexpectedRedirect(
            say(
                "{title} sent the request on {where}; the key was not sent there.",
                title=self._title,
                where=where,
            ),
            remedy=say(
                "Check this source's base address, and whether this network asks to log in."
            ),
        )

    def _key_rejected(self, reply: Reply) -> KeyRejected:
        return KeyRejected(
            say(
                "{title} does not accept this key{said}", title=self._title, said=self._said(reply)
            ),
            remedy=say("Make a new key in the provider's console and give it to this source."),
        )

    def _missing_scope(self, reply: Reply) -> MissingScope:
        text = self._redactor.excerpt(_message(reply.body), length=2 * MESSAGE_LENGTH)
        scopes = ", ".join(dict.fromkeys(_SCOPE.findall(text)))
        if scopes:
            return MissingScope(
                say(
                    "This key of {title} lacks the permission {scopes}.",
                    title=self._title,
                    scopes=scopes,
                ),
                remedy=say("Give the key {scopes}, or make one that has it.", scopes=scopes),
            )
        remedy: str = say("Check the key's permissions in the provider's console.")
        if reply.body.lstrip()[:1] == b"<":
            why = say("The refusal is a web page: a proxy or a firewall may have written it.")
            remedy = together([remedy, why])
        return MissingScope(
            say(
                "{title} does not let this key read that{said}",
                title=self._title,
                said=self._said(reply),
            ),
            remedy=remedy,
        )

    def _not_offered(self, reply: Reply) -> NotOffered:
        remedy = ""
        if reply.status == 404 and not _message(reply.body):
            remedy = say("If this source has a base address of its own, check it.")
        return NotOffered(
            say(
                "{title} does not offer this to this account (status {status}){said}",
                title=self._title,
                status=reply.status,
                said=self._said(reply),
            ),
            status=reply.status,
            remedy=remedy,
        )

    def _own_error(self, reply: Reply) -> SurprisingAnswer:
        """A refusal inside HTTP 200 with a code that the connector does not know."""
        code = str(json.loads(reply.body)["code"])
        shown = self._redactor.excerpt(code, length=60) if code else say("without a code")
        return SurprisingAnswer(
            say(
                "{title} refused the question with its own error {shown}{said}",
                title=self._title,
                shown=shown,
                said=self._said(reply),
            ),
            remedy=say("Nothing of it was used."),
            answer=self.excerpt(reply.body),
        )

    def _said(self, reply: Reply) -> str:
        """The end of a sentence: what the provider itself says, where it says anything."""
        message = self._redactor.excerpt(_message(reply.body), length=MESSAGE_LENGTH)
        if not message:
            return say(".")
        if message[-1] in ".!?…":
            return say(": “{words}”", words=message)
        return say(": “{words}”.", words=message)


def _content_problem(reply: Reply) -> str:
    """What is wrong with an answer by its content type and first letter; empty if nothing is."""
    kind = _kind(reply)
    problem = _no_data(reply)
    if not problem and kind and not re.fullmatch(r"application/(?:\S+\+)?json", kind):
        return say("is of another kind than JSON")
    return problem


def _no_data(reply: Reply) -> str:
    """What tells that an answer is no data at all; empty if nothing does."""
    if _kind(reply) in {"text/html", "application/xhtml+xml"} or reply.body.lstrip()[:1] == b"<":
        return say("is a web page, not data")
    return "" if reply.body.strip() else say("is empty")


def _kind(reply: Reply) -> str:
    return reply.headers.get("content-type", "").partition(";")[0].strip().lower()


def _told(until: datetime) -> str:
    # rounded up: told a minute too early, somebody would ask in vain
    minute = until.replace(second=0, microsecond=0)
    until = minute if minute == until else minute + timedelta(minutes=1)
    return say("{time} UTC on {day}", time=f"{until:%H:%M}", day=until.date().isoformat())


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
