"""What is chosen, in detail: what it gives, how it is set up in three steps, and what to know."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from plimsoll.domain.said import together
from plimsoll.services.answers import AgentCard, ProviderCard, WithoutApiCard
from plimsoll.ui.moments import grouped
from plimsoll.ui.widgets.agent_folder import short_path
from plimsoll.ui.widgets.console_link import ConsoleLink, host_of
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.widgets.source_marks import Monogram, gives_words
from plimsoll.ui.words import in_words, tr

MARK = 44


class SourceDetail(QScrollArea):
    """One provider, agent or provider without an API; it scrolls where there is no room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.texts: tuple[str, ...] = ()
        """Every sentence in sight, from the top."""

    def show_provider(self, card: ProviderCard) -> None:
        """What an account of a provider gives, and how it is set up."""
        column = self._begin(in_words(card.title), gives_words(card.gives))
        self._say(column, in_words(card.figures))
        self._steps(column, tr("Set up in three steps"), provider_steps(card))
        link = ConsoleLink(card.help_url, words=tr("Open {place}"))
        column.addWidget(link, 0, Qt.AlignmentFlag.AlignLeft)
        self._say(column, in_words(card.costs_money), tone="warn")
        self._say(column, in_words(card.undocumented), tone="muted")
        self._end(column)

    def show_agent(self, card: AgentCard) -> None:
        """Where the logs of an agent are, and that no key is needed."""
        words = tr("{count} files", count=grouped(card.files)) if card.files else tr("not found")
        column = self._begin(card.title, words)
        self._steps(column, tr("Set up in three steps"), agent_steps(card))
        self._end(column)

    def show_without(self, card: WithoutApiCard) -> None:
        """Why it cannot be added, and what to do instead."""
        column = self._begin(in_words(card.title), tr("no API for this"))
        self._say(column, tr(card.why))
        self._steps(column, tr("What to do instead"), [tr(way) for way in card.instead])
        self._end(column)

    def show_nothing(self) -> None:
        """A search left nothing: what is not here may still be read another way."""
        self.texts = ()
        column = _column()
        self._say(
            column,
            tr(
                "Not here? A gateway that counts (OpenRouter, a LiteLLM proxy) is a source, and so"
                " are the logs of the coding agents that call it."
            ),
            tone="muted",
        )
        self._end(column)

    def _begin(self, title: str, words: str) -> QVBoxLayout:
        self.texts = (title, words)
        names = QVBoxLayout()
        names.setSpacing(1)
        names.addWidget(Words(title, size=16, weight=600, wrap=True))
        names.addWidget(Words(words, tone="muted", size=12, wrap=True))
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(Monogram(title, size=MARK), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(names, 1)
        column = _column()
        column.addLayout(row)
        return column

    def _say(self, column: QVBoxLayout, sentence: str, *, tone: str = "text") -> None:
        if sentence:
            self.texts += (sentence,)
            column.addWidget(Words(sentence, tone=tone, size=12, wrap=True))

    def _steps(self, column: QVBoxLayout, heading: str, steps: Sequence[str]) -> None:
        self.texts += tuple(steps)
        column.addWidget(Words(heading, tone="faint", size=12, weight=500))
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        top = Qt.AlignmentFlag.AlignTop
        for row, step in enumerate(steps):
            number = Words(str(row + 1), tone="accent", size=13, weight=600)
            grid.addWidget(number, row, 0, top)
            grid.addWidget(Words(step, size=13, wrap=True), row, 1, top)
        column.addLayout(grid)

    def _end(self, column: QVBoxLayout) -> None:
        column.addStretch(1)
        page = QWidget()
        page.setLayout(column)
        page.setAccessibleName(". ".join(self.texts))
        self.setWidget(page)
        page.setAutoFillBackground(False)


def _column() -> QVBoxLayout:
    column = QVBoxLayout()
    column.setContentsMargins(20, 16, 20, 16)
    column.setSpacing(12)
    return column


def provider_steps(card: ProviderCard) -> list[str]:
    """The three steps: make a key, what it must be able to do, enter it."""
    place = host_of(card.help_url)
    if not place:
        make = tr("Have the {key} at hand.", key=card.key_label)
    elif card.key_halves:
        halves = ":".join(card.key_halves)
        make = tr(
            "Make the {key} at {place}. Its two halves are entered as one, {halves}.",
            key=card.key_label,
            place=place,
            halves=halves,
        )
    else:
        make = tr("Make the {key} at {place}.", key=card.key_label, place=place)
    enter = tr(
        "Enter it in the next step. It stays in this computer's keyring, goes only to {title}, and"
        " is tried at once.",
        title=card.title,
    )
    able = in_words(together(card.console_steps) or card.needs)
    if card.own_server:
        # there is no console of everybody's: the server's own admin makes the key
        make = tr("Make the {key} on your own server.", key=card.key_label)
    return [make, able, enter]


def agent_steps(card: AgentCard) -> list[str]:
    """The three steps: no key, where the logs are, that they are read at once."""
    where = (
        tr("Its logs are in {folder}.", folder=tr(", ").join(map(short_path, card.folders)))
        if card.files
        else tr("Its logs are not in their usual place: choose the folder in the next step.")
    )
    read = tr(
        "They are read at once, and again whenever they grow. Nothing of what was asked or"
        " answered is kept."
    )
    return [tr("No key is needed."), where, read]
