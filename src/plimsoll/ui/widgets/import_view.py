"""What a file would bring, sheet by sheet, and what it would replace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from plimsoll.domain.money import Money, shown
from plimsoll.ui.moments import grouped
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.words import counted, full_day, tr

if TYPE_CHECKING:
    from plimsoll.services.imports import ImportPreview, SheetPreview

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop


class ImportView(QWidget):
    """A line for each sheet, and beneath them what is worth knowing."""

    def __init__(self, preview: ImportPreview, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(self._table(preview.sheets))
        self.notes = notes_of(preview)
        for note in self.notes:
            column.addWidget(Words(note, tone="muted", size=12, wrap=True))

    def _table(self, sheets: Sequence[SheetPreview]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(5)
        heads = (tr("What"), tr("Days"), tr("Billed"), tr("Tokens"), tr("New days"))
        for place, head in enumerate(heads):
            words = Words(head, tone="faint", size=12)
            grid.addWidget(words, 0, place, _RIGHT if place > 1 else _LEFT)
        for row, sheet in enumerate(sheets, start=1):
            for place, text in enumerate(_cells(sheet)):
                words = Words(text, weight=500 if place == 0 else 400)
                grid.addWidget(
                    words, row, place, _RIGHT if place > 1 else Qt.AlignmentFlag.AlignTop
                )
        grid.setColumnStretch(0, 1)
        return grid


def _cells(sheet: SheetPreview) -> tuple[str, ...]:
    days = sheet.days
    span = (
        full_day(days.first)
        if days.first == days.last
        else tr("{first} to {last}", first=full_day(days.first), last=full_day(days.last))
    )
    return (
        sheet.title,
        span,
        _sums(sheet.billed) or "–",
        grouped(sheet.tokens) if sheet.tokens else "–",
        tr("{new} of {all}", new=grouped(sheet.new), all=grouped(sheet.count)),
    )


def _sums(amounts: Sequence[Money]) -> str:
    """Amounts by currency, one below the other: they are never added."""
    return "\n".join(shown(money.nanos, money.currency) for money in amounts)


def notes_of(preview: ImportPreview) -> tuple[str, ...]:
    """What is worth knowing before a file is taken, the weightiest first."""
    notes = []
    if preview.changes_nothing:
        notes.append(tr("Every day is kept already as this file tells it."))
    notes += [_replaced(sheet) for sheet in preview.sheets if sheet.changed]
    if preview.live:
        notes.append(
            tr(
                "{names} is asked for the same provider: where both see the same traffic, it counts"
                " once.",
                names=tr(" and ").join(preview.live),
            )
        )
    notes += [note for sheet in preview.sheets for note in sheet.notes]
    if preview.imported_at is not None:
        day = full_day(preview.imported_at.date())
        notes.append(tr("This very file was imported on {day}.", day=day))
    return tuple(notes)


def _replaced(sheet: SheetPreview) -> str:
    before, after = _sums(sheet.before), _sums(sheet.after)
    if not (before or after):
        before, after = grouped(sheet.tokens_before), grouped(sheet.tokens_after)
    return tr(
        "{title}: {days} kept otherwise; {before} becomes {after}.",
        title=sheet.title,
        days=counted(sheet.changed, "1 day is", "{count} days are"),
        before=before.replace("\n", ", ") or tr("nothing"),
        after=after.replace("\n", ", ") or tr("nothing"),
    )
