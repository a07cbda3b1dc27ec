"""Webhook: one JSON document sent once to an address of the user's choosing, over the same wire.

Such an address is a secret, because whoever has it may write to it: beyond its host nothing of it
stands in any sentence. There is one try and no redirect; whoever calls decides about another.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from plimsoll import __version__
from plimsoll.domain.clock import Clock
from plimsoll.domain.errors import (
    NoAnswer,
    NotOffered,
    PlimsollError,
    ProviderDown,
    RateLimited,
    SurprisingAnswer,
    UnexpectedRedirect,
    WrongUse,
)
from plimsoll.domain.redaction import Redactor
from plimsoll.domain.said import say
from plimsoll.domain.secret import Secret
from plimsoll.sources.address import Binding, bind, host_named_in
from plimsoll.sources.bots import Bot, bot_at, filled

if TYPE_CHECKING:
    from plimsoll.sources.sockets import Trouble
    from plimsoll.sources.wire import Reply

PATIENCE = 10.0
"""Seconds that one try may take."""

_QUERY = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*", re.ASCII)
_SAID_LENGTH = 160


@dataclass(frozen=True, slots=True)
class Address:
    """A webhook's address in two: the host, which may be shown, and the rest, which may not."""

    binding: Binding
    target: str = field(repr=False)

    @property
    def host(self) -> str:
        """The host, with its port where that is unusual."""
        return self.binding.authority

    @property
    def bot(self) -> Bot | None:
        """The chat service that it belongs to, if that is one that is known."""
        return bot_at(self.binding.host, self.target)


def read_address(text: str) -> Address:
    """A webhook's address, its query kept as written; raises `WrongUse`, which shows none of it.

    https is asked unless the host is this machine; user names and number signs have no place in it.
    """
    base, question, query = text.strip().partition("?")
    try:
        binding = bind(base)
    except WrongUse as wrong:
        sentence = wrong.sentence.replace("base address", "address").replace("the key", "it")
        raise WrongUse(sentence, remedy=_REMEDY) from None
    if not _QUERY.fullmatch(query):
        raise WrongUse(
            say("This address holds a character that has no place in one."), remedy=_REMEDY
        )
    slash = "/" if base.endswith("/") or not binding.path else ""
    return Address(replace(binding, path=""), f"{binding.path}{slash}{question}{query}")


_REMEDY = say(
    "Copy it whole from the service that gave it; http:// is only for this machine itself."
)


def post(
    address: Address,
    document: Mapping[str, object],
    *,
    clock: Clock,
    cancelled: Callable[[], bool],
    patience: float = PATIENCE,
) -> None:
    """Send a document, or its sentence to a chat service that is known; return when it is taken.

    The document holds `sentence` and `id`. Raises `NoAnswer`, `RateLimited`, `ProviderDown`,
    `NotOffered`, `UnexpectedRedirect`, `SurprisingAnswer` or `Cancelled`; whether it was taken is
    then not known for certain only after `NoAnswer`.
    """
    from plimsoll.sources.sockets import Deadline, Trouble
    from plimsoll.sources.wire import Wire

    wire = Wire(address.binding)
    request = wire.request(
        address.target,
        (
            ("User-Agent", f"Plimsoll/{__version__}"),
            ("Accept", "application/json"),
            ("Accept-Encoding", "gzip"),
            ("Content-Type", "application/json; charset=utf-8"),
        ),
        method="POST",
        body=body_of(document, address.bot),
    )
    failure: PlimsollError | None = None
    try:
        deadline = Deadline(clock, seconds=patience, cancelled=cancelled)
        deadline.left()
        failure = refused(wire.exchange(request, deadline), address, clock=clock)
    except Trouble as trouble:
        failure = _unanswered(trouble, address, patience)
    finally:
        wire.close()
    # Raised here, outside the handler: what was caught there holds the request, and that the rest
    # of the address.
    if failure is not None:
        raise failure


def body_of(document: Mapping[str, object], bot: Bot | None) -> bytes:
    """What is sent: the document as it is, or its sentence in the envelope of a chat service."""
    whole: object = document
    if bot is not None:
        sentence = f"Plimsoll: {document['sentence']}"
        whole = filled(bot.envelope, sentence=sentence, uid=str(document["id"]))
    return json.dumps(whole, ensure_ascii=False).encode()


def refused(reply: Reply, address: Address, *, clock: Clock) -> PlimsollError | None:
    """Why an answer is a refusal; None where it takes the document (any 2xx, and 0 as its code)."""
    from plimsoll.sources.asked_to_wait import retry_after

    host, status = address.host, reply.status
    if 200 <= status < 300:
        return _refused_within(reply, address)
    said = _said(reply.body.decode("utf-8", "replace"), address)
    if 300 <= status < 400:
        where = host_named_in(reply.headers.get("location", "")) or say("another address")
        return UnexpectedRedirect(
            say(
                "{host} sends alerts on to {where}, where they were not sent.",
                host=host,
                where=where,
            ),
            remedy=say("Set the address that it is sent on to, if you trust it."),
        )
    if status == 429:
        wait = retry_after(reply.headers, now=clock.now()) or 60.0
        until = clock.now() + timedelta(seconds=wait)
        return RateLimited(
            say(
                "{host} asks to wait until {time} UTC{said}",
                host=host,
                time=f"{until:%H:%M}",
                said=said,
            ),
            until=until,
        )
    if status >= 500:
        return ProviderDown(
            say(
                "{host} is not working at the moment: it answered with the server error "
                "{status}{said}",
                host=host,
                status=status,
                said=said,
            )
        )
    return NotOffered(
        say(
            "{host} refuses the alert (status {status}){said}", host=host, status=status, said=said
        ),
        status=status,
        remedy=say("Check the address of the webhook."),
    )


def _refused_within(reply: Reply, address: Address) -> PlimsollError | None:
    """A refusal inside an answer with status 200, as some chat services write it."""
    bot = address.bot
    if bot is None or not bot.code:
        return None
    try:
        answer = json.loads(reply.body)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict) or bot.code not in answer:
        return SurprisingAnswer(say("{title} did not say that it took the alert.", title=bot.title))
    if answer[bot.code] == 0:
        return None
    said = _said(str(answer.get(bot.says, "")), address)
    code = str(answer[bot.code])[:20]
    return SurprisingAnswer(
        say(
            "{title} refuses the alert with its error {code}{said}",
            title=bot.title,
            code=code,
            said=said,
        ),
        remedy=say(
            "Look at the bot's security settings: the keyword Plimsoll is in every message."
        ),
    )


def _said(text: str, address: Address) -> str:
    """The end of a sentence: what the service says, where it says something to a person."""
    if not text.strip() or text.lstrip()[:1] in "<{[":
        return say(".")
    secrets = [Secret(address.target)] if len(address.target) >= 8 else []
    said = Redactor(secrets).excerpt(text, length=_SAID_LENGTH)
    return say(": “{words}”.", words=said)


def _unanswered(trouble: Trouble, address: Address, patience: float) -> PlimsollError:
    from plimsoll.sources import sockets
    from plimsoll.sources.patience import stopped

    host = address.host
    if isinstance(trouble, sockets.Stopped):
        return stopped()
    reasons: dict[type[Trouble], str] = {
        sockets.TimeUp: say("within {patience} s", patience=f"{patience:g}"),
        sockets.NotFound: say("because its name could not be found"),
        sockets.Unreachable: say("because it cannot be reached; {detail}", detail=trouble.detail),
        sockets.NotTrusted: say("because its certificate cannot be trusted"),
    }
    why = next(
        (words for kind, words in reasons.items() if isinstance(trouble, kind)),
        say("that could be read"),
    )
    return NoAnswer(say("No answer from {host} {why}.", host=host, why=why))
