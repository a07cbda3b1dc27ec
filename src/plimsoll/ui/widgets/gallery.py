"""The gallery: everything that can be added, a search over it, and what is chosen in detail."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from plimsoll.services.answers import AgentCard, ProviderCard, WithoutApiCard
from plimsoll.ui import theme as look
from plimsoll.ui.moments import grouped
from plimsoll.ui.widgets.agent_folder import short_path
from plimsoll.ui.widgets.source_choice import STEPS, Choice, SourceChoice
from plimsoll.ui.widgets.source_detail import SourceDetail
from plimsoll.ui.widgets.source_marks import gives_words
from plimsoll.ui.words import in_words, tr

LIST_WIDTH = 310
_WITHOUT = "without an API: "


class Gallery(QWidget):
    """Agents whose logs are here, accounts of providers, other agents, and providers without an
    API; the list at the left, the chosen one at the right.

    Signals:
        opened(): the chosen one was double-clicked.
        changed(): another one is chosen, or none.
    """

    opened = Signal()
    changed = Signal()

    def __init__(
        self,
        providers: Sequence[ProviderCard],
        agents: Sequence[AgentCard],
        without: Sequence[WithoutApiCard],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._providers = {card.name: card for card in providers}
        self._agents = {card.name: card for card in agents}
        self._without = {f"{_WITHOUT}{card.title}": card for card in without}
        self.choice = SourceChoice(_groups(providers, agents, self._without))
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search by name, or by what it gives"))
        self.search.setAccessibleName(tr("Search"))
        self.search.setClearButtonEnabled(True)
        self.search.addAction(
            look.icon("search", "faint", look.current()), QLineEdit.ActionPosition.LeadingPosition
        )
        self.search.textChanged.connect(self.choice.search)
        self.search.installEventFilter(self)
        self.detail = SourceDetail()
        self.choice.chosen.connect(lambda _: self._show_chosen())
        self.choice.opened.connect(self.opened)
        scroller = QScrollArea()
        scroller.setFrameShape(QFrame.Shape.NoFrame)
        scroller.setWidgetResizable(True)
        scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroller.setWidget(self.choice)
        self.choice.moved.connect(scroller.ensureWidgetVisible)
        left = QWidget()
        left.setFixedWidth(LIST_WIDTH)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.search)
        column.addWidget(scroller, 1)
        frame = QFrame()
        frame.setObjectName("card")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(2, 2, 2, 2)
        inside.addWidget(self.detail)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        row.addWidget(left)
        row.addWidget(frame, 1)
        self.setFocusProxy(self.search)
        self._show_chosen()

    @property
    def provider(self) -> ProviderCard | None:
        """The chosen provider."""
        return self._providers.get(self.choice.value)

    @property
    def agent(self) -> AgentCard | None:
        """The chosen agent."""
        return self._agents.get(self.choice.value)

    @property
    def can_go_on(self) -> bool:
        """Whether what is chosen can be added."""
        return self.provider is not None or self.agent is not None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """The arrows move the choice while the cursor is in the search."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            by = STEPS.get(Qt.Key(event.key()))
            if by is not None:
                self.choice.step(by)
                return True
        return super().eventFilter(watched, event)

    def _show_chosen(self) -> None:
        provider, agent = self.provider, self.agent
        without = self._without.get(self.choice.value)
        if provider is not None:
            self.detail.show_provider(provider)
        elif agent is not None:
            self.detail.show_agent(agent)
        elif without is not None:
            self.detail.show_without(without)
        else:
            self.detail.show_nothing()
        self.changed.emit()


def _groups(
    providers: Sequence[ProviderCard],
    agents: Sequence[AgentCard],
    without: dict[str, WithoutApiCard],
) -> list[tuple[str, list[Choice]]]:
    found = [_of_agent(card) for card in agents if card.files]
    others = [_of_agent(card) for card in agents if not card.files]
    accounts = [
        Choice(card.name, in_words(card.title), gives_words(card.gives)) for card in providers
    ]
    nothing = [
        Choice(word, in_words(card.title), tr("what to do instead"))
        for word, card in without.items()
    ]
    return [
        (tr("Coding agents on this machine"), found),
        (tr("Accounts of providers"), accounts),
        (tr("Coding agents in another folder"), others),
        (tr("Providers without an API for this"), nothing),
    ]


def _of_agent(card: AgentCard) -> Choice:
    if not card.files:
        return Choice(card.name, card.title, tr("no logs found in its usual place"))
    words = tr(
        "{folder} · {count} files",
        folder=tr(", ").join(map(short_path, card.folders)),
        count=grouped(card.files),
    )
    return Choice(card.name, card.title, words)
