"""A believable market for the window's tests, made by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from plimsoll.analysis.market import Bought, Index, quote
from plimsoll.analysis.outlook import Doubling
from plimsoll.domain.actors import Actors
from plimsoll.domain.calendar import Period
from plimsoll.domain.money import NANO
from plimsoll.domain.question import EVERYTHING
from plimsoll.domain.usage import Evidence, Tokens
from plimsoll.services.actors import Told
from plimsoll.services.dialogue import Dialogue
from plimsoll.services.market_answers import (
    BasketRow,
    BoardRow,
    Coming,
    Growth,
    IndexBasket,
    IndexPoint,
    Line,
    Loops,
    Market,
    Part,
    PriceBoard,
    Ratio,
    Ticker,
    Use,
)
from plimsoll.services.own_loop import Loop
from plimsoll.services.time_of_use import PeakHours

NOW = datetime(2026, 8, 20, 14, 5, tzinfo=UTC)
PERIOD = Period(date(2026, 7, 21), date(2026, 8, 19))

_TOKENS = Tokens(input=200_000, cache_read=750_000, output=50_000)
_WORTHS = (
    Fraction(NANO, 5),
    Fraction(3 * NANO, 40),
    Fraction(0),
    Fraction(0),
    Fraction(NANO, 2),
)


def quoted(nanos: int):
    """A million tokens for so much, at a list price of $0.775."""
    return quote([Bought(nanos, _TOKENS, _WORTHS), Bought(NANO, None), Bought(None, _TOKENS)])


def use(period: Period, *parts: tuple[str, str, str, int, int | None], **more: int) -> Use:
    """What was used: seller, model, region, tokens and nano-units."""
    return Use(period, tuple(Part(*part) for part in parts), **more)


def mixed(period: Period, mainland: int, **more: int) -> Use:
    """Of a thousand tokens so many from the mainland; half of the money to each of two sellers."""
    return use(
        period,
        ("anthropic", "claude-opus-5-5", "overseas", 900 - mainland, 5 * NANO),
        ("openrouter", "deepseek/deepseek-flash", "mainland", mainland, 4 * NANO),
        ("openrouter", "nobody-knows-1", "", 100, NANO),
        **more,
    )


def growth(**changed: object) -> Growth:
    """Three whole weeks, the middle one with a day that nobody answered for, and one under way."""
    answer = {
        "now": NOW,
        "currency": "USD",
        "currencies": ("USD", "CNY"),
        "doubling": Doubling(89.0, 82.0, 98.0),
        "use": mixed(PERIOD, 30, not_final=2),
        "before": mixed(Period(date(2026, 6, 21), date(2026, 7, 20)), 0),
        "weeks": (
            mixed(Period(date(2026, 7, 27), date(2026, 8, 2)), 100),
            mixed(Period(date(2026, 8, 3), date(2026, 8, 9)), 500, missing=1),
            mixed(Period(date(2026, 8, 10), date(2026, 8, 16)), 300),
            mixed(Period(date(2026, 8, 17), date(2026, 8, 19)), 450, not_final=2),
        ),
        "loops": (Loops(date(2026, 8, 6), 80, 100), Loops(date(2026, 8, 13), 90, 100)),
        "titles": {"anthropic": "Anthropic", "openrouter": "OpenRouter"},
        "dialogue": dialogue(),
    }
    return Growth(**(answer | changed))  # type: ignore[arg-type]


def dialogue(**changed: object) -> Dialogue:
    """Three weeks: no agent worked in the second, and the provider tells of the last two, of which
    the latest can still change.
    """
    weeks = tuple(
        Period(date(2026, month, day), date(2026, month, day) + timedelta(days=6))
        for month, day in ((7, 27), (8, 3), (8, 10))
    )
    answer = {
        "weeks": weeks,
        "loops": (Loop(human=20, tool_loop=80), None, Loop(human=10, tool_loop=60, subagent=30)),
        "told": (
            Told(
                "Work",
                (None, Actors(person=90, not_told=10), Actors(60, 20, 10, 10)),
                not_final=1,
            ),
        ),
    }
    return Dialogue(**(answer | changed))  # type: ignore[arg-type]


def no_growth() -> Growth:
    """Nothing was used."""
    nothing = use(PERIOD)
    empty = Dialogue((), ())
    return growth(doubling=None, use=nothing, before=nothing, weeks=(), loops=(), dialogue=empty)


def basket() -> IndexBasket:
    """One good that got cheaper, and one that began after the start."""
    rows = (
        BasketRow("Work", "claude-opus-5-5", "", "input", 10**6, 2 * 10**6, 5 * NANO, 4 * NANO),
        BasketRow("Work", "gpt-6-luna", "batch", "output", 0, 10**6, None, NANO // 4),
    )
    return IndexBasket(date(2026, 6, 1), date(2026, 8, 1), rows)


def market(**changed: object) -> Market:
    """August's market in dollars."""
    price, before = quoted(700_000_000), quoted(NANO)
    ticker = Ticker(
        Evidence.BILLED, date(2026, 8, 19), quoted(680_000_000), price, before, (before, price)
    )
    points = tuple(
        IndexPoint(
            date(2026, month, 1),
            Index(Fraction(low), Fraction(low), Fraction(low), Fraction(1), Fraction(9, 10)),
            Fraction(paid),
        )
        for month, low, paid in ((6, 100, 100), (7, 96, 104), (8, 90, 108))
    )
    answer = {
        "now": NOW,
        "currency": "USD",
        "currencies": ("USD", "CNY"),
        "period": PERIOD,
        "tickers": (ticker,),
        "lines": (
            Line(
                *("anthropic", "claude-opus-5-5", Evidence.BILLED, price, NANO, ("Work",)),
                weeks=(NANO, None, 700_000_000),
                latest=(date(2026, 8, 19), 680_000_000),
            ),
            Line("openai", "gpt-6-luna", Evidence.ESTIMATED, quoted(63_800_000), None),
        ),
        "sellers": (
            Line("anthropic", None, Evidence.BILLED, price, NANO, ("Work",), is_whole=True),
        ),
        "points": points,
        "not_priced_tokens": 25_000_000,
        "has_data": True,
        "only_plan": False,
        "titles": {"anthropic": "Anthropic", "openai": "OpenAI"},
    }
    return Market(**(answer | changed))  # type: ignore[arg-type]


def empty_market() -> Market:
    """Before the first figures."""
    return market(
        currencies=(),
        tickers=(),
        lines=(),
        sellers=(),
        points=(),
        not_priced_tokens=0,
        has_data=False,
    )


def board(**changed: object) -> PriceBoard:
    """Three models of three lists."""
    rows = (
        BoardRow(
            *("listed", "openai", "gpt-6-luna", "USD", None),
            *(100_000_000, 10_000_000, 125_000_000, 500_000_000, 48_400_000),
            tiers=(("batch", Fraction(1, 2)),),
            steps=(272_000,),
            used=True,
            history=(96_000_000, 48_400_000),
        ),
        BoardRow(
            *("overlay", "deepseek", "deepseek-flash", "CNY", None),
            *(2 * NANO, 40_000_000, None, 8 * NANO, 700_000_000),
            peak=True,
            other_hours=(NANO, 4 * NANO),
        ),
        BoardRow(
            *("listed", "google", "gemini-4-argon", "USD", None),
            *(2 * NANO, 100_000_000, None, 10 * NANO, 890_000_000),
            coming=(Coming(datetime(2026, 12, 1, tzinfo=UTC), 4 * NANO, 20 * NANO),),
        ),
    )
    answer = {"rows": rows, "shares": {"input": Fraction(1)}, "edition": "made up"}
    return PriceBoard(**(answer | changed))  # type: ignore[arg-type]


def no_hours(period: Period) -> PeakHours:
    """No price depends on the hour."""
    return PeakHours(period, EVERYTHING, (), used=True, gaps=(), not_final_from=None)


def peers() -> tuple[Ratio, ...]:
    """One pair that is measured, and one that cannot be."""
    return (
        Ratio(
            *("everyday", "deepseek", "deepseek-flash", "USD", "openai", "gpt-6.1-sol"),
            *(Fraction(3, 40), Fraction(3, 50)),
        ),
        Ratio(
            *("everyday", "deepseek", "deepseek-flash", "CNY", "openai", "gpt-6.1-sol"),
            *(None, None),
            why="No rate from CNY to USD is set.",
        ),
    )
