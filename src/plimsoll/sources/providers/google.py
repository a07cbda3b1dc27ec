"""Google: what Gemini and Vertex AI cost by day, project and line of the bill, from its export.

API facts: https://cloud.google.com/billing/docs/how-to/export-data-bigquery and
https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs/query. No key of AI Studio tells usage
or cost; the billing account's export to BigQuery does, in the account's currency, net of credits.
It begins at the start of the month before it was turned on (where the dataset is in the EU or the
US), and lags by hours, at first by days. Days are cut here in UTC, where Google's own reports
follow Pacific time. The model and the kind of token stand in the line's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import quote

from plimsoll.domain.calendar import ONE_DAY, Period
from plimsoll.domain.errors import NoAnswer, PageLoop, WrongUse
from plimsoll.domain.said import say
from plimsoll.domain.usage import Attribution, BalanceReading, Charge, Name, Slice
from plimsoll.sources.about import About, Setting
from plimsoll.sources.base import Endpoint, Finding, Gives, KeyShape
from plimsoll.sources.fields import (
    DAYS_STAY,
    FieldError,
    Row,
    flag,
    list_of,
    money,
    quantity,
    readable,
    required_word,
    row_of,
    surprise,
    word,
)
from plimsoll.sources.paging import stretches, until_today
from plimsoll.sources.signing.google import ServiceAccount

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

UNITS = Decimal(1)
"""Amounts count whole units of the billing account's currency."""

MOST_BYTES = 10 * 10**9
"""A question that would read more is refused by BigQuery, and costs nothing then."""

ROWS_ON_A_PAGE = 10_000
MOST_PAGES = 500
DAYS_AT_ONCE = 92

_TABLE = re.compile(r"[a-z][a-z0-9:.-]{4,60}\.\w{1,1024}\.[\w-]{1,1024}", re.ASCII)
_PLACE = re.compile(r"[A-Za-z0-9-]{2,40}", re.ASCII)

_QUESTION = """
SELECT CAST(DATE(usage_start_time) AS STRING) AS day, service.description AS service,
  sku.description AS sku, project.id AS project, currency, usage.unit AS unit,
  CAST(SUM(CAST(usage.amount AS NUMERIC)) AS STRING) AS amount,
  CAST(SUM(CAST(cost AS NUMERIC) + IFNULL(
    (SELECT SUM(CAST(credit.amount AS NUMERIC)) FROM UNNEST(credits) AS credit), 0)) AS STRING)
    AS net
FROM `{table}`
WHERE usage_start_time >= TIMESTAMP(@first) AND usage_start_time < TIMESTAMP(@after)
  AND _PARTITIONTIME >= TIMESTAMP(@first)
  AND REGEXP_CONTAINS(LOWER(service.description), r'gemini|generative language|vertex|cloud ai')
GROUP BY day, service, sku, project, currency, unit
ORDER BY day, service, sku, project
"""
"""What is exported of a day is never exported before the day, so older partitions are not read."""


@dataclass(frozen=True, slots=True)
class Export:
    """One billing account's export behind a door; `_place` is where its dataset lies."""

    _door: Door
    _table: str
    _place: str

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The export; how far it reaches back is known to nobody but itself."""
        return (Endpoint("costs", say("Billing export")),)

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        """Days up to today, three months in one question, as `base.Account.pull` promises."""
        for part in stretches(until_today(period, self._door.clock.now()), DAYS_AT_ONCE):
            days: dict[date, list[Charge]] = {day: [] for day in part.days()}
            for day, charge in self._charges(part):
                days[day].append(charge)
            for day, charges in days.items():
                bills_by = frozenset({"project", "line_item"})
                yield Slice(endpoint, day, charges=tuple(charges), bills_by=bills_by)

    def _charges(self, days: Period) -> Iterator[tuple[date, Charge]]:
        names: list[str] = []
        for body in self._pages(days):
            where = ""
            try:
                names = _columns(body) or names
                for index, raw in enumerate(list_of(body, "rows") if "rows" in body else []):
                    where = f"rows[{index}]"
                    yield _charge(_by_name(names, row_of(raw, "row")), days)
            except FieldError as problem:
                raise surprise("BigQuery", problem, where=where, remedy=DAYS_STAY) from None

    def _pages(self, days: Period) -> Iterator[Row]:
        body = self._ask(days)
        seen: set[str] = set()
        while len(seen) < MOST_PAGES:
            try:
                done = flag(body, "jobComplete")
                following = word(body, "pageToken")
                job = row_of(body.get("jobReference"), "jobReference")
                path = f"{self._queries}/{quote(required_word(job, 'jobId'), safe='')}"
            except FieldError as problem:
                raise surprise("BigQuery", problem, remedy=DAYS_STAY) from None
            if not done:
                raise NoAnswer(
                    say("BigQuery has not finished the question in time."),
                    remedy=say("Nothing of these days was stored. Try again later."),
                )
            yield body
            if following is None:
                return
            if following in seen:
                break
            seen.add(following)
            here = (("pageToken", following), ("maxResults", str(ROWS_ON_A_PAGE)))
            body = self._door.get(path, (*here, *self._location))
        raise PageLoop(say("BigQuery sent pages without an end."), remedy=DAYS_STAY)

    def _ask(self, days: Period, *, only_try: bool = False) -> Row:
        given = {"first": days.first, "after": days.last + ONE_DAY}
        return self._door.query(
            self._queries,
            {
                "query": _QUESTION.format(table=self._table),
                "useLegacySql": False,
                "parameterMode": "NAMED",
                "queryParameters": [
                    {
                        "name": name,
                        "parameterType": {"type": "STRING"},
                        "parameterValue": {"value": day.isoformat()},
                    }
                    for name, day in given.items()
                ],
                "maximumBytesBilled": str(MOST_BYTES),
                "maxResults": ROWS_ON_A_PAGE,
                "timeoutMs": 20_000,
                "dryRun": only_try,
                **dict(self._location),
            },
        )

    @property
    def _queries(self) -> str:
        """Where questions are put; they are paid for by the project that the table is in."""
        return f"/projects/{self._table.partition('.')[0]}/queries"

    @property
    def _location(self) -> tuple[tuple[str, str], ...]:
        return (("location", self._place),) if self._place else ()

    def names(self) -> tuple[Name, ...]:
        """Projects are told by their ids, which people choose."""
        return ()

    def balances(self) -> tuple[BalanceReading, ...]:
        """Google bills afterwards."""
        return ()

    def organisation(self) -> str:
        """The billing account, whose id stands in the table's name."""
        return self._table.rpartition("_v1_")[2].casefold()

    def test(self) -> tuple[Finding, ...]:
        """The question is checked and not run, which costs nothing."""
        today = self._door.clock.now().date()
        self._ask(Period(today, today), only_try=True)
        return (readable(say("The billing export {table}", table=self._table), ok=True),)


def _columns(body: Row) -> list[str]:
    """The names of the columns; the first page tells them, later ones need not."""
    if body.get("schema") is None:
        return []
    fields = list_of(row_of(body["schema"], "schema"), "fields")
    return [required_word(row_of(one, "fields"), "name") for one in fields]


def _by_name(names: list[str], row: Row) -> Row:
    cells = [row_of(cell, "f").get("v") for cell in list_of(row, "f")]
    if len(cells) != len(names):
        raise FieldError("f", say("does not fit the columns"))
    return dict(zip(names, cells, strict=True))


def _charge(row: Row, days: Period) -> tuple[date, Charge]:
    text = required_word(row, "day")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise FieldError("day", say("is not a day"), text) from None
    if day not in days:
        raise FieldError("day", say("is not a day that was asked for"), text)
    amount, written = money(row, "net", row.get("currency"), unit=UNITS)
    details = {
        "service": word(row, "service"),
        "quantity": quantity(row, "amount"),
        "quantity_unit": word(row, "unit"),
    }
    of = Attribution(project=word(row, "project"), line_item=required_word(row, "sku"))
    kept = tuple((name, value) for name, value in details.items() if value)
    return day, Charge(of, amount, written, details=kept)


class Google:
    """What can be known of Google's bill without asking it."""

    name = "google"
    title = "Google Cloud"
    base_url = "https://bigquery.googleapis.com/bigquery/v2"
    key_shape = KeyShape(
        label=say("service account's key file"),
        prefixes=("{",),
        wrong=(
            ("AIza", say("This is a key of AI Studio, which reads no usage and no cost.")),
            ("ya29.", say("This is a login token, which is good for an hour only.")),
            ("sk-", say("This is a key of another provider, not of Google.")),
        ),
        needs=say(
            "The JSON key of a service account with BigQuery Data Viewer on the "
            "export's dataset and BigQuery Job User on its project; the whole file "
            "is the key."
        ),
        help_url="https://console.cloud.google.com/iam-admin/serviceaccounts",
    )
    key_header = ServiceAccount("https://www.googleapis.com/auth/bigquery")
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(money=True, per_project=True)
    revision_days = 35
    """The export goes on changing until the month is closed."""
    about = About(
        settings=(
            Setting(
                "table",
                say("Export table"),
                say("which table of BigQuery the billing account is exported to."),
                required=True,
                example="my-project.billing.gcp_billing_export_v1_012345_6789AB_CDEF01",
            ),
            Setting(
                "location",
                say("Location"),
                say("where the dataset lies, if not in the US or the EU."),
                example="europe-west3",
            ),
        ),
        setup=(
            say(
                "Turn on the export of the billing account to BigQuery, in the console "
                "under Billing."
            ),
            say(
                "Make a service account that may read the dataset and run jobs, and a "
                "JSON key of it."
            ),
            say("Give the whole file as the key, and the table's name."),
        ),
        figures=say(
            "Cost net of credits, in the billing account's currency, by day "
            "(UTC), project and line of the bill; from the month before the "
            "export was turned on. No tokens."
        ),
        costs_money=say(
            "BigQuery charges for what a question reads beyond the free "
            "terabyte a month; one that would read more than 10 GB is "
            "refused."
        ),
    )
    setting_names = about.setting_names

    def address(self, settings: Mapping[str, str], given: str | None) -> str:
        """The given address or the usual one. Raises `WrongUse` for odd settings."""
        _table(settings)
        return given or self.base_url

    def more_addresses(self, _settings: Mapping[str, str]) -> Mapping[str, str]:
        """Where tokens are handed out."""
        return {"login": "https://oauth2.googleapis.com"}

    def open(self, door: Door, settings: Mapping[str, str]) -> Export:
        """The export of the settings."""
        return Export(door, _table(settings), settings.get("location", ""))


def _table(settings: Mapping[str, str]) -> str:
    """The table's name, which becomes a part of the question and so is checked to the letter."""
    table = settings.get("table", "").strip("`")
    if table and not _TABLE.fullmatch(table):
        raise WrongUse(
            say("That is not the name of a table of BigQuery."),
            remedy=say("It has three parts: PROJECT.DATASET.gcp_billing_export_v1_ACCOUNT."),
        )
    if not _PLACE.fullmatch(settings.get("location", "EU")):
        raise WrongUse(
            say("That is not a location of BigQuery."), remedy=say("Say EU, US or a region's name.")
        )
    return table


CONNECTOR = Google()
