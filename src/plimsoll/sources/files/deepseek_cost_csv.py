"""DeepSeek's cost export: what each model cost, by day, in yuan or dollars.

One of the two sheets in the archive that the platform's usage page gives; its headers and rows are
in many public notes and tests of 2026 (see `rows.deepseek` for the two forms of its days).
`wallet_type` tells what was topped up (`Paid`) from what was granted; both were spent. Amounts are
whole units of `currency`.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from plimsoll.domain.usage import Attribution, Charge
from plimsoll.sources import cells as cell
from plimsoll.sources.cells import Cells
from plimsoll.sources.fields import money
from plimsoll.sources.imports import Entry, FileFormat, Given
from plimsoll.sources.rows.deepseek import day_of, tells_days

UNITS = Decimal(1)
"""Amounts count whole yuan or dollars, never fen or cents."""


def _read(cells: Cells, given: Given) -> Iterable[Entry]:
    day, _, _ = day_of(cells, given)
    if account := cells.get("user_id"):
        given.accounts.add(account)
    cost = {"cost": cell.amount_text(cells, "cost")}
    billed, text = money(cost, "cost", cells["currency"], unit=UNITS)
    who = Attribution(model=cells["model"] or None)
    wallet = cells.get("wallet_type")
    details = (("wallet_type", wallet),) if wallet else ()
    return (Entry(day, Charge(who, billed, text, details)),)


FORMAT = FileFormat(
    name="deepseek_cost_csv",
    title="DeepSeek costs",
    provider="deepseek",
    provider_title="DeepSeek",
    endpoint="cost",
    columns=frozenset({"model", "cost", "currency"}),
    others=frozenset({"user_id", "utc_date", "start_time_iso", "end_time_iso", "wallet_type"}),
    guarded=("cost", "amount"),
    bills_by=frozenset({"model"}),
    fits_also=tells_days,
    read=_read,
)
