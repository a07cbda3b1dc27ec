"""Adding a source in three steps: a coding agent or a provider, its folder or its key, test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from plimsoll.domain.said import together
from plimsoll.domain.secret import Secret
from plimsoll.services.answers import (
    AgentCard,
    ProviderCard,
    SyncProgress,
    TestLine,
    WithoutApiCard,
)
from plimsoll.ui.dialogs.edit_source import ChangedSource, variable_of
from plimsoll.ui.dialogs.frame import Frame
from plimsoll.ui.widgets.agent_folder import AgentFolder
from plimsoll.ui.widgets.buttons import LinkButton, PrimaryButton, QuietButton
from plimsoll.ui.widgets.console_link import ConsoleLink
from plimsoll.ui.widgets.controls import KeyField
from plimsoll.ui.widgets.gallery import Gallery
from plimsoll.ui.widgets.labels import Tone, Words
from plimsoll.ui.widgets.notices import ProgressLine
from plimsoll.ui.widgets.setting_fields import SettingFields, key_hint
from plimsoll.ui.widgets.source_marks import FindingLines
from plimsoll.ui.words import in_words, sentence_case, tr


@dataclass(frozen=True, slots=True)
class NewSource:
    """What the user entered. `key` is None where the environment is to give it."""

    provider: str
    name: str
    key: Secret | None
    base_url: str | None
    settings: Mapping[str, str] = field(default_factory=dict)


_FOLDER = 3
"""Where the folder of an agent stands among the steps; it is the second one for the user."""


class AddSource(Frame):
    """Three steps in one dialog. The dialog only asks; the page does the work and tells it.

    Signals:
        chosen(NewSource): set this source up, then test it.
        key_replaced(ChangedSource): the source is there, but its key was not right: take this one.
        sync_asked(str): pull the source now.
        stop_asked(): stop the sync.
        try_asked(str): the text of this setting is to be tried.
    """

    chosen = Signal(object)
    key_replaced = Signal(object)
    sync_asked = Signal(str)
    stop_asked = Signal()
    try_asked = Signal(str)

    def __init__(
        self,
        providers: Sequence[ProviderCard],
        *,
        agents: Sequence[AgentCard] = (),
        without_api: Sequence[WithoutApiCard] = (),
        taken: Sequence[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(tr("Add a source"), parent=parent)
        # Room for the longest step with its trouble, so that the dialog neither clips nor jumps.
        self.setMinimumSize(QSize(820, 600))
        self._taken = set(taken)
        self._added = ""
        self._is_syncing = False
        self.step_words = Words(tone="faint", size=12)
        self.steps = QStackedWidget()
        self.body.addWidget(self.step_words)
        self.body.addWidget(self.steps, 1)
        self.gallery = Gallery(providers, agents, without_api)
        self.choice = self.gallery.choice
        self.gallery.opened.connect(self._forward)
        self.gallery.changed.connect(self._say_can_go_on)
        self.steps.addWidget(self.gallery)
        self._build_key()
        self._build_test()
        self.folder = AgentFolder()
        self.folder.changed.connect(lambda: self.say_trouble(""))
        self.steps.addWidget(self.folder)
        self.back = QuietButton(tr("Back"))
        self.back.clicked.connect(lambda: self._go(0))
        self.cancel = self.add_cancel()
        self.add_button(self.back)
        self.next = PrimaryButton()
        self.next.clicked.connect(self._forward)
        self.add_button(self.next, default=True)
        leave = QShortcut(QKeySequence("Alt+Left"), self)
        leave.activated.connect(self.back.click)
        self._go(0)

    @property
    def step(self) -> int:
        """0 what, 1 key or folder, 2 test."""
        shown = self.steps.currentIndex()
        return 1 if shown == _FOLDER else shown

    @property
    def provider(self) -> ProviderCard | None:
        """The chosen provider; None where an agent is chosen, or nothing that can be added."""
        return self.gallery.provider

    @property
    def agent(self) -> AgentCard | None:
        """The chosen agent; None where a provider is chosen."""
        return self.gallery.agent

    @property
    def chosen_title(self) -> str:
        """What the chosen one is called."""
        chosen = self.agent or self.provider
        return chosen.title if chosen else ""

    # --- told by the page --------------------------------------------------------------------

    def show_adding(self) -> None:
        """The source is being set up; the keyring may ask for its password meanwhile."""
        self.say_trouble("")
        self.next.setEnabled(False)
        self.back.setEnabled(False)
        if self.agent is not None:
            return
        self.busy.show_progress(
            tr("Keeping the key … the system's keyring may ask for its password.")
        )

    def show_refused(self, sentence: str) -> None:
        """It was not set up, or its new key was not taken: back to the key."""
        self.busy.finish()
        self._go(1)
        self.say_trouble(sentence)

    def show_testing(self, name: str) -> None:
        """The source is there; its account is being asked what the key can read."""
        self._added = name
        self.busy.finish()
        self._go(2)
        self.findings.show_lines(())
        self.test_words.setText(
            tr("Asking {title} …", title=self.chosen_title)
            if self.agent is None
            else tr("Looking into the folder …")
        )
        self.test_words.set_tone("text")
        self.next.setEnabled(False)

    def show_findings(self, lines: Sequence[TestLine]) -> None:
        """What the key can read. The first sync starts by itself when it can read enough."""
        self.findings.show_lines(lines)
        self.next.setEnabled(True)
        if all(line.ok or not line.essential for line in lines):
            self.test_words.setText(
                tr("The key works.") if self.agent is None else tr("The logs are there.")
            )
            self.sync_asked.emit(self._added)
        elif self.agent is not None:
            self._say_failed(tr("There are no logs yet; they are read once there are."))
        else:
            self._offer_new_key(tr("The key cannot read all that is needed."))

    def show_test_failed(self, sentence: str) -> None:
        """The account could not be asked: say why, and take another key."""
        self.next.setEnabled(True)
        if self.agent is not None:
            self._say_failed(sentence)
        else:
            self._offer_new_key(sentence)

    def show_sync(self, progress: SyncProgress) -> None:
        """The first sync says how far it is."""
        if self._added:
            self._is_syncing = True
            self.progress.show_progress(
                tr("First sync: {sentence}", sentence=progress.sentence), progress.share
            )

    def show_sync_ended(self, failure: str) -> None:
        """The first sync is over."""
        if not self._is_syncing:
            return
        self._is_syncing = False
        self.progress.finish()
        if failure:
            self.say_trouble(failure)
        else:
            self.test_words.setText(
                tr("The key works, and the first figures are here.")
                if self.agent is None
                else tr("The logs are read, and the figures are here.")
            )

    # --- building ----------------------------------------------------------------------------

    def _build_key(self) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(6)
        self.settings = SettingFields()
        self.settings.changed.connect(lambda: self.say_trouble(""))
        self.settings.try_asked.connect(self.try_asked)
        self.key_label = Words(weight=500)
        self.key = KeyField()
        self.key.changed.connect(lambda: self.say_trouble(""))
        self.needs = Words(tone="muted", size=12, wrap=True)
        self.console = ConsoleLink()
        self.name = QLineEdit()
        self.name.setAccessibleName(tr("Name"))
        self.name.textChanged.connect(lambda _: self._say_variable())
        self.variable = Words(tone="faint", size=12, wrap=True)
        self.warnings = Words(tone="warn", size=12, wrap=True)
        self.other_address = LinkButton(tr("Another address …"))
        self.other_address.setAutoDefault(False)
        self.other_address.clicked.connect(self._show_address)
        self.address_label = Words(weight=500)
        self.address_label.hide()
        self.address = QLineEdit()
        self.address.setAccessibleName(tr("Base address"))
        self.address.hide()
        self.busy = ProgressLine()
        self.busy.stop_button.hide()
        column.addWidget(self.warnings)
        column.addWidget(self.settings)
        column.addWidget(self.key_label)
        column.addWidget(self.key)
        column.addWidget(self.needs)
        column.addWidget(self.console, 0, Qt.AlignmentFlag.AlignLeft)
        column.addSpacing(8)
        column.addWidget(Words(tr("Name"), weight=500))
        column.addWidget(self.name)
        column.addWidget(self.variable)
        column.addSpacing(4)
        column.addWidget(self.other_address, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.address_label)
        column.addWidget(self.address)
        column.addStretch(1)
        column.addWidget(self.busy)
        scroller = QScrollArea()
        scroller.setFrameShape(QFrame.Shape.NoFrame)
        scroller.setWidgetResizable(True)
        scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroller.setWidget(page)
        self.steps.addWidget(scroller)

    def _build_test(self) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.test_words = Words(weight=500, wrap=True)
        self.findings = FindingLines()
        self.progress = ProgressLine()
        self.progress.cancelled.connect(self.stop_asked)
        self.new_key = QuietButton(tr("Enter another key"), icon="key")
        self.new_key.clicked.connect(lambda: self._go(1))
        column.addWidget(self.test_words)
        column.addWidget(self.findings)
        column.addWidget(self.new_key, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        column.addWidget(self.progress)
        self.steps.addWidget(page)

    # --- going forward -----------------------------------------------------------------------

    def _go(self, step: int) -> None:
        self.say_trouble("")
        agent = self.agent
        self.steps.setCurrentIndex(_FOLDER if step == 1 and agent is not None else step)
        second = tr("Step 2 of 3: key") if agent is None else tr("Step 2 of 3: folder")
        names = (tr("Step 1 of 3: what to add"), second, tr("Step 3 of 3: test"))
        self.step_words.setText(names[step])
        self.back.setVisible(step == 1 and not self._added)
        self.back.setEnabled(True)
        self.cancel.setVisible(step < 2)
        self.next.setEnabled(step != 0 or self.gallery.can_go_on)
        add = tr("Add and test") if agent is None else tr("Add and read")
        self.next.setText((tr("Next"), add, tr("Done"))[step])
        if step == 1 and agent is not None:
            self.heading.setText(tr("Add {title}", title=agent.title))
            self.folder.show_agent(agent, name=free_name(agent.title, self._taken))
        elif step == 1 and self.provider is not None:
            self._prepare_key(self.provider)
        elif step == 0:
            self.heading.setText(tr("Add a source"))
            self.gallery.search.setFocus()
        else:
            self.new_key.hide()

    def _say_can_go_on(self) -> None:
        self.next.setEnabled(self.step != 0 or self.gallery.can_go_on)

    def _forward(self) -> None:
        if self.step == 0:
            if self.gallery.can_go_on:
                self._go(1)
        elif self.step == 1:
            self._submit()
        else:
            self.accept()

    def _prepare_key(self, card: ProviderCard) -> None:
        self.heading.setText(tr("Add {title}", title=card.title))
        self.key_label.setText(sentence_case(in_words(card.key_label)))
        self.key.set_hint(key_hint(card))
        self.needs.setText(in_words(card.needs))
        self.console.show_place(card.help_url)
        self.warnings.setText(in_words(together((card.costs_money, card.undocumented))))
        self.warnings.setVisible(bool(self.warnings.text()))
        self.name.setEnabled(not self._added)
        if not self._added:
            self.name.setText(free_name(in_words(card.title), self._taken))
            self.settings.show_settings(card.settings)
            self.address.clear()  # one that was meant for another provider gets no key of this one
            self._prepare_address(card)
        self._say_variable()
        if self._added or not self.settings.focus_first():
            self.key.setFocus()

    def _prepare_address(self, card: ProviderCard) -> None:
        """Out of the way, but where everybody runs a server of their own."""
        self.address.setPlaceholderText(card.base_url)
        self.address_label.setText(tr("Base address of your own server"))
        self.address_label.setVisible(bool(card.own_server))
        self.address.setVisible(bool(card.own_server or self.address.text()))
        self.other_address.setVisible(not self.address.isVisibleTo(self))

    def _say_variable(self) -> None:
        self.variable.setText(
            tr(
                "The key goes into this computer's keyring. Leave it empty if {variable} is set in"
                " the environment.",
                variable=variable_of(self.name.text().strip() or "NAME"),
            )
        )

    def _show_address(self) -> None:
        self.other_address.hide()
        self.address.show()
        self.address.setFocus()

    def _submit(self) -> None:
        if not self.next.isEnabled():
            return
        if self.agent is not None:
            self._submit_agent(self.agent)
            return
        card, name = self.provider, self.name.text().strip()
        if card is None:
            return
        if not name:
            self.say_trouble(tr("A source needs a name."))
            return
        address = self.address.text().strip() or None
        missing = self._missing(card, address)
        if missing:
            self.say_trouble(tr("{field}: choose or enter it first.", field=missing))
            return
        try:
            key = self.key.take() if self.key.is_filled else None
        except ValueError:
            self.say_trouble(tr("That is not a key: it is one line without spaces."))
            return
        settings = self.settings.values
        self.show_adding()
        if self._added:
            change = ChangedSource(self._added, key=key, base_url=address, chosen=settings)
            self.key_replaced.emit(change)
        else:
            self.chosen.emit(NewSource(card.name, name, key, address, settings))

    def _missing(self, card: ProviderCard, address: str | None) -> str:
        """The title of the field that must be filled first; empty where all are."""
        if card.own_server and not address:
            return self.address_label.text()
        return self.settings.missing(has_address=address is not None)

    def _submit_agent(self, card: AgentCard) -> None:
        name, folder = self.folder.name.text().strip(), self.folder.chosen
        if not name:
            self.say_trouble(tr("A source needs a name."))
            return
        if not folder and not card.files:
            self.say_trouble(tr("Choose the folder that its logs are in."))
            return
        self.show_adding()
        settings = {"root": folder} if folder else {}
        self.chosen.emit(NewSource(card.name, name, None, None, settings))

    def _offer_new_key(self, sentence: str) -> None:
        self._say_failed(sentence)
        self.new_key.show()

    def _say_failed(self, sentence: str) -> None:
        self.test_words.setText(sentence)
        self.test_words.set_tone(Tone.BAD)
        self.next.setText(tr("Close"))


def free_name(title: str, taken: set[str]) -> str:
    """The provider's title, with a number where that is taken."""
    lower = {name.casefold() for name in taken}
    names = (title, *(f"{title} {number}" for number in range(2, 1000)))
    return next(name for name in names if name.casefold() not in lower)
