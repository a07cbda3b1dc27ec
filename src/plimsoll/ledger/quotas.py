"""Quotas of plans, as they were read: what is used of an allowance, window by window."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from plimsoll.domain.quota import QuotaReading
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.instants import instant_of, maybe_instant, micros_of


def save_quotas(ledger: Ledger, source_id: int, readings: Sequence[QuotaReading]) -> None:
    """Keep what one sync has read of a source's quotas, as of one instant; nothing for none.

    Readings that a clock which was ahead has dated later go: they would be the latest for ever.
    """
    if not readings:
        return
    at = max(reading.at for reading in readings)
    rows = [
        (
            source_id,
            micros_of(at),
            place,
            reading.name,
            reading.window,
            _text(reading.used_percent),
            _text(reading.used),
            _text(reading.limit),
            None if reading.resets_at is None else micros_of(reading.resets_at),
        )
        for place, reading in enumerate(readings)
    ]
    with ledger.writing() as connection:
        connection.execute(
            "DELETE FROM quota WHERE source = ? AND at >= ?", (source_id, micros_of(at))
        )
        connection.executemany("INSERT INTO quota VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


def latest_quotas(ledger: Ledger) -> dict[int, tuple[QuotaReading, ...]]:
    """The latest reading of every source that has one, by the source's number, as it was told."""
    query = """
        SELECT source, at, name, span, used_percent, used, most, resets_at FROM quota AS q
        WHERE at = (SELECT max(at) FROM quota WHERE source = q.source) ORDER BY source, place
    """
    with ledger.reading() as connection:
        rows = connection.execute(query).fetchall()
    found: dict[int, list[QuotaReading]] = {}
    for source, at, name, window, percent, used, most, resets_at in rows:
        reading = QuotaReading(
            at=instant_of(at),
            name=name,
            window=window,
            used_percent=_number(percent),
            used=_number(used),
            limit=_number(most),
            resets_at=maybe_instant(resets_at),
        )
        found.setdefault(source, []).append(reading)
    return {source: tuple(readings) for source, readings in found.items()}


def _text(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:f}"


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
