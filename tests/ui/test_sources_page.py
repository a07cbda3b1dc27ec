"""Sources: states in words, three steps to a new one, and no key left anywhere in the window."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from august import NOW
from cards import OPENAI_KEY, PROVIDERS, source_cards, sources_page
from fakes import FakeProgram
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QWidget

from plimsoll.domain.errors import KeyRejected, VaultSilent, WrongKeyKind
from plimsoll.services.answers import (
    SourceCard,
    SourceOutcome,
    SourceState,
    SyncOutcome,
    SyncProgress,
)
from plimsoll.services.answers import TestLine as Line
from plimsoll.ui import source_adding
from plimsoll.ui.dialogs.add_source import AddSource, free_name
from plimsoll.ui.dialogs.edit_source import EditSource
from plimsoll.ui.dialogs.remove_source import RemoveSource
from plimsoll.ui.jobs import Jobs
from plimsoll.ui.moments import size_words
from plimsoll.ui.pages.sources import SourcesPageView
from plimsoll.ui.widgets.console_link import may_open, open_console

WAIT = 5000

Show = Callable[..., SourcesPageView]


@pytest.fixture
def show(qtbot, look) -> Iterator[Show]:
    """A page with these cards, in both themes."""
    jobs = Jobs()

    def make(*cards: SourceCard, program: FakeProgram | None = None, **changes: object):
        given = replace(sources_page(cards or None), **changes)
        program = program or FakeProgram()
        program.sources_answer = lambda: given
        page = SourcesPageView(program, jobs)
        qtbot.addWidget(page)
        page.resize(1160, 900)
        with qtbot.waitSignal(page.settled, timeout=WAIT):
            page.show()
        return page

    yield make
    jobs.close()


def openai(**changes: object) -> SourceCard:
    return replace(source_cards()[0], **changes)


def click(qtbot, button: QWidget) -> None:
    assert button.isVisible()
    assert button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def texts_in(widget: QWidget) -> list[str]:
    """Every text that stands anywhere in a widget, seen or not."""
    found = []
    for child in (widget, *widget.findChildren(QWidget)):
        found += [child.toolTip(), child.accessibleName(), child.accessibleDescription()]
        if isinstance(child, QLabel | QLineEdit):
            found.append(child.text())
        if isinstance(child, QLineEdit):
            child.undo()
            found += [child.text(), child.placeholderText()]
        if isinstance(child, QPlainTextEdit):
            found.append(child.toPlainText())
    return found


def adding_openai(qtbot, page: SourcesPageView, key: str = OPENAI_KEY) -> AddSource:
    """The dialog with its first two steps filled in."""
    click(qtbot, page.add)
    qtbot.waitUntil(lambda: page.adding is not None, timeout=5000)
    dialog = page.adding
    dialog.choice.choose("openai")
    click(qtbot, dialog.next)
    assert dialog.step == 1
    qtbot.keyClicks(dialog.key.focusProxy(), key)
    return dialog


# --- cards ---


def test_a_card_says_where_the_key_is_and_only_its_last_four_characters(show):
    page = show()
    fresh, failed = page.view("OpenAI"), page.view("Anthropic")
    assert fresh.state.text() == "Fresh"
    assert "…3f9a in the keyring" in texts_in(fresh)
    assert "12 Aug 2025 to 20 Aug 2026" in texts_in(fresh)
    assert "from the environment" in texts_in(failed)
    assert failed.state.text() == "Failed"
    assert "Anthropic refused the key (401)" in failed.failure.text()
    assert not fresh.failure.isVisible()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"state": SourceState.NEW, "last_sync": None}, "New, not synced yet"),
        ({"state": SourceState.STALE}, "Stale"),
        ({"not_before": NOW.replace(hour=15)}, "Rate limited until 15:05"),
        ({"not_before": NOW.replace(hour=13)}, "Fresh"),
    ],
)
def test_a_state_is_said_in_words(show, changes, words):
    view = show(openai(**changes)).view("OpenAI")
    assert view.state.text() == words
    assert view.sync.isEnabled() == (words != "Rate limited until 15:05")


def test_nothing_set_up_says_so_and_offers_to_begin(show, qtbot):
    page = show(program=FakeProgram(), cards=())
    assert page.empty.isVisible()
    assert not page.sync_all.isVisible()
    click(qtbot, page.empty.button)
    qtbot.waitUntil(lambda: page.adding is not None and page.adding.isVisible(), timeout=5000)
    page.adding.close()


def test_a_keyring_that_does_not_work_is_a_warning_with_its_remedy(show):
    page = show(
        keyring="The system's keyring is locked. Set PLIMSOLL_KEY_<NAME> instead.",
        keyring_works=False,
    )
    assert page.keys.keyring.property("tone") == "warn"
    assert "PLIMSOLL_KEY_<NAME>" in page.keys.keyring.text()
    assert show().keys.keyring.property("tone") == "text"


def test_the_archive_is_shown_with_its_size(show):
    page = show()
    assert page.archive.path.text() == "/home/ada/.local/share/plimsoll/ledger.sqlite"
    assert page.archive.size_words.text() == "48.2 MB"
    assert [size_words(n) for n in (0, 999, 1000, 5_400_000_000)] == [
        *("0 B", "999 B", "1.0 kB", "5.4 GB")
    ]


# --- what can be done with a source ---


def test_sync_asks_the_window_for_this_source(show, qtbot):
    page = show()
    with qtbot.waitSignal(page.sync_asked, timeout=WAIT) as asked:
        click(qtbot, page.view("OpenAI").sync)
    assert asked.args == [("OpenAI",)]
    with qtbot.waitSignal(page.sync_asked, timeout=WAIT) as asked:
        click(qtbot, page.sync_all)
    assert asked.args == [()]
    with qtbot.waitSignal(page.sync_asked, timeout=WAIT) as asked:
        click(qtbot, page.view("Anthropic").retry)
    assert asked.args == [("Anthropic",)]


def test_a_sync_is_shown_on_its_card_and_can_be_stopped_there(show, qtbot):
    page = show()
    page.sync_began(("OpenAI",))
    assert page.view("OpenAI").state.text() == "Syncing"
    assert page.view("Anthropic").state.text() == "Failed"
    page.sync_moved(SyncProgress("OpenAI", "Costs, August 2026", 0.5))
    progress = page.view("OpenAI").progress
    assert progress.sentence == "Costs, August 2026"
    with qtbot.waitSignal(page.stop_asked, timeout=WAIT):
        click(qtbot, progress.stop_button)
    page.sync_ended(None)
    qtbot.waitUntil(lambda: page.view("OpenAI").state.text() == "Fresh", timeout=WAIT)


def test_a_test_shows_what_the_key_can_read_line_by_line(show, qtbot):
    page = show()
    click(qtbot, page.view("OpenAI").test)
    view = page.view("OpenAI")
    qtbot.waitUntil(lambda: len(view.findings.lines) == 3, timeout=WAIT)
    texts = texts_in(view.findings)
    assert "Costs can be read." in texts
    assert "Names of projects cannot be read. Ids are shown instead." in texts
    page.refresh()
    qtbot.waitUntil(lambda: page.view("OpenAI") is not view, timeout=WAIT)
    assert len(page.view("OpenAI").findings.lines) == 3


def test_a_test_that_fails_says_why(show, qtbot):
    program = FakeProgram()
    page = show(program=program)
    program.failure = KeyRejected("OpenAI refused the key.", remedy="Replace it.")
    click(qtbot, page.view("OpenAI").test)
    view = page.view("OpenAI")
    qtbot.waitUntil(lambda: bool(view.findings.lines), timeout=WAIT)
    assert "OpenAI refused the key. Replace it." in texts_in(view.findings)
    program.failure = None


def test_removing_keeps_the_figures_unless_the_user_says_otherwise(show, qtbot):
    for forget in (False, True):
        program = FakeProgram()
        page = show(program=program)
        click(qtbot, page.view("OpenAI").remove)
        dialog = page.findChild(RemoveSource)
        assert dialog.keep.isChecked()
        if forget:
            dialog.forget.click()
        with qtbot.waitSignal(page.data_changed, timeout=WAIT):
            click(qtbot, dialog.remove)
        assert ("remove_source", ("OpenAI", forget)) in program.asked


def test_a_new_address_needs_the_key_again(show, qtbot):
    program = FakeProgram()
    page = show(program=program)
    click(qtbot, page.view("OpenAI").edit)
    dialog = page.findChild(EditSource)
    assert dialog.save.isEnabled()
    dialog.address.setText("https://proxy.example.com/v1")
    assert not dialog.save.isEnabled()
    assert "needs the key again" in dialog.hint.text()
    qtbot.keyClicks(dialog.key.focusProxy(), OPENAI_KEY)
    assert dialog.save.isEnabled()
    with qtbot.waitSignal(page.data_changed, timeout=WAIT):
        click(qtbot, dialog.save)
    wanted = ("OpenAI", None, OPENAI_KEY[-4:], "https://proxy.example.com/v1")
    assert ("edit_source", wanted) in program.asked


def test_a_key_is_replaced_without_touching_the_rest(show, qtbot):
    program = FakeProgram()
    failed = openai(state=SourceState.FAILED, failure="Refused.", failed_at=NOW)
    page = show(failed, program=program)
    click(qtbot, page.view("OpenAI").replace_key)
    dialog = page.findChild(EditSource)
    assert not dialog.address.isVisible()
    qtbot.keyClicks(dialog.key.focusProxy(), OPENAI_KEY)
    with qtbot.waitSignal(page.data_changed, timeout=WAIT):
        click(qtbot, dialog.save)
    assert ("edit_source", ("OpenAI", None, OPENAI_KEY[-4:], None)) in program.asked


# --- adding one ---


def test_three_steps_add_test_and_sync_a_source(show, qtbot):
    program = FakeProgram()
    page = show(program=program, cards=())
    dialog = adding_openai(qtbot, page)
    assert dialog.key_label.text() == "OpenAI Admin key"
    assert dialog.name.text() == "OpenAI"
    assert "PLIMSOLL_KEY_OPENAI" in dialog.variable.text()
    with qtbot.waitSignal(page.sync_asked, timeout=WAIT) as asked:
        click(qtbot, dialog.next)
    assert asked.args == [("OpenAI",)]
    assert [what for what, _ in program.asked if what != "sources_page"] == [
        *("add_source", "test_source")
    ]
    assert ("add_source", ("openai", "OpenAI", OPENAI_KEY[-4:], None)) in program.asked
    assert dialog.step == 2
    assert len(dialog.findings.lines) == 3
    page.sync_moved(SyncProgress("OpenAI", "Costs, July 2026", None))
    assert dialog.progress.sentence == "First sync: Costs, July 2026"
    page.sync_ended(SyncOutcome((SourceOutcome("OpenAI", 40),)))
    assert "first figures are here" in dialog.test_words.text()
    click(qtbot, dialog.next)


def test_the_key_is_nowhere_in_the_window_as_soon_as_it_was_given(show, qtbot):
    page = show(cards=())
    dialog = adding_openai(qtbot, page)
    with qtbot.waitSignal(page.sync_asked, timeout=WAIT):
        click(qtbot, dialog.next)
    for text in texts_in(page):
        assert OPENAI_KEY[9:-4] not in text
    dialog.close()


def test_leaving_the_dialog_forgets_what_was_pasted(show, qtbot):
    page = show(cards=())
    dialog = adding_openai(qtbot, page)
    click(qtbot, dialog.back)
    assert all(OPENAI_KEY not in text for text in texts_in(page))
    assert dialog.step == 0
    click(qtbot, dialog.cancel)


def test_no_widget_keeps_the_key_of_an_edited_source(show, qtbot):
    page = show()
    click(qtbot, page.view("OpenAI").edit)
    dialog = page.findChild(EditSource)
    qtbot.keyClicks(dialog.key.focusProxy(), OPENAI_KEY)
    with qtbot.waitSignal(page.data_changed, timeout=WAIT):
        click(qtbot, dialog.save)
    gc.collect()
    assert all(OPENAI_KEY[9:-4] not in text for text in texts_in(page))


def test_a_wrong_kind_of_key_leads_back_to_the_key(show, qtbot):
    program = FakeProgram(
        add_failure=WrongKeyKind("This is a project key.", remedy="Nothing was sent.")
    )
    page = show(program=program, cards=())
    dialog = adding_openai(qtbot, page, "sk-proj-something-else")
    click(qtbot, dialog.next)
    qtbot.waitUntil(lambda: bool(dialog.trouble.text()), timeout=WAIT)
    assert dialog.trouble.text() == "This is a project key. Nothing was sent."
    assert dialog.step == 1
    assert not dialog.key.is_filled
    assert "test_source" not in program.names_asked()
    program.add_failure = None
    qtbot.keyClicks(dialog.key.focusProxy(), OPENAI_KEY)
    with qtbot.waitSignal(page.sync_asked, timeout=WAIT):
        click(qtbot, dialog.next)
    dialog.close()


def test_what_is_no_key_at_all_is_said_before_anything_is_asked(show, qtbot):
    program = FakeProgram()
    page = show(program=program, cards=())
    dialog = adding_openai(qtbot, page, "two words")
    click(qtbot, dialog.next)
    assert dialog.trouble.text() == "That is not a key: it is one line without spaces."
    assert "add_source" not in program.names_asked()
    dialog.close()


def test_a_key_that_cannot_read_enough_is_not_synced_but_replaced(show, qtbot):
    program = FakeProgram()
    program.test_lines = (Line(False, "Costs cannot be read.", "Allow Usage."),)
    page = show(program=program, cards=())
    dialog = adding_openai(qtbot, page)
    with qtbot.assertNotEmitted(page.sync_asked):
        click(qtbot, dialog.next)
        qtbot.waitUntil(dialog.new_key.isVisible, timeout=WAIT)
    assert dialog.test_words.text() == "The key cannot read all that is needed."
    assert dialog.next.text() == "Close"
    program.test_lines = (Line(True, "Costs can be read."),)
    click(qtbot, dialog.new_key)
    assert not dialog.name.isEnabled()
    qtbot.keyClicks(dialog.key.focusProxy(), OPENAI_KEY)
    with qtbot.waitSignal(page.sync_asked, timeout=WAIT):
        click(qtbot, dialog.next)
    assert ("edit_source", ("OpenAI", None, OPENAI_KEY[-4:], None)) in program.asked
    dialog.close()


def test_a_refused_key_is_said_where_the_test_is_and_can_be_replaced(show, qtbot):
    program = FakeProgram()
    page = show(program=program, cards=())
    dialog = adding_openai(qtbot, page)
    program.failure = KeyRejected("OpenAI refused the key.", remedy="Replace it.")
    click(qtbot, dialog.next)
    qtbot.waitUntil(dialog.new_key.isVisible, timeout=WAIT)
    assert dialog.test_words.text() == "OpenAI refused the key. Replace it."
    assert dialog.test_words.property("tone") == "bad"
    program.failure = None
    dialog.close()


def test_a_silent_keyring_is_given_up_and_freezes_nothing(show, qtbot, monkeypatch):
    class Silent(FakeProgram):
        def add_source(self, *_, **__):
            self.release.wait(30)

    monkeypatch.setattr(source_adding, "KEYRING_SECONDS", 0.05)
    program = Silent()
    page = show(program=program, cards=())
    dialog = adding_openai(qtbot, page)
    click(qtbot, dialog.next)
    assert dialog.busy.isVisible()
    qtbot.waitUntil(lambda: "did not answer" in dialog.trouble.text(), timeout=WAIT)
    assert dialog.next.isEnabled()
    program.release.set()
    dialog.close()


def test_a_locked_keyring_says_what_to_do(show, qtbot):
    silent = VaultSilent("The keyring is locked.", remedy="Unlock it.")
    page = show(program=FakeProgram(add_failure=silent), cards=())
    dialog = adding_openai(qtbot, page)
    click(qtbot, dialog.next)
    qtbot.waitUntil(lambda: bool(dialog.trouble.text()), timeout=WAIT)
    assert dialog.trouble.text() == "The keyring is locked. Unlock it."
    dialog.close()


def test_closing_the_dialog_early_loses_nothing(show, qtbot):
    class Slow(FakeProgram):
        def add_source(self, *arguments, **named):
            self.release.wait(30)
            super().add_source(*arguments, **named)

    program = Slow()
    page = show(program=program, cards=())
    dialog = adding_openai(qtbot, page)
    click(qtbot, dialog.next)
    dialog.reject()
    with qtbot.waitSignal(page.data_changed, timeout=WAIT):
        threading.Timer(0.05, program.release.set).start()
    assert "add_source" in program.names_asked()
    assert "test_source" not in program.names_asked()


def test_the_environment_can_hold_the_key(show, qtbot):
    program = FakeProgram()
    page = show(program=program, cards=())
    dialog = adding_openai(qtbot, page, "")
    with qtbot.waitSignal(page.sync_asked, timeout=WAIT):
        click(qtbot, dialog.next)
    assert ("add_source", ("openai", "OpenAI", None, None)) in program.asked
    dialog.close()


def test_another_address_and_name_are_taken(show, qtbot):
    program = FakeProgram()
    page = show(program=program)
    dialog = adding_openai(qtbot, page)
    assert dialog.name.text() == "OpenAI 2"
    click(qtbot, dialog.other_address)
    dialog.address.setText("http://127.0.0.1:9/v1")
    with qtbot.waitSignal(page.sync_asked, timeout=WAIT):
        click(qtbot, dialog.next)
    wanted = ("openai", "OpenAI 2", OPENAI_KEY[-4:], "http://127.0.0.1:9/v1")
    assert ("add_source", wanted) in program.asked
    dialog.close()


# --- the browser ---


def test_the_console_is_opened_only_at_a_plain_https_address_of_a_provider(monkeypatch):
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    for card in PROVIDERS:
        open_console(card.help_url)
    assert opened == [card.help_url for card in PROVIDERS]
    for bad in (
        *("http://platform.openai.com/", "file:///etc/passwd", "javascript:alert(1)"),
        *("https://user:word@platform.openai.com/", "https://", ""),
    ):
        assert not may_open(bad)
        open_console(bad)
    assert len(opened) == len(PROVIDERS)
    assert QUrl(PROVIDERS[0].help_url).scheme() == "https"


def test_a_free_name_is_found():
    assert free_name("OpenAI", set()) == "OpenAI"
    assert free_name("OpenAI", {"openai", "OpenAI 2"}) == "OpenAI 3"


def test_an_imported_source_is_nobody_to_ask(show):
    card = openai(key_place="file", key_tail="", base_url="costs.csv", default_base_url=False)
    page = show(card)
    view = page.view(card.name)
    assert view.sync.isHidden()
    assert "Imported file" in texts_in(view)
    assert "Last import" in texts_in(view)
    assert "Key" not in texts_in(view)
    assert any("costs.csv" in text for text in texts_in(view))
