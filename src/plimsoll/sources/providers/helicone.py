"""Helicone: tokens by the hour and model, summed over single calls, with its own estimate.

API facts: https://docs.helicone.ai/rest/request/post-v1requestquery-clickhouse. Two sites have
accounts of their own. Only single calls can be asked for, a thousand at most; where as many come,
the time is asked in halves. Tokens read from a cache and written to it stand beside `prompt_tokens`
in what Helicone reckons with; since makers differ in that, only its own estimate prices a call:
`cost`, in dollars, null or zero for models that it does not know. What was asked and answered is
in no question and is not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from plimsoll.domain.calendar import ONE_DAY, Period, day_start, utc_day
from plimsoll.domain.errors import SurprisingAnswer
from plimsoll.domain.said import say
from plimsoll.domain.tokens import Tokens
from plimsoll.domain.usage import Attribution, BalanceReading, Name, Slice
from plimsoll.sources.about import About
from plimsoll.sources.base import Endpoint, Finding, Gives, KeyHeader, KeyShape
from plimsoll.sources.fields import (
    DAYS_STAY,
    FieldError,
    Row,
    answer_of,
    list_of,
    optional_counter,
    readable,
    required_word,
    rfc3339_instant,
    row_of,
    word,
)
from plimsoll.sources.key_looks import not_of
from plimsoll.sources.paging import until_today
from plimsoll.sources.rows.gateways import record_of, told_dollars
from plimsoll.sources.sites import Site, Sites

if TYPE_CHECKING:
    from plimsoll.sources.http import Door

SITES = Sites(
    "Helicone",
    (
        Site("us", "https://api.helicone.ai", "USD"),
        Site("eu", "https://eu.api.helicone.ai", "USD"),
    ),
)

HOUR = timedelta(hours=1)
SHORTEST = timedelta(seconds=1)
MOST_ROWS = 1000
DEAREST_CALL = Decimal(1000)
"""Dollars: what costs more is counted in something smaller than dollars."""


@dataclass(slots=True)
class Hour:
    """What was used of one model within an hour."""

    tokens: Tokens = field(default_factory=Tokens)
    calls: int = 0
    dollars: Decimal = Decimal(0)

    def add(self, tokens: Tokens, dollars: Decimal | None) -> None:
        """Count one call."""
        self.tokens += tokens
        self.calls += 1
        self.dollars += dollars or 0


Cell = tuple[datetime, str | None, str]
"""An hour, a model, and Helicone's word for whom it called."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """One Helicone organisation behind a door."""

    _door: Door

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The calls."""
        return (Endpoint("requests", say("Requests")),)

    def pull(self, endpoint: str, period: Period) -> Iterator[Slice]:
        """Days up to today, as `base.Account.pull` promises."""
        asked = until_today(period, self._door.clock.now())
        if asked is None:
            return
        found: dict[Cell, Hour] = {}
        self._ask(day_start(asked.first), day_start(asked.last + ONE_DAY), found)
        days: dict[date, list[tuple[Cell, Hour]]] = {}
        for cell in sorted(found, key=lambda cell: (cell[0], cell[1] or "", cell[2])):
            days.setdefault(utc_day(cell[0]), []).append((cell, found[cell]))
        for day in asked.days():
            records = (
                record_of(
                    start,
                    start + HOUR,
                    Attribution(model=model),
                    hour.tokens,
                    requests=hour.calls,
                    dollars=hour.dollars,
                    knows_classes=False,
                    service=service,
                )
                for (start, model, service), hour in days.get(day, [])
            )
            yield Slice(endpoint, day, records=tuple(record for record in records if record))

    def _ask(self, start: datetime, end: datetime, found: dict[Cell, Hour]) -> None:
        """Count the calls of `[start, end)`."""
        rows = self._rows(start, end)
        if len(rows) < MOST_ROWS:
            _count(rows, start, end, found)
            return
        middle = start + (end - start) // SHORTEST // 2 * SHORTEST
        if middle == start:
            raise SurprisingAnswer(
                say(
                    "Helicone has more calls of one second ({second}) than it tells.",
                    second=f"{start:%Y-%m-%d %H:%M:%S}",
                ),
                remedy=DAYS_STAY,
            )
        self._ask(start, middle, found)
        self._ask(middle, end, found)

    def _rows(self, start: datetime, end: datetime) -> list[Any]:
        def when(**bound: str) -> dict[str, object]:
            return {"request_response_rmt": {"request_created_at": bound}}

        asked: dict[str, object] = {
            "filter": {
                "left": when(gte=_written(start)),
                "operator": "and",
                "right": when(lt=_written(end)),
            },
            "limit": MOST_ROWS,
            "offset": 0,
            "sort": {"created_at": "asc"},
            "includeInputs": False,
        }
        body = self._door.query("/v1/request/query-clickhouse", asked)
        with answer_of("Helicone", remedy=DAYS_STAY):
            if body.get("error"):
                raise FieldError("error", say("is set"), body["error"])
            return list_of(body, "data")

    def names(self) -> tuple[Name, ...]:
        """Models have names only."""
        return ()

    def balances(self) -> tuple[BalanceReading, ...]:
        """None: nothing is bought here."""
        return ()

    def organisation(self) -> None:
        """Helicone does not tell whose account it is."""

    def test(self) -> tuple[Finding, ...]:
        """The calls of the last hour."""
        now = self._door.clock.now().replace(microsecond=0)
        _count(self._rows(now - HOUR, now), now - HOUR, now, {})
        return (readable(say("Calls with their tokens, with Helicone's estimate"), ok=True),)


def _written(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%S.000Z}"


def _count(rows: list[Any], start: datetime, end: datetime, found: dict[Cell, Hour]) -> None:
    seen: set[str] = set()
    with answer_of("Helicone", remedy=DAYS_STAY) as at:
        for index, raw in enumerate(rows):
            at.where = f"data[{index}]"
            row = row_of(raw, "call")
            identity = required_word(row, "request_id")
            if identity in seen:
                raise FieldError("request_id", say("comes twice"))
            seen.add(identity)
            instant = rfc3339_instant(row, "request_created_at")
            if not start <= instant < end:
                raise FieldError(
                    "request_created_at", say("lies outside the time asked for"), str(instant)
                )
            hour = instant.replace(minute=0, second=0, microsecond=0)
            cell = (hour, _model(row), (word(row, "provider") or "").lower())
            found.setdefault(cell, Hour()).add(_tokens(row), _dollars(row))


def _model(row: Row) -> str | None:
    names = ("response_model", "model", "request_model")
    return next((told for name in names if (told := word(row, name))), None)


def _tokens(row: Row) -> Tokens:
    told = (
        *("prompt_tokens", "completion_tokens"),
        *("prompt_cache_read_tokens", "prompt_cache_write_tokens"),
    )
    prompt, completion, read, written = (optional_counter(row, name) or 0 for name in told)
    return Tokens(input=prompt, cache_read=read, cache_write_5m=written, output=completion)


def _dollars(row: Row) -> Decimal | None:
    dollars = told_dollars(row, "cost")
    if dollars is not None and dollars > DEAREST_CALL:
        raise FieldError("cost", say("is more than any call can cost in dollars"), row["cost"])
    return dollars


class Helicone:
    """What can be known of Helicone without asking it."""

    name = "helicone"
    title = "Helicone"
    base_url = SITES.sites[0].address
    key_shape = KeyShape(
        label=say("Helicone API key"),
        prefixes=("sk-helicone-",),
        wrong=(
            ("pk-helicone-", say("This is a public key of Helicone, which only writes.")),
            *not_of("Helicone", own=("sk-helicone-",)),
        ),
        needs=say("A key of the organisation that may read (sk-helicone-…), on its own site."),
        help_url="https://us.helicone.ai/settings/api-keys",
    )
    key_header = KeyHeader("Authorization", "Bearer")
    headers: Mapping[str, str] = MappingProxyType({})
    gives = Gives(tokens=True, per_model=True, hourly=True, gateway=True)
    revision_days = 1
    about = About(
        settings=(SITES.setting,),
        figures=say(
            "Tokens and calls by the hour and model, priced as Helicone itself "
            "estimates them. It bills nobody. What was asked and answered is not "
            "read."
        ),
    )
    setting_names = about.setting_names

    def address(self, settings: Mapping[str, str], given: str | None) -> str:
        """The region's address, or the given one, which must not be the other region's."""
        return SITES.address(settings, given)

    def open(self, door: Door, _settings: Mapping[str, str]) -> Organisation:
        """The organisation behind a door."""
        return Organisation(door)


CONNECTOR = Helicone()
