"""OpenAI's costs export: what the organisation was billed, by UTC day, in dollars.

The header is that of files in public repositories: the older form in notes of October 2025
(xavierjflanagan/Guardian) and a newer one with quantity, key, user and project name (a test of the
public tool aiecon). A day without costs is a row whose amount is empty: it is known to be nothing.
Rows are those of the costs API, and mean the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from plimsoll.domain.calendar import day_start, utc_day
from plimsoll.domain.said import say
from plimsoll.sources import cells as cell
from plimsoll.sources.cells import Cells
from plimsoll.sources.fields import FieldError, money
from plimsoll.sources.imports import Entry, FileFormat, Given
from plimsoll.sources.rows.openai import charge

DOLLARS = Decimal(1)
"""The unit of `amount_value`."""


def _read(cells: Cells, given: Given) -> Iterable[Entry]:
    start, end = cell.instant(cells, "start_time"), cell.instant(cells, "end_time")
    day = utc_day(start)
    if start != day_start(day) or end - start != timedelta(days=1):
        raise FieldError("start_time", say("does not begin a whole UTC day"), cells["start_time"])
    if not cells["amount_value"]:
        if cells["amount_currency"] or cells.get("line_item"):
            raise FieldError("amount_value", say("is missing"))
        return (Entry(day, None),)
    if account := cells.get("organization_id"):
        given.accounts.add(account)
    row = {name: text for name, text in cells.items() if text}
    billed, text = money(row, "amount_value", row.get("amount_currency"), unit=DOLLARS)
    return (Entry(day, charge(row, billed, text)),)


FORMAT = FileFormat(
    name="openai_costs_csv",
    title="OpenAI costs",
    provider="openai",
    provider_title="OpenAI",
    endpoint="costs",
    columns=frozenset({"start_time", "end_time", "amount_value", "amount_currency"}),
    others=frozenset(
        {
            *("start_time_iso", "end_time_iso", "line_item", "quantity", "quantity_unit"),
            *("project_id", "project_name", "api_key_id", "organization_id", "organization_name"),
            *("user_id", "user_email", "api_source"),
        }
    ),
    guarded=("amount", "cost"),
    bills_by=frozenset({"model", "project", "key", "line_item"}),
    read=_read,
)
