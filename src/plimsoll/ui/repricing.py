"""Repricing from the window: the dialog over a slice of usage, and its work on another thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from plimsoll.domain.calendar import Period, month_of, utc_day
from plimsoll.domain.question import EVERYTHING, Scope
from plimsoll.ui.dimensions import scope_words
from plimsoll.ui.moments import period_words
from plimsoll.ui.words import in_words, tr

if TYPE_CHECKING:
    from plimsoll.services.program import Program
    from plimsoll.ui.dialogs.what_if import WhatIfDialog
    from plimsoll.ui.jobs import Job, Jobs
    from plimsoll.ui.widgets.what_if import Wish


class Repricing(QObject):
    """Opens the dialog over its host, and does its work; the newest wish wins."""

    def __init__(self, program: Program, jobs: Jobs, host: QWidget) -> None:
        super().__init__(host)
        self._program = program
        self._jobs = jobs
        self._host = host
        self._made: WhatIfDialog | None = None
        self._job: Job | None = None
        self._period = Period(*[utc_day(program.clock.now())] * 2)
        self._scope = EVERYTHING

    @property
    def dialog(self) -> WhatIfDialog | None:
        """The open dialog; a closed one is gone with its C++ object."""
        if self._made is not None and not shiboken6.isValid(self._made):
            self._made = None
        return self._made

    def open_month(self) -> None:
        """Open it over everything that was used this month."""
        self.open(month_of(utc_day(self._program.clock.now())), EVERYTHING)

    def open(self, period: Period, scope: Scope) -> None:
        """Open it over the usage of some days within a scope."""
        if self.dialog is not None:
            return
        from plimsoll.ui.dialogs.what_if import WhatIfDialog

        self._period, self._scope = period, scope
        words = period_words(period)
        if scope:
            words = tr("{what}, {days}", what=scope_words(scope), days=words)
        dialog = WhatIfDialog(words, self._host)
        dialog.what_if.asked.connect(self._ask)
        dialog.what_if.withdrawn.connect(self._forget)
        dialog.finished.connect(self._closed)
        self._made = dialog
        self._jobs.ask(
            lambda _job: self._program.prices.models(),
            then=dialog.what_if.show_models,
            failed=lambda error: dialog.what_if.show_trouble(in_words(error.words)),
            receiver=dialog,
        )
        self._jobs.ask(
            lambda _job: self._program.peak_hours(period, scope),
            then=dialog.hours.show_hours,
            failed=lambda error: dialog.what_if.show_trouble(in_words(error.words)),
            receiver=dialog,
        )
        dialog.open()

    def _ask(self, wish: Wish) -> None:
        dialog = self.dialog
        if dialog is None:
            return
        self._forget()
        period, scope = self._period, self._scope
        dialog.what_if.show_busy()
        self._job = self._jobs.download(
            lambda job: self._program.reprice(
                period,
                wish.models,
                scope,
                share=wish.share,
                tier=wish.tier,
                progress=job.report,
                cancelled=job.is_cancelled,
            ),
            then=dialog.what_if.show_answer,
            progress=dialog.what_if.show_busy,
            failed=lambda error: dialog.what_if.show_trouble(in_words(error.words)),
            receiver=dialog,
        )

    def _forget(self) -> None:
        if self._job is not None:
            self._job.forget()
            self._job = None

    def _closed(self, _result: int) -> None:
        self._forget()
        self._made = None
