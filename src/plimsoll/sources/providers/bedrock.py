"""AWS Bedrock: what it cost by day and model, and the tokens of every model by the hour.

API facts: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/ (GetCostAndUsage)
and https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/ (GetMetricData, by its JSON
protocol). Amounts are units of the currency beside them, as decimal text. Bedrock's money stands
under several services' names ("Claude … (Amazon Bedrock Edition)"): all whose name has "bedrock"
in it are its own. From 1 September 2026 on the same money is told by model as well; the models'
parts are taken where they sum to no more than the services', and what they leave stays without a
model. AWS counts until a month is closed. Tokens are counted by region and never by key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from plimsoll.domain.calendar import ONE_DAY, Period, day_start, utc_day
from plimsoll.domain.errors import REFUSED, KnownError, NotOffered, PageLoop, WrongUse
from plimsoll.domain.money import Money, decimal_text
from plimsoll.domain.said import say
from plimsoll.domain.usage import (
    Attribution,
    BalanceReading,
    Charge,
    Name,
    Slice,
    Tokens,
    UsageRecord,
)
from plimsoll.sources.about import About, Setting
from plimsoll.sources.base import Endpoint, Finding, Gives, KeyShape
from plimsoll.sources.fields import DAYS_STAY, FieldError, Row, readable, surprise, word
from plimsoll.sources.paging import stretches
from plimsoll.sources.rows.aws import (
    METRICS,
    VERDICTS,
    Group,
    Point,
    read_groups,
    read_points,
)
from plimsoll.sources.signing.sigv4 import Scope, SignatureV4

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

MODELS_SINCE = date(2026, 9, 1)
"""The first day whose cost AWS tells by model."""

COSTS_KEPT = timedelta(days=395)
METRICS_KEPT = timedelta(days=455)

MOST_PAGES = 500
DAYS_OF_COSTS = 92
DAYS_OF_METRICS = 7

Ask: TypeAlias = Callable[[Mapping[str, object]], Row]

_USUAL_REGION = "us-east-1"
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d", re.ASCII)
_SLACK_NANOS = 5_000_000
"""Half a cent, for AWS's own rounding."""

_HOUR = timedelta(hours=1)
_BY_SERVICE = (("DIMENSION", "SERVICE"), ("DIMENSION", "USAGE_TYPE"))
_BY_MODEL = (("PRODUCT_ATTRIBUTE", "model"), ("PRODUCT_ATTRIBUTE", "inferenceType"))


@dataclass(slots=True)
class Account:
    """One AWS account (or organisation) behind a door; `_regions` are where models are called."""

    _door: Door
    _regions: Mapping[str, str]
    _tells_models: bool = True

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Cost by day, and tokens by hour."""
        today = utc_day(self._door.clock.now())
        return (
            Endpoint("costs", "Cost Explorer", today - COSTS_KEPT),
            Endpoint("tokens", "CloudWatch", today - METRICS_KEPT),
        )

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        """Days up to today, as `base.Account.pull` promises."""
        today = utc_day(self._door.clock.now())
        reach = {one.name: one.reach for one in self.endpoints}[endpoint] or period.first
        asked = period.overlap(Period(reach, today)) if reach <= today else None
        step = DAYS_OF_COSTS if endpoint == "costs" else DAYS_OF_METRICS
        for days in stretches(asked, step):
            yield from self._costs(days) if endpoint == "costs" else self._tokens(days)

    # -- costs -----------------------------------------------------------------------------------

    def _costs(self, days: Period) -> Iterator[Slice]:
        whole = {
            day: [group for group in groups if "bedrock" in group.keys[0].casefold()]
            for day, groups in self._groups(days, _BY_SERVICE).items()
        }
        later = days.overlap(Period(MODELS_SINCE, max(MODELS_SINCE, days.last)))
        models = self._by_model(later) if later and any(whole.values()) else {}
        for day in sorted(whole):
            charges = _charges(whole[day], models.get(day, []))
            bills_by = frozenset({"line_item", "model"})
            yield Slice("costs", day, charges=tuple(charges), bills_by=bills_by)

    def _by_model(self, days: Period) -> dict[date, list[Group]]:
        """What each model cost; nothing where AWS does not tell it to this account."""
        if not self._tells_models:
            return {}
        try:
            return self._groups(days, _BY_MODEL)
        except NotOffered:
            self._tells_models = False
            return {}

    def _groups(self, days: Period, by: tuple[tuple[str, str], ...]) -> dict[date, list[Group]]:
        asked: dict[str, object] = {
            "TimePeriod": {
                "Start": days.first.isoformat(),
                "End": (days.last + ONE_DAY).isoformat(),
            },
            "Granularity": "DAILY",
            "Metrics": ["UnblendedCost"],
            "GroupBy": [{"Type": kind, "Key": key} for kind, key in by],
        }
        found: dict[date, list[Group]] = {}
        for body in self._pages(asked, "NextPageToken", self._ask_costs):
            try:
                for day, groups in read_groups(body, days):
                    found.setdefault(day, []).extend(groups)
            except FieldError as problem:
                raise surprise("AWS", problem, where="ResultsByTime", remedy=DAYS_STAY) from None
        return found

    def _ask_costs(self, asked: Mapping[str, object]) -> Row:
        return self._door.query(
            "/",
            asked,
            headers={
                "X-Amz-Target": "AWSInsightsIndexService.GetCostAndUsage",
                "Content-Type": "application/x-amz-json-1.1",
            },
            verdicts=VERDICTS,
        )

    # -- tokens ----------------------------------------------------------------------------------

    def _tokens(self, days: Period) -> Iterator[Slice]:
        found: dict[date, dict[tuple[datetime, str, str], dict[str, int]]] = {}
        for place, region in self._regions.items():
            for point in self._points(place, days):
                of_day = found.setdefault(utc_day(point.hour), {})
                counts = of_day.setdefault((point.hour, point.model, region), {})
                counts[point.metric] = counts.get(point.metric, 0) + point.counted
        for day in days.days():
            records = (_record(*of, counts) for of, counts in found.get(day, {}).items())
            yield Slice("tokens", day, records=tuple(record for record in records if record))

    def _points(self, place: str, days: Period) -> Iterator[Point]:
        search = "SEARCH('{{AWS/Bedrock,ModelId}} MetricName=\"{}\"', 'Sum', 3600)"
        asked: dict[str, object] = {
            "StartTime": int(day_start(days.first).timestamp()),
            "EndTime": int(day_start(days.last + ONE_DAY).timestamp()),
            "ScanBy": "TimestampAscending",
            "MetricDataQueries": [
                {
                    "Id": name.lower(),
                    "Expression": search.format(name),
                    "Label": "${PROP('Dim.ModelId')}",
                    "ReturnData": True,
                }
                for name in METRICS
            ],
        }

        def ask(question: Mapping[str, object]) -> Row:
            return self._door.query(
                "/",
                question,
                headers={
                    "X-Amz-Target": "GraniteServiceVersion20100801.GetMetricData",
                    "Content-Type": "application/x-amz-json-1.0",
                },
                at=place,
                verdicts=VERDICTS,
            )

        for body in self._pages(asked, "NextToken", ask):
            try:
                yield from read_points(body, days)
            except FieldError as problem:
                where = "MetricDataResults"
                raise surprise("AWS", problem, where=where, remedy=DAYS_STAY) from None

    def _pages(self, asked: Mapping[str, object], token: str, ask: Ask) -> Iterator[Row]:
        seen: set[str] = set()
        question = dict(asked)
        while len(seen) < MOST_PAGES:
            body = ask(question)
            yield body
            try:
                following = word(body, token)
            except FieldError as problem:
                raise surprise("AWS", problem, remedy=DAYS_STAY) from None
            if following is None:
                return
            if following in seen:
                break
            seen.add(following)
            question = {**asked, token: following}
        raise PageLoop(say("AWS sent pages without an end."), remedy=DAYS_STAY)

    # -- the rest --------------------------------------------------------------------------------

    def names(self) -> tuple[Name, ...]:
        """Neither answer has ids."""
        return ()

    def balances(self) -> tuple[BalanceReading, ...]:
        """AWS bills afterwards."""
        return ()

    def organisation(self) -> None:
        """Neither answer names the account."""

    def test(self) -> tuple[Finding, ...]:
        """One question to Cost Explorer, which AWS charges a cent for, and one to each region."""
        yesterday = utc_day(self._door.clock.now()) - ONE_DAY
        refusals: dict[str, KnownError] = {}
        try:
            self._groups(Period(yesterday, yesterday), _BY_SERVICE)
        except REFUSED as refusal:
            refusals["costs"] = refusal
        for place, region in self._regions.items():
            try:
                for _ in self._points(place, Period(yesterday, yesterday)):
                    break
            except REFUSED as refusal:
                refusals[region] = refusal
        if len(refusals) == 1 + len(self._regions):
            raise refusals["costs"]
        return (
            readable(
                say("Cost by day (ce:GetCostAndUsage)"),
                ok="costs" not in refusals,
                remedy=say("Allow ce:GetCostAndUsage, and turn Cost Explorer on in the console."),
            ),
            *(
                readable(
                    say("Tokens by hour in {region} (cloudwatch:GetMetricData)", region=region),
                    ok=region not in refusals,
                    remedy=say("Allow cloudwatch:GetMetricData. Without it money is told alone."),
                    essential=False,
                )
                for region in self._regions.values()
            ),
        )


def _charges(whole: list[Group], models: list[Group]) -> Iterator[Charge]:
    """A day's money, by model where AWS tells the models and they claim no more than there is."""
    named = [group for group in models if _named(group.keys[0])]
    total = sum(group.amount.nanos for group in whole)
    rest = total - sum(group.amount.nanos for group in named)
    one_currency = len({group.amount.currency for group in (*whole, *named)}) == 1
    if not named or not one_currency or rest < -_SLACK_NANOS:
        for group in whole:
            line = " · ".join(key for key in group.keys if key)
            yield Charge(Attribution(line_item=line), group.amount, group.text)
        return
    for group in named:
        kind = _named(group.keys[1]) if len(group.keys) > 1 else None
        of = Attribution(model=_named(group.keys[0]), line_item=kind)
        yield Charge(of, group.amount, group.text)
    if rest:
        currency = named[0].amount.currency
        yield Charge(Attribution(), Money(currency, rest), decimal_text(rest))


def _named(key: str) -> str | None:
    """The value of a group's key, which is written `model$Claude Sonnet 5`."""
    return key.partition("$")[2] or None


def _record(
    hour: datetime, model: str, region: str, counts: Mapping[str, int]
) -> UsageRecord | None:
    """One hour of one model in one region; None where all counters are nought."""
    classes = ("input", "cache_read", "cache_write_5m", "output")
    tokens = Tokens(**{name: counts.get(name, 0) for name in classes})
    images, requests = counts.get("images", 0), counts.get("requests", 0)
    if not (tokens.total or images or requests):
        return None
    record = UsageRecord(
        hour,
        hour + _HOUR,
        Attribution(model=model),
        tokens,
        requests=counts.get("requests"),
        details=(("region", region),),
    )
    return replace(record, units=(("images", Decimal(images)),)) if images else record


class Bedrock:
    """What can be known of Bedrock without asking it."""

    name = "bedrock"
    title = "AWS Bedrock"
    base_url = "https://ce.us-east-1.amazonaws.com"
    key_shape = KeyShape(
        label=say("AWS access key"),
        prefixes=("AKIA", "ASIA"),
        wrong=(
            (
                "bedrock-api-key-",
                say("This is a Bedrock API key, which calls models and reads no bill."),
            ),
            ("ABSK", say("This is a Bedrock API key, which calls models and reads no bill.")),
            ("sk-", say("This is a key of another provider, not of AWS.")),
        ),
        needs=say(
            "A user made for this in IAM, with a policy that allows "
            "ce:GetCostAndUsage and cloudwatch:GetMetricData and nothing else, and "
            "an access key of that user."
        ),
        help_url="https://console.aws.amazon.com/iam/home#/users",
        pair=("ACCESS KEY ID", "SECRET ACCESS KEY"),
    )
    key_header = SignatureV4({"": Scope("ce", "us-east-1")})
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(tokens=True, money=True, per_model=True, hourly=True)
    revision_days = 35
    """What a month cost is estimated until AWS has closed it."""
    about = About(
        settings=(
            Setting(
                "regions",
                say("Regions"),
                say("in which regions models are called, with commas between them."),
                example="us-east-1,eu-central-1",
            ),
        ),
        figures=say(
            "Cost of 13 months, up to a day late and open until the month is "
            "closed, by model from 1 September 2026 on; tokens by the hour for "
            "15 months."
        ),
        costs_money=say("AWS charges $0.01 for each question to Cost Explorer: one or two a sync."),
    )
    setting_names = about.setting_names

    def address(self, settings: Mapping[str, str], given: str | None) -> str:
        """The given address or Cost Explorer's only one. Raises `WrongUse` for odd regions."""
        _regions(settings)
        return given or self.base_url

    def more_addresses(self, settings: Mapping[str, str]) -> Mapping[str, str]:
        """CloudWatch's address in every region."""
        return {
            place: f"https://monitoring.{region}.amazonaws.com"
            for place, region in _regions(settings).items()
        }

    def signer(self, settings: Mapping[str, str]) -> SignatureV4:
        """Signs for Cost Explorer, and for CloudWatch in every region."""
        regions = _regions(settings).items()
        watched = {place: Scope("monitoring", region) for place, region in regions}
        return SignatureV4({**self.key_header.scopes, **watched})

    def open(self, door: Door, settings: Mapping[str, str]) -> Account:
        """The account behind a door."""
        return Account(door, _regions(settings))


def _regions(settings: Mapping[str, str]) -> dict[str, str]:
    """The regions, each by the word of its address."""
    told = settings.get("regions") or _USUAL_REGION
    regions = [text.strip() for text in told.split(",") if text.strip()]
    for region in regions:
        if not _REGION.fullmatch(region):
            raise WrongUse(
                say("That is not the name of an AWS region."),
                remedy=say("Say --set regions=us-east-1,eu-central-1, with commas between them."),
            )
    return {f"in{region.replace('-', '')}": region for region in regions}


CONNECTOR = Bedrock()
