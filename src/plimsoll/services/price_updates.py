"""Price updates: list prices fetched over the network when the user wants it, and not otherwise.

What they change is shown before they are taken; taken, they stand in the place of the package's
own until Plimsoll brings newer ones.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from plimsoll.domain.calendar import utc_day
from plimsoll.domain.clock import Clock
from plimsoll.domain.errors import SurprisingAnswer, WrongUse
from plimsoll.domain.said import counted, say
from plimsoll.ledger.accounts import AGENT
from plimsoll.ledger.catalog import Source, sources
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.own_prices import own_prices
from plimsoll.ledger.repricing import Which, models_in_use, reprice
from plimsoll.prices.listed import LISTS, edition
from plimsoll.prices.snapshot import Snapshot, changed_models, lists_otherwise, read_snapshot
from plimsoll.services import price_words
from plimsoll.services.fetched_prices import (
    fetched_prices,
    forget_fetched_prices,
    keep_fetched_prices,
    label_of,
)
from plimsoll.services.price_answers import PricePreview, PriceUpdate, UpdateState
from plimsoll.services.prices import bring_up_to_date
from plimsoll.services.pricing import pricing, pricing_with
from plimsoll.sources.published import fetch

_TITLE = "the price list"


def fetch_update(
    ledger: Ledger,
    folder: Path,
    state: UpdateState,
    *,
    clock: Clock,
    cancelled: Callable[[], bool],
) -> PriceUpdate:
    """Fetch the published prices and tell what taking them would change; nothing is kept yet.

    Raises `WrongUse` where the user did not allow it, what `sources.published.fetch` raises, and
    `SurprisingAnswer` where what came is not the package's prices.
    """
    if not state.allowed:
        raise WrongUse(
            say("Prices are not updated over the network, because you have not allowed it."),
            remedy=say("Allow it in the settings; nothing but the address of the file is sent."),
        )
    content = fetch(state.address, title=_TITLE, clock=clock, cancelled=cancelled)
    snapshot = _read(content)
    return PriceUpdate(
        edition=snapshot.label,
        fetched_at=clock.now(),
        address=state.address,
        changed=changed_models(fetched_prices(folder).snapshot, snapshot),
        preview=_use(ledger, folder, snapshot, clock=clock, cancelled=cancelled),
        content=content,
    )


def take_update(
    ledger: Ledger,
    folder: Path,
    update: PriceUpdate,
    *,
    clock: Clock,
    cancelled: Callable[[], bool],
) -> PricePreview:
    """Use the prices of an update from now on, and compute with them what they change."""
    snapshot = _read(update.content)

    def keep() -> None:
        keep_fetched_prices(
            folder, update.content, fetched_at=update.fetched_at, address=update.address
        )

    bring_up_to_date(ledger, pricing(ledger, folder), clock=clock, cancelled=cancelled)
    return _use(ledger, folder, snapshot, clock=clock, cancelled=cancelled, keep=keep)


def forget_update(
    ledger: Ledger, folder: Path, *, clock: Clock, cancelled: Callable[[], bool]
) -> PricePreview:
    """Use the prices that come with Plimsoll again."""
    return _use(
        ledger,
        folder,
        None,
        clock=clock,
        cancelled=cancelled,
        keep=lambda: forget_fetched_prices(folder),
    )


def _use(
    ledger: Ledger,
    folder: Path,
    snapshot: Snapshot | None,
    *,
    clock: Clock,
    cancelled: Callable[[], bool],
    keep: Callable[[], None] | None = None,
) -> PricePreview:
    """Compute by the prices of a snapshot; only look, where there is nothing to `keep`.

    The file is put in place at the very end of the transaction. Should the transaction fail even
    then, the next sync finds rows of another edition, and computes them again.
    """
    old, own = fetched_prices(folder).snapshot, own_prices(ledger)
    old_book, new_book = pricing_with(own, old), pricing_with(own, snapshot)
    in_use = models_in_use(ledger)
    models = {
        source.id: frozenset(
            model
            for model in in_use.get(source.id, ())
            if model and _lists_otherwise(source, model, old, snapshot)
        )
        for source in sources(ledger, removed=True)
    }
    what = counted(
        len(changed_models(old, snapshot)), "1 price changed", "{count:,} prices changed"
    )
    effect = reprice(
        ledger,
        new_book.compute,
        calls=new_book.call_prices,
        edition=new_book.edition,
        sentence=say("{what} with {edition}.", what=what, edition=edition(snapshot)),
        which=Which(models=models),
        instead_of=old_book.edition,
        together=keep or _nothing,
        log_idle=keep is not None,
        dry_run=keep is None,
        cancelled=cancelled,
    )
    sentence = price_words.sentence_of(what, effect, today=utc_day(clock.now()))
    return PricePreview(sentence, effect)


def _lists_otherwise(
    source: Source, model: str, old: Snapshot | None, new: Snapshot | None
) -> bool:
    providers = LISTS if source.kind == AGENT else (source.connector,)
    return any(lists_otherwise(provider, model, old, new) for provider in providers)


def _nothing() -> None:
    """There is nothing to keep when one only looks."""


def _read(content: bytes) -> Snapshot:
    try:
        return read_snapshot(content, label=label_of(content))
    except ValueError as error:
        raise SurprisingAnswer(
            say(
                "What was fetched is not a list of prices that Plimsoll can read "
                "({splitlines}); nothing of it was taken.",
                splitlines=str(error).splitlines()[0][:200],
            ),
            remedy=say("Check the address."),
        ) from None
