"""What if, in the window: a slice is priced beside the window, shown as ranges, and explained."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from real_ledger import filled

from plimsoll.analysis.reprice import Reason, Stay
from plimsoll.analysis.time_of_use import TimeOfUse
from plimsoll.domain.calendar import Period
from plimsoll.domain.question import EVERYTHING, Amounts
from plimsoll.domain.usage import Tokens
from plimsoll.services.offers import Offer
from plimsoll.services.program import Program
from plimsoll.services.reprice import Repricings, Scenario
from plimsoll.services.reprice_words import MissingOffer, Note, Why
from plimsoll.services.settings import Settings
from plimsoll.services.time_of_use import PeakHours
from plimsoll.ui.application import application_for
from plimsoll.ui.dialogs.what_if import WhatIfDialog
from plimsoll.ui.moments import brief
from plimsoll.ui.widgets.labels import Words
from plimsoll.ui.widgets.time_of_use import TimeOfUseCard
from plimsoll.ui.widgets.what_if import MOST, WhatIf, Wish
from plimsoll.ui.window import MainWindow
from plimsoll.ui.words import use_language

WAIT = 8000
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 20))
NANO = 10**9


@pytest.fixture(autouse=True)
def in_english(qapp) -> Iterator[None]:
    application_for(Settings(theme="light", language="en"))
    yield
    use_language("en")


@pytest.fixture
def card(qtbot) -> WhatIf:
    made = WhatIf()
    qtbot.addWidget(made)
    made.show()
    return made


def scenario(currency: str = "CNY", low: int = 10, high: int = 30, **more: object) -> Scenario:
    fields = {
        "offer": Offer("deepseek", "deepseek-flash", currency),
        "tier": "",
        "low": low * NANO,
        "high": high * NANO,
        "kinds": (),
        "moved": 1_000_000,
        "unpriced": 0,
        "worths": (("USD", 20 * NANO),),
        "stays": (),
        "notes": (Note(Why.NO_RATE, currency=currency, other="USD"), Note(Why.CACHE)),
        **more,
    }
    return Scenario(**fields)  # type: ignore[arg-type]


def answer(*scenarios: Scenario, share: int = 100) -> Repricings:
    return Repricings(
        period=NOVEMBER,
        scope=EVERYTHING,
        share=share,
        tokens=Tokens(input=1_500_000),
        spent=(Amounts("USD", billed=25 * NANO),),
        spent_share=(Amounts("USD", billed=25 * NANO * share // 100),),
        scenarios=scenarios,
        missing=(MissingOffer("Kimi", "kimi-k3.1-pro", abroad=False),),
        gaps=(),
        not_final_from=None,
    )


def texts(widget: QWidget) -> str:
    return "\n".join(w.text() for w in widget.findChildren(Words) if not w.isHidden())


def test_a_model_by_its_name_and_enter_asks_for_it(qtbot, card: WhatIf) -> None:
    card.share.setValue(40)
    card.model.setFocus()
    qtbot.keyClicks(card.model, "deepseek-flash")
    with qtbot.waitSignal(card.asked) as asked:
        qtbot.keyClick(card.model, Qt.Key.Key_Return)
    assert asked.args == [Wish(("deepseek-flash",), 40, "")]
    assert card.model.text() == ""
    with qtbot.waitSignal(card.asked) as asked:
        card.add_model("glm-5.3")
    assert asked.args == [Wish(("deepseek-flash", "glm-5.3"), 40, "")]
    with qtbot.assertNotEmitted(card.asked):
        card.add_model("glm-5.3")
    with qtbot.waitSignal(card.asked) as asked:
        qtbot.mouseClick(card.chips[0], Qt.MouseButton.LeftButton)
    assert asked.args == [Wish(("glm-5.3",), 40, "")]


def test_what_is_on_the_screen_is_never_of_models_that_are_gone(qtbot, card: WhatIf) -> None:
    empty = card.hint.text()
    card.add_model("glm-5.3")
    card.show_answer(answer(scenario()))
    card.show_busy()
    assert card.lines, "the last answer stays"
    assert card.hint.isVisible()
    assert card.hint.text() == "Pricing every record …"
    card.show_busy(0.4)
    assert card.hint.text() == "Pricing every record … 40%"
    with qtbot.waitSignal(card.withdrawn):
        card.remove_model("glm-5.3")
    assert not card.lines
    assert card.hint.text() == empty


def test_no_more_models_are_taken_than_can_be_read_side_by_side(card: WhatIf) -> None:
    for number in range(MOST + 2):
        card.add_model(f"model-{number}")
    assert len(card.wish.models) == len(card.chips) == MOST
    assert card.trouble.isVisible()
    assert card.trouble.text() == "6 models stand side by side at most: remove one first."


def test_another_share_or_tier_asks_again_once_there_is_a_model(qtbot, card: WhatIf) -> None:
    with qtbot.assertNotEmitted(card.asked):
        card.share.setValue(50)
    card.add_model("glm-5.3")
    with qtbot.waitSignal(card.asked) as asked:
        card.share.setValue(25)
    assert asked.args[0].share == 25
    card.tier.setCurrentIndex(2)
    with qtbot.waitSignal(card.asked) as asked:
        card.tier.activated.emit(2)
    assert asked.args[0].tier == "batch"


def test_ranges_stand_beside_what_was_spent_and_say_what_they_are_not(card: WhatIf) -> None:
    card.add_model("deepseek-flash")
    card.show_answer(answer(scenario("CNY"), scenario("USD", 2, 2, notes=(Note(Why.CACHE),))))
    assert card.spent.text() == f"Spent: $25.00 Billed, for {brief(1_500_000)} tokens"
    assert [line.range.text() for line in card.lines] == ["¥10.00 to ¥30.00", "$2.00"]
    assert "no rate between CNY and USD" in card.lines[0].basis.text()
    said = texts(card)
    assert said.count("from a cache") == 1
    assert "Kimi: no price of kimi-k3.1-pro is known by the mainland list in yuan." in said
    assert "Prices of the same tokens, not of the same answers" in said
    assert "¥10.00 to ¥30.00" in card.lines[0].bar.accessibleName()


def test_a_mark_is_the_worth_of_all_that_moves_and_of_nothing_less(card: WhatIf) -> None:
    both = (("CNY", 2 * NANO), ("USD", 20 * NANO))
    card.show_answer(answer(scenario("USD"), scenario("USD", worths=both), scenario("CNY")))
    assert [line.is_marked for line in card.lines] == [True, False, False]
    assert "The mark on a bar is the list price" in texts(card)
    card.show_answer(answer(scenario("CNY")))
    assert "The mark on a bar is the list price" not in texts(card)


def test_what_cannot_move_is_told_with_its_amount(card: WhatIf) -> None:
    stays = (
        Stay(Reason.TIER, "batch", "USD", 5 * NANO, tokens=700),
        Stay(Reason.UNIT, "searches"),
        Stay(Reason.NO_CLASSES, "", tokens=9),
        Stay(Reason.LINE_ITEM, "storage", "USD", NANO),
    )
    card.show_answer(answer(scenario(stays=stays), share=40))
    said = card.lines[0].stays.text()
    assert said.startswith(
        "Cannot move: batch: no such tier there, $5.00, 700 tokens; web searches"
    )
    assert said.endswith("one more.")
    assert card.spent.text() == (
        f"Spent on 40% of it: $10.00 Billed; {brief(1_500_000)} tokens in all"
    )
    card.show_answer(answer(scenario(moved=0, low=0, high=0, worths=(), stays=stays)))
    assert card.lines[0].range.text() == "Nothing can move"
    assert card.lines[0].bar.isHidden()


def test_trouble_takes_the_place_of_an_answer_and_an_empty_card_of_both(card: WhatIf) -> None:
    card.add_model("nobody")
    card.show_answer(answer(scenario()))
    card.show_trouble("There is no list price of nobody.")
    assert card.lines == []
    assert "There is no list price of nobody." in texts(card)
    card.remove_model("nobody")
    assert "There is no list price of nobody." not in texts(card)
    assert "Choose a model above" in texts(card)


def test_peak_hours_are_hidden_where_no_price_depends_on_the_hour(qtbot) -> None:
    made = TimeOfUseCard()
    qtbot.addWidget(made)
    made.show_hours(PeakHours(NOVEMBER, EVERYTHING, (), used=True, gaps=(), not_final_from=None))
    assert made.isHidden()
    use = TimeOfUse(
        "deepseek",
        "flash",
        "CNY",
        peak_tokens=100,
        off_peak_tokens=300,
        unknown_tokens=7,
        peak_worth=40 * NANO,
        off_peak_worth=60 * NANO,
        saving=20 * NANO,
    )
    made.show_hours(
        PeakHours(NOVEMBER, EVERYTHING, (use,), used=True, gaps=(), not_final_from=None)
    )
    assert not made.isHidden()
    said = texts(made)
    assert "40% of ¥100.00 at list price, and 25% of the tokens" in said
    assert "Off-peak they would have cost ¥20.00 less." in said
    assert "Of 7 tokens only the day is told, not the hour." in said


# -- in the window --------------------------------------------------------------------------------


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    opened = filled(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def window(qtbot, program) -> Iterator[MainWindow]:
    shown = MainWindow(program)
    qtbot.addWidget(shown)
    with qtbot.waitSignal(shown.page_settled, timeout=WAIT):
        shown.show()
    yield shown
    shown.close()
    qtbot.waitUntil(lambda: not shown.isVisible(), timeout=WAIT)


def opened(window: MainWindow) -> WhatIfDialog:
    made = window.shell.repricing.dialog
    assert made is not None
    return made


def test_the_spend_page_asks_about_what_it_shows(qtbot, window) -> None:
    with qtbot.waitSignal(window.page_settled, timeout=WAIT):
        window.shell.show_page("spend")
    page = window.shell.pages["spend"]
    qtbot.mouseClick(page.what_if, Qt.MouseButton.LeftButton)
    dialog = opened(window)
    qtbot.waitUntil(lambda: dialog.what_if.model.completer() is not None, timeout=WAIT)
    dialog.what_if.add_model("glm-5.3")
    qtbot.waitUntil(lambda: len(dialog.what_if.lines) == 2, timeout=WAIT)
    assert [line.range.text()[0] for line in dialog.what_if.lines] == ["$", "¥"]
    dialog.what_if.add_model("no-such-model")
    qtbot.waitUntil(lambda: "no list price of no-such-model" in texts(dialog), timeout=WAIT)
    dialog.reject()


def test_an_answer_about_a_model_that_was_removed_never_comes(qtbot, window) -> None:
    (command,) = (c for c in window.shell._commands() if c.title == "What if …")
    command.run()
    dialog = opened(window)
    dialog.what_if.add_model("deepseek-flash")
    dialog.what_if.remove_model("deepseek-flash")
    qtbot.waitUntil(lambda: window.shell.jobs.is_idle, timeout=WAIT)
    assert not dialog.what_if.lines
    assert "Choose a model" in dialog.what_if.hint.text()
    dialog.reject()


def test_the_palette_opens_it_over_the_month(qtbot, window) -> None:
    (command,) = (c for c in window.shell._commands() if c.title == "What if …")
    command.run()
    dialog = opened(window)
    assert dialog.words.text()
    dialog.what_if.add_model("deepseek-flash")
    dialog.reject()  # while it is being priced
    qtbot.waitUntil(lambda: window.shell.repricing.dialog is None, timeout=WAIT)
