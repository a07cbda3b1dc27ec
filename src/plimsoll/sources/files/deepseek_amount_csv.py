"""DeepSeek's amount export: tokens and requests by day, model and key.

The other sheet of the archive (see `rows.deepseek` for the two forms of its days): a row holds one
count, named by `type`. Peak and off-peak rows of one day differ in `price` only and are put
together, because the charges say what they cost. A key is known by its name: the key itself is
masked by DeepSeek, and is not kept. `input_tokens`, which one public test has, are taken for a
cache miss; prompts of that time had no other class.
"""

from __future__ import annotations

from collections.abc import Iterable

from plimsoll.domain.said import say
from plimsoll.domain.usage import Attribution, Tokens, UsageRecord
from plimsoll.sources import cells as cell
from plimsoll.sources.cells import Cells
from plimsoll.sources.fields import FieldError
from plimsoll.sources.imports import Entry, FileFormat, Given
from plimsoll.sources.rows.deepseek import day_of, tells_days

_CLASSES = {
    "input_cache_miss_tokens": "input",
    "input_tokens": "input",
    "input_cache_hit_tokens": "cache_read",
    "output_tokens": "output",
}
_REQUESTS = "request_count"


def _read(cells: Cells, given: Given) -> Iterable[Entry]:
    day, start, end = day_of(cells, given)
    if account := cells.get("user_id"):
        given.accounts.add(account)
    kind, amount = cells["type"], cell.count(cells, "amount")
    if kind != _REQUESTS and kind not in _CLASSES:
        raise FieldError("type", say("is no count that is known"), kind)
    record = UsageRecord(
        start,
        end,
        Attribution(model=cells["model"] or None, key=cells.get("api_key_name") or None),
        Tokens() if kind == _REQUESTS else Tokens(**{_CLASSES[kind]: amount}),
        requests=amount if kind == _REQUESTS else None,
    )
    return (Entry(day, record),)


FORMAT = FileFormat(
    name="deepseek_amount_csv",
    title="DeepSeek usage",
    provider="deepseek",
    provider_title="DeepSeek",
    endpoint="usage",
    columns=frozenset({"model", "type", "price", "amount"}),
    others=frozenset(
        {
            *("user_id", "utc_date", "start_time_iso", "end_time_iso"),
            *("api_key_name", "api_key"),
        }
    ),
    guarded=("tokens", "amount"),
    merged=True,
    fits_also=tells_days,
    read=_read,
)
