"""Estimating from the window: what is given is counted on another thread, and forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from plimsoll.domain.errors import Cancelled, PlimsollError
from plimsoll.ui.words import in_words, tr

if TYPE_CHECKING:
    from plimsoll.services.estimate import Estimate
    from plimsoll.services.program import Program
    from plimsoll.ui.dialogs.estimate import EstimateDialog
    from plimsoll.ui.jobs import Job, Jobs

_IN_USE = 12
"""The most used models that are offered without being looked for."""


class Estimating(QObject):
    """Opens the dialog over its host, and does its work."""

    def __init__(self, program: Program, jobs: Jobs, host: QWidget) -> None:
        super().__init__(host)
        self._program = program
        self._jobs = jobs
        self._host = host
        self._made: EstimateDialog | None = None
        self._job: Job | None = None

    @property
    def dialog(self) -> EstimateDialog | None:
        """The open dialog; a closed one is gone with its C++ object."""
        if self._made is not None and not shiboken6.isValid(self._made):
            self._made = None
        return self._made

    def open(self) -> None:
        """Open the dialog, with the models that are in use and those that have a price."""
        if self.dialog is not None:
            return
        from plimsoll.ui.dialogs.estimate import EstimateDialog

        dialog = EstimateDialog(self._host)
        dialog.count_asked.connect(self._count)
        dialog.stop_asked.connect(self._stop)
        dialog.finished.connect(self._closed)
        self._made = dialog
        self._jobs.ask(
            lambda _job: self._choices(),
            then=lambda found: dialog.show_models(*found),
            failed=lambda error: dialog.show_refused(in_words(error.words)),
            receiver=dialog,
        )
        dialog.open()

    def _choices(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The models in use, the most used first, and all that have a price."""
        from plimsoll.services.estimate import history, models_in_use

        table = self._program.spend(history(self._program.clock.now()))
        return models_in_use(table, _IN_USE), self._program.prices.models()

    def _count(self, text: str, paths: Sequence[Path], models: Sequence[str]) -> None:
        dialog = self.dialog
        if dialog is None:
            return
        self._stop()
        dialog.show_counting(None)
        pasted = tr("Pasted text")

        def work(job: Job) -> Estimate:
            from plimsoll.services.estimate import estimated, history
            from plimsoll.services.given import of_text, read_all

            given = (
                read_all(paths, cancelled=job.is_cancelled)
                if paths
                else of_text(text, title=pasted)
            )
            now = self._program.clock.now()
            return estimated(
                given,
                models,
                self._program.spend(history(now)),
                self._program.prices,
                now=now,
                progress=job.report,
                cancelled=job.is_cancelled,
            )

        def refused(error: PlimsollError) -> None:
            dialog.show_refused("" if isinstance(error, Cancelled) else in_words(error.words))

        self._job = self._jobs.download(
            work,
            then=dialog.show_estimate,
            failed=refused,
            progress=dialog.show_counting,
            receiver=dialog,
        )

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _closed(self, _result: int) -> None:
        if self._job is not None:
            self._job.forget()
            self._job = None
        self._made = None
