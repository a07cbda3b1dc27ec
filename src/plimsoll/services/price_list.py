"""The price list: what models cost, those that are in use and those that somebody asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from plimsoll.domain.calendar import day_start, utc_day
from plimsoll.domain.tariff import PriceRow, Schedule
from plimsoll.domain.usage import Attribution, Tokens, UsageRecord
from plimsoll.ledger.accounts import AGENT
from plimsoll.ledger.catalog import Source, sources
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.repricing import provider_of_calls, tokens_by_model
from plimsoll.prices import overlay
from plimsoll.prices.hours import hours_at
from plimsoll.prices.listed import LISTS, bands_for, changes_of, model_of
from plimsoll.prices.rates import Bands, Circumstances, NotPriced
from plimsoll.prices.rows import bands_of
from plimsoll.prices.shelf import Shelf
from plimsoll.prices.snapshot import Snapshot
from plimsoll.services.price_answers import KnownPrice, ModelInUse
from plimsoll.services.pricing import Pricing

_RECENT = timedelta(days=90)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def in_use(ledger: Ledger, book: Pricing, *, now: datetime) -> tuple[ModelInUse, ...]:
    """The models of the last 90 days and what their plain tokens cost now, the most used first."""
    known = {source.id: source for source in sources(ledger, removed=True)}
    found = []
    for (source_id, model), tokens in tokens_by_model(ledger, utc_day(now - _RECENT)).items():
        source = known[source_id]
        provider = provider_of(ledger, source, model)
        asked = UsageRecord(now, now, Attribution(model=model), Tokens(input=1, output=1), 1)
        computed = book.compute(asked, source, provider=provider)
        found.append(
            ModelInUse(
                provider=provider,
                source=source.name,
                model=model,
                tokens=tokens,
                priced=computed.worth is not None,
                words=computed.basis,
            )
        )
    return tuple(sorted(found, key=lambda used: (-used.tokens, used.model, used.source)))


def provider_of(ledger: Ledger, source: Source, model: str) -> str:
    """Whose prices count for what a source used of a model: an agent's calls say it themselves."""
    if source.kind != AGENT:
        return source.connector
    return provider_of_calls(ledger, source.id, model) or source.connector


def known_prices(
    model: str, *, own: Sequence[PriceRow], snapshot: Snapshot | None, now: datetime
) -> tuple[KnownPrice, ...]:
    """Every price that is known of a model, by any provider, in the order in which they are asked;
    of the package's those of today and of the days to come.

    Names match as they do for records: in upper or lower case, with or without a date behind.
    """
    return (
        *_of_rows("own", own, model, now),
        *_of_rows("overlay", overlay.rows(), model, now),
        *_listed(model, snapshot, now),
    )


def words_of(row: PriceRow, *, model: str | None = None) -> tuple[str, ...]:
    """A price row in words, one line for each kind of hour and each length of the prompt, and one
    for what the tiers multiply; they begin with the names of its models, or with the one `model`.
    """
    lead = model or ", ".join(row.models)
    asked = _plain(row.provider, row.models[0], source=row.source or "")
    lines = [
        line
        for peak in ((True, False) if row.schedule else (True,))
        for line in _words(bands_of(row, asked, lead=lead, peak=peak))
    ]
    shares = [f"{tier} × {share.normalize():f}" for tier, share in row.multipliers]
    return (*lines, *([", ".join(shares)] if shares else []))


def _of_rows(
    layer: str, rows: Sequence[PriceRow], model: str, now: datetime
) -> Iterator[KnownPrice]:
    for row in rows:
        asked = _plain(row.provider, model, source=row.source or "")
        if any(Shelf([row], own=True).ranks(asked)):
            yield KnownPrice(
                layer=layer,
                provider=row.provider,
                model=model,
                currency=row.currency,
                words=words_of(row, model=model),
                begins=row.effective_from,
                ends=row.effective_to,
                source=row.source,
                link=row.link,
                checked=row.checked,
                note=row.note,
                holds=row.holds_at(now),
                hours=hours_at(row, now, overlay.holidays()) if row.holds_at(now) else None,
                peak_hours=_peak_hours(row.schedule) if row.schedule else "",
            )


def _peak_hours(schedule: Schedule) -> str:
    """Which hours are peak hours: `09:00-12:00, Asia/Shanghai, Monday to Friday`."""
    windows = " and ".join(f"{_clock(start)}-{_clock(end)}" for start, end in schedule.peak)
    numbers = sorted(set(schedule.weekdays))
    days = [_WEEKDAYS[number - 1] for number in numbers]
    running = len(days) > 2 and numbers[-1] - numbers[0] == len(days) - 1
    on = [f"{days[0]} to {days[-1]}" if running else ", ".join(days)] if len(days) < 7 else []
    but = ["not on public holidays"] if schedule.holidays else []
    return ", ".join((windows, schedule.zone, *on, *but))


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _listed(model: str, snapshot: Snapshot | None, now: datetime) -> Iterator[KnownPrice]:
    today = utc_day(now)
    for provider in LISTS:
        found = model_of(provider, model, snapshot=snapshot)
        changes = [day for day in changes_of(found) if day > today] if found else []
        for day, until in zip((today, *changes), (*changes, None), strict=True):
            try:
                bands = bands_for(_plain(provider, model), day, snapshot=snapshot)
            except NotPriced:
                continue
            yield KnownPrice(
                "listed",
                provider,
                model,
                bands[0].currency,
                tuple(_words(bands)),
                begins=day_start(day) if day > today else None,
                ends=day_start(until) if until else None,
                holds=day == today,
            )


def _plain(provider: str, model: str, source: str = "") -> Circumstances:
    return Circumstances(provider, model, tier="", speed="", geo="", source=source, currency="")


def _words(bands: Bands) -> Iterator[str]:
    for band in bands:
        yield "; ".join(filter(None, (band.words, band.unit_words)))
