"""A week's efficiency on a page: asked after the page's own answer, shown when it is known."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from plimsoll.domain.errors import PlimsollError
from plimsoll.ui.asked import intention_of
from plimsoll.ui.widgets.efficiency import EfficiencyCard, name_of

if TYPE_CHECKING:
    from plimsoll.domain.question import Question
    from plimsoll.services.efficiency_answers import Efficiency, Finding
    from plimsoll.services.provenance import Provenance
    from plimsoll.ui.page import Page
    from plimsoll.ui.widgets.provenance import HowDoWeKnow

_KEPT = timedelta(minutes=5)
"""A whole week hardly changes: it is not asked for again with every click on the page."""


class WeeklyCard(EfficiencyCard):
    """The card, which asks for itself when its page has been answered; its rows open on Spend."""

    def __init__(self, page: Page[Any]) -> None:
        super().__init__()
        self._page = page
        self._asked: datetime | None = None
        self._answer: Efficiency | None = None
        page.answered.connect(self._page_answered)
        self.rows_asked.connect(self._show_rows)
        self.explain_asked.connect(self._explain)

    def _page_answered(self, _answer: object) -> None:
        now = self._page.program.clock.now()
        if self._asked is not None and now - self._asked < _KEPT:
            return
        self._asked = now
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
        self.say(str(error))

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
