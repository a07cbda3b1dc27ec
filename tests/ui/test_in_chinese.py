"""At home in Chinese: no page, popover or provider's card has an English sentence in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QWidget
from pytestqt.qtbot import QtBot
from real_ledger import filled

from plimsoll.domain.budget import Budget
from plimsoll.domain.errors import NoAnswer
from plimsoll.domain.money import NANO
from plimsoll.domain.said import say
from plimsoll.ledger import catalog
from plimsoll.services import provider_cards
from plimsoll.services.program import Program
from plimsoll.services.settings import Settings
from plimsoll.sources.base import provider, provider_names
from plimsoll.ui import pictures, words
from plimsoll.ui.places import PAGE_NAMES
from plimsoll.ui.widgets.setting_fields import SettingFields
from plimsoll.ui.widgets.source_detail import SourceDetail
from plimsoll.ui.window import MainWindow

SENTENCE = re.compile(r"[A-Za-z][a-z']*(?: [a-z][a-z']+){2,}")
"""Three words in a row, two of them small: no name of a model, a product or a role is like that."""

TEXTS = (
    *("text", "toolTip", "accessibleName", "accessibleDescription", "placeholderText", "title"),
    *("windowTitle", "toPlainText"),
)


def texts_of(widget: QWidget) -> Iterator[str]:
    """Everything that a widget tells somebody who looks, points or listens."""
    for name in TEXTS:
        text = getattr(widget, name, None)
        told = text() if callable(text) else text
        if isinstance(told, str):
            yield told
    if isinstance(widget, QComboBox):
        yield from map(widget.itemText, range(widget.count()))
    model = widget.model() if isinstance(widget, QAbstractItemView) else None
    if model is not None:
        roles = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
        cells = [
            model.index(r, c) for r in range(model.rowCount()) for c in range(model.columnCount())
        ]
        yield from (str(cell.data(role) or "") for cell in cells for role in roles)


def english_in(root: QWidget) -> list[str]:
    """The English sentences in a widget and all that is in it."""
    everything = (text for w in (root, *root.findChildren(QWidget)) for text in texts_of(w))
    return sorted({text for text in everything if SENTENCE.search(text)})


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """Accounts of every kind, one that failed, and a budget that is passed."""
    made = filled(tmp_path)
    budget = Budget("Alles", 5 * NANO, "USD")
    made.set_budget(budget)
    made.fire_alerts()
    source = catalog.source_named(made.ledger, "Calls")
    run = catalog.start_run(made.ledger, source.id)
    failed = NoAnswer(
        say("No answer from {title}: the name {host} could not be found.", title="X", host="x.y"),
        remedy=say("Is this computer online?"),
    )
    catalog.finish_run(made.ledger, run, ok=False, title=failed.title, sentence=failed.words)
    yield made
    made.close()


@pytest.fixture
def window(program: Program, light: object, qtbot: QtBot) -> MainWindow:
    words.use_language("zh_CN")
    made = MainWindow(program, settings=Settings(language="zh_CN"))
    qtbot.addWidget(made)
    made.resize(1440, 940)
    made.show()
    return made


@pytest.mark.parametrize("name", [*PAGE_NAMES, *pictures.SCENES])
def test_a_page_has_no_english_sentence(window: MainWindow, name: str) -> None:
    page, prepare = pictures.SCENES.get(name, (name, None))
    pictures._show(window, page)
    if prepare is not None:
        prepare(window)
    assert english_in(window) == []
    pictures._put_away(window)


def test_what_failed_and_what_fired_is_said_in_chinese(window: MainWindow) -> None:
    pictures._show(window, "overview")
    told = " ".join(text for w in window.findChildren(QWidget) for text in texts_of(w))
    assert "没有应答" in told
    assert "本机是否联网" in told
    assert "已超出" in told


def test_no_card_of_a_provider_has_an_english_sentence(light: object, qtbot: QtBot) -> None:
    words.use_language("zh_CN")
    left = {}
    for card in provider_cards.provider_cards():
        detail, fields = SourceDetail(), SettingFields()
        for widget in (detail, fields):
            qtbot.addWidget(widget)
        detail.show_provider(card)
        fields.show_settings(card.settings)
        left[card.name] = english_in(detail) + english_in(fields)
    assert {name: texts for name, texts in left.items() if texts} == {}
    assert set(left) == set(provider_names())


@pytest.mark.parametrize("name", provider_names())
def test_a_wrong_key_is_refused_in_chinese(name: str) -> None:
    words.use_language("zh_CN")
    shape = provider(name).key_shape
    for told in (shape.label, shape.needs, *(sentence for _, sentence in shape.wrong)):
        assert not SENTENCE.search(words.in_words(told))
