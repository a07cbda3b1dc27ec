"""Budgets of that August, how they burn down, and the alerts that they fired."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from august import MONTH, NOW, TODAY, curve, money, month_end

from plimsoll.domain.alerting import AlertState
from plimsoll.domain.budget import Alert, Budget, BudgetStatus, Threshold, ThresholdKind
from plimsoll.services.answers import AlertLine, AlertList, BudgetCard, BudgetsPage
from plimsoll.services.burndown import BurnDay, BurnDown
from plimsoll.services.proposals import Proposal

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
