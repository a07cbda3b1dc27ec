"""Vercel AI Gateway: tokens and cost by day and model, and what is left of the credits.

API facts: https://vercel.com/docs/ai-gateway/observability-and-spend/custom-reporting. Amounts are
dollars. Reading the credits is free; each question to the report is charged ($5 for 1,000), needs
Pro or Enterprise, and covers the whole team, whichever of its keys asks. `total_cost` is what the
gateway takes, nothing for calls under somebody's own key elsewhere; `market_cost` is their worth.
`input_tokens` hold the cached and the cache-writing ones, as in Vercel's AI SDK; should they be
fewer than those, they are taken as apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from plimsoll.domain.calendar import ONE_DAY, Period, day_start
from plimsoll.domain.errors import MissingScope
from plimsoll.domain.said import say, together
from plimsoll.domain.usage import (
    Attribution,
    BalanceReading,
    Charge,
    Name,
    Slice,
    UsageRecord,
)
from plimsoll.sources.about import About, Option, Setting
from plimsoll.sources.base import Endpoint, Finding, Gives, KeyHeader, KeyShape
from plimsoll.sources.fields import (
    DAYS_STAY,
    FieldError,
    Row,
    answer_of,
    calendar_day,
    counter,
    list_of,
    maybe_nanos,
    money,
    optional_counter,
    quantity,
    row_of,
    word,
)
from plimsoll.sources.paging import until_today
from plimsoll.sources.rows.gateways import split_input

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

UNITS = Decimal(1)
"""Amounts count dollars."""

CURRENCY = "USD"

REPORT = Setting(
    name="report",
    title="Report",
    sentence=say("whether the report, which costs money, is asked for tokens and cost."),
    choices=(
        Option("on", say("tokens and cost by model, $0.005 a question")),
        Option("off", say("only the credits, free")),
    ),
)

_NEEDS_PRO = say(
    "The report needs a Pro or Enterprise team. With --set report=off only the credits are read."
)


@dataclass(frozen=True, slots=True)
class Team:
    """One Vercel team behind a door."""

    _door: Door
    _asks_report: bool

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The report, unless it is set off."""
        return (Endpoint("report", say("Report")),) if self._asks_report else ()

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        """Days up to today with one question, as `base.Account.pull` promises."""
        asked = until_today(period, self._door.clock.now())
        if asked is None:
            return
        rows = self._ask(asked)
        for day in asked.days():
            mine = rows.get(day, [])
            yield Slice(
                endpoint,
                day,
                records=tuple(record for record, _ in mine if record),
                charges=tuple(charge for _, charge in mine),
                bills_by=frozenset({"model"}),
            )

    def _ask(self, asked: Period) -> dict[date, list[tuple[UsageRecord | None, Charge]]]:
        span = (("start_date", asked.first.isoformat()), ("end_date", asked.last.isoformat()))
        try:
            body = self._door.get("/report", (*span, ("date_part", "day"), ("group_by", "model")))
        except MissingScope as refusal:
            raise MissingScope(refusal.sentence, remedy=_NEEDS_PRO) from None
        days: dict[date, list[tuple[UsageRecord | None, Charge]]] = {}
        seen: set[tuple[date, str | None]] = set()
        with answer_of("Vercel", remedy=DAYS_STAY) as at:
            for index, raw in enumerate(list_of(body, "results")):
                at.where = f"results[{index}]"
                row = row_of(raw, "row")
                day, model = calendar_day(row, "day"), word(row, "model")
                if day not in asked:
                    raise FieldError("day", say("lies outside the days asked for"), day.isoformat())
                if (day, model) in seen:
                    raise FieldError("model", say("comes twice on a day"), model)
                seen.add((day, model))
                days.setdefault(day, []).append(_read_row(row, day, model))
        return days

    def names(self) -> tuple[Name, ...]:
        """The report has models only."""
        return ()

    def balances(self) -> tuple[BalanceReading, ...]:
        """What is left of the credits, and all that was ever used."""
        body = self._door.get("/credits")
        with answer_of("Vercel", remedy=DAYS_STAY):
            left, _ = money(body, "balance", CURRENCY, unit=UNITS)
            used = maybe_nanos(body, "total_used", unit=UNITS)
        return (BalanceReading(self._door.clock.now(), left, ever_spent=used),)

    def organisation(self) -> None:
        """Vercel does not tell whose account it is."""

    def test(self) -> tuple[Finding, ...]:
        """The credits, which are free; the report is not asked, because that costs money."""
        self.balances()
        findings = [Finding(True, say("The credits can be read."))]
        if self._asks_report:
            told = together(
                [say("The report was not tried: each question costs $0.005."), _NEEDS_PRO]
            )
            findings.append(Finding(True, told, essential=False))
        return tuple(findings)


def _read_row(row: Row, day: date, model: str | None) -> tuple[UsageRecord | None, Charge]:
    """What a model was used for on a day, None where nothing was, and what it cost."""
    whole, output = counter(row, "input_tokens"), counter(row, "output_tokens")
    read = optional_counter(row, "cached_input_tokens") or 0
    written = optional_counter(row, "cache_creation_input_tokens") or 0
    reasoning = optional_counter(row, "reasoning_tokens") or 0
    if reasoning > output:
        raise FieldError("reasoning_tokens", say("is more than all output"), reasoning)
    requests = optional_counter(row, "request_count")
    amount, text = money(row, "total_cost", CURRENCY, unit=UNITS)
    worth = quantity(row, "market_cost")
    details = (("market_cost", worth),) if worth else ()
    of = Attribution(model=model)
    record = UsageRecord(
        day_start(day),
        day_start(day + ONE_DAY),
        of,
        split_input(whole, read=read, written=written, output=output, reasoning=reasoning),
        requests=requests,
        details=details,
    )
    return record if record.tokens.total or requests else None, Charge(of, amount, text, details)


class Vercel:
    """What can be known of Vercel's gateway without asking it."""

    name = "vercel"
    title = "Vercel AI Gateway"
    base_url = "https://ai-gateway.vercel.sh/v1"
    key_shape = KeyShape(
        label=say("Vercel AI Gateway key"),
        prefixes=("vck_",),
        wrong=(
            ("vca_", say("This is a login token of a Vercel app, not a key of its AI Gateway.")),
            ("vci_", say("This is a token of a Vercel integration, not a key of its AI Gateway.")),
            (
                "vcp_",
                say("This is a personal access token of Vercel, not a key of its AI Gateway."),
            ),
            ("vcr_", say("This is a refresh token of Vercel, not a key of its AI Gateway.")),
        ),
        needs=say(
            "Any key of the AI Gateway (vck_…) reads its team's credits; the "
            "report needs Pro or Enterprise."
        ),
        help_url="https://vercel.com/d?to=%2F%5Bteam%5D%2F%7E%2Fai-gateway%2Fapi-keys",
    )
    key_header = KeyHeader("Authorization", "Bearer")
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(tokens=True, money=True, balance=True, per_model=True, gateway=True)
    revision_days = 1
    about = About(
        settings=(REPORT,),
        figures=say(
            "Tokens and cost by UTC day and model, of the whole team; calls "
            "under your own key elsewhere cost nothing here. The balance of the "
            "credits."
        ),
        costs_money=say(
            "Vercel charges $5 for 1,000 questions to its report, so half a cent for each."
        ),
    )
    setting_names = about.setting_names

    def address(self, settings: Mapping[str, str], given: str | None) -> str:
        """The given address or the usual one; raises `WrongUse` for a setting that is wrong."""
        REPORT.check(self.title, settings, given)
        return given or self.base_url

    def open(self, door: Door, settings: Mapping[str, str]) -> Team:
        """The team behind a door; its report is asked unless that is set off."""
        return Team(door, settings.get(REPORT.name) != "off")


CONNECTOR = Vercel()
