"""Own prices: what is not priced is one click from a price, and no change comes unseen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from bills import DISCOUNT, EFFECT, FREE, NOT_PRICED, OWN, FakeDesk, prices_page, restated
from fakes import FakeProgram
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from plimsoll.domain.errors import PriceFileProblem, WrongUse
from plimsoll.domain.tariff import Discount, Kind, PriceRow, Schedule
from plimsoll.services.price_answers import Effect, MonthEffect, PricesPage
from plimsoll.ui.dialogs.discount import DiscountDialog
from plimsoll.ui.dialogs.effect import EffectDialog
from plimsoll.ui.dialogs.price import PriceDialog
from plimsoll.ui.dialogs.twin import TwinTable
from plimsoll.ui.jobs import Jobs
from plimsoll.ui.pages.check import CheckPage
from plimsoll.ui.price_words import effect_headline, effect_notes

WAIT = 5000
TODAY = date(2026, 8, 20)

Show = Callable[..., CheckPage]


@pytest.fixture
def show(qtbot, light) -> Iterator[Show]:
    """A page with these prices."""
    jobs = Jobs()

    def make(desk: FakeDesk | None = None, **changes: object) -> CheckPage:
        desk = desk or FakeDesk(page_answer=lambda: prices_page(**changes))
        page = CheckPage(FakeProgram(prices=desk), jobs)
        qtbot.addWidget(page)
        page.resize(1160, 900)
        with qtbot.waitSignal(page.settled, timeout=WAIT):
            page.show()
        return page

    yield make
    jobs.close()


def click(qtbot, widget) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def dialog_of(page: CheckPage) -> EffectDialog:
    dialog = page.editing.dialog
    assert dialog is not None
    return dialog


def form_of(page: CheckPage) -> PriceDialog:
    dialog = dialog_of(page)
    assert isinstance(dialog, PriceDialog)
    return dialog


def asked(page: CheckPage, what: str) -> list[object]:
    return [detail for name, detail in page.program.prices.asked if name == what]


def see(qtbot, dialog: EffectDialog) -> None:
    """Press the button once, and wait for the effect."""
    click(qtbot, dialog.forward)
    qtbot.waitUntil(dialog.effect.isVisible, timeout=WAIT)


def take(qtbot, page: CheckPage) -> None:
    """Press the button again, and wait until it is done."""
    with qtbot.waitSignal(page.data_changed, timeout=WAIT):
        click(qtbot, dialog_of(page).forward)


# --- what is not priced ---


def test_what_is_not_priced_says_where_how_much_and_why(show):
    card = show().not_priced
    assert card.sentence.text() == "What 18.7 M tokens cost is not known."
    first, second = card.rows
    assert first.title.text() == "gpt-6-preview"
    assert first.detail.text() == "OpenAI · 18.7 M tokens · 4 days"
    assert first.reason.text() == "There is no list price for gpt-6-preview."
    assert second.title.text() == "claude-opus-4.5 · priority"


def test_no_price_is_offered_where_a_price_would_not_help(show):
    first, second = show().not_priced.rows
    assert first.button.isVisible()
    assert not second.button.isVisible()


def test_when_everything_has_a_price_it_says_so(show):
    card = show(not_priced=()).not_priced
    assert card.sentence.text() == "Every token that was used has a price."
    assert card.rows == []


def test_many_lines_are_few_in_the_card_and_all_in_a_table(show, qtbot):
    many = tuple(replace(NOT_PRICED[1], model=f"m{i}", tokens=i + 1) for i in range(12))
    page = show(not_priced=many)
    assert [row.line.model for row in page.not_priced.rows] == ["m11", "m10", "m9", "m8", "m7"]
    click(qtbot, page.not_priced.all)
    table = page.findChild(TwinTable)
    assert table.table.rows_model.rowCount() == 12
    table.close()


def test_your_prices_are_one_click_away(show, qtbot):
    page = show()
    page.resize(1160, 500)
    click(qtbot, page.not_priced.own)
    assert page.own.prices.add.hasFocus()
    assert not page.own.visibleRegion().isEmpty()


def test_one_click_opens_the_form_with_provider_and_model(show, qtbot):
    page = show()
    click(qtbot, page.not_priced.rows[0].button)
    form = form_of(page)
    assert form.provider.currentData() == "openai"
    assert form.model.text() == "gpt-6-preview"
    assert form.account.currentData() is None
    form.close()


# --- the form ---


def test_empty_is_unknown_and_0_is_free_and_the_field_says_so(show, qtbot):
    page = show()
    page.editing.add_price()
    field = form_of(page).rates[Kind.INPUT]
    for text, meaning in (
        ("", "not priced"),
        ("0", "free"),
        ("1.25", "$1.25 per million"),
        ("0.0315", "$0.0315 per million"),
        ("1,25", "not a price"),
        ("-1", "not a price"),
    ):
        field.line.setText(text)
        assert field.meaning.text() == meaning
    search = form_of(page).rates[Kind.SEARCHES]
    search.line.setText("10")
    assert search.meaning.text() == "$10.00 per 1,000"
    form_of(page).currency.setCurrentText("CNY")
    assert search.meaning.text() == "¥10.00 per 1,000"
    form_of(page).close()


def test_a_price_is_seen_before_it_is_taken(show, qtbot):
    page = show()
    page.editing.add_price()
    form = form_of(page)
    form.provider.setCurrentIndex(form.provider.findData("anthropic"))
    form.model.setText("claude-x, claude-y")
    form.account.setCurrentIndex(form.account.findData("Anthropic"))
    form.first.setText("2026-08-01")
    form.last.setText("2026-08-31")
    form.rates[Kind.INPUT].line.setText("3")
    form.rates[Kind.CACHE_WRITE_1H].line.setText("0")
    see(qtbot, form)
    assert form.effect.headline.text() == "Your August: −$1.20"
    assert form.effect.rows() == [["August", "−$1.20"], ["July", "+$0.40"]]
    assert asked(page, "change") == []
    assert form.forward.text() == "Take this price"
    take(qtbot, page)
    new = PriceRow(
        provider="anthropic",
        models=("claude-x", "claude-y"),
        currency="USD",
        rates=((Kind.INPUT, Decimal(3)), (Kind.CACHE_WRITE_1H, Decimal(0))),
        effective_from=datetime(2026, 8, 1, tzinfo=UTC),
        effective_to=datetime(2026, 9, 1, tzinfo=UTC),
        source="Anthropic",
    )
    wanted = ((OWN, FREE, new), (DISCOUNT,), "v1")
    assert asked(page, "preview") == [wanted]
    assert asked(page, "change") == [wanted]


def test_the_form_is_whole_on_a_small_screen_too(show, qtbot):
    page = show()
    page.editing.edit_price(OWN)
    form = form_of(page)
    see(qtbot, form)
    qtbot.waitUntil(
        lambda: form.height() >= form.layout().totalHeightForWidth(form.width()), timeout=WAIT
    )
    for field in (*form.rates.values(), *form.shares.values()):
        assert field.line.visibleRegion().boundingRect().height() == field.line.height() >= 30
    form.close()


def test_another_word_in_the_form_is_to_be_seen_again_first(show, qtbot):
    page = show()
    page.editing.edit_price(OWN)
    form = form_of(page)
    see(qtbot, form)
    form.rates[Kind.OUTPUT].line.setText("8")
    assert not form.effect.isVisible()
    see(qtbot, form)
    assert asked(page, "change") == []
    take(qtbot, page)
    ((own, _, _),) = asked(page, "change")
    assert dict(own[0].rates)[Kind.OUTPUT] == Decimal(8)


def test_enter_goes_forward_and_escape_leaves_everything_as_it_was(show, qtbot):
    page = show()
    page.editing.edit_price(OWN)
    form = form_of(page)
    qtbot.keyClick(form.model, Qt.Key.Key_Return)
    qtbot.waitUntil(form.effect.isVisible, timeout=WAIT)
    with qtbot.waitSignal(form.rejected, timeout=WAIT):
        qtbot.keyClick(form, Qt.Key.Key_Escape)
    assert asked(page, "change") == []


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("model", "", "Model: needs the name of a model."),
        ("model", "a, A", "Model: names a model twice."),
        ("first", "1.9.2026", "First day: is a day such as 2026-09-01, or empty."),
        ("last", "2026-07-01", "Last day: must not be earlier than the first day."),
        (Kind.INPUT, "1,25", "Input: is a number such as 1.25, with a point."),
        (Kind.INPUT, "-1", "Input: must be a number that is not negative."),
        ("priority", "2x", "Priority: is a number such as 1.25, with a point."),
        (Kind.OUTPUT, "2000000000", "Output: must be less than 1,000,000,000."),
    ],
)
def test_what_cannot_be_is_said_at_its_field(show, qtbot, field, text, sentence):
    page = show()
    page.editing.edit_price(OWN)
    form = form_of(page)
    fields = {**form.rates, **form.shares}
    line: QLineEdit = fields[field].line if field in fields else getattr(form, field)
    line.setText(text)
    click(qtbot, form.forward)
    assert form.trouble.text() == sentence
    assert line.property("state") == "bad"
    line.setText("x")
    assert line.property("state") == ""
    assert asked(page, "preview") == []
    form.close()


def test_a_tier_is_priced_by_a_share_of_the_plain_price(show, qtbot):
    page = show(not_priced=(replace(NOT_PRICED[1], tier="priority"),))
    click(qtbot, page.not_priced.rows[0].button)
    form = form_of(page)
    assert form.more.isVisible()
    form.rates[Kind.INPUT].line.setText("2")
    form.shares["priority"].line.setText("1.8")
    form.shares["batch"].line.setText("0")
    assert form.shares["priority"].meaning.text() == "× 1.8"
    assert form.shares["batch"].meaning.text() == "free"
    assert form.shares["flex"].meaning.text() == "not priced"
    assert form.wish().multipliers == (("batch", Decimal(0)), ("priority", Decimal("1.8")))
    form.close()


def test_a_price_of_nothing_at_all_is_no_price(show, qtbot):
    page = show()
    page.editing.edit_price(OWN)
    form = form_of(page)
    for rate in form.rates.values():
        rate.line.clear()
    click(qtbot, form.forward)
    assert form.trouble.text() == "Input: is missing, and so are all others; 0 means free."
    form.close()


def test_what_the_form_does_not_show_stays(show, qtbot):
    rich = replace(
        OWN,
        rates=((Kind.INPUT_AUDIO, Decimal(40)), *OWN.rates),
        multipliers=(("batch", Decimal("0.5")),),
        schedule=Schedule("Asia/Shanghai", ((540, 720),)),
        off_peak_multiplier=Decimal("0.5"),
        effective_from=datetime(2026, 7, 31, 16, tzinfo=UTC),
    )
    page = show(own=(rich,))
    page.editing.edit_price(rich)
    form = form_of(page)
    assert form.more.isVisible()
    assert form.first.text() == "2026-07-31T16:00"
    assert form.wish() == rich
    form.close()


def test_a_refusal_is_said_in_the_dialog_and_nothing_is_lost(show, qtbot):
    problem = WrongUse("Two of your own prices are for gpt-5.2 at the same time.")
    page = show(FakeDesk(failure=problem))
    page.editing.edit_price(OWN)
    form = form_of(page)
    click(qtbot, form.forward)
    qtbot.waitUntil(form.trouble.isVisible, timeout=WAIT)
    assert form.trouble.text() == problem.sentence
    assert form.model.text() == "gpt-5.2"
    assert form.forward.isEnabled()
    form.close()


def test_the_keyboard_goes_through_the_form_as_the_eyes_do(show):
    page = show()
    page.editing.edit_price(OWN)
    form = form_of(page)
    stops = [form.provider, form.model, form.account, form.currency, form.first, form.last]
    stops += [field.line for field in form.rates.values()]
    stops += [field.line for field in form.shares.values()]
    stops += [form.cancel, form.forward]
    chain, widget = [], form.provider
    for _ in range(200):
        chain.append(widget)
        widget = widget.nextInFocusChain()
    assert [widget for widget in chain if widget in stops][: len(stops)] == stops
    form.close()


# --- the card ---


def test_own_prices_stand_in_a_table_that_edits(show, qtbot):
    page = show()
    table = page.own.prices.table
    assert table.rows_model.rowCount() == 2
    shown = [column.show(OWN) for column in table.rows_model._columns]
    assert shown == ["gpt-5.2", "OpenAI", "OpenAI", "from 1 Aug 2026", "$1.10", "–", "$9.00"]
    assert table.rows_model._columns[4].show(FREE) == "free"
    assert not page.own.prices.edit.isEnabled()
    table.selectRow(0)
    click(qtbot, page.own.prices.edit)
    assert form_of(page).model.text() == "gpt-5.2"
    form_of(page).close()


def test_removing_shows_its_effect_first(show, qtbot):
    page = show()
    page.own.prices.table.selectRow(0)
    click(qtbot, page.own.prices.remove)
    dialog = dialog_of(page)
    qtbot.waitUntil(dialog.effect.isVisible, timeout=WAIT)
    assert asked(page, "preview") == [((FREE,), (DISCOUNT,), "v1")]
    assert asked(page, "change") == []
    take(qtbot, page)
    assert asked(page, "change") == [((FREE,), (DISCOUNT,), "v1")]


def test_without_own_prices_the_card_only_offers_them(show):
    own = show(own=(), discounts=(), log=()).own
    assert not own.prices.table.isVisible()
    assert not own.prices.edit.isVisible()
    assert own.prices.add.isVisible()
    assert not own.write.isEnabled()
    assert not own.log.isVisible()


def test_a_discount_is_seen_before_it_is_taken(show, qtbot):
    page = show()
    click(qtbot, page.own.discounts.add)
    form = dialog_of(page)
    assert isinstance(form, DiscountDialog)
    form.percent.setText("7.5 %")
    form.last.setText("2026-12-31")
    see(qtbot, form)
    take(qtbot, page)
    ((own, discounts, _),) = asked(page, "change")
    assert own == (OWN, FREE)
    assert discounts == (
        DISCOUNT,
        Discount("OpenAI", Decimal("7.5"), None, date(2026, 12, 31)),
    )


@pytest.mark.parametrize(
    ("percent", "first", "sentence"),
    [
        ("much", "", "Percent off: is a number such as 12.5."),
        ("120", "", "Percent off: must be between 0 and 100."),
        ("5", "soon", "First day: is a day such as 2026-09-01, or empty."),
        ("5", "2027-01-01", "Last day: must not be earlier than the first day."),
    ],
)
def test_a_discount_that_cannot_be_is_said(show, qtbot, percent, first, sentence):
    page = show()
    page.editing.edit_discount(replace(DISCOUNT, last=date(2026, 12, 31)))
    form = dialog_of(page)
    form.percent.setText(percent)
    form.first.setText(first)
    click(qtbot, form.forward)
    assert form.trouble.text() == sentence
    form.close()


# --- files, and the log ---


def test_prices_of_a_file_take_the_place_of_those_for_the_same(show, qtbot):
    same = replace(OWN, rates=((Kind.INPUT, Decimal(2)),))
    other = replace(OWN, models=("gpt-7",))
    page = show(FakeDesk(rows=(other, same)))
    page.editing.read_file(Path("team.toml"))
    qtbot.waitUntil(lambda: page.editing.dialog is not None, timeout=WAIT)
    qtbot.waitUntil(dialog_of(page).effect.isVisible, timeout=WAIT)
    take(qtbot, page)
    ((own, _, _),) = asked(page, "change")
    assert own == (same, FREE, other)


def test_a_file_that_cannot_be_read_says_its_line(show, qtbot):
    page = show(FakeDesk(failure=PriceFileProblem("Line 4: there is no currency XXX.", line=4)))
    page.editing.read_file(Path("team.toml"))
    qtbot.waitUntil(page.banner.isVisible, timeout=WAIT)
    qtbot.waitUntil(lambda: "Line 4" in page.banner.sentence, timeout=WAIT)


def test_own_prices_are_written_into_a_file(show, qtbot, tmp_path):
    page = show()
    with qtbot.waitSignal(page.editing.written, timeout=WAIT):
        page.editing.write_file(tmp_path / "mine.toml")
    assert asked(page, "write_file") == [(tmp_path / "mine.toml", (OWN, FREE))]
    assert page.banner.sentence == "Your prices are in mine.toml."


def test_files_are_chosen_in_the_systems_own_dialog(show, qtbot, tmp_path):
    page = show()
    click(qtbot, page.own.write)
    page.editing.chooser.fileSelected.emit(str(tmp_path / "mine.toml"))
    qtbot.waitUntil(lambda: bool(asked(page, "write_file")), timeout=WAIT)
    page.editing.chooser.close()
    click(qtbot, page.own.read)
    page.editing.chooser.fileSelected.emit(str(tmp_path / "team.toml"))
    qtbot.waitUntil(lambda: asked(page, "read_file") == [tmp_path / "team.toml"], timeout=WAIT)
    page.editing.chooser.close()
    qtbot.waitUntil(lambda: page.editing.dialog is not None, timeout=WAIT)
    dialog_of(page).close()


def test_the_log_says_what_every_change_did(show, qtbot):
    page = show()
    click(qtbot, page.own.log)
    (row,) = page.findChild(TwinTable).table.rows_model.rows
    assert row[1] == "1 own price added."
    assert row[2] == "July +$0.40, August −$1.20"
    page.findChild(TwinTable).close()


# --- words of an effect ---


@pytest.mark.parametrize(
    ("effect", "headline", "notes"),
    [
        (Effect(), "No stored figure changes", ""),
        (
            EFFECT,
            "Your August: −$1.20",
            (
                "1\u202f204\u202f000 tokens that had no price get one."
                " 1 Aug to 20 Aug are computed anew; what was billed stays as it is."
            ),
        ),
        (
            Effect(1, 1, None, (MonthEffect(date(2025, 9, 1), "USD", worth=5),), 7),
            "What you spent stays as it is",
            "7 tokens lose their price.",
        ),
        (
            Effect(1, 1, None, (MonthEffect(date(2025, 9, 1), "CNY", estimated=3 * 10**9),)),
            "Your September 2025: +¥3.00",
            "",
        ),
    ],
)
def test_an_effect_in_words(effect, headline, notes):
    assert effect_headline(effect, today=TODAY) == headline
    assert effect_notes(effect) == notes


# --- restated days ---


def test_restated_days_say_what_they_were_and_are(show):
    first, second = show().restated.rows
    assert (first.day.text(), first.change.text()) == ("14 Aug 2026", "+$1.32")
    assert first.detail.text() == "Anthropic · $8.10 → $9.42"
    assert second.change.text() == "+400 k tokens"
    assert second.detail.text() == "OpenAI · 9.00 M → 9.40 M tokens"


def test_who_sees_them_has_looked(show, qtbot):
    page = show()
    asked = page.program.names_asked
    qtbot.waitUntil(lambda: "look_at_restatements" in asked(), timeout=WAIT)
    page.program.restated_answer = lambda: ()
    before = asked().count("look_at_restatements")
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        page.refresh()
    assert asked().count("look_at_restatements") == before


def test_without_restated_days_the_card_says_what_it_is_for(qtbot, light):
    jobs = Jobs()
    page = CheckPage(FakeProgram(restated_answer=lambda: ()), jobs)
    qtbot.addWidget(page)
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        page.show()
    assert page.restated.sentence.text().startswith("None. When a provider changes a day")
    jobs.close()


def test_an_account_opens_its_own_restated_days(show, qtbot):
    page = show()
    card = next(card for card in page.cards if card.account.source == "Anthropic")
    click(qtbot, card.restated)
    rows = page.findChild(TwinTable).table.rows_model.rows
    assert [row[1] for row in rows] == ["Anthropic"]
    assert len(restated()) == 2
    page.findChild(TwinTable).close()


def test_the_palette_can_begin_a_price_before_the_page_has_its_answer(qtbot, light):
    jobs = Jobs()
    page = CheckPage(FakeProgram(), jobs)
    qtbot.addWidget(page)
    page.intend("price")
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        page.show()
    assert isinstance(page.editing.dialog, PriceDialog)
    page.editing.dialog.close()
    jobs.close()


def test_the_answer_that_a_page_is_made_from_names_its_prices() -> None:
    assert isinstance(prices_page(), PricesPage)
