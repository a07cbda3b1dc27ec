"""A report can be opened by anybody and runs nothing."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.calendar import Period
from plimsoll.domain.errors import WrongUse
from plimsoll.domain.question import Amounts, Dimension, Question, Row, Table
from plimsoll.domain.usage import Tokens
from plimsoll.reports.base import Report, format_names, write_report
from plimsoll.reports.document import guarded, row_document

QUESTION = Question(Period(date(2026, 11, 1), date(2026, 11, 30)), by=(Dimension.MODEL,))


def report_of(*rows: Row) -> Report:
    total = Row((), Tokens(), None, ())
    return Report(Table(QUESTION, rows, total), datetime(2026, 11, 20, tzinfo=UTC))


def row(model: str | None, **money: int) -> Row:
    return Row((model,), Tokens(input=3, output=2), 1, (Amounts("USD", **money),))


def written(path: Path, report: Report) -> str:
    write_report(path, report)
    return path.read_bytes().decode("utf-8")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "＝1"])
def test_text_that_a_spreadsheet_would_run_is_guarded(tmp_path: Path, text: str) -> None:
    lines = list(
        csv.reader(io.StringIO(written(tmp_path / "r.csv", report_of(row(text, billed=5))), ""))
    )
    assert lines[1][0] == f"'{text}"


@given(st.text(min_size=1))
def test_no_guarded_text_begins_like_a_formula(text: str) -> None:
    assert guarded(text)[0] not in "=+-@\t\r＝＋－＠"
    assert guarded(text).endswith(text)


def test_a_row_with_two_currencies_counts_its_tokens_once(tmp_path: Path) -> None:
    both = Row(
        ("m",), Tokens(input=7), 2, (Amounts("CNY", billed=1), Amounts("USD", billed=2_500_000_000))
    )
    text = written(tmp_path / "r.csv", report_of(both))
    found = list(csv.DictReader(io.StringIO(text)))
    assert [line["currency"] for line in found] == ["CNY", "USD"]
    assert [line["billed"] for line in found] == ["0.000000001", "2.50"]
    assert [line["input"] for line in found] == ["7", ""]


def test_the_ending_chooses_the_format(tmp_path: Path) -> None:
    assert {"csv", "json"} <= set(format_names())
    document = json.loads(written(tmp_path / "r.json", report_of(row("m", billed=5))))
    assert document["rows"][0]["model"] == "m"
    with pytest.raises(WrongUse, match="docx"):
        write_report(tmp_path / "r.docx", report_of())


def test_an_older_report_survives_a_failed_write(tmp_path: Path) -> None:
    target = tmp_path / "r.csv"
    target.mkdir()
    with pytest.raises(WrongUse):
        write_report(target, report_of())
    assert list(tmp_path.iterdir()) == [target]


def test_units_are_whole_numbers_or_decimal_text() -> None:
    document = row_document(
        Row((), units=(("images", Decimal(12)), ("seconds", Decimal("3.50")))), ()
    )
    assert document["units"] == {"images": 12, "seconds": "3.5"}
