"""Own prices and discounts, changed from the window: each change is looked at before it is made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from plimsoll.domain.calendar import utc_day
from plimsoll.domain.errors import PlimsollError
from plimsoll.domain.tariff import Discount, PriceRow
from plimsoll.services.answers import SourceCard
from plimsoll.services.price_answers import PricePreview, PricesPage
from plimsoll.ui.dialogs.discount import DiscountDialog
from plimsoll.ui.dialogs.effect import ConfirmEffect, EffectDialog
from plimsoll.ui.dialogs.price import Places, Prefill, PriceDialog, places_of
from plimsoll.ui.price_words import models_words, percent_text
from plimsoll.ui.words import counted, in_words, tr

if TYPE_CHECKING:
    from plimsoll.services.program import Program
    from plimsoll.ui.jobs import Job, Jobs

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wanted:
    """All own prices and discounts, as they are to be."""

    own: tuple[PriceRow, ...]
    discounts: tuple[Discount, ...]


class PriceEditing(QObject):
    """Opens the dialogs of a page, finds out what a wish changes, and does it when it is taken.

    Signals:
        changed(): own prices or discounts are others now, and with them stored figures.
        failed(PlimsollError): something outside a dialog could not be done.
        written(str): prices were written into this file.
    """

    changed = Signal()
    failed = Signal(object)
    written = Signal(str)

    def __init__(self, program: Program, jobs: Jobs, host: QWidget) -> None:
        super().__init__(host)
        self._program = program
        self._jobs = jobs
        self._host = host
        self._prices: PricesPage | None = None
        self._sources: tuple[SourceCard, ...] = ()
        self.dialog: EffectDialog | None = None

    def know(self, prices: PricesPage, sources: Sequence[SourceCard]) -> None:
        """What is kept now; the next change is made from it."""
        self._prices, self._sources = prices, tuple(sources)

    # --- prices ------------------------------------------------------------------------------

    def add_price(self, prefill: Prefill | None = None) -> None:
        """Open the form for another price."""
        kept = self._kept()
        form = PriceDialog(self._places(), today=self._today(), prefill=prefill, parent=self._host)
        self._open(form, lambda row: Wanted((*kept.own, _price(row)), kept.discounts))

    def edit_price(self, row: PriceRow | None) -> None:
        """Open the form with a price; None for another one."""
        if row is None:
            self.add_price()
            return
        kept = self._kept()
        form = PriceDialog(self._places(), today=self._today(), row=row, parent=self._host)
        self._open(form, lambda new: Wanted(_instead(kept.own, row, _price(new)), kept.discounts))

    def remove_price(self, row: PriceRow) -> None:
        """Ask before a price is removed."""
        kept = self._kept()
        self._confirm(
            tr("Remove the price of {models}?", models=models_words(row)),
            Wanted(_without(kept.own, row), kept.discounts),
            take=tr("Remove it"),
        )

    # --- discounts ---------------------------------------------------------------------------

    def add_discount(self) -> None:
        """Open the form for another discount."""
        kept = self._kept()
        form = DiscountDialog(self._accounts(), today=self._today(), parent=self._host)
        self._open(form, lambda made: Wanted(kept.own, (*kept.discounts, _discount(made))))

    def edit_discount(self, discount: Discount | None) -> None:
        """Open the form with a discount; None for another one."""
        if discount is None:
            self.add_discount()
            return
        kept = self._kept()
        form = DiscountDialog(
            self._accounts(), today=self._today(), discount=discount, parent=self._host
        )

        def wanted(made: object) -> Wanted:
            return Wanted(kept.own, _instead(kept.discounts, discount, _discount(made)))

        self._open(form, wanted)

    def remove_discount(self, discount: Discount) -> None:
        """Ask before a discount is removed."""
        kept = self._kept()
        self._confirm(
            tr(
                "Remove the discount of {percent} of {account}?",
                percent=percent_text(discount.percent),
                account=discount.source,
            ),
            Wanted(kept.own, _without(kept.discounts, discount)),
            take=tr("Remove it"),
        )

    # --- files -------------------------------------------------------------------------------

    def choose_file(self) -> None:
        """Ask for a file to read prices from."""
        chooser = self._chooser(tr("Import prices"))
        chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        chooser.fileSelected.connect(lambda path: self.read_file(Path(path)))
        chooser.open()

    def choose_new_file(self) -> None:
        """Ask for a file to write prices into."""
        chooser = self._chooser(tr("Export prices"))
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.setDefaultSuffix("toml")
        # A file that is there is never written over: who writes it says so.
        chooser.setOption(QFileDialog.Option.DontConfirmOverwrite)
        chooser.fileSelected.connect(lambda path: self.write_file(Path(path)))
        chooser.open()

    def _chooser(self, title: str) -> QFileDialog:
        self.chooser = QFileDialog(self._host, title)
        self.chooser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.chooser.setNameFilter(tr("Prices (*.toml)"))
        return self.chooser

    def read_file(self, path: Path) -> None:
        """Read prices from a file, and ask before they are added."""
        self._jobs.ask(
            lambda _job: self._program.prices.read_file(path),
            then=lambda rows: self._offer(path, rows),
            failed=self.failed.emit,
            receiver=self,
        )

    def write_file(self, path: Path) -> None:
        """Write all own prices into a new file."""
        rows = self._kept().own
        self._jobs.ask(
            lambda _job: self._program.prices.write_file(path, rows),
            then=lambda _: self.written.emit(path.name),
            failed=self.failed.emit,
            receiver=self,
        )

    def _offer(self, path: Path, rows: Sequence[PriceRow]) -> None:
        kept = self._kept()
        read = {_what_for(row): row for row in rows}
        own = [read.pop(_what_for(row), row) for row in kept.own]
        self._confirm(
            counted(len(rows), "Add 1 price of a file?", "Add {count} prices of a file?"),
            Wanted((*own, *read.values()), kept.discounts),
            words=tr(
                "From {file}. A price for the same models, account, currency and first day takes"
                " the place of yours.",
                file=path.name,
            ),
            take=tr("Take these prices"),
        )

    # --- doing -------------------------------------------------------------------------------

    def _confirm(self, heading: str, wanted: Wanted, *, take: str, words: str = "") -> None:
        question = ConfirmEffect(
            heading, wanted, today=self._today(), words=words, take=take, parent=self._host
        )
        self._open(question, lambda _wish: wanted)
        question.look()

    def _open(self, dialog: EffectDialog, wanted: Callable[[object], Wanted]) -> None:
        def work(act: Callable[[Job, Wanted], PricePreview], wish: object) -> Job:
            asked = wanted(wish)
            return self._jobs.write(
                lambda job: act(job, asked),
                then=shown if act == self._preview else done,
                failed=refused,
                receiver=self,
            )

        def shown(preview: PricePreview) -> None:
            if shiboken6.isValid(dialog):
                dialog.show_preview(preview)

        def done(_preview: PricePreview) -> None:
            if shiboken6.isValid(dialog):
                dialog.accept()
            self.changed.emit()

        def refused(error: PlimsollError) -> None:
            if shiboken6.isValid(dialog):
                dialog.show_refused(in_words(error.words))

        def stop() -> None:
            for job in running:
                job.cancel()

        running: list[Job] = []
        dialog.preview_asked.connect(lambda wish: running.append(work(self._preview, wish)))
        dialog.taken.connect(lambda wish: running.append(work(self._change, wish)))
        dialog.rejected.connect(stop)
        self.dialog = dialog
        dialog.open()

    def _preview(self, job: Job, wanted: Wanted) -> PricePreview:
        desk = self._program.price_desk(job.is_cancelled)
        return desk.preview(wanted.own, wanted.discounts, version=self._version)

    def _change(self, job: Job, wanted: Wanted) -> PricePreview:
        desk = self._program.price_desk(job.is_cancelled)
        return desk.change(wanted.own, wanted.discounts, version=self._version)

    @property
    def _version(self) -> str | None:
        return self._prices.version if self._prices else None

    def _kept(self) -> Wanted:
        if self._prices is None:
            return Wanted((), ())
        return Wanted(self._prices.own, self._prices.discounts)

    def _places(self) -> Places:
        unknown = self._prices.not_priced if self._prices else ()
        return places_of(
            [(card.name, card.provider, in_words(card.title)) for card in self._sources],
            also=[line.provider for line in unknown],
        )

    def _accounts(self) -> tuple[str, ...]:
        return self._prices.sources if self._prices else ()

    def _today(self) -> date:
        return utc_day(self._program.clock.now())


def _price(wish: object) -> PriceRow:
    if not isinstance(wish, PriceRow):
        raise TypeError(wish)
    return wish


def _discount(wish: object) -> Discount:
    if not isinstance(wish, Discount):
        raise TypeError(wish)
    return wish


def _what_for(row: PriceRow) -> tuple[object, ...]:
    """What a price is for: another one for the same takes its place."""
    models = tuple(sorted(name.casefold() for name in row.models))
    return row.provider, models, row.source, row.currency, row.effective_from


def _instead(kept: Sequence[T], old: T, new: T) -> tuple[T, ...]:
    return tuple(new if one is old or one == old else one for one in kept)


def _without(kept: Sequence[T], old: T) -> tuple[T, ...]:
    return tuple(one for one in kept if one != old)
