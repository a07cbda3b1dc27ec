"""Budgets that could be set: from last month, and as the limits that providers keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from plimsoll.services.proposals import Proposal
from plimsoll.ui.widgets.buttons import LinkButton, QuietButton
from plimsoll.ui.widgets.card import Card
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.words import in_words, tr

SHOWN = 3


class ProposalsCard(Card):
    """A line and a button for each proposal; hidden where there is none.

    Signals:
        accepted(Budget): the user wants this budget.
    """

    accepted = Signal(object)

    def __init__(self) -> None:
        super().__init__(tr("Proposed"))
        self._proposals: Sequence[Proposal] = ()
        self._shows_all = False
        self.buttons: list[QuietButton] = []
        self.caution = Words(
            tr("A limit at the provider may stop calls; a budget here only warns, and in time."),
            tone="faint",
            size=12,
            wrap=True,
        )
        self.lines = QVBoxLayout()
        self.lines.setSpacing(10)
        self.more = LinkButton("")
        self.more.clicked.connect(self._show_all)
        self.body.addLayout(self.lines)
        row = QHBoxLayout()
        row.addWidget(self.more)
        row.addStretch(1)
        self.body.addLayout(row)
        self.add(self.caution)
        self.hide()

    def show_proposals(self, proposals: Sequence[Proposal]) -> None:
        """Show what is proposed now."""
        self._proposals = proposals
        self.setVisible(bool(proposals))
        self.caution.setVisible(any(proposal.is_limit for proposal in proposals))
        while (item := self.lines.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.buttons = []
        shown = proposals if self._shows_all else proposals[:SHOWN]
        for proposal in shown:
            self.lines.addWidget(self._line(proposal))
        self.more.setText(tr("Show all {count}", count=len(proposals)))
        self.more.setVisible(len(shown) < len(proposals))

    def _show_all(self) -> None:
        self._shows_all = True
        self.show_proposals(self._proposals)

    def _accept(self, proposal: Proposal) -> None:
        """A month of everything is called so in the user's language."""
        budget = proposal.budget
        if not proposal.is_limit:
            budget = replace(budget, name=budget.name.replace("Month", tr("Month"), 1))
        self.accepted.emit(budget)

    def _line(self, proposal: Proposal) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(Words(in_words(proposal.sentence), wrap=True), 1)
        accept = QuietButton(tr("Set this budget"))
        accept.setAccessibleDescription(in_words(proposal.sentence))
        accept.clicked.connect(partial(self._accept, proposal))
        row.addWidget(accept)
        self.buttons.append(accept)
        return line
