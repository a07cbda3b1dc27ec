"""Dialogue against self-circulation on the page: two kinds of lines, each week explained."""

from __future__ import annotations

from dataclasses import replace

import pytest
from markets import dialogue, growth, no_growth
from PySide6.QtCore import Qt

from plimsoll.services.dialogue import Dialogue
from plimsoll.ui import dialogue_origin
from plimsoll.ui.widgets.dialogue_card import DialogueCard
from plimsoll.ui.words import use_language

WAIT = 5000
NO_POPUPS = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


@pytest.fixture
def card(qtbot, light) -> DialogueCard:
    made = DialogueCard()
    qtbot.addWidget(made)
    made.show_dialogue(dialogue())
    return made


def test_the_logs_and_the_provider_are_lines_of_their_own(card: DialogueCard) -> None:
    headers, rows = card.chart.table()
    assert headers == (
        "Week of",
        "Own loop, by agents' logs",
        "Agents and programs, says Work",
        "Not told by Work",
        "State",
    )
    assert rows == (
        ("2026-07-27", "80%", "No data", "No data", ""),
        ("2026-08-03", "No data", "0%", "10%", ""),
        ("2026-08-10", "90%", "30%", "10%", "Not final"),
    )


def test_what_is_not_told_stands_beside_it_in_words(card: DialogueCard) -> None:
    assert card.said.text() == (
        "Work tells of 60% that people asked for it, of 30% agents and programs; of 10% it does"
        " not tell."
    )
    assert "indicator" in card.caution.text()


def test_without_a_provider_that_tells_nothing_is_said_of_one(card: DialogueCard) -> None:
    card.show_dialogue(dialogue(told=()))
    assert card.said.isHidden()
    assert "indicator" not in card.caution.text()
    assert card.chart.table()[0] == ("Week of", "Own loop, by agents' logs", "State")


def test_without_logs_there_is_no_line_of_them(card: DialogueCard) -> None:
    card.show_dialogue(dialogue(loops=(None, None, None)))
    assert card.chart.table()[0][1] == "Agents and programs, says Work"


def test_no_more_sources_are_drawn_than_there_are_colours(card: DialogueCard) -> None:
    (told,) = dialogue().told
    many = tuple(replace(told, source=f"Work {n}") for n in range(9))
    card.show_dialogue(dialogue(told=many))
    drawn = [line for line in card.chart._lines if line.drawn]
    assert len(drawn) == 6


def test_nothing_known_takes_no_room(card: DialogueCard, show_market) -> None:
    assert not card.isHidden()
    card.show_dialogue(Dialogue((), ()))
    assert card.isHidden()
    assert show_market(growth_answer=no_growth).dialogue.isHidden()
    assert show_market(growth_answer=lambda: growth(dialogue=None)).dialogue.isHidden()


@NO_POPUPS
def test_a_week_says_how_it_is_known_by_keys(qtbot, show_market) -> None:
    page = show_market()
    chart = page.dialogue.chart
    chart.setFocus()
    qtbot.keyClick(chart, Qt.Key.Key_End)
    qtbot.keyClick(chart, Qt.Key.Key_I)
    assert page.popover is not None
    assert page.popover.isVisible()


def test_the_lines_of_a_week_are_its_tokens_and_the_rule() -> None:
    lines = dict(dialogue_origin.lines_of_week(dialogue(), 2))
    assert lines["Agents' logs"] == (
        "A person: 10 tokens\nTool loop: 60 tokens\nSub-agents: 30 tokens"
    )
    assert lines["Work"] == (
        "People: 60 tokens\nAgents: 20 tokens\nPrograms: 10 tokens\nNot told: 10 tokens"
    )
    assert "never guessed" in lines["How"]
    first = dict(dialogue_origin.lines_of_week(dialogue(), 0))
    assert "Work" not in first, "what is not known is not told"
    asked = dialogue_origin.asked_of_week(dialogue(), 2, "USD")
    assert asked.question.period == dialogue().weeks[2]


def test_it_speaks_chinese(card: DialogueCard) -> None:
    use_language("zh_CN")
    card.show_dialogue(dialogue())
    told = f"{card.said.text()}{card.caution.text()}{card.chart.accessible_text()}"
    assert not any(word in told for word in ("agents", "tells", "loop", "Not"))
