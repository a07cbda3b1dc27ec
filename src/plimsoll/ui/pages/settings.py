"""Settings: how the window looks and speaks, and whether it may notify."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar

from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QCheckBox, QGridLayout

from plimsoll import __version__
from plimsoll.services.settings import Settings
from plimsoll.ui import theme
from plimsoll.ui.page import Page
from plimsoll.ui.widgets.card import Card
from plimsoll.ui.widgets.controls import SegmentedControl
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.words import LANGUAGES, tr


@dataclass(frozen=True, slots=True)
class Choices:
    """What the page shows: the settings in force, and where this program keeps its data."""

    settings: Settings
    data_dir: str


class SettingsPage(Page[Choices]):
    """Every change takes effect at once and is kept."""

    name: ClassVar[str] = "settings"

    @property
    def title(self) -> str:
        """The page's name on the screen."""
        return tr("Settings")

    @property
    def explanation(self) -> tuple[str, ...]:
        """What F1 says."""
        return (
            tr(
                "Every choice takes effect at once. “System” follows the desktop. Notifications"
                " tell of a budget's threshold once; the window always shows the same."
            ),
        )

    def question(self) -> Callable[[], Choices]:
        """What the user chose before."""
        return lambda: Choices(self.program.settings(), str(self.program.data_dir))

    def build(self) -> None:
        """Rows of a label and a choice."""
        self.theme = SegmentedControl(
            (("system", tr("System")), ("light", tr("Light")), ("dark", tr("Dark"))),
            name=tr("Theme"),
        )
        self.language = SegmentedControl(
            (("system", tr("System")), *LANGUAGES.items()), name=tr("Language")
        )
        self.notifications = QCheckBox(tr("Notify me when a budget's threshold is crossed"))
        self.notifications.setFont(theme.font(13))
        self.theme.chosen.connect(lambda _: self._choose())
        self.language.chosen.connect(lambda _: self._choose())
        self.notifications.clicked.connect(lambda _: self._choose())
        looks = Card(tr("Look and language"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(12)
        for row, (label, control) in enumerate(
            ((tr("Theme"), self.theme), (tr("Language"), self.language))
        ):
            grid.addWidget(Words(label, tone="muted"), row, 0)
            grid.addWidget(control, row, 1)
        grid.setColumnStretch(2, 1)
        looks.body.addLayout(grid)
        notices = Card(tr("Notifications"))
        notices.add(self.notifications)
        notices.add(
            Words(
                tr("Each threshold tells once in its period. The window shows the same."),
                tone="faint",
                size=12,
                wrap=True,
            )
        )
        about = Card(tr("About"))
        self.about = Words(tone="muted", wrap=True)
        about.add(self.about)
        for card in (looks, notices, about):
            self.body.addWidget(card)
        self.body.addStretch(1)

    def show_answer(self, answer: Choices) -> None:
        """Show what is in force."""
        self._settings = answer.settings
        self.theme.choose(answer.settings.theme)
        self.language.choose(answer.settings.language)
        self.notifications.setChecked(answer.settings.notifications)
        self.about.setText(
            "\n".join(
                (
                    tr("Plimsoll {version}, Qt {qt} (LGPL 3)", version=__version__, qt=qVersion()),
                    tr("Figures are kept in {folder}", folder=answer.data_dir),
                    tr("Nothing leaves this computer but the calls to your providers."),
                )
            )
        )

    def _choose(self) -> None:
        self._settings = replace(
            self._settings,
            theme=self.theme.value,
            language=self.language.value,
            notifications=self.notifications.isChecked(),
        )
        self.settings_chosen.emit(self._settings)
