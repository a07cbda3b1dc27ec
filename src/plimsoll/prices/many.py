"""Many: prices of many single calls, the same to the nano-unit as the price book's, and quicker.

Calls of one service on one day share a price as long as it does not change within the day; what is
left for each is a sum of five products, rounded once. Whatever is not that plain is asked of the
price book.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from plimsoll.domain.calls import PRICED_AS, REPORTED, Call, Priced, Service
from plimsoll.domain.money import MAX_NANOS
from plimsoll.domain.tariff import Kind
from plimsoll.domain.usage import Attribution, Computed, UsageRecord
from plimsoll.prices.book import PriceBook
from plimsoll.prices.overlay import CURRENCIES
from plimsoll.prices.rates import SCALE, Band, Circumstances

_CLASSES = (
    Kind.INPUT,
    Kind.CACHE_READ,
    Kind.CACHE_WRITE_5M,
    Kind.CACHE_WRITE_1H,
    Kind.OUTPUT,
)
_HARMLESS = frozenset({"speed", "inference_geo", "flag", PRICED_AS})
"""Details that change no count of what is priced."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = _EPOCH.toordinal()
_MS_PER_DAY = 86_400_000
_HALF = SCALE // 2


class _Step(NamedTuple):
    """The rates of prompts longer than `above`; `missing` are the places, in a call, of classes
    without a price.
    """

    above: int
    rates: tuple[int, ...]
    missing: tuple[int, ...]
    currency: str
    words: str


class CallPrices:
    """What a price book makes of the calls of one account, one after the other.

    `currency` chooses between the lists of makers that have two; others have theirs.
    """

    def __init__(self, book: PriceBook, *, source: str, currency: str | None) -> None:
        self._book = book
        self._source = source
        self._currency = currency
        self._plain = not book.has_discount(source)
        self._days: dict[tuple[Service, int], tuple[_Step, ...]] = {}

    def __call__(self, call: Call) -> Priced:
        """What a call is worth at the price of its own instant, tier and length of prompt."""
        place = (call.service, call.at // _MS_PER_DAY)
        steps = self._days.get(place)
        if steps is None:
            steps = self._days[place] = self._steps(*place)
        _, _, _, _, _, fresh, read, short, long, output, _, requests, units, _ = call
        prompt = fresh + read + short + long
        if not steps or units or requests != 1 or not prompt + output:
            return self._asked(call)
        step = steps[0] if len(steps) == 1 else next(s for s in steps if prompt > s.above)
        _, rates, missing, currency, words = step
        if missing and any(call[place] for place in missing):
            return self._asked(call)
        a, b, c, d, e = rates
        nanos, rest = divmod(fresh * a + read * b + short * c + long * d + output * e, SCALE)
        if rest >= _HALF and (rest > _HALF or nanos & 1):
            nanos += 1
        if nanos > MAX_NANOS:
            return self._asked(call)
        return currency, nanos, words, 0

    def _steps(self, service: Service, day: int) -> tuple[_Step, ...]:
        """The price of a day by length of prompt, the longest first; none where it is not plain."""
        details = dict(service.details)
        if not self._plain or service.model is None or not details.keys() <= _HARMLESS:
            return ()
        circumstances = Circumstances(
            provider=service.provider,
            model=details.get(PRICED_AS, service.model),
            tier=service.tier or "",
            speed=details.get("speed", ""),
            geo=details.get("inference_geo", ""),
            source=self._source,
            currency=self._currency_for(service) or "",
        )
        try:
            bands = self._book.bands_all_day(circumstances, date.fromordinal(_EPOCH_DAY + day))
        except (ValueError, OverflowError):  # a day that no calendar has
            return ()
        return tuple(map(_step, reversed(bands)))

    def _currency_for(self, service: Service) -> str | None:
        return self._currency if service.provider in CURRENCIES else None

    def _asked(self, call: Call) -> Priced:
        """What the book itself says; failing that, what the agent reported."""
        computed = self._book.compute(
            _record(call),
            provider=call.service.provider,
            source=self._source,
            currency=self._currency_for(call.service),
        )
        if call.cost is not None and (computed.worth is None or not call.tokens.total):
            return "USD", call.cost, REPORTED, 0
        return _priced(computed)


def _step(band: Band) -> _Step:
    rates = tuple(band.rates.get(kind, 0) for kind in _CLASSES)
    missing = tuple(place for place, kind in enumerate(_CLASSES, 5) if kind not in band.rates)
    return _Step(band.above, rates, missing, band.currency, band.words)


def _priced(computed: Computed) -> Priced:
    worth = computed.worth
    if worth is None:
        return "", None, computed.basis, 0
    return worth.currency, worth.nanos, computed.basis, computed.off


def _record(call: Call) -> UsageRecord:
    start = _EPOCH + timedelta(milliseconds=call.at)
    return UsageRecord(
        start=start,
        end=start + timedelta(milliseconds=1),
        attribution=Attribution(model=call.service.model, tier=call.service.tier),
        tokens=call.tokens,
        requests=call.requests,
        units=tuple((unit, Decimal(quantity)) for unit, quantity in call.units),
        details=call.service.details,
    )
