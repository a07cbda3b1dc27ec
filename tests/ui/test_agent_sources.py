"""Coding agents in the window: found on this machine, added without a key, and asked once what
pays for their tokens.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from cards import source_cards, sources_page
from fakes import FakeProgram
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox

from plimsoll.services.answers import AgentCard, SourceCard
from plimsoll.services.money_hints import MoneyQuestion
from plimsoll.ui.dialogs.add_source import AddSource
from plimsoll.ui.dialogs.edit_source import EditSource
from plimsoll.ui.jobs import Jobs
from plimsoll.ui.pages.sources import SourcesPageView
from plimsoll.ui.widgets.buttons import PrimaryButton

WAIT = 5000
AGENTS = (
    AgentCard("claude-code", "Claude Code", ("/home/me/.claude/projects",), 1204),
    AgentCard("codex", "Codex", (), 0),
)


@pytest.fixture
def show(qtbot, light):
    open_jobs: list[Jobs] = []

    def make(*cards: SourceCard) -> SourcesPageView:
        program = FakeProgram(agents=AGENTS)
        program.sources_answer = lambda: sources_page(cards)
        jobs = Jobs()
        open_jobs.append(jobs)
        page = SourcesPageView(program, jobs)
        qtbot.addWidget(page)
        page.resize(1160, 900)
        with qtbot.waitSignal(page.settled, timeout=WAIT):
            page.show()
        return page

    yield make
    for jobs in open_jobs:
        jobs.close()


def claude(**changes: object) -> SourceCard:
    card = replace(
        source_cards()[0],
        name="Claude Code",
        provider="claude-code",
        title="Claude Code",
        key_place="logs",
        key_tail="",
        base_url="",
        default_base_url=True,
    )
    return replace(card, **changes)


def adding(qtbot, page: SourcesPageView) -> AddSource:
    qtbot.mouseClick(page.add, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.adding is not None, timeout=WAIT)
    return page.adding


def test_agents_found_here_come_first_and_those_without_logs_last(show, qtbot):
    dialog = adding(qtbot, show())
    assert dialog.choice.names[0] == dialog.choice.value == "claude-code"
    assert dialog.choice.names[-1] == "codex"
    assert "1\u202f204 files" in dialog.choice.accessibleDescription()
    dialog.close()


def test_an_agent_that_is_read_already_is_not_offered_again(show, qtbot):
    dialog = adding(qtbot, show(claude()))
    assert "claude-code" not in dialog.choice.names
    dialog.close()


def test_the_keyboard_alone_adds_an_agent_without_a_key(show, qtbot):
    page = show()
    dialog = adding(qtbot, page)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert dialog.step == 1
    assert not dialog.key.isVisible()
    assert dialog.folder.where.text() == "/home/me/.claude/projects"
    with qtbot.waitSignal(page.sync_asked, timeout=WAIT) as asked:
        QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert ("add_source", ("claude-code", "Claude Code", None, None)) in page.program.asked
    assert page.program.added_settings == {}
    assert asked.args == [("Claude Code",)]
    assert dialog.test_words.text() == "The logs are there."
    dialog.close()


def test_another_folder_is_what_is_read(show, qtbot):
    page = show()
    dialog = adding(qtbot, page)
    dialog.choice.choose("codex")
    dialog.next.click()
    dialog.next.click()
    assert dialog.trouble.text() == "Choose the folder that its logs are in."
    dialog.folder.choose("/far/codex")
    assert dialog.trouble.text() == ""
    dialog.next.click()
    qtbot.waitUntil(lambda: dialog.step == 2, timeout=WAIT)
    assert page.program.added_settings == {"root": "/far/codex"}
    dialog.close()


@pytest.mark.parametrize(
    ("question", "words", "primary"),
    [
        (MoneyQuestion(), "Until you say", None),
        (MoneyQuestion(paid="plan", because="auth.json: tokens"), "It looks like a plan", "plan"),
        (MoneyQuestion(paid="api", because="X"), "It looks like an API key (X)", "api"),
    ],
)
def test_what_pays_is_asked_on_the_card_with_the_guess_and_why(show, question, words, primary):
    view = show(claude(money_question=question)).view("Claude Code")
    assert view.money.asked.text() == "What pays for Claude Code: a plan, or an API key?"
    assert words in view.money.why.text()
    likely = [w for w, button in view.money.answers.items() if isinstance(button, PrimaryButton)]
    assert likely == ([primary] if primary else [])


def test_the_answer_is_kept_once(show, qtbot):
    page = show(claude(money_question=MoneyQuestion()))
    notice = page.view("Claude Code").money
    with qtbot.waitSignal(page.data_changed, timeout=WAIT):
        notice.answers["plan"].click()
    edited = ("edit_source", ("Claude Code", None, None, None, {"money": "plan"}))
    assert page.program.asked.count(edited) == 1
    assert not notice.answers["api"].isEnabled()


@pytest.mark.parametrize(("button", "payer"), [("Work", "Work"), ("", None)])
def test_whose_bill_holds_a_key_s_calls_is_asked_of_the_accounts(show, qtbot, button, payer):
    page = show(claude(money_question=MoneyQuestion(asks_account=True, accounts=("Work",))))
    notice = page.view("Claude Code").money
    assert "“Work”" in notice.asked.text()
    with qtbot.waitSignal(page.data_changed, timeout=WAIT):
        notice.answers[button].click()
    assert ("say_payer", ("Claude Code", payer)) in page.program.asked


def test_a_card_of_an_agent_says_the_first_day_that_we_have_and_no_key(show):
    from PySide6.QtWidgets import QLabel

    view = show(claude()).view("Claude Code")
    texts = [label.text() for label in view.findChildren(QLabel)]
    assert texts[texts.index("First day we have") + 1] == "12 Aug 2025"
    assert "Key" not in texts
    assert view.money is None


def test_what_pays_can_be_changed_later_where_a_source_is_edited(qtbot, light):
    dialog = EditSource(claude(money="plan"), None, others=["Work"])
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.key.isVisible()
    assert not dialog.address.isVisible()
    assert dialog.money.findData("") == -1, "what was said cannot be unsaid"
    dialog.money.setCurrentIndex(dialog.money.findData("api"))
    with qtbot.waitSignal(dialog.chosen, timeout=WAIT) as told:
        dialog.save.click()
    assert told.args[0].settings == {"money": "api"}


def test_which_of_two_price_lists_it_pays_is_chosen_there_and_can_be_taken_back(qtbot, light):
    from plimsoll.services.agents import FIELDS

    def edited(**card: object) -> tuple[EditSource, QComboBox]:
        dialog = EditSource(claude(fields=FIELDS, **card), None, others=[])
        qtbot.addWidget(dialog)
        dialog.show()
        box = dialog.settings.fields["currency"]
        assert isinstance(box, QComboBox)
        return dialog, box

    dialog, box = edited()
    assert [box.itemText(n) for n in range(box.count())] == ["not set", "CNY", "USD"]
    box.setCurrentIndex(1)
    with qtbot.waitSignal(dialog.chosen, timeout=WAIT) as told:
        dialog.save.click()
    assert told.args[0].settings == {"currency": "CNY"}
    dialog, box = edited(settings=(("currency", "CNY"),))
    assert box.currentText() == "CNY"
    box.setCurrentIndex(0)
    with qtbot.waitSignal(dialog.chosen, timeout=WAIT) as told:
        dialog.save.click()
    assert told.args[0].settings == {"currency": ""}
