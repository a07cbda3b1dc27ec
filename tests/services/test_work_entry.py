"""Units of work as they are typed: read generously, and refused in plain sentences."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.errors import WrongUse
from plimsoll.domain.work import MOST, Work
from plimsoll.services.work_entry import read_work

TODAY = date(2026, 11, 20)


@given(st.integers(min_value=1, max_value=MOST))
def test_a_count_reads_the_same_however_its_thousands_are_written(count: int) -> None:
    for text in (str(count), f" {count:,} ", f"{count:,}".replace(",", "\u202f")):
        assert read_work("tickets", text, day=TODAY, today=TODAY) == Work("tickets", TODAY, count)


@given(st.text(max_size=20))
def test_whatever_is_typed_is_an_entry_or_is_refused(text: str) -> None:
    for name, count in (("tickets", text), (text, "12")):
        try:
            made = read_work(name, count, day=TODAY, today=TODAY)
        except WrongUse:
            continue
        assert made.count >= 1
        assert made.name == made.name.strip() != ""


@pytest.mark.parametrize("count", ["", "0", "-3", "1.5", "twelve", "1e3", "½", str(MOST + 1), 0])
def test_what_is_no_whole_number_is_refused(count: int | str) -> None:
    with pytest.raises(WrongUse, match="a whole number from 1 to"):
        read_work("tickets", count, day=TODAY, today=TODAY)


def test_names_are_one_line_without_spaces_around_and_days_have_come() -> None:
    assert read_work("  pull requests ", 3, day=TODAY, today=TODAY).name == "pull requests"
    for name, said in (("  ", "what was done"), ("x" * 61, "at most 60"), ("a\nb", "one line")):
        with pytest.raises(WrongUse, match=said):
            read_work(name, 1, day=TODAY, today=TODAY)
    with pytest.raises(WrongUse, match="still to come"):
        read_work("tickets", 1, day=TODAY + timedelta(days=1), today=TODAY)
