"""Cloudflare AI Gateway: tokens by the hour, gateway and model, with its own estimate of the cost.

API facts: https://developers.cloudflare.com/ai-gateway/observability/analytics (GraphQL, the data
set `aiGatewayRequestsAdaptiveGroups`). A refusal comes inside HTTP 200, in `errors`. The data set
is sampled, and its `cost` is in dollars by Cloudflare's own prices: both are estimates. “Cached”
tokens are those that the gateway answered out of its own cache: nobody was asked, and nothing is
owed for them. What the provider behind read from its cache is not told, so that only Cloudflare can
price the rest. Where as many rows come as may, the hours are asked in halves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from plimsoll.domain.calendar import ONE_DAY, Period, day_start, utc_day
from plimsoll.domain.errors import KeyRejected, MissingScope, SurprisingAnswer, WrongUse
from plimsoll.domain.said import say
from plimsoll.domain.tokens import Tokens
from plimsoll.domain.usage import Attribution, BalanceReading, Name, Slice, UsageRecord
from plimsoll.sources.about import About, Setting
from plimsoll.sources.base import Endpoint, Finding, Gives, KeyHeader, KeyShape
from plimsoll.sources.fields import (
    DAYS_STAY,
    FieldError,
    Row,
    answer_of,
    list_of,
    readable,
    rfc3339_instant,
    row_of,
    word,
)
from plimsoll.sources.key_looks import not_of
from plimsoll.sources.paging import stretches
from plimsoll.sources.rows.gateways import record_of, told_count, told_dollars

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

ACCOUNT = Setting(
    name="account",
    title=say("Account id"),
    sentence=say("the id of the Cloudflare account; it stands in the address of the dashboard."),
    required=True,
    example="0a1b2c3d4e5f…",
)

HOUR = timedelta(hours=1)
MOST_ROWS = 10_000
DAYS_A_QUESTION = 7
DEPTH = timedelta(days=30)
"""How far back is asked: the data set keeps some weeks, and says of no day that it has gone."""

QUERY = """query ($account: string!, $from: Time!, $to: Time!, $limit: Int!) {
  viewer {
    accounts(filter: {accountTag: $account}) {
      rows: aiGatewayRequestsAdaptiveGroups(
        limit: $limit
        filter: {datetimeHour_geq: $from, datetimeHour_leq: $to}
        orderBy: [datetimeHour_ASC]
      ) {
        count
        sum { cost uncachedTokensIn uncachedTokensOut }
        dimensions { datetimeHour gateway model provider }
      }
    }
  }
}"""

_NEEDS = say(
    "Make an API token with Account Analytics: Read for this account, and give its "
    "id with --set account=ID."
)
_REFUSALS = {"authn": KeyRejected, "authz": MissingScope}

Hours = dict[date, list[UsageRecord]]


@dataclass(frozen=True, slots=True)
class Account:
    """One Cloudflare account behind a door."""

    _door: Door
    _account: str

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The gateways' analytics, which reach back some weeks."""
        return (Endpoint("analytics", say("AI Gateway analytics"), self._told().first),)

    def _told(self) -> Period:
        today = utc_day(self._door.clock.now())
        return Period(today - DEPTH, today)

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        """Days up to today of the last thirty, as `base.Account.pull` promises."""
        for stretch in stretches(period.overlap(self._told()), DAYS_A_QUESTION):
            found: Hours = {}
            last = day_start(stretch.last + ONE_DAY) - HOUR
            self._ask(day_start(stretch.first), last, found)
            for day in stretch.days():
                yield Slice(endpoint, day, records=tuple(found.get(day, ())))

    def _ask(self, first: datetime, last: datetime, found: Hours) -> None:
        """Keep what the hours from `first` to `last`, both included, say."""
        rows = self._rows(first, last)
        if len(rows) >= MOST_ROWS:
            if first == last:
                raise SurprisingAnswer(
                    say(
                        "Cloudflare has more rows of one hour ({hour}) than it tells.",
                        hour=f"{first:%Y-%m-%d %H:00}",
                    ),
                    remedy=DAYS_STAY,
                )
            middle = first + (last - first) // HOUR // 2 * HOUR
            self._ask(first, middle, found)
            self._ask(middle + HOUR, last, found)
            return
        for record in _read(rows, first, last):
            found.setdefault(utc_day(record.start), []).append(record)

    def _rows(self, first: datetime, last: datetime) -> list[Any]:
        if not self._account:
            raise WrongUse(say("It is not known which Cloudflare account this is."), remedy=_NEEDS)
        variables = {
            "account": self._account,
            "from": f"{first:%Y-%m-%dT%H:%M:%SZ}",
            "to": f"{last:%Y-%m-%dT%H:%M:%SZ}",
            "limit": MOST_ROWS,
        }
        body = self._door.query("/graphql", {"query": QUERY, "variables": variables})
        _check_errors(body)
        with answer_of("Cloudflare", remedy=DAYS_STAY) as at:
            data = row_of(body.get("data"), "data")
            at.where = "data"
            accounts = list_of(row_of(data.get("viewer"), "viewer"), "accounts")
            if not accounts:
                raise MissingScope(
                    say("This token sees no such Cloudflare account."), remedy=_NEEDS
                )
            return list_of(row_of(accounts[0], "account"), "rows")

    def names(self) -> tuple[Name, ...]:
        """Gateways have names only."""
        return ()

    def balances(self) -> tuple[BalanceReading, ...]:
        """None: nothing is bought here."""
        return ()

    def organisation(self) -> str | None:
        """The account."""
        return self._account or None

    def test(self) -> tuple[Finding, ...]:
        """This hour's analytics."""
        now = self._door.clock.now().replace(minute=0, second=0, microsecond=0)
        _read(self._rows(now, now), now, now)
        return (readable(say("Tokens by hour, gateway and model, with an estimate"), ok=True),)


def _check_errors(body: Row) -> None:
    """Refuse an error that came inside HTTP 200; its words are not repeated."""
    errors = body.get("errors")
    if not errors:
        return
    first = errors[0] if isinstance(errors, list) else errors
    extensions = first.get("extensions") if isinstance(first, dict) else None
    code = str(extensions.get("code")) if isinstance(extensions, dict) else ""
    kind = _REFUSALS.get(code)
    if kind is not None:
        raise kind(
            say("Cloudflare does not let this token read the account's analytics."), remedy=_NEEDS
        )
    shown = code if code.isalnum() and len(code) < 40 else say("without a code")
    raise SurprisingAnswer(
        say("Cloudflare refused the question with its own error {shown}.", shown=shown),
        remedy=DAYS_STAY,
    )


def _read(rows: list[Any], first: datetime, last: datetime) -> list[UsageRecord]:
    found = []
    seen: set[tuple[object, ...]] = set()
    with answer_of("Cloudflare", remedy=DAYS_STAY) as at:
        for index, raw in enumerate(rows):
            at.where = f"rows[{index}]"
            row = row_of(raw, "row")
            cut = row_of(row.get("dimensions"), "dimensions")
            start = rfc3339_instant(cut, "datetimeHour")
            if not first <= start <= last or (start - first) % HOUR:
                raise FieldError("datetimeHour", say("is no hour that was asked for"), str(start))
            identity = (start, *(word(cut, name) for name in ("gateway", "model", "provider")))
            if identity in seen:
                raise FieldError("datetimeHour", say("comes twice"), str(start))
            seen.add(identity)
            record = _record(row, cut, start)
            if record is not None:
                found.append(record)
    return found


def _record(row: Row, cut: Row, start: datetime) -> UsageRecord | None:
    sums = row_of(row.get("sum"), "sum")
    return record_of(
        start,
        start + HOUR,
        Attribution(model=word(cut, "model"), project=word(cut, "gateway")),
        Tokens(
            input=told_count(sums, "uncachedTokensIn"),
            output=told_count(sums, "uncachedTokensOut"),
        ),
        requests=told_count(row, "count"),
        dollars=told_dollars(sums, "cost"),
        knows_classes=False,
        service=word(cut, "provider") or "",
    )


class Cloudflare:
    """What can be known of Cloudflare's AI Gateway without asking it."""

    name = "cloudflare"
    title = "Cloudflare AI Gateway"
    base_url = "https://api.cloudflare.com/client/v4"
    key_shape = KeyShape(
        label=say("Cloudflare API token"),
        prefixes=("",),
        wrong=not_of("Cloudflare"),
        needs=say(
            "An API token with Account Analytics: Read. The token of a gateway "
            "itself reads no analytics."
        ),
        help_url="https://dash.cloudflare.com/profile/api-tokens",
    )
    key_header = KeyHeader("Authorization", "Bearer")
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(tokens=True, per_model=True, per_project=True, hourly=True, gateway=True)
    revision_days = 1
    about = About(
        settings=(ACCOUNT,),
        figures=say(
            "Tokens and requests by the hour, gateway and model, of the last "
            "weeks; sampled, and priced as Cloudflare itself estimates them. "
            "What its own cache answered is left out."
        ),
    )
    setting_names = about.setting_names

    def address(self, _settings: Mapping[str, str], given: str | None) -> str:
        """The given address or the usual one."""
        return given or self.base_url

    def open(self, door: Door, settings: Mapping[str, str]) -> Account:
        """The account that was set, behind a door."""
        return Account(door, settings.get(ACCOUNT.name, ""))


CONNECTOR = Cloudflare()
