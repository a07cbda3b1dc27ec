"""Langfuse: tokens and requests by day and model of one project, with its own estimate of the cost.

API facts: https://langfuse.com/docs/metrics/features/metrics-api and the official client (langfuse
5.0.4). Its keys are a pair, and belong to one project. A query is JSON in a parameter; the answer's
columns are named from aggregation and measure (`sum_totalCost`), and figures can be text. There are
no pages: where as many rows come as may, the days are asked in halves. Input holds what was cached,
so that only Langfuse itself can price it: dollars, nothing for models that it does not know.
Servers of one's own before version 4 have the older route only.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from plimsoll.domain.calendar import ONE_DAY, Period, day_start, spoken, utc_day
from plimsoll.domain.errors import NotOffered, SurprisingAnswer
from plimsoll.domain.said import say
from plimsoll.domain.usage import (
    Attribution,
    BalanceReading,
    Name,
    NameKind,
    Slice,
    Tokens,
    UsageRecord,
)
from plimsoll.sources.about import About
from plimsoll.sources.base import Endpoint, Finding, Gives, KeyShape
from plimsoll.sources.fields import (
    DAYS_STAY,
    FieldError,
    Row,
    answer_of,
    calendar_day,
    list_of,
    named,
    readable,
    required_word,
    row_of,
    word,
)
from plimsoll.sources.key_looks import not_of
from plimsoll.sources.paging import stretches, until_today
from plimsoll.sources.rows.gateways import record_of, told_count, told_dollars
from plimsoll.sources.signing.basic import Basic
from plimsoll.sources.sites import Site, Sites

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

SITES = Sites(
    "Langfuse",
    (
        Site("eu", "https://cloud.langfuse.com", "USD"),
        Site("us", "https://us.cloud.langfuse.com", "USD"),
    ),
)

MOST_ROWS = 1000
DAYS_A_QUESTION = 31

_ROUTES = ("/api/public/v2/metrics", "/api/public/metrics")
_MEASURES = (
    ("inputTokens", "sum"),
    ("outputTokens", "sum"),
    ("totalCost", "sum"),
    ("count", "count"),
)

Days = dict[date, list[UsageRecord]]


@dataclass(slots=True)
class Project:
    """One Langfuse project behind a door."""

    _door: Door
    _route: str = _ROUTES[0]
    _names: tuple[Name, ...] | None = None

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The metrics."""
        return (Endpoint("metrics", say("Metrics")),)

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        """Days up to today, a month a question, as `base.Account.pull` promises."""
        asked = until_today(period, self._door.clock.now())
        for stretch in stretches(asked, DAYS_A_QUESTION):
            found = self._ask(stretch)
            for day in stretch.days():
                yield Slice(endpoint, day, records=tuple(found.get(day, ())))

    def _ask(self, days: Period) -> Days:
        rows = self._rows(days)
        if len(rows) < MOST_ROWS:
            return _read(rows, days, self._project())
        if len(days) == 1:
            raise SurprisingAnswer(
                say(
                    "Langfuse has more than {most_rows:,} models on {day}, and tells no more.",
                    most_rows=MOST_ROWS,
                    day=spoken(days.first, year=True),
                ),
                remedy=DAYS_STAY,
            )
        middle = days.first + timedelta(days=(len(days) - 1) // 2)
        earlier = self._ask(Period(days.first, middle))
        return earlier | self._ask(Period(middle + ONE_DAY, days.last))

    def _rows(self, days: Period) -> list[object]:
        query = {
            "view": "observations",
            "dimensions": [{"field": "providedModelName"}],
            "metrics": [{"measure": name, "aggregation": how} for name, how in _MEASURES],
            "timeDimension": {"granularity": "day"},
            "filters": [],
            "fromTimestamp": f"{days.first}T00:00:00.000Z",
            "toTimestamp": f"{days.last + ONE_DAY}T00:00:00.000Z",
            "config": {"row_limit": MOST_ROWS},
        }
        params = (("query", json.dumps(query, separators=(",", ":"))),)
        try:
            body = self._door.get(self._route, params)
        except NotOffered as refusal:
            if refusal.status != 404 or self._route == _ROUTES[1]:
                raise
            self._route = _ROUTES[1]
            body = self._door.get(self._route, params)
        with answer_of("Langfuse", remedy=DAYS_STAY):
            return list_of(body, "data")

    def _project(self) -> str | None:
        return self.names()[0].id if self.names() else None

    def names(self) -> tuple[Name, ...]:
        """The one project of the keys."""
        if self._names is None:
            body = self._door.get("/api/public/projects")
            with answer_of("Langfuse", remedy=DAYS_STAY) as at:
                found = []
                for index, raw in enumerate(list_of(body, "data")):
                    at.where = f"data[{index}]"
                    found.append(named(NameKind.PROJECT, row_of(raw, "project"), "name"))
                self._names = tuple(found[:1])
        return self._names

    def balances(self) -> tuple[BalanceReading, ...]:
        """None: nothing is bought here."""
        return ()

    def organisation(self) -> str | None:
        """The project: two pairs of keys of one project see the same."""
        return self._project()

    def test(self) -> tuple[Finding, ...]:
        """The project, and today's metrics."""
        today = utc_day(self._door.clock.now())
        self._ask(Period(today, today))
        name = self.names()[0].name if self.names() else say("without a name")
        return (
            readable(say("Tokens by day and model, with Langfuse's estimate"), ok=True),
            Finding(
                True, say("The keys are those of the project {name}.", name=name), essential=False
            ),
        )


def _read(rows: list[object], days: Period, project: str | None) -> Days:
    found: Days = {}
    seen: set[tuple[date, str | None]] = set()
    with answer_of("Langfuse", remedy=DAYS_STAY) as at:
        for index, raw in enumerate(rows):
            at.where = f"data[{index}]"
            row = row_of(raw, "row")
            required_word(row, "time_dimension")
            day, model = calendar_day(row, "time_dimension"), word(row, "providedModelName")
            if day not in days:
                if day == days.last + ONE_DAY:
                    continue  # the end of the range, which is not in it
                raise FieldError("time_dimension", say("lies outside the days asked for"), str(day))
            if (day, model) in seen:
                raise FieldError("providedModelName", say("comes twice on a day"), model)
            seen.add((day, model))
            record = _record(row, day, model, project)
            if record is not None:
                found.setdefault(day, []).append(record)
    return found


def _record(row: Row, day: date, model: str | None, project: str | None) -> UsageRecord | None:
    """A model's day; None for what called no model (spans, events)."""
    tokens = Tokens(
        input=told_count(row, "sum_inputTokens"), output=told_count(row, "sum_outputTokens")
    )
    dollars = told_dollars(row, "sum_totalCost")
    requests = told_count(row, "count_count")
    if model is None and not (tokens.total or dollars):
        return None
    return record_of(
        day_start(day),
        day_start(day + ONE_DAY),
        Attribution(model=model, project=project),
        tokens,
        requests=requests,
        dollars=dollars,
        knows_classes=False,
    )


class Langfuse:
    """What can be known of Langfuse without asking it."""

    name = "langfuse"
    title = "Langfuse"
    base_url = SITES.sites[0].address
    key_shape = KeyShape(
        label=say("Langfuse pair of keys"),
        prefixes=("pk-lf-",),
        wrong=(
            (
                "sk-lf-",
                say("The public key of Langfuse (pk-lf-…) comes first, then the secret one."),
            ),
            *(pair for pair in not_of("Langfuse", own=("pk-lf-",)) if pair[0] != "sk-lf-"),
        ),
        needs=say("Both keys of the project: its public and its secret one, with a colon between."),
        help_url="https://cloud.langfuse.com/",
        pair=("pk-lf-…", "sk-lf-…"),
    )
    key_header = Basic()
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(tokens=True, per_model=True, per_project=True, gateway=True)
    revision_days = 1
    about = About(
        settings=(SITES.setting,),
        figures=say(
            "Tokens and requests of one project by UTC day and model, priced as "
            "Langfuse itself estimates them, because it does not tell cached "
            "input apart. It bills nobody. A server of your own is given by its "
            "base address."
        ),
    )
    setting_names = about.setting_names

    def address(self, settings: Mapping[str, str], given: str | None) -> str:
        """The region's address, or the given one, which must not be the other region's."""
        return SITES.address(settings, given)

    def open(self, door: Door, _settings: Mapping[str, str]) -> Project:
        """The project behind a door."""
        return Project(door)


CONNECTOR = Langfuse()
