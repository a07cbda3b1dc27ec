"""Elsewhere: a page's what-if, which asks for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import PlimsollError
from plimsoll.ui.widgets.what_if import WhatIf, Wish
from plimsoll.ui.words import in_words

if TYPE_CHECKING:
    from plimsoll.services.reprice import Repricings
    from plimsoll.ui.jobs import Job
    from plimsoll.ui.page import Page


class WhatIfCard(WhatIf):
    """The card over everything that was used in a period; the newest wish wins."""

    def __init__(self, page: Page[Any]) -> None:
        super().__init__()
        self._page = page
        self._period: Period | None = None
        self._job: Job | None = None
        self.asked.connect(self._ask_for)
        self.withdrawn.connect(self._forget)

    def show_period(self, period: Period) -> None:
        """Be about these days, and price them again where that was asked for."""
        if self._period is None:
            self._page.jobs.ask(
                lambda _job: self._page.program.prices.models(),
                then=self.show_models,
                failed=self._refused,
                receiver=self,
            )
        changed, self._period = period != self._period, period
        if changed and self.wish.models:
            self._ask_for(self.wish)

    def _ask_for(self, wish: Wish) -> None:
        period = self._period
        self._forget()
        if period is None:
            return
        self.show_busy()
        self._job = self._page.jobs.download(
            lambda _job: self._page.program.reprice(
                period, wish.models, share=wish.share, tier=wish.tier
            ),
            then=self._answered,
            failed=self._refused,
            receiver=self,
        )

    def _forget(self) -> None:
        if self._job is not None:
            self._job.forget()
            self._job = None

    def _answered(self, answer: Repricings) -> None:
        self.show_answer(answer)

    def _refused(self, error: PlimsollError) -> None:
        self.show_trouble(in_words(error.words))
