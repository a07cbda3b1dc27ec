"""List prices over the network: off until they are allowed, and seen before they are taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from august import NOW
from bills import FakeDesk, price_update, prices_page, update_state
from fakes import FakeProgram
from PySide6.QtCore import Qt

from plimsoll.domain.errors import NoAnswer
from plimsoll.services.price_answers import Effect, PricePreview
from plimsoll.ui.dialogs.frame import Confirm
from plimsoll.ui.jobs import Jobs
from plimsoll.ui.pages.settings import SettingsPage

WAIT = 5000

Show = Callable[..., SettingsPage]


@pytest.fixture
def show(qtbot, look) -> Iterator[Show]:
    """The page with this state of the updates, in both themes."""
    jobs = Jobs()

    def make(desk: FakeDesk | None = None, **state: object) -> SettingsPage:
        desk = desk or FakeDesk()
        desk.page_answer = lambda: prices_page(updates=update_state(**state))
        page = SettingsPage(FakeProgram(prices=desk), jobs)
        qtbot.addWidget(page)
        page.resize(900, 1400)
        with qtbot.waitSignal(page.settled, timeout=WAIT):
            page.show()
        return page

    yield make
    jobs.close()


def click(qtbot, widget) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def asked(page: SettingsPage) -> list[tuple[str, object]]:
    return page.program.prices.asked


def look_and_wait(qtbot, page: SettingsPage) -> None:
    click(qtbot, page.updates.look)
    qtbot.waitUntil(page.updates.effect.isVisible, timeout=WAIT)


def test_it_is_off_at_first_and_says_what_would_be_fetched(show):
    card = show().updates
    assert not card.allow.isChecked()
    assert not card.look.isEnabled()
    assert card.state.text() == "In use: genai-prices 0.2.3."
    assert "one file is fetched from prices.example." in card.promise.text()
    assert "Nothing is sent" in card.promise.text()
    assert not card.back.isVisible()
    assert not card.take.isVisible()


def test_the_switch_is_kept_and_lets_the_button_be_pressed(show, qtbot):
    page = show()
    with qtbot.waitSignal(page.settings_chosen, timeout=WAIT) as chosen:
        page.updates.allow.click()
    assert chosen.args[0].price_updates is True
    assert chosen.args[0].price_address == ""
    assert page.updates.look.isEnabled()
    assert asked(page) == []


def test_another_address_is_kept_and_fetched_from(show, qtbot):
    page = show(allowed=True)
    field = page.updates.address
    with qtbot.waitSignal(page.settings_chosen, timeout=WAIT) as chosen:
        qtbot.keyClicks(field, "https://mirror.example/p.json")
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert chosen.args[0].price_address == "https://mirror.example/p.json"
    assert "from mirror.example." in page.updates.promise.text()
    look_and_wait(qtbot, page)
    assert asked(page) == [("fetch_update", "https://mirror.example/p.json")]


def test_what_it_changes_is_shown_before_it_is_taken(show, qtbot):
    page = show(allowed=True)
    look_and_wait(qtbot, page)
    card = page.updates
    assert card.effect.headline.text() == "3 prices changed. Your August: −$1.20."
    assert card.models.text() == (
        "Changed: openai gpt-5.2, openai gpt-5-mini, anthropic claude-opus-4.5"
    )
    assert [what for what, _ in asked(page)] == ["fetch_update"]
    with qtbot.waitSignal(page.data_changed, timeout=WAIT):
        click(qtbot, card.take)
    assert asked(page)[-1] == ("take_update", "genai-prices 5f2c")
    assert not card.effect.isVisible()


def test_what_was_found_need_not_be_taken(show, qtbot):
    page = show(allowed=True)
    look_and_wait(qtbot, page)
    click(qtbot, page.updates.leave)
    assert not page.updates.effect.isVisible()
    assert [what for what, _ in asked(page)] == ["fetch_update"]


def test_when_no_price_changed_there_is_nothing_to_take(show, qtbot):
    same = replace(price_update(), changed=(), preview=PricePreview("", Effect()))
    page = show(FakeDesk(update=same), allowed=True)
    look_and_wait(qtbot, page)
    words = "No price changed: genai-prices 5f2c lists what is in use."
    assert page.updates.effect.headline.text() == words
    assert not page.updates.take.isVisible()


def test_fetching_can_be_stopped(show, qtbot):
    page = show(FakeDesk(hold=True), allowed=True)
    card = page.updates
    click(qtbot, card.look)
    qtbot.waitUntil(card.progress.isVisible, timeout=WAIT)
    assert not card.look.isEnabled()
    click(qtbot, card.progress.stop_button)
    qtbot.waitUntil(lambda: not card.progress.isVisible(), timeout=WAIT)
    assert not card.trouble.isVisible()
    assert card.look.isEnabled()


def test_a_failure_is_said_in_place_and_never_in_red(show, qtbot):
    problem = NoAnswer("The price list did not answer.", remedy="Try again later.")
    page = show(FakeDesk(failure=problem), allowed=True)
    click(qtbot, page.updates.look)
    qtbot.waitUntil(page.updates.trouble.isVisible, timeout=WAIT)
    assert page.updates.trouble.text() == str(problem)
    assert page.updates.trouble.property("tone") == "warn"
    assert page.updates.look.isEnabled()


def test_a_fetched_list_says_when_and_can_be_given_up(show, qtbot):
    page = show(allowed=True, fetched_at=NOW, in_use="genai-prices 5f2c")
    card = page.updates
    assert card.state.text() == "In use: genai-prices 5f2c, fetched 14:05."
    click(qtbot, card.back)
    question = page.findChild(Confirm)
    with qtbot.waitSignal(page.data_changed, timeout=WAIT):
        click(qtbot, question.action)
    assert asked(page) == [("forget_update", None)]


def test_a_fetched_file_that_is_not_used_says_why(show):
    page = show(allowed=True, problem="The fetched prices are damaged, and are not used.")
    assert page.updates.trouble.isVisible()
    assert "are not used" in page.updates.trouble.text()
