"""Importing from the window: files dropped on it or chosen are looked at, one after the other."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QWidget

from plimsoll.domain.errors import Cancelled, PlimsollError
from plimsoll.ui.widgets.drop_veil import DropVeil, files_in
from plimsoll.ui.words import tr

if TYPE_CHECKING:
    from plimsoll.services.imports import ImportOutcome, ImportPreview
    from plimsoll.services.program import Program
    from plimsoll.ui.dialogs.import_file import ImportFile
    from plimsoll.ui.jobs import Job, Jobs


class Importing(QObject):
    """Takes files that are dropped on its host, opens the dialog for each, and does its work.

    Signals:
        imported(ImportOutcome): a file was taken; what is stored has changed.
    """

    imported = Signal(object)

    def __init__(self, program: Program, jobs: Jobs, host: QWidget) -> None:
        super().__init__(host)
        self._program = program
        self._jobs = jobs
        self._host = host
        self._waiting: deque[Path] = deque()
        self._made: ImportFile | None = None
        self._job: Job | None = None
        self.veil = DropVeil(host)
        host.setAcceptDrops(True)
        host.installEventFilter(self)

    @property
    def dialog(self) -> ImportFile | None:
        """The open dialog; a closed one is gone with its C++ object."""
        if self._made is not None and not shiboken6.isValid(self._made):
            self._made = None
        return self._made

    def choose(self) -> None:
        """Let the user choose files."""
        chooser = QFileDialog(self._host, tr("Import a file"))
        chooser.setFileMode(QFileDialog.FileMode.ExistingFiles)
        chooser.setNameFilters(
            [tr("Exports of consoles (*.csv *.zip *.tsv *.txt)"), tr("All files (*)")]
        )
        chooser.filesSelected.connect(lambda names: self.look_at(map(Path, names)))
        chooser.finished.connect(chooser.deleteLater)
        chooser.open()

    def look_at(self, paths: Iterable[Path]) -> None:
        """Show what these files bring, one after the other."""
        self._waiting.extend(paths)
        self._next()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Files that are dragged over the window, and let go there."""
        if isinstance(event, QDragEnterEvent):
            if files_in(event.mimeData()):
                self.veil.cover()
                event.acceptProposedAction()
                return True
        elif event.type() == QEvent.Type.DragLeave:
            self.veil.hide()
        elif isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop:
            self.veil.hide()
            if files := files_in(event.mimeData()):
                event.acceptProposedAction()
                self.look_at(files)
                return True
        return super().eventFilter(watched, event)

    def _next(self) -> None:
        if self.dialog is not None or not self._waiting:
            return
        from plimsoll.ui.dialogs.import_file import ImportFile

        path = self._waiting.popleft()
        dialog = ImportFile(path.name, self._host)
        dialog.look_asked.connect(partial(self._look, dialog, path))
        dialog.taken.connect(partial(self._take, dialog))
        dialog.mapping_asked.connect(partial(self._choose_mapping, dialog))
        dialog.finished.connect(self._closed)
        self._made = dialog
        dialog.open()
        self._look(dialog, path, "", "")

    def _closed(self, _result: int) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None
        self._made = None
        self._next()

    def _look(self, dialog: ImportFile, path: Path, name: str, currency: str) -> None:
        dialog.show_reading()
        mapping = dialog.mapping

        def read(job: Job) -> ImportPreview:
            return self._program.preview_import(
                path,
                name=name or None,
                currency=currency or None,
                mapping=mapping,
                progress=job.report,
                cancelled=job.is_cancelled,
            )

        self._job = self._jobs.download(
            read,
            then=dialog.show_preview,
            failed=partial(self._refused, dialog),
            progress=dialog.show_reading,
            receiver=dialog,
        )

    def _choose_mapping(self, dialog: ImportFile) -> None:
        chooser = QFileDialog(dialog, tr("A mapping of its columns"))
        chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        chooser.setNameFilters([tr("Mappings (*.toml)"), tr("All files (*)")])
        chooser.fileSelected.connect(lambda name: dialog.use_mapping(Path(name)))
        chooser.finished.connect(chooser.deleteLater)
        chooser.open()

    def _take(self, dialog: ImportFile) -> None:
        preview = dialog.preview
        if preview is None:
            return
        dialog.show_taking()

        def store(job: Job) -> ImportOutcome:
            return self._program.take_import(
                preview, progress=job.report, cancelled=job.is_cancelled
            )

        def moved(share: float) -> None:
            if self.dialog is dialog:
                dialog.show_taking(share)

        def done(outcome: ImportOutcome) -> None:
            self._job = None
            if self.dialog is dialog:
                dialog.accept()
            self.imported.emit(outcome)

        self._job = self._jobs.write(
            store,
            then=done,
            failed=partial(self._refused, dialog),
            progress=moved,
            receiver=self,
        )

    def _refused(self, dialog: ImportFile, error: PlimsollError) -> None:
        if self.dialog is dialog and not isinstance(error, Cancelled):
            dialog.show_refused(error)
