"""The words on the screen: every one has its Chinese, none loses what it is filled with."""

from __future__ import annotations

import ast
import json
import string
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from plimsoll.domain import errors
from plimsoll.domain.calendar import spoken
from plimsoll.domain.said import say, together
from plimsoll.prices import overlay
from plimsoll.shipped import resource
from plimsoll.ui import words
from plimsoll.ui.words import tr

PROGRAM = Path(words.__file__).parents[1]
DAY = date(2026, 8, 4)


SAYERS = {
    "tr": lambda call: call.args[:1],
    "say": lambda call: call.args[:1],
    "together": lambda call: call.args[1:2],
    "counted": lambda call: call.args[1:3],
}


def said_in(path: Path) -> Iterator[str]:
    """Every text that a module gives to `tr`, `say`, `counted`, or to `together` as what stands
    between; one that is put together at run time can be in no catalogue.
    """
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            texts = SAYERS.get(node.func.id, lambda _: [])(node)
            yield from (t.value for t in texts if isinstance(t, ast.Constant))


def catalogue(language: str) -> dict[str, str]:
    text = resource(f"words/{language}.json").read_text(encoding="utf-8")
    found: dict[str, str] = json.loads(text)
    return found


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


OTHER_LANGUAGES = sorted(set(words.LANGUAGES) - {"en"})
SPOKEN = {text for path in sorted(PROGRAM.rglob("*.py")) for text in said_in(path)} | {" "}


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_everything_on_the_screen_is_in_the_catalogue(language: str) -> None:
    assert sorted(SPOKEN - set(catalogue(language))) == []


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_what_is_not_certain_about_a_price_of_ours_is_in_the_catalogue(language: str) -> None:
    notes = {row.note for row in overlay.rows() if row.note}
    assert sorted(notes - set(catalogue(language))) == []


ERRORS = {
    name
    for name, made in vars(errors).items()
    if isinstance(made, type) and issubclass(made, errors.PlimsollError)
}
UNSEEN = ("cli", "demo", "app.py", "services/clock.py", "services/demonstration.py")
"""What speaks on the command line only, where everything is English."""


def written_in(call: ast.Call) -> Iterator[ast.expr]:
    """What an error is told as its sentence and its remedy, where it is written on the spot."""
    told = [*call.args[:1], *(word.value for word in call.keywords if word.arg == "remedy")]
    yield from (one for one in told if isinstance(one, ast.Constant | ast.JoinedStr))


def test_an_error_that_the_window_may_show_can_be_said_again() -> None:
    unsaid = []
    for path in sorted(PROGRAM.rglob("*.py")):
        place = path.relative_to(PROGRAM).as_posix()
        if place.startswith((*UNSEEN, "ui/pictures.py")):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                told = written_in(node) if node.func.id in ERRORS else ()
                unsaid += [f"{place}:{one.lineno}" for one in told if ast.unparse(one) != "''"]
    assert unsaid == []


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


def test_what_services_say_is_said_again_in_the_language_in_use() -> None:
    gone = say("{now} cost as much as {before}", now=spoken(DAY), before="{November}")
    both = together([say("Nothing is known of this period."), say("{what}.", what=gone)])
    assert words.in_words(both) == str(both)
    words.use_language("zh_CN")
    assert words.in_words(gone) == "8月4日与{November}花费相同"
    assert words.in_words(together([], ", ")) == ""
    assert words.in_words(both) == "这段时间没有任何数据。8月4日与{November}花费相同。"


def test_a_name_that_is_a_word_of_the_catalogue_stays_a_name() -> None:
    words.use_language("zh_CN")
    assert words.in_words("Budget") == "Budget"
    assert words.in_words(say("{names} and {count} more", names="Budget", count=2)).startswith(
        "Budget"
    )


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


def test_a_month_with_its_year_is_written_as_in_its_language() -> None:
    assert words.month_and_year(DAY) == "August 2026"
    words.use_language("zh_CN")
    assert words.month_and_year(DAY) == "2026年8月"
