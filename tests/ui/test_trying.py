"""Trying a mapping in the window: one real request, and what the mapping makes of its answer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from real_ledger import Clock

from loopback import Reply, served
from plimsoll.services.program import Program
from plimsoll.services.vault import MemoryVault
from plimsoll.ui.dialogs.add_source import AddSource
from plimsoll.ui.dialogs.edit_source import EditSource
from plimsoll.ui.dialogs.try_text import TryText
from plimsoll.ui.jobs import Jobs
from plimsoll.ui.pages.sources import SourcesPageView

WAIT = 8000
KEY = "gateway-0123456789abcdef"

MAPPING = """\
title = "Team gateway"
address = "ADDRESS"
currency = "USD"

[rows]
ask = "/usage?from={first}"
in = "data[]"
day = "day"
cost = "cost"
model = "model"
"""


@pytest.fixture
def heads() -> list[Mapping[str, str]]:
    return []


@pytest.fixture
def address(heads: list[Mapping[str, str]]) -> Iterator[str]:
    def answer(_path: str, _query: dict[str, list[str]], headers: Mapping[str, str]) -> Reply:
        heads.append(headers)
        row = {"day": "2026-11-18", "cost": "1.25", "model": "gpt-5", "echo": KEY}
        return 200, {"Content-Type": "application/json"}, json.dumps({"data": [row]}).encode()

    with served(answer, requests=[]) as where:
        yield where


@pytest.fixture
def page(qtbot, look, tmp_path: Path) -> Iterator[SourcesPageView]:
    program = Program(tmp_path / "data", clock=Clock(), vault=MemoryVault(), who="test")
    jobs = Jobs()
    made = SourcesPageView(program, jobs)
    qtbot.addWidget(made)
    made.resize(1160, 900)
    with qtbot.waitSignal(made.settled, timeout=WAIT):
        made.show()
    yield made
    jobs.close()
    program.close()


def open_trial(qtbot, page: SourcesPageView, text: str) -> tuple[AddSource, TryText]:
    page.add_source()
    qtbot.waitUntil(lambda: page.adding is not None, timeout=WAIT)
    dialog = page.adding
    assert dialog is not None
    dialog.choice.choose("custom")
    dialog.next.click()
    dialog.settings.set_text("map", text)
    dialog.settings.try_asked.emit("map")
    return dialog, found(dialog)


def found(dialog: AddSource | EditSource) -> TryText:
    (trial,) = dialog.findChildren(TryText)
    return trial


def ask(qtbot, trial: TryText, key: str = "") -> None:
    if key:
        qtbot.keyClicks(trial.key.focusProxy(), key)
    qtbot.mouseClick(trial.ask, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(trial.ask.isEnabled, timeout=WAIT)


def test_one_answer_stands_beside_what_the_mapping_makes_of_it(
    qtbot, page, address: str, heads: list[Mapping[str, str]]
) -> None:
    dialog, trial = open_trial(qtbot, page, MAPPING.replace("ADDRESS", address))
    ask(qtbot, trial, KEY)
    assert '"cost": "1.25"' in trial.answer.toPlainText()
    assert trial.meaning.toPlainText() == "2026-11-18 · gpt-5 · 1.25 USD billed"
    assert KEY not in trial.answer.toPlainText()
    assert [head["Authorization"] for head in heads] == [f"Bearer {KEY}"]
    trial.reject()
    dialog.reject()


def test_a_wrong_path_is_said_beside_the_answer_and_can_be_mended_and_used(
    qtbot, page, address: str
) -> None:
    wrong = MAPPING.replace("ADDRESS", address).replace('cost = "cost"', 'cost = "price"')
    dialog, trial = open_trial(qtbot, page, wrong)
    ask(qtbot, trial, KEY)
    assert '"cost": "1.25"' in trial.answer.toPlainText()
    assert "[0].price is missing" in trial.trouble_here.text()
    mended = wrong.replace('"price"', '"cost"')
    trial.text.setPlainText(mended)
    ask(qtbot, trial)
    assert trial.trouble_here.isHidden()
    trial.take.click()
    assert dialog.settings.values["map"] == mended
    dialog.reject()


def test_a_mapping_that_cannot_be_read_asks_nobody(
    qtbot, page, heads: list[Mapping[str, str]]
) -> None:
    dialog, trial = open_trial(qtbot, page, 'title = "T"\naddress = "https://a.example"\n')
    ask(qtbot, trial, KEY)
    assert "maps nothing" in trial.trouble_here.text()
    assert heads == []
    trial.reject()
    dialog.reject()


def test_an_added_one_is_tried_with_its_kept_key_and_at_no_other_address(
    qtbot, page, address: str, heads: list[Mapping[str, str]]
) -> None:
    from plimsoll.domain.secret import Secret

    text = MAPPING.replace("ADDRESS", address)
    page.program.add_source("custom", name="Gateway", key=Secret(KEY), settings={"map": text})
    with qtbot.waitSignal(page.settled, timeout=WAIT):
        page.refresh()
    page.view("Gateway").edit.click()
    (dialog,) = page.findChildren(EditSource)
    dialog.settings.try_asked.emit("map")
    trial = found(dialog)
    ask(qtbot, trial)
    assert "1.25 USD billed" in trial.meaning.toPlainText()
    trial.text.setPlainText(text.replace(address, "https://elsewhere.example"))
    ask(qtbot, trial)
    assert "needs the key" in trial.trouble_here.text()
    assert len(heads) == 1
    trial.reject()
    dialog.reject()
