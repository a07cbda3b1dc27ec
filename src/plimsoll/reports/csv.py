"""CSV report: one line a day, account dimension and currency, exact decimals, UTF-8."""

from __future__ import annotations

import csv
import io

from plimsoll.reports.base import Report
from plimsoll.reports.document import csv_header, csv_rows


def render(report: Report) -> bytes:
    """The report as RFC 4180 lines; text that a spreadsheet would run is guarded."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(csv_header(report.table.question.by))
    for row in report.table.rows:
        writer.writerows(csv_rows(row))
    return text.getvalue().encode("utf-8")
