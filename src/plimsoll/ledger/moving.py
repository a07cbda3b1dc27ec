"""Moving: the usage records of a slice one by one, with what they were worth, to be priced anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plimsoll.domain.calendar import Period
from plimsoll.domain.question import EVERYTHING, Question, Scope
from plimsoll.domain.usage import UsageRecord
from plimsoll.ledger.asking import Asking, sources_in
from plimsoll.ledger.canonical import UsageRow, record_of
from plimsoll.ledger.database import Ledger
from plimsoll.ledger.slices import Kept
from plimsoll.ledger.sums import Wanted

_COLUMNS = (
    "u.slice",
    "u.n",
    "u.start",
    "u.until",
    "u.attribution",
    "u.currency",
    "u.worth",
    "u.details",
    "EXISTS (SELECT 1 FROM usage_unit q WHERE q.slice = u.slice AND q.n = u.n)",
    "u.input",
    "u.cache_read",
    "u.cache_write_5m",
    "u.cache_write_1h",
    "u.output",
    "u.reasoning",
    "u.requests",
    "u.billed_elsewhere",
)


@dataclass(frozen=True, slots=True)
class Held:
    """A record of the source with this id, and its worth in nano-units of `currency` (None: not
    priced).
    """

    source: int
    record: UsageRecord
    currency: str
    worth: int | None


def held_records(ledger: Ledger, period: Period, scope: Scope = EVERYTHING) -> Iterator[Held]:
    """The records of the provider days (UTC) of `period`, each once, whoever pays for them.

    What only explains the bill of another source is there where a scope names it and not the payer.
    The fall of a balance is one that holds nothing. The archive is read while records are taken.
    """
    question = Question(period, scope=scope)
    with ledger.reading() as connection:
        kept = Kept(connection)
        for source in sources_in(connection, scope):
            asking = Asking(ledger, connection, source, question)
            for wanted in (asking.wanted, asking.wanted_explained):
                if wanted is not None:
                    yield from _of_source(asking, kept, source.id, wanted)


def _of_source(asking: Asking, kept: Kept, source: int, wanted: Wanted) -> Iterator[Held]:
    for row in asking.sums.usage_rows(wanted, _COLUMNS, tail="ORDER BY s.day, u.n"):
        slice_id, n, start, until, who, currency, worth, details, has_units, *figures = row
        units = kept.units(slice_id, n) if has_units else ()
        texts, told = kept.texts(who), kept.phrase(details)
        kept_row = UsageRow._make((start, until, texts, *figures, "", None, "", told, units, 0, 0))
        record = record_of(kept_row)
        yield Held(source, record, kept.phrase(currency) if worth is not None else "", worth)
