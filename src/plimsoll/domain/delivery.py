"""Delivery: an alert on its way to a command or a webhook; no clock, no I/O.

A delivery is kept with the alert that it tells, in one transaction, and claimed before each try;
so of several processes one delivers, and a restart neither loses nor repeats it. A command is run
once, however it ends. A webhook has three tries, unless one of them is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Channel(StrEnum):
    """Where alerts go besides the window and the desktop; each only if the user wants it."""

    COMMAND = "command"
    WEBHOOK = "webhook"


PAUSES = (timedelta(minutes=5), timedelta(hours=1))
"""How long after a try in vain a webhook is tried again; after the last one it is given up."""

MOST_TRIES = {Channel.COMMAND: 1, Channel.WEBHOOK: 1 + len(PAUSES)}

CLAIM = timedelta(minutes=2)
"""A try that has not told its end for so long was cut off: its process ended."""

LONGEST_WAIT = max(PAUSES)
"""A next try that is further ahead stands there because the clock was set back: it is due."""


class DeliveryState(StrEnum):
    """How a delivery stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One alert on its way through one channel.

    `trouble` is why the last try failed, `next_at` when there will be another; neither once it
    was `delivered_at` an instant.
    """

    channel: Channel
    tries: int = 0
    delivered_at: datetime | None = None
    next_at: datetime | None = None
    trouble: str = ""

    @property
    def state(self) -> DeliveryState:
        """Delivered; failed, if nothing more is tried; or waiting."""
        if self.delivered_at is not None:
            return DeliveryState.DELIVERED
        return DeliveryState.FAILED if self.next_at is None else DeliveryState.WAITING


def next_try(channel: Channel, tries: int, *, now: datetime) -> datetime | None:
    """When a delivery is tried again after so many tries in vain; None where it is given up."""
    if tries >= MOST_TRIES[channel]:
        return None
    return now + PAUSES[tries - 1]
