"""Exports of consoles: what each means, to the nano-unit, and what is refused, with its line."""

from __future__ import annotations

import io
import random
import zipfile
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import exports as made
from plimsoll.domain.errors import Cancelled, ImportProblem
from plimsoll.domain.money import Money
from plimsoll.domain.usage import Attribution, Slice, Tokens
from plimsoll.sources import imports, sheets
from plimsoll.sources.imports import FilePart, format_names, read_file

TODAY = date(2026, 11, 20)
USD = 1_000_000_000


def read(
    folder: Path, content: str | bytes, *, currency: str | None = None, name: str = "export.csv"
) -> tuple[FilePart, ...]:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_file(path, today=TODAY, currency=currency)


def only(folder: Path, content: str | bytes, **how: str) -> FilePart:
    (part,) = read(folder, content, **how)
    return part


def slices(part: FilePart) -> list[Slice]:
    return [day.slice for day in part.days]


def refused(folder: Path, content: str | bytes, **how: str) -> ImportProblem:
    with pytest.raises(ImportProblem) as raised:
        read(folder, content, **how)
    return raised.value


# --- OpenAI ---


def test_openai_costs_are_dollars_by_line_item_and_project(tmp_path: Path) -> None:
    part = only(tmp_path, made.COSTS)
    first, second, third = slices(part)
    assert [s.day for s in (first, second, third)] == [date(2025, 10, 5 + n) for n in range(3)]
    assert {s.endpoint for s in (first, second, third)} == {"costs"}
    one, other = first.charges
    assert one.amount == Money("USD", 895_874_000)
    assert one.text == "0.8958740000000000"
    assert one.attribution == Attribution(
        model="gpt-5-mini", project="proj_1", line_item="gpt-5-mini, input"
    )
    assert other.amount == Money("USD", 1_250_000_000)
    assert third.charges[0].attribution.model is None
    assert first.bills_by == {"model", "project", "line_item"}
    assert part.account == "org-acme"


def test_a_day_without_costs_is_known_to_be_nothing(tmp_path: Path) -> None:
    _, empty, _ = slices(only(tmp_path, made.COSTS))
    assert (empty.charges, empty.records) == ((), ())


def test_the_older_form_of_openai_costs_has_totals_only(tmp_path: Path) -> None:
    start = made.OCTOBER_5
    row = f"{start},{start + made.DAY},x,x,0.5617712500000000,usd,,,org-acme,Personal"
    (day,) = slices(only(tmp_path, made.text(made.OLD_OPENAI_COSTS, row)))
    assert day.charges[0].amount == Money("USD", 561_771_250)
    assert day.bills_by == frozenset()


def test_openai_usage_has_cached_input_inside_input(tmp_path: Path) -> None:
    usage = made.openai_usage(
        0, "gpt-4o-2024-08-06", whole="59200.0", cached="5760.0", output="10646.0", n="10.0"
    )
    first, empty = slices(only(tmp_path, made.text(made.OPENAI_USAGE, usage, made.empty_usage(1))))
    (record,) = first.records
    assert record.tokens == Tokens(input=53_440, cache_read=5_760, output=10_646)
    assert record.requests == 10
    assert record.attribution == Attribution(
        "gpt-4o-2024-08-06", "proj_1", "key_1", "user-1", tier="default"
    )
    assert (record.start, record.end) == (
        datetime(2025, 10, 5, tzinfo=UTC),
        datetime(2025, 10, 6, tzinfo=UTC),
    )
    assert empty.records == ()


def test_a_new_class_of_tokens_is_not_passed_over(tmp_path: Path) -> None:
    header = made.OPENAI_USAGE + ",input_video_tokens"
    row = made.openai_usage(0, "gpt-5", whole="1", cached="0", output="1", n="1") + ",5"
    assert "input_video_tokens is not known" in str(refused(tmp_path, made.text(header, row)))


# --- Anthropic ---


def test_anthropic_costs_are_dollars_and_not_cents(tmp_path: Path) -> None:
    part = only(
        tmp_path,
        made.text(
            made.ANTHROPIC_COST,
            "2026-08-04,Claude Haiku 4.5,Default,demo-key,message,≤ 200k,input_no_cache,123.45,"
            "150.00,token,not_available,,apikey_01AAA,archived",
        ),
    )
    (charge,) = slices(part)[0].charges
    assert charge.amount == Money("USD", 123_450_000_000)
    assert charge.attribution == Attribution(
        model="claude-haiku-4-5", key="apikey_01AAA", line_item="tokens: uncached_input_tokens"
    )
    assert dict(charge.details)["list_amount"] == "15000.00"  # in cents, as from the API


def test_anthropic_usage_has_five_disjoint_classes(tmp_path: Path) -> None:
    part = only(
        tmp_path,
        made.text(
            made.ANTHROPIC_USAGE,
            '2026-08-05,claude-opus-5,"Closer, App",Team,standard,≤ 200k,46981,15969,7,30,16932,2,'
            "global,",
        ),
    )
    (record,) = slices(part)[0].records
    assert record.tokens == Tokens(46_981, 30, 15_969, 7, 16_932)
    assert record.attribution == Attribution(
        "claude-opus-5", "Team", "Closer, App", tier="standard"
    )
    assert [(unit, int(count)) for unit, count in record.units] == [("searches", 2)]


def test_an_hour_of_anthropics_usage_keeps_its_hour(tmp_path: Path) -> None:
    row = "2026-08-05T13:00:00Z,claude-opus-5,k,Default,standard,,1,0,0,0,1,0,global,"
    (record,) = slices(only(tmp_path, made.text(made.ANTHROPIC_USAGE, row)))[0].records
    assert record.start == datetime(2026, 8, 5, 13, tzinfo=UTC)


# --- DeepSeek ---


def deepseek_archive(*, utc: bool = True) -> bytes:
    when = "20260801" if utc else "2026-08-01T00:00:00+08:00,2026-08-02T00:00:00+08:00"
    rows = (
        f"u,{when},deepseek-v4-pro,first,sk-b***,input_cache_miss_tokens,0.000003,1000",
        f"u,{when},deepseek-v4-pro,first,sk-b***,input_cache_miss_tokens,0.000006,500",
        f"u,{when},deepseek-v4-pro,first,sk-b***,input_cache_hit_tokens,0.0000003,7000",
        f"u,{when},deepseek-v4-pro,first,sk-b***,output_tokens,0.000006,300",
        f"u,{when},deepseek-v4-pro,first,sk-b***,request_count,,5",
    )
    costs = (
        f"u,{when},deepseek-v4-pro,Paid,7.58,CNY",
        f"u,{when},deepseek-v4-pro,Granted,0.0546390000000000,CNY",
        f"u,{when},deepseek-v4-flash,Paid,1.10,USD",
    )
    amount = made.DEEPSEEK_AMOUNT if utc else made.NEW_DEEPSEEK_AMOUNT
    cost = made.DEEPSEEK_COST if utc else made.NEW_DEEPSEEK_COST
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("amount-2026-8.csv", made.text(amount, *rows))
        archive.writestr("cost-2026-8.csv", made.text(cost, *costs))
        archive.writestr("readme.txt", "hello")
    return packed.getvalue()


@pytest.mark.parametrize("utc", [True, False])
def test_deepseeks_archive_holds_usage_and_costs_in_both_currencies(
    tmp_path: Path, utc: bool
) -> None:
    amount, cost = read(tmp_path, deepseek_archive(utc=utc), name="usage.zip")
    (record,) = slices(amount)[0].records
    assert record.tokens == Tokens(input=1_500, cache_read=7_000, output=300)
    assert record.requests == 5
    assert record.attribution == Attribution("deepseek-v4-pro", key="first")
    sums = Counter[str]()
    for charge in slices(cost)[0].charges:
        sums[charge.amount.currency] += charge.amount.nanos
    assert sums == {"CNY": 7_634_639_000, "USD": 1_100_000_000}
    assert {day.day for part in (amount, cost) for day in slices(part)} == {date(2026, 8, 1)}
    assert ("midnight of UTC+08:00" in " ".join(cost.notes)) is not utc


def test_no_key_is_kept_of_deepseeks_export(tmp_path: Path) -> None:
    assert "sk-b" not in repr(read(tmp_path, deepseek_archive(), name="usage.zip"))


# --- Google ---


def google(*rows: str) -> str:
    return made.text(made.GOOGLE, *rows)


GEMINI = (
    "2026-08-15,Gemini API,AEFD,Generate content output token count gemini 2.5 flash,911A,"
    '"622,403",count,"1,555.99",0.00,0.00,0.00,"1,555.990001",1555.99'
)


def test_googles_report_counts_after_discounts_and_names_what_it_leaves_out(
    tmp_path: Path,
) -> None:
    other = "2026-08-15,Cloud Run,S3,CPU,K3,5,hour,9.00,0,0,0,9.00,9.00"
    part = only(tmp_path, google(GEMINI, other, ",,,,,,,,,,,,1564.99"), currency="USD")
    (charge,) = slices(part)[0].charges
    assert charge.amount == Money("USD", 1_555_990_001_000)
    assert charge.attribution.line_item == "Generate content output token count gemini 2.5 flash"
    assert any("Cloud Run" in note for note in part.notes)
    assert any("are sums" in note for note in part.notes)
    (passed_over,) = [note for note in part.notes if "not read" in note]
    assert "Unrounded subtotal" not in passed_over
    assert "Other savings ($), Subtotal ($)" in passed_over


def test_googles_sign_is_asked_about_where_several_currencies_share_it(tmp_path: Path) -> None:
    assert "--currency USD" in refused(tmp_path, google(GEMINI)).remedy
    yen_or_yuan = google(GEMINI).replace("($)", "(¥)")
    assert "--currency CNY or --currency JPY" in refused(tmp_path, yen_or_yuan).remedy
    euros = google(GEMINI).replace("($)", "(€)")
    (charge,) = slices(only(tmp_path, euros))[0].charges
    assert charge.amount.currency == "EUR"


def test_googles_cost_table_is_refused_because_it_tells_no_days(tmp_path: Path) -> None:
    preamble = "Invoice number,1,\nBilling ID,0-0,\nCurrency,USD,\n"
    row = "a,b,p,p,h,Gemini API,S,SKU,K,Default,,Usage,2026-01-01,2026-01-31,1,count,6.0,6.00"
    told = refused(tmp_path, preamble + made.text(made.GOOGLE_COST_TABLE, row))
    assert "months and not days" in told.sentence
    assert "group by date" in told.remedy


# --- what every sheet goes through ---


@pytest.mark.parametrize(
    "content",
    [
        made.COSTS.encode("utf-8-sig"),
        made.COSTS.encode("utf-16"),
        made.COSTS.replace("\n", "\r\n").encode(),
        made.COSTS.replace("\n", "\r\n\r\n").encode(),
        made.COSTS.rstrip("\n").encode(),
        ("\n\n" + made.COSTS).encode(),
        (made.COSTS + made.COSTS).encode(),  # two exports in one file
    ],
    ids=["bom", "utf-16", "crlf", "empty lines", "no end", "blank start", "twice"],
)
def test_how_a_file_is_written_changes_nothing(tmp_path: Path, content: bytes) -> None:
    assert slices(only(tmp_path, content)) == slices(only(tmp_path, made.COSTS))


def test_tabs_and_semicolons_separate_cells_too(tmp_path: Path) -> None:
    row = f"{made.OCTOBER_5},{made.OCTOBER_5 + made.DAY},x,x,0.5,usd,,,org-acme,Personal"
    plain = made.text(made.OLD_OPENAI_COSTS, row)
    for sign in "\t;":
        assert slices(only(tmp_path, plain.replace(",", sign))) == slices(only(tmp_path, plain))


LATER = made.openai_cost(99, "1").replace(str(made.OCTOBER_5 + 99 * made.DAY), "1830297600")


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        (b"", None, "is empty"),
        (b" \n\n ", None, "is empty"),
        (bytes(range(256)) * 8, None, "not a text file"),
        (b"\x89PNG\r\n\x1a\n\0\0", None, "not a text file"),
        (b"PK\x03\x04 nothing", None, "damaged or locked archive"),
        (b"what,is\n1,2\n", None, "no export that is known"),
        (made.text(made.OPENAI_COSTS), None, "nothing to import"),
        (made.text(made.OPENAI_COSTS, made.openai_cost(1, "")), None, "nothing to import"),
        (made.COSTS + made.openai_cost(3, "1,25"), 6, "cells"),
        (made.COSTS + made.openai_cost(3, '"1,25"'), 6, "amount_value is not an amount"),
        (made.COSTS + made.openai_cost(3, "$1.25"), 6, "amount_value is not an amount"),
        (made.COSTS + made.openai_cost(3, "NaN"), 6, "amount_value is not an amount"),
        (made.COSTS + made.openai_cost(3, "1e99"), 6, "amount_value is an amount out of range"),
        (made.COSTS + made.openai_cost(3, "=1+1"), 6, "holds a formula"),
        (made.COSTS + made.openai_cost(3, "1").replace("usd", "dollars"), 6, "not a currency"),
        (made.COSTS + made.openai_cost(3, "1").replace("usd", ""), 6, "not a currency"),
        (made.COSTS + made.openai_cost(3, "1")[:40], 6, "cells, and the header 17"),
        (made.COSTS + made.openai_cost(3, "1").replace("17", "1/7/", 1), 6, "start_time is not"),
        (made.COSTS + made.openai_cost(3, "1").replace("org-acme", "org-b"), None, "2 accounts"),
        (made.COSTS + made.openai_cost(3, "1", "x" * 20_000), 6, "characters"),
        (made.COSTS + '"never closed', 6, "cannot be told apart"),
        (made.COSTS.encode() + b"\xff\xfe\xfd", None, "not UTF-8"),
        (
            made.text(made.ANTHROPIC_USAGE, "8/5/2026,m,k,w,standard,,1,0,0,0,1,0,g,"),
            2,
            "usage_date_utc is not a day like 2026-08-05",
        ),
        (
            made.text(made.ANTHROPIC_USAGE, "2031-01-01,m,k,w,standard,,1,0,0,0,1,0,g,"),
            2,
            "still to come",
        ),
        (
            made.text(made.ANTHROPIC_USAGE, "1999-01-01,m,k,w,standard,,1,0,0,0,1,0,g,"),
            2,
            "too long ago",
        ),
        (
            made.text(made.ANTHROPIC_USAGE, "2026-08-05,m,k,w,standard,,1.5,0,0,0,1,0,g,"),
            2,
            "not a whole number",
        ),
        (
            made.text(made.ANTHROPIC_USAGE, "2026-08-05,m,k,w,standard,,-1,0,0,0,1,0,g,"),
            2,
            "not a whole number from zero up",
        ),
        (
            made.text(made.DEEPSEEK_AMOUNT, "u,20260801,m,k,sk,thinking_tokens,1,5"),
            2,
            "type is no count that is known",
        ),
    ],
)
def test_one_odd_row_refuses_the_whole_file(
    tmp_path: Path, content: str | bytes, line: int | None, says: str
) -> None:
    told = refused(tmp_path, content)
    assert says in str(told), str(told)
    assert told.line == line


def test_the_files_that_are_known_are_named_where_one_is_not(tmp_path: Path) -> None:
    told = refused(tmp_path, "a,b\n1,2\n")
    for title in ("OpenAI costs", "Anthropic usage", "DeepSeek costs", "Google billing report"):
        assert title in told.remedy
    assert "--map" in told.remedy


def test_a_workbook_is_told_from_an_archive(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
    assert "is a workbook" in refused(tmp_path, packed.getvalue(), name="export.xlsx").sentence


def test_a_file_beyond_any_export_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(1_000_000_000)  # a hole: no disk is filled
    with pytest.raises(ImportProblem, match="1,000 MB"):
        read_file(path, today=TODAY)


def test_an_archive_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "LARGEST", 1_000)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("cost.csv", "x" * 100_000)
    assert "at most" in refused(tmp_path, packed.getvalue()).sentence


def test_a_folder_and_a_file_that_is_not_there_are_said_plainly(tmp_path: Path) -> None:
    for path, says in ((tmp_path, "is a folder"), (tmp_path / "gone.csv", "cannot be read")):
        with pytest.raises(ImportProblem, match=says):
            read_file(path, today=TODAY)


def test_an_archive_that_is_damaged_inside_is_said_plainly(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("cost.csv", made.COSTS)
    damaged = packed.getvalue().replace(b"0.8958740000000000", b"9.8958740000000000")
    assert "damaged" in refused(tmp_path, damaged).sentence


def test_a_sheet_of_too_many_rows_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "MOST_ROWS", 3)
    assert "more than 3 rows" in refused(tmp_path, made.COSTS).sentence


def test_two_sheets_may_not_tell_the_same_day(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", made.COSTS)
        archive.writestr("b.csv", made.COSTS)
    assert "both tell" in refused(tmp_path, packed.getvalue()).sentence


def test_a_file_can_be_stopped_while_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text(made.COSTS, encoding="utf-8")
    with pytest.raises(Cancelled):
        read_file(tmp_path / "export.csv", today=TODAY, cancelled=lambda: True)


def test_every_day_knows_the_lines_that_it_came_from(tmp_path: Path) -> None:
    days = only(tmp_path, made.COSTS).days
    assert [(day.first_line, day.last_line) for day in days] == [(2, 3), (4, 4), (5, 5)]


def test_every_format_is_found_by_its_file(tmp_path: Path) -> None:
    assert {"openai_costs_csv", "deepseek_amount_csv"} <= set(format_names())


# --- what shuffling, splitting and doubling rows changes: nothing ---

_ROWS = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.decimals(min_value="-5", max_value="2000", places=9, allow_nan=False),
        st.sampled_from(["", "gpt-5, input", "gpt-5, output", "web search tool calls"]),
    ),
    min_size=1,
    max_size=30,
    unique=True,
)


@settings(max_examples=60)
@given(rows=_ROWS, seed=st.integers(0, 999))
def test_order_and_doubles_change_nothing_and_the_sum_is_exact(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[int, object, str]],
    seed: int,
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    lines = [made.openai_cost(day, f"{amount:f}", item) for day, amount, item in rows]
    plain = only(folder, made.text(made.OPENAI_COSTS, *lines))
    mixed = [*lines, *lines[::2]]
    random.Random(seed).shuffle(mixed)
    again = only(folder, made.text(made.OPENAI_COSTS, *mixed))

    def sorted_days(part: FilePart) -> list[tuple[date, list[str], frozenset[str]]]:
        return [(s.day, sorted(map(repr, s.charges)), s.bills_by) for s in slices(part)]

    assert sorted_days(plain) == sorted_days(again)
    total = sum(charge.amount.nanos for s in slices(plain) for charge in s.charges)
    assert total == sum(int(amount * USD) for _, amount, _ in rows)  # type: ignore[operator]


@settings(max_examples=40)
@given(rows=_ROWS, cut=st.integers(1, 5))
def test_a_file_split_between_days_is_the_same_days(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, object, str]], cut: int
) -> None:
    folder = tmp_path_factory.mktemp("split")
    whole = slices(
        only(
            folder,
            made.text(made.OPENAI_COSTS, *(made.openai_cost(d, f"{a:f}", i) for d, a, i in rows)),
        )
    )
    parts: list[Slice] = []
    for half in ([r for r in rows if r[0] < cut], [r for r in rows if r[0] >= cut]):
        if half:
            lines = [made.openai_cost(d, f"{a:f}", i) for d, a, i in half]
            parts += slices(only(folder, made.text(made.OPENAI_COSTS, *lines)))
    assert parts == whole
