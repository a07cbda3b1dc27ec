"""A dialog that shows what a change of prices does before the change is made."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from plimsoll.domain.errors import PlimsollError
from plimsoll.domain.tariff import BadPrice
from plimsoll.services.price_answers import PricePreview
from plimsoll.ui.dialogs.frame import Frame
from plimsoll.ui.widgets.buttons import PrimaryButton
from plimsoll.ui.widgets.effect import EffectView
from plimsoll.ui.widgets.notices import ProgressLine
from plimsoll.ui.words import in_words, tr


class EffectDialog(Frame):
    """A wish, its effect, and then the wish is done: one button for both steps, Enter presses it.

    What the form says when the effect is shown is what is done; another word in it, and its effect
    is to be seen first. The dialog only asks; who opened it does the work and tells it.

    Signals:
        preview_asked(object): find out what this would change.
        taken(object): do it.
    """

    preview_asked = Signal(object)
    taken = Signal(object)

    def __init__(
        self,
        heading: str,
        *,
        today: date,
        words: str = "",
        take: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(heading, words=words, parent=parent)
        self._today = today
        self._take = take or tr("Take it")
        self._wish: object = None
        self._is_seen = False
        self.effect = EffectView()
        self.busy = ProgressLine()
        self.forward = PrimaryButton(tr("See what it changes"))
        self.forward.clicked.connect(self._forward)

    def finish_form(self) -> None:
        """Put the effect and the buttons below the fields, for the keyboard, too: call it last."""
        self.cancel = self.add_cancel()
        self.add_button(self.forward, default=True)
        self.setTabOrder(self.cancel, self.forward)
        self.body.addWidget(self.effect)
        self.body.addWidget(self.busy)
        # A dialog keeps the height that it had with an effect; its fields do not spread over it.
        self.body.addStretch(1)
        self.busy.cancelled.connect(self.reject)

    def wish(self) -> object:
        """What the form says; raises `BadPrice` or `PlimsollError` where it cannot be."""
        raise NotImplementedError

    def refuse(self, error: BadPrice) -> None:
        """Say what is wrong with the form."""
        self.say_trouble(in_words(error.words))

    # --- told by who opened it ---------------------------------------------------------------

    def show_preview(self, preview: PricePreview) -> None:
        """This is what it would change."""
        self._is_seen = True
        self.busy.finish()
        self.effect.show_effect(preview.effect, today=self._today)
        self.forward.setEnabled(True)
        self.forward.setText(self._take)
        self._fit()

    def show_refused(self, sentence: str) -> None:
        """It could not be found out, or not be done."""
        self.busy.finish()
        self.forget_effect()
        self.say_trouble(sentence)
        self._fit()

    def forget_effect(self) -> None:
        """The form says something else now: its effect is not known yet."""
        self._is_seen = False
        self.effect.hide()
        self.say_trouble("")
        self.forward.setEnabled(True)
        self.forward.setText(tr("See what it changes"))

    def _fit(self) -> None:
        """Grow to what is shown now. Qt's own way stops at two thirds of the screen, and clips."""
        layout = self.layout()
        if layout is not None:
            needed = layout.totalHeightForWidth(self.width())
            self.resize(self.width(), max(self.height(), needed))

    def showEvent(self, event: QShowEvent) -> None:
        """Whole from the beginning."""
        super().showEvent(event)
        self._fit()

    def _forward(self) -> None:
        if self._is_seen:
            self.forward.setEnabled(False)
            self.busy.show_progress(tr("Computing what changed …"))
            self.taken.emit(self._wish)
            return
        self.say_trouble("")
        try:
            self._wish = self.wish()
        except BadPrice as error:
            self.refuse(error)
            return
        except PlimsollError as error:
            self.say_trouble(in_words(error.words))
            return
        self.forward.setEnabled(False)
        self.busy.show_progress(tr("Looking at what it changes …"))
        self.preview_asked.emit(self._wish)


class ConfirmEffect(EffectDialog):
    """Asks before own prices are removed or read from a file; its effect is looked up at once."""

    def __init__(
        self,
        heading: str,
        wish: object,
        *,
        today: date,
        words: str = "",
        take: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(heading, today=today, words=words, take=take, parent=parent)
        self._wanted = wish
        self.finish_form()

    def wish(self) -> object:
        """What is asked about."""
        return self._wanted

    def look(self) -> None:
        """Ask for the effect; to be called when somebody listens."""
        self._forward()
