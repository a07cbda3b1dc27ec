"""Settings: currencies are chosen and rates set here, and nothing is taken that cannot be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from august import TODAY, money
from fakes import FakeProgram
from PySide6.QtCore import QDate, Qt, QTime
from PySide6.QtWidgets import QLineEdit, QSystemTrayIcon
from rates import RATES, currencies_page

from plimsoll.domain.delivery import Channel
from plimsoll.domain.errors import LedgerBusy
from plimsoll.domain.exchange import Rate
from plimsoll.domain.money import Money
from plimsoll.domain.secret import Secret
from plimsoll.services.currencies import Currencies
from plimsoll.services.deliveries import Sent
from plimsoll.services.login import LoginStart
from plimsoll.services.settings import Settings
from plimsoll.ui import words
from plimsoll.ui.dialogs.frame import Confirm
from plimsoll.ui.dialogs.rate import RateDialog
from plimsoll.ui.dialogs.webhook import WebhookDialog
from plimsoll.ui.jobs import Jobs
from plimsoll.ui.pages.settings import SettingsPage

WAIT = 5000

Show = Callable[..., SettingsPage]


@pytest.fixture
def show(qtbot, look) -> Iterator[Show]:
    """The page with these currencies, in both themes."""
    jobs = Jobs()

    def make(known: Currencies | None = None, *, settings: Settings | None = None):
        program = FakeProgram(currencies_answer=lambda: known or currencies_page())
        program.kept = settings or program.kept
        page = SettingsPage(program, jobs)
        qtbot.addWidget(page)
        page.resize(900, 800)
        with qtbot.waitSignal(page.settled, timeout=WAIT):
            page.show()
        return page

    yield make
    jobs.close()


def rows(page: SettingsPage) -> list[tuple[str, ...]]:
    model = page.currencies.table.rows_model
    return [
        tuple(model.index(line, column).data() for column in range(model.columnCount()))
        for line in range(model.rowCount())
    ]


def test_the_rates_are_there_with_their_day_and_where_they_are_from(show):
    assert rows(show()) == [
        ("2026-08-10", "1 USD = 7.12 CNY", "Bank of China, middle rate"),
        ("2026-01-01", "1 USD = 7.05 CNY", ""),
    ]


def test_the_currency_to_show_all_in_is_chosen_and_kept(show, qtbot):
    page = show()
    box = page.currencies.display
    assert box.currentText() == "each its own currency"
    assert [box.itemText(i) for i in range(1, 4)] == ["USD", "CNY", "EUR"]
    with qtbot.waitSignal(page.settings_chosen, timeout=WAIT) as chosen:
        box.setCurrentText("CNY")
        box.activated.emit(box.currentIndex())
    assert chosen.args[0].display_currency == "CNY"
    assert show(settings=Settings(display_currency="CNY")).currencies.display.currentText() == "CNY"


def test_money_without_a_rate_is_named_where_a_currency_was_chosen(show):
    missing = replace(currencies_page(), left_out=(Money("EUR", money("3.50")),))
    page = show(missing, settings=Settings(display_currency="USD"))
    assert page.currencies.trouble.text() == "In USD: €3.50 has no rate and is not included."
    quiet = show(replace(missing, rates=()))
    assert not quiet.currencies.trouble.isVisible(), "nobody asked for a conversion"
    assert not quiet.currencies.table.isVisible()


def test_a_rate_is_added_in_a_form(show, qtbot):
    page = show()
    qtbot.mouseClick(page.currencies.add_rate, Qt.MouseButton.LeftButton)
    form = page.findChild(RateDialog)
    assert (form.base.currentText(), form.quote.currentText()) == ("USD", "CNY")
    assert form.day.date() == QDate(2026, 8, 20), "a later rate holds from today on"
    form.value.setText("7.2")
    form.note.setText("my bank")
    with qtbot.waitSignal(page.data_changed, timeout=WAIT):
        qtbot.mouseClick(form.save, Qt.MouseButton.LeftButton)
    rate = Rate(TODAY, "USD", "CNY", Decimal("7.2"), "my bank")
    assert ("set_rate", (rate, None)) in page.program.asked


def test_the_first_rate_of_two_currencies_holds_from_the_first_figures_on(qtbot, light):
    form = RateDialog(replace(currencies_page(), rates=()))
    qtbot.addWidget(form)
    assert form.day.date() == QDate(2025, 8, 12)
    form.day.setDate(QDate(2026, 2, 3))
    form.quote.setCurrentText("EUR")
    assert form.day.date() == QDate(2026, 2, 3), "the day that was chosen stays"


@pytest.mark.parametrize("value", ["", "0", "-7", "7,12", "x"])
def test_what_is_no_rate_is_said_in_the_form(qtbot, light, value):
    words.use_language("zh_CN")
    form = RateDialog(currencies_page())
    qtbot.addWidget(form)
    taken = []
    form.chosen.connect(taken.append)
    form.value.setText(value)
    form.save.click()
    assert form.trouble.text() == "汇率是大于零的数字，例如 7.12。"
    assert taken == []


def test_a_rate_is_changed_in_place(show, qtbot):
    page = show()
    assert not page.currencies.edit_rate.isEnabled()
    page.currencies.table.selectRow(1)
    qtbot.mouseClick(page.currencies.edit_rate, Qt.MouseButton.LeftButton)
    form = page.findChild(RateDialog)
    assert (form.value.text(), form.day.date()) == ("7.05", QDate(2026, 1, 1))
    form.value.setText("7.06")
    with qtbot.waitSignal(page.data_changed, timeout=WAIT):
        form.save.click()
    changed = Rate(date(2026, 1, 1), "USD", "CNY", Decimal("7.06"))
    assert ("set_rate", (changed, RATES[1])) in page.program.asked


def test_a_rate_is_removed_only_when_it_was_meant(show, qtbot):
    page = show()
    page.currencies.table.selectRow(0)
    qtbot.mouseClick(page.currencies.remove_rate, Qt.MouseButton.LeftButton)
    question = page.findChild(Confirm)
    assert "1 USD = 7.12 CNY" in question.heading.text()
    with qtbot.waitSignal(page.data_changed, timeout=WAIT):
        question.action.click()
    assert ("remove_rate", RATES[0]) in page.program.asked


def test_what_the_archive_refuses_is_said_on_the_page(show, qtbot):
    page = show()
    page.program.failure = LedgerBusy("Another program writes.")
    page.currencies.add_rate.click()
    form = page.findChild(RateDialog)
    form.value.setText("7.2")
    form.save.click()
    qtbot.waitUntil(page.banner.isVisible, timeout=WAIT)
    assert page.banner.sentence == "Another program writes."
    page.program.failure = None


# --- being told, here and elsewhere --------------------------------------------------------------


def chosen_by(page: SettingsPage, qtbot, act: Callable[[], None]) -> Settings:
    with qtbot.waitSignal(page.settings_chosen, timeout=WAIT) as chosen:
        act()
    return chosen.args[0]


def test_quiet_hours_are_off_until_they_are_chosen_and_then_have_a_usual_night(show, qtbot):
    page = show()
    notices = page.notices
    assert not notices.quiet.isChecked()
    assert not notices.first.isEnabled()
    chosen = chosen_by(page, qtbot, notices.quiet.click)
    assert (chosen.quiet_from, chosen.quiet_to) == ("22:00", "07:00")
    assert notices.first.isEnabled()
    notices.first.setTime(QTime(23, 30))
    chosen = chosen_by(page, qtbot, notices.first.editingFinished.emit)
    assert (chosen.quiet_from, chosen.quiet_to) == ("23:30", "07:00")
    chosen = chosen_by(page, qtbot, notices.quiet.click)
    assert (chosen.quiet_from, chosen.quiet_to) == ("", "")


def test_what_was_chosen_about_being_told_is_shown(show):
    kept = Settings(quiet_from="21:15", quiet_to="06:00", alert_pace="few", notifications=False)
    notices = show(settings=kept).notices
    assert notices.quiet.isChecked()
    assert notices.first.time() == QTime(21, 15)
    assert notices.pace.value == "few"
    assert not notices.notifications.isChecked()


def test_how_many_notifications_is_a_choice_of_three(show, qtbot):
    page = show()
    assert page.notices.pace.value == "usual"
    many = page.notices.pace.button("many")
    assert chosen_by(page, qtbot, many.click).alert_pace == "many"


def test_a_command_is_kept_when_it_can_be_read_and_said_when_it_cannot(show, qtbot):
    page = show()
    card = page.delivery
    assert not card.test.isEnabled(), "there is nothing to test"
    chosen = []
    page.settings_chosen.connect(chosen.append)
    card.command.setText("notify 'never closed")
    card.command.editingFinished.emit()
    assert card.result.text() == "A quote in this command is never closed."
    assert chosen == []
    card.command.setText("notify --all")
    card.command.editingFinished.emit()
    assert [settings.alert_command for settings in chosen] == ["notify --all"]
    assert card.result.text() == ""
    assert card.test.isEnabled()


def test_an_address_is_typed_hidden_and_only_its_host_is_shown(show, qtbot):
    page = show()
    assert not page.delivery.host.isVisible()
    qtbot.mouseClick(page.delivery.set_address, Qt.MouseButton.LeftButton)
    form = page.findChild(WebhookDialog)
    assert form.address.echoMode() is QLineEdit.EchoMode.Password
    form.save.click()
    assert form.trouble.text() == "That is not the address of a webhook."
    form.address.setText("https://hooks.slack.com/services/T/B/x")
    with qtbot.waitSignal(page.data_changed, timeout=WAIT):
        form.save.click()
    (address,) = [detail for what, detail in page.program.asked if what == "set_alert_webhook"]
    assert isinstance(address, Secret)
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        page.refresh()
    assert page.delivery.host.text() == "hooks.slack.com"
    qtbot.mouseClick(page.delivery.forget, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(page.data_changed, timeout=WAIT):
        page.findChild(Confirm).action.click()
    assert page.program.asked[-1] == ("set_alert_webhook", None)


def test_a_test_says_how_it_went(show, qtbot):
    page = show(settings=Settings(alert_command="notify", alert_webhook="hooks.slack.com"))
    card = page.delivery
    qtbot.mouseClick(card.test, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: card.result.text() == "The command took it. The address took it.")
    page.program.sent_answer = (Sent(Channel.COMMAND), Sent(Channel.WEBHOOK, "It is closed."))
    qtbot.mouseClick(card.test, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: card.result.text() == "The command took it. It is closed.")
    page.program.failure = LedgerBusy("The archive is in use.")
    qtbot.mouseClick(card.test, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: card.result.text() == "The archive is in use.")
    assert card.test.isEnabled()


# --- in the background ---


def test_starting_at_login_is_a_switch_of_the_systems_own(show, qtbot):
    page = show()
    assert not page.background.login.isChecked()
    assert not page.background.login_trouble.isVisible()
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        page.background.login.click()
    assert ("start_at_login", True) in page.program.asked
    assert page.background.login.isChecked()


def test_a_start_at_login_that_cannot_be_says_why_and_stays_off(show, qtbot):
    page = show()
    page.program.login = LoginStart(is_on=False, where="x", why_not="x cannot be written.")
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        page.background.login.click()
    assert not page.background.login.isChecked()
    assert page.banner.sentence == "x cannot be written."
    assert page.background.login_trouble.text() == "x cannot be written."
    assert not page.background.login.isEnabled()


def test_without_a_tray_the_switch_for_it_says_why_it_is_off(show, qtbot, monkeypatch):
    page = show()
    assert page.background.no_tray.isVisible()
    assert not page.background.stay.isEnabled()
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)
    page = show()
    assert not page.background.no_tray.isVisible()
    with qtbot.waitSignal(page.settings_chosen, timeout=WAIT) as chosen:
        page.background.stay.click()
    assert chosen.args[0].in_tray is True


def test_sparing_is_on_until_it_is_switched_off(show, qtbot):
    page = show()
    assert page.background.sparing.isChecked()
    with qtbot.waitSignal(page.settings_chosen, timeout=WAIT) as chosen:
        page.background.sparing.click()
    assert chosen.args[0].sparing is False
