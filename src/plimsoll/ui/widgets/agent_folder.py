"""The folder of a coding agent's logs, as a step of adding it: the usual one, or another."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QLineEdit, QVBoxLayout, QWidget

from plimsoll.services.answers import AgentCard
from plimsoll.ui.widgets.buttons import LinkButton
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.words import tr


class AgentFolder(QWidget):
    """An agent's folder and the source's name; no key is asked for.

    Signals:
        changed(): the user changed one of them.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chosen = ""
        """The folder that the user chose; empty for the agent's usual ones."""
        self._usual = ""
        self.where = Words(wrap=True)
        self.other = LinkButton(tr("Another folder …"))
        self.other.setAutoDefault(False)
        self.other.clicked.connect(self._ask)
        self.promise = Words(
            tr(
                "Counts, times, models and folders are read from its logs, and titles of sessions."
                " Nothing of what was asked or answered is kept, and no key is needed."
            ),
            tone="muted",
            size=12,
            wrap=True,
        )
        self.name = QLineEdit()
        self.name.setAccessibleName(tr("Name"))
        self.name.textChanged.connect(lambda _: self.changed.emit())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(Words(tr("Folder of its logs"), weight=500))
        column.addWidget(self.where)
        column.addWidget(self.other, 0, Qt.AlignmentFlag.AlignLeft)
        column.addSpacing(8)
        column.addWidget(Words(tr("Name"), weight=500))
        column.addWidget(self.name)
        column.addSpacing(8)
        column.addWidget(self.promise)
        column.addStretch(1)

    def show_agent(self, card: AgentCard, *, name: str) -> None:
        """Begin with an agent's usual folders."""
        self.chosen = ""
        self._usual = "\n".join(map(short_path, card.folders)) if card.files else ""
        self.name.setText(name)
        self._say_where()
        (self.name if card.files else self.other).setFocus()

    def choose(self, folder: str) -> None:
        """Take another folder; empty for the usual ones."""
        self.chosen = folder
        self._say_where()
        self.changed.emit()

    def _ask(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, tr("Folder of its logs"))
        if folder:
            self.choose(folder)

    def _say_where(self) -> None:
        self.where.setText(short_path(self.chosen) or self._usual or tr("none chosen yet"))
        self.where.setToolTip(self.chosen)


def short_path(path: str) -> str:
    """A path as people write it: below the home folder with a tilde."""
    home = str(Path.home())
    return f"~{path[len(home) :]}" if path == home or path.startswith(home + "/") else path
