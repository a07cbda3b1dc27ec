"""A week's efficiency on the page: marked only outside of what was usual, with the rows behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from real_ledger import Clock

from plimsoll.analysis.efficiency import Kind, Measure, measured, whole_weeks
from plimsoll.domain.calendar import Period
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.question import Dimension, Question, Scope
from plimsoll.domain.usage import (
    Attribution,
    Charge,
    Computed,
    PricedSlice,
    Slice,
    Tokens,
    UsageRecord,
)
from plimsoll.domain.work import COMMITS, Cost
from plimsoll.ledger import catalog, usage
from plimsoll.services.efficiency_answers import (
    Action,
    Basis,
    Efficiency,
    Finding,
    LeftOut,
    Quiet,
)
from plimsoll.services.program import Program
from plimsoll.services.vault import MemoryVault
from plimsoll.ui import week_origin, words
from plimsoll.ui.asked import intention_of, question_of
from plimsoll.ui.weekly import WeeklyCard
from plimsoll.ui.widgets.days import show_day
from plimsoll.ui.widgets.efficiency import EfficiencyCard
from plimsoll.ui.words import tr

pytestmark = pytest.mark.qt_log_ignore(
    "does not support raise", "does not support grabbing the keyboard", extend=True
)

WAIT = 8000
MODEL = "claude-sonnet-4-5"
WEEKS = whole_weeks(Clock().now().date())
F = Fraction


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """Nine weeks of one account whose cache was hit half as often in the last of them."""
    opened = Program(tmp_path / "data", clock=Clock(), vault=MemoryVault(), who="test")
    source = catalog.add_source(
        opened.ledger,
        name="Team Claude",
        connector="anthropic",
        base_url=None,
        settings=(),
        key_tail="",
    )
    made = []
    for day in Period(WEEKS[0].first, Clock().now().date()).days():
        read = 4 if day in WEEKS[-1] else 8
        counts = Tokens(input=(10 - read) * 10**6, cache_read=read * 10**6, output=1000)
        start = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        record = UsageRecord(start, start + timedelta(hours=1), Attribution(model=MODEL), counts, 5)
        worth = Computed(Money("USD", NANO), "made up")
        made.append(PricedSlice(Slice("usage", day, (record,)), (worth,)))
        bill = Charge(Attribution(), Money("USD", 2 * NANO), "2")
        made.append(PricedSlice(Slice("costs", day, charges=(bill,))))
    usage.replace_slices(opened.ledger, source.id, made, revision_days=0)
    yield opened
    opened.close()


@pytest.fixture
def card(qtbot, window) -> WeeklyCard:
    """The card on its page, once its own question is answered."""
    window.shell.show_page("market")
    made = window.shell.page.findChild(WeeklyCard)
    qtbot.waitUntil(lambda: bool(made.lines), timeout=WAIT)
    return made


def test_a_week_outside_of_what_was_usual_is_marked_and_no_other(card: WeeklyCard) -> None:
    marks = {name: mark for name, _, mark, *_ in card.lines}
    assert marks["Input from the cache"] == "Below usual"
    assert marks["Output tokens per USD"] == ""
    assert marks["Cost per request"] == ""
    values = {name: value for name, value, *_ in card.lines}
    assert values["Output tokens per USD"] == "500"
    assert values["Cost per request"] == "$0.4000"
    assert values["Input from the cache"] == "40.0%"
    assert "Own loop" not in values, "what is not known takes no line"


def test_the_one_thing_to_try_says_what_it_would_have_saved_and_opens_its_rows(
    qtbot, window, card: WeeklyCard
) -> None:
    words, rows = next(line for line in card.suggestions if "fewer tokens" in line[0].text())
    said = words.text()
    assert f"28\u202f000\u202f000 fewer tokens of {MODEL} (Team Claude)" in said, "4 M a day"
    assert "it would have saved $75.60 at list price" in said, "$2.70 a million"
    qtbot.mouseClick(rows, Qt.MouseButton.LeftButton)
    page = window.shell.page
    assert page.name == "spend"
    qtbot.waitUntil(
        lambda: page.is_settled and page._answer and page._answer.question.by == (Dimension.DAY,),
        timeout=WAIT,
    )
    question = page._answer.question
    assert question.period == WEEKS[-1]
    assert dict(question.scope.conditions) == {
        Dimension.SOURCE: ("Team Claude",),
        Dimension.MODEL: (MODEL,),
    }
    assert sum(line.tokens.cache_read for line in page._answer.lines) == 28 * 10**6


def test_it_is_not_asked_again_with_every_click_on_the_page(
    qtbot, window, card: WeeklyCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(window.shell.program, "efficiency", lambda: asked.append(1))
    with qtbot.waitSignal(window.shell.page.settled, timeout=WAIT):
        window.shell.page.refresh()
    assert asked == []


def test_too_little_history_says_so_and_so_does_a_week_of_which_nothing_is_known(
    qtbot, look
) -> None:
    card = EfficiencyCard()
    qtbot.addWidget(card)
    short = Measure(Kind.CACHE_HITS, (F(1, 2), F(1, 2)))
    card.show_week(Efficiency(WEEKS, (Finding(short, quiet=Quiet.TOO_SHORT),)))
    assert card.lines == [
        ("Input from the cache", "50.0%", "", "too few weeks to say what is usual", "")
    ]
    ((words, rows),) = card.suggestions
    assert words.text().startswith("Nothing stands out")
    assert rows is None
    assert not card.isHidden()
    unknown = Finding(Measure(Kind.CACHE_HITS, (None, None)), quiet=Quiet.NOT_KNOWN)
    card.show_week(Efficiency(WEEKS, (unknown,)))
    assert card.intro.text() == "Nothing of that week is known yet that could be divided."
    assert not card.isHidden(), "units of work can be entered all the same"
    assert (card.lines, card.suggestions) == ([], [])


PARTS = (Dimension.MODEL, Dimension.PROJECT, Dimension.AGENT, Dimension.SOURCE)


def test_every_kind_of_thing_to_try_has_its_words_in_both_languages(qtbot, light) -> None:
    card = EfficiencyCard()
    qtbot.addWidget(card)
    question = Question(WEEKS[-1])
    for language, word in (("en", "To try"), ("zh_CN", "可以一试")):
        words.use_language(language)
        for number, kind in enumerate(
            kind for kind in Kind if kind is not Kind.AGENTS_AND_PROGRAMS
        ):
            for basis in Basis:
                part = PARTS[number % len(PARTS)]
                half, third = F(NANO, 2), F(NANO, 3)
                action = Action(
                    kind, "S", part, "m", Money("CNY", NANO), basis, question, 1000, half, third
                )
                known = Measure(Kind.OWN_LOOP, (F(1, 2),))
                card.show_week(Efficiency(WEEKS, (Finding(known, action),), action))
                ((said, rows),) = card.suggestions
                assert said.text().startswith(word)
                assert "¥1.00" in said.text()
                assert rows is not None
                if language != "en":
                    assert "usual" not in said.text(), "nothing stays English"


def test_what_stands_out_and_has_nothing_to_try_says_why_in_both_languages(qtbot, light) -> None:
    card = EfficiencyCard()
    qtbot.addWidget(card)
    outside = Measure(Kind.CACHE_HITS, (*[F(8, 10)] * 8, F(1, 10)))
    for language, name in (("en", "Input from the cache: "), ("zh_CN", "来自缓存的输入：")):
        words.use_language(language)
        for quiet in (Quiet.PARTS_NOT_KNOWN, Quiet.NO_PART, Quiet.TOO_SMALL):
            card.show_week(Efficiency(WEEKS, (Finding(outside, quiet=quiet),)))
            ((said, rows),) = card.suggestions
            assert said.text().startswith(name)
            assert rows is None


def test_a_question_comes_back_from_its_intention_as_it_was() -> None:
    scope = Scope(((Dimension.SOURCE, ("A “b” c", None)), (Dimension.MODEL, ("m/1",))))
    question = Question(WEEKS[-1], scope=scope)
    assert question_of(intention_of(question)) == question
    assert question_of("why") is None


@pytest.mark.parametrize(
    "key", [None, Qt.Key.Key_Return, Qt.Key.Key_Space, Qt.Key.Key_I], ids=["click", "e", "s", "i"]
)
def test_every_figure_says_what_was_divided_by_what_and_by_which_prices(
    qtbot, window, card: WeeklyCard, key: Qt.Key | None
) -> None:
    names = [line[0] for line in card.lines]
    figure = card.figures[names.index("Cost per request")]
    if key is None:
        qtbot.mouseClick(figure, Qt.MouseButton.LeftButton)
    else:
        qtbot.keyClick(figure, key)
    popover = window.shell.page.popover
    qtbot.waitUntil(lambda: len(popover.sections) > 2, timeout=WAIT)
    lines = dict(popover._lines)
    assert lines["Divided"] == "$14.00 paid ÷ 35 requests = $0.4000", "$2 and five a day"
    assert lines["Usual"].startswith("$0.3760 to $0.4240: the median of 8 weeks, $0.4000")
    assert lines["Suggested"] == "Nothing to try: it is as usual."
    assert lines["Left out"] == "nothing"
    titles = [section.title for section in popover.sections]
    assert titles[:3] == ["Sources in it", "Week by week", "Sources"]
    assert "Rows behind it" in titles
    sources, weeks, *_ = popover.sections
    assert sources.rows == (("Team Claude", "$14.00", "35", "$0.4000", "7"),)
    assert len(weeks.rows) == 9
    assert {row[3] for row in weeks.rows} == {"$0.4000"}
    popover.close()


def test_a_share_of_tokens_needs_no_prices_and_says_what_is_left_out(
    qtbot, window, card: WeeklyCard
) -> None:
    names = [line[0] for line in card.lines]
    qtbot.mouseClick(card.figures[names.index("Input from the cache")], Qt.MouseButton.LeftButton)
    popover = window.shell.page.popover
    lines = dict(popover._lines)
    assert lines["Divided"] == (
        "28\u202f000\u202f000 tokens from the cache ÷ 70\u202f000\u202f000 tokens of input = 40.0%"
    )
    assert lines["Money and prices"] == "none: only tokens are compared"
    assert lines["Suggested"].startswith("To try: 28\u202f000\u202f000 fewer tokens")
    assert [section.title for section in popover.sections] == ["Sources in it", "Week by week"]
    popover.close()


def test_how_a_figure_is_known_is_said_for_every_kind_in_both_languages(qtbot, light) -> None:
    for language, head in (("en", "Week"), ("zh_CN", "周")):
        words.use_language(language)
        for kind in Kind:
            measure = measured(kind, [8] * 8 + [4], [10] * 9, currency="USD", name="tickets")
            left_out = tuple(("S", why, 3) for why in LeftOut)
            finding = Finding(measure, quiet=Quiet.NO_PART, left_out=left_out)
            answer = Efficiency(WEEKS, (finding,), not_final=True, missing=True)
            lines = week_origin.lines_of(finding, answer)
            assert lines[0][0] == head
            assert all(text for _, text in lines)
            left = dict(lines)[tr("Left out")].splitlines()
            assert len(left) == len(LeftOut), "each reason has its own line"
            assert all("S" in line and "3" in line for line in left)
            (weeks,) = week_origin.sections_of(finding, answer)
            assert len(weeks.rows) == 9
            if language != "en":
                told = " ".join(text for pair in lines for text in pair)
                for word in (" the ", "tokens", "known", "days", "money"):
                    assert word not in told, told


def test_each_count_says_which_money_is_divided_by_it_in_both_languages(qtbot, light) -> None:
    card = EfficiencyCard()
    qtbot.addWidget(card)
    base = measured(Kind.COST_PER_UNIT, [2 * NANO] * 9, [4] * 9, currency="USD", name=COMMITS)
    said = {
        ("Claude", Cost.ESTIMATED): ("as Claude estimates it, paid by use", "按用量付费"),
        ("Claude", Cost.PLAN): ("under a plan: not owed", "不需另付"),
        ("Cursor", Cost.SOURCE): ("what Cursor spent", "Cursor 的花费"),
        ("git", Cost.WORTH): ("agents' tokens in the same repositories, at list price", "标价"),
        ("", Cost.SPENT): ("all that was spent", "全部花费"),
    }
    for language, place in (("en", 0), ("zh_CN", 1)):
        words.use_language(language)
        for (origin, cost), texts in said.items():
            finding = Finding(replace(base, origin=origin, cost=cost), quiet=Quiet.USUAL)
            answer = Efficiency(WEEKS, (finding,))
            card.show_week(answer)
            ((name, value, _, _, detail),) = card.lines
            assert value == "$0.5000"
            assert texts[place] in detail
            if language == "en":
                named = "Cost per commit" if origin else "Cost per unit of commits"
                assert name == named
            lines = dict(week_origin.lines_of(finding, answer))
            prices = lines[words.tr("Money and prices")]
            assert (texts[place] in prices) is (cost is not Cost.SPENT)
            paid = ("paid", "支付")[place] in lines[words.tr("Divided")]
            assert paid is (cost in {Cost.SPENT, Cost.SOURCE})


def test_units_of_work_are_entered_from_the_card_and_divide_the_week(
    qtbot, window, program, card: WeeklyCard
) -> None:
    qtbot.mouseClick(card.work, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: card._dialog is not None and card._dialog.isVisible(), timeout=WAIT)
    dialog = card._dialog
    dialog.name.setEditText("tickets")
    dialog.count.setText("7")
    show_day(dialog.day, WEEKS[-1].last)
    qtbot.mouseClick(dialog.enter, Qt.MouseButton.LeftButton)
    name = "Cost per unit of tickets"
    qtbot.waitUntil(lambda: name in [line[0] for line in card.lines], timeout=WAIT)
    assert dict(line[:2] for line in card.lines)[name] == "$2.00", "$14 for seven"
    assert dialog.table.rows_model.rowCount() == 1
    dialog.table.selectRow(0)
    qtbot.mouseClick(dialog.remove, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: name not in [line[0] for line in card.lines], timeout=WAIT)
    assert program.work() == ()
    qtbot.mouseClick(dialog.undo, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: name in [line[0] for line in card.lines], timeout=WAIT)
    (kept,) = program.work()
    assert (kept.name, kept.count, kept.day) == ("tickets", 7, WEEKS[-1].last)
    dialog.reject()
    assert card._dialog is None


def test_units_of_work_can_be_reached_by_a_command(qtbot, window, card: WeeklyCard) -> None:
    command = next(c for c in window.shell._commands() if c.title == "Units of work …")
    command.run()
    qtbot.waitUntil(lambda: card._dialog is not None, timeout=WAIT)
    card._dialog.reject()
