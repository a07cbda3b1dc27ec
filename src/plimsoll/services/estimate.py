"""Estimate before you spend: what a text would cost, by model, before it is sent.

The text is counted by `prices/tokenizer.py`; what it costs comes from the price book at this
instant; how long an answer to expect comes from the user's own history. Nothing is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from plimsoll.domain.calendar import Period, utc_day
from plimsoll.domain.errors import Cancelled
from plimsoll.domain.money import Money
from plimsoll.domain.question import Dimension, Question, Row, Table
from plimsoll.domain.said import say
from plimsoll.domain.usage import Attribution, Tokens, UsageRecord
from plimsoll.prices.book import PriceBook
from plimsoll.prices.tokenizer import Tokenizer, count_of, pieces, tokenizer_of
from plimsoll.services.basis_words import basis_again
from plimsoll.services.given import Given
from plimsoll.services.price_answers import KnownPrice
from plimsoll.services.price_desk import PriceDesk

RECENT_DAYS = 90
"""Days of the user's own history from which the length of an answer is expected."""

FEWEST_REQUESTS = 20
"""With fewer requests of a model than these, its own mean is no expectation."""


@dataclass(frozen=True, slots=True)
class Expected:
    """The mean length of an answer in the user's own history, in tokens of output.

    `model` is None where the model itself has too few requests, and that of all models is told.
    """

    tokens: int
    requests: int
    model: str | None


@dataclass(frozen=True, slots=True)
class Offer:
    """What it costs by one list: the input alone, and with the answer that is expected, each from
    the fewest to the most tokens. None with the reason where there is no price.
    """

    provider: str
    currency: str
    input_low: Money | None
    input_high: Money | None
    total_low: Money | None = None
    total_high: Money | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class ModelEstimate:
    """One model: its tokens as its tokenizer's encoding counts them, which are `exact` or stand for
    `low` to `high`, the answer to expect, and the offers.
    """

    model: str
    tokenizer: Tokenizer
    exact: bool
    counted: int
    low: int
    high: int
    expected: Expected | None
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What was given, and what it would come to by model."""

    given: Given
    at: datetime
    models: tuple[ModelEstimate, ...]


# -- counting --------------------------------------------------------------------------------------


def count(
    given: Given,
    encodings: Sequence[str],
    *,
    progress: Callable[[float], None],
    cancelled: Callable[[], bool],
) -> dict[str, int]:
    """The tokens of what was given, by encoding, a chat's framing included.

    `progress` hears the share that is done. Raises `Cancelled`, or `DamagedRanks`.
    """
    whole = given.characters * len(encodings) or 1
    done = 0
    found = {}
    for encoding in encodings:
        total = given.framing
        for text in given.texts:
            for piece in pieces(text):
                if cancelled():
                    raise Cancelled(say("The count was stopped; nothing is kept of it."))
                total += count_of(piece, encoding)
                done += len(piece)
                progress(done / whole)
        found[encoding] = total
    return found


# -- what it costs ---------------------------------------------------------------------------------


def history(today: datetime) -> Question:
    """What to ask the archive for: requests and output by model of the recent days."""
    last = utc_day(today)
    return Question(Period(last - timedelta(days=RECENT_DAYS - 1), last), by=(Dimension.MODEL,))


def expected_of(model: str, table: Table) -> Expected | None:
    """How long an answer of a model is on average; that of all models that answer in text where it
    has too few; None where nobody counted requests.
    """
    own = [row for row in table.rows if row.key == (model,)]
    answering = [row for row in table.rows if row.tokens.output]
    for rows, name in ((own, model), (answering, None)):
        requests, output = _answers(rows)
        if requests >= FEWEST_REQUESTS:
            return Expected(round(output / requests), requests, name)
    return None


def _answers(rows: Sequence[Row]) -> tuple[int, int]:
    """Requests and output of the rows whose requests are known."""
    known = [row for row in rows if row.requests]
    return sum(row.requests or 0 for row in known), sum(row.tokens.output for row in known)


def offers_of(
    model: str,
    prices: Sequence[KnownPrice],
    book: PriceBook,
    *,
    low: int,
    high: int,
    expected: Expected | None,
    now: datetime,
    requests: int = 1,
) -> tuple[Offer, ...]:
    """What it costs by every list that knows the model, one line a provider and currency. Each of
    the requests has an answer.
    """
    asked = dict.fromkeys((price.provider, price.currency) for price in prices)

    def worth(provider: str, currency: str, tokens: int, output: int) -> tuple[Money | None, str]:
        record = UsageRecord(
            now, now, Attribution(model=model), Tokens(input=tokens, output=output), requests
        )
        computed = book.compute(record, provider=provider, currency=currency)
        return computed.worth, basis_again(computed.basis)

    found = []
    for provider, currency in asked:
        least, words = worth(provider, currency, low, 0)
        offer = Offer(provider, currency, least, worth(provider, currency, high, 0)[0], words=words)
        if expected is not None and least is not None:
            whole = (
                worth(provider, currency, n, expected.tokens * requests)[0] for n in (low, high)
            )
            total_low, total_high = whole
            offer = Offer(
                provider,
                currency,
                least,
                offer.input_high,
                total_low,
                total_high,
                words,
            )
        found.append(offer)
    return tuple(sorted(found, key=_price))


def _price(offer: Offer) -> tuple[bool, str, int]:
    amount = offer.total_high or offer.input_high
    return amount is None, offer.currency, amount.nanos if amount else 0


def estimated(
    given: Given,
    models: Sequence[str],
    table: Table,
    desk: PriceDesk,
    *,
    now: datetime,
    progress: Callable[[float], None],
    cancelled: Callable[[], bool],
) -> Estimate:
    """What was given comes to by each model, in the order in which they are named.

    `table` answers `history`. Raises `Cancelled`, `DamagedRanks`, or a `LedgerProblem`.
    """
    tokenizers = {model: tokenizer_of(model) for model in models}
    encodings = dict.fromkeys(found.encoding for found in tokenizers.values())
    counts = count(given, tuple(encodings), progress=progress, cancelled=cancelled)
    book = desk.book().book
    found = []
    for model, tokenizer in tokenizers.items():
        whole = counts[tokenizer.encoding]
        low, high = tokenizer.between(whole)
        expected = expected_of(model, table)
        prices = desk.known(model)
        offers = offers_of(
            model,
            prices,
            book,
            low=low,
            high=high,
            expected=expected,
            now=now,
            requests=given.requests,
        )
        exact = tokenizer.exact and given.is_whole
        found.append(ModelEstimate(model, tokenizer, exact, whole, low, high, expected, offers))
    return Estimate(given, now, tuple(found))


def models_in_use(table: Table, most: int) -> tuple[str, ...]:
    """The models of the recent days, the most used first."""
    used = [(row.tokens.total, row.key[0]) for row in table.rows if row.key[0] and row.tokens.total]
    return tuple(model for _, model in sorted(used, reverse=True)[:most] if model)
