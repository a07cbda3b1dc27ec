"""Mappings: what each word means; every wrong one is one sentence with its line or path."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from fake_door import Call, FakeDoor
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import MappingProblem, SurprisingAnswer, WrongUse
from plimsoll.domain.money import Money
from plimsoll.domain.usage import Attribution, Charge, Tokens, UsageRecord
from plimsoll.sources.base import provider
from plimsoll.sources.fields import FieldError
from plimsoll.sources.mapping import read_answer_mapping, read_sheet_mapping
from plimsoll.sources.paths import parse_path

SHEET = """\
title = "Team gateway"
currency = "EUR"
unit = "0.01"
day_form = "%d.%m.%Y"

[columns]
day = "Tag"
cost = "Kosten (Cent)"
model = "Modell"
"""

ANSWER = """\
title = "Team gateway"
address = "https://llm.example.com/api"
currency = "USD"

[rows]
ask = "/usage?from={first}&to={last}"
in = "rows[]"
day = "date"
cost = "cost"
input = "tokens.input"
"""
DAY = Period(date(2026, 11, 16), date(2026, 11, 16))


# --- paths ---


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a", {"b": [1, 2], "c.d": 5}),
        ("a.b", [1, 2]),
        ("a.b[1]", 2),
        ("a.b[7]", None),
        ('a["c.d"]', 5),
        ("x", None),
        ("x.y.z", None),
        ("", {"a": {"b": [1, 2], "c.d": 5}}),
    ],
)
def test_a_path_finds_what_stands_there(path: str, found: object) -> None:
    assert parse_path(path).of({"a": {"b": [1, 2], "c.d": 5}}) == found


def test_each_of_a_list_is_found_with_its_place() -> None:
    answer = {"a": [{"b": [1, 2]}, {"b": [3]}]}
    assert list(parse_path("a[].b[]").each(answer)) == [
        ("[0][0]", 1),
        ("[0][1]", 2),
        ("[1][0]", 3),
    ]


@pytest.mark.parametrize("path", [".a", "a..b", "a b", "a[", "a[-1]", "a.", "a[x]", "1a", "a]"])
def test_what_is_no_path_says_from_where_on(path: str) -> None:
    with pytest.raises(ValueError, match="is no path from"):
        parse_path(path)


@pytest.mark.parametrize(("path", "says"), [("a.b", "a.b: is not there"), ("a[0]", "not a list")])
def test_what_cannot_be_walked_is_named(path: str, says: str) -> None:
    with pytest.raises(FieldError, match=says):
        parse_path(path).of({"a": "text"})


@given(st.text(max_size=30))
def test_any_text_is_a_path_or_refused(text: str) -> None:
    with suppress(ValueError, FieldError):
        parse_path(text).of({"a": [1]})


# --- what a row means ---


def row_of(mapping: str, **cells: str) -> list[Any]:
    meaning = read_sheet_mapping(mapping).meaning
    return [item for _, item in meaning.read(lambda place: cells.get(place, ""))]


def test_cents_days_and_columns_are_the_users_own() -> None:
    meaning = read_sheet_mapping(SHEET).meaning
    cells = {"Tag": "05.08.2026", "Kosten (Cent)": "125.5", "Modell": "gpt-5"}
    ((day, charge),) = meaning.read(cells.get)
    assert day == date(2026, 8, 5)
    assert charge == Charge(Attribution(model="gpt-5"), Money("EUR", 1_255_000_000), "125.5")


def test_input_that_holds_the_cache_gives_it_back() -> None:
    text = 'title = "T"\ninput_holds_cache = true\nprovider = "openai"\n[columns]\nday = "d"\n'
    text += 'input = "i"\ncache_read = "c"\noutput = "o"\n'
    (record,) = row_of(text, d="2026-08-05", i="1000", c="400", o="50")
    assert isinstance(record, UsageRecord)
    assert record.tokens == Tokens(input=600, cache_read=400, output=50)
    assert record.details == (("provider", "openai"),)
    with pytest.raises(FieldError, match="less than its cached parts"):
        row_of(text, d="2026-08-05", i="10", c="400", o="50")


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("date", "2026-08-05"),
        ("instant", "2026-08-05T13:00:00+02:00"),
        ("unix", "1785888000"),
        ("unix_ms", "1785888000123"),
        ("%m/%d/%Y", "08/05/2026"),
    ],
)
def test_days_in_every_form(form: str, written: str) -> None:
    text = f'title = "T"\nday_form = "{form}"\n[columns]\nday = "d"\nrequests = "r"\n'
    meaning = read_sheet_mapping(text).meaning
    assert [day for day, _ in meaning.read({"d": written, "r": "1"}.get)] == [date(2026, 8, 5)]
    with pytest.raises(FieldError, match=r"^d: "):
        list(meaning.read({"d": "yesterday", "r": "1"}.get))


# --- wrong mappings ---


@pytest.mark.parametrize(
    ("change", "line", "says"),
    [
        (("title", "titel"), 1, "titel is no word of a mapping"),
        (('"EUR"', '"euros"'), 2, "currency is not a code of three letters"),
        (('"0.01"', '"cents"'), 3, "unit is not a number in quotes"),
        (('"0.01"', '"0"'), 3, "unit is no share"),
        (('"%d.%m.%Y"', '"german"'), 4, "day_form is none of date, instant"),
        (('day = "Tag"', ""), 6, "columns does not tell its day"),
        (('cost = "Kosten (Cent)"', ""), 6, "tells neither a cost nor tokens"),
        (('"Modell"', "7"), 9, "model is not a line of text"),
        (('model = "Modell"', 'colour = "Farbe"'), 9, "colour is no word of a mapping"),
        (('currency = "EUR"\n', ""), 7, "cost has no currency"),
        (("[columns]", "[rows]"), 6, "rows is no word of a mapping"),
        (('"Tag"', '"Tag'), None, "is not TOML"),
    ],
)
def test_a_wrong_mapping_of_columns_is_one_sentence_with_its_line(
    change: tuple[str, str], line: int | None, says: str
) -> None:
    with pytest.raises(MappingProblem) as caught:
        read_sheet_mapping(SHEET.replace(*change))
    assert says in str(caught.value)
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("change", "line", "says"),
    [
        (('"rows[]"', '"rows"'), 7, "in does not end with [] for each row"),
        (('"rows[]"', '"rows[].["'), 7, "in is no path from"),
        (('"tokens.input"', '"tokens..input"'), 10, "input is no path from"),
        (('"tokens.input"', '"tokens[].input"'), 10, "input has [] in it"),
        (("{first}", "{start}"), 6, "ask has no {start} to put in"),
        (('"/usage', '"usage'), 5, "rows does not tell what to ask"),
        (('in = "rows[]"', 'in = "rows[]"\nnext = "n"'), 8, "next and next_param belong together"),
        (("[rows]", "[balance]\n[rows]"), 5, "does not tell what to ask"),
        (('currency = "USD"', 'header = "X Key"'), 3, "header is not the name of a header"),
        (('address = "https://llm.example.com/api"\n', ""), None, "does not tell its address"),
    ],
)
def test_a_wrong_mapping_of_an_answer_is_one_sentence_with_its_line(
    change: tuple[str, str], line: int | None, says: str
) -> None:
    with pytest.raises(MappingProblem) as caught:
        read_answer_mapping(ANSWER.replace(*change))
    assert says in str(caught.value)
    assert caught.value.line == line


def test_a_mapping_that_maps_nothing_is_refused() -> None:
    with pytest.raises(MappingProblem, match="maps nothing"):
        read_answer_mapping('title = "T"\naddress = "https://a.example"\n')


@pytest.mark.parametrize("address", ["http://llm.example.com", "ftp://x", "llm.example.com"])
def test_a_key_goes_over_https_unless_to_this_machine(address: str) -> None:
    custom = provider("custom")
    told = ANSWER.replace("https://llm.example.com/api", address)
    with pytest.raises(WrongUse):
        custom.address({"map": told}, None)
    loopback = ANSWER.replace("https://llm.example.com/api", "http://127.0.0.1:8080")
    assert custom.address({"map": loopback}, None) == "http://127.0.0.1:8080"


# --- answers ---


def pulled(answer: Any, mapping: str = ANSWER, period: Period = DAY) -> list[Any]:
    door = FakeDoor(lambda _call: answer)
    return list(provider("custom").open(door, {"map": mapping}).pull("rows", period))  # type: ignore[arg-type]


def test_amounts_of_json_are_exact_and_ids_may_be_numbers() -> None:
    mapping = ANSWER + 'key = "key"\n'
    row = {"date": "2026-11-16", "cost": Decimal("0.1"), "tokens": {"input": 7}, "key": 42}
    (day,) = pulled({"rows": [row]}, mapping)
    assert day.charges[0].amount == Money("USD", 100_000_000)
    assert day.charges[0].attribution.key == "42"
    assert day.records[0].tokens.input == 7


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({}, "rows[] is not there"),
        ({"rows": {}}, "rows[] is not a list"),
        ({"rows": [7]}, "[0].date is not there"),
        ({"rows": [{"date": None, "cost": 1}]}, "[0].date is missing"),
        ({"rows": [{"date": "soon", "cost": 1}]}, "[0].date is not a day"),
        ({"rows": [{"date": "2026-11-16", "cost": None}]}, "[0].cost is missing"),
        ({"rows": [{"date": "2026-11-16", "cost": "free"}]}, "[0].cost is not an amount"),
        ({"rows": [{"date": "2026-11-16", "cost": 1, "tokens": 3}]}, "[0].tokens.input is not"),
        (
            {"rows": [{"date": "2026-11-16", "cost": 1, "tokens": {"input": -1}}]},
            "[0].tokens.input is not a whole number",
        ),
        ({"rows": [{"date": "2026-11-01", "cost": 1}]}, "date was not asked for"),
    ],
)
def test_an_answer_that_is_not_as_mapped_names_its_path_and_stores_nothing(
    answer: Any, says: str
) -> None:
    with pytest.raises(SurprisingAnswer) as caught:
        pulled(answer)
    assert says in str(caught.value)


def test_what_cannot_be_asked_by_day_is_about_the_days_from_its_first_row_on() -> None:
    mapping = ANSWER.replace("?from={first}&to={last}", "")
    row = {"date": "2026-11-18", "cost": 1, "tokens": {"input": 1}}
    days = pulled({"rows": [row]}, mapping, Period(date(2026, 11, 16), date(2026, 11, 20)))
    assert [day.day.day for day in days] == [18, 19, 20]
    assert days[1].charges == ()


def test_the_days_that_are_wanted_stand_in_the_question() -> None:
    asked: list[Call] = []

    def answer(call: Call) -> Any:
        asked.append(call)
        return {"rows": []}

    door = FakeDoor(answer)
    list(provider("custom").open(door, {"map": ANSWER}).pull("rows", DAY))  # type: ignore[arg-type]
    assert [(call.path, call.params) for call in asked] == [
        ("/usage", (("from", "2026-11-16"), ("to", "2026-11-16")))
    ]
