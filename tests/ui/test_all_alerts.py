"""The list of everything that fired: of budgets and balances, with how each was told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from august import NOW, money
from fakes import FakeProgram
from limits import alert, budgets_page
from PySide6.QtCore import Qt

from plimsoll.domain.alerting import AlertState
from plimsoll.domain.delivery import Channel, Delivery
from plimsoll.domain.prepaid import Warned, WarningKind
from plimsoll.services.answers import AlertLine, AlertList, BudgetsPage
from plimsoll.ui import words
from plimsoll.ui.dialogs.alerts import AlertsDialog
from plimsoll.ui.fired import became_words
from plimsoll.ui.jobs import Jobs
from plimsoll.ui.pages.budgets import BudgetsPageView

WAIT = 5000

TOLD = replace(alert(80), told_at=NOW)
ARRIVED = Delivery(Channel.COMMAND, 1, delivered_at=NOW)
REFUSED = Delivery(Channel.WEBHOOK, 3, trouble="hooks.slack.com refuses the alert (status 404).")
WAITS = Delivery(Channel.WEBHOOK, 1, next_at=NOW, trouble="No answer from hooks.slack.com.")
LOW = Warned(
    "DeepSeek", "CNY", WarningKind.BALANCE, "20", money(18), NOW - timedelta(days=2), "Low.", NOW
)
ALL = AlertList(
    (
        AlertLine(TOLD, AlertState.FIRED, False, (ARRIVED, REFUSED)),
        AlertLine(alert(50, fired=NOW - timedelta(days=6)), AlertState.FIRED, taken_back=True),
    ),
    warned=((LOW, (WAITS,)),),
)


@pytest.fixture
def dialog(qtbot, look) -> AlertsDialog:
    made = AlertsDialog(ALL, now=NOW)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    made = Jobs()
    yield made
    made.close()


def cells(dialog: AlertsDialog) -> list[tuple[str, ...]]:
    model = dialog.table.rows_model
    return [
        tuple(model.index(line, column).data() for column in range(1, model.columnCount()))
        for line in range(model.rowCount())
    ]


def test_everything_that_fired_is_there_the_newest_first(dialog):
    assert cells(dialog) == [
        (
            *("All models", "80% crossed", "1 Aug to 31 Aug", "fired"),
            "told, command, address failed",
        ),
        ("DeepSeek", "balance below CNY 20", "", "fired", "told, address waits"),
        ("All models", "50% crossed", "1 Aug to 31 Aug", "taken back", "in the list only"),
    ]


def test_the_marked_row_says_its_sentence_and_what_stood_in_the_way(dialog, qtbot):
    assert dialog.sentence.text() == TOLD.sentence
    assert dialog.troubles.text() == REFUSED.trouble
    assert dialog.table.hasFocus()
    qtbot.keyClick(dialog.table, Qt.Key.Key_Down)
    assert (dialog.sentence.text(), dialog.troubles.text()) == ("Low.", WAITS.trouble)
    qtbot.keyClick(dialog.table, Qt.Key.Key_Down)
    assert not dialog.troubles.isVisible()


def test_nothing_yet_is_said_in_words(qtbot, look):
    dialog = AlertsDialog(AlertList(), now=NOW)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.empty.isVisible()
    assert not dialog.table.isVisible()
    assert not dialog.copy.isVisible()


def test_the_list_speaks_chinese(qtbot, light):
    words.use_language("zh_CN")
    dialog = AlertsDialog(ALL, now=NOW)
    qtbot.addWidget(dialog)
    assert cells(dialog)[0] == (
        *("All models", "越过 80%", "8月1日至8月31日", "已触发", "已通知，命令，地址失败"),
    )


def test_the_page_opens_the_list_from_its_card_and_from_the_palette(qtbot, jobs, light):
    def answer() -> BudgetsPage:
        return replace(budgets_page(), alerts=ALL)

    page = BudgetsPageView(FakeProgram(budgets_answer=answer), jobs)
    qtbot.addWidget(page)
    page.intend("alerts")
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        page.show()
    first = page.findChild(AlertsDialog)
    assert first is not None
    first.leave.click()
    qtbot.mouseClick(page.alerts.all, Qt.MouseButton.LeftButton)
    assert [d for d in page.findChildren(AlertsDialog) if d.isVisible()]


def test_a_card_says_which_way_failed():
    failed = AlertLine(TOLD, AlertState.FIRED, False, (ARRIVED, REFUSED))
    assert became_words(failed) == "address failed"
    assert became_words(replace(failed, deliveries=(ARRIVED, WAITS))) == ""
