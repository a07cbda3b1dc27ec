"""The dialog for our own bugs: what happened, that figures are safe, and a report to copy."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from plimsoll.ui.dialogs.frame import Frame
from plimsoll.ui.widgets.buttons import PrimaryButton
from plimsoll.ui.words import tr


class CrashDialog(Frame):
    """Says that something of ours broke, that figures are safe, and offers the report."""

    def __init__(self, report: str, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Plimsoll made a mistake"),
            words=tr(
                "This is a fault of the program, not yours. What is stored is safe, and you can go"
                " on. The report below holds no key; please send it to us."
            ),
            parent=parent,
        )
        self.resize(640, 400)
        self.report = QPlainTextEdit(report)
        self.report.setReadOnly(True)
        self.report.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.report.setAccessibleName(tr("Report"))
        self.body.addWidget(self.report, 1)
        self.add_cancel(tr("Close"))
        self.copy = PrimaryButton(tr("Copy report"), icon="copy")
        self.copy.clicked.connect(self._copy)
        self.add_button(self.copy, default=True)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report.toPlainText())
        self.copy.setText(tr("Copied"))
