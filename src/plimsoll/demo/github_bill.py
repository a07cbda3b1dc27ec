"""The simulated GitHub: one bill of Copilot's seats, requests and credits, with its truth.

What was used on a day depends on the seed and the day alone. Seats are billed by the day; requests
(until 31 May 2026) and credits (since) are free up to what the seats include, in the order of the
month's days, and every amount is a whole number of nano-dollars. The bill also lists what is none
of Plimsoll's business.
"""

from __future__ import annotations

import json
import random
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from urllib.parse import parse_qsl

from plimsoll.demo.asking import Reply
from plimsoll.demo.story import hours_over
from plimsoll.domain.calendar import Period, month_of, utc_day
from plimsoll.domain.money import NANO, amount_of

ORGANISATION = "northwind"
SEATS = 6
SEAT = 19 * NANO
CREDITS_SINCE = date(2026, 6, 1)

_BILLING = f"/organizations/{ORGANISATION}/settings/billing"
_MODELS = (("Claude Sonnet 5.5", 55), ("GPT-5.6", 30), ("Gemini 3.5 Pro", 15))


@dataclass(frozen=True, slots=True)
class Era:
    """What Copilot counts by: `unit` costs `nanos` beyond what a seat includes in a month."""

    report: str
    sku: str
    unit: str
    nanos: int
    included: int
    a_day: int


REQUESTS = Era("premium_request", "Copilot Premium Request", "requests", 4 * NANO // 100, 300, 90)
CREDITS = Era("ai_credit", "Copilot AI Credits", "ai-credits", NANO // 100, 1900, 620)


@dataclass(frozen=True, slots=True)
class BillLine:
    """A line of one day: `model` is empty where it is of none; `net` is owed, both in nanos."""

    day: date
    sku: str
    unit: str
    quantity: int
    """In ten-thousandths."""
    gross: int
    net: int
    model: str = ""


class GitHubApi:
    """One simulated organisation. `key` is the token it demands."""

    def __init__(
        self, *, seed: int, first_day: date, key: str, now: Callable[[], datetime]
    ) -> None:
        self._seed = seed
        self._first = first_day
        self._key = key
        self._now = now

    # --- the truth ------------------------------------------------------------------------------

    def lines(self, period: Period) -> Iterator[BillLine]:
        """What Copilot cost on some days up to the demo's present, by model."""
        today = utc_day(self._now())
        for day in period.days():
            if self._first <= day <= today:
                yield _seats(day)
                yield from self._used(day, hours_over(day, self._now()) if day == today else 24)

    def _used(self, day: date, hours: int) -> Iterator[BillLine]:
        era = CREDITS if day >= CREDITS_SINCE else REQUESTS
        used = _wanted(self._seed, day) * hours // 24
        month = Period(max(month_of(day).first, self._first), day)
        before = sum(_wanted(self._seed, one) for one in month.days()) - _wanted(self._seed, day)
        free = max(min(era.included * SEATS - before, used), 0)
        counts = [used * share // 100 for _, share in _MODELS]
        counts[0] += used - sum(counts)
        for (model, _), count in zip(_MODELS, counts, strict=True):
            given = min(free, count)
            free -= given
            if count:
                gross = count * era.nanos
                net = (count - given) * era.nanos
                yield BillLine(day, era.sku, era.unit, count * 10_000, gross, net, model)

    # --- answers --------------------------------------------------------------------------------

    def answer(self, path: str, query: str, headers: Mapping[str, str]) -> Reply:
        """Answer one GET of a path below the base address; `headers` are in lower case."""
        if headers.get("authorization") != f"Bearer {self._key}":
            return _reply(401, {"message": "Bad credentials", "status": "401"})
        asked = dict(parse_qsl(query))
        if path == "/user":
            return _reply(200, {"login": "northwind-admin", "id": 1})
        if path == f"{_BILLING}/usage":
            return self._month(asked)
        for era in (REQUESTS, CREDITS):
            if path == f"{_BILLING}/{era.report}/usage":
                return self._day(asked, era)
        return _reply(404, {"message": "Not Found", "status": "404"})

    def _month(self, asked: Mapping[str, str]) -> Reply:
        month = month_of(date(int(asked["year"]), int(asked["month"]), 1))
        whole: dict[tuple[date, str], list[BillLine]] = {}
        for line in self.lines(month):
            whole.setdefault((line.day, line.sku), []).append(line)
        items = [_item(lines, {"date": f"{day}T00:00:00Z"}) for (day, _), lines in whole.items()]
        builds = {"product": "Actions", "sku": "Actions Linux", "unitType": "minutes"}
        items += [
            {**one, **builds, "quantity": 100, "grossAmount": 0.8, "netAmount": 0.8}
            for one in items[:1]
        ]
        return _reply(200, {"usageItems": items})

    def _day(self, asked: Mapping[str, str], era: Era) -> Reply:
        day = date(int(asked["year"]), int(asked["month"]), int(asked["day"]))
        lines = [line for line in self.lines(Period(day, day)) if line.sku == era.sku]
        items = [_item([line], {"model": line.model}) for line in lines]
        told = {"timePeriod": {name: int(asked[name]) for name in ("year", "month", "day")}}
        return _reply(200, {**told, "organization": ORGANISATION, "usageItems": items})


@cache
def _wanted(seed: int, day: date) -> int:
    """Requests or credits of a day; developers rest at weekends."""
    era = CREDITS if day >= CREDITS_SINCE else REQUESTS
    dice = random.Random(f"plimsoll/{seed}/github/{day.isoformat()}")  # noqa: S311 - a story
    usual = era.a_day if day.weekday() < 5 else era.a_day // 10
    return usual * (60 + dice.randrange(81)) // 100


def _seats(day: date) -> BillLine:
    share = SEATS * 10_000 // monthrange(day.year, day.month)[1]
    owed = share * SEAT // 10_000
    return BillLine(day, "Copilot Business", "user-months", share, owed, owed)


def _item(lines: list[BillLine], more: Mapping[str, object]) -> dict[str, object]:
    gross, net = sum(line.gross for line in lines), sum(line.net for line in lines)
    quantity = sum(line.quantity for line in lines) / 10_000
    return {
        **more,
        "product": "Copilot",
        "sku": lines[0].sku,
        "unitType": lines[0].unit,
        "grossQuantity" if lines[0].model and "model" in more else "quantity": quantity,
        "grossAmount": float(amount_of(gross)),
        "discountAmount": float(amount_of(gross - net)),
        "netAmount": float(amount_of(net)),
        "organizationName": ORGANISATION,
        "repositoryName": "",
    }


def _reply(status: int, body: object) -> Reply:
    return Reply(status, json.dumps(body).encode())
