"""The words on the screen in the reader's language: English is the key, a catalogue the rest."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache

from plimsoll.domain.said import Said
from plimsoll.shipped import resource

LANGUAGES: Mapping[str, str] = {"en": "English", "zh_CN": "简体中文"}
"""Languages that can be chosen, each in its own words."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FULL_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_chosen = "en"


def use_language(language: str) -> str:
    """Speak `language` from now on; `system` asks the system. Answers what is in use."""
    global _chosen  # noqa: PLW0603 - one language for the whole window, chosen at start
    if language == "system":
        language = "zh_CN" if _ask_system().lower().startswith("zh") else "en"
    _chosen = language if language in LANGUAGES else "en"
    return _chosen


def ask_system_with(ask: Callable[[], str]) -> None:
    """Ask for the system's language like this: it answers a locale's name, such as `zh_CN`.

    The environment is asked until somebody knows better; this module knows nothing of Qt.
    """
    global _ask_system  # noqa: PLW0603 - one system
    _ask_system = ask


def language() -> str:
    """The language in use: `en` or `zh_CN`."""
    return _chosen


def tr(text: str, /, **values: object) -> str:
    """`text` in the language in use, with `{names}` filled in; English where it has no entry.

    A sentence of a service among the values is said in that language too.
    """
    said = _catalogue(_chosen).get(text, text)
    if not values:
        return said
    return said.format(**{n: in_words(v) if isinstance(v, Said) else v for n, v in values.items()})


def in_words(text: str) -> str:
    """What a service or a source said, in the language in use; names stay as they are."""
    if _chosen == "en" or not isinstance(text, Said):
        return str(text)
    if text.parts:
        return tr(text.template).join(in_words(part) for part in text.parts)
    return tr(text.template, **text.values)


def sentence_case(text: str) -> str:
    """A text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def counted(count: int, one: str, many: str, /, **values: object) -> str:
    """`one` for a single thing, else `many` with its `{count}`, in the language in use."""
    return tr(one, **values) if count == 1 else tr(many, count=count, **values)


def short_day(day: date) -> str:
    """A day without its year: `4 Aug`."""
    return tr("{day} {month}", day=day.day, month=short_month(day), number=day.month)


def week_day(day: date) -> str:
    """A day with its weekday: `Tue 4 Aug`."""
    return tr("{weekday} {date}", weekday=tr(_WEEKDAYS[day.weekday()]), date=short_day(day))


def full_day(day: date) -> str:
    """A day with its year: `4 Aug 2026`."""
    return tr("{date} {year}", date=short_day(day), year=day.year)


def short_month(day: date) -> str:
    """The month of a day, short: `Aug`."""
    return tr(_MONTHS[day.month - 1])


def full_month(day: date) -> str:
    """The month of a day in full: `August`."""
    return tr(_FULL_MONTHS[day.month - 1])


def month_and_year(day: date) -> str:
    """The month of a day with its year: `August 2026`."""
    return tr("{month} {year}", month=full_month(day), year=day.year, number=day.month)


def clock_time(instant: datetime) -> str:
    """The time of day of an instant, in the zone it is given in: `14:05`."""
    return f"{instant:%H:%M}"


@cache
def _catalogue(language: str) -> Mapping[str, str]:
    if language == "en":
        return {}
    text = resource(f"words/{language}.json").read_text(encoding="utf-8")
    words: dict[str, str] = json.loads(text)
    return words


def _from_environment() -> str:
    names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next((name for name in names if name), "")


_ask_system: Callable[[], str] = _from_environment
