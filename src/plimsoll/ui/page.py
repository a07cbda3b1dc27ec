"""What every page is: a title row, a body that scrolls, and one question whose answer it shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from PySide6.QtCore import QRect, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from plimsoll.domain.errors import PlimsollError
from plimsoll.ui import theme
from plimsoll.ui.jobs import Job, Jobs
from plimsoll.ui.tab_order import put_in_order
from plimsoll.ui.widgets.labels import ElidedWords
from plimsoll.ui.words import in_words, tr

if TYPE_CHECKING:
    from plimsoll.services.answers import SyncOutcome, SyncProgress
    from plimsoll.services.program import Program
    from plimsoll.services.provenance import Provenance
    from plimsoll.ui.asked import Asked
    from plimsoll.ui.charts.canvas import Canvas
    from plimsoll.ui.widgets.card import Card
    from plimsoll.ui.widgets.provenance import HowDoWeKnow

Answer = TypeVar("Answer")

SIDE = 26
GAP = 14
_TITLE_ROW = 64
_QUIET_MS = 250
"""An answer that comes sooner than this is never announced: no flicker."""


class Page(QWidget, Generic[Answer]):
    """A page of the window. A page asks its question when it is shown and whenever data changed;
    the newest question wins, and what is on screen stays until its answer comes.

    Signals:
        page_asked(str, str): show another page, by its name, and what it should begin (or ``).
        sync_asked(tuple): pull these sources now; an empty tuple means all.
        stop_asked(): stop the sync.
        data_changed(): this page changed what is stored.
        estimate_asked(): let the user see what a text would cost.
        what_if_asked(Period, Scope): let the user see what this usage would cost elsewhere.
        import_asked(): let the user choose a file to import.
        settings_chosen(Settings): use and keep these settings.
        answered(object): the answer that is now on the screen.
        figures_painted(): the stored figures are on the screen; the rest of the page follows.
        settled(): the answer to the newest question, or its failure, is on the screen.
    """

    page_asked = Signal(str, str)
    sync_asked = Signal(object)
    stop_asked = Signal()
    data_changed = Signal()
    estimate_asked = Signal()
    what_if_asked = Signal(object, object)
    import_asked = Signal()
    settings_chosen = Signal(object)
    answered = Signal(object)
    figures_painted = Signal()
    settled = Signal()

    name: ClassVar[str] = ""
    """The page's word in the history and in `page_asked`."""

    def __init__(self, program: Program, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.program = program
        self.jobs = jobs
        self.is_settled = False
        self._stale = True
        self._asking: Job | None = None
        self.popover: HowDoWeKnow | None = None
        self._asking_more: Job | None = None
        self._charts: list[tuple[Card, Canvas]] = []
        self._waiting = QTimer(self)
        self._waiting.setSingleShot(True)
        self._waiting.setInterval(_QUIET_MS)
        self._build_frame()
        self.build()
        jobs.rested.connect(self._order_tabs)

    @property
    def title(self) -> str:
        """The page's name on the screen."""
        raise NotImplementedError

    @property
    def explanation(self) -> tuple[str, ...]:
        """What F1 says of this page, a paragraph each."""
        raise NotImplementedError

    def question(self) -> Callable[[], Answer]:
        """What to ask the program; read the page's controls now, the work runs elsewhere."""
        raise NotImplementedError

    def build(self) -> None:
        """Make the page's own controls and its body, once."""
        raise NotImplementedError

    def first_question(self) -> Callable[[], object] | None:
        """What is answered sooner than the whole question, and worth showing before it."""
        return None

    def show_first(self, answer: Any) -> bool:
        """Put the answer to `first_question` on the screen; whether there is anything to see."""
        raise NotImplementedError

    def show_answer(self, answer: Answer) -> None:
        """Put an answer on the screen."""
        raise NotImplementedError

    def sync_began(self, names: tuple[str, ...]) -> None:
        """A sync of these sources (all, if empty) is under way."""

    def sync_moved(self, progress: SyncProgress) -> None:
        """The sync says how far it is."""

    def sync_ended(self, outcome: SyncOutcome | None) -> None:
        """The sync is over; None if it could not be done at all."""

    def intend(self, intention: str) -> None:
        """Do what a command from elsewhere asks of this page, such as `add`."""

    def take_focus(self) -> None:
        """The page was brought: the keyboard goes to its first control."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def explain(
        self,
        anchor: QWidget,
        lines: Sequence[tuple[str, str]],
        *,
        asked: Asked | None = None,
        place: QRect | None = None,
        title: str = "",
    ) -> HowDoWeKnow | None:
        """Open *How do we know?* beside a widget, or a place in it: the lines at once and, where
        the amount is the answer to a question, its sources, prices and rows as soon as they are
        read. Without either there is nothing to say.
        """
        if not lines and asked is None:
            return None
        from plimsoll.ui.widgets.provenance import HowDoWeKnow

        if self.popover is None:
            self.popover = HowDoWeKnow(self)
        self.popover.show_lines(lines, title=title)
        self.popover.open_at(anchor, place)
        if asked is not None:
            self._ask_origin(asked)
        return self.popover

    def ask_more(self, work: Callable[[], Any], show: Callable[[HowDoWeKnow, Any], None]) -> None:
        """Ask what else there is to say in the popover; the newest one that was opened counts."""
        popover = self.popover
        if popover is None:
            return
        popover.await_more()
        if self._asking_more is not None:
            self._asking_more.forget()
        self._asking_more = self.jobs.ask(
            lambda _job: work(),
            then=lambda answer: show(popover, answer),
            failed=lambda error: popover.show_trouble(in_words(error.words)),
            receiver=self,
        )

    def _ask_origin(self, asked: Asked) -> None:
        question, currencies = asked

        def show(popover: HowDoWeKnow, answers: tuple[Provenance, ...]) -> None:
            from plimsoll.ui.origin import sections_of

            several = len(answers) > 1
            popover.show_sections(
                [section for a in answers for section in sections_of(a, named=several)]
            )

        self.ask_more(
            lambda: tuple(self.program.provenance(question, currency=c) for c in currencies), show
        )

    def give_twin(self, card: Card, chart: Canvas) -> QWidget:
        """Offer the table of a chart, by a button in its card's title row and by Ctrl+T. Answers
        the button.
        """
        self._charts.append((card, chart))
        from plimsoll.ui.widgets.buttons import IconButton

        button = IconButton("table", tr("Show as a table (Ctrl+T)"))
        button.clicked.connect(lambda: self._open_twin(card, chart))
        card.header.addWidget(button)
        return button

    def show_table(self) -> None:
        """Ctrl+T: the chart with the keyboard, or else the page's first, as a table."""
        seen = [pair for pair in self._charts if pair[1].isVisible()]
        held = [pair for pair in seen if pair[1].hasFocus()]
        for card, chart in (held or seen)[:1]:
            self._open_twin(card, chart)

    def _open_twin(self, card: Card, chart: Canvas) -> None:
        from plimsoll.ui.dialogs.twin import TwinTable

        TwinTable(card.title, chart, self).open()

    def refresh(self) -> None:
        """Ask again: at once if the page can be seen, else when it is shown next."""
        if not self.isVisible():
            self._stale = True
            return
        self._stale = False
        self.is_settled = False
        if self._asking is not None:
            self._asking.forget()
        self._waiting.start()
        first = self.first_question()
        if first is None:
            self._ask()
        else:
            self._asking = self.jobs.ask(
                lambda _job: first(), then=self._first_answered, failed=self._ask, receiver=self
            )

    def _ask(self, _failed: PlimsollError | None = None) -> None:
        """Ask the whole question; if the first one failed, this one says why."""
        work = self.question()
        self._asking = self.jobs.ask(
            lambda _job: work(), then=self._answered, failed=self._refused, receiver=self
        )

    def _first_answered(self, answer: object) -> None:
        if self.show_first(answer):
            self._quiet.hide()
            self.scroller.show()
            self.repaint()
            self.figures_painted.emit()
        # Not sooner: the imports for the whole answer would hold up the painting of the first.
        self._ask()

    def rest(self) -> None:
        """Want no answer any more: the window closes."""
        self._waiting.stop()
        if self._asking is not None:
            self._asking.forget()
            self._asking = None
        if self._asking_more is not None:
            self._asking_more.forget()
            self._asking_more = None

    @property
    def trouble(self) -> str:
        """Why the newest question had no answer; empty when it had one."""
        return self._trouble.text()

    def _answered(self, answer: Answer) -> None:
        self._asking = None
        self._waiting.stop()
        self._quiet.hide()
        self._trouble.setText("")
        self._trouble.hide()
        self.show_answer(answer)
        self.scroller.show()
        self.answered.emit(answer)
        self.settle()

    def _refused(self, error: PlimsollError) -> None:
        self._asking = None
        self._waiting.stop()
        self._quiet.hide()
        self._trouble.setText(in_words(error.words))
        self._trouble.show()
        self.settle()

    def settle(self) -> None:
        """Say that the newest question is answered; a page that asks more waits for that too."""
        self.is_settled = True
        self._order_tabs()
        self.settled.emit()

    def _order_tabs(self) -> None:
        """What was made while the page was filled would come after all else."""
        if self.isVisible():
            put_in_order(self)

    def _build_frame(self) -> None:
        self.heading = QLabel(self.title)
        self.heading.setFont(theme.font(22, 600))
        self.subtitle = ElidedWords(tone="muted", size=12)
        self.controls = QHBoxLayout()
        self.controls.setSpacing(8)
        bar = QWidget()
        bar.setFixedHeight(_TITLE_ROW)
        top = QHBoxLayout(bar)
        top.setContentsMargins(SIDE, 16, SIDE, 12)
        top.setSpacing(14)
        top.addWidget(self.heading)
        # On one baseline with the title, which is larger.
        self.subtitle.setContentsMargins(0, 7, 0, 0)
        top.addWidget(self.subtitle)
        top.addStretch(1)
        top.addLayout(self.controls)

        self._quiet = QLabel(tr("Reading the archive …"))
        self._quiet.setProperty("tone", "muted")
        self._quiet.setContentsMargins(SIDE, 0, SIDE, 0)
        self._quiet.hide()
        self._waiting.timeout.connect(self._say_waiting)
        self._trouble = QLabel()
        self._trouble.setProperty("tone", "bad")
        self._trouble.setWordWrap(True)
        self._trouble.setContentsMargins(SIDE, 0, SIDE, 8)
        self._trouble.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._trouble.hide()

        self.content = _Content()
        self.content.setObjectName("page")
        self.body = QVBoxLayout(self.content)
        self.body.setContentsMargins(SIDE, 0, SIDE, 20)
        self.body.setSpacing(GAP)
        self.scroller = QScrollArea()
        self.scroller.setFrameShape(QFrame.Shape.NoFrame)
        self.scroller.setWidgetResizable(True)
        self.scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroller.setWidget(self.content)
        self.scroller.hide()

        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(bar)
        whole.addWidget(self._trouble)
        whole.addWidget(self._quiet)
        whole.addWidget(self.scroller, 1)
        whole.addStretch(0)

    def _say_waiting(self) -> None:
        if self.scroller.isHidden():
            self._quiet.show()

    def showEvent(self, event: QShowEvent) -> None:
        """Ask if something changed while the page was away."""
        super().showEvent(event)
        if self._stale:
            self.refresh()


class _Content(QWidget):
    """What scrolls: it asks for the least height in which nothing is clipped, and grows with the
    window; Qt's own answer, the preferred height, would scroll where there is room enough.
    """

    def heightForWidth(self, width: int) -> int:
        """The least height of the body at this width."""
        body = self.layout()
        return body.totalMinimumHeightForWidth(width) if body is not None else 0
