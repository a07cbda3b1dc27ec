"""The first screen of that August: as stored, whole, before the first source, in one currency."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from august import MONTH, NOW, TODAY, curve, day_total, money, month_end, span_of, stack, total
from limits import status
from rates import RATES

from plimsoll.domain.calendar import ONE_DAY, Period
from plimsoll.domain.money import Money
from plimsoll.domain.question import Amounts, DaySpend, Gap, Question, Row, Series, Table
from plimsoll.services.answers import DailyStack, Mover, Need, Overview
from plimsoll.services.figures import Combined
from plimsoll.services.stored import StoredFigures


def stored_figures(*, currencies: tuple[str, ...] = ("USD",)) -> StoredFigures:
    """What `overview` says of the month so far and of the last 30 days."""
    whole = overview()
    amounts = Amounts("USD", whole.billed, whole.estimated, 0, 0)
    question = Question(Period(MONTH.first, TODAY))
    total_row = Row((), amounts=(amounts,))
    return StoredFigures(
        now=NOW,
        currency="USD",
        currencies=currencies,
        month=MONTH,
        amounts=amounts,
        so_far=Table(question, rows=(total_row,), total=total_row),
        recent=whole.recent,
    )


def overview(span: str = "30d", currency: str | None = None) -> Overview:
    """The first screen of a month that goes well but will pass its budget."""
    end, spent = month_end(), total(MONTH)
    recent = tuple(
        DaySpend(d, billed=day_total(d), final=d < TODAY - ONE_DAY) for d in span_of("30d").days()
    )
    before = sum(day_total(d) for d in Period(date(2026, 7, 1), date(2026, 7, 20)).days())
    return Overview(
        now=NOW,
        currency=currency or "USD",
        currencies=("USD",),
        has_sources=True,
        month=MONTH,
        spent=spent,
        billed=spent - money("182.44"),
        estimated=money("182.44"),
        not_priced_tokens=0,
        tokens=1_284_000_000,
        before_same_days=before,
        month_end=end,
        today=day_total(TODAY),
        week_mean=sum(day_total(TODAY - i * ONE_DAY) for i in range(1, 8)) // 7,
        budget=status(),
        change=("$214.87 more than in the same days of July, mostly claude-opus-4.5 (+$161.20)."),
        movers=(
            Mover("claude-opus-4.5", money("981.42"), money("820.22")),
            Mover("gpt-5.2", money("512.10"), money("447.85")),
            Mover("gemini-3-pro", money("244.02"), money("219.71")),
            Mover("gpt-5-mini", money("142.88"), money("187.31")),
            Mover("deepseek-v4", money("96.40"), money("86.85")),
        ),
        needs=(
            Need("warning", "“All models” is likely to pass $3,400 on 30 Aug.", "budgets"),
            Need("failed", "Anthropic: the key was refused on 19 Aug.", "sources"),
        ),
        stack=stack(span),
        recent=Series(span_of("30d"), "USD", recent),
        curve=curve(),
        as_of=NOW - timedelta(minutes=2),
        not_final_from=TODAY - ONE_DAY,
        gaps=(Gap("Anthropic", Period(date(2026, 7, 9), date(2026, 7, 10)), "not fetched yet"),),
        sources_count=2,
    )


def empty_overview() -> Overview:
    """The very first start: no source, nothing known."""
    nothing = tuple(DaySpend(d, known=False) for d in span_of("30d").days())
    days = tuple(span_of("30d").days())
    return replace(
        overview(),
        currencies=(),
        has_figures=False,
        has_sources=False,
        spent=0,
        billed=0,
        estimated=0,
        tokens=0,
        before_same_days=None,
        month_end=None,
        today=None,
        week_mean=None,
        budget=None,
        change="",
        movers=(),
        needs=(),
        stack=DailyStack(
            span_of("30d"), "USD", days, (), tuple(False for _ in days), tuple(True for _ in days)
        ),
        recent=Series(span_of("30d"), "USD", nothing),
        curve=None,
        as_of=None,
        not_final_from=None,
        gaps=(),
        sources_count=0,
    )


def together(**changes: object) -> Overview:
    """All money of the month in dollars, some of it from yuan."""
    end = month_end()
    yuan = replace(end, currency="CNY", median=money(640), low80=money(590), high80=money(700))
    combined = Combined(
        native=(Money("USD", money("2691.04")), Money("CNY", money("412.30"))),
        rates=RATES[:1],
        ends=(end, yuan),
    )
    combined = replace(combined, bars=combined)
    whole = replace(overview("90d"), currencies=("USD", "CNY"), display="USD", combined=combined)
    whole = replace(whole, spent=money("2748.95"), month_end=None, curve=curve(limit=None))
    return replace(whole, **changes)


def no_figures() -> StoredFigures:
    """Nothing is stored, so that the whole answer is the first one."""
    return stored_figures(currencies=())
