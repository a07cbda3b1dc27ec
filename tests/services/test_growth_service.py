"""Growth: whose models, from whom, week by week; what is not known is no share and no zero."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from made_up import NOW, TODAY, SetClock

from plimsoll.analysis.market import concentration, shares
from plimsoll.domain.calendar import ONE_DAY, Period, day_start
from plimsoll.domain.money import NANO, Money
from plimsoll.domain.question import Question
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
from plimsoll.ledger import answers, catalog, usage
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.subscriptions import save_subscription
from plimsoll.services.growth import growth
from plimsoll.services.makers import region_of
from plimsoll.services.market_answers import Growth, Use

OURS, THEIRS, NOBODYS = "gpt-5.4-mini", "deepseek/deepseek-flash", "nobody-knows-1"
MONDAY = date(2026, 11, 16)
"""Of the week under way: today is Friday."""


class Archive:
    """Sources whose days are put in by hand."""

    def __init__(self, folder: Path) -> None:
        self.ledger = Ledger.open(folder, clock=SetClock())
        self._ids: dict[str, int] = {}

    def source(self, name: str, connector: str) -> None:
        made = catalog.add_source(
            self.ledger, name=name, connector=connector, base_url=None, settings=(), key_tail=""
        )
        self._ids[name] = made.id
        catalog.set_endpoints(self.ledger, made.id, ["usage", "costs"])

    def put(
        self,
        name: str,
        days: Iterable[date],
        *used: tuple[str, int, int | None],
        charges: Iterable[tuple[str | None, int]] = (),
        currency: str = "USD",
    ) -> None:
        """Tokens of models (with their worth in nano-units), and charges by model, on every day."""
        slices = []
        for day in days:
            start = day_start(day)
            records = tuple(
                UsageRecord(start, start + timedelta(hours=1), Attribution(model=m), Tokens(count))
                for m, count, _ in used
            )
            worths = tuple(
                Computed(Money(currency, nanos) if nanos is not None else None, "listed")
                for _, _, nanos in used
            )
            made = tuple(
                Charge(Attribution(model=model), Money(currency, nanos), str(nanos))
                for model, nanos in charges
            )
            by = frozenset({"model"}) if any(m for m, _ in charges) else frozenset()
            slices += [
                PricedSlice(Slice("usage", day, records), worths),
                PricedSlice(
                    Slice("costs", day, charges=made, bills_by=by if made else frozenset())
                ),
            ]
        usage.replace_slices(self.ledger, self._ids[name], slices, revision_days=3)

    def growth(self, currency: str | None = None) -> Growth:
        return growth(self.ledger, now=NOW, currency=currency)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path / "archive")
    yield made
    made.ledger.close()


def days(first: date, last: date = TODAY - ONE_DAY) -> list[date]:
    return list(Period(first, last).days())


def week_of(found: Growth, monday: date) -> Use:
    return next(week for week in found.weeks if week.period.first == monday)


# -- the regions of makers ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "region"),
    [
        ("deepseek/deepseek-v4-pro", "mainland"),
        ("Qwen3.8-Max", "mainland"),
        ("Pro/zai-org/GLM-5.3", "mainland"),
        ("tencent/nobody-knows-1", "mainland"),
        ("claude-opus-5-5", "overseas"),
        ("Claude Sonnet 5.5", "overseas"),
        ("ft:gpt-4.1-mini-2025-04-14:team::Bq7xK2", "overseas"),
        ("deepseek-r1-distill-llama-70b", "mainland"),
        (NOBODYS, ""),
        ("my-gpt-5", ""),
        ("", ""),
    ],
)
def test_a_maker_is_known_by_its_models_name_or_not_at_all(model: str, region: str) -> None:
    assert region_of(model) == region


@pytest.mark.parametrize(
    ("seller", "region"),
    [("deepseek", "mainland"), ("anthropic", "overseas"), ("openrouter", ""), ("github", "")],
)
def test_money_without_a_model_is_the_sellers_only_where_it_has_none_but_its_own(
    seller: str, region: str
) -> None:
    assert region_of(None, seller=seller) == region
    assert region_of(NOBODYS, seller=seller) == "", "a name that is not known stays so"


# -- thirty days -------------------------------------------------------------------------------


def test_thirty_days_are_told_by_tokens_and_by_money_each_in_its_own_shares(
    archive: Archive,
) -> None:
    """600 + 300 + 100 tokens for $1, $2 and $1: 60, 30 and 10 %; of money 25, 50 and 25 %."""
    archive.source("Gateway", "openrouter")
    archive.put(
        "Gateway",
        [TODAY - ONE_DAY],
        *((OURS, 600, NANO), (THEIRS, 300, 2 * NANO), (NOBODYS, 100, NANO)),
    )
    use = archive.growth().use
    assert shares(use.by_region()) == {
        "overseas": Fraction(6, 10),
        "mainland": Fraction(3, 10),
        "": Fraction(1, 10),
    }
    assert shares(use.by_region(money=True)) == {
        "overseas": Fraction(1, 4),
        "mainland": Fraction(1, 2),
        "": Fraction(1, 4),
    }


def test_who_sells_is_not_who_makes(archive: Archive) -> None:
    archive.source("Gateway", "openrouter")
    archive.source("Work", "openai")
    archive.put("Gateway", [TODAY - ONE_DAY], (OURS, 300, 3 * NANO))
    archive.put("Work", [TODAY - ONE_DAY], (OURS, 100, NANO))
    found = archive.growth()
    assert found.use.by_region() == {"overseas": 400}
    one = concentration(found.use.by_seller(money=True))
    assert one is not None
    assert (one.largest, one.share, one.herfindahl) == (
        "openrouter",
        Fraction(3, 4),
        Fraction(10, 16),
    )
    assert found.titles["openrouter"] == "OpenRouter"


def test_a_bill_by_account_is_shared_out_by_worth_as_everywhere(archive: Archive) -> None:
    archive.source("Gateway", "openrouter")
    archive.put(
        "Gateway",
        [TODAY - ONE_DAY],
        *((OURS, 10, NANO), (THEIRS, 10, 3 * NANO)),
        charges=[(None, 8 * NANO)],
    )
    assert archive.growth().use.by_region(money=True) == {
        "overseas": 2 * NANO,
        "mainland": 6 * NANO,
    }


def test_money_for_something_else_than_tokens_counts_and_is_of_an_unknown_maker_at_a_gateway(
    archive: Archive,
) -> None:
    archive.source("Gateway", "openrouter")
    archive.source("Work", "openai")
    for name in ("Gateway", "Work"):
        archive.put(name, [TODAY - ONE_DAY], charges=[(OURS, 3 * NANO), (None, NANO)])
    use = archive.growth().use
    assert use.by_region(money=True) == {"overseas": 7 * NANO, "": NANO}
    assert use.by_seller(money=True) == {"openrouter": 4 * NANO, "openai": 4 * NANO}


def test_tokens_without_a_price_are_tokens_and_no_money(archive: Archive) -> None:
    archive.source("Gateway", "openrouter")
    archive.put("Gateway", [TODAY - ONE_DAY], (OURS, 900, NANO), (NOBODYS, 100, None))
    use = archive.growth().use
    assert [(p.model, p.tokens, p.nanos) for p in use.parts] == [
        (OURS, 900, NANO),
        (NOBODYS, 100, None),
    ]
    assert shares(use.by_region(money=True)) == {"overseas": 1}


def test_currencies_stand_apart(archive: Archive) -> None:
    archive.source("Work", "openai")
    archive.source("East", "deepseek")
    archive.put("Work", [TODAY - ONE_DAY], (OURS, 100, NANO))
    archive.put("East", [TODAY - ONE_DAY], ("deepseek-flash", 300, 7 * NANO), currency="CNY")
    dollars, yuan = archive.growth("USD"), archive.growth("CNY")
    assert dollars.use.by_region(money=True) == {"overseas": NANO}
    assert yuan.use.by_region(money=True) == {"mainland": 7 * NANO}
    assert dollars.use.by_region() == yuan.use.by_region() == {"overseas": 100, "mainland": 300}
    assert archive.growth("EUR").currency in {"USD", "CNY"}


def test_tokens_of_a_plan_count_and_are_no_money(archive: Archive) -> None:
    archive.source("Work", "openai")
    archive.put("Work", [TODAY - ONE_DAY], (OURS, 100, NANO))
    save_subscription(
        archive.ledger, Subscription("Work", "Max", Money("USD", NANO), date(2026, 9, 1))
    )
    use = archive.growth().use
    assert use.by_region() == {"overseas": 100}
    assert concentration(use.by_seller(money=True)) is None


def test_more_given_back_than_bought_is_no_share(archive: Archive) -> None:
    archive.source("Work", "openai")
    archive.source("Gateway", "openrouter")
    archive.put("Work", [TODAY - ONE_DAY], charges=[(OURS, -5 * NANO)])
    archive.put("Gateway", [TODAY - ONE_DAY], charges=[(THEIRS, 2 * NANO)])
    assert shares(archive.growth().use.by_region(money=True)) == {"mainland": 1}


# -- weeks -------------------------------------------------------------------------------------


def test_weeks_go_from_monday_to_sunday_and_the_last_one_is_under_way(archive: Archive) -> None:
    archive.source("Gateway", "openrouter")
    archive.put("Gateway", days(date(2026, 11, 5), MONDAY - ONE_DAY), (OURS, 10, NANO))
    archive.put("Gateway", days(MONDAY), (OURS, 5, NANO), (THEIRS, 15, NANO))
    weeks = archive.growth().weeks
    assert [(week.period.first, len(week.period)) for week in weeks] == [
        (date(2026, 11, 5), 4),
        (date(2026, 11, 9), 7),
        (MONDAY, 4),
    ], "the first one from the first day that is known"
    assert [week.is_week_over for week in weeks] == [True, True, False]
    assert all(week.is_known for week in weeks)
    assert [shares(week.by_region()).get("mainland", 0) for week in weeks] == [
        0,
        0,
        Fraction(3, 4),
    ]
    assert weeks[-1].not_final == 3, "the days that are asked again for three days"


def test_on_a_monday_no_week_is_under_way_yet(archive: Archive) -> None:
    archive.source("Work", "openai")
    archive.put("Work", days(date(2026, 11, 9), date(2026, 11, 15)), (OURS, 10, NANO))
    monday = NOW - timedelta(days=4)
    found = growth(archive.ledger, now=monday)
    assert [len(week.period) for week in found.weeks] == [7]


def test_a_day_that_a_source_gave_no_answer_for_makes_its_week_a_gap(archive: Archive) -> None:
    """The other source's figures of that week would be a share of the whole that they are not."""
    archive.source("Work", "openai")
    archive.source("Gateway", "openrouter")
    archive.put("Work", days(date(2026, 10, 26)), (OURS, 10, NANO))
    hole = date(2026, 11, 4)
    told = [day for day in days(date(2026, 10, 26)) if day != hole]
    archive.put("Gateway", told, (THEIRS, 10, NANO))
    found = archive.growth()
    assert [week.missing for week in found.weeks] == [0, 1, 0, 0]
    assert [week.is_known for week in found.weeks] == [True, False, True, True]
    assert week_of(found, date(2026, 11, 2)).by_region() == {"overseas": 70, "mainland": 60}
    assert found.use.missing == 1


def test_a_source_that_began_later_makes_no_earlier_week_a_gap(archive: Archive) -> None:
    archive.source("Work", "openai")
    archive.source("Gateway", "openrouter")
    archive.put("Work", days(date(2026, 10, 26)), (OURS, 10, NANO))
    archive.put("Gateway", days(date(2026, 11, 9)), (THEIRS, 10, NANO))
    found = archive.growth()
    assert [shares(week.by_region()).get("mainland", 0) for week in found.weeks] == [
        0,
        0,
        Fraction(1, 2),
        Fraction(1, 2),
    ]


def test_a_week_without_any_use_has_no_shares_and_is_no_zero(archive: Archive) -> None:
    archive.source("Work", "openai")
    archive.put("Work", days(date(2026, 11, 2), date(2026, 11, 8)), (OURS, 10, NANO))
    archive.put("Work", days(date(2026, 11, 9)))
    _, idle, _ = archive.growth().weeks
    assert not idle.is_known
    assert not idle.missing
    assert shares(idle.by_region()) == {}


def test_the_series_is_a_year_and_begins_with_the_first_use(archive: Archive) -> None:
    archive.source("Work", "openai")
    archive.put("Work", days(date(2025, 9, 1)), (OURS, 10, NANO))
    weeks = archive.growth().weeks
    assert len(weeks) == 53, "fifty-two whole weeks and the one under way"
    assert weeks[0].period.first == date(2025, 11, 17)


def test_the_weeks_add_up_to_what_the_archive_says_of_their_days(archive: Archive) -> None:
    archive.source("Work", "openai")
    archive.source("Gateway", "openrouter")
    archive.put("Work", days(date(2026, 9, 7)), (OURS, 7, NANO), charges=[(None, 3 * NANO)])
    archive.put("Gateway", days(date(2026, 10, 1)), (THEIRS, 11, 2 * NANO), (NOBODYS, 5, None))
    weeks = archive.growth().weeks
    period = Period(weeks[0].period.first, weeks[-1].period.last)
    total = answers.answer(archive.ledger, Question(period), today=TODAY).total
    assert sum(sum(week.by_region().values()) for week in weeks) == total.tokens.total
    assert sum(sum(week.by_seller(money=True).values()) for week in weeks) == total.spent("USD")


def test_an_empty_archive_has_no_weeks_and_no_shares(archive: Archive) -> None:
    found = archive.growth()
    assert (found.weeks, found.use.parts, found.doubling, found.loops) == ((), (), None, ())
