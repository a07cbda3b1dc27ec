"""Whatever a Retry-After header says, the wait is a sensible number of seconds or none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.sources.asked_to_wait import retry_after

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY = 86400.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        (" 5 ", 5.0),
        ("1.5", 1.5),
        ("0", 1.0),
        ("0.2", 1.0),
        ("100000000000", DAY),
        ("-1", None),
        ("+5", None),
        ("", None),
        ("soon", None),
        ("1e9", None),
        ("5s", None),
        ("٥", None),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 12:00:30", 30.0),
        ("Monday, 23-Nov-26 12:00:30 GMT", 30.0),
        ("Mon Nov 23 12:00:30 2026", 30.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 1.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", DAY),
    ],
)
def test_every_way_to_write_it(text: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": text}, now=NOW) == seconds


@settings(max_examples=200)
@given(
    st.one_of(
        st.text(max_size=70),
        st.from_regex(r"[A-Z][a-z]{2}, \d{1,5} [A-Z][a-z]{2} \d{1,6} \d\d:\d\d:\d\d ?\S{0,6}"),
        st.integers().map(str),
        st.floats().map(str),
    ),
    st.text(max_size=40),
)
def test_no_text_is_too_strange(text: str, date: str) -> None:
    wait = retry_after({"retry-after": text, "date": date}, now=NOW)
    assert wait is None or 1.0 <= wait <= DAY


@settings(max_examples=100)
@given(st.integers(1, 86400), st.integers(-(10**7), 10**7))
def test_a_date_counts_from_the_servers_clock_not_ours(seconds: int, skew: int) -> None:
    theirs = NOW + timedelta(seconds=skew)
    headers = {
        "date": format_datetime(theirs, usegmt=True),
        "retry-after": format_datetime(theirs + timedelta(seconds=seconds), usegmt=True),
    }
    assert retry_after(headers, now=NOW) == seconds
