"""A real archive with every kind of number in it, for the tests of pages that show all of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from plimsoll.domain.calendar import Period
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.usage import Attribution, Charge, Computed, PricedSlice, Slice, UsageRecord
from plimsoll.domain.usage import Tokens as Counts
from plimsoll.ledger import catalog, usage
from plimsoll.services.program import Program
from plimsoll.services.vault import MemoryVault

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
TODAY = NOW.date()
MONTH = Period(date(2026, 11, 1), TODAY)
FIRST = date(2026, 9, 15)


class Clock:
    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        return None


def filled(folder: Path) -> Program:
    """Four accounts: one billed by model and project, one billed as a whole (in yuan, too), one
    not billed at all, some of it without a price, and one under a plan.
    """
    program = Program(folder, clock=Clock(), vault=MemoryVault(), who="test")
    accounts = (
        ("Acme", "openai", (), billed_by_model),
        ("Whole", "anthropic", (), billed_whole),
        ("Calls", "openrouter", (), estimated),
        ("Flat", "deepseek", (("money", "plan"),), under_a_plan),
    )
    for name, connector, settings, slices in accounts:
        source = catalog.add_source(
            program.ledger,
            name=name,
            connector=connector,
            base_url=None,
            settings=settings,
            key_tail="",
        )
        days = Period(FIRST, TODAY).days()
        made = [priced for day in days for priced in slices(day)]
        usage.replace_slices(program.ledger, source.id, made, revision_days=3)
    return program


def record(day: date, hour: int, tokens: Counts, **who: str | None) -> UsageRecord:
    start = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    return UsageRecord(start, start + timedelta(hours=1), Attribution(**who), tokens, 3)


def charge(nanos: int, currency: str, text: str, **who: str | None) -> Charge:
    return Charge(Attribution(**who), Money(currency, nanos), text)


def of(
    endpoint: str,
    day: date,
    pairs: list[tuple[UsageRecord, Computed]],
    charges: tuple[Charge, ...] = (),
    bills_by: frozenset[str] = frozenset(),
) -> PricedSlice:
    records = tuple(record for record, _ in pairs)
    return PricedSlice(
        Slice(endpoint, day, records, charges, bills_by), tuple(made for _, made in pairs)
    )


def worth(nanos: int, model: str, currency: str = "USD") -> Computed:
    return Computed(
        Money(currency, nanos),
        f"list price of {model} (genai-prices): $1 input, $5 output per million tokens",
    )


def billed_by_model(day: date) -> list[PricedSlice]:
    pairs, charges = [], []
    for model, project, weight in (
        ("gpt-big", "Shop", 3),
        ("gpt-big", "Lab", 2),
        ("gpt-small", "Shop", 1),
    ):
        nanos = weight * NANO + day.toordinal() % 7 * 10_000_001
        tokens = Counts(input=weight * 1_000_000, output=weight * 40_000)
        who = {"model": model, "project": project, "key": f"{project}-key"}
        pairs.append((record(day, 9, tokens, **who), worth(nanos, model)))
        if day.day % 5:
            text = f"{nanos / NANO:.9f}"
            charges.append(
                charge(nanos, "USD", text, model=model, project=project, line_item=f"{model}, all")
            )
    charges += [charge(77_000_003, "USD", "0.077", line_item="storage")] if charges else []
    bills_by = frozenset({"model", "project", "line_item"}) if charges else frozenset()
    return [of("usage", day, pairs), of("costs", day, [], tuple(charges), bills_by)]


def billed_whole(day: date) -> list[PricedSlice]:
    pairs = [
        (
            record(day, 12, Counts(input=500_000, cache_read=2_000_000, output=9_000), model=m),
            worth(1_300_000_000, m),
        )
        for m in ("claude-a", "claude-b")
    ]
    charges = (charge(2 * NANO, "USD", "2.00"), charge(5 * NANO, "CNY", "5.00"))
    return [of("usage", day, pairs), of("costs", day, [], charges)]


def estimated(day: date) -> list[PricedSlice]:
    known = record(day, 3, Counts(input=100_000, output=800, reasoning=300), model="kimi")
    unknown = record(day, 4, Counts(input=70_000), model="secret", project="Lab")
    return [
        of(
            "usage",
            day,
            [
                (known, worth(400_000_000, "kimi", "CNY")),
                (unknown, Computed(None, "There is no list price for secret.")),
            ],
        )
    ]


def under_a_plan(day: date) -> list[PricedSlice]:
    flat = record(day, 8, Counts(input=3_000_000, output=20_000), model="flat-1", project="Shop")
    return [of("usage", day, [(flat, worth(900_000_000, "flat-1"))])]
