"""The words on the screen: every one has its Chinese, none loses what it is filled with."""

from __future__ import annotations

import ast
import json
import string
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from plimsoll.services import change_words, reprice_words
from plimsoll.shipped import resource
from plimsoll.ui import words
from plimsoll.ui.words import tr

UI = Path(words.__file__).parent
DAY = date(2026, 8, 4)


SAYERS = {
    "tr": lambda texts: texts[:1],
    "say": lambda texts: texts[:1],
    "counted": lambda texts: texts[1:3],
}
HEARD = (*sorted(UI.rglob("*.py")), *(Path(m.__file__) for m in (change_words, reprice_words)))
"""The modules whose words are on the screen: the window's own, and those it lends its language."""


def said_in(path: Path) -> Iterator[str]:
    """Every text that a module gives to `tr`, to `counted`, or to a `say` that was handed in."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            texts = SAYERS.get(node.func.id, lambda _: [])(node.args)
            yield from (t.value for t in texts if isinstance(t, ast.Constant))


def catalogue(language: str) -> dict[str, str]:
    text = resource(f"words/{language}.json").read_text(encoding="utf-8")
    found: dict[str, str] = json.loads(text)
    return found


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


OTHER_LANGUAGES = sorted(set(words.LANGUAGES) - {"en"})
SPOKEN = {text for path in HEARD for text in said_in(path)}


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_everything_on_the_screen_is_in_the_catalogue(language: str) -> None:
    assert sorted(SPOKEN - set(catalogue(language))) == []


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_a_translation_is_filled_with_what_the_original_is(language: str) -> None:
    wrong = {
        text: said
        for text, said in catalogue(language).items()
        if not fields(said) <= fields(text) | ({"number"} if "{month}" in text else set())
        or (fields(text) - fields(said)) - {"month", "count"}
    }
    assert wrong == {}


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_the_catalogue_is_sorted_so_that_two_people_can_write_in_it(language: str) -> None:
    keys = list(catalogue(language))
    assert keys == sorted(keys)


def test_english_is_the_key() -> None:
    assert tr("Spent") == "Spent"
    assert tr("Budget {amount}", amount="$5") == "Budget $5"


def test_braces_of_a_users_name_are_not_filled() -> None:
    assert tr("Budget {amount}", amount="{limit}") == "Budget {limit}"


def test_a_word_that_is_not_in_the_catalogue_stays_english() -> None:
    words.use_language("zh_CN")
    assert tr("A word nobody translated {n}", n=1) == "A word nobody translated 1"


def test_an_unknown_language_is_english() -> None:
    assert words.use_language("tlh") == "en"


@pytest.mark.parametrize(
    ("system", "spoken"), [("zh_CN", "zh_CN"), ("zh_TW", "zh_CN"), ("fr_FR", "en"), ("", "en")]
)
def test_the_system_is_asked_for_its_language(
    monkeypatch: pytest.MonkeyPatch, system: str, spoken: str
) -> None:
    monkeypatch.setattr(words, "_ask_system", lambda: system)
    assert words.use_language("system") == spoken
    monkeypatch.setattr(words, "_ask_system", words._from_environment)
    monkeypatch.setenv("LC_ALL", system)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    monkeypatch.delenv("LANG", raising=False)
    assert words.use_language("system") == spoken


def test_days_and_months_read_as_people_write_them() -> None:
    assert words.short_day(DAY) == "4 Aug"
    assert words.week_day(DAY) == "Tue 4 Aug"
    assert words.full_day(DAY) == "4 Aug 2026"
    assert (words.short_month(DAY), words.full_month(DAY)) == ("Aug", "August")
    words.use_language("zh_CN")
    assert words.short_day(DAY) == "8月4日"
    assert words.week_day(DAY) == "8月4日 周二"
    assert words.full_day(DAY) == "2026年8月4日"
    assert (words.short_month(DAY), words.full_month(DAY)) == ("8月", "8月")


def test_one_thing_is_not_counted_as_many() -> None:
    said = [words.counted(n, "1 day without data.", "{count} days without data.") for n in (1, 2)]
    assert said == ["1 day without data.", "2 days without data."]
