"""One fixed writing of a slice's rows: it makes equal slices equal to the byte, whatever the order
in which a provider gives them, and its digest tells a changed or rotten row from a good one.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from plimsoll.domain.calls import REPORTED, Call, Origin, Service
from plimsoll.domain.errors import SurprisingAnswer
from plimsoll.domain.said import say
from plimsoll.domain.usage import (
    Attribution,
    Charge,
    Computed,
    PricedSlice,
    Tokens,
    UsageRecord,
)
from plimsoll.ledger.cuts import mask_of
from plimsoll.ledger.instants import instant_of_millis, millis_of
from plimsoll.ledger.quantities import EXACT, plain

Texts = tuple[str | None, ...]
"""An attribution's texts, in the order of `cuts.ATTRIBUTED`."""

Units = tuple[tuple[str, str], ...]
"""Units and their quantities as plain decimal text, sorted."""

PROVIDER = "provider"
"""The first detail of a call's row, which names the provider whose prices count."""

_LIMIT = 10**18  # SQLite holds 9 * 10^18
_MOST_DIGITS = 40
_encode = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), sort_keys=True).encode


class UsageRow(NamedTuple):
    """One usage record as it is kept, with texts where the file has ids."""

    start: int
    until: int
    attribution: Texts
    input: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    output: int
    reasoning: int
    requests: int | None
    billed_elsewhere: int
    currency: str
    worth: int | None
    basis: str
    details: str
    units: Units
    off: int = 0
    """What the account's contract takes off the worth, in nano-units."""

    call: int = 0
    """The key of the call that the row is; 0 for a row that sums up many."""


class ChargeRow(NamedTuple):
    """One charge as it is kept, with texts where the file has ids."""

    attribution: Texts
    currency: str
    nanos: int
    text: str
    details: str


@dataclass(frozen=True, slots=True)
class Rows:
    """All that is kept of one slice. `totals` are its sums as text, for the restatement log;
    `digest` is over every row.
    """

    usage: tuple[UsageRow, ...]
    charges: tuple[ChargeRow, ...]
    bills_by: int
    totals: str
    digest: bytes


def rows_of(priced: PricedSlice) -> Rows:
    """A slice as it will be kept. Raises `SurprisingAnswer` for figures too large to be summed."""
    records = priced.slice.records
    computed = priced.computed or (Computed(None),) * len(records)
    usage = [_usage_row(r, c) for r, c in zip(records, computed, strict=True)]
    charges = [_charge_row(charge) for charge in priced.slice.charges]
    _refuse_impossible(usage, charges, f"{priced.slice.endpoint}, {priced.slice.day}")
    return whole(usage, charges, mask_of(priced.slice.bills_by) if charges else 0)


def whole(usage: Sequence[UsageRow], charges: Sequence[ChargeRow], bills_by: int) -> Rows:
    """Rows in their fixed order, with their totals and their digest."""
    if usage and usage[0].call:
        return _whole_calls(usage)
    usage_lines = sorted((_written(row), row) for row in usage)
    charge_lines = sorted((_encode(row), row) for row in charges)
    digest = hashlib.sha256(str(bills_by).encode())
    for line, _ in usage_lines:
        digest.update(b"\nu" + line.encode())
    for line, _ in charge_lines:
        digest.update(b"\nc" + line.encode())
    return Rows(
        usage=tuple(row for _, row in usage_lines),
        charges=tuple(row for _, row in charge_lines),
        bills_by=bills_by,
        totals=_totals(usage, charges),
        digest=digest.digest(),
    )


def _written(row: UsageRow) -> str:
    """A row as text, as it was before contracts were known where none takes anything off it."""
    return _encode(row[:17] if row.off else row[:16])


def _whole_calls(usage: Sequence[UsageRow]) -> Rows:
    """The calls of a day, by their keys. There may be tens of thousands of them: their digest is
    made of the numbers in the file, by `slices.digest_of_calls`.
    """
    in_order = sorted(usage, key=_by_call)
    return Rows(tuple(in_order), (), 0, totals=_totals(in_order, ()), digest=b"")


def _by_call(row: UsageRow) -> int:
    return row.call


def _usage_row(record: UsageRecord, computed: Computed) -> UsageRow:
    tokens, worth = record.tokens, computed.worth
    return UsageRow(
        millis_of(record.start),
        millis_of(record.end),
        texts_of(record.attribution),
        tokens.input,
        tokens.cache_read,
        tokens.cache_write_5m,
        tokens.cache_write_1h,
        tokens.output,
        tokens.reasoning,
        record.requests,
        int(record.billed_elsewhere),
        worth.currency if worth else "",
        worth.nanos if worth else None,
        clean(computed.basis),
        details_text(record.details),
        _units(record.units) if record.units else (),
        computed.off if worth else 0,
    )


def record_of(row: UsageRow) -> UsageRecord:
    """The record that a row was made of, as far as a price depends on it.

    Raises `ValueError` for a row that is not what was written.
    """
    return UsageRecord(
        start=instant_of_millis(row.start),
        end=instant_of_millis(row.until),
        attribution=_attribution(row.attribution),
        tokens=Tokens(*row[3:9]),
        requests=row.requests,
        units=tuple((unit, Decimal(quantity)) for unit, quantity in row.units),
        details=_read_details(row.details) if row.details else (),
        billed_elsewhere=bool(row.billed_elsewhere),
    )


def call_of(row: UsageRow) -> Call:
    """The call that a row is, as far as a price depends on it.

    Raises `ValueError` for a row that is not what was written.
    """
    model, tier = row.attribution[0], row.attribution[4]
    return Call(
        row.call,
        row.start,
        0,
        _ANY_ORIGIN,
        _service(model, tier, row.details),
        *row[3:9],
        requests=row.requests,
        units=tuple((unit, int(quantity)) for unit, quantity in row.units),
        cost=row.worth if row.basis == REPORTED else None,
    )


def _charge_row(charge: Charge) -> ChargeRow:
    return ChargeRow(
        texts_of(charge.attribution),
        charge.amount.currency,
        charge.amount.nanos,
        clean(charge.text),
        details_text(charge.details),
    )


def texts_of(who: Attribution) -> Texts:
    """Whom an attribution names, as it will be kept."""
    tag = None  # only agents' sessions will be tagged
    texts = (
        who.model,
        who.project,
        who.key,
        who.user,
        who.tier,
        who.line_item,
        who.agent,
        who.session,
        who.branch,
        tag,
        who.call_class,
    )
    return tuple(text if text is None else clean(text) for text in texts)


@lru_cache(maxsize=4096)
def _attribution(texts: Texts) -> Attribution:
    """The attribution that `texts_of` wrote down; tags are no part of it."""
    model, project, key, user, tier, line_item, agent, session, branch, _, call_class = texts
    return Attribution(
        model, project, key, user, tier, line_item, agent, session, branch, call_class
    )


def clean(text: str) -> str:
    """A text as it can be kept: half characters, which no file can hold, become `?`."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


@lru_cache(maxsize=4096)
def details_text(details: tuple[tuple[str, str], ...]) -> str:
    """Details as they are kept."""
    return _encode(details) if details else ""


_ANY_ORIGIN = Origin("", None, None, None, "human")
"""Where a call came from is no part of its price."""


@lru_cache(maxsize=4096)
def _service(model: str | None, tier: str | None, details: str) -> Service:
    (_, provider), *others = _read_details(details)
    return Service(provider, model, tier, tuple(others))


@lru_cache(maxsize=4096)
def _read_details(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in json.loads(text))


def _units(units: tuple[tuple[str, Decimal], ...]) -> Units:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for unit, quantity in units:
        if not quantity.is_finite() or abs(quantity.adjusted()) > _MOST_DIGITS:
            raise SurprisingAnswer(
                say("A quantity of {unit} is no figure; nothing of it was stored.", unit=unit)
            )
        sums[clean(unit)] = EXACT.add(sums[clean(unit)], quantity)
    return tuple(sorted((unit, plain(quantity)) for unit, quantity in sums.items()))


def _tokens(row: UsageRow) -> int:
    return row.input + row.cache_read + row.cache_write_5m + row.cache_write_1h + row.output


def _totals(usage: Sequence[UsageRow], charges: Sequence[ChargeRow]) -> str:
    billed: dict[str, int] = defaultdict(int)
    for charge in charges:
        billed[charge.currency] += charge.nanos
    units: dict[str, Decimal] = defaultdict(Decimal)
    for row in usage:
        for unit, quantity in row.units:
            units[unit] = EXACT.add(units[unit], Decimal(quantity))
    return _encode(
        {
            "billed": billed,
            "tokens": sum(map(_tokens, usage)),
            "units": {unit: plain(quantity) for unit, quantity in units.items()},
        }
    )


def _refuse_impossible(usage: Sequence[UsageRow], charges: Sequence[ChargeRow], where: str) -> None:
    sums = (
        sum(map(_tokens, usage)),
        sum(row.reasoning for row in usage),
        sum(row.requests or 0 for row in usage),
        sum(abs(row.worth or 0) for row in usage),
        sum(abs(row.off) for row in usage),
        sum(abs(row.nanos) for row in charges),
    )
    if max(sums) > _LIMIT:
        raise SurprisingAnswer(
            say(
                "The figures are too large to be true ({where}); nothing of them was stored.",
                where=where,
            )
        )
