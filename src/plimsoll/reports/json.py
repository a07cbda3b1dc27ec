"""JSON report: the document of `spend --json`, and when it was made."""

from __future__ import annotations

import json

from plimsoll.reports.base import Report
from plimsoll.reports.document import table_document


def render(report: Report) -> bytes:
    """The report as one JSON document."""
    document = {**table_document(report.table), "made_at": report.made_at.isoformat()}
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode("utf-8")
