"""The gallery: found by search or arrows, told in three steps, with a field for each setting."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from august import NOW
from cards import PROVIDERS, source_cards, sources_page
from fakes import FakeProgram
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QWidget

from plimsoll.domain.quota import QuotaReading
from plimsoll.services.answers import AgentCard, ProviderCard, SettingField, WithoutApiCard
from plimsoll.services.provider_cards import gives_in_words
from plimsoll.shipped import resource
from plimsoll.sources.base import Gives
from plimsoll.sources.without_api import WITHOUT_API
from plimsoll.ui.dialogs.add_source import AddSource
from plimsoll.ui.dialogs.edit_source import EditSource
from plimsoll.ui.jobs import Jobs
from plimsoll.ui.pages.sources import SourcesPageView
from plimsoll.ui.widgets.quota_lines import quota_words

WAIT = 5000
SITE = SettingField(
    "region",
    "Site",
    "which of its sites the account is on.",
    (("cn", "api.moonshot.cn (yuan)"), ("intl", "api.moonshot.ai (dollars)")),
    required=True,
    is_site=True,
)
PROJECT = SettingField("project", "Project", "the project to ask for.", example="p-1")
PROXY = replace(
    PROVIDERS[0],
    name="proxy",
    title="Proxy",
    base_url="https://proxy.example",
    own_server="the address of your proxy",
    settings=(replace(PROJECT, required=True),),
)
MOONSHOT = ProviderCard(
    name="moonshot",
    title="Moonshot",
    base_url="https://api.moonshot.cn/v1",
    key_label="Moonshot API key",
    key_starts=("sk-",),
    needs="Any API key of its own site.",
    help_url="https://platform.moonshot.cn/console/api-keys",
    gives=("balance",),
    settings=(SITE, PROJECT),
)
CLOUD = ProviderCard(
    name="cloud",
    title="Paid Cloud",
    base_url="https://api.paid.example",
    key_label="access key",
    key_starts=("AK",),
    needs="Read.",
    help_url="https://console.paid.example/keys",
    gives=("money", "plan quota"),
    key_halves=("ID", "SECRET"),
    console_steps=("Make a user with the policy ReadBill.",),
    figures="Money by day.",
    costs_money="Paid Cloud charges $0.01 for each request.",
    undocumented="Its plan route is not documented and can change any day.",
)
GROQ = WithoutApiCard("Groq", "No billing for keys.", ("a gateway", "the logs"))
AGENTS = (
    AgentCard("claude-code", "Claude Code", ("/home/me/.claude/projects",), 1204),
    AgentCard("goose", "Goose", (), 0),
)


@pytest.fixture
def dialog(qtbot, look) -> AddSource:
    made = AddSource((*PROVIDERS, CLOUD, MOONSHOT), agents=AGENTS, without_api=[GROQ])
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def said(dialog: AddSource) -> str:
    return " ".join(dialog.gallery.detail.texts)


# --- finding ---


def test_agents_found_here_come_first_and_providers_without_an_api_last(dialog) -> None:
    names = dialog.choice.names
    assert names[0] == "claude-code"
    assert names[1:5] == ("anthropic", "openai", "cloud", "moonshot")
    assert names[5] == "goose"
    assert "Groq" in names[6]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("moon", ["moonshot"]),
        ("MOONSHOT", ["moonshot"]),
        ("per key", ["openai"]),
        ("quota money", ["cloud"]),
        ("balance", ["moonshot"]),
        ("claude", ["claude-code"]),
        ("zzz", []),
    ],
)
def test_a_search_looks_at_names_and_at_what_is_given(qtbot, dialog, text, left) -> None:
    qtbot.keyClicks(dialog.gallery.search, text)
    assert list(dialog.choice.names) == left
    assert dialog.choice.value == (left[0] if left else "")
    assert dialog.next.isEnabled() is bool(left)
    assert dialog.choice.nothing.isVisible() is not bool(left)
    dialog.gallery.search.clear()
    assert len(dialog.choice.names) == 7


def test_what_is_not_there_is_told_another_way(qtbot, dialog) -> None:
    qtbot.keyClicks(dialog.gallery.search, "zzz")
    assert "A gateway that counts" in said(dialog)
    QTest.keyClick(dialog.gallery.search, Qt.Key.Key_Down)
    QTest.keyClick(dialog.gallery.search, Qt.Key.Key_Return)
    assert dialog.step == 0


def test_the_keyboard_alone_finds_and_goes_on(qtbot, dialog) -> None:
    assert dialog.focusWidget() is dialog.gallery.search
    for _ in range(3):
        QTest.keyClick(dialog.gallery.search, Qt.Key.Key_Down)
    assert dialog.choice.value == "cloud"
    QTest.keyClick(dialog.gallery.search, Qt.Key.Key_Up)
    assert dialog.choice.value == "openai"
    QTest.keyClick(dialog.gallery.search, Qt.Key.Key_Return)
    assert dialog.step == 1
    assert dialog.key_label.text() == "OpenAI Admin key"
    QTest.keyClick(dialog, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert dialog.step == 0
    assert dialog.heading.text() == "Add a source"


# --- in detail ---


def test_an_account_is_set_up_in_three_steps(dialog) -> None:
    dialog.choice.choose("moonshot")
    steps = dialog.gallery.detail.texts[-3:]
    assert steps[0] == "Make the Moonshot API key at platform.moonshot.cn."
    assert steps[1] == "Any API key of its own site."
    assert steps[2].startswith("Enter it in the next step.")
    assert dialog.gallery.detail.widget().accessibleName().startswith("Moonshot. balance. Make")


def test_what_asking_costs_and_rests_on_is_said_before_the_first_call(dialog) -> None:
    dialog.choice.choose("cloud")
    assert "Its two halves are entered as one, ID:SECRET." in said(dialog)
    assert "Make a user with the policy ReadBill." in said(dialog)
    assert "Money by day." in said(dialog)
    assert "charges $0.01" in said(dialog)
    assert "can change any day" in said(dialog)
    dialog.next.click()
    assert dialog.warnings.isVisible()
    assert "charges $0.01" in dialog.warnings.text()
    assert "can change any day" in dialog.warnings.text()


def test_a_provider_without_an_api_says_what_to_do_and_leads_nowhere(qtbot, dialog) -> None:
    qtbot.keyClicks(dialog.gallery.search, "groq")
    assert said(dialog) == "Groq no API for this No billing for keys. a gateway the logs"
    assert not dialog.next.isEnabled()
    dialog.choice.opened.emit()
    QTest.keyClick(dialog.gallery.search, Qt.Key.Key_Return)
    assert dialog.step == 0


# --- settings ---


@pytest.fixture
def adding(qtbot, light) -> Iterator[Callable[[], tuple[AddSource, FakeProgram]]]:
    jobs = Jobs()

    def make(card: ProviderCard = MOONSHOT) -> tuple[AddSource, FakeProgram]:
        program = FakeProgram()
        program.sources_answer = lambda: replace(sources_page(()), providers=(card,))
        page = SourcesPageView(program, jobs)
        qtbot.addWidget(page)
        with qtbot.waitSignal(page.settled, timeout=WAIT):
            page.show()
        page.add.click()
        qtbot.waitUntil(lambda: page.adding is not None, timeout=WAIT)
        page.adding.choice.choose(card.name)
        page.adding.next.click()
        return page.adding, program

    yield make
    jobs.close()


def test_a_required_setting_is_chosen_by_the_user_and_never_guessed(qtbot, adding) -> None:
    dialog, program = adding()
    site = dialog.settings.fields["region"]
    assert isinstance(site, QComboBox)
    qtbot.waitUntil(lambda: dialog.focusWidget() is site, timeout=WAIT)
    assert (site.accessibleName(), site.currentData()) == ("Site", None)
    assert [site.itemText(i) for i in range(site.count())] == [t for _, t in SITE.choices]
    qtbot.keyClicks(dialog.key.focusProxy(), "sk-0123456789")
    dialog.next.click()
    assert dialog.trouble.text() == "Site: choose or enter it first."
    assert dialog.key.is_filled, "what was pasted is still there"
    assert "add_source" not in program.names_asked()
    site.setCurrentIndex(1)
    assert dialog.trouble.text() == ""
    dialog.settings.fields["project"].setText(" p-7 ")
    dialog.next.click()
    qtbot.waitUntil(lambda: dialog.step == 2, timeout=WAIT)
    assert program.added_settings == {"region": "intl", "project": "p-7"}
    dialog.close()


def test_an_address_stands_for_the_site(qtbot, adding) -> None:
    dialog, program = adding()
    qtbot.keyClicks(dialog.key.focusProxy(), "sk-0123456789")
    dialog.other_address.click()
    dialog.address.setText("https://proxy.example/v1")
    dialog.next.click()
    qtbot.waitUntil(lambda: dialog.step == 2, timeout=WAIT)
    assert program.added_settings == {}
    dialog.close()


def test_what_everybody_runs_at_home_needs_its_address(qtbot, adding) -> None:
    dialog, program = adding(PROXY)
    assert dialog.address.isVisible()
    assert dialog.address.placeholderText() == "https://proxy.example"
    assert not dialog.other_address.isVisible()
    dialog.next.click()
    assert dialog.trouble.text() == "Base address of your own server: choose or enter it first."
    dialog.address.setText("https://ai.home.example")
    dialog.next.click()
    assert dialog.trouble.text() == "Project: choose or enter it first."
    dialog.settings.fields["project"].setText("p")
    dialog.next.click()
    qtbot.waitUntil(lambda: dialog.step == 2, timeout=WAIT)
    assert ("add_source", ("proxy", "Proxy", None, "https://ai.home.example")) in program.asked
    dialog.close()


def test_another_choice_puts_the_address_out_of_the_way_again(qtbot, light) -> None:
    made = AddSource((PROXY, MOONSHOT))
    qtbot.addWidget(made)
    made.show()
    for name, visible in (("proxy", True), ("moonshot", False)):
        made._go(0)
        made.choice.choose(name)
        made.next.click()
        assert made.address.isVisible() is visible
        assert made.other_address.isVisible() is not visible
        assert made.address.text() == "", "no key goes to the address of another provider"
        made.address.setText("https://ai.home.example")


def test_settings_are_changed_where_a_source_is_edited(qtbot, light) -> None:
    card = replace(source_cards()[0], settings=(("project", "old"), ("region", "cn")))
    dialog = EditSource(card, MOONSHOT)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.settings.fields["region"].currentData() == "cn"
    assert dialog.settings.fields["project"].text() == "old"
    dialog.settings.fields["project"].setText("")
    with qtbot.waitSignal(dialog.chosen, timeout=WAIT) as told:
        dialog.save.click()
    assert told.args[0].settings == {"project": ""}


def test_replacing_a_key_shows_no_settings(qtbot, light) -> None:
    dialog = EditSource(source_cards()[0], MOONSHOT, key_only=True)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.settings.fields == {}


# --- plan quotas on a card ---


def test_a_plans_quotas_stand_on_its_card(qtbot, look) -> None:
    from plimsoll.ui.widgets.source_card import SourceView

    readings = (
        QuotaReading(NOW, "Model calls", "5 hours", Decimal("42.5")),
        QuotaReading(NOW, "MCP calls", "month", used=Decimal(30), limit=Decimal(4000)),
    )
    view = SourceView(replace(source_cards()[0], quotas=readings), now=NOW)
    qtbot.addWidget(view)
    view.show()
    assert view.quotas.isVisible()
    assert view.quotas.sentences == ("42.5% used", "30 of 4000 used (0.8%)")
    bars = [w for w in view.quotas.findChildren(QWidget) if w.accessibleDescription()]
    assert [bar.accessibleName() for bar in bars] == ["Model calls, 5 hours", "MCP calls, month"]
    without = SourceView(source_cards()[0], now=NOW)
    qtbot.addWidget(without)
    without.show()
    assert not without.quotas.isVisible()


def test_a_card_without_days_says_nothing_of_days(qtbot, light) -> None:
    from PySide6.QtWidgets import QLabel

    from plimsoll.ui.widgets.source_card import SourceView

    plan = replace(source_cards()[0], gives=("plan quota",), records=0, charges=0)
    for card, told in ((plan, False), (replace(plan, records=3), True), (source_cards()[0], True)):
        view = SourceView(card, now=NOW)
        qtbot.addWidget(view)
        texts = {label.text() for label in view.findChildren(QLabel)}
        assert ("Days covered" in texts) is told
        assert ("Stored" in texts) is told


@pytest.mark.parametrize(
    ("percent", "hours", "words"),
    [
        ("0", None, "0% used"),
        ("100", 2, "100% used, starts anew 16:05"),
        ("112.25", -1, "112.2% used"),
        ("7", 60, "7% used, starts anew 23 Aug, 02:05"),
    ],
)
def test_a_quota_says_when_it_starts_anew(percent, hours, words, monkeypatch) -> None:
    resets = None if hours is None else NOW + timedelta(hours=hours)
    reading = QuotaReading(NOW, "Calls", "week", Decimal(percent), resets_at=resets)
    assert quota_words(reading, NOW) == words


# --- in Chinese ---


def test_what_is_given_and_what_to_do_instead_is_said_in_chinese() -> None:
    known = json.loads(resource("words/zh_CN.json").read_text(encoding="utf-8"))
    flags = [name for name in Gives.__slots__ if name != "gateway"]
    given = gives_in_words(Gives(**dict.fromkeys(flags, True)))
    told = [text for one in WITHOUT_API for text in (one.why, *one.instead)]
    assert [text for text in (*given, *told) if text not in known] == []
