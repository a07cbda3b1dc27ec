"""Entered: what a user enters and chooses by hand, kept as it was said; no Qt, no SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plimsoll.domain.said import say
from plimsoll.services.market_questions import MarketQuestions

if TYPE_CHECKING:
    from datetime import date, datetime

    from plimsoll.domain.exchange import Rate
    from plimsoll.domain.subscription import Subscription
    from plimsoll.domain.work import Work
    from plimsoll.services.settings import Settings


class Entered(MarketQuestions):
    """One data directory, opened: what is kept or taken back by hand, and nothing else follows
    from at once; `Program` does the rest.
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

    def remove_budget(self, name: str) -> None:
        """Remove a budget; raises `WrongUse` for an unknown name."""
        from plimsoll.ledger import budgets as stored

        stored.remove_budget(self.ledger, name)

    def remove_credit(self, name: str, number: int) -> None:
        """Remove an entry of an account book, as if it had never been there."""
        from plimsoll.ledger import prepaid

        prepaid.remove_credit(self.ledger, name, number)

    def add_work(self, name: str, count: int, *, day: date) -> Work:
        """Enter units of work that were done on a day; raises `WrongUse`."""
        from plimsoll.domain.calendar import utc_day
        from plimsoll.ledger import units_of_work
        from plimsoll.services.work_entry import read_work

        work = read_work(name, count, day=day, today=utc_day(self.clock.now()))
        return units_of_work.add_work(self.ledger, work)

    def remove_work(self, number: int) -> None:
        """Remove an entry of work; raises `WrongUse` where there is none of this number."""
        from plimsoll.domain.errors import WrongUse
        from plimsoll.ledger import units_of_work

        if not units_of_work.remove_work(self.ledger, number):
            raise WrongUse(
                say("There is no entry of work with the number {number}.", number=number),
                remedy=say("`plimsoll efficiency work` lists them."),
            )

    def snooze(self, name: str, *, until: date) -> datetime:
        """Let a budget fire nothing until a day begins in its zone, or a source warn of nothing
        until it does in UTC; the instant of that.
        """
        from plimsoll.services import alerts

        return alerts.snooze(self.ledger, name, until=until, now=self.clock.now())

    def wake(self, name: str) -> None:
        """End a snooze; raises `WrongUse` for an unknown name."""
        from plimsoll.services import alerts

        alerts.wake(self.ledger, name)

    def look_at_restatements(self) -> bool:
        """The user looks at the changed days: the first screen need not mention them any more.
        Whether any of them was new.
        """
        from plimsoll.ledger.usage import look_at_restatements

        return look_at_restatements(self.ledger)

    def judge_unusual(self, day: date, *, currency: str, expected: bool | None) -> None:
        """Keep that an unusual day was expected, or was not; None takes it back."""
        from plimsoll.ledger.verdicts import save_verdict

        save_verdict(self.ledger, day, currency=currency, expected=expected)
