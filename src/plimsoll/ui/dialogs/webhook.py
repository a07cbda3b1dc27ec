"""The address of a webhook: typed once, kept in the keyring, and never shown again."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from plimsoll.domain.secret import Secret
from plimsoll.ui import theme
from plimsoll.ui.dialogs.frame import Frame
from plimsoll.ui.widgets.buttons import PrimaryButton
from plimsoll.ui.words import tr


class WebhookDialog(Frame):
    """One field, hidden like a key.

    Signals:
        chosen(Secret): keep this address.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Send alerts to an address"),
            words=tr(
                "Paste the whole address of a webhook. Slack, Feishu, Lark, DingTalk, WeCom and"
                " Discord get a message; any other address gets the alert as JSON. A bot that asks"
                " for a keyword finds the word Plimsoll in every message."
            ),
            parent=parent,
        )
        self.address = QLineEdit()
        self.address.setFont(theme.font(13))
        self.address.setEchoMode(QLineEdit.EchoMode.Password)
        self.address.setPlaceholderText("https://")
        self.address.setAccessibleName(tr("Address"))
        self.body.addWidget(self.address)
        self.add_cancel()
        self.save = PrimaryButton(tr("Keep in the keyring"))
        self.save.clicked.connect(self._save)
        self.add_button(self.save, default=True)
        self.address.setFocus()

    def _save(self) -> None:
        try:
            address = Secret(self.address.text())
        except ValueError:
            self.say_trouble(tr("That is not the address of a webhook."))
            return
        self.chosen.emit(address)
        self.accept()
