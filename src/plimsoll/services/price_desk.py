"""The price desk: everything that the window and the command line ask about prices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from plimsoll.domain.clock import Clock
from plimsoll.domain.tariff import Discount, PriceRow
from plimsoll.ledger.database import Ledger
from plimsoll.services.editions import is_behind
from plimsoll.services.pricing import Pricing, pricing

if TYPE_CHECKING:
    from plimsoll.services.price_answers import (
        KnownPrice,
        PricePreview,
        PricesPage,
        PriceUpdate,
        UpdateState,
    )


class PriceDesk:
    """The prices of one data directory; thread-safe and blocking, like the program it belongs to.

    Accounts are named as the user names them. Every method raises `PlimsollError` with a sentence;
    nothing is changed then.
    """

    def __init__(
        self, ledger: Ledger, folder: Path, *, clock: Clock, cancelled: Callable[[], bool]
    ) -> None:
        self._ledger = ledger
        self._folder = folder
        self._clock = clock
        self._cancelled = cancelled

    def page(self) -> PricesPage:
        """What is not priced, the user's own prices and discounts, the log, and the updates."""
        from plimsoll.services import prices

        return prices.page(self._ledger, self._folder, clock=self._clock)

    def updates(self) -> UpdateState:
        """Whether list prices are updated over the network, and what is in use; asks no one."""
        from plimsoll.services import prices

        return prices.update_state(self._folder)

    def book(self) -> Pricing:
        """The price book as it is now."""
        return pricing(self._ledger, self._folder)

    def is_behind(self) -> bool:
        """Whether an older edition of the prices computed some of what is stored."""
        return is_behind(self._ledger, self._folder)

    def bring_up_to_date(self) -> PricePreview | None:
        """Compute again what an older edition of the prices computed; None where there is nothing
        to do. To be called when the program starts, away from the thread of the window.
        """
        from plimsoll.services import prices

        return prices.bring_up_to_date(
            self._ledger, self.book(), clock=self._clock, cancelled=self._cancelled
        )

    def preview(
        self, own: Sequence[PriceRow], discounts: Sequence[Discount], *, version: str | None = None
    ) -> PricePreview:
        """What other own prices and discounts would change in the stored figures."""
        return self._change(own, discounts, version=version, dry_run=True)

    def change(
        self, own: Sequence[PriceRow], discounts: Sequence[Discount], *, version: str | None = None
    ) -> PricePreview:
        """Keep other own prices and discounts in the place of all that were there.

        `version` is the page's that they were made from: where others have been kept since, nothing
        is changed. What it changes in the stored figures is computed, told and logged.
        """
        return self._change(own, discounts, version=version, dry_run=False)

    def _change(
        self,
        own: Sequence[PriceRow],
        discounts: Sequence[Discount],
        *,
        version: str | None,
        dry_run: bool,
    ) -> PricePreview:
        from plimsoll.services import prices

        return prices.change(
            self._ledger,
            self._folder,
            prices.Change(tuple(own), tuple(discounts), version),
            clock=self._clock,
            dry_run=dry_run,
            cancelled=self._cancelled,
        )

    def known(self, model: str) -> tuple[KnownPrice, ...]:
        """Every price that is known of a model, by any provider; none where nobody lists it."""
        from plimsoll.services import prices

        return prices.known(self._ledger, self._folder, model, clock=self._clock)

    def models(self) -> tuple[str, ...]:
        """Every model that has a price, by name."""
        from plimsoll.services import prices

        return prices.models(self._ledger, self._folder)

    def read_file(self, path: Path) -> tuple[PriceRow, ...]:
        """The prices in a file; raises `PriceFileProblem`, which names the line that is wrong."""
        from plimsoll.services import prices

        return prices.read_file(path)

    def write_file(self, path: Path, rows: Sequence[PriceRow]) -> None:
        """Write prices into a new file, which `read_file` reads back."""
        from plimsoll.services import prices

        prices.write_file(path, rows)

    def fetch_update(self, *, once: bool = False, address: str = "") -> PriceUpdate:
        """Fetch the published list prices, and tell what taking them would change.

        Only where the settings allow it, or where the user asks for it this `once`; from another
        `address` than the one in the settings where one is given.
        """
        from plimsoll.services import price_updates, prices

        state = prices.update_state(self._folder)
        state = replace(state, allowed=state.allowed or once, address=address or state.address)
        return price_updates.fetch_update(
            self._ledger, self._folder, state, clock=self._clock, cancelled=self._cancelled
        )

    def take_update(self, update: PriceUpdate) -> PricePreview:
        """Use fetched prices from now on."""
        from plimsoll.services import price_updates

        return price_updates.take_update(
            self._ledger, self._folder, update, clock=self._clock, cancelled=self._cancelled
        )

    def forget_update(self) -> PricePreview:
        """Use the prices that come with Plimsoll again."""
        from plimsoll.services import price_updates

        return price_updates.forget_update(
            self._ledger, self._folder, clock=self._clock, cancelled=self._cancelled
        )
