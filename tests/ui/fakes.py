"""FakeProgram: answers of a believable August for the window's tests, made by hand, no ledger."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from bills import FakeDesk, check_answer, restated
from markets import basket, board, growth, market, no_hours, peers
from purses import purse

from plimsoll.analysis.change import Side, Spent, Used, explain
from plimsoll.analysis.efficiency import whole_weeks
from plimsoll.analysis.prepaid import Between
from plimsoll.domain.alerting import AlertState
from plimsoll.domain.budget import (
    Alert,
    Budget,
    BudgetStatus,
    Threshold,
    ThresholdKind,
)
from plimsoll.domain.calendar import ONE_DAY, Period, month_of, previous_month
from plimsoll.domain.delivery import Channel
from plimsoll.domain.errors import KnownError, PlimsollError, WrongUse
from plimsoll.domain.exchange import Rate
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.prepaid import Credit
from plimsoll.domain.question import (
    EVERYTHING,
    Amounts,
    DaySpend,
    Gap,
    Question,
    Row,
    Scope,
    Series,
    Table,
)
from plimsoll.domain.secret import Secret
from plimsoll.domain.subscription import Subscription
from plimsoll.domain.tokens import Tokens
from plimsoll.services import market_answers
from plimsoll.services.answers import (
    AgentCard,
    AlertLine,
    AlertList,
    BudgetCard,
    BudgetsPage,
    CurvePoint,
    DailyStack,
    MonthCurve,
    MonthEnd,
    Mover,
    Need,
    Overview,
    ProviderCard,
    SourceCard,
    SourceOutcome,
    SourcesPage,
    SourceState,
    StackSeries,
    SyncOutcome,
    SyncProgress,
    TestLine,
)
from plimsoll.services.breakdown import ALWAYS, Breakdown, SpendLine
from plimsoll.services.burndown import BurnDay, BurnDown
from plimsoll.services.change import Change, CurrencyChange
from plimsoll.services.check_answers import CheckAnswer
from plimsoll.services.currencies import Currencies
from plimsoll.services.deliveries import Sent
from plimsoll.services.efficiency_answers import Efficiency
from plimsoll.services.figures import Combined
from plimsoll.services.login import LoginStart
from plimsoll.services.market_answers import IndexBasket, Market, PriceBoard, Ratio
from plimsoll.services.proposals import Proposal
from plimsoll.services.provenance import (
    Kind,
    PriceBehind,
    Provenance,
    RowBehind,
    SourceBehind,
)
from plimsoll.services.reprice import NoUsage, Repricings
from plimsoll.services.restated import Restated
from plimsoll.services.schedule import Awake, Plan, Surroundings
from plimsoll.services.settings import Settings
from plimsoll.services.stored import StoredFigures
from plimsoll.services.subscriptions import CycleStanding, SubscriptionStanding
from plimsoll.services.time_of_use import PeakHours
from plimsoll.services.watch import Growth

NOW = datetime(2026, 8, 20, 14, 5, tzinfo=UTC)
TODAY = NOW.date()
MONTH = month_of(TODAY)
OPENAI_KEY = "sk-admin-abcdefghijklmnopqrstuvwxyz3f9a"
ANTHROPIC_KEY = "sk-ant-admin01-ABCDEFGHIJKLMNOP7c21"

MODELS = (
    ("claude-opus-4.5", 42.0),
    ("claude-sonnet-4.5", 30.0),
    ("gpt-5.2", 26.0),
    ("gpt-5-mini", 8.0),
    ("gemini-3-pro", 12.0),
    ("deepseek-v4", 5.0),
)

_WEEK = (1.0, 1.12, 1.2, 1.08, 0.98, 0.34, 0.28)
PROVIDERS = (
    ProviderCard(
        name="anthropic",
        title="Anthropic",
        base_url="https://api.anthropic.com",
        key_label="Anthropic Admin key",
        key_starts=("sk-ant-admin",),
        needs="An Admin key of the organisation; a normal API key cannot read usage.",
        help_url="https://console.anthropic.com/settings/admin-keys",
        gives=("tokens", "money", "per model", "per project"),
    ),
    ProviderCard(
        name="openai",
        title="OpenAI",
        base_url="https://api.openai.com/v1",
        key_label="OpenAI Admin key",
        key_starts=("sk-admin-",),
        needs="An Admin key with read access to Usage.",
        help_url="https://platform.openai.com/settings/organization/admin-keys",
        gives=("tokens", "money", "per model", "per project", "per key"),
    ),
)


class FixedClock:
    """A wall clock that stands still."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        return None


def money(amount: float | str) -> int:
    """Dollars as nano-units."""
    return int(Decimal(str(amount)) * NANO)


def day_amount(model: int, day: date) -> int:
    """A believable amount of one model on one day: weekdays, growth, a little unrest, a peak."""
    base = MODELS[model][1]
    growth = 1.0 + max(0, (day - date(2026, 1, 1)).days) / 700
    unrest = 0.78 + ((day.toordinal() * 37 + model * 53) % 101) / 200
    peak = 1.9 if day == date(2026, 8, 4) else 1.0
    part_of_day = 0.55 if day == TODAY else 1.0
    return money(f"{base * _WEEK[day.weekday()] * growth * unrest * peak * part_of_day:.4f}")


def day_total(day: date) -> int:
    """All models of one day."""
    return sum(day_amount(i, day) for i in range(len(MODELS)))


def total(period: Period) -> int:
    """All models of the days of `period` up to today."""
    return sum(day_total(d) for d in period.days() if d <= TODAY)


def _span(span: str) -> Period:
    match span:
        case "7d" | "30d" | "90d":
            return Period(TODAY - (int(span[:-1]) - 1) * ONE_DAY, TODAY)
        case "month":
            return MONTH
        case "year":
            return Period(date(TODAY.year, 1, 1), TODAY)
    raise WrongUse(f"There is no period called {span}.")


def stack(span: str = "30d", *, scale: int = 1, currency: str = "USD") -> DailyStack:
    """Spend per day and model over one of the page's periods."""
    period = _span(span)
    days = tuple(period.days())
    gap = {date(2026, 7, 9), date(2026, 7, 10)}
    return DailyStack(
        period=period,
        currency=currency,
        days=days,
        series=tuple(
            StackSeries(
                name,
                tuple(0 if d in gap or d > TODAY else day_amount(i, d) * scale for d in days),
            )
            for i, (name, _) in enumerate(MODELS)
        ),
        known=tuple(d not in gap and d <= TODAY for d in days),
        final=tuple(d < TODAY - ONE_DAY for d in days),
    )


def curve(*, limit: int | None = money(3400), name: str = "All models") -> MonthCurve:
    """August so far, its forecast fan, July behind it and the budget's line."""
    points, running, median = [], 0, 0
    spread = 0
    for day in MONTH.days():
        if day <= TODAY:
            running += day_total(day)
            median = running
            if day < TODAY:
                points.append(CurvePoint(day, actual=running))
            else:
                points.append(CurvePoint(day, running, running, running, running))
            continue
        median += day_total(day - timedelta(days=7)) if day.day < 27 else money(128)
        spread += money(16)
        points.append(CurvePoint(day, None, median, median - spread, median + spread))
    july, before = 0, []
    for day in previous_month(TODAY).days():
        july += day_total(day)
        before.append(july)
    return MonthCurve(
        period=MONTH,
        currency="USD",
        today=TODAY,
        points=tuple(points),
        previous=tuple(before),
        limit=limit,
        limit_name=name,
    )


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


def month_end() -> MonthEnd:
    """The end of August as the curve has it."""
    last = curve().points[-1]
    assert last.median is not None
    spent = total(MONTH)
    return MonthEnd(
        currency="USD",
        period=MONTH,
        spent=spent,
        median=last.median,
        run_rate=spent * 31 // 20,
        low50=last.median - money(92),
        high50=last.median + money(92),
        low80=last.low80,
        high80=last.high80,
        low95=last.median - money(288),
        high95=last.median + money(288),
    )


BUDGET = Budget("All models", money(3400), "USD")


def status(budget: Budget = BUDGET) -> BudgetStatus:
    """The month's budget, likely to be passed near its end."""
    end = month_end()
    return BudgetStatus(
        budget=budget,
        period=MONTH,
        spent=end.spent,
        median=end.median,
        low80=end.low80,
        high80=end.high80,
        likely=0.72,
        passes_on=date(2026, 8, 30),
        crossed=(Threshold(ThresholdKind.ACTUAL, Decimal(50)),),
    )


def burn(budget: Budget = BUDGET, *, used: int = money(80)) -> BurnDown:
    """A budget of which the same is used every day, and that the forecast uses up on the way."""
    days, total, count = [], 0, len(MONTH)
    for place, day in enumerate(MONTH.days(), start=1):
        total += used
        wide = money(16) * max((day - TODAY).days, 0)
        ahead = (total, total - wide // 2, total + wide // 2, total - wide, total + wide)
        days.append(
            BurnDay(
                day,
                total if day <= TODAY else None,
                day < TODAY - timedelta(days=2) or day > TODAY,
                budget.nanos * place // count,
                *(ahead if day >= TODAY else ()),
            )
        )
    passes = next((day.day for day in days if (day.median or 0) >= budget.nanos), None)
    return BurnDown(budget, budget.nanos, TODAY, 0.5, tuple(days), passes)


def alert(percent: int = 80, *, fired: datetime = NOW) -> Alert:
    """One firing of a threshold of the month's budget."""
    return Alert(
        budget="All models",
        threshold=Threshold(ThresholdKind.ACTUAL, Decimal(percent)),
        period=MONTH,
        fired_at=fired,
        sentence=f"All models: {percent} % of $3,400.00 crossed on {fired:%-d %b}.",
    )


def overview(span: str = "30d", currency: str | None = None) -> Overview:
    """The first screen of a month that goes well but will pass its budget."""
    end, spent = month_end(), total(MONTH)
    recent = tuple(
        DaySpend(d, billed=day_total(d), final=d < TODAY - ONE_DAY) for d in _span("30d").days()
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
        recent=Series(_span("30d"), "USD", recent),
        curve=curve(),
        as_of=NOW - timedelta(minutes=2),
        not_final_from=TODAY - ONE_DAY,
        gaps=(Gap("Anthropic", Period(date(2026, 7, 9), date(2026, 7, 10)), "not fetched yet"),),
        sources_count=2,
    )


def empty_overview() -> Overview:
    """The very first start: no source, nothing known."""
    nothing = tuple(DaySpend(d, known=False) for d in _span("30d").days())
    days = tuple(_span("30d").days())
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
            _span("30d"), "USD", days, (), tuple(False for _ in days), tuple(True for _ in days)
        ),
        recent=Series(_span("30d"), "USD", nothing),
        curve=None,
        as_of=None,
        not_final_from=None,
        gaps=(),
        sources_count=0,
    )


def breakdown(question: Question, currency: str | None = None) -> Breakdown:
    """The month so far by model: what `stack` shows, as lines."""
    bars = stack("month")
    period = Period(MONTH.first, TODAY)
    lines = tuple(
        SpendLine(
            band.name,
            Amounts("USD", billed=band.total - money(4), estimated=money(4), worth=band.total),
            Tokens(input=band.total // 1000),
            1_204,
        )
        for band in bars.series
    )
    whole = Amounts("USD")
    for line in lines:
        assert line.amounts is not None
        whole += line.amounts
    tokens = Tokens(input=sum(line.tokens.input for line in lines))
    return Breakdown(
        now=NOW,
        question=replace(question, period=period),
        currency=currency or "USD",
        currencies=("USD",),
        has_sources=True,
        lines=lines,
        totals=(SpendLine(None, whole, tokens, 1_204 * len(lines)),),
        stack=bars,
        dimensions=ALWAYS,
        as_of=NOW - timedelta(minutes=2),
        gaps=overview().gaps,
        not_final_from=TODAY - ONE_DAY,
        sources_count=2,
    )


def change(period: Period, against: Period) -> Change:
    """Twice the tokens of one model, and a project that ended."""
    used = Used(Tokens(input=1_000), "OpenAI", "shop", "gpt-5.2")
    twice = Used(Tokens(input=2_000), "OpenAI", "shop", "gpt-5.2")
    spent = Spent(money(400), "OpenAI", "shop", "gpt-5.2")
    gone = Spent(money(75), "OpenAI", "lab", "gpt-5.2")
    explained = explain(
        Side((spent, gone), (used, replace(used, project="lab"))),
        Side((replace(spent, nanos=money(820)),), (twice,)),
    )
    before, after = (Amounts("USD", billed=n) for n in (explained.before, explained.after))
    tokens = (Tokens(input=2_000), Tokens(input=2_000))
    changes = (CurrencyChange("USD", explained, before, after, *tokens),)
    return Change(period, against, TODAY, changes, not_final_from=TODAY - ONE_DAY)


def provenance(question: Question, currency: str) -> Provenance:
    """One source, billed and a little estimated, at one price."""
    amounts = Amounts(currency, billed=money(40), estimated=money(2), worth=money(43))
    tokens = Tokens(input=1_000_000, output=50_000)
    basis = "list price of gpt-5.2: $1.25 input, $10 output per million tokens"
    source = SourceBehind(
        name="OpenAI",
        connector="openai",
        billed=amounts.billed,
        estimated=amounts.estimated,
        plan=0,
        worth=amounts.worth,
        charges=3,
        records=12,
        not_priced_tokens=0,
        days=question.period,
        not_final=1,
        fetched=(NOW - timedelta(minutes=2), NOW - timedelta(minutes=2)),
        editions=("genai-prices 0.2.3",),
    )
    return Provenance(
        now=NOW,
        question=question,
        currency=currency,
        total=Row((), tokens, 120, (amounts,)),
        amounts=amounts,
        sources=(source,),
        prices=(PriceBehind(Kind.ESTIMATED, basis, 2, 60_000, money(2), money(2)),),
        rows=(
            RowBehind(Kind.BILLED, "OpenAI", TODAY, money(30), "30.000000", line_item="input"),
            RowBehind(Kind.ESTIMATED, "OpenAI", TODAY, money(2), basis, NOW, "gpt-5.2"),
        ),
        not_final_from=TODAY - ONE_DAY,
    )


def source_cards() -> tuple[SourceCard, ...]:
    """One fresh source and one whose key was refused."""
    return (
        SourceCard(
            name="OpenAI",
            provider="openai",
            title="OpenAI",
            base_url="https://api.openai.com/v1",
            default_base_url=True,
            state=SourceState.FRESH,
            key_tail="3f9a",
            key_place="keyring",
            first_day=date(2025, 8, 12),
            last_day=TODAY,
            last_sync=NOW - timedelta(minutes=2),
            records=48_213,
            charges=3_904,
            gives=("tokens", "money", "per model", "per project", "per key"),
        ),
        SourceCard(
            name="Anthropic",
            provider="anthropic",
            title="Anthropic",
            base_url="https://api.anthropic.com",
            default_base_url=True,
            state=SourceState.FAILED,
            key_tail="7c21",
            key_place="environment",
            first_day=date(2025, 9, 1),
            last_day=date(2026, 8, 18),
            last_sync=NOW - timedelta(days=1, hours=5),
            failure="Anthropic refused the key (401). Replace it with a working Admin key.",
            failed_at=NOW - timedelta(days=1),
            records=12_441,
            charges=1_204,
            gives=("tokens", "money", "per model", "per project"),
            balances=(("USD", money("182.40")),),
        ),
    )


def sources_page(cards: tuple[SourceCard, ...] | None = None) -> SourcesPage:
    """The Sources page with a working keyring."""
    return SourcesPage(
        now=NOW,
        cards=source_cards() if cards is None else cards,
        providers=PROVIDERS,
        keyring="Secret Service (GNOME Keyring)",
        keyring_works=True,
        ledger_path="/home/ada/.local/share/plimsoll/ledger.sqlite",
        ledger_bytes=48_211_968,
        prepaid=(purse("Anthropic", "USD", 182.4, now=NOW),),
    )


def budgets_page() -> BudgetsPage:
    """One overall budget that will pass, one small one on track."""
    research = Budget("Research", money(900), "USD")
    calm = BudgetStatus(
        budget=research,
        period=MONTH,
        spent=money("412.18"),
        median=money("655.40"),
        low80=money("601.00"),
        high80=money("712.00"),
        likely=0.03,
    )
    return BudgetsPage(
        now=NOW,
        currency="USD",
        currencies=("USD",),
        has_data=True,
        month_end=month_end(),
        curve=curve(),
        budgets=(
            BudgetCard(status(), burn(), (alert(50, fired=NOW - timedelta(days=6)),)),
            BudgetCard(calm, burn(research)),
        ),
        worst="All models",
        alerts=AlertList(
            (
                AlertLine(alert(80), AlertState.FIRED, taken_back=False),
                AlertLine(
                    alert(50, fired=NOW - timedelta(days=6)), AlertState.FIRED, taken_back=True
                ),
            ),
            (("Research", NOW + timedelta(days=4)),),
        ),
        proposals=(
            Proposal(
                Budget("Month", money(3700), "USD"),
                "$3,700 a month: last month was $3,612, rounded up",
            ),
        ),
    )


MAX = Subscription("OpenAI", "Max", Money("USD", money(100)), date(2026, 6, 12))


def cycle(first: date = date(2026, 8, 12), *, a_day: float = 14, days: int = 9) -> CycleStanding:
    """A month of `Max` whose tokens are worth as much every day."""
    so_far = tuple(money(a_day) * (day + 1) for day in range(days))
    next_first = date(first.year, first.month + 1, first.day)
    return CycleStanding(
        period=Period(first, next_first - ONE_DAY),
        fee=MAX.fee,
        worth=(Money("USD", so_far[-1]),),
        in_fee=so_far[-1],
        so_far=so_far,
    )


def standing() -> SubscriptionStanding:
    """`Max` in its third month, worth its fee already."""
    past = (cycle(date(2026, 7, 12), a_day=3, days=31), cycle(date(2026, 6, 12), days=30))
    return SubscriptionStanding(MAX, cycle(), past)


RATES = (
    Rate(date(2026, 8, 10), "USD", "CNY", Decimal("7.12"), "Bank of China, middle rate"),
    Rate(date(2026, 1, 1), "USD", "CNY", Decimal("7.05")),
)


def currencies_page() -> Currencies:
    """Dollars and yuan with two rates, the newest first."""
    return Currencies(
        today=TODAY,
        display="",
        target="USD",
        spent_in=("USD", "CNY"),
        rates=RATES,
        left_out=(),
        first_day=date(2025, 8, 12),
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


@dataclass
class FakeProgram:
    """Answers at once; remembers what it was asked to do. `hold` makes syncs wait for `release`.

    Give `failure` to make every question fail, or replace an answer function.
    """

    data_dir: Path = Path("/nowhere")
    demo: bool = False
    clock: FixedClock = field(default_factory=FixedClock)
    asked: list[tuple[str, object]] = field(default_factory=list)
    failure: PlimsollError | None = None
    hold: bool = False
    release: threading.Event = field(default_factory=threading.Event)
    started: threading.Event = field(default_factory=threading.Event)
    outcome: SyncOutcome = field(
        default_factory=lambda: SyncOutcome(
            (SourceOutcome("OpenAI", 3), SourceOutcome("Anthropic", 2))
        )
    )
    kept: Settings = field(default_factory=lambda: Settings(theme="light", language="en"))
    stored_answer: Callable[[], StoredFigures] = no_figures
    overview_answer: Callable[[str, str | None], Overview] = overview
    agents: tuple[AgentCard, ...] = ()
    breakdown_answer: Callable[[Question, str | None], Breakdown] = breakdown
    budgets_answer: Callable[[], BudgetsPage] = budgets_page
    currencies_answer: Callable[[], Currencies] = currencies_page
    check_answer: Callable[[Period], CheckAnswer] = check_answer
    market_answer: Callable[[], Market] = market
    growth_answer: Callable[[], market_answers.Growth] = growth
    board_answer: Callable[[], PriceBoard] = board
    prices: FakeDesk = field(default_factory=FakeDesk)
    restated_answer: Callable[[], tuple[Restated, ...]] = restated
    sources_answer: Callable[[], SourcesPage] = sources_page
    test_lines: tuple[TestLine, ...] = (
        TestLine(True, "Usage of completions can be read."),
        TestLine(True, "Costs can be read."),
        TestLine(False, "Names of projects cannot be read.", "Ids are shown instead.", False),
    )
    plan_answer: Callable[[bool, bool], Plan] = lambda online, metered: Plan(
        surroundings=Surroundings(is_online=online, is_metered=metered)
    )
    login: LoginStart = field(
        default_factory=lambda: LoginStart(is_on=False, where="autostart/plimsoll.desktop")
    )
    add_failure: PlimsollError | None = None
    sent_answer: tuple[Sent, ...] = (Sent(Channel.COMMAND), Sent(Channel.WEBHOOK))
    closed: bool = False

    def _answer(self, what: str, detail: object = None) -> None:
        self.asked.append((what, detail))
        if self.failure is not None:
            raise self.failure

    def names_asked(self) -> list[str]:
        """What was asked, in order, without the details."""
        return [what for what, _ in self.asked]

    def stored_figures(self) -> StoredFigures:
        return self.stored_answer()

    def overview(
        self, *, currency: str | None = None, span: str = "30d", together: bool | None = None
    ) -> Overview:
        self._answer(
            "overview", (currency, span) if together is None else (currency, span, together)
        )
        return self.overview_answer(span, currency)

    def breakdown(self, question: Question, *, currency: str | None = None) -> Breakdown:
        self._answer("breakdown", (question, currency))
        return self.breakdown_answer(question, currency)

    def change(self, period: Period, against: Period, scope: Scope = EVERYTHING) -> Change:
        self._answer("change", (period, against, scope))
        return change(period, against)

    def provenance(self, question: Question, *, currency: str) -> Provenance:
        self._answer("provenance", (question, currency))
        return provenance(question, currency)

    def efficiency(self) -> Efficiency:
        self._answer("efficiency")
        return Efficiency(whole_weeks(self.clock.now().date()))

    def balance_steps(self, source: str, currency: str) -> tuple[Between, ...]:
        self._answer("balance_steps", (source, currency))
        amounts = ("182.40", "190.00", "150.00")
        held = [money(amount) for amount in amounts]
        return tuple(
            Between(
                currency,
                NOW - timedelta(hours=back + 1),
                NOW - timedelta(hours=back),
                held[back + 1],
                held[back],
                spent=max(held[back + 1] - held[back], 0),
                topped_up=max(held[back] - held[back + 1], 0),
            )
            for back in (0, 1)
        )

    def add_credit(self, name: str, credit: Credit) -> None:
        self._answer("add_credit", (name, credit))

    def remove_credit(self, name: str, number: int) -> None:
        self._answer("remove_credit", (name, number))

    def budgets_page(self, *, currency: str | None = None) -> BudgetsPage:
        self._answer("budgets_page", currency)
        return self.budgets_answer()

    def price_desk(self, cancelled: Callable[[], bool]) -> FakeDesk:
        self.prices.cancelled = cancelled
        return self.prices

    def look_at_restatements(self) -> bool:
        self._answer("look_at_restatements")
        return self.names_asked().count("look_at_restatements") == 1

    def restatements(self) -> tuple[Restated, ...]:
        self._answer("restatements")
        return self.restated_answer()

    def market(self, *, currency: str | None = None) -> Market:
        self._answer("market", currency)
        return self.market_answer()

    def peak_hours(self, period: Period, scope: Scope | None = None) -> PeakHours:
        self._answer("peak_hours", period)
        return no_hours(period)

    def growth(self, *, currency: str | None = None) -> market_answers.Growth:
        self._answer("growth", currency)
        return self.growth_answer()

    def index_basket(self, month: date, *, currency: str) -> IndexBasket | None:
        self._answer("index_basket", (month, currency))
        return basket()

    def price_board(self) -> PriceBoard:
        self._answer("price_board")
        return self.board_answer()

    def reprice(self, period: Period, to: Sequence[str], **wish: object) -> Repricings:
        self._answer("reprice", (period, to, wish))
        raise NoUsage("There is no usage.")

    def peer_ratios(self) -> tuple[Ratio, ...]:
        return peers()

    def check(self, period: Period) -> CheckAnswer:
        self._answer("check", period)
        return self.check_answer(period)

    def sources_page(self) -> SourcesPage:
        self._answer("sources_page")
        return self.sources_answer()

    def agents_here(self) -> tuple[AgentCard, ...]:
        return self.agents

    def say_payer(self, name: str, payer: str | None) -> None:
        self._answer("say_payer", (name, payer))

    def source_cards(self) -> tuple[SourceCard, ...]:
        self._answer("source_cards")
        return self.sources_answer().cards

    def set_budget(self, budget: Budget) -> None:
        self._answer("set_budget", budget)

    def judge_unusual(self, day: date, *, currency: str, expected: bool | None) -> None:
        self._answer("judge_unusual", (day, currency, expected))

    def deliver_alerts(self, *, cancelled: Callable[[], bool]) -> tuple[object, ...]:
        return ()

    def set_alert_webhook(self, address: object) -> None:
        self._answer("set_alert_webhook", address)
        host = "" if address is None else "hooks.slack.com"
        self.kept = replace(self.kept, alert_webhook=host)

    def send_test_alert(self, *, cancelled: Callable[[], bool]) -> tuple[Sent, ...]:
        self._answer("send_test_alert")
        return self.sent_answer

    def snooze(self, name: str, *, until: date) -> None:
        self._answer("snooze", (name, until))

    def wake(self, name: str) -> None:
        self._answer("wake", name)

    def remove_budget(self, name: str) -> None:
        self._answer("remove_budget", name)

    def add_source(
        self,
        provider: str,
        *,
        name: str,
        key: Secret | None,
        base_url: str | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.asked.append(("add_source", (provider, name, key.tail if key else None, base_url)))
        self.added_settings = dict(settings or {})
        if self.add_failure is not None:
            raise self.add_failure

    def edit_source(
        self,
        name: str,
        *,
        new_name: str | None = None,
        key: Secret | None = None,
        base_url: str | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        changed = (name, new_name, key.tail if key else None, base_url)
        self._answer("edit_source", changed if settings is None else (*changed, dict(settings)))

    def settle_overlap(self, overlap_id: int, *, once: bool, payer: str | None = None) -> None:
        self._answer("settle_overlap", (overlap_id, once, payer))

    def remove_source(self, name: str, *, forget: bool) -> None:
        self._answer("remove_source", (name, forget))

    def test_source(self, name: str) -> tuple[TestLine, ...]:
        self._answer("test_source", name)
        return self.test_lines

    def sync(
        self,
        names: Sequence[str] = (),
        *,
        since: date | None = None,
        progress: Callable[[SyncProgress], None] = lambda _: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> SyncOutcome:
        self.asked.append(("sync", tuple(names)))
        progress(SyncProgress("OpenAI", "Costs, August 2026", 0.4))
        self.started.set()
        while self.hold and not cancelled():
            if self.release.wait(0.01):
                break
        if cancelled():
            return SyncOutcome((SourceOutcome("OpenAI", 1, "Stopped.", cancelled=True),))
        return self.outcome

    def set_subscription(self, made: Subscription, *, instead_of: date | None = None) -> None:
        self._answer("set_subscription", (made, instead_of))

    def remove_subscription(self, subscription: Subscription) -> None:
        self._answer("remove_subscription", subscription)

    def currencies(self) -> Currencies:
        self._answer("currencies")
        return replace(self.currencies_answer(), display=self.kept.display_currency)

    def set_rate(self, rate: Rate, *, instead_of: Rate | None = None) -> None:
        self._answer("set_rate", (rate, instead_of))

    def remove_rate(self, rate: Rate) -> None:
        self._answer("remove_rate", rate)

    def login_start(self) -> LoginStart:
        self._answer("login_start")
        return self.login

    def start_at_login(self, on: bool) -> None:
        self.asked.append(("start_at_login", on))
        if self.login.why_not:
            raise KnownError(self.login.why_not)
        self.login = replace(self.login, is_on=on)

    def watch_logs(self, grown: Callable[[str], None]) -> Growth:
        return Growth(lambda: (), grown)

    def plan(self, awake: Awake, *, is_online: bool = True, is_metered: bool = False) -> Plan:
        self._answer("plan", (awake, is_online, is_metered))
        return self.plan_answer(is_online, is_metered)

    def settings(self) -> Settings:
        return self.kept

    def save_settings(self, settings: Settings) -> None:
        self.asked.append(("save_settings", settings))
        self.kept = settings

    def close(self) -> None:
        self.closed = True


def budget_scope() -> Scope:
    """The empty scope, for tests that compare budgets."""
    return Scope()
