"""Overlap question: two sources see the same traffic; count it once, paid by whom, or both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QWidget

from plimsoll.ui.widgets.buttons import PrimaryButton, QuietButton
from plimsoll.ui.widgets.card import Card, Chip
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.words import counted, tr

if TYPE_CHECKING:
    from plimsoll.services.overlaps import Overlap


class OverlapQuestion(Card):
    """One pair, asked about once; what happens until then is said in words.

    Signals:
        settled(int, bool, str): of the pair of this number, count it once (or both), and who pays.
    """

    settled = Signal(int, bool, str)

    def __init__(self, overlap: Overlap, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.overlap = overlap
        self.asked = Words(_asked(overlap), size=14, weight=600, wrap=True)
        self.until = Chip()
        self.until.show_words(
            tr("Counted once until you answer")
            if overlap.counted_once
            else tr("Both counted until you answer"),
            tone="accent" if overlap.counted_once else "warn",
        )
        self.evidence = Words(evidence_words(overlap), tone="muted", wrap=True)
        self.caution = Words(_caution(overlap), tone="warn", wrap=True)
        self.caution.setVisible(bool(self.caution.text()))
        self.payer = QComboBox()
        self.payer.setAccessibleName(tr("Paid by"))
        self.payer.addItems(_who_can_pay(overlap))
        self.payer.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.payer.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.once = PrimaryButton(tr("Count it once"))
        self.both = QuietButton(tr("Both are mine, count both"))
        self.once.clicked.connect(lambda: self._settle(once=True))
        self.both.clicked.connect(lambda: self._settle(once=False))
        self.setAccessibleName(self.asked.text())
        self.setAccessibleDescription(
            tr(" ").join((self.evidence.text(), self.caution.text())).strip()
        )
        self._lay_out()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self.asked, 1)
        top.addWidget(self.until, 0, Qt.AlignmentFlag.AlignTop)
        answer = QHBoxLayout()
        answer.setSpacing(8)
        answer.addWidget(Words(tr("Paid by"), tone="muted"))
        answer.addWidget(self.payer)
        answer.addWidget(self.once)
        answer.addWidget(self.both)
        answer.addStretch(1)
        self.body.addLayout(top)
        self.body.addWidget(self.evidence)
        self.body.addWidget(self.caution)
        self.body.addSpacing(2)
        self.body.addLayout(answer)

    def _settle(self, *, once: bool) -> None:
        self.once.setEnabled(False)
        self.both.setEnabled(False)
        self.settled.emit(self.overlap.id, once, self.payer.currentText())


def evidence_words(overlap: Overlap) -> str:
    """Why it is thought so, with numbers."""
    if overlap.reason.value == "organisation":
        return tr("Their provider says that both keys belong to one account.")
    if overlap.reason.value == "rows":
        return counted(
            overlap.days,
            "On the day that both hold, their rows are the same.",
            "On the {count} days that both hold, their rows are the same.",
        )
    if not overlap.days:
        values = {"payer": overlap.payer, "explainer": overlap.explainer}
        if overlap.by_an_imported_bill:
            return tr(
                "“{payer}” is a bill of the provider whose balance “{explainer}” reads.", **values
            )
        return tr("All calls of “{explainer}” go to the provider that “{payer}” prepays.", **values)
    equal = tr(
        "On {days} settled days {equal}% of their tokens are equal",
        days=overlap.days,
        equal=overlap.equal,
    )
    exact = counted(
        overlap.to_the_token,
        ", on one of them to the token",
        ", on {count} of them to the token",
    )
    lines = [equal + (exact if overlap.to_the_token else "") + tr(".")]
    larger = {"part": overlap.payer, "whole": overlap.explainer}.get(overlap.relation.value)
    if larger is not None:
        lines.append(tr("{name} has more besides.", name=larger))
    return tr(" ").join(lines)


def _asked(overlap: Overlap) -> str:
    values = {"one": overlap.payer, "other": overlap.explainer}
    if overlap.counted_once:
        return tr("“{one}” and “{other}” see the same traffic: count it once?", **values)
    return tr("Do “{one}” and “{other}” see the same traffic?", **values)


def _caution(overlap: Overlap) -> str:
    """What counting once would leave out, where it is more than the same calls seen again."""
    if overlap.both_billed:
        return tr("Both were billed: counted once, the bill of the other one is left out.")
    if overlap.relation.value == "whole":
        return tr(
            "Counted once and paid by “{name}”, the rest of the other one is left out.",
            name=overlap.payer,
        )
    return ""


def _who_can_pay(overlap: Overlap) -> list[str]:
    """The proposed one first; a source that is no longer asked only where nothing else is."""
    asked = [
        name
        for name, removed in (
            (overlap.payer, overlap.payer_removed),
            (overlap.explainer, overlap.explainer_removed),
        )
        if not removed
    ]
    return asked or [overlap.payer]
