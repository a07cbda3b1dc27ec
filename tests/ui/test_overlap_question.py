"""Two sources that see the same traffic: asked once, in words, with what happens until then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from august import NOW
from cards import source_cards, sources_page
from fakes import FakeProgram
from PySide6.QtCore import Qt

from plimsoll.analysis.overlap import Reason, Relation
from plimsoll.domain.errors import WrongUse
from plimsoll.services.overlaps import Overlap
from plimsoll.ui.dialogs.edit_source import EditSource
from plimsoll.ui.jobs import Jobs
from plimsoll.ui.pages.sources import SourcesPageView
from plimsoll.ui.widgets.overlap_question import OverlapQuestion

WAIT = 5000

ASSUMED = Overlap(
    id=7,
    payer="Work",
    explainer="Second key",
    counted_once=True,
    is_open=True,
    reason=Reason.ORGANISATION,
    relation=Relation.SAME,
    days=0,
    equal=Decimal(100),
    to_the_token=0,
    part="",
    both_billed=False,
    payer_removed=False,
    explainer_removed=False,
    found_at=NOW,
    decided_at=None,
)
LIKELY = replace(
    ASSUMED,
    explainer="OpenRouter",
    counted_once=False,
    reason=Reason.SERIES,
    relation=Relation.PART,
    days=43,
    equal=Decimal("99.4"),
    to_the_token=31,
    both_billed=True,
)

Ask = Callable[[Overlap], OverlapQuestion]


@pytest.fixture
def ask(qtbot, look) -> Ask:
    """A question on the screen, in both themes."""

    def make(overlap: Overlap) -> OverlapQuestion:
        asked = OverlapQuestion(overlap)
        qtbot.addWidget(asked)
        asked.resize(1000, 200)
        asked.show()
        return asked

    return make


def test_an_assumed_pair_says_that_it_is_counted_once_until_then(ask: Ask) -> None:
    asked = ask(ASSUMED)
    assert asked.asked.text() == "“Work” and “Second key” see the same traffic: count it once?"
    assert asked.until.text() == "Counted once until you answer"
    assert asked.evidence.text() == "Their provider says that both keys belong to one account."
    assert not asked.caution.isVisible()


def test_a_balance_that_pays_for_an_agent_says_why(ask: Ask) -> None:
    asked = ask(replace(ASSUMED, reason=Reason.SERIES, days=0, payer="Kimi", explainer="pi"))
    assert asked.evidence.text() == "All calls of “pi” go to the provider that “Kimi” prepays."


def test_a_likely_pair_says_that_both_are_counted_and_what_would_be_left_out(ask: Ask) -> None:
    asked = ask(LIKELY)
    assert asked.asked.text() == "Do “Work” and “OpenRouter” see the same traffic?"
    assert asked.until.text() == "Both counted until you answer"
    assert asked.evidence.text() == (
        "On 43 settled days 99.4% of their tokens are equal, on 31 of them to the token. "
        "Work has more besides."
    )
    assert "Both were billed" in asked.caution.text()
    whole = ask(replace(LIKELY, relation=Relation.WHOLE, both_billed=False))
    assert "paid by “Work”, the rest of the other one is left out" in whole.caution.text()


def test_the_proposed_payer_comes_first_and_another_can_be_chosen(ask: Ask, qtbot) -> None:
    asked = ask(ASSUMED)
    assert asked.payer.currentText() == "Work"
    asked.payer.setCurrentText("Second key")
    with qtbot.waitSignal(asked.settled, timeout=WAIT) as settled:
        qtbot.mouseClick(asked.once, Qt.MouseButton.LeftButton)
    assert settled.args == [7, True, "Second key"]
    assert not asked.once.isEnabled(), "an answer is given once"
    assert not asked.both.isEnabled()


def test_both_can_be_owed(ask: Ask, qtbot) -> None:
    asked = ask(LIKELY)
    with qtbot.waitSignal(asked.settled, timeout=WAIT) as settled:
        qtbot.mouseClick(asked.both, Qt.MouseButton.LeftButton)
    assert settled.args[:2] == [7, False]


def test_a_removed_source_is_not_offered_to_pay(ask: Ask) -> None:
    asked = ask(replace(ASSUMED, explainer_removed=True))
    assert [asked.payer.itemText(n) for n in range(asked.payer.count())] == ["Work"]


# --- on the page ---


@pytest.fixture
def page(qtbot, look) -> Iterator[Callable[..., SourcesPageView]]:
    jobs = Jobs()

    def make(*overlaps: Overlap, program: FakeProgram | None = None) -> SourcesPageView:
        program = program or FakeProgram()
        program.sources_answer = lambda: replace(sources_page(), overlaps=overlaps)
        made = SourcesPageView(program, jobs)
        qtbot.addWidget(made)
        made.resize(1160, 900)
        with qtbot.waitSignal(made.settled, timeout=WAIT):
            made.show()
        return made

    yield make
    jobs.close()


def test_the_page_asks_above_its_cards_and_keeps_the_answer(page, qtbot) -> None:
    shown = page(ASSUMED, LIKELY)
    assert [q.overlap for q in shown.questions] == [ASSUMED, LIKELY]
    assert shown.questions[1].y() < shown.view("OpenAI").y()
    with qtbot.waitSignal(shown.data_changed, timeout=WAIT):
        qtbot.mouseClick(shown.questions[0].once, Qt.MouseButton.LeftButton)
    assert ("settle_overlap", (7, True, "Work")) in shown.program.asked
    shown.program.sources_answer = sources_page
    shown.refresh()
    qtbot.waitUntil(lambda: shown.questions == (), timeout=WAIT)


def test_an_answer_that_is_refused_is_told_and_can_be_given_again(page, qtbot) -> None:
    shown = page(ASSUMED)
    shown.program.settle_overlap = lambda *_a, **_k: (_ for _ in ()).throw(
        WrongUse("This question is no longer there.")
    )
    (refused,) = shown.questions
    qtbot.mouseClick(refused.once, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(shown.banner.isVisible, timeout=WAIT)
    assert "no longer there" in shown.banner.sentence
    qtbot.waitUntil(lambda: shown.questions[0] is not refused, timeout=WAIT)
    assert shown.questions[0].once.isEnabled()


def test_a_card_says_whom_its_source_explains(page) -> None:
    program = FakeProgram()
    shown = page(program=program)
    cards = (source_cards()[0], replace(source_cards()[1], explains=("OpenAI",)))
    shown.show_answer(replace(sources_page(cards)))
    texts = [
        w.text() for w in shown.view("Anthropic").findChildren(type(shown.view("OpenAI").failure))
    ]
    assert "what OpenAI pays" in texts
    assert "Explains" in texts


def test_the_edit_dialog_changes_whose_traffic_a_source_sees(qtbot, look) -> None:
    card = replace(source_cards()[1], explains=("OpenAI",))
    dialog = EditSource(card, None, others=["OpenAI", "Other"])
    qtbot.addWidget(dialog)
    assert dialog.traffic.currentData() == "OpenAI"
    for name, expected in (("Other", "Other"), ("", ""), ("OpenAI", None)):
        dialog.traffic.setCurrentIndex(dialog.traffic.findData(name))
        dialog.save.setEnabled(True)
        with qtbot.waitSignal(dialog.chosen, timeout=WAIT) as chosen:
            dialog.save.click()
        assert chosen.args[0].explains == expected


def test_alone_a_source_has_nobody_to_explain(qtbot, look) -> None:
    dialog = EditSource(source_cards()[0], None)
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.traffic.isVisible()
