"""Cards, controls and tables: values in, intentions out, by mouse and keyboard, in plain text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from pictures import colour_at, column
from PySide6.QtCore import QAbstractItemModel, QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from plimsoll.domain.budget import Budget, BudgetStatus
from plimsoll.domain.calendar import month_of
from plimsoll.domain.money import NANO, shown
from plimsoll.ui import theme
from plimsoll.ui.theme import Theme
from plimsoll.ui.widgets.budget_bar import BudgetBar
from plimsoll.ui.widgets.card import Card, Chip, FigureCard
from plimsoll.ui.widgets.controls import (
    Banner,
    EmptyState,
    IconButton,
    KeyField,
    PrimaryButton,
    ProgressLine,
    QuietButton,
    SegmentedControl,
    Tone,
    Words,
)
from plimsoll.ui.widgets.provenance import HowDoWeKnow
from plimsoll.ui.widgets.table import SORT_ROLE, Column, RowsModel, Table, text_columns

KEY = "sk-admin-1234567890"


def all_words(widget: QWidget) -> list[QLabel]:
    return widget.findChildren(QLabel)


# --- cards ---


@pytest.fixture
def figure(qtbot: QtBot, light: Theme) -> FigureCard:
    card = FigureCard("Month to date")
    qtbot.addWidget(card)
    card.resize(270, 130)
    card.show_figure("$2,364.85", sentence="12% more than July", arrow="up", evidence="Billed")
    card.show()
    return card


def test_a_figure_says_what_it_is(figure: FigureCard) -> None:
    assert (figure.value, figure.sentence, figure.evidence) == (
        "$2,364.85",
        "12% more than July",
        "Billed",
    )
    assert figure.accessibleName() == "Month to date, $2,364.85, Billed"
    assert figure.accessibleDescription() == "12% more than July"


def test_a_figure_opens_by_click_enter_and_space(qtbot: QtBot, figure: FigureCard) -> None:
    with qtbot.waitSignal(figure.opened):
        qtbot.mouseClick(figure, Qt.MouseButton.LeftButton)
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space):
        with qtbot.waitSignal(figure.opened):
            qtbot.keyClick(figure, key)


def test_a_figure_that_leads_nowhere_does_not_pretend(qtbot: QtBot, figure: FigureCard) -> None:
    figure.set_openable(openable=False)
    with qtbot.assertNotEmitted(figure.opened):
        qtbot.mouseClick(figure, Qt.MouseButton.LeftButton)
        qtbot.keyClick(figure, Qt.Key.Key_Return)
    assert figure.focusPolicy() == Qt.FocusPolicy.NoFocus


def test_leaving_the_card_before_letting_go_opens_nothing(qtbot: QtBot, figure: FigureCard) -> None:
    with qtbot.assertNotEmitted(figure.opened):
        qtbot.mousePress(figure, Qt.MouseButton.LeftButton)
        qtbot.mouseRelease(figure, Qt.MouseButton.LeftButton, pos=QPoint(-20, -20))


def test_a_long_figure_becomes_smaller_and_stays_whole(figure: FigureCard) -> None:
    figure.show_figure("CHF 1,234,567,890.12")
    label = next(w for w in all_words(figure) if w.text().startswith("CHF"))
    assert label.fontMetrics().horizontalAdvance(label.text()) <= figure.width() - 36
    assert label.font().pixelSize() < 26
    figure.show_figure("$1.00")
    assert label.font().pixelSize() == 26


def test_a_caption_without_room_is_cut_with_a_sign_and_told_whole(
    qtbot: QtBot, figure: FigureCard
) -> None:
    figure.set_caption("November, month to date, all sources")
    figure.show_figure("$1", evidence="Billed + estimated")
    figure.grab()
    caption = next(w for w in all_words(figure) if w.text().startswith("November"))
    chip = next(w for w in all_words(figure) if w.text() == "Billed + estimated")
    assert caption.geometry().right() <= chip.geometry().left()
    assert caption.toolTip() == "November, month to date, all sources"
    figure.resize(600, 130)
    figure.grab()
    assert caption.toolTip() == ""


def test_the_arrow_is_grey_because_more_is_not_bad(figure: FigureCard, light: Theme) -> None:
    arrow = next(w for w in all_words(figure) if not w.pixmap().isNull())
    picture = arrow.pixmap().toImage()
    assert light.faint in {c for x in range(picture.width()) for c in column(picture, x)}


def test_a_figures_sentence_takes_its_tone_and_loses_it(look: Theme, qtbot: QtBot) -> None:
    card = FigureCard("Budget")
    qtbot.addWidget(card)
    card.show()
    sentence = next(w for w in all_words(card) if isinstance(w, Words) and w.wordWrap())
    for tone, role in ((Tone.BAD, "bad"), (Tone.WARN, "warn"), (Tone.NEUTRAL, "muted")):
        card.show_figure("70%", sentence="of it", tone=tone)
        ink = sentence.palette().color(sentence.foregroundRole()).name().upper()
        assert ink == getattr(look, role)


def test_a_new_body_takes_the_place_of_the_old_one(qtbot: QtBot, figure: FigureCard) -> None:
    first, second = BudgetBar(), BudgetBar()
    figure.set_body(first)
    with qtbot.waitSignal(first.destroyed):
        figure.set_body(second)
    assert second.isVisible()


def test_a_card_has_a_title_a_note_and_a_body(qtbot: QtBot, look: Theme) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    card = Card("Spend per day", note="US$", parent=page)
    card.add(Words("body"))
    card.resize(300, 200)
    page.resize(320, 220)
    page.show()
    assert (card.title, card.note, card.accessibleName()) == (
        "Spend per day",
        "US$",
        "Spend per day",
    )
    picture = page.grab().toImage()
    assert colour_at(picture, 150, 190) == look.card
    assert colour_at(picture, 0, 0) == look.window, "its corners are round"
    assert colour_at(picture, 150, 0) == look.border


def test_an_empty_chip_takes_no_room(qtbot: QtBot, light: Theme) -> None:
    chip = Chip("Billed")
    qtbot.addWidget(chip)
    chip.show_words("")
    assert chip.isHidden()
    chip.show_words("Estimated", tip="tokens times price")
    assert not chip.isHidden()
    assert chip.toolTip() == "tokens times price"


# --- plain text ---


def test_words_never_become_markup(qtbot: QtBot, light: Theme) -> None:
    evil = "<b>x</b><img src='http://example.org/x.png'>"
    card, banner = FigureCard(evil), Banner()
    empty, popover, progress = EmptyState(evil), HowDoWeKnow(), ProgressLine()
    for widget in (card, banner, empty, popover, progress):
        qtbot.addWidget(widget)
    card.show_figure(evil, sentence=evil, evidence=evil)
    banner.show_line(evil)
    popover.show_lines(((evil, evil),), title=evil)
    progress.show_progress(evil)
    for widget in (card, banner, empty, popover, progress, Card(evil, note=evil)):
        labels = [label for label in all_words(widget) if label.text()]
        assert labels
        assert {label.textFormat() for label in labels} == {Qt.TextFormat.PlainText}


# --- segments ---


@pytest.fixture
def segments(qtbot: QtBot, light: Theme) -> SegmentedControl:
    control = SegmentedControl((("7d", "7 d"), ("30d", "30 d"), ("year", "Year")), name="Period")
    qtbot.addWidget(control)
    control.show()
    return control


def test_the_first_segment_is_chosen_at_first(segments: SegmentedControl) -> None:
    assert segments.value == "7d"
    assert segments.button("7d").isChecked()


def test_a_click_chooses_a_segment(qtbot: QtBot, segments: SegmentedControl) -> None:
    with qtbot.waitSignal(segments.chosen) as chosen:
        qtbot.mouseClick(segments.button("year"), Qt.MouseButton.LeftButton)
    assert chosen.args == ["year"]
    assert segments.value == "year"


def test_keys_move_the_choice_and_stop_at_the_ends(
    qtbot: QtBot, segments: SegmentedControl
) -> None:
    said: list[str] = []
    segments.chosen.connect(said.append)
    for key in (*(Qt.Key.Key_Right,) * 3, *(Qt.Key.Key_Left,) * 3):
        qtbot.keyClick(segments, key)
    assert said == ["30d", "year", "30d", "7d"]


def test_keys_choose_from_the_button_that_has_the_focus(
    qtbot: QtBot, segments: SegmentedControl
) -> None:
    said: list[str] = []
    segments.chosen.connect(said.append)
    segments.button("7d").setFocus(Qt.FocusReason.TabFocusReason)
    right, left = Qt.Key.Key_Right, Qt.Key.Key_Left
    for key, expected in ((right, "30d"), (right, "year"), (left, "30d")):
        # Without a window manager nothing is active, but the window knows whose turn it is.
        qtbot.keyClick(segments.window().focusWidget(), key)
        assert segments.value == expected
        assert segments.window().focusWidget() is segments.button(expected)
    assert said == ["30d", "year", "30d"]


def test_showing_a_choice_is_no_intention(qtbot: QtBot, segments: SegmentedControl) -> None:
    with qtbot.assertNotEmitted(segments.chosen):
        segments.choose("30d")
        segments.choose("century")
    assert segments.value == "30d"


def test_tab_stops_once_at_the_segments(segments: SegmentedControl) -> None:
    segments.choose("30d")
    stops = [
        b for b in segments.findChildren(QPushButton) if b.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    assert stops == [segments.button("30d")]


# --- the key's field ---


@pytest.fixture
def field(qtbot: QtBot, light: Theme) -> KeyField:
    made = KeyField("Admin key")
    qtbot.addWidget(made)
    made.show()
    return made


def line_of(field: KeyField) -> QLineEdit:
    return field.findChildren(QLineEdit)[0]


def test_a_key_is_taken_once_and_leaves_nothing_behind(qtbot: QtBot, field: KeyField) -> None:
    qtbot.keyClicks(line_of(field), KEY)
    assert field.is_filled
    secret = field.take()
    assert secret.reveal() == KEY
    assert not field.is_filled
    # Even where undo may show letters again, there is nothing that it could bring back.
    line_of(field).setEchoMode(QLineEdit.EchoMode.Normal)
    line_of(field).undo()
    assert line_of(field).text() == ""


def test_a_service_accounts_file_is_pasted_whole(qtbot: QtBot, field: KeyField) -> None:
    body = "x7Qz" * 700
    QGuiApplication.clipboard().setText(
        f'{{\n  "type": "service_account",\n  "key": "{body}"\n}}\n'
    )
    line_of(field).paste()
    assert field.take().reveal() == f'{{"type":"service_account","key":"{body}"}}'
    QGuiApplication.clipboard().clear()


def test_a_key_is_never_shown_copied_or_read_aloud(qtbot: QtBot, field: KeyField) -> None:
    line = line_of(field)
    qtbot.keyClicks(line, KEY)
    assert KEY not in line.displayText()
    QGuiApplication.clipboard().setText("before")
    line.selectAll()
    line.copy()
    line.cut()
    assert QGuiApplication.clipboard().text() == "before"
    assert line.contextMenuPolicy() == Qt.ContextMenuPolicy.NoContextMenu
    assert KEY not in f"{line.accessibleName()}{line.accessibleDescription()}{line.toolTip()}"


def test_something_that_cannot_be_a_key_is_refused_and_dropped(
    qtbot: QtBot, field: KeyField
) -> None:
    qtbot.keyClicks(line_of(field), "short")
    with pytest.raises(ValueError, match="a key is"):
        field.take()
    assert not field.is_filled


def test_a_hidden_field_forgets_its_key(qtbot: QtBot, field: KeyField) -> None:
    qtbot.keyClicks(line_of(field), KEY)
    field.hide()
    assert not field.is_filled


def test_editing_and_enter_are_told_without_the_key(qtbot: QtBot, field: KeyField) -> None:
    with qtbot.waitSignal(field.changed) as told:
        qtbot.keyClicks(line_of(field), "x")
    assert told.args == []
    with qtbot.waitSignal(field.submitted) as told:
        qtbot.keyClick(line_of(field), Qt.Key.Key_Return)
    assert told.args == []


# --- notices ---


def test_a_banner_says_one_line_and_offers_one_action(qtbot: QtBot, look: Theme) -> None:
    banner = Banner()
    qtbot.addWidget(banner)
    assert banner.isHidden()
    banner.show_line("OpenAI refused the key.", tone=Tone.BAD, action="Replace key")
    assert (banner.sentence, banner.isHidden()) == ("OpenAI refused the key.", False)
    with qtbot.waitSignal(banner.acted):
        banner.action.click()
    banner.show_line("Late.")
    assert banner.action.isHidden()
    banner.clear()
    assert banner.isHidden()


def test_a_long_banner_shows_all_its_words(qtbot: QtBot, light: Theme) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    column_ = QVBoxLayout(page)
    banner = Banner()
    column_.addWidget(banner)
    column_.addStretch()
    page.resize(360, 400)
    banner.show_line("A sentence that goes on and on. " * 8, action="Act")
    page.show()
    label = next(w for w in all_words(banner) if w.text())
    assert label.height() >= label.heightForWidth(label.width())


def test_an_empty_state_has_one_sentence_and_one_button(qtbot: QtBot, light: Theme) -> None:
    empty = EmptyState("No source yet.", action="Add source")
    qtbot.addWidget(empty)
    empty.resize(600, 400)
    empty.show()
    with qtbot.waitSignal(empty.acted):
        empty.button.click()
    label = next(w for w in all_words(empty) if w.text())
    assert label.height() >= label.heightForWidth(label.width())
    empty.show_words("No data in this period.")
    assert empty.button.isHidden()


def test_progress_is_words_a_share_and_a_way_out(qtbot: QtBot, look: Theme) -> None:
    line = ProgressLine()
    qtbot.addWidget(line)
    line.resize(400, 40)
    line.show_progress("Reading OpenAI", 0.25)
    picture = line.grab().toImage()
    y = line.height() - 3
    assert colour_at(picture, 90, y) == look.accent
    assert colour_at(picture, 110, y) == look.selected
    with qtbot.waitSignal(line.cancelled):
        line.stop_button.click()
    assert line.stop_button.accessibleName() == "Stop"
    line.finish()
    assert line.isHidden()


def test_unknown_progress_moves_only_in_sight(qtbot: QtBot, light: Theme) -> None:
    line = ProgressLine()
    qtbot.addWidget(line)
    line.show_progress("Reading")
    assert line._pulse.isActive()
    line.show_progress("Reading", 0.5)
    assert not line._pulse.isActive()
    line.show_progress("Reading")
    line.hide()
    assert not line._pulse.isActive()


def test_an_icon_button_has_words_for_all(qtbot: QtBot, light: Theme) -> None:
    button = IconButton("info", "How do we know?")
    qtbot.addWidget(button)
    assert (button.toolTip(), button.accessibleName()) == ("How do we know?",) * 2


def test_buttons_follow_the_theme(qtbot: QtBot, look: Theme) -> None:
    primary, danger = PrimaryButton("Add"), QuietButton("Remove", danger=True)
    for button, role in ((primary, "accent"), (danger, "card")):
        qtbot.addWidget(button)
        button.resize(120, 34)
        button.show()
        button.clearFocus()
        assert colour_at(button.grab().toImage(), 12, 17) == getattr(look, role)


# --- the budget's bar ---


def status(spent: int, *, median: int | None = None) -> BudgetStatus:
    budget = Budget("Team", 100 * NANO, "USD")
    nanos = None if median is None else median * NANO
    return BudgetStatus(budget, month_of(date(2026, 9, 1)), spent * NANO, nanos)


@pytest.fixture
def bar(qtbot: QtBot, look: Theme) -> BudgetBar:
    made = BudgetBar()
    qtbot.addWidget(made)
    made.resize(401, 20)
    return made


def test_spent_is_solid_and_the_rest_of_the_forecast_hatched(bar: BudgetBar, look: Theme) -> None:
    bar.show_status(status(40, median=80), today=date(2026, 9, 6))
    picture = bar.grab().toImage()
    assert {colour_at(picture, x, 10) for x in (10, 60, 150)} == {look.accent}
    ahead = {colour_at(picture, x, 10) for x in range(170, 310)}
    assert len(ahead) > 3
    assert colour_at(picture, 360, 10) == look.selected
    assert bar.accessible_text() == "40% spent, 80% at the end, 20% of the time is over."


def test_a_tick_marks_todays_share_of_the_period(bar: BudgetBar, look: Theme) -> None:
    bar.show_status(status(10), today=date(2026, 9, 15))
    picture = bar.grab().toImage()
    assert look.text in {colour_at(picture, x, 3) for x in (199, 200, 201)}
    bar.show_status(status(10), today=date(2026, 11, 1))
    assert look.text not in {colour_at(bar.grab().toImage(), x, 3) for x in range(401)}


def test_only_an_exceeded_budget_is_red(bar: BudgetBar, look: Theme) -> None:
    bar.show_status(status(100, median=140), today=date(2026, 9, 25))
    assert not bar.is_exceeded
    picture = bar.grab().toImage()
    found = {c for y in range(20) for c in (colour_at(picture, x, y) for x in range(401))}
    assert look.bad not in found
    assert look.warn in found, "the forecast beyond the limit is amber"
    bar.show_status(status(101), today=date(2026, 9, 25))
    assert bar.is_exceeded
    assert colour_at(bar.grab().toImage(), 100, 10) == look.bad


def test_no_budget_is_an_empty_bar(bar: BudgetBar, look: Theme) -> None:
    bar.show_status(None, today=date(2026, 9, 25))
    assert bar.accessible_text() == "No budget."
    assert {colour_at(bar.grab().toImage(), x, 10) for x in range(10, 390)} == {look.selected}


# --- tables ---


@dataclass(frozen=True, slots=True)
class Line:
    model: str
    nanos: int | None


LINES = (Line("opus", 9 * NANO), Line("=cmd()", 100 * NANO), Line("mini", None), Line("gpt", NANO))
COLUMNS: tuple[Column[Line], ...] = (
    Column("Model", lambda line: line.model),
    Column(
        "Spent",
        lambda line: "No data" if line.nanos is None else shown(line.nanos, "USD"),
        lambda line: line.nanos,
        numeric=True,
        tip=lambda line: str(line.nanos),
        role=lambda line: "faint" if line.nanos is None else "",
    ),
)


@pytest.fixture
def table(qtbot: QtBot, light: Theme) -> Table:
    made = Table(COLUMNS)
    qtbot.addWidget(made)
    made.resize(400, 240)
    made.show_rows(LINES)
    made.show()
    return made


def names(model: RowsModel[Line]) -> list[str]:
    return [line.model for line in model.rows]


def test_the_model_keeps_qts_contract(table: Table) -> None:
    model: QAbstractItemModel = table.rows_model
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    table.let_sort(1)
    table.show_rows(LINES[:2])
    table.show_rows(())
    assert tester.model() is model


def test_rows_sort_by_value_and_unknown_ones_stay_last(table: Table) -> None:
    table.let_sort(1)
    assert names(table.rows_model) == ["=cmd()", "opus", "gpt", "mini"]
    table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    assert names(table.rows_model) == ["gpt", "opus", "=cmd()", "mini"]


def test_new_rows_keep_the_order_that_was_chosen(table: Table) -> None:
    table.let_sort(0, descending=False)
    table.show_rows((Line("z", 1), Line("a", 2)))
    assert names(table.rows_model) == ["a", "z"]


def test_the_sorted_column_says_so(table: Table) -> None:
    table.let_sort(1)
    heads = [
        table.rows_model.headerData(i, Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole)
        for i in range(2)
    ]
    assert heads == ["Model", "↓ Spent"]


def test_figures_stand_at_the_right_with_their_header(table: Table) -> None:
    model = table.rows_model
    cell = model.data(model.index(0, 1), Qt.ItemDataRole.TextAlignmentRole)
    head = model.headerData(1, Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole)
    assert cell == head
    assert int(cell) & int(Qt.AlignmentFlag.AlignRight)  # type: ignore[call-overload]


def test_a_cell_has_its_tip_its_colour_and_its_value(table: Table, light: Theme) -> None:
    model = table.rows_model
    assert model.data(model.index(0, 1), Qt.ItemDataRole.ToolTipRole) == str(9 * NANO)
    assert model.data(model.index(0, 1), SORT_ROLE) == 9 * NANO
    assert model.data(model.index(2, 1), Qt.ItemDataRole.ForegroundRole) == light.colour("faint")
    assert model.data(model.index(0, 1), Qt.ItemDataRole.ForegroundRole) is None


def test_copying_gives_tab_separated_text_that_runs_no_formula(qtbot: QtBot, table: Table) -> None:
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == (
        "Model\tSpent\nopus\t$9.00\n'=cmd()\t$100.00\nmini\tNo data\ngpt\t$1.00\n"
    )
    table.selectRow(3)
    table.copy()
    assert QGuiApplication.clipboard().text() == "Model\tSpent\ngpt\t$1.00\n"


def test_a_cell_with_tabs_and_lines_stays_one_cell() -> None:
    model = RowsModel(COLUMNS)
    model.show_rows((Line("a\tb\nc", 0),))
    assert model.tab_separated() == "Model\tSpent\na b c\t$0.00\n"


def test_enter_and_double_click_open_a_row(qtbot: QtBot, table: Table) -> None:
    table.selectRow(1)
    with qtbot.waitSignal(table.opened) as opened:
        qtbot.keyClick(table, Qt.Key.Key_Return)
    assert opened.args == [LINES[1]]
    place = table.visualRect(table.rows_model.index(3, 0)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    with qtbot.waitSignal(table.opened) as opened:
        qtbot.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert opened.args == [LINES[3]]


def test_a_twin_table_takes_a_charts_words() -> None:
    columns = text_columns(("Day", "Total"))
    assert [column.show(("1 Aug", "$5.00")) for column in columns] == ["1 Aug", "$5.00"]
    assert [column.numeric for column in columns] == [False, True]


# --- how do we know? ---

LINES_OF_PROOF = (("Source", "openai-team"), ("Fetched", "20 Aug, 14:05"), ("Missing", "nothing"))


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_the_proof_opens_below_and_closes_with_esc(qtbot: QtBot, light: Theme) -> None:
    anchor, popover = QPushButton("$5"), HowDoWeKnow()
    qtbot.addWidget(anchor)
    qtbot.addWidget(popover)
    anchor.show()
    popover.show_lines(LINES_OF_PROOF)
    popover.open_at(anchor)
    assert popover.isVisible()
    assert popover.accessible_text() == (
        "Source: openai-team. Fetched: 20 Aug, 14:05. Missing: nothing"
    )
    texts = [w.text() for w in all_words(popover)]
    assert "How do we know?" in texts
    assert all(text in texts for line in LINES_OF_PROOF for text in line)
    qtbot.keyClick(popover, Qt.Key.Key_Escape)
    assert popover.isHidden()


def test_new_proof_replaces_the_old_one(qtbot: QtBot, light: Theme) -> None:
    popover = HowDoWeKnow()
    qtbot.addWidget(popover)
    popover.show_lines(LINES_OF_PROOF)
    popover.show_lines((("Source", "deepseek"),))
    QGuiApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert "openai-team" not in [w.text() for w in all_words(popover)]


def test_every_widget_survives_a_change_of_theme(qtbot: QtBot, light: Theme) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    column_ = QVBoxLayout(page)
    card, banner, empty = FigureCard("Spent"), Banner(), EmptyState("Nothing", action="Add")
    for widget in (card, banner, empty, SegmentedControl((("a", "A"),)), KeyField()):
        column_.addWidget(widget)
    card.show_figure("$1", arrow="down")
    banner.show_line("Late")
    page.show()
    before = page.grab().toImage()
    theme.use("dark")
    assert page.grab().toImage() != before
    theme.use("light")
    assert page.grab().toImage() == before
