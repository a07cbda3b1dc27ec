"""Google's cost table (Cloud console, Billing, Cost table): an invoice by SKU, refused.

Its header is that of test files of several public tools of 2026. A row tells a month or a part of
one, never a day, so that its money could only be put on days by guessing.
"""

from __future__ import annotations

from collections.abc import Iterable

from plimsoll.domain.errors import ImportProblem
from plimsoll.domain.said import say
from plimsoll.sources.cells import Cells
from plimsoll.sources.imports import Entry, FileFormat, Given


def _read(_cells: Cells, _given: Given) -> Iterable[Entry]:
    raise ImportProblem(
        say("This is Google's cost table, which tells months and not days."),
        remedy=say("Open Billing, Reports, group by date and SKU, and download that CSV."),
    )


FORMAT = FileFormat(
    name="google_cost_table_csv",
    title=say("Google cost table (refused: it tells no days)"),
    provider="google",
    provider_title="Google",
    endpoint="cost",
    columns=frozenset(
        {"Billing account ID", "Service description", "SKU description", "Usage start date"}
    ),
    read=_read,
)
