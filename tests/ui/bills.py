"""Bills of a believable August for the window's tests, made by hand: their causes add up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from plimsoll.domain.calendar import ONE_DAY, Period
from plimsoll.domain.money import nanos_of
from plimsoll.domain.question import Gap
from plimsoll.services.check_answers import (
    AccountCheck,
    Cause,
    CheckAnswer,
    CheckCause,
    CheckThing,
    Status,
)

TODAY = date(2026, 8, 20)
MONTH = Period(date(2026, 8, 1), date(2026, 8, 31))


def money(amount: float | str) -> int:
    """Dollars as nano-units."""
    return nanos_of(Decimal(str(amount)))


def cause(kind: Cause, *things: CheckThing) -> CheckCause:
    """A cause that is the sum of its things."""
    return CheckCause(kind, sum(thing.amount for thing in things), f"{kind}.", things)


def thing(words: str, amount: float | str, **more: object) -> CheckThing:
    """Something that a cause is made of, on the first nine days of August."""
    days = Period(MONTH.first, date(2026, 8, 9))
    return CheckThing(words, money(amount), days.first, days.last, len(days), **more)


def compared(
    source: str, provider: str, computed: float, status: Status, *causes: CheckCause
) -> AccountCheck:
    """An account whose causes sum to its difference."""
    odd = next((c for c in causes if c.cause is Cause.UNEXPLAINED), None)
    return AccountCheck(
        source=source,
        provider=provider,
        currency="USD",
        billed=money(computed) + sum(c.amount for c in causes),
        computed=money(computed),
        status=status,
        sentence=f"{source}.",
        causes=causes,
        unexplained=odd.amount if odd else 0,
        unexplained_parts=abs(odd.amount) if odd else 0,
    )


def check_answer(period: Period = MONTH) -> CheckAnswer:
    """One bill with an open question, one explained by five causes, one that agrees, one alone."""
    mini = {"model": "gpt-5-mini", "kind": "input", "priced_by": "million tokens"}
    prices = {"billed_price": Decimal("0.30"), "list_price": Decimal("0.25")}
    anthropic = compared(
        "Anthropic",
        "anthropic",
        931.20,
        Status.UNEXPLAINED,
        cause(Cause.NOT_FINAL, thing("claude-opus-4.5", "-12.40")),
        cause(Cause.UNEXPLAINED, thing("claude-opus-4.5", "21.15")),
    )
    openai = compared(
        "OpenAI",
        "openai",
        1204.55,
        Status.EXPLAINED,
        cause(
            Cause.NOT_TOKENS,
            thing("web search", "12.00", line_item="web search", quantity=Decimal(1200)),
            thing("code interpreter session", "3.30"),
        ),
        cause(Cause.PRICE_UNKNOWN, thing("gpt-6-preview", "41.07", model="gpt-6-preview")),
        cause(Cause.TIER, thing("gpt-5.2, input, batch", "-18.75", tier="batch", against="flex")),
        cause(
            Cause.PRICE_DIFFERS,
            thing("gpt-5-mini, input", "9.02", quantity=Decimal(180_400_000), **mini, **prices),
        ),
        cause(Cause.DISCOUNT, thing("every line", "-62.30")),
    )
    router = compared(
        "OpenRouter",
        "openrouter",
        75.10,
        Status.AGREES,
        cause(Cause.UNEXPLAINED, thing("gpt-5.2", "0.02")),
    )
    return CheckAnswer(
        period=period,
        sentence="3 bills compared.",
        accounts=(
            replace(
                anthropic,
                not_final_from=TODAY - ONE_DAY,
                gaps=(
                    Gap(
                        "Anthropic", Period(date(2026, 7, 9), date(2026, 7, 10)), "not fetched yet"
                    ),
                ),
                restated_days=2,
            ),
            openai,
            router,
            AccountCheck(
                source="DeepSeek",
                provider="deepseek",
                currency="CNY",
                billed=None,
                computed=None,
                status=Status.NOTHING,
                sentence="It sends no bill, so there is nothing to compare its tokens with.",
            ),
        ),
    )
