"""Entered: what a user enters and chooses by hand, kept as it was said; no Qt, no SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plimsoll.services.questions import Questions

if TYPE_CHECKING:
    from datetime import date

    from plimsoll.domain.exchange import Rate
    from plimsoll.domain.subscription import Subscription
    from plimsoll.services.settings import Settings


class Entered(Questions):
    """One data directory, opened: flat fees, rates and settings, which nothing else follows from
    at once; `Program` does the rest.
    """

    def set_subscription(self, made: Subscription, *, instead_of: date | None = None) -> None:
        """Keep a flat fee of a source, in place of its one that began on a day; the tokens of its
        days are *plan* from now on.
        """
        from plimsoll.ledger.subscriptions import save_subscription

        save_subscription(self.ledger, made, instead_of=instead_of)

    def remove_subscription(self, subscription: Subscription) -> None:
        """Remove a flat fee, as if it had never been entered."""
        from plimsoll.ledger.subscriptions import remove_subscription

        remove_subscription(self.ledger, subscription.source, subscription.first)

    def set_rate(self, rate: Rate, *, instead_of: Rate | None = None) -> None:
        """Set a rate, in place of the one of its day and currencies, and of the one it was."""
        from plimsoll.ledger.exchange import save_rate

        save_rate(self.ledger, rate, instead_of=instead_of)

    def remove_rate(self, rate: Rate) -> None:
        """Remove a rate: what it converted is converted by the one before it, or not at all."""
        from plimsoll.ledger.exchange import remove_rate

        remove_rate(self.ledger, rate.day, rate.base, rate.quote)

    def save_settings(self, chosen: Settings) -> None:
        """Keep what the user chose; the webhook's host belongs to its address and stays what it is,
        so that a page that was opened before it was set does not turn it off.
        """
        from dataclasses import replace

        from plimsoll.services import settings

        host = settings.load(self.data_dir).alert_webhook
        settings.save(self.data_dir, replace(chosen, alert_webhook=host))

    def start_at_login(self, on: bool) -> None:
        """Start the window at login from now on, hidden in the tray, or no more; raises a
        `KnownError` that says why it cannot be.
        """
        from plimsoll.domain.errors import WrongUse
        from plimsoll.services import login

        if self.demo:
            raise WrongUse(login.NOT_THE_DEMO.why_not)
        login.choose(*self.login_entry(), on=on)
