"""A week's efficiency on a page: asked after the page's own answer, shown when it is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from plimsoll.domain.calendar import utc_day
from plimsoll.domain.errors import PlimsollError
from plimsoll.ui.asked import intention_of
from plimsoll.ui.widgets.efficiency import EfficiencyCard, name_of
from plimsoll.ui.words import in_words

if TYPE_CHECKING:
    from plimsoll.domain.question import Question
    from plimsoll.domain.work import Work
    from plimsoll.services.efficiency_answers import Efficiency, Finding
    from plimsoll.services.market_answers import Market
    from plimsoll.services.provenance import Provenance
    from plimsoll.ui.dialogs.units_of_work import UnitsOfWork
    from plimsoll.ui.page import Page
    from plimsoll.ui.widgets.provenance import HowDoWeKnow

_KEPT = timedelta(minutes=5)
"""A whole week hardly changes: it is not asked for again with every click on the page."""


class WeeklyCard(EfficiencyCard):
    """The card, which asks for itself when its page has been answered; its rows open on Spend."""

    def __init__(self, page: Page[Market]) -> None:
        super().__init__()
        self._page = page
        self._asked: datetime | None = None
        self._answer: Efficiency | None = None
        self._dialog: UnitsOfWork | None = None
        page.answered.connect(self._page_answered)
        self.rows_asked.connect(self._show_rows)
        self.explain_asked.connect(self._explain)
        self.work_asked.connect(self.open_work)

    def open_work(self) -> None:
        """Let the user enter units of work, and remove them."""
        self._page.jobs.ask(
            lambda _job: self._page.program.work(),
            then=self._show_work,
            failed=self._week_refused,
            receiver=self,
        )

    def _show_work(self, entries: Sequence[Work]) -> None:
        from plimsoll.ui.dialogs.units_of_work import UnitsOfWork

        program = self._page.program
        today = utc_day(program.clock.now())
        dialog = UnitsOfWork(entries, today=today, parent=self._page)
        dialog.entered.connect(lambda work: self._change(partial(self._enter, work)))
        dialog.removed.connect(lambda number: self._change(partial(program.remove_work, number)))
        dialog.finished.connect(self._forget_dialog)
        self._dialog = dialog
        dialog.open()

    def _enter(self, work: Work) -> None:
        self._page.program.add_work(work.name, work.count, day=work.day)

    def _change(self, change: Callable[[], None]) -> None:
        """Write a change, then show what is entered now, and divide by it."""

        def work(_job: object) -> Sequence[Work]:
            change()
            return self._page.program.work()

        self._page.jobs.write(
            work, then=self._work_changed, failed=self._change_refused, receiver=self
        )

    def _work_changed(self, entries: Sequence[Work]) -> None:
        if self._dialog is not None:
            self._dialog.show_entries(entries)
        self._ask()

    def _change_refused(self, error: PlimsollError) -> None:
        if self._dialog is not None:
            self._dialog.say_refused(in_words(error.words))

    def _forget_dialog(self) -> None:
        self._dialog = None

    def _page_answered(self, answer: Market) -> None:
        if not answer.has_data:
            self._asked = None
            self.hide()
            return
        now = self._page.program.clock.now()
        if self._asked is None or now - self._asked >= _KEPT:
            self._ask()

    def _ask(self) -> None:
        self._asked = self._page.program.clock.now()
        # Not on the reader's lane: a page never waits for it.
        self._page.jobs.download(
            lambda _job: self._page.program.efficiency(),
            then=self._week_answered,
            failed=self._week_refused,
            receiver=self,
        )

    def _week_answered(self, answer: Efficiency) -> None:
        self._answer = answer
        self.show_week(answer)

    def _week_refused(self, error: PlimsollError) -> None:
        self._asked = None
        self.say(in_words(error.words))

    def _explain(self, finding: Finding, anchor: QWidget) -> None:
        """How a figure is known: at once what was divided, then the money and prices behind it."""
        from plimsoll.ui import week_origin
        from plimsoll.ui.origin import sections_of

        answer = self._answer
        if answer is None:
            return
        lines = week_origin.lines_of(finding, answer)
        popover = self._page.explain(anchor, lines, title=name_of(finding.measure))
        own = week_origin.sections_of(finding, answer)
        asked = week_origin.asked_of(finding, answer)
        if popover is None:
            return
        if asked is None:
            popover.show_sections(own)
            return
        question, (currency,) = asked

        def show(popover: HowDoWeKnow, found: Provenance) -> None:
            popover.show_sections((*own, *sections_of(found)))

        self._page.ask_more(
            lambda: self._page.program.provenance(question, currency=currency), show
        )

    def _show_rows(self, question: Question) -> None:
        self._page.page_asked.emit("spend", intention_of(question))
