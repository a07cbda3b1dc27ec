"""OpenAI's spend limits: one of the organisation, one of each project, in cents by the month."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from urllib.parse import quote

from plimsoll.domain.budget import SpendLimit
from plimsoll.domain.calendar import Span
from plimsoll.domain.errors import REFUSED
from plimsoll.domain.question import Dimension
from plimsoll.sources.fields import FieldError, money, required_word
from plimsoll.sources.paging import Pager, Request

CENTS = Decimal("0.01")
"""The unit of `threshold_amount`, where costs are dollars."""

_INTERVALS = {"month": Span.MONTH}


def spend_limits(pager: Pager) -> Iterator[SpendLimit]:
    """The organisation's hard limit, then those of the projects that are not archived."""
    yield from _limit(pager, "/organization/spend_limit", None)
    listed = Request("/organization/projects", (("limit", "100"),))
    for project in pager.listed_if_allowed(listed, after="after") or ():
        identity = required_word(project, "id")
        path = f"/organization/projects/{quote(identity, safe='')}/spend_limit"
        yield from _limit(pager, path, (Dimension.PROJECT, identity))


def _limit(pager: Pager, path: str, of: tuple[Dimension, str] | None) -> Iterator[SpendLimit]:
    """One limit; nothing where none is set (404), where this key may not read it, or where it
    comes round by an interval that was not documented when this was written.
    """
    try:
        row = pager.door.get(path)
    except REFUSED:
        return
    try:
        amount, _ = money(row, "threshold_amount", row.get("currency"), unit=CENTS)
        span = _INTERVALS.get(required_word(row, "interval"))
    except FieldError as problem:
        raise pager.refuse(problem, path.rpartition("/")[2]) from None
    if span is not None and amount.nanos > 0:
        yield SpendLimit(amount, span, of)
