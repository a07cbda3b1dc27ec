"""Price files: read as they are written, and refused as a whole, with the line, when wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.errors import PriceFileProblem
from plimsoll.domain.tariff import (
    TIERS,
    UNITS,
    Kind,
    PriceRow,
    Schedule,
    Step,
    first_overlap,
)
from plimsoll.prices.pricefile import read_prices, write_prices

GOOD = """\
# our own
[[price]]
provider = "deepseek"
models = ["deepseek-flash"]
currency = "CNY"
effective_from = 2026-09-10T00:00:00+08:00
effective_to = 2027-01-01T00:00:00Z
input = 2
cache_read = 0.04
output = 8
link = "https://example.org"
checked = 2026-11-23

[price.schedule]
zone = "Asia/Shanghai"
peak = ["09:00-12:00", "14:00-18:00"]
weekdays = [1, 2, 3, 4, 5]
holidays = "cn"
off_peak_multiplier = 0.5

[[price.step]]
above = 1000
input = 3

[[price.step]]
above = 2000
input = 4

[price.multipliers]
batch = 0.5

[[price]]
provider = "deepseek"
models = ["deepseek-flash", "other"]
currency = "CNY"
effective_from = 2027-01-01T00:00:00Z
input = 1
"""


def test_a_file_is_read_as_it_is_written():
    first, second = read_prices(GOOD, name="prices.toml")
    assert first.effective_from == datetime(2026, 9, 9, 16, tzinfo=UTC)
    assert dict(first.rates) == {
        Kind.INPUT: Decimal(2),
        Kind.CACHE_READ: Decimal("0.04"),
        Kind.OUTPUT: Decimal(8),
    }
    assert first.schedule == Schedule(
        "Asia/Shanghai", ((540, 720), (840, 1080)), (1, 2, 3, 4, 5), "cn"
    )
    assert [step.above for step in first.steps] == [1000, 2000]
    assert first.multipliers == (("batch", Decimal("0.5")),)
    assert (first.off_peak_multiplier, first.checked) == (Decimal("0.5"), date(2026, 11, 23))
    assert second.models == ("deepseek-flash", "other")
    assert second.effective_to is None


def test_a_file_of_another_system_has_the_same_lines():
    assert read_prices(GOOD.replace("\n", "\r\n"), name="p") == read_prices(GOOD, name="p")
    with pytest.raises(PriceFileProblem) as refusal:
        read_prices(GOOD.replace("\n", "\r\n").replace("input = 2", "input = -2"), name="p")
    assert refusal.value.line == 8


def test_a_later_price_has_lines_of_its_own():
    step = "\n[[price.step]]\nabove = 1\ninput = {}\n"
    price = GOOD[GOOD.rindex("[[price]]") :]
    other = price.replace("other", "another").replace("deepseek-flash", "more")
    with pytest.raises(PriceFileProblem) as refusal:
        read_prices(price + step.format(1) + other + step.format(-1), name="p")
    assert refusal.value.line == 2 * (price.count("\n") + 4)


def test_an_empty_file_has_no_prices():
    assert read_prices("\ufeff# nothing yet\n", name="prices.toml") == ()
    assert write_prices(()) == ""


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        # dates
        ("2026-09-10T00:00:00+08:00", "2026-13-10T00:00:00Z", 6, "there is no day 2026-13-10"),
        ("2026-09-10T00:00:00+08:00", "2026-02-30T00:00:00Z", 6, "there is no day 2026-02-30"),
        ("2026-09-10T00:00:00+08:00", "2026-09-10T00:00:00", 6, "instant with its offset"),
        ("2026-09-10T00:00:00+08:00", "2026-09-10", 6, "instant with its offset"),
        ("2026-09-10T00:00:00+08:00", '"yesterday"', 6, "instant with its offset"),
        ("2026-09-10T00:00:00+08:00", "0001-01-01T00:00:00+08:00", 6, "out of range"),
        ("effective_to = 2027", "effective_to = 2025", 7, "later than effective_from"),
        ("checked = 2026-11-23", "checked = 2026-11-23T00:00:00Z", 12, "a date"),
        ("checked = 2026-11-23", "checked = 2026-11-31", 12, "there is no day 2026-11-31"),
        # amounts
        ("input = 2", "input = -2", 8, "input: must be a number that is not negative"),
        ("input = 2", "input = -0.0", 8, "not negative"),
        ("input = 2", "input = nan", 8, "not negative"),
        ("input = 2", "input = inf", 8, "not negative"),
        ("input = 2", "input = 1e12", 8, "less than 1,000,000,000"),
        ("input = 2", "input = 1e-10", 8, "at most 9 decimal places"),
        ("input = 2", "input = 1e999999999999999999999", 8, ""),
        ("input = 2", 'input = "2"', 8, "without quotes"),
        ("input = 2", "input = true", 8, "without quotes"),
        ("input = 2", "input = two", 8, "not TOML"),
        ("batch = 0.5", "batch = -0.5", 30, "batch: must be a number that is not negative"),
        ("batch = 0.5", "batch = 0.33333", 30, "at most 4 decimal places"),
        ("off_peak_multiplier = 0.5", "off_peak_multiplier = -1", 19, "not negative"),
        # words
        ('"CNY"\neffective_from = 2026', '"RMB"\neffective_from = 2026', 5, "no currency RMB"),
        ('"CNY"\neffective_from = 2026', '"cny"\neffective_from = 2026', 5, "no currency cny"),
        ("link =", "lnik =", 11, "lnik: there is no such field"),
        ("batch = 0.5", "scale = 0.5", 30, "scale: there is no such field"),
        ("zone =", "time_zone =", 15, "time_zone: there is no such field"),
        ("above = 1000\ninput = 3", "above = 1000\nbelow = 3", 23, "below: there is no such field"),
        ("# our own", "currency = 3", 1, "no field currency"),
        ("# our own", "[shop]", 1, "no field shop"),
        ("Asia/Shanghai", "Asia/Peking Duck", 15, "no time zone Asia/Peking Duck"),
        ("Asia/Shanghai", "../../etc/passwd", 15, "no time zone"),
        ('holidays = "cn"', 'holidays = "mars"', 18, "no table of holidays mars"),
        ("https://example.org", "two\\nlines", 11, "text on one line"),
        ('models = ["deepseek-flash"]', "models = []", 4, "needs the name of a model"),
        ('models = ["deepseek-flash"]', 'models = "deepseek-flash"', 4, "list in brackets"),
        ('models = ["deepseek-flash"]', 'models = ["a", "A"]', 4, "names a model twice"),
        ('models = ["deepseek-flash"]', 'models = [""]', 4, "needs the name of a model"),
        ('provider = "deepseek"\nmodels = ["deepseek-flash"]', "", 2, "provider: is missing"),
        # hours and steps
        ("09:00-12:00", "9-12", 16, "hours are written"),
        ("09:00-12:00", "12:00-09:00", 16, "end after they begin"),
        ("09:00-12:00", "09:00-24:30", 16, "end after they begin"),
        ("[1, 2, 3, 4, 5]", "[0, 1]", 17, "from 1 (Monday) to 7 (Sunday)"),
        ("[1, 2, 3, 4, 5]", "[true]", 17, "a whole number"),
        ("off_peak_multiplier = 0.5", "", 14, "either off_peak_multiplier or a table off_peak"),
        ("above = 1000", "above = 3000", 21, "above more tokens than the one before"),
        ("above = 1000", "above = 0", 22, "at least 1"),
        ("above = 1000", "above = 1.5", 22, "a whole number"),
        ("above = 1000", "", 21, "above: is missing"),
        # the whole
        ("effective_from = 2027-01-01T00:00:00Z", "", 32, "the one in line 2 prices, too"),
        ("2027-01-01T00:00:00Z\ninput = 1", "2026-12-31T23:59:59Z\ninput = 1", 32, "line 2"),
        ('["deepseek-flash", "other"]', '["DeepSeek-Flash"]\nsource = 3', 35, "text in quotes"),
        ("input = 2", "input = 2\ninput = 3", 9, "not TOML"),
        ("[[price]]\nprovider", "[price]\nprovider", 32, "not TOML"),
        ("output = 8", 'output = "8', 10, "not TOML"),
        ("input = 1\n", 'input = 1\nnote = """', 38, "not TOML"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_its_line(old, new, line, what):
    assert old in GOOD
    with pytest.raises(PriceFileProblem) as refusal:
        read_prices(GOOD.replace(old, new, 1), name="prices.toml")
    assert refusal.value.line == line, str(refusal.value)
    assert f"The prices in prices.toml cannot be used; line {line}: " in str(refusal.value)
    assert what in str(refusal.value)
    assert "Nothing of the file was taken." in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    [
        "price = 3",
        "price = [1]",
        'price = [{ provider = "x" }]',
        "[[price.step]]",
        "[" * 5000,
        "\0",
    ],
)
def test_what_is_no_list_of_prices_is_refused(text):
    with pytest.raises(PriceFileProblem):
        read_prices(text, name="prices.toml")


def test_prices_of_two_accounts_and_of_all_do_not_overlap():
    rows = [PriceRow("p", ("m",), "USD", (), source=source) for source in (None, "work", "home")]
    assert first_overlap(rows) is None
    assert first_overlap([*rows, rows[1]]) == (1, 3)


# -- any price there can be ----------------------------------------------------------------------

PRICE = st.decimals(0, 999_999, places=9)
SHARE = st.decimals(0, 100, places=4)
TEXT = st.text(
    st.characters(exclude_categories=["C", "Z"], include_characters=" '\"\\"), max_size=9
)
NAME = TEXT.filter(bool)
INSTANT = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def rates(kinds):
    return st.dictionaries(st.sampled_from(sorted(kinds)), PRICE).map(lambda d: tuple(d.items()))


TOKENS = set(Kind) - UNITS
WINDOWS = st.tuples(st.integers(0, 1439), st.integers(0, 1440)).filter(lambda w: w[0] < w[1])
SCHEDULES = st.builds(
    Schedule,
    zone=st.sampled_from(["Asia/Shanghai", "UTC", "America/New_York"]),
    peak=st.lists(WINDOWS, min_size=1, max_size=3).map(tuple),
    weekdays=st.lists(st.integers(1, 7), min_size=1, unique=True).map(tuple),
    holidays=st.sampled_from(["", "cn"]),
)


@st.composite
def price_rows(draw):
    begin, end = sorted(draw(st.lists(INSTANT, min_size=2, max_size=2, unique=True)))
    schedule = draw(st.none() | SCHEDULES)
    multiplied = draw(st.booleans())
    off_peak = draw(rates(TOKENS).filter(bool)) if schedule and not multiplied else ()
    steps = draw(st.lists(st.integers(1, 10**7), unique=True, max_size=3)) if not off_peak else []
    return PriceRow(
        provider=draw(NAME),
        models=tuple(draw(st.lists(NAME, min_size=1, max_size=3, unique_by=str.casefold))),
        currency=draw(st.sampled_from(["USD", "CNY", "EUR", "CHF", "JPY"])),
        rates=draw(rates(Kind)),
        effective_from=draw(st.sampled_from([None, begin])),
        effective_to=draw(st.sampled_from([None, end])),
        steps=tuple(Step(above, draw(rates(TOKENS))) for above in sorted(steps)),
        multipliers=tuple(draw(st.dictionaries(st.sampled_from(TIERS), SHARE)).items()),
        schedule=schedule,
        off_peak_multiplier=draw(SHARE) if schedule and multiplied else None,
        off_peak=off_peak,
        source=draw(st.none() | NAME),
        link=draw(TEXT),
        checked=draw(st.none() | st.dates()),
        note=draw(TEXT),
    )


@given(st.lists(price_rows(), max_size=3).filter(lambda rows: first_overlap(rows) is None))
def test_what_is_written_is_read_back_the_same(rows):
    text = write_prices(rows)
    assert list(read_prices(text, name="prices.toml")) == rows
    assert write_prices(read_prices(text, name="prices.toml")) == text


@given(st.text() | st.sampled_from(GOOD.splitlines()).map(lambda cut: GOOD.replace(cut, "")))
def test_any_text_is_read_or_refused_with_a_line_of_it(text):
    try:
        line = len(read_prices(text, name="prices.toml")) and 1
    except PriceFileProblem as refusal:
        line = refusal.line
    assert line <= text.count("\n") + 1
