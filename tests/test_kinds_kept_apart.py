"""Billed, estimated, plan and not priced meet in one archive, and no surface mixes them.

The amounts are such that every sum of two kinds, or of two currencies, can be told by its digits.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel, QTableView, QWidget

from plimsoll.cli.main import run
from plimsoll.cli.session import Hooks
from plimsoll.domain.budget import Budget
from plimsoll.domain.calendar import Period, day_start
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.question import Amounts, Dimension, Question
from plimsoll.domain.subscription import Subscription
from plimsoll.domain.usage import (
    Attribution,
    Charge,
    Computed,
    PricedSlice,
    Slice,
    Tokens,
    UsageRecord,
)
from plimsoll.ledger import catalog, usage
from plimsoll.ledger.database import Ledger
from plimsoll.services.clock import SystemClock
from plimsoll.services.program import Program
from plimsoll.services.vault import MemoryVault
from plimsoll.ui.charts.canvas import Canvas
from plimsoll.ui.jobs import Jobs
from plimsoll.ui.places import PAGE_NAMES, page_class

NOW = "2026-11-20T09:30:00+00:00"
DAY = date(2026, 11, 18)
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))

BILLED, ESTIMATED, PLAN, WORTH, UNPRICED = 1, 20, 300, 70_000, 4_000
YUAN_BILLED, YUAN, YUAN_PLAN, YUAN_WORTH = 80, 5_000, 600_000, 7_000_000

MIXED = (
    BILLED + PLAN,
    ESTIMATED + PLAN,
    BILLED + ESTIMATED + PLAN,
    YUAN + YUAN_PLAN,
    YUAN_BILLED + YUAN_PLAN,
    YUAN_BILLED + YUAN + YUAN_PLAN,
    BILLED + YUAN_BILLED + YUAN,
    ESTIMATED + YUAN,
    ESTIMATED + YUAN_BILLED + YUAN,
    BILLED + ESTIMATED + YUAN,
    BILLED + ESTIMATED + YUAN_BILLED + YUAN,
)
"""What would stand somewhere if kinds or currencies were added."""


def used(day: date, worth: Money | None, *, tokens: int = 1, model: str = "m") -> PricedSlice:
    start = day_start(day) + timedelta(hours=9)
    record = UsageRecord(
        start, start + timedelta(hours=1), Attribution(model=model), Tokens(tokens)
    )
    return PricedSlice(Slice("usage", day, (record,)), (Computed(worth, "list" if worth else ""),))


def usd(units: int) -> Money:
    return Money("USD", units * NANO)


def cny(units: int) -> Money:
    return Money("CNY", units * NANO)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An archive in which one day has every kind of number, in dollars and in yuan."""
    monkeypatch.setenv("PLIMSOLL_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PLIMSOLL_NOW", NOW)
    ledger = Ledger.open(tmp_path, clock=SystemClock())

    def bill(amount: Money) -> PricedSlice:
        charge = Charge(Attribution(model="m"), amount, "")
        return PricedSlice(Slice("costs", DAY, charges=(charge,), bills_by=frozenset({"model"})))

    kinds: dict[str, list[PricedSlice]] = {
        "Billed": [
            used(DAY, usd(WORTH)),
            bill(usd(BILLED)),
        ],
        "East billed": [used(DAY, cny(YUAN_WORTH)), bill(cny(YUAN_BILLED))],
        "Estimated": [used(DAY, usd(ESTIMATED))],
        "Unknown": [used(DAY, None, tokens=UNPRICED, model="nobody-knows")],
        "Flat": [used(DAY, usd(PLAN))],
        "East": [used(DAY, cny(YUAN))],
        "East flat": [used(DAY, cny(YUAN_PLAN))],
    }
    for name, slices in kinds.items():
        source = catalog.add_source(
            ledger,
            name=name,
            connector="openai",
            settings=(("money", "plan"),) if "lat" in name else (),
        )
        usage.replace_slices(ledger, source.id, slices, revision_days=3)
    ledger.close()
    return tmp_path


@pytest.fixture
def program(folder: Path) -> Iterator[Program]:
    opened = Program(folder, clock=SystemClock(), vault=MemoryVault())
    opened.set_budget(Budget("Dollars", 100 * NANO, "USD"))
    opened.set_budget(Budget("Yuan", 9_100 * NANO, "CNY"))
    flat = Subscription("Flat", "Max", Money("USD", 47 * NANO), date(2026, 11, 10))
    opened.set_subscription(flat)
    yield opened
    opened.close()


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    hooks = Hooks(
        open_window=lambda _program: 0,
        start_hidden=lambda _program: 0,
        save_pictures=lambda _program, _folder: (),
        has_display=lambda: False,
    )
    assert run(hooks, arguments) in {0, 3}
    return capsys.readouterr().out


def amounts(documents: list[dict[str, str]]) -> dict[str, dict[str, Decimal]]:
    return {
        document["currency"]: {k: Decimal(v) for k, v in document.items() if k != "currency"}
        for document in documents
    }


WHOLE = {
    "USD": {
        "billed": Decimal(BILLED),
        "estimated": Decimal(ESTIMATED),
        "plan": Decimal(PLAN),
        "worth": Decimal(WORTH + ESTIMATED + PLAN),
    },
    "CNY": {
        "billed": Decimal(YUAN_BILLED),
        "estimated": Decimal(YUAN),
        "plan": Decimal(YUAN_PLAN),
        "worth": Decimal(YUAN_WORTH + YUAN + YUAN_PLAN),
    },
}


# --- the query layer ---


@pytest.mark.parametrize("by", [(), *((d,) for d in Dimension)], ids=str)
def test_every_answer_holds_the_kinds_apart(program: Program, by: tuple[Dimension, ...]) -> None:
    table = program.spend(Question(NOVEMBER, by=by))
    sums: dict[str, Amounts] = {}
    for row in table.rows:
        for part in row.amounts:
            sums[part.currency] = sums.get(part.currency, Amounts(part.currency)) + part
    for currency, kinds in WHOLE.items():
        assert sums[currency] == Amounts(currency, *(int(units) * NANO for units in kinds.values()))
    assert sums["USD"].spent == (BILLED + ESTIMATED) * NANO
    assert sum(row.not_priced_tokens for row in table.rows) == UNPRICED
    assert table.total.not_priced_tokens == UNPRICED


# --- the command line ---


def test_spend_names_every_kind(folder: Path, capsys: Any) -> None:
    text = printed(capsys, "spend")
    for words in ("$1.00 billed", "$20.00 estimated", "$300.00 plan", "4,000 not priced"):
        assert words in text
    assert "¥80.00 billed, ¥5,000.00 estimated, ¥600,000.00 plan" in text
    assert no_mixture(text) == []


def test_json_has_a_field_for_each_kind(folder: Path, capsys: Any) -> None:
    total = json.loads(printed(capsys, "spend", "--json"))["total"]
    assert amounts(total["amounts"]) == WHOLE
    assert total["not_priced_tokens"] == UNPRICED


@pytest.mark.parametrize("by", ["", "source", "day,model"])
def test_a_cell_of_csv_tells_its_kind_by_its_column(folder: Path, capsys: Any, by: str) -> None:
    text = printed(capsys, "spend", "--csv", "--by", by)
    check_csv(list(csv.DictReader(io.StringIO(text))))


def test_reports_keep_the_kinds_apart(folder: Path, capsys: Any, tmp_path: Path) -> None:
    printed(capsys, "report", str(tmp_path / "r.csv"))
    with (tmp_path / "r.csv").open(encoding="utf-8", newline="") as file:
        check_csv(list(csv.DictReader(file)))
    printed(capsys, "report", str(tmp_path / "r.json"))
    document = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert amounts(document["total"]["amounts"]) == WHOLE
    assert document["total"]["not_priced_tokens"] == UNPRICED


def check_csv(rows: list[dict[str, str]]) -> None:
    sums: dict[str, dict[str, Decimal]] = {}
    for row in rows:
        if row["currency"]:
            mine = sums.setdefault(row["currency"], dict.fromkeys(WHOLE["USD"], Decimal(0)))
            for kind in mine:
                mine[kind] += Decimal(row[kind])
    assert sums == WHOLE
    assert sum(int(row["not_priced_tokens"] or 0) for row in rows) == UNPRICED


def test_a_budget_is_billed_and_estimated_and_says_so(
    program: Program, folder: Path, capsys: Any
) -> None:
    text = printed(capsys, "budget", "list")
    assert (
        "Dollars: $21.00 of $100.00 (21%), $20.00 of it estimated, 4,000 tokens not priced" in text
    )
    assert "Yuan: ¥5,080.00 of ¥9,100.00 (55%), ¥5,000.00 of it estimated" in text
    assert no_mixture(text) == []
    documents = json.loads(printed(capsys, "budget", "list", "--json"))["budgets"]
    found = {d["name"]: d for d in documents}
    dollars = found["Dollars"]
    kinds = ("spent", "billed", "estimated")
    assert [Decimal(dollars[kind]) for kind in kinds] == [BILLED + ESTIMATED, BILLED, ESTIMATED]
    assert dollars["not_priced_tokens"] == UNPRICED


def test_a_forecast_is_never_of_plan(program: Program, folder: Path, capsys: Any) -> None:
    ends = {
        e["currency"]: e for e in json.loads(printed(capsys, "forecast", "--json"))["month_end"]
    }
    assert {code: Decimal(end["spent"]) for code, end in ends.items()} == {
        "USD": BILLED + ESTIMATED,
        "CNY": YUAN_BILLED + YUAN,
    }
    assert "$21.00, billed and estimated" in printed(capsys, "forecast")
    for end in program.month_ends(Question(NOVEMBER).scope):
        alone = end.spent * 30
        assert end.run_rate <= alone, "no more than every day as the one day"


def test_a_change_is_of_what_was_spent(folder: Path, capsys: Any) -> None:
    words = printed(capsys, "change", "--from", "2026-11-01", "--to", "2026-11-19")
    assert no_mixture(words) == []


# --- the window ---


def no_mixture(text: str) -> list[str]:
    """The sums of two kinds that a text holds."""
    figures = {f"{value:,}" for value in MIXED} | {str(value) for value in MIXED}
    return [
        f for f in sorted(figures) if re.search(rf"(?<![\d.,\u202f]){re.escape(f)}(?![\d,])", text)
    ]


def words_of(page: QWidget) -> str:
    """Everything that a page says: labels, tips, names, tables, charts and their days."""
    texts = []
    for widget in (page, *page.findChildren(QWidget)):
        texts += [widget.toolTip(), widget.accessibleName(), widget.accessibleDescription()]
        if isinstance(widget, QLabel):
            texts.append(widget.text())
        if isinstance(widget, QTableView):
            model = widget.model()
            texts += [
                str(model.index(row, column).data())
                for row in range(model.rowCount())
                for column in range(model.columnCount())
            ]
        if isinstance(widget, Canvas):
            headers, rows = widget.table()
            texts += [*headers, *(cell for row in rows for cell in row)]
            for index in range(len(rows)):
                widget.point_at(index)
                texts.append(widget.tip_text())
            widget.point_at(None)
    return "\n".join(texts)


Show = Callable[[str], Any]


@pytest.fixture
def show(program: Program, qtbot: Any) -> Iterator[Show]:
    jobs = Jobs()

    def make(name: str) -> Any:
        page = page_class(name)(program, jobs)
        qtbot.addWidget(page)
        page.resize(1200, 900)
        with qtbot.waitSignal(page.settled, timeout=10_000):
            page.show()
        return page

    yield make
    jobs.close()


@pytest.mark.parametrize("name", PAGE_NAMES)
def test_no_page_adds_two_kinds_or_two_currencies(show: Show, name: str) -> None:
    assert no_mixture(words_of(show(name))) == []


def test_the_search_for_mixtures_would_find_one() -> None:
    for text in ("$321.00", "in all 301.", "¥605,000.00 spent", "320\u202fof", "$5,021"):
        assert no_mixture(text) != [], text
    for text in ("$70,320.00", "$21.00", "1,301 tokens", "$13.21"):
        assert no_mixture(text) == [], text


def test_the_first_screen_names_the_kind_of_every_figure(show: Show, program: Program) -> None:
    dollars = program.overview(currency="USD")
    assert (dollars.spent, dollars.billed, dollars.estimated) == (21 * NANO, NANO, 20 * NANO)
    assert set(dollars.plans) == {usd(PLAN), cny(YUAN_PLAN)}
    page = show("overview")
    page._choose_currency("USD")
    said = words_of(page)
    for words in ("Plan", "not owed, and not in Spent", "Fees you entered: Max, $47.00 a month"):
        assert words in said


@pytest.mark.parametrize("name", PAGE_NAMES)
def test_an_archive_of_yuan_alone_shows_no_dollar(folder: Path, qtbot: Any, name: str) -> None:
    ledger = Ledger.open(folder, clock=SystemClock())
    for source in catalog.sources(ledger):
        if not source.name.startswith("East"):
            catalog.remove_source(ledger, source.id, forget=True)
    ledger.close()
    program, jobs = Program(folder, clock=SystemClock(), vault=MemoryVault()), Jobs()
    program.set_budget(Budget("Yuan", 9_000 * NANO, program.most_spent_currency()))
    page = page_class(name)(program, jobs)
    qtbot.addWidget(page)
    with qtbot.waitSignal(page.settled, timeout=10_000):
        page.show()
    said = words_of(page)
    assert "$" not in said
    assert "USD" not in said
    if name == "overview":
        assert (page.month.value, page.month.evidence) == ("¥5,080.00", "Billed + estimated")
        assert page.budget.sentence.startswith("¥5,080.00 of ¥9,000")
        assert not page.currency.isVisible()
    jobs.close()
    program.close()


def test_a_day_of_tokens_without_a_price_is_no_zero(folder: Path, qtbot: Any) -> None:
    ledger = Ledger.open(folder, clock=SystemClock())
    for source in catalog.sources(ledger):
        if source.name != "Unknown":
            catalog.remove_source(ledger, source.id, forget=True)
    [unknown] = catalog.sources(ledger)
    today = datetime.fromisoformat(NOW).astimezone(UTC).date()
    usage.replace_slices(ledger, unknown.id, [used(today, None, tokens=5)], revision_days=3)
    ledger.close()
    program, jobs = Program(folder, clock=SystemClock(), vault=MemoryVault()), Jobs()
    page = page_class("overview")(program, jobs)
    qtbot.addWidget(page)
    with qtbot.waitSignal(page.settled, timeout=10_000):
        page.show()
    assert (page.month.value, page.month.evidence) == ("–", "Not priced")
    assert page.month.sentence == "4\u202f005 tokens not priced"
    assert (page.today.value, page.today.sentence) == ("–", "5 tokens not priced")
    assert "$0" not in page.month.value + page.today.value
    jobs.close()
    program.close()
