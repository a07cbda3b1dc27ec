"""Bills and prices of a believable August for the window's tests, made by hand."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from plimsoll.domain.calendar import ONE_DAY, Period
from plimsoll.domain.errors import Cancelled, PlimsollError
from plimsoll.domain.money import nanos_of
from plimsoll.domain.question import Gap
from plimsoll.domain.tariff import Discount, Kind, PriceRow
from plimsoll.services.check_answers import (
    AccountCheck,
    Cause,
    CheckAnswer,
    CheckCause,
    CheckThing,
    Status,
)
from plimsoll.services.price_answers import (
    Effect,
    MonthEffect,
    NotPricedLine,
    PriceChange,
    PricePreview,
    PricesPage,
    PriceUpdate,
    UpdateState,
)
from plimsoll.services.restated import AmountChange, Restated

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


# --- prices ----------------------------------------------------------------------------------

NOW = datetime(2026, 8, 20, 14, 5, tzinfo=UTC)

OWN = PriceRow(
    provider="openai",
    models=("gpt-5.2",),
    currency="USD",
    rates=((Kind.INPUT, Decimal("1.10")), (Kind.OUTPUT, Decimal(9))),
    effective_from=datetime(2026, 8, 1, tzinfo=UTC),
    source="OpenAI",
)
FREE = PriceRow("anthropic", ("claude-local",), "USD", ((Kind.INPUT, Decimal(0)),))
DISCOUNT = Discount("Anthropic", Decimal("12.5"), date(2026, 7, 1), None)

EFFECT = Effect(
    records=42,
    slices=20,
    period=Period(MONTH.first, TODAY),
    months=(
        MonthEffect(date(2026, 7, 1), "USD", estimated=money("0.40"), worth=money("0.40")),
        MonthEffect(MONTH.first, "USD", estimated=money("-1.20"), worth=money("-1.20")),
    ),
    not_priced=-1_204_000,
)

NOT_PRICED = (
    NotPricedLine(
        provider="anthropic",
        source="Anthropic",
        model="claude-opus-4.5",
        tier="priority",
        reason="The provider's bill leaves these tokens out by rule.",
        tokens=90_000_000,
        missing=0,
        units=(),
        days=12,
        period=MONTH,
        can_be_priced=False,
    ),
    NotPricedLine(
        provider="openai",
        source="OpenAI",
        model="gpt-6-preview",
        tier=None,
        reason="There is no list price for gpt-6-preview.",
        tokens=18_729_336,
        missing=18_729_336,
        units=(("images", Decimal(3)),),
        days=4,
        period=MONTH,
    ),
)


def update_state(**changes: object) -> UpdateState:
    """Updates that nobody allowed yet."""
    usual = UpdateState(
        allowed=False,
        address="https://prices.example/prices.json",
        usual_address=True,
        in_use="genai-prices 0.2.3",
    )
    return replace(usual, **changes)


def prices_page(**changes: object) -> PricesPage:
    """Two prices of one's own, a discount, and two things without a price."""
    change = PriceChange(NOW - ONE_DAY, "1 own price added.", "genai-prices 0.2.3", EFFECT)
    usual = PricesPage(
        now=NOW,
        edition="genai-prices 0.2.3",
        own=(OWN, FREE),
        discounts=(DISCOUNT,),
        version="v1",
        sources=("OpenAI", "Anthropic"),
        in_use=(),
        not_priced=NOT_PRICED,
        log=(change,),
        updates=update_state(),
    )
    return replace(usual, **changes)


def price_update() -> PriceUpdate:
    """Three prices that are others now."""
    changed = ("openai gpt-5.2", "openai gpt-5-mini", "anthropic claude-opus-4.5")
    preview = PricePreview("3 prices changed; your August: −$1.20.", EFFECT)
    return PriceUpdate("genai-prices 5f2c", NOW, update_state().address, changed, preview, b"[]")


def restated() -> tuple[Restated, ...]:
    """A day whose money was changed, and one whose tokens were."""
    amounts = (AmountChange("USD", money("8.10"), money("9.42")),)
    return (
        Restated(date(2026, 8, 14), "Anthropic", "cost", NOW - ONE_DAY, amounts, 0, 0),
        Restated(
            date(2026, 8, 2), "OpenAI", "completions", NOW - ONE_DAY, (), 9_000_000, 9_400_000
        ),
    )


@dataclass
class FakeDesk:
    """Prices that are only remembered; give `failure` to make every change fail."""

    page_answer: Callable[[], PricesPage] = prices_page
    asked: list[tuple[str, object]] = field(default_factory=list)
    effect: Effect = EFFECT
    update: PriceUpdate = field(default_factory=price_update)
    failure: PlimsollError | None = None
    hold: bool = False
    """Let a fetch wait until it is cancelled."""
    cancelled: Callable[[], bool] = lambda: False
    rows: tuple[PriceRow, ...] = (replace(OWN, source=None), replace(OWN, currency="CNY"))

    def page(self) -> PricesPage:
        return self.page_answer()

    def models(self) -> tuple[str, ...]:
        return ("deepseek-flash", "gpt-6.1-sol")

    def updates(self) -> UpdateState:
        return self.page_answer().updates

    def preview(
        self, own: Sequence[PriceRow], discounts: Sequence[Discount], *, version: str | None = None
    ) -> PricePreview:
        return self._answer("preview", (tuple(own), tuple(discounts), version))

    def change(
        self, own: Sequence[PriceRow], discounts: Sequence[Discount], *, version: str | None = None
    ) -> PricePreview:
        return self._answer("change", (tuple(own), tuple(discounts), version))

    def read_file(self, path: Path) -> tuple[PriceRow, ...]:
        self._answer("read_file", path)
        return self.rows

    def write_file(self, path: Path, rows: Sequence[PriceRow]) -> None:
        self._answer("write_file", (path, tuple(rows)))

    def fetch_update(self, *, once: bool = False, address: str = "") -> PriceUpdate:
        self._answer("fetch_update", address)
        waiting = threading.Event()
        while self.hold:
            if self.cancelled():
                raise Cancelled("Stopped; prices and amounts are as they were.")
            waiting.wait(0.01)
        return self.update

    def take_update(self, update: PriceUpdate) -> PricePreview:
        return self._answer("take_update", update.edition)

    def forget_update(self) -> PricePreview:
        return self._answer("forget_update", None)

    def _answer(self, what: str, detail: object) -> PricePreview:
        self.asked.append((what, detail))
        if self.failure is not None:
            raise self.failure
        return PricePreview("1 own price added; your August: −$1.20.", self.effect)
