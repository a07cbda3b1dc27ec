"""Deliveries: alerts brought to the user's own command and webhook, away from every sync."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from plimsoll.domain.clock import Clock
from plimsoll.domain.delivery import LONGEST_WAIT, PAUSES, Channel, next_try
from plimsoll.domain.errors import Cancelled, NoKey, PlimsollError, RateLimited
from plimsoll.domain.said import say
from plimsoll.ledger import deliveries as kept
from plimsoll.ledger.database import Ledger
from plimsoll.services import settings
from plimsoll.services.alert_command import arguments_of, program_of, run
from plimsoll.sources.webhook import Address, post, read_address

if TYPE_CHECKING:
    from plimsoll.domain.secret import Secret
    from plimsoll.services.settings import Settings
    from plimsoll.services.vault import Vault

UID = "alert-webhook"
NAME = "alert webhook"
"""The webhook's address is kept like a key: an item of its own in the keyring, or else the variable
`PLIMSOLL_KEY_ALERT_WEBHOOK`."""

_TURNED_OFF = say("It was turned off before this was sent.")

Send = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Sent:
    """How one delivery, or a test, went: `trouble` is empty where it was taken."""

    channel: Channel
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Ways:
    """Where alerts go: the command as the user wrote it, and the webhook's host; empty for not."""

    command: str = ""
    webhook: str = ""

    @property
    def program(self) -> str:
        """The name of the command's program: its arguments may hold what should not be shown."""
        return program_of(self.command) if self.command else ""

    @property
    def channels(self) -> frozenset[Channel]:
        """The channels that are on."""
        on = {Channel.COMMAND: self.command, Channel.WEBHOOK: self.webhook}
        return frozenset(channel for channel, word in on.items() if word)


def ways_of(chosen: Settings) -> Ways:
    """Where the user wants alerts to go."""
    return Ways(chosen.alert_command, chosen.alert_webhook)


def deliver(
    ledger: Ledger,
    vault: Callable[[], Vault],
    ways: Ways,
    *,
    clock: Clock,
    cancelled: Callable[[], bool],
) -> tuple[Sent, ...]:
    """Bring everything on its way that is due, the oldest first; how each went.

    What fails is kept with its alert, and is no error of this. Nothing is claimed once the user
    wants to stop.
    """
    sent: list[Sent] = []
    for channel in Channel:
        if not kept.has_due(ledger, now=clock.now(), channel=channel):
            continue
        if channel not in ways.channels:
            kept.give_up(ledger, channel, trouble=_TURNED_OFF)
            continue
        try:
            send = _sender(channel, vault, ways, clock=clock, cancelled=cancelled)
        except PlimsollError as error:
            until = clock.now() + PAUSES[0]
            kept.postpone(ledger, channel, until=until, trouble=error.words)
            sent.append(Sent(channel, error.words))
            continue
        sent += _sent(ledger, channel, send, clock=clock, cancelled=cancelled)
    return tuple(sent)


def _sent(
    ledger: Ledger,
    channel: Channel,
    send: Send,
    *,
    clock: Clock,
    cancelled: Callable[[], bool],
) -> Iterator[Sent]:
    while not cancelled():
        claimed = kept.claim(ledger, channel, now=clock.now())
        if claimed is None:
            return
        try:
            send(claimed.document)
        except PlimsollError as error:
            again = _again(channel, claimed.tries, error, now=clock.now())
            kept.say_failed(ledger, claimed, trouble=error.words, next_at=again)
            yield Sent(channel, error.words)
        else:
            kept.say_delivered(ledger, claimed, now=clock.now())
            yield Sent(channel)


def _again(channel: Channel, tries: int, error: PlimsollError, *, now: datetime) -> datetime | None:
    """When there is another try: not sooner than the other side wants."""
    again = next_try(channel, tries, now=now)
    if again is None or not isinstance(error, RateLimited):
        return again
    return min(max(again, error.until), now + LONGEST_WAIT)


def send_test(
    vault: Callable[[], Vault], ways: Ways, *, clock: Clock, cancelled: Callable[[], bool]
) -> tuple[Sent, ...]:
    """Send a made-up alert through every channel that is on; how each went."""
    from plimsoll.services.alert_document import made_up_document

    document = json.dumps(made_up_document(clock.now()))
    sent = []
    for channel in Channel:
        if channel in ways.channels:
            try:
                _sender(channel, vault, ways, clock=clock, cancelled=cancelled)(document)
            except Cancelled:
                raise
            except PlimsollError as error:
                sent.append(Sent(channel, error.words))
            else:
                sent.append(Sent(channel))
    return tuple(sent)


def set_webhook(folder: Path, vault: Callable[[], Vault], address: Secret | None) -> None:
    """Keep a webhook's address in the keyring, and its host in the settings; None forgets both.

    An address that the environment holds is not put into the keyring. Raises `WrongUse` for what
    is no address.
    """
    chosen = settings.load(folder)
    if address is None:
        if not chosen.alert_webhook:
            return
        settings.save(folder, replace(chosen, alert_webhook=""))
        if vault().environment_key(NAME) is None:
            vault().delete(UID)
        return
    host = read_address(address.reveal()).host
    if vault().environment_key(NAME) is None:
        vault().put(UID, address)
    settings.save(folder, replace(chosen, alert_webhook=host))


def _sender(
    channel: Channel,
    vault: Callable[[], Vault],
    ways: Ways,
    *,
    clock: Clock,
    cancelled: Callable[[], bool],
) -> Send:
    """What brings a document through a channel; raises what keeps it from even trying."""
    if channel is Channel.COMMAND:
        arguments = arguments_of(ways.command)
        return lambda document: run(arguments, document, cancelled=cancelled)
    address = _address(vault())

    def send(document: str) -> None:
        post(address, json.loads(document), clock=clock, cancelled=cancelled)

    return send


def _address(vault: Vault) -> Address:
    secret = vault.get(UID, NAME)
    if secret is None:
        raise NoKey(
            say("The address of the webhook is not in the keyring any more."),
            remedy=say("Set it again in the settings, or with `plimsoll alert deliver --webhook`."),
        )
    return read_address(secret.reveal())
