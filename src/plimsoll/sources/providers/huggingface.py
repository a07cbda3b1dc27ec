"""Hugging Face: what calls to its inference providers cost beyond what the plan includes, by day.

The route `/api/settings/billing/usage-v2` stands in the hub's public API description, and in no
document. It takes Unix seconds and gives sums over the range in nano-dollars: what was used, and
what the plan includes. Whether the latter is the whole month's credit or the part that was used of
it, is not told; so each day is the difference of what was owed from the month's beginning until
before it and until its end, which is the same by either reading. Models are not told. So a day on
which something was used costs a question of its own, and cannot be had for less; stretches without
anything are found by halves, and cost one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from plimsoll.domain.calendar import ONE_DAY, Period, by_month, day_start, utc_day
from plimsoll.domain.errors import MissingScope
from plimsoll.domain.money import Money, decimal_text
from plimsoll.domain.said import say
from plimsoll.domain.usage import (
    Attribution,
    BalanceReading,
    Charge,
    Name,
    Slice,
    UsageRecord,
)
from plimsoll.sources.about import About
from plimsoll.sources.base import Endpoint, Finding, Gives, KeyHeader, KeyShape
from plimsoll.sources.fields import (
    DAYS_STAY,
    FieldError,
    Row,
    answer_of,
    counter,
    readable,
    required_word,
    row_of,
)
from plimsoll.sources.key_looks import not_of

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

CURRENCY = "USD"
OPENED = date(2025, 1, 1)
"""Inference providers were opened in this month; before it there is nothing to ask for."""

PRODUCT = "Inference Providers"

_NEEDS = say("Use a classic read token, or a fine-grained one with Billing: read.")


class Sums(NamedTuple):
    """From a month's beginning on: nano-dollars used and owed, and requests."""

    used: int
    owed: int
    requests: int


NOTHING = Sums(0, 0, 0)


@dataclass(slots=True)
class Billing:
    """One Hugging Face account behind a door; a range that was asked for is not asked again."""

    _door: Door
    _until: dict[date, Sums] = field(default_factory=dict)

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The inference bill."""
        return (Endpoint("inference", say("Inference providers"), OPENED),)

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        """Days up to today, as `base.Account.pull` promises."""
        asked = period.overlap(Period(OPENED, utc_day(self._door.clock.now())))
        for month in by_month(asked):
            sums = dict(self._days(month, self._before(month.first), self._sums(month.last)))
            for day in month.days():
                yield _slice(endpoint, day, sums.get(day, NOTHING))

    def _days(self, days: Period, before: Sums, after: Sums) -> Iterator[tuple[date, Sums]]:
        """The days on which something was used; a stretch without anything is asked for once."""
        if after == before:
            return
        if len(days) == 1:
            yield days.first, _difference(before, after)
            return
        middle = days.first + (days.last - days.first) // 2
        between = self._sums(middle)
        yield from self._days(Period(days.first, middle), before, between)
        yield from self._days(Period(middle + ONE_DAY, days.last), between, after)

    def _before(self, day: date) -> Sums:
        return NOTHING if day.day == 1 else self._sums(day - ONE_DAY)

    def _sums(self, last: date) -> Sums:
        """The sums of a month until the end of a day, or until now."""
        if last not in self._until:
            end = min(day_start(last + ONE_DAY), self._door.clock.now())
            start = day_start(last.replace(day=1))
            params = (
                ("startDate", str(int(start.timestamp()))),
                ("endDate", str(int(end.timestamp()))),
            )
            self._until[last] = _read(self._ask(params))
        return self._until[last]

    def _ask(self, params: tuple[tuple[str, str], ...]) -> Row:
        try:
            return self._door.get("/api/settings/billing/usage-v2", params)
        except MissingScope as refusal:
            raise MissingScope(refusal.sentence, remedy=_NEEDS) from None

    def names(self) -> tuple[Name, ...]:
        """The bill names nothing."""
        return ()

    def balances(self) -> tuple[BalanceReading, ...]:
        """No prepaid credit is told."""
        return ()

    def organisation(self) -> str:
        """The account's own id."""
        body = self._door.get("/api/whoami-v2")
        with answer_of("Hugging Face", remedy=DAYS_STAY):
            return required_word(body, "id")

    def test(self) -> tuple[Finding, ...]:
        """This month's bill so far."""
        today = utc_day(self._door.clock.now())
        owed = self._sums(today).owed
        told = say(
            "{decimal_text} USD are owed for this month so far.", decimal_text=decimal_text(owed)
        )
        return (
            readable(say("The bill of the inference providers (dollars and requests)"), ok=True),
            Finding(True, told, essential=False),
        )


def _read(body: Row) -> Sums:
    with answer_of("Hugging Face", remedy=DAYS_STAY) as at:
        usage = row_of(body.get("usage"), "usage")
        at.where = "usage"
        inference = row_of(usage.get("inferenceProviders"), "inferenceProviders")
        at.where = "usage.inferenceProviders"
        used = counter(inference, "usedNanoUsd")
        included = counter(inference, "includedNanoUsd")
        return Sums(used, max(0, used - included), counter(inference, "numRequests"))


def _difference(before: Sums, after: Sums) -> Sums:
    """What a day added; a sum that falls within a month cannot be right."""
    with answer_of("Hugging Face", remedy=DAYS_STAY, where="usage.inferenceProviders"):
        for name, earlier, later in zip(Sums._fields, before, after, strict=True):
            if later < earlier:
                raise FieldError(name, say("falls within a month"), later)
    return Sums(*(later - earlier for earlier, later in zip(before, after, strict=True)))


def _slice(endpoint: str, day: date, sums: Sums) -> Slice:
    if sums == NOTHING:
        return Slice(endpoint, day)
    of = Attribution(line_item=PRODUCT)
    details = (("used_nano_usd", str(sums.used)),)
    start, end = day_start(day), day_start(day + ONE_DAY)
    records = (UsageRecord(start, end, of, requests=sums.requests, details=details),)
    return Slice(
        endpoint,
        day,
        records=records if sums.requests else (),
        charges=(Charge(of, Money(CURRENCY, sums.owed), decimal_text(sums.owed), details),),
        bills_by=frozenset({"line_item"}),
    )


class HuggingFace:
    """What can be known of Hugging Face without asking it."""

    name = "huggingface"
    title = "Hugging Face"
    base_url = "https://huggingface.co"
    key_shape = KeyShape(
        label=say("Hugging Face token"),
        prefixes=("hf_",),
        wrong=(
            ("hf_oauth_", say("This is a login token of a program, which reads no bill.")),
            *not_of("Hugging Face", own=("hf_",)),
        ),
        needs=_NEEDS,
        help_url="https://huggingface.co/settings/tokens",
    )
    key_header = KeyHeader("Authorization", "Bearer")
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(units=True, money=True)
    revision_days = 2
    about = About(
        figures=say(
            "What inference providers cost beyond what the plan includes, and "
            "requests, by UTC day; no models."
        ),
        undocumented=say(
            "The billing route of Hugging Face is in no document and can change any day."
        ),
    )
    setting_names = ()

    def address(self, _settings: Mapping[str, str], given: str | None) -> str:
        """The given address or the usual one; there is nothing to set."""
        return given or self.base_url

    def open(self, door: Door, _settings: Mapping[str, str]) -> Billing:
        """The account behind a door; there is nothing to set."""
        return Billing(door)


CONNECTOR = HuggingFace()
