"""Alerts elsewhere: a program that is run for each alert, and an address that each is sent to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QWidget

from plimsoll.domain.delivery import Channel
from plimsoll.domain.errors import WrongUse
from plimsoll.services.alert_command import arguments_of
from plimsoll.services.settings import Settings
from plimsoll.ui import theme
from plimsoll.ui.widgets.buttons import LinkButton, QuietButton
from plimsoll.ui.widgets.card import Card
from plimsoll.ui.widgets.labels import Tone, Words
from plimsoll.ui.words import in_words, tr

if TYPE_CHECKING:
    from plimsoll.services.deliveries import Sent


class DeliveryCard(Card):
    """Both are off until the user wants them.

    Signals:
        chosen(): the command is another now.
        address_asked(): set the address of the webhook.
        forget_asked(): send alerts to no address any more.
        test_asked(): send a made-up alert everywhere now.
    """

    chosen = Signal()
    address_asked = Signal()
    forget_asked = Signal()
    test_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Alerts elsewhere"), parent=parent)
        self.command = QLineEdit()
        self.command.setFont(theme.font(13))
        self.command.setPlaceholderText(tr("none; a program and its arguments"))
        self.command.setAccessibleName(tr("Run a command"))
        self.command.editingFinished.connect(self._typed)
        self.host = Words()
        self.set_address = QuietButton(tr("Set the address …"))
        self.set_address.clicked.connect(self.address_asked)
        self.forget = LinkButton(tr("Stop sending"))
        self.forget.clicked.connect(self.forget_asked)
        self.test = QuietButton(tr("Send a test"))
        self.test.clicked.connect(self._test)
        self.result = Words(wrap=True, size=12)
        self._shown = ""
        self._build()

    def _build(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(10)
        address = QHBoxLayout()
        address.setSpacing(10)
        address.addWidget(self.host)
        address.addWidget(self.set_address)
        address.addWidget(self.forget)
        address.addStretch(1)
        grid.addWidget(Words(tr("Run a command"), tone="muted"), 0, 0)
        grid.addWidget(self.command, 0, 1)
        grid.addWidget(Words(tr("Send to an address"), tone="muted"), 1, 0)
        grid.addLayout(address, 1, 1)
        grid.setColumnStretch(1, 1)
        self.body.addLayout(grid)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.test)
        row.addWidget(self.result, 1)
        self.body.addLayout(row)
        self.add(
            Words(
                tr(
                    "Each alert that is told goes there once, as JSON with its figures and without"
                    " any key; chat services get its sentence. The command runs without a shell."
                    " The address is kept in the keyring, and only its host is shown."
                ),
                tone="faint",
                size=12,
                wrap=True,
            )
        )

    def show_settings(self, settings: Settings) -> None:
        """Show what is in force."""
        self._shown = settings.alert_command
        if not self.command.hasFocus():
            self.command.setText(settings.alert_command)
        is_on = bool(settings.alert_webhook)
        self.host.setText(settings.alert_webhook)
        self.host.setVisible(is_on)
        self.forget.setVisible(is_on)
        self._allow_test()

    @property
    def command_typed(self) -> str:
        """The command as it stands in the field."""
        return self.command.text().strip()

    def show_sent(self, sent: Sequence[Sent]) -> None:
        """How a test went."""
        self._allow_test()
        troubles = [in_words(one.trouble) for one in sent if one.trouble]
        names = {
            Channel.COMMAND: tr("The command took it."),
            Channel.WEBHOOK: tr("The address took it."),
        }
        taken = [names[one.channel] for one in sent if not one.trouble]
        self._say(tr(" ").join([*taken, *troubles]), Tone.BAD if troubles else Tone.GOOD)

    def show_trouble(self, sentence: str) -> None:
        """Something kept the test from being sent at all."""
        self._allow_test()
        self._say(sentence, Tone.BAD)

    def _typed(self) -> None:
        text = self.command_typed
        if text == self._shown:
            self._say("", Tone.NEUTRAL)
            return
        try:
            if text:
                arguments_of(text)
        except WrongUse as wrong:
            self._say(in_words(wrong.sentence), Tone.BAD)
            return
        self._shown = text
        self._say("", Tone.NEUTRAL)
        self._allow_test()
        self.chosen.emit()

    def _test(self) -> None:
        self.test.setEnabled(False)
        self._say(tr("Sending …"), Tone.NEUTRAL)
        self.test_asked.emit()

    def _allow_test(self) -> None:
        self.test.setEnabled(bool(self._shown or self.host.text()))

    def _say(self, sentence: str, tone: Tone) -> None:
        self.result.set_tone(tone)
        self.result.setText(sentence)
