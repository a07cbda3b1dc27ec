"""The rules of an answer once more, in plain Python over plain lists: what the SQL must agree with.

It knows records, charges and names, and nothing of rollups; it adds up one record after another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from plimsoll.domain.question import Amounts, Dimension, Question, Row
from plimsoll.domain.usage import Attribution, PricedSlice, Tokens

_TIME = {Dimension.DAY, Dimension.MONTH, Dimension.HOUR}
_ALWAYS = {Dimension.DAY, Dimension.MONTH, Dimension.PROVIDER, Dimension.SOURCE}


@dataclass
class Account:
    name: str
    connector: str
    slices: Sequence[PricedSlice]
    names: Mapping[tuple[str, str], str]
    payer: Account | None = None
    """Another account that pays for the same traffic on every day of which it holds something."""

    def is_explained(self, day: date) -> bool:
        return self.payer is not None and any(
            one.slice.day == day and (one.slice.records or one.slice.charges)
            for one in self.payer.slices
        )


class Sum:
    def __init__(self) -> None:
        self.tokens, self.requests, self.missing = Tokens(), [], False
        self.money: dict[str, Amounts] = {}
        self.units: dict[str, Decimal] = defaultdict(Decimal)
        self.not_priced = 0

    def pay(self, amounts: Amounts) -> None:
        self.money[amounts.currency] = (
            self.money.get(amounts.currency, Amounts(amounts.currency)) + amounts
        )


def expected(accounts: Sequence[Account], question: Question) -> dict[tuple[str | None, ...], Row]:
    """The rows of an answer by their keys."""
    sums: dict[tuple[str | None, ...], Sum] = defaultdict(Sum)
    for account in accounts:
        counted = [one for one in account.slices if not account.is_explained(one.slice.day)]
        _add_usage(sums, replace(account, slices=counted), question)
        _add_owed(sums, replace(account, slices=counted), question)
        _add_charges(sums, replace(account, slices=counted), question)
        if _is_shown(account, question):
            explained = [one for one in account.slices if account.is_explained(one.slice.day)]
            _add_explained(sums, replace(account, slices=explained), question)
    return {key: _row(key, row) for key, row in sums.items()}


def _is_shown(account: Account, question: Question) -> bool:
    """Whether the question names this source, and not the one that pays."""
    values = [v for d, v in question.scope.conditions if d is Dimension.SOURCE]
    if account.payer is None or not values:
        return False
    payer = {Dimension.SOURCE: account.payer.name, Dimension.PROVIDER: account.payer.connector}
    return not all(payer[d] in v for d, v in question.scope.conditions if d in payer)


def _add_explained(
    sums: dict[tuple[str | None, ...], Sum], account: Account, asked: Question
) -> None:
    """Tokens, units and worth of days that another source pays for: no money, nothing unknown."""
    told: dict[tuple[str | None, ...], Sum] = defaultdict(Sum)
    _add_usage(told, account, asked)
    for key, part in told.items():
        row = sums[key]
        row.tokens += part.tokens
        row.missing |= part.missing
        row.requests += part.requests
        for unit, quantity in part.units.items():
            row.units[unit] += quantity
        for amounts in part.money.values():
            row.pay(Amounts(amounts.currency, worth=amounts.worth))


def _add_usage(sums: dict[tuple[str | None, ...], Sum], account: Account, asked: Question) -> None:
    charged = _charged(account)
    for one in account.slices:
        open_day = one.slice.day not in charged
        for record, computed in zip(one.slice.records, one.computed, strict=True):
            local = _local(record.start, record.end, one.slice.day, asked.zone)
            place, worth = {**_who(account, record.attribution), **local}, computed.worth
            if local["date"] not in asked.period or not _fits(asked, place):
                continue
            row = sums[_key(asked, place)]
            row.tokens += record.tokens
            row.missing |= record.requests is None and record.tokens.total > 0
            row.requests += [] if record.requests is None else [record.requests]
            for unit, quantity in record.units:
                row.units[unit] += quantity
            if worth is not None:
                row.pay(Amounts(worth.currency, worth=worth.nanos))
            if record.billed_elsewhere or (open_day and worth is None):
                row.not_priced += record.tokens.total


def _charged(account: Account) -> set[date]:
    return {s.slice.day for s in account.slices if s.slice.charges}


def _add_owed(sums: dict[tuple[str | None, ...], Sum], account: Account, asked: Question) -> None:
    charged = _charged(account)
    in_period = [s.slice for s in account.slices if s.slice.day in asked.period]
    cut_by = [s.bills_by for s in in_period if s.charges]
    for one in account.slices:
        for record, computed in zip(one.slice.records, one.computed, strict=True):
            worth = computed.worth
            if worth is None or record.billed_elsewhere or one.slice.day in charged:
                continue
            local = _local(record.start, record.end, one.slice.day, asked.zone)
            place = {**_who(account, record.attribution), **local}
            for dimension in set(Dimension) - _ALWAYS - _TIME:
                if not all(dimension in cut for cut in cut_by):
                    place[dimension] = (None, None)
            if local["date"] in asked.period and _fits(asked, place) and worth.nanos:
                sums[_key(asked, place)].pay(Amounts(worth.currency, estimated=worth.nanos))


def _add_charges(
    sums: dict[tuple[str | None, ...], Sum], account: Account, asked: Question
) -> None:
    in_period = [s.slice for s in account.slices if s.slice.day in asked.period]
    cut_by = [s.bills_by for s in in_period if s.charges]
    for one in in_period:
        for charge in one.charges:
            place = {**_who(account, charge.attribution), **_of_day(one.day)}
            for dimension in set(Dimension) - _ALWAYS:
                if not all(dimension in cut for cut in cut_by):
                    place[dimension] = (None, None)
            if _fits(asked, place):
                money = Amounts(charge.amount.currency, billed=charge.amount.nanos)
                sums[_key(asked, place)].pay(money)


def _who(account: Account, who: Attribution) -> dict[object, tuple[str | None, str | None]]:
    found: dict[object, tuple[str | None, str | None]] = {
        Dimension.PROVIDER: (account.connector,) * 2,
        Dimension.SOURCE: (account.name,) * 2,
    }
    for dimension in set(Dimension) - _TIME - {Dimension.PROVIDER, Dimension.SOURCE}:
        text = getattr(who, dimension.value, None)
        found[dimension] = (account.names.get((dimension.value, text or ""), text), text)
    return found


def _local(start: datetime, end: datetime, day: date, zone: str) -> dict[object, object]:
    hourly = end - start <= timedelta(hours=1)
    local = start.astimezone(ZoneInfo(zone))
    found = _of_day(local.date() if hourly and zone != "UTC" else day)
    if hourly:
        text = start.replace(minute=0).astimezone(ZoneInfo(zone)).isoformat()
        found[Dimension.HOUR] = (text.replace("+00:00", "Z") if zone == "UTC" else text,) * 2
    return found


def _of_day(day: date) -> dict[object, object]:
    text = day.isoformat()
    return {
        "date": day,
        Dimension.DAY: (text, text),
        Dimension.MONTH: (text[:7], text[:7]),
        Dimension.HOUR: (None, None),
    }


def _fits(question: Question, place: dict[object, object]) -> bool:
    return all(
        any(value in place[dimension] for value in values)  # type: ignore[operator]
        for dimension, values in question.scope.conditions
    )


def _key(question: Question, place: dict[object, object]) -> tuple[str | None, ...]:
    return tuple(place[dimension][0] for dimension in question.by)  # type: ignore[index]


def _row(key: tuple[str | None, ...], row: Sum) -> Row:
    return Row(
        key=key,
        tokens=row.tokens,
        requests=sum(row.requests) if row.requests and not row.missing else None,
        amounts=tuple(sorted(row.money.values(), key=lambda a: a.currency)),
        units=tuple(sorted(row.units.items())),
        not_priced_tokens=row.not_priced,
    )
