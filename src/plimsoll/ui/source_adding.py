"""Adding a source from the window: the dialog asks, here it is set up, tested and first read."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from plimsoll.domain.errors import PlimsollError
from plimsoll.domain.said import together
from plimsoll.services.answers import AgentCard, SourcesPage, SyncOutcome, SyncProgress, TestLine
from plimsoll.ui.dialogs.add_source import AddSource, NewSource
from plimsoll.ui.dialogs.edit_source import ChangedSource
from plimsoll.ui.words import in_words

if TYPE_CHECKING:
    from plimsoll.services.program import Program
    from plimsoll.ui.jobs import Jobs

KEYRING_SECONDS = 40.0
"""Longer than the vault's own deadline, so that its answer, which undoes what came late, wins."""

TEST_SECONDS = 80.0
"""The keyring's prompt and then the network door's patience."""


class SourceAdding(QObject):
    """Opens the dialog of a page and does what it wants.

    Signals:
        changed(): a source was added, or has another key now.
        sync_asked(str): pull this source now.
        stop_asked(): stop the sync.
        failed(PlimsollError): something could not be done, and the dialog is gone.
    """

    changed = Signal()
    sync_asked = Signal(str)
    stop_asked = Signal()
    failed = Signal(object)

    def __init__(self, program: Program, jobs: Jobs, host: QWidget) -> None:
        super().__init__(host)
        self._program = program
        self._jobs = jobs
        self._host = host
        self._is_looking = False
        self._made: AddSource | None = None

    @property
    def dialog(self) -> AddSource | None:
        """The open dialog; a closed one is gone with its C++ object."""
        if self._made is not None and not shiboken6.isValid(self._made):
            self._made = None
        return self._made

    def open(self, page: SourcesPage) -> None:
        """Look which agents are on this machine, which takes a moment, and open the dialog."""
        if self._is_looking or self.dialog is not None:
            return
        self._is_looking = True

        def unknown(_error: PlimsollError) -> None:
            self._open(page, ())

        self._jobs.download(
            lambda _job: self._program.agents_here(),
            then=lambda agents: self._open(page, agents),
            failed=unknown,
            receiver=self,
        )

    def show_sync(self, progress: SyncProgress) -> None:
        """The first sync says how far it is."""
        if self.dialog is not None:
            self.dialog.show_sync(progress)

    def show_sync_ended(self, outcome: SyncOutcome | None) -> None:
        """The sync is over; None if it could not be done at all."""
        if self.dialog is not None:
            failed = outcome.failed if outcome is not None else ()
            self.dialog.show_sync_ended(in_words(together(source.failure for source in failed)))

    def _open(self, page: SourcesPage, agents: tuple[AgentCard, ...]) -> None:
        """Agents whose usual logs are read already are not offered again as found."""
        self._is_looking = False
        read = {card.provider for card in page.cards if card.default_base_url}
        dialog = AddSource(
            page.providers,
            agents=[card for card in agents if card.name not in read],
            without_api=page.without_api,
            taken=[card.name for card in page.cards],
            parent=self._host,
        )
        dialog.chosen.connect(self._add)
        dialog.try_asked.connect(partial(self._try, dialog))
        dialog.key_replaced.connect(self._replace_first_key)
        dialog.sync_asked.connect(self.sync_asked)
        dialog.stop_asked.connect(self.stop_asked)
        self._made = dialog
        dialog.open()

    def _try(self, dialog: AddSource, setting: str) -> None:
        """Try the text of a setting on one answer, before there is a source."""
        from plimsoll.ui.trying import try_text

        card = dialog.provider
        if card is not None:
            try_text(
                self._program,
                self._jobs,
                dialog,
                card.name,
                setting,
                dialog.settings.values.get(setting, ""),
                source=None,
                take=lambda text: dialog.settings.set_text(setting, text),
            )

    def _add(self, new: NewSource) -> None:
        def work() -> None:
            self._program.add_source(
                new.provider,
                name=new.name,
                key=new.key,
                base_url=new.base_url,
                settings=new.settings,
            )

        self._keep(work, new.name)

    def _replace_first_key(self, change: ChangedSource) -> None:
        self._keep(lambda: apply_change(self._program, change), change.name)

    def _keep(self, work: Callable[[], None], name: str) -> None:
        def refused(error: PlimsollError) -> None:
            if self.dialog is not None:
                self.dialog.show_refused(in_words(error.words))
            else:
                self.failed.emit(error)

        self._jobs.keyring(
            lambda _job: work(),
            then=lambda _: self._test_first(name),
            failed=refused,
            receiver=self,
            deadline=KEYRING_SECONDS,
        )

    def _test_first(self, name: str) -> None:
        """The source is there: test it at once, for the dialog if that is still open."""
        self.changed.emit()
        if self.dialog is None:
            return
        self.dialog.show_testing(name)

        def found(lines: tuple[TestLine, ...]) -> None:
            if self.dialog is not None:
                self.dialog.show_findings(lines)

        def failed(error: PlimsollError) -> None:
            if self.dialog is not None:
                self.dialog.show_test_failed(in_words(error.words))

        self._jobs.keyring(
            lambda _job: self._program.test_source(name),
            then=found,
            failed=failed,
            receiver=self,
            deadline=TEST_SECONDS,
        )


def apply_change(program: Program, change: ChangedSource) -> None:
    """Do what the user changed of a source."""
    program.edit_source(
        change.name,
        new_name=change.new_name,
        key=change.key,
        base_url=change.base_url,
        settings=change.settings,
    )
