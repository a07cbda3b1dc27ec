"""The Spend page of that August, why it differs from July, and how its figures are known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from august import MONTH, NOW, TODAY, money, stack
from overviews import overview

from plimsoll.analysis.change import Side, Spent, Used, explain
from plimsoll.domain.calendar import ONE_DAY, Period
from plimsoll.domain.question import Amounts, Question, Row
from plimsoll.domain.tokens import Tokens
from plimsoll.services.breakdown import ALWAYS, Breakdown, SpendLine
from plimsoll.services.change import Change, CurrencyChange
from plimsoll.services.provenance import Kind, PriceBehind, Provenance, RowBehind, SourceBehind


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
