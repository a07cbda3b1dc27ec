"""Trying a setting's text from a dialog: one answer beside what the text makes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from plimsoll.domain.secret import Secret
from plimsoll.ui.dialogs.try_text import TryText
from plimsoll.ui.words import in_words

if TYPE_CHECKING:
    from plimsoll.services.program import Program
    from plimsoll.ui.jobs import Jobs

SECONDS = 80.0
"""The keyring's prompt and then the network door's patience."""


def try_text(  # noqa: PLR0917 - who asks, for what, and where it goes
    program: Program,
    jobs: Jobs,
    host: QWidget,
    provider: str,
    setting: str,
    text: str,
    *,
    source: str | None,
    take: Callable[[str], None],
) -> TryText:
    """Open the dialog over `host`; `take` gets the text that is to be used. `source` is the name of
    one whose kept key may be used, where there is one already.
    """
    dialog = TryText(text, has_key=source is not None, parent=host)

    def ask(told: str, key: Secret | None) -> None:
        jobs.keyring(
            lambda _job: program.try_settings(provider, {setting: told}, key=key, name=source),
            then=dialog.show_tried,
            failed=lambda error: dialog.show_refused(in_words(error.words)),
            receiver=dialog,
            deadline=SECONDS,
        )

    dialog.try_asked.connect(ask)
    dialog.taken.connect(take)
    dialog.open()
    return dialog
