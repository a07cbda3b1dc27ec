"""Fetched prices: the list prices that the user had fetched over the network, kept in one file.

The file holds one line that says when and from where, with which edition of the package built in,
and what the rest of it must be to the byte; then the data as they were published. A file that is
not that any more is refused, and the prices that come with Plimsoll are used. So are they when
Plimsoll brings another edition than the one that was fetched over: it knows more than the file.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from plimsoll.domain.errors import LedgerUnreadable
from plimsoll.domain.said import say
from plimsoll.prices.listed import edition
from plimsoll.prices.snapshot import Snapshot, read_snapshot
from plimsoll.services.editions import FETCHED as FILE


@dataclass(frozen=True, slots=True)
class FetchedPrices:
    """What the file holds; without a snapshot the prices that come with Plimsoll are used.

    `problem` says why a file that is there is not used, and is empty where all is well.
    """

    snapshot: Snapshot | None = None
    fetched_at: datetime | None = None
    address: str = ""
    problem: str = ""


def fetched_prices(folder: Path) -> FetchedPrices:
    """The fetched prices of a data directory, if there are any that can be used."""
    try:
        head, _, data = (folder / FILE).read_bytes().partition(b"\n")
    except FileNotFoundError:
        return FetchedPrices()
    except OSError as error:
        return FetchedPrices(
            problem=_refused(say("cannot be read ({strerror})", strerror=str(error.strerror)))
        )
    try:
        told = json.loads(head)
        fetched_at = datetime.fromisoformat(told["fetched_at"])
        address, over, digest = (str(told[name]) for name in ("address", "over", "sha256"))
        if hashlib.sha256(data).hexdigest() != digest:
            return FetchedPrices(problem=_refused(say("is damaged")))
        if over != edition(None):
            return FetchedPrices(fetched_at=fetched_at, address=address)
        snapshot = _snapshot(data)
    except (ValueError, KeyError, TypeError):
        return FetchedPrices(problem=_refused(say("is damaged")))
    return FetchedPrices(snapshot, fetched_at, address)


@lru_cache(maxsize=1)
def _snapshot(data: bytes) -> Snapshot:
    """Read once: it is asked for by every sync, and takes a quarter of a second."""
    return read_snapshot(data, label=label_of(data))


def label_of(data: bytes) -> str:
    """The name of the edition that these published data are."""
    return f"genai-prices {hashlib.sha256(data).hexdigest()[:8]}"


def keep_fetched_prices(folder: Path, data: bytes, *, fetched_at: datetime, address: str) -> None:
    """Keep published data, which `read_snapshot` has read: written whole, then put in place."""
    told = {
        "fetched_at": fetched_at.isoformat(),
        "address": address,
        "over": edition(None),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    target, beside = folder / FILE, folder / f".{FILE}.new"
    try:
        with beside.open("wb") as file:
            file.write(json.dumps(told).encode() + b"\n" + data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise LedgerUnreadable(
            say(
                "The fetched prices could not be written to {target} ({strerror}); "
                "nothing was changed.",
                target=str(target),
                strerror=str(error.strerror),
            ),
            remedy=say("Check the folder's permissions and the free space."),
        ) from error


def forget_fetched_prices(folder: Path) -> None:
    """Go back to the prices that come with Plimsoll."""
    with suppress(FileNotFoundError):
        (folder / FILE).unlink()


def _refused(what: str) -> str:
    return say(
        "The file of fetched prices, {file}, {what}; it is not used, and the prices "
        "that come with Plimsoll are. Fetch them again, or delete the file.",
        file=FILE,
        what=what,
    )
