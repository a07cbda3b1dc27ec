"""Estimate before you spend: what a text would cost, by model, before it is sent.

The text is counted by `prices/tokenizer.py`; what it costs comes from the price book at this
instant; how long an answer to expect comes from the user's own history. Nothing is stored.
"""

from __future__ import annotations

import codecs
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from plimsoll.domain.calendar import Period, utc_day
from plimsoll.domain.errors import Cancelled, KnownError
from plimsoll.domain.money import Money
from plimsoll.domain.question import Dimension, Question, Row, Table
from plimsoll.domain.usage import Attribution, Tokens, UsageRecord
from plimsoll.prices.book import PriceBook
from plimsoll.prices.tokenizer import Tokenizer, counted, pieces, tokenizer_of
from plimsoll.services.price_answers import KnownPrice
from plimsoll.services.price_desk import PriceDesk

MOST_BYTES = 200_000_000
MOST_FILES = 20_000
RECENT_DAYS = 90
"""Days of the user's own history from which the length of an answer is expected."""

FEWEST_REQUESTS = 20
"""With fewer requests of a model than these, its own mean is no expectation."""

_LOOKED_AT = 8192
_MESSAGE, _NAME, _ANSWER = 3, 1, 3
"""Tokens that a chat adds: for each message, for each name, and for the answer that it opens.
Source: OpenAI, "How to count tokens with tiktoken" (cookbook).
"""


class NotCounted(KnownError):
    """Something is no text that can be counted."""

    title = "Not counted"


@dataclass(frozen=True, slots=True)
class Given:
    """What is to be estimated: its text in parts, and how much of what was given they are.

    `messages` and `names` are those of a chat; `skipped` are files of a folder that are no text.
    """

    title: str
    texts: tuple[str, ...]
    files: int = 1
    skipped: int = 0
    messages: int = 0
    names: int = 0

    @property
    def characters(self) -> int:
        """How many characters it has."""
        return sum(map(len, self.texts))

    @property
    def framing(self) -> int:
        """The tokens that a chat adds around its texts."""
        if not self.messages:
            return 0
        return self.messages * _MESSAGE + self.names * _NAME + _ANSWER


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
    """One model: its tokens as its tokenizer's encoding counts them, which are exact or stand for
    `low` to `high`, the answer to expect, and the offers.
    """

    model: str
    tokenizer: Tokenizer
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


# -- what is given ---------------------------------------------------------------------------------


def read_given(path: Path) -> Given:
    """A file or a folder of files. Raises `NotCounted` with a sentence for what cannot be."""
    if path.is_dir():
        return _folder(path)
    size = _size(path)
    if size > MOST_BYTES:
        raise NotCounted(
            f"{path.name} has {size / 1e6:,.0f} MB, and more than {MOST_BYTES // 10**6} MB are not "
            "counted in one go.",
            remedy="No model takes that much at once; give a part of it.",
        )
    text = _text(path)
    if text is None:
        raise NotCounted(
            f"{path.name} is not text, so it has no tokens to count.",
            remedy="Pictures, sound and archives are priced by other rules; give the text in them.",
        )
    return of_text(text, title=path.name)


def of_text(text: str, *, title: str) -> Given:
    """A text; one that is a chat in JSON is taken apart into its messages."""
    chat = _chat(text) if text.lstrip()[:1] in {"{", "["} else None
    if chat is None:
        return Given(title, (text,))
    texts, messages, names = chat
    return Given(title, tuple(texts), messages=messages, names=names)


def read_all(paths: Sequence[Path]) -> Given:
    """Several files and folders as one: the first that cannot be counted stops all of it, so that
    no sum is told that lacks a part. Raises `NotCounted`.
    """
    parts = [read_given(path) for path in paths]
    if len(parts) == 1:
        return parts[0]
    whole = Given(
        title=", ".join(part.title for part in parts),
        texts=tuple(text for part in parts for text in part.texts),
        files=sum(part.files for part in parts),
        skipped=sum(part.skipped for part in parts),
        messages=sum(part.messages for part in parts),
        names=sum(part.names for part in parts),
    )
    if sum(map(len, whole.texts)) > MOST_BYTES:
        raise NotCounted(
            f"The {len(parts)} files hold more than {MOST_BYTES // 10**6} MB together.",
            remedy="No model takes that much at once; give a part of it.",
        )
    return whole


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise NotCounted(
            f"{path.name} cannot be read: {error.strerror or error}.", remedy="Nothing was counted."
        ) from None


def _folder(path: Path) -> Given:
    """The text files below a folder, hidden ones and links left out."""
    texts: list[str] = []
    skipped = size = 0
    for file in _files(path):
        if len(texts) + skipped >= MOST_FILES or (size := size + _size(file)) > MOST_BYTES:
            raise NotCounted(
                f"The folder {path.name} holds more than {MOST_FILES:,} files or "
                f"{MOST_BYTES // 10**6} MB.",
                remedy="Give a folder below it.",
            )
        text = _text(file)
        if text is None:
            skipped += 1
        else:
            texts.append(text)
    if not texts:
        raise NotCounted(f"There is no text in the folder {path.name}.")
    return Given(path.name, tuple(texts), files=len(texts), skipped=skipped)


def _files(path: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(folder, name)
            if not name.startswith(".") and file.is_file() and not file.is_symlink():
                yield file


def _text(path: Path) -> str | None:
    """The text of a file in UTF-8 or, by its mark, UTF-16; None where it is something else."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NotCounted(
            f"{path.name} cannot be read: {error.strerror or error}.", remedy="Nothing was counted."
        ) from None
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not wide and b"\0" in data[:_LOOKED_AT]:
        return None
    try:
        return data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        return None


def _chat(text: str) -> tuple[list[str], int, int] | None:
    """The texts of a chat, its messages and names; None where it is none."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return None
    messages = told.get("messages") if isinstance(told, dict) else told
    if not isinstance(messages, list) or not messages:
        return None
    texts: list[str] = []
    names = 0
    for message in messages:
        if not isinstance(message, dict) or not isinstance(message.get("role"), str):
            return None
        texts.append(message["role"])
        texts += _content(message.get("content"))
        if isinstance(message.get("name"), str):
            texts.append(message["name"])
            names += 1
    return texts, len(messages), names


def _content(content: object) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        parts = (part.get("text") for part in content if isinstance(part, dict))
        yield from (part for part in parts if isinstance(part, str))


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
            for piece, tokens in zip(pieces(text), counted(text, encoding), strict=True):
                if cancelled():
                    raise Cancelled("The count was stopped; nothing is kept of it.")
                total += tokens
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
    """How long an answer of a model is on average; that of all models where it has too few; None
    where nobody counted requests.
    """
    own = [row for row in table.rows if row.key == (model,)]
    for rows, name in ((own, model), (table.rows, None)):
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
) -> tuple[Offer, ...]:
    """What it costs by every list that knows the model, one line a provider and currency."""
    asked = dict.fromkeys((price.provider, price.currency) for price in prices)

    def worth(provider: str, currency: str, tokens: int, output: int) -> tuple[Money | None, str]:
        record = UsageRecord(
            now, now, Attribution(model=model), Tokens(input=tokens, output=output), 1
        )
        computed = book.compute(record, provider=provider, currency=currency)
        return computed.worth, computed.basis

    found = []
    for provider, currency in asked:
        least, words = worth(provider, currency, low, 0)
        offer = Offer(provider, currency, least, worth(provider, currency, high, 0)[0], words=words)
        if expected is not None and least is not None:
            whole = (worth(provider, currency, n, expected.tokens)[0] for n in (low, high))
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
        offers = offers_of(model, prices, book, low=low, high=high, expected=expected, now=now)
        found.append(ModelEstimate(model, tokenizer, whole, low, high, expected, offers))
    return Estimate(given, now, tuple(found))


def models_in_use(table: Table, most: int) -> tuple[str, ...]:
    """The models of the recent days, the most used first."""
    used = [(row.tokens.total, row.key[0]) for row in table.rows if row.key[0] and row.tokens.total]
    return tuple(model for _, model in sorted(used, reverse=True)[:most] if model)
